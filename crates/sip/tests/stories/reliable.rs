//! Reliable provisional responses and UPDATE before the call is answered (RFC 3262, RFC 3311), both sides.

use crate::support::{Bench, CONTACT, SDP, answer_to, cancel, from_peer, in_dialog, invite, with_sdp};
use careline_sip::{
    CallTerms, DialogId, EndCause, EndpointConfig, Event, NotNow, OutgoingInvite, Reliable, Request,
    Transport,
};
use std::time::Duration;

const OTHER: &[u8] = b"v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";
const REL: &str =
    "Require: 100rel\r\nContact: <sip:agent@192.0.2.9>\r\nAllow: INVITE, ACK, UPDATE, PRACK\r\n";

fn bench() -> Bench {
    Bench::with(
        Transport::Udp,
        EndpointConfig { session_expires: Duration::ZERO, ..EndpointConfig::default() },
    )
}

fn ringing(dialog: DialogId, status: u16, sdp: Option<&[u8]>, tag: &str) -> Event {
    Event::Ringing { dialog, status, sdp: sdp.map(<[u8]>::to_vec), tag: tag.to_owned() }
}

fn rel(rseq: u32) -> String {
    format!("{REL}RSeq: {rseq}\r\n")
}

// We call

#[test]
fn a_call_says_how_it_likes_its_provisional_responses() {
    for (reliable, supported, required) in [
        (Reliable::Never, "timer, replaces", None),
        (Reliable::Supported, "timer, replaces, 100rel", None),
        (Reliable::Required, "timer, replaces, 100rel", Some("100rel")),
    ] {
        let mut bench = bench();
        let invite = OutgoingInvite { reliable, ..bench.outgoing_invite(30) };
        bench.endpoint.invite(bench.now, invite).unwrap();
        let request = bench.requests().remove(0);
        assert_eq!(request.headers.get("Supported"), Some(supported));
        assert_eq!(request.headers.get("Require"), required);
    }
}

#[test]
fn a_reliable_response_gets_its_prack_and_a_repeated_one_nothing() {
    let mut bench = bench();
    let (dialog, request) = bench.outgoing(30);
    let recorded = format!("{}Record-Route: <sip:192.0.2.8;lr>, <sip:192.0.2.9;lr>\r\n", rel(4711));
    bench.reply_sdp(&request, 183, "them", &recorded);
    let prack = bench.requests().remove(0);
    assert_eq!((prack.method.as_str(), prack.headers.get("RAck")), ("PRACK", Some("4711 1 INVITE")));
    assert_eq!((prack.headers.get("CSeq"), prack.to().unwrap().tag()), (Some("2 PRACK"), Some("them")));
    assert_eq!(prack.uri.as_str(), "sip:agent@192.0.2.9");
    assert_eq!(prack.headers.get("Route"), Some("<sip:192.0.2.9;lr>, <sip:192.0.2.8;lr>"));
    assert_eq!(bench.events(), [ringing(dialog, 183, Some(SDP), "them")]);
    bench.reply_sdp(&request, 183, "them", &rel(4711));
    bench.reply(&request, 180, "them", &rel(4713));
    assert_eq!((bench.sent_short(), bench.events()), (vec![], vec![]), "repeated, and one that overtook");
    bench.reply(&request, 180, "them", &rel(4712));
    assert_eq!(bench.requests()[0].headers.get("RAck"), Some("4712 1 INVITE"));
    bench.reply(&request, 180, "them", "");
    assert_eq!(bench.sent_short(), [""; 0], "an ordinary one");
    assert_eq!(bench.events(), [ringing(dialog, 180, None, "them"), ringing(dialog, 180, None, "them")]);
}

#[test]
fn a_prack_is_repeated_until_it_is_answered() {
    let mut bench = bench();
    let (_, request) = bench.outgoing(60);
    bench.reply(&request, 180, "them", &rel(1));
    let prack = bench.requests().remove(0);
    assert_eq!(bench.run_ms(1500), [(500, "PRACK".to_owned()), (1500, "PRACK".to_owned())]);
    bench.reply(&prack, 200, "", "");
    assert_eq!(bench.run_ms(10_000), []);
}

