//! The plans by which the database answers what a pop and a list wait for.

use super::calls::{ALL_CALLS, CALLS_OF_AGENT, CONTACTS_OF_NUMBER, CONTACTS_OF_PERSON, LAST_PERSONS};
use super::people::{OWNERS, SEARCH};
use super::transfers::TRANSFERS;
use super::*;
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

#[tokio::test]
async fn what_a_pop_waits_for_is_searched_by_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("desk.db")).await.unwrap();
    for sql in [
        OWNERS,
        SEARCH,
        LAST_PERSONS,
        CONTACTS_OF_NUMBER,
        CONTACTS_OF_PERSON,
        ALL_CALLS,
        CALLS_OF_AGENT,
        TRANSFERS,
    ] {
        let plan = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        // Parameters that are not bound are null: the plan does not depend on them.
        let rows = sqlx::raw_sql(plan).fetch_all(&store.reader).await.unwrap();
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
    let store = Store::open(&folder.path().join("desk.db")).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    sqlx::query("INSERT INTO feed (switch_id, epoch, number) VALUES ('s', 1, 1)")
        .execute(&mut *transaction)
        .await
        .unwrap();
    drop(transaction);
    assert_eq!(store.position("s").await.unwrap(), None);
    assert_eq!(store.probe().await, StorageHealth::Ok, "its lock went with it");
}
