//! Hostile and odd messages of our own making, with what a peer may expect back.

/// Who sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The trunk's address.
    Trunk,
    /// An address that nobody configured.
    Stranger,
}

/// What must come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// One of these as the last answer.
    Status(&'static [u16]),
    /// Nothing at all.
    Silence,
    /// Anything but a 5xx or a 2xx.
    NoSuccess,
}

/// One message.
#[derive(Debug, Clone)]
pub struct Case {
    /// What is odd about it.
    pub name: &'static str,
    /// Who sends it.
    pub from: From,
    /// The datagram.
    pub bytes: Vec<u8>,
    /// What must come back.
    pub expect: Expect,
}

impl Case {
    /// Whether these answers are what was expected.
    #[must_use]
    pub fn met_by(&self, answers: &[u16]) -> bool {
        let last = answers.iter().copied().rfind(|status| *status > 100);
        match &self.expect {
            Expect::Silence => answers.is_empty(),
            Expect::Status(allowed) => last.is_some_and(|status| allowed.contains(&status)),
            Expect::NoSuccess => {
                answers.iter().all(|status| *status >= 300 && *status < 500 || *status == 100)
            }
        }
    }
}

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";

/// A good INVITE with the given edits; `{n}` in the result is unique to the case.
fn invite(name: &str, edits: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!(
        "INVITE sip:4001234567@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK{{n}};rport\r\nMax-Forwards: 70\r\nFrom: <sip:13800138000@127.0.0.2>;tag=f{{n}}\r\nTo: <sip:4001234567@127.0.0.1>\r\nCall-ID: {{n}}@odd\r\nCSeq: 1 INVITE\r\nContact: <sip:t@127.0.0.2:5060>\r\nContent-Type: application/sdp\r\nContent-Length: {{len}}\r\n\r\n{SDP}"
    );
    for (old, new) in edits {
        assert!(text.contains(old), "{name}: nothing to edit: {old}");
        text = text.replace(old, new);
    }
    finish(name, &text)
}

/// A good request without a body.
fn request(name: &str, method: &str, edits: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!(
        "{method} sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK{{n}};rport\r\nMax-Forwards: 70\r\nFrom: <sip:a@127.0.0.2>;tag=f{{n}}\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: {{n}}@odd\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
    );
    for (old, new) in edits {
        assert!(text.contains(old), "{name}: nothing to edit: {old}");
        text = text.replace(old, new);
    }
    finish(name, &text)
}

fn finish(name: &str, text: &str) -> Vec<u8> {
    let unique: String =
        name.bytes().map(|byte| if byte.is_ascii_alphanumeric() { byte as char } else { '-' }).collect();
    let body = text.split_once("\r\n\r\n").map_or(0, |(_, body)| body.len());
    text.replace("{n}", &unique).replace("{len}", &body.to_string()).into_bytes()
}

/// Headers of a kilobyte each.
fn kilobytes(count: usize) -> String {
    (0..count).map(|number| format!("X-Long-{number}: {}\r\n", "x".repeat(1000))).collect()
}

fn replace_bytes(mut bytes: Vec<u8>, old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = bytes.windows(old.len()).position(|window| window == old).expect("the bytes are there");
    bytes.splice(at..at + old.len(), new.iter().copied());
    bytes
}

/// The table; at least 60.
#[must_use]
pub fn table() -> Vec<Case> {
    let mut cases = good_and_odd();
    cases.extend(broken_heads());
    cases.extend(broken_values());
    cases.extend(sdp_and_bodies());
    cases.extend(strangers());
    cases.extend(raw());
    cases
}

fn case(name: &'static str, from: From, bytes: Vec<u8>, expect: Expect) -> Case {
    Case { name, from, bytes, expect }
}

const OK: Expect = Expect::Status(&[200]);
const BAD: Expect = Expect::Status(&[400]);