#[test]
fn a_200_without_description_is_answered_with_that_of_the_183() {
    for reliable in [true, false] {
        let mut bench = bench();
        let (dialog, request) = bench.outgoing(30);
        bench.reply_sdp(&request, 183, "them", if reliable { REL } else { CONTACT });
        if reliable {
            bench.reply_sdp(&request, 183, "them", &rel(1));
        }
        bench.sent();
        bench.events();
        bench.reply(&request, 200, "them", CONTACT);
        assert_eq!(bench.sent_short(), ["ACK"]);
        assert_eq!(bench.events(), [Event::Answered { dialog, sdp: Some(SDP.to_vec()) }]);
    }
}

#[test]
fn each_phone_behind_a_fork_has_its_own_numbers() {
    let mut bench = bench();
    let (dialog, request) = bench.outgoing(30);
    bench.reply_sdp(&request, 183, "one", &rel(10));
    bench.reply(&request, 180, "two", &rel(77));
    bench.reply(&request, 180, "one", &rel(11));
    let racks: Vec<String> = bench
        .requests()
        .iter()
        .map(|one| format!("{} {}", one.to().unwrap().tag().unwrap(), one.headers.get("RAck").unwrap()))
        .collect();
    assert_eq!(racks, ["one 10 1 INVITE", "two 77 1 INVITE", "one 11 1 INVITE"]);
    assert_eq!(
        bench.events(),
        [
            ringing(dialog, 183, Some(SDP), "one"),
            ringing(dialog, 180, None, "two"),
            ringing(dialog, 180, None, "one")
        ]
    );
    bench.reply_sdp(&request, 200, "two", CONTACT);
    bench.sent();
    assert_eq!(bench.endpoint.dialog_count(), 1);
}

#[test]
fn phones_beyond_the_limit_ring_without_prack() {
    let mut bench = bench();
    let (_, request) = bench.outgoing(30);
    for index in 0..20 {
        bench.reply(&request, 180, &format!("t{index}"), &rel(1));
    }
    assert_eq!((bench.sent_short().len(), bench.events().len()), (8, 20));
}

#[test]
fn a_cancelled_call_still_confirms_what_rings() {
    let mut bench = bench();
    let (dialog, request) = bench.outgoing(30);
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.reply(&request, 180, "them", &rel(1));
    assert_eq!(bench.sent_short(), ["PRACK", "CANCEL"]);
    assert_eq!(bench.events(), []);
}

#[test]
fn update_carries_an_offer_once_the_first_is_answered() {
    let mut bench = bench();
    let (dialog, request) = bench.outgoing(30);
    bench.reply(&request, 180, "them", &rel(1));
    assert_eq!(bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)), Err(NotNow));
    bench.reply_sdp(&request, 183, "them", &rel(2));
    bench.sent();
    bench.events();
    bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)).unwrap();
    let update = bench.requests().remove(0);
    assert_eq!((update.method.as_str(), update.sdp()), ("UPDATE", Some(OTHER)));
    assert_eq!((update.headers.get("CSeq"), update.to().unwrap().tag()), (Some("4 UPDATE"), Some("them")));
    bench.receive(&with_sdp(&from_peer("UPDATE", "theirs", 1, &request, "them", ""), SDP));
    assert_eq!(bench.sent_short(), ["491 UPDATE"]);
    bench.reply_sdp(&update, 200, "", CONTACT);
    assert_eq!(bench.events(), [Event::ReofferDone { dialog, sdp: Some(SDP.to_vec()) }]);
    bench.reply(&request, 200, "them", CONTACT);
    assert_eq!(bench.sent_short(), ["ACK"]);
    assert_eq!(bench.events(), [Event::Answered { dialog, sdp: Some(SDP.to_vec()) }]);
    bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)).unwrap();
    assert_eq!(bench.requests()[0].headers.get("CSeq"), Some("5 INVITE"));
}

#[test]
fn the_peer_updates_while_it_rings() {
    let mut bench = bench();
    let (dialog, request) = bench.outgoing(30);
    bench.reply(&request, 180, "them", "");
    bench.events();
    let update =
        |branch: &str, cseq: u32| with_sdp(&from_peer("UPDATE", branch, cseq, &request, "them", ""), OTHER);
    bench.receive(&update("u1", 1));
    assert_eq!(bench.sent_short(), ["491 UPDATE"], "our first offer is not answered");
    bench.reply_sdp(&request, 183, "them", &rel(1));
    bench.sent();
    bench.events();
    bench.receive(&update("u2", 2));
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: Some(OTHER.to_vec()) }]);
    bench.receive(&update("u3", 3));
    assert_eq!(bench.sent_short(), ["500 UPDATE"], "one is enough");
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    assert_eq!(bench.sent_short(), ["200 UPDATE"]);
    bench.receive(&update("u0", 1));
    assert_eq!(bench.sent_short(), ["500 UPDATE"], "out of order");
    bench.reply(&request, 200, "them", CONTACT);
    assert_eq!(bench.events(), [Event::Answered { dialog, sdp: Some(OTHER.to_vec()) }]);
}

