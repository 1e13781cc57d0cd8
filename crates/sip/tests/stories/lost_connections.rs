//! Peers that close their connection in the middle of a call, and can be called back (RFC 3261 18.1.1, 18.2.2).

use crate::support::{Bench, CONTACT, SDP, in_dialog, invite, short};
use careline_sip::{EndCause, Event, Flow, Message, Transmit, Transport, parse};

/// A bench whose peer has connected to us from a port of its own.
fn connected(transport: Transport) -> Bench {
    let mut bench = Bench::new(transport);
    bench.flow.remote.set_port(49_152);
    bench
}

/// What is sent, and over which connection.
fn sent(bench: &mut Bench) -> Vec<(Flow, Message)> {
    let all = std::iter::from_fn(|| bench.endpoint.poll_transmit());
    all.map(|Transmit { flow, bytes, .. }| (flow, parse(&bytes).expect("ours parse"))).collect()
}

/// The same in short: `BYE to 192.0.2.9:5060 over TCP`, and where it leaves from, port 0 for a new connection.
fn told(bench: &mut Bench) -> Vec<String> {
    let one = |(flow, message): &(Flow, Message)| {
        let Flow { transport, local, remote } = flow;
        format!("{} to {remote} over {} from {}", short(message), transport.via_name(), local.port())
    };
    sent(bench).iter().map(one).collect()
}

fn lose(bench: &mut Bench, flow: Flow) {
    bench.endpoint.flow_lost(bench.now, flow);
}

#[test]
fn a_bye_to_a_carrier_that_closed_its_connection_goes_over_a_new_one() {
    for (transport, port) in [(Transport::Tcp, 5060), (Transport::Tls, 5060)] {
        let mut bench = connected(transport);
        let (dialog, _) = bench.answered();
        let old = bench.flow;
        lose(&mut bench, old);
        assert_eq!(bench.events(), [], "the call goes on");
        bench.endpoint.hang_up(bench.now, dialog, None);
        assert_eq!(told(&mut bench).len(), 1, "it is tried as if the connection were there");
        lose(&mut bench, old);
        let name = transport.via_name();
        let again = sent(&mut bench);
        assert_eq!(again.len(), 1);
        let (flow, Message::Request(bye)) = &again[0] else { panic!("a request") };
        assert_eq!((flow.transport, flow.local.port()), (transport, 0), "a connection of ours");
        assert_eq!(flow.remote, ([192, 0, 2, 9], port).into());
        assert!(bye.headers.get("Via").unwrap().starts_with(&format!("SIP/2.0/{name} ")));
        bench.flow = *flow;
        bench.reply(bye, 200, "", "");
        assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
    }
}

#[test]
fn a_recorded_route_is_called_back_rather_than_the_phone_behind_it() {
    let mut bench = connected(Transport::Tcp);
    let route = "Record-Route: <sip:192.0.2.77:5070;transport=tcp;lr>\r\n";
    let new = bench.receive_new(&invite("1", 1, route));
    let dialog =
        bench.endpoint.accept_invite(bench.now, new, "sip:switch@192.0.2.1".parse().unwrap()).unwrap();
    bench.endpoint.answer(bench.now, dialog, SDP);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.sent();
    let old = bench.flow;
    lose(&mut bench, old);
    assert_eq!(told(&mut bench), ["BYE to 192.0.2.77:5070 over TCP from 0"]);
}

#[test]
fn a_phone_behind_a_nat_cannot_be_called_back_and_its_bye_fails_at_once() {
    let mut bench = connected(Transport::Tcp);
    // Its Contact names 192.0.2.9; it is seen elsewhere.
    bench.flow.remote = "203.0.113.5:49152".parse().unwrap();
    let (dialog, _) = bench.answered();
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.sent();
    let old = bench.flow;
    lose(&mut bench, old);
    assert_eq!((told(&mut bench).len(), bench.endpoint.dialog_count()), (0, 0));
}

