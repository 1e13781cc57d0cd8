//! Two people side by side: which rule makes them one, and what speaks against it.

use super::REVIEW_FROM;
use super::name::{self, Likeness, is_anonymous, is_newborn, likeness};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// A child is a newborn for so many days.
const NEWBORN_DAYS: i32 = 30;
/// What another sex, or only the sound of the name, takes from a score.
const DOUBT: u16 = 50;

/// What is compared of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// Person id.
    pub id: String,
    /// As written.
    pub name: String,
    /// `male`, `female` or `unknown`.
    pub sex: String,
    /// Day of birth.
    pub birth_date: Option<Date>,
    /// Digest of the whole ID number, when it is known.
    pub id_number: Option<String>,
    /// The birth date in that number.
    pub id_birth_date: Option<Date>,
    /// Numbers of health insurance.
    pub insurance: BTreeSet<String>,
    /// Telephone numbers, canonical; without those of many.
    pub phones: BTreeSet<String>,
}

/// Why two may be one, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// One ID number, one name.
    IdNumberAndName,
    /// One ID number, two names.
    IdNumber,
    /// One insurance number, one birth date.
    InsuranceAndBirth,
    /// One name, birth date, sex and telephone.
    NameBirthSexPhone,
    /// One name and birth date, and one telephone.
    NameBirthPhone,
    /// One name and telephone, born within a year or who knows when.
    NamePhone,
    /// One name and birth date, no telephone in common.
    NameBirth,
    /// One telephone only: a family.
    Phone,
}

impl Rule {
    /// Its word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdNumberAndName => "id_number_and_name",
            Self::IdNumber => "id_number",
            Self::InsuranceAndBirth => "insurance_and_birth",
            Self::NameBirthSexPhone => "name_birth_sex_phone",
            Self::NameBirthPhone => "name_birth_phone",
            Self::NamePhone => "name_phone",
            Self::NameBirth => "name_birth",
            Self::Phone => "phone",
        }
    }

    /// Thousandths.
    const fn score(self) -> u16 {
        match self {
            Self::IdNumberAndName => 990,
            Self::InsuranceAndBirth => 970,
            Self::NameBirthSexPhone => 930,
            Self::IdNumber => 880,
            Self::NameBirthPhone => 850,
            Self::NamePhone => 840,
            Self::NameBirth => 800,
            Self::Phone => 300,
        }
    }
}

/// Why they are not one in spite of a rule, or not without a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// Of one of them no name is known.
    Anonymous,
    /// One of them was just born and has the mother's name, number and telephone.
    Newborn,
    /// Born on the same day in one family, under two names.
    Twins,
    /// Two ID numbers.
    IdNumbers,
    /// Two sexes.
    Sex,
    /// Born more than a year apart.
    Birth,
    /// The names only sound the same.
    Sound,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Two people.
    NoMatch,
    /// A person has to look.
    Possible,
    /// One person. Even so nobody is joined without being asked.
    Match,
}

/// Two people compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What follows.
    pub grade: Grade,
    /// 0 to 1000: the order of the work list.
    pub score: u16,
    /// The rule that holds; none when they have nothing in common.
    pub rule: Option<Rule>,
    /// What speaks against it.
    pub guards: Vec<Guard>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Births {
    Same,
    /// Within a year.
    Near,
    Far,
    Unknown,
}

/// Compares two people. The order of the two does not matter.
#[must_use]
pub fn compare(a: &Traits, b: &Traits, today: Date) -> Comparison {
    if is_anonymous(&a.name) || is_anonymous(&b.name) {
        return none(None, Guard::Anonymous);
    }
    let newborn = newborn(a, today) || newborn(b, today);
    let names = likeness(&a.name, &b.name);
    let births = births(a, b);
    let phone = !a.phones.is_disjoint(&b.phones);
    let Some(rule) = rule(a, b, names, births, phone) else {
        return Comparison { grade: Grade::NoMatch, score: 0, rule: None, guards: Vec::new() };
    };
    let by_number = rule == Rule::IdNumberAndName;
    if newborn && !by_number && (phone || names != Likeness::Same || rule == Rule::IdNumber) {
        return none(Some(rule), Guard::Newborn);
    }
    if names == Likeness::Other
        && births == Births::Same
        && name::same_surname(&a.name, &b.name)
        && rule == Rule::Phone
    {
        return none(Some(rule), Guard::Twins);
    }
    if rule == Rule::Phone {
        return Comparison {
            grade: Grade::NoMatch,
            score: rule.score(),
            rule: Some(rule),
            guards: Vec::new(),
        };
    }
    if let (Some(one), Some(other)) = (&a.id_number, &b.id_number)
        && one != other
    {
        return none(Some(rule), Guard::IdNumbers);
    }
    graded(rule, doubts(a, b, names, births))
}

