//! What is written is read again, and what must not be written is refused with a word.
#![allow(clippy::unwrap_used, reason = "helpers of a test may fail it")]

mod common;

use careline_desk::rights::Role;
use careline_desk::storage::{
    CallFilter, NewAccount, NewPerson, NewPhone, Person, PersonQuery, PhoneRow, Place, SeedPerson,
    StorageError, StorageHealth, Store, initials,
};
use careline_testkit::Database;
use common::place::{database, open};
use common::{START_US, SWITCH, answered_call, call, numbered, timed};

const NUMBER: &str = "+8613812345678";

struct Desk {
    database: Database,
    store: Store,
}

impl Desk {
    async fn new() -> Self {
        let database = database().await;
        let store = open(&database).await;
        Self { database, store }
    }

    async fn account(&self, login: &str, agent: Option<&str>) -> careline_desk::storage::Account {
        self.store.add_account(new_account(login, agent)).await.unwrap()
    }

    async fn person(&self, name: &str, number: Option<&str>, call_id: Option<String>, now_us: i64) -> Person {
        let number = number.map(|number| (number.to_owned(), number.to_owned(), "mobile".to_owned()));
        let new = NewPerson {
            name: name.into(),
            sex: "female".into(),
            birth_date: Some("1960-05-04".into()),
            source_code: "friend".into(),
            number,
            call_id,
        };
        self.store.add_person(new, "account", now_us).await.unwrap()
    }
}

fn new_account(login: &str, agent: Option<&str>) -> NewAccount {
    NewAccount {
        login: login.into(),
        name: "王芳".into(),
        roles: if agent.is_some() { Role::Agent.into() } else { Role::Supervisor.into() },
        agent: agent.map(str::to_owned),
        password_hash: "$argon2id$".into(),
        created_us: START_US,
    }
}

#[tokio::test]
async fn accounts_and_sign_ins() {
    let desk = Desk::new().await;
    let store = &desk.store;
    let account = desk.account("wang", Some("1001")).await;
    assert_eq!(store.account_by_login("wang").await.unwrap(), Some(account.clone()));
    assert_eq!(store.account(&account.id).await.unwrap(), Some(account.clone()));
    assert_eq!(store.account_by_login("li").await.unwrap(), None);
    let taken = store.add_account(new_account("wang", Some("1002"))).await;
    assert!(matches!(taken, Err(StorageError::LoginTaken)), "{taken:?}");
    let taken = store.add_account(new_account("li", Some("1001"))).await;
    assert!(matches!(taken, Err(StorageError::AgentTaken)), "{taken:?}");
    desk.account("chief", None).await;
    desk.account("second", None).await;
    assert_eq!(store.accounts().await.unwrap().len(), 3);

    store.start_sign_in("digest", &account.id, 10).await.unwrap();
    store.touch_sign_in("digest", 20).await.unwrap();
    store.touch_sign_in("digest", 15).await.unwrap();
    let sign_in = store.sign_in("digest").await.unwrap().unwrap();
    assert_eq!((sign_in.created_us, sign_in.seen_us, sign_in.account), (10, 20, account.clone()));
    assert_eq!(store.sign_in("other").await.unwrap(), None);
    store.end_sign_in("digest", 30).await.unwrap();
    assert_eq!(store.sign_in("digest").await.unwrap(), None);

    store.start_sign_in("again", &account.id, 40).await.unwrap();
    store.set_disabled("wang", true, 50).await.unwrap();
    assert_eq!(store.sign_in("again").await.unwrap(), None);
    assert!(store.account(&account.id).await.unwrap().unwrap().disabled);
    store.set_disabled("wang", false, 60).await.unwrap();
    assert_eq!(store.sign_in("again").await.unwrap(), None, "what ended stays ended");
    assert!(matches!(store.set_disabled("nobody", true, 0).await, Err(StorageError::Unknown(_))));
    let unknown = store.start_sign_in("x", "no account", 0).await;
    assert!(matches!(unknown, Err(StorageError::Unknown(_))), "{unknown:?}");
    assert_eq!(
        *store.health().borrow(),
        StorageHealth::Ok,
        "an asker's mistake is no trouble of the database"
    );
    store.log_access(1, &account.id, "pop", "call", "x").await.unwrap();
    assert_eq!(common::count(&desk.database, "access_log").await, 1);
}

