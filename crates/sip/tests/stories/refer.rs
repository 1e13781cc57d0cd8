//! Transfers on a fake clock: REFER, its NOTIFYs, and what loses or delays them (RFC 3515, 4488).

use crate::support::{Bench, in_dialog, invite};
use careline_sip::{DialogId, Event, NewRequest, ReferId, Request, TransactionId, Transport, parse};

const ATTENDED: &str = "Refer-To: <sip:1001@192.0.2.1?Replaces=c%40h%3Bto-tag%3Dt%3Bfrom-tag%3Df>\r\n";

/// A call that is answered and then referred by its caller; also our tag.
fn referred(bench: &mut Bench, extra: &str) -> (DialogId, ReferId, String) {
    let (dialog, tag) = bench.answered();
    bench.receive(&in_dialog("REFER", "refer", 2, &tag, extra));
    match &bench.events()[..] {
        [Event::Referred { dialog: on, refer, .. }] if *on == dialog => (dialog, *refer, tag),
        other => panic!("{other:?}"),
    }
}

fn state(notify: &Request) -> (&str, &str) {
    let status = std::str::from_utf8(&notify.body).unwrap().trim_end();
    (notify.headers.get("Subscription-State").unwrap(), status)
}

#[test]
fn a_transfer_is_accepted_at_once_told_as_it_goes_and_closed_by_its_outcome() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, tag) = bench.answered();
    let by = "Referred-By: <sip:phone@192.0.2.9>\r\n";
    bench.receive(&in_dialog("REFER", "refer", 2, &tag, &format!("{ATTENDED}{by}")));
    let events = bench.events();
    let [Event::Referred { dialog: on, refer, to, replaces, referred_by }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!((*on, to.to_string().as_str()), (dialog, "<sip:1001@192.0.2.1>"));
    assert_eq!(replaces.as_ref().unwrap().to_string(), "c@h;to-tag=t;from-tag=f");
    assert_eq!(referred_by.as_deref(), Some("<sip:phone@192.0.2.9>"));
    assert_eq!(bench.sent_short(), [""; 0], "nothing before the owner has spoken");

    bench.endpoint.accept_refer(bench.now, *refer);
    let notify = bench.requests().remove(0);
    assert_eq!(state(&notify), ("active;expires=180", "SIP/2.0 100 Trying"));
    assert_eq!(notify.headers.get("Event"), Some("refer;id=2"));
    assert_eq!(notify.headers.get("Content-Type"), Some("message/sipfrag;version=2.0"));
    assert_eq!(notify.to().unwrap().tag(), Some("peer"));
    bench.reply(&notify, 200, "", "");
    bench.endpoint.notify_refer(bench.now, *refer, 180);
    bench.endpoint.notify_refer(bench.now, *refer, 180);
    let ringing = bench.requests();
    assert_eq!(ringing.len(), 1, "the same word is not told twice");
    bench.reply(&ringing[0], 200, "", "");
    bench.endpoint.notify_refer(bench.now, *refer, 200);
    let last = bench.requests().remove(0);
    assert_eq!(state(&last), ("terminated;reason=noresource", "SIP/2.0 200 OK"));
    assert!(last.cseq().unwrap().number > notify.cseq().unwrap().number);
    bench.reply(&last, 200, "", "");
    bench.endpoint.notify_refer(bench.now, *refer, 486);
    assert_eq!(bench.sent_short(), [""; 0], "it is over");
    assert_eq!((bench.endpoint.refer_count(), bench.endpoint.dialog_count()), (0, 1));
}

#[test]
fn a_202_is_sent_before_the_first_notify() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, refer, _) = referred(&mut bench, "Refer-To: <tel:1001>\r\n");
    bench.endpoint.accept_refer(bench.now, refer);
    assert_eq!(bench.sent_short(), ["202 REFER", "NOTIFY"]);
    bench.endpoint.refuse_refer(bench.now, refer, 603);
    assert_eq!(bench.sent_short(), [""; 0], "too late");
}

