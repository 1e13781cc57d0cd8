//! Flows are refused with file, line and what would be allowed, before any caller hears them (CF 4.3).

use careline_model::config::{ConfigError, Plan, check, parse, parse_flow};
use careline_model::{FlowId, config::plan::Node};

const SWITCH: &str = "[[queue]]\nid = \"general\"\nname = \"general\"\nmusic = \"music\"\n\
    [[queue]]\nid = \"quiet\"\nname = \"quiet\"\n";

/// Nodes that are right; `queue` is reached by key 0 at any rate.
const ENDS: &str = "[node.queue]\nkind = \"queue\"\nqueue = \"general\"\ntimeout = \"bye\"\n\
    [node.bye]\nkind = \"hangup\"\nprompts = [\"bye\"]\n";

fn load(switch: &str, flows: &[&str]) -> Result<Plan, Vec<ConfigError>> {
    let config = parse(switch, "switch.toml").map_err(|error| vec![error])?;
    let read: Result<Vec<_>, _> =
        flows.iter().enumerate().map(|(at, text)| parse_flow(text, &format!("flow{at}.toml"))).collect();
    check(&config, &read.map_err(|error| vec![error])?, &|prompt| prompt != "missing")
}

/// What is wrong with a flow that begins at node `a`; its nodes begin on line 9.
fn wrong(nodes: &str) -> Vec<String> {
    let flow = format!(
        "id = \"f\"\nversion = 1\nstart = \"a\"\non_key_0 = \"queue\"\n\
         [variable]\ncard = {{ type = \"text\" }}\npin = {{ type = \"text\", secret = true }}\nage = {{ type = \"number\" }}\n\
         {nodes}{ENDS}"
    );
    match load(SWITCH, &[&flow]) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

const SAY: &str = "[node.a]\nkind = \"play\"\nprompts = [\"hello\"]\nnext = \"b\"\n";

#[test]
fn each_mistake_of_a_node_is_told_with_its_line_and_what_is_allowed() {
    let collect = "kind = \"collect\"\nprompts = [\"card\"]\nnext = \"queue\"\notherwise = \"queue\"\n";
    let confirm = "kind = \"confirm\"\nprompts = []\nvariable = \"card\"\nquestion = [\"right\"]\nyes = \"queue\"\n\
        again = \"queue\"\notherwise = \"queue\"\n";
    let ten = "digits = [\"0\", \"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\"]\n";
    let lookup = "kind = \"lookup\"\nsuccess = \"queue\"\nnot_found = \"queue\"\ntimeout = \"queue\"\nerror = \"queue\"\n";
    for (node, told) in [
        (
            "kind = \"sing\"\n",
            "flow0.toml:14: node.b.kind: `sing` is no kind of node; allowed: play, menu, collect",
        ),
        ("prompts = []\n", "flow0.toml:13: node.b.kind: is missing; allowed: play, menu"),
        ("kind = \"play\"\nnext = \"queue\"\n", "flow0.toml:14: node.b.prompts: is missing in a play node"),
        (
            "kind = \"play\"\nprompts = [\"missing\"]\nnext = \"queue\"\n",
            "flow0.toml:15: node.b.prompts: prompt `missing` is missing; allowed: a prompt of the library",
        ),
        (
            "kind = \"play\"\nprompts = [{ id = \"x\", loud = true }]\nnext = \"queue\"\n",
            "flow0.toml:15: node.b.prompts.loud: is no key of a prompt; allowed: id, interruptible",
        ),
        (
            "kind = \"play\"\nprompts = \"x\"\nnext = \"queue\"\n",
            "flow0.toml:15: node.b.prompts: is no array; allowed: an array in brackets",
        ),
        (
            &format!("{collect}into = \"cart\"\n"),
            "flow0.toml:18: node.b.into: variable `cart` is not known; allowed: age, card, pin",
        ),
        (
            &format!("{collect}into = \"age\"\n"),
            "flow0.toml:18: node.b.into: variable `age` is a number; allowed: a text",
        ),
        (
            &format!("{collect}into = \"card\"\nmin = 9\nmax = 4\n"),
            "flow0.toml:19: node.b.min: 9 is out of range; allowed: 1 to 4",
        ),
        (
            &format!("{collect}into = \"card\"\nend_key = \"*\"\n"),
            "flow0.toml:14: node.b.clear_key: is the end key too; allowed: another key",
        ),
        (
            &format!("{collect}into = \"card\"\nend_key = \"5\"\n"),
            "flow0.toml:14: node.b.end_key: is a digit, which answers may have; allowed: * #",
        ),
        (
            &format!("{collect}into = \"card\"\ntypeahead = \"drop\"\n"),
            "flow0.toml:19: node.b.typeahead: `drop` is not known; allowed: keep, flush",
        ),
        (
            &format!("{confirm}digits = [\"0\", \"1\"]\n"),
            "flow0.toml:14: node.b.digits: has 2 prompts; allowed: ten prompts",
        ),
        (
            &format!("{confirm}{ten}rounds = 4\n"),
            "flow0.toml:22: node.b.rounds: 4 is out of range; allowed: 1 to 3",
        ),
        (
            "kind = \"set\"\nvalues = { age = \"old\" }\nnext = \"queue\"\n",
            "flow0.toml:15: node.b.values: `age` is a number, and this a text; allowed: a number",
        ),
        (
            "kind = \"set\"\nvalues = { card = { from = \"pin\" } }\nnext = \"queue\"\n",
            "flow0.toml:15: node.b.values: `pin` is secret and `card` is not; allowed: a variable with secret = true",
        ),
        (
            "kind = \"switch\"\nvariable = \"age\"\ncases = [{ prefix = \"8\", then = \"queue\" }]\notherwise = \"queue\"\n",
            "flow0.toml:16: node.b.cases.is: compares with a text, and the variable is a number; allowed: a number",
        ),
        (
            "kind = \"switch\"\nvariable = \"age\"\ncases = [{ then = \"queue\" }]\notherwise = \"queue\"\n",
            "flow0.toml:16: node.b.cases.is: 0 tests in one case; allowed: one of is, prefix, less_than, at_least",
        ),
        (
            "kind = \"queue_state\"\nqueue = \"general\"\ncases = [{ figure = \"mood\", is = 1, then = \"queue\" }]\notherwise = \"queue\"\n",
            "flow0.toml:16: node.b.cases.figure: `mood` is not known; allowed: available, staffed, online, waiting",
        ),
        (
            "kind = \"priority\"\nnext = \"queue\"\n",
            "flow0.toml:14: node.b.points: nothing changes here; allowed: one or more of points, class, red_flag",
        ),
        (
            "kind = \"priority\"\nclass = 10\nnext = \"queue\"\n",
            "flow0.toml:15: node.b.class: 10 is out of range; allowed: 1 to 9",
        ),
        (
            "kind = \"percent\"\nparts = []\n",
            "flow0.toml:14: node.b.parts: has 0 items; allowed: 1 to 32 times a part in braces",
        ),
        (
            "kind = \"percent\"\nparts = [{ weight = 0, then = \"queue\" }]\n",
            "flow0.toml:15: node.b.parts.weight: 0 is out of range; allowed: 1 to 1000",
        ),
        (
            "kind = \"wait\"\nseconds = 3601\nnext = \"queue\"\n",
            "flow0.toml:15: node.b.seconds: 3601 is out of range; allowed: 1 to 600",
        ),
        (
            "kind = \"loop\"\nagain = \"queue\"\notherwise = \"queue\"\n",
            "flow0.toml:14: node.b.times: is missing in a loop node; allowed: 1 to 100",
        ),
        (
            "kind = \"subflow\"\nflow = \"g\"\nnext = \"queue\"\n",
            "flow0.toml:15: node.b.flow: flow `g` is not known; allowed: f",
        ),
        (
            "kind = \"language\"\nlanguage = \"zh CN\"\nnext = \"queue\"\n",
            "flow0.toml:15: node.b.language: language `zh CN` is not known; allowed: zh-CN",
        ),
        (
            &format!("{lookup}query = \"patient\"\nwith = [\"cart\"]\n"),
            "flow0.toml:20: node.b.with: variable `cart` is not known; allowed: age, card, pin, call.number",
        ),
        (
            &format!("{lookup}query = \"patient\"\ninto = [\"call.number\"]\n"),
            "flow0.toml:20: node.b.into: variable `call.number` is not known; allowed: age, card, pin",
        ),
        (
            "kind = \"safety\"\nprompts = [\"120\"]\nnumbers = [\"10086\"]\nnext = \"queue\"\n",
            "flow0.toml:16: node.b.numbers: `10086` is no emergency number; allowed: 120, 110",
        ),
        (
            "kind = \"safety\"\nprompts = [{ id = \"120\", interruptible = true }]\nnumbers = [\"120\"]\nnext = \"queue\"\n",
            "flow0.toml:14: node.b.prompts: `120` could be cut short; allowed: prompts that are heard to the end",
        ),
        (
            "kind = \"safety\"\nprompts = [\"120\"]\nnumbers = [\"120\"]\nkey = \"9\"\nnext = \"queue\"\n",
            "flow0.toml:14: node.b.key_to: is missing beside key; allowed: the node where the key leads to",
        ),
    ] {
        let mistakes = wrong(&format!("{SAY}[node.b]\n{node}"));
        assert_eq!(mistakes.len(), 1, "{node}: {mistakes:#?}");
        assert!(mistakes[0].starts_with(told), "{}\nand not {told}", mistakes[0]);
    }
}

#[test]
fn a_dead_end_a_circle_and_a_silence_are_refused_for_every_kind() {
    let say = |next: &str| format!("[node.a]\nkind = \"play\"\nprompts = [\"hello\"]\nnext = \"{next}\"\n");
    for (nodes, told) in [
        (
            format!("{}[node.b]\nkind = \"wait\"\nseconds = 1\nnext = \"a\"\n", say("b")),
            "flow0.toml:9: node.a: the way leads back here without a question",
        ),
        (
            format!("{}[node.b]\nkind = \"loop\"\ntimes = 2\nagain = \"queue\"\notherwise = \"a\"\n", say("b")),
            "flow0.toml:9: node.a: the way leads back here without a question",
        ),
        (
            "[node.a]\nkind = \"lookup\"\nquery = \"q\"\nsuccess = \"queue\"\nnot_found = \"queue\"\ntimeout = \"queue\"\nerror = \"queue\"\n"
                .to_owned(),
            "flow0.toml:9: node.a: a caller gets here without having heard anything",
        ),
        (
            "[node.a]\nkind = \"collect\"\nprompts = []\ninto = \"card\"\nnext = \"queue\"\notherwise = \"queue\"\n".to_owned(),
            "flow0.toml:9: node.a: a caller gets here without having heard anything",
        ),
        (
            format!("{}[node.b]\nkind = \"return\"\n", say("queue")),
            "flow0.toml:13: node.b: no way leads here",
        ),
        (
            format!(
                "{}[node.b]\nkind = \"menu\"\nprompts = [\"m\"]\nkeys = {{ 1 = \"b\" }}\notherwise = \"b\"\n",
                say("b")
            ),
            "flow0.toml:9: node.a: no way leads from here to a hangup",
        ),
    ] {
        let mistakes = wrong(&nodes);
        assert!(mistakes.first().is_some_and(|first| first.starts_with(told)), "{mistakes:#?}\nand not {told}");
    }
    let counted =
        format!("{}[node.b]\nkind = \"loop\"\ntimes = 2\nagain = \"a\"\notherwise = \"queue\"\n", say("b"));
    assert_eq!(wrong(&counted), Vec::<String>::new(), "a counted circle ends");
}

#[test]
fn key_zero_has_to_lead_to_a_person() {
    let flow = format!("id = \"f\"\nversion = 1\nstart = \"queue\"\non_key_0 = \"bye\"\n{ENDS}");
    let errors = load(SWITCH, &[&flow]).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "flow0.toml:4: on_key_0: no way leads from there to a queue; allowed: a node from which an agent can be had"
    );
}

