//! The configuration: the sample files hold, and every mistake is told with its place.

use careline_model::config::{ConfigError, Plan, RONA_CODE, check, parse, parse_flow};
use careline_model::{AgentId, FlowId, QueueId};

const SWITCH: &str = include_str!("../../../../config/switch.toml");
const FLOW: &str = include_str!("../../../../config/flows/main.toml");
const PROMPTS: [&str; 12] = [
    "greeting",
    "menu-main",
    "invalid-key",
    "no-input",
    "goodbye",
    "to-queue",
    "all-busy",
    "closed",
    "queue-timeout",
    "hold-music",
    "echo-intro",
    "lines-busy",
];

/// What is said to people whom the house calls, with a number.
fn is_of_outbound(prompt: &str) -> bool {
    prompt.starts_with("digit-") || prompt == "pause" || prompt == "ring-back"
}

/// What mailboxes say.
fn is_of_messages(prompt: &str) -> bool {
    prompt.starts_with("voicemail-") || matches!(prompt, "beep" | "pin" | "pin-wrong" | "pin-locked")
}

fn load(switch: &str, flow: &str) -> Result<Plan, Vec<ConfigError>> {
    let config = parse(switch, "switch.toml").map_err(|error| vec![error])?;
    let flow = parse_flow(flow, "main.toml").map_err(|error| vec![error])?;
    check(&config, &[flow], &|prompt| {
        PROMPTS.contains(&prompt) || is_of_messages(prompt) || is_of_outbound(prompt)
    })
}

/// The one mistake that replacing `from` by `to` in the sample makes.
fn mistake(file: &str, from: &str, to: &str) -> String {
    assert!(SWITCH.contains(from) || FLOW.contains(from), "the sample has no `{from}`");
    let (switch, flow) = match file {
        "switch" => (SWITCH.replacen(from, to, 1), FLOW.to_owned()),
        _ => (SWITCH.to_owned(), FLOW.replacen(from, to, 1)),
    };
    let errors = load(&switch, &flow).expect_err("a mistake was made");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].to_string()
}

fn line_of(text: &str, part: &str) -> usize {
    text.lines().position(|line| line.contains(part)).expect("the part is in the sample") + 1
}

#[test]
fn the_sample_files_hold() {
    let plan = load(SWITCH, FLOW).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert_eq!(plan.agents.len(), 4);
    assert_eq!(plan.queue_order.len(), 4);
    assert_eq!(plan.queue_order[0], QueueId::from("general"));
    assert!(plan.flows.contains_key(&FlowId::from("main")));
    assert_eq!(plan.line_of("+86 400-123-4567").unwrap().medium, "website");
    assert_eq!(plan.line_of("12320").unwrap().medium, "newspaper");
    assert!(plan.line_of("10086").is_none());
    assert!(plan.line_of("12320\0").is_none());
    assert_eq!(plan.trunk_of("127.0.0.2:5060".parse().unwrap()).unwrap().id.as_str(), "carrier");
    assert!(plan.trunk_of("127.0.0.3:5060".parse().unwrap()).is_none());
    assert!(!plan.not_ready_codes.contains_key(RONA_CODE));
}

#[test]
fn what_the_sample_calls_a_default_is_the_default() {
    let bare = "[[agent]]\nid = \"1\"\nname = \"x\"\npassword = \"y\"\nqueues = []\n";
    let config = parse(bare, "bare.toml").unwrap();
    let plan = check(&config, &[], &|_| true).unwrap();
    assert!(plan.directory.is_none(), "nobody is asked unless somebody is named");
    let sample = load(SWITCH, FLOW).unwrap();
    assert_eq!(format!("{:?}", plan.sip), format!("{:?}", sample.sip));
    assert_eq!(format!("{:?}", plan.media), format!("{:?}", sample.media));
    assert_eq!((plan.listeners, plan.networks), (sample.listeners, sample.networks));
    assert_eq!((plan.tls, plan.ws), (sample.tls, sample.ws));
    assert_eq!(format!("{:?}", plan.recording), format!("{:?}", sample.recording));
    assert_eq!(format!("{:?}", plan.journal), format!("{:?}", sample.journal));
    assert_eq!(format!("{:?}", plan.prompts), format!("{:?}", sample.prompts));
    assert_eq!(format!("{:?}", plan.rona), format!("{:?}", sample.rona));
    assert_eq!(plan.screening, sample.screening);
    assert_eq!(plan.agents[&AgentId::from("1")].audio, sample.agents[&AgentId::from("1001")].audio);
    assert_eq!(
        (plan.rpc_listen, plan.switch_id, plan.echo_number),
        (sample.rpc_listen, sample.switch_id, sample.echo_number)
    );
}

