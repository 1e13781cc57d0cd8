//! What an agent wants after this call: kept, told, taken back, and true when her work is done (CF D7).

use crate::common::Story;
use careline_callcentre::LegEnd;
use careline_model::LegId;
use careline_model::event::AgentIntent;

fn meal() -> AgentIntent {
    AgentIntent::NotReady("meal".into())
}

fn talking() -> (Story, LegId) {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.waiting("200");
    story.talks("1001", caller).at(10);
    (story, caller)
}

#[test]
fn a_break_after_this_call_is_told_at_once_and_holds_after_the_wrap_up() {
    let (mut story, caller) = talking();
    story.wants("1001", meal());
    assert_eq!(story.facts(), ["10 1001 next meal"]);
    assert_eq!(story.centre.snapshot(story.now).agents[0].next, Some(meal()));
    story.at(20).ends(caller, LegEnd::HungUp).forget().at(50);
    assert_eq!(story.told(), ["1001 meal Idle Registered"], "never ready in between");
    assert!(story.facts().contains(&"50 1001 next none".to_owned()));
    assert_eq!(story.centre.snapshot(story.now).agents[0].next, None);
}

#[test]
fn a_break_after_this_call_can_be_taken_back() {
    let (mut story, caller) = talking();
    let cancel = |story: &mut Story| story.order(|centre, now| centre.cancel_next(&"1001".into(), now));
    let nothing = cancel(&mut story).unwrap_err().to_string();
    assert_eq!(nothing, "agent 1001 has no next state; allowed: one that was chosen in a call or in wrap-up");
    story.wants("1001", meal());
    cancel(&mut story).expect("a wish waits");
    story.wants("1001", meal()).wants("1001", AgentIntent::Ready);
    assert_eq!(
        story.facts(),
        ["10 1001 next meal", "10 1001 next none", "10 1001 next meal", "10 1001 next none"],
        "to want what she is already takes the wish back too"
    );
    story.ends(caller, LegEnd::HungUp).forget().at(50);
    assert_eq!(story.told(), ["1001 Ready Idle Registered"]);
}