#[test]
fn a_peer_that_takes_no_connection_is_asked_once_more_and_then_given_up() {
    let mut bench = connected(Transport::Tcp);
    let (dialog, _) = bench.answered();
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.sent();
    let old = bench.flow;
    lose(&mut bench, old);
    let new = sent(&mut bench)[0].0;
    lose(&mut bench, new);
    assert_eq!((told(&mut bench).len(), bench.endpoint.dialog_count()), (0, 0));
    assert_eq!(bench.endpoint.transaction_count(), 0);
}

#[test]
fn a_reinvite_goes_over_a_new_connection_and_what_follows_does_too() {
    let mut bench = connected(Transport::Tcp);
    let (dialog, _) = bench.answered();
    bench.endpoint.reoffer(bench.now, dialog, Some(SDP)).unwrap();
    bench.sent();
    let old = bench.flow;
    lose(&mut bench, old);
    let again = sent(&mut bench);
    let (flow, Message::Request(reinvite)) = &again[0] else { panic!("a request") };
    bench.flow = *flow;
    bench.reply_sdp(reinvite, 200, "", "Contact: <sip:phone@192.0.2.9:5060>");
    assert_eq!(told(&mut bench), ["ACK to 192.0.2.9:5060 over TCP from 0"]);
    assert_eq!(bench.events(), [Event::ReofferDone { dialog, sdp: Some(SDP.to_vec()) }]);
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(told(&mut bench), ["BYE to 192.0.2.9:5060 over TCP from 0"]);
}

#[test]
fn a_connection_of_ours_that_broke_under_a_bye_is_opened_again() {
    let mut bench = Bench::new(Transport::Tcp);
    bench.flow.local.set_port(0);
    let (dialog, _) = bench.outgoing_answered("");
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.sent();
    let flow = bench.flow;
    lose(&mut bench, flow);
    assert_eq!(told(&mut bench), ["BYE to 192.0.2.9:5060 over TCP from 0"]);
    lose(&mut bench, flow);
    assert_eq!((told(&mut bench).len(), bench.endpoint.dialog_count()), (0, 0));
}

#[test]
fn a_call_that_rings_goes_on_and_is_answered_over_a_new_connection() {
    let mut bench = connected(Transport::Tcp);
    let dialog = bench.incoming();
    bench.endpoint.ring(bench.now, dialog, 180, None);
    bench.sent();
    let old = bench.flow;
    lose(&mut bench, old);
    assert_eq!(told(&mut bench), ["180 INVITE to 192.0.2.9:5060 over TCP from 0"], "is the caller there?");
    bench.endpoint.answer(bench.now, dialog, SDP);
    assert_eq!(told(&mut bench), ["200 INVITE to 192.0.2.9:5060 over TCP from 0"]);
    assert_eq!(bench.events(), []);
}

#[test]
fn a_caller_who_takes_no_connection_is_gone() {
    let mut bench = connected(Transport::Tcp);
    let dialog = bench.incoming();
    bench.sent();
    let old = bench.flow;
    lose(&mut bench, old);
    let new = sent(&mut bench)[0].0;
    lose(&mut bench, new);
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::SessionLost, reason: None }]);
}

#[test]
fn a_200_whose_ack_has_not_come_is_repeated_over_a_new_connection() {
    let mut bench = connected(Transport::Tls);
    let dialog = bench.incoming();
    bench.endpoint.answer(bench.now, dialog, SDP);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    let old = bench.flow;
    lose(&mut bench, old);
    assert_eq!(told(&mut bench), ["200 INVITE to 192.0.2.9:5060 over TLS from 0"]);
    bench.run_ms(500);
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    assert_eq!(bench.events(), [Event::Acked { dialog, sdp: None }]);
    assert_eq!(bench.run_ms(4000), [], "it is not repeated any more");
}

#[test]
fn a_new_call_over_a_connection_that_breaks_fails_so_that_the_next_way_is_tried() {
    let mut bench = Bench::new(Transport::Tcp);
    bench.flow.local.set_port(0);
    let (dialog, invite) = bench.outgoing(30);
    bench.reply(&invite, 180, "them", CONTACT);
    bench.events();
    let flow = bench.flow;
    lose(&mut bench, flow);
    let refused =
        Event::Refused { dialog, status: 503, reason: "Service Unavailable".to_owned(), cause: None };
    assert_eq!(bench.events(), [refused]);
}
