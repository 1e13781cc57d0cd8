//! Every way in which an offer can end, and where caller and agent are after it.

use crate::common::Story;
use careline_callcentre::{Input, LegEnd, RefusedBy};
use careline_model::LegId;
use careline_model::event::AgentIntent;

/// A caller for whom 1001 is rung, while 1002 is there too.
fn offered() -> (Story, LegId) {
    let mut story = Story::new();
    story.up("1001").at(1).up("1002").at(2);
    let caller = story.waiting("200");
    story.forget();
    (story, caller)
}

#[test]
fn an_answer_joins_both_and_ends_offer_and_entry_as_answered() {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.waiting("200");
    assert_eq!(
        story.told(),
        [
            "1001 Ready Idle Registered",
            "answer c1",
            "play c1 hello",
            "c1 enters general at 1",
            "1001 Ready Reserved Registered",
            "ring 1001 for c1",
            "music c1"
        ]
    );
    story.ringing("1001");
    assert_eq!(story.told(), ["1001 Ready Ringing Registered"]);
    let agent = story.leg("1001");
    story.at(4).input(Input::Answered { leg: agent });
    assert_eq!(story.told(), ["1001 Ready Connecting InUse", "stop music c1", "bridge c1 1001"]);
    story.input(Input::Bridged { leg: caller });
    assert_eq!(
        story.told(),
        ["c1 1001 Answered 4000", "c1 leaves Answered 4000", "1001 Ready Talking InUse", "record 1001 1"]
    );
    assert_eq!(story.stage(caller), "Talking 1001");
}

#[test]
fn no_answer_keeps_the_place_and_rings_the_next_agent_at_once() {
    let (mut story, caller) = offered();
    story.ringing("1001").forget().at(16);
    assert!(story.told().is_empty());
    story.at(17);
    assert_eq!(
        story.told(),
        [
            "stop ringing 1001 NoAnswer",
            "c1 1001 NoAnswer 15000",
            "1001 Ready Idle Registered",
            "1002 Ready Reserved Registered",
            "ring 1002 for c1"
        ]
    );
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn the_older_caller_keeps_the_place_before_the_younger() {
    let mut story = Story::new();
    story.up("1001");
    let older = story.waiting("200");
    let younger = story.at(1).waiting("200");
    story.refuses("1001", RefusedBy::Rejected).forget();
    assert_eq!(story.stage(older), "Queued");
    story.at(11);
    assert_eq!(story.told(), ["1001 Ready Reserved Registered", "ring 1001 for c1"]);
    assert_eq!((story.stage(older), story.stage(younger)), ("Offered 1001".into(), "Queued".into()));
}

#[test]
fn each_refusal_has_its_own_outcome_and_rest() {
    for (why, outcome, rest_s) in [
        (RefusedBy::NoAnswer, "NoAnswer", 10),
        (RefusedBy::Rejected, "Rejected", 10),
        (RefusedBy::Busy, "Busy", 10),
        (RefusedBy::Unreachable, "DeviceLost", 5),
    ] {
        let mut story = Story::new();
        story.up("1001");
        story.waiting("200");
        story.forget().refuses("1001", why);
        assert_eq!(story.told(), [format!("c1 1001 {outcome} 0"), "1001 Ready Idle Registered".into()]);
        story.at_ms(rest_s * 1000 - 1);
        assert!(story.told().is_empty());
        story.at(rest_s);
        assert_eq!(story.told(), ["1001 Ready Reserved Registered", "ring 1001 for c1"]);
    }
}

#[test]
fn a_phone_that_says_nothing_is_unreachable_after_three_seconds() {
    let (mut story, caller) = offered();
    story.at(5);
    assert_eq!(story.told()[..2], ["stop ringing 1001 NoAnswer", "c1 1001 DeviceLost 3000"]);
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn a_phone_that_vanishes_while_ringing_costs_the_agent_nothing() {
    let (mut story, caller) = offered();
    story.ringing("1001").forget().input(Input::DeviceGone { agent: "1001".into() });
    assert_eq!(
        story.told()[..3],
        ["stop ringing 1001 DeviceLost", "c1 1001 DeviceLost 0", "1001 Ready Idle Lost"]
    );
    assert_eq!(story.stage(caller), "Offered 1002");
    story.forget().up("1001");
    let second = story.waiting("200");
    assert_eq!(story.stage(second), "Offered 1001");
}

#[test]
fn a_caller_who_leaves_while_it_rings_charges_nobody() {
    let (mut story, caller) = offered();
    story.ringing("1001").forget().at(12).ends(caller, LegEnd::HungUp);
    assert_eq!(
        story.told(),
        [
            "stop ringing 1001 CallerLeft",
            "c1 1001 CallerLeft 10000",
            "1001 Ready Idle Registered",
            "c1 leaves Abandoned 10000",
            "c1 over QueueAbandoned by Caller 0"
        ]
    );
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Offered 1001", "her idle clock was kept");
}

#[test]
fn a_caller_who_leaves_within_five_seconds_is_a_short_abandon() {
    let (mut story, caller) = offered();
    story.ringing("1001").forget().at(7).ends(caller, LegEnd::HungUp);
    assert!(story.told().contains(&"c1 leaves ShortAbandoned 5000".to_owned()));
}

#[test]
fn a_caller_who_leaves_while_being_joined_ends_the_agents_leg() {
    let (mut story, caller) = offered();
    let agent = story.leg("1001");
    story.input(Input::Answered { leg: agent }).forget().ends(caller, LegEnd::HungUp);
    assert_eq!(story.told()[..2], ["hang up 1001 CallerLeft", "c1 1001 CallerLeft 0"]);
}

#[test]
fn legs_that_cannot_be_joined_bring_the_caller_back_to_the_music() {
    let (mut story, caller) = offered();
    let agent = story.leg("1001");
    story.input(Input::Answered { leg: agent }).forget().at(5);
    assert_eq!(
        story.told(),
        [
            "hang up 1001 NotBridged",
            "c1 1001 Cancelled 0",
            "1001 Ready Idle Registered",
            "music c1",
            "1002 Ready Reserved Registered",
            "ring 1002 for c1"
        ]
    );
    story.input(Input::Bridged { leg: caller });
    assert!(story.told().is_empty(), "too late");
}

#[test]
fn an_agent_who_is_not_ready_any_more_gives_the_offer_back() {
    let (mut story, caller) = offered();
    story.ringing("1001").forget().wants("1001", AgentIntent::NotReady("meal".into()));
    assert_eq!(
        story.told()[..3],
        ["stop ringing 1001 Command", "c1 1001 Cancelled 0", "1001 meal Idle Registered"]
    );
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn late_answers_and_foreign_legs_change_nothing() {
    let (mut story, caller) = offered();
    let late = story.leg("1001");
    story.refuses("1001", RefusedBy::Busy).forget();
    story.input(Input::Answered { leg: late }).input(Input::Ringing { leg: late });
    story.input(Input::Refused { leg: late, why: RefusedBy::Busy }).input(Input::Bridged { leg: caller });
    story.input(Input::Answered { leg: caller }).input(Input::Digit {
        leg: late,
        digit: '1',
        duration_ms: 50,
    });
    story.input(Input::Answered { leg: LegId(4711) }).ends(LegId(4711), LegEnd::HungUp);
    story.input(Input::DeviceUp { agent: "nobody".into() });
    assert!(story.told().is_empty());
    assert_eq!(story.stage(caller), "Offered 1002");
}
