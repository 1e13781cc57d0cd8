//! Supervisors listen, whisper, barge in and take over (CF 1H): what each party hears, what is told, who may.

use crate::common::{Story, house};
use careline_callcentre::{Input, LegEnd, PeopleOrder, RefusedBy};
use careline_model::LegId;
use careline_model::event::WatchMode as M;

const BOSS: &str = "supervises = [\"general\"]";

/// 1001 and 1002 serve the queue; 3001 may do everything to them, 3002 may listen to booking only; 3003 nothing.
fn switch() -> String {
    let agents = [
        ("1001", "queues = [\"general\"]\nteam = \"day\""),
        ("1002", "queues = [\"general\"]"),
        ("1003", "queues = [\"booking\"]"),
        ("3001", BOSS),
        ("3002", "supervises = [\"booking\"]\nsupervises_teams = [\"night\"]\nsupervision = \"listen\""),
        ("3003", ""),
        ("3004", "supervises_teams = [\"day\"]\nsupervision = \"whisper\""),
    ];
    house("", &agents)
}

/// A patient talks to 1001; gives the patient's leg and the agent's.
fn talking() -> (Story, LegId, LegId) {
    let mut story = Story::with(&switch());
    story.up("1001").up("3001");
    let patient = story.waiting("200");
    story.talks("1001", patient).at(10).forget();
    let agent = story.leg("1001");
    story.people();
    (story, patient, agent)
}

/// 3001's phone is rung and answered.
fn listens(story: &mut Story, mode: M) -> LegId {
    story.watches("3001", "1001", mode).expect("she may");
    let boss = story.leg("3001");
    story.input(Input::Ringing { leg: boss }).input(Input::Answered { leg: boss });
    boss
}

#[test]
fn a_supervisor_hears_both_and_neither_hears_her() {
    let (mut story, _, _) = talking();
    story.watches("3001", "1001", M::Listen).expect("she may");
    assert_eq!(story.told(), ["3001 Ready Dialing InUse", "ring 3001 to listen"]);
    let boss = story.leg("3001");
    story.input(Input::Ringing { leg: boss }).input(Input::Answered { leg: boss });
    assert_eq!(story.told(), ["3001 goes to c1", "3001 hears [1001 c1]"]);
    let told = ["3001 begins to Listen to 1001 by boss (Icon)", "hears c1"];
    assert_eq!(story.people(), told);
    story.at(25).ends(boss, LegEnd::HungUp);
    assert_eq!(story.told(), ["3001 Ready Idle Registered"]);
    assert_eq!(story.people(), ["watch over HungUp 15000"]);
}

#[test]
fn the_way_she_takes_part_changes_live_and_each_step_is_told() {
    let (mut story, _, _) = talking();
    listens(&mut story, M::Listen);
    story.forget();
    story.watch_is("3001", M::Whisper).expect("she may");
    assert_eq!(story.told(), ["record Whisper of 3001 as 1w1", "1001 hears [3001]"]);
    story.watch_is("3001", M::Barge).expect("she may");
    assert_eq!(story.told(), ["c1 hears [3001]"]);
    story.watch_is("3001", M::PrivateWhisper).expect("she may");
    assert_eq!(story.told(), ["c1 hears []", "3001 hears []"]);
    story.watch_is("3001", M::Listen).expect("she may");
    let mut told = story.told();
    told.sort();
    assert_eq!(told, ["1001 hears []", "3001 hears [1001 c1]", "stop recording"]);
    let modes = ["Whisper", "Barge", "PrivateWhisper", "Listen"].map(|mode| format!("now {mode} by boss"));
    assert_eq!(story.people()[2..], modes);
}