#[tokio::test]
async fn a_person_met_in_a_call_is_found_by_everything() {
    let desk = Desk::new().await;
    let store = &desk.store;
    let in_call = call(1).to_string();
    let person = desk.person("张建国", Some(NUMBER), Some(in_call.clone()), START_US).await;
    assert_eq!(store.person(&person.id).await.unwrap(), Some(person.clone()));
    assert_eq!(store.chosen_person(&in_call).await.unwrap(), Some((person.id.clone(), "new".to_owned())));
    let phones = store.phones_of(&person.id).await.unwrap();
    assert_eq!((phones.len(), phones[0].number.as_str(), phones[0].relation.as_str()), (1, NUMBER, "self"));
    let owners = store.owners_of(NUMBER, 10).await.unwrap();
    assert_eq!((owners.len(), &owners[0].person, &owners[0].phone), (1, &person, &phones[0]));
    assert!(store.owners_of("", 10).await.unwrap().is_empty());

    desk.person("李雷", None, None, START_US).await;
    for (text, number, found) in [
        ("张", None, 1),
        ("张建国", None, 1),
        ("建", None, 0),
        ("zjg", None, 1),
        ("ZJ", None, 1),
        ("l", None, 1),
        ("138", Some(NUMBER), 1),
        ("138", None, 0),
        ("  ", None, 0),
        ("%", None, 0),
    ] {
        let query = PersonQuery { text: text.into(), number: number.map(str::to_owned) };
        assert_eq!(store.search_people(&query, 20).await.unwrap().len(), found, "{text}");
    }
}

#[tokio::test]
async fn a_number_of_nine_persons_is_shared() {
    let desk = Desk::new().await;
    for n in 0..9 {
        let owners = desk.store.owners_of(NUMBER, 20).await.unwrap();
        assert!(owners.iter().all(|owner| !owner.phone.shared), "{n}");
        desk.person(&format!("王{n}"), Some(NUMBER), None, START_US).await;
    }
    let owners = desk.store.owners_of(NUMBER, 20).await.unwrap();
    assert_eq!(owners.len(), 9);
    assert!(owners.iter().all(|owner| owner.phone.shared));
}

#[tokio::test]
async fn people_are_imported_once() {
    let desk = Desk::new().await;
    let people: Vec<SeedPerson> = (0..2500).map(seeded).collect();
    desk.store.import_people(&people).await.unwrap();
    assert_eq!(common::count(&desk.database, "person").await, 2500);
    assert_eq!(common::count(&desk.database, "person_phone").await, 5000);
    assert_eq!(desk.store.person(&people[7].person.id).await.unwrap().as_ref(), Some(&people[7].person));
    let query = PersonQuery { text: "MZ000000000007".into(), number: None };
    assert_eq!(desk.store.search_people(&query, 5).await.unwrap(), [people[7].person.clone()]);
    assert!(matches!(desk.store.import_people(&people).await, Err(StorageError::NotEmpty)));
}

fn seeded(n: u32) -> SeedPerson {
    let person = Person {
        id: format!("0190a5b0-0000-7abc-8def-{n:012x}"),
        record_number: Some(format!("MZ{n:012}")),
        kind: "patient".into(),
        name: "单晓峰".into(),
        sex: "male".into(),
        birth_date: None,
        address: "x".into(),
        alert: "听力不便".into(),
        deceased: false,
        source_code: "web".into(),
        version: 1,
    };
    let phone = |kind: &str, number: String, priority| NewPhone {
        raw: number.clone(),
        phone: PhoneRow {
            number,
            kind: kind.into(),
            relation: "self".into(),
            authorised: true,
            priority,
            shared: false,
        },
    };
    let phones = vec![
        phone("mobile", format!("+86138{n:08}"), 0),
        phone("landline", format!("+865432{:06}", n / 3), 1),
    ];
    SeedPerson { person, first_seen_us: START_US, phones }
}

#[tokio::test]
async fn notes_never_overwrite_unseen() {
    let desk = Desk::new().await;
    let store = &desk.store;
    assert_eq!(store.note("call").await.unwrap(), None);
    let first = store.save_note("call", "复诊", "a", 0, 1).await.unwrap().unwrap();
    assert_eq!((first.version, store.note("call").await.unwrap()), (1, Some(first.clone())));
    let second = store.save_note("call", "复诊,带片子", "a", 1, 2).await.unwrap().unwrap();
    let conflict = store.save_note("call", "另一个窗口", "a", 1, 3).await.unwrap().unwrap_err();
    assert_eq!(conflict.current, Some(second.clone()));
    let repeated = store.save_note("call", "复诊,带片子", "a", 1, 4).await.unwrap().unwrap();
    assert_eq!(repeated, second, "its answer was lost: one save");
    assert!(store.save_note("call", "x", "a", 0, 5).await.unwrap().is_err());
    assert_eq!(store.save_note("none", "x", "a", 3, 5).await.unwrap().unwrap_err().current, None);
}

