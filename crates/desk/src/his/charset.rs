//! In which letters a message is written: said by MSH-18, else known of the sender, else found out.

use encoding_rs::GB18030;

/// A character set that hospitals send. GB 18030 contains GBK, GB 2312 and ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// GB 18030.
    Gb18030,
}

impl Charset {
    /// By its name in table 0211, or what senders write for it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let plain: String = name
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        match plain.as_str() {
            "UNICODEUTF8" | "UTF8" | "UNICODE" => Some(Self::Utf8),
            "GB180302000" | "GB18030" | "GBK" | "GB2312" | "CP936" => Some(Self::Gb18030),
            _ => None,
        }
    }

    /// Its name in the inbox.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Gb18030 => "GB18030",
        }
    }

    /// The bytes as text, when they are of this set.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(str::to_owned),
            Self::Gb18030 => GB18030
                .decode_without_bom_handling_and_without_replacement(bytes)
                .map(std::borrow::Cow::into_owned),
        }
    }

    /// The text as bytes of this set.
    #[must_use]
    pub fn encode(self, text: &str) -> Vec<u8> {
        match self {
            Self::Utf8 => text.as_bytes().to_vec(),
            Self::Gb18030 => GB18030.encode(text).0.into_owned(),
        }
    }
}

/// The text of a message and its set; without a text when the bytes are not of the set that they should be.
pub(super) fn decoded(bytes: &[u8], by_profile: Option<Charset>) -> (Option<String>, Charset) {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let said = said(bytes).or(by_profile);
    match said {
        Some(charset) => (charset.decode(bytes), charset),
        None => match Charset::Utf8.decode(bytes) {
            Some(text) => (Some(text), Charset::Utf8),
            None => (Charset::Gb18030.decode(bytes), Charset::Gb18030),
        },
    }
}

/// What MSH-18 says. Read in either set: the second byte of a Chinese letter may look like a separator.
fn said(bytes: &[u8]) -> Option<Charset> {
    const MSH_18: usize = 17;
    let head = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let head = std::str::from_utf8(head).map_or_else(|_| GB18030.decode(head).0, std::borrow::Cow::Borrowed);
    let separator = head.strip_prefix("MSH")?.chars().next()?;
    let field = head.split(separator).nth(MSH_18)?;
    // Several may be named; the first is the default one.
    Charset::named(field.split('~').next()?)
}

#[cfg(test)]
mod tests {
    use super::{Charset, decoded};

    #[test]
    fn both_sets_give_the_same_text() {
        // 诶 and others have a separator as their second byte in GB 18030.
        let text = "MSH|^~\\&|HIS|医院|||20260101||ADT^A08|1|P|2.4||||||";
        for (name, charset) in [("GB 18030-2000", Charset::Gb18030), ("UNICODE UTF-8", Charset::Utf8)] {
            let text = format!("{text}{name}\rPID|||1||张亅丨");
            assert_eq!(decoded(&charset.encode(&text), None), (Some(text), charset));
        }
        let silent = format!("{text}\rPID|||1||张三");
        for charset in [Charset::Gb18030, Charset::Utf8] {
            assert_eq!(decoded(&charset.encode(&silent), None), (Some(silent.clone()), charset), "found out");
        }
        assert_eq!(
            decoded(&Charset::Gb18030.encode(&silent), Some(Charset::Utf8)).0,
            None,
            "the profile is wrong"
        );
        let marked = [b"\xEF\xBB\xBF".as_slice(), silent.as_bytes()].concat();
        assert_eq!(decoded(&marked, None).0, Some(silent), "a mark in front");
        assert_eq!(decoded(b"MSH|^~\\&|\xFF\xFF|", None).0, None);
    }
}