/// Doubts take from the score, and none of them leaves a match.
fn graded(rule: Rule, guards: Vec<Guard>) -> Comparison {
    let taken = u16::try_from(guards.len()).unwrap_or(u16::MAX).saturating_mul(DOUBT);
    let score = rule.score().saturating_sub(taken);
    let certain = matches!(rule, Rule::IdNumberAndName | Rule::InsuranceAndBirth);
    let grade = match score {
        _ if certain && guards.is_empty() => Grade::Match,
        REVIEW_FROM.. => Grade::Possible,
        _ => Grade::NoMatch,
    };
    Comparison { grade, score, rule: Some(rule), guards }
}

fn doubts(a: &Traits, b: &Traits, names: Likeness, births: Births) -> Vec<Guard> {
    let known = |sex: &str| matches!(sex, "male" | "female");
    let mut doubts = Vec::new();
    if known(&a.sex) && known(&b.sex) && a.sex != b.sex {
        doubts.push(Guard::Sex);
    }
    // A parent's ID number that was written down for the child: it fits the birth date of one of the two only.
    let fits = |traits: &Traits| traits.birth_date.is_some() && traits.birth_date == traits.id_birth_date;
    let of_a_parent = a.id_number.is_some() && a.id_number == b.id_number && fits(a) != fits(b);
    if births == Births::Far || (of_a_parent && births != Births::Unknown) {
        doubts.push(Guard::Birth);
    }
    if names == Likeness::Sound {
        doubts.push(Guard::Sound);
    }
    doubts
}

fn rule(a: &Traits, b: &Traits, names: Likeness, births: Births, phone: bool) -> Option<Rule> {
    let named = names != Likeness::Other;
    let same_number = a.id_number.is_some() && a.id_number == b.id_number;
    let insured = !a.insurance.is_disjoint(&b.insurance);
    let same_sex = a.sex == b.sex && a.sex != "unknown";
    match births {
        _ if same_number && names == Likeness::Same => Some(Rule::IdNumberAndName),
        _ if same_number => Some(Rule::IdNumber),
        Births::Same if insured && named => Some(Rule::InsuranceAndBirth),
        Births::Same if named && phone && same_sex => Some(Rule::NameBirthSexPhone),
        Births::Same if named && phone => Some(Rule::NameBirthPhone),
        Births::Near | Births::Unknown if named && phone => Some(Rule::NamePhone),
        Births::Same if named => Some(Rule::NameBirth),
        _ if phone => Some(Rule::Phone),
        _ => None,
    }
}

fn births(a: &Traits, b: &Traits) -> Births {
    let (Some(one), Some(other)) = (a.birth_date, b.birth_date) else { return Births::Unknown };
    match i32::from(one.year()) - i32::from(other.year()) {
        _ if one == other => Births::Same,
        -1..=1 => Births::Near,
        _ => Births::Far,
    }
}

fn newborn(traits: &Traits, today: Date) -> bool {
    let days = traits.birth_date.and_then(|born| born.until(today).ok()).map(|age| age.get_days());
    is_newborn(&traits.name) || days.is_some_and(|days| (0..NEWBORN_DAYS).contains(&days))
}

