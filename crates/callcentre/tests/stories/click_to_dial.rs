//! An agent clicks on a number: her phone rings first, and nothing rings on without her (CF K1).

use crate::common::{OUTSIDE, SWITCH, Story};
use careline_callcentre::{CampaignOrder, CampaignReply, Input, LegEnd, RefusedBy};

fn story() -> Story {
    let mut story = Story::with(&[SWITCH, OUTSIDE].concat());
    story.up("1001").up("1002").up("1003").forget();
    story
}

fn clicks(story: &mut Story, agent: &str, number: &str) -> Result<(), String> {
    let order = CampaignOrder::Dial { agent: agent.into(), number: number.into() };
    match story.order(|centre, now| centre.campaign_order(order, now)) {
        Ok(CampaignReply::Call(_)) => Ok(()),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn her_phone_rings_then_the_other_one() {
    let mut story = story();
    clicks(&mut story, "1003", "013912345678").expect("she may");
    let begun = ["c1 1003 dials +8613912345678 Outbound", "1003 LoggedOut Dialing InUse", "ring 1003 for c1"];
    assert_eq!(story.told(), begun);
    let phone = story.leg("1003");
    story.ringing("1003").input(Input::Answered { leg: phone });
    assert_eq!(story.told(), ["dial +8613912345678 by out"]);
    let party = story.leg("+8613912345678");
    story.input(Input::Answered { leg: party }).input(Input::Bridged { leg: party });
    assert_eq!(story.told(), ["bridge +8613912345678 1003", "c1 with 1003", "record 1003 1"]);
    story.at(5).ends(phone, LegEnd::HungUp);
    let over = [
        "hang up +8613912345678 Completed",
        "stop recording",
        "c1 over Completed by Agent 5000",
        "1003 LoggedOut Idle Registered",
    ];
    assert_eq!(story.told(), over);
    assert_eq!(story.centre.next_deadline(), None);
}

#[test]
fn an_extension_is_rung_for_her_too() {
    let mut story = story();
    clicks(&mut story, "1001", "1002").expect("she may");
    let phone = story.leg("1001");
    story.input(Input::Answered { leg: phone }).forget().ringing("1002");
    let party = story.leg("1002");
    story.input(Input::Answered { leg: party }).input(Input::Bridged { leg: party });
    assert_eq!(story.stage(party), "Talking 1001");
    story.forget().ends(party, LegEnd::HungUp);
    let told = story.told();
    assert!(told.contains(&"1001 Ready Idle Registered".to_owned()), "{told:?}");
    assert!(told.contains(&"1002 Ready Idle Registered".to_owned()), "{told:?}");
}

#[test]
fn nothing_rings_on_without_her() {
    let mut first = story();
    clicks(&mut first, "1001", "013912345678").expect("she may");
    first.forget().at(20);
    assert_eq!(
        first.told()[..2],
        ["stop ringing 1001 NoAnswer", "c1 over Cancelled by Agent 0"],
        "nobody was dialled"
    );

    let mut story = story();
    clicks(&mut story, "1001", "013912345678").expect("she may");
    let phone = story.leg("1001");
    story.input(Input::Answered { leg: phone }).forget().ends(phone, LegEnd::HungUp);
    assert_eq!(story.told()[0], "stop ringing +8613912345678 CallerLeft");
    clicks(&mut story, "1001", "013912345678").expect("she may");
    story.forget();
    let party = story.leg("1001");
    story.hang_up(party);
    assert_eq!(story.told()[0], "stop ringing 1001 Command", "taken back before she answered");
}

#[test]
fn what_she_may_not_or_cannot_dial_is_refused_at_once() {
    let mut story = story();
    assert!(clicks(&mut story, "1001", "0044207946000").unwrap_err().contains("Barred"));
    assert!(clicks(&mut story, "9", "1001").unwrap_err().contains("agent 9 is not known"));
    let patient = story.waiting("200");
    story.talks("1001", patient);
    assert!(clicks(&mut story, "1001", "013912345678").unwrap_err().contains("not free"));
    clicks(&mut story, "1002", "013912345678").expect("she may");
    story.forget().refuses("1002", RefusedBy::Rejected);
    assert_eq!(story.told()[0], "c2 over Cancelled by Agent 0", "she declined herself");
}
