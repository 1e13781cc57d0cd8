//! Phones: they sign agents in, get lost, and have calls of their own.

use crate::common::{SWITCH, Story, house};
use careline_callcentre::{Input, LegEnd};
use careline_model::event::AgentIntent;

#[test]
fn a_phone_that_registers_signs_in_only_whom_it_may() {
    let mut story = Story::new();
    story.up("1001").up("1001").up("1003");
    assert_eq!(story.told(), ["1001 Ready Idle Registered", "1003 LoggedOut Idle Registered"]);
    story.wants("1001", AgentIntent::LoggedOut).up("1001");
    assert_eq!(story.told(), ["1001 LoggedOut Idle Registered"], "a refreshed registration is no sign-in");
}

#[test]
fn a_lost_phone_is_not_rung_until_it_is_back() {
    let mut story = Story::new();
    story.up("1001").input(Input::DeviceGone { agent: "1001".into() });
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Queued");
    story.up("1001");
    assert_eq!(story.stage(caller), "Offered 1001");
}

#[test]
fn a_phone_in_a_call_of_its_own_is_not_rung() {
    let mut story = Story::new();
    story.up("1001").input(Input::DeviceBusy { agent: "1001".into(), busy: true });
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Queued");
    story.forget().input(Input::DeviceBusy { agent: "1001".into(), busy: false });
    assert_eq!(
        story.told(),
        ["1001 Ready Idle Registered", "1001 Ready Reserved Registered", "ring 1001 for c1"]
    );
}

#[test]
fn a_conversation_goes_on_without_a_registration() {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.waiting("200");
    story.talks("1001", caller).forget().input(Input::DeviceGone { agent: "1001".into() });
    assert_eq!(story.told(), ["1001 Ready Talking Lost"]);
    assert_eq!(story.stage(caller), "Talking 1001");
    story.ends(caller, LegEnd::HungUp).at(30);
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Queued");
}

#[test]
fn a_phone_that_does_not_register_is_there_from_the_start() {
    let switch = SWITCH.replacen("password = \"b\"", "contact = \"sip:1002@10.0.0.5:5060\"", 1);
    let mut story = Story::with(&switch);
    let caller = story.waiting("200");
    assert_eq!(story.told()[..2], ["1002 Ready Idle Registered", "answer c1"]);
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn a_phone_that_is_back_within_a_minute_leaves_her_as_she_was() {
    let queues = "queues = [\"general\"]";
    let mut story = Story::with(&house("", &[("1001", queues), ("1002", queues)]));
    story.up("1001").at(1).up("1002").at(10);
    story.input(Input::DeviceGone { agent: "1001".into() }).at(65).forget().up("1001");
    assert_eq!(story.told(), ["1001 Ready Idle Registered"]);
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Offered 1001", "she has waited longest, as before");
}

#[test]
fn a_phone_that_is_away_for_longer_makes_her_not_ready_until_she_clicks() {
    let switch = SWITCH.replace("ready_on_register = true\n", "");
    let mut story = Story::with(&switch);
    story.up("1001").wants("1001", AgentIntent::Ready);
    story.at(10).input(Input::DeviceGone { agent: "1001".into() }).forget().at(70);
    assert_eq!(story.told(), ["1001 device_lost Idle Lost"]);
    let caller = story.at(100).up("1001").waiting("200");
    assert_eq!(story.stage(caller), "Queued");
    story.wants("1001", AgentIntent::Ready);
    assert_eq!(story.stage(caller), "Offered 1001");
}

#[test]
fn who_signs_in_by_her_phone_is_ready_again_when_it_registers() {
    let mut story = Story::new();
    story.up("1001").input(Input::DeviceGone { agent: "1001".into() }).at(70).forget().up("1001");
    assert_eq!(story.told(), ["1001 Ready Idle Registered"]);
}

#[test]
fn a_phone_lost_in_a_conversation_makes_her_not_ready_after_it() {
    let switch = SWITCH.replace("ready_on_register = true\n", "");
    let mut story = Story::with(&switch);
    story.up("1001").wants("1001", AgentIntent::Ready);
    let caller = story.waiting("300");
    story.talks("1001", caller).input(Input::DeviceGone { agent: "1001".into() }).at(70);
    assert_eq!(story.facts(), ["60 1001 next device_lost"]);
    story.forget().ends(caller, LegEnd::HungUp);
    assert_eq!(story.told().last().map(String::as_str), Some("1001 device_lost Idle Lost"));
}

#[test]
fn who_was_not_ready_keeps_her_reason_when_her_phone_is_lost() {
    let mut story = Story::new();
    story.up("1001").wants("1001", AgentIntent::NotReady("meal".into()));
    story.input(Input::DeviceGone { agent: "1001".into() }).forget().at(600);
    assert!(story.told().is_empty());
}

/// A conversation whose phone is gone, and whose leg failed at second 5.
fn lost_in_conversation() -> (Story, careline_model::LegId) {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.waiting("200");
    story.talks("1001", caller).at(5).input(Input::DeviceGone { agent: "1001".into() }).forget();
    let leg = story.leg("1001");
    story.ends(leg, LegEnd::MediaTimeout);
    assert_eq!(story.told(), ["stop recording", "music c1", "1001 Ready Idle Lost"]);
    (story, caller)
}

#[test]
fn a_phone_that_is_back_within_a_moment_has_its_caller_again() {
    let (mut story, caller) = lost_in_conversation();
    story.at(15).up("1001");
    assert!(story.told().contains(&"ring 1001 for c1".to_owned()));
    story.talks("1001", caller);
    assert_eq!(story.stage(caller), "Talking 1001");
    story.at(20).ends(caller, LegEnd::HungUp).at(60);
    assert_eq!(story.facts().last().map(String::as_str), Some("50 1001 wrapped up c1 30000"));
}

#[test]
fn a_caller_is_not_kept_for_a_lost_phone_for_long() {
    let (mut story, caller) = lost_in_conversation();
    story.up("1002").at(19);
    assert!(!story.told().iter().any(|line| line.starts_with("c1 enters")), "he hears music");
    story.at(20);
    assert!(story.told().contains(&"c1 enters general at 1".to_owned()));
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn who_had_somebody_already_leaves_no_place_behind() {
    let (mut story, caller) = lost_in_conversation();
    story.at(20);
    assert!(story.told().contains(&"c1 enters general at 1".to_owned()));
    story.at(25).ends(caller, LegEnd::HungUp).at(30).forget();
    story.waiting("200");
    assert!(!story.told().iter().any(|line| line.contains("has the place")));
}
