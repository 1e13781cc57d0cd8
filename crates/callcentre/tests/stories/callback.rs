//! Callbacks that keep their place (CF E1, E2, E4, E6, 1.10), and what users of other systems missed (CF 6, 14).

use crate::common::Story;
use crate::common::callbacks::{PATIENT, accepts, answers, asks, busy, waiting_from};
use careline_callcentre::{Action, Input, LegEnd, RefusedBy};
use careline_model::event::{EventBody, QueueOutcome};

/// A asks for a callback, B waits behind her, and the agent hangs up.
fn a_asks_and_b_waits(callback: &str) -> Story {
    let (mut story, first) = busy("", callback);
    let a = waiting_from(story.at(10), PATIENT);
    waiting_from(story.at(20), "+8613900000002");
    asks(story.at(30), a);
    story.forget().at(40).ends(first, LegEnd::HungUp);
    story
}

fn has(told: &[String], line: &str) {
    assert!(told.iter().any(|one| one == line), "{line}: {told:#?}");
}

#[test]
fn who_asks_to_be_called_back_leaves_the_queue_for_that_and_stands_in_her_place() {
    let (mut story, _) = busy("", "");
    let a = waiting_from(story.at(10), PATIENT);
    let b = waiting_from(story.at(20), "+8613900000002");
    story.at(30).forget();
    asks(&mut story, a);
    let told = story.told();
    has(&told, "c2 leaves FlowOutCallback 20000");
    has(&told, "play c2 your number+d1+d3+d9+d0+d0+d0+d0+d0+d0+d0+d1+right");
    has(&told, "callback to +8613900000001 asked");
    has(&told, "c2 over FlowFinished by Switch 0");
    has(&told, "c4 calls +8613900000001 back, age 20000");
    has(&told, "c4 enters general at 1");
    assert_eq!(story.stage(b), "Queued");
}

#[test]
fn the_callback_is_served_before_who_came_later_and_the_agents_phone_rings_first() {
    let mut story = a_asks_and_b_waits("");
    let told = story.told();
    has(&told, "ring 1001 for c4");
    assert!(!told.iter().any(|line| line.starts_with("dial ")), "she is not called yet: {told:?}");
    story.forget();
    accepts(&mut story, "1001");
    let told = story.told();
    has(&told, "c4 dialled for 1001");
    has(&told, "dial +8613900000001 by out");
    story.forget();
    let patient = answers(&mut story, PATIENT);
    let told = story.told();
    has(&told, "bridge +8613900000001 1001");
    has(&told, "c4 1001 Answered 0");
    has(&told, "c4 leaves Answered 20000");
    has(&told, "callback Reached 0");
    has(&told, "record 1001 1");
    assert_eq!(story.stage(patient), "Talking 1001");
    story.at(120).ends(patient, LegEnd::HungUp);
    has(&story.told(), "ring 1001 for c3");
}

#[test]
fn the_agent_hears_a_ring_back_tone_until_the_network_lets_her_hear_the_line() {
    let mut story = a_asks_and_b_waits("ringback = \"tone\"");
    accepts(&mut story, "1001");
    let told = story.told();
    has(&told, "tone 1001");
    let leg = story.leg(PATIENT);
    story.input(Input::EarlyMedia { leg }).input(Input::Bridged { leg });
    assert_eq!(story.told(), ["stop music 1001", "bridge +8613900000001 1001"]);
    story.input(Input::EarlyMedia { leg });
    assert!(story.told().is_empty(), "once");
    assert_eq!(story.stage(leg), "Offered 1001", "nobody has answered yet");
    answers(&mut story, PATIENT);
    assert_eq!(story.stage(leg), "Talking 1001");
}

#[test]
fn an_agent_who_hangs_up_before_the_person_is_there_calls_nobody_and_the_place_stays() {
    let mut story = a_asks_and_b_waits("");
    accepts(&mut story, "1001");
    story.forget();
    let leg = story.leg("1001");
    story.ends(leg, LegEnd::HungUp);
    let told = story.told();
    has(&told, "stop ringing +8613900000001 CallerLeft");
    has(&told, "c4 1001 Rejected 0");
    story.at(120);
    has(&story.told(), "ring 1001 for c4");
}

