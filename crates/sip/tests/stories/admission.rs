//! What an endpoint refuses before anybody is asked, and which dialog a Replaces header means.

use crate::support::{Bench, SDP, cancel, in_dialog, invite};
use careline_sip::{Message, Method, NewRequest, Received, Replaces, Transport, parse};

fn status(bench: &Bench, new: &NewRequest) -> Option<u16> {
    bench.endpoint.inspect(new).map(|response| response.status)
}

#[test]
fn a_call_at_the_end_of_its_way_is_taken_and_tells_that_it_may_not_go_further() {
    let mut bench = Bench::new(Transport::Udp);
    let spent = |text: String| text.replace("Max-Forwards: 70", "Max-Forwards: 0");
    let new = bench.receive_new(&spent(invite("1", 1, "")));
    assert_eq!((status(&bench, &new), new.max_forwards()), (None, 0));
    let one_left = invite("1", 1, "").replace("Max-Forwards: 70", "Max-Forwards: 1");
    let new = bench.receive_new(&one_left);
    assert_eq!((status(&bench, &new), new.max_forwards()), (None, 1));
    let ping = spent(in_dialog("OPTIONS", "o", 1, "", "")).replace(";tag=\r\n", "\r\n");
    let new = bench.receive_new(&ping);
    assert_eq!(status(&bench, &new), None);
    let absent = invite("1", 1, "").replace("Max-Forwards: 70\r\n", "");
    assert_eq!(bench.receive_new(&absent).max_forwards(), 70);
}

#[test]
fn a_call_of_ours_that_comes_back_unchanged_gets_482_and_a_spiral_does_not() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, ours) = bench.outgoing(30);
    let back = String::from_utf8(ours.to_bytes()).unwrap();
    let via = "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKproxy\r\n";
    let through = back.replacen("Via: ", &format!("{via}Via: "), 1);
    let new = bench.receive_new(&through);
    assert_eq!(status(&bench, &new), Some(482));
    let spiral = through.replacen("INVITE sip:agent@192.0.2.9", "INVITE sip:120@192.0.2.1", 1);
    let new = bench.receive_new(&spiral);
    assert_eq!(status(&bench, &new), None, "a proxy has sent it elsewhere on purpose");
    let forged = through.replacen("z9hG4bK", "z9hG4bK0123456789abcdef01234567;x=", 2);
    let new = bench.receive_new(&forged);
    assert_eq!(status(&bench, &new), None, "a branch that only looks like ours");
}

#[test]
fn the_same_call_by_two_ways_gets_482_on_the_second() {
    let mut bench = Bench::new(Transport::Udp);
    bench.incoming();
    let other_way = bench.receive_new(&invite("2", 1, ""));
    assert_eq!(status(&bench, &other_way), Some(482));
    let other_call = bench.receive_new(&invite("2", 1, "").replace("call@", "call2@"));
    assert_eq!(status(&bench, &other_call), None);
}

#[test]
fn a_merged_request_is_forgotten_with_its_call() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.reject(bench.now, dialog, 486, &[]);
    bench.run_ms(40_000);
    let again = bench.receive_new(&invite("2", 1, ""));
    assert_eq!(status(&bench, &again), None);
}

fn replaces(bench: &mut Bench, value: &str) -> NewRequest {
    let text = invite("r", 1, &format!("Replaces: {value}\r\n")).replace("Call-ID: call@", "Call-ID: new@");
    bench.receive_new(&text)
}

#[test]
fn an_answered_call_is_found_by_the_tags_its_far_side_gives() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    let named = |bench: &mut Bench, value: String| {
        let new = replaces(bench, &value);
        let one = new.replaces().unwrap().unwrap();
        bench.endpoint.dialog_named(&one)
    };
    let found = named(&mut bench, format!("call@192.0.2.9;to-tag={tag};from-tag=peer"));
    assert_eq!(found, Some((dialog, false)));
    for wrong in [
        format!("call@192.0.2.9;to-tag=peer;from-tag={tag}"),
        format!("call@192.0.2.9;to-tag={tag};from-tag=0"),
        format!("other;to-tag={tag};from-tag=peer"),
    ] {
        assert_eq!(named(&mut bench, wrong), None);
    }
    bench.endpoint.hang_up(bench.now, dialog, None);
    let found = named(&mut bench, format!("call@192.0.2.9;to-tag={tag};from-tag=peer"));
    assert_eq!(found, None, "it is being ended");
}

#[test]
fn a_call_that_still_rings_here_cannot_be_replaced_and_bad_values_deserve_400() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.ring(bench.now, dialog, 180, Some(SDP));
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    let one = Replaces {
        call_id: "call@192.0.2.9".to_owned(),
        to_tag: tag,
        from_tag: "peer".to_owned(),
        early_only: false,
    };
    assert_eq!(bench.endpoint.dialog_named(&one), None);
    assert!(replaces(&mut bench, "a@b;to-tag=1").replaces().unwrap().is_err());
    assert!(bench.receive_new(&invite("q", 2, "")).replaces().is_none());
}

#[test]
fn the_owner_may_lower_max_forwards_of_a_call_it_makes() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, ours) = bench.outgoing(30);
    assert_eq!(ours.headers.get_all("Max-Forwards").collect::<Vec<_>>(), ["70"]);
    let mut call = bench.outgoing_invite(30);
    call.headers.push(("max-forwards".to_owned(), "12".to_owned()));
    bench.endpoint.invite(bench.now, call).unwrap();
    let sent = bench.endpoint.poll_transmit().unwrap();
    let Ok(Message::Request(request)) = parse(&sent.bytes) else { panic!("an INVITE") };
    assert_eq!(request.headers.get_all("Max-Forwards").collect::<Vec<_>>(), ["12"]);
}

#[test]
fn sips_is_taken_over_tls_and_refused_where_somebody_could_read_along() {
    for (transport, expected) in [
        (Transport::Udp, Some(416)),
        (Transport::Tcp, Some(416)),
        (Transport::Ws, Some(416)),
        (Transport::Tls, None),
        (Transport::Wss, None),
    ] {
        let mut bench = Bench::new(transport);
        let call = invite("1", 1, "").replacen("INVITE sip:", "INVITE sips:", 1);
        let new = bench.receive_new(&call);
        assert_eq!(status(&bench, &new), expected, "{transport:?}");
        let other = bench.receive_new(&invite("2", 2, "").replacen("INVITE sip:", "INVITE mailto:", 1));
        assert_eq!(status(&bench, &other), Some(416), "{transport:?}");
    }
}

#[test]
fn what_strangers_are_told_without_state_is_left_to_the_owner() {
    let mut bench = Bench::new(Transport::Udp);
    let receive = |bench: &mut Bench, text: &str| {
        bench.endpoint.receive_from_stranger(bench.now, bench.flow, text.as_bytes())
    };
    let Received::New(stray) = receive(&mut bench, &cancel("nothing", 1, "")) else { panic!("handed out") };
    assert_eq!(stray.request.method, Method::Cancel);
    let bad = invite("1", 1, "").replace("CSeq: 1", "CSeq: 99999999999999999999");
    let Received::Malformed(bad, 400) = receive(&mut bench, &bad) else { panic!("handed out") };
    assert_eq!(bad.request.call_id(), "call@192.0.2.9");
    assert_eq!(bench.sent_short(), [""; 0], "nothing is said by itself");
    // A CANCEL that finds its INVITE is no stray.
    bench.incoming();
    bench.sent();
    assert_eq!(receive(&mut bench, &cancel("1", 1, "")), Received::Handled);
    assert_eq!(bench.sent_short(), ["200 CANCEL", "487 INVITE"]);
}
