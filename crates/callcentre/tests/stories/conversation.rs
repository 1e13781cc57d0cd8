//! Conversations: how they end, what follows for the agent, and what happens when a leg is lost.

use crate::common::Story;
use careline_callcentre::{Action, CommandError, Input, LegEnd};
use careline_model::event::AgentIntent;
use careline_model::{LegId, RecordingId};

/// A conversation of 1001 that began at second 0, on the line given.
fn talking(number: &str) -> (Story, LegId) {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.waiting(number);
    story.talks("1001", caller).forget();
    (story, caller)
}

#[test]
fn the_caller_hangs_up_and_the_agent_wraps_up() {
    let (mut story, caller) = talking("200");
    story.at(20).ends(caller, LegEnd::HungUp);
    assert_eq!(
        story.told(),
        [
            "hang up 1001 Completed",
            "stop recording",
            "c1 over Completed by Caller 20000",
            "1001 Ready WrapUp Registered"
        ]
    );
    story.at(49);
    assert!(story.told().is_empty());
    story.at(50);
    assert_eq!(story.told(), ["1001 Ready Idle Registered"]);
}

#[test]
fn the_agent_hangs_up_and_the_caller_is_hung_up() {
    let (mut story, _) = talking("200");
    let agent = story.leg("1001");
    story.at(20).ends(agent, LegEnd::HungUp);
    assert_eq!(
        story.told()[..3],
        ["hang up c1 Completed", "stop recording", "c1 over Completed by Agent 20000"]
    );
    story.ends(agent, LegEnd::HungUp).forget();
    assert!(story.told().is_empty());
}

#[test]
fn without_wrap_up_the_next_caller_is_rung_in_the_same_instant() {
    let (mut story, caller) = talking("300");
    story.waiting("300");
    story.forget().at(20).ends(caller, LegEnd::HungUp);
    assert_eq!(
        story.told(),
        [
            "hang up 1001 Completed",
            "stop recording",
            "c1 over Completed by Caller 20000",
            "1001 Ready Idle Registered",
            "1001 Ready Reserved Registered",
            "ring 1001 for c2"
        ]
    );
}

#[test]
fn a_lost_agent_brings_the_caller_to_the_head_of_the_line() {
    let (mut story, caller) = talking("200");
    let agent = story.leg("1001");
    let older = story.at(1).waiting("200");
    story.heard(older).forget().at(20).ends(agent, LegEnd::MediaTimeout);
    assert_eq!(
        story.told(),
        ["stop recording", "1001 Ready Idle Registered", "c1 enters general at 1", "music c1"]
    );
    story.up("1002");
    assert_eq!((story.stage(caller), story.stage(older)), ("Offered 1002".into(), "Queued".into()));
    story.talks("1002", caller).forget().at(30).ends(caller, LegEnd::HungUp);
    assert!(
        story.told().contains(&"c1 over Completed by Caller 30000".to_owned()),
        "both conversations count"
    );
    let segments: Vec<_> = story
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::Record { recording, details, .. } => {
                Some((recording.as_str().ends_with(&format!("-{}", details.segment)), details.segment))
            }
            _ => None,
        })
        .collect();
    // 1001 took the other caller after her rest.
    assert_eq!(segments, [(true, 1), (true, 2)]);
}

#[test]
fn a_caller_who_gives_up_after_a_lost_conversation_counts_against_the_device() {
    let (mut story, caller) = talking("200");
    let agent = story.leg("1001");
    story.at(20).ends(agent, LegEnd::Failed).forget().at(21).ends(caller, LegEnd::HungUp);
    assert_eq!(story.told(), ["c1 leaves Abandoned 1000", "c1 over DeviceLost by Caller 20000"]);
}

#[test]
fn a_silent_caller_ends_the_call() {
    let (mut story, caller) = talking("200");
    story.at(20).ends(caller, LegEnd::MediaTimeout);
    assert_eq!(story.told()[2], "c1 over MediaTimeout by Switch 20000");
}

#[test]
fn a_command_ends_a_call_wherever_it_stands() {
    let (mut story, caller) = talking("200");
    story.at(5).hang_up(caller);
    assert_eq!(
        story.told(),
        [
            "hang up c1 Command",
            "hang up 1001 Command",
            "stop recording",
            "c1 over Command by Switch 5000",
            "1001 Ready WrapUp Registered"
        ]
    );
    let second = story.waiting("300");
    story.at(36);
    assert_eq!(story.stage(second), "Offered 1001");
    story.forget().hang_up(second);
    assert_eq!(
        story.told(),
        [
            "hang up c2 Command",
            "stop ringing 1001 Command",
            "c2 1001 Cancelled 1000",
            "1001 Ready Idle Registered",
            "c2 leaves FlowOutAdmin 31000",
            "c2 over Command by Switch 0"
        ]
    );
}