fn none(rule: Option<Rule>, guard: Guard) -> Comparison {
    Comparison { grade: Grade::NoMatch, score: 0, rule, guards: vec![guard] }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Grade, Guard, Rule, Traits, compare};
    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 3, 1);

    /// `name/sex/birth/phones/id number/insurance`, what is empty is not known.
    fn person(text: &str) -> Traits {
        let mut parts = text.split('/').map(str::trim);
        let mut next = || parts.next().unwrap_or_default().to_owned();
        let (name, sex, birth, phones, id_number, insurance) =
            (next(), next(), next(), next(), next(), next());
        let sex = match sex.as_str() {
            "m" => "male",
            "f" => "female",
            _ => "unknown",
        };
        Traits {
            id: String::new(),
            name,
            sex: sex.into(),
            birth_date: birth.parse().ok(),
            id_birth_date: id_number.split('@').nth(1).and_then(|date| date.parse().ok()),
            id_number: (!id_number.is_empty()).then_some(id_number),
            insurance: insurance.split_whitespace().map(str::to_owned).collect(),
            phones: phones.split_whitespace().map(str::to_owned).collect(),
        }
    }

    fn compared(a: &str, b: &str) -> Comparison {
        let (a, b) = (person(a), person(b));
        let there = compare(&a, &b, TODAY);
        assert_eq!(there, compare(&b, &a, TODAY), "the order of the two does not matter");
        there
    }

    #[test]
    fn each_row_of_the_table_has_its_grade() {
        use Grade::{Match, NoMatch, Possible};
        for (a, b, grade, rule) in [
            ("张三/m/1960-05-04//A", "张 三/m/1960-05-04//A", Match, Some(Rule::IdNumberAndName)),
            ("张三/m/1960-05-04//A", "李四/m/1960-05-04//A", Possible, Some(Rule::IdNumber)),
            ("张三/m/1960-05-04///S1", "张三/m/1960-05-04///S1", Match, Some(Rule::InsuranceAndBirth)),
            ("张伟/m/1960-05-04///S1", "张玮/m/1960-05-04///S1", Possible, Some(Rule::InsuranceAndBirth)),
            ("张三/m/1960-05-04/1 2", "张三/m/1960-05-04/2 3", Possible, Some(Rule::NameBirthSexPhone)),
            ("张三/m/1960-05-04/1", "张三//1960-05-04/1", Possible, Some(Rule::NameBirthPhone)),
            ("张三/m/1960-05-04/1", "张三/m/1960-05-04/2", Possible, Some(Rule::NameBirth)),
            ("张三/m/1960-05-04/1", "张三/m/1961-01-01/1", Possible, Some(Rule::NamePhone)),
            ("张三//", "张三//", NoMatch, None),
            ("张三///1", "张三/m/1960-05-04/1", Possible, Some(Rule::NamePhone)),
            ("张三/m/1960-05-04/1", "张三/m/1990-05-04/1", NoMatch, Some(Rule::Phone)),
            ("张三/m/1960-05-04/1", "李红/f/1962-01-01/1", NoMatch, Some(Rule::Phone)),
            ("张三/m/1960-05-04", "张三/m/1990-05-04", NoMatch, None),
        ] {
            let found = compared(a, b);
            assert_eq!((found.grade, found.rule), (grade, rule), "{a} {b}: {found:?}");
        }
    }

    #[test]
    fn a_newborn_is_neither_its_mother_nor_its_twin() {
        let mother = "张红/f/1995-06-01/1/A@1995-06-01/S1";
        for child in [
            "张红之子/m/2026-02-20/1",
            "张红之女/f/2026-02-20/1/A@1995-06-01",
            "张红/f/2026-02-20/1",
            "张小红/f/2026-02-20/1//S1",
        ] {
            assert_eq!(compared(mother, child).grade, Grade::NoMatch, "{child}");
        }
        let twins = compared("张红之长子/m/2026-02-20/1", "张红之次子/m/2026-02-20/1");
        assert_eq!(twins.grade, Grade::NoMatch, "{twins:?}");
        // The same child, written down twice.
        let twice = compared("张红之子/m/2026-02-20/", "张红之子/m/2026-02-20/");
        assert_eq!((twice.grade, twice.rule), (Grade::Possible, Some(Rule::NameBirth)));
    }

    #[test]
    fn grown_twins_are_two() {
        let twins = compared("李明/m/1990-03-03/1", "李亮/m/1990-03-03/1");
        assert_eq!((twins.grade, twins.guards), (Grade::NoMatch, vec![Guard::Twins]));
        let married = compared("李明/m/1990-03-03/1", "王红/f/1990-03-03/1");
        assert_eq!((married.grade, married.guards), (Grade::NoMatch, vec![]));
    }

    #[test]
    fn what_speaks_against_leaves_it_to_a_person_or_ends_it() {
        let sexes = compared("张三/m/1960-05-04//A", "张三/f/1960-05-04//A");
        assert_eq!((sexes.grade, sexes.guards), (Grade::Possible, vec![Guard::Sex]));
        let births = compared("张三/m/1960-05-04//A", "张三/m/1990-05-04//A");
        assert_eq!((births.grade, births.guards), (Grade::Possible, vec![Guard::Birth]));
        let numbers = compared("张三/m/1960-05-04/1/A", "张三/m/1960-05-04/1/B");
        assert_eq!((numbers.grade, numbers.guards), (Grade::NoMatch, vec![Guard::IdNumbers]));
        let nobody = compared("无名氏/m/1960-05-04/1/A", "无名氏/m/1960-05-04/1/A");
        assert_eq!((nobody.grade, nobody.guards), (Grade::NoMatch, vec![Guard::Anonymous]));
        let parents = compared("张三/m/1960-05-04//A@1960-05-04", "张小三/m/2010-05-04//A@1960-05-04");
        assert!(parents.guards.contains(&Guard::Birth) && parents.grade != Grade::Match, "{parents:?}");
    }

    proptest! {
        #[test]
        fn nobody_is_matched_to_a_stranger(
            names in proptest::array::uniform2("[张王李赵][伟芳娜敏静]?[伟芳娜敏静]"),
            births in proptest::array::uniform2(1_i16..4),
            phones in proptest::array::uniform2(0_u8..3),
        ) {
            let person = |at: usize| Traits {
                name: names[at].clone(),
                sex: "male".into(),
                birth_date: Some(date(1960 + births[at] * 2, 1, 1)),
                phones: [phones[at].to_string()].into(),
                ..Traits::default()
            };
            let (a, b) = (person(0), person(1));
            let found = compare(&a, &b, TODAY);
            prop_assert_eq!(&found, &compare(&b, &a, TODAY));
            prop_assert!(found.grade != Grade::Match, "no number of theirs was compared");
            if births[0] != births[1] {
                prop_assert_eq!(found.grade, Grade::NoMatch);
            }
        }
    }
}
