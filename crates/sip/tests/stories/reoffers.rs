//! Offers of our own within a call: what goes out when, collisions, refusals, and what the peer's offers get meanwhile.

use crate::support::{Bench, CONTACT, SDP, from_peer, in_dialog, with_sdp};
use careline_sip::{DialogId, EndCause, EndpointConfig, Event, NotNow, Received, Request, Transport};
use std::time::Duration;

const OTHER: &[u8] = b"v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n";

fn bench() -> Bench {
    // Refreshes have tests of their own.
    Bench::with(
        Transport::Udp,
        EndpointConfig { session_expires: Duration::ZERO, ..EndpointConfig::default() },
    )
}

/// A call of ours and the re-INVITE that is on its way in it.
fn reoffered(bench: &mut Bench) -> (DialogId, Request, Request) {
    let (dialog, invite) = bench.outgoing_answered("");
    bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)).unwrap();
    (dialog, invite, bench.requests().remove(0))
}

#[test]
fn an_offer_is_taken_and_its_repeated_200_acknowledged() {
    let mut bench = bench();
    let (dialog, _, reinvite) = reoffered(&mut bench);
    assert_eq!((reinvite.headers.get("CSeq"), reinvite.sdp()), (Some("2 INVITE"), Some(OTHER)));
    assert_eq!(reinvite.headers.get("Contact"), Some("<sip:switch@192.0.2.1>"));
    assert_eq!(reinvite.to().unwrap().tag(), Some("them"));
    bench.reply(&reinvite, 100, "", "");
    bench.reply_sdp(&reinvite, 200, "", "Contact: <sip:moved@192.0.2.9:5070>\r\n");
    let ack = bench.requests().remove(0);
    assert_eq!((ack.method.as_str(), ack.headers.get("CSeq")), ("ACK", Some("2 ACK")));
    assert_eq!(ack.uri.as_str(), "sip:moved@192.0.2.9:5070", "a 2xx refreshes the target");
    assert_eq!(bench.events(), [Event::ReofferDone { dialog, sdp: Some(SDP.to_vec()) }]);
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    assert_eq!(bench.sent_short(), ["ACK"]);
    assert_eq!(bench.events(), []);
}

#[test]
fn without_an_offer_of_ours_the_ack_waits_for_the_owner() {
    let mut bench = bench();
    let (dialog, _) = bench.outgoing_answered("");
    bench.endpoint.reoffer(bench.now, dialog, None).unwrap();
    let reinvite = bench.requests().remove(0);
    assert!(reinvite.body.is_empty());
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    assert_eq!(bench.events(), [Event::ReofferDone { dialog, sdp: Some(SDP.to_vec()) }]);
    assert_eq!(bench.sent_short(), [""; 0]);
    bench.endpoint.acknowledge(bench.now, dialog, OTHER);
    let ack = bench.requests().remove(0);
    assert_eq!((ack.headers.get("CSeq"), ack.sdp()), (Some("2 ACK"), Some(OTHER)));
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    assert_eq!(bench.requests().remove(0).sdp(), Some(OTHER), "repeated with the answer");
    bench.endpoint.acknowledge(bench.now, dialog, OTHER);
    assert_eq!(bench.sent_short(), [""; 0], "there is nothing more to answer");
}

#[test]
fn an_invite_without_offer_is_acknowledged_with_the_answer() {
    let mut bench = bench();
    let invite = careline_sip::OutgoingInvite { sdp: vec![], ..bench.outgoing_invite(30) };
    let dialog = bench.endpoint.invite(bench.now, invite).unwrap();
    let request = bench.requests().remove(0);
    assert_eq!(
        request.headers.get("Supported"),
        Some("timer, replaces"),
        "no offer in a provisional response"
    );
    bench.reply_sdp(&request, 200, "them", CONTACT);
    bench.reply_sdp(&request, 200, "them", CONTACT);
    assert_eq!(bench.events(), [Event::Answered { dialog, sdp: Some(SDP.to_vec()) }]);
    assert_eq!(bench.sent_short(), [""; 0]);
    bench.endpoint.acknowledge(bench.now, dialog, OTHER);
    let ack = bench.requests().remove(0);
    assert_eq!((ack.headers.get("CSeq"), ack.sdp()), (Some("1 ACK"), Some(OTHER)));
}

#[test]
fn hanging_up_over_an_unanswered_offer_acknowledges_it_first() {
    let mut bench = bench();
    let (dialog, _) = bench.outgoing_answered("");
    bench.endpoint.reoffer(bench.now, dialog, None).unwrap();
    let reinvite = bench.requests().remove(0);
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.sent_short(), ["ACK", "BYE"]);
}