#[test]
fn what_an_agent_wants_in_a_conversation_holds_after_the_wrap_up() {
    let (mut story, caller) = talking("200");
    story.wants("1001", AgentIntent::NotReady("meal".into()));
    assert!(story.told().is_empty());
    story.ends(caller, LegEnd::HungUp).at(29).forget();
    story.at(30);
    assert_eq!(story.told(), ["1001 meal Idle Registered"]);
}

#[test]
fn in_wrap_up_ready_ends_it_and_a_pause_waits_for_its_end() {
    let (mut story, caller) = talking("200");
    story.ends(caller, LegEnd::HungUp).forget().at(5).wants("1001", AgentIntent::Ready);
    assert_eq!(story.told(), ["1001 Ready Idle Registered"]);
    assert_eq!(story.centre.next_deadline(), None);

    let (mut story, caller) = talking("200");
    story.ends(caller, LegEnd::HungUp).forget().at(5).wants("1001", AgentIntent::LoggedOut);
    assert!(story.told().is_empty());
    story.at(30);
    assert_eq!(story.told(), ["1001 LoggedOut Idle Registered"]);
}

#[test]
fn recordings_are_told_on_even_after_the_call() {
    let (mut story, caller) = talking("200");
    let call = story.centre.call_of(caller).unwrap();
    story.ends(caller, LegEnd::HungUp);
    let before = story.events.len();
    story.input(Input::RecordingFinished {
        call,
        recording: format!("{call}-1").as_str().into(),
        duration_ms: 1,
        bytes: 2,
        sha256: "00".into(),
        complete: true,
    });
    assert_eq!(story.events.len(), before + 1);
    assert_eq!(story.events[before].call(), Some(call));
}

#[test]
fn a_held_caller_hears_the_music_of_the_queue_until_the_agent_is_back() {
    let (mut story, caller) = talking("200");
    let agent = story.leg("1001");
    story.at(5).input(Input::Held { leg: agent, held: true });
    assert_eq!(story.told(), ["part c1 1001", "music c1"]);
    story.at(6).input(Input::Held { leg: agent, held: true });
    assert!(story.told().is_empty(), "held is held");
    story.at(9).input(Input::Held { leg: agent, held: false });
    assert_eq!(story.told(), ["stop music c1", "bridge c1 1001"]);
    story.input(Input::Held { leg: caller, held: true });
    assert!(story.told().is_empty(), "what the caller's side holds is not ours to fill");
}

#[test]
fn a_caller_who_was_held_when_the_phone_was_lost_waits_with_music_at_the_head() {
    let (mut story, _) = talking("200");
    let agent = story.leg("1001");
    story.at(5).input(Input::Held { leg: agent, held: true }).forget();
    story.at(20).ends(agent, LegEnd::Failed);
    assert_eq!(
        story.told(),
        [
            "stop music c1",
            "stop recording",
            "1001 Ready Idle Registered",
            "c1 enters general at 1",
            "music c1"
        ]
    );
}

#[test]
fn a_recording_rests_and_goes_on_by_command() {
    let (mut story, caller) = talking("200");
    let (call, now) = (story.centre.call_of(caller).expect("a call"), story.now);
    story.centre.pause_recording(call, "card", now).expect("it is recorded");
    assert_eq!(story.collected(), ["pause recording for card", "c1 paused for card"]);
    let twice = story.centre.pause_recording(call, "card", now);
    assert_eq!(twice, Err(CommandError::PausedAlready { call }));
    story.centre.resume_recording(call, now).expect("it rests");
    assert_eq!(story.collected(), ["resume recording", "c1 resumed by Command"]);
    assert_eq!(story.centre.resume_recording(call, now), Err(CommandError::NotPaused { call }));
}

#[test]
fn a_pause_that_lasted_too_long_is_told_once() {
    let (mut story, caller) = talking("200");
    let (call, now) = (story.centre.call_of(caller).expect("a call"), story.now);
    story.centre.pause_recording(call, "card", now).expect("it is recorded");
    story.collected();
    let recording = RecordingId::new(format!("{call}-1"));
    story.input(Input::RecordingResumed { call, recording: RecordingId::new("another") });
    assert!(story.told().is_empty());
    for _ in 0..2 {
        story.input(Input::RecordingResumed { call, recording: recording.clone() });
    }
    assert_eq!(story.told(), ["c1 resumed by Limit"]);
}

#[test]
fn what_is_not_recorded_cannot_rest() {
    let mut story = Story::new();
    let caller = story.waiting("200");
    let (call, now) = (story.centre.call_of(caller).expect("a call"), story.now);
    assert_eq!(story.centre.pause_recording(call, "card", now), Err(CommandError::NotRecorded { call }));
    story.hang_up(caller);
    assert_eq!(story.centre.resume_recording(call, now), Err(CommandError::UnknownCall { call }));
}
