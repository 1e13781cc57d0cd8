//! Whose challenge is answered: the address and realm an INVITE of ours was meant for, and nobody else. Where an INVITE
//! goes by way of a proxy.

use crate::support::{Bench, CONTACT, answer_to, from_peer, in_dialog};
use careline_sip::{DialogId, Event, Flow, OutgoingInvite, Received, Request, Transport};

fn challenge(realm: &str, algorithm: &str) -> String {
    format!(
        "WWW-Authenticate: Digest realm=\"{realm}\", nonce=\"n\", qop=\"auth\", algorithm={algorithm}\r\n"
    )
}

fn call(bench: &mut Bench, realm: Option<&str>) -> (DialogId, Request) {
    let invite = OutgoingInvite { auth_realm: realm.map(str::to_owned), ..bench.outgoing_invite(30) };
    let dialog = bench.endpoint.invite(bench.now, invite).unwrap();
    (dialog, bench.requests().remove(0))
}

fn elsewhere(flow: Flow) -> Flow {
    Flow { remote: "203.0.113.66:5060".parse().unwrap(), ..flow }
}

#[test]
fn the_configured_realm_is_answered_and_no_other() {
    for (realm, answered) in [(Some("carrier"), true), (Some("evil"), false), (None, true)] {
        let mut bench = Bench::new(Transport::Udp);
        let (dialog, request) = call(&mut bench, realm);
        bench.reply(&request, 401, "them", &challenge("carrier", "MD5"));
        let expected: &[&str] = if answered { &["ACK", "INVITE"] } else { &["ACK"] };
        assert_eq!(bench.sent_short(), expected);
        let refused =
            matches!(bench.events()[..], [Event::Refused { dialog: one, status: 401, .. }] if one == dialog);
        assert_eq!(refused, !answered);
    }
}

#[test]
fn of_several_challenges_ours_is_answered_by_the_stronger_algorithm() {
    let sha = challenge("carrier", "SHA-256");
    let md5 = challenge("carrier", "MD5");
    let evil = challenge("evil", "SHA-256");
    let odd = challenge("carrier", "SHA-512-256");
    for (offered, expected) in [
        (format!("{md5}{sha}"), "algorithm=SHA-256"),
        (format!("{sha}{md5}"), "algorithm=SHA-256"),
        (format!("{evil}{odd}{md5}"), "algorithm=MD5"),
    ] {
        let mut bench = Bench::new(Transport::Udp);
        let (_, request) = call(&mut bench, Some("carrier"));
        bench.reply(&request, 401, "them", &offered);
        let again = bench.requests().remove(1);
        let value = again.headers.get("Authorization").unwrap();
        assert!(value.contains(expected) && value.contains("realm=\"carrier\""), "{value}");
    }
}

#[test]
fn a_challenge_from_another_address_is_not_answered() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = call(&mut bench, None);
    let text = answer_to(&request, 401, "them", &challenge("carrier", "MD5"));
    assert_eq!(bench.endpoint.receive(bench.now, elsewhere(bench.flow), text.as_bytes()), Received::Handled);
    assert_eq!(bench.sent_short(), ["ACK"]);
    assert!(matches!(bench.events()[..], [Event::Refused { dialog: one, status: 401, .. }] if one == dialog));
    assert_eq!(bench.endpoint.counters().foreign_challenge, 1);
}

#[test]
fn the_owner_does_not_see_a_foreign_challenge_to_its_register() {
    let mut bench = Bench::new(Transport::Udp);
    let name: careline_sip::NameAddr = "<sip:120@carrier>".parse().unwrap();
    let uri = "sip:carrier".parse().unwrap();
    let method = careline_sip::Method::Register;
    bench.endpoint.request(bench.now, bench.flow, method, uri, name.clone(), name, vec![], vec![]).unwrap();
    let request = bench.requests().remove(0);
    let text = answer_to(&request, 401, "them", &challenge("carrier", "MD5"));
    bench.endpoint.receive(bench.now, elsewhere(bench.flow), text.as_bytes());
    let events = bench.events();
    let [Event::Response { response, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((response.status, response.headers.contains("WWW-Authenticate")), (401, false));
}

#[test]
fn a_bye_that_leads_elsewhere_tells_nobody_a_digest() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = call(&mut bench, None);
    bench.reply(&request, 200, "them", &format!("{CONTACT}Record-Route: <sip:203.0.113.66;lr>\r\n"));
    bench.sent();
    bench.endpoint.hang_up(bench.now, dialog, None);
    let bye = bench.requests().remove(0);
    let text = answer_to(&bye, 401, "", &challenge("carrier", "MD5"));
    bench.endpoint.receive(bench.now, elsewhere(bench.flow), text.as_bytes());
    assert_eq!(bench.sent_short(), [""; 0]);
    assert_eq!(bench.endpoint.counters().foreign_challenge, 1);
}

/// CVE-2021-41158: the attacker calls, and challenges what the switch then sends him.
#[test]
fn who_called_us_gets_no_digest_for_bye_re_invite_or_refresh() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, _) = bench.answered();
    bench.endpoint.reoffer(bench.now, dialog, Some(crate::support::SDP)).unwrap();
    let reinvite = bench.requests().remove(0);
    bench.reply(&reinvite, 401, "", &challenge("carrier", "MD5"));
    assert_eq!(bench.sent_short(), ["ACK"]);
    assert_eq!(bench.events(), [Event::ReofferFailed { dialog, status: 401 }]);
    bench.endpoint.hang_up(bench.now, dialog, None);
    let bye = bench.requests().remove(0);
    bench.reply(&bye, 407, "", &challenge("carrier", "MD5").replace("WWW-", "Proxy-"));
    assert_eq!(bench.sent_short(), [""; 0]);
    assert_eq!(bench.endpoint.dialog_count(), 0);
}

