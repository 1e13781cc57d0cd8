//! The desk's database is judged by what stands in it, with the desk's own tables.

use careline_traffic::desk::verify::{VerifyOptions, verify};
use careline_traffic::desk::{Spread, pops};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::time::Duration;

const TABLES: &str = include_str!("../../desk/migrations/sqlite/0002_history.sql");
const PEOPLE: &str = include_str!("../../desk/migrations/sqlite/0001_ground.sql");

const EVENTS: &str = r#"{"epoch":5,"number":1,"kind":"call_offered","call":"a"}
{"epoch":5,"number":2,"kind":"offer_made","call":"a","offer":1}
{"epoch":5,"number":3,"kind":"call_ended","call":"a","cause":"completed"}
"#;

/// One answered call, as the desk writes it.
const CALL: &str = "
    INSERT INTO switch_event VALUES ('s', 5, 1, 0, 'call_offered', 'a', '{}');
    INSERT INTO switch_event VALUES ('s', 5, 2, 0, 'offer_made', 'a', '{\"offer\":1}');
    INSERT INTO switch_event VALUES ('s', 5, 3, 0, 'call_ended', 'a', '{}');
    INSERT INTO feed (switch_id, epoch, number) VALUES ('s', 5, 3);
    INSERT INTO interaction (call_id, switch_id, channel, direction, caller, caller_name, dialled, line, medium,
        offered_us, connected_us, ended_us, end_cause)
        VALUES ('a', 's', 'phone', 'in', '', '', '', '', '', 0, 1, 2, 'completed');";

async fn desk(folder: &Path, sql: &str) -> VerifyOptions {
    let database = folder.join("desk.db");
    let options = SqliteConnectOptions::new().filename(&database).create_if_missing(true);
    let mut connection: SqliteConnection = options.connect().await.expect("a database");
    for part in [PEOPLE, TABLES, sql] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(part.to_owned())).execute(&mut connection).await.expect("good SQL");
    }
    connection.close().await.expect("closed");
    let events = folder.join("events.jsonl");
    std::fs::write(&events, EVENTS).expect("writable");
    VerifyOptions { database, switch_id: "s".into(), events, within: Duration::ZERO }
}

#[tokio::test]
async fn a_desk_with_every_event_once_is_good() {
    let dir = tempfile::tempdir().expect("a folder");
    let view = verify(&desk(dir.path(), CALL).await).await.expect("readable");
    assert_eq!((view.offered, view.dialled, view.answered), (1, 0, 1));
    assert_eq!((view.desk_rows, view.event_holes), (1, 0));
    assert_eq!((view.event_repeats, view.failed), (0, vec![]));
}

#[tokio::test]
async fn a_fact_under_two_keys_is_a_repeat() {
    let dir = tempfile::tempdir().expect("a folder");
    let again = "INSERT INTO switch_event VALUES ('s', 4, 9, 0, 'offer_made', 'a', '{\"offer\":1}');
                 INSERT INTO switch_event VALUES ('s', 5, 9, 0, 'offer_made', 'a', '{\"offer\":2}');";
    let view = verify(&desk(dir.path(), &format!("{CALL}{again}")).await).await.expect("readable");
    // The first is no key of the journal's and a fact that stands there already; the second came later.
    assert_eq!((view.event_holes, view.event_repeats), (0, 2));
}

#[tokio::test]
async fn a_desk_that_is_behind_is_told_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let behind = CALL.replace("('s', 5, 3);", "('s', 5, 2);");
    let error = verify(&desk(dir.path(), &behind).await).await.expect_err("behind");
    assert!(format!("{error:#}").contains("the journal ends at (5, 3)"), "{error:#}");
}

#[tokio::test]
async fn pops_are_measured_from_offer_to_paint() {
    let dir = tempfile::tempdir().expect("a folder");
    let sql = "INSERT INTO pop VALUES ('a', 1, '1001', 1000, 2000, 41000, 1);
               INSERT INTO pop VALUES ('b', 1, '1001', 1000, 2000, 21000, 1);
               INSERT INTO pop VALUES ('c', 1, '1001', 1000, 2000, NULL, 1);";
    let pops = pops::measure(&desk(dir.path(), sql).await.database).await.expect("pops");
    assert_eq!((pops.pops, pops.unpainted, pops.pop_max_ms), (2, 1, 40.0));
}

#[test]
fn shares_are_taken_from_sorted_measurements() {
    let spread = Spread::of((1..=101).rev().map(|ms| ms * 1000).collect()).expect("some");
    assert_eq!((spread.p50_ms, spread.p95_ms, spread.p99_ms, spread.max_ms), (51.0, 96.0, 100.0, 101.0));
    assert_eq!(Spread::of(Vec::new()), None);
}
