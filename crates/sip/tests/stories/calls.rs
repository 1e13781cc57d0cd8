//! Calls on a fake clock: each story is one exchange of messages with its losses and races.

use std::time::Duration;

use crate::support::{Bench, SDP, answer_to, cancel, in_dialog, invite, short};
use careline_sip::{EndCause, EndpointConfig, Event, Flow, Full, Message, Received, Transport};

#[test]
fn an_incoming_call_rings_is_answered_and_ended_by_the_caller() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    assert_eq!(bench.sent_short(), ["100 INVITE"]);
    bench.endpoint.ring(bench.now, dialog, 180, None);
    bench.endpoint.answer(bench.now, dialog, SDP);
    let sent = bench.responses();
    let [ringing, ok] = &sent[..] else { panic!("two responses") };
    assert_eq!((ringing.status, ok.status), (180, 200));
    assert_eq!(ok.sdp(), Some(SDP));
    let tag = ok.to().unwrap().tag().unwrap().to_owned();
    assert_eq!(ringing.to().unwrap().tag(), Some(&tag[..]));
    // RFC 3581: the way back is written into the Via.
    assert_eq!(ok.via().unwrap().param("rport"), Some("5060"));
    assert_eq!(ok.via().unwrap().param("received"), Some("192.0.2.9"));

    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    assert_eq!(bench.events(), [Event::Acked { dialog, sdp: None }]);
    assert_eq!(bench.run_ms(1000), [], "an acknowledged 200 is not repeated");

    bench.receive(&in_dialog("BYE", "bye", 2, &tag, "Reason: Q.850;cause=16\r\n"));
    assert_eq!(bench.sent_short(), ["200 BYE"]);
    let reason = Some("Q.850;cause=16".to_owned());
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::RemoteBye, reason }]);
    assert_eq!(bench.endpoint.dialog_count(), 0);

    bench.receive(&in_dialog("BYE", "bye", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["200 BYE"], "a repeated BYE gets its answer again");
    bench.run(Duration::from_secs(64));
    assert_eq!(bench.endpoint.transaction_count(), 0, "nothing is left behind");
    assert_eq!(bench.endpoint.next_deadline(), None);
}

#[test]
fn a_200_is_repeated_until_the_ack_comes() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.answer(bench.now, dialog, SDP);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    let times: Vec<u128> = bench.run_ms(12_000).into_iter().map(|(ms, _)| ms).collect();
    assert_eq!(times, [500, 1500, 3500, 7500, 11_500]);
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    assert_eq!(bench.run_ms(60_000), []);
    assert_eq!(bench.events(), [Event::Acked { dialog, sdp: None }]);
}

#[test]
fn a_200_is_repeated_over_tcp_too() {
    let mut bench = Bench::new(Transport::Tcp);
    let dialog = bench.incoming();
    bench.endpoint.answer(bench.now, dialog, SDP);
    bench.sent();
    assert_eq!(bench.run_ms(1500).len(), 2);
}

#[test]
fn a_call_whose_ack_is_lost_for_good_ends_by_bye() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.answer(bench.now, dialog, SDP);
    bench.sent();
    let sent = bench.run_ms(32_000);
    assert_eq!(sent.last(), Some(&(32_000, "BYE".to_owned())));
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::AckTimeout, reason: None }]);
    bench.run(Duration::from_secs(40));
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
}

#[test]
fn a_repeated_invite_gets_the_last_provisional_response_and_no_second_call() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.sent();
    bench.receive(&invite("1", 1, ""));
    assert_eq!(bench.sent_short(), ["100 INVITE"]);
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    bench.sent();
    bench.receive(&invite("1", 1, ""));
    assert_eq!(bench.sent_short(), ["183 INVITE"]);
    bench.endpoint.answer(bench.now, dialog, SDP);
    bench.sent();
    bench.receive(&invite("1", 1, ""));
    assert_eq!(bench.sent_short(), [""; 0], "the dialog repeats the 200 by its own clock");
    assert_eq!(bench.endpoint.dialog_count(), 1);
}

