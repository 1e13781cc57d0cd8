//! Who calls: what the network says is taken as text and no more, and what the directory says reaches the phone.

use crate::lab::{Lab, sdp};
use careline_model::{CallerName, EventBody, Number};
use careline_switchboard::MediaSignal;

const HOSPITAL: &str = "4001234567";

/// Number and name of the only call.
fn offered(lab: &Lab) -> (Number, CallerName) {
    let mut offered = lab.events.iter().filter_map(|event| match event {
        EventBody::CallOffered { caller, caller_name, .. } => Some((caller.clone(), caller_name.clone())),
        _ => None,
    });
    let only = offered.next().expect("a call");
    assert_eq!(offered.next(), None, "one call");
    only
}

fn name_of(display: &str) -> String {
    let mut lab = Lab::new();
    let patient = lab.phone("13812345678", 2);
    lab.dial_as(patient, HOSPITAL, Some(display), Vec::new());
    let (caller, name) = offered(&lab);
    assert_eq!(caller.as_str(), "+8613812345678");
    name.as_str().to_owned()
}

#[test]
fn the_callers_name_is_kept_as_it_was_sent() {
    for name in ["王小明", "O'Brien \"Bob\" \\ x", "<script>alert(1)</script>", "'; DROP TABLE patient; --"]
    {
        assert_eq!(name_of(name), name);
    }
}

#[test]
fn a_name_of_control_bytes_or_of_eight_kilobytes_is_made_harmless() {
    assert_eq!(name_of("a\u{1b}[31m\u{202e}b"), "a\u{fffd}[31m\u{fffd}b");
    assert_eq!(name_of(&"王".repeat(2700)), "王".repeat(64));
}

#[test]
fn the_name_comes_from_the_same_header_as_the_number() {
    let mut lab = Lab::new();
    let patient = lab.phone("13812345678", 2);
    let asserted = |value: &str| vec![("P-Asserted-Identity".to_owned(), value.to_owned())];
    lab.dial_as(patient, HOSPITAL, Some("from"), asserted("\"asserted\" <sip:13900139000@127.0.0.2>"));
    let (caller, name) = offered(&lab);
    assert_eq!((caller.as_str(), name.as_str()), ("+8613900139000", "asserted"));

    let mut lab = Lab::new();
    let patient = lab.phone("13812345678", 2);
    lab.dial_as(patient, HOSPITAL, Some("from"), asserted("<sip:13900139000@127.0.0.2>"));
    let (caller, name) = offered(&lab);
    assert_eq!((caller.as_str(), name.as_str()), ("+8613900139000", ""), "a bare number has no name");

    let mut lab = Lab::new();
    let patient = lab.phone("13812345678", 2);
    lab.dial_as(patient, HOSPITAL, Some("from"), asserted("\"no end <sip:13900139000@127.0.0.2>"));
    let (caller, name) = offered(&lab);
    assert_eq!((caller.as_str(), name.as_str()), ("+8613812345678", "from"), "nonsense counts for nothing");
}

#[test]
fn who_withholds_the_number_has_no_name_and_nobody_is_asked() {
    for user in ["anonymous", "Restricted", "unknown"] {
        let mut lab = Lab::new();
        let patient = lab.phone(user, 2);
        lab.dial_as(patient, HOSPITAL, Some("Anonymous"), Vec::new());
        let (caller, name) = offered(&lab);
        assert!(caller.is_withheld() && name.is_empty());
        assert!(lab.asked.is_empty());
    }
}

#[test]
fn a_name_that_is_no_utf8_costs_nothing_but_itself() {
    let mut lab = Lab::new();
    let body = sdp([127, 0, 0, 2], 40_000);
    let head = format!(
        "INVITE sip:{HOSPITAL}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK1\r\n\
         Max-Forwards: 70\r\nTo: <sip:{HOSPITAL}@127.0.0.1>\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:127.0.0.2:5060>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n",
        body.len()
    );
    let from = b"From: \"\xff\xfe\xcd\xf5\" <sip:13812345678@127.0.0.2>;tag=1\r\n\r\n";
    lab.raw(2, &[head.as_bytes(), from, body.as_bytes()].concat());
    let (caller, name) = offered(&lab);
    assert_eq!(caller.as_str(), "+8613812345678", "the call is taken");
    assert!(name.as_str().chars().all(|c| c == char::REPLACEMENT_CHARACTER), "{:?}", name.as_str());
    let patient = lab.phone("13900139000", 2);
    lab.phones[patient].flow.local.set_port(5062);
    lab.dial(patient, HOSPITAL);
    assert!(lab.phones[patient].seen.contains(&"answered".to_owned()), "{:?}", lab.phones[patient].seen);
}

/// A patient who asked for a person, and the agent's phone.
fn rung(lab: &mut Lab, label: Option<&str>) -> usize {
    let agent = lab.agent("1001", 11);
    let patient = lab.phone("13812345678", 2);
    lab.dial_as(patient, HOSPITAL, Some("Your Bank"), Vec::new());
    if let Some(label) = label {
        lab.looked_up(1, label);
    }
    let leg = lab.caller_leg();
    lab.signal(MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
    assert_eq!(lab.phones[agent].incoming.len(), 1, "the agent's phone rings");
    agent
}

#[test]
fn the_agents_phone_shows_whom_the_directory_knows() {
    for label in ["王小明", "O'Brien \"Bob\" \\"] {
        let mut lab = Lab::new();
        let agent = rung(&mut lab, Some(label));
        let (_, invite) = &lab.phones[agent].incoming[0];
        let from = invite.request.from().expect("a From");
        assert_eq!(from.display.as_deref(), Some(label));
        assert_eq!(from.uri.user_decoded().as_deref(), Some("+8613812345678"));
        let asserted = invite.request.headers.get("P-Asserted-Identity").expect("the trusted header");
        let asserted: careline_sip::NameAddr = asserted.parse().expect("an address");
        assert_eq!(asserted.display.as_deref(), Some(label));
    }
}

#[test]
fn the_agents_phone_shows_the_number_alone_of_whom_nobody_knows() {
    for answer in [None, Some("")] {
        let mut lab = Lab::new();
        let agent = rung(&mut lab, answer);
        let from = lab.phones[agent].incoming[0].1.request.from().expect("a From");
        assert_eq!(from.display, None, "what a stranger calls himself is not shown");
        assert_eq!(from.uri.user_decoded().as_deref(), Some("+8613812345678"));
    }
}
