//! Transfers: what agents do with their callers, and what becomes of a caller whom nobody takes.

use crate::common::{OUTSIDE, SWITCH, Story};
use careline_callcentre::{Input, LegEnd, RefusedBy, TransferTo};
use careline_model::LegId;

/// A patient from the queue talks to 1001; gives the patient's leg and the agent's.
fn talking() -> (Story, LegId, LegId) {
    let mut story = Story::with(&[SWITCH, OUTSIDE].concat());
    story.up("1001").up("1003");
    let patient = story.waiting("200");
    story.talks("1001", patient).at(10).forget();
    let agent = story.leg("1001");
    (story, patient, agent)
}

#[test]
fn a_blind_transfer_takes_the_caller_to_an_extension_in_the_same_call() {
    let (mut story, patient, agent) = talking();
    story.passes_on(agent, "1003");
    let begun = [
        "accept 7",
        "stop recording",
        "part c1 1001",
        "music c1",
        "c1 passed on by 1001 to 1003 blind",
        "1003 LoggedOut Dialing InUse",
        "ring 1003 for c1",
    ];
    let mut told = story.told();
    told.sort_by_key(|line| begun.iter().position(|one| one == line));
    assert_eq!(told, begun);
    assert_eq!(story.stage(patient), "Transferring 1001");
    story.ringing("1003").ringing("1003");
    assert_eq!(story.told(), ["tell 7 Ringing"]);
    let third = story.leg("1003");
    story.at(14).input(Input::Answered { leg: third });
    assert_eq!(story.told(), ["stop music c1", "bridge c1 1003"]);
    story.input(Input::Bridged { leg: patient });
    let joined = [
        "c1 transfer Connected 4000",
        "tell 7 Connected",
        "hang up 1001 Transferred",
        "1001 Ready WrapUp Registered",
        "c1 with 1003",
        "1003 LoggedOut Talking InUse",
        "record 1003 2",
    ];
    assert_eq!(story.told(), joined);
    assert_eq!(story.stage(patient), "Talking 1003");
    // 1001 talked for 10 s, 1003 for 6.
    story.at(20).ends(third, LegEnd::HungUp);
    let told = story.told();
    assert!(told.contains(&"c1 over Completed by Agent 16000".to_owned()), "{told:?}");
    assert!(told.contains(&"1003 LoggedOut WrapUp Registered".to_owned()), "{told:?}");
}

#[test]
fn a_blind_transfer_goes_outside_and_the_agent_may_leave_at_once() {
    let (mut story, patient, agent) = talking();
    story.passes_on(agent, "013912345678").forget();
    story.ends(agent, LegEnd::HungUp);
    assert_eq!(story.told(), ["1001 Ready WrapUp Registered"]);
    assert_eq!(story.stage(patient), "Transferring");
    let third = story.leg("+8613912345678");
    story.input(Input::Answered { leg: third }).input(Input::Bridged { leg: patient });
    let told = story.told();
    assert!(told.contains(&"record +8613912345678 2".to_owned()), "{told:?}");
    assert_eq!(story.stage(patient), "Talking");
    story.at(30).ends(third, LegEnd::HungUp);
    assert_eq!(story.stage(patient), "over");
}

#[test]
fn a_target_that_cannot_be_rung_leaves_the_conversation_alone() {
    let (mut story, patient, agent) = talking();
    for (number, why) in [
        ("1002", "Away"),
        ("1001", "Busy"),
        ("nobody", "UnknownNumber"),
        ("0044207946000", "Barred"),
        ("100", "UnknownNumber"),
    ] {
        story.passes_on(agent, number);
        assert_eq!(story.told(), [format!("refuse 7 {why}")], "{number}");
    }
    story.passes_on(patient, "1003");
    assert_eq!(story.told(), ["refuse 7 NoConversation"], "patients move nobody");
    assert_eq!(story.stage(patient), "Talking 1001");
}

#[test]
fn who_stayed_on_the_line_has_the_caller_again_when_nobody_takes_it() {
    for held in [false, true] {
        let (mut story, patient, agent) = talking();
        story.input(Input::Held { leg: agent, held });
        story.passes_on(agent, "1003").forget().refuses("1003", RefusedBy::Busy);
        let told = story.told();
        assert!(told.contains(&"c1 transfer Busy 0".to_owned()), "{told:?}");
        assert!(told.contains(&"tell 7 Failed(Busy)".to_owned()), "{told:?}");
        assert!(told.contains(&"record 1001 2".to_owned()), "{told:?}");
        assert_eq!(told.contains(&"bridge c1 1001".to_owned()), !held, "{told:?}");
        assert_eq!(story.stage(patient), "Talking 1001");
        if held {
            story.input(Input::Held { leg: agent, held: false });
            assert_eq!(story.told(), ["stop music c1", "bridge c1 1001"]);
        }
    }
}

