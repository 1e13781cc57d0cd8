//! The same facts give the same history, however they are cut into transactions and however often they come again.
#![allow(clippy::unwrap_used, reason = "helpers of a test may fail it")]

mod common;

use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, CallDirection, EndCause, OfferOutcome, Party, QueueOutcome,
    TransferOutcome,
};
use careline_model::{EntryId, Event, EventBody, OfferId};
use careline_testkit::Database;
use common::place::{database, open};
use common::{START_US, SWITCH, answered_call, call, count, history, numbered, offered, timed};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Calls at the same time in a generated day.
const CALLS: u64 = 4;

/// One step of a generated day: whose call, what, how much later.
type Step = (u64, u8, i64);

/// What may happen next to a call, so that generated days make sense.
#[derive(Default)]
struct Day {
    events: Vec<Event>,
    now_us: i64,
    /// Calls that are open, with their number among all.
    open: Vec<Option<OpenCall>>,
    calls: u64,
    things: u64,
}

#[derive(Default, Clone)]
struct OpenCall {
    number: u64,
    entry: Option<u64>,
    offer: Option<u64>,
    passed_on: bool,
    recordings: BTreeSet<u64>,
}

impl Day {
    fn of(steps: &[Step]) -> Vec<Event> {
        let mut day = Self { now_us: START_US, open: vec![None; CALLS as usize], ..Self::default() };
        for &(slot, what, later_us) in steps {
            day.now_us += later_us;
            day.step(slot as usize, what);
        }
        day.events
    }

    fn happens(&mut self, body: EventBody) {
        self.events.push(Event { at_us: self.now_us, body });
    }

    fn thing(&mut self) -> u64 {
        self.things += 1;
        self.things
    }

    fn step(&mut self, slot: usize, what: u8) {
        if what == 0 {
            self.open.fill(None);
            return self.happens(EventBody::SwitchStarted { version: "1".into() });
        }
        let Some(mut open) = self.open[slot].take() else {
            self.calls += 1;
            let number = self.calls;
            if what == 13 {
                let (call, agent, to) = (call(number), "1001".into(), "+8613812345678".into());
                let (direction, trunk_group) = (CallDirection::Outbound, Some("city".into()));
                self.happens(EventBody::CallDialled { call, agent, direction, to, trunk_group });
            } else {
                self.happens(offered(number, "+8613812345678"));
            }
            self.open[slot] = Some(OpenCall { number, ..OpenCall::default() });
            return;
        };
        let ended = self.talk(&mut open, what);
        if !ended {
            self.open[slot] = Some(open);
        }
    }

    /// True when the call ended.
    fn talk(&mut self, open: &mut OpenCall, what: u8) -> bool {
        let call = call(open.number);
        match (what, open.entry, open.offer) {
            (1, ..) => {
                let flow = format!("flow-{}", self.things).as_str().into();
                self.happens(EventBody::FlowEntered { call, flow, version: 1 });
            }
            (2 | 3, None, _) => {
                let entry = self.thing();
                open.entry = Some(entry);
                let queue = format!("queue-{}", entry % 3).as_str().into();
                self.happens(EventBody::QueueEntered { call, entry: EntryId(entry), queue, position: 1 });
            }
            (3 | 4, Some(entry), None) => {
                let offer = self.thing();
                open.offer = Some(offer);
                let (entry, offer) = (EntryId(entry), OfferId(offer));
                self.happens(EventBody::OfferMade { call, entry, offer, agent: "1001".into() });
            }
            (4 | 5, Some(entry), Some(offer)) => {
                open.offer = None;
                let outcome = if what == 4 { OfferOutcome::Answered } else { OfferOutcome::NoAnswer };
                let (entry, offer, agent) = (EntryId(entry), OfferId(offer), "1001".into());
                self.happens(EventBody::OfferEnded { call, entry, offer, agent, outcome, ring_ms: 7 });
            }
            (5 | 6, Some(entry), None) => {
                open.entry = None;
                let queue = format!("queue-{}", entry % 3).as_str().into();
                let (entry, outcome) = (EntryId(entry), QueueOutcome::Answered);
                self.happens(EventBody::QueueLeft { call, entry, queue, outcome, wait_ms: 11 });
            }
            (6 | 7, None, _) => {
                let agent = format!("10{:02}", self.things % 5).as_str().into();
                self.happens(EventBody::CallConnected { call, agent, queue: None });
            }
            (8, ..) => {
                let segment = self.thing();
                open.recordings.insert(segment);
                let recording = format!("{call}-{segment}").as_str().into();
                self.happens(EventBody::RecordingStarted { call, recording });
            }
            (9 | 10, ..) => self.recording(open, what),
            (11, ..) => {
                let (agent, intent) = ("1001".into(), AgentIntent::NotReady("lunch".into()));
                let (work, device) = (AgentWork::Idle, AgentDevice::Registered);
                self.happens(EventBody::AgentState { agent, intent, work, device });
            }
            (13, None, _) => {
                open.passed_on = !open.passed_on;
                let (agent, to, outcome) = ("1001".into(), "1002".into(), TransferOutcome::Connected);
                self.happens(if open.passed_on {
                    EventBody::TransferStarted { call, agent, to, attended: false }
                } else {
                    EventBody::TransferEnded { call, outcome, ring_ms: 9 }
                });
            }
            (12, None, None) => {
                let (cause, ended_by) = (EndCause::Completed, Party::Caller);
                self.happens(EventBody::CallEnded { call, cause, ended_by, duration_ms: 100, talk_ms: 50 });
                return true;
            }
            _ => self.happens(EventBody::Digit { call, digit: '1', duration_ms: 80 }),
        }
        false
    }

