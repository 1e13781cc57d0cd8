//! Damage by seed: the same seed damages the same messages in the same way.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// The longest message that damage makes, bytes: beyond 64 KiB no parser looks.
const BYTES_MAX: usize = 70_000;

/// What has broken parsers before.
const TOKENS: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\0",
    "\t",
    " ",
    "  ",
    ",",
    ";",
    ":",
    "=",
    "<",
    ">",
    "\"",
    "\\",
    "%",
    "%00",
    "%zz",
    "@",
    "[",
    "]",
    "[::1]",
    "0",
    "-1",
    "65535",
    "65536",
    "2147483648",
    "4294967296",
    "18446744073709551616",
    "99999999999999999999",
    "SIP/2.0",
    "SIP/3.0",
    "sip:",
    "sips:",
    "tel:",
    "z9hG4bK",
    "tag=",
    "branch=",
    "rport",
    "received=",
    "\u{ff}",
    "张三",
    "\r\n\r\n",
    "\r\n ",
    "Content-Length: 0\r\n",
    "Content-Length: 99999\r\n",
    "l: 5\r\n",
    "Via: SIP/2.0/UDP a\r\n",
    "Require: 100rel\r\n",
    "Contact: *\r\n",
    "Replaces: a;to-tag=b;from-tag=c\r\n",
    "Refer-To: <sip:a@b>\r\n",
    "Max-Forwards: 0\r\n",
    "Expires: 4294967295\r\n",
    "Session-Expires: 1\r\n",
    "RAck: 1 1 INVITE\r\n",
    "m=audio 0 RTP/AVP\r\n",
    "c=IN IP4 224.0.0.1\r\n",
    "a=rtpmap:8\r\n",
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "PRACK",
    "UPDATE",
    "REFER",
    "NOTIFY",
];

/// Throws the dice and does the damage.
#[derive(Debug)]
pub struct Mutator {
    rng: ChaCha8Rng,
    count: u64,
}

impl Mutator {
    /// Dice with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: ChaCha8Rng::seed_from_u64(seed), count: 0 }
    }

    /// 0 to `end` - 1; 0 for an `end` of 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 { 0 } else { usize::try_from(self.rng.next_u64() % end as u64).unwrap_or(0) }
    }

    /// Whether something happens that happens in so many of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// A copy with one to four kinds of damage, of which a part goes on being a message of its own: a branch and
    /// Call-ID that nobody has used.
    pub fn damaged(&mut self, original: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = original.to_vec();
        if self.percent(70) {
            bytes = self.renamed(&bytes);
        }
        for _ in 0..=self.below(4) {
            self.damage(&mut bytes, other);
        }
        bytes.truncate(BYTES_MAX);
        bytes
    }

    /// The same message as a new one: every branch, and the first Call-ID, gets a suffix.
    pub fn renamed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.count += 1;
        let suffix = format!("x{}", self.count);
        let mut out = Vec::with_capacity(bytes.len() + 64);
        let mut rest = bytes;
        for mark in [&b"z9hG4bK"[..], b"Call-ID: "] {
            if let Some(at) = rest.windows(mark.len()).position(|window| window == mark) {
                out.extend_from_slice(&rest[..at + mark.len()]);
                out.extend_from_slice(suffix.as_bytes());
                rest = &rest[at + mark.len()..];
            }
        }
        out.extend_from_slice(rest);
        out
    }

    fn damage(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len() + 1);
        let end = (at + 1 + self.below(20)).min(bytes.len());
        match self.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 => drop(bytes.drain(at.min(end)..end)),
            2 => {
                let token = TOKENS[self.below(TOKENS.len())];
                bytes.splice(at..at, token.bytes());
            }
            3 => {
                let token = TOKENS[self.below(TOKENS.len())];
                bytes.splice(at.min(end)..end, token.bytes());
            }
            4 => bytes.truncate(at),
            5 => self.move_line(bytes, false),
            6 => self.move_line(bytes, true),
            7 => {
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => {
                let times = 1 + self.below(300);
                let piece = bytes[at.min(end)..end].repeat(times);
                bytes.splice(at..at, piece);
            }
        }
    }

    /// Takes a line, or a copy of it, to another place.
    fn move_line(&mut self, bytes: &mut Vec<u8>, copy: bool) {
        let mut lines: Vec<Vec<u8>> =
            bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        if lines.is_empty() {
            return;
        }
        let from = self.below(lines.len());
        let line = if copy { lines[from].clone() } else { lines.remove(from) };
        let to = self.below(lines.len() + 1);
        lines.insert(to, line);
        *bytes = lines.concat();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_seeds_do_equal_damage_and_never_without_bound() {
        let message = crate::cases::table().remove(0).bytes;
        let (mut one, mut two) = (Mutator::new(5), Mutator::new(5));
        for _ in 0..500 {
            let damaged = one.damaged(&message, &message);
            assert_eq!(damaged, two.damaged(&message, &message));
            assert!(damaged.len() <= BYTES_MAX);
        }
        assert_eq!(one.damaged(b"", b"").len(), two.damaged(b"", b"").len());
    }
}
