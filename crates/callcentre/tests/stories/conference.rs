//! Three and more in one call (CF G6), and holding (G1): who hears whom, who is told what, what becomes of it.

use crate::common::{OUTSIDE, Story, house};
use careline_callcentre::{Input, LegEnd, PeopleOrder, RefusedBy};
use careline_model::{CallId, LegId};

fn switch(more: &str) -> String {
    let agents = [("1001", "queues = [\"general\"]"), ("1002", ""), ("1003", "")];
    [more, &house("", &agents), OUTSIDE].concat()
}

/// A patient talks to 1001; gives the call, the patient's leg and the agent's.
fn talking(more: &str) -> (Story, CallId, LegId, LegId) {
    let mut story = Story::with(&switch(more));
    story.up("1001").up("1002").up("1003");
    let patient = story.waiting("200");
    story.talks("1001", patient).at(10).forget();
    let (call, agent) = (story.id(patient), story.leg("1001"));
    (story, call, patient, agent)
}

/// 1002 is in it, too.
fn three(more: &str) -> (Story, CallId, LegId, LegId, LegId) {
    let (mut story, call, patient, agent) = talking(more);
    story.adds(call, "1001", "1002", false).expect("she is there");
    let third = story.leg("1002");
    story.ringing("1002").input(Input::Answered { leg: third });
    (story, call, patient, agent, third)
}

#[test]
fn each_of_three_hears_the_other_two() {
    let (mut story, ..) = three("");
    let told = story.told();
    for line in [
        "ring 1002 for c1",
        "record Party of 1002 as 1p1",
        "c1 hears [1002]",
        "1001 hears [1002]",
        "1002 hears [c1 1001]",
    ] {
        assert!(told.contains(&line.to_owned()), "{line}: {told:?}");
    }
    assert!(!told.iter().any(|line| line.starts_with("part")), "the two stay joined: {told:?}");
    assert_eq!(story.people(), ["c1 party 1 1002 extension by 1001", "c1 party 1 joins"]);
}

#[test]
fn eight_are_in_it_and_no_more() {
    let agents: Vec<String> = (1001..=1010).map(|id| id.to_string()).collect();
    let first = "queues = [\"general\"]";
    let agents: Vec<_> = agents.iter().map(|id| (&**id, if id == "1001" { first } else { "" })).collect();
    let mut story = Story::with(&house("", &agents));
    agents.iter().for_each(|(id, _)| _ = story.up(id));
    let patient = story.waiting("200");
    story.talks("1001", patient);
    let call = story.id(patient);
    for id in 1002..=1007 {
        story.adds(call, "1001", &id.to_string(), false).expect("there is room");
        let leg = story.leg(&id.to_string());
        story.input(Input::Answered { leg });
    }
    let last = story.told().into_iter().rfind(|line| line.starts_with("1007 hears"));
    assert_eq!(last.as_deref(), Some("1007 hears [c1 1001 1002 1003 1004 1005 1006]"));
    let error = story.adds(call, "1001", "1008", false).expect_err("there is none");
    assert_eq!(error, format!("call {call} has 8 parties; allowed: up to 8"));
}

#[test]
fn a_party_is_muted_held_and_taken_out() {
    let (mut story, call, ..) = three("");
    story.forget().people();
    let change =
        |party, muted, held| PeopleOrder::ChangeParty { call, agent: "1001".into(), party, muted, held };
    story.people_order(change(1, Some(true), None)).expect("it is there");
    assert_eq!(story.told(), ["c1 hears []", "1001 hears []"]);
    story.people_order(change(1, Some(false), Some(true))).expect("it is there");
    assert_eq!(story.told(), ["music 1002", "1002 hears []"]);
    story.people_order(change(1, None, Some(false))).expect("it is there");
    story.forget();
    story.people_order(change(0, Some(true), None)).expect("the patient");
    let told = story.told();
    assert!(told.contains(&"part c1 1001".to_owned()), "{told:?}");
    assert!(told.contains(&"c1 hears [1001 1002]".to_owned()), "{told:?}");
    assert!(told.contains(&"1002 hears [1001]".to_owned()), "{told:?}");
    story.people_order(change(0, Some(false), None)).expect("the patient");
    story.people_order(PeopleOrder::RemoveParty { call, agent: "1001".into(), party: 1 }).expect("is there");
    assert!(story.told().contains(&"hang up 1002 Removed".to_owned()));
    let error = story.people_order(change(1, None, None)).expect_err("it is gone");
    assert!(error.to_string().contains("has no party 1"), "{error}");
    assert!(story.people().contains(&"c1 party 1 left Removed 0".to_owned()));
}

