//! What the tests of the database share.
#![allow(dead_code, reason = "each test file takes what it needs")]

use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, EndCause, OfferOutcome, Party, QueueOutcome,
};
use careline_model::{CallId, EntryId, Event, EventBody, OfferId};
use careline_rpc::{Fact, Received};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Column, Connection, Row, TypeInfo, ValueRef};
use std::path::Path;

pub const SWITCH: &str = "switch-1";
/// 2026-03-01T00:00:00Z.
pub const START_US: i64 = 1_772_323_200_000_000;
/// The tables that follow from events.
pub const PROJECTED: [&str; 7] =
    ["interaction", "queue_visit", "offer", "transfer", "recording", "agent_state", "voice_message"];

pub fn call(number: u64) -> CallId {
    format!("0190a5b0-1111-7abc-8def-{number:012x}").parse().expect("a UUID")
}

pub fn offered(number: u64, caller: &str) -> EventBody {
    EventBody::CallOffered {
        call: call(number),
        caller: caller.into(),
        caller_name: Default::default(),
        dialled: "12320".into(),
        line: "main".into(),
        medium: "website".into(),
        trunk: None,
    }
}

/// A call from its arrival to its end, answered by agent 1001.
pub fn answered_call(number: u64, caller: &str) -> Vec<EventBody> {
    let call = call(number);
    let (entry, offer) = (EntryId(number), OfferId(number));
    let agent = || "1001".into();
    vec![
        offered(number, caller),
        EventBody::FlowEntered { call, flow: "main".into(), version: 1 },
        EventBody::QueueEntered { call, entry, queue: "general".into(), position: 1 },
        EventBody::OfferMade { call, entry, offer, agent: agent() },
        EventBody::OfferEnded {
            call,
            entry,
            offer,
            agent: agent(),
            outcome: OfferOutcome::Answered,
            ring_ms: 3,
        },
        EventBody::QueueLeft {
            call,
            entry,
            queue: "general".into(),
            outcome: QueueOutcome::Answered,
            wait_ms: 5,
        },
        EventBody::CallConnected { call, agent: agent(), queue: Some("general".into()) },
        EventBody::RecordingStarted { call, recording: format!("{call}-1").as_str().into() },
        EventBody::AgentState {
            agent: agent(),
            intent: AgentIntent::Ready,
            work: AgentWork::Talking,
            device: AgentDevice::InUse,
        },
        EventBody::CallEnded {
            call,
            cause: EndCause::Completed,
            ended_by: Party::Caller,
            duration_ms: 12,
            talk_ms: 4,
        },
        EventBody::RecordingFinished {
            call,
            recording: format!("{call}-1").as_str().into(),
            duration_ms: 4,
            bytes: 64,
            sha256: "00".into(),
            complete: true,
        },
    ]
}

/// Events a millisecond apart.
pub fn timed(bodies: Vec<EventBody>) -> Vec<Event> {
    let at = |index: usize| START_US + i64::try_from(index).expect("few") * 1000;
    bodies.into_iter().enumerate().map(|(index, body)| Event { at_us: at(index), body }).collect()
}

/// Events under the keys of an epoch, after a number.
pub fn numbered(events: &[Event], epoch: u64, after: u64) -> Vec<Received> {
    let numbers = after + 1..;
    let numbered = numbers.zip(events).map(|(number, event)| Received {
        switch_id: SWITCH.into(),
        epoch,
        number,
        epoch_changed: false,
        fact: Fact::Event(event.clone()),
    });
    numbered.collect()
}

/// A connection beside the desk's own.
pub async fn beside(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await.expect("it opens")
}

pub async fn count(file: &Path, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(&mut beside(file).await).await.expect("it counts")
}

/// Every projected row as text, sorted.
pub async fn history(file: &Path) -> Vec<String> {
    let mut connection = beside(file).await;
    let mut lines = Vec::new();
    for table in PROJECTED {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
        for row in sqlx::query(sql).fetch_all(&mut connection).await.expect("it reads") {
            let cells: Vec<String> = row.columns().iter().map(|column| cell(&row, column.name())).collect();
            lines.push(format!("{table}: {}", cells.join(" ")));
        }
    }
    connection.close().await.expect("it closes");
    lines.sort();
    lines
}

fn cell(row: &sqlx::sqlite::SqliteRow, name: &str) -> String {
    let raw = row.try_get_raw(name).expect("a column");
    let value = match raw.type_info().name() {
        _ if raw.is_null() => "-".to_owned(),
        "INTEGER" => row.get::<i64, _>(name).to_string(),
        _ => row.get::<String, _>(name),
    };
    format!("{name}={value}")
}
