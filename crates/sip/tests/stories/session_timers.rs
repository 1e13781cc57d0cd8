//! Session timers (RFC 4028): what is asked and agreed, who refreshes when and how, and what ends a call.

use crate::support::{Bench, CONTACT, SDP, from_peer, in_dialog, invite, with_sdp};
use careline_sip::{
    CallTerms, DialogId, EndCause, EndpointConfig, Event, OutgoingInvite, Request, Transport,
};
use std::time::Duration;

fn bench() -> Bench {
    Bench::new(Transport::Udp)
}

/// What an incoming call with these headers gets: the 200's Session-Expires and Require, and our tag.
fn agreed(bench: &mut Bench, extra: &str) -> (DialogId, Option<String>, Option<String>, String) {
    let new = bench.receive_new(&invite("1", 1, extra));
    assert!(bench.endpoint.inspect(&new).is_none(), "{extra}");
    let dialog =
        bench.endpoint.accept_invite(bench.now, new, "sip:switch@192.0.2.1".parse().unwrap()).unwrap();
    bench.endpoint.answer(bench.now, dialog, SDP);
    let ok = bench.responses().pop().unwrap();
    let tag = ok.to().unwrap().tag().unwrap().to_owned();
    bench.receive(&in_dialog("ACK", "ack", 1, &tag, ""));
    bench.events();
    let value = |name: &str| ok.headers.get(name).map(str::to_owned);
    (dialog, value("Session-Expires"), value("Require"), tag)
}

fn timed(expires: &str) -> String {
    format!("Session-Expires: {expires}\r\nRequire: timer\r\n")
}

#[test]
fn a_caller_gets_the_terms_it_can_keep() {
    let supported = "Supported: timer\r\n";
    for (extra, expected, required) in [
        (String::new(), None, false),
        (supported.to_owned(), Some("1800;refresher=uas"), true),
        (format!("{supported}Session-Expires: 600\r\n"), Some("600;refresher=uas"), true),
        (format!("{supported}x: 600;refresher=UAC\r\n"), Some("600;refresher=uac"), true),
        (format!("{supported}Session-Expires: 7200\r\n"), Some("1800;refresher=uas"), true),
        (format!("{supported}Session-Expires: 7200\r\nMin-SE: 3600\r\n"), Some("3600;refresher=uas"), true),
        // A proxy put it in for a caller that knows nothing of it.
        ("Session-Expires: 600;refresher=uac\r\n".to_owned(), Some("600;refresher=uas"), false),
        ("Session-Expires: 20\r\n".to_owned(), Some("90;refresher=uas"), false),
        (format!("{supported}Session-Expires: soon\r\n"), Some("1800;refresher=uas"), true),
    ] {
        let (_, expires, require, _) = agreed(&mut bench(), &extra);
        assert_eq!(expires.as_deref(), expected, "{extra}");
        assert_eq!(require.as_deref(), required.then_some("timer"), "{extra}");
    }
}

#[test]
fn an_interval_below_the_minimum_is_refused_with_ours() {
    let mut bench = bench();
    let new = bench.receive_new(&invite("1", 1, "Supported: timer\r\nSession-Expires: 89\r\n"));
    let refused = bench.endpoint.inspect(&new).unwrap();
    assert_eq!((refused.status, refused.headers.get("Min-SE")), (422, Some("90")));
    let (_, _, _, tag) = agreed(&mut bench, "Supported: timer\r\n");
    bench.receive(&in_dialog("UPDATE", "u", 2, &tag, "Supported: timer\r\nSession-Expires: 30\r\n"));
    assert_eq!(bench.sent_short(), ["422 UPDATE"]);
}

#[test]
fn our_call_asks_and_asks_again_for_longer() {
    let mut bench = bench();
    let (dialog, request) = bench.outgoing(30);
    assert_eq!(request.headers.get("Session-Expires"), Some("1800"));
    bench.reply(&request, 422, "them", "Min-SE: 3600\r\n");
    let again = bench.requests().remove(1);
    assert_eq!(again.headers.get("CSeq"), Some("2 INVITE"));
    assert_eq!(
        (again.headers.get("Session-Expires"), again.headers.get("Min-SE")),
        (Some("3600"), Some("3600"))
    );
    let mut invite = again;
    for min_se in [5000, 7200] {
        bench.reply(&invite, 422, "them", &format!("Min-SE: {min_se}\r\n"));
        invite = bench.requests().remove(1);
        assert_eq!(invite.headers.get("Session-Expires"), Some(min_se.to_string().as_str()));
    }
    assert_eq!(bench.events(), []);
    bench.reply(&invite, 422, "them", "Min-SE: 9000\r\n");
    assert_eq!(bench.sent_short(), ["ACK"], "there is an end to it");
    assert!(matches!(bench.events()[..], [Event::Refused { dialog: one, status: 422, .. }] if one == dialog));
}

