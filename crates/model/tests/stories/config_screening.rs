//! Who is let in, as it is configured: what is meant is understood, and mistakes are told with their place.

use careline_model::Number;
use careline_model::config::plan::{Anonymous, Cap};
use careline_model::config::{Plan, check, parse, parse_flow};
use careline_model::screening::{BlockAction, ListKind, Pattern, Scope};
use jiff::civil::date;
use jiff::tz::TimeZone;
use std::time::Duration;

const SWITCH: &str = r#"
timezone = "Asia/Shanghai"
[[queue]]
id = "general"
name = "general"
[[line]]
id = "main"
number = "12320"
flow = "main"
anonymous = "ask"
anonymous_flow = "who"
total_max = { calls = 30 }
waiting_max = { calls = 10, action = "message", flow = "full" }
[[line]]
id = "bare"
number = "12321"
flow = "main"
[[caller_list]]
list = "black"
number = "138 1234 5678"
reason = "骚扰"
until = "2026-12-31"
line = "main"
action = "voicemail"
flow = "full"
[[caller_list]]
list = "white"
prefix = "+86531"
reason = "health bureau"
queue = "general"
[[caller_list]]
list = "protected"
number = "13987654321"
reason = "open complaint"
[caller_rate]
calls_max = 5
within_s = 600
action = "low_priority"
[emergency]
flow = "disaster"
"#;