#[test]
fn a_collision_is_tried_again_after_the_pause_of_its_side() {
    let mut pauses = [vec![], vec![]];
    for seed in 0..20 {
        for (side, pauses) in pauses.iter_mut().enumerate() {
            let mut bench = bench();
            // Calls before it move the dice on.
            for _ in 0..seed {
                bench.outgoing(1);
            }
            bench.run_ms(200_000);
            bench.events();
            let began = bench.now;
            let dialog = if side == 0 { bench.outgoing_answered("").0 } else { bench.answered().0 };
            bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)).unwrap();
            let reinvite = bench.requests().remove(0);
            bench.reply(&reinvite, 491, "", "");
            assert_eq!(bench.sent_short(), ["ACK"]);
            let again = bench.run_ms(4000);
            let (at, what) = again.first().unwrap().clone();
            assert_eq!(what, "INVITE");
            pauses.push(at - began.duration_since(bench.start).as_millis());
            assert_eq!(bench.events(), []);
        }
    }
    let [owner, other] = pauses;
    assert!(owner.iter().all(|ms| (2100..=4000).contains(ms) && ms % 10 == 0), "{owner:?}");
    assert!(other.iter().all(|ms| (0..=2000).contains(ms) && ms % 10 == 0), "{other:?}");
    assert!(owner.iter().any(|ms| *ms != owner[0]) && other.iter().any(|ms| *ms != other[0]));
}

#[test]
fn a_peer_that_always_collides_is_given_up() {
    let mut bench = bench();
    let (dialog, _, mut reinvite) = reoffered(&mut bench);
    for _ in 0..5 {
        bench.reply(&reinvite, 491, "", "");
        bench.sent();
        assert_eq!(bench.events(), []);
        while bench.endpoint.next_deadline().is_some() {
            bench.now = bench.endpoint.next_deadline().unwrap();
            bench.endpoint.handle_deadline(bench.now);
            if let Some(again) = bench.requests().pop() {
                reinvite = again;
                break;
            }
        }
    }
    bench.reply(&reinvite, 491, "", "");
    assert_eq!(bench.events(), [Event::ReofferFailed { dialog, status: 491 }]);
    assert_eq!(bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)), Ok(()), "the next one is welcome");
}

#[test]
fn a_500_with_retry_after_is_tried_again_then() {
    let mut bench = bench();
    let (_, _, reinvite) = reoffered(&mut bench);
    bench.reply(&reinvite, 500, "", "Retry-After: 7\r\n");
    bench.sent();
    assert_eq!(bench.run_ms(7000), [(7000, "INVITE".to_owned())]);
}

#[test]
fn a_refusal_leaves_the_call_as_it_was() {
    for status in [488, 500, 503, 603] {
        let mut bench = bench();
        let (dialog, _, reinvite) = reoffered(&mut bench);
        bench.reply(&reinvite, status, "", "");
        assert_eq!(bench.sent_short(), ["ACK"]);
        assert_eq!(bench.events(), [Event::ReofferFailed { dialog, status }]);
        assert_eq!(bench.endpoint.dialog_count(), 1);
    }
}

#[test]
fn a_peer_that_knows_no_such_call_or_is_silent_ends_it() {
    for status in [481, 408] {
        let mut bench = bench();
        let (dialog, _, reinvite) = reoffered(&mut bench);
        bench.reply(&reinvite, status, "", "");
        assert_eq!(bench.sent_short(), ["ACK", "BYE"]);
        assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::Gone, reason: None }]);
    }
    let mut bench = bench();
    let (dialog, _, _) = reoffered(&mut bench);
    let sent = bench.run_ms(32_000);
    assert_eq!(sent.last(), Some(&(32_000, "BYE".to_owned())), "timer B");
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::Gone, reason: None }]);
}

#[test]
fn a_lost_connection_fails_the_offer_and_not_the_call() {
    let mut bench = Bench::new(Transport::Ws);
    let (dialog, _, _) = reoffered(&mut bench);
    bench.endpoint.flow_lost(bench.now, bench.flow);
    assert_eq!(bench.events(), [Event::ReofferFailed { dialog, status: 503 }]);
    assert_eq!(bench.endpoint.dialog_count(), 1);
}

#[test]
fn one_offer_at_a_time_and_only_in_a_call_that_stands() {
    let mut bench = bench();
    let (dialog, _, _) = reoffered(&mut bench);
    assert_eq!(bench.endpoint.reoffer(bench.now, dialog, None), Err(NotNow));
    assert_eq!(bench.endpoint.reoffer(bench.now, DialogId(99), None), Err(NotNow));
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.endpoint.reoffer(bench.now, dialog, None), Err(NotNow));
    let (ringing, _) = bench.outgoing(30);
    assert_eq!(bench.endpoint.reoffer(bench.now, ringing, Some(OTHER)), Err(NotNow), "no UPDATE yet");
    let mut bench = Bench::new(Transport::Udp);
    let incoming = bench.incoming();
    assert_eq!(bench.endpoint.reoffer(bench.now, incoming, Some(OTHER)), Err(NotNow));
}

