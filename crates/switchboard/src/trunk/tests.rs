//! Calls through trunks that refuse, break, are full, or want us to register.

mod leaving;
mod street;
mod watched;

use super::report::Report;
use crate::MediaOrder;
use careline_sip::auth::Realm;
use careline_sip::{Event, Flow, NameAddr, Transport};
use street::{Manner, Street};

/// Two carriers of one order each, without OPTIONS.
const TWO: &str = r#"
area_code = "0543"
[[trunk]]
id = "a"
proxy = ["127.0.1.1:5060"]
options_interval_s = 0
caller_id = "+8654332201000"
number_block = ["+8654332201000-+8654332201099"]
[[trunk]]
id = "b"
proxy = ["127.0.1.2:5060"]
options_interval_s = 0
[[trunk_group]]
id = "out"
members = [{ trunk = "a", order = 1 }, { trunk = "b", order = 2 }]
[[route]]
group = "out"
"#;

fn two(first: Manner, second: Manner) -> Street {
    let mut street = Street::new(TWO, 2);
    (street.carriers[0].manner, street.carriers[1].manner) = (first, second);
    street
}

#[test]
fn a_call_goes_out_rings_with_sound_and_is_answered() {
    let mut street = two(Manner::RingsAloud, Manner::Dead);
    let leg = street.dial(1, "13812345678");
    assert_eq!(street.told(leg), [Report::EarlyMedia]);
    assert!(
        street.media.iter().any(|order| matches!(order, MediaOrder::Open { .. })),
        "announcements are heard"
    );
    street.carriers[0].answer(street.now);
    street.run();
    assert_eq!(street.told(leg), [Report::EarlyMedia, Report::Answered]);
    let invite = &street.carriers[0].invites[0];
    assert_eq!(invite.uri.as_str(), "sip:13812345678@127.0.1.1:5060");
    let asserted = invite.headers.get("P-Asserted-Identity").expect("an identity");
    assert!(asserted.contains("054332201042"), "a number of the block is shown: {asserted}");
    assert_eq!(street.board.trunk_status(street.now)[0].calls, 1);
}

#[test]
fn a_silent_trunk_is_replaced_within_the_attempt_and_left_alone() {
    let mut street = two(Manner::Dead, Manner::Answers);
    let leg = street.dial(1, "10086");
    street.after(3);
    assert_eq!(street.told(leg), []);
    street.after(1);
    assert_eq!(street.told(leg), [Report::Answered]);
    let next = street.dial(2, "10086");
    assert_eq!(street.told(next), [Report::Answered], "nobody waits for a dead trunk twice");
    street.after(40);
    street.carriers[0].manner = Manner::Answers;
    street.dial(3, "10086");
    assert_eq!(street.invites(), [1, 2], "it is tried again after its rest, and serves");
}

#[test]
fn a_trunk_that_only_says_100_is_waited_for() {
    let mut street = two(Manner::Trying, Manner::Answers);
    let leg = street.dial(1, "10086");
    street.after(20);
    assert_eq!((street.told(leg), street.invites()), (vec![], vec![1, 0]));
}

#[test]
fn a_network_in_trouble_is_replaced_and_a_person_is_not() {
    for (status, replaced) in [
        (500, true),
        (502, true),
        (503, true),
        (504, true),
        (408, true),
        (403, true),
        (302, false),
        (404, false),
        (480, false),
        (484, false),
        (486, false),
        (603, false),
    ] {
        let mut street = two(Manner::Refuses(status), Manner::Answers);
        let leg = street.dial(1, "10086");
        street.after(1);
        let expected = if replaced { Report::Answered } else { Report::Refused(status) };
        assert_eq!(street.told(leg), [expected], "{status}");
        assert_eq!(street.invites(), [1, usize::from(replaced)], "{status}");
    }
}

#[test]
fn a_break_after_ringing_is_replaced_a_refusal_is_not() {
    let mut street = two(Manner::RingsAloud, Manner::Rings);
    let leg = street.dial(1, "10086");
    street.carriers[0].refuse(street.now, 500);
    street.run();
    assert_eq!(street.told(leg), [Report::EarlyMedia, Report::Ringing]);
    assert!(
        street.media.iter().any(|order| matches!(order, MediaOrder::Close { .. })),
        "the first stream is over"
    );
    street.carriers[1].refuse(street.now, 486);
    street.run();
    assert_eq!(street.told(leg).last(), Some(&Report::Refused(486)));
    let mut street = two(Manner::Rings, Manner::Rings);
    let leg = street.dial(1, "10086");
    street.carriers[0].refuse(street.now, 403);
    street.run();
    assert_eq!(street.told(leg), [Report::Ringing, Report::Refused(403)], "the called party was reached");
}