#[test]
fn who_left_is_rung_back_twice_and_then_the_caller_is_first_in_the_queue() {
    let (mut story, patient, agent) = talking();
    story.passes_on(agent, "1003").ends(agent, LegEnd::HungUp);
    // Her wrap-up of 30 s does not stop it; 15 s of ringing for the third party, 15 for her, 10 of pause, 15 for her.
    story.forget().at(26);
    let told = story.told();
    assert!(told.contains(&"stop ringing 1003 NoAnswer".to_owned()), "{told:?}");
    assert!(told.contains(&"ring 1001 for c1".to_owned()), "{told:?}");
    story.at(49);
    assert_eq!(story.told().iter().filter(|line| line.starts_with("ring")).count(), 0);
    story.at(51);
    assert!(story.told().contains(&"ring 1001 for c1".to_owned()));
    story.at(66);
    let told = story.told();
    assert!(told.contains(&"c1 enters general at 1".to_owned()), "{told:?}");
    story.ends(patient, LegEnd::HungUp);
    assert_eq!(story.stage(patient), "over");
}

#[test]
fn who_is_rung_back_and_answers_has_the_caller_again() {
    let (mut story, patient, agent) = talking();
    story.passes_on(agent, "1003").ends(agent, LegEnd::HungUp).refuses("1003", RefusedBy::Rejected);
    let back = story.leg("1001");
    assert_ne!(back, agent);
    story.forget().input(Input::Answered { leg: back }).input(Input::Bridged { leg: patient });
    assert!(story.told().contains(&"c1 with 1001".to_owned()));
    assert_eq!(story.stage(patient), "Talking 1001");
    story.ends(back, LegEnd::HungUp);
    assert_eq!(story.stage(patient), "over");
}

#[test]
fn a_caller_who_hangs_up_on_the_way_stops_all_ringing() {
    let (mut story, patient, agent) = talking();
    story.passes_on(agent, "1003").forget().ends(patient, LegEnd::HungUp);
    let told = story.told();
    for line in [
        "stop ringing 1003 CallerLeft",
        "c1 transfer CallerLeft 0",
        "tell 7 Failed(CallerLeft)",
        "hang up 1001 Completed",
        "c1 over Completed by Caller 10000",
        "1003 LoggedOut Idle Registered",
        "1001 Ready WrapUp Registered",
    ] {
        assert!(told.contains(&line.to_owned()), "{line} in {told:?}");
    }
}

#[test]
fn after_a_consultation_the_caller_is_joined_with_the_colleague() {
    let (mut story, patient, agent) = talking();
    story.input(Input::Held { leg: agent, held: true });
    let consult = story.dials("1001", "1003");
    let colleague = story.leg("1003");
    story.picks_up(consult, "1003").at(20);
    let told = story.told();
    assert!(told.contains(&"record 1001's phone 1 beside c1".to_owned()), "{told:?}");
    assert_eq!(story.stage(patient), "Talking 1001", "the patient waits on hold");
    let to = TransferTo::PartyOf(consult);
    story.input(Input::TransferAsked { leg: agent, refer: 9, to });
    let told = story.told();
    assert_eq!(told[0], "accept 9");
    assert!(told.contains(&"bridge c1 1003".to_owned()), "{told:?}");
    assert!(told.contains(&"c2 over Completed by Agent 10000".to_owned()), "{told:?}");
    story.input(Input::Bridged { leg: patient });
    let told = story.told();
    for line in ["c1 transfer Connected 0", "tell 9 Connected", "hang up 1001 Transferred", "c1 with 1003"] {
        assert!(told.contains(&line.to_owned()), "{line} in {told:?}");
    }
    assert_eq!(story.stage(patient), "Talking 1003");
    assert_eq!(story.stage(colleague), "Talking 1003", "her leg belongs to the patient's call now");
    story.at(30).ends(colleague, LegEnd::HungUp);
    assert_eq!(story.stage(patient), "over");
}

/// A patient on hold while 1001 rings whom `number` names; gives the patient's leg, 1001's and her consultation's.
fn consulting(number: &str) -> (Story, LegId, LegId, LegId) {
    let (mut story, patient, agent) = talking();
    story.input(Input::Held { leg: agent, held: true });
    let consult = story.dials("1001", number);
    (story, patient, agent, consult)
}

