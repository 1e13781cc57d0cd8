//! Who answers a mobile says by key that she takes the call (CF D4), and the chain of duty phones at night (CF M5).

use crate::common::{Story, house};
use careline_callcentre::{Input, LegEnd};
use careline_model::event::{EventBody, OfferOutcome};

const NIGHT: &str = "strategy = \"linear\"\nring_timeout_s = 20";
const DUTY: &str = "queues = [\"general\"]\naccept_by_key = true";

fn night() -> Story {
    let mut story = Story::with(
        &house(NIGHT, &[("1001", DUTY), ("1002", DUTY)]).replace("max_wait_s = 60", "max_wait_s = 600"),
    );
    story.up("1001").up("1002");
    story
}

fn answers(story: &mut Story, agent: &str) {
    let leg = story.leg(agent);
    story.ringing(agent).input(Input::Answered { leg });
}

#[test]
fn the_caller_is_joined_when_the_key_is_pressed_and_hears_music_until_then() {
    let mut story = night();
    let caller = story.waiting("200");
    story.forget();
    answers(&mut story, "1001");
    let told = story.told();
    assert_eq!(told.last().map(String::as_str), Some("play 1001 accept-call+accept-call"));
    assert!(!told.iter().any(|line| line.starts_with("bridge")), "{told:?}");
    let leg = story.leg("1001");
    story.input(Input::Bridged { leg: caller });
    assert_eq!(story.stage(caller), "Offered 1001", "nothing was joined");
    story.key(leg, '1');
    let told = story.told();
    assert!(
        told.contains(&"stop play 1001".to_owned()) && told.contains(&"bridge c1 1001".to_owned()),
        "{told:?}"
    );
    story.input(Input::Bridged { leg: caller });
    assert_eq!(story.stage(caller), "Talking 1001");
}

#[test]
fn an_answering_machine_presses_no_key_and_the_next_phone_rings() {
    let mut story = night();
    let caller = story.waiting("200");
    answers(&mut story, "1001");
    story.forget().at(10);
    let told = story.told();
    assert!(told.contains(&"hang up 1001 NotBridged".to_owned()), "{told:?}");
    assert!(
        told.iter().any(|line| line.starts_with("c1 1001 NoAnswer")),
        "it is hers to have missed: {told:?}"
    );
    assert_eq!(story.stage(caller), "Offered 1002");
    answers(&mut story, "1002");
    let leg = story.leg("1002");
    story.key(leg, '2');
    assert_eq!(story.stage(caller), "Queued", "another key is a no");
    story.ends(caller, LegEnd::HungUp);
}

#[test]
fn duty_phones_ring_twenty_seconds_each_in_order_and_it_is_told_who_had_it() {
    let mut story = night();
    let caller = story.waiting("200");
    story.ringing("1001").at(19);
    assert_eq!(story.stage(caller), "Offered 1001");
    story.at(20);
    assert_eq!(story.stage(caller), "Offered 1002");
    story.ringing("1002").at(40);
    // Nobody clicks at a mobile: the first is rung again after her rest, and so on.
    story.at(41);
    assert_eq!(story.stage(caller), "Offered 1001");
    story.ringing("1001").at(61);
    assert_eq!(story.stage(caller), "Offered 1002");
    answers(&mut story, "1002");
    let leg = story.leg("1002");
    story.key(leg, '1').input(Input::Bridged { leg: caller });
    let had: Vec<(String, OfferOutcome)> = story
        .events
        .iter()
        .filter_map(|event| match event {
            EventBody::OfferEnded { agent, outcome, .. } => Some((agent.to_string(), *outcome)),
            _ => None,
        })
        .collect();
    let missed = |agent: &str| (agent.to_owned(), OfferOutcome::NoAnswer);
    let answered = ("1002".to_owned(), OfferOutcome::Answered);
    assert_eq!(had, [missed("1001"), missed("1002"), missed("1001"), answered]);
    let connected = story
        .events
        .iter()
        .any(|event| matches!(event, EventBody::CallConnected { agent, .. } if agent.as_str() == "1002"));
    assert!(connected);
}

#[test]
fn a_caller_who_leaves_while_the_key_is_awaited_is_gone() {
    let mut story = night();
    let caller = story.waiting("200");
    answers(&mut story, "1001");
    story.forget().ends(caller, LegEnd::HungUp);
    assert!(story.told().contains(&"hang up 1001 CallerLeft".to_owned()));
    let next = story.waiting("200");
    story.ends(next, LegEnd::HungUp);
}