#[test]
fn the_end_has_the_most_telling_status() {
    for (first, second, told) in [(503, 403, 403), (403, 500, 403), (500, 503, 500), (503, 486, 486)] {
        let mut street = two(Manner::Refuses(first), Manner::Refuses(second));
        let leg = street.dial(1, "10086");
        street.after(1);
        assert_eq!(street.told(leg), [Report::Refused(told)], "{first} then {second}");
    }
}

#[test]
fn a_late_200_of_a_replaced_trunk_is_ended() {
    let mut street = two(Manner::Rings, Manner::Rings);
    // A trunk with OPTIONS that dies in mid-ring, below; here the first is given up by hand.
    let leg = street.dial(1, "10086");
    street.board.door_died(street.now, &"a".into(), 0);
    street.run();
    assert_eq!(street.told(leg), [Report::Ringing, Report::Ringing]);
    assert!(
        street.carriers[0].seen.iter().any(|event| matches!(event, Event::Cancelled { .. })),
        "{:?}",
        street.carriers[0].seen
    );
    assert_eq!(street.board.trunk_status(street.now)[0].calls, 0);
    assert_eq!(street.board.trunk_status(street.now)[1].calls, 1);
}

/// The same with OPTIONS every five seconds.
fn probed(first: Manner, second: Manner) -> Street {
    let config = TWO.replace("options_interval_s = 0", "options_interval_s = 5\noptions_failures = 2");
    let mut street = Street::new(&config, 2);
    (street.carriers[0].manner, street.carriers[1].manner) = (first, second);
    street.board.handle_deadline(street.now);
    street.run();
    street
}

#[test]
fn a_trunk_that_dies_in_mid_ring_is_replaced_when_its_options_fail() {
    let mut street = probed(Manner::Rings, Manner::Rings);
    let leg = street.dial(1, "10086");
    assert_eq!(street.told(leg), [Report::Ringing]);
    street.carriers[0].manner = Manner::Dead;
    street.after(20);
    assert_eq!(street.invites(), [1, 1], "{:?}", street.board.trunk_status(street.now));
    street.carriers[1].answer(street.now);
    street.run();
    assert_eq!(street.told(leg).last(), Some(&Report::Answered));
}

#[test]
fn options_tell_down_after_n_and_up_after_m() {
    let mut street = probed(Manner::Dead, Manner::Answers);
    let up = |street: &Street| street.board.trunk_status(street.now)[0].proxies[0].1;
    assert!(up(&street));
    street.after(5);
    assert!(up(&street), "one lost OPTIONS is no failure");
    street.after(6);
    assert!(!up(&street));
    street.dial(1, "10086");
    assert_eq!(street.invites(), [0, 1], "a down trunk is skipped at once");
    // The OPTIONS under way is sent again until it is answered.
    street.carriers[0].manner = Manner::Answers;
    street.after(1);
    assert!(!up(&street), "one good answer is not enough");
    street.after(5);
    assert!(up(&street));
}

#[test]
fn a_full_trunk_is_busy_not_failed_and_emergencies_ignore_it() {
    let config = TWO
        .replace("id = \"a\"", "id = \"a\"\ncalls_max = 1")
        .replace("id = \"b\"", "id = \"b\"\ncalls_per_second = 1");
    let mut street = Street::new(&config, 2);
    for carrier in &mut street.carriers {
        carrier.manner = Manner::Answers;
    }
    street.dial(1, "10086");
    street.dial(2, "10086");
    assert_eq!(street.invites(), [1, 1], "the second takes what the first has no room for");
    let third = street.dial(3, "10086");
    assert_eq!(street.told(third), [Report::Refused(486)]);
    let emergency = street.dial(4, "120");
    assert_eq!(street.told(emergency), [Report::Answered]);
    assert_eq!(street.invites(), [2, 1]);
    street.after(1);
    street.dial(5, "10086");
    assert_eq!(street.invites(), [2, 2], "a second later there is room again");
}