#[test]
fn a_refusal_is_repeated_until_its_ack() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.reject(bench.now, dialog, 486, &[("Retry-After", "5")]);
    let refused = bench.responses().remove(1);
    assert_eq!((refused.status, refused.reason.as_str()), (486, "Busy Here"));
    assert_eq!(refused.headers.get("retry-after"), Some("5"));
    let tag = refused.to().unwrap().tag().unwrap().to_owned();
    assert_eq!(bench.run_ms(1600).len(), 2, "timer G at 500 and 1500 ms");
    // The ACK to a non-2xx has the branch of the INVITE.
    bench.receive(&in_dialog("ACK", "1", 1, &tag, ""));
    assert_eq!(bench.run_ms(4900), []);
    assert_eq!(bench.endpoint.transaction_count(), 1, "timer I");
    bench.run_ms(200);
    assert_eq!(bench.endpoint.transaction_count(), 0);
    assert_eq!(bench.events(), []);
}

#[test]
fn a_caller_who_gives_up_is_told_487_and_the_cancel_200() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.ring(bench.now, dialog, 180, None);
    bench.sent();
    bench.receive(&cancel("1", 1, "Reason: SIP;cause=200\r\n"));
    let sent = bench.responses();
    assert_eq!(sent.iter().map(|one| one.status).collect::<Vec<_>>(), [200, 487]);
    // RFC 3261 9.2: the To tags agree.
    assert_eq!(sent[0].to(), sent[1].to());
    assert_eq!(bench.events(), [Event::Cancelled { dialog, reason: Some("SIP;cause=200".to_owned()) }]);
    bench.endpoint.answer(bench.now, dialog, SDP);
    bench.receive(&cancel("1", 1, ""));
    assert_eq!(bench.sent_short(), ["200 CANCEL"], "repeated CANCEL; the late answer goes nowhere");
}

#[test]
fn a_cancel_that_crosses_our_200_changes_nothing() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.answer(bench.now, dialog, SDP);
    bench.sent();
    bench.receive(&cancel("1", 1, ""));
    assert_eq!(bench.sent_short(), ["200 CANCEL"]);
    assert_eq!(bench.events(), []);
    assert_eq!(bench.endpoint.dialog_count(), 1);
}

#[test]
fn a_cancel_for_nothing_gets_481() {
    let mut bench = Bench::new(Transport::Udp);
    assert_eq!(bench.receive(&cancel("1", 1, "")), Received::Handled);
    assert_eq!(bench.sent_short(), ["481 CANCEL"]);
}

#[test]
fn a_cancel_from_another_host_does_not_end_the_call() {
    let mut bench = Bench::new(Transport::Udp);
    bench.incoming();
    bench.sent();
    bench.flow.remote = "198.51.100.7:5060".parse().unwrap();
    bench.receive(&cancel("1", 1, ""));
    assert_eq!(bench.sent_short(), ["481 CANCEL"]);
    assert_eq!(bench.events(), []);
}

#[test]
fn hanging_up_before_the_ack_waits_for_it() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.answer(bench.now, dialog, SDP);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    bench.endpoint.hang_up(bench.now, dialog, Some("Q.850;cause=16"));
    assert_eq!(bench.sent_short(), [""; 0]);
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    let bye = bench.requests().remove(0);
    assert_eq!(bye.method.as_str(), "BYE");
    assert_eq!(bye.headers.get("Reason"), Some("Q.850;cause=16"));
    assert_eq!(bye.uri.to_string(), "sip:phone@192.0.2.9:5060");
    assert_eq!(bye.to().unwrap().tag(), Some("peer"));
    bench.reply(&bye, 200, "", "");
    assert_eq!(bench.endpoint.dialog_count(), 0);
    assert_eq!(bench.events(), []);
}

#[test]
fn two_byes_that_cross_are_both_answered() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    bench.endpoint.hang_up(bench.now, dialog, None);
    let bye = bench.requests().remove(0);
    bench.receive(&in_dialog("BYE", "bye", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["200 BYE"]);
    bench.reply(&bye, 481, "", "");
    assert_eq!(bench.events(), []);
    assert_eq!(bench.endpoint.dialog_count(), 0);
}

#[test]
fn a_bye_nobody_answers_is_repeated_and_forgotten() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, _) = bench.answered();
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.sent();
    let times: Vec<u128> = bench.run_ms(40_000).into_iter().map(|(ms, _)| ms).collect();
    assert_eq!(times, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    assert_eq!(bench.endpoint.dialog_count(), 0);
}

#[test]
fn an_unanswered_incoming_call_is_hung_up_with_480() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.sent_short(), ["100 INVITE", "480 INVITE"]);
    assert_eq!(bench.endpoint.dialog_count(), 0);
}

