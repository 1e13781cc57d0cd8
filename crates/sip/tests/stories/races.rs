//! Messages that cross, come late, come twice or come from nowhere: what the far side gets, what the owner hears, and
//! that nothing is left over.

use crate::support::{Bench, SDP, cancel, in_dialog, invite};
use careline_sip::{DialogId, EndCause, Event, Received, Request, Transport};

const CONTACT: &str = "Contact: <sip:agent@192.0.2.9>\r\n";

/// Whether dialogs and transactions are all gone once every timer has run out.
fn is_empty(bench: &mut Bench) -> bool {
    bench.run_ms(200_000);
    (bench.endpoint.dialog_count(), bench.endpoint.transaction_count()) == (0, 0)
        && bench.endpoint.next_deadline().is_none()
}

/// An incoming call whose 200 is on its way; also our tag.
fn unacked(bench: &mut Bench) -> (DialogId, String) {
    let dialog = bench.incoming();
    bench.endpoint.answer(bench.now, dialog, SDP);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    (dialog, tag)
}

/// An outgoing call that rings.
fn ringing(bench: &mut Bench) -> (DialogId, Request) {
    let (dialog, request) = bench.outgoing(30);
    bench.reply(&request, 180, "them", "");
    bench.events();
    (dialog, request)
}

// CANCEL

#[test]
fn a_cancel_that_meets_our_200_is_answered_and_the_call_stands() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = unacked(&mut bench);
    bench.receive(&cancel("1", 1, ""));
    assert_eq!(bench.sent_short(), ["200 CANCEL"]);
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    assert_eq!(bench.events(), [Event::Acked { dialog, sdp: None }]);
    assert_eq!(bench.run_ms(1000), []);
    bench.receive(&in_dialog("BYE", "bye", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["200 BYE"]);
    assert!(is_empty(&mut bench));
}

#[test]
fn a_200_that_meets_our_cancel_is_acked_and_ended_whichever_answer_comes_first() {
    for cancel_answered_first in [true, false] {
        let mut bench = Bench::new(Transport::Udp);
        let (dialog, request) = ringing(&mut bench);
        bench.endpoint.hang_up(bench.now, dialog, None);
        let cancel = bench.requests().remove(0);
        if cancel_answered_first {
            bench.reply(&cancel, 200, "them", "");
        }
        bench.reply(&request, 200, "them", CONTACT);
        let sent = bench.requests();
        assert_eq!(sent.iter().map(|one| one.method.as_str()).collect::<Vec<_>>(), ["ACK", "BYE"]);
        if !cancel_answered_first {
            bench.reply(&cancel, 481, "them", "");
        }
        bench.reply(&request, 200, "them", CONTACT);
        assert_eq!(bench.sent_short(), ["ACK"], "their 200 came again");
        bench.reply(&sent[1], 200, "", "");
        assert_eq!(bench.events(), [], "the owner had let go");
        assert!(is_empty(&mut bench));
    }
}

#[test]
fn a_200_later_than_any_patience_with_our_cancel_finds_nothing() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = ringing(&mut bench);
    bench.endpoint.hang_up(bench.now, dialog, None);
    let cancel = bench.requests().remove(0);
    bench.reply(&cancel, 200, "them", "");
    bench.run_ms(32_000);
    assert_eq!(bench.endpoint.dialog_count(), 0);
    bench.reply(&request, 200, "them", CONTACT);
    assert_eq!((bench.sent_short().len(), bench.endpoint.counters().stray_response), (0, 1));
    assert!(is_empty(&mut bench));
}

#[test]
fn a_cancel_wanted_before_any_answer_meets_a_200_that_comes_first() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = bench.outgoing(30);
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.reply(&request, 200, "them", CONTACT);
    let sent = bench.requests();
    assert_eq!(sent.iter().map(|one| one.method.as_str()).collect::<Vec<_>>(), ["ACK", "BYE"]);
    bench.reply(&sent[1], 200, "", "");
    assert_eq!(bench.events(), []);
    assert!(is_empty(&mut bench));
}

#[test]
fn a_challenge_after_we_cancelled_is_acked_and_not_answered() {
    for before_provisional in [true, false] {
        let mut bench = Bench::new(Transport::Udp);
        let (dialog, request) = if before_provisional { bench.outgoing(30) } else { ringing(&mut bench) };
        bench.endpoint.hang_up(bench.now, dialog, None);
        bench.sent();
        let challenge = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n";
        bench.reply(&request, 401, "them", challenge);
        assert_eq!((bench.sent_short(), bench.events()), (vec!["ACK".to_owned()], vec![]));
        assert!(is_empty(&mut bench));
    }
}

