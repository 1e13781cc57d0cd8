//! The IVR: questions, keys, silence and opening hours.

use crate::common::{MONDAY_NINE_US, SWITCH, Story};
use careline_callcentre::{Action, Input, LegEnd};
use careline_model::{EventBody, LegId};

/// A caller before the question.
fn asked(story: &mut Story) -> LegId {
    let caller = story.call("100");
    story.input(Input::CallerUp { leg: caller }).heard(caller).forget();
    caller
}

#[test]
fn a_key_leads_on_and_cuts_the_question_short() {
    let mut story = Story::new();
    let caller = asked(&mut story);
    story.key(caller, '1');
    assert_eq!(story.told(), ["stop play c1", "play c1 transfer"]);
    story.heard(caller);
    assert_eq!(story.told(), ["c1 enters general at 1", "play c1 busy"]);
    story.heard(caller);
    assert_eq!(story.told(), ["music c1"]);
}

#[test]
fn a_key_in_the_greeting_cuts_it_short_and_answers_the_question_that_follows() {
    let mut story = Story::new();
    let caller = story.call("100");
    story.input(Input::CallerUp { leg: caller }).forget();
    story.key(caller, '1');
    assert_eq!(story.told(), ["stop play c1", "play c1 transfer"]);
}

#[test]
fn what_must_be_heard_is_heard_to_the_end() {
    let mut story = Story::new();
    let caller = story.call("200");
    story.input(Input::CallerUp { leg: caller }).forget();
    story.key(caller, '1');
    assert!(story.told().is_empty());
}

#[test]
fn silence_is_asked_again_and_then_led_on() {
    let mut story = Story::new();
    let caller = asked(&mut story);
    story.at(1).heard(caller).at_ms(6_999);
    assert!(story.told().is_empty());
    story.at(7);
    assert_eq!(story.told(), ["play c1 silence+question"]);
    story.heard(caller).at(13);
    assert_eq!(story.told(), ["play c1 transfer"]);
}

#[test]
fn wrong_keys_and_silence_are_counted_apart() {
    let mut story = Story::new();
    let caller = asked(&mut story);
    story.key(caller, '9');
    assert_eq!(story.told(), ["stop play c1", "play c1 wrong+question"]);
    story.heard(caller).at(6);
    assert_eq!(story.told(), ["play c1 silence+question"]);
    story.key(caller, '9');
    assert_eq!(story.told(), ["stop play c1", "play c1 transfer"], "the second wrong key");
}

#[test]
fn an_answer_of_several_keys_waits_for_the_next_one() {
    let mut story = Story::new();
    let caller = asked(&mut story);
    story.heard(caller).key(caller, '2').key(caller, '1');
    assert_eq!(story.told(), ["play c1 closed"]);

    let mut story = Story::new();
    let caller = asked(&mut story);
    story.heard(caller).key(caller, '2').at_ms(2_999);
    assert!(story.told().is_empty());
    story.at(3);
    assert_eq!(story.told(), ["c1 enters booking at 1", "music c1"]);
}

#[test]
fn outside_the_hours_the_caller_is_told_and_hung_up() {
    let mut story = Story::new();
    story.now.wall_us = MONDAY_NINE_US + 4 * 3_600_000_000;
    let caller = story.call("100");
    story.input(Input::CallerUp { leg: caller }).heard(caller).forget();
    story.heard(caller);
    assert_eq!(story.told(), ["hang up c1 FlowFinished", "c1 over FlowFinished by Switch 0"]);
}

#[test]
fn a_playback_whose_end_is_never_told_does_not_hold_the_call() {
    let mut story = Story::new();
    let caller = story.call("100");
    story.input(Input::CallerUp { leg: caller }).forget();
    story.at(30);
    assert_eq!(story.told(), ["stop play c1", "play c1 question"]);
}

#[test]
fn the_late_end_of_an_earlier_playback_changes_nothing() {
    let mut story = Story::new();
    let caller = asked(&mut story);
    story.input(Input::PlaybackDone { leg: caller, playback: 1 }).at(29);
    assert_eq!(story.told(), Vec::<String>::new(), "the question is still being put");
}

#[test]
fn a_caller_who_hangs_up_in_the_flow_is_no_queue_abandon() {
    let mut story = Story::new();
    let caller = asked(&mut story);
    story.ends(caller, LegEnd::HungUp);
    assert_eq!(story.told(), ["c1 over IvrAbandoned by Caller 0"]);
    story.key(caller, '1').ends(caller, LegEnd::HungUp);
    assert!(story.told().is_empty());
}

fn digits(story: &Story) -> String {
    let told = story.events.iter().filter_map(|event| match event {
        EventBody::Digit { digit, .. } => Some(*digit),
        _ => None,
    });
    told.collect()
}

#[test]
fn secret_keys_are_told_as_stars_before_in_and_behind_their_question() {
    let mut story = Story::new();
    let caller = story.call("400");
    story.input(Input::CallerUp { leg: caller });
    assert!(story.told().contains(&"hide keys of c1".to_owned()), "who knows the question answers early");
    for key in ['9', '1', '2', '3'] {
        story.key(caller, key);
    }
    assert_eq!(digits(&story), "****", "one too early, two for the answer, one too many");
    assert!(!story.told().iter().any(|line| line.contains("show keys")));
    story.heard(caller);
    assert!(story.told().contains(&"show keys of c1".to_owned()), "another question");
    assert_eq!(story.trace()[..2], ["hello>next", "code>*"], "nor does the trace tell the answer");
    story.key(caller, '1');
    assert_eq!(digits(&story), "****1");
    assert_eq!(story.stage(caller), "Queued");
}

#[test]
fn keys_are_no_secret_in_a_conversation() {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.call("400");
    story.input(Input::CallerUp { leg: caller }).heard(caller).heard(caller);
    // Silence, three times, leads to the queue.
    for at in [10, 20, 26] {
        story.at(at).heard(caller);
    }
    assert!(story.told().contains(&"ring 1001 for c1".to_owned()));
    story.talks("1001", caller);
    let told = story.told();
    let place = |wanted: &str| told.iter().position(|line| line.starts_with(wanted));
    assert!(place("show keys of c1").is_some() && place("show keys") < place("record"), "{told:?}");
}

/// An English number beside the Chinese ones.
const ENGLISH: &str = "[[line]]\nid = \"english\"\nnumber = \"500\"\nflow = \"menu\"\nlanguage = \"en-GB\"\n";

#[test]
fn who_calls_the_english_number_hears_everything_in_english() {
    let mut story = Story::with(&format!("{SWITCH}{ENGLISH}"));
    let english = story.call("500");
    story.input(Input::CallerUp { leg: english });
    assert_eq!(story.told().last().map(String::as_str), Some("play c1 en-GB/greeting"));
    story.heard(english).key(english, '9');
    assert_eq!(story.told().last().map(String::as_str), Some("play c1 en-GB/wrong+en-GB/question"));
    story.key(english, '1').heard(english);
    assert_eq!(story.told().last().map(String::as_str), Some("play c1 en-GB/busy"));
    story.heard(english);
    let music = story.actions.iter().rev().find_map(|action| match action {
        Action::Music { item, .. } => item.clone(),
        _ => None,
    });
    assert_eq!(music.as_deref(), Some("en-GB/music"));
    let chinese = story.call("100");
    story.input(Input::CallerUp { leg: chinese });
    assert_eq!(
        story.told().last().map(String::as_str),
        Some("play c2 greeting"),
        "its own language, not the last one's"
    );
}
