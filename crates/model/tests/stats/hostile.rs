//! Journals that should not be: doubled, missing, disordered and impossible facts. They are oddities, and the sums agree.

use crate::journal::{call, ended, event, moment, morning, not_ready, offered, state, today, us};
use crate::properties::{all_series, assert_sums_agree};
use crate::random::{Centre, acts, cases, stats_of};
use careline_model::event::{
    AgentIntent, AgentWork, CallDirection, EndCause, OfferOutcome, QueueOutcome, TransferOutcome,
};
use careline_model::stats::definitions::{Terms, metrics};
use careline_model::stats::histogram::DURATION_MS_MAX;
use careline_model::stats::{AGENTS_MAX, LIVE_CALLS_MAX, Members, Oddity, QUEUES_MAX, Statistics};
use careline_model::{EntryId, Event, EventBody, OfferId};
use proptest::prelude::*;

fn sorted(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by_key(|event| event.at_us);
    events
}

fn enters(number: u64, entry: u64, queue: &str) -> EventBody {
    EventBody::QueueEntered { call: call(number), entry: EntryId(entry), queue: queue.into(), position: 1 }
}

fn left(number: u64, entry: u64, outcome: QueueOutcome, wait_ms: u64) -> EventBody {
    let queue = "outpatient".into();
    EventBody::QueueLeft { call: call(number), entry: EntryId(entry), queue, outcome, wait_ms }
}

#[test]
fn a_journal_that_is_read_twice_counts_once() {
    let events = sorted(morning().events);
    let once = stats_of(&events);
    let mut twice = stats_of(&events);
    for event in &events {
        twice.take(event);
    }
    let (queue, agents) = ("outpatient".into(), ["1001", "1002"]);
    assert_eq!(twice.queue(&queue).unwrap().by_entry, once.queue(&queue).unwrap().by_entry);
    for agent in agents.map(Into::into) {
        assert_eq!(twice.agent(&agent), once.agent(&agent), "{agent}");
    }
    assert!(twice.oddities().of(Oddity::Doubled) > 0);
    assert_sums_agree(&twice);
}

#[test]
fn an_entry_whose_end_is_missing_is_a_fault_of_ours() {
    let queue = "outpatient".into();
    let mut stats = stats_of(&[
        event(us("08:00:00"), offered(1, "public")),
        event(us("08:00:00"), enters(1, 1, "outpatient")),
        event(us("08:01:00"), ended(1, EndCause::Completed, 60, 0)),
    ]);
    let entries = |stats: &Statistics| today(&stats.queue(&queue).unwrap().by_entry).entries.clone();
    assert_eq!(entries(&stats).outcomes.of(QueueOutcome::SystemFault), 1);
    assert_eq!(stats.oddities().of(Oddity::Unfinished), 1);
    // The end comes after all: too late, the entry has its one outcome.
    stats.take(&event(us("08:01:00"), left(1, 1, QueueOutcome::Answered, 60_000)));
    assert_eq!((entries(&stats).outcomes.total(), entries(&stats).waiting), (1, 0));
    assert_eq!(stats.oddities().of(Oddity::Unmatched), 1);
}

#[test]
fn an_end_without_a_beginning_is_not_counted() {
    let stats = stats_of(&[
        event(us("08:00:00"), left(1, 1, QueueOutcome::Answered, 1)),
        event(us("08:00:00"), ended(1, EndCause::Completed, 60, 0)),
        event(
            us("08:00:00"),
            EventBody::TransferEnded { call: call(1), outcome: TransferOutcome::Connected, ring_ms: 1 },
        ),
    ]);
    assert_eq!(stats.queues().count(), 0);
    assert_eq!(stats.oddities().of(Oddity::Unmatched), 3);
}

#[test]
fn an_entry_of_a_call_that_was_not_told_is_an_entry_all_the_same() {
    let stats = stats_of(&[
        event(us("08:00:00"), enters(1, 1, "outpatient")),
        event(us("08:00:09"), left(1, 1, QueueOutcome::Answered, 9_000)),
    ]);
    let cell = today(&stats.queue(&"outpatient".into()).unwrap().by_entry);
    assert_eq!((cell.entries.offered, cell.entries.outcomes.total()), (1, 1));
    assert_eq!(stats.oddities().of(Oddity::Unmatched), 1, "the call");
}