#[test]
fn an_outgoing_call_rings_is_answered_and_its_repeated_200_acknowledged() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = bench.outgoing(30);
    assert_eq!(bench.run_ms(1500), [(500, "INVITE".to_owned()), (1500, "INVITE".to_owned())], "timer A");
    bench.reply(&request, 100, "", "");
    assert_eq!(bench.run_ms(5000), [], "a provisional response ends the repetitions");
    bench.reply(&request, 180, "them", "");
    assert_eq!(bench.events(), [Event::Ringing { dialog, status: 180, sdp: None, tag: "them".to_owned() }]);
    let way =
        "Contact: <sip:agent@10.0.0.5:5062>\r\nRecord-Route: <sip:192.0.2.77;lr>, <sip:192.0.2.78;lr>\r\n";
    bench.reply(&request, 200, "them", way);
    assert_eq!(bench.events(), [Event::Answered { dialog, sdp: None }]);
    let sent = bench.endpoint.poll_transmit().unwrap();
    assert_eq!(sent.flow.remote, "192.0.2.78:5060".parse().unwrap(), "the nearest recorded route");
    let Ok(Message::Request(ack)) = careline_sip::parse(&sent.bytes) else { panic!("an ACK") };
    assert_eq!(ack.method.as_str(), "ACK");
    assert_eq!(ack.uri.to_string(), "sip:agent@10.0.0.5:5062");
    assert_eq!(ack.headers.get("Route"), Some("<sip:192.0.2.78;lr>, <sip:192.0.2.77;lr>"));
    assert_eq!(ack.cseq().unwrap().number, 1);
    assert_ne!(ack.via().unwrap().branch(), request.via().unwrap().branch());

    bench.reply(&request, 200, "them", way);
    assert_eq!(bench.sent_short(), ["ACK"], "for the repeated 200");
    assert_eq!(bench.events(), []);
}

#[test]
fn the_200_of_another_branch_is_acknowledged_and_ended() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, request) = bench.outgoing(30);
    bench.reply(&request, 200, "first", "Contact: <sip:a@192.0.2.9>\r\n");
    bench.sent();
    bench.reply(&request, 200, "second", "Contact: <sip:b@192.0.2.9>\r\n");
    let sent = bench.requests();
    assert_eq!(sent.iter().map(|one| one.method.as_str()).collect::<Vec<_>>(), ["ACK", "BYE"]);
    assert!(sent.iter().all(|one| one.to().unwrap().tag() == Some("second")));
    assert_eq!(bench.events().len(), 1);
    assert_eq!(bench.endpoint.dialog_count(), 1);
}

#[test]
fn a_strict_router_gets_itself_in_the_request_uri() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, request) = bench.outgoing(30);
    bench.reply(&request, 200, "t", "Contact: <sip:a@192.0.2.9>\r\nRecord-Route: <sip:192.0.2.50>\r\n");
    let ack = bench.requests().remove(0);
    assert_eq!(ack.uri.to_string(), "sip:192.0.2.50");
    assert_eq!(ack.headers.get("Route"), Some("<sip:a@192.0.2.9>"));
}

#[test]
fn a_refused_call_is_acknowledged_on_its_branch() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = bench.outgoing(30);
    bench.reply(&request, 486, "them", "");
    let ack = bench.requests().remove(0);
    assert_eq!(ack.method.as_str(), "ACK");
    assert_eq!(ack.via(), request.via());
    assert_eq!(ack.to().unwrap().tag(), Some("them"));
    let reason = "Busy Here".to_owned();
    assert_eq!(bench.events(), [Event::Refused { dialog, status: 486, reason, cause: None }]);
    bench.reply(&request, 486, "them", "");
    assert_eq!(bench.sent_short(), ["ACK"], "the 486 came again");
    bench.run_ms(32_000);
    assert_eq!(bench.endpoint.transaction_count(), 0, "timer D");
}

#[test]
fn an_invite_nobody_answers_ends_with_timer_b() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, _) = bench.outgoing(60);
    let times: Vec<u128> = bench.run_ms(33_000).into_iter().map(|(ms, _)| ms).collect();
    assert_eq!(times, [500, 1500, 3500, 7500, 15_500, 31_500]);
    let reason = "Request Timeout".to_owned();
    assert_eq!(bench.events(), [Event::Refused { dialog, status: 408, reason, cause: None }]);
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
}

