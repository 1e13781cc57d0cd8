//! What is said between the answer and the conversation: to the agent (CF C27), and to the caller (C28).

use crate::common::{Story, house};
use careline_callcentre::{Input, LegEnd};
use careline_model::LegId;

const WHISPER: &str = "[queue.whisper]\nprompts = [\"about\"]\nunless_waited_s = 20";
const TWO: [(&str, &str); 2] = [("1001", "queues = [\"general\"]"), ("1002", "queues = [\"general\"]")];

fn digits() -> String {
    let all: Vec<String> = (0..10).map(|digit| format!("\"d{digit}\"")).collect();
    format!("[queue.agent_number]\nbefore = \"number\"\ndigits = [{}]\nafter = \"serves\"", all.join(", "))
}

/// A caller who heard music until agent 1001 answered.
fn answered(story: &mut Story, waited_s: u64) -> LegId {
    let caller = story.waiting("200");
    story.heard(caller).at(waited_s).up("1001").ringing("1001").forget();
    story.input(Input::Answered { leg: story.leg("1001") });
    caller
}

#[test]
fn the_agent_hears_what_it_is_about_and_the_caller_keeps_her_music() {
    let mut story = Story::with(&house(WHISPER, &TWO));
    let caller = answered(&mut story, 10);
    assert_eq!(story.told(), ["1001 Ready Connecting InUse", "play 1001 about"]);
    let leg = story.leg("1001");
    story.at_ms(11_200).heard(leg);
    assert_eq!(story.told(), ["stop music c1", "bridge c1 1001"]);
    story.input(Input::Bridged { leg: caller });
    assert_eq!(story.stage(caller), "Talking 1001");
}

#[test]
fn a_whisper_is_cut_after_two_seconds_and_joining_has_its_own_time() {
    let mut story = Story::with(&house(WHISPER, &TWO));
    let caller = answered(&mut story, 10);
    story.forget().at_ms(11_999);
    assert!(story.told().is_empty());
    story.at(12);
    assert_eq!(story.told(), ["stop play 1001", "stop music c1", "bridge c1 1001"]);
    story.at_ms(14_999);
    assert_eq!(story.stage(caller), "Offered 1001");
    story.at(15);
    assert!(story.told().contains(&"hang up 1001 NotBridged".to_owned()), "three seconds to be joined");
    assert_eq!(story.stage(caller), "Queued");
}

#[test]
fn who_has_waited_long_is_joined_at_once() {
    let mut story = Story::with(&house(WHISPER, &TWO));
    answered(&mut story, 21);
    assert_eq!(story.told(), ["1001 Ready Connecting InUse", "stop music c1", "bridge c1 1001"]);
}

#[test]
fn an_agent_lost_in_the_whisper_leaves_the_caller_in_her_place() {
    let mut story = Story::with(&house(WHISPER, &TWO));
    let caller = answered(&mut story, 10);
    story.ends(story.leg("1001"), LegEnd::Failed);
    assert_eq!(story.stage(caller), "Queued");
    story.forget().up("1002").ringing("1002");
    story.input(Input::Answered { leg: story.leg("1002") });
    assert!(story.told().contains(&"play 1002 about".to_owned()), "the next one hears it too");
}

#[test]
fn a_caller_who_hangs_up_in_the_whisper_is_abandoned() {
    let mut story = Story::with(&house(WHISPER, &TWO));
    let caller = answered(&mut story, 10);
    story.forget().at(11).ends(caller, LegEnd::HungUp);
    let told = story.told();
    assert!(told.contains(&"hang up 1001 CallerLeft".to_owned()), "{told:?}");
    assert!(told.contains(&"c1 leaves Abandoned 11000".to_owned()), "{told:?}");
}

#[test]
fn a_word_of_comfort_that_ends_in_the_whisper_is_followed_by_music() {
    let general = format!("[queue.comfort]\nprompts = [\"a\"]\n{WHISPER}");
    let mut story = Story::with(&house(&general, &TWO));
    let caller = story.waiting("200");
    story.heard(caller).at(4).up("1001").ringing("1001").at(5);
    story.input(Input::Answered { leg: story.leg("1001") }).forget().at(6).heard(caller);
    assert_eq!(story.told(), ["music c1"]);
    story.heard(story.leg("1001"));
    assert_eq!(story.told(), ["stop music c1", "bridge c1 1001"]);
}

#[test]
fn the_caller_is_told_the_number_of_her_agent_who_hears_her_already() {
    let mut story = Story::with(&house(&digits(), &TWO));
    let caller = answered(&mut story, 10);
    story.forget().input(Input::Bridged { leg: caller });
    let told = story.told();
    assert_eq!(told.last().map(String::as_str), Some("play c1 number+d1+d0+d0+d1+serves"));
    assert!(told.contains(&"c1 leaves Answered 10000".to_owned()), "the wait ends where the number begins");
    story.at(13).heard(caller);
    assert!(story.told().is_empty(), "nothing but the conversation follows");
    assert_eq!(story.stage(caller), "Talking 1001");
}

#[test]
fn an_agent_without_a_number_is_not_announced() {
    let mut story = Story::with(&house(&digits(), &[("anna", "queues = [\"general\"]")]));
    let caller = story.waiting("200");
    story.up("anna").forget().talks("anna", caller);
    assert!(!story.told().iter().any(|line| line.starts_with("play")));
}

#[test]
fn a_hang_up_in_the_number_ends_both() {
    let mut story = Story::with(&house(&digits(), &TWO));
    let caller = answered(&mut story, 10);
    story.input(Input::Bridged { leg: caller }).forget().ends(caller, LegEnd::HungUp).at(100);
    assert_eq!(story.stage(caller), "over");
    assert!(story.told().iter().all(|line| !line.starts_with("play")));
}
