//! Keys in the description (SDES, RFC 4568): `a=crypto` lines read and written. Nothing here encrypts.

use crate::CRYPTO_LINES_MAX;
use crate::formats::values;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sdp_types::Media;
use std::fmt;

/// Longest master key with its salt, in bytes.
pub const MASTER_KEY_BYTES_MAX: usize = 46;
/// Highest tag: nine digits (RFC 4568 9.1).
const TAG_MAX: u32 = 999_999_999;
/// Most packets that a key may protect: SRTP numbers them with 48 bits (RFC 3711 9.2).
const LIFETIME_MAX: u64 = 1 << 48;

/// RFC 4568 wants the padding; some phones leave it out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An SRTP crypto suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suite {
    /// `AEAD_AES_256_GCM` (RFC 7714).
    Aes256Gcm,
    /// `AEAD_AES_128_GCM` (RFC 7714).
    Aes128Gcm,
    /// `AES_256_CM_HMAC_SHA1_80` (RFC 6188).
    Aes256CmSha1_80,
    /// `AES_CM_128_HMAC_SHA1_80` (RFC 4568 6.2.1): the one that everybody knows.
    Aes128CmSha1_80,
    /// `AES_CM_128_HMAC_SHA1_32` (RFC 4568 6.2.2): a short tag on RTP, the long one on RTCP.
    Aes128CmSha1_32,
}

impl Suite {
    /// Every suite, best first.
    pub const ALL: [Self; 5] = [
        Self::Aes256Gcm,
        Self::Aes128Gcm,
        Self::Aes256CmSha1_80,
        Self::Aes128CmSha1_80,
        Self::Aes128CmSha1_32,
    ];

    /// Its name in `a=crypto`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Aes256Gcm => "AEAD_AES_256_GCM",
            Self::Aes128Gcm => "AEAD_AES_128_GCM",
            Self::Aes256CmSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Self::Aes128CmSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::Aes128CmSha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }

    /// Length of the master key, in bytes.
    #[must_use]
    pub fn key_bytes(self) -> usize {
        match self {
            Self::Aes256Gcm | Self::Aes256CmSha1_80 => 32,
            Self::Aes128Gcm | Self::Aes128CmSha1_80 | Self::Aes128CmSha1_32 => 16,
        }
    }

    /// Length of the master salt, in bytes.
    #[must_use]
    pub fn salt_bytes(self) -> usize {
        match self {
            Self::Aes256Gcm | Self::Aes128Gcm => 12,
            Self::Aes256CmSha1_80 | Self::Aes128CmSha1_80 | Self::Aes128CmSha1_32 => 14,
        }
    }

    fn total_bytes(self) -> usize {
        self.key_bytes() + self.salt_bytes()
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name().eq_ignore_ascii_case(name))
    }
}

/// A master key with its salt, for one suite and one way: whoever describes it sends with it. It prints itself hidden.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    suite: Suite,
    bytes: [u8; MASTER_KEY_BYTES_MAX],
}

impl MasterKey {
    /// A key made of what `fill` writes, which has to be random and used nowhere else.
    pub fn random(suite: Suite, fill: impl FnOnce(&mut [u8])) -> Self {
        let mut bytes = [0; MASTER_KEY_BYTES_MAX];
        fill(&mut bytes[..suite.total_bytes()]);
        Self { suite, bytes }
    }

    /// Key and salt in a row; `None` when they have not the length of the suite.
    #[must_use]
    pub fn of_bytes(suite: Suite, both: &[u8]) -> Option<Self> {
        (both.len() == suite.total_bytes()).then(|| Self::random(suite, |bytes| bytes.copy_from_slice(both)))
    }

    /// The suite it is for.
    #[must_use]
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The master key.
    #[must_use]
    pub fn key(&self) -> &[u8] {
        &self.bytes[..self.suite.key_bytes()]
    }

    /// The master salt.
    #[must_use]
    pub fn salt(&self) -> &[u8] {
        &self.bytes[self.suite.key_bytes()..self.suite.total_bytes()]
    }

    /// The value of an `a=crypto` line. No lifetime is named: the suite's own holds.
    pub(crate) fn line(&self, tag: u32) -> String {
        let both = &self.bytes[..self.suite.total_bytes()];
        format!("{tag} {} inline:{}", self.suite.name(), BASE64.encode(both))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}, hidden)", self.suite.name())
    }
}

/// The key that the other side sends with, as agreed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCrypto {
    /// Tag of the line; offer and answer have the same one (RFC 4568 5.1.2).
    pub tag: u32,
    /// What it encrypts with. We encrypt with our own key of the same suite.
    pub key: MasterKey,
}

/// The lines of a stream that we can use, in its own order, each tag once.
pub(crate) fn lines(media: &Media) -> Vec<RemoteCrypto> {
    let mut found: Vec<RemoteCrypto> = Vec::new();
    for line in values(&media.attributes, "crypto").take(CRYPTO_LINES_MAX).filter_map(read_line) {
        if found.iter().all(|one| one.tag != line.tag) {
            found.push(line);
        }
    }
    found
}

