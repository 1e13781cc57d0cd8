//! Stories of the journal on real files.

mod limits;
mod recovery;
mod subscribers;

use super::*;
use careline_model::event::{EndCause, Party, QueueOutcome};
use careline_model::{CallId, EntryId, EventBody, QueueId};
use tempfile::TempDir;

/// A fact that can be told from others by its time.
pub(super) fn fact(at_us: i64) -> Event {
    Event { at_us, body: EventBody::SwitchDraining { calls: 0 } }
}

pub(super) fn digit() -> Event {
    Event { at_us: 0, body: EventBody::Digit { call: call(0), digit: '1', duration_ms: 100 } }
}

fn call(number: u128) -> CallId {
    CallId(uuid::Uuid::from_u128(number))
}

fn options(folder: &TempDir) -> JournalOptions {
    JournalOptions {
        retry_every: Duration::from_millis(20),
        ..JournalOptions::new(folder.path().join("journal.sqlite"), "switch-1".into())
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder for the test")
}

async fn open(folder: &TempDir) -> Journal {
    Journal::open(options(folder)).await.expect("the journal opens").0
}

/// What an operator would read of a refusal.
async fn refusal(options: JournalOptions) -> String {
    Journal::open(options).await.expect_err("the journal is refused").to_string()
}

async fn execute(journal: &Journal, sql: &'static str) {
    journal.order(|reply| Command::Execute(sql, reply)).await.expect("the writer lives");
}

/// The times of the next facts, with omitted runs as negative numbers.
async fn read(subscription: &mut Subscription, count: usize) -> Vec<i64> {
    let mut seen = Vec::new();
    while seen.len() < count {
        let numbered = subscription.next().await.expect("the next message");
        seen.push(match numbered.fact {
            Fact::Event(event) => event.at_us,
            Fact::Omitted(count) => -i64::try_from(count).expect("a small number"),
        });
    }
    seen
}

fn position(journal: &Journal, number: u64) -> Position {
    Position { epoch: journal.head().0, number }
}

fn offered(number: u128, at_us: i64) -> Event {
    let (caller, dialled) = ("13812345678".into(), "1001".into());
    let body = EventBody::CallOffered {
        call: call(number),
        caller,
        caller_name: "".into(),
        dialled,
        line: "main".into(),
        medium: String::new(),
        trunk: None,
    };
    Event { at_us, body }
}

fn queued(number: u128, at_us: i64) -> Event {
    let queue = QueueId::from("outpatient");
    Event {
        at_us,
        body: EventBody::QueueEntered { call: call(number), entry: EntryId(1), queue, position: 1 },
    }
}

fn left(number: u128) -> Event {
    let queue = QueueId::from("outpatient");
    let (entry, outcome) = (EntryId(1), QueueOutcome::Abandoned);
    Event { at_us: 0, body: EventBody::QueueLeft { call: call(number), entry, queue, outcome, wait_ms: 1 } }
}

fn ended(number: u128) -> Event {
    let (cause, ended_by) = (EndCause::QueueAbandoned, Party::Caller);
    let body = EventBody::CallEnded { call: call(number), cause, ended_by, duration_ms: 1, talk_ms: 0 };
    Event { at_us: 0, body }
}