#[test]
fn a_call_may_ask_for_another_interval_or_none() {
    for (asked, expected) in [(Some(Duration::ZERO), None), (Some(Duration::from_secs(600)), Some("600"))] {
        let mut bench = bench();
        let invite = OutgoingInvite { session_expires: asked, ..bench.outgoing_invite(30) };
        bench.endpoint.invite(bench.now, invite).unwrap();
        assert_eq!(bench.requests()[0].headers.get("Session-Expires"), expected);
    }
    let config = EndpointConfig { session_expires: Duration::ZERO, ..EndpointConfig::default() };
    let mut bench = Bench::with(Transport::Udp, config);
    assert_eq!(agreed(&mut bench, "Supported: timer\r\n").1, None);
}

#[test]
fn a_line_without_a_session_timer_gives_none_unless_the_caller_asks_for_one() {
    for (ours, extra, expected) in [
        (Duration::ZERO, "Supported: timer\r\n", None),
        (Duration::ZERO, "Supported: timer\r\nSession-Expires: 600\r\n", Some("600;refresher=uas")),
        (Duration::from_secs(300), "Supported: timer\r\n", Some("300;refresher=uas")),
    ] {
        let mut bench = bench();
        let new = bench.receive_new(&invite("1", 1, extra));
        let terms = CallTerms { session_expires: Some(ours), ..CallTerms::default() };
        let contact = "sip:switch@192.0.2.1".parse().unwrap();
        let dialog = bench.endpoint.accept_invite_on(bench.now, new, contact, terms).unwrap();
        bench.endpoint.answer(bench.now, dialog, SDP);
        let ok = bench.responses().pop().unwrap();
        assert_eq!(ok.headers.get("Session-Expires"), expected, "{extra}");
    }
}

#[test]
fn without_session_expires_in_the_200_nothing_expires() {
    let mut bench = bench();
    bench.outgoing_answered("");
    assert_eq!(bench.run(Duration::from_secs(100_000)), []);
    assert_eq!(bench.endpoint.next_deadline(), None);
}

/// Our call whose session is ours to refresh every 1000 s.
fn ours(bench: &mut Bench, allow: &str) -> (DialogId, Request) {
    bench.outgoing_answered(&format!("{allow}{}", timed("1000;refresher=uac")))
}

const UPDATES: &str = "Allow: INVITE, ACK, BYE, UPDATE\r\n";

#[test]
fn we_refresh_by_update_at_half_time_for_ever() {
    let mut bench = bench();
    ours(&mut bench, UPDATES);
    for round in 1..=3 {
        bench.run_ms(499_999);
        assert_eq!(bench.sent_short(), [""; 0]);
        bench.now += Duration::from_millis(1);
        bench.endpoint.handle_deadline(bench.now);
        let update = bench.requests().remove(0);
        assert_eq!((update.method.as_str(), update.body.len()), ("UPDATE", 0));
        assert_eq!(update.headers.get("Session-Expires"), Some("1000;refresher=uac"), "round {round}");
        bench.reply(&update, 200, "", &format!("{CONTACT}{}", timed("1000;refresher=uac")));
        assert_eq!(bench.events(), []);
    }
}

#[test]
fn without_update_we_repeat_our_description() {
    let mut bench = bench();
    let (dialog, _) = ours(&mut bench, "Allow: INVITE, ACK, BYE\r\n");
    bench.run_ms(499_000);
    bench.now += Duration::from_secs(1);
    bench.endpoint.handle_deadline(bench.now);
    let reinvite = bench.requests().remove(0);
    assert_eq!((reinvite.method.as_str(), reinvite.sdp()), ("INVITE", Some(SDP)));
    bench.reply_sdp(&reinvite, 200, "", &format!("{CONTACT}{}", timed("1000;refresher=uac")));
    assert_eq!(
        (bench.sent_short(), bench.events()),
        (vec!["ACK".to_owned()], vec![]),
        "the owner has no part in it"
    );

    bench.run_ms(499_999);
    bench.now += Duration::from_millis(1);
    bench.endpoint.handle_deadline(bench.now);
    let reinvite = bench.requests().remove(0);
    let text = crate::support::answer_to(&reinvite, 200, "", CONTACT);
    bench.receive(&with_sdp(&text, b"v=0\r\no=- 1 9 IN IP4 192.0.2.7\r\n"));
    assert!(
        matches!(&bench.events()[..], [Event::ReofferDone { dialog: one, sdp: Some(_) }] if *one == dialog)
    );
}

#[test]
fn a_peer_that_takes_no_update_after_all_gets_a_re_invite() {
    let mut bench = bench();
    ours(&mut bench, UPDATES);
    bench.run_ms(499_999);
    bench.now += Duration::from_millis(1);
    bench.endpoint.handle_deadline(bench.now);
    let update = bench.requests().remove(0);
    bench.reply(&update, 501, "", "");
    let reinvite = bench.requests().remove(0);
    assert_eq!((reinvite.method.as_str(), reinvite.sdp()), ("INVITE", Some(SDP)));
}

