//! PID and NK1: a patient as the hospital's system has it now.

use super::escapes::unescaped;
use super::reader::{Reader, cut};
use crate::identity::IdNumber;
use careline_model::number::{NumberKind, NumberPlan};
use hl7_parser::Message;
use hl7_parser::message::Repeat;

/// Longest name and address that are kept, in characters; the rest is cut.
const NAME_CHARS_MAX: usize = 64;
const ADDRESS_CHARS_MAX: usize = 256;
/// Longest part of an identifier, and longest number as it was written.
const PART_CHARS_MAX: usize = 64;
/// Numbers of one patient that are kept: the first ones.
const PHONES_MAX: usize = 16;
/// Contact persons that are looked at.
const CONTACTS_MAX: usize = 16;

/// Types of PID-3 that are ID numbers (table 0203, and what hospitals write).
const ID_KINDS: [&str; 6] = ["NI", "NNCHN", "SS", "ID", "SFZ", "身份证"];

/// A number by which a system knows a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identifier {
    /// CX.5: `MR`, `PI`, ...; `MR` when nothing is said.
    pub kind: String,
    /// CX.4.1: who gave it; empty when nothing is said.
    pub authority: String,
    /// CX.1.
    pub value: String,
}

/// A telephone number of a patient or of somebody of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// As it was written.
    pub raw: String,
    /// Canonical form.
    pub number: String,
    /// Kind of the number, as in the table of numbers.
    pub kind: String,
    /// `self`, `spouse`, `child`, `parent` or `other`.
    pub relation: &'static str,
}

/// A patient, whole. What is empty was not said, and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientUpsert {
    /// The one that the source knows the patient by.
    pub identifier: Identifier,
    /// As it is spoken; empty when nothing is said.
    pub name: String,
    /// `male`, `female` or `unknown`.
    pub sex: &'static str,
    /// `YYYY-MM-DD`; nothing when the day is not known.
    pub birth_date: Option<String>,
    /// As it is written; empty when nothing is said.
    pub address: String,
    /// ID number (GB 11643) of PID-3 or PID-19, when it can be right.
    pub id_number: Option<IdNumber>,
    /// Said to be dead, or not.
    pub deceased: Option<bool>,
    /// Numbers, the patient's own first.
    pub phones: Vec<Phone>,
}

impl PatientUpsert {
    /// The patient of a message; nothing without PID-3.
    pub(super) fn of(message: &Message<'_>, numbers: &NumberPlan) -> Option<Self> {
        let pid = Reader::of(message, "PID")?;
        let phones = phones(message, &pid, numbers);
        let said_dead = match pid.text(30).as_str() {
            "Y" => Some(true),
            "N" => Some(false),
            _ => None,
        };
        Some(Self {
            identifier: pid.identifiers(3).best(None)?,
            id_number: pid.id_number(),
            name: cut(&pid.name(), NAME_CHARS_MAX),
            sex: sex(&pid.text(8)),
            birth_date: day(&pid.text(7)),
            address: cut(&pid.address(), ADDRESS_CHARS_MAX),
            deceased: said_dead.or((!pid.text(29).is_empty()).then_some(true)),
            phones,
        })
    }

    /// The number of MRG-1 under which the patient was known before: of the same kind and giver, when there are several.
    pub(super) fn prior(message: &Message<'_>, now: &Identifier) -> Option<Identifier> {
        Reader::of(message, "MRG")?.identifiers(1).best(Some(now))
    }
}

/// The numbers of a field.
struct Identifiers(Vec<Identifier>);

impl Identifiers {
    /// The one like another, else a patient's, else the first.
    fn best(self, like: Option<&Identifier>) -> Option<Identifier> {
        let alike = |identifier: &&Identifier| {
            like.is_some_and(|like| {
                (&like.kind, &like.authority) == (&identifier.kind, &identifier.authority)
            })
        };
        let of_patient = |identifier: &&Identifier| matches!(identifier.kind.as_str(), "MR" | "PI" | "PT");
        let Self(all) = self;
        all.iter().find(alike).or_else(|| all.iter().find(of_patient)).or(all.first()).cloned()
    }
}

