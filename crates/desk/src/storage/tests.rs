//! The plans by which the database answers what a pop and a list wait for.

use super::calls::{ALL_CALLS, CALLS_OF_AGENT, CONTACTS_OF_NUMBER, CONTACTS_OF_PERSON, LAST_PERSONS};
use super::people::{OWNERS, SEARCH};
use super::transfers::TRANSFERS;
use super::*;
use careline_testkit::Database;
use careline_testkit::postgres::SUPERUSER;
use sqlx::Row;

const TABLES: [&str; 12] = [
    "person",
    "person_phone",
    "interaction",
    "interaction_person",
    "note",
    "recording",
    "offer",
    "transfer",
    "p",
    "i",
    "t",
    "c",
];

const SEARCHED: [&str; 8] = [
    OWNERS,
    SEARCH,
    LAST_PERSONS,
    CONTACTS_OF_NUMBER,
    CONTACTS_OF_PERSON,
    ALL_CALLS,
    CALLS_OF_AGENT,
    TRANSFERS,
];

#[tokio::test]
async fn what_a_pop_waits_for_is_searched_by_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Place::File(folder.path().join("desk.db"))).await.unwrap();
    let Pool::Sqlite(reader) = &store.reader else { panic!("it is a file") };
    for sql in SEARCHED {
        let plan = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        // Parameters that are not bound are null: the plan does not depend on them.
        let rows = sqlx::raw_sql(plan).fetch_all(reader).await.unwrap();
        assert!(!rows.is_empty());
        for row in rows {
            let step: String = row.get("detail");
            let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            assert!(!scanned.is_some_and(|table| TABLES.contains(&table)), "{step} in {sql}");
        }
    }
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Place::File(folder.path().join("desk.db"))).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    sql::query("INSERT INTO feed (switch_id, epoch, number) VALUES ('s', 1, 1)")
        .execute(&mut transaction)
        .await
        .unwrap();
    drop(transaction);
    assert_eq!(store.position("s").await.unwrap(), None);
    assert_eq!(store.probe().await, StorageHealth::Ok, "its lock went with it");
}

#[tokio::test]
async fn a_server_searches_by_index_too() {
    let database = Database::new().await.unwrap();
    let Database::Server { port, name } = &database else { return };
    let server = Server {
        host: "127.0.0.1".into(),
        port: *port,
        database: name.clone(),
        user: SUPERUSER.into(),
        password: None,
        tls: ServerTls::Off,
    };
    Store::open(&Place::Server(server)).await.unwrap();
    // Empty tables are read whole, unless that is forbidden: then only where nothing else is possible.
    let mut sql = "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan;".to_owned();
    for (number, searched) in SEARCHED.iter().enumerate() {
        let values = (1..9).filter(|value| searched.contains(&format!("${value}"))).map(|_| "NULL");
        let values = values.collect::<Vec<_>>().join(", ");
        sql += &format!("PREPARE s{number} AS {searched}; EXPLAIN EXECUTE s{number} ({values});");
    }
    let plans = database.explained(&sql).await.unwrap();
    assert!(plans.len() > SEARCHED.len());
    for step in plans {
        let scanned = step.trim_start_matches(['-', '>', ' ']).strip_prefix("Seq Scan on ");
        let table = scanned.and_then(|rest| rest.split(' ').next());
        assert!(!table.is_some_and(|table| TABLES.contains(&table)), "{step}");
    }
}