/// Valid, however strange: must be served.
fn good_and_odd() -> Vec<Case> {
    let i = |name: &'static str, edits: &[(&str, &str)]| case(name, From::Trunk, invite(name, edits), OK);
    vec![
        i("plain invite", &[]),
        i(
            "compact header names",
            &[
                ("Via:", "v:"),
                ("From:", "f:"),
                ("To:", "t:"),
                ("Call-ID:", "i:"),
                ("Contact:", "m:"),
                ("Content-Type:", "c:"),
                ("Content-Length:", "l:"),
            ],
        ),
        i("lower case header names", &[("Via:", "via:"), ("CSeq:", "cseq:"), ("From:", "fRoM:")]),
        i("folded From", &[("From: <sip", "From:\r\n <sip"), (";tag=f", "\r\n\t;tag=f")]),
        i("white space before colons", &[("From:", "From \t:"), ("CSeq:", "CSeq  :")]),
        i("much white space in CSeq", &[("CSeq: 1 INVITE", "CSeq:    1 \t  INVITE")]),
        i(
            "display name with comma semicolon and brackets",
            &[("From: <sip", "From: \"a, b; <sip:x@y> \\\"q\\\"\" <sip")],
        ),
        i("utf-8 display name", &[("From: <sip", "From: \"张三\" <sip")]),
        i("display name of markup", &[("From: <sip", "From: \"<script>alert(1)</script>\" <sip")]),
        i("display name of sql", &[("From: <sip", "From: \"'; DROP TABLE patients; --\" <sip")]),
        i("unknown headers", &[("Max-Forwards", "X-Very-Odd: \u{1}?\r\nP-Nothing:\r\nMax-Forwards")]),
        i("anonymous caller", &[("sip:13800138000@127.0.0.2", "sip:anonymous@anonymous.invalid")]),
        i("tel uri caller", &[("<sip:13800138000@127.0.0.2>", "<tel:+8613800138000>")]),
        i(
            "asserted identity",
            &[("Max-Forwards", "P-Asserted-Identity: \"x\" <sip:+8613900139000@carrier>\r\nMax-Forwards")],
        ),
        i("two vias in one line", &[(";rport", ";rport, SIP/2.0/TCP 10.1.1.1:5060;branch=z9hG4bKold")]),
        i(
            "via with unknown transport below",
            &[(";rport", ";rport\r\nVia: SIP/2.0/CARRIERPIGEON coop.example;branch=z9hG4bKcoo")],
        ),
        i(
            "record routes",
            &[("Max-Forwards", "Record-Route: <sip:127.0.0.2;lr>, <sip:10.0.0.1;lr>\r\nMax-Forwards")],
        ),
        i(
            "supported and allow lists",
            &[(
                "Max-Forwards",
                "Supported: 100rel, timer, replaces, nonsense\r\nAllow: INVITE, ACK, FLY\r\nMax-Forwards",
            )],
        ),
        i("max forwards zero at its destination", &[("Max-Forwards: 70", "Max-Forwards: 0")]),
        i(
            "uri with parameters",
            &[("INVITE sip:4001234567@127.0.0.1", "INVITE sip:4001234567@127.0.0.1:5060;user=phone;x=%41")],
        ),
        i("escaped digit in the dialled number", &[("INVITE sip:4001234567", "INVITE sip:400123456%37")]),
        i("32 kB of headers", &[("Max-Forwards", &format!("{}Max-Forwards", kilobytes(32)))]),
        i("the same length twice", &[("Content-Length: {len}", "Content-Length: {len}\r\nl: {len}")]),
        case(
            "latin-1 in the caller's name",
            From::Trunk,
            replace_bytes(
                invite("latin-1 in the caller's name", &[("From: <sip", "From: \"Jos\u{fffd}\" <sip")]),
                "\u{fffd}".as_bytes(),
                b"\xe9",
            ),
            OK,
        ),
        i("late offer", &[(SDP, ""), ("Content-Type: application/sdp\r\n", "")]),
        i("no content length", &[("Content-Length: {len}\r\n", "")]),
        i(
            "content length too small leaves octets",
            &[("Content-Length: {len}", "Content-Length: 000000137")],
        ),
        case(
            "line feeds only",
            From::Trunk,
            String::from_utf8_lossy(&invite("line feeds only", &[("Content-Length: {len}\r\n", "")]))
                .replace("\r\n", "\n")
                .into_bytes(),
            OK,
        ),
        case(
            "latin-1 in the subject",
            From::Trunk,
            replace_bytes(
                invite("latin-1 in the subject", &[("Max-Forwards", "Subject: caf\u{fffd}\r\nMax-Forwards")]),
                "\u{fffd}".as_bytes(),
                b"\xe9",
            ),
            OK,
        ),
        case("options from the trunk", From::Trunk, request("options from the trunk", "OPTIONS", &[]), OK),
        case(
            "options with leading empty lines",
            From::Trunk,
            [b"\r\n\r\n".to_vec(), request("options with leading empty lines", "OPTIONS", &[])].concat(),
            OK,
        ),
        case(
            "options of RFC 2543 without branch",
            From::Trunk,
            request("options of RFC 2543 without branch", "OPTIONS", &[(";branch=z9hG4bK{n}", "")]),
            OK,
        ),
        case(
            "ipv6 request uri",
            From::Trunk,
            request(
                "ipv6 request uri",
                "OPTIONS",
                &[("OPTIONS sip:127.0.0.1", "OPTIONS sip:[2001:db8::1]:5060")],
            ),
            OK,
        ),
    ]
}

