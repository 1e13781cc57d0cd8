//! The desk's reports say what the switch's own statistics say, for a day of random traffic.
#![allow(clippy::unwrap_used, reason = "a test: what surprises it ends it")]

#[path = "common/place.rs"]
mod place;

use careline_desk::statistics::Reports;
use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, EndCause, Event, EventBody, OfferOutcome, Party, QueueOutcome,
};
use careline_model::stats::definitions::Subject;
use careline_model::stats::report::{Length, Question};
use careline_model::stats::{Statistics, Terms};
use careline_model::{AgentId, CallId, EntryId, Number, OfferId, QueueId};
use careline_rpc::{Fact, Received};
use jiff::tz::TimeZone;

/// 2026-09-28, a Monday, 00:00 in Shanghai.
const MIDNIGHT_US: i64 = 1_790_524_800_000_000;
const HOUR_US: i64 = 3_600_000_000;

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// A day of calls, from the evening before to the morning after, in the order in which they became true.
fn day(seed: u64) -> Vec<Event> {
    let mut dice = Dice(seed);
    let mut events = vec![Event { at_us: MIDNIGHT_US - 3 * HOUR_US, body: started() }];
    for agent in ["1001", "1002", "1003"] {
        events.push(agent_is(agent, AgentWork::Idle, MIDNIGHT_US - 2 * HOUR_US));
    }
    for number in 0..600_u64 {
        let at_us = MIDNIGHT_US - HOUR_US + i64::try_from(dice.below(26 * 3600)).unwrap() * 1_000_000;
        call(number + 1, at_us, &mut dice, &mut events);
    }
    events.sort_by_key(|event| event.at_us);
    events
}

fn started() -> EventBody {
    EventBody::SwitchStarted { version: "1".into() }
}

fn agent_is(agent: &str, work: AgentWork, at_us: i64) -> Event {
    let (intent, device) = (AgentIntent::Ready, AgentDevice::Registered);
    Event { at_us, body: EventBody::AgentState { agent: agent.into(), intent, work, device } }
}

fn call(number: u64, at_us: i64, dice: &mut Dice, events: &mut Vec<Event>) {
    let call: CallId = format!("01920000-0000-7000-8000-{number:012}").parse().unwrap();
    let queue: QueueId = if dice.below(3) == 0 { "booking".into() } else { "general".into() };
    let agent: AgentId = ["1001", "1002", "1003"][usize::try_from(dice.below(3)).unwrap()].into();
    let (entry, offer) = (EntryId(number), OfferId(number));
    let wait_ms = dice.below(90_000);
    let left_us = at_us + i64::try_from(wait_ms).unwrap() * 1000;
    let talk_ms = 20_000 + dice.below(400_000);
    let outcome = match dice.below(10) {
        0 => QueueOutcome::ShortAbandoned,
        1 | 2 => QueueOutcome::Abandoned,
        3 => QueueOutcome::FlowOutTimeout,
        _ => QueueOutcome::Answered,
    };
    let mut tell = |at_us, body| events.push(Event { at_us, body });
    tell(
        at_us,
        EventBody::CallOffered {
            call,
            caller: Number::from("+8613812345678"),
            caller_name: "".into(),
            dialled: Number::from("12320"),
            line: "main".into(),
            medium: String::new(),
            trunk: None,
        },
    );
    tell(at_us, EventBody::QueueEntered { call, entry, queue: queue.clone(), position: 1 });
    let answered = outcome == QueueOutcome::Answered;
    if answered {
        tell(left_us - 1, EventBody::OfferMade { call, entry, offer, agent: agent.clone() });
        let outcome = OfferOutcome::Answered;
        let agent = agent.clone();
        tell(left_us, EventBody::OfferEnded { call, entry, offer, agent, outcome, ring_ms: 1 });
    }
    tell(left_us, EventBody::QueueLeft { call, entry, queue: queue.clone(), outcome, wait_ms });
    let talk_ms = if answered { talk_ms } else { 0 };
    if answered {
        tell(left_us, EventBody::CallConnected { call, agent, queue: Some(queue) });
    }
    let (cause, ended_by) = (EndCause::Completed, Party::Caller);
    let duration_ms = wait_ms + talk_ms;
    let end_us = left_us + i64::try_from(talk_ms).unwrap() * 1000 + 1;
    tell(end_us, EventBody::CallEnded { call, cause, ended_by, duration_ms, talk_ms });
}

#[tokio::test]
async fn the_desk_and_the_switch_say_the_same_of_a_day() {
    let database = place::database().await;
    let store = place::open(&database).await;
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let events = day(7);
    let batch: Vec<Received> = events
        .iter()
        .enumerate()
        .map(|(at, event)| Received {
            switch_id: "switch-1".into(),
            epoch: 5,
            number: at as u64 + 1,
            epoch_changed: false,
            fact: Fact::Event(event.clone()),
        })
        .collect();
    let (end_us, reports) = (MIDNIGHT_US + 24 * HOUR_US, Reports::default());
    let now_us = MIDNIGHT_US + 36 * HOUR_US;
    let mut switch = Statistics::new(zone.clone());
    let today: jiff::civil::Date = "2026-09-28".parse().unwrap();
    let question =
        |subject, length| Question { subject, ids: Vec::new(), day: today, length, by_event: false };
    // In two parts: what was counted is remembered, and gone on from.
    let half = batch.len() / 2;
    for (from, upto) in [(0, half), (half, batch.len())] {
        store.apply("switch-1", &batch[from..upto]).await.unwrap();
        events[from..upto].iter().for_each(|event| switch.take(event));
        switch.advance(end_us);
        for subject in [Subject::Queue, Subject::Agent, Subject::Line] {
            for length in [Length::Quarter, Length::HalfHour, Length::Day] {
                let question = question(subject, length);
                let own = switch.report(&question, &Terms::default());
                let desks = reports.rows(&store, &zone, "switch-1", &question, now_us).await.unwrap();
                assert!(!own.is_empty());
                assert_eq!(desks, own, "{subject:?} {length:?}");
            }
        }
    }
    let sum = async |length| -> f64 {
        let rows = reports.rows(&store, &zone, "switch-1", &question(Subject::Queue, length), now_us).await;
        let figures = rows.unwrap().into_iter().flat_map(|row| row.figures);
        figures.filter(|one| one.metric == "offered").map(|one| one.value).sum()
    };
    let (day, quarters, halves) =
        (sum(Length::Day).await, sum(Length::Quarter).await, sum(Length::HalfHour).await);
    assert!(
        day > 300.0 && day == quarters && day == halves,
        "a day is its quarters: {day} {quarters} {halves}"
    );
}
