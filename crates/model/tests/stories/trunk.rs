//! Trunks, groups, routes and classes of service: what is documented holds, and who may dial what.

use careline_model::config::plan::{Barred, Dialler, NumberForm, Profile, UriForm};
use careline_model::config::{ConfigError, Plan, check, parse};
use careline_model::number::DialKind;
use careline_model::{AgentId, FlowId, Number, TrunkGroupId, TrunkId};

const SAMPLE: &str = include_str!("../../../../config/switch.toml");

/// A house in 0543 with a carrier, an exchange and copper lines.
const HOUSE: &str = r#"
area_code = "0543"

[[trunk]]
id = "ims"
profile = "ims-cn"
number_block = ["+8654332201000-+8654332201099"]
[trunk.register]
registrar = "192.0.2.7:5060"
domain = "ims.example.com"
user = "+8654332201000"
auth_user = "8654332201000@ims.example.com"
password = "secret"

[[trunk]]
id = "e1"
profile = "e1-gateway"
proxy = ["10.0.0.9:5060"]

[[trunk]]
id = "fxo"
profile = "fxo-gateway"
proxy = ["10.0.0.10:5060"]

[[trunk_group]]
id = "out"
members = [{ trunk = "e1", order = 2 }, { trunk = "ims", order = 1, weight = 3 }]

[[trunk_group]]
id = "wards"
members = [{ trunk = "e1" }]

[[route]]
kinds = ["internal"]
group = "wards"

[[route]]
kinds = ["service", "local", "national", "mobile", "international"]
group = "out"

[[class]]
id = "abroad"
allow = ["mobile", "international"]
bar = ["+44"]

[[agent]]
id = "1001"
name = "a"
contact = "sip:1001@127.0.0.1"
queues = []

[[agent]]
id = "1002"
name = "b"
contact = "sip:1002@127.0.0.1"
queues = []
class = "abroad"
"#;

fn load(text: &str) -> Result<Plan, Vec<ConfigError>> {
    let config = parse(text, "switch.toml").map_err(|error| vec![error])?;
    check(&config, &[], &|_| true)
}

fn house() -> Plan {
    load(HOUSE).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn mistake(from: &str, to: &str) -> String {
    assert!(HOUSE.contains(from), "the house has no `{from}`");
    let errors = load(&HOUSE.replacen(from, to, 1)).expect_err("a mistake was made");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].to_string()
}

/// The commented examples of the sample, uncommented.
fn documented() -> String {
    let mut text = String::from("area_code = \"0543\"\n");
    let tables = ["# [[trunk]]", "# [[trunk_group]]", "# [[route]]", "# [[class]]"];
    let mut inside = false;
    for line in SAMPLE.lines() {
        inside = (inside && !line.is_empty()) || tables.contains(&line);
        if inside {
            text.push_str(line.strip_prefix("# ").unwrap_or(line));
            text.push('\n');
        }
    }
    text.replace("password_file = \"/etc/careline/ims.password\"", "password = \"x\"")
}

#[test]
fn every_documented_key_is_a_key() {
    let text = format!("{}\n[[trunk]]\nid = \"e1\"\nproxy = [\"10.0.0.9:5060\"]\n", documented());
    let plan = load(&text).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let ims = &plan.trunks[&TrunkId::from("ims")];
    assert_eq!((ims.profile, ims.calls_max, ims.proxies.len()), (Profile::ImsCn, Some(30), 2));
    assert_eq!(plan.dialling.routes.len(), 1);
    assert_eq!(plan.dialling.groups[&TrunkGroupId::from("out")].members.len(), 2);
}

#[test]
fn a_profile_presets_what_is_not_written() {
    let plan = house();
    let [ims, e1, fxo] = ["ims", "e1", "fxo"].map(|id| &plan.trunks[&TrunkId::from(id)]);
    assert_eq!((ims.uri, ims.number_form, ims.probing), (UriForm::Tel, NumberForm::E164, None));
    assert_eq!((ims.domain.as_str(), ims.realm.as_str()), ("ims.example.com", "ims.example.com"));
    assert_eq!(ims.proxies, ["192.0.2.7:5060".parse().unwrap()], "calls go where the registration goes");
    assert_eq!(plan.trunk_of("192.0.2.7:40000".parse().unwrap()).unwrap().id, ims.id);
    assert_eq!((e1.outside_digit, e1.session_expires), (Some('9'), None));
    assert!(!fxo.answer_supervision && fxo.tones.release_on_busy && fxo.is_listened_to());
    assert!(e1.answer_supervision && !e1.tones.release_on_busy && !e1.is_listened_to());
    assert_eq!(
        (fxo.tones.answer_after_silence.as_secs(), &fxo.tones.frequencies_hz[..]),
        (10, &[450, 425][..])
    );
    assert!(ims.owns(&Number::from("+8654332201042")));
    assert!(!ims.owns(&Number::from("+8654332201100")));
}