#[test]
fn a_refresh_that_is_refused_is_tried_again_and_then_the_call_ends() {
    let mut bench = bench();
    let (dialog, _) = ours(&mut bench, UPDATES);
    let mut refreshes = 0;
    while bench.endpoint.dialog_count() > 0 && bench.endpoint.next_deadline().is_some() {
        bench.now = bench.endpoint.next_deadline().unwrap();
        bench.endpoint.handle_deadline(bench.now);
        for request in bench.requests() {
            match request.method.as_str() {
                "UPDATE" => {
                    refreshes += 1;
                    bench.reply(&request, 503, "", "");
                }
                "BYE" => {
                    assert_eq!(
                        bench.now.duration_since(bench.start).as_secs(),
                        968,
                        "32 s before it is over"
                    );
                    bench.reply(&request, 200, "", "");
                }
                other => panic!("{other}"),
            }
        }
    }
    assert!((5..=12).contains(&refreshes), "{refreshes}");
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::SessionExpired, reason: None }]);
}

#[test]
fn a_refresh_that_nobody_answers_ends_the_call() {
    for status in [None, Some(481)] {
        let mut bench = bench();
        let (dialog, _) = ours(&mut bench, UPDATES);
        bench.run_ms(499_999);
        bench.now += Duration::from_millis(1);
        bench.endpoint.handle_deadline(bench.now);
        let update = bench.requests().remove(0);
        match status {
            Some(status) => bench.reply(&update, status, "", ""),
            None => drop(bench.run_ms(32_000)),
        }
        assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::Gone, reason: None }]);
    }
}

#[test]
fn a_peer_that_forgets_to_refresh_is_left() {
    let mut bench = bench();
    let (dialog, _) = bench.outgoing_answered(&timed("90;refresher=uas"));
    assert_eq!(bench.run_ms(59_999), []);
    assert_eq!(bench.run_ms(1), [(60_000, "BYE".to_owned())], "a third before it is over");
    assert_eq!(bench.events(), [Event::Ended { dialog, cause: EndCause::SessionExpired, reason: None }]);
}

#[test]
fn each_refresh_of_the_peer_counts() {
    let mut bench = bench();
    let (dialog, request) = bench.outgoing_answered(&timed("90;refresher=uas"));
    let session = "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n";
    bench.run_ms(45_000);
    bench.receive(&from_peer("UPDATE", "u", 1, &request, "them", session));
    let ok = bench.responses().remove(0);
    assert_eq!(ok.headers.get("Session-Expires"), Some("90;refresher=uac"));
    assert_eq!(bench.run_ms(45_000), []);
    bench.receive(&with_sdp(&from_peer("INVITE", "r", 2, &request, "them", session), SDP));
    bench.endpoint.answer_reoffer(bench.now, dialog, SDP);
    assert_eq!(bench.responses().pop().unwrap().headers.get("Session-Expires"), Some("90;refresher=uac"));
    bench.receive(&from_peer("ACK", "a", 2, &request, "them", ""));
    assert_eq!(bench.run_ms(59_999), []);
    assert_eq!(bench.run_ms(1), [(150_000, "BYE".to_owned())]);
}

#[test]
fn an_incoming_call_is_refreshed_by_us() {
    let mut bench = bench();
    let (_, expires, _, _) =
        agreed(&mut bench, &format!("Supported: timer\r\nSession-Expires: 200\r\n{UPDATES}"));
    assert_eq!(expires.as_deref(), Some("200;refresher=uas"));
    let sent = bench.run_ms(100_000);
    assert_eq!(sent, [(100_000, "UPDATE".to_owned())]);
}

#[test]
fn an_offer_of_the_owner_refreshes_too_and_a_refresh_delays_it() {
    let mut bench = bench();
    let (dialog, _) = ours(&mut bench, UPDATES);
    bench.run_ms(400_000);
    bench.endpoint.reoffer(bench.now, dialog, Some(SDP)).unwrap();
    let reinvite = bench.requests().remove(0);
    assert_eq!(reinvite.headers.get("Session-Expires"), Some("1000;refresher=uac"));
    bench.reply_sdp(&reinvite, 200, "", &format!("{CONTACT}{}", timed("1000;refresher=uac")));
    bench.events();
    bench.sent();
    assert_eq!(bench.run_ms(499_999), []);
    assert_eq!(bench.endpoint.next_deadline().map(|at| (at - bench.start).as_millis()), Some(900_000));
    bench.now += Duration::from_millis(1);
    bench.endpoint.handle_deadline(bench.now);
    let update = bench.requests().remove(0);
    assert_eq!(bench.endpoint.reoffer(bench.now, dialog, Some(SDP)), Ok(()), "it waits for the refresh");
    assert_eq!(bench.sent_short(), [""; 0]);
    bench.reply(&update, 200, "", &timed("1000;refresher=uac"));
    assert_eq!(bench.sent_short(), ["INVITE"]);
}

#[test]
fn an_interval_too_small_in_an_answer_does_not_hurry_us() {
    let mut bench = bench();
    bench.outgoing_answered(&format!("{UPDATES}{}", timed("0;refresher=uac")));
    assert_eq!(bench.run_ms(45_000), [(45_000, "UPDATE".to_owned())]);
}
