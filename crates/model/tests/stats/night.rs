//! Midnight, and what else happens to a day.

use crate::journal::{call, event, moment, offered, shanghai, state};
use careline_model::event::{AgentIntent, AgentWork, EndCause, Party, QueueOutcome};
use careline_model::stats::{Oddity, Statistics};
use careline_model::{EntryId, EventBody};
use jiff::civil::date;
use jiff::tz::TimeZone;

fn told(events: &[(&str, EventBody)]) -> Statistics {
    let mut stats = Statistics::new(shanghai());
    for (clock, body) in events {
        stats.take(&event(moment(clock), body.clone()));
    }
    stats
}

fn enters(number: u64) -> EventBody {
    let (entry, queue) = (EntryId(number), "night".into());
    EventBody::QueueEntered { call: call(number), entry, queue, position: 1 }
}

fn answered(number: u64, wait_ms: u64) -> EventBody {
    let (entry, queue, outcome) = (EntryId(number), "night".into(), QueueOutcome::Answered);
    EventBody::QueueLeft { call: call(number), entry, queue, outcome, wait_ms }
}

#[test]
fn who_came_before_midnight_belongs_to_the_day_that_is_over() {
    let stats = told(&[
        ("2026-09-28T23:59:30", offered(1, "public")),
        ("2026-09-28T23:59:40", enters(1)),
        ("2026-09-29T00:00:10", answered(1, 30_000)),
    ]);
    let views = stats.queue(&"night".into()).unwrap();
    let monday = views.by_entry.day(date(2026, 9, 28)).unwrap().total();
    assert_eq!((monday.entries.offered, monday.entries.waiting), (1, 0));
    assert!(views.by_entry.day(date(2026, 9, 29)).is_none(), "nobody entered on Tuesday");
    let tuesday = views.by_event.day(date(2026, 9, 29)).unwrap().total();
    assert_eq!(tuesday.entries.outcomes.of(QueueOutcome::Answered), 1);
    assert!(tuesday.balances());
}

#[test]
fn a_night_shift_is_split_at_midnight() {
    let ready = || state("1001", AgentIntent::Ready, AgentWork::Idle);
    let gone = state("1001", AgentIntent::LoggedOut, AgentWork::Idle);
    let stats = told(&[("2026-09-28T22:00:00", ready()), ("2026-09-29T06:00:00", gone)]);
    let agent = stats.agent(&"1001".into()).unwrap();
    let hours = |day| agent.day(date(2026, 9, day)).unwrap().total().time.login_us() / 3_600_000_000;
    assert_eq!((hours(28), hours(29)), (2, 6));
    assert_eq!(stats.oddities().total(), 0);
}

#[test]
fn a_quiet_weekend_is_no_gap_but_a_lost_week_is() {
    let ready = || state("1001", AgentIntent::Ready, AgentWork::Idle);
    let gone = || state("1001", AgentIntent::LoggedOut, AgentWork::Idle);
    let stats = told(&[("2026-09-25T17:00:00", ready()), ("2026-09-28T08:00:00", gone())]);
    let monday = stats.agent(&"1001".into()).unwrap().day(date(2026, 9, 28)).unwrap();
    assert_eq!(monday.total().time.login_us(), 8 * 3_600_000_000);
    assert_eq!(stats.oddities().total(), 0);

    let stats = told(&[("2026-09-21T17:00:00", ready()), ("2026-09-28T08:00:00", gone())]);
    assert_eq!(stats.oddities().of(Oddity::BadTime), 1);
    assert_eq!(stats.agent(&"1001".into()).unwrap().days().count(), 0);
}

#[test]
fn two_days_are_kept_and_what_belongs_to_an_older_one_is_an_oddity() {
    let stats = told(&[
        ("2026-09-26T12:00:00", offered(1, "public")),
        ("2026-09-26T12:00:00", enters(1)),
        ("2026-09-27T12:00:00", offered(2, "public")),
        ("2026-09-27T12:00:00", enters(2)),
        ("2026-09-28T12:00:00", offered(3, "public")),
        ("2026-09-28T12:00:00", enters(3)),
        ("2026-09-28T12:00:01", answered(1, 86_400_000)),
    ]);
    let views = stats.queue(&"night".into()).unwrap();
    let days: Vec<i8> = views.by_entry.days().map(|(date, _)| date.day()).collect();
    assert_eq!(days, [27, 28]);
    assert_eq!(stats.oddities().of(Oddity::TooOld), 1);
    assert!(views.by_event.days().all(|(_, day)| day.total().balances()));
}

#[test]
fn the_same_events_fall_into_other_days_in_another_zone() {
    let events = [
        ("2026-09-28T07:59:00", offered(1, "public")),
        ("2026-09-28T07:59:00", enters(1)),
        ("2026-09-28T08:00:00", answered(1, 60_000)),
    ];
    let mut utc = Statistics::new(TimeZone::UTC);
    for (clock, body) in &events {
        utc.take(&event(moment(clock), body.clone()));
    }
    let views = utc.queue(&"night".into()).unwrap();
    assert_eq!(views.by_entry.day(date(2026, 9, 27)).unwrap().total().entries.offered, 1);
    assert_eq!(views.by_event.day(date(2026, 9, 28)).unwrap().total().entries.waiting, -1);
    assert_eq!(told(&events).queue(&"night".into()).unwrap().by_event.days().count(), 1);
}

#[test]
fn a_conversation_that_is_lost_is_a_second_entry_of_the_same_call() {
    let connected = |agent: &str| EventBody::CallConnected {
        call: call(1),
        agent: agent.into(),
        queue: Some("night".into()),
    };
    let again =
        EventBody::QueueEntered { call: call(1), entry: EntryId(2), queue: "night".into(), position: 1 };
    let left = EventBody::QueueLeft {
        call: call(1),
        entry: EntryId(2),
        queue: "night".into(),
        outcome: QueueOutcome::Answered,
        wait_ms: 5_000,
    };
    let ended = EventBody::CallEnded {
        call: call(1),
        cause: EndCause::Completed,
        ended_by: Party::Caller,
        duration_ms: 100_000,
        talk_ms: 80_000,
    };
    let stats = told(&[
        ("2026-09-28T02:00:00", offered(1, "public")),
        ("2026-09-28T02:00:00", enters(1)),
        ("2026-09-28T02:00:10", answered(1, 10_000)),
        ("2026-09-28T02:00:10", connected("1001")),
        ("2026-09-28T02:01:00", again),
        ("2026-09-28T02:01:05", left),
        ("2026-09-28T02:01:05", connected("1002")),
        ("2026-09-28T02:01:35", ended),
    ]);
    let cell = stats.queue(&"night".into()).unwrap().by_entry.day(date(2026, 9, 28)).unwrap().total();
    assert_eq!((cell.entries.offered, cell.handled, cell.talk.sum_ms), (2, 2, 80_000));
    let line = stats.line(&"public".into()).unwrap().by_entry.day(date(2026, 9, 28)).unwrap().total();
    assert_eq!(line.calls.queued, 1, "one call");
    assert_eq!(stats.oddities().total(), 0);
}