#[test]
fn a_whisper_is_heard_by_the_agent_alone_and_is_on_a_track_of_its_own() {
    let (mut story, patient, agent) = talking();
    listens(&mut story, M::Whisper);
    let told = story.told();
    assert!(told.contains(&"record Whisper of 3001 as 1w1".to_owned()), "{told:?}");
    assert!(told.contains(&"1001 hears [3001]".to_owned()), "{told:?}");
    assert!(!told.iter().any(|line| line.starts_with("c1 hears")), "{told:?}");
    // The recording of a pause has no whisper either.
    let call = story.id(patient);
    story.order(|centre, now| centre.pause_recording(call, "card", now)).expect("it is recorded");
    let told = story.told();
    assert!(told.contains(&"stop recording".to_owned()), "{told:?}");
    story.order(|centre, now| centre.resume_recording(call, now)).expect("it was paused");
    let told = story.told();
    assert!(told.contains(&"record Whisper of 3001 as 1w2".to_owned()), "{told:?}");
    story.ends(agent, LegEnd::HungUp);
    assert_eq!(story.told().iter().filter(|line| *line == "stop recording").count(), 2);
}

#[test]
fn a_watch_is_bound_to_the_agent_and_outlives_hold_transfer_and_her_call() {
    let (mut story, patient, agent) = talking();
    story.up("1002");
    let boss = listens(&mut story, M::Listen);
    story.people();
    story.forget().input(Input::Held { leg: agent, held: true });
    let told = story.told();
    assert_eq!(told, ["part c1 1001", "music c1", "3001 hears [1001]"], "the held party is not heard");
    story.input(Input::Held { leg: agent, held: false });
    assert_eq!(story.told(), ["stop music c1", "bridge c1 1001", "3001 hears [1001 c1]"]);
    story.passes_on(agent, "1002");
    assert!(story.told().contains(&"3001 hears []".to_owned()));
    let third = story.leg("1002");
    story.input(Input::Answered { leg: third }).input(Input::Bridged { leg: patient });
    let mut held = vec!["hears c1 on hold", "hears c1", "hears nobody"];
    assert_eq!(story.people().into_iter().filter(|line| line.starts_with("hears")).collect::<Vec<_>>(), held);
    // Her wrap-up ends, and her next call is heard.
    story.at(60).forget();
    let next = story.waiting("200");
    story.talks("1001", next);
    let told = story.told();
    assert!(told.contains(&"3001 goes to c2".to_owned()), "{told:?}");
    assert!(told.contains(&"3001 hears [1001 c2]".to_owned()), "{told:?}");
    held = vec!["hears c2"];
    assert_eq!(story.people(), held);
    story.ends(boss, LegEnd::HungUp);
    assert_eq!(story.stage(next), "Talking 1001");
}

