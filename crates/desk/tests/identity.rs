//! People that may be one person, and people that are joined and taken apart, in a real database.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: what surprises it ends it, and it waits by the clock"
)]

#[path = "common/place.rs"]
mod place;

use careline_desk::identity::IdNumber;
use careline_desk::sealing::Keys;
use careline_desk::storage::{
    DuplicatePair, Merge, MergeRefusal, NewPhone, PairState, Person, PersonQuery, PhoneRow, SeedPerson,
    StorageError, Store,
};
use careline_testkit::Database;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

const TODAY: Date = date(2026, 3, 1);
const NOW_US: i64 = 1_772_323_200_000_000;

struct House {
    database: Database,
    store: Store,
}

impl House {
    async fn new() -> Self {
        let database = place::database().await;
        let store = place::open(&database).await;
        Self { database, store }
    }

    /// All tables that a merge may touch, without versions and without what was noted of merges.
    async fn everything(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for sql in [
            "SELECT id, record_number, kind, name, name_initials, sex, birth_date, address, alert, deceased, source_code, \
             merged_into, first_seen_us, created_by FROM person ORDER BY id",
            "SELECT * FROM person_phone ORDER BY id",
            "SELECT * FROM person_identifier ORDER BY source, kind, authority, value",
            "SELECT * FROM visit ORDER BY source, number",
            "SELECT * FROM appointment ORDER BY source, number",
            "SELECT * FROM interaction_person ORDER BY call_id",
            "SELECT * FROM consent ORDER BY id",
        ] {
            let rows = self.database.rows(sql).await.unwrap();
            lines.extend(rows.iter().map(|row| format!("{row:?}")));
        }
        lines
    }

    async fn pairs(&self, state: PairState) -> Vec<DuplicatePair> {
        self.store.duplicate_pairs(state, 100).await.unwrap()
    }

    async fn joined(&self, survivor: &str, loser: &str) -> Result<String, MergeRefusal> {
        match self.store.merge(manual(survivor, loser), NOW_US).await {
            Ok(row) => Ok(row.id),
            Err(StorageError::Merge(refusal)) => Err(refusal),
            Err(other) => panic!("{other}"),
        }
    }
}

fn manual<'a>(survivor: &'a str, loser: &'a str) -> Merge<'a> {
    Merge { survivor, loser, versions: None, kind: "manual", reason: "同一人", by: "sun" }
}

fn id(number: u128) -> String {
    Uuid::from_u128(0x0190_a5b0_1111_7abc_8def_0000_0000_0000 + number).to_string()
}

/// `name/sex/birth date/record number/numbers`.
fn person(number: u128, text: &str) -> SeedPerson {
    let parts: Vec<&str> = text.split('/').collect();
    let given = |at: usize| parts.get(at).map(|part| part.trim()).filter(|part| !part.is_empty());
    let phones = given(4).unwrap_or_default().split_whitespace();
    SeedPerson {
        person: Person {
            id: id(number),
            record_number: given(3).map(str::to_owned),
            kind: if given(3).is_some() { "patient" } else { "prospect" }.into(),
            name: given(0).unwrap().to_owned(),
            sex: given(1).unwrap_or("unknown").to_owned(),
            birth_date: given(2).map(str::to_owned),
            address: String::new(),
            alert: String::new(),
            deceased: false,
            source_code: String::new(),
            version: 1,
        },
        first_seen_us: NOW_US,
        phones: phones.map(phone).collect(),
    }
}

fn phone(number: &str) -> NewPhone {
    let phone = PhoneRow {
        number: number.into(),
        kind: "mobile".into(),
        relation: "self".into(),
        authorised: false,
        priority: 0,
        shared: false,
    };
    NewPhone { phone, raw: number.into() }
}