/// Heads that cannot be served.
fn broken_heads() -> Vec<Case> {
    let i = |name: &'static str, edits: &[(&str, &str)], expect: Expect| {
        case(name, From::Trunk, invite(name, edits), expect)
    };
    vec![
        i("no From", &[("From: <sip:13800138000@127.0.0.2>;tag=f{n}\r\n", "")], BAD),
        i("no To", &[("To: <sip:4001234567@127.0.0.1>\r\n", "")], BAD),
        i("no Call-ID", &[("Call-ID: {n}@odd\r\n", "")], BAD),
        i("no CSeq", &[("CSeq: 1 INVITE\r\n", "")], BAD),
        i("two From", &[("Max-Forwards", "From: <sip:x@y>;tag=2\r\nMax-Forwards")], BAD),
        i("two CSeq", &[("Max-Forwards", "CSeq: 2 INVITE\r\nMax-Forwards")], BAD),
        i("two Call-ID", &[("Max-Forwards", "Call-ID: other\r\nMax-Forwards")], BAD),
        i("two different lengths", &[("Max-Forwards", "Content-Length: 3\r\nMax-Forwards")], BAD),
        i("negative length", &[("Content-Length: {len}", "Content-Length: -1")], BAD),
        i("length beyond the datagram", &[("Content-Length: {len}", "Content-Length: 99999")], BAD),
        i("length of letters", &[("Content-Length: {len}", "Content-Length: many")], BAD),
        i("version 7", &[("127.0.0.1 SIP/2.0\r\nVia", "127.0.0.1 SIP/7.0\r\nVia")], Expect::Status(&[505])),
        i(
            "unknown method",
            &[("INVITE sip:4", "FLY sip:4"), ("1 INVITE", "1 FLY")],
            Expect::Status(&[405, 501]),
        ),
        i("method unlike the CSeq", &[("1 INVITE", "1 OPTIONS")], BAD),
        i(
            "no via",
            &[("Via: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK{n};rport\r\n", "")],
            Expect::NoSuccess,
        ),
        i(
            "required extension",
            &[("Max-Forwards", "Require: levitation\r\nMax-Forwards")],
            Expect::Status(&[420]),
        ),
        i(
            "unknown uri scheme",
            &[("INVITE sip:4001234567@127.0.0.1", "INVITE nobody:4001234567")],
            Expect::Status(&[416, 400]),
        ),
        i("empty request uri", &[("INVITE sip:4001234567@127.0.0.1 SIP", "INVITE  SIP")], BAD),
    ]
}