#[test]
fn a_cancel_after_our_refusal_changes_nothing() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.reject(bench.now, dialog, 486, &[]);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    bench.receive(&cancel("1", 1, ""));
    assert_eq!(bench.sent_short(), ["200 CANCEL"], "RFC 3261 9.2: no effect once a final response is given");
    bench.receive(&in_dialog("ACK", "1", 1, &tag, ""));
    bench.run_ms(5000);
    bench.receive(&cancel("1", 1, ""));
    assert_eq!(bench.sent_short(), ["481 CANCEL"], "nothing is left to cancel");
    assert_eq!(bench.events(), []);
    assert!(is_empty(&mut bench));
}

#[test]
fn a_cancel_that_comes_twice_ends_the_call_once() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.sent();
    bench.receive(&cancel("1", 1, ""));
    assert_eq!(bench.sent_short(), ["200 CANCEL", "487 INVITE"]);
    bench.receive(&cancel("1", 1, ""));
    assert_eq!(bench.sent_short(), ["200 CANCEL"]);
    assert_eq!(bench.events(), [Event::Cancelled { dialog, reason: None }]);
    assert!(is_empty(&mut bench));
}

#[test]
fn a_cancel_that_overtakes_its_invite_gets_481_and_the_call_comes_in() {
    let mut bench = Bench::new(Transport::Udp);
    assert_eq!(bench.receive(&cancel("1", 1, "")), Received::Handled);
    assert_eq!(bench.sent_short(), ["481 CANCEL"]);
    bench.incoming();
    assert_eq!(bench.endpoint.dialog_count(), 1);
}

#[test]
fn a_reinvite_taken_back_leaves_the_call_as_it_was() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("INVITE", "re", 2, &tag, ""));
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: None }]);
    bench.sent();
    bench.receive(&in_dialog("CANCEL", "re", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["200 CANCEL", "487 INVITE"]);
    bench.receive(&in_dialog("ACK", "re", 2, &tag, ""));
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    assert_eq!(bench.sent_short(), [""; 0], "the owner's late answer goes nowhere");
    bench.receive(&in_dialog("INVITE", "re2", 3, &tag, ""));
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: None }], "the next one is taken");
}

// BYE

#[test]
fn a_bye_before_the_ack_ends_the_call_and_its_repeated_200() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = unacked(&mut bench);
    bench.receive(&in_dialog("BYE", "bye", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["200 BYE"]);
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::RemoteBye, reason: None }]);
    assert_eq!(bench.run_ms(10_000), [], "the 200 is not repeated for a call that is over");
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    assert_eq!((bench.endpoint.counters().stray_ack, bench.events()), (1, vec![]));
    assert!(is_empty(&mut bench));
}

#[test]
fn a_bye_to_a_call_that_still_rings_ends_it_with_487() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.ring(bench.now, dialog, 180, None);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    bench.receive(&in_dialog("BYE", "bye", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["200 BYE", "487 INVITE"]);
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::RemoteBye, reason: None }]);
    bench.receive(&in_dialog("ACK", "1", 1, &tag, ""));
    assert!(is_empty(&mut bench));
}

#[test]
fn byes_that_cross_are_both_answered_whatever_the_peer_says_to_ours() {
    for status in [200, 481, 408, 0] {
        let mut bench = Bench::new(Transport::Udp);
        let (dialog, tag) = bench.answered();
        bench.endpoint.hang_up(bench.now, dialog, None);
        let bye = bench.requests().remove(0);
        bench.receive(&in_dialog("BYE", "bye", 2, &tag, ""));
        assert_eq!(bench.sent_short(), ["200 BYE"]);
        if status > 0 {
            bench.reply(&bye, status, "", "");
        }
        assert!(is_empty(&mut bench), "{status}");
        assert_eq!(bench.events(), []);
    }
}

#[test]
fn a_bye_that_crosses_our_200_to_a_reinvite_ends_the_call_once() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("INVITE", "re", 2, &tag, ""));
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    bench.events();
    bench.sent();
    bench.receive(&in_dialog("BYE", "bye", 3, &tag, ""));
    assert_eq!(bench.sent_short(), ["200 BYE"]);
    assert!(matches!(bench.events()[..], [Event::Ended { .. }]));
    assert_eq!(bench.run_ms(10_000), []);
    assert!(is_empty(&mut bench));
}

#[test]
fn hanging_up_under_a_reinvite_refuses_it_first() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("INVITE", "re", 2, &tag, ""));
    bench.sent();
    bench.events();
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.sent_short(), ["487 INVITE", "BYE"]);
    assert!(is_empty(&mut bench));
    assert_eq!(bench.events(), []);
}

