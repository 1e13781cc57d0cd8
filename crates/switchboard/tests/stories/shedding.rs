//! Too much at once: what is refused, what is not even answered, and what goes through all the same.

use crate::lab::Lab;
use careline_model::Now;
use careline_sip::Transport;
use careline_switchboard::{MediaSignal, Output};
use std::time::Duration;

/// The event loop is late by so much, and has been for half a second.
fn late(lab: &mut Lab, ms: u64) {
    let since = Now { instant: lab.now.instant - Duration::from_millis(500), ..lab.now };
    for now in [since, lab.now] {
        lab.board.handle_lag(now, Duration::from_millis(ms));
    }
}

fn seen(lab: &Lab, phone: usize, what: &str) -> bool {
    lab.phones[phone].seen.iter().any(|one| one == what)
}

/// A datagram of somebody at 127.0.0.`host`; what he is answered.
fn asked(lab: &mut Lab, host: u8, text: &str) -> Vec<String> {
    let remote = ([127, 0, 0, host], 5060).into();
    let (ip, port) = crate::lab::SWITCH;
    let flow = careline_sip::Flow { transport: Transport::Udp, local: (ip, port).into(), remote };
    lab.board.handle_message(lab.now, flow, text.as_bytes());
    let mut answers = Vec::new();
    while let Some(output) = lab.board.poll_output() {
        if let Output::Transmit(transmit) = output {
            assert_eq!(transmit.flow.remote, remote);
            answers.push(String::from_utf8_lossy(&transmit.bytes).into_owned());
        }
    }
    answers
}

/// An INVITE of nobody we know.
fn invite(host: u8, dialled: &str, number: u32) -> String {
    format!(
        "INVITE {dialled} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.{host}:5060;branch=z9hG4bK{host}x{number}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:1002@careline>;tag=t{number}\r\nTo: <{dialled}>\r\n\
         Call-ID: {host}-{number}\r\nCSeq: 1 INVITE\r\nContact: <sip:1002@127.0.0.{host}>\r\nContent-Length: 0\r\n\r\n"
    )
}

#[test]
fn a_late_loop_refuses_new_calls_with_503_and_takes_them_again_when_it_has_caught_up() {
    let mut lab = Lab::new();
    let patient = lab.phone("13800138000", 2);
    late(&mut lab, 150);
    lab.dial(patient, "4001234567");
    assert!(seen(&lab, patient, "refused 503"), "{:?}", lab.phones[patient].seen);
    let told = lab.trace.iter().any(|line| line.contains("Transmit"));
    assert!(told && lab.board.counters().shed == 1 && lab.board.live_calls() == 0);
    late(&mut lab, 10);
    lab.dial(patient, "4001234567");
    assert!(seen(&lab, patient, "answered"), "{:?}", lab.phones[patient].seen);
}

#[test]
fn a_call_that_stands_is_held_resumed_and_ended_however_late_the_loop_is() {
    let mut lab = Lab::new();
    let (patient, agent) = (lab.phone("13800138000", 2), lab.agent("1001", 11));
    lab.dial(patient, "4001234567");
    let leg = lab.caller_leg();
    lab.signal(MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
    late(&mut lab, 5_000);
    // Its 200, and the ACK to it.
    lab.answer(agent);
    assert!(seen(&lab, agent, "acked"), "{:?}", lab.phones[agent].seen);
    let dialog = lab.phones[agent].dialog.expect("a call");
    let held = crate::lab::sdp([127, 0, 0, 11], 41_000) + "a=sendonly\r\n";
    let now = lab.now.instant;
    lab.phones[agent].endpoint.reoffer(now, dialog, Some(held.as_bytes())).expect("nothing under way");
    lab.run();
    assert!(seen(&lab, agent, "reoffer done"), "{:?}", lab.phones[agent].seen);
    lab.hang_up(patient);
    assert!(seen(&lab, agent, "ended RemoteBye"), "{:?}", lab.phones[agent].seen);
    lab.pass(Duration::from_secs(40));
    assert_eq!((lab.board.live_calls(), lab.board.live_sip().0), (0, 0));
}

#[test]
fn an_ambulance_is_called_through_a_late_loop_by_a_phone_that_is_not_registered() {
    let mut lab = Lab::new();
    let (city, lost) = (lab.phone("city", 3), lab.phone("1002", 77));
    late(&mut lab, 5_000);
    lab.dial(lost, "4001234567");
    assert_eq!(lab.phones[lost].seen, Vec::<String>::new(), "any other call of a stranger meets silence");
    lab.dial(lost, "120");
    assert!(seen(&lab, city, "invited"), "{:?}", lab.phones[lost].seen);
    lab.answer(city);
    assert!(seen(&lab, lost, "answered"), "{:?}", lab.phones[lost].seen);
}

#[test]
fn an_ambulance_is_called_when_the_address_has_used_up_its_calls() {
    let mut lab = Lab::new();
    let mut ordinary = 0;
    for number in 0..1_000 {
        ordinary += asked(&mut lab, 77, &invite(77, "sip:4001234567@careline", number)).len();
    }
    assert!((1..1_000).contains(&ordinary), "{ordinary} answers");
    for dialled in ["sip:120@careline", "tel:110", "sip:%31%31%39@careline"] {
        let answers = asked(&mut lab, 77, &invite(77, dialled, 2_000 + ordinary as u32));
        assert!(answers.len() == 1 && answers[0].starts_with("SIP/2.0 401"), "{dialled}: {answers:?}");
        ordinary += 1;
    }
    // But nobody can make a weapon of it.
    let flood: usize =
        (0..1_000).map(|n| asked(&mut lab, 77, &invite(77, "sip:120@careline", 5_000 + n)).len()).sum();
    assert!(flood < 1_000, "{flood} answers");
}