#[tokio::test]
async fn mother_newborn_and_twins_are_never_proposed() {
    let house = House::new().await;
    let people = [
        person(1, "张红/female/1995-06-01/M1/+8613800000001"),
        person(2, "张红之长子/male/2026-02-20/M2/+8613800000001"),
        person(3, "张红之次子/male/2026-02-20/M3/+8613800000001"),
        person(4, "李明/male/1990-03-03/M4/+8613800000002"),
        person(5, "李亮/male/1990-03-03/M5/+8613800000002"),
        person(6, "无名氏/male/1990-03-03/M6/+8613800000003"),
        person(7, "无名氏/male/1990-03-03/M7/+8613800000003"),
    ];
    house.store.import_people(&people).await.unwrap();
    let scan = house.store.find_duplicates(TODAY, NOW_US).await.unwrap();
    assert!(scan.compared >= 1, "some shared enough to be looked at: {scan:?}");
    assert_eq!((scan.found, house.pairs(PairState::Open).await), (0, vec![]));
}

#[tokio::test]
async fn who_was_written_down_twice_is_found_the_likeliest_first() {
    let house = House::new().await;
    let people = [
        person(1, "单晓峰/male/1960-05-04/M1/+8613800000001"),
        person(2, "单晓锋///M2/+8613800000001"),
        person(3, "王芳/female/1980-01-02/M3/+8613800000002"),
        person(4, "王 芳/female/1980-01-02/M4/+8613800000002"),
        person(5, "赵敏/female/1971-01-02/M5/+8613800000003"),
        person(6, "赵敏/female/1971-01-02/M6/+8613800000004"),
        person(7, "赵敏/female/1975-01-02/M7/+8613800000005"),
    ];
    house.store.import_people(&people).await.unwrap();
    let scan = house.store.find_duplicates(TODAY, NOW_US).await.unwrap();
    assert_eq!(scan.found, 4, "王芳 by her birth date and by her number: {scan:?}");
    let found: Vec<(String, String, String)> = house
        .pairs(PairState::Open)
        .await
        .into_iter()
        .map(|pair| (pair.a_id, pair.b_id, pair.rule))
        .collect();
    assert_eq!(
        found,
        [
            (id(3), id(4), "name_birth_sex_phone".to_owned()),
            (id(5), id(6), "name_birth".to_owned()),
            (id(1), id(2), "name_phone".to_owned()),
        ]
    );
    assert_eq!(house.store.open_duplicates().await.unwrap(), 3);
}

#[tokio::test]
async fn a_pair_that_is_none_is_not_proposed_again() {
    let house = House::new().await;
    let people =
        [person(1, "赵敏/female/1971-01-02/M1/+8613800000001"), person(2, "赵敏/female/1971-01-02/M2/")];
    house.store.import_people(&people).await.unwrap();
    let look = async |at: i64| house.store.find_duplicates(TODAY, NOW_US + at).await.unwrap();
    look(0).await;
    let decide = async |state| house.store.decide_pair((&id(2), &id(1)), state, "sun", NOW_US).await;
    decide(PairState::Later).await.unwrap();
    look(1).await;
    assert_eq!((house.pairs(PairState::Open).await.len(), house.pairs(PairState::Later).await.len()), (0, 1));
    decide(PairState::NotDuplicate).await.unwrap();
    look(2).await;
    assert_eq!((house.pairs(PairState::Open).await.len(), house.pairs(PairState::Later).await.len()), (0, 0));
    let strangers = house.store.decide_pair((&id(1), &id(9)), PairState::Later, "sun", NOW_US).await;
    assert!(matches!(strangers, Err(StorageError::Unknown("pair"))));

    // Joined, and taken apart again: that is a word too.
    decide(PairState::Open).await.unwrap();
    let merge = house.joined(&id(1), &id(2)).await.unwrap();
    look(3).await;
    assert_eq!(house.store.open_duplicates().await.unwrap(), 0, "the one who is no more is in no pair");
    house.store.unmerge(&merge, "sun", NOW_US).await.unwrap();
    look(4).await;
    assert_eq!(house.store.open_duplicates().await.unwrap(), 0);
}