#[test]
fn the_agent_leaves_and_her_colleague_has_the_call() {
    for by_order in [true, false] {
        let (mut story, call, patient, agent, third) = three("");
        story.at(20).forget().people();
        if by_order {
            story.people_order(PeopleOrder::Leave { call, agent: "1001".into() }).expect("others are there");
        } else {
            story.ends(agent, LegEnd::HungUp);
        }
        let told = story.told();
        assert!(told.contains(&"bridge c1 1002".to_owned()), "{told:?}");
        assert!(told.contains(&"record 1002 2".to_owned()), "{told:?}");
        assert_eq!(told.contains(&"hang up 1001 Transferred".to_owned()), by_order);
        assert_eq!(story.stage(patient), "Talking 1002");
        assert!(story.people().contains(&"c1 party 1 left Succeeded 10000".to_owned()));
        story.at(30).ends(third, LegEnd::HungUp);
        assert_eq!(story.stage(patient), "over");
        let told = story.told();
        assert!(told.contains(&"1002 Ready WrapUp Registered".to_owned()), "{told:?}");
    }
}

#[test]
fn what_becomes_of_it_without_an_agent_is_the_houses_choice() {
    for (policy, after) in [("go_on", "Talking"), ("end", "over")] {
        let policy = format!("[conference]\nlast_agent_leaves = \"{policy}\"\n");
        let (mut story, call, patient, agent) = talking(&policy);
        story.adds(call, "1001", "013912345678", false).expect("a number outside");
        let third = story.leg("+8613912345678");
        story.input(Input::Answered { leg: third }).ends(agent, LegEnd::HungUp);
        assert_eq!(story.stage(patient), after);
    }
}

#[test]
fn the_patient_leaves_and_it_is_over_for_all() {
    let (mut story, _, patient, ..) = three("");
    story.forget().ends(patient, LegEnd::HungUp);
    let told = story.told();
    assert!(told.contains(&"hang up 1002 Completed".to_owned()), "{told:?}");
    assert!(told.contains(&"1002 Ready Idle Registered".to_owned()), "{told:?}");
    assert!(story.people().contains(&"c1 party 1 left CallEnded 0".to_owned()));
}

#[test]
fn a_consultation_by_order_holds_the_patient_and_gives_him_back_when_nobody_answers() {
    let (mut story, call, patient, _) = talking("");
    story.adds(call, "1001", "1002", true).expect("she is there");
    assert_eq!(story.told()[..2], ["1002 Ready Dialing InUse", "ring 1002 for c1"]);
    story.at(30);
    let told = story.told();
    assert!(told.contains(&"stop ringing 1002 NoAnswer".to_owned()), "{told:?}");
    assert!(told.ends_with(&["bridge c1 1001".to_owned()]), "{told:?}");
    assert_eq!(
        story.people(),
        [
            "c1 party 1 1002 extension by 1001",
            "c1 held by 1001 Began 0",
            "c1 party 1 left NoAnswer 0",
            "c1 held by 1001 Ended 15000",
        ]
    );
    // She answers: the two speak alone, then all three, then the agent leaves.
    story.adds(call, "1001", "1002", true).expect("she is there");
    let third = story.leg("1002");
    story.forget().input(Input::Answered { leg: third });
    let told = story.told();
    assert!(told.contains(&"1001 hears [1002]".to_owned()), "{told:?}");
    assert!(told.contains(&"1002 hears [1001]".to_owned()), "{told:?}");
    assert!(!told.iter().any(|line| line.starts_with("c1 hears")), "{told:?}");
    story.people_order(PeopleOrder::Hold { call, agent: "1001".into(), on: false }).expect("hers");
    let told = story.told();
    assert!(told.contains(&"bridge c1 1001".to_owned()) && told.contains(&"c1 hears [1002]".to_owned()));
    story.people_order(PeopleOrder::Leave { call, agent: "1001".into() }).expect("others are there");
    assert_eq!(story.stage(patient), "Talking 1002");
}

