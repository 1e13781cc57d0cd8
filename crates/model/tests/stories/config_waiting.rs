//! What becomes of those who wait: what makes no sense is refused with its place and with what is allowed.

use careline_model::config::plan::{ComfortOrder, Node, Presence};
use careline_model::config::{Plan, check, parse, parse_flow};
use std::time::Duration;

/// A flow that queues, with more keys of its queue node, and more nodes.
fn flow(exits: &str, nodes: &str) -> String {
    format!(
        "id = \"main\"\nversion = 1\nstart = \"wait\"\n[node.wait]\nkind = \"queue\"\nqueue = \"general\"\n\
         prompts = [\"hello\"]\ntimeout = \"bye\"\n{exits}\n[node.bye]\nkind = \"hangup\"\nprompts = [\"bye\"]\n{nodes}"
    )
}

fn plan_with(queue: &str, flow: &str) -> Result<Plan, String> {
    let switch = format!("[[queue]]\nid = \"general\"\nname = \"general\"\n{queue}\n");
    let config = parse(&switch, "switch.toml").map_err(|error| error.to_string())?;
    let flow = parse_flow(flow, "main.toml").map_err(|error| error.to_string())?;
    check(&config, &[flow], &|prompt| !prompt.starts_with("lost"))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn plan(queue: &str) -> Result<Plan, String> {
    plan_with(queue, &flow("", ""))
}

const TEN: &str = "[\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\", \"10\"]";

#[test]
fn what_a_waiting_caller_is_told_is_read() {
    let queue = format!(
        "handling_s = 90\n[queue.comfort]\nevery_s = 20\nprompts = [\"a\", \"b\"]\norder = \"random\"\n\
         [queue.announce_position]\nprompts = {TEN}\nmore = \"m\"\n\
         [queue.announce_wait]\nprompts = [\"0\", \"1\", \"3\", \"6\", \"x\"]\nbusier = \"y\""
    );
    let plan = plan(&queue).expect("all of it makes sense");
    let general = &plan.queues[&"general".into()];
    let comfort = general.comfort.as_ref().expect("she is told something");
    assert_eq!((comfort.first, comfort.every), (Duration::from_secs(5), Duration::from_secs(20)));
    assert_eq!((comfort.prompts.len(), comfort.order), (2, ComfortOrder::Random));
    assert_eq!(comfort.position.as_ref().map(|words| words.each.len()), Some(10));
    let wait = comfort.wait.as_ref().expect("the wait is said");
    assert_eq!((wait.each.len(), wait.busier.as_deref()), (5, Some("y")));
    assert_eq!(general.handling, Duration::from_secs(90));
}

#[test]
fn a_queue_says_nothing_unless_it_is_told_to() {
    assert!(plan("").expect("it makes sense").queues[&"general".into()].comfort.is_none());
}

#[test]
fn ways_out_that_are_not_written_are_those_that_are() {
    let exits = "full = \"full\"\nkeys = { 1 = \"word\", \"#\" = \"bye\" }";
    let nodes = "[node.full]\nkind = \"hangup\"\nprompts = [\"full\"]\n[node.word]\nkind = \"play\"\n\
                 prompts = [\"word\"]\nnext = \"bye\"\n";
    let plan = plan_with("", &flow(exits, nodes)).expect("it makes sense");
    let Node::Queue { exits, .. } = &plan.flows[&"main".into()].nodes["wait"] else { panic!("a queue") };
    assert_eq!((&*exits.timeout, &*exits.full, &*exits.empty), ("bye", "full", "full"));
    assert_eq!((&*exits.closed, &*exits.overflow), ("full", "full"));
    assert_eq!((&*exits.keys[&'1'], &*exits.keys[&'#']), ("word", "bye"));
}

#[test]
fn what_makes_no_sense_is_refused_with_what_is_allowed() {
    let position = format!("[queue.announce_position]\nprompts = {TEN}\nmore = \"m\"");
    for (queue, expected) in [
        (
            "[queue.comfort]\nevery_s = 5".to_owned(),
            "switch.toml:5: queue.comfort.every_s: 5 is out of range; allowed: 10 to 86400",
        ),
        (
            "[queue.comfort]\norder = \"any\"".to_owned(),
            "switch.toml:5: queue.comfort.order: `any` is no order; allowed: listed, random",
        ),
        (
            "[queue.comfort]\nprompts = [\"lost\"]".to_owned(),
            "switch.toml:5: queue.comfort.prompts: prompt `lost` is missing; allowed: a prompt of the library",
        ),
        (
            "[queue.announce_position]\nprompts = [\"1\"]\nmore = \"m\"".to_owned(),
            "switch.toml:5: queue.announce_position.prompts: 1 prompts; allowed: 10 prompts",
        ),
        (
            "[queue.announce_wait]\nprompts = [\"1\"]".to_owned(),
            "switch.toml:5: queue.announce_wait.prompts: 1 prompts; allowed: 5 prompts",
        ),
        (
            format!("strategy = \"ring_all\"\n{position}"),
            "switch.toml:6: queue.announce_position: misleads in a queue that rings all; allowed: announce_wait",
        ),
    ] {
        let told = plan(&queue).expect_err("it makes no sense");
        assert!(told.contains(expected), "{told}\n  expected {expected}");
    }
}

#[test]
fn a_way_out_leads_to_a_node_by_one_key() {
    for (exits, expected) in [
        ("keys = { 12 = \"bye\" }", "main.toml:9: node.wait.keys: `12` cannot be dialled; allowed: 0-9 * #"),
        ("keys = { 1 = \"by\" }", "main.toml:9: node.wait.keys: node `by` is not there; allowed: bye, wait"),
        ("empty = \"by\"", "main.toml:9: node.wait.empty: node `by` is not there; allowed: bye, wait"),
        (
            "overflow = \"wait\"",
            "main.toml:4: node.wait: the way leads back here without a question or a wait in a queue",
        ),
    ] {
        let told = plan_with("", &flow(exits, "")).expect_err("it makes no sense");
        assert!(told.contains(expected), "{told}\n  expected {expected}");
    }
}

#[test]
fn rules_for_nobody_for_too_many_and_for_closing_time_are_read() {
    let queue = "[queue.empty]\njoin = \"online\"\nleave = \"staffed\"\nmax_wait_s = 60\n\
                 [[queue.overflow]]\nsize = 20\nclass = 6\nqueue = \"other\"\n[[queue.overflow]]\nno_staff = true\n\
                 [queue.closing]\nhours = \"office\"\nwaiting = \"leave\"\n\
                 [[queue]]\nid = \"other\"\nname = \"other\"\n[[hours]]\nid = \"office\"\nweekly = {}";
    let plan = plan(queue).expect("all of it makes sense");
    let general = &plan.queues[&"general".into()];
    let vacancy = general.vacancy;
    assert_eq!(vacancy.join, Some(Presence::Online));
    assert_eq!(vacancy.leave, Some((Presence::Staffed, Duration::from_secs(30))));
    assert_eq!(vacancy.unattended_max, Some(Duration::from_secs(60)));
    assert_eq!(general.overflow.len(), 2);
    assert_eq!((general.overflow[0].size, general.overflow[0].class), (Some(20), Some(6)));
    assert_eq!(
        (general.overflow[0].to.as_ref().map(|to| to.as_str()), &general.overflow[1].to),
        (Some("other"), &None)
    );
    assert_eq!(
        general.closing.as_ref().map(|closing| (&*closing.hours, closing.leave)),
        Some(("office", true))
    );
}

#[test]
fn rules_that_make_no_sense_are_refused_with_what_is_allowed() {
    for (queue, expected) in [
        (
            "[queue.empty]\nleave = \"there\"",
            "switch.toml:5: queue.empty.leave: `there` is no way of being there; allowed: available, staffed, online",
        ),
        (
            "[[queue.overflow]]\nsize = 3\nqueue = \"general\"",
            "switch.toml:6: queue.overflow.queue: `general` is no other queue; allowed: none is defined",
        ),
        (
            "[[queue.overflow]]\nno_staff = false",
            "switch.toml:2: queue.overflow: a rule without a condition; allowed: size, predicted_s, age_s, no_staff",
        ),
        (
            "[queue.closing]\nhours = \"day\"",
            "switch.toml:5: queue.closing.hours: hours `day` are not known; allowed:",
        ),
        (
            "[queue.closing]\nhours = \"office\"\nwaiting = \"go\"\n[[hours]]\nid = \"office\"\nweekly = {}",
            "switch.toml:6: queue.closing.waiting: `go` says nothing about those who wait; allowed: serve, leave",
        ),
    ] {
        let told = plan(queue).expect_err("it makes no sense");
        assert!(told.contains(expected), "{told}\n  expected {expected}");
    }
}

#[test]
fn what_is_said_before_the_conversation_is_read() {
    let ten = TEN;
    let queue =
        format!("[queue.whisper]\nprompts = [\"w\"]\n[queue.agent_number]\ndigits = {ten}\nafter = \"a\"");
    let plan = plan(&queue).expect("it makes sense");
    let general = &plan.queues[&"general".into()];
    let whisper = general.whisper.as_ref().expect("there is one");
    assert_eq!((whisper.prompts.len(), whisper.unless_waited), (1, Duration::from_secs(20)));
    let number = general.agent_number.as_ref().expect("it is said");
    assert_eq!(
        (number.before.as_deref(), number.digits.len(), number.after.as_deref()),
        (None, 10, Some("a"))
    );
    let told = self::plan("[queue.agent_number]\ndigits = [\"0\"]").expect_err("nine are missing");
    assert!(
        told.contains("switch.toml:5: queue.agent_number.digits: 1 prompts; allowed: 10 prompts"),
        "{told}"
    );
    let told = self::plan("[queue.whisper]\nprompts = []").expect_err("nothing to say");
    assert!(told.contains("switch.toml:5: queue.whisper.prompts: is empty; allowed: one prompt"), "{told}");
}