#[test]
fn a_peer_that_wants_no_subscription_gets_no_notify() {
    let mut bench = Bench::new(Transport::Udp);
    let extra = "Refer-To: <tel:1001>\r\nRefer-Sub: false\r\nRequire: norefersub\r\n";
    let (_, refer, _) = referred(&mut bench, extra);
    bench.endpoint.accept_refer(bench.now, refer);
    let sent = bench.responses();
    assert_eq!((sent.len(), sent[0].status, sent[0].headers.get("Refer-Sub")), (1, 202, Some("false")));
    bench.endpoint.notify_refer(bench.now, refer, 200);
    assert_eq!((bench.sent_short().len(), bench.endpoint.refer_count()), (0, 0));
}

#[test]
fn a_refused_transfer_leaves_the_call_as_it_was() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, refer, tag) = referred(&mut bench, "Refer-To: <tel:1001>\r\n");
    bench.endpoint.refuse_refer(bench.now, refer, 403);
    assert_eq!(bench.sent_short(), ["403 REFER"]);
    bench.receive(&in_dialog("REFER", "refer", 2, &tag, "Refer-To: <tel:1001>\r\n"));
    assert_eq!(bench.sent_short(), ["403 REFER"], "the repeated REFER is no second one");
    assert_eq!(
        (bench.events().len(), bench.endpoint.refer_count(), bench.endpoint.dialog_count()),
        (0, 0, 1)
    );
}

#[test]
fn a_malformed_refer_is_answered_without_asking_anybody() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, tag) = bench.answered();
    for (number, (extra, status)) in [
        ("", "400 REFER"),
        ("Refer-To: <sip:a@b>\r\nRefer-To: <sip:c@d>\r\n", "400 REFER"),
        ("Refer-To: <sip:a@b?Replaces=nothing>\r\n", "400 REFER"),
        ("Refer-To: <http://a/b>\r\n", "416 REFER"),
        ("Refer-To: <sip:a@b;method=BYE>\r\n", "603 REFER"),
        ("Refer-To: <sip:a@b>\r\nRequire: magic\r\n", "420 REFER"),
    ]
    .into_iter()
    .enumerate()
    {
        bench.receive(&in_dialog("REFER", &format!("r{number}"), 2 + number as u32, &tag, extra));
        assert_eq!(bench.sent_short(), [status], "{extra}");
    }
    assert_eq!((bench.events().len(), bench.endpoint.refer_count()), (0, 0));
}

#[test]
fn the_outcome_is_told_even_when_the_peer_has_hung_up_meanwhile() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, refer, tag) = referred(&mut bench, "Refer-To: <tel:1001>\r\n");
    bench.endpoint.accept_refer(bench.now, refer);
    let before = bench.requests().remove(0);
    bench.reply(&before, 200, "", "");
    bench.receive(&in_dialog("BYE", "bye", 3, &tag, ""));
    assert_eq!(bench.endpoint.dialog_count(), 0);
    bench.sent();
    bench.endpoint.notify_refer(bench.now, refer, 200);
    let notify = bench.requests().remove(0);
    assert_eq!(state(&notify), ("terminated;reason=noresource", "SIP/2.0 200 OK"));
    assert_eq!((notify.call_id(), notify.to().unwrap().tag()), (before.call_id(), Some("peer")));
    assert!(notify.cseq().unwrap().number > before.cseq().unwrap().number);
    bench.reply(&notify, 481, "", "");
    bench.run_ms(40_000);
    assert_eq!((bench.endpoint.refer_count(), bench.endpoint.transaction_count()), (0, 0));
}

#[test]
fn two_transfers_of_a_call_that_is_over_count_their_notifies_on() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, first, tag) = referred(&mut bench, "Refer-To: <tel:1001>\r\n");
    bench.receive(&in_dialog("REFER", "second", 3, &tag, "Refer-To: <tel:1002>\r\n"));
    let events = bench.events();
    let [Event::Referred { refer: second, .. }] = &events[..] else { panic!("{events:?}") };
    bench.endpoint.accept_refer(bench.now, first);
    bench.endpoint.accept_refer(bench.now, *second);
    bench.receive(&in_dialog("BYE", "bye", 4, &tag, ""));
    bench.sent();
    let mut numbers = Vec::new();
    for (refer, status) in [(*second, 180), (*second, 200), (first, 180), (first, 486)] {
        bench.endpoint.notify_refer(bench.now, refer, status);
        numbers.extend(bench.requests().iter().map(|one| one.cseq().unwrap().number));
    }
    assert!(numbers.len() == 4 && numbers.is_sorted_by(|one, two| one < two), "{numbers:?}");
}

