//! Odd messages by table, and properties: what is printed parses back, and no bytes make the codec panic.
use crate::support::{Bench, invite};
use careline_sip::{
    Frame, Message, NameAddr, Request, Response, StreamFramer, Transport, Unframed, Uri, parse,
};
use proptest::prelude::*;

const HEAD: &str =
    "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=f\r\nTo: <sip:a@b>\r\nCall-ID: c\r\n";

fn options(lines: &str, body: &str) -> Vec<u8> {
    format!("OPTIONS sip:a@b SIP/2.0\r\n{HEAD}CSeq: 1 OPTIONS\r\n{lines}\r\n{body}").into_bytes()
}

fn request(bytes: &[u8]) -> Request {
    match parse(bytes) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn status(bytes: &[u8]) -> u16 {
    parse(bytes).err().map_or(200, |bad| bad.status)
}

#[test]
fn what_must_be_refused_is() {
    let fine = String::from_utf8(options("", "")).unwrap();
    assert_eq!(status(fine.as_bytes()), 200);
    let cases: &[(&str, &str, &str, u16)] = &[
        ("no Call-ID", "Call-ID: c\r\n", "", 400),
        ("no From", "From: <sip:a@b>;tag=f\r\n", "", 400),
        ("no Via", "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n", "", 400),
        ("two To", "To: <sip:a@b>\r\n", "To: <sip:a@b>\r\nt: <sip:a@b>\r\n", 400),
        ("CSeq 2^31", "CSeq: 1 ", "CSeq: 2147483648 ", 400),
        ("CSeq 2^32", "CSeq: 1 ", "CSeq: 4294967296 ", 400),
        ("CSeq 2^65", "CSeq: 1 ", "CSeq: 36893488147419103232 ", 400),
        ("CSeq of another method", "1 OPTIONS", "1 INVITE", 400),
        ("open quote", "To: <sip:a@b>", "To: \"x <sip:a@b>", 400),
        ("version", "SIP/2.0\r\nVia", "SIP/7.0\r\nVia", 505),
        ("v6 without brackets", "OPTIONS sip:a@b ", "OPTIONS sip:2001:db8::10 ", 400),
        ("headers in the Request-URI", "OPTIONS sip:a@b ", "OPTIONS sip:a@b?Route=%3Csip:x%3E ", 400),
        ("line without colon", "To: ", "Nonsense\r\nTo: ", 400),
        ("CR in a value", "Call-ID: c", "Call-ID: c\rx", 400),
        ("empty Via parameter", "UDP h;", "UDP h;;", 400),
        ("length beyond the end", "To: ", "Content-Length: 9999\r\nTo: ", 400),
        ("negative length", "To: ", "Content-Length: -999\r\nTo: ", 400),
        ("two tags", ";tag=f", ";tag=f;Tag=g", 400),
        ("a tag twice", "To: <sip:a@b>", "To: <sip:a@b>;tag;tag=t", 400),
        ("two branches", ";branch=z9hG4bK1", ";branch=z9hG4bK1;branch=z9hG4bK2", 400),
        ("form feed as white space", "To: <sip:a@b>", "To: <sip:a@b>\u{c}", 400),
        ("vertical tab as white space", ";tag=f", ";\u{b}tag=f", 400),
        ("Unicode's white space", "UDP h;", "UDP h\u{a0};", 400),
        ("form feed behind the version", "SIP/2.0\r\nVia", "SIP/2.0\u{c}\r\nVia", 505),
        ("control character in a tag", ";tag=f", ";tag=f\u{c}", 400),
        ("DEL in a branch", ";branch=z9hG4bK1", ";branch=z9hG4bK1\u{7f}", 400),
        ("no empty line", "1 OPTIONS\r\n\r\n", "1 OPTIONS\r\n", 400),
        ("cut off behind the length", "1 OPTIONS\r\n\r\n", "1 OPTIONS\r\nContent-Length: 0", 400),
        ("half of an empty line", "1 OPTIONS\r\n\r\n", "1 OPTIONS\r\n\r", 400),
        ("cut off in a header", "1 OPTIONS\r\n\r\n", "1 OPTIONS\r\nSubject: a", 400),
        ("two lengths", "To: ", "Content-Length: 0\r\nl: 1\r\nTo: ", 400),
    ];
    for (what, old, new, expected) in cases {
        let text = fine.replacen(old, new, 1);
        assert_ne!(text, fine, "{what}");
        assert_eq!(status(text.as_bytes()), *expected, "{what}");
    }
    let forgotten = fine.replacen("1 OPTIONS\r\n\r\n", "1 OPTIONS\r\nl: 0\r\n", 1);
    assert_eq!(status(forgotten.as_bytes()), 200, "an empty line that is missing behind Content-Length: 0");
    let doubled = fine.replacen("1 OPTIONS\r\n", "1 OPTIONS\r\r\n", 1);
    assert_eq!(status(doubled.as_bytes()), 200, "CRs before a line's end, as SIPp's scripts repeat them");
    for line in ["SIP/2.0 4294967301 x", "SIP/2.0 99 x", "SIP/2.0 700 x", "SIP/3.0 200 OK"] {
        assert!(parse(format!("{line}\r\n{HEAD}CSeq: 1 OPTIONS\r\n\r\n").as_bytes()).is_err(), "{line}");
    }
}

#[test]
fn lengths_are_capped() {
    assert_eq!(status(&options("", &"x".repeat(65_536))), 513);
    assert_eq!(status(&options(&format!("X: {}\r\n", "x".repeat(8000)), "")), 200);
    assert_eq!(status(&options(&format!("X: {}\r\n", "x".repeat(8300)), "")), 400);
    let fold = format!("X: a\r\n{}", " x\r\n".repeat(9000));
    assert_eq!(status(&options(&fold, "")), 400, "folding does not get around the cap");
    assert_eq!(status(&options(&"X: 1\r\n".repeat(251), "")), 200);
    assert_eq!(status(&options(&"X: 1\r\n".repeat(252), "")), 400);
    // What we took and send on, with its length told, is not too much for who takes as much as we do.
    let full = request(&options(&"X: 1\r\n".repeat(251), ""));
    assert_eq!(request(&full.to_bytes()), full);
}

#[test]
fn bodies_are_byte_exact() {
    let body: Vec<u8> = (0..=255).collect();
    let mut bytes = options("Content-Type: application/octet-stream\r\nContent-Length: 256\r\n", "");
    bytes.extend_from_slice(&body);
    bytes.extend_from_slice(b"INVITE trailing octets");
    let parsed = request(&bytes);
    assert_eq!(parsed.body, body);
    assert!(parsed.to_bytes().ends_with(&body));
    assert_eq!(request(&options("", "all of it")).body, b"all of it", "no Content-Length: to the end");
    assert_eq!(
        request(&options("Content-Length: 3\r\nl: 003\r\n", "all")).body,
        b"all",
        "equal lengths are one"
    );
}

#[test]
fn folding_compact_forms_and_bare_line_feeds_are_understood() {
    let text = "OPTIONS sip:a@b SIP/2.0\nv :  SIP / 2.0 / tcp   host : 99 ;\n  branch = z9hG4bK1 , SIP/2.0/UDP x\n\
                F: A B <sip:a@b> ; tag = f\nt: <sip:a@b>\nI: c\ncseq: 0009\n OPTIONS\nM: <sip:x,y@z>, \"a, b\" <sip:q>\n\
                k: a,b\nSubject: one\n\ttwo\n\n";
    let parsed = request(text.as_bytes());
    let via = parsed.via().unwrap();
    assert_eq!((via.transport.as_str(), via.host.as_str(), via.port), ("tcp", "host", Some(99)));
    assert_eq!(parsed.headers.list("Via").count(), 2);
    assert_eq!(parsed.headers.list("contact").collect::<Vec<_>>(), ["<sip:x,y@z>", "\"a, b\" <sip:q>"]);
    assert_eq!(parsed.from().unwrap().tag(), Some("f"));
    assert_eq!(parsed.from().unwrap().display.as_deref(), Some("A B"));
    assert_eq!(parsed.cseq().unwrap().number, 9);
    assert_eq!(parsed.headers.get("s"), Some("one two"));
    assert_eq!(parsed.headers.list("Supported").collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn bytes_that_are_no_utf_8_survive_in_headers() {
    let mut bytes = options("Subject: Gr@n\r\nX-After: here\r\n", "");
    let at = bytes.iter().rposition(|byte| *byte == b'@').unwrap();
    bytes[at] = 0xFC;
    let parsed = request(&bytes);
    assert_eq!(parsed.headers.get("Subject"), Some("Gr\u{fffd}n"));
    assert_eq!(parsed.headers.get("x-after"), Some("here"));
    assert!(parsed.to_bytes().windows(5).any(|window| window == b"Gr\xFCn\r"));
}

#[test]
fn uris_keep_their_text_and_show_their_parts() {
    let cases: &[(&str, Option<&str>, &str, Option<u16>)] = &[
        ("sip:alice@example.com:5070;transport=tcp", Some("alice"), "example.com", Some(5070)),
        ("sip:user;par=u%40example.net@example.com", Some("user;par=u%40example.net"), "example.com", None),
        ("sips:alice:secret@[2001:db8::10]:5070", Some("alice"), "[2001:db8::10]", Some(5070)),
        ("sip:[2001:db8::10:5070]", None, "[2001:db8::10:5070]", None),
        ("tel:+86-10;phone-context=x", Some("+86-10"), "", None),
        ("nobodyKnowsThisScheme:totally/opaque", None, "", None),
        ("sip:%61%20b%00@h", Some("%61%20b%00"), "h", None),
        ("sip:*72#@h", Some("*72#"), "h", None),
    ];
    for (text, user, host, port) in cases {
        let uri: Uri = text.parse().unwrap();
        assert_eq!((uri.user(), uri.host(), uri.port()), (*user, *host, *port), "{text}");
        assert_eq!(uri.to_string(), *text);
    }
    let uri: Uri = "sip:%61%20b@h;Transport=TCP;lr".parse().unwrap();
    assert_eq!(uri.user_decoded().as_deref(), Some("a b"));
    assert_eq!((uri.param("transport"), uri.param("LR"), uri.param("x")), (Some("TCP"), Some(""), None));
    for bad in
        ["sip:", "sip:@h", "sip:a@", "sip:a b@h", "sip:h:99999", "sip:h:", "sip:[::1", "1sip:x", "x", "tel:"]
    {
        assert!(bad.parse::<Uri>().is_err(), "{bad}");
    }
    assert_eq!(
        Uri::sip(Some("a b@c"), "2001:db8::1", Some(5060)).to_string(),
        "sip:a%20b%40c@[2001:db8::1]:5060"
    );
    assert_eq!(Uri::sip(None, "h\r\nX: y", None).to_string(), "sip:invalid.invalid");
    assert_eq!(Uri::sip(Some(""), "h", None).to_string(), "sip:h");
}

#[test]
fn addresses_are_not_fooled_by_what_is_quoted() {
    let text = "\"a, ; \\\" <sip:x>\" <sip:jane@y>;tag=1;x=\"q;,\"";
    let address: NameAddr = text.parse().unwrap();
    assert_eq!(address.display.as_deref(), Some("a, ; \" <sip:x>"));
    assert_eq!(address.uri.to_string(), "sip:jane@y");
    assert_eq!((address.tag(), address.param("x")), (Some("1"), Some("\"q;,\"")));
    assert_eq!(address.to_string(), text);
    let bare: NameAddr = "sip:a@b;tag=7".parse().unwrap();
    assert_eq!((bare.tag(), bare.uri.to_string().as_str()), (Some("7"), "sip:a@b"));
    let bare: NameAddr = "sip:a@b;+sip.instance=\"<urn:uuid:1>\";tag=7".parse().unwrap();
    assert_eq!((bare.tag(), bare.param("+sip.instance")), (Some("7"), Some("\"<urn:uuid:1>\"")));
    for bad in
        ["sip:a@b?x=y", "Bell, A <sip:a@b>", "\"x <sip:a@b>", "<sip:a@b", "<sip:a@b>;", "<sip:a@b>;;x", ""]
    {
        assert!(bad.parse::<NameAddr>().is_err(), "{bad}");
    }
}

#[test]
fn a_header_value_cannot_start_a_line_of_its_own() {
    let mut response = Response::to_request(&request(&options("", "")), 200);
    response.headers.push("Warning", "x\r\nEvil: yes");
    response.reason = "O\r\nK".to_owned();
    let Ok(Message::Response(back)) = parse(&response.to_bytes()) else { panic!("a response") };
    assert!(!back.headers.contains("Evil"));
    assert_eq!(back.headers.get("Warning"), Some("x  Evil: yes"));
}

#[test]
fn a_stream_is_cut_into_messages_however_it_arrives() {
    let now = Bench::new(Transport::Tcp).start;
    let one = options("Content-Length: 4\r\n", "body");
    let two = options("", "");
    let stream = [b"\r\n\r\n", &one[..], b"\r\n", &two[..]].concat();
    for step in 1..stream.len() {
        let (mut framer, mut frames) = (StreamFramer::new(), Vec::new());
        for part in stream.chunks(step) {
            framer.push(now, part);
            while let Some(frame) = framer.next_frame().unwrap() {
                frames.push(frame);
            }
        }
        let expected = [Frame::Ping, Frame::Message(one.clone()), Frame::Message(two.clone())];
        assert_eq!(frames, expected, "in steps of {step}");
        assert_eq!(framer.unfinished_since(), None);
    }
}

#[test]
fn a_stream_that_cannot_be_cut_is_given_up() {
    let now = Bench::new(Transport::Tcp).start;
    let mut framer = StreamFramer::new();
    framer.push(now, &options("Content-Length: -1\r\n", "x"));
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Message(_)))), "the head gets its 400");
    assert_eq!(framer.next_frame(), Err(Unframed::Length));
    let mut framer = StreamFramer::new();
    framer.push(now, &options("Content-Length: 70000\r\n", ""));
    assert_eq!(framer.next_frame(), Err(Unframed::TooLong));
    let mut framer = StreamFramer::new();
    framer.push(now, b"OPTIONS sip:a@b");
    assert_eq!((framer.next_frame(), framer.unfinished_since()), (Ok(None), Some(now)));
    framer.push(now, &[b'x'; 70_000]);
    assert_eq!(framer.next_frame(), Err(Unframed::TooLong));
}