impl<'m> Reader<'m> {
    fn short(&self, repeat: &'m Repeat<'m>, component: usize) -> String {
        cut(&self.part(repeat, component), PART_CHARS_MAX)
    }

    fn identifiers(&self, field: usize) -> Identifiers {
        let all = self.repeats(field).map(|repeat| Identifier {
            kind: Some(self.short(repeat, 5)).filter(|kind| !kind.is_empty()).unwrap_or_else(|| "MR".into()),
            authority: self.short(repeat, 4),
            value: self.short(repeat, 1),
        });
        Identifiers(all.filter(|identifier| !identifier.value.is_empty()).collect())
    }

    /// A number of the nation or of social security, whatever the type of it is called; anything else is not looked at
    /// twice.
    fn id_number(&self) -> Option<IdNumber> {
        let named = self.repeats(3).filter(|repeat| ID_KINDS.contains(&self.part(repeat, 5).as_str()));
        let named = named.map(|repeat| self.part(repeat, 1));
        named.chain([self.text(19)]).find_map(|text| IdNumber::parse(&text).ok())
    }

    /// The legal name, else the first one. Chinese names are written without a gap, whatever components they come in.
    fn name(&self) -> String {
        let legal = self.repeats(5).find(|repeat| self.part(repeat, 7) == "L");
        let Some(name) = legal.or_else(|| self.repeats(5).next()) else { return String::new() };
        let (family, given) = (self.part(name, 1), self.part(name, 2));
        match (family.is_empty(), given.is_empty()) {
            (false, false) if is_han(&family) || is_han(&given) => family + &given,
            (false, false) => format!("{given} {family}"),
            _ => family + &given,
        }
    }

    /// From the province to the house.
    fn address(&self) -> String {
        let Some(address) = self.repeats(11).next() else { return String::new() };
        let parts: Vec<String> = [4, 3, 1, 2]
            .map(|part| self.part(address, part))
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let gap = if parts.iter().any(|part| is_han(part)) { "" } else { ", " };
        parts.join(gap)
    }
}

fn phones(message: &Message<'_>, pid: &Reader<'_>, numbers: &NumberPlan) -> Vec<Phone> {
    let mut phones: Vec<Phone> = Vec::new();
    let mut add = |raw: String, relation: &'static str| {
        let parsed = numbers.parse(&raw);
        let usable = !matches!(parsed.kind, NumberKind::Hidden | NumberKind::Invalid);
        let number = cut(parsed.number.as_str(), PART_CHARS_MAX);
        if usable && phones.len() < PHONES_MAX && !phones.iter().any(|phone| phone.number == number) {
            let raw = cut(&raw, PART_CHARS_MAX);
            phones.push(Phone { raw, number, kind: parsed.kind.to_string(), relation });
        }
    };
    for field in [13, 14] {
        pid.repeats(field).filter_map(|repeat| telephone(pid, repeat)).for_each(|raw| add(raw, "self"));
    }
    for contact in message.segments().filter(|segment| segment.name == "NK1").take(CONTACTS_MAX) {
        let contact = Reader { segment: contact, separators: &message.separators };
        let relation = relation(&contact.text(3));
        for field in [5, 31] {
            contact
                .repeats(field)
                .filter_map(|repeat| telephone(&contact, repeat))
                .for_each(|raw| add(raw, relation));
        }
    }
    phones
}

/// XTN: as it is dialled (.12), as it is written (.1), or area and number (.6, .7). No addresses of the Internet.
fn telephone(reader: &Reader<'_>, repeat: &Repeat<'_>) -> Option<String> {
    let part = |component| {
        let component = repeat.component(component).map(|component| component.raw_value());
        unescaped(reader.separators, component.unwrap_or_default()).trim().to_owned()
    };
    if ["Internet", "X.400", "MD"].contains(&part(3).as_str()) {
        return None;
    }
    let local = match (part(6), part(7)) {
        (_, local) if local.is_empty() => String::new(),
        (area, local) => area + &local,
    };
    [part(12), part(1), local].into_iter().find(|text| text.chars().any(|letter| letter.is_ascii_digit()))
}

