//! An agent who takes no calls of one of her queues (CF D6), and the light on the wall (CF C35).

use crate::common::{SWITCH, Story, house};
use careline_callcentre::{AgentOrder, CommandError, LegEnd};
use careline_model::event::EventBody;

const BOTH: &str = "queues = [\"general\", \"booking\"]";

fn pause(story: &mut Story, agent: &str, queue: &str, paused: bool) -> Result<(), CommandError> {
    let order = AgentOrder::PauseInQueue { agent: agent.into(), queue: queue.into(), paused };
    story.order(|centre, now| centre.agent_order(order, now))
}

/// Lights, and pauses, in the order in which they were told.
fn told(story: &Story) -> Vec<String> {
    let told = story.events.iter().filter_map(|event| match event {
        EventBody::QueueLight { queue, on } => Some(format!("{queue} {}", if *on { "on" } else { "off" })),
        EventBody::QueuePaused { agent, queue, paused } => Some(format!("{agent} {queue} {paused}")),
        _ => None,
    });
    told.collect()
}

#[test]
fn she_takes_the_calls_of_her_other_queues() {
    let mut story = Story::with(&house("", &[("1001", BOTH)]));
    story.up("1001");
    pause(&mut story, "1001", "general", true).expect("it is hers");
    pause(&mut story, "1001", "general", true).expect("twice is once");
    let general = story.waiting("200");
    assert_eq!(story.stage(general), "Queued");
    let booking = story.waiting("300");
    assert_eq!(story.stage(booking), "Offered 1001");
    story.ends(booking, LegEnd::HungUp);
    assert_eq!(story.stage(general), "Queued", "she is free, and still takes none of it");
    pause(&mut story, "1001", "general", false).expect("it is hers");
    assert_eq!(story.stage(general), "Offered 1001");
    let pauses: Vec<String> = told(&story).into_iter().filter(|line| line.starts_with("1001")).collect();
    assert_eq!(pauses, ["1001 general true", "1001 general false"]);
}

#[test]
fn what_rings_goes_on_and_comes_back_to_others_when_it_is_missed() {
    let mut story = Story::with(&house("", &[("1001", BOTH), ("1002", BOTH)]));
    story.up("1001");
    let caller = story.waiting("200");
    story.ringing("1001");
    pause(&mut story, "1001", "general", true).expect("it is hers");
    assert_eq!(story.stage(caller), "Offered 1001");
    story.at(60).up("1002");
    assert_eq!(story.stage(caller), "over", "the longest wait has passed");
}

#[test]
fn a_queue_that_is_none_of_hers_is_refused_with_those_that_are() {
    let mut story = Story::with(&house("", &[("1001", "queues = [\"general\"]")]));
    let refused = pause(&mut story, "1001", "booking", true).expect_err("it is not hers");
    assert_eq!(refused.to_string(), "queue booking is not known; allowed: general");
    let refused = pause(&mut story, "1009", "general", true).expect_err("there is no such agent");
    assert!(refused.to_string().contains("1001"), "{refused}");
}

#[test]
fn the_light_is_on_while_somebody_waits_whom_no_phone_rings_for() {
    let mut story = Story::with(&house("", &[("1001", BOTH)]));
    story.up("1001");
    let first = story.waiting("200");
    assert_eq!(told(&story), [""; 0], "her phone rings at once");
    let second = story.at(1).waiting("200");
    let third = story.at(2).waiting("200");
    assert_eq!(told(&story), ["general on"]);
    story.ends(first, LegEnd::HungUp);
    assert_eq!(told(&story), ["general on"], "the second rings, the third waits");
    story.ends(third, LegEnd::HungUp);
    assert_eq!(told(&story), ["general on", "general off"]);
    story.ends(second, LegEnd::HungUp);
    assert_eq!(told(&story).len(), 2);
}

#[test]
fn the_light_of_a_house_at_night_goes_on_with_the_first_and_off_with_the_last() {
    let mut story = Story::with(SWITCH);
    let (one, other) = (story.waiting("300"), story.waiting("300"));
    story.ends(one, LegEnd::HungUp).ends(other, LegEnd::HungUp);
    assert_eq!(told(&story), ["booking on", "booking off"]);
}
