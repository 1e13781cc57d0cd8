//! Who is likely to be calling.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: what surprises it ends it, and it waits by the clock"
)]

#[path = "common/place.rs"]
mod place;

use careline_desk::pop::{CANDIDATES_MAX, Claim, Findings, POPS_MAX, PopCache, Prepared, find, rank};
use careline_desk::storage::{NewPerson, NewPhone, Person, PhoneRow, SeedPerson};
use careline_model::{CallId, Number};
use std::collections::BTreeMap;

const NUMBER: &str = "+8613812345678";
const NOW_US: i64 = 1_772_323_200_000_000;
const DAY_US: i64 = 86_400_000_000;

fn person(name: &str) -> Person {
    Person {
        id: format!("id of {name}"),
        record_number: None,
        kind: "patient".into(),
        name: name.into(),
        sex: "female".into(),
        birth_date: Some("1980-03-02".into()),
        address: String::new(),
        alert: String::new(),
        deceased: false,
        source_code: String::new(),
        version: 1,
    }
}

fn phone(relation: &str, authorised: bool, shared: bool, priority: i64) -> PhoneRow {
    let (number, kind) = (NUMBER.to_owned(), "mobile".to_owned());
    PhoneRow { number, kind, relation: relation.into(), authorised, priority, shared }
}

fn claim(name: &str, phone: Option<PhoneRow>, seen_days_ago: Option<i64>) -> Claim {
    Claim { person: person(name), phone, seen_us: seen_days_ago.map(|days| NOW_US - days * DAY_US) }
}

fn call(number: u64) -> CallId {
    format!("0190a5b0-1111-7abc-8def-{number:012x}").parse().unwrap()
}

fn names_and_scores(claims: Vec<Claim>) -> Vec<(String, i32)> {
    rank(claims, NOW_US).into_iter().map(|ranked| (ranked.claim.person.name, ranked.score)).collect()
}

#[test]
fn owners_come_before_those_who_act_for_them_and_shared_numbers_say_little() {
    let ranked = names_and_scores(vec![
        claim("seen long ago", None, Some(200)),
        claim("shared", Some(phone("self", false, true, 0)), None),
        claim("authorised", Some(phone("child", true, false, 0)), None),
        claim("contact", Some(phone("spouse", false, false, 0)), None),
        claim("seen lately", None, Some(3)),
        claim("owner", Some(phone("self", false, false, 0)), None),
        claim("owner who called", Some(phone("self", false, false, 0)), Some(30)),
        claim("forgotten", None, Some(366)),
    ]);
    let expected = [
        ("owner who called", 30),
        ("owner", 20),
        ("authorised", 15),
        ("seen lately", 10),
        ("shared", 5),
        ("seen long ago", 5),
        ("contact", 0),
        ("forgotten", 0),
    ];
    assert_eq!(ranked, expected.map(|(name, score)| (name.to_owned(), score)));
}

#[test]
fn equal_claims_are_ordered_by_priority_last_call_and_name() {
    let owner = |priority| Some(phone("self", false, false, priority));
    let ranked = names_and_scores(vec![
        claim("c", owner(1), None),
        claim("b", owner(0), None),
        claim("a", owner(0), None),
        claim("z later", owner(0), Some(400)),
        claim("z earlier", owner(0), Some(500)),
    ]);
    let names: Vec<&str> = ranked.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["z later", "z earlier", "a", "b", "c"]);
}

#[test]
fn each_person_is_shown_once_and_not_too_many_are() {
    let mut claims: Vec<Claim> = (0..50).map(|n| claim(&format!("p{n:02}"), None, Some(1))).collect();
    claims.push(claim("p07", Some(phone("self", false, false, 0)), None));
    let ranked = names_and_scores(claims);
    assert_eq!(ranked.len(), CANDIDATES_MAX);
    assert_eq!(ranked[0], ("p07".to_owned(), 20));
    assert_eq!(ranked.iter().filter(|(name, _)| name == "p07").count(), 1);
}

#[test]
fn the_cache_asks_once_and_again_after_a_failure() {
    let number = Number::from(NUMBER);
    let mut cache = PopCache::default();
    assert!(cache.want(call(1), &number));
    assert!(!cache.want(call(1), &number), "asked already");
    cache.found(call(1), &number, None);
    assert_eq!(cache.get(call(1)), Some(&Prepared::Failed));
    assert!(cache.want(call(1), &number));
    cache.found(call(1), &Number::from("+8613800000000"), Some(Findings::default()));
    assert!(cache.ready(call(1)).is_none(), "the answer to another question");
    cache.found(call(1), &number, Some(Findings::default()));
    cache.choose(call(1), "somebody");
    assert_eq!(cache.ready(call(1)).unwrap().chosen.as_deref(), Some("somebody"));
    for call_number in 0..3 * u64::try_from(POPS_MAX).unwrap() {
        cache.want(call(call_number), &number);
        if call_number % 3 == 0 {
            cache.forget(call(call_number));
        }
    }
    let kept = (0..10_000).filter(|number| cache.get(call(*number)).is_some()).count();
    assert!((POPS_MAX - 1..=POPS_MAX).contains(&kept), "{kept}");
}

#[tokio::test]
async fn all_owners_of_a_number_are_found_with_masked_numbers() {
    let database = place::database().await;
    let store = place::open(&database).await;
    let seed = |name: &str, phones: Vec<PhoneRow>| SeedPerson {
        person: person(name),
        first_seen_us: 1,
        phones: phones.into_iter().map(|phone| NewPhone { raw: phone.number.clone(), phone }).collect(),
    };
    let second = PhoneRow {
        number: "+865433256789".into(),
        kind: "landline".into(),
        ..phone("self", false, false, 1)
    };
    store
        .import_people(&[
            seed("母亲", vec![phone("self", false, false, 0), second]),
            seed("儿子", vec![phone("parent", true, false, 1)]),
            seed("女儿", vec![phone("parent", false, false, 1)]),
        ])
        .await
        .unwrap();
    let names = BTreeMap::new();
    let found = find(&store, call(1), &NUMBER.into(), &names, NOW_US).await.unwrap();
    let summary: Vec<_> =
        found.candidates.iter().map(|candidate| (candidate.name.as_str(), candidate.score)).collect();
    assert_eq!(summary, [("母亲", 20), ("儿子", 15), ("女儿", 0)]);
    assert_eq!(found.candidates[0].phones, ["138****5678", "0543****789"]);
    assert_eq!((found.candidates[0].age, found.persons(), found.label()), (Some(45), 3, ""));

    // The second number of a person matches as well, and then there is one candidate.
    let found = find(&store, call(2), &"+865433256789".into(), &names, NOW_US).await.unwrap();
    assert_eq!((found.persons(), found.label()), (1, "母亲"));
    let withheld = find(&store, call(3), &"".into(), &names, NOW_US).await.unwrap();
    assert_eq!(withheld, Findings::default());
}

#[tokio::test]
async fn who_was_met_in_the_call_is_known_as_chosen() {
    let database = place::database().await;
    let store = place::open(&database).await;
    let new = NewPerson {
        name: "新来电".into(),
        sex: "unknown".into(),
        birth_date: None,
        source_code: "friend".into(),
        number: Some((NUMBER.into(), NUMBER.into(), "mobile".into())),
        call_id: Some(call(1).to_string()),
    };
    let person = store.add_person(new, "account", NOW_US).await.unwrap();
    let found = find(&store, call(1), &NUMBER.into(), &BTreeMap::new(), NOW_US).await.unwrap();
    assert_eq!((found.chosen, found.candidates.len()), (Some(person.id), 1));
}
