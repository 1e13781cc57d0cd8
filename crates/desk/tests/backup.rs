//! Copies of a database that is in use, and putting one back, with the key of its ID numbers and without.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: what surprises it ends it, and it waits by the clock"
)]

#[allow(dead_code, reason = "its stores are opened with a key")]
#[path = "common/place.rs"]
mod place;

use careline_desk::backup::{BackupError, Restore, SideCar, make, put_back};
use careline_desk::config::{Config, parse};
use careline_desk::identity::IdNumber;
use careline_desk::run::open_store;
use careline_desk::seed::generate;
use careline_desk::storage::{NewPerson, Place, Store};
use careline_testkit::Database;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const SAMPLE: &str = include_str!("../../../config/desk.toml");
const NOW_US: i64 = 1_772_323_200_000_000;
const NUMBER: &str = "11010519491231002X";
const REPLACE: Restore = Restore { replace: true, forget_id_numbers: false };

struct Desk {
    database: Database,
    config: Config,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let database = place::database().await;
        let folder = tempfile::tempdir().unwrap();
        let mut config =
            parse(SAMPLE, "desk.toml", Path::new("config")).unwrap_or_else(|_| panic!("the sample holds"));
        config.database = place::place(&database);
        config.key_file = folder.path().join("desk.key");
        // Nobody listens there.
        config.http = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self { database, config, folder }
    }

    async fn open(&self) -> Store {
        open_store(&self.config).await.unwrap()
    }

    fn copy(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn people(&self) -> i64 {
        self.database.count("person").await.unwrap()
    }
}

async fn add(store: &Store, name: &str) -> String {
    let new = NewPerson {
        name: name.into(),
        sex: "unknown".into(),
        birth_date: None,
        source_code: String::new(),
        number: None,
        call_id: None,
    };
    store.add_person(new, "test", NOW_US).await.unwrap().id
}

#[tokio::test]
async fn a_copy_made_while_the_desk_writes_brings_back_what_was_there() {
    let desk = Desk::new().await;
    let store = desk.open().await;
    store.import_people(&generate(200, 7, &desk.config.numbers)).await.unwrap();
    let known = add(&store, "王芳").await;
    store.set_id_number(&known, &IdNumber::parse(NUMBER).unwrap()).await.unwrap();
    let copy = desk.copy("copy");
    // Writes go on while it is made: it holds them or not, but is whole.
    let writes = async {
        for at in 0..50 {
            add(&store, &format!("后来{at}")).await;
        }
    };
    let (made, ()) = tokio::join!(make(&desk.config, &store, &copy, NOW_US), writes);
    let made = made.unwrap();
    assert_eq!(made.key, store.data_key().await.unwrap());
    let mode = std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "its owner's alone");
    let bytes = std::fs::read(&copy).unwrap();
    assert!(
        !bytes.windows(NUMBER.len()).any(|part| part == NUMBER.as_bytes()),
        "no ID number lies open in it"
    );
    let again = make(&desk.config, &store, &copy, NOW_US).await;
    assert!(matches!(again, Err(BackupError::Exists(_))), "{again:?}");

    for at in 0..10 {
        add(&store, &format!("丢失{at}")).await;
    }
    store.close().await;
    put_back(&desk.config, &copy, REPLACE, "20260301T000000Z").await.unwrap();
    let people = desk.people().await;
    assert!((201..=251).contains(&people), "{people}");
    let lost = desk.database.number("SELECT count(*) FROM person WHERE name LIKE '丢失%'").await.unwrap();
    assert_eq!(lost, Some(0));
    let store = desk.open().await;
    assert_eq!(store.id_number_of(&known).await.unwrap().unwrap().as_str(), NUMBER);
    store.close().await;
    if let Place::File(file) = &desk.config.database {
        let aside = file.with_file_name(format!(
            "{}.before-20260301T000000Z",
            file.file_name().unwrap().to_string_lossy()
        ));
        assert!(aside.is_file(), "what was there is kept");
    }
}

#[tokio::test]
async fn without_its_key_a_copy_comes_back_only_without_its_id_numbers() {
    let desk = Desk::new().await;
    let store = desk.open().await;
    let known = add(&store, "王芳").await;
    store.set_id_number(&known, &IdNumber::parse(NUMBER).unwrap()).await.unwrap();
    let copy = desk.copy("copy");
    make(&desk.config, &store, &copy, NOW_US).await.unwrap();
    store.close().await;
    std::fs::remove_file(&desk.config.key_file).unwrap();
    // The desk does not begin with another key by itself.
    let refused = open_store(&desk.config).await.unwrap_err().to_string();
    assert!(refused.contains("is not there: put it back"), "{refused}");
    let refused = put_back(&desk.config, &copy, REPLACE, "x").await;
    assert!(matches!(refused, Err(BackupError::Key(_))), "{refused:?}");
    let how = Restore { forget_id_numbers: true, ..REPLACE };
    put_back(&desk.config, &copy, how, "y").await.unwrap();
    let store = desk.open().await;
    assert_eq!(store.person(&known).await.unwrap().unwrap().name, "王芳");
    assert_eq!(store.id_number_of(&known).await.unwrap(), None);
    store.set_id_number(&known, &IdNumber::parse(NUMBER).unwrap()).await.unwrap();
    assert!(store.id_number_of(&known).await.unwrap().is_some(), "under a new key");
    store.close().await;
}

#[tokio::test]
async fn what_is_no_whole_copy_or_in_the_way_changes_nothing() {
    let desk = Desk::new().await;
    let store = desk.open().await;
    add(&store, "王芳").await;
    let copy = desk.copy("copy");
    make(&desk.config, &store, &copy, NOW_US).await.unwrap();
    add(&store, "李四").await;
    store.close().await;
    let refused = async |how: Restore, config: &Config| {
        let refused = put_back(config, &copy, how, "x").await.unwrap_err();
        assert_eq!(desk.people().await, 2, "{refused}");
        refused
    };
    let in_use = refused(Restore::default(), &desk.config).await;
    assert!(matches!(in_use, BackupError::InUse(_)), "{in_use}");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let running = Config { http: listener.local_addr().unwrap(), ..desk.config.clone() };
    assert!(matches!(refused(REPLACE, &running).await, BackupError::Running(_)));

    let beside = desk.copy("copy.json");
    let told: SideCar = serde_json::from_slice(&std::fs::read(&beside).unwrap()).unwrap();
    let tell = |told: &SideCar| std::fs::write(&beside, serde_json::to_vec(told).unwrap()).unwrap();
    tell(&SideCar { database: "another".into(), ..told.clone() });
    assert!(matches!(refused(REPLACE, &desk.config).await, BackupError::Kind(_)));
    tell(&SideCar { form: 2, ..told.clone() });
    assert!(matches!(refused(REPLACE, &desk.config).await, BackupError::SideCar(..)));
    tell(&told);
    let mut bytes = std::fs::read(&copy).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&copy, &bytes).unwrap();
    assert!(matches!(refused(REPLACE, &desk.config).await, BackupError::SideCar(..)));
    std::fs::remove_file(&beside).unwrap();
    assert!(matches!(refused(REPLACE, &desk.config).await, BackupError::File(..)));
}