#[test]
fn a_call_that_rings_too_long_is_cancelled() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = bench.outgoing(20);
    bench.reply(&request, 180, "them", "");
    bench.events();
    assert_eq!(bench.run_ms(20_000), [(20_000, "CANCEL".to_owned())]);
    let reason = "Request Timeout".to_owned();
    assert_eq!(bench.events(), [Event::Refused { dialog, status: 408, reason, cause: None }]);
    bench.reply(&request, 487, "them", "");
    assert_eq!(bench.sent_short(), ["ACK"]);
    assert_eq!((bench.events().len(), bench.endpoint.dialog_count()), (0, 0));
}

#[test]
fn a_cancel_waits_for_a_provisional_response_and_copies_the_invite() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = bench.outgoing(20);
    bench.endpoint.hang_up(bench.now, dialog, Some("SIP;cause=200;text=\"elsewhere\""));
    assert_eq!(bench.sent_short(), [""; 0]);
    bench.reply(&request, 100, "", "");
    let cancel = bench.requests().remove(0);
    assert_eq!(cancel.method.as_str(), "CANCEL");
    assert_eq!((cancel.via(), &cancel.uri), (request.via(), &request.uri));
    assert_eq!(cancel.headers.get("Reason"), Some("SIP;cause=200;text=\"elsewhere\""));
    assert_eq!(cancel.cseq().unwrap().number, 1);
    bench.reply(&cancel, 200, "them", "");
    bench.reply(&request, 487, "them", "");
    assert_eq!(bench.sent_short(), ["ACK"]);
    assert_eq!(bench.endpoint.dialog_count(), 0);
    assert_eq!(bench.events(), [], "hanging up is the last word");
}

#[test]
fn a_200_that_crosses_our_cancel_is_acknowledged_and_ended() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = bench.outgoing(20);
    bench.reply(&request, 180, "them", "");
    bench.events();
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.sent_short(), ["CANCEL"]);
    bench.reply(&request, 200, "them", "Contact: <sip:a@192.0.2.9>\r\n");
    assert_eq!(bench.sent_short(), ["ACK", "BYE"]);
    assert_eq!(bench.events(), []);
}

#[test]
fn a_cancelled_call_without_any_final_answer_is_forgotten() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = bench.outgoing(20);
    bench.reply(&request, 180, "them", "");
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.run_ms(32_000);
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
}

#[test]
fn a_challenged_invite_is_sent_again_once() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = bench.outgoing(20);
    let challenge = "Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
    bench.reply(&request, 407, "them", challenge);
    let sent = bench.requests();
    let [ack, again] = &sent[..] else { panic!("ACK and INVITE") };
    assert_eq!(ack.method.as_str(), "ACK");
    assert_eq!(again.cseq().unwrap().number, 2);
    assert_ne!(again.via(), request.via());
    assert_eq!(again.call_id(), request.call_id());
    assert!(again.headers.get("Proxy-Authorization").unwrap().contains("nc=00000001"));
    assert_eq!(bench.events(), []);
    bench.reply(again, 407, "them", challenge);
    let reason = "Proxy Authentication Required".to_owned();
    assert_eq!(bench.events(), [Event::Refused { dialog, status: 407, reason, cause: None }]);
}

#[test]
fn a_new_offer_waits_for_the_owner_and_a_second_one_is_told_to_wait() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("INVITE", "re", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["100 INVITE"]);
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: None }]);
    bench.receive(&in_dialog("INVITE", "re2", 3, &tag, ""));
    assert_eq!(bench.sent_short(), ["500 INVITE"]);
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    assert_eq!(bench.sent_short(), ["200 INVITE"]);
    let again: Vec<String> = bench.run_ms(500).into_iter().map(|(_, one)| one).collect();
    assert_eq!(again, ["500 INVITE", "200 INVITE"]);
    bench.receive(&in_dialog("ACK", "reack", 2, &tag, ""));
    assert_eq!(bench.events(), [Event::Acked { dialog, sdp: None }]);
    bench.receive(&in_dialog("INVITE", "re3", 4, &tag, ""));
    bench.sent();
    bench.endpoint.refuse_reoffer(bench.now, dialog, 488);
    assert_eq!(bench.sent_short(), ["488 INVITE"]);
    assert_eq!(bench.endpoint.dialog_count(), 1);
}