/// Table 0063, GB/T 4761 and what people write.
fn relation(code: &str) -> &'static str {
    match code {
        "SEL" | "0" | "本人" => "self",
        "SPO" | "DOM" | "1" | "配偶" | "夫" | "妻" | "丈夫" | "妻子" => "spouse",
        "CHD" | "NCH" | "SCH" | "FCH" | "2" | "3" | "子" | "女" | "子女" | "儿子" | "女儿" => "child",
        "PAR" | "MTH" | "FTH" | "5" | "父母" | "父亲" | "母亲" | "父" | "母" => "parent",
        _ => "other",
    }
}

/// Table 0001, GB/T 2261.1 and what people write.
pub(super) fn sex(code: &str) -> &'static str {
    match code {
        "M" | "1" | "男" => "male",
        "F" | "2" | "女" => "female",
        _ => "unknown",
    }
}

/// `YYYYMMDD...` as `YYYY-MM-DD`, when there is such a day.
fn day(text: &str) -> Option<String> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).take(8).collect();
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    let date: jiff::civil::Date = format!("{year}-{month}-{day}").parse().ok()?;
    Some(date.to_string())
}

fn is_han(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}'))
}

#[cfg(test)]
mod tests {
    use super::{PatientUpsert, day};
    use careline_model::number::NumberPlan;

    fn patient(segments: &str) -> Option<PatientUpsert> {
        let text = format!("MSH|^~\\&|HIS|||||||||\r{segments}");
        let message = hl7_parser::Message::parse(&text).expect("it parses");
        PatientUpsert::of(&message, &NumberPlan { area: Some("0543".into()), ..NumberPlan::default() })
    }

    #[test]
    fn a_patient_of_a_chinese_hospital() {
        let patient = patient(
            "PID|1||371234567890123456^^^^NI~0012345^^^HIS^MR||张^三||19600504|1|||黄河五路^^滨州市^山东省||\
             13854312345~0543-3256789|||||||||||||||||N\rNK1|1|李^四|2||^PRN^PH^^^0543^3250000",
        )
        .expect("it has a number");
        assert_eq!(
            (patient.identifier.value.as_str(), patient.identifier.authority.as_str()),
            ("0012345", "HIS")
        );
        assert_eq!((patient.name.as_str(), patient.sex), ("张三", "male"));
        assert_eq!(patient.birth_date.as_deref(), Some("1960-05-04"));
        assert_eq!(patient.address, "山东省滨州市黄河五路");
        assert_eq!(patient.deceased, Some(false));
        assert_eq!(patient.id_number, None, "371234567890123456 is none");
        let phones: Vec<_> = patient
            .phones
            .iter()
            .map(|phone| (phone.number.as_str(), phone.kind.as_str(), phone.relation))
            .collect();
        assert_eq!(
            phones,
            [
                ("+8613854312345", "mobile", "self"),
                ("+865433256789", "landline", "self"),
                ("+865433250000", "landline", "child")
            ]
        );
    }

    #[test]
    fn an_id_number_stands_in_either_place() {
        for segments in
            ["PID|||7^^^^MR~11010519491231002X^^^^NI||张三", "PID|||7||张三||||||||||||||11010519491231002x"]
        {
            let found = patient(segments).and_then(|patient| patient.id_number).expect("it is one");
            assert_eq!(found.as_str(), "11010519491231002X");
        }
        let other = patient("PID|||7^^^^MR~11010519491231002X^^^^PPN||张三").expect("a patient");
        assert_eq!(other.id_number, None, "a passport");
    }

    #[test]
    fn what_is_not_said_stays_open() {
        let bare = patient("PID|||7||DOE^JOHN^^^^^L~\"\"||1948|\"\"").expect("it has a number");
        assert_eq!((bare.identifier.kind.as_str(), bare.name.as_str()), ("MR", "JOHN DOE"));
        assert_eq!((bare.sex, bare.birth_date, bare.deceased), ("unknown", None, None));
        assert!(bare.address.is_empty() && bare.phones.is_empty());
        assert_eq!(patient("PID|||^^^HIS||张三"), None, "a patient without a number");
        assert_eq!(patient("PV1||I"), None);
    }

    #[test]
    fn days_that_are_none_are_not_kept() {
        assert_eq!(day("19600230"), None);
        assert_eq!(day("196002"), None);
        assert_eq!(day("20240229120000+0800").as_deref(), Some("2024-02-29"));
    }
}
