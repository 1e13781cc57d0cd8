//! Who may be calling: asked once, never waited for, and shown to the agent when it is known in time.

use crate::common::{DIRECTORY, SWITCH, Story};
use careline_callcentre::{Action, LegEnd, LookUpAnswer};
use careline_model::{CallId, LegId};

/// A call centre that has somebody to ask.
fn story() -> Story {
    Story::with(&[SWITCH, DIRECTORY].concat())
}

fn id(story: &Story, leg: LegId) -> CallId {
    story.centre.call_of(leg).expect("the call lives")
}

fn found(label: &str) -> LookUpAnswer {
    LookUpAnswer::Answered { persons: 1, label: label.into() }
}

fn lookups(story: &mut Story) -> Vec<String> {
    story.told().into_iter().filter(|line| line.contains("look")).collect()
}

fn rings(story: &mut Story) -> Vec<String> {
    story.told().into_iter().filter(|line| line.starts_with("ring ")).collect()
}

#[test]
fn an_answer_in_time_is_told_and_shown_on_the_phone() {
    let mut story = story();
    let caller = story.call("200");
    assert_eq!(story.told(), ["answer c1", "look up c1 +8613812345678 200"]);
    let call = id(&story, caller);
    story.at_ms(20).looked_up(call, found("王小明"));
    assert_eq!(story.told(), ["c1 looked up Found 1 20"]);
    story.input(careline_callcentre::Input::CallerUp { leg: caller }).heard(caller).forget().up("1001");
    assert_eq!(rings(&mut story), ["ring 1001 for c1 as 王小明"]);
}

#[test]
fn a_late_answer_is_not_used() {
    let mut story = story();
    let caller = story.waiting("200");
    let call = id(&story, caller);
    story.forget().at_ms(200);
    assert_eq!(lookups(&mut story), ["c1 looked up TimedOut 0 150"]);
    story.looked_up(call, found("王小明"));
    assert!(story.told().is_empty());
    story.up("1001");
    assert_eq!(rings(&mut story), ["ring 1001 for c1"]);
}

#[test]
fn a_directory_that_is_away_changes_nothing_for_the_caller() {
    let mut story = story();
    let caller = story.waiting("200");
    let call = id(&story, caller);
    story.forget().at_ms(1).looked_up(call, LookUpAnswer::Unavailable).looked_up(call, found("x")).at_ms(400);
    assert_eq!(story.told(), ["c1 looked up Unavailable 0 1"]);
    story.up("1001");
    assert_eq!(rings(&mut story), ["ring 1001 for c1"]);
}

#[test]
fn a_stranger_has_no_label_and_several_persons_have_the_one_that_was_given() {
    let mut story = story();
    let (stranger, family) = (story.waiting("200"), story.waiting("200"));
    let (stranger, family) = (id(&story, stranger), id(&story, family));
    story.forget().looked_up(stranger, LookUpAnswer::Answered { persons: 0, label: "x".into() });
    story.looked_up(family, LookUpAnswer::Answered { persons: 3, label: "".into() });
    assert_eq!(story.told(), ["c1 looked up Stranger 0 0", "c2 looked up Found 3 0"]);
    story.up("1001").up("1002");
    assert_eq!(rings(&mut story), ["ring 1001 for c1", "ring 1002 for c2"]);
}

#[test]
fn a_phone_that_rings_before_the_answer_shows_the_number_alone_and_the_next_one_the_name() {
    let mut story = story();
    story.up("1001").forget();
    let caller = story.waiting("200");
    assert_eq!(rings(&mut story), ["ring 1001 for c1"]);
    let call = id(&story, caller);
    story.at_ms(50).looked_up(call, found("王小明"));
    assert!(rings(&mut story).is_empty(), "a phone that rings goes on ringing");
    story.refuses("1001", careline_callcentre::RefusedBy::Busy).up("1002");
    assert_eq!(rings(&mut story), ["ring 1002 for c1 as 王小明"]);
}

#[test]
fn a_call_that_ended_before_the_answer_is_told_of_no_more() {
    let mut story = story();
    let caller = story.call("200");
    let call = id(&story, caller);
    story.forget().ends(caller, LegEnd::Cancelled);
    assert_eq!(story.told(), ["c1 over Cancelled by Caller 0"]);
    assert_eq!(story.centre.next_deadline(), None);
    story.looked_up(call, found("王小明")).at(1);
    assert!(story.told().is_empty());
}

#[test]
fn nobody_asks_about_a_withheld_number_or_a_refused_call() {
    let mut story = story();
    story.call_from("", "200");
    assert_eq!(story.told(), ["answer c1"]);
    story.at_ms(500).forget().input(careline_callcentre::Input::Drain).call("200");
    assert_eq!(story.told(), ["draining 1", "refuse c2 Draining", "c2 over Refused by Switch 0"]);
}

#[test]
fn nobody_is_asked_where_there_is_nobody() {
    let mut story = Story::new();
    story.call("200");
    assert_eq!(story.told(), ["answer c1"]);
}

#[test]
fn a_label_is_cut_to_what_a_phone_shows() {
    let mut story = story();
    let caller = story.waiting("200");
    let call = id(&story, caller);
    story.looked_up(call, found(&"王".repeat(50))).up("1001");
    let label = story.actions.iter().find_map(|action| match action {
        Action::Ring { label, .. } => Some(label.clone()),
        _ => None,
    });
    assert_eq!(label.expect("it rings").as_str(), "王".repeat(32));
}