#[test]
fn weights_share_calls_of_one_order() {
    let config = TWO.replace(
        "members = [{ trunk = \"a\", order = 1 }, { trunk = \"b\", order = 2 }]",
        "members = [{ trunk = \"a\", weight = 3 }, { trunk = \"b\", weight = 1 }]",
    );
    let mut street = Street::new(&config, 2);
    for carrier in &mut street.carriers {
        carrier.manner = Manner::Refuses(486);
    }
    for leg in 0..200 {
        street.dial(leg, "10086");
        street.after(1);
    }
    let [first, second] = street.invites()[..] else { panic!("two carriers") };
    assert_eq!(first + second, 200);
    assert!((130..=170).contains(&first), "3 to 1 is not {first} to {second}");
}

#[test]
fn emergencies_try_even_trunks_that_seem_dead() {
    let mut street = two(Manner::Dead, Manner::Dead);
    street.dial(1, "10086");
    street.after(10);
    let refused = street.dial(2, "10086");
    assert_eq!(street.told(refused), [Report::Refused(503)]);
    street.carriers[0].manner = Manner::Answers;
    let emergency = street.dial(3, "110");
    assert_eq!(street.told(emergency), [Report::Answered]);
}

/// A carrier's IMS that wants digest, with a number block.
const IMS: &str = r#"
area_code = "0543"
[[trunk]]
id = "ims"
profile = "ims-cn"
number_block = ["+8654332201000-+8654332201099"]
[trunk.register]
registrar = "127.0.1.1:5060"
domain = "ims.example.com"
user = "+8654332201000"
auth_user = "ims-user"
password = "secret"
[[trunk_group]]
id = "out"
members = [{ trunk = "ims" }]
[[route]]
group = "out"
"#;

fn ims(realm: &str) -> Street {
    let mut street = Street::new(IMS, 1);
    street.carriers[0].realm = Some(Realm::new(realm.to_owned(), [3; 32]));
    street.carriers[0].manner = Manner::Answers;
    street.after(0);
    street
}

#[test]
fn a_trunk_registers_refreshes_and_calls_by_its_service_route() {
    let mut street = ims("ims.example.com");
    assert_eq!(street.board.trunk_status(street.now)[0].registered, Some(true));
    let registers = &street.carriers[0].registers;
    assert_eq!(registers.len(), 2, "challenged once");
    assert_eq!(registers[1].uri.as_str(), "sip:ims.example.com");
    assert!(registers[1].headers.get("Authorization").unwrap().contains("username=\"ims-user\""));
    assert_eq!(registers[0].call_id(), registers[1].call_id(), "RFC 3261 10.2: one Call-ID");
    street.after(51);
    assert_eq!(street.carriers[0].registers.len(), 4, "renewed at half of what was granted");
    street.dial(1, "13812345678");
    let invite = &street.carriers[0].invites[0];
    assert_eq!(invite.uri.as_str(), "tel:+8613812345678");
    assert_eq!(invite.headers.get("Route"), Some("<sip:127.0.1.9;lr>"));
    let preferred: NameAddr = invite.headers.get("P-Preferred-Identity").unwrap().parse().unwrap();
    assert_eq!(preferred.uri.as_str(), "sip:+8654332201042@ims.example.com");
    assert!(invite.headers.get("Contact").unwrap().contains("+8654332201000@"));
    assert_eq!(street.carriers[0].options, 0, "a silent peer is not asked");
}

#[test]
fn the_way_back_through_a_nat_is_kept_open_while_registered() {
    let mut street = ims("ims.example.com");
    let heard = |street: &Street| street.carriers[0].endpoint.counters().keep_alives;
    street.after(24);
    assert_eq!(heard(&street), 0);
    street.after(1);
    assert_eq!(heard(&street), 1);
    street.after(3600);
    assert!(heard(&street) >= 70, "{}", heard(&street));
    assert!(street.board.next_deadline().is_some_and(|at| at > street.now.instant), "nothing is overdue");
    let mut refused = ims("evil.example.com");
    refused.after(200);
    assert_eq!(heard(&refused), 0, "who is not registered has no way to keep open");
}

#[test]
fn no_credentials_for_another_realm() {
    let mut street = ims("evil.example.com");
    street.after(3);
    assert!(street.carriers[0].registers.iter().all(|one| !one.headers.contains("Authorization")));
    let status = &street.board.trunk_status(street.now)[0];
    assert_eq!(status.registered, Some(false));
    assert!(status.complaint.as_ref().unwrap().contains("evil.example.com"));
    let leg = street.dial(1, "10086");
    assert_eq!(street.told(leg), [Report::Refused(503)], "an unregistered trunk is down");
}