#[test]
fn nobody_answers_and_the_agent_is_free_at_once_without_a_miss_of_hers() {
    let mut story = a_asks_and_b_waits("");
    accepts(&mut story, "1001");
    story.forget();
    let leg = story.leg(PATIENT);
    story.input(Input::Refused { leg, why: RefusedBy::Busy });
    let told = story.told();
    has(&told, "hang up 1001 CallerLeft");
    has(&told, "c4 1001 CallerLeft 0");
    has(&told, "c4 leaves FlowOutCallback 20000");
    has(&told, "c4 misses Busy 1 until 650");
    has(&told, "c4 over Busy by Caller 0");
    has(&told, "ring 1001 for c3");
}

#[test]
fn the_person_first_is_called_when_her_turn_is_near_and_waits_with_music_for_the_agent() {
    let callback = "mode = \"customer_first\"\nanswer = [\"you called\"]\nwait_over_s = 30";
    let (mut story, first) = busy("handling_s = 40", callback);
    let a = waiting_from(story.at(10), PATIENT);
    asks(story.at(20), a);
    let told = story.told();
    has(&told, "c3 calls +8613900000001 back, age 10000");
    assert!(!told.iter().any(|line| line.starts_with("dial ")), "40 s are too long: {told:?}");
    story.at(30).ends(first, LegEnd::HungUp);
    assert_eq!(story.phones(story.leg("1001")), Vec::<String>::new(), "no agent is rung for nobody");
    story.at(36);
    has(&story.told(), "dial +8613900000001 by out");
    let leg = story.leg(PATIENT);
    story.input(Input::Answered { leg });
    assert_eq!(story.told(), ["play +8613900000001 you called"]);
    story.key(leg, '7').at(38);
    assert_eq!(story.stage(leg), "Queued", "another key says nothing");
    story.key(leg, '1');
    let told = story.told();
    has(&told, "stop play +8613900000001");
    has(&told, "ring 1001 for c3");
    story.talks("1001", leg);
    has(&story.told(), "callback Reached 0");
}

#[test]
fn a_mailbox_that_answers_the_person_first_presses_no_key_and_is_hung_up() {
    let callback = "mode = \"customer_first\"\nanswer = [\"you called\"]\nlead_s = 600";
    let (mut story, _) = busy("", callback);
    let a = waiting_from(story.at(10), PATIENT);
    asks(story.at(20), a);
    let leg = story.leg(PATIENT);
    story.input(Input::Answered { leg }).heard(leg).at(30).forget().heard(leg).at(60);
    let told = story.told();
    has(&told, "hang up +8613900000001 NotBridged");
    has(&told, "c3 misses NotConfirmed 1 until 638");
}

#[test]
fn the_number_is_read_back_and_another_one_may_be_typed() {
    let (mut story, _) = busy("", "");
    let a = waiting_from(story.at(10), "");
    story.key(a, '2').forget().keys(a, "0543#");
    assert!(story.told().iter().any(|line| line.contains("type")), "too short");
    story.keys(a, "2223333#");
    let told = story.told();
    has(&told, "play c2 your number+d2+d2+d2+d3+d3+d3+d3+right");
    story.key(a, '2').forget().keys(a, "13900000001#");
    has(&story.told(), "play c2 your number+d1+d3+d9+d0+d0+d0+d0+d0+d0+d0+d1+right");
    story.key(a, '1').heard(a);
    has(&story.told(), "callback to +8613900000001 asked");
}

#[test]
fn a_number_of_a_form_that_is_not_allowed_is_asked_for_again() {
    let numbers = "numbers = [{ prefix = \"1\", min = 11, max = 11 }]";
    let (mut story, _) = busy("", numbers);
    let a = waiting_from(story.at(10), "+865432223333");
    story.key(a, '2');
    assert_eq!(story.trace().last().map(String::as_str), Some("offer>unknown"), "a land line is not");
    for bad in ["4008001234", "02162223333"] {
        story.keys(a, &format!("{bad}#")).key(a, '1');
        assert_eq!(story.trace().last().map(String::as_str), Some("promise>invalid"), "{bad}");
    }
    assert!(!story.events.iter().any(|event| matches!(event, EventBody::CallbackRequested(_))));
}

