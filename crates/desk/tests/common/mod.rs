//! What the tests of the database share.
#![allow(dead_code, reason = "each test file takes what it needs")]

pub mod place;

use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, EndCause, OfferOutcome, Party, QueueOutcome,
};
use careline_model::{CallId, EntryId, Event, EventBody, OfferId};
use careline_rpc::{Fact, Received};
use careline_testkit::Database;

pub const SWITCH: &str = "switch-1";
/// 2026-03-01T00:00:00Z.
pub const START_US: i64 = 1_772_323_200_000_000;
/// How another program of ours begins to write at a server.
pub const BEGIN_AT_SERVER: &str = "BEGIN; SELECT pg_advisory_xact_lock(7161130662431911525)";
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

pub async fn count(database: &Database, table: &str) -> i64 {
    database.count(table).await.expect("it counts")
}

/// Every projected row as text, sorted.
pub async fn history(database: &Database) -> Vec<String> {
    let mut lines = Vec::new();
    for table in PROJECTED {
        let rows = database.rows(&format!("SELECT * FROM {table}")).await.expect("it reads");
        for row in rows {
            let cell = |(name, value): (String, Option<String>)| {
                format!("{name}={}", value.as_deref().unwrap_or("-"))
            };
            let cells: Vec<String> = row.into_iter().map(cell).collect();
            lines.push(format!("{table}: {}", cells.join(" ")));
        }
    }
    lines.sort();
    lines
}
