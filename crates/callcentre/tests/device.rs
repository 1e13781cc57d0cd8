//! Phones: they sign agents in, get lost, and have calls of their own.

mod common;
use careline_callcentre::{Input, LegEnd};
use careline_model::event::AgentIntent;
use common::{SWITCH, Story};

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
