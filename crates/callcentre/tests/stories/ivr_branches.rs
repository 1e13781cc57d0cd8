//! The IVR's nodes that speak to nobody (CF chapter 4): branches, loops, flows within flows, other programs, and the line
//! that says 120 first.

use crate::common::{IVR_LINE, SWITCH, Story, plan_with};
use careline_callcentre::{Action, FlowAnswer, Input, LegEnd};
use careline_model::config::plan::Value;
use careline_model::event::AgentIntent;
use careline_model::{CallId, EventBody, LegId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A greeting, then the nodes of a test, whose first is `a`; `x` and, when it is named, `y` say so; `queue` queues.
fn flow(nodes: &str) -> String {
    let y = if nodes.contains("\"y\"") {
        "[node.y]\nkind = \"play\"\nprompts = [\"y\"]\nnext = \"queue\"\n"
    } else {
        ""
    };
    format!(
        "id = \"ivr\"\nversion = 1\nstart = \"hello\"\n\
         [variable.card]\ntype = \"text\"\n[variable.age]\ntype = \"number\"\n[variable.name]\ntype = \"text\"\n\
         [node.hello]\nkind = \"play\"\nprompts = [\"hello\"]\nnext = \"a\"\n{nodes}\n\
         [node.x]\nkind = \"play\"\nprompts = [\"x\"]\nnext = \"queue\"\n\
         {y}[node.queue]\nkind = \"queue\"\nqueue = \"general\"\ntimeout = \"bye\"\n\
         [node.bye]\nkind = \"hangup\"\nprompts = [\"bye\"]\n"
    )
}

/// What is heard after the greeting.
fn after_greeting(story: &mut Story) -> (LegId, Vec<String>) {
    let caller = story.call("500");
    story.input(Input::CallerUp { leg: caller }).forget();
    story.heard(caller);
    let told = story.told();
    (caller, told)
}

fn first(nodes: &str) -> Vec<String> {
    let mut story = Story::in_flows(&[&flow(nodes)]);
    after_greeting(&mut story).1
}

#[test]
fn a_switch_goes_by_values_prefixes_and_numbers() {
    let by = |variable: &str, case: &str| {
        first(&format!(
            "[node.a]\nkind = \"set\"\nvalues = {{ card = \"1234\", age = 80 }}\nnext = \"b\"\n\
             [node.b]\nkind = \"switch\"\nvariable = \"{variable}\"\n\
             cases = [{{ {case}, then = \"x\" }}]\notherwise = \"y\"\n"
        ))
    };
    for (variable, case, said) in [
        ("card", "is = \"1234\"", "x"),
        ("card", "is = \"123\"", "y"),
        ("card", "prefix = \"12\"", "x"),
        ("card", "prefix = \"2\"", "y"),
        ("age", "at_least = 80", "x"),
        ("age", "less_than = 80", "y"),
        ("age", "is = 80", "x"),
        ("name", "is = \"\"", "y"),
        ("call.number", "prefix = \"+86138\"", "x"),
        ("call.dialled", "prefix = \"500\"", "x"),
        ("call.elderly", "is = true", "y"),
    ] {
        assert_eq!(by(variable, case), [format!("play c1 {said}")], "{variable} {case}");
    }
}

#[test]
fn values_that_are_set_together_are_read_before() {
    let mut story = Story::in_flows(&[&flow(
        "[node.a]\nkind = \"set\"\nvalues = { card = \"1\", name = \"2\" }\nnext = \"b\"\n\
         [node.b]\nkind = \"set\"\nvalues = { card = { from = \"name\" }, name = { from = \"card\" } }\nnext = \"x\"\n",
    )]);
    after_greeting(&mut story);
    assert_eq!(story.learned(), ["card=1", "name=2", "card=2", "name=1"]);
}

#[test]
fn a_queue_is_looked_at_before_it_is_entered() {
    let nodes = "[node.a]\nkind = \"queue_state\"\nqueue = \"general\"\n\
                 cases = [{ figure = \"available\", at_least = 1, then = \"queue\" }, \
                          { figure = \"staffed\", less_than = 1, then = \"x\" }, \
                          { figure = \"longest_wait_s\", at_least = 30, then = \"bye\" }, \
                          { figure = \"waiting\", at_least = 1, then = \"y\" }]\notherwise = \"queue\"\n";
    let flow = flow(nodes);
    let mut story = Story::in_flows(&[&flow]);
    assert_eq!(after_greeting(&mut story).1, ["play c1 x"], "nobody is there");

    story.up("1001").forget();
    let (caller, told) = after_greeting(&mut story);
    assert!(told.contains(&"ring 1001 for c2".to_owned()), "{told:?}");
    story.talks("1001", caller);
    assert_eq!(after_greeting(&mut story).1[0], "c3 enters general at 1", "she talks, and nobody waits yet");
    assert_eq!(after_greeting(&mut story).1, ["play c4 y"], "one waits");
    story.at(30);
    assert_eq!(after_greeting(&mut story).1, ["play c5 bye"], "and waits long");
    let branches: Vec<String> = story.trace().into_iter().filter(|step| step.starts_with("a>")).collect();
    assert_eq!(branches, ["a>case 2", "a>case 1", "a>otherwise", "a>case 4", "a>case 3"]);
}

#[test]
fn a_caller_who_would_wait_too_long_is_led_elsewhere() {
    let nodes = "[node.a]\nkind = \"queue_state\"\nqueue = \"general\"\n\
                 cases = [{ figure = \"expected_wait_s\", less_than = 1, then = \"queue\" }, \
                          { figure = \"expected_wait_s\", less_than = 200, then = \"x\" }]\notherwise = \"y\"\n";
    let mut story = Story::in_flows(&[&flow(nodes)]);
    assert_eq!(after_greeting(&mut story).1, ["play c1 y"], "nobody works: there is no end of it");
    story.up("1001").forget();
    let (caller, told) = after_greeting(&mut story);
    assert!(told.contains(&"ring 1001 for c2".to_owned()), "{told:?}");
    story.talks("1001", caller);
    assert_eq!(after_greeting(&mut story).1, ["play c3 x"], "one call is in hand: three minutes");
}

#[test]
fn who_pauses_with_a_code_that_counts_as_staffed_counts_for_flows_too() {
    let nodes = "[node.a]\nkind = \"queue_state\"\nqueue = \"general\"\n\
                 cases = [{ figure = \"staffed\", at_least = 1, then = \"x\" }]\notherwise = \"y\"\n";
    let tea = "[[not_ready_code]]\nid = \"tea\"\nname = \"tea\"\nstaffed = true\n";
    for (code, expected) in [("tea", "play c1 x"), ("meal", "play c1 y")] {
        let mut story = Story::with_flows(&[SWITCH, tea, IVR_LINE].concat(), &[flow(nodes)]);
        story.up("1001").wants("1001", AgentIntent::NotReady(code.into())).forget();
        assert_eq!(after_greeting(&mut story).1, [expected]);
    }
}

#[test]
fn the_lot_falls_by_weight_and_once_for_each_call() {
    let nodes = "[node.a]\nkind = \"percent\"\nparts = [{ weight = 80, then = \"b\" }, { weight = 20, then = \"c\" }]\n\
                 [node.b]\nkind = \"menu\"\nprompts = [\"b\"]\nkeys = { 1 = \"a\", 2 = \"x\" }\notherwise = \"queue\"\n\
                 [node.c]\nkind = \"menu\"\nprompts = [\"c\"]\nkeys = { 1 = \"a\", 2 = \"y\" }\notherwise = \"queue\"\n";
    let mut story = Story::in_flows(&[&flow(nodes)]);
    let mut heard: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..400 {
        let (caller, told) = after_greeting(&mut story);
        let said = told[0].split(' ').next_back().unwrap().to_owned();
        for _ in 0..5 {
            story.key(caller, '1');
            assert!(story.told()[1].ends_with(&said), "the lot fell already");
        }
        *heard.entry(said).or_default() += 1;
        story.ends(caller, LegEnd::HungUp).forget();
    }
    assert!((290..=350).contains(&heard["b"]), "{heard:?}");
}

#[test]
fn a_loop_lets_pass_so_often_and_no_more() {
    let nodes = "[node.a]\nkind = \"loop\"\ntimes = 2\nagain = \"b\"\notherwise = \"x\"\n\
                 [node.b]\nkind = \"play\"\nprompts = [\"news\"]\nnext = \"a\"\n";
    let mut story = Story::in_flows(&[&flow(nodes)]);
    let (caller, told) = after_greeting(&mut story);
    assert_eq!(told, ["play c1 news"]);
    story.heard(caller).heard(caller);
    assert_eq!(story.told(), ["play c1 news", "play c1 x"]);
}

#[test]
fn a_wait_has_music_and_an_end_and_a_key_may_end_it() {
    let nodes =
        "[node.a]\nkind = \"wait\"\nseconds = 20\nmusic = \"tune\"\ninterruptible = true\nnext = \"x\"\n";
    let mut story = Story::in_flows(&[&flow(nodes)]);
    let (_, told) = after_greeting(&mut story);
    assert_eq!(told, ["tune c1"]);
    story.at_ms(19_999);
    assert!(story.told().is_empty());
    story.at(20);
    assert_eq!(story.told(), ["stop music c1", "play c1 x"]);
    let (caller, _) = after_greeting(&mut story);
    story.key(caller, '5');
    assert_eq!(story.told()[0], "stop music c2");
    story.at(60);
    assert_eq!(
        story.trace().iter().filter(|step| step.starts_with("a>")).collect::<Vec<_>>(),
        ["a>next 20000", "a>key"]
    );
}

const IDENTIFY: &str = r#"
id = "identify"
version = 3
start = "ask"
[variable.card]
type = "text"
[node.ask]
kind = "collect"
prompts = ["card?"]
into = "card"
max = 4
next = "back"
otherwise = "sorry"
[node.sorry]
kind = "play"
prompts = ["sorry"]
next = "back"
[node.back]
kind = "return"
"#;

#[test]
fn a_flow_calls_another_one_and_both_share_what_the_call_remembers() {
    let nodes = "[node.a]\nkind = \"subflow\"\nflow = \"identify\"\nnext = \"b\"\n\
                 [node.b]\nkind = \"switch\"\nvariable = \"card\"\ncases = [{ is = \"1234\", then = \"x\" }]\notherwise = \"y\"\n";
    let mut story = Story::in_flows(&[&flow(nodes), IDENTIFY]);
    let (caller, told) = after_greeting(&mut story);
    assert_eq!(told, ["play c1 card?"]);
    story.keys(caller, "1234");
    assert_eq!(story.told(), ["stop play c1", "play c1 x"]);
    assert_eq!(
        story.trace(),
        ["hello>next", "a>called", "identify/ask>collected", "identify/back>returned", "b>case 1"]
    );
}

#[test]
fn a_call_ends_in_the_version_it_began_with_flows_within_flows_included() {
    let nodes = "[node.a]\nkind = \"subflow\"\nflow = \"identify\"\nnext = \"x\"\n";
    let outer = flow(nodes);
    let plan = plan_with(&[SWITCH, IVR_LINE].concat(), &[outer, IDENTIFY.to_owned()]);
    let flow = plan.flows[&careline_model::FlowId::from("ivr")].clone();
    assert_eq!(flow.subflows[&careline_model::FlowId::from("identify")].version, 3);
    assert!(Arc::ptr_eq(
        &flow.subflows[&careline_model::FlowId::from("identify")],
        &plan.flows[&careline_model::FlowId::from("identify")]
    ));
}

const LOOK_UP: &str = "[node.a]\nkind = \"lookup\"\nquery = \"patient\"\nwith = [\"call.number\", \"card\"]\n\
    into = [\"name\", \"age\"]\ncomfort = \"comfort\"\nsuccess = \"x\"\nnot_found = \"y\"\ntimeout = \"late\"\nerror = \"broken\"\n\
    [node.late]\nkind = \"play\"\nprompts = [\"late\"]\nnext = \"queue\"\n\
    [node.broken]\nkind = \"play\"\nprompts = [\"broken\"]\nnext = \"queue\"\n";

fn asked(story: &Story) -> (CallId, u64) {
    let asked = story.actions.iter().rev().find_map(|action| match action {
        Action::FlowLookUp { call, look_up, .. } => Some((*call, *look_up)),
        _ => None,
    });
    asked.expect("somebody was asked")
}

fn found(name: &str, age: Value) -> FlowAnswer {
    FlowAnswer::Found {
        variables: vec![
            ("name".into(), Value::text(name)),
            ("age".into(), age),
            ("sex".into(), Value::text("f")),
        ],
    }
}

#[test]
fn another_program_is_asked_and_each_of_its_answers_has_its_way() {
    for (answer, said, learned) in [
        (found("王", Value::Number(80)), "x", vec!["name=王", "age=80"]),
        (FlowAnswer::NotFound, "y", vec![]),
        (FlowAnswer::Failed, "broken", vec![]),
        (found("王", Value::text("old")), "broken", vec![]),
    ] {
        let mut story = Story::in_flows(&[&flow(LOOK_UP)]);
        let (_, told) = after_greeting(&mut story);
        assert_eq!(told, ["ask patient for c1 call.number=+8613812345678"]);
        let (call, look_up) = asked(&story);
        story.input(Input::FlowLookedUp { call, look_up, answer });
        assert_eq!(story.told(), [format!("play c1 {said}")]);
        let mut told = story.learned();
        told.sort();
        let mut learned: Vec<String> = learned.into_iter().map(str::to_owned).collect();
        learned.sort();
        assert_eq!(told, learned, "all of an answer, or nothing");
    }
}

#[test]
fn a_program_that_does_not_answer_is_waited_for_with_music_and_not_for_long() {
    let mut story = Story::in_flows(&[&flow(LOOK_UP)]);
    after_greeting(&mut story);
    let (call, look_up) = asked(&story);
    story.at_ms(1_999);
    assert!(story.told().is_empty());
    story.at(2);
    assert_eq!(story.told(), ["comfort c1"]);
    story.at_ms(4_999);
    assert!(story.told().is_empty());
    story.at(5);
    assert_eq!(story.told(), ["stop music c1", "play c1 late"]);
    story.input(Input::FlowLookedUp { call, look_up, answer: found("王", Value::Number(80)) });
    assert!(story.told().is_empty() && story.learned().is_empty(), "too late");
    assert_eq!(story.trace().last().map(String::as_str), Some("a>timeout 5000"));
}

#[test]
fn the_answer_to_an_earlier_question_is_not_taken_for_one_to_this() {
    let flow = flow(LOOK_UP).replace("next = \"queue\"\n[node.broken]", "next = \"m\"\n[node.broken]").replace(
        "[node.x]",
        "[node.m]\nkind = \"menu\"\nprompts = [\"m\"]\nkeys = { 1 = \"a\" }\notherwise = \"queue\"\n[node.x]",
    );
    let mut story = Story::in_flows(&[&flow]);
    let (caller, _) = after_greeting(&mut story);
    let (call, first) = asked(&story);
    story.at(5).heard(caller).keys(caller, "1").forget();
    let (_, second) = asked(&story);
    assert_ne!(first, second);
    story.input(Input::FlowLookedUp { call, look_up: first, answer: FlowAnswer::NotFound });
    assert!(story.told().is_empty());
    story.input(Input::FlowLookedUp { call, look_up: second, answer: FlowAnswer::NotFound });
    assert_eq!(story.told(), ["play c1 y"]);
}

#[test]
fn a_caller_who_hangs_up_meanwhile_leaves_nothing_behind() {
    let mut story = Story::in_flows(&[&flow(LOOK_UP)]);
    let (caller, _) = after_greeting(&mut story);
    let (call, look_up) = asked(&story);
    story.ends(caller, LegEnd::HungUp).forget();
    story.input(Input::FlowLookedUp { call, look_up, answer: FlowAnswer::NotFound }).at(60);
    assert!(story.told().is_empty());
    assert_eq!(story.trace().last().map(String::as_str), Some("a>hung_up"));
}

#[test]
fn language_and_rank_stay_with_the_call_and_are_told() {
    let nodes = "[node.a]\nkind = \"language\"\nlanguage = \"en-GB\"\nnext = \"b\"\n\
                 [node.b]\nkind = \"priority\"\npoints = 50\nclass = 3\nnext = \"c\"\n\
                 [node.c]\nkind = \"priority\"\npoints = -20\nred_flag = true\nnext = \"d\"\n\
                 [node.d]\nkind = \"switch\"\nvariable = \"call.language\"\ncases = [{ is = \"en-GB\", then = \"x\" }]\notherwise = \"y\"\n";
    let mut story = Story::in_flows(&[&flow(nodes)]);
    let told = after_greeting(&mut story).1;
    assert_eq!(told, ["c1 rank false Some(3) 50", "c1 rank true Some(3) 30", "play c1 en-GB/x"]);
    assert_eq!(story.learned(), ["call.language=en-GB"]);
}

#[test]
fn what_is_heard_while_a_flow_waits_is_in_the_language_of_the_call_too() {
    let nodes = "[node.a]\nkind = \"language\"\nlanguage = \"en-GB\"\nnext = \"b\"\n\
                 [node.b]\nkind = \"wait\"\nseconds = 20\nmusic = \"tune\"\nnext = \"x\"\n";
    let mut story = Story::in_flows(&[&flow(nodes)]);
    after_greeting(&mut story);
    let tune = story.actions.iter().rev().find_map(|action| match action {
        Action::Music { item, .. } => item.clone(),
        _ => None,
    });
    assert_eq!(tune.as_deref(), Some("en-GB/tune"));
}

/// The front door: 120 first, and key 9 to the emergency queue.
const SAFETY: &str = r#"
id = "ivr"
version = 1
main = true
start = "safety"
[node.safety]
kind = "safety"
prompts = ["call 120"]
numbers = ["120"]
key = "9"
key_to = "urgent"
next = "menu"
[node.menu]
kind = "menu"
prompts = ["menu"]
keys = { 1 = "queue" }
otherwise = "queue"
[node.urgent]
kind = "priority"
red_flag = true
next = "queue"
[node.queue]
kind = "queue"
queue = "general"
prompts = ["transfer"]
timeout = "bye"
[node.bye]
kind = "hangup"
prompts = ["bye"]
"#;

#[test]
fn where_to_turn_for_a_life_is_said_first_and_its_key_works_at_once() {
    let mut story = Story::in_flows(&[SAFETY]);
    let caller = story.call("500");
    story.input(Input::CallerUp { leg: caller });
    assert_eq!(story.told().last().map(String::as_str), Some("play c1 call 120"));
    story.key(caller, '1');
    assert!(story.told().is_empty(), "no other key cuts it short");
    story.key(caller, '9');
    assert_eq!(
        story.told(),
        ["stop play c1", "c1 rank true None 0", "play c1 transfer"],
        "before all others"
    );

    let caller = story.call("500");
    story.input(Input::CallerUp { leg: caller }).key(caller, '1').forget();
    story.heard(caller);
    assert_eq!(story.told(), ["play c2 transfer"], "the other key waited for its question");
}

#[test]
fn a_caller_who_goes_round_and_round_is_sent_to_a_person() {
    let nodes = "[node.a]\nkind = \"menu\"\nprompts = [\"m\"]\nkeys = { 1 = \"a\" }\notherwise = \"queue\"\n";
    let flow = flow(nodes).replace("start = \"hello\"", "start = \"hello\"\non_key_0 = \"x\"");
    let mut story = Story::in_flows(&[&flow]);
    let (caller, _) = after_greeting(&mut story);
    let mut keys = 0;
    while !story.told().iter().any(|line| line.ends_with(" x")) {
        story.key(caller, '1');
        keys += 1;
        assert!(keys < 600, "for ever");
    }
    assert!(keys > 400, "{keys}");
    story.heard(caller);
    assert_eq!(story.stage(caller), "Queued");
}

#[test]
fn every_node_that_is_entered_is_left_once_with_its_time() {
    let mut story = Story::in_flows(&[&flow(LOOK_UP)]);
    story.at(1);
    let caller = story.call("500");
    story.input(Input::CallerUp { leg: caller }).at(4).heard(caller).at(20).heard(caller);
    let entered = story.events.iter().filter(|event| matches!(event, EventBody::FlowNode { .. })).count();
    assert_eq!(story.trace(), ["hello>next 3000", "a>timeout 5000", "late>next 11000", "queue>queued"]);
    assert_eq!(entered, 4);
}
