//! Skills that relax, tiers, and delays: who may take a call while it grows older (CF 1.3, C12 to C15).

use crate::common::{Story, house};
use careline_callcentre::{LegEnd, RefusedBy};
use careline_model::event::AgentIntent;

const GENERAL: &str = "queues = [\"general\"]";

fn seat(more: &str) -> String {
    format!("[[agent.queue]]\nid = \"general\"\n{more}")
}

#[test]
fn only_who_has_the_skill_is_rung_until_a_step_asks_for_less() {
    let general = "skills = { english = 5 }\n[[queue.step]]\nat_s = 20\nlower = { english = 2 }\n\
                   [[queue.step]]\nat_s = 40\ndrop = [\"english\"]";
    let (fair, none) = (format!("{GENERAL}\nskills = {{ english = 3 }}"), GENERAL);
    let fluent = format!("{GENERAL}\nskills = {{ english = 9 }}");
    let mut story = Story::with(&house(general, &[("1001", &fluent), ("1002", &fair), ("1003", none)]));
    story.up("1001").up("1002").up("1003");
    // The one who speaks it well is busy with the first caller.
    let first = story.waiting("200");
    story.talks("1001", first);
    let (second, third) = (story.waiting("200"), story.waiting("200"));
    story.forget().at(19);
    assert_eq!((story.stage(second), story.stage(third)), ("Queued".into(), "Queued".into()));
    story.at(20);
    assert_eq!((story.stage(second), story.stage(third)), ("Offered 1002".into(), "Queued".into()));
    story.talks("1002", second).at(40);
    assert_eq!(story.stage(third), "Offered 1003");
    let told = story.told();
    assert!(told.contains(&"c3 step 1".to_owned()) && told.contains(&"c3 step 2".to_owned()), "{told:?}");
}

#[test]
fn the_second_tier_is_asked_when_its_time_has_come() {
    let general = "[[queue.step]]\nat_s = 15\ntier = 2";
    let mut story = Story::with(&house(general, &[("1001", GENERAL), ("1002", &seat("tier = 2"))]));
    story.up("1002").at(1).up("1001").at(2);
    let first = story.waiting("200");
    assert_eq!(story.stage(first), "Offered 1001", "tier 1, though tier 2 has waited longer");
    story.talks("1001", first);
    let second = story.waiting("200");
    story.at(16);
    assert_eq!(story.stage(second), "Queued");
    story.at(17);
    assert_eq!(story.stage(second), "Offered 1002");
}

#[test]
fn who_has_waited_for_the_second_tier_still_gets_the_first_when_both_are_free() {
    let general = "[[queue.step]]\nat_s = 15\ntier = 2";
    let second = seat("tier = 2");
    let agents = [("1001", GENERAL), ("1002", second.as_str()), ("1003", GENERAL)];
    let mut story = Story::with(&house(general, &agents));
    let caller = story.waiting("200");
    story.at(20).up("1003");
    assert_eq!(story.stage(caller), "Offered 1003");
    // Both come while her phone rings, the second tier first.
    story.ringing("1003").up("1002").at(21).up("1001").refuses("1003", RefusedBy::Rejected);
    assert_eq!(story.stage(caller), "Offered 1001");
}

#[test]
fn a_tier_without_anybody_at_work_is_skipped_at_once() {
    let general = "[[queue.step]]\nat_s = 60\ntier = 2";
    let agents = [("1001", GENERAL.to_owned()), ("1002", seat("tier = 2"))];
    let agents: Vec<(&str, &str)> = agents.iter().map(|(id, more)| (*id, more.as_str())).collect();
    // Nobody of tier 1 has signed in.
    let mut story = Story::with(&house(general, &agents));
    story.up("1002");
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Offered 1002");
    assert!(story.told().contains(&"c1 step 1 early".to_owned()));
    // All of tier 1 are at lunch.
    let mut story = Story::with(&house(general, &agents));
    story.up("1001").up("1002").wants("1001", AgentIntent::NotReady("meal".into()));
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Offered 1002");
    // Tier 1 goes to lunch while somebody waits for it.
    let mut story = Story::with(&house(general, &agents));
    story.up("1001");
    let first = story.waiting("200");
    story.talks("1001", first);
    let second = story.at(5).up("1002").waiting("200");
    story.wants("1001", AgentIntent::NotReady("meal".into()));
    assert_eq!(story.stage(second), "Queued", "she still talks: that is work");
    story.ends(first, LegEnd::HungUp).at(36);
    assert_eq!(story.stage(second), "Offered 1002", "her wrap-up is over, and with it her work");
}

#[test]
fn a_step_may_ask_another_tier_alone() {
    let general = "[[queue.step]]\nat_s = 10\ntier = 2\nonly = true";
    let mut story = Story::with(&house(general, &[("1001", GENERAL), ("1002", &seat("tier = 2"))]));
    story.up("1001");
    let first = story.waiting("200");
    story.talks("1001", first);
    let second = story.waiting("200");
    story.at(11).ends(first, LegEnd::HungUp).at(45);
    assert_eq!(story.stage(second), "Queued", "tier 1 is free again, and not asked any longer");
    story.up("1002");
    assert_eq!(story.stage(second), "Offered 1002");
}

#[test]
fn a_seat_with_a_delay_sees_only_calls_that_are_old_enough() {
    let mut story = Story::with(&house("", &[("1001", &seat("delay_s = 25"))]));
    story.up("1001");
    let caller = story.waiting("200");
    story.at(24);
    assert_eq!(story.stage(caller), "Queued");
    story.at(25);
    assert_eq!(story.stage(caller), "Offered 1001");
}

#[test]
fn a_younger_call_of_higher_rank_does_not_hide_an_older_one_from_a_seat_with_a_delay() {
    let mut story = Story::with(&house("", &[("1001", &seat("delay_s = 25"))]));
    let old = story.waiting("200");
    let young = story.at(20).waiting("200");
    let call = story.centre.call_of(young).unwrap();
    let urgent = careline_callcentre::NewRank { points: 60, ..Default::default() };
    story.centre.set_rank(call, urgent, story.now).unwrap();
    story.at(26).up("1001");
    assert_eq!(story.stage(old), "Offered 1001");
}

#[test]
fn the_queue_of_lower_priority_waits_though_its_caller_is_older() {
    let agent = "[[agent.queue]]\nid = \"general\"\npriority = 2\n[[agent.queue]]\nid = \"booking\"";
    let mut story = Story::with(&house("", &[("1001", agent)]));
    let general = story.waiting("200");
    let booking = story.at(10).waiting("300");
    story.at(11).up("1001");
    assert_eq!((story.stage(general), story.stage(booking)), ("Queued".into(), "Offered 1001".into()));
}

#[test]
fn a_call_may_ask_for_a_skill_of_its_own_while_it_waits() {
    let (plain, nurse) = (GENERAL, format!("{GENERAL}\nskills = {{ nurse = 2 }}"));
    let mut story = Story::with(&house("", &[("1001", plain), ("1002", &nurse)]));
    let caller = story.waiting("200");
    let call = story.centre.call_of(caller).unwrap();
    story.centre.ask_for_skill(call, "nurse".into(), 2, story.now).unwrap();
    story.up("1001");
    assert_eq!(story.stage(caller), "Queued");
    story.up("1002");
    assert_eq!(story.stage(caller), "Offered 1002");
    let refused = story.centre.ask_for_skill(call, "norse".into(), 2, story.now).unwrap_err();
    assert_eq!(refused.to_string(), "skill norse is not known; allowed: nurse");
}
