//! Calls for one person, with the queue behind her (CF C17), and what the directory says of a caller (CF C16, C18).

use crate::common::{SWITCH, Story, direct, house, plan_direct};
use careline_callcentre::{Hints, Input, LegEnd, NewRank};
use careline_model::event::AgentIntent;

/// The direct line is that of 1003, who serves another queue; behind her stands the general one.
fn hers() -> Story {
    let flow = direct("direct", "general")
        .replace("queue = \"general\"\n", "queue = \"general\"\nagent = \"1003\"\nagent_s = 20\n");
    let agents = [("1001", "queues = [\"general\"]"), ("1003", "queues = [\"booking\"]")];
    Story::of(plan_direct(&house("", &agents), &flow))
}

#[test]
fn her_caller_waits_for_her_alone_and_then_for_the_group() {
    let mut story = hers();
    story.up("1001").up("1003");
    let caller = story.waiting("200");
    assert!(story.told().contains(&"c1 kept for 1003 20000".to_owned()));
    assert_eq!(story.stage(caller), "Offered 1003");
    story.talks("1003", caller);
    let second = story.at(5).waiting("200");
    assert_eq!(story.stage(second), "Queued", "she talks: it waits for her, though 1001 is free");
    story.at(24);
    assert_eq!(story.stage(second), "Queued");
    story.at(25);
    assert_eq!(story.stage(second), "Offered 1001");
}

#[test]
fn she_comes_back_in_time_and_has_her_caller() {
    let mut story = hers();
    story.up("1001").up("1003");
    let first = story.waiting("200");
    story.talks("1003", first);
    let second = story.at(5).waiting("200");
    story.at(10).ends(first, LegEnd::HungUp).at(15);
    let done = story.order(|centre, now| centre.wrap_up_done(&"1003".into(), "done", now));
    done.expect("she wraps up");
    assert_eq!(story.stage(second), "Offered 1003");
}

#[test]
fn who_is_away_keeps_nobody_waiting() {
    let mut story = hers();
    story.up("1001").up("1003").wants("1003", AgentIntent::NotReady("meal".into()));
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Offered 1001");
}

#[test]
fn the_directory_tells_ranks_and_they_hold_at_once() {
    let mut story = Story::with(SWITCH);
    let first = story.waiting("300");
    let second = story.at(10).call("300");
    story.input(Input::CallerUp { leg: second });
    let call = story.id(second);
    let rank = NewRank { red_flag: false, class: Some(200), points: 5000 };
    story.forget().input(Input::Hinted { call, hints: Hints { rank, agent: Some("nobody".into()) } });
    assert_eq!(story.told(), ["c2 rank false Some(9) 1440"], "what is out of range is brought into it");
    let better = NewRank { red_flag: true, class: Some(2), points: -40 };
    story.input(Input::Hinted { call, hints: Hints { rank: better, agent: None } });
    assert_eq!(story.told(), ["c2 rank true Some(2) 1400"]);
    story.heard(second).up("1003").wants("1003", AgentIntent::Ready);
    assert_eq!(story.stage(second), "Offered 1003", "before the one who came first");
    assert_eq!(story.stage(first), "Queued");
}

#[test]
fn who_is_in_danger_goes_before_the_better_queue_and_waits_for_nobody_by_name() {
    let own = "queues = []\n[[agent.queue]]\nid = \"general\"\npriority = 1\n\
               [[agent.queue]]\nid = \"booking\"\npriority = 2";
    let mut story = Story::with(&house("", &[("1001", own)]));
    let general = story.waiting("200");
    let booking = story.at(1).call("300");
    story.input(Input::CallerUp { leg: booking });
    let rank = NewRank { red_flag: true, class: None, points: 0 };
    let call = story.id(booking);
    story.input(Input::Hinted { call, hints: Hints { rank, agent: None } }).heard(booking);
    story.up("1001");
    assert_eq!((story.stage(booking), story.stage(general)), ("Offered 1001".into(), "Queued".into()));
}

#[test]
fn the_directory_names_who_should_have_the_call() {
    let mut story = Story::with(&house(
        "[queue.sticky]",
        &[("1001", "queues = [\"general\"]"), ("1002", "queues = [\"general\"]")],
    ));
    story.up("1001").at(5).up("1002");
    let caller = story.at(6).call("200");
    story.input(Input::CallerUp { leg: caller });
    let (call, hints) = (story.id(caller), Hints { agent: Some("1002".into()), ..Hints::default() });
    story.input(Input::Hinted { call, hints }).heard(caller);
    assert_eq!(story.stage(caller), "Offered 1002", "though 1001 has waited longer for work");
}

#[test]
fn who_is_in_danger_goes_before_who_is_kept_for_her() {
    let flow = direct("direct", "general")
        .replace("queue = \"general\"\n", "queue = \"general\"\nagent = \"1003\"\nagent_s = 60\n");
    let own = "queues = []\n[[agent.queue]]\nid = \"booking\"\npriority = 2";
    let mut story = Story::of(plan_direct(&house("", &[("1003", own)]), &flow));
    story.up("1003");
    let first = story.waiting("200");
    story.talks("1003", first);
    let kept = story.at(5).waiting("200");
    let danger = story.at(6).call("300");
    story.input(Input::CallerUp { leg: danger });
    let (call, rank) = (story.id(danger), NewRank { red_flag: true, class: None, points: 0 });
    story.input(Input::Hinted { call, hints: Hints { rank, agent: None } }).heard(danger);
    story.at(10).ends(first, LegEnd::HungUp);
    let done = story.order(|centre, now| centre.wrap_up_done(&"1003".into(), "done", now));
    done.expect("she wraps up");
    assert_eq!((story.stage(danger).as_str(), story.stage(kept).as_str()), ("Offered 1003", "Queued"));
}