#[test]
fn a_switch_that_starts_anew_leaves_nobody_waiting() {
    let stats = stats_of(&[
        event(us("08:00:00"), offered(1, "public")),
        event(us("08:00:00"), enters(1, 1, "outpatient")),
        event(us("08:00:00"), state("1001", AgentIntent::Ready, AgentWork::Idle)),
        event(us("08:00:30"), state("1002", AgentIntent::Ready, AgentWork::Idle)),
        event(us("09:00:00"), EventBody::SwitchStarted { version: "test".into() }),
    ]);
    let board = stats.board(us("09:00:00"), &Members::new(), &Terms::default());
    assert_eq!(board.queues[0].waiting, 0);
    let cell = today(&stats.queue(&"outpatient".into()).unwrap().by_entry);
    assert_eq!(cell.entries.outcomes.of(QueueOutcome::SystemFault), 1);
    let signed_in = today(stats.agent(&"1001".into()).unwrap()).time.login_us();
    assert_eq!(signed_in, 30_000_000, "until the last sign of life, not until the start");
    assert_sums_agree(&stats);
}

#[test]
fn impossible_durations_and_moments_spoil_no_mean() {
    let stats = stats_of(&[
        event(us("08:00:00"), offered(1, "public")),
        event(us("08:00:00"), enters(1, 1, "outpatient")),
        event(us("08:00:01"), left(1, 1, QueueOutcome::Answered, u64::MAX)),
        event(i64::MAX, ended(1, EndCause::Completed, 1, 1)),
        event(i64::MIN, offered(2, "public")),
        event(us("07:00:00"), offered(3, "public")),
    ]);
    let cell = today(&stats.queue(&"outpatient".into()).unwrap().by_entry);
    assert_eq!(cell.answered_wait.total.sum_ms, DURATION_MS_MAX);
    let oddities = stats.oddities();
    assert_eq!(oddities.of(Oddity::TooLong), 1);
    assert_eq!(oddities.of(Oddity::BadTime), 2);
    assert_eq!(oddities.of(Oddity::ClockWentBack), 1);
    assert_sums_agree(&stats);
}

#[test]
fn a_clock_that_jumped_once_costs_a_day_and_not_the_present_one() {
    let mut stats = stats_of(&[
        event(us("08:00:00"), offered(1, "public")),
        event(us("08:00:00"), state("1001", AgentIntent::Ready, AgentWork::Idle)),
        event(moment("2031-01-01T00:00:00"), offered(2, "public")),
    ]);
    for number in 3..10 {
        stats.take(&event(us("08:01:00"), offered(number, "public")));
    }
    stats.advance(us("08:31:00"));
    let line = stats.line(&"public".into()).unwrap();
    assert_eq!(today(&line.by_entry).calls.begun, 8);
    assert_eq!(stats.oddities().of(Oddity::ClockWentBack), 1);
    let signed_in = today(stats.agent(&"1001".into()).unwrap()).time.login_us();
    assert_eq!(signed_in, 30 * 60_000_000, "her time is counted again from where the clock is right");
    assert_sums_agree(&stats);
}

#[test]
fn what_finds_no_room_is_told_and_bounded() {
    let mut stats = stats_of(&[]);
    for number in 0..QUEUES_MAX as u64 + 3 {
        stats.take(&event(us("08:00:00"), offered(number, "public")));
        stats.take(&event(us("08:00:00"), enters(number, number, &format!("queue-{number:05}"))));
    }
    assert_eq!(stats.queues().count(), QUEUES_MAX);
    assert_eq!(stats.oddities().of(Oddity::NoRoom), 3);
    for number in 0..AGENTS_MAX + 3 {
        let agent = format!("agent-{number:05}");
        stats.take(&event(us("08:00:01"), state(&agent, AgentIntent::Ready, AgentWork::Idle)));
    }
    stats.advance(us("08:00:02"));
    assert_eq!(stats.agents().count(), AGENTS_MAX);
    assert_eq!(stats.oddities().of(Oddity::NoRoom), 6);
    assert_sums_agree(&stats);
}

