//! Ways out of a queue without an agent (CF C25, 1.11).

use crate::common::{Story, direct, house, plan_direct};
use careline_callcentre::LegEnd;

/// Who waits on the direct line may press 1 for a message and `#` for the other queue.
fn house_with_keys() -> Story {
    let flow = direct("direct", "general")
        .replace("[node.bye]", "keys = { 1 = \"word\", \"#\" = \"other\" }\n[node.bye]")
        + "[node.word]\nkind = \"play\"\nprompts = [\"word\"]\nnext = \"bye\"\n\
           [node.other]\nkind = \"queue\"\nqueue = \"booking\"\ntimeout = \"bye\"\n";
    let agents = [("1001", "queues = [\"general\"]"), ("1003", "queues = [\"booking\"]")];
    Story::of(plan_direct(&house("", &agents), &flow))
}

#[test]
fn a_key_leads_out_of_the_queue_with_the_same_call() {
    let mut story = house_with_keys();
    let caller = story.waiting("200");
    let call = story.centre.call_of(caller);
    story.at(7).forget().key(caller, '1');
    assert_eq!(story.told(), ["stop play c1", "c1 leaves FlowOutKey 7000", "play c1 word"]);
    assert_eq!((story.stage(caller), story.centre.call_of(caller)), ("Flow".into(), call));
    story.heard(caller).ends(caller, LegEnd::HungUp);
}

#[test]
fn another_key_changes_nothing() {
    let mut story = house_with_keys();
    let caller = story.waiting("200");
    story.forget().key(caller, '9');
    assert!(story.told().is_empty());
    assert_eq!(story.stage(caller), "Queued");
}

#[test]
fn who_leaves_for_another_queue_keeps_her_age() {
    let mut story = house_with_keys();
    let older = story.waiting("200");
    let younger = story.at(20).waiting("300");
    story.at(30).key(older, '#').up("1003");
    assert_eq!((story.stage(older), story.stage(younger)), ("Offered 1003".into(), "Queued".into()));
}

#[test]
fn a_phone_that_rings_for_her_stops_and_is_not_charged() {
    let mut story = house_with_keys();
    let caller = story.waiting("200");
    story.up("1001").ringing("1001").at(3).forget().key(caller, '1');
    let told = story.told();
    assert!(told.contains(&"stop ringing 1001 CallerLeft".to_owned()), "{told:?}");
    assert!(told.contains(&"c1 1001 CallerLeft 3000".to_owned()), "{told:?}");
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Offered 1001", "she takes the next call at once");
}

#[test]
fn in_a_conversation_keys_belong_to_the_two() {
    let mut story = house_with_keys();
    let caller = story.waiting("200");
    story.up("1001").talks("1001", caller).key(caller, '1');
    assert_eq!(story.stage(caller), "Talking 1001");
}
