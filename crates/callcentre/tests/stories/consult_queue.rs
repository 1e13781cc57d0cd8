//! An agent asks a queue before she passes her caller on to it (CF G4).

use crate::common::{OUTSIDE, Story, house};
use careline_callcentre::{Input, LegEnd, TransferTo};
use careline_model::event::AgentIntent;
use careline_model::{CallId, LegId};

/// 1001 and 1003 serve the general queue, 1002 booking, whose extension is 7001.
fn switch() -> String {
    let general = "queues = [\"general\"]";
    let agents = [("1001", general), ("1002", "queues = [\"booking\"]"), ("1003", general)];
    let text = [&house("", &agents), OUTSIDE].concat();
    text.replacen("name = \"booking\"\n", "name = \"booking\"\nextension = \"7001\"\n", 1)
}

/// A patient from the general queue, whom 1001 holds: the story, the patient's leg and the agent's.
fn on_hold() -> (Story, LegId, LegId) {
    let mut story = Story::with(&switch());
    story.up("1001").up("1002");
    let patient = story.waiting("200");
    story.talks("1001", patient).at(10);
    let agent = story.leg("1001");
    story.input(Input::Held { leg: agent, held: true }).forget();
    (story, patient, agent)
}

/// 1001 asks the queue with her phone, which is answered.
fn asks(story: &mut Story) -> LegId {
    let phone = story.dials("1001", "7001");
    story.input(Input::CallerUp { leg: phone });
    phone
}

fn joins(story: &mut Story, leg: LegId, other: LegId) {
    story.input(Input::TransferAsked { leg, refer: 7, to: TransferTo::PartyOf(other) });
}

fn all_are_free(story: &mut Story, patient: LegId) {
    assert_eq!(story.stage(patient), "over");
    story.at(600);
    let told = story.told();
    for agent in ["1001", "1002"] {
        assert!(
            told.iter().any(|line| line == &format!("{agent} Ready Idle Registered")),
            "{agent}: {told:?}"
        );
    }
    assert_eq!(story.order(|centre, _| centre.live_calls()), 0);
}

#[test]
fn who_asks_a_queue_stands_in_its_line_and_her_caller_goes_to_who_answered() {
    for from_the_held_leg in [true, false] {
        let (mut story, patient, agent) = on_hold();
        let kept = story.id(patient);
        let phone = asks(&mut story);
        let told = story.told();
        for line in ["answer 1001's phone", "c2 enters booking at 1", "ring 1002 for c2"] {
            assert!(told.contains(&line.to_owned()), "{line}: {told:?}");
        }
        story.talks("1002", phone);
        let told = story.told();
        assert!(told.contains(&"record 1002 1 beside c1".to_owned()), "{told:?}");
        let colleague = story.leg("1002");
        story.at(20).forget();
        let (leg, other) = if from_the_held_leg { (agent, phone) } else { (phone, agent) };
        joins(&mut story, leg, other);
        let told = story.told();
        for line in [
            "accept 7",
            "c1 passed on by 1001 to 1002 attended",
            "part 1001's phone 1002",
            "hang up 1001's phone Transferred",
            "c2 over Completed by Agent 10000",
            "stop music c1",
            "bridge c1 1002",
        ] {
            assert!(told.contains(&line.to_owned()), "{line}: {told:?}");
        }
        story.input(Input::Bridged { leg: patient });
        let told = story.told();
        for line in
            ["c1 transfer Connected 0", "tell 7 Connected", "hang up 1001 Transferred", "record 1002 2"]
        {
            assert!(told.contains(&line.to_owned()), "{line}: {told:?}");
        }
        assert_eq!((story.stage(patient).as_str(), story.id(patient)), ("Talking 1002", kept));
        story.at(30).ends(colleague, LegEnd::HungUp);
        all_are_free(&mut story, patient);
    }
}

#[test]
fn who_will_not_wait_leaves_her_caller_in_the_line() {
    let (mut story, patient, agent) = on_hold();
    story.wants("1002", AgentIntent::NotReady("meal".into()));
    let phone = asks(&mut story);
    // Somebody who called after the patient did waits there, too.
    let other = story.waiting("300");
    story.at(15).forget();
    joins(&mut story, agent, phone);
    let told = story.told();
    for line in [
        "c2 leaves FlowOutAdmin 5000",
        "hang up 1001's phone Transferred",
        "c2 over Cancelled by Agent 0",
        "accept 7",
        "c1 passed on by 1001 to 7001 blind",
        "tell 7 Connected",
        "hang up 1001 Transferred",
        "c1 enters booking at 1",
    ] {
        assert!(told.contains(&line.to_owned()), "{line}: {told:?}");
    }
    story.wants("1002", AgentIntent::Ready);
    assert_eq!((story.stage(patient).as_str(), story.stage(other).as_str()), ("Offered 1002", "Queued"));
    story.ends(other, LegEnd::HungUp);
    story.talks("1002", patient).ends(patient, LegEnd::HungUp);
    all_are_free(&mut story, patient);
}

