//! Calls that people take out of a queue (CF C31), or pick from it (C32).

use crate::common::{Story, callbacks, house};
use careline_callcentre::{CommandError, LegEnd, Order};
use careline_model::{AgentId, CallId, LegId};

const AGENTS: [(&str, &str); 2] = [("1001", "queues = [\"general\"]"), ("1003", "queues = [\"booking\"]")];

fn call_of(story: &Story, leg: LegId) -> CallId {
    story.centre.call_of(leg).expect("the call is live")
}

fn withdraw(story: &mut Story, leg: LegId, to: &str) -> Result<(), CommandError> {
    let id = call_of(story, leg);
    story.centre.withdraw(id, &to.into(), "wrong key", story.now)
}

fn pick(story: &mut Story, leg: LegId, agent: &str) -> Result<(), CommandError> {
    let id = call_of(story, leg);
    story.centre.pick(id, &AgentId::from(agent), story.now)
}

#[test]
fn a_call_taken_out_of_its_queue_goes_to_another_with_its_age() {
    let mut story = Story::with(&house("", &AGENTS));
    let moved = story.waiting("200");
    let other = story.at(10).waiting("300");
    story.heard(moved).at(20).forget();
    withdraw(&mut story, moved, "booking").expect("it waits");
    assert_eq!(
        story.collected(),
        [
            "c1 withdrawn to booking for wrong key",
            "stop music c1",
            "c1 leaves FlowOutAdmin 20000",
            "c1 enters booking at 1",
            "music c1"
        ]
    );
    story.up("1003");
    assert_eq!((story.stage(moved), story.stage(other)), ("Offered 1003".into(), "Queued".into()));
}

#[test]
fn a_phone_that_rings_for_it_stops_and_its_agent_is_not_charged() {
    let mut story = Story::with(&house("", &AGENTS));
    story.up("1001");
    let caller = story.waiting("200");
    story.ringing("1001").forget();
    withdraw(&mut story, caller, "booking").expect("it waits");
    let told = story.collected();
    assert!(told.contains(&"stop ringing 1001 Command".to_owned()), "{told:?}");
    assert!(told.contains(&"c1 1001 Cancelled 0".to_owned()), "{told:?}");
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Offered 1001");
}

#[test]
fn what_cannot_be_withdrawn_says_what_could() {
    let mut story = Story::with(&house("", &AGENTS));
    let caller = story.waiting("200");
    let told = |result: Result<(), CommandError>| result.expect_err("it cannot be done").to_string();
    assert_eq!(told(withdraw(&mut story, caller, "x")), "queue x is not known; allowed: booking");
    assert_eq!(told(withdraw(&mut story, caller, "general")), "queue general is not known; allowed: booking");
    story.centre.close_queue(&"booking".into(), false, story.now).expect("it is known");
    let shut = told(withdraw(&mut story, caller, "booking"));
    assert!(shut.starts_with("queue booking lets nobody in"), "{shut}");
    story.up("1001").talks("1001", caller);
    assert!(matches!(withdraw(&mut story, caller, "booking"), Err(CommandError::NotWaiting { .. })));
    let id = call_of(&story, caller);
    story.ends(caller, LegEnd::HungUp);
    let gone = story.centre.withdraw(id, &"booking".into(), "", story.now);
    assert_eq!(gone, Err(CommandError::UnknownCall { call: id }));
}

#[test]
fn who_is_to_be_called_back_stays_where_people_are_called_back() {
    let (mut story, _) = callbacks::busy("", "");
    let caller = callbacks::waiting_from(story.at(10), callbacks::PATIENT);
    callbacks::asks(story.at(20), caller);
    let id = *story.calls().last().expect("her callback waits");
    let refused = story.order(|centre, now| centre.withdraw(id, &"booking".into(), "wrong key", now));
    assert_eq!(refused, Err(CommandError::QueueShut { queue: "booking".into() }), "it calls nobody back");
}

