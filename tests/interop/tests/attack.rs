//! Attacks on the signalling that other PBXs fell to, each told at the switchboard's outputs.

use careline_interop::{Door, status};
use careline_sip::{Method, Uri, auth};
use std::net::SocketAddr;
use std::time::Duration;

const HOSPITAL: &str = "sip:4001234567@127.0.0.1";
const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";

fn host(number: u8) -> SocketAddr {
    ([127, 0, 0, number], 5060).into()
}

fn trunk() -> SocketAddr {
    host(2)
}

/// A request; every name in it is made of `key`, `more` are whole header lines.
fn request(method: &str, uri: &str, user: &str, key: &str, more: &str) -> Vec<u8> {
    tagged(method, uri, user, key, "", more)
}

fn tagged(method: &str, uri: &str, user: &str, key: &str, to_tag: &str, more: &str) -> Vec<u8> {
    let call = key.split('/').next().unwrap_or(key);
    let (kind, body) = if method == "INVITE" { ("Content-Type: application/sdp\r\n", SDP) } else { ("", "") };
    format!(
        "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:5060;branch=z9hG4bK{key};rport\r\nMax-Forwards: 70\r\n\
         From: <sip:{user}@127.0.0.1>;tag=f{call}\r\nTo: <sip:{user}@127.0.0.1>{to_tag}\r\nCall-ID: {call}\r\n\
         CSeq: 1 {method}\r\nContact: <sip:{user}@127.0.0.9:5060>\r\n{kind}{more}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

/// The Authorization line that answers the challenge in `answer`.
fn credentials(answer: &str, method: &Method, uri: &str, user: &str, password: &str, nc: u32) -> String {
    let challenge = header(answer, "WWW-Authenticate").expect("a challenge");
    let uri: Uri = uri.parse().expect("a URI");
    let value = auth::authorize(challenge, method, &uri, user, password, "c0ffee", nc).expect("an answer");
    format!("Authorization: {value}\r\n")
}

fn register(door: &mut Door, from: SocketAddr, password: &str, key: &str) -> (Vec<u8>, Vec<u16>) {
    let uri = "sip:127.0.0.1";
    let challenge = door.ask(from, &request("REGISTER", uri, "1001", &format!("{key}/0"), "")).remove(0);
    let line = credentials(&challenge, &Method::Register, uri, "1001", password, 1);
    let signed = request("REGISTER", uri, "1001", &format!("{key}/1"), &line);
    let answers = door.knock(from, &signed);
    (signed, answers)
}

#[test]
fn a_replayed_digest_is_worth_nothing_from_there_and_from_elsewhere() {
    let mut door = Door::new();
    let (signed, answers) = register(&mut door, host(9), "pw1001", "a");
    assert_eq!(answers, [200]);
    assert_eq!(door.knock(host(10), &signed), [401], "from another address");
    let text = String::from_utf8(signed).expect("text").replace("z9hG4bKa/1", "z9hG4bKa/2");
    assert_eq!(door.knock(host(9), text.as_bytes()), [401], "again, as another transaction");
}

#[test]
fn known_and_unknown_names_are_answered_byte_for_byte_alike() {
    for more in ["", "[guard]\ndigest = \"md5\"\n"] {
        let answer = |name: &str, password: Option<&str>| {
            let mut door = Door::with(more);
            let uri = "sip:127.0.0.1";
            let from = "From: <sip:x@y>;tag=1\r\n";
            let ask = |more: &str| {
                let bytes = request("REGISTER", uri, name, "a", more);
                let text = String::from_utf8(bytes).expect("text");
                let own = format!("From: <sip:{name}@127.0.0.1>;tag=fa\r\n");
                text.replace(&own, from).into_bytes()
            };
            let first = door.ask_at_once(host(9), &ask("")).remove(0);
            let last = match password {
                Some(password) => {
                    let line = credentials(&first, &Method::Register, uri, name, password, 1);
                    door.ask_at_once(host(9), &ask(&line)).remove(0)
                }
                None => first,
            };
            last.replace(name, "NAME")
        };
        for password in [None, Some("guess")] {
            let known = answer("1001", password);
            assert!(known.starts_with("SIP/2.0 401"), "{known}");
            for unknown in ["1002", "1099", "9999", "admin"] {
                assert_eq!(answer(unknown, password), known, "{unknown} {password:?}");
            }
        }
    }
}

#[test]
fn no_method_succeeds_without_credentials_and_none_changes_anything() {
    let mut door = Door::new();
    for (number, method) in [
        "INVITE",
        "REGISTER",
        "MESSAGE",
        "SUBSCRIBE",
        "REFER",
        "NOTIFY",
        "PUBLISH",
        "INFO",
        "UPDATE",
        "BYE",
        "PRACK",
        "FOO",
    ]
    .iter()
    .enumerate()
    {
        let more = "Refer-To: <sip:00900@premium.example>\r\nEvent: presence\r\nExpires: 60\r\n";
        let answers = door.knock(host(9), &request(method, HOSPITAL, "1001", &format!("m{number}"), more));
        assert!(
            !answers.is_empty() && answers.iter().all(|one| (400..600).contains(one)),
            "{method}: {answers:?}"
        );
    }
    assert_eq!(door.alive(), (0, 0));
}

/// What strangers, and phones, say about who they are is not believed: the answer is the same with and without.
#[test]
fn smuggled_and_asserted_headers_of_strangers_change_nothing() {
    let plain = Door::new().ask(host(9), &request("INVITE", HOSPITAL, "1001", "s", ""));
    for more in [
        "P-Asserted-Identity: <sip:1001@127.0.0.1>\r\n",
        "X-Internal : yes\r\n",
        "P-Preferred-Identity: <sip:1001@127.0.0.1>\r\nRemote-Party-ID: <sip:1001@127.0.0.1>\r\n",
        "X-Trunk: carrier\r\nX-Authenticated: 1001\r\n",
        "Via: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bKtrunk\r\n",
    ] {
        let answers = Door::new().ask(host(9), &request("INVITE", HOSPITAL, "1001", "s", more));
        let statuses: Vec<u16> = answers.iter().filter_map(|one| status(one.as_bytes())).collect();
        assert_eq!(statuses, [401], "{more}");
        let challenge = |all: &[String]| header(&all[0], "WWW-Authenticate").map(str::to_owned);
        assert_eq!(challenge(&answers), challenge(&plain), "{more}");
    }
}

#[test]
fn a_stranger_gets_at_most_ten_bytes_for_each_byte_with_all_repetitions() {
    let tiny = |method: &str| {
        format!("{method} sip:a SIP/2.0\r\nv:SIP/2.0/UDP a;branch=z9hG4bK1\r\nf:<sip:a>;tag=1\r\nt:<sip:a>\r\ni:1\r\nCSeq:1 {method}\r\n\r\n")
            .into_bytes()
    };
    for method in ["OPTIONS", "INVITE", "REGISTER", "MESSAGE", "BYE", "CANCEL", "FOO"] {
        for bytes in [tiny(method), request(method, HOSPITAL, "1001", "r", "")] {
            let mut door = Door::new();
            door.knock(host(9), &bytes);
            door.wait(Duration::from_secs(64));
            assert!(door.sent() <= bytes.len() * 10, "{method}: {} for {}", door.sent(), bytes.len());
        }
    }
}

/// A call of the trunk that is answered; gives our To tag.
fn call(door: &mut Door, key: &str) -> String {
    let answers = door.ask(trunk(), &request("INVITE", HOSPITAL, "4001234567", key, ""));
    let answered = answers.iter().find(|one| one.starts_with("SIP/2.0 200")).expect("answered");
    let (_, tag) = header(answered, "To").and_then(|to| to.split_once(";tag=")).expect("a tag");
    let tag = format!(";tag={tag}");
    door.knock(trunk(), &tagged("ACK", HOSPITAL, "4001234567", key, &tag, ""));
    tag
}

#[test]
fn a_third_party_can_neither_end_nor_turn_a_call() {
    let mut door = Door::new();
    let tag = call(&mut door, "hj");
    for (number, method) in ["BYE", "INVITE", "UPDATE", "INFO", "REFER"].iter().enumerate() {
        let wrong = tagged(method, HOSPITAL, "4001234567", &format!("hj/w{number}"), ";tag=guess", "");
        assert_eq!(door.knock(host(9), &wrong), [481], "{method} with a guessed tag");
        // Whoever read the tags on the way still has another address.
        let right = tagged(method, HOSPITAL, "4001234567", &format!("hj/r{number}"), &tag, "");
        let right = String::from_utf8(right).expect("text").replace("CSeq: 1", "CSeq: 9").into_bytes();
        assert_eq!(door.knock(host(12), &right), [481], "{method} with the right tags");
    }
    assert_eq!(door.alive(), (1, 1), "the call goes on");
    let bye = tagged("BYE", HOSPITAL, "4001234567", "hj/end", &tag, "");
    let bye = String::from_utf8(bye).expect("text").replace("CSeq: 1", "CSeq: 2").into_bytes();
    assert_eq!(door.knock(trunk(), &bye), [200], "its own party ends it");
    assert_eq!(door.alive(), (0, 0));
}

#[test]
fn a_request_that_comes_by_two_ways_is_one_call() {
    let mut door = Door::new();
    let invite = request("INVITE", HOSPITAL, "4001234567", "merged", "");
    assert!(door.knock(trunk(), &invite).contains(&200));
    let other =
        String::from_utf8(invite).expect("text").replace("branch=z9hG4bKmerged", "branch=z9hG4bKother");
    assert_eq!(door.knock(trunk(), other.as_bytes()), [482]);
    assert_eq!(door.alive().0, 1);
}

#[test]
fn a_call_id_is_a_name_and_no_path() {
    for name in ["../../../../etc/passwd", "..%2f..%2fx", "a';DROP TABLE event;--", "$(reboot)", "{{7*7}}"] {
        let mut door = Door::new();
        let answers = door.knock(trunk(), &request("INVITE", HOSPITAL, "4001234567", "path", ""));
        assert!(answers.contains(&200));
        let text = request("INVITE", HOSPITAL, "4001234567", "other", "");
        let text =
            String::from_utf8(text).expect("text").replace("Call-ID: other", &format!("Call-ID: {name}"));
        assert!(door.knock(trunk(), text.as_bytes()).contains(&200), "{name}");
        let (board, now) = door.board();
        // What things are named after is our own id.
        let ids: Vec<String> = board.snapshot(now).calls.iter().map(|call| call.call.to_string()).collect();
        assert!(ids.iter().all(|id| id.len() == 36 && !id.contains(['/', '.', '$', '{', '\''])), "{ids:?}");
    }
}

#[test]
fn four_thousand_requests_in_four_seconds_disturb_nobody() {
    let mut door = Door::new();
    let mut answered = 0;
    for number in 0..4000_u32 {
        if number % 20 == 0 {
            door.wait(Duration::from_millis(20));
        }
        let method = if number % 2 == 0 { "INVITE" } else { "REGISTER" };
        answered +=
            door.ask_at_once(host(9), &request(method, HOSPITAL, "1001", &format!("f{number}"), "")).len();
        if number % 400 == 0 {
            let answers = door
                .ask_at_once(trunk(), &request("INVITE", HOSPITAL, "4001234567", &format!("h{number}"), ""));
            assert!(answers.iter().any(|one| one.starts_with("SIP/2.0 200")), "call {number}: {answers:?}");
        }
    }
    assert!(answered <= 50 * 8 + 200 * 8 + 10, "{answered} answers");
    assert_eq!(door.alive().0, 10);
    let (board, _) = door.board();
    assert!(board.counters().silenced >= 1900, "{:?}", board.counters());
}

#[test]
fn scanners_are_banned_at_once_but_never_a_trunk_or_where_phones_are() {
    let mut door = Door::new();
    let agent = "User-Agent: friendly-scanner\r\n";
    let scan = |key: &str| request("OPTIONS", HOSPITAL, "100", key, agent);
    assert!(door.knock(host(9), &scan("a")).is_empty());
    assert!(door.knock(host(9), &request("REGISTER", HOSPITAL, "1001", "b", "")).is_empty(), "not heard");
    assert_eq!(door.knock(trunk(), &scan("c")), [200], "a trunk may call itself anything");
    assert_eq!(register(&mut door, host(10), "pw1001", "d").1, [200]);
    assert!(door.knock(host(10), &scan("e")).is_empty());
    let plain = |key: &str| request("OPTIONS", HOSPITAL, "100", key, "");
    assert_eq!(door.knock(host(10), &plain("f")), [200], "phones live there");
    let (board, now) = door.board();
    let bans = board.bans(now);
    assert_eq!(bans.len(), 1);
    assert_eq!((bans[0].source, bans[0].reason.as_str()), (host(9).ip(), "scanner"));
    assert!(board.lift_ban(now, host(9).ip()) && board.bans(now).is_empty());
    assert_eq!(door.knock(host(9), &plain("g")), [200]);
    assert!(door.knock(host(9), &scan("h")).is_empty());
    door.wait(Duration::from_secs(599));
    assert!(door.knock(host(9), &plain("i")).is_empty() || door.knock(host(9), &plain("j")) == [200]);
    door.wait(Duration::from_secs(10));
    assert_eq!(door.knock(host(9), &plain("k")), [200], "a ban ends");
}

#[test]
fn guessing_passwords_ends_in_a_ban_unless_the_address_may_be_forged() {
    let mut door = Door::new();
    for number in 0..10 {
        let (_, answers) = register(&mut door, host(9), "guess", &format!("g{number}"));
        let expected: &[u16] = if number < 9 { &[401] } else { &[] };
        assert_eq!(answers, expected, "guess {number}");
    }
    assert!(door.knock(host(9), &request("OPTIONS", HOSPITAL, "1", "o", "")).is_empty());
    // Somebody writes the address of an honest phone on guesses whose challenges he never saw.
    for number in 0..50 {
        let forged = "Authorization: Digest username=\"1001\", realm=\"careline\", nonce=\"0068e7780000112233445566778899aabbccddeeff\", \
                      uri=\"sip:127.0.0.1\", response=\"00\", qop=auth, nc=00000001, cnonce=\"x\"\r\n";
        door.knock(host(11), &request("REGISTER", "sip:127.0.0.1", "1001", &format!("x{number}"), forged));
    }
    assert_eq!(register(&mut door, host(11), "pw1001", "honest").1, [200]);
}

#[test]
fn too_many_calls_are_refused_once_each_and_emergencies_never() {
    let mut door = Door::with(
        "[guard]\ncalls_per_second_max = 10\n[[line]]\nid = \"emergency\"\nnumber = \"120\"\nflow = \"main\"\n",
    );
    let mut waits = Vec::new();
    let mut tags = Vec::new();
    for number in 0..50 {
        let invite = request("INVITE", HOSPITAL, "4001234567", &format!("o{number}"), "");
        let answers = door.ask_at_once(trunk(), &invite);
        match answers.iter().find(|one| one.starts_with("SIP/2.0 503")) {
            Some(refused) => {
                waits.push(
                    header(refused, "Retry-After")
                        .and_then(|text| text.parse::<u32>().ok())
                        .expect("seconds"),
                );
                assert!(door.ask_at_once(trunk(), &invite)[0].starts_with("SIP/2.0 503"), "sent again");
            }
            None => tags.push(number),
        }
    }
    assert_eq!(tags, (0..10).collect::<Vec<_>>());
    assert!(waits.iter().all(|seconds| (5..=15).contains(seconds)), "{waits:?}");
    assert!(waits.iter().min() != waits.iter().max(), "not all at once: {waits:?}");
    let emergency = door.ask_at_once(trunk(), &request("INVITE", "sip:120@127.0.0.1", "120", "em", ""));
    assert!(emergency.iter().any(|one| one.starts_with("SIP/2.0 200")), "{emergency:?}");
    assert_eq!(door.alive().0, 11);
    door.wait(Duration::from_secs(2));
    assert!(door.knock(trunk(), &request("INVITE", HOSPITAL, "4001234567", "later", "")).contains(&200));
}

/// The shedder must not do the work of the challenge and then refuse: the INVITE with credentials is the same call.
#[test]
fn a_phones_call_is_judged_at_its_first_invite_alone() {
    let mut door = Door::with("[guard]\ncalls_per_second_max = 1\n");
    assert_eq!(register(&mut door, host(9), "pw1001", "r").1, [200]);
    let echo = "sip:9196@127.0.0.1";
    let challenge = door.ask_at_once(host(9), &request("INVITE", echo, "1001", "e/0", "")).remove(0);
    assert!(challenge.starts_with("SIP/2.0 401"), "{challenge}");
    assert_eq!(door.knock(host(9), &request("INVITE", echo, "1001", "z/0", "")), [503], "another call");
    let line = credentials(&challenge, &Method::Invite, echo, "1001", "pw1001", 1);
    let signed = String::from_utf8(request("INVITE", echo, "1001", "e/1", &line)).expect("text");
    let signed = signed.replace("CSeq: 1", "CSeq: 2").replace("127.0.0.2", "127.0.0.9");
    let answers = door.ask(host(9), signed.as_bytes());
    assert!(answers.iter().any(|one| one.starts_with("SIP/2.0 200")), "never charged twice: {answers:?}");
}