#[test]
fn an_invite_goes_along_its_route() {
    let mut bench = Bench::new(Transport::Udp);
    let route = vec!["<sip:192.0.2.9;lr>".to_owned(), "<sip:orig@scscf.carrier;lr>".to_owned()];
    let invite = OutgoingInvite { route, ..bench.outgoing_invite(30) };
    let dialog = bench.endpoint.invite(bench.now, invite).unwrap();
    let request = bench.requests().remove(0);
    let routes = Some("<sip:192.0.2.9;lr>, <sip:orig@scscf.carrier;lr>");
    assert_eq!((request.uri.as_str(), request.headers.get("Route")), ("sip:agent@192.0.2.9", routes));
    bench.reply(&request, 401, "them", &challenge("r", "MD5"));
    let sent = bench.requests();
    assert_eq!((sent[0].method.as_str(), sent[0].headers.get("Route")), ("ACK", routes));
    assert_eq!((sent[1].method.as_str(), sent[1].headers.get("Route")), ("INVITE", routes));
    bench.reply(&sent[1], 180, "them", "");
    bench.endpoint.hang_up(bench.now, dialog, None);
    assert_eq!(bench.requests()[0].headers.get("Route"), routes, "CANCEL goes the same way");
    bench.reply(&sent[1], 200, "them", CONTACT);
    assert_eq!(bench.requests()[0].headers.get("Route"), None, "no Record-Route, no Route");
}

#[test]
fn a_strict_router_stands_in_the_request_uri() {
    let mut bench = Bench::new(Transport::Udp);
    let invite = OutgoingInvite { route: vec!["<sip:192.0.2.9>".to_owned()], ..bench.outgoing_invite(30) };
    bench.endpoint.invite(bench.now, invite).unwrap();
    let request = bench.requests().remove(0);
    assert_eq!(request.uri.as_str(), "sip:192.0.2.9");
    assert_eq!(request.headers.get("Route"), Some("<sip:agent@192.0.2.9>"));
}

#[test]
fn the_ack_to_a_2xx_has_the_credentials_of_its_invite() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, request) = call(&mut bench, None);
    bench.reply(&request, 401, "them", &challenge("r", "MD5"));
    let again = bench.requests().remove(1);
    bench.reply(&again, 200, "them", CONTACT);
    let ack = bench.requests().remove(0);
    assert!(ack.headers.contains("Authorization"));
    assert_eq!(ack.headers.get("Authorization"), again.headers.get("Authorization"));
}

#[test]
fn every_branch_that_answers_late_is_acknowledged_and_ended() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, request) = bench.outgoing(30);
    bench.reply_sdp(&request, 200, "one", CONTACT);
    bench.sent();
    bench.events();
    let late = |bench: &mut Bench, tag: &str| {
        bench.reply_sdp(&request, 200, tag, &format!("Contact: <sip:{tag}@192.0.2.9>\r\n"));
        bench.requests().iter().map(|one| format!("{} {}", one.method, one.uri)).collect::<Vec<_>>()
    };
    assert_eq!(late(&mut bench, "two"), ["ACK sip:two@192.0.2.9", "BYE sip:two@192.0.2.9"]);
    assert_eq!(late(&mut bench, "two"), ["ACK sip:two@192.0.2.9"], "repeated: the BYE is on its way");
    assert_eq!(late(&mut bench, "one"), ["ACK sip:agent@192.0.2.9"]);
    bench.receive(&from_peer("BYE", "bye", 1, &request, "one", ""));
    assert_eq!(
        bench.events(),
        [Event::Ended { dialog, cause: careline_sip::EndCause::RemoteBye, reason: None }]
    );
    bench.sent();
    assert_eq!(
        late(&mut bench, "three"),
        ["ACK sip:three@192.0.2.9", "BYE sip:three@192.0.2.9"],
        "after the end"
    );
    assert_eq!(late(&mut bench, "one"), ["ACK sip:agent@192.0.2.9"]);
    assert_eq!(bench.events(), []);
    bench.run_ms(32_000);
    assert_eq!(late(&mut bench, "four"), [""; 0], "64*T1 after the first 2xx nobody remembers");
    bench.run_ms(200_000);
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
}

#[test]
fn the_repeated_ack_goes_where_the_first_went() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, request) = bench.outgoing(30);
    let recorded = format!("{CONTACT}Record-Route: <sip:203.0.113.7;lr>\r\n");
    for _ in 0..2 {
        bench.reply_sdp(&request, 200, "them", &recorded);
        let ack = bench.endpoint.poll_transmit().unwrap();
        assert_eq!(ack.flow.remote.to_string(), "203.0.113.7:5060");
    }
}

#[test]
fn a_dialog_of_ours_is_not_moved_by_a_wrong_tag() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, tag) = bench.answered();
    let stranger = in_dialog("BYE", "b", 2, &tag, "").replace("tag=peer", "tag=other");
    let new = bench.receive_new(&stranger);
    assert_eq!(bench.endpoint.inspect(&new).unwrap().status, 481);
}