fn front_door(start: &str, more: &str) -> String {
    format!(
        "id = \"f\"\nversion = 1\nmain = true\nstart = \"{start}\"\n{more}\n\
        [node.safety]\nkind = \"safety\"\nprompts = [\"120\"]\nnumbers = [\"120\", \"110\"]\nnext = \"menu\"\n\
        [node.menu]\nkind = \"menu\"\nprompts = [\"m\"]\nkeys = {{ 1 = \"queue\", 2 = \"safety\" }}\notherwise = \"queue\"\n{ENDS}"
    )
}

#[test]
fn the_front_door_says_120_first_or_somebody_answers_for_it() {
    assert!(load(SWITCH, &[&front_door("safety", "")]).is_ok());
    let errors = load(SWITCH, &[&front_door("menu", "")]).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "flow0.toml:4: start: the front door does not begin with the safety line; allowed: a safety node with \
         numbers = [\"120\"], or safety_signed_off_by = \"name\""
    );
    let other = front_door("safety", "").replace("[\"120\", \"110\"]", "[\"12356\"]");
    assert_eq!(load(SWITCH, &[&other]).unwrap_err().len(), 1, "another line is not enough");
    let plan = load(SWITCH, &[&front_door("menu", "safety_signed_off_by = \"Dr. Li\"")]).unwrap();
    assert!(
        plan.warnings()[0].starts_with("flow0.toml:5: safety_signed_off_by: `Dr. Li` answers"),
        "{:?}",
        plan.warnings()
    );
    let errors = load(SWITCH, &[&front_door("menu", "safety_signed_off_by = \" \"")]).unwrap_err();
    assert!(
        errors[0].to_string().starts_with("flow0.toml:5: safety_signed_off_by: nobody signed"),
        "{errors:?}"
    );
}