#[test]
fn a_stream_is_cut_where_the_parser_sees_the_length() {
    let now = Bench::new(Transport::Tcp).start;
    let next = |lines: &str| {
        let mut framer = StreamFramer::new();
        framer.push(now, &options(lines, "body"));
        framer.next_frame()
    };
    let whole = |lines: &str| Ok(Some(Frame::Message(options(lines, "body"))));
    for lines in [
        "Content-Length:\r\n 4\r\n",
        "Content-Length\r\n : 4\r\n",
        "l :\r\n\t \r\n 4 \r\n",
        "Content-Length: 4\r\nSubject: a\r\n l: 9\r\n",
    ] {
        assert_eq!(next(lines), whole(lines), "{lines}");
        assert_eq!(request(&options(lines, "body")).body, b"body", "{lines}");
    }
    let bare = options("Content-Length:\u{c}4\r\n", "");
    assert_eq!(next("Content-Length:\u{c}4\r\n"), Ok(Some(Frame::Message(bare))), "the head gets its 400");
}

#[test]
fn the_time_of_an_unfinished_message_begins_with_its_own_first_byte() {
    let start = Bench::new(Transport::Tcp).start;
    let at = |seconds: u64| start + std::time::Duration::from_secs(seconds);
    let whole = options("", "");
    let (head, tail) = whole.split_at(7);
    let mut framer = StreamFramer::new();
    framer.push(at(0), head);
    assert_eq!((framer.next_frame(), framer.unfinished_since()), (Ok(None), Some(at(0))));
    framer.push(at(9), &[tail, head].concat());
    assert!(matches!(framer.next_frame(), Ok(Some(Frame::Message(_)))));
    assert_eq!((framer.next_frame(), framer.unfinished_since()), (Ok(None), Some(at(9))), "the next one's");
    framer.push(at(12), b"P");
    assert_eq!((framer.next_frame(), framer.unfinished_since()), (Ok(None), Some(at(9))));
    let mut framer = StreamFramer::new();
    framer.push(at(0), b"\r\n\r");
    assert_eq!((framer.next_frame(), framer.unfinished_since()), (Ok(None), Some(at(0))));
    framer.push(at(9), &[b"\n", head].concat());
    assert_eq!(framer.next_frame(), Ok(Some(Frame::Ping)));
    assert_eq!((framer.next_frame(), framer.unfinished_since()), (Ok(None), Some(at(9))));
}

