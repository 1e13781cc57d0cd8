//! What a refusal says: who is sent elsewhere, who hides, and what the telephone network behind a gateway means.

use crate::lab::Lab;
use careline_model::EventBody;
use careline_model::event::{EndCause, OfferOutcome};
use careline_switchboard::MediaSignal;

fn ends(lab: &Lab) -> Vec<EndCause> {
    let cause = |event: &EventBody| match event {
        EventBody::CallEnded { cause, .. } => Some(*cause),
        _ => None,
    };
    lab.events.iter().filter_map(cause).collect()
}

/// Refuses the call that rings at a phone.
fn refuse(lab: &mut Lab, phone: usize, status: u16, headers: &[(&str, &str)]) {
    let (dialog, _) = lab.phones[phone].incoming.pop().expect("a ringing call");
    lab.phones[phone].endpoint.reject(lab.now.instant, dialog, status, headers);
    lab.run();
}

const ELSEWHERE: (&str, &str) = ("Contact", "<sip:13900000001@127.0.0.3>");

#[test]
fn a_phone_that_sends_a_caller_elsewhere_has_declined_and_nobody_is_called_for_it() {
    for status in [300, 301, 302, 305, 380] {
        let mut lab = Lab::new();
        let (patient, agent) = (lab.phone("13800138000", 2), lab.agent("1001", 11));
        let carrier = lab.phone("carrier", 3);
        lab.dial(patient, "4001234567");
        let leg = lab.caller_leg();
        lab.signal(MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
        refuse(&mut lab, agent, status, &[ELSEWHERE]);
        assert!(lab.phones[carrier].incoming.is_empty(), "the way out is the caller's to pay for");
        let outcome = lab.events.iter().find_map(|event| match event {
            EventBody::OfferEnded { outcome, .. } => Some(*outcome),
            _ => None,
        });
        assert_eq!(outcome, Some(OfferOutcome::Rejected), "{status}");
    }
}

#[test]
fn a_trunk_that_sends_a_call_elsewhere_has_declined_it() {
    let mut lab = Lab::new();
    let (agent, carrier) = (lab.agent("1001", 11), lab.phone("carrier", 3));
    let other = lab.phone("other", 4);
    lab.dial_from(agent, "13912345678");
    refuse(&mut lab, carrier, 302, &[("Contact", "<sip:13900000001@127.0.0.4:5060>")]);
    assert!(lab.phones[other].incoming.is_empty() && lab.phones[carrier].incoming.is_empty());
    assert_eq!(ends(&lab), [EndCause::Rejected]);
    assert!(lab.phones[agent].seen.contains(&"refused 603".to_owned()), "{:?}", lab.phones[agent].seen);
}

#[test]
fn what_the_telephone_network_says_counts_more_than_the_gateways_status() {
    for (status, reason, expected) in [
        (503, "Q.850;cause=17;text=\"User busy\"", EndCause::Busy),
        (500, "SIP;cause=500, Q.850;cause=21", EndCause::Rejected),
        (502, "Q.850;cause=19", EndCause::NoAnswer),
        (503, "Q.850;cause=34", EndCause::Unreachable),
        (503, "SIP;cause=486", EndCause::Unreachable),
        (603, "Q.850;cause=17", EndCause::Rejected),
    ] {
        let mut lab = Lab::new();
        let (agent, carrier) = (lab.agent("1001", 11), lab.phone("carrier", 3));
        lab.dial_from(agent, "13912345678");
        refuse(&mut lab, carrier, status, &[("Reason", reason)]);
        assert_eq!(ends(&lab), [expected], "{status} {reason}");
    }
}

#[test]
fn a_phone_that_hides_its_number_is_hidden_outside() {
    for (privacy, hidden) in [("id", true), ("none", false)] {
        let mut lab = Lab::changed("id = \"city\"", "id = \"city\"\ncaller_id = \"4001234567\"");
        let (agent, carrier) = (lab.agent("1001", 11), lab.phone("carrier", 3));
        lab.dial_as(agent, "13912345678", None, vec![("Privacy".to_owned(), privacy.to_owned())]);
        let (_, invite) = lab.phones[carrier].incoming.pop().expect("the carrier is asked");
        let headers = &invite.request.headers;
        let from = invite.request.from().expect("a caller");
        assert_eq!(from.uri.as_str() == "sip:anonymous@anonymous.invalid", hidden, "{from}");
        assert_eq!(headers.get("Privacy"), hidden.then_some("id"));
        let asserted = headers.get("P-Asserted-Identity").or(headers.get("P-Preferred-Identity"));
        assert!(asserted.is_some_and(|one| one.contains("4001234567")), "the carrier knows us");
    }
}