#[test]
fn an_unknown_key_names_its_line_and_the_known_ones() {
    let told = mistake("switch", "calls_max = 500", "call_max = 500");
    let line = line_of(SWITCH, "calls_max = 500");
    assert!(
        told.starts_with(&format!("switch.toml:{line}: call_max: unknown field `call_max`; allowed: ")),
        "{told}"
    );
    assert!(told.contains("calls_max"), "{told}");
    let told = mistake("flow", "version = 3 ", "versoin = 3 ");
    let line = line_of(FLOW, "version = 3 ");
    assert!(told.starts_with(&format!("main.toml:{line}: versoin: unknown field")), "{told}");
}

#[test]
fn a_wrong_value_names_its_key_and_what_is_allowed() {
    for (from, to, expected) in [
        ("port_max = 29999", "port_max = 1", "media.port_max: 1 is too small; allowed: more than port_min"),
        ("\"127.0.0.1:7060\"", "\"0.0.0.0:7060\"", "rpc.listen: `0.0.0.0:7060` can be reached from outside"),
        ("budget_ms = 150 ", "budget_ms = 5 ", "directory.budget_ms: 5 is out of range; allowed: 10 to 1000"),
        (
            "\"http://127.0.0.1:7070\"",
            "\"http://10.0.0.5:7070\"",
            "directory.address: `http://10.0.0.5:7070` would be asked without encryption; allowed: http:// and a loopback",
        ),
        (
            "\"http://127.0.0.1:7070\"",
            "\"https://127.0.0.1:7070\"",
            "directory.address: `https://127.0.0.1:7070` is no address of a directory; allowed: http:// and",
        ),
        (
            "\"http://127.0.0.1:7070\"",
            "\"http://desk:7070\"",
            "directory.address: `http://desk:7070` is no address of a directory",
        ),
        (
            "udp = [\"127.0.0.1:5060\"]",
            "udp = [\"localhost\"]",
            "sip.udp: `localhost` is no address; allowed: ip:port",
        ),
        (
            "\"127.0.0.2/32\"",
            "\"127.0.0.2/33\"",
            "trunk.sources: `127.0.0.2/33` is no source; allowed: ip, ip/prefix",
        ),
        (
            "\"Asia/Shanghai\"",
            "\"Asia/Nowhere\"",
            "timezone: `Asia/Nowhere` is no zone; allowed: an IANA zone",
        ),
        (
            "\"longest_idle\"",
            "\"idlest\"",
            "queue.strategy: `idlest` is no strategy; allowed: longest_idle, least_talk, fewest_calls,",
        ),
        (
            "mon = [\"00:00-24:00\"]",
            "mon = [\"8-12\"]",
            "hours.weekly: `8-12` is not a span of hours; allowed: HH:MM",
        ),
        (
            "\"2026-02-28\" = \"fri\"",
            "\"2026-02-28\" = \"Fri\"",
            "hours.workdays: `Fri` is not a weekday; allowed: mon",
        ),
        ("id = \"1002\"", "id = \"1001\"", "agent.id: `1001` is there twice; allowed: each id once"),
        (
            "\"general\", \"app",
            "\"genral\", \"app",
            "agent.queues: queue `genral` is not known; allowed: appointment,",
        ),
        ("flow = \"main\"", "flow = \"mian\"", "line.flow: flow `mian` is not known; allowed: main"),
        (
            "music = \"hold-music\"",
            "music = \"jazz\"",
            "queue.music: prompt `jazz` is missing; allowed: a prompt",
        ),
        ("number = \"12320\"", "number = \"400 123 4567\"", "line.number: line `main` has this number too"),
        ("id = \"meal\"", "id = \"rona\"", "not_ready_code.id: `rona` is set by the switch alone"),
        ("password = \"demo-1001\"", "password_file = \"p\"", "agent.password_file: `p` was not read"),
    ] {
        let told = mistake("switch", from, to);
        assert!(told.contains(expected), "{told}");
        assert!(told.starts_with(&format!("switch.toml:{}: ", line_of(SWITCH, from))), "{told}");
    }
}

#[test]
fn a_wrong_flow_names_the_node() {
    for (from, to, expected) in [
        (
            "next = \"open\"",
            "next = \"opne\"",
            "node.greeting.next: node `opne` is not there; allowed: appointment,",
        ),
        (
            "hours = \"office\"",
            "hours = \"night\"",
            "node.open.hours: hours `night` are not known; allowed: office",
        ),
        (
            "queue = \"consult\"",
            "queue = \"x\"",
            "node.consult.queue: queue `x` is not known; allowed: appointment",
        ),
        ("[\"menu-main\"]", "[\"menu\"]", "node.menu.prompts: prompt `menu` is missing"),
        (
            "kind = \"safety\"",
            "kind = \"say\"",
            "node.greeting.kind: `say` is no kind of node; allowed: play, menu",
        ),
        ("tries = 3 ", "next = \"open\" #", "node.menu.next: is no key of a menu node; allowed: prompts"),
        ("tries = 3 ", "tries = 0 ", "node.menu.tries: 0 is out of range; allowed: 1 to 10"),
        ("closed = \"closed\"\n", "", "node.open.closed: is missing in a hours node"),
        ("3 = \"complaint\"\n", "", "node.complaint: no way leads here"),
    ] {
        let told = mistake("flow", from, to);
        assert!(told.contains(expected), "{told}");
        assert!(told.starts_with("main.toml:"), "{told}");
    }
}

