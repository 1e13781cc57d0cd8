//! Queues that nobody serves (CF C20, C21, 1.8), and closing time (C33).

use crate::common::{Story, direct, house, plan_direct};
use careline_callcentre::LegEnd;
use careline_model::config::Plan;
use careline_model::event::AgentIntent;
use careline_model::hours::Opening;
use std::sync::Arc;

const ONE: [(&str, &str); 1] = [("1001", "queues = [\"general\"]")];

/// The direct line says why when there is nobody, or it is closed. A quarter of an hour of rest counts as being there.
fn house_of(general: &str) -> Story {
    Story::of(plan_of(general, true))
}

/// The same, where a quarter of an hour of rest counts, or does not.
fn plan_of(general: &str, tea: bool) -> Arc<Plan> {
    let exits = "empty = \"empty\"\nclosed = \"closed\"\n[node.empty]\nkind = \"hangup\"\nprompts = [\"empty\"]\n\
                 [node.closed]\nkind = \"hangup\"\nprompts = [\"closed\"]\n[node.bye]";
    let flow = direct("direct", "general").replace("[node.bye]", exits);
    let switch = house(general, &ONE).replace("max_wait_s = 60", "max_wait_s = 6000")
        + &format!("[[not_ready_code]]\nid = \"tea\"\nname = \"tea\"\nstaffed = {tea}\n");
    plan_direct(&switch, &flow)
}

fn not_ready(code: &str) -> AgentIntent {
    AgentIntent::NotReady(code.into())
}

#[test]
fn nobody_is_let_in_where_nobody_is() {
    for (join, intent, let_in) in [
        ("available", AgentIntent::Ready, true),
        ("available", not_ready("tea"), false),
        ("staffed", AgentIntent::Ready, true),
        ("staffed", not_ready("tea"), true),
        ("staffed", not_ready("meal"), false),
        ("online", not_ready("meal"), true),
        ("online", AgentIntent::LoggedOut, false),
    ] {
        let mut story = house_of(&format!("[queue.empty]\njoin = \"{join}\""));
        story.up("1001").wants("1001", intent.clone());
        let caller = story.waiting("200");
        let is_in = story.stage(caller) != "Flow";
        assert_eq!(is_in, let_in, "{join} with {intent:?}");
        assert_eq!(story.told().contains(&"play c1 empty".to_owned()), !let_in);
    }
}

#[test]
fn who_talks_is_there_but_not_available() {
    for (join, expected) in [("available", "Flow"), ("staffed", "Queued")] {
        let mut story = house_of(&format!("[queue.empty]\njoin = \"{join}\""));
        story.up("1001");
        let first = story.waiting("200");
        story.talks("1001", first);
        let second = story.waiting("200");
        assert_eq!(story.stage(second), expected);
    }
}

#[test]
fn when_the_last_one_leaves_those_who_wait_leave_after_the_grace() {
    let mut story = house_of("[queue.empty]\nleave = \"staffed\"\ngrace_s = 20");
    story.up("1001");
    let talking = story.waiting("200");
    story.talks("1001", talking);
    let caller = story.waiting("200");
    story.at(100).wants("1001", not_ready("meal")).ends(talking, LegEnd::HungUp).at(130).forget();
    story.at_ms(149_999);
    assert_eq!(story.stage(caller), "Queued", "wrap-up was work until 130");
    story.at(150);
    let told = story.told();
    assert!(told.contains(&"c2 leaves FlowOutEmpty 150000".to_owned()), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("play c2 empty"));
}

#[test]
fn somebody_who_comes_in_time_keeps_them() {
    let mut story = house_of("[queue.empty]\nleave = \"staffed\"\ngrace_s = 20");
    story.up("1001").wants("1001", not_ready("meal"));
    let caller = story.waiting("200");
    story.at(10).wants("1001", not_ready("tea")).at(300);
    assert_eq!(story.stage(caller), "Queued", "tea counts as staffed");
    story.wants("1001", AgentIntent::LoggedOut).at(319);
    assert_eq!(story.stage(caller), "Queued");
    story.at(320);
    assert_eq!(story.stage(caller), "Flow");
}

#[test]
fn a_pause_that_counts_no_more_leaves_the_queue_empty() {
    let general = "[queue.empty]\nleave = \"staffed\"\ngrace_s = 20";
    let mut story = house_of(general);
    story.up("1001").wants("1001", not_ready("tea"));
    let caller = story.waiting("200");
    story.at(100);
    assert_eq!(story.stage(caller), "Queued", "tea counts");
    let plan = plan_of(general, false);
    story.order(|centre, now| centre.replan(plan, None, "chief", now));
    story.forget().at(119);
    assert_eq!(story.stage(caller), "Queued", "the grace begins with the new rule");
    story.at(121);
    assert!(story.told().contains(&"play c1 empty".to_owned()), "{:?}", story.stage(caller));
}

