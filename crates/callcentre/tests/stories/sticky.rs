//! Who called before is kept for the agent whom she talked to (CF C16).

use crate::common::{Story, house};
use careline_callcentre::{AgentOrder, LegEnd, RefusedBy};
use careline_model::LegId;
use careline_model::event::AgentIntent;

const GENERAL: &str = "queues = [\"general\"]";

/// 1001 has talked to the patient; 1002 has waited longer for work since.
fn after_a_talk() -> Story {
    let mut story = Story::with(&house("[queue.sticky]", &[("1001", GENERAL), ("1002", GENERAL)]));
    story.up("1001").at(1);
    let caller = story.waiting("200");
    story.talks("1001", caller).up("1002").at(20).ends(caller, LegEnd::HungUp).at(60).forget();
    story
}

fn calls_again(story: &mut Story) -> LegId {
    story.waiting("200")
}

#[test]
fn the_patient_comes_back_to_the_agent_who_knows_her() {
    let mut story = after_a_talk();
    let caller = calls_again(&mut story);
    assert_eq!(story.stage(caller), "Offered 1001", "though 1002 has waited longer");
    assert!(story.told().contains(&"c2 kept for 1001 15000".to_owned()));
}

#[test]
fn somebody_else_is_nobody_in_particular() {
    let mut story = after_a_talk();
    let leg = story.call_from("+8613900000000", "200");
    story.input(careline_callcentre::Input::CallerUp { leg }).heard(leg);
    assert_eq!(story.stage(leg), "Offered 1002");
}

#[test]
fn she_waits_for_an_agent_who_still_works_but_not_for_long() {
    let mut story = after_a_talk();
    let other = story.call_from("+8613900000000", "200");
    story.input(careline_callcentre::Input::CallerUp { leg: other }).heard(other);
    story.talks("1002", other).at(61);
    let third = story.call_from("+8613900000001", "200");
    story.input(careline_callcentre::Input::CallerUp { leg: third }).heard(third);
    story.talks("1001", third).at(62);
    let caller = calls_again(&mut story);
    assert!(story.told().contains(&"c4 kept for 1001 30000".to_owned()));
    // 1002 is free again after 80 s, and is not rung for her before the 30 s have passed.
    story.at(65).ends(other, LegEnd::HungUp).wants("1002", AgentIntent::Ready).at(91);
    assert_eq!(story.stage(caller), "Queued");
    story.at(92);
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn an_agent_who_pauses_leaves_her_to_the_others() {
    let mut story = after_a_talk();
    story.wants("1001", AgentIntent::NotReady("meal".into()));
    let caller = calls_again(&mut story);
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn what_is_kept_is_given_up_when_the_agent_signs_out_meanwhile() {
    let mut story = after_a_talk();
    let third = story.call_from("+8613900000001", "200");
    story.input(careline_callcentre::Input::CallerUp { leg: third }).heard(third);
    story.talks("1002", third).at(61);
    let fourth = story.call_from("+8613900000002", "200");
    story.input(careline_callcentre::Input::CallerUp { leg: fourth }).heard(fourth);
    story.talks("1001", fourth).at(62);
    let caller = calls_again(&mut story);
    story.ends(third, LegEnd::HungUp).wants("1002", AgentIntent::Ready);
    assert_eq!(story.stage(caller), "Queued");
    story.wants("1001", AgentIntent::LoggedOut);
    assert_eq!(story.stage(caller), "Offered 1002", "1001 will not be back after this call");
}

#[test]
fn what_is_kept_is_given_up_when_the_agent_takes_no_calls_of_that_queue_any_more() {
    let mut story = after_a_talk();
    let third = story.call_from("+8613900000001", "200");
    story.input(careline_callcentre::Input::CallerUp { leg: third }).heard(third);
    story.talks("1002", third).at(61);
    let fourth = story.call_from("+8613900000002", "200");
    story.input(careline_callcentre::Input::CallerUp { leg: fourth }).heard(fourth);
    story.talks("1001", fourth).at(62);
    let caller = calls_again(&mut story);
    story.ends(third, LegEnd::HungUp).wants("1002", AgentIntent::Ready);
    assert_eq!(story.stage(caller), "Queued");
    let order = AgentOrder::PauseInQueue { agent: "1001".into(), queue: "general".into(), paused: true };
    story.order(|centre, now| centre.agent_order(order, now)).expect("it is hers");
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn an_agent_who_does_not_answer_loses_her() {
    let mut story = after_a_talk();
    let caller = calls_again(&mut story);
    story.refuses("1001", RefusedBy::Busy);
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn after_a_day_nobody_is_known_any_more() {
    let mut story = after_a_talk();
    story.at(24 * 3600 + 21);
    let caller = calls_again(&mut story);
    assert_eq!(story.stage(caller), "Offered 1002");
}