#[test]
fn requests_of_phones_that_never_rang_or_may_not_send_them() {
    let mut bench = bench();
    let (dialog, request) = bench.outgoing(30);
    bench.reply(&request, 180, "them", "");
    bench.events();
    let stranger = bench.receive_new(&from_peer("UPDATE", "s", 1, &request, "stranger", ""));
    assert_eq!(bench.endpoint.inspect(&stranger).unwrap().status, 481);
    bench.receive(&from_peer("BYE", "b", 1, &request, "them", ""));
    assert_eq!(bench.sent_short(), ["481 BYE"], "no BYE of a callee before it answers");
    assert_eq!((bench.events(), bench.endpoint.dialog_count()), (vec![], 1));
    let _ = dialog;
}

#[test]
fn an_update_of_a_phone_that_did_not_get_the_call_is_over_with_it() {
    let mut bench = bench();
    let (dialog, request) = bench.outgoing(30);
    bench.reply_sdp(&request, 183, "one", &rel(1));
    bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)).unwrap();
    bench.events();
    bench.reply_sdp(&request, 200, "two", CONTACT);
    assert_eq!(
        bench.events(),
        [Event::Answered { dialog, sdp: Some(SDP.to_vec()) }, Event::ReofferFailed { dialog, status: 481 }]
    );
}

// We are called

/// A call that comes in with these headers; nothing has been said but 100.
fn incoming(bench: &mut Bench, extra: &str) -> DialogId {
    let new = bench.receive_new(&invite("1", 1, extra));
    assert!(bench.endpoint.inspect(&new).is_none());
    let dialog =
        bench.endpoint.accept_invite(bench.now, new, "sip:switch@192.0.2.1".parse().unwrap()).unwrap();
    bench.sent();
    dialog
}

/// The tag and RSeq of the one provisional response sent.
fn rang(bench: &mut Bench) -> (String, u32) {
    let response = bench.responses().remove(0);
    assert_eq!(response.headers.get("Require"), Some("100rel"));
    let rseq = response.headers.get("RSeq").unwrap().parse().unwrap();
    (response.to().unwrap().tag().unwrap().to_owned(), rseq)
}

fn prack(branch: &str, cseq: u32, tag: &str, rseq: u32) -> String {
    in_dialog("PRACK", branch, cseq, tag, &format!("RAck: {rseq} 1 INVITE\r\n"))
}

const SUPPORTED: &str = "Supported: 100rel\r\nAllow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE\r\n";

#[test]
fn what_is_reliable_is_what_the_caller_wants_and_what_describes() {
    for (extra, sdp, reliable) in [
        ("", None, false),
        ("", Some(SDP), false),
        (SUPPORTED, None, false),
        (SUPPORTED, Some(SDP), true),
        ("Require: 100rel\r\n", None, true),
    ] {
        let mut bench = bench();
        let dialog = incoming(&mut bench, extra);
        bench.endpoint.ring(bench.now, dialog, 183, sdp);
        let response = bench.responses().remove(0);
        assert_eq!(response.headers.contains("RSeq"), reliable, "{extra} {sdp:?}");
    }
}

#[test]
fn a_line_may_want_no_prack_or_one_for_every_ring() {
    let insists = "Require: 100rel\r\n";
    for (terms, extra, sdp, reliable) in [
        (Reliable::Never, SUPPORTED, Some(SDP), false),
        (Reliable::Never, insists, None, true),
        (Reliable::Supported, SUPPORTED, None, false),
        (Reliable::Required, SUPPORTED, None, true),
        (Reliable::Required, "", None, false),
    ] {
        let mut bench = bench();
        let new = bench.receive_new(&invite("1", 1, extra));
        let terms = CallTerms { reliable: terms, ..CallTerms::default() };
        let contact = "sip:switch@192.0.2.1".parse().unwrap();
        let dialog = bench.endpoint.accept_invite_on(bench.now, new, contact, terms).unwrap();
        bench.sent();
        bench.endpoint.ring(bench.now, dialog, 183, sdp);
        let response = bench.responses().remove(0);
        assert_eq!(response.headers.contains("RSeq"), reliable, "{terms:?} {extra}");
    }
}