#[test]
fn a_peer_that_answers_481_to_a_notify_is_told_no_more() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, refer, _) = referred(&mut bench, "Refer-To: <tel:1001>\r\n");
    bench.endpoint.accept_refer(bench.now, refer);
    let notify = bench.requests().remove(0);
    bench.reply(&notify, 481, "", "");
    bench.endpoint.notify_refer(bench.now, refer, 200);
    assert_eq!((bench.sent_short().len(), bench.endpoint.refer_count()), (0, 0));
    assert_eq!(bench.endpoint.dialog_count(), 1, "the call goes on");
}

#[test]
fn a_transfer_nobody_decides_is_closed_by_its_clock() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, refer, _) = referred(&mut bench, "Refer-To: <tel:1001>\r\n");
    bench.endpoint.accept_refer(bench.now, refer);
    let notify = bench.requests().remove(0);
    bench.reply(&notify, 200, "", "");
    assert_eq!(bench.run_ms(179_999), []);
    assert_eq!(bench.run_ms(1), [(180_000, "NOTIFY".to_owned())]);
    assert_eq!(bench.endpoint.refer_count(), 0);
}

#[test]
fn a_refer_the_owner_forgets_is_refused_by_its_clock() {
    let mut bench = Bench::new(Transport::Udp);
    referred(&mut bench, "Refer-To: <tel:1001>\r\n");
    assert_eq!(bench.run_ms(32_000), [(32_000, "500 REFER".to_owned())]);
    assert_eq!(bench.endpoint.refer_count(), 0);
}

#[test]
fn a_fifth_transfer_at_a_time_is_refused() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, tag) = bench.answered();
    for number in 2..7 {
        let text = in_dialog("REFER", &format!("r{number}"), number, &tag, "Refer-To: <tel:1001>\r\n");
        bench.receive(&text);
    }
    assert_eq!(bench.sent_short(), ["503 REFER"]);
    assert_eq!((bench.events().len(), bench.endpoint.refer_count()), (4, 4));
}

fn alone(bench: &mut Bench, extra: &str) -> NewRequest {
    let text = in_dialog("REFER", "alone", 7, "", extra).replace(";tag=\r\n", "\r\n");
    bench.receive_new(&text)
}

#[test]
fn a_refer_outside_of_any_dialog_opens_one_for_its_notifies() {
    let mut bench = Bench::new(Transport::Udp);
    let new = alone(&mut bench, "Refer-To: <tel:1001>\r\n");
    assert!(bench.endpoint.inspect(&new).is_none());
    assert_eq!(new.refer_to().unwrap().unwrap().to.uri.as_str(), "tel:1001");
    let contact = "sip:switch@192.0.2.1".parse().unwrap();
    let refer = bench.endpoint.adopt_refer(bench.now, new, contact).unwrap();
    bench.endpoint.accept_refer(bench.now, refer);
    bench.endpoint.notify_refer(bench.now, refer, 486);
    let sent: Vec<_> = std::iter::from_fn(|| bench.endpoint.poll_transmit()).collect();
    let tags: Vec<_> = sent.iter().map(|one| parse(&one.bytes).unwrap()).collect();
    let [careline_sip::Message::Response(accepted), rest @ ..] = &tags[..] else { panic!("a response") };
    assert_eq!(accepted.status, 202);
    let ours = accepted.to().unwrap().tag().unwrap().to_owned();
    assert_eq!(rest.len(), 2);
    for (one, number) in rest.iter().zip(1..) {
        let careline_sip::Message::Request(notify) = one else { panic!("a NOTIFY") };
        assert_eq!(notify.from().unwrap().tag(), Some(&ours[..]));
        assert_eq!(notify.uri.as_str(), "sip:phone@192.0.2.9:5060");
        assert_eq!(
            (notify.cseq().unwrap().number, notify.headers.get("Event")),
            (number, Some("refer;id=7"))
        );
    }
    bench.run_ms(70_000);
    assert_eq!((bench.endpoint.refer_count(), bench.endpoint.transaction_count()), (0, 0));
    let other = bench.receive_new(&invite("1", 1, ""));
    assert!(other.refer_to().is_none());
}

