//! Messages by seed: valid ones in all the ways RFC 3261 lets them be written, and damaged copies.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// Throws dice and writes messages.
#[derive(Debug)]
pub struct Generator(ChaCha8Rng);

const METHODS: &[&str] =
    &["INVITE", "BYE", "OPTIONS", "REGISTER", "REFER", "NOTIFY", "UPDATE", "BREW", "invite", "RE%47!STER"];
const URIS: &[&str] = &[
    "sip:120@192.0.2.1",
    "sip:192.0.2.1:5070;transport=tcp",
    "sip:120@[2001:db8::1]",
    "sip:120@[2001:0DB8::1];lr",
    "tel:+8657112345678",
    "sip:a%20b@example.com",
    "sips:120@example.com",
    "urn:service:sos",
    "sip:120;phone-context=x@example.com;user=phone",
    "SIP:120@EXAMPLE.com",
    "sip:li.mei:secret@example.com;lr",
    "sip:li.mei;day=tuesday@example.com",
    "sip:example.com:05060",
    "sip:example.com;transport=quic",
    "sip:120@example.com;maddr=[2001:db8::1];ttl=1",
    "Tel:110;phone-context=+86",
];
const TRANSPORTS: &[&str] = &[
    "SIP/2.0/UDP ",
    "SIP/2.0/TCP ",
    "SIP / 2.0 / UDP ",
    "sip/2.0/udp ",
    "SIP/2.0/WSS ",
    "SIP/2.0/TLS\t",
    "SIP/2.0/DCCP   ",
];
const HOSTS: &[&str] = &[
    "192.0.2.9:5060",
    "phone.example.com",
    "[2001:db8::9]:5060",
    "192.0.2.9",
    "192.0.2.9 : 5060",
    "a-b.example.com.:05060",
    "[2001:0DB8::9]",
];
const VIA_PARAMS: &[&str] = &[
    ";branch=z9hG4bK",
    " ; branch = z9hG4bK",
    ";x=\"a;branch=b,\";branch=z9hG4bK",
    ";received=2001:db8::9;Branch=z9hG4bK",
    ";maddr=[2001:db8::9];ttl=16;branch=z9hG4bK",
];
const SECOND_VIAS: &[&str] = &[
    "",
    "Via: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKtwo\r\n",
    ", SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKtwo",
    ",\r\n\tSIP/2.0/TCP [2001:db8::8]\t;branch=z9hG4bKtwo;received=192.0.2.3",
];
const NAMES: &[&str] = &[
    "<sip:p@192.0.2.9>",
    "Li <sip:p@192.0.2.9>",
    "\"Li, Mei\" <sip:p@192.0.2.9>",
    "\"a \\\"b\\\" <sip:x@y>; c\" <sip:p@192.0.2.9>",
    "张三 <sip:p@192.0.2.9>",
    "sip:p@192.0.2.9",
    "<tel:+8657112345678;phone-context=x>",
    "\"\"<sip:p@[2001:db8::9]:5060;transport=udp>",
    "Li\tMei\r\n <sip:li.mei@example.com?Subject=a>",
    "<urn:service:sos>",
    "\";tag=no\"  <sips:a%20b@example.com;x>",
];
const TAGS: &[&str] =
    &[";tag=", ";x=\"a;tag=b\";tag=", " ; tag = ", ";x;Tag=", "\r\n\t;y=[2001:db8::1];tag="];
const CONTACTS: &[&str] = &[
    "Contact: <sip:a@192.0.2.9>\r\n",
    "",
    "Contact: <sip:a@192.0.2.9>, <sip:b@192.0.2.9>;q=0.5\r\n",
    "Contact: sip:a@192.0.2.9\r\n",
    "Contact: <sip:a@192.0.2.9;transport=ws>;+sip.instance=\"<urn:uuid:1>\";reg-id=1\r\n",
    "Contact: *\r\n",
    "Contact: sip:a@192.0.2.9;+sip.instance=\"<urn:uuid:1>,\";expires=60, sips:b@192.0.2.9\r\n",
    "Contact: \"a, b\" <sip:c,d@192.0.2.9>\r\nContact: <mailto:a@example.com>\r\n",
];
const MORE: &[&str] = &[
    "Max-Forwards: 70\r\n",
    "Max-Forwards: 70\r\nSubject: a\r\n b\r\n",
    "X-Odd:\r\nMax-Forwards :  70\r\n",
    "",
    "Max-Forwards: 0070\r\nDate:\r\nX-!%*_+`'~: \u{e9}\r\n",
    "Route: <sip:192.0.2.1;lr>,\r\n <sip:192.0.2.2;lr>\r\nMax-Forwards: 0\r\n",
];
const CALL_IDS: &[&str] = &["@192.0.2.9", "", "(a<b>\\\"c\"[d]{?}/:)@.", "@[2001:db8::9]"];
const CSEQS: &[&str] = &["", "\t", "\r\n ", "   "];
const STATUSES: &[&str] = &["200 OK", "180 Ringing", "486 Busy Here", "299 ", "404 没有", "699 a\tb  c"];
const BODIES: &[&str] = &["v=0\r\n", "", "\0\u{ff}body", "\r\n\r\nl: 1\r\n\r\n"];

