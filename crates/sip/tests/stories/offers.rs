//! Offers that collide: re-INVITE glare and its waits (RFC 3261 14.1, 14.2), and re-INVITEs that meet a BYE.

use crate::support::{Bench, SDP, in_dialog};
use careline_sip::{DialogId, EndCause, Event, Request, Transport};

const CONTACT: &str = "Contact: <sip:phone@192.0.2.9:5060>";

/// An incoming call that is answered, in which we have just sent a re-INVITE; also our tag.
fn offering(bench: &mut Bench) -> (DialogId, String, Request) {
    let (dialog, tag) = bench.answered();
    bench.sent();
    bench.endpoint.reoffer(bench.now, dialog, Some(SDP)).unwrap();
    let ours = bench.requests().remove(0);
    assert_eq!(ours.method.as_str(), "INVITE");
    (dialog, tag, ours)
}

#[test]
fn a_reinvite_that_meets_ours_gets_491_and_ours_goes_on() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag, ours) = offering(&mut bench);
    bench.receive(&in_dialog("INVITE", "theirs", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["491 INVITE"]);
    bench.receive(&in_dialog("ACK", "theirs", 2, &tag, ""));
    assert_eq!(bench.events(), [], "the owner hears nothing of the collision");
    bench.reply(&ours, 200, "", CONTACT);
    assert_eq!(bench.sent_short(), ["ACK"]);
    assert_eq!(bench.events(), [Event::ReofferDone { dialog, sdp: None }]);
}

#[test]
fn ours_that_gets_491_is_sent_again_within_the_wait_of_whoever_did_not_make_the_call() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, _, ours) = offering(&mut bench);
    bench.reply(&ours, 491, "", "");
    assert_eq!(bench.sent_short(), ["ACK"]);
    let seen = bench.run_ms(2000);
    // RFC 3261 14.1: "a randomly chosen value of between 0 and 2 seconds" for the side that did not choose the Call-ID.
    let first = seen.first().expect("it is sent again");
    assert!(first.0 <= 2000 && first.1 == "INVITE", "{first:?}");
    assert_eq!((bench.events(), bench.endpoint.dialog_count()), (vec![], 1));
}

#[test]
fn ours_in_a_call_we_made_waits_two_to_four_seconds_after_a_491() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, invite) = bench.outgoing(30);
    bench.reply(&invite, 200, "them", CONTACT);
    bench.events();
    bench.sent();
    bench.endpoint.reoffer(bench.now, dialog, Some(SDP)).unwrap();
    let ours = bench.requests().remove(0);
    bench.reply(&ours, 491, "", "");
    bench.sent();
    assert_eq!(bench.run_ms(2099), [], "RFC 3261 14.1: 2.1 to 4 seconds for the owner of the Call-ID");
    let seen = bench.run_ms(1901);
    assert_eq!(seen.first().map(|(_, one)| one.as_str()), Some("INVITE"));
}

#[test]
fn a_reinvite_while_the_owner_thinks_about_one_is_told_to_wait() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("INVITE", "one", 2, &tag, ""));
    bench.sent();
    bench.receive(&in_dialog("INVITE", "two", 3, &tag, ""));
    let refused = bench.responses().remove(0);
    assert!(matches!(refused.status, 491 | 500), "{}", refused.status);
    // RFC 3261 14.2: 500 comes with Retry-After.
    assert_eq!(refused.status == 500, refused.headers.contains("Retry-After"));
    assert_eq!(bench.events(), [Event::Reoffer { dialog, sdp: None }], "one at a time");
}

#[test]
fn ours_waits_by_itself_until_theirs_is_over() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("INVITE", "theirs", 2, &tag, ""));
    bench.sent();
    bench.events();
    bench.endpoint.reoffer(bench.now, dialog, Some(SDP)).unwrap();
    assert_eq!(bench.sent_short(), [""; 0], "theirs is not answered");
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    assert_eq!(bench.sent_short(), ["200 INVITE"], "nor acknowledged");
    bench.receive(&in_dialog("ACK", "theirsack", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["INVITE"]);
}

#[test]
fn a_bye_that_meets_our_reinvite_ends_the_call_and_its_late_refusal_is_acknowledged() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag, ours) = offering(&mut bench);
    bench.reply(&ours, 100, "", "");
    bench.receive(&in_dialog("BYE", "bye", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["200 BYE"]);
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::RemoteBye, reason: None }]);
    bench.reply(&ours, 487, "", "");
    assert_eq!(bench.sent_short(), ["ACK"]);
    bench.run_ms(64_000);
    assert_eq!((bench.endpoint.transaction_count(), bench.endpoint.next_deadline()), (0, None));
}

#[test]
fn a_reinvite_whose_answer_is_lost_with_the_call_is_not_waited_for_without_end() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, tag, ours) = offering(&mut bench);
    bench.reply(&ours, 100, "", "");
    bench.receive(&in_dialog("BYE", "bye", 2, &tag, ""));
    bench.events();
    bench.run_ms(31_999);
    assert!(bench.endpoint.transaction_count() > 0);
    bench.run_ms(1);
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
    assert_eq!(bench.events(), []);
}

#[test]
fn hanging_up_under_our_own_reinvite_leaves_nothing_behind() {
    for provisional in [true, false] {
        let mut bench = Bench::new(Transport::Udp);
        let (dialog, _, ours) = offering(&mut bench);
        if provisional {
            bench.reply(&ours, 100, "", "");
        }
        bench.endpoint.hang_up(bench.now, dialog, None);
        bench.run_ms(128_000);
        assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
        assert_eq!(bench.events(), []);
    }
}

#[test]
fn a_reinvite_answered_481_or_never_ends_the_call_as_gone() {
    for status in [481, 408, 0] {
        let mut bench = Bench::new(Transport::Udp);
        let (dialog, _, ours) = offering(&mut bench);
        if status > 0 {
            bench.reply(&ours, status, "", "");
        }
        bench.run_ms(32_000);
        let ended = Event::Ended { dialog, cause: EndCause::Gone, reason: None };
        assert!(bench.events().contains(&ended), "{status}");
        bench.run_ms(64_000);
        assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
    }
}