#[test]
fn info_options_and_unknown_requests_in_a_dialog() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    let info = in_dialog("INFO", "i", 2, &tag, "Content-Type: application/dtmf-relay\r\n")
        .replace("Content-Length: 0\r\n\r\n", "Content-Length: 8\r\n\r\nSignal=5");
    bench.receive(&info);
    let content_type = "application/dtmf-relay".to_owned();
    assert_eq!(bench.events(), [Event::Info { dialog, content_type, body: b"Signal=5".to_vec() }]);
    bench.receive(&in_dialog("OPTIONS", "o", 3, &tag, ""));
    bench.receive(&in_dialog("UPDATE", "u", 4, &tag, ""));
    bench.receive(&in_dialog("REFER", "r", 5, &tag, ""));
    bench.receive(&in_dialog("BREW", "b", 6, &tag, ""));
    bench.receive(&in_dialog("INFO", "late", 3, &tag, ""));
    bench.receive(&in_dialog("INFO", "req", 7, &tag, "Require: 100rel\r\n"));
    let expected = ["200 INFO", "200 OPTIONS", "200 UPDATE", "400 REFER", "501 BREW", "500 INFO", "420 INFO"];
    assert_eq!(bench.sent_short(), expected);
}

#[test]
fn a_bye_without_a_dialog_asks_for_admission_and_is_then_told_481() {
    let mut bench = Bench::new(Transport::Udp);
    let new = bench.receive_new(&in_dialog("BYE", "x", 2, "unknown", ""));
    let response = bench.endpoint.inspect(&new).unwrap();
    assert_eq!(response.status, 481);
    bench.endpoint.respond_statelessly(&new, response);
    assert_eq!(bench.sent_short(), ["481 BYE"]);
    assert_eq!(bench.endpoint.transaction_count(), 0);
}

#[test]
fn inspection_follows_the_order_of_the_rfc() {
    let mut bench = Bench::new(Transport::Udp);
    let cases = [
        (invite("a", 1, "Require: 100rel, nothing\r\n"), 420),
        (invite("a", 1, "Accept: text/plain\r\n"), 406),
        (invite("a", 1, "Content-Encoding: gzip\r\n"), 415),
        (invite("a", 1, "").replace("application/sdp", "text/html"), 415),
        (invite("a", 1, "").replace("sip:120@192.0.2.1 SIP", "sips:120@192.0.2.1 SIP"), 416),
        (invite("a", 1, "").replace("INVITE", "MESSAGE"), 405),
        (invite("a", 1, "").replace("INVITE", "BREW"), 501),
        (invite("a", 1, "").replace("To: <sip:120@192.0.2.1>", "To: <sip:120@192.0.2.1>;tag=q"), 481),
    ];
    for (text, status) in cases {
        let new = bench.receive_new(&text);
        let got = bench.endpoint.inspect(&new);
        assert_eq!(got.as_ref().map(|one| one.status), Some(status), "{text}");
        assert!(status != 420 || got.unwrap().headers.get("Unsupported") == Some("nothing"));
    }
    bench.incoming();
    let merged = bench.receive_new(&invite("other", 1, ""));
    assert_eq!(bench.endpoint.inspect(&merged).map(|one| one.status), Some(482));
}

#[test]
fn stateless_answers_have_equal_tags_and_leave_nothing() {
    let mut bench = Bench::new(Transport::Udp);
    let mut tags = Vec::new();
    for _ in 0..2 {
        let new = bench.receive_new(&invite("1", 1, ""));
        let response = bench.endpoint.response_to(&new.request, 401);
        bench.endpoint.respond_statelessly(&new, response);
        tags.push(bench.responses()[0].to().unwrap().tag().unwrap().to_owned());
    }
    assert_eq!(tags[0], tags[1]);
    assert_eq!(bench.endpoint.next_deadline(), None);
    bench.receive(&in_dialog("ACK", "1", 1, &tags[0], ""));
    assert_eq!(bench.endpoint.counters().stray_ack, 1);
}

#[test]
fn full_tables_refuse_and_say_so() {
    let config = EndpointConfig { dialogs_max: 1, ..EndpointConfig::default() };
    let mut bench = Bench::with(Transport::Udp, config);
    bench.incoming();
    let other = invite("2", 1, "").replace("call@", "call2@");
    let new = bench.receive_new(&other);
    let contact = "sip:switch@192.0.2.1".parse().unwrap();
    assert_eq!(bench.endpoint.accept_invite(bench.now, new, contact), Err(Full));
}

#[test]
fn the_lost_connection_of_a_browser_fails_what_ran_on_it() {
    let mut bench = Bench::new(Transport::Wss);
    let (dialog, _) = bench.outgoing(20);
    bench.endpoint.flow_lost(bench.now, bench.flow);
    let reason = "Service Unavailable".to_owned();
    assert_eq!(bench.events(), [Event::Refused { dialog, status: 503, reason, cause: None }]);
    let dialog = bench.incoming();
    bench.endpoint.flow_lost(bench.now, bench.flow);
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::SessionLost, reason: None }]);
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
}

