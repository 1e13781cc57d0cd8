//! Messages by seed: valid ones in all the ways RFC 3261 lets them be written, and damaged copies.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// Throws dice and writes messages.
#[derive(Debug)]
pub struct Generator(ChaCha8Rng);

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
        let method =
            self.mostly(&["INVITE", "BYE", "OPTIONS", "REGISTER", "REFER", "NOTIFY", "UPDATE", "BREW"]);
        let uris = [
            "sip:120@192.0.2.1",
            "sip:192.0.2.1:5070;transport=tcp",
            "sip:120@[2001:db8::1]",
            "tel:+8657112345678",
            "sip:a%20b@example.com",
            "sips:120@example.com",
            "urn:service:sos",
            "sip:120;phone-context=x@example.com;user=phone",
        ];
        let uri = self.mostly(&uris);
        let n = self.below(1_000_000);
        let transport =
            self.mostly(&["SIP/2.0/UDP", "SIP/2.0/TCP", "SIP / 2.0 / UDP", "sip/2.0/udp", "SIP/2.0/WSS"]);
        let host = self.mostly(&["192.0.2.9:5060", "phone.example.com", "[2001:db8::9]:5060", "192.0.2.9"]);
        let name = self.mostly(&["", "Li ", "\"Li, Mei\" ", "\"a \\\"b\\\" <sip:x@y>; c\" ", "张三 "]);
        let second = self.mostly(&[
            "",
            "Via: SIP/2.0/UDP 192.0.2.8;branch=z9hG4bKtwo\r\n",
            ", SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKtwo",
        ]);
        let (on_line, own_line) = if second.starts_with(',') { (second, "") } else { ("", second) };
        let to_tag = self.mostly(&["", ";tag=them"]);
        let contacts = self.mostly(&[
            "Contact: <sip:a@192.0.2.9>\r\n",
            "",
            "Contact: <sip:a@192.0.2.9>, <sip:b@192.0.2.9>;q=0.5\r\n",
            "Contact: sip:a@192.0.2.9\r\n",
            "Contact: <sip:a@192.0.2.9;transport=ws>;+sip.instance=\"<urn:uuid:1>\";reg-id=1\r\n",
        ]);
        let more = self.mostly(&[
            "Max-Forwards: 70\r\n",
            "Max-Forwards: 70\r\nSubject: a\r\n b\r\n",
            "X-Odd:\r\nMax-Forwards :  70\r\n",
            "",
        ]);
        let body = self.mostly(&["v=0\r\n", "", "\0\u{ff}body"]);
        let length = match self.below(12) {
            0 => String::new(),
            1 => format!("Content-Length: {}\r\n", body.len().saturating_sub(2)),
            _ => format!("Content-Length: {}\r\n", body.len()),
        };
        let (start, cseq) = if self.one_in(5) {
            let status = self.mostly(&["200 OK", "180 Ringing", "486 Busy Here", "299 ", "404 没有"]);
            (format!("SIP/2.0 {status}"), method)
        } else {
            (format!("{method} {uri} SIP/2.0"), method)
        };
        let head = format!(
            "{start}\r\nVia: {transport} {host};branch=z9hG4bK{n};rport{on_line}\r\n{own_line}From: {name}<sip:p@192.0.2.9>;tag=f{n}\r\n\
             To: <sip:120@192.0.2.1>{to_tag}\r\nCall-ID: {n}@192.0.2.9\r\nCSeq: {n} {cseq}\r\n{contacts}{more}{length}\r\n"
        );
        let head = if self.one_in(10) { compact(&head) } else { head };
        let head = if self.one_in(20) { head.replace("\r\n", "\n") } else { head };
        let head = if self.one_in(20) { format!("\r\n\r\n{head}") } else { head };
        (head + body).into_bytes()
    }

    /// One small piece of damage.
    pub fn damaged(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let at = self.below(bytes.len());
        let tokens: &[&[u8]] = &[
            b"\r\n",
            b"\n",
            b" ",
            b",",
            b";",
            b":",
            b"=",
            b"<",
            b">",
            b"\"",
            b"%",
            b"@",
            b"\xe9",
            b"\0",
            b"99999999999",
            b"-1",
            b"[",
        ];
        let end = (at + 1 + self.below(6)).min(bytes.len());
        match self.below(5) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let token = tokens[self.below(tokens.len())];
                bytes.splice(at..at, token.iter().copied());
            }
            3 => bytes.truncate(at),
            _ => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
        }
        bytes
    }
}

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