#[test]
fn a_consultation_by_phone_becomes_a_call_of_three() {
    let (mut story, call, _, agent) = talking("");
    story.input(Input::Held { leg: agent, held: true });
    let second = story.dials("1001", "1002");
    story.picks_up(second, "1002").input(Input::Held { leg: agent, held: false }).forget();
    let other = story.id(second);
    story.people_order(PeopleOrder::Merge { call, agent: "1001".into(), other }).expect("both are hers");
    let told = story.told();
    assert!(told.contains(&"hang up 1001's phone Transferred".to_owned()), "{told:?}");
    assert!(told.contains(&"c2 over Completed by Agent 0".to_owned()), "{told:?}");
    assert!(told.contains(&"1002 hears [c1 1001]".to_owned()), "{told:?}");
    assert!(told.contains(&"c1 hears [1002]".to_owned()), "{told:?}");
}

#[test]
fn who_cannot_be_added_is_named_with_what_is_allowed() {
    let (mut story, call, ..) = talking("");
    for (to, why) in [
        ("0044207946000", "her class of service does not allow it"),
        ("nobody", "nobody has this number"),
        ("1001", "busy"),
    ] {
        let error = story.adds(call, "1001", to, false).expect_err("no");
        assert!(error.contains(why), "{error}");
    }
    let error = story.adds(call, "1002", "1003", false).expect_err("not hers");
    assert!(error.contains("agent 1002 is in no conversation of call"), "{error}");
    story.adds(call, "1001", "1002", false).expect("she is there");
    story.refuses("1002", RefusedBy::Busy);
    assert!(story.people().contains(&"c1 party 1 left Busy 0".to_owned()));
    let error = story.people_order(PeopleOrder::Leave { call, agent: "1001".into() }).expect_err("alone");
    assert!(error.to_string().contains("nobody but the two"), "{error}");
}

#[test]
fn a_hold_reminds_the_agent_and_is_told_when_it_lasts() {
    let hold = "[hold]\ntone = \"reminder\"\ntone_every_s = 60\nlong_s = 90\n";
    let (mut story, call, _, agent) = talking(hold);
    let order = |on| PeopleOrder::Hold { call, agent: "1001".into(), on };
    story.people_order(order(true)).expect("hers");
    assert_eq!(story.told(), ["part c1 1001", "music c1"]);
    // A refresh of the phone's session does not take it back.
    story.input(Input::Held { leg: agent, held: false });
    assert!(story.told().is_empty());
    story.at(10 + 59);
    assert!(story.told().is_empty());
    story.at(10 + 60);
    assert_eq!(story.told(), ["play 1001 reminder"]);
    story.at(10 + 100).people_order(order(false)).expect("hers");
    let told = story.told();
    assert!(told.ends_with(&["stop music c1".to_owned(), "bridge c1 1001".to_owned()]), "{told:?}");
    let facts = ["Began 0", "Long 90000", "Ended 100000"].map(|what| format!("c1 held by 1001 {what}"));
    assert_eq!(story.people(), facts);
    story.input(Input::Held { leg: agent, held: true }).forget().at(10 + 200);
    assert!(story.told().is_empty(), "a phone that holds hears no tone");
}