#[test]
fn an_agent_shows_only_a_number_that_some_trunk_knows_for_ours() {
    let with = |number: &str| {
        load(&HOUSE.replace("class = \"abroad\"", &format!("class = \"abroad\"\ncaller_id = \"{number}\"")))
    };
    let plan = with("0543-32201042").unwrap();
    let shown = &plan.dialling.caller_ids[&AgentId::from("1002")];
    assert_eq!(shown.as_str(), "+8654332201042");
    assert!(plan.trunks[&TrunkId::from("ims")].may_show(shown, &plan));
    assert!(!plan.trunks[&TrunkId::from("e1")].may_show(shown, &plan), "each trunk has its own numbers");
    for stranger in ["+8654332201100", "13812345678", "abc"] {
        let errors = with(stranger).unwrap_err();
        assert!(errors[0].to_string().contains("agent.caller_id"), "{stranger}: {errors:#?}");
    }
}

#[test]
fn tones_of_a_copper_line_are_a_few_and_in_the_voice_band() {
    let with = |keys: &str| {
        load(&HOUSE.replace("profile = \"fxo-gateway\"", &format!("profile = \"fxo-gateway\"\n{keys}")))
    };
    let plan = with("tones_hz = [400]\nanswer_after_silence_s = 6\nbusy_tone_release = false").unwrap();
    let fxo = &plan.trunks[&TrunkId::from("fxo")];
    assert_eq!((&fxo.tones.frequencies_hz[..], fxo.tones.release_on_busy), (&[400][..], false));
    assert!(fxo.is_listened_to(), "for the ring-back");
    for (bad, said) in [
        ("tones_hz = []", "trunk.tones_hz"),
        ("tones_hz = [450, 425, 440, 400, 480]", "trunk.tones_hz"),
        ("tones_hz = [5000]", "trunk.tones_hz"),
        ("answer_after_silence_s = 3", "trunk.answer_after_silence_s"),
    ] {
        let errors = with(bad).unwrap_err();
        assert!(errors.iter().any(|error| error.to_string().contains(said)), "{bad}: {errors:#?}");
    }
}

#[test]
fn numbers_are_written_as_each_trunk_wants_them() {
    let plan = house();
    let written =
        |trunk: &str, raw: &str| plan.trunks[&TrunkId::from(trunk)].written(&plan.number(raw), &plan);
    assert_eq!(written("ims", "3226789"), "+865433226789");
    assert_eq!(written("ims", "0044 20 7946 0958"), "+442079460958");
    assert_eq!(written("ims", "120"), "120");
    assert_eq!(written("e1", "0543-3226789"), "93226789");
    assert_eq!(written("e1", "010-62345678"), "901062345678");
    assert_eq!(written("e1", "120"), "9120");
    assert_eq!(written("e1", "8021"), "8021", "extensions of the exchange have no digit before them");
    assert_eq!(written("fxo", "0044 20 7946 0958"), "00442079460958");
    // 1350543 is of 0543, 1381234 is not.
    assert_eq!(written("fxo", "13505431234"), "13505431234");
    assert_eq!(written("fxo", "13812345678"), "013812345678");
    let caller = plan.trunks[&TrunkId::from("e1")].caller("913812345678", &plan);
    assert_eq!(caller.as_str(), "+8613812345678");
}

#[test]
fn rules_rewrite_by_the_first_that_fits() {
    let rules = "proxy = [\"10.0.0.9:5060\"]\ninbound_rules = [{ digits = 4, prepend = \"05433220\" }]\n\
                 outbound_rules = [{ prefix = \"90\", strip = 1, prepend = \"17909\" }, { strip = 1 }]";
    let plan = load(&HOUSE.replace("proxy = [\"10.0.0.9:5060\"]", rules)).unwrap();
    let e1 = &plan.trunks[&TrunkId::from("e1")];
    assert_eq!(e1.written(&plan.number("010-62345678"), &plan), "1790901062345678");
    assert_eq!(e1.written(&plan.number("3226789"), &plan), "3226789");
    assert_eq!(e1.dialled("1042", &plan).as_str(), "+8654332201042");
}

