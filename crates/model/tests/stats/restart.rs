//! What is written down is read back the same, and counting goes on where it was.

use crate::journal::{morning, us};
use crate::random::{Centre, acts, cases, stats_of};
use careline_model::stats::Statistics;
use proptest::prelude::*;

fn again(stats: &Statistics) -> Statistics {
    serde_json::from_str(&serde_json::to_string(stats).unwrap()).unwrap()
}

#[test]
fn a_morning_is_kept_in_little_room() {
    let stats = morning().told("09:00:00");
    let text = serde_json::to_string(&stats).unwrap();
    assert!(text.len() < 20_000, "{} bytes", text.len());
    assert!(text.contains("\"Asia/Shanghai\""));
    assert_eq!(again(&stats), stats);
}

#[test]
fn counting_goes_on_after_a_restart() {
    let mut events = morning().events;
    events.sort_by_key(|event| event.at_us);
    let whole = stats_of(&events);
    for place in 0..events.len() {
        let mut stats = again(&stats_of(&events[..place]));
        for event in &events[place..] {
            stats.take(event);
        }
        assert_eq!(stats, whole, "restarted before event {place}");
    }
}

#[test]
fn telling_the_time_more_often_changes_no_sum() {
    let mut events = morning().events;
    events.sort_by_key(|event| event.at_us);
    let mut often = stats_of(&[]);
    for event in &events {
        often.advance(event.at_us);
        often.take(event);
        often.advance(event.at_us);
    }
    often.advance(us("09:00:00"));
    assert_eq!(often, morning().told("09:00:00"));
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn any_day_is_read_back_the_same(acts in acts(400), place in any::<prop::sample::Index>()) {
        let events = Centre::after(&acts).events;
        let place = if events.is_empty() { 0 } else { place.index(events.len()) };
        let mut stats = again(&stats_of(&events[..place]));
        for event in &events[place..] {
            stats.take(event);
        }
        prop_assert_eq!(stats, stats_of(&events));
    }
}
