//! Limits of a day and of waiting, and phones that answer by themselves (CF D3, D14).

use crate::common::{SWITCH, Story, house};
use careline_callcentre::{Action, LegEnd, RefusedBy};

fn with(limits: &str) -> Story {
    let mut story = Story::with(&format!("{SWITCH}[limits]\n{limits}\n"));
    story.up("1001");
    story
}

fn call(story: &mut Story) {
    let caller = story.waiting("300");
    story.talks("1001", caller).ends(caller, LegEnd::HungUp);
}

#[test]
fn the_last_call_of_the_day_signs_her_out_after_it() {
    let mut story = with("calls_max = 3\ncalls_warn = 2\nat_calls_max = \"logout\"");
    call(&mut story);
    assert!(story.facts().is_empty());
    call(&mut story);
    assert_eq!(story.facts(), ["0 1001 Calls near"]);
    let third = story.waiting("300");
    story.talks("1001", third);
    assert_eq!(story.facts(), ["0 1001 Calls reached Logout", "0 1001 next LoggedOut"]);
    assert_eq!(story.stage(third), "Talking 1001", "it is not cut");
    story.forget().ends(third, LegEnd::HungUp);
    assert_eq!(story.told().last().map(String::as_str), Some("1001 LoggedOut Idle Registered"));
}

#[test]
fn who_waits_for_calls_for_too_long_is_told() {
    let mut story = with("idle_warn_s = 100\nidle_max_s = 300\nat_idle_max = \"logout\"");
    story.at(50);
    call(&mut story);
    story.forget().at(1000);
    assert_eq!(story.facts(), ["150 1001 Idle near", "350 1001 Idle reached Logout"]);
    assert_eq!(story.told(), ["1001 LoggedOut Idle Registered"]);
}

#[test]
fn a_call_begins_her_waiting_anew_with_its_warning() {
    let mut story = with("idle_warn_s = 100\nidle_max_s = 300\nat_idle_max = \"logout\"");
    story.at(120);
    assert_eq!(story.facts(), ["100 1001 Idle near"]);
    call(&mut story);
    story.forget().at(240);
    assert_eq!(story.facts(), ["220 1001 Idle near"], "she is told again");
}

/// Whether the last phone that was rung is to answer by itself.
fn by_itself(story: &Story) -> bool {
    let rung = story.actions.iter().rev().find_map(|action| match action {
        Action::Ring { auto_answer, .. } => Some(*auto_answer),
        _ => None,
    });
    rung.expect("somebody was rung")
}

#[test]
fn a_phone_answers_by_itself_until_an_offer_was_missed() {
    let mut story = Story::with(&house("auto_answer = true", &[("1001", "queues = [\"general\"]")]));
    story.up("1001");
    let caller = story.waiting("200");
    assert!(by_itself(&story));
    story.refuses("1001", RefusedBy::NoAnswer).at(10);
    assert!(!by_itself(&story), "an empty chair does not take calls");
    story.talks("1001", caller).ends(caller, LegEnd::HungUp).at(60);
    story.waiting("200");
    assert!(by_itself(&story), "she is there");
}

#[test]
fn an_agent_may_be_asked_apart_from_her_queue() {
    let own = "queues = [\"general\"]\nauto_answer = false";
    let mut story = Story::with(&house("auto_answer = true", &[("1001", own)]));
    story.up("1001");
    story.waiting("200");
    assert!(!by_itself(&story));
}
