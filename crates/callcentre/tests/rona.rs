//! Offers missed in a row take an agent out; an answer forgives.

mod common;
use careline_callcentre::{LegEnd, RefusedBy};
use careline_model::event::AgentIntent;
use common::Story;

#[test]
fn the_second_miss_in_a_row_makes_the_agent_not_ready() {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.waiting("200");
    story.ringing("1001").at(25).ringing("1001").forget().at(40);
    assert_eq!(
        story.told(),
        ["stop ringing 1001 NoAnswer", "c1 1001 NoAnswer 15000", "1001 rona Idle Registered"]
    );
    story.at(50);
    assert_eq!(story.stage(caller), "Queued");
    story.wants("1001", AgentIntent::Ready);
    assert_eq!(story.stage(caller), "Offered 1001", "a click brings her back at once");
}

#[test]
fn an_answer_forgives_the_misses_before() {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.waiting("200");
    story.refuses("1001", RefusedBy::Rejected).at(10);
    story.talks("1001", caller).ends(caller, LegEnd::HungUp).at(40);
    story.waiting("200");
    story.forget().refuses("1001", RefusedBy::Rejected);
    assert_eq!(story.told(), ["c2 1001 Rejected 0", "1001 Ready Idle Registered"]);
}

#[test]
fn a_code_that_nobody_knows_is_refused_with_the_known_ones() {
    let mut story = Story::new();
    let now = story.now;
    let mut set = |agent: &str, code: &str| {
        story
            .centre
            .set_agent(&agent.into(), AgentIntent::NotReady(code.into()), now)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(set("1001", "nap"), "reason code nap is not known; allowed: meal");
    assert_eq!(set("1001", "rona"), "reason code rona is not known; allowed: meal");
    assert_eq!(set("1009", "meal"), "agent 1009 is not known; allowed: 1001, 1002, 1003");
}
