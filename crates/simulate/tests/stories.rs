//! A broken promise is found, and told as the shortest story that breaks it.

use careline_callcentre::Action;
use careline_model::EventBody;
use careline_model::event::{AgentWork, OfferOutcome, QueueOutcome};
use careline_simulate::{Hospital, Shrunk, Simulation, Traffic, What, shrink};
use std::sync::Arc;
use std::time::Duration;

/// A day of ten agents in usual trouble, with some of the switch's words let lie.
fn story(tamper: fn(Action) -> Option<Action>) -> Shrunk {
    of(Simulation { tamper: Some(tamper), ..Simulation::new(Hospital::of(10)) })
}

fn of(simulation: Simulation) -> Shrunk {
    let length = Duration::from_secs(24 * 3600);
    let traffic = Traffic { length, load: 1.0, trouble: 1.0, dialling: true, drains: false };
    let script = Arc::new(traffic.script(&simulation.hospital, 11));
    let outcome = simulation.run(&script, false).expect("a hospital");
    assert!(outcome.violation.is_some(), "nobody noticed");
    shrink(&simulation, &script, &outcome).expect("a hospital")
}

fn broken(story: &Shrunk) -> &'static str {
    story.outcome.violation.as_ref().expect("a broken promise").invariant
}

fn kinds(story: &Shrunk) -> Vec<&'static str> {
    story.script.happenings.iter().map(|happening| happening.what.kind()).collect()
}

#[test]
fn a_caller_who_waits_too_long_is_a_story_of_one_call() {
    let demand = Some(
        (|event: &EventBody| {
            matches!(event, EventBody::QueueLeft { outcome: QueueOutcome::FlowOutTimeout, .. })
                .then(|| "she waited".to_owned())
        }) as careline_simulate::Demand,
    );
    let story = of(Simulation { demand, ..Simulation::new(Hospital::of(10)) });
    assert_eq!((broken(&story), kinds(&story)), ("what was demanded", vec!["call"]));
    let What::Call(caller) = &story.script.happenings[0].what else { panic!("a call") };
    assert!(caller.patience.is_none() && caller.answers.is_empty(), "as plain as can be: {caller:?}");
    assert!(story.script.happenings[0].at.is_zero(), "it begins at once");
}

#[test]
fn an_offer_whose_end_is_not_told_is_found_with_one_agent_and_one_call() {
    let story = story(|action| match &action {
        Action::Emit(event) => match event.body {
            EventBody::OfferEnded { outcome: OfferOutcome::Rejected, .. } => None,
            _ => Some(action),
        },
        _ => Some(action),
    });
    let mut kinds = kinds(&story);
    kinds.sort_unstable();
    assert_eq!(kinds, ["call", "phone", "wish"]);
    let text: Vec<String> = story.outcome.story.iter().map(ToString::to_string).collect();
    assert!(text.iter().any(|line| line.contains("refuses: Rejected")), "{text:#?}");
}

#[test]
fn a_wrap_up_that_is_not_told_to_end_is_overdue() {
    let story = story(|action| match &action {
        // The agent is free again, and nobody is told.
        Action::Emit(event) => match &event.body {
            EventBody::AgentState { work: AgentWork::Idle, intent, .. }
                if *intent == careline_model::event::AgentIntent::Ready && event.at_us % 7 == 0 =>
            {
                None
            }
            _ => Some(action),
        },
        _ => Some(action),
    });
    assert!(!broken(&story).is_empty());
    assert!(story.script.happenings.len() <= 6, "{:?}", story.script.happenings);
}

#[test]
fn a_leg_that_is_left_ringing_outlives_its_call() {
    let story = story(|action| match action {
        Action::StopRinging { .. } => None,
        action => Some(action),
    });
    // A call of its own is left with the leg, or the leg alone.
    assert!(["no leg is forgotten", "no leg outlives its call"].contains(&broken(&story)));
    assert!(story.script.happenings.len() <= 4, "{:?}", story.script.happenings);
}

#[test]
fn a_recording_that_goes_on_is_found_when_everybody_has_gone() {
    let story = story(|action| match action {
        Action::StopRecording { .. } => None,
        action => Some(action),
    });
    assert_eq!(broken(&story), "a recording begins once and ends once");
    assert!(story.script.happenings.len() <= 4, "{:?}", story.script.happenings);
}