/// Two callers wait for an agent who comes when a third one holds her back.
fn two_wait(story: &mut Story) -> (LegId, LegId) {
    let first = story.waiting("200");
    let second = story.at(1).waiting("200");
    (first, second)
}

#[test]
fn an_agent_picks_a_call_from_behind_and_it_is_told_as_picked() {
    // Step by step the queue rings nobody of tier 2 by itself.
    let tier = "queues = []\n[[agent.queue]]\nid = \"general\"\ntier = 2";
    let switch =
        house("[[queue.step]]\nat_s = 500\ntier = 2", &[("1001", "queues = [\"general\"]"), ("1005", tier)]);
    let mut story = Story::with(&switch);
    story.up("1001");
    let talking = story.waiting("200");
    story.talks("1001", talking).up("1005");
    let (first, second) = two_wait(&mut story);
    story.forget();
    pick(&mut story, second, "1005").expect("she is free and serves the queue");
    let told = story.collected();
    assert_eq!(told[0], "c3 picked by 1005");
    assert_eq!((story.stage(first), story.stage(second)), ("Queued".into(), "Offered 1005".into()));
    story.talks("1005", second);
    assert_eq!(story.stage(second), "Talking 1005");
}

#[test]
fn a_picked_call_that_is_not_answered_is_back_in_its_place() {
    let tier = "queues = []\n[[agent.queue]]\nid = \"general\"\ntier = 2";
    let switch =
        house("[[queue.step]]\nat_s = 500\ntier = 2", &[("1001", "queues = [\"general\"]"), ("1005", tier)]);
    let mut story = Story::with(&switch);
    story.up("1001");
    let talking = story.waiting("200");
    story.talks("1001", talking).up("1005");
    let (first, second) = two_wait(&mut story);
    pick(&mut story, second, "1005").expect("she is free");
    story.collected();
    story.ringing("1005").at(20).ends(talking, LegEnd::HungUp).at(51);
    assert_eq!((story.stage(first), story.stage(second)), ("Offered 1001".into(), "Queued".into()));
}

#[test]
fn who_may_not_pick_is_told_who_might() {
    let mut story = Story::with(&house("", &AGENTS));
    let caller = story.waiting("200");
    let told = |result: Result<(), CommandError>| result.expect_err("it cannot be done").to_string();
    assert_eq!(told(pick(&mut story, caller, "1003")), "agent 1003 is not known; allowed: 1001");
    let away = told(pick(&mut story, caller, "1001"));
    assert_eq!(away, "agent 1001 is not free; allowed: an agent who is ready and in no call");
    story.up("1001");
    assert!(
        matches!(pick(&mut story, caller, "1001"), Err(CommandError::NotWaiting { .. })),
        "it rings already"
    );
}

#[test]
fn who_ordered_it_is_told_before_what_it_did() {
    let mut story = Story::with(&house("", &AGENTS));
    let (waits, other) = (story.waiting("200"), story.waiting("300"));
    let (call, second) = (call_of(&story, waits), call_of(&story, other));
    story.forget();
    let mut give = |order| story.order(|centre, now| centre.carry_out(order, "chief", now));
    let rank = careline_callcentre::NewRank { red_flag: true, class: None, points: 5 };
    give(Order::SetRank { call, rank }).expect("in range");
    let reason = "flood".to_owned();
    give(Order::CloseQueue { queue: "general".into(), leave: false, reason }).expect("known");
    let back = Order::Withdraw { call: second, to: "general".into(), reason: "x".into() };
    give(back).expect_err("it is closed");
    give(Order::OpenQueue { queue: "general".into() }).expect("known");
    give(Order::AskForSkill { call, skill: "nurse".into(), level: 1 }).expect_err("nobody has it");
    let told = story.told();
    let orders = [
        "Rank ordered by chief",
        "c1 rank true None 5",
        "general closed by chief",
        "general opened by chief",
    ];
    let found: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .filter(|line| orders.contains(line) || line.contains("ordered"))
        .collect();
    assert_eq!(found, orders, "{told:?}");
}