#[test]
fn one_callback_is_open_for_a_number_and_the_older_place_counts() {
    let (mut story, _) = busy("", "");
    let a = waiting_from(story.at(10), PATIENT);
    asks(story.at(30), a);
    let family = waiting_from(story.at(40), "+8613900000003");
    story
        .key(family, '2')
        .key(family, '2')
        .keys(family, "13900000001#")
        .key(family, '1')
        .forget()
        .heard(family);
    story.at(50);
    let asked = story.events.iter().filter(|event| matches!(event, EventBody::CallbackRequested(_)));
    assert_eq!(asked.count(), 1);
    assert_eq!(story.centre.callbacks().len(), 1);
    let merged = story.events.iter().filter(|event| matches!(event, EventBody::CallbackMerged(_)));
    assert_eq!(merged.count(), 1);
}

#[test]
fn who_rings_again_joins_at_the_kept_place_and_is_not_called_any_more() {
    let (mut story, first) = busy("", "");
    let a = waiting_from(story.at(10), PATIENT);
    let b = waiting_from(story.at(20), "+8613900000002");
    asks(story.at(30), a);
    story.at(100).forget();
    let again = waiting_from(&mut story, PATIENT);
    let told = story.told();
    has(&told, "callback Returned 0");
    has(&told, "c4 leaves FlowOutCallback 70000");
    has(&told, "c4 over Cancelled by Switch 0");
    has(&told, "c5 enters general at 1");
    has(&told, "c5 has the place of c2 90000");
    assert!(story.centre.callbacks().is_empty());
    story.at(110).ends(first, LegEnd::HungUp);
    assert_eq!((story.stage(again), story.stage(b)), ("Offered 1001".into(), "Queued".into()));
}

#[test]
fn who_rings_again_while_an_agent_calls_her_gets_that_agent() {
    let mut story = a_asks_and_b_waits("");
    accepts(&mut story, "1001");
    story.forget();
    let again = waiting_from(&mut story, PATIENT);
    let told = story.told();
    has(&told, "callback Returned 0");
    has(&told, "stop ringing +8613900000001 Command");
    has(&told, "hang up 1001 CallerLeft");
    assert_eq!(story.stage(again), "Offered 1001");
}

#[test]
fn whoever_waits_on_after_all_is_not_called_too() {
    let (mut story, _) = busy("", "");
    let a = waiting_from(story.at(10), PATIENT);
    story.at(30).key(a, '2').key(a, '1');
    let call = story.id(a);
    let withdrawn = story.order(|centre, now| centre.withdraw(call, &"booking".into(), "x", now));
    assert!(withdrawn.is_err(), "she hears thanks");
    story.ends(a, LegEnd::HungUp).at(40);
    assert_eq!(story.centre.callbacks().len(), 1);
    assert!(story.told().iter().any(|line| line.contains("back, age 20000")));
}

#[test]
fn a_callback_belongs_to_its_queue_for_every_count() {
    let mut story = a_asks_and_b_waits("");
    accepts(&mut story, "1001");
    let patient = answers(&mut story, PATIENT);
    let agent = story.leg("1001");
    story.at(100).ends(agent, LegEnd::HungUp);
    assert_eq!(story.stage(patient), "over");
    let queue = |event: &EventBody| match event {
        EventBody::CallConnected { queue, .. } => queue.as_ref().map(ToString::to_string),
        _ => None,
    };
    assert_eq!(story.events.iter().filter_map(queue).collect::<Vec<_>>(), ["general", "general"]);
    let left = story.events.iter().filter_map(|event| match event {
        EventBody::QueueLeft { outcome, .. } => Some(*outcome),
        _ => None,
    });
    use QueueOutcome::{Answered, FlowOutCallback};
    assert_eq!(left.collect::<Vec<_>>(), [Answered, FlowOutCallback, Answered]);
}

#[test]
fn all_phones_ring_for_a_callback_and_the_first_to_answer_calls_her() {
    let agents = [("1001", "queues = [\"general\"]"), ("1002", "queues = [\"general\"]")];
    let mut story = crate::common::callbacks::story("strategy = \"ring_all\"\nhandling_s = 600", "", &agents);
    let a = waiting_from(story.at(10), PATIENT);
    asks(story.at(20), a);
    story.up("1001").up("1002").ringing("1001").ringing("1002").forget();
    let (one, two) = (story.leg("1001"), story.leg("1002"));
    story.input(Input::Answered { leg: one });
    has(&story.told(), "stop ringing 1002 AnsweredElsewhere");
    story.input(Input::Answered { leg: two }).at(60);
    let calls = story.actions.iter().filter(|action| matches!(action, Action::DialOutside { .. }));
    assert_eq!(calls.count(), 1, "one agent, one call");
}