#[test]
fn she_takes_the_call_over_and_it_goes_on_in_its_next_segment() {
    let (mut story, patient, _) = talking();
    let boss = listens(&mut story, M::Whisper);
    story.at(20).forget();
    story.watch_is("3001", M::TakeOver).expect("she may");
    let told = story.told();
    let order =
        ["stop recording", "hang up 1001 TakenOver", "1001 Ready WrapUp Registered", "bridge c1 3001"];
    let places: Vec<_> = order.iter().map(|line| told.iter().position(|one| one == line)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{told:?}");
    assert!(told.contains(&"record 3001 2".to_owned()), "{told:?}");
    assert_eq!(told.iter().filter(|line| *line == "stop recording").count(), 2, "her whisper and the talk");
    assert_eq!(story.stage(patient), "Talking 3001");
    let facts = story.people();
    assert_eq!(facts[facts.len() - 2..], ["now TakeOver by boss", "watch over TakenOver 10000"]);
    story.forget().at(30).ends(boss, LegEnd::HungUp);
    let told = story.told();
    assert!(told.contains(&"c1 over Completed by Agent 30000".to_owned()), "{told:?}");
    assert!(told.contains(&"3001 Ready WrapUp Registered".to_owned()), "{told:?}");
}

#[test]
fn rights_are_of_the_account_by_queue_and_team_and_up_to_a_mode() {
    let mut story = Story::with(&switch());
    for agent in ["1001", "1002", "1003", "3001", "3002", "3003", "3004"] {
        story.up(agent);
    }
    let refused = |story: &mut Story, who: &str, agent: &str, mode| {
        story.watches(who, agent, mode).expect_err("she may not")
    };
    let error = refused(&mut story, "3003", "1001", M::Listen);
    assert_eq!(error, "3003 may not listen to agent 1001; allowed: none is configured");
    let error = refused(&mut story, "3002", "1001", M::Listen);
    assert_eq!(error, "3002 may not listen to agent 1001; allowed: 1003");
    let error = refused(&mut story, "3002", "1003", M::Whisper);
    assert_eq!(error, "3002 may not whisper to agent 1003; allowed: up to listen to");
    let error = refused(&mut story, "3001", "3001", M::Listen);
    assert!(error.starts_with("3001 may not listen to agent 3001"), "{error}");
    let error = refused(&mut story, "3001", "nobody", M::Listen);
    assert!(error.starts_with("agent nobody is not known"), "{error}");
    let error = refused(&mut story, "3001", "1001", M::TakeOver);
    assert!(error.contains("hears nobody yet"), "{error}");
    story.watches("3002", "1003", M::Listen).expect("her queue");
    story.watches("3004", "1001", M::Whisper).expect("her team");
    let error = story.watch_is("3004", M::Barge).expect_err("no more than a whisper");
    assert_eq!(error, "3004 may not barge in on agent 1001; allowed: up to whisper to");
    let error = refused(&mut story, "3004", "1001", M::Listen);
    assert!(error.contains("listens already"), "{error}");
    let error = story.watch_is("3001", M::Listen).expect_err("she hears nobody");
    assert!(error.contains("listens to nobody"), "{error}");
}

#[test]
fn a_supervisor_who_does_not_answer_or_is_not_there_is_told_as_such() {
    let (mut story, _, _) = talking();
    let error = story.watches("3001", "1002", M::TakeOver).expect_err("not at once");
    assert!(error.contains("allowed: listen, whisper or barge first"), "{error}");
    story.watches("3001", "1001", M::Listen).expect("she may");
    story.at(45);
    assert!(story.told().contains(&"stop ringing 3001 NoAnswer".to_owned()));
    story.watches("3001", "1001", M::Listen).expect("again");
    story.refuses("3001", RefusedBy::Rejected);
    let ends = story.people().into_iter().filter(|line| line.starts_with("watch over")).collect::<Vec<_>>();
    assert_eq!(ends, ["watch over NotAnswered 0", "watch over NotAnswered 0"]);
    story.watches("3001", "1001", M::Listen).expect("again");
    let boss = story.leg("3001");
    story.input(Input::Answered { leg: boss }).at(50).forget();
    story.people_order(PeopleOrder::StopWatch { supervisor: "3001".into() }).expect("she listens");
    assert_eq!(story.told(), ["hang up 3001 Removed", "3001 Ready Idle Registered"]);
    story.input(Input::DeviceGone { agent: "3001".into() });
    assert!(story.watches("3001", "1001", M::Listen).is_err(), "no phone is there");
}

#[test]
fn who_listens_is_offered_nobody_and_the_tone_is_for_the_agent_alone() {
    let tone = "[supervision]\nnotice = \"tone\"\ntone = \"notice\"\n";
    let agents =
        [("1001", "queues = [\"general\"]"), ("3001", "queues = [\"general\"]\nsupervises = [\"*\"]")];
    let mut story = Story::with(&[tone, &house("", &agents)].concat());
    story.up("1001");
    let patient = story.waiting("200");
    story.talks("1001", patient).up("3001").forget();
    listens(&mut story, M::Listen);
    let told = story.told();
    assert!(told.contains(&"play 1001 notice".to_owned()), "{told:?}");
    assert!(!told.iter().any(|line| line.starts_with("play c1")), "{told:?}");
    let second = story.waiting("200");
    assert_eq!(story.stage(second), "Queued");
    assert!(story.people()[0].ends_with("(Tone)"));
}