    fn recording(&mut self, open: &mut OpenCall, what: u8) {
        let Some(segment) = open.recordings.first().copied() else { return };
        let call = call(open.number);
        let recording = format!("{call}-{segment}").as_str().into();
        self.happens(if what == 9 {
            EventBody::RecordingIncomplete { call, recording, reason: "disk full".into() }
        } else {
            open.recordings.remove(&segment);
            let sha256 = format!("{segment}");
            EventBody::RecordingFinished { call, recording, duration_ms: 4, bytes: 5, sha256, complete: true }
        });
    }
}

fn days() -> impl Strategy<Value = Vec<Event>> {
    // A moment may hold several events.
    let step = (0..CALLS, prop_oneof![1 => Just(0_u8), 40 => 1..=13_u8], 0..3000_i64);
    proptest::collection::vec(step, 1..120).prop_map(|steps| Day::of(&steps))
}

struct Desk {
    database: Database,
}

impl Desk {
    async fn new() -> Self {
        Self { database: database().await }
    }

    /// As after a restart: every batch meets a database that was just opened.
    async fn apply(&self, events: &[Event], epoch: u64, after: u64, batch: usize) {
        let received = numbered(events, epoch, after);
        for (turn, chunk) in received.chunks(batch.max(1)).enumerate() {
            let store = open(&self.database).await;
            store.apply(SWITCH, chunk).await.unwrap();
            if turn % 3 == 1 {
                let again = store.apply(SWITCH, chunk).await.unwrap();
                assert_eq!(again.stored, 0, "what is known is not stored twice");
            }
            store.close().await;
        }
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Each case opens some dozen databases: few, unless somebody asks for many.
fn cases() -> ProptestConfig {
    let config = ProptestConfig::default();
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig { cases: if asked { config.cases.min(200) } else { 24 }, ..config }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn cuts_and_repeats_change_nothing(
        events in days(),
        batch in 1..64_usize,
        from in 0..120_usize,
        upto in 0..120_usize,
        forgets in any::<bool>(),
    ) {
        block_on(async {
            let (whole, cut) = (Desk::new().await, Desk::new().await);
            whole.apply(&events, 1, 0, events.len()).await;
            // Some events; then a new epoch begins with a part of what is known, and goes on.
            let upto = upto.min(events.len());
            let from = from.min(upto);
            // Cut before the first event, the database is there and empty.
            open(&cut.database).await.close().await;
            cut.apply(&events[..upto], 1, 0, batch).await;
            if forgets {
                // Events that were tidied away cannot be recognised: the rows' own keys must do.
                cut.database.execute("DELETE FROM switch_event").await.unwrap();
            }
            cut.apply(&events[from..], 2, 0, batch).await;
            prop_assert_eq!(history(&whole.database).await, history(&cut.database).await);
            if !forgets {
                let stored = i64::try_from(events.len()).unwrap();
                prop_assert_eq!(count(&cut.database, "switch_event").await, stored, "each event is stored once");
                let store = open(&cut.database).await;
                let again = i64::try_from(upto - from).unwrap();
                let feeds = store.feeds().await.unwrap();
                prop_assert!(feeds[0].again >= again, "{} < {again}", feeds[0].again);
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_call_becomes_rows() {
    let desk = Desk::new().await;
    desk.apply(&timed(answered_call(1, "+8613812345678")), 1, 0, 256).await;
    let id = call(1);
    assert_eq!(
        history(&desk.database).await,
        [
            format!(
                "agent_state: switch_id=switch-1 agent=1001 at_us={} intent=ready work=talking device=in_use",
                START_US + 8000
            ),
            format!(
                "interaction: call_id={id} switch_id=switch-1 channel=phone direction=in caller=+8613812345678 \
                 caller_name= dialled=12320 line=main medium=website trunk=- flow=main queue=general agent=1001 \
                 offered_us={START_US} connected_us={} ended_us={} wait_ms=5 talk_ms=4 duration_ms=12 \
                 end_cause=completed ended_by=caller",
                START_US + 6000,
                START_US + 9000
            ),
            format!(
                "offer: call_id={id} offer=1 entry=1 agent=1001 made_us={} ended_us={} outcome=answered ring_ms=3",
                START_US + 3000,
                START_US + 4000
            ),
            format!(
                "queue_visit: call_id={id} entry=1 queue=general entered_us={} left_us={} outcome=answered wait_ms=5",
                START_US + 2000,
                START_US + 5000
            ),
            format!(
                "recording: id={id}-1 call_id={id} switch_id=switch-1 started_us={} finished_us={} duration_ms=4 \
                 bytes=64 sha256=00 complete=1 trouble=-",
                START_US + 7000,
                START_US + 10000
            ),
        ]
    );
}

#[tokio::test]
async fn who_passed_a_dialled_call_on_becomes_rows_once() {
    let id = call(1);
    let agent = |id: &str| id.into();
    let started = |from: &str, to: &str, attended| {
        let (call, agent, to) = (id, from.into(), to.into());
        EventBody::TransferStarted { call, agent, to, attended }
    };
    let ended = |outcome| EventBody::TransferEnded { call: id, outcome, ring_ms: 9 };
    let (direction, to) = (CallDirection::Outbound, "+8613812345678".into());
    let events = timed(vec![
        EventBody::CallDialled { call: id, agent: agent("1001"), direction, to, trunk_group: None },
        EventBody::CallConnected { call: id, agent: agent("1001"), queue: None },
        started("1001", "1002", false),
        ended(TransferOutcome::Busy),
        EventBody::CallConnected { call: id, agent: agent("1001"), queue: None },
        started("1001", "1003", true),
        ended(TransferOutcome::Connected),
        EventBody::CallConnected { call: id, agent: agent("1003"), queue: None },
    ]);
    let desk = Desk::new().await;
    desk.apply(&events, 1, 0, 3).await;
    let rows = history(&desk.database).await;
    let row = |began: i64, to: &str, attended: u8, outcome: &str| {
        format!(
            "transfer: call_id={id} began_us={} agent=1001 target={to} attended={attended} ended_us={} \
             outcome={outcome} ring_ms=9",
            START_US + began,
            START_US + began + 1000
        )
    };
    assert_eq!(rows[1..], [row(2000, "1002", 0, "busy"), row(5000, "1003", 1, "connected")], "{rows:?}");
    assert!(rows[0].contains("direction=out caller=+8613812345678"), "{rows:?}");
    assert!(rows[0].contains("agent=1003") && rows[0].contains("ended_us=-"), "{rows:?}");
    // A new epoch tells an older stretch again, after its events were tidied away: nothing is opened or ended anew.
    desk.database.execute("DELETE FROM switch_event").await.unwrap();
    desk.apply(&events[2..], 2, 0, 1).await;
    assert_eq!(history(&desk.database).await, rows);
}

#[tokio::test]
async fn a_start_ends_what_a_lost_journal_forgot() {
    let desk = Desk::new().await;
    let mut bodies: Vec<EventBody> = answered_call(1, "").into_iter().take(4).collect();
    bodies.push(EventBody::SwitchStarted { version: "1".into() });
    bodies.push(offered(2, ""));
    desk.apply(&timed(bodies), 1, 0, 256).await;
    let rows = history(&desk.database).await;
    let ended = START_US + 4000;
    let whole = rows.join("\n");
    assert!(
        whole.contains(&format!(
            "ended_us={ended} wait_ms=2 talk_ms=0 duration_ms=4 end_cause=switch_crashed"
        )),
        "{whole}"
    );
    assert!(whole.contains(&format!("left_us={ended} outcome=system_fault wait_ms=2")), "{whole}");
    assert!(whole.contains(&format!("ended_us={ended} outcome=cancelled ring_ms=1")), "{whole}");
    assert!(whole.contains("end_cause=- ended_by=-"), "the call after the start is open: {whole}");
}