#[test]
fn from_every_question_of_the_front_door_a_person_can_be_had() {
    let flow = front_door("safety", "").replace("otherwise = \"queue\"", "otherwise = \"lonely\"")
        + "[node.lonely]\nkind = \"menu\"\nprompts = [\"l\"]\nkeys = { 1 = \"bye\" }\notherwise = \"bye\"\n";
    let errors = load(SWITCH, &[&flow]).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert!(
        errors[0]
            .to_string()
            .contains("node.lonely: no way leads from here to an agent; allowed: a way to a queue")
    );
    let with_zero = flow.replace("main = true", "main = true\non_key_0 = \"queue\"");
    assert!(load(SWITCH, &[&with_zero]).is_ok());
}

#[test]
fn menus_that_nobody_keeps_in_mind_are_doubted() {
    let menu = |name: &str, next: &str| {
        format!(
            "[node.{name}]\nkind = \"menu\"\nprompts = [\"m\"]\nkeys = {{ 1 = \"{next}\" }}\notherwise = \"queue\"\n"
        )
    };
    let nodes = [menu("a", "b"), menu("b", "c"), menu("c", "d"), menu("d", "queue")].concat();
    let flow = format!("id = \"f\"\nversion = 1\nstart = \"a\"\n{nodes}{ENDS}").replacen(
        "keys = { 1 = \"b\" }",
        "keys = { 1 = \"b\", 2 = \"b\", 3 = \"b\", 4 = \"b\", 5 = \"b\", 6 = \"b\" }",
        1,
    );
    let plan = load(SWITCH, &[&flow]).unwrap();
    assert_eq!(
        plan.warnings(),
        [
            "flow0.toml:19: node.d: is menu number 4 on the shortest way here; allowed: at most 3 behind each other",
            "flow0.toml:4: node.a: has 6 answers; allowed: at most 5 to be kept in mind"
        ]
    );
}

