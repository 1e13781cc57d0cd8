//! What a call centre is after the process died (CF C36, N2).

use crate::common::{MONDAY_NINE_US, SWITCH, Story, house, plan_of};
use careline_callcentre::{Centre, KeptCentre, LegEnd, RefusedBy};
use careline_model::event::AgentIntent;
use careline_model::hours::Opening;
use careline_model::screening::{BlockAction, ListEntry, ListKind, Pattern, Scope};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

const TWO: [(&str, &str); 3] = [
    ("1001", "queues = [\"general\"]"),
    ("1002", "queues = [\"general\"]"),
    ("1003", "queues = [\"booking\"]"),
];

/// The process dies and is there again a few seconds later, with what was on the disk.
fn restarted(story: &mut Story, switch: &str, after_s: u64) {
    let kept = serde_json::to_string(&story.centre.keep(story.now)).expect("it can be written");
    story.at(story.now_ms() / 1000 + after_s);
    story.centre = Centre::new(plan_of(switch), ChaCha20Rng::seed_from_u64(9));
    let kept: KeptCentre = serde_json::from_str(&kept).expect("and read");
    story.order(|centre, now| centre.restore(kept, now));
}

#[test]
fn agents_are_as_they_were_when_their_phones_are_there_and_served_by_idle_time() {
    let switch = house("", &TWO);
    let mut story = Story::with(&switch);
    // 1002 has waited longest.
    story.up("1002").at(10).up("1001").at(20).up("1003").wants("1003", AgentIntent::NotReady("meal".into()));
    restarted(&mut story, &switch, 3);
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Queued", "no phone is there");
    // She is not made ready by her phone: she was not.
    story.up("1001").up("1003");
    assert_eq!(story.stage(caller), "Offered 1001");
    story.up("1002");
    let second = story.waiting("200");
    assert_eq!(story.stage(second), "Offered 1002");
    let seen = story.centre.snapshot(story.now);
    assert_eq!(seen.agents[2].intent, AgentIntent::NotReady("meal".into()));
}

#[test]
fn the_order_of_idle_times_stays() {
    let switch = house("", &TWO);
    let mut story = Story::with(&switch);
    story.up("1002").at(10).up("1001").at(20);
    restarted(&mut story, &switch, 3);
    story.up("1001").at(30).up("1002");
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Offered 1002", "she waited longest before, whatever phone came first");
}

#[test]
fn a_phone_that_does_not_come_back_makes_her_not_ready() {
    let switch = house("", &TWO);
    let mut story = Story::with(&switch);
    story.up("1001");
    restarted(&mut story, &switch, 1);
    story.at(120);
    let seen = story.centre.snapshot(story.now);
    assert_eq!(seen.agents[0].intent, AgentIntent::NotReady("device_lost".into()));
}

#[test]
fn what_people_ordered_holds_until_its_time() {
    let mut story = Story::new();
    let until_us = MONDAY_NINE_US + 60_000_000;
    let entry = ListEntry {
        list: ListKind::Black,
        pattern: Pattern::Prefix("+8613".into()),
        scope: Scope::All,
        reason: "harasses".into(),
        until_us: None,
        action: BlockAction::Busy,
    };
    story.order(|centre, now| {
        centre.override_hours("office", Opening::Closed, until_us, "chief", "flood", now).expect("known");
        centre.set_list_entry(entry.clone(), "chief", now).expect("good");
        centre.close_queue(&"booking".into(), false, now).expect("known");
    });
    restarted(&mut story, SWITCH, 2);
    let seen = story.centre.snapshot(story.now);
    assert_eq!(seen.hours[0].outlook.opening, Opening::Closed);
    assert_eq!(story.centre.list_entries(ListKind::Black, story.now), [entry]);
    let kept = story.centre.keep(story.now);
    assert_eq!(kept.closed.get(&"booking".into()), Some(&false));
    story.at(61);
    let seen = story.centre.snapshot(story.now);
    assert_eq!(seen.hours[0].outlook.opening, Opening::Open, "its time is over");
    restarted(&mut story, SWITCH, 2);
    assert!(story.centre.keep(story.now).overrides.is_empty());
}

#[test]
fn who_hung_up_a_moment_ago_has_her_place_again() {
    let switch = house("", &TWO);
    let mut story = Story::with(&switch);
    let first = story.call_from("+8613900000001", "200");
    story.input(careline_callcentre::Input::CallerUp { leg: first }).heard(first).at(20);
    story.ends(first, LegEnd::HungUp);
    restarted(&mut story, &switch, 5);
    story.forget();
    let again = story.call_from("+8613900000001", "200");
    story.input(careline_callcentre::Input::CallerUp { leg: again }).heard(again);
    let told = story.told();
    assert!(told.iter().any(|line| line.contains("has the place of")), "{told:?}");
}

#[test]
fn a_rest_goes_on_after_the_start_and_is_over_in_its_time() {
    let switch = house("", &TWO);
    for (away_s, stage) in [(3, "Queued"), (30, "Offered 1001")] {
        let mut story = Story::with(&switch);
        story.up("1001");
        let caller = story.waiting("200");
        story.refuses("1001", RefusedBy::Rejected).ends(caller, LegEnd::HungUp);
        restarted(&mut story, &switch, away_s);
        story.up("1001");
        let next = story.waiting("200");
        assert_eq!(story.stage(next), stage, "{away_s} s away");
        story.at(away_s.max(10));
        assert_eq!(story.stage(next), "Offered 1001", "{away_s} s away");
    }
}