#[test]
fn requests_to_the_peer_follow_its_newest_flow() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    let moved = Flow { remote: "192.0.2.9:40000".parse().unwrap(), ..bench.flow };
    bench.endpoint.receive(bench.now, moved, in_dialog("OPTIONS", "o", 2, &tag, "").as_bytes());
    bench.sent();
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.endpoint.poll_transmit().unwrap().flow, moved);
}

#[test]
fn a_request_of_ours_is_repeated_and_its_answer_reported() {
    let mut bench = Bench::new(Transport::Udp);
    let address = || "<sip:u@192.0.2.9>".parse().unwrap();
    let uri = || "sip:192.0.2.9".parse().unwrap();
    let headers =
        vec![("Call-ID".to_owned(), "fixed".to_owned()), ("CSeq".to_owned(), "7 REGISTER".to_owned())];
    let method = careline_sip::Method::Register;
    let flow = bench.flow;
    let tx = bench
        .endpoint
        .request(bench.now, flow, method, uri(), address(), address(), headers, vec![])
        .unwrap();
    let request = bench.requests().remove(0);
    assert_eq!((request.call_id(), request.cseq().unwrap().number), ("fixed", 7));
    bench.run_ms(500);
    bench.reply(&request, 200, "x", "");
    let events = bench.events();
    let [Event::Response { transaction, response }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((*transaction, response.status), (tx, 200));
    bench.reply(&request, 200, "x", "");
    assert_eq!(bench.events(), [], "timer K absorbs the second");
    bench.run_ms(5000);
    let tx = bench
        .endpoint
        .request(bench.now, flow, careline_sip::Method::Options, uri(), address(), address(), vec![], vec![])
        .unwrap();
    bench.run_ms(32_000);
    let events = bench.events();
    let [Event::Response { transaction, response }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((*transaction, response.status), (tx, 408), "timer F");
}

#[test]
fn old_peers_without_branch_are_matched_by_their_headers() {
    let mut bench = Bench::new(Transport::Udp);
    let old = |text: String| text.replace(";branch=z9hG4bK1", "").replace(";branch=z9hG4bKack", "");
    let new = bench.receive_new(&old(invite("1", 1, "")));
    let dialog =
        bench.endpoint.accept_invite(bench.now, new, "sip:switch@192.0.2.1".parse().unwrap()).unwrap();
    bench.receive(&old(invite("1", 1, "")));
    assert_eq!(bench.sent_short(), ["100 INVITE", "100 INVITE"]);
    bench.receive(&old(cancel("1", 1, "")));
    assert_eq!(bench.sent_short(), ["200 CANCEL", "487 INVITE"]);
    assert_eq!(bench.events(), [Event::Cancelled { dialog, reason: None }]);
}

#[test]
fn nonsense_is_counted_and_never_answered() {
    let mut bench = Bench::new(Transport::Udp);
    for text in ["\r\n\r\n", "", "GET / HTTP/1.1\r\n\r\n", "\u{1}\u{2}", "SIP/2.0 999 x\r\n\r\n"] {
        assert_eq!(bench.receive(text), Received::Handled);
    }
    let (_, request) = bench.outgoing(20);
    let stray = answer_to(&request, 200, "x", "").replace("z9hG4bK", "z9hG4bKother");
    bench.receive(&stray);
    assert_eq!(bench.sent_short(), [""; 0]);
    let counters = bench.endpoint.counters();
    assert_eq!((counters.keep_alives, counters.malformed, counters.stray_response), (2, 3, 1));
}

/// One long story with chance in it, as the bytes that went out.
fn story() -> Vec<Vec<u8>> {
    let mut bench = Bench::new(Transport::Udp);
    let mut out = Vec::new();
    let dialog = bench.incoming();
    bench.endpoint.answer(bench.now, dialog, SDP);
    for at in 1..40 {
        bench.now = bench.start + Duration::from_secs(at);
        bench.endpoint.handle_deadline(bench.now);
        out.extend(std::iter::from_fn(|| bench.endpoint.poll_transmit()).map(|one| one.bytes));
    }
    let (_, request) = bench.outgoing(20);
    out.push(request.to_bytes());
    out
}

#[test]
fn equal_inputs_give_equal_bytes() {
    assert_eq!(story(), story());
    assert_eq!(short(&careline_sip::parse(&story()[0]).unwrap()), "100 INVITE");
}
