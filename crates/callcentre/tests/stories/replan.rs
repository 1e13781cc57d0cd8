//! Another configuration in the middle of the traffic (CF O12, C33, 1.3).

use crate::common::{SWITCH, Story, direct, house, plan_direct, plan_of, plan_renamed};
use careline_model::event::{AgentIntent, EventBody};

const TWO: [(&str, &str); 2] =
    [("1001", "queues = [\"general\"]"), ("1003", "queues = [\"booking\"]\nskills = { nurse = 5 }")];

fn replan(story: &mut Story, switch: &str) {
    let plan = plan_of(switch);
    story.order(|centre, now| centre.replan(plan, None, "chief", now));
}

#[test]
fn who_waits_is_served_by_the_new_skills_priorities_and_steps() {
    let mut story = Story::with(&house("", &TWO));
    story.up("1003");
    let talks = story.waiting("300");
    story.talks("1003", talks);
    let first = story.waiting("200");
    let second = story.at(5).waiting("300");
    // The general queue asks for a nurse, whom the booking agent is; she serves both, and booking goes first now.
    let agents = [
        ("1001", "queues = [\"general\"]"),
        ("1003", "queues = [\"booking\", \"general\"]\nskills = { nurse = 5 }"),
    ];
    let general = "skills = { nurse = 3 }\n[[queue.step]]\nat_s = 20\ndrop = [\"nurse\"]";
    let switch = house(general, &agents).replacen("wrap_up_s = 0", "wrap_up_s = 0\nclass = 1", 1);
    replan(&mut story, &switch);
    story.up("1001");
    assert_eq!(story.stage(first), "Queued", "1001 is no nurse");
    story.hang_up(talks);
    assert_eq!(story.stage(second), "Offered 1003", "the class of its queue is better now");
    story.talks("1003", second).at(20);
    assert_eq!(story.stage(first), "Offered 1001", "the step of the new rules drops the skill");
}

#[test]
fn a_shorter_wait_holds_for_those_who_wait_already() {
    let mut story = Story::with(&house("", &TWO));
    let caller = story.waiting("200");
    story.at(10).forget();
    replan(&mut story, &house("", &TWO).replacen("max_wait_s = 60", "max_wait_s = 12", 1));
    assert_eq!(story.stage(caller), "Queued");
    story.at(12);
    assert!(story.told().contains(&"c1 leaves FlowOutTimeout 12000".to_owned()));
}

#[test]
fn an_agent_who_is_gone_finishes_her_call_and_is_signed_out() {
    let mut story = Story::with(&house("", &TWO));
    story.up("1001");
    let caller = story.waiting("200");
    story.talks("1001", caller).forget();
    let alone = house("", &TWO[1..]);
    replan(&mut story, &alone);
    assert_eq!(story.stage(caller), "Talking 1001");
    let refused = story.order(|centre, now| centre.set_agent(&"1001".into(), AgentIntent::Ready, now));
    assert!(refused.is_err(), "she cannot take it back");
    story.hang_up(caller).at(60);
    let left = |agent: &str| {
        let seen = story.centre.snapshot(story.now);
        seen.agents.iter().any(|one| one.agent.as_str() == agent)
    };
    assert!(!left("1001") && left("1003"));
    let out = |event: &EventBody| matches!(event, EventBody::AgentState { agent, intent, .. } if agent.as_str() == "1001" && *intent == AgentIntent::LoggedOut);
    assert!(story.events.iter().any(out), "she is told as signed out");
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Queued");
}

#[test]
fn an_agent_who_rings_and_is_gone_gives_the_call_back() {
    let mut story = Story::with(&house("", &TWO));
    story.up("1001");
    let caller = story.waiting("200");
    story.ringing("1001").forget();
    replan(&mut story, &house("", &TWO[1..]));
    assert_eq!(story.stage(caller), "Queued");
    assert!(story.told().iter().any(|fact| fact.starts_with("c1 1001 Cancelled")));
}