#[test]
fn requests_behind_a_bye_get_481() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, tag) = bench.answered();
    bench.receive(&in_dialog("BYE", "bye", 3, &tag, ""));
    bench.sent();
    for method in ["INFO", "UPDATE", "INVITE", "REFER", "NOTIFY", "BYE"] {
        let new = bench.receive_new(&in_dialog(method, &format!("late{method}"), 2, &tag, ""));
        assert_eq!(bench.endpoint.inspect(&new).map(|one| one.status), Some(481), "{method}");
    }
}

#[test]
fn requests_between_our_bye_and_its_answer_get_481_and_change_nothing() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    bench.endpoint.hang_up(bench.now, dialog, None);
    let bye = bench.requests().remove(0);
    bench.receive(&in_dialog("INVITE", "re", 2, &tag, ""));
    bench.receive(&in_dialog("INFO", "info", 3, &tag, ""));
    assert_eq!(bench.sent_short(), ["481 INVITE", "481 INFO"]);
    bench.reply(&bye, 200, "", "");
    assert_eq!(bench.events(), []);
    assert!(is_empty(&mut bench));
}

#[test]
fn hanging_up_twice_says_goodbye_once() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, _) = bench.answered();
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.sent_short(), ["BYE"]);
    assert!(is_empty(&mut bench));
}

// ACK

#[test]
fn stray_acks_are_counted_and_never_answered() {
    let mut bench = Bench::new(Transport::Udp);
    bench.receive(&in_dialog("ACK", "none", 1, "nobody", ""));
    assert_eq!(bench.endpoint.counters().stray_ack, 1);
    let dialog = bench.incoming();
    bench.endpoint.ring(bench.now, dialog, 180, None);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    bench.receive(&in_dialog("ACK", "early", 1, &tag, ""));
    bench.receive(&in_dialog("ACK", "1", 1, &tag, ""));
    assert_eq!((bench.sent_short().len(), bench.events().len()), (0, 0), "nothing is answered yet");
    bench.endpoint.answer(bench.now, dialog, SDP);
    bench.sent();
    bench.receive(&in_dialog("ACK", "wrong", 7, &tag, ""));
    assert_eq!(bench.events(), [], "an ACK to another INVITE");
    assert_eq!(bench.run_ms(500).len(), 1, "so the 200 goes out again");
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    assert_eq!(bench.events(), [Event::Acked { dialog, sdp: None }], "once");
    assert_eq!(bench.run_ms(10_000), []);
}

#[test]
fn a_reinvite_whose_ack_never_comes_ends_the_call() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("INVITE", "re", 2, &tag, ""));
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    bench.events();
    bench.sent();
    let seen = bench.run_ms(32_000);
    assert_eq!(seen.last().map(|(_, one)| one.as_str()), Some("BYE"));
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::AckTimeout, reason: None }]);
    assert!(is_empty(&mut bench));
}

#[test]
fn hanging_up_before_an_ack_that_never_comes_still_ends_by_bye() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, _) = unacked(&mut bench);
    bench.endpoint.hang_up(bench.now, dialog, Some("Q.850;cause=16"));
    let seen = bench.run_ms(32_000);
    assert_eq!(seen.last(), Some(&(32_000, "BYE".to_owned())));
    assert_eq!(bench.events(), []);
    assert!(is_empty(&mut bench));
}

// strays

#[test]
fn a_stray_bye_and_a_stray_cancel_get_481_without_state() {
    let mut bench = Bench::new(Transport::Udp);
    let new = bench.receive_new(&in_dialog("BYE", "bye", 2, "nobody", ""));
    let refusal = bench.endpoint.inspect(&new).unwrap();
    bench.endpoint.respond_statelessly(&new, refusal);
    bench.receive(&cancel("nothing", 1, ""));
    assert_eq!(bench.sent_short(), ["481 BYE", "481 CANCEL"]);
    assert_eq!(bench.endpoint.next_deadline(), None);
}

#[test]
fn a_bye_with_the_right_call_id_and_tag_but_another_from_tag_does_not_end_the_call() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, tag) = bench.answered();
    let foreign = in_dialog("BYE", "bye", 2, &tag, "").replace(";tag=peer", ";tag=thief");
    let new = bench.receive_new(&foreign);
    assert_eq!(bench.endpoint.inspect(&new).map(|one| one.status), Some(481));
    assert_eq!((bench.events(), bench.endpoint.dialog_count()), (vec![], 1));
}