#[tokio::test]
async fn the_survivor_keeps_what_it_says_and_takes_what_it_does_not() {
    let house = House::new().await;
    let mut one = person(1, "王芳/female///+8613800000001");
    one.person.alert = "听力不好".into();
    let mut other = person(2, "王方/male/1980-01-02/M2/+8613800000001 +8613800000002");
    other.person.alert = "青霉素过敏".into();
    other.person.deceased = true;
    house.store.import_people(&[one, other]).await.unwrap();
    house.joined(&id(1), &id(2)).await.unwrap();
    let now = house.store.person(&id(1)).await.unwrap().unwrap();
    let said = (now.name.as_str(), now.sex.as_str(), now.birth_date.as_deref(), now.record_number.as_deref());
    assert_eq!(said, ("王芳", "female", Some("1980-01-02"), Some("M2")));
    assert_eq!(
        (now.kind.as_str(), now.alert.as_str(), now.deceased),
        ("patient", "听力不好；青霉素过敏", true)
    );
    let numbers = house.store.phones_of(&id(1)).await.unwrap();
    assert_eq!(numbers.len(), 2, "{numbers:?}");
    for number in ["+8613800000001", "+8613800000002"] {
        let owners = house.store.owners_of(number, 5).await.unwrap();
        let owners: Vec<&str> = owners.iter().map(|owner| owner.person.id.as_str()).collect();
        assert_eq!(owners, [id(1)], "{number} is of one person");
    }
    assert_eq!(house.store.living_person(&id(2)).await.unwrap(), id(1));
    let query = PersonQuery { text: "王方".into(), number: None };
    assert_eq!(house.store.search_people(&query, 5).await.unwrap().len(), 1, "the other name is still found");
}

#[tokio::test]
async fn what_cannot_be_joined_or_taken_apart_is_said() {
    let house = House::new().await;
    let people = [1, 2, 3].map(|number| person(number, "赵敏/female/1971-01-02"));
    house.store.import_people(&people).await.unwrap();
    assert_eq!(house.joined(&id(1), &id(1)).await, Err(MergeRefusal::Same));
    let stranger = house.store.merge(manual(&id(1), &id(9)), NOW_US).await;
    assert!(matches!(stranger, Err(StorageError::Unknown("person"))));
    let (one, other) = (id(1), id(2));
    let old = Merge { versions: Some((1, 7)), ..manual(&one, &other) };
    let old = house.store.merge(old, NOW_US).await;
    assert!(matches!(old, Err(StorageError::Merge(MergeRefusal::Changed))));
    let first = house.joined(&id(1), &id(2)).await.unwrap();
    assert_eq!(house.joined(&id(2), &id(3)).await, Err(MergeRefusal::Merged));
    assert_eq!(house.joined(&id(3), &id(2)).await, Err(MergeRefusal::Merged));
    let second = house.joined(&id(3), &id(1)).await.unwrap();
    let undo = async |merge: &str| match house.store.unmerge(merge, "sun", NOW_US).await {
        Err(StorageError::Merge(refusal)) => Some(refusal),
        other => {
            other.unwrap();
            None
        }
    };
    assert_eq!(undo(&first).await, Some(MergeRefusal::Later));
    assert_eq!(house.store.living_person(&id(2)).await.unwrap(), id(3), "over two merges");
    assert_eq!(undo(&second).await, None);
    assert_eq!(undo(&first).await, None);
    assert_eq!(undo(&first).await, Some(MergeRefusal::NotActive));
    assert_eq!(house.store.merges(i64::MAX, 10).await.unwrap().len(), 2, "nothing is forgotten");
}