impl Generator {
    /// Dice with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.0.next_u64() % end.max(1) as u64).unwrap_or(0)
    }

    fn one_in(&mut self, cases: usize) -> bool {
        self.below(cases) == 0
    }

    /// The first most of the time, else one of the others.
    fn mostly<'a>(&mut self, all: &[&'a str]) -> &'a str {
        if self.one_in(4) { all[self.below(all.len())] } else { all[0] }
    }

    /// A valid message.
    pub fn message(&mut self) -> Vec<u8> {
        let n = self.below(1_000_000);
        let method = self.mostly(METHODS);
        let start = if self.one_in(5) {
            format!("SIP/2.0 {}", self.mostly(STATUSES))
        } else {
            format!("{method} {} SIP/2.0", self.mostly(URIS))
        };
        let body = self.mostly(BODIES);
        let head = format!(
            "{start}\r\n{}From: {}{}f{n}\r\nTo: {}{}\r\nCall-ID: {n}{}\r\nCSeq: {n}{} {method}\r\n{}{}{}\r\n",
            self.vias(n),
            self.mostly(NAMES),
            self.mostly(TAGS),
            self.mostly(NAMES),
            self.tag_of_to(),
            self.mostly(CALL_IDS),
            self.mostly(CSEQS),
            self.mostly(CONTACTS),
            self.mostly(MORE),
            self.length(body),
        );
        let head = if self.one_in(10) { compact(&head) } else { head };
        let head = if self.one_in(20) { head.replace("\r\n", "\n") } else { head };
        let head = if self.one_in(20) { format!("\r\n\r\n{head}") } else { head };
        (head + body).into_bytes()
    }

    fn vias(&mut self, n: usize) -> String {
        let (transport, host) = (self.mostly(TRANSPORTS), self.mostly(HOSTS));
        let (params, second) = (self.mostly(VIA_PARAMS), self.mostly(SECOND_VIAS));
        let (on_line, own_line) = if second.starts_with(',') { (second, "") } else { ("", second) };
        format!("Via: {transport}{host}{params}{n};rport{on_line}\r\n{own_line}")
    }

    fn tag_of_to(&mut self) -> String {
        if self.one_in(4) { format!("{}them", self.mostly(TAGS)) } else { String::new() }
    }

    fn length(&mut self, body: &str) -> String {
        let length = body.len();
        match self.below(16) {
            0 => String::new(),
            1 => format!("Content-Length: {}\r\n", length.saturating_sub(2)),
            2 => format!("Content-Length:\r\n\t00{length} \r\nl: {length}\r\n"),
            _ => format!("Content-Length: {length}\r\n"),
        }
    }

    /// One to three small pieces of damage.
    pub fn damaged(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        loop {
            self.damage(&mut bytes);
            if !self.one_in(4) {
                return bytes;
            }
        }
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let at = self.below(bytes.len());
        let end = (at + 1 + self.below(6)).min(bytes.len());
        match self.below(8) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let token = TOKENS[self.below(TOKENS.len())];
                bytes.splice(at..at, token.iter().copied());
            }
            3 => {
                let token = TOKENS[self.below(TOKENS.len())];
                bytes.splice(at..=at, token.iter().copied());
            }
            4 if self.one_in(4) => bytes.truncate(at),
            4 | 5 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            what => self.damage_line(bytes, at, what == 6),
        }
    }

    /// The line around `at` stands twice, or not at all.
    fn damage_line(&mut self, bytes: &mut Vec<u8>, at: usize, twice: bool) {
        let begin = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |lf| lf + 1);
        let end = bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |lf| at + lf + 1);
        let line: Vec<u8> = bytes.drain(begin..end).collect();
        if twice {
            let to = if self.one_in(2) { begin } else { 0 };
            bytes.splice(to..to, [&line[..], &line[..]].concat());
        }
    }
}

const TOKENS: &[&[u8]] = &[
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b",",
    b";",
    b":",
    b"=",
    b"<",
    b">",
    b"\"",
    b"\\",
    b"%",
    b"@",
    b"?",
    b"&",
    b"\xe9",
    b"\0",
    b"\x0c",
    b"\x7f",
    b"99999999999",
    b"-1",
    b"[",
    b"]",
    b"\r\n ",
    b"SIP/3.0",
    b"a.b",
    b"_",
    b";tag=",
    b"\xc2\xa0",
];

fn compact(head: &str) -> String {
    let mut short = head.to_owned();
    for (long, letter) in [
        ("Via:", "v:"),
        ("From:", "f:"),
        ("To:", "t:"),
        ("Call-ID:", "i:"),
        ("Contact:", "m:"),
        ("Content-Length:", "l:"),
    ] {
        short = short.replace(&format!("\n{long}"), &format!("\n{letter}"));
    }
    short
}