#[test]
fn an_offer_waits_for_the_ack_and_for_the_peers_offer() {
    let mut bench = bench();
    let dialog = bench.incoming();
    bench.endpoint.answer(bench.now, dialog, SDP);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)).unwrap();
    assert_eq!(bench.sent_short(), [""; 0], "our 200 is not acknowledged");
    bench.receive(&in_dialog("INVITE", "early", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["491 INVITE"]);
    bench.receive(&in_dialog("ACK", "early", 2, &tag, ""));
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    let reinvite = bench.requests().remove(0);
    assert_eq!(reinvite.headers.get("CSeq"), Some("1 INVITE"));
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    bench.sent();
    bench.events();

    bench.receive(&with_sdp(&in_dialog("INVITE", "re", 3, &tag, ""), SDP));
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: Some(SDP.to_vec()) }]);
    bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)).unwrap();
    assert_eq!(bench.sent_short(), ["100 INVITE"]);
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    assert_eq!(bench.sent_short(), ["200 INVITE"]);
    bench.receive(&in_dialog("ACK", "reack", 3, &tag, ""));
    assert_eq!(bench.sent_short(), ["INVITE"]);
    assert_eq!(bench.endpoint.dialog_count(), 1);
}

#[test]
fn a_refused_offer_of_the_peer_lets_ours_go() {
    let mut bench = bench();
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("INVITE", "re", 2, &tag, ""));
    bench.endpoint.reoffer(bench.now, dialog, Some(OTHER)).unwrap();
    bench.sent();
    bench.endpoint.refuse_reoffer(bench.now, dialog, 488);
    assert_eq!(bench.sent_short(), ["488 INVITE", "INVITE"]);
}

#[test]
fn the_peers_offer_that_meets_ours_gets_491_and_both_go_on() {
    let mut bench = bench();
    let (dialog, invite, reinvite) = reoffered(&mut bench);
    bench.receive(&with_sdp(&from_peer("INVITE", "theirs", 1, &invite, "them", ""), SDP));
    assert_eq!(bench.sent_short(), ["491 INVITE"]);
    bench.receive(&with_sdp(&from_peer("UPDATE", "update", 2, &invite, "them", ""), SDP));
    assert_eq!(bench.sent_short(), ["491 UPDATE"]);
    bench.receive(&from_peer("UPDATE", "refresh", 3, &invite, "them", ""));
    assert_eq!(bench.sent_short(), ["200 UPDATE"], "no offer, no collision");
    bench.reply(&reinvite, 491, "", "");
    bench.sent();
    // The peer, who does not own the Call-ID, is the first to try again.
    bench.run_ms(2000);
    bench.receive(&with_sdp(&from_peer("INVITE", "again", 4, &invite, "them", ""), SDP));
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: Some(SDP.to_vec()) }]);
    bench.sent();
    assert!(!bench.run_ms(2500).iter().any(|(_, what)| what == "INVITE"), "ours waits for theirs");
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    bench.receive(&from_peer("ACK", "ack", 4, &invite, "them", ""));
    assert_eq!(bench.sent_short(), ["200 INVITE", "INVITE"]);
}

#[test]
fn a_200_to_our_offer_that_meets_a_bye_is_acknowledged_all_the_same() {
    let mut bench = bench();
    let (dialog, invite, reinvite) = reoffered(&mut bench);
    bench.endpoint.hang_up(bench.now, dialog, None);
    let bye = bench.requests().remove(0);
    assert_eq!(bye.headers.get("CSeq"), Some("3 BYE"));
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    let ack = bench.requests().remove(0);
    assert_eq!((ack.headers.get("CSeq"), ack.to().unwrap().tag()), (Some("2 ACK"), Some("them")));
    bench.reply(&bye, 200, "", "");
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    assert_eq!(bench.sent_short(), ["ACK"]);
    assert_eq!(bench.events(), []);

    let (_, other, reinvite) = reoffered(&mut bench);
    assert_ne!(invite.call_id(), other.call_id());
    bench.receive(&from_peer("BYE", "bye", 1, &other, "them", ""));
    bench.reply_sdp(&reinvite, 200, "", CONTACT);
    assert_eq!(bench.sent_short(), ["200 BYE", "ACK"]);
}

#[test]
fn a_challenge_in_the_call_is_answered_once() {
    let mut bench = bench();
    let (dialog, _, reinvite) = reoffered(&mut bench);
    let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
    bench.reply(&reinvite, 401, "", challenge);
    let again = bench.requests().remove(1);
    assert_eq!(again.headers.get("CSeq"), Some("3 INVITE"));
    assert!(again.headers.get("Authorization").unwrap().contains("username=\"u\""));
    bench.reply(&again, 401, "", challenge);
    assert_eq!(bench.events(), [Event::ReofferFailed { dialog, status: 401 }]);
}

#[test]
fn nothing_is_left_over_of_offers_that_crossed() {
    let mut bench = bench();
    let (dialog, invite, reinvite) = reoffered(&mut bench);
    bench.reply(&reinvite, 491, "", "");
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.receive(&from_peer("BYE", "bye", 1, &invite, "them", "")), Received::Handled);
    bench.run_ms(200_000);
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
    assert_eq!((bench.endpoint.next_deadline(), bench.events()), (None, vec![]));
}