#[tokio::test]
async fn of_two_merges_against_each_other_one_succeeds() {
    let house = House::new().await;
    for round in 0..5 {
        let (a, b) = (id(10 * round + 1), id(10 * round + 2));
        let new = |number: u128| person(10 * round + number, "赵敏/female/1971-01-02");
        let people = [new(1), new(2)];
        match round {
            0 => house.store.import_people(&people).await.unwrap(),
            _ => {
                for person in people {
                    let sql = format!(
                        "INSERT INTO person (id, kind, name, name_initials, sex, first_seen_us, created_by) \
                         VALUES ('{}', 'prospect', '赵敏', 'zm', 'female', 1, 'test')",
                        person.person.id
                    );
                    house.database.execute(&sql).await.unwrap();
                }
            }
        }
        let (one, other) = tokio::join!(house.joined(&a, &b), house.joined(&b, &a));
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        assert_eq!(one.err().or(other.err()), Some(MergeRefusal::Merged));
    }
}

#[tokio::test]
async fn what_was_changed_since_a_merge_stays_when_it_is_undone() {
    let house = House::new().await;
    let people =
        [person(1, "王芳/female///+8613800000001"), person(2, "王芳/female/1980-01-02/M2/+8613800000002")];
    house.store.import_people(&people).await.unwrap();
    let merge = house.joined(&id(1), &id(2)).await.unwrap();
    house
        .database
        .execute(&format!("UPDATE person SET address = '滨州' WHERE id = '{}'", id(1)))
        .await
        .unwrap();
    house.store.choose_person("call-1", &id(2), "chosen", "wang", NOW_US + 10).await.unwrap();
    let unmerged = house.store.unmerge(&merge, "sun", NOW_US + 20).await.unwrap();
    assert_eq!(unmerged.stayed_calls, ["call-1"], "who called meanwhile is for a person to say");
    let now = house.store.person(&id(1)).await.unwrap().unwrap();
    assert_eq!((now.address.as_str(), now.birth_date, now.record_number), ("滨州", None, None));
    let other = house.store.person(&id(2)).await.unwrap().unwrap();
    assert_eq!(
        (other.birth_date.as_deref(), other.record_number.as_deref()),
        (Some("1980-01-02"), Some("M2"))
    );
}

#[tokio::test]
async fn one_id_number_makes_a_pair_and_goes_over_with_a_merge() {
    let house = House::new().await;
    let keys = || Keys::of(&[1; 32]).unwrap();
    let store = house.store.clone().with_keys(keys(), NOW_US).await.unwrap();
    let people = [
        person(1, "王芳/female/1949-12-31//"),
        person(2, "汪方/female/1949-12-31/M2/"),
        person(3, "王小宝/male/2015-01-02/M3/"),
    ];
    store.import_people(&people).await.unwrap();
    let number = IdNumber::parse("11010519491231002X").unwrap();
    for person in [2, 3] {
        store.set_id_number(&id(person), &number).await.unwrap();
        store.set_id_number(&id(person), &number).await.unwrap();
        assert_eq!(
            store.person(&id(person)).await.unwrap().unwrap().version,
            2,
            "the same again is no change"
        );
    }
    store.find_duplicates(TODAY, NOW_US).await.unwrap();
    let pairs = house.pairs(PairState::Open).await;
    let pairs: Vec<_> =
        pairs.iter().map(|pair| (pair.a_id.as_str(), pair.b_id.as_str(), pair.rule.as_str())).collect();
    let (one, two, three) = (id(1), id(2), id(3));
    assert_eq!(
        pairs,
        [(two.as_str(), three.as_str(), "id_number"), (one.as_str(), two.as_str(), "name_birth")]
    );

    let merge = store.merge(manual(&one, &two), NOW_US).await.unwrap().id;
    assert_eq!(store.id_number_of(&one).await.unwrap(), Some(number.clone()));
    store.unmerge(&merge, "sun", NOW_US).await.unwrap();
    assert_eq!(store.id_number_of(&one).await.unwrap(), None);
    assert_eq!(store.id_number_of(&two).await.unwrap(), Some(number));

    // Another key opens nothing, and is not taken.
    let other = house.store.clone().with_keys(Keys::of(&[2; 32]).unwrap(), NOW_US).await;
    assert!(matches!(other, Err(StorageError::OtherKey)));
    assert!(house.store.clone().with_keys(keys(), NOW_US).await.is_ok());
    assert_eq!(house.store.id_number_of(&two).await.unwrap(), None, "nor does none");
}