#[test]
fn the_line_keeps_a_caller_although_it_lets_nobody_else_in() {
    let (mut story, patient, agent) = on_hold();
    story.wants("1002", AgentIntent::NotReady("meal".into()));
    let phone = asks(&mut story);
    story.order(|centre, now| centre.close_queue(&"booking".into(), false, now)).expect("there is one");
    let late = story.forget().dials("1001", "7001");
    assert_eq!(story.told(), ["refuse 1001's phone Busy"]);
    let _ = late;
    joins(&mut story, agent, phone);
    assert_eq!(story.stage(patient), "Queued");
}

#[test]
fn a_phone_that_rings_is_taken_over_with_the_place() {
    let (mut story, patient, agent) = on_hold();
    let phone = asks(&mut story);
    story.ringing("1002").forget();
    joins(&mut story, agent, phone);
    let told = story.told();
    for line in ["c2 1002 CallerLeft 0", "stop ringing 1002 CallerLeft", "ring 1002 for c1"] {
        assert!(told.contains(&line.to_owned()), "{line}: {told:?}");
    }
    story.talks("1002", patient);
    assert_eq!(story.stage(patient), "Talking 1002");
}

#[test]
fn who_hangs_up_in_the_line_is_nobody_lost_and_has_her_caller() {
    let (mut story, patient, agent) = on_hold();
    story.wants("1002", AgentIntent::NotReady("meal".into()));
    let phone = asks(&mut story);
    story.at(40).forget().ends(phone, LegEnd::HungUp);
    let told = story.told();
    assert!(told.contains(&"c2 leaves FlowOutAdmin 30000".to_owned()), "{told:?}");
    story.input(Input::Held { leg: agent, held: false });
    assert_eq!(story.stage(patient), "Talking 1001");
    // She asks again: no place was kept for her number.
    asks(&mut story);
    assert!(!story.told().iter().any(|line| line.contains("has the place of")));
}

#[test]
fn a_patient_who_leaves_meanwhile_leaves_two_agents_who_talk() {
    let (mut story, patient, _) = on_hold();
    let phone = asks(&mut story);
    story.talks("1002", phone).at(20).ends(patient, LegEnd::HungUp);
    assert_eq!((story.stage(patient).as_str(), story.stage(phone).as_str()), ("over", "Talking 1002"));
    story.ends(phone, LegEnd::HungUp);
    all_are_free(&mut story, patient);
}

#[test]
fn a_patient_who_leaves_while_the_legs_are_joined_leaves_nobody_busy() {
    let (mut story, patient, agent) = on_hold();
    let phone = asks(&mut story);
    story.talks("1002", phone).at(20);
    joins(&mut story, agent, phone);
    story.ends(patient, LegEnd::HungUp);
    all_are_free(&mut story, patient);
}

#[test]
fn legs_of_others_are_not_joined() {
    let (mut story, patient, agent) = on_hold();
    story.up("1003");
    let phone = story.dials("1003", "7001");
    story.input(Input::CallerUp { leg: phone }).forget();
    joins(&mut story, agent, phone);
    assert_eq!(story.told(), ["refuse 7 NoConversation"]);
    let id: CallId = story.id(patient);
    assert_eq!((story.stage(patient).as_str(), story.id(patient)), ("Talking 1001", id));
}

#[test]
fn a_caller_who_came_from_no_queue_waits_in_none() {
    let (mut story, _, _) = on_hold();
    story.up("1003");
    let outside = story.dials("1003", "013912345678");
    story.picks_up(outside, "+8613912345678");
    let phone = story.dials("1003", "7001");
    story.wants("1002", AgentIntent::NotReady("meal".into()));
    story.input(Input::CallerUp { leg: phone }).forget();
    joins(&mut story, outside, phone);
    assert_eq!(story.told(), ["refuse 7 UnknownNumber"], "and she goes on waiting");
    assert_eq!(story.stage(phone), "Queued");
}