/// Values out of every range.
fn broken_values() -> Vec<Case> {
    let i = |name: &'static str, edits: &[(&str, &str)], expect: Expect| {
        case(name, From::Trunk, invite(name, edits), expect)
    };
    let long = "9".repeat(9000);
    let many = "X-Many: 1\r\n".repeat(400);
    vec![
        i("CSeq beyond 32 bits", &[("CSeq: 1 ", "CSeq: 36893488147419103232 ")], BAD),
        i("CSeq of letters", &[("CSeq: 1 ", "CSeq: one ")], BAD),
        i("CSeq negative", &[("CSeq: 1 ", "CSeq: -1 ")], BAD),
        i("via port 99999", &[("127.0.0.2:5060;branch", "127.0.0.2:99999;branch")], Expect::NoSuccess),
        i("via port 70000", &[("127.0.0.2:5060;branch", "127.0.0.2:70000;branch")], Expect::NoSuccess),
        i(
            "contact port 70000",
            &[("Contact: <sip:t@127.0.0.2:5060>", "Contact: <sip:t@127.0.0.2:70000>")],
            BAD,
        ),
        i("CSeq of 2 to the 31st", &[("CSeq: 1 ", "CSeq: 2147483648 ")], BAD),
        i("Max-Forwards beyond 32 bits", &[("Max-Forwards: 70", "Max-Forwards: 4294967296")], BAD),
        i(
            "one header of 32 kB",
            &[("Max-Forwards", &format!("X-Long: {}\r\nMax-Forwards", "x".repeat(32 * 1024)))],
            Expect::Status(&[400, 413, 513]),
        ),
        i("via of garbage", &[("Via: SIP/2.0/UDP 127.0.0.2:5060", "Via: ;;,@@")], Expect::NoSuccess),
        i("from unterminated quote", &[("From: <sip", "From: \"never closed <sip")], Expect::NoSuccess),
        i("from without uri", &[("<sip:13800138000@127.0.0.2>", "<>")], Expect::NoSuccess),
        i(
            "a header line of 9000 digits",
            &[("Max-Forwards: 70", &format!("Max-Forwards: {long}"))],
            Expect::NoSuccess,
        ),
        i(
            "a dialled number of 9000 digits",
            &[("INVITE sip:4001234567", &format!("INVITE sip:{long}"))],
            Expect::NoSuccess,
        ),
        i("400 headers", &[("Max-Forwards", &format!("{many}Max-Forwards"))], Expect::NoSuccess),
        i("unknown number", &[("INVITE sip:4001234567", "INVITE sip:4009999999")], Expect::Status(&[404])),
        i(
            "dialled number of path letters",
            &[("INVITE sip:4001234567", "INVITE sip:..%2f..%2fetc%2fpasswd")],
            Expect::Status(&[404]),
        ),
        i(
            "dialled number with zero byte",
            &[("INVITE sip:4001234567", "INVITE sip:4001234567%00")],
            Expect::Status(&[404, 400]),
        ),
        i(
            "no user part",
            &[("INVITE sip:4001234567@127.0.0.1", "INVITE sip:127.0.0.1")],
            Expect::Status(&[404]),
        ),
        i(
            "invite to an unknown dialog",
            &[("To: <sip:4001234567@127.0.0.1>", "To: <sip:4001234567@127.0.0.1>;tag=nobody")],
            Expect::Status(&[481]),
        ),
        case(
            "bye to nothing",
            From::Trunk,
            request("bye to nothing", "BYE", &[("To: <sip:b@127.0.0.1>", "To: <sip:b@127.0.0.1>;tag=none")]),
            Expect::Status(&[481]),
        ),
        case(
            "cancel of nothing",
            From::Trunk,
            request("cancel of nothing", "CANCEL", &[]),
            Expect::Status(&[481]),
        ),
        case(
            "stray ack",
            From::Trunk,
            request("stray ack", "ACK", &[("To: <sip:b@127.0.0.1>", "To: <sip:b@127.0.0.1>;tag=none")]),
            Expect::Silence,
        ),
        case(
            "register from the trunk",
            From::Trunk,
            request("register from the trunk", "REGISTER", &[]),
            Expect::Status(&[403, 405]),
        ),
        case(
            "refer to nothing",
            From::Trunk,
            request(
                "refer to nothing",
                "REFER",
                &[("Max-Forwards", "Refer-To: <sip:9@evil.example>\r\nMax-Forwards")],
            ),
            Expect::NoSuccess,
        ),
    ]
}