#[test]
fn the_oldest_of_too_many_live_calls_is_taken_for_lost() {
    let mut stats = stats_of(&[]);
    for number in 0..LIVE_CALLS_MAX as u64 + 2 {
        stats.take(&event(us("08:00:00"), offered(number, "public")));
    }
    let cell = today(&stats.line(&"public".into()).unwrap().by_entry);
    assert_eq!(cell.calls.live, LIVE_CALLS_MAX as i64);
    assert_eq!(cell.calls.ended.of(EndCause::Fault), 2);
    assert!(cell.balances());
}

#[test]
fn an_agent_who_toggles_a_hundred_times_a_second_has_the_time_that_passed() {
    let mut stats = stats_of(&[]);
    let start_us = us("08:14:50");
    for number in 0..2_000_i64 {
        let intent = if number % 2 == 0 { AgentIntent::Ready } else { not_ready("meal") };
        stats.take(&event(start_us + number * 10_000, state("1001", intent, AgentWork::Idle)));
    }
    stats.advance(start_us + 20_000_000);
    let time = &today(stats.agent(&"1001".into()).unwrap()).time;
    assert_eq!((time.ready_us, time.not_ready_us["meal"]), (10_000_000, 10_000_000));
}

/// Any fact about a few things, whether or not it makes sense.
fn any_body() -> impl Strategy<Value = EventBody> {
    let number = || 0_u64..6;
    let agent = || (0_u8..3).prop_map(|agent| format!("100{agent}"));
    let queue = || prop::sample::select(vec!["booking", "night"]);
    let wait = || prop::sample::select(vec![0, 1, 14_999, 20_000, 20_001, 90_000_000, u64::MAX]);
    prop_oneof![
        number().prop_map(|call| offered(call, "public")),
        (number(), agent()).prop_map(|(id, agent)| EventBody::CallDialled {
            call: call(id),
            agent: agent.as_str().into(),
            direction: CallDirection::Outbound,
            to: "1002".into(),
            trunk_group: None,
        }),
        (number(), number(), queue()).prop_map(|(call, entry, queue)| enters(call, entry, queue)),
        (number(), number(), wait(), 0_usize..3).prop_map(|(call, entry, wait_ms, outcome)| {
            let outcomes = [QueueOutcome::Answered, QueueOutcome::Abandoned, QueueOutcome::ShortAbandoned];
            left(call, entry, outcomes[outcome], wait_ms)
        }),
        (number(), number(), number(), agent()).prop_map(|(id, entry, offer, agent)| EventBody::OfferMade {
            call: call(id),
            entry: EntryId(entry),
            offer: OfferId(offer),
            agent: agent.as_str().into(),
        }),
        (number(), number(), agent(), wait()).prop_map(|(id, offer, agent, ring_ms)| EventBody::OfferEnded {
            call: call(id),
            entry: EntryId(1),
            offer: OfferId(offer),
            agent: agent.as_str().into(),
            outcome: OfferOutcome::Answered,
            ring_ms,
        }),
        (number(), agent(), prop::option::of(queue())).prop_map(|(id, agent, queue)| {
            EventBody::CallConnected {
                call: call(id),
                agent: agent.as_str().into(),
                queue: queue.map(Into::into),
            }
        }),
        (number(), agent(), any::<bool>()).prop_map(|(id, agent, attended)| EventBody::TransferStarted {
            call: call(id),
            agent: agent.as_str().into(),
            to: "+8613800005678".into(),
            attended,
        }),
        number().prop_map(|id| EventBody::TransferEnded {
            call: call(id),
            outcome: TransferOutcome::Connected,
            ring_ms: 1,
        }),
        number().prop_map(|call| ended(call, EndCause::Completed, 3, 2)),
        (agent(), 0_usize..4, 0_usize..3).prop_map(|(agent, work, intent)| {
            let works = [AgentWork::Idle, AgentWork::Talking, AgentWork::WrapUp, AgentWork::Dialing];
            let intents = [AgentIntent::LoggedOut, AgentIntent::Ready, not_ready("meal")];
            state(&agent, intents[intent].clone(), works[work])
        }),
        Just(EventBody::SwitchStarted { version: "test".into() }),
    ]
}