#[test]
fn a_class_of_service_decides_on_the_normal_form() {
    let plan = house();
    let may =
        |agent: &str, raw: &str| plan.may_dial(Dialler::Agent(AgentId::from(agent)), &Number::from(raw));
    assert_eq!(may("1001", "013812345678"), Ok(DialKind::Mobile));
    assert_eq!(may("1001", "1002"), Ok(DialKind::Internal));
    assert_eq!(may("1002", "+85223456789"), Ok(DialKind::International));
    assert_eq!(may("1002", "120"), Ok(DialKind::Emergency), "no class bars an agent's emergency call");
    assert!(matches!(may("1002", "010-62345678"), Err(Barred::Kind { .. })));
    assert!(matches!(may("1002", "0044 20 7946 0958"), Err(Barred::Prefix { .. })));
    assert_eq!(may("1001", "9001"), Err(Barred::OutsideDigit('9')));
    assert_eq!(may("9999", "10086"), Err(Barred::Unknown));
    let trunk = plan.may_dial(Dialler::Trunk(TrunkId::from("e1")), &Number::from("120"));
    assert!(matches!(trunk, Err(Barred::Kind { .. })), "an outsider is connected nowhere: {trunk:?}");
    assert_eq!(
        plan.may_dial(Dialler::Flow(FlowId::from("main")), &Number::from("120")),
        Err(Barred::Unknown)
    );
}

#[test]
fn toll_fraud_is_barred_in_every_spelling() {
    let plan = house();
    let tricks = [
        "001 900 555 0100",
        "+44 20 7946 0958",
        "00 00 44 20 7946 0958",
        "011 44 20 7946 0958",
        "**62*00442079460958#",
        "*9*00442079460958",
        "9,00442079460958",
        "0543 00 44 20 7946 0958",
        "0543-16899168",
        "17909 0044 20 7946 0958",
        "17951",
        "90044",
        "9001",
        "+881 6 2345 6789",
        "tel:00442079460958;phone-context=+86",
        "０0４4 2079460958",
    ];
    for raw in tricks {
        let verdict = plan.may_dial(Dialler::Agent(AgentId::from("1001")), &Number::from(raw));
        assert!(verdict.is_err(), "{raw} passes as {verdict:?}");
        assert!(plan.may_dial(Dialler::Agent(AgentId::from("1001")), &plan.number(raw)).is_err(), "{raw}");
    }
}

#[test]
fn a_route_takes_what_it_is_for() {
    let plan = house();
    let route = |raw: &str| plan.route_of(&plan.number(raw)).map(|group| group.to_string());
    assert_eq!(route("13812345678").as_deref(), Some("out"));
    assert_eq!(route("8021").as_deref(), Some("wards"));
    assert_eq!(route("16899168"), None);
    assert_eq!(route("120").as_deref(), Some("out"), "emergencies go where local numbers go");
    let out = &plan.dialling.groups[&TrunkGroupId::from("out")];
    assert_eq!(out.members[0].trunk, TrunkId::from("ims"), "the lowest order comes first");
}

#[test]
fn a_mistake_says_what_is_allowed() {
    let cases = [
        (
            ("ims-cn", "ims"),
            "trunk.profile: `ims` is not known; allowed: plain, ims-cn, e1-gateway, fxo-gateway",
        ),
        (("trunk = \"e1\" }", "trunk = \"e2\" }"), "trunk_group.members: trunk `e2` is not known"),
        (
            ("\"service\", ", "\"cheap\", "),
            "route.kinds: `cheap` is no kind of dialled number; allowed: internal",
        ),
        (("group = \"wards\"", "group = \"ward\""), "route.group: trunk group `ward` is not known"),
        (
            ("class = \"abroad\"", "class = \"all\""),
            "agent.class: class `all` is not known; allowed: abroad, full",
        ),
        (("bar = [\"+44\"]", "bar = [\"0044\"]"), "class.bar: `0044` begins no number in normal form"),
        (("10.0.0.9:5060", "10.0.0.9"), "trunk.proxy: `10.0.0.9` is no address"),
        (("password = \"secret\"", ""), "trunk.register.password: is missing"),
        (("-+8654332201099", "-+865433220109"), "is no block of numbers"),
        (
            ("proxy = [\"10.0.0.10:5060\"]", "transport = \"ws\"\nproxy = [\"10.0.0.10:5060\"]"),
            "trunk.transport: `ws` is not known; allowed: udp, tcp, tls",
        ),
    ];
    for ((from, to), expected) in cases {
        let told = mistake(from, to);
        assert!(told.contains(expected), "{told}");
    }
}