/// People, what they have, and merges among them.
type Plan = (Vec<(u8, u8, u8, u8)>, Vec<(u8, u8)>);

fn plan() -> impl Strategy<Value = Plan> {
    let people = prop::collection::vec((0_u8..4, 0_u8..3, 0_u8..8, 0_u8..16), 2..6);
    (people, prop::collection::vec((0_u8..6, 0_u8..6), 1..6))
}

async fn filled(people: &[(u8, u8, u8, u8)]) -> House {
    let house = House::new().await;
    let seeds: Vec<SeedPerson> = people
        .iter()
        .zip(1_u128..)
        .map(|((name, birth, phones, record), number)| {
            let name = ["张三", "张伞", "李四", "王五"][usize::from(*name)];
            let birth = ["", "1960-05-04", "1971-01-02"][usize::from(*birth)];
            let numbers: Vec<String> = (0..3)
                .filter(|bit| phones & (1 << bit) != 0)
                .map(|bit| format!("+861380000000{bit}"))
                .collect();
            let record = if record % 2 == 0 { String::new() } else { format!("M{number}") };
            person(number, &format!("{name}//{birth}/{record}/{}", numbers.join(" ")))
        })
        .collect();
    house.store.import_people(&seeds).await.unwrap();
    for (seed, number) in seeds.iter().zip(0_usize..) {
        let id = &seed.person.id;
        for sql in [
            format!("INSERT INTO person_identifier VALUES ('his', 'MR', '', '{number}', '{id}', '')"),
            format!(
                "INSERT INTO visit VALUES ('his', 'V{number}', '{id}', 'inpatient', 'left', '', '', '', '', '', '', \
                 NULL, NULL, '', '', '')"
            ),
            format!(
                "INSERT INTO appointment VALUES ('his', 'F{number}', '{id}', 'booked', 1, 2, '', '', '', '', '', 0, '', '')"
            ),
            format!(
                "INSERT INTO consent VALUES ('C{number}', '{id}', 'marketing', '{}', 'told', NULL, NULL, {number}, 'wang', NULL)",
                ["granted", "refused", "withdrawn"][number % 3]
            ),
            format!("INSERT INTO interaction_person VALUES ('call-{number}', '{id}', 'chosen', 'wang', 1)"),
        ] {
            house.database.execute(&sql).await.unwrap();
        }
    }
    house
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn merging_and_unmerging_leaves_everything_as_it_was((people, merges) in plan()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = filled(&people).await;
            let before = house.everything().await;
            let mut done = Vec::new();
            for (survivor, loser) in merges {
                let (survivor, loser) = (id(u128::from(survivor) + 1), id(u128::from(loser) + 1));
                if let Ok(row) = house.store.merge(manual(&survivor, &loser), NOW_US).await {
                    done.push(row.id);
                    let living = house.store.living_person(&loser).await.unwrap();
                    assert_eq!(living, survivor);
                    let numbers = house.store.phones_of(&survivor).await.unwrap();
                    let distinct: BTreeSet<&str> = numbers.iter().map(|phone| phone.number.as_str()).collect();
                    assert_eq!(distinct.len(), numbers.len(), "each number once");
                    for table in ["visit", "appointment", "interaction_person", "person_identifier"] {
                        let left = format!("SELECT count(*) FROM {table} WHERE person_id = '{loser}'");
                        assert_eq!(house.database.number(&left).await.unwrap(), Some(0), "nothing of {table} stays behind");
                    }
                }
            }
            for merge in done.iter().rev() {
                house.store.unmerge(merge, "sun", NOW_US).await.unwrap();
            }
            assert_eq!(house.everything().await, before);
        });
    }
}