#[test]
fn a_consultation_that_still_rings_rings_for_the_caller_when_the_agent_leaves() {
    let (mut story, patient, agent, consult) = consulting("1003");
    let third = story.leg("1003");
    story.ringing("1003").at(13).forget();
    let to = TransferTo::PartyOf(consult);
    story.input(Input::TransferAsked { leg: agent, refer: 9, to });
    let told = story.told();
    assert_eq!(told[0], "accept 9");
    for line in ["1003 rings for c1", "c2 over Cancelled by Agent 0", "tell 9 Ringing"] {
        assert!(told.contains(&line.to_owned()), "{line} in {told:?}");
    }
    assert!(!told.iter().any(|line| line.starts_with("stop ringing")), "her phone rings on: {told:?}");
    assert_eq!(story.stage(patient), "Transferring 1001");
    story.ends(agent, LegEnd::HungUp).forget();
    story.at(16).input(Input::Answered { leg: third }).input(Input::Bridged { leg: patient });
    let told = story.told();
    for line in ["bridge c1 1003", "c1 transfer Connected 3000", "tell 9 Connected", "c1 with 1003"] {
        assert!(told.contains(&line.to_owned()), "{line} in {told:?}");
    }
    assert_eq!(story.stage(patient), "Talking 1003");
    story.at(30).ends(third, LegEnd::HungUp);
    assert_eq!(story.stage(patient), "over");
}

#[test]
fn a_consultation_handed_over_that_nobody_takes_ends_like_any_blind_transfer() {
    for number in ["1003", "013912345678"] {
        let (mut story, patient, agent, consult) = consulting(number);
        let named = if number == "1003" { "1003" } else { "+8613912345678" };
        let third = story.leg(named);
        story.forget();
        story.input(Input::TransferAsked { leg: agent, refer: 9, to: TransferTo::PartyOf(consult) });
        story.input(Input::Refused { leg: third, why: RefusedBy::Busy });
        let told = story.told();
        assert!(told.contains(&"tell 9 Failed(Busy)".to_owned()), "{told:?}");
        assert_eq!(story.stage(patient), "Talking 1001", "she has the patient again");
        story.ends(patient, LegEnd::HungUp);
        assert_eq!(story.stage(patient), "over");
    }
    let (mut story, patient, agent, consult) = consulting("1003");
    story.input(Input::TransferAsked { leg: agent, refer: 9, to: TransferTo::PartyOf(consult) });
    story.ends(agent, LegEnd::HungUp).forget().at(26);
    let told = story.told();
    assert!(told.contains(&"stop ringing 1003 NoAnswer".to_owned()), "{told:?}");
    assert!(told.contains(&"ring 1001 for c1".to_owned()), "she is rung back: {told:?}");
    assert_eq!(story.stage(patient), "Transferring");
}

#[test]
fn a_consultation_of_another_phone_is_not_handed_over() {
    let (mut story, patient, agent) = talking();
    story.up("1002");
    let other = story.dials("1002", "1003");
    story.forget();
    story.input(Input::TransferAsked { leg: agent, refer: 9, to: TransferTo::PartyOf(other) });
    assert_eq!(story.told(), ["refuse 9 NoConversation"]);
    assert_eq!(story.stage(patient), "Talking 1001");
}

#[test]
fn the_wish_may_come_in_either_of_the_two_calls() {
    let (mut story, patient, agent) = talking();
    story.input(Input::Held { leg: agent, held: true });
    let consult = story.dials("1001", "013912345678");
    let outside = story.leg("+8613912345678");
    story.picks_up(consult, "+8613912345678").forget();
    story.input(Input::TransferAsked { leg: consult, refer: 9, to: TransferTo::PartyOf(agent) });
    story.input(Input::Bridged { leg: patient });
    assert!(story.told().contains(&"tell 9 Connected".to_owned()));
    assert_eq!(story.stage(patient), "Talking", "the patient's call is the one that goes on");
    // The party outside is lost: the patient is not.
    story.ends(outside, LegEnd::MediaTimeout);
    assert_eq!(story.stage(patient), "Queued");
}

#[test]
fn two_calls_of_different_phones_are_not_joined() {
    let (mut story, _, agent) = talking();
    story.up("1002");
    let other = story.dials("1002", "1003");
    story.picks_up(other, "1003").forget();
    story.input(Input::TransferAsked { leg: agent, refer: 9, to: TransferTo::PartyOf(other) });
    assert_eq!(story.told(), ["refuse 9 NoConversation"]);
    story.input(Input::TransferAsked { leg: agent, refer: 9, to: TransferTo::PartyOf(agent) });
    assert_eq!(story.told(), ["refuse 9 NoConversation"]);
}

#[test]
fn a_phone_that_hangs_up_because_its_transfer_failed_is_rung_back() {
    let (mut story, patient, agent) = talking();
    story.passes_on(agent, "1003").refuses("1003", RefusedBy::Rejected).forget();
    story.ends(agent, LegEnd::HungUp);
    let told = story.told();
    assert!(told.contains(&"ring 1001 for c1".to_owned()), "{told:?}");
    assert!(told.contains(&"music c1".to_owned()), "{told:?}");
    let back = story.leg("1001");
    story.input(Input::Answered { leg: back }).input(Input::Bridged { leg: patient });
    assert_eq!(story.stage(patient), "Talking 1001");
    // A person who hangs up later means it.
    story.at(20).ends(back, LegEnd::HungUp);
    assert_eq!(story.stage(patient), "over");
}
