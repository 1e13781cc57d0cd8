//! The people that a seed gives: the same ones each time, and as mixed as real ones.

use careline_desk::seed::{SOURCES, dialable, generate};
use careline_desk::storage::SeedPerson;
use careline_model::number::NumberPlan;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

fn plan() -> NumberPlan {
    NumberPlan {
        area: Some("0543".into()),
        own_numbers: vec!["0543-3250000".into()],
        ..NumberPlan::default()
    }
}

/// Made once: every test looks at the same people.
fn people() -> &'static [SeedPerson] {
    static PEOPLE: LazyLock<Vec<SeedPerson>> = LazyLock::new(|| generate(20_000, 7, &plan()));
    &PEOPLE
}

/// How many of a thousand.
fn per_mille(people: &[SeedPerson], is: impl Fn(&SeedPerson) -> bool) -> usize {
    people.iter().filter(|seed| is(seed)).count() * 1000 / people.len()
}

fn persons_by_number(people: &[SeedPerson]) -> BTreeMap<&str, Vec<&SeedPerson>> {
    let mut persons: BTreeMap<&str, Vec<&SeedPerson>> = BTreeMap::new();
    for seed in people {
        for phone in &seed.phones {
            persons.entry(&phone.phone.number).or_default().push(seed);
        }
    }
    persons
}

fn born(seed: &SeedPerson) -> i64 {
    seed.person.birth_date.as_deref().and_then(|date| date.get(..4)?.parse().ok()).unwrap_or(1990)
}

#[test]
fn the_same_seed_gives_the_same_people_and_another_gives_others() {
    assert_eq!(generate(500, 1, &plan()), generate(500, 1, &plan()));
    assert_ne!(generate(500, 1, &plan()), generate(500, 2, &plan()));
    let some = generate(301, 1, &plan());
    assert_eq!(some.len(), 301);
    assert_eq!(dialable(&some, 1), dialable(&some, 1));
    assert_ne!(dialable(&some, 1), dialable(&some, 2));
    assert!(generate(0, 1, &plan()).is_empty());
}

#[test]
fn what_must_be_unique_is_and_every_number_is_in_normal_form() {
    let people = people();
    let ids: BTreeSet<&str> = people.iter().map(|seed| seed.person.id.as_str()).collect();
    let records: Vec<&str> = people.iter().filter_map(|seed| seed.person.record_number.as_deref()).collect();
    assert_eq!(ids.len(), people.len());
    assert_eq!(records.iter().collect::<BTreeSet<_>>().len(), records.len());
    for seed in people {
        let numbers: BTreeSet<&str> = seed.phones.iter().map(|p| p.phone.number.as_str()).collect();
        assert_eq!(numbers.len(), seed.phones.len(), "{seed:?}");
        for (priority, phone) in (0..).zip(&seed.phones) {
            let parsed = plan().parse(&phone.raw);
            assert_eq!(parsed.number.as_str(), phone.phone.number);
            assert_eq!(parsed.kind.as_str(), phone.phone.kind);
            assert_eq!(priority, phone.phone.priority);
            assert!(["self", "spouse", "child", "parent", "other"].contains(&phone.phone.relation.as_str()));
        }
        let date = seed.person.birth_date.as_deref().unwrap_or("1990-01-01");
        assert!(date.len() == 10 && ("1900-01-01".."2026-01-01").contains(&date), "{date}");
    }
}

#[test]
fn names_and_ages_are_mixed_as_real_ones_are() {
    let people = people();
    let five = ["王", "李", "张", "刘", "陈"];
    let frequent = per_mille(people, |seed| five.iter().any(|name| seed.person.name.starts_with(name)));
    assert!((250..=360).contains(&frequent), "{frequent} of a thousand have the five most frequent surnames");
    let mut namesakes: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in people {
        *namesakes.entry(&seed.person.name).or_default() += 1;
    }
    assert!(namesakes["王芳"] >= 5 && namesakes["李伟"] >= 5);
    assert!(namesakes.len() > people.len() / 3, "{} names", namesakes.len());
    for surname in ["单", "尉迟", "欧阳", "仇", "解"] {
        assert!(people.iter().any(|seed| seed.person.name.starts_with(surname)), "{surname}");
    }
    let old = per_mille(people, |seed| born(seed) <= 1960);
    let children = per_mille(people, |seed| born(seed) > 2007);
    assert!((120..=320).contains(&old), "{old} of a thousand are old");
    assert!((100..=300).contains(&children), "{children} of a thousand are children");
    let women = per_mille(people, |seed| seed.person.sex == "female");
    assert!((450..=540).contains(&women), "{women} of a thousand are women");
}