#[test]
fn an_agent_who_comes_and_one_who_gets_another_queue_take_those_who_wait() {
    let mut story = Story::with(&house("", &TWO));
    story.up("1003");
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Queued");
    replan(
        &mut story,
        &house("", &[("1003", "queues = [\"booking\", \"general\"]"), ("1005", "queues = [\"general\"]")]),
    );
    assert_eq!(story.stage(caller), "Offered 1003");
    let other = story.waiting("200");
    story.up("1005");
    assert_eq!(story.stage(other), "Offered 1005");
}

#[test]
fn a_queue_that_is_gone_empties_by_its_overflow_rule_and_lets_nobody_in() {
    let rule = "[[queue.overflow]]\nsize = 100\nqueue = \"general\"\n";
    let end = "music = \"music\"\n[[line]]";
    let with_rule = format!("music = \"music\"\n{rule}[[line]]");
    let switch = house("", &TWO).replacen(end, &with_rule, 1);
    let mut story = Story::with(&switch);
    story.up("1003");
    let rung = story.waiting("300");
    let waits = story.waiting("300");
    story.ringing("1003").forget();
    let plan = plan_renamed(&house("", &TWO), "evening", &[]);
    story.order(|centre, now| centre.replan(plan, None, "chief", now));
    let facts = story.told();
    assert!(facts.contains(&"c2 leaves FlowOutOverflow 0".to_owned()), "{facts:?}");
    assert!(facts.contains(&"c2 enters general at 1".to_owned()), "{facts:?}");
    assert_eq!(story.stage(rung), "Offered 1003", "a phone that rings has its chance");
    story.talks("1003", rung).hang_up(rung).at(100);
    let seen = story.centre.snapshot(story.now);
    let queues: Vec<&str> = seen.queues.iter().map(|queue| queue.queue.as_str()).collect();
    assert_eq!(queues, ["general", "evening"], "it is forgotten with its last call");
    let _ = waits;
}

#[test]
fn a_call_ends_in_the_version_of_its_flow() {
    let mut story = Story::new();
    let before = story.call("200");
    let plan = plan_direct(SWITCH, &direct("direct", "general").replace("\"hello\"]", "\"welcome\"]"));
    story.order(|centre, now| centre.replan(plan, None, "chief", now));
    story.input(careline_callcentre::Input::CallerUp { leg: before });
    let after = story.call("200");
    story.input(careline_callcentre::Input::CallerUp { leg: after });
    let told = story.told();
    let says = |word: &str| told.iter().filter(|line| line.contains(word)).count();
    assert_eq!((says("hello"), says("welcome")), (1, 1), "{told:?}");
}

#[test]
fn new_limits_hold_for_the_waiting_and_the_pause_that_run_already() {
    let mut story = Story::with(SWITCH);
    story.up("1001").up("1002").at(10).wants("1002", AgentIntent::NotReady("meal".into())).forget();
    story.at(20);
    let limits = "max_s = 30\nat_max = \"logout\"\n\
                  [limits]\nidle_warn_s = 100\nidle_max_s = 300\nat_idle_max = \"logout\"\n";
    replan(&mut story, &[SWITCH, limits].concat());
    story.at(1000);
    let facts = story.facts();
    let told = ["40 1002 Pause meal reached Logout", "100 1001 Idle near", "300 1001 Idle reached Logout"];
    for line in told {
        assert!(facts.contains(&line.to_owned()), "{line}: {facts:?}");
    }
    // Taken away again, they end nothing.
    let mut story = Story::with(&[SWITCH, limits].concat());
    story.up("1001").up("1002").wants("1002", AgentIntent::NotReady("meal".into())).at(20);
    replan(&mut story, SWITCH);
    story.forget().at(1000);
    assert!(story.facts().is_empty(), "{:?}", story.facts());
}
