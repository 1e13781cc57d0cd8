//! Calls that agents' phones make.

use crate::common::{OUTSIDE, SWITCH, Story};
use careline_callcentre::{Input, LegEnd, RefusedBy};
use careline_model::event::AgentIntent;

fn story() -> Story {
    let mut story = Story::with(&[SWITCH, OUTSIDE].concat());
    story.up("1001").up("1002").up("1003").forget();
    story
}

#[test]
fn an_extension_rings_answers_and_is_recorded() {
    let mut story = story();
    let phone = story.dials("1001", "1002");
    let begun = [
        "c1 1001 dials 1002 Internal",
        "1001 Ready Dialing InUse",
        "1001's phone is c1",
        "1002 Ready Dialing InUse",
        "ring 1002 for c1 as a",
    ];
    assert_eq!(story.told(), begun);
    story.ringing("1002").ringing("1002");
    assert_eq!(story.told(), ["alert 1001's phone"], "told once");
    story.at(3).picks_up(phone, "1002");
    let joined = ["answer 1001's phone", "bridge 1002 1001's phone", "c1 with 1001", "record 1001's phone 1"];
    assert_eq!(story.told(), joined);
    assert_eq!(story.stage(phone), "Talking 1001");
    story.at(10).ends(phone, LegEnd::HungUp);
    let over = [
        "hang up 1002 Completed",
        "stop recording",
        "c1 over Completed by Agent 7000",
        "1001 Ready Idle Registered",
        "1002 Ready Idle Registered",
    ];
    assert_eq!(story.told(), over);
    assert_eq!(story.centre.next_deadline(), None);
}

#[test]
fn a_number_outside_goes_through_its_trunks_and_its_announcements_are_heard() {
    let mut story = story();
    let phone = story.dials("1003", "013912345678");
    let begun = [
        "c1 1003 dials +8613912345678 Outbound",
        "1003 LoggedOut Dialing InUse",
        "1003's phone is c1",
        "dial +8613912345678 by out",
    ];
    assert_eq!(story.told(), begun);
    let party = story.leg("+8613912345678");
    story.input(Input::EarlyMedia { leg: party });
    assert_eq!(story.told(), ["1003's phone hears +8613912345678 early"]);
    story.picks_up(phone, "+8613912345678").forget();
    assert_eq!(story.stage(phone), "Talking 1003");
    story.at(5).ends(party, LegEnd::HungUp);
    let over = [
        "hang up 1003's phone Completed",
        "stop recording",
        "c1 over Completed by Caller 5000",
        "1003 LoggedOut Idle Registered",
    ];
    assert_eq!(story.told(), over);
}

#[test]
fn who_does_not_answer_is_told_of_as_such() {
    let cases = [
        (RefusedBy::Busy, "Busy", "Busy"),
        (RefusedBy::Rejected, "Declined", "Rejected"),
        (RefusedBy::NoAnswer, "Away", "NoAnswer"),
        (RefusedBy::Unreachable, "Away", "Unreachable"),
    ];
    for (why, heard, cause) in cases {
        let mut story = story();
        let phone = story.dials("1001", "1002");
        story.forget().refuses("1002", why);
        let told = story.told();
        assert_eq!(told[0], format!("refuse 1001's phone {heard}"));
        assert_eq!(told[1], format!("c1 over {cause} by Caller 0"));
        assert_eq!(story.stage(phone), "over");
    }
    let mut story = story();
    story.dials("1001", "1002");
    story.forget().at(45);
    let told = story.told();
    assert_eq!(told[0..2], ["stop ringing 1002 NoAnswer", "refuse 1001's phone Away"]);
    assert_eq!(told[2], "c1 over NoAnswer by Caller 0");
}

#[test]
fn what_may_not_or_cannot_be_dialled_is_refused_without_a_trace() {
    let mut story = story();
    let mut refused = |agent: &str, number: &str| {
        let leg = story.dials(agent, number);
        assert_eq!(story.stage(leg), "over");
        story.told().join(",")
    };
    assert_eq!(refused("1001", "0044207946000"), "refuse 1001's phone Barred", "no international calls");
    assert_eq!(refused("1001", "1001"), "refuse 1001's phone Busy", "her own phone");
    assert_eq!(refused("1001", "abc"), "refuse 1001's phone UnknownNumber");
    assert_eq!(refused("1001", "100"), "refuse 1001's phone UnknownNumber", "a line of the house");
    let mut story = Story::with(SWITCH);
    story.up("1001").forget();
    story.dials("1001", "1002");
    assert_eq!(story.told(), ["refuse 1001's phone Away"], "no phone there");
    story.dials("1001", "013912345678");
    assert_eq!(story.told(), ["refuse 1001's phone UnknownNumber"], "no way out");
}