#[test]
fn rates_are_those_of_a_hospital() {
    let people = people();
    let deceased = per_mille(people, |seed| seed.person.deceased);
    assert!((6..=12).contains(&deceased), "{deceased} of a thousand died");
    let alerts = per_mille(people, |seed| !seed.person.alert.is_empty());
    assert!((8..=40).contains(&alerts), "{alerts} of a thousand have an alert");
    let asked: Vec<&SeedPerson> = people.iter().filter(|seed| !seed.person.source_code.is_empty()).collect();
    for (code, percent) in SOURCES {
        let got = asked.iter().filter(|seed| seed.person.source_code == code).count() * 1000 / asked.len();
        assert!(got.abs_diff(percent as usize * 10) < 15, "{code}: {got} of a thousand");
    }
    let phones: Vec<_> = people.iter().flat_map(|seed| &seed.phones).collect();
    let clean =
        |raw: &str| raw.len() == 11 && raw.starts_with('1') || raw.len() == 12 && raw.starts_with("0543-");
    let dirty = phones.iter().filter(|phone| !clean(&phone.raw)).count() * 1000 / phones.len();
    assert!((60..=100).contains(&dirty), "{dirty} of a thousand numbers are written badly");
    let several = people.iter().filter(|seed| seed.phones.len() > 1).count();
    assert!(several > people.len() / 5, "{several} have several numbers");
}

#[test]
fn numbers_are_shared_as_in_families() {
    let people = people();
    let old: Vec<&SeedPerson> = people.iter().filter(|seed| born(seed) <= 1960).collect();
    let by_child = old.iter().filter(|seed| seed.phones.iter().any(|p| p.phone.relation == "child")).count();
    let by_child = by_child * 1000 / old.len();
    assert!((180..=260).contains(&by_child), "{by_child} of a thousand old are on a child's mobile");
    let by_number = persons_by_number(people);
    for (number, persons) in &by_number {
        for phone in persons.iter().flat_map(|seed| &seed.phones).filter(|p| p.phone.number == *number) {
            assert_eq!(phone.phone.shared, persons.len() > 8 || phone.phone.kind == "invalid", "{number}");
        }
    }
    let land_line = per_mille(people, |seed| seed.phones.iter().any(|p| p.phone.kind == "landline"));
    assert!((120..=180).contains(&land_line), "{land_line} of a thousand have a land line");
    let agents = per_mille(people, |s| s.phones.iter().any(|p| p.phone.shared && p.phone.kind == "mobile"));
    assert!((6..=14).contains(&agents), "{agents} of a thousand came by an agent");
    let of_several = by_number.values().filter(|persons| (2..=8).contains(&persons.len())).count();
    assert!(of_several > people.len() / 20, "{of_several} numbers of several persons");
}

#[test]
fn callers_have_a_living_person_each_and_some_have_several() {
    let people = people();
    let by_number = persons_by_number(people);
    let callers = dialable(people, 3);
    assert_eq!(callers.iter().collect::<BTreeSet<_>>().len(), callers.len());
    let mut several = 0;
    for dialled in &callers {
        assert!(dialled.bytes().all(|b| b.is_ascii_digit()), "{dialled}");
        let number = plan().parse(dialled).number;
        let persons = &by_number[number.as_str()];
        assert!(persons.iter().any(|seed| !seed.person.deceased));
        several += usize::from(persons.len() > 1);
    }
    assert!(several > callers.len() / 20, "{several} of {} callers are several persons", callers.len());
    assert!(callers.iter().any(|dialled| dialled.starts_with("0543")));
}

#[test]
fn a_plan_without_area_works_too() {
    let people = generate(2000, 5, &NumberPlan::default());
    assert!(people.iter().flat_map(|seed| &seed.phones).any(|phone| phone.phone.kind == "landline"));
}