/// An answered call of ours in which we sent a REFER.
fn referring(bench: &mut Bench) -> (DialogId, TransactionId, Request) {
    let (dialog, invite) = bench.outgoing(30);
    bench.reply(&invite, 200, "them", "Contact: <sip:a@192.0.2.9>\r\n");
    bench.events();
    bench.sent();
    let tx = bench.endpoint.refer(bench.now, dialog, "<tel:1001>", Some("<sip:switch@192.0.2.1>")).unwrap();
    let refer = bench.requests().remove(0);
    (dialog, tx, refer)
}

/// A NOTIFY of the peer in the dialog of a REFER of ours.
fn notify(refer: &Request, cseq: u32, event: &str, state: &str, body: &str) -> String {
    format!(
        "NOTIFY sip:switch@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKn{cseq}\r\n\
         From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {cseq} NOTIFY\r\nEvent: {event}\r\nSubscription-State: {state}\r\n\
         Content-Type: message/sipfrag\r\nContent-Length: {}\r\n\r\n{body}",
        refer.headers.get("To").unwrap(),
        refer.headers.get("From").unwrap(),
        refer.call_id(),
        body.len(),
    )
}

#[test]
fn what_the_peer_tells_of_our_refer_is_reported_and_answered() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, transaction, refer) = referring(&mut bench);
    assert_eq!(refer.headers.get("Refer-To"), Some("<tel:1001>"));
    assert_eq!(refer.headers.get("Referred-By"), Some("<sip:switch@192.0.2.1>"));
    let number = refer.cseq().unwrap().number;
    // It overtakes the 202.
    bench.receive(&notify(&refer, 1, "refer", "active;expires=60", "SIP/2.0 100 Trying\r\n"));
    bench.reply(&refer, 202, "", "");
    let named = format!("refer;id={number}");
    bench.receive(&notify(&refer, 2, "refer;id=999", "active", "SIP/2.0 180 Ringing\r\n"));
    bench.receive(&notify(&refer, 3, "presence", "active", ""));
    bench.receive(&notify(&refer, 4, &named, "terminated;reason=noresource", "SIP/2.0 603 Declined\r\n"));
    bench.receive(&notify(&refer, 5, &named, "active", "SIP/2.0 200 OK\r\n"));
    assert_eq!(bench.sent_short(), ["200 NOTIFY", "481 NOTIFY", "489 NOTIFY", "200 NOTIFY", "481 NOTIFY"]);
    let events = bench.events();
    let [first, Event::Response { response, .. }, last] = &events[..] else { panic!("{events:?}") };
    assert_eq!(*first, Event::ReferProgress { dialog, transaction, status: 100, is_over: false });
    assert_eq!(response.status, 202);
    assert_eq!(*last, Event::ReferProgress { dialog, transaction, status: 603, is_over: true });
}

#[test]
fn a_refer_of_ours_that_is_refused_or_lost_is_reported_once() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, transaction, refer) = referring(&mut bench);
    bench.reply(&refer, 405, "", "");
    let events = bench.events();
    assert!(matches!(&events[..], [Event::Response { transaction: tx, response }]
        if *tx == transaction && response.status == 405));
    bench.receive(&notify(&refer, 1, "refer", "active", "SIP/2.0 100 Trying\r\n"));
    assert_eq!(bench.sent_short(), ["481 NOTIFY"]);
    for _ in 0..4 {
        assert!(bench.endpoint.refer(bench.now, dialog, "<tel:1>", None).is_some());
    }
    assert!(bench.endpoint.refer(bench.now, dialog, "<tel:1>", None).is_none(), "four at a time");
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert!(bench.endpoint.refer(bench.now, dialog, "<tel:1>", None).is_none(), "it is being ended");
    bench.run_ms(64_000);
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
}