/// Any moment: mostly of one day, sometimes of another, sometimes none at all.
fn any_moment() -> impl Strategy<Value = i64> {
    prop_oneof![
        20 => (0_i64..86_400_000_000).prop_map(|us_of_day| us("00:00:00") + us_of_day),
        1 => (-5_i64..5).prop_map(|days| us("12:00:00") + days * 86_400_000_000),
        1 => any::<i64>(),
    ]
}

/// What is done to a journal.
#[derive(Debug, Clone)]
enum Damage {
    Double(usize, usize),
    Drop(usize),
    Swap(usize, usize),
    Date(usize, i64),
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        (any::<usize>(), 0_usize..50).prop_map(|(place, later)| Damage::Double(place, later)),
        any::<usize>().prop_map(Damage::Drop),
        (any::<usize>(), any::<usize>()).prop_map(|(one, two)| Damage::Swap(one, two)),
        (any::<usize>(), any_moment()).prop_map(|(place, at_us)| Damage::Date(place, at_us)),
    ]
}

fn damaged(mut events: Vec<Event>, damages: &[Damage]) -> Vec<Event> {
    for damage in damages {
        let len = events.len();
        if len == 0 {
            break;
        }
        match *damage {
            Damage::Double(place, later) => {
                let again = events[place % len].clone();
                events.insert((place % len + later).min(len), again);
            }
            Damage::Drop(place) => _ = events.remove(place % len),
            Damage::Swap(one, two) => events.swap(one % len, two % len),
            Damage::Date(place, at_us) => events[place % len].at_us = at_us,
        }
    }
    events
}

fn assert_all_is_finite(stats: &Statistics) {
    for day in all_series(stats).into_iter().flat_map(|series| series.days().map(|(_, day)| day)) {
        for metric in metrics() {
            let figure = metric.value(day.total(), &Terms::default());
            assert!(figure.is_none_or(f64::is_finite), "{}", metric.id);
        }
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn a_damaged_journal_changes_no_identity(acts in acts(300), damages in prop::collection::vec(damage(), 1..40)) {
        let events = damaged(Centre::after(&acts).events, &damages);
        let mut stats = stats_of(&events);
        assert_sums_agree(&stats);
        stats.advance(us("23:00:00"));
        assert_sums_agree(&stats);
        assert_all_is_finite(&stats);
    }

    #[test]
    fn whatever_comes_the_sums_agree(events in prop::collection::vec((any_moment(), any_body()), 0..300)) {
        let events: Vec<Event> = events.into_iter().map(|(at_us, body)| event(at_us, body)).collect();
        let stats = stats_of(&events);
        assert_sums_agree(&stats);
        assert_all_is_finite(&stats);
        _ = stats.board(us("12:00:00"), &Members::new(), &Terms::default());
        _ = stats.board(i64::MAX, &Members::new(), &Terms::default());
        _ = stats.board(i64::MIN, &Members::new(), &Terms::default());
        let text = serde_json::to_string(&stats).unwrap();
        prop_assert_eq!(serde_json::from_str::<Statistics>(&text).unwrap(), stats);
    }

    #[test]
    fn doubled_facts_of_calls_are_never_counted_twice(acts in acts(200), place in any::<usize>(), later in 0_usize..30) {
        let events = Centre::after(&acts).events;
        let calls = |event: &&Event| event.body.call().is_some();
        prop_assume!(events.iter().any(|event| calls(&event)));
        let place = (0..events.len()).cycle().skip(place % events.len()).find(|at| calls(&&events[*at])).unwrap();
        let mut doubled = events.clone();
        doubled.insert((place + 1 + later).min(events.len()), events[place].clone());
        let (clean, odd) = (stats_of(&events), stats_of(&doubled));
        let entries = |stats: &Statistics| -> u32 {
            stats.queues().flat_map(|(_, views)| views.by_entry.days()).map(|(_, day)| day.total().entries.offered).sum()
        };
        prop_assert_eq!(entries(&clean), entries(&odd));
        let calls = |stats: &Statistics| -> u32 {
            stats.lines().flat_map(|(_, views)| views.by_entry.days()).map(|(_, day)| day.total().calls.begun).sum()
        };
        prop_assert_eq!(calls(&clean), calls(&odd));
    }
}