#[test]
fn a_line_end_is_a_pong_only_when_we_have_pinged() {
    let now = Bench::new(Transport::Tcp).start;
    let mut framer = StreamFramer::new();
    let mut frame = |pinged: bool, bytes: &[u8]| {
        if pinged {
            framer.pinged();
        }
        framer.push(now, bytes);
        framer.next_frame()
    };
    assert_eq!(frame(true, b"\r\n"), Ok(Some(Frame::Pong)));
    assert_eq!(frame(true, b"\r\n"), Ok(Some(Frame::Pong)), "two pongs are no ping");
    assert_eq!(frame(true, b"\r\n\r\n"), Ok(Some(Frame::Ping)), "a peer may ping and answer no pings");
    assert_eq!(frame(false, b"\r\n"), Ok(Some(Frame::Pong)), "nor late");
    assert_eq!(frame(false, b"\r\n"), Ok(None));
    assert_eq!(frame(false, b"\r\n"), Ok(Some(Frame::Ping)));
}

fn a_request() -> impl Strategy<Value = Vec<u8>> {
    let header = ("[A-Z][a-z]{1,8}-[a-z]{1,8}", "[ -~]{0,40}");
    let display = "[ -~]{0,20}";
    let headers = prop::collection::vec(header, 0..8);
    let user = "[a-zA-Z0-9]{1,12}";
    let body = prop::collection::vec(any::<u8>(), 0..200);
    (headers, display, user, any::<u32>(), body).prop_map(|(headers, display, user, number, body)| {
        let mut one = request(&options("", ""));
        one.uri = Uri::sip(Some(&user), "example.com", None);
        let from = NameAddr { display: Some(display), uri: one.uri.clone(), params: vec![] }.with_tag("t");
        one.headers.set("From", from.to_string());
        one.headers.set("CSeq", format!("{} OPTIONS", number >> 1));
        for (name, value) in headers {
            one.headers.push(&format!("X-{name}"), value.trim());
        }
        one.body = body;
        one.to_bytes()
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_back(bytes in a_request()) {
        let parsed = request(&bytes);
        prop_assert_eq!(parsed.to_bytes(), bytes);
    }

    #[test]
    fn mutated_messages_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..12),
    ) {
        let mut bytes = invite("1", 1, "Route: <sip:x;lr>\r\nAuthorization: Digest realm=\"a\", nonce=\"b\"\r\n").into_bytes();
        for (at, byte, kind) in changes {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        let mut bench = Bench::new(Transport::Udp);
        let received = bench.endpoint.receive(bench.now, bench.flow, &bytes);
        if let careline_sip::Received::New(new) = received {
            bench.endpoint.inspect(&new);
            let contact = Uri::sip(None, "h", None);
            if let Ok(dialog) = bench.endpoint.accept_invite(bench.now, new, contact) {
                bench.endpoint.answer(bench.now, dialog, b"v=0");
                bench.endpoint.hang_up(bench.now, dialog, None);
            }
        }
        while let Some(at) = bench.endpoint.next_deadline() {
            bench.endpoint.handle_deadline(at);
        }
        prop_assert_eq!(bench.endpoint.transaction_count(), 0);
        let mut framer = StreamFramer::new();
        framer.push(bench.now, &bytes);
        while let Ok(Some(_)) = framer.next_frame() {}
    }

    #[test]
    fn any_text_is_an_address_or_not(text in "\\PC{0,60}") {
        let _ = text.parse::<NameAddr>();
        let _ = text.parse::<Uri>();
        let _ = text.parse::<careline_sip::Via>();
    }
}

#[test]
fn white_space_in_a_via_stands_around_the_colon_and_not_inside_the_host() {
    let host = |text: &str| text.parse::<careline_sip::Via>().map(|via| (via.host.clone(), via.port)).ok();
    assert_eq!(host("SIP/2.0/UDP 192.0.2.9 : 5060"), Some(("192.0.2.9".to_owned(), Some(5060))));
    assert_eq!(host("SIP / 2.0 / UDP [2001:db8::9] :5060"), Some(("[2001:db8::9]".to_owned(), Some(5060))));
    assert_eq!(host("SIP/2.0/UDP [2001:db8::9]"), Some(("[2001:db8::9]".to_owned(), None)));
    assert_eq!(host("SIP/2.0/UDP UDP 192.0.2.9:5060"), None, "not the host UDP192.0.2.9");
    assert_eq!(host("SIP/2.0/UDP [2001:db8 ::9]:5060"), None);
}