#[test]
fn a_registrar_that_goes_away_is_asked_again_ever_more_slowly() {
    let mut street = ims("ims.example.com");
    street.carriers[0].manner = Manner::Dead;
    street.after(300);
    assert_eq!(street.board.trunk_status(street.now)[0].registered, Some(false));
    street.carriers[0].manner = Manner::Answers;
    street.after(320);
    assert_eq!(street.board.trunk_status(street.now)[0].registered, Some(true));
}

/// An INVITE as the carrier of [`TWO`]'s trunk a sends it.
fn inbound(uri: &str, to: &str, headers: &str) -> Vec<u8> {
    format!(
        "INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.1.1:5060;branch=z9hG4bK{branch}\r\nMax-Forwards: 70\r\n\
         From: <sip:+8613812345678@ims.example.com>;tag=1\r\nTo: {to}\r\nCall-ID: {branch}\r\nCSeq: 1 INVITE\r\n\
         Contact: <sip:127.0.1.1:5060>\r\n{headers}Content-Length: 0\r\n\r\n",
        branch = uri.len() + 100 * to.len() + 10_000 * headers.len(),
    )
    .into_bytes()
}

#[test]
fn a_number_of_the_block_is_found_wherever_the_carrier_writes_it() {
    let config = format!("{IMS}\n[[line]]\nid = \"l\"\nnumber = \"054332201042\"\nflow = \"f\"\n");
    let plan = careline_model::config::check(
        &careline_model::config::parse(&config, "x").unwrap(),
        &[careline_model::config::parse_flow(
            "id = \"f\"\nversion = 1\nstart = \"b\"\n[node.b]\nkind = \"hangup\"\nprompts = [\"x\"]\n",
            "f",
        )
        .unwrap()],
        &|_| true,
    )
    .unwrap();
    let trunk = &plan.trunks[&"ims".into()];
    let dialled = |uri: &str, to: &str, headers: &str| {
        let bytes = inbound(uri, to, headers);
        let Ok(careline_sip::Message::Request(request)) = careline_sip::parse(&bytes) else {
            panic!("a request")
        };
        let (caller, _) = super::caller_of(trunk, &plan, &request);
        (super::dialled_of(trunk, &plan, &request), caller.as_str().to_owned())
    };
    let caller = "+8613812345678".to_owned();
    let registered = "sip:+8654332201000@127.0.0.1:5060";
    let named = "<sip:+8654332201042@ims.example.com>";
    assert_eq!(dialled(registered, named, ""), ("+8654332201042".into(), caller.clone()));
    assert_eq!(dialled("tel:+8654332201042", "<tel:+8654332201042>", "").0, "+8654332201042");
    let called = format!("P-Called-Party-ID: {named}\r\n");
    assert_eq!(dialled(registered, "<sip:x@y>", &called).0, "+8654332201042");
    let asserted = "P-Asserted-Identity: <tel:+8613900000001>\r\n";
    assert_eq!(dialled(registered, named, asserted).1, "+8613900000001");
    let hidden = "P-Asserted-Identity: <tel:+8613900000001>\r\nPrivacy: id\r\n";
    assert_eq!(dialled(registered, named, hidden).1, "", "RFC 3325 7: withheld is withheld");
}

#[test]
fn a_trunk_with_no_room_is_told_so() {
    let config = TWO.replace("id = \"a\"", "id = \"a\"\ncalls_max = 1");
    let mut street = Street::new(&config, 2);
    street.carriers[0].manner = Manner::Answers;
    street.dial(1, "10086");
    let flow = Flow {
        transport: Transport::Udp,
        local: ([127, 0, 0, 1], 5060).into(),
        remote: ([127, 0, 1, 1], 5060).into(),
    };
    let bytes = inbound("sip:x@127.0.0.1", "<sip:x@127.0.0.1>", "");
    street.board.handle_message(street.now, flow, &bytes);
    let mut answers = Vec::new();
    while let Some(output) = street.board.poll_output() {
        if let crate::Output::Transmit(transmit) = output {
            answers.push(String::from_utf8(transmit.bytes).unwrap());
        }
    }
    assert!(answers.iter().any(|one| one.starts_with("SIP/2.0 486")), "{answers:?}");
}