/// One line, or `None` when anything in it is not understood: what it asks for would not be done (RFC 4568 5.1.2).
fn read_line(value: &str) -> Option<RemoteCrypto> {
    let mut words = value.split_ascii_whitespace();
    let tag = words.next()?;
    if tag.is_empty() || !tag.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let tag = tag.parse().ok().filter(|tag| *tag <= TAG_MAX)?;
    let suite = Suite::of_name(words.next()?)?;
    let key = read_key(suite, words.next()?)?;
    words.all(is_harmless).then_some(RemoteCrypto { tag, key })
}

/// `inline:<key and salt>[|lifetime]`. A master key identifier (`|1:4`) and a second key change every packet, and we
/// would not read them.
fn read_key(suite: Suite, parameter: &str) -> Option<MasterKey> {
    let (method, value) = parameter.split_once(':')?;
    if !method.eq_ignore_ascii_case("inline") {
        return None;
    }
    let mut parts = value.split('|');
    let text = parts.next()?;
    if let Some(lifetime) = parts.next() {
        read_lifetime(lifetime)?;
    }
    if parts.next().is_some() {
        return None;
    }
    let mut bytes = [0; MASTER_KEY_BYTES_MAX + 2];
    let count = BASE64.decode_slice(text, &mut bytes).ok()?;
    MasterKey::of_bytes(suite, &bytes[..count])
}

/// Packets that the key may protect: `2^31` or a decimal number (RFC 4568 6.1). The peer promises to keep to it when it
/// sends; we only see that it is a number.
fn read_lifetime(text: &str) -> Option<u64> {
    let lifetime = match text.strip_prefix("2^") {
        Some(power) => 1u64.checked_shl(power.parse().ok()?)?,
        None => text.parse().ok()?,
    };
    (1..=LIFETIME_MAX).contains(&lifetime).then_some(lifetime)
}

/// Session parameters that change nothing for us (RFC 4568 6.3): no key derivation beyond the first, a hint for the
/// replay window, and extensions that say of themselves that they may be ignored. `UNENCRYPTED_SRTP`,
/// `UNENCRYPTED_SRTCP`, `UNAUTHENTICATED_SRTP`, FEC orders and unknown words are none of these.
fn is_harmless(parameter: &str) -> bool {
    let value = |name: &str| -> Option<u64> {
        let (found, value) = parameter.split_once('=')?;
        if found.eq_ignore_ascii_case(name) { value.parse().ok() } else { None }
    };
    parameter.starts_with('-') || value("KDR") == Some(0) || value("WSH").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    #[test]
    fn a_line_of_the_rfc_is_read_with_and_without_a_lifetime() {
        for end in ["", "|2^20", "|1048576", "|2^48", " WSH=128", " KDR=0", " -x=y"] {
            let line = read_line(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}{end}")).expect(end);
            assert_eq!((line.tag, line.key.suite()), (1, Suite::Aes128CmSha1_80));
            assert_eq!(
                (line.key.key(), line.key.salt()),
                (&b"YS___semctl () {"[..], &b"\t220;}\n}\nunles"[..])
            );
        }
    }

    #[test]
    fn a_line_that_asks_for_what_we_do_not_do_is_no_use() {
        for end in [
            "|2^20|1:4",
            "|1:4",
            "|0",
            "|2^49",
            "|2^64",
            "|-1",
            "|",
            ";inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            " UNENCRYPTED_SRTP",
            " UNENCRYPTED_SRTCP",
            " UNAUTHENTICATED_SRTP",
            " KDR=24",
            " FEC_ORDER=SRTP_FEC",
            " WSH=128 NEW",
        ] {
            assert_eq!(read_line(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}{end}")), None, "{end}");
        }
        for line in [
            "",
            "1",
            "x AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "+1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "1000000000 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "1 F8_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "1 AES_256_CM_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "1 AES_CM_128_HMAC_SHA1_80 uri:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
            "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGV",
            "1 AES_CM_128_HMAC_SHA1_80 inline:",
        ] {
            assert_eq!(read_line(line), None, "{line}");
        }
    }

    #[test]
    fn every_suite_writes_what_it_reads_padded_or_not() {
        for suite in Suite::ALL {
            let key = MasterKey::random(suite, |bytes| bytes.fill(0xA5));
            let text = key.line(7);
            for text in [text.as_str(), text.trim_end_matches('=')] {
                assert_eq!(read_line(text), Some(RemoteCrypto { tag: 7, key: key.clone() }), "{text}");
            }
            assert!(text.contains(suite.name()));
        }
    }

    #[test]
    fn a_key_never_prints_itself() {
        let line = read_line(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}")).expect("a line");
        let shown = format!("{line:?}");
        assert_eq!(shown, "RemoteCrypto { tag: 1, key: MasterKey(AES_CM_128_HMAC_SHA1_80, hidden) }");
    }
}