#[test]
fn one_account_makes_only_so_many_calls_at_once_but_always_one_for_help() {
    let switch = SWITCH.replace("calls_max = 20", "calls_max = 20\ncalls_per_agent_max = 2");
    let mut story = Story::with(&[&switch, OUTSIDE].concat());
    story.up("1001").up("1002").forget();
    let first = story.dials("1001", "013912345678");
    story.picks_up(first, "+8613912345678");
    story.dials("1001", "013912345679");
    story.forget().dials("1001", "013912345670");
    assert_eq!(story.told(), ["refuse 1001's phone Busy"]);
    let other = story.dials("1002", "013912345670");
    assert_eq!(story.stage(other), "Dialling 1002", "the limit is each agent's own");
    story.forget().ends(first, LegEnd::HungUp);
    let next = story.dials("1001", "013912345670");
    assert_eq!(story.stage(next), "Dialling 1001");
    let help = story.dials("1001", "120");
    assert_eq!(story.stage(help), "Dialling 1001");
}

#[test]
fn an_agent_in_a_call_is_not_rung_beside_it_and_one_who_dials_gets_no_patient() {
    let mut story = story();
    let patient = story.waiting("200");
    story.talks("1001", patient).forget();
    story.dials("1002", "1001");
    assert_eq!(story.told(), ["refuse 1002's phone Busy"]);
    let phone = story.dials("1002", "013912345678");
    story.picks_up(phone, "+8613912345678").forget();
    let second = story.waiting("200");
    assert_eq!(story.stage(second), "Queued", "both agents of the queue talk");
    story.ends(phone, LegEnd::HungUp);
    assert_eq!(story.stage(second), "Offered 1002");
}

#[test]
fn each_of_two_agents_may_hold_and_the_other_hears_music() {
    let mut story = story();
    let phone = story.dials("1001", "1002");
    let party = story.leg("1002");
    story.picks_up(phone, "1002").forget();
    story.input(Input::Held { leg: phone, held: true });
    assert_eq!(story.told(), ["part 1002 1001's phone", "music 1002"]);
    story.input(Input::Held { leg: party, held: true });
    assert_eq!(story.told(), ["music 1001's phone"]);
    story.input(Input::Held { leg: phone, held: false });
    assert_eq!(story.told(), ["stop music 1002"], "the other one still holds");
    story.input(Input::Held { leg: party, held: false });
    assert_eq!(story.told(), ["stop music 1001's phone", "bridge 1002 1001's phone"]);
}

#[test]
fn a_dialler_who_gives_up_and_one_who_vanishes_leave_nothing_behind() {
    let mut story = story();
    let phone = story.dials("1001", "1002");
    story.forget().ends(phone, LegEnd::Cancelled);
    assert_eq!(story.told()[0..2], ["hang up 1002 CallerLeft", "c1 over Cancelled by Agent 0"]);
    let phone = story.dials("1001", "1002");
    let party = story.leg("1002");
    story.input(Input::Answered { leg: party }).forget().at(60);
    let told = story.told();
    assert_eq!(told[0..2], ["hang up 1002 NotAcknowledged", "hang up 1001's phone OtherLegLost"], "{told:?}");
    assert_eq!(story.stage(phone), "over");
    assert_eq!(story.centre.next_deadline(), None);
}

#[test]
fn who_ends_one_of_two_calls_is_still_in_the_other() {
    let mut story = story();
    let first = story.dials("1001", "1002");
    story.picks_up(first, "1002");
    story.input(Input::Held { leg: first, held: true });
    let second = story.dials("1001", "1003");
    story.picks_up(second, "1003").wants("1001", AgentIntent::NotReady("meal".into())).forget();
    story.at(5).ends(second, LegEnd::HungUp);
    let hers = |line: &String| line.starts_with("1001 ");
    assert!(!story.told().iter().any(hers), "she is still in the first, and her meal waits");
    story.at(6).ends(first, LegEnd::HungUp);
    let told = story.told();
    assert_eq!(told.iter().filter(|line| hers(line)).collect::<Vec<_>>(), ["1001 meal Idle Registered"]);
}
