//! Reason (RFC 3326): why a request was sent, most often BYE and CANCEL.

use std::fmt;
use std::str::FromStr;

use super::{Headers, lex};

/// The longest text kept of a peer's reason, characters.
const TEXT_CHARS_MAX: usize = 128;

/// One value of a Reason header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `SIP`, `Q.850`, or another registered protocol, as written.
    pub protocol: String,
    /// The protocol's code: a SIP status or a Q.850 cause.
    pub cause: Option<u16>,
    /// Words for people.
    pub text: Option<String>,
}

impl Reason {
    /// A SIP status as the reason, e.g. 200 "Call completed elsewhere" for the losers of a fork.
    pub fn sip(status: u16, text: &str) -> Self {
        Self { protocol: "SIP".to_owned(), cause: Some(status), text: Some(text.to_owned()) }
    }

    /// An ISDN cause as the reason, e.g. 16 "Normal call clearing".
    pub fn q850(cause: u16, text: &str) -> Self {
        Self { protocol: "Q.850".to_owned(), cause: Some(cause), text: Some(text.to_owned()) }
    }

    /// The CANCEL to the devices that lost a forked call.
    pub fn completed_elsewhere() -> Self {
        Self::sip(200, "Call completed elsewhere")
    }

    /// Every well-formed value of a Reason header line; the others are left out.
    pub fn all(line: &str) -> Vec<Self> {
        lex::split_list(line).filter_map(|one| one.parse().ok()).collect()
    }

    /// The first Q.850 cause in the Reason headers of a message.
    pub fn cause_of_network(headers: &Headers) -> Option<u16> {
        let all = headers.get_all("Reason").flat_map(Self::all);
        all.filter(|one| one.protocol.eq_ignore_ascii_case("Q.850")).find_map(|one| one.cause)
    }

    /// The status that says the same of the called party as a Q.850 cause does (RFC 3398 7.2.4.1); none for causes that
    /// tell of the network or of the call.
    pub fn status_of_called_party(cause: u16) -> Option<u16> {
        match cause {
            1 => Some(404),
            17 => Some(486),
            18..=20 => Some(480),
            21 => Some(603),
            22 => Some(410),
            28 => Some(484),
            _ => None,
        }
    }

    /// Whether a caller's or proxy's CANCEL means that somebody else took the call.
    pub fn is_completed_elsewhere(&self) -> bool {
        self.protocol.eq_ignore_ascii_case("SIP") && self.cause == Some(200)
    }
}

/// A text that is no reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a Reason value")]
pub struct BadReason;

impl FromStr for Reason {
    type Err = BadReason;

    fn from_str(text: &str) -> Result<Self, BadReason> {
        let end = text.find(';').unwrap_or(text.len());
        let protocol = text[..end].trim();
        if !lex::is_token(protocol) {
            return Err(BadReason);
        }
        let params = lex::params(&text[end..]).ok_or(BadReason)?;
        let cause = lex::param(&params, "cause")
            .and_then(|cause| lex::number(cause, u64::from(u16::MAX)))
            .and_then(|cause| u16::try_from(cause).ok());
        let words = lex::param(&params, "text")
            .map(|value| lex::unquote(value).unwrap_or_else(|| value.to_owned()))
            .map(|value| value.chars().take(TEXT_CHARS_MAX).collect());
        Ok(Self { protocol: protocol.to_owned(), cause, text: words })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.protocol)?;
        if let Some(cause) = self.cause {
            write!(f, ";cause={cause}")?;
        }
        if let Some(text) = &self.text {
            write!(f, ";text={}", lex::quote(text))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_come_back_as_they_were() {
        for text in [
            "SIP;cause=200;text=\"Call completed elsewhere\"",
            "Q.850;cause=16;text=\"Terminated\"",
            "SIP;cause=600;text=\"Busy Everywhere\"",
        ] {
            assert_eq!(text.parse::<Reason>().unwrap().to_string(), text);
        }
        assert_eq!(
            Reason::completed_elsewhere().to_string(),
            "SIP;cause=200;text=\"Call completed elsewhere\""
        );
        assert!(Reason::completed_elsewhere().is_completed_elsewhere());
        assert!(!Reason::q850(16, "").is_completed_elsewhere());
    }

    #[test]
    fn the_networks_cause_is_found_among_other_reasons() {
        let mut headers = Headers::default();
        assert_eq!(Reason::cause_of_network(&headers), None);
        headers.push("Reason", "SIP;cause=503, preemption;cause=1");
        headers.push("Reason", "Q.850;text=x, q.850 ;cause=17;text=\"User busy\"");
        let cause = Reason::cause_of_network(&headers);
        assert_eq!((cause, cause.and_then(Reason::status_of_called_party)), (Some(17), Some(486)));
        assert_eq!(Reason::status_of_called_party(34), None, "no circuit is no word about the called party");
    }

    #[test]
    fn several_values_are_read_and_bad_ones_left_out() {
        let all = Reason::all("Q.850 ;cause=17, ;x, SIP;cause=99999;text=busy, preemption");
        let causes: Vec<_> = all.iter().map(|one| (one.protocol.as_str(), one.cause)).collect();
        assert_eq!(causes, [("Q.850", Some(17)), ("SIP", None), ("preemption", None)]);
        assert_eq!(all[1].text.as_deref(), Some("busy"));
    }

    #[test]
    fn a_peers_text_is_kept_within_bounds_and_on_one_line() {
        let long = format!("SIP;text=\"{}\\\"\"", "x".repeat(1000));
        let one: Reason = long.parse().unwrap();
        assert_eq!(one.text.as_ref().map(String::len), Some(TEXT_CHARS_MAX));
        assert!(!Reason::sip(480, "a\r\nb").to_string().contains('\n'));
    }
}