/// A flow that says its name, calls `calls`, and returns.
fn calling(id: &str, calls: Option<&str>) -> String {
    let middle = calls.map_or_else(String::new, |flow| {
        format!("[node.call]\nkind = \"subflow\"\nflow = \"{flow}\"\nnext = \"back\"\n")
    });
    let next = if calls.is_some() { "call" } else { "back" };
    format!(
        "id = \"{id}\"\nversion = 1\nstart = \"say\"\n\
         [node.say]\nkind = \"play\"\nprompts = [\"{id}\"]\nnext = \"{next}\"\n{middle}[node.back]\nkind = \"return\"\n"
    )
}

#[test]
fn flows_call_each_other_three_deep_and_never_in_a_circle() {
    let (a, b, c, d) =
        (calling("a", Some("b")), calling("b", Some("c")), calling("c", Some("d")), calling("d", None));
    let plan = load(SWITCH, &[&b, &c, &d]).unwrap();
    let flow = &plan.flows[&FlowId::from("b")];
    assert!(matches!(flow.subflows[&FlowId::from("c")].nodes["call"], Node::Subflow { .. }));
    let errors = load(SWITCH, &[&a, &b, &c, &d]).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(
        errors[0].to_string(),
        "flow0.toml:10: node.call.flow: flow `b` calls 2 flows deep itself; allowed: at most 3 flows deep in all"
    );
    let errors = load(SWITCH, &[&calling("a", Some("b")), &calling("b", Some("a"))]).unwrap_err();
    assert!(
        errors[0]
            .to_string()
            .contains("flow `a` comes back here; allowed: flows that do not call each other")
    );
    let line = format!("{SWITCH}[[line]]\nid = \"l\"\nnumber = \"1\"\nflow = \"d\"\n");
    let errors = load(&line, &[&d]).unwrap_err();
    assert!(errors[0].to_string().contains("line.flow: flow `d` has a return node"), "{errors:?}");
}

#[test]
fn a_variable_is_the_same_thing_in_all_flows() {
    let with = |id: &str, kind: &str| format!("{}[variable.card]\ntype = \"{kind}\"\n", calling(id, None));
    let errors = load(SWITCH, &[&with("a", "text"), &with("b", "number")]).unwrap_err();
    assert_eq!(
        errors[0].to_string(),
        "flow1.toml:10: variable.card: is declared otherwise in another flow; allowed: as in flow `a`: text"
    );
    let errors = load(SWITCH, &[&with("a", "date")]).unwrap_err();
    assert!(
        errors[0].to_string().contains("variable.card.type: `date` is no type; allowed: text, number, bool")
    );
    let many: String = (0..65).map(|at| format!("[variable.v{at}]\ntype = \"text\"\n")).collect();
    let errors = load(SWITCH, &[&(calling("a", None) + &many)]).unwrap_err();
    assert!(errors[0].to_string().contains("is one too many; allowed: at most 64"), "{errors:?}");
}