#[test]
fn it_is_repeated_until_its_prack_which_is_answered_once() {
    let mut bench = bench();
    let dialog = incoming(&mut bench, SUPPORTED);
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    let (tag, rseq) = rang(&mut bench);
    let again: Vec<u128> = bench.run_ms(8000).into_iter().map(|(ms, _)| ms).collect();
    assert_eq!(again, [500, 1500, 3500, 7500]);
    bench.receive(&prack("p0", 2, &tag, rseq + 1));
    assert_eq!(bench.sent_short(), ["481 PRACK"]);
    bench.receive(&prack("p1", 3, &tag, rseq));
    assert_eq!(bench.sent_short(), ["200 PRACK"]);
    bench.receive(&prack("p1", 3, &tag, rseq));
    assert_eq!(bench.sent_short(), ["200 PRACK"], "a repeated one gets the same");
    bench.receive(&prack("p2", 4, &tag, rseq));
    assert_eq!(bench.sent_short(), ["481 PRACK"], "nothing waits for it");
    assert_eq!((bench.run_ms(40_000), bench.events()), (vec![], vec![]));
}

#[test]
fn without_prack_the_call_is_refused() {
    let mut bench = bench();
    let dialog = incoming(&mut bench, SUPPORTED);
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    bench.sent();
    let sent = bench.run_ms(32_000);
    assert_eq!(sent.last(), Some(&(32_000, "504 INVITE".to_owned())));
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::PrackTimeout, reason: None }]);
    bench.receive(&in_dialog("ACK", "1", 1, "x", ""));
    bench.run_ms(200_000);
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
}

#[test]
fn the_next_one_and_the_answer_wait_for_the_prack() {
    let mut bench = bench();
    let dialog = incoming(&mut bench, "Require: 100rel\r\n");
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    let (tag, rseq) = rang(&mut bench);
    bench.endpoint.ring(bench.now, dialog, 182, None);
    bench.endpoint.ring(bench.now, dialog, 180, Some(SDP));
    assert_eq!(bench.sent_short(), [""; 0]);
    bench.receive(&prack("p1", 2, &tag, rseq));
    let sent = bench.responses();
    assert_eq!((sent[0].status, sent[1].status), (200, 180), "the last one counts");
    assert_eq!(sent[1].headers.get("RSeq"), Some((rseq + 1).to_string().as_str()));
    assert!(sent[1].body.is_empty(), "the offer has its answer");

    bench.endpoint.answer(bench.now, dialog, SDP);
    let ok = bench.responses().remove(0);
    assert_eq!((ok.status, ok.body.is_empty()), (200, true), "nothing described waits: no need to");
    bench.receive(&prack("p2", 3, &tag, rseq + 1));
    assert_eq!(bench.sent_short(), ["200 PRACK"], "a PRACK behind the 200");
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    assert_eq!(bench.events(), [Event::Acked { dialog, sdp: None }]);
    assert_eq!(bench.run_ms(40_000), []);
}

#[test]
fn no_200_overtakes_a_description() {
    let mut bench = bench();
    let dialog = incoming(&mut bench, SUPPORTED);
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    let (tag, rseq) = rang(&mut bench);
    bench.endpoint.answer(bench.now, dialog, OTHER);
    assert_eq!(bench.sent_short(), [""; 0]);
    bench.receive(&prack("p1", 2, &tag, rseq));
    assert_eq!(bench.sent_short(), ["200 PRACK", "200 INVITE"]);
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    let reinvite = bench.requests().remove(0);
    assert_eq!((reinvite.method.as_str(), reinvite.sdp()), ("INVITE", Some(OTHER)), "another description");
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    assert_eq!(bench.sent_short(), ["ACK"]);
}