/// Bodies.
fn sdp_and_bodies() -> Vec<Case> {
    let i = |name: &'static str, edits: &[(&str, &str)], expect: Expect| {
        case(name, From::Trunk, invite(name, edits), expect)
    };
    let formats: String = (0..2000).map(|n| format!(" {n}")).collect();
    let streams = "m=audio 4000 RTP/AVP 8\r\n".repeat(1000);
    vec![
        i("unknown body type", &[("application/sdp", "application/nonsense")], Expect::Status(&[415])),
        i("body of garbage as sdp", &[(SDP, "\u{1}\u{2}\u{3}garbage")], Expect::Status(&[400, 488])),
        i("only codecs that we lack", &[("RTP/AVP 8 101", "RTP/AVP 3 101")], Expect::Status(&[488])),
        i("encryption that we lack", &[("RTP/AVP", "RTP/SAVP")], Expect::Status(&[488])),
        i(
            "2000 formats",
            &[("RTP/AVP 8 101", &format!("RTP/AVP{formats} 8 101"))],
            Expect::Status(&[200, 400, 488]),
        ),
        i(
            "1000 streams",
            &[("m=audio 30000", &format!("{streams}m=audio 30000"))],
            Expect::Status(&[400, 488]),
        ),
        i("port of six digits", &[("m=audio 30000", "m=audio 300000")], Expect::Status(&[400, 488])),
        i(
            "address that is a name",
            &[("c=IN IP4 127.0.0.2", "c=IN IP4 phone.example")],
            Expect::Status(&[488]),
        ),
    ]
}

/// From nobody we know.
fn strangers() -> Vec<Case> {
    let s = |name: &'static str, bytes: Vec<u8>, expect: Expect| case(name, From::Stranger, bytes, expect);
    let auth = "Authorization: Digest username=\"1001\", realm=\"careline\", nonce=\"made up\", uri=\"sip:127.0.0.1\", response=\"0123456789abcdef0123456789abcdef\"\r\nMax-Forwards";
    vec![
        s("stranger calls the hospital", invite("stranger calls the hospital", &[]), Expect::Status(&[401])),
        s("stranger registers", request("stranger registers", "REGISTER", &[]), Expect::Status(&[401])),
        s(
            "stranger with an invented nonce",
            request("stranger with an invented nonce", "REGISTER", &[("Max-Forwards", auth)]),
            Expect::Status(&[401]),
        ),
        s(
            "stranger as an unknown user",
            request(
                "stranger as an unknown user",
                "REGISTER",
                &[("Max-Forwards", &auth.replace("1001", "4711"))],
            ),
            Expect::Status(&[401]),
        ),
        s(
            "stranger with an unknown scheme",
            request(
                "stranger with an unknown scheme",
                "REGISTER",
                &[("Max-Forwards", "Authorization: NoOne nothing\r\nMax-Forwards")],
            ),
            Expect::Status(&[401]),
        ),
        s("stranger's message", request("stranger's message", "MESSAGE", &[]), Expect::Status(&[401, 405])),
        s(
            "stranger's subscribe",
            request("stranger's subscribe", "SUBSCRIBE", &[]),
            Expect::Status(&[401, 405]),
        ),
        s("stranger's options", request("stranger's options", "OPTIONS", &[]), OK),
        s(
            "stranger's bye",
            request("stranger's bye", "BYE", &[("To: <sip:b@127.0.0.1>", "To: <sip:b@127.0.0.1>;tag=none")]),
            Expect::Status(&[401, 481]),
        ),
        s("stranger's cancel", request("stranger's cancel", "CANCEL", &[]), Expect::Status(&[481])),
        s("stranger's ack", request("stranger's ack", "ACK", &[]), Expect::Silence),
        s(
            "stranger claims the trunk's via",
            invite("stranger claims the trunk's via", &[(";rport", ";rport;received=127.0.0.2")]),
            Expect::Status(&[401]),
        ),
    ]
}

/// No SIP at all.
fn raw() -> Vec<Case> {
    let s = |name: &'static str, bytes: Vec<u8>| case(name, From::Stranger, bytes, Expect::Silence);
    vec![
        s("empty datagram", Vec::new()),
        s("keep-alive", b"\r\n\r\n".to_vec()),
        s("one zero byte", vec![0]),
        s("60000 bytes of letters", vec![b'a'; 60_000]),
        s("binary noise", (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()),
        s("a web request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        s("a stun binding", vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        s("a stray response", b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n".to_vec()),
        s("a response with status 42949673", b"SIP/2.0 4294967301 Better\r\nVia: SIP/2.0/UDP 127.0.0.1\r\n\r\n".to_vec()),
    ]
}
