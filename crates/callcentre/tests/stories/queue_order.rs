//! Who is served next, by whom, and how waiting ends.

use crate::common::Story;
use careline_callcentre::LegEnd;
use careline_model::event::AgentIntent;

#[test]
fn the_agent_who_has_been_free_longest_is_rung_first() {
    let mut story = Story::new();
    story.up("1002").at(1).up("1001").at(2);
    let first = story.waiting("200");
    assert_eq!(story.stage(first), "Offered 1002");
    let second = story.waiting("200");
    assert_eq!(story.stage(second), "Offered 1001");
}

#[test]
fn a_handled_call_sets_the_idle_clock_back() {
    let mut story = Story::new();
    story.up("1001").at(1).up("1002").at(2);
    let caller = story.waiting("200");
    story.talks("1001", caller).at(20).ends(caller, LegEnd::HungUp).at(50);
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Offered 1002");
}

#[test]
fn each_free_agent_gets_a_caller_of_the_same_line() {
    let mut story = Story::new();
    let (first, second) = (story.waiting("200"), story.waiting("200"));
    story.up("1002").up("1001");
    assert_eq!((story.stage(first), story.stage(second)), ("Offered 1002".into(), "Offered 1001".into()));
}

#[test]
fn agents_free_since_the_same_moment_are_rung_by_id() {
    let mut story = Story::new();
    story.up("1002").up("1001");
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Offered 1001");
}

#[test]
fn a_short_pause_keeps_the_idle_clock_and_a_long_one_does_not() {
    for (pause_s, expected) in [(59, "Offered 1001"), (60, "Offered 1002")] {
        let mut story = Story::new();
        story.up("1001").at(1).up("1002").at(2);
        story.wants("1001", AgentIntent::NotReady("meal".into())).at(2 + pause_s);
        story.wants("1001", AgentIntent::Ready);
        let caller = story.waiting("200");
        assert_eq!(story.stage(caller), expected);
    }
}

#[test]
fn an_agent_of_two_queues_takes_the_caller_who_waits_longest() {
    let mut story = Story::new();
    let booking = story.waiting("300");
    let general = story.at(1).waiting("200");
    story.up("1001");
    assert_eq!((story.stage(booking), story.stage(general)), ("Offered 1001".into(), "Queued".into()));
    story.up("1002");
    assert_eq!(story.stage(general), "Offered 1002");
}

#[test]
fn who_must_wait_is_told_so_and_who_need_not_is_not() {
    let mut story = Story::new();
    let caller = story.waiting("200");
    assert_eq!(story.told()[2..], ["c1 enters general at 1", "play c1 busy"]);
    story.heard(caller);
    assert_eq!(story.told(), ["music c1"]);
    story.up("1001").forget();
    story.up("1002").waiting("200");
    assert_eq!(story.told().last().unwrap(), "music c2");
}

#[test]
fn an_announcement_is_cut_when_the_agent_answers() {
    let mut story = Story::new();
    let caller = story.waiting("200");
    story.up("1001").ringing("1001").forget();
    let leg = story.leg("1001");
    story.input(careline_callcentre::Input::Answered { leg });
    assert_eq!(story.told(), ["1001 Ready Connecting InUse", "stop play c1", "bridge c1 1001"]);
    assert_eq!(story.stage(caller), "Offered 1001");
}

#[test]
fn the_longest_wait_ends_in_the_flow() {
    let mut story = Story::new();
    let caller = story.waiting("200");
    story.heard(caller).forget().at(60);
    assert_eq!(
        story.told(),
        [
            "stop music c1",
            "c1 leaves FlowOutTimeout 60000",
            "hang up c1 FlowFinished",
            "c1 over FlowFinished by Switch 0"
        ]
    );
    assert_eq!(story.centre.next_deadline(), None);
}

#[test]
fn a_phone_that_rings_at_the_longest_wait_gets_its_chance() {
    for answers in [true, false] {
        let mut story = Story::new();
        let caller = story.waiting("200");
        story.at(55).up("1001").ringing("1001").at(61);
        assert_eq!(story.stage(caller), "Offered 1001");
        if answers {
            story.talks("1001", caller);
            assert_eq!(story.stage(caller), "Talking 1001");
        } else {
            story.forget().at(70);
            let told = story.told();
            assert!(told.contains(&"c1 leaves FlowOutTimeout 70000".to_owned()), "{told:?}");
            assert_eq!(story.stage(caller), "over");
        }
    }
}

#[test]
fn a_full_queue_leads_to_its_own_node() {
    let mut story = Story::new();
    for _ in 0..3 {
        story.waiting("200");
    }
    let fourth = story.call("100");
    story.input(careline_callcentre::Input::CallerUp { leg: fourth }).heard(fourth).key(fourth, '1').forget();
    story.heard(fourth);
    assert_eq!(story.told(), ["play c4 full"]);
}

#[test]
fn leaving_the_queue_is_abandoning() {
    let mut story = Story::new();
    let caller = story.waiting("200");
    story.at(6).forget().ends(caller, LegEnd::HungUp);
    assert_eq!(story.told(), ["c1 leaves Abandoned 6000", "c1 over QueueAbandoned by Caller 0"]);
    let caller = story.waiting("200");
    story.at(7).forget().ends(caller, LegEnd::Failed);
    assert_eq!(story.told(), ["c2 leaves SystemFault 1000", "c2 over Fault by Switch 0"]);
}

#[test]
fn the_snapshot_shows_the_line_in_its_order() {
    let mut story = Story::new();
    let first = story.waiting("200");
    let second = story.at(1).waiting("200");
    story.up("1003").at(5);
    let snapshot = story.centre.snapshot(story.now);
    let general = &snapshot.queues[0];
    let expected: Vec<_> = [first, second].iter().filter_map(|leg| story.centre.call_of(*leg)).collect();
    assert_eq!((general.queue.as_str(), &general.waiting), ("general", &expected));
    assert_eq!((general.longest_wait_ms, general.agents_routable), (5000, 0));
    assert_eq!(snapshot.agents.len(), 3);
}