#[test]
fn responses_out_of_order_after_the_answer_are_absorbed() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = ringing(&mut bench);
    bench.reply(&request, 200, "them", CONTACT);
    assert_eq!(bench.events(), [Event::Answered { dialog, sdp: None }]);
    bench.sent();
    for status in [100, 180, 183, 486] {
        bench.reply(&request, status, "them", "");
    }
    assert_eq!((bench.sent_short().len(), bench.events().len()), (0, 0));
    assert_eq!(bench.endpoint.dialog_count(), 1);
}

#[test]
fn both_branches_of_a_fork_may_answer_and_one_call_remains() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = ringing(&mut bench);
    bench.reply(&request, 200, "one", CONTACT);
    bench.reply(&request, 200, "two", CONTACT);
    let sent = bench.requests();
    assert_eq!(sent.iter().map(|one| one.method.as_str()).collect::<Vec<_>>(), ["ACK", "ACK", "BYE"]);
    assert_eq!(sent[2].to().unwrap().tag(), Some("two"));
    bench.reply(&sent[2], 200, "", "");
    assert_eq!(bench.events(), [Event::Answered { dialog, sdp: None }]);
    bench.endpoint.hang_up(bench.now, dialog, None);
    let bye = bench.requests().remove(0);
    assert_eq!(bye.to().unwrap().tag(), Some("one"));
    bench.reply(&bye, 200, "", "");
    assert!(is_empty(&mut bench));
}

// lost connections

#[test]
fn a_connection_lost_under_a_call_that_waits_for_its_ack_ends_it_in_time() {
    let mut bench = Bench::new(Transport::Tcp);
    let (dialog, _) = unacked(&mut bench);
    bench.endpoint.flow_lost(bench.now, bench.flow);
    bench.run_ms(32_000);
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::AckTimeout, reason: None }]);
    assert!(is_empty(&mut bench));
}

#[test]
fn the_connection_of_a_browser_lost_under_an_answered_call_leaves_it_and_its_bye_fails_at_once() {
    for transport in [Transport::Ws, Transport::Wss] {
        let mut bench = Bench::new(transport);
        let (dialog, _) = bench.answered();
        bench.endpoint.flow_lost(bench.now, bench.flow);
        assert_eq!((bench.events(), bench.endpoint.dialog_count()), (vec![], 1), "{transport:?}");
        bench.endpoint.hang_up(bench.now, dialog, None);
        bench.endpoint.flow_lost(bench.now, bench.flow);
        assert_eq!(bench.events(), []);
        assert!(is_empty(&mut bench));
    }
}

#[test]
fn a_connection_lost_under_a_call_being_cancelled_ends_it_silently() {
    let mut bench = Bench::new(Transport::Ws);
    let (dialog, _) = ringing(&mut bench);
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.endpoint.flow_lost(bench.now, bench.flow);
    assert_eq!((bench.events(), bench.endpoint.dialog_count()), (vec![], 0));
    assert!(is_empty(&mut bench));
}

#[test]
fn the_connection_of_a_browser_lost_under_a_reinvite_leaves_the_call_and_takes_the_next_one() {
    let mut bench = Bench::new(Transport::Wss);
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("INVITE", "re", 2, &tag, ""));
    bench.events();
    bench.endpoint.flow_lost(bench.now, bench.flow);
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    bench.sent();
    bench.receive(&in_dialog("INVITE", "re2", 3, &tag, ""));
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: None }]);
}

#[test]
fn a_datagram_flow_is_never_lost() {
    let mut bench = Bench::new(Transport::Udp);
    bench.outgoing(30);
    bench.endpoint.flow_lost(bench.now, bench.flow);
    assert_eq!((bench.events(), bench.endpoint.dialog_count()), (vec![], 1));
}

#[test]
fn another_connection_of_the_same_peer_takes_nothing_along() {
    let mut bench = Bench::new(Transport::Tcp);
    bench.outgoing(30);
    let mut other = bench.flow;
    other.remote.set_port(49_152);
    bench.endpoint.flow_lost(bench.now, other);
    assert_eq!((bench.events(), bench.endpoint.dialog_count()), (vec![], 1));
}

#[test]
fn an_invite_that_comes_again_after_everything_is_over_is_a_new_call() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, tag) = bench.answered();
    bench.receive(&in_dialog("BYE", "bye", 2, &tag, ""));
    bench.sent();
    bench.receive(&invite("1", 1, ""));
    assert_eq!(bench.sent_short(), [""; 0], "a late copy within timer L is absorbed");
    assert!(is_empty(&mut bench));
    bench.receive_new(&invite("1", 1, ""));
}
