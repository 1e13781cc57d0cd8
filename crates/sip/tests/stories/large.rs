//! Requests that no datagram should carry (RFC 3261 18.1.1).
use crate::support::{Bench, answer_to, flow};
use careline_sip::{DialogId, Flow, Message, OutgoingInvite, Received, Transport, parse};

/// What went out, and where.
fn sent(bench: &mut Bench) -> Vec<(Flow, Message)> {
    std::iter::from_fn(|| bench.endpoint.poll_transmit())
        .map(|one| (one.flow, parse(&one.bytes).expect("ours parse")))
        .collect()
}

fn call(bench: &mut Bench, uri: &str) -> (DialogId, Flow, careline_sip::Request) {
    let invite = OutgoingInvite {
        uri: uri.parse().unwrap(),
        headers: vec![("Subject".to_owned(), "x".repeat(1200))],
        ..bench.outgoing_invite(60)
    };
    let dialog = bench.endpoint.invite(bench.now, invite).unwrap();
    let (flow, Message::Request(request)) = sent(bench).remove(0) else { panic!("no request") };
    (dialog, flow, request)
}

fn connection() -> Flow {
    let udp = flow(Transport::Udp);
    Flow { transport: Transport::Tcp, local: (udp.local.ip(), 0).into(), remote: udp.remote }
}

#[test]
fn a_large_request_goes_over_tcp_and_is_cancelled_there() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, went, invite) = call(&mut bench, "sip:agent@192.0.2.9");
    assert_eq!(went, connection());
    assert_eq!(invite.via().unwrap().transport, "TCP");
    bench.run_ms(5_000);
    assert!(sent(&mut bench).is_empty(), "a connection repeats nothing");
    let ringing = answer_to(&invite, 180, "t", "");
    assert_eq!(bench.endpoint.receive(bench.now, connection(), ringing.as_bytes()), Received::Handled);
    bench.endpoint.hang_up(bench.now, dialog, None);
    let (went, Message::Request(cancel)) = sent(&mut bench).remove(0) else { panic!("no request") };
    assert_eq!((went, cancel.method.to_string().as_str()), (connection(), "CANCEL"));
    assert_eq!(cancel.via().unwrap().branch(), invite.via().unwrap().branch());
}

#[test]
fn only_what_can_go_as_datagrams_is_in_a_hurry_to_find_a_connection() {
    let mut bench = Bench::new(Transport::Udp);
    let hurry = |bench: &mut Bench, headers: usize| {
        let mut invite = bench.outgoing_invite(20);
        invite.uri = "sip:agent@192.0.2.9".parse().unwrap();
        invite.headers = vec![("X-Filler".to_owned(), "x".repeat(headers))];
        bench.endpoint.invite(bench.now, invite).unwrap();
        let sent = bench.endpoint.poll_transmit().unwrap();
        (sent.flow.transport, sent.hurry)
    };
    assert_eq!(hurry(&mut bench, 2000), (Transport::Tcp, true));
    assert_eq!(hurry(&mut bench, 10), (Transport::Udp, false));
    let mut bench = Bench::new(Transport::Tcp);
    assert_eq!(hurry(&mut bench, 2000), (Transport::Tcp, false));
}

#[test]
fn a_refused_connection_makes_it_datagrams_again() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, _, invite) = call(&mut bench, "sip:agent@192.0.2.9:5060");
    bench.endpoint.flow_lost(bench.now, connection());
    let (went, Message::Request(again)) = sent(&mut bench).remove(0) else { panic!("no request") };
    assert_eq!(went, bench.flow);
    let via = again.via().unwrap();
    assert_eq!((via.transport.as_str(), via.branch()), ("UDP", invite.via().unwrap().branch()));
    assert_eq!(bench.run_ms(600).len(), 1, "sent again after T1");
    assert!(bench.events().is_empty(), "nothing failed");
    bench.reply(&again, 486, "t", "");
    assert_eq!(bench.events().len(), 1, "the dialog hears of it");
}

#[test]
fn a_connection_lost_after_a_response_is_a_failure() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, _, invite) = call(&mut bench, "sip:agent@192.0.2.9");
    let ringing = answer_to(&invite, 180, "t", "");
    bench.endpoint.receive(bench.now, connection(), ringing.as_bytes());
    bench.events();
    bench.endpoint.flow_lost(bench.now, connection());
    assert!(sent(&mut bench).is_empty());
    assert_eq!(bench.events().len(), 1, "the call failed");
}

#[test]
fn a_phone_behind_a_nat_gets_datagrams_of_any_size() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, went, _) = call(&mut bench, "sip:agent@10.0.0.7:5062");
    assert_eq!(went, bench.flow);
    let (_, went, _) = call(&mut bench, "sip:agent@phone.invalid");
    assert_eq!(went, bench.flow);
}
