//! Offers missed in a row take an agent out; an answer forgives.

use crate::common::{SWITCH, Story, house};
use careline_callcentre::{LegEnd, RefusedBy};
use careline_model::event::AgentIntent;

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

#[test]
fn each_cause_may_have_a_limit_of_its_own() {
    let rona = "[rona]\nrejected_max = 3\nbusy_max = 0\n";
    let mut story = Story::with(&format!("{SWITCH}{rona}"));
    story.up("1001");
    story.waiting("300");
    // Busy phones never count, refusals by themselves, and unanswered ones with the rest.
    for (at, why) in [(10, RefusedBy::Busy), (20, RefusedBy::Rejected), (30, RefusedBy::Busy)] {
        story.refuses("1001", why).at(at);
    }
    story.refuses("1001", RefusedBy::Rejected).at(40).refuses("1001", RefusedBy::NoAnswer).at(50).forget();
    story.refuses("1001", RefusedBy::Rejected);
    assert_eq!(story.told(), ["c1 1001 Rejected 0", "1001 rona Idle Registered"], "the third refusal");
}

#[test]
fn an_answer_to_any_call_forgives_the_misses_before() {
    let mut story = Story::new();
    story.up("1001").up("1003");
    story.waiting("300");
    story.refuses("1001", RefusedBy::Rejected);
    let dialler = story.dials("1003", "1001");
    story.picks_up(dialler, "1001").ends(dialler, LegEnd::HungUp).at(11).forget();
    story.refuses("1001", RefusedBy::Rejected);
    assert_eq!(story.told()[1], "1001 Ready Idle Registered", "the first miss in a row again");
}

#[test]
fn when_all_are_rung_the_slower_pay_nothing_and_all_pay_when_nobody_answers() {
    let queues = "queues = [\"general\"]";
    let house = house("strategy = \"ring_all\"", &[("1001", queues), ("1002", queues)]);
    let mut story = Story::with(&house);
    story.up("1001").up("1002");
    let caller = story.waiting("200");
    story.ringing("1001").ringing("1002").talks("1001", caller).at(5).ends(caller, LegEnd::HungUp);
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Offered 1002", "who lost the race does not rest");

    let mut story = Story::with(&house);
    story.up("1001").up("1002");
    let caller = story.waiting("200");
    story.ringing("1001").ringing("1002").at(24);
    assert_eq!(story.stage(caller), "Queued", "both rest");
    story.at(25);
    assert_eq!(story.phones(caller), ["1001", "1002"]);
}