#[test]
fn a_caller_that_gives_up_before_its_prack_leaves_nothing() {
    let mut bench = bench();
    let dialog = incoming(&mut bench, SUPPORTED);
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    let (tag, rseq) = rang(&mut bench);
    bench.endpoint.answer(bench.now, dialog, SDP);
    bench.receive(&cancel("1", 1, ""));
    assert_eq!(bench.sent_short(), ["200 CANCEL", "487 INVITE"]);
    assert_eq!(bench.events(), [Event::Cancelled { dialog, reason: None }]);
    let late = bench.receive_new(&prack("p1", 2, &tag, rseq));
    assert_eq!(bench.endpoint.inspect(&late).unwrap().status, 481);
    bench.receive(&in_dialog("ACK", "1", 1, &tag, ""));
    assert_eq!(bench.run_ms(40_000), []);
}

#[test]
fn an_offer_in_a_prack_is_the_owners_to_answer() {
    let mut bench = bench();
    let dialog = incoming(&mut bench, SUPPORTED);
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    let (tag, rseq) = rang(&mut bench);
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    bench.receive(&with_sdp(&prack("p1", 2, &tag, rseq), OTHER));
    assert_eq!(bench.sent_short(), [""; 0]);
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: Some(OTHER.to_vec()) }]);
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    let sent = bench.responses();
    assert_eq!((sent[0].status, sent[0].sdp(), sent[1].status), (200, Some(SDP), 183));
    bench.receive(&with_sdp(&prack("p2", 3, &tag, rseq + 1), OTHER));
    bench.events();
    bench.endpoint.refuse_reoffer(bench.now, dialog, 488);
    assert_eq!(bench.sent_short(), ["488 PRACK"]);
    assert_eq!(bench.run_ms(40_000), [], "refused, but confirmed");
}

#[test]
fn our_offer_in_a_provisional_response_is_answered_by_the_prack() {
    let mut bench = bench();
    let text = invite("1", 1, SUPPORTED);
    let (head, _) = text.split_once("Content-Type").unwrap();
    let new = bench.receive_new(&format!("{head}Content-Length: 0\r\n\r\n"));
    let contact = "sip:switch@192.0.2.1".parse().unwrap();
    let dialog = bench.endpoint.accept_invite(bench.now, new, contact).unwrap();
    bench.sent();
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    let (tag, rseq) = rang(&mut bench);
    bench.receive(&with_sdp(&prack("p1", 2, &tag, rseq), OTHER));
    assert_eq!(bench.sent_short(), ["200 PRACK"]);
    assert_eq!(bench.events(), [Event::EarlyAnswer { dialog, sdp: OTHER.to_vec() }]);
    bench.endpoint.answer(bench.now, dialog, SDP);
    assert!(bench.responses()[0].body.is_empty());
}

#[test]
fn both_sides_update_before_the_answer() {
    let mut bench = bench();
    let dialog = incoming(&mut bench, SUPPORTED);
    let early =
        |branch: &str, cseq: u32, tag: &str| with_sdp(&in_dialog("UPDATE", branch, cseq, tag, ""), OTHER);
    bench.endpoint.ring(bench.now, dialog, 183, Some(SDP));
    let (tag, rseq) = rang(&mut bench);
    bench.receive(&early("u1", 2, &tag));
    assert_eq!(bench.sent_short(), ["500 UPDATE"], "its first offer is not answered for certain");
    assert_eq!(bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)), Err(NotNow));
    bench.receive(&prack("p1", 3, &tag, rseq));
    bench.sent();
    bench.receive(&early("u2", 4, &tag));
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: Some(OTHER.to_vec()) }]);
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    assert_eq!(bench.sent_short(), ["200 UPDATE"]);
    bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)).unwrap();
    let update: Request = bench.requests().remove(0);
    assert_eq!((update.headers.get("CSeq"), update.sdp()), (Some("1 UPDATE"), Some(OTHER)));
    assert_eq!(
        bench.receive(&with_sdp(&answer_to(&update, 200, "", CONTACT), SDP)),
        careline_sip::Received::Handled
    );
    assert_eq!(bench.events(), [Event::ReofferDone { dialog, sdp: Some(SDP.to_vec()) }]);
}

#[test]
fn an_update_without_offer_moves_the_target() {
    let mut bench = bench();
    let (dialog, tag) = bench.answered();
    let moved = in_dialog("UPDATE", "u", 2, &tag, "")
        .replace("Contact: <sip:phone@192.0.2.9:5060>", "Contact: <sip:moved@192.0.2.9>");
    bench.receive(&moved);
    assert_eq!((bench.sent_short(), bench.events()), (vec!["200 UPDATE".to_owned()], vec![]));
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.requests()[0].uri.as_str(), "sip:moved@192.0.2.9");
}
