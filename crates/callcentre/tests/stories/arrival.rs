//! How calls come in, and how they are refused.

use crate::common::Story;
use careline_callcentre::{Input, LegEnd};
use careline_model::event::EventBody;

#[test]
fn a_call_is_answered_and_its_flow_begins_when_the_answer_arrived() {
    let mut story = Story::new();
    let caller = story.call("100");
    assert_eq!(story.told(), ["answer c1"]);
    story.input(Input::CallerUp { leg: caller });
    assert_eq!(story.told(), ["play c1 greeting"]);
    assert!(matches!(
        &story.events[..],
        [
            EventBody::CallOffered { medium, .. },
            EventBody::FlowEntered { version: 7, .. },
            EventBody::FlowNode { node, .. }
        ] if medium == "website" && node == "greeting"
    ));
    story.input(Input::CallerUp { leg: caller });
    assert!(story.told().is_empty(), "a doubled input changes nothing");
}

#[test]
fn an_unknown_number_is_refused_and_is_no_call() {
    let mut story = Story::new();
    story.call("999");
    assert_eq!(story.told(), ["refuse c1 UnknownNumber"]);
    assert!(story.events.is_empty());
}

#[test]
fn a_full_switch_refuses_and_says_so() {
    let mut story = Story::new();
    for _ in 0..20 {
        story.call("100");
    }
    story.forget().call("100");
    assert_eq!(story.told(), ["refuse c21 Full", "c21 over Refused by Switch 0"]);
    assert_eq!(story.centre.live_calls(), 20);
}

#[test]
fn draining_refuses_new_calls_and_keeps_the_old_ones() {
    let mut story = Story::new();
    let caller = story.waiting("200");
    story.forget().input(Input::Drain).input(Input::Drain);
    assert_eq!(story.told(), ["draining 1"]);
    story.call("200");
    assert_eq!(story.told(), ["refuse c2 Draining", "c2 over Refused by Switch 0"]);
    story.up("1001");
    assert_eq!(story.stage(caller), "Offered 1001");
}

#[test]
fn a_caller_who_gives_up_before_the_answer_is_cancelled() {
    let mut story = Story::new();
    let caller = story.call("100");
    story.forget().ends(caller, LegEnd::Cancelled);
    assert_eq!(story.told(), ["c1 over Cancelled by Caller 0"]);
    assert_eq!(story.centre.next_deadline(), None);
}

#[test]
fn an_answer_that_nobody_acknowledges_does_not_stay() {
    let mut story = Story::new();
    story.call("100");
    story.forget().at(39);
    assert!(story.told().is_empty());
    story.at(40);
    assert_eq!(story.told(), ["hang up c1 NotAcknowledged", "c1 over Cancelled by Caller 0"]);
}