fn load(text: &str) -> Result<Plan, Vec<String>> {
    let config = parse(text, "switch.toml").map_err(|error| vec![error.to_string()])?;
    let flows = ["main", "who", "full", "disaster"].map(|id| {
        let text = format!(
            "id = \"{id}\"\nversion = 1\nstart = \"a\"\n[node.a]\nkind = \"hangup\"\nprompts = [\"x\"]\n"
        );
        parse_flow(&text, "flow.toml").expect("the test's flow reads")
    });
    check(&config, &flows, &|_| true).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn lists_rate_caps_and_the_emergency_flow_are_understood() {
    let plan = load(SWITCH).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let main = &plan.lines[&"main".into()];
    assert_eq!(main.anonymous, Anonymous::Ask("who".into()));
    assert_eq!(main.total_max, Some(Cap { calls: 30, action: BlockAction::Busy }));
    assert_eq!(main.waiting_max, Some(Cap { calls: 10, action: BlockAction::Message("full".into()) }));
    let [black, white, protected] = &plan.screening.lists[..] else { panic!("three entries") };
    assert_eq!(black.pattern, Pattern::Number(Number::from("+8613812345678")));
    assert_eq!((black.list, &black.scope), (ListKind::Black, &Scope::Line("main".into())));
    assert_eq!(black.action, BlockAction::Voicemail("full".into()));
    let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
    let new_year = date(2027, 1, 1).to_zoned(shanghai).unwrap().timestamp().as_microsecond();
    assert_eq!(black.until_us, Some(new_year), "to the end of the day");
    assert_eq!(white.pattern, Pattern::Prefix(Number::from("+86531")));
    assert_eq!((&white.scope, white.until_us), (&Scope::Queue("general".into()), None));
    assert_eq!((protected.list, &protected.scope), (ListKind::Protected, &Scope::All));
    let rate = plan.screening.caller_rate.unwrap();
    assert_eq!((rate.calls_max, rate.within), (5, Duration::from_secs(600)));
    assert_eq!((rate.action, plan.emergency), (BlockAction::LowPriority, Some("disaster".into())));
}

#[test]
fn nobody_is_kept_out_unless_somebody_says_so() {
    let plan = load("[[line]]\nid = \"main\"\nnumber = \"1\"\nflow = \"main\"\n").unwrap();
    let main = &plan.lines[&"main".into()];
    assert_eq!((&main.anonymous, &main.total_max, &main.waiting_max), (&Anonymous::Accept, &None, &None));
    assert!(plan.screening.lists.is_empty() && plan.screening.caller_rate.is_none());
    assert_eq!(plan.emergency, None);
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    for (from, to, expected) in [
        (
            "list = \"black\"",
            "list = \"grey\"",
            "caller_list.list: `grey` is no list; allowed: white, black, prot",
        ),
        ("\"138 1234 5678\"", "\"pest\"", "caller_list.number: `pest` is no number; allowed: a number as"),
        (
            "prefix = \"+86531\"",
            "prefix = \"0531\"",
            "caller_list.prefix: `0531` begins no number in normal form",
        ),
        ("prefix = \"+86531\"", "prefix = \"+86531\"\nnumber = \"1\"", {
            "caller_list.prefix: stands beside number; allowed: one of the two"
        }),
        ("list = \"protected\"\nnumber = \"13987654321\"", "list = \"protected\"", {
            "caller_list: an entry for nobody; allowed: number or prefix"
        }),
        (
            "reason = \"骚扰\"",
            "reason = \" \"",
            "caller_list.reason: is no reason; allowed: 1 to 64 characters",
        ),
        (
            "\"2026-12-31\"",
            "\"2026-13-31\"",
            "caller_list.until: `2026-13-31` is not a date; allowed: YYYY-MM-DD",
        ),
        ("line = \"main\"", "line = \"x\"", "caller_list.line: line `x` is not known; allowed: bare, main"),
        (
            "queue = \"general\"",
            "queue = \"x\"",
            "caller_list.queue: queue `x` is not known; allowed: general",
        ),
        ("queue = \"general\"", "queue = \"general\"\nline = \"main\"", {
            "caller_list.queue: stands beside line; allowed: one of the two"
        }),
        ("action = \"voicemail\"", "action = \"drop\"", {
            "caller_list.action: `drop` is no action here; allowed: busy, message, voicemail, low_priority"
        }),
        ("action = \"voicemail\"", "action = \"busy\"", {
            "caller_list.flow: stands beside busy; allowed: with message and voicemail"
        }),
        ("action = \"voicemail\"\nflow = \"full\"", "action = \"voicemail\"", {
            "caller_list.flow: is missing beside voicemail; allowed: disaster, full, main, who"
        }),
        ("queue = \"general\"", "queue = \"general\"\naction = \"busy\"", {
            "caller_list.action: stands at an entry of the white list; allowed: action and flow at entries of the black"
        }),
        (
            "list = \"protected\"\nnumber = \"13987654321\"",
            { "list = \"black\"\nnumber = \"+86 138-1234-5678\"\nline = \"main\"" },
            "caller_list: the same callers stand on this list already; allowed: each number or prefix once",
        ),
        ("calls_max = 5", "calls_max = 101", "caller_rate.calls_max: 101 is out of range; allowed: 0 to 100"),
        ("within_s = 600", "within_s = 0", "caller_rate.within_s: 0 is out of range; allowed: 1 to 86400"),
        ("action = \"low_priority\"", "action = \"message\"", "caller_rate.flow: is missing beside message"),
        (
            "flow = \"disaster\"",
            "flow = \"x\"",
            "emergency.flow: flow `x` is not known; allowed: disaster, full",
        ),
        ("anonymous = \"ask\"", "anonymous = \"hate\"", {
            "line.anonymous: `hate` is no policy; allowed: accept, ask, refuse"
        }),
        ("anonymous_flow = \"who\"", "anonymous_flow = \"x\"", "line.anonymous_flow: flow `x` is not known"),
        (
            "anonymous = \"ask\"\n",
            "",
            "line.anonymous_flow: stands without anonymous; allowed: beside anonymous",
        ),
        ("anonymous_flow = \"who\"\n", "", "line.anonymous_flow: is missing beside ask; allowed: disaster"),
        ("{ calls = 30 }", "{ calls = 0 }", "line.total_max.calls: 0 is out of range; allowed: 1 to 100000"),
        ("{ calls = 30 }", "{ calls = 30, action = \"low_priority\" }", {
            "line.total_max.action: `low_priority` is no action here; allowed: busy, message, voicemail"
        }),
        (
            "flow = \"full\" }",
            "flow = \"x\" }",
            "line.waiting_max.flow: flow `x` is not known; allowed: disaster",
        ),
    ] {
        assert!(SWITCH.contains(from), "the sample has no `{from}`");
        let told = load(&SWITCH.replacen(from, to, 1)).expect_err("a mistake was made");
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].contains(expected), "{told:#?}");
        let line: usize = told[0].split(':').nth(1).unwrap().parse().unwrap();
        assert!(line > 1, "{told:#?}");
    }
}