/// A flow of its own, checked against the sample's queues, hours and prompts.
fn flow_mistakes(nodes: &str) -> Vec<String> {
    let flow = format!("id = \"main\"\nversion = 1\nstart = \"a\"\n{nodes}");
    load(SWITCH, &flow)
        .map(|_| Vec::new())
        .unwrap_or_else(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn a_flow_that_runs_in_circles_by_itself_is_refused() {
    let told = flow_mistakes(
        "[node.a]\nkind = \"play\"\nprompts = [\"greeting\"]\nnext = \"b\"\n\
         [node.b]\nkind = \"hours\"\nhours = \"office\"\nopen = \"a\"\nclosed = \"c\"\n[node.c]\nkind = \"hangup\"\n",
    );
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].starts_with("main.toml:4: node.a: the way leads back here"), "{told:#?}");
}

#[test]
fn a_flow_without_an_end_is_refused() {
    let told = flow_mistakes(
        "[node.a]\nkind = \"menu\"\nprompts = [\"menu-main\"]\nkeys = { 1 = \"a\" }\notherwise = \"a\"\n",
    );
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("node.a: no way leads from here to a hangup"), "{told:#?}");
}

#[test]
fn a_caller_must_hear_something_first() {
    let told = flow_mistakes(
        "[node.a]\nkind = \"menu\"\nprompts = []\nkeys = { 1 = \"b\" }\notherwise = \"b\"\n\
         [node.b]\nkind = \"hangup\"\nprompts = [\"goodbye\"]\n",
    );
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("node.a: a caller gets here without having heard anything"), "{told:#?}");
}

#[test]
fn a_password_file_is_read_by_the_switch_and_never_printed() {
    let text = SWITCH.replacen("password = \"demo-1001\"", "password_file = \"p\"", 1);
    let mut config = parse(&text, "switch.toml").unwrap();
    assert_eq!(config.password_files().collect::<Vec<_>>(), ["p"]);
    config.give_password("p", "geheim\n");
    let flow = parse_flow(FLOW, "main.toml").unwrap();
    let plan = check(&config, &[flow], &|_| true).unwrap();
    let agent = &plan.agents[&AgentId::from("1001")];
    assert_eq!(agent.password.as_ref().unwrap().expose(), "geheim");
    assert!(!format!("{config:?}{plan:?}").contains("geheim"));
}

#[test]
fn a_directory_needs_only_its_address() {
    let text = SWITCH.replacen("budget_ms = 150 ", "# ", 1);
    let directory = load(&text, FLOW).unwrap().directory.expect("the sample names one");
    assert_eq!(directory.address, "127.0.0.1:7070".parse().unwrap());
    assert_eq!(directory.budget.as_millis(), 150);
}

#[test]
fn old_recordings_go_where_and_when_the_house_says() {
    let text = "[[agent]]\nid = \"1\"\nname = \"x\"\npassword = \"y\"\nqueues = []\n[recording]\nretention_days = 0\nwideband = true\n[recording.archive]\ndirectory = \"/mnt/nas\"\n\
                hours = \"22:30-05:00\"\nkbits = 32\n";
    let plan = check(&parse(text, "switch.toml").unwrap(), &[], &|_| true);
    let plan = plan.unwrap_or_else(|errors| panic!("{errors:?}"));
    let archive = plan.recording.archive.unwrap();
    assert_eq!((archive.from_minute, archive.until_minute, archive.bitrate), (1350, 300, 32_000));
    assert!(archive.is_mount && plan.recording.wideband && plan.recording.retention.is_none());
    let plan = load(SWITCH, FLOW).unwrap();
    assert!(
        plan.recording.archive.is_none(),
        "recordings stay where they are unless somebody says where else"
    );
    assert_eq!(plan.recording.retention.unwrap().as_secs(), 365 * 86_400);
}

#[test]
fn an_archive_that_cannot_be_meant_is_refused() {
    let text = "[recording]\nretention_days = 7\npause_max_s = 0\n[recording.archive]\ndirectory = \"\"\n\
                hours = \"at night\"\nkbits = 4\n";
    let errors = check(&parse(text, "switch.toml").unwrap(), &[], &|_| true).unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    let told = told.join("\n");
    for key in ["pause_max_s", "archive.directory", "archive.hours", "archive.kbits", "archive.after_days"] {
        assert!(told.contains(key), "{key} is not in {told}");
    }
}