#[tokio::test]
async fn the_history_of_a_number_and_of_a_person() {
    let desk = Desk::new().await;
    let store = &desk.store;
    let events = timed((1..=3).flat_map(|n| answered_call(n, NUMBER)).collect());
    store.apply(SWITCH, &numbered(&events, 1, 0)).await.unwrap();
    let mother = desk.person("张秀英", Some(NUMBER), None, START_US).await;
    let son = desk.person("张伟", Some(NUMBER), None, START_US).await;
    let ids: Vec<String> = (1..=3).map(|n| call(n).to_string()).collect();
    store.choose_person(&ids[0], &mother.id, "chosen", "a", 1).await.unwrap();
    store.choose_person(&ids[1], &son.id, "only", "a", 2).await.unwrap();
    store.choose_person(&ids[1], &mother.id, "chosen", "a", 3).await.unwrap();
    store.choose_person(&ids[1], &son.id, "only", "a", 4).await.unwrap();
    store.choose_person(&ids[2], &son.id, "chosen", "a", 5).await.unwrap();
    let nobody = store.choose_person(&ids[2], "nobody", "chosen", "a", 6).await;
    assert!(matches!(nobody, Err(StorageError::Unknown(_))), "{nobody:?}");
    store.save_note(&ids[1], "改约", "a", 0, 7).await.unwrap().unwrap();

    let contacts = store.contacts_of_person(&mother.id, 5).await.unwrap();
    let of: Vec<&str> = contacts.iter().map(|contact| contact.call_id.as_str()).collect();
    assert_eq!(of, [ids[1].as_str(), ids[0].as_str()], "newest first; a person's word stands over a guess");
    assert_eq!(contacts[0].note.as_deref(), Some("改约"));
    assert_eq!(contacts[0].recordings, [format!("{}-1", ids[1])]);
    assert_eq!((contacts[0].agent.as_deref(), contacts[0].talk_ms), (Some("1001"), 4));

    let second_us = store.interaction(&ids[1]).await.unwrap().unwrap().offered_us;
    let before = store.contacts_of_number(NUMBER, second_us, 5).await.unwrap();
    assert_eq!((before.len(), before[0].call_id.as_str()), (1, ids[0].as_str()));
    let last = store.last_persons_on(NUMBER, 0).await.unwrap();
    let third_us = store.interaction(&ids[2]).await.unwrap().unwrap().offered_us;
    assert_eq!(last, [(son.id.clone(), third_us, 1), (mother.id.clone(), second_us, 2)]);
    assert_eq!(store.last_persons_on(NUMBER, third_us).await.unwrap().len(), 1);
    assert!(store.last_persons_on("", 0).await.unwrap().is_empty());

    let all = store.recent_calls(&CallFilter::default(), 2).await.unwrap();
    assert_eq!(all.iter().map(|row| &row.contact.call_id).collect::<Vec<_>>(), [&ids[2], &ids[1]]);
    assert_eq!(all[0].person, Some((son.id, "张伟".to_owned())));
    let older = CallFilter { agent: Some("1001".into()), before_us: Some(second_us) };
    assert_eq!(store.recent_calls(&older, 9).await.unwrap().len(), 1);
    let other = CallFilter { agent: Some("1002".into()), before_us: None };
    assert!(store.recent_calls(&other, 9).await.unwrap().is_empty());
    assert!(store.was_with(&ids[0], "1001").await.unwrap());
    assert!(!store.was_with(&ids[0], "1002").await.unwrap());

    let recording = store.recording(&format!("{}-1", ids[0])).await.unwrap().unwrap();
    assert_eq!((recording.complete, recording.bytes), (Some(true), Some(64)));
    assert_eq!(store.recordings_of(&ids[0]).await.unwrap(), [recording]);
}

#[tokio::test]
async fn pops_count_the_first_time_only() {
    let desk = Desk::new().await;
    for sent_us in [2, 3] {
        desk.store.pop_sent("call", 1, "1001", 1, sent_us, 2).await.unwrap();
    }
    for painted_us in [4, 5] {
        desk.store.pop_painted("call", 1, painted_us).await.unwrap();
    }
    let rows = desk.database.rows("SELECT sent_us, painted_us, candidates FROM pop").await.unwrap();
    let values: Vec<_> = rows[0].iter().filter_map(|(_, value)| value.as_deref()).collect();
    assert_eq!((rows.len(), values), (1, vec!["2", "4", "2"]));
}

#[tokio::test]
async fn an_opened_database_is_opened_again_with_everything_in_it() {
    let desk = Desk::new().await;
    desk.account("wang", None).await;
    desk.store.close().await;
    let again = open(&desk.database).await;
    assert!(again.account_by_login("wang").await.unwrap().is_some());
    assert_eq!(again.probe().await, StorageHealth::Ok);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.db");
    std::fs::write(&file, "this is no database, but it is long enough to look like a file").unwrap();
    let refused = Store::open(&Place::File(file)).await.unwrap_err();
    assert_eq!(refused.health(), StorageHealth::Failed);
}

#[test]
fn initials_are_those_that_people_type() {
    for (name, typed) in [
        ("张建国", "zjg"),
        ("单晓峰", "sxf"),
        ("尉迟恭", "ycg"),
        ("Anna Li", "annali"),
        ("王 芳", "wf"),
        ("", ""),
    ] {
        assert_eq!(initials(name), typed, "{name}");
    }
}
