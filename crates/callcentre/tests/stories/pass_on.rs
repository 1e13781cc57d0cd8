//! Callers go on by order: to queues (CF G2), into slots and out of them (G9).

use crate::common::{OUTSIDE, Story, house};
use careline_callcentre::{Input, LegEnd, PeopleOrder, TransferTo};
use careline_model::{CallId, LegId};

const PARK: &str = "[park]\nfirst = 701\nslots = 2\nback_after_s = 60\n";

/// 1001 serves the general queue, 1002 booking, whose extension is 7001.
fn switch() -> String {
    let agents = [("1001", "queues = [\"general\"]"), ("1002", "queues = [\"booking\"]"), ("1003", "")];
    let text = [PARK, &house("", &agents), OUTSIDE].concat();
    text.replacen("name = \"booking\"\n", "name = \"booking\"\nextension = \"7001\"\n", 1)
}

fn talking() -> (Story, CallId, LegId, LegId) {
    let mut story = Story::with(&switch());
    story.up("1001").up("1003");
    let patient = story.waiting("200");
    story.talks("1001", patient).at(10).forget();
    let (call, agent) = (story.id(patient), story.leg("1001"));
    (story, call, patient, agent)
}

fn parks(story: &mut Story, call: CallId, slot: Option<u32>) -> Result<(), String> {
    let order = PeopleOrder::Park { call, agent: "1001".into(), slot };
    story.people_order(order).map(|_| ()).map_err(|error| error.to_string())
}

#[test]
fn a_caller_goes_to_a_queue_with_her_age_and_a_point_more() {
    for by_phone in [false, true] {
        let (mut story, call, patient, agent) = talking();
        story.up("1002");
        if by_phone {
            let to = TransferTo::Number("7001".into());
            story.input(Input::TransferAsked { leg: agent, refer: 7, to });
        } else {
            let to = "booking".to_owned();
            story.people_order(PeopleOrder::PassOn { call, agent: "1001".into(), to }).expect("it is open");
        }
        let told = story.told();
        for line in [
            "stop recording",
            "part c1 1001",
            "c1 passed on by 1001 to 7001 blind",
            "c1 transfer Connected 0",
            "hang up 1001 Transferred",
            "c1 rank false None 1",
            "c1 enters booking at 1",
            "ring 1002 for c1",
        ] {
            assert!(told.contains(&line.to_owned()), "{line}: {told:?}");
        }
        assert_eq!(told.contains(&"accept 7".to_owned()), by_phone);
        assert_eq!(told.contains(&"tell 7 Connected".to_owned()), by_phone);
        assert_eq!(story.stage(patient), "Offered 1002");
        story.talks("1002", patient);
        assert_eq!(story.id(patient), call, "the same call");
        assert!(story.told().contains(&"record 1002 2".to_owned()));
    }
}

#[test]
fn a_queue_that_lets_nobody_in_leaves_the_conversation_alone() {
    let (mut story, call, patient, agent) = talking();
    story.order(|centre, now| centre.close_queue(&"booking".into(), false, now)).expect("there is one");
    let to = "7001".to_owned();
    let error = story.people_order(PeopleOrder::PassOn { call, agent: "1001".into(), to }).expect_err("shut");
    assert!(error.to_string().contains("lets nobody in"), "{error}");
    story.forget().passes_on(agent, "7001");
    assert_eq!(story.told(), ["refuse 7 Busy"]);
    assert_eq!(story.stage(patient), "Talking 1001");
}

#[test]
fn a_parked_caller_is_picked_up_by_whoever_dials_the_slot() {
    let (mut story, call, patient, _) = talking();
    parks(&mut story, call, None).expect("a slot is free");
    let told = story.told();
    for line in ["stop recording", "part c1 1001", "music c1", "hang up 1001 Transferred"] {
        assert!(told.contains(&line.to_owned()), "{line}: {told:?}");
    }
    assert_eq!(story.people(), ["c1 in slot 701 Parked by 1001"]);
    let picker = story.dials("1003", "701");
    assert!(story.told().contains(&"1003's phone picks up c1".to_owned()));
    story.input(Input::CallerUp { leg: picker });
    assert_eq!(story.told(), ["stop music c1", "bridge c1 1003's phone"]);
    story.input(Input::Bridged { leg: patient });
    assert!(story.told().contains(&"record 1003's phone 2".to_owned()));
    assert_eq!(story.people(), ["c1 in slot 701 PickedUp by 1003"]);
    assert_eq!(story.stage(patient), "Talking 1003");
    let nobody = story.forget().dials("1003", "702");
    assert_eq!(story.told(), ["refuse 1003's phone UnknownNumber"], "{nobody:?}: nobody is there");
}

#[test]
fn a_parked_caller_whom_nobody_picks_up_goes_back_to_who_parked_her() {
    let (mut story, call, patient, _) = talking();
    parks(&mut story, call, Some(702)).expect("it is free");
    story.at(45).forget();
    // Her wrap-up of 30 s is over: she is rung, and has the caller again.
    story.at(10 + 60);
    assert!(story.told().contains(&"ring 1001 for c1".to_owned()));
    assert!(story.people().contains(&"c1 in slot 702 Returned".to_owned()));
    story.talks("1001", patient);
    assert_eq!(story.stage(patient), "Talking 1001");
    // Not answered: twice, then the head of the queue.
    parks(&mut story, call, Some(702)).expect("it is free again");
    let since = story.now_ms() / 1000;
    story.at(since + 60 + 15 + 10 + 15 + 10);
    assert!(story.stage(patient).starts_with("Offered") || story.stage(patient) == "Queued");
}

#[test]
fn a_slot_has_one_caller_and_a_caller_who_goes_leaves_it_free() {
    let (mut story, call, patient, agent) = talking();
    let error = parks(&mut story, call, Some(900)).expect_err("no slot");
    assert_eq!(error, "no such slot is free; allowed: a free one of [park]");
    story.passes_on(agent, "701");
    let told = story.told();
    assert!(told.contains(&"accept 7".to_owned()) && told.contains(&"tell 7 Connected".to_owned()));
    // Her next caller finds the slot taken.
    story.at(60).forget();
    let second = story.waiting("200");
    story.talks("1001", second);
    let call = story.id(second);
    assert!(parks(&mut story, call, Some(701)).is_err());
    story.people();
    story.ends(patient, LegEnd::HungUp);
    assert_eq!(story.people(), ["c1 in slot 701 Ended"]);
    parks(&mut story, call, Some(701)).expect("it is free");
    // Who picks up and is gone before they are joined leaves the caller in the slot.
    let picker = story.dials("1003", "701");
    story.forget().ends(picker, LegEnd::Failed);
    assert_eq!(story.stage(second), "Transferring");
    let picker = story.dials("1003", "701");
    story.input(Input::CallerUp { leg: picker }).input(Input::Bridged { leg: second });
    assert_eq!(story.stage(second), "Talking 1003");
}