#[test]
fn each_caller_has_the_whole_grace() {
    let mut story = house_of("[queue.empty]\nleave = \"staffed\"\ngrace_s = 20");
    let first = story.waiting("200");
    let second = story.at(15).waiting("200");
    story.at(20);
    assert_eq!((story.stage(first), story.stage(second)), ("Flow".into(), "Queued".into()));
    story.at(35);
    assert_eq!(story.stage(second), "Flow");
}

#[test]
fn a_queue_where_nobody_is_signed_in_has_a_longest_wait_of_its_own() {
    let mut story = house_of("[queue.empty]\nmax_wait_s = 45");
    story.up("1001").wants("1001", not_ready("meal"));
    let caller = story.waiting("200");
    story.at(300);
    assert_eq!(story.stage(caller), "Queued", "she is signed in, though at lunch");
    story.wants("1001", AgentIntent::LoggedOut).at(344);
    assert_eq!(story.stage(caller), "Queued");
    story.forget().at(345);
    assert!(story.told().contains(&"c1 leaves FlowOutEmpty 345000".to_owned()));
    story.heard(caller);
    assert_eq!(story.centre.next_deadline(), None, "nothing is watched where nobody waits");
}

#[test]
fn after_closing_time_nobody_is_let_in_and_who_came_before_is_served() {
    let mut story = house_of("[queue.closing]\nhours = \"office\"");
    let early = story.waiting("200");
    // The doors close at noon.
    story.at(3 * 3600);
    let late = story.waiting("200");
    let told = story.told();
    assert_eq!(told.last().map(String::as_str), Some("play c2 closed"));
    assert_eq!(story.stage(late), "Flow");
    story.at(3 * 3600 + 1).up("1001");
    assert_eq!(story.stage(early), "over", "a hundred minutes are the longest wait");
    let mut story = house_of("[queue.closing]\nhours = \"office\"");
    story.at(3 * 3600 - 60);
    let early = story.waiting("200");
    story.at(3 * 3600 + 60).up("1001");
    assert_eq!(story.stage(early), "Offered 1001");
}

#[test]
fn at_closing_time_those_who_wait_leave_where_it_is_so_written() {
    let mut story = house_of("[queue.closing]\nhours = \"office\"\nwaiting = \"leave\"");
    story.at(3 * 3600 - 90 * 60);
    let caller = story.waiting("200");
    story.forget().at_ms((3 * 3600 - 1) * 1000);
    assert_eq!(story.stage(caller), "Queued");
    story.at(3 * 3600);
    assert!(story.told().contains(&"c1 leaves FlowOutClosed 5400000".to_owned()));
}

#[test]
fn a_phone_that_rings_at_closing_time_gets_its_chance() {
    for answers in [true, false] {
        let mut story = house_of("[queue.closing]\nhours = \"office\"\nwaiting = \"leave\"");
        story.at(3 * 3600 - 5);
        let caller = story.waiting("200");
        story.up("1001").ringing("1001").at(3 * 3600 + 1);
        assert_eq!(story.stage(caller), "Offered 1001");
        if answers {
            story.talks("1001", caller);
            assert_eq!(story.stage(caller), "Talking 1001");
        } else {
            story.forget().at(3 * 3600 + 20);
            assert!(story.told().contains(&"c1 leaves FlowOutClosed 15000".to_owned()), "{:?}", story.told());
        }
    }
}

#[test]
fn a_supervisor_closes_a_queue_now_and_opens_it_again() {
    for leave in [true, false] {
        let mut story = house_of("");
        let waiting = story.waiting("200");
        story.forget();
        story.centre.close_queue(&"general".into(), leave, story.now).expect("it is known");
        let told = story.collected();
        assert_eq!(told.contains(&"play c1 closed".to_owned()), leave, "{told:?}");
        assert_eq!(story.stage(waiting), if leave { "Flow" } else { "Queued" });
        let late = story.waiting("200");
        assert_eq!(story.stage(late), "Flow");
        story.centre.open_queue(&"general".into()).expect("it is known");
        let next = story.waiting("200");
        assert_eq!(story.stage(next), "Queued");
    }
    let error = house_of("").centre.open_queue(&"x".into()).expect_err("no such queue");
    assert_eq!(error.to_string(), "queue x is not known; allowed: general, booking");
}

#[test]
fn hours_that_somebody_overrides_send_those_who_wait_home_at_once() {
    let mut story = house_of("[queue.closing]\nhours = \"office\"\nwaiting = \"leave\"");
    let caller = story.waiting("200");
    let until_us = story.now.wall_us + 3_600_000_000;
    let over =
        story.centre.override_hours("office", Opening::Closed, until_us, "lin", "power cut", story.now);
    over.expect("the hours are known");
    story.collected();
    story.at_ms(1);
    assert_eq!(story.told()[..2], ["stop play c1", "c1 leaves FlowOutClosed 0"]);
    assert_eq!(story.stage(caller), "Flow");
}
