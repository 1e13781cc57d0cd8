//! Replaces (RFC 3891): names the dialog that a new INVITE takes the place of.

use std::fmt;
use std::str::FromStr;

use super::{Headers, lex};

/// Why a Replaces header is none; the answer is 400.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bad Replaces: {0}")]
pub struct BadReplaces(&'static str);

/// A dialog as the far side of it names it.
///
/// As a header it prints plain (`call-id;to-tag=..;from-tag=..`), inside the URI of a Refer-To it is percent-encoded by
/// [`Self::escaped`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaces {
    /// Call-ID of the dialog.
    pub call_id: String,
    /// The local tag of whoever receives the INVITE.
    pub to_tag: String,
    /// The remote tag of whoever receives the INVITE; `0` stands for a peer without tags (RFC 2543).
    pub from_tag: String,
    /// Only a dialog that still rings may be replaced.
    pub early_only: bool,
}

impl Replaces {
    /// The value inside a URI: what may not stand in a URI header (RFC 3261 25.1 `hnv-unreserved`) is escaped.
    pub fn escaped(&self) -> String {
        percent_encoded(&self.to_string())
    }

    /// The Replaces header of a request. RFC 3891 3: "more than one Replaces header field" or one next to a Join is
    /// malformed.
    pub(crate) fn of(headers: &Headers) -> Option<Result<Self, BadReplaces>> {
        let mut values = headers.list("Replaces");
        let first = match values.next() {
            Some(first) => first,
            None if headers.contains("Replaces") => return Some(Err(BadReplaces("empty"))),
            None => return None,
        };
        if values.next().is_some() {
            return Some(Err(BadReplaces("more than one")));
        }
        if headers.contains("Join") {
            return Some(Err(BadReplaces("next to Join")));
        }
        Some(first.parse())
    }
}

impl FromStr for Replaces {
    type Err = BadReplaces;

    fn from_str(text: &str) -> Result<Self, BadReplaces> {
        let end = text.find(';').ok_or(BadReplaces("no tags"))?;
        let call_id = text[..end].trim();
        if call_id.is_empty() || call_id.contains([' ', '\t', ',', '"']) {
            return Err(BadReplaces("bad Call-ID"));
        }
        let params = lex::params(&text[end..]).ok_or(BadReplaces("bad parameter"))?;
        // RFC 3891 6.1: "A Replaces header field MUST contain exactly one to-tag and exactly one from-tag".
        let once = |name: &str| {
            let mut found = params.iter().filter(|(one, _)| one.eq_ignore_ascii_case(name));
            let value =
                found.next().and_then(|(_, value)| value.as_deref()).filter(|value| lex::is_token(value));
            value.filter(|_| found.next().is_none()).map(str::to_owned)
        };
        Ok(Self {
            call_id: call_id.to_owned(),
            to_tag: once("to-tag").ok_or(BadReplaces("not one to-tag"))?,
            from_tag: once("from-tag").ok_or(BadReplaces("not one from-tag"))?,
            early_only: params.iter().any(|(name, _)| name.eq_ignore_ascii_case("early-only")),
        })
    }
}

impl fmt::Display for Replaces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};to-tag={};from-tag={}", self.call_id, self.to_tag, self.from_tag)?;
        if self.early_only { f.write_str(";early-only") } else { Ok(()) }
    }
}

fn percent_encoded(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()[]/?:+$".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::NameAddr;

    #[test]
    fn the_examples_of_the_rfc_come_back_as_they_were() {
        for text in [
            "98732@sip.example.com;to-tag=ff87ff;from-tag=r33th4x0r",
            "12adf2f34456gs5;to-tag=12345;from-tag=54321",
            "87134@171.161.34.23;to-tag=24796;from-tag=0;early-only",
        ] {
            assert_eq!(text.parse::<Replaces>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn order_and_white_space_of_the_tags_do_not_matter() {
        let one: Replaces = "a@b ; from-tag=1;to-tag=2 ;EARLY-ONLY".parse().unwrap();
        assert_eq!((&one.to_tag[..], &one.from_tag[..], one.early_only), ("2", "1", true));
    }

    #[test]
    fn what_is_no_dialog_is_refused() {
        for text in ["", "a@b", "a@b;to-tag=1", "a@b;to-tag=1;from-tag", ";to-tag=1;from-tag=2"] {
            assert!(text.parse::<Replaces>().is_err(), "{text}");
        }
        assert!("a@b;to-tag=1;to-tag=1;from-tag=2".parse::<Replaces>().is_err());
        assert!("a\"@b;to-tag=1;from-tag=2".parse::<Replaces>().is_err());
    }

    #[test]
    fn two_of_them_or_one_next_to_join_are_malformed() {
        let mut headers = Headers::default();
        assert_eq!(Replaces::of(&headers), None);
        headers.push("Replaces", "a;to-tag=1;from-tag=2");
        assert!(Replaces::of(&headers).unwrap().is_ok());
        let mut joined = headers.clone();
        joined.push("Join", "a;to-tag=1;from-tag=2");
        assert!(Replaces::of(&joined).unwrap().is_err());
        headers.push("Replaces", "b;to-tag=1;from-tag=2");
        assert!(Replaces::of(&headers).unwrap().is_err());
    }

    #[test]
    fn inside_a_refer_to_it_is_escaped_and_read_back() {
        let one: Replaces = "5@10.0.0.1;to-tag=a;from-tag=b".parse().unwrap();
        assert_eq!(one.escaped(), "5%4010.0.0.1%3Bto-tag%3Da%3Bfrom-tag%3Db");
        let refer_to = format!("<sip:1001@192.0.2.1?Replaces={}&Subject=x>", one.escaped());
        let address: NameAddr = refer_to.parse().unwrap();
        assert_eq!(address.uri.header("replaces").unwrap().parse::<Replaces>(), Ok(one));
        assert_eq!(address.uri.without_headers().as_str(), "sip:1001@192.0.2.1");
    }
}
