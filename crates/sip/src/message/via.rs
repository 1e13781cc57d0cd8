//! Via (RFC 3261 20.42, RFC 3581, RFC 5118 4.5).

use std::fmt;
use std::str::FromStr;

use super::lex::{self, Params};
use super::name_addr::BadAddress;
use super::uri::split_host_port;

/// One Via value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Via {
    /// The transport as written: `UDP`, `TCP`, or one we do not know.
    pub transport: String,
    /// Host of sent-by as written, IPv6 in brackets.
    pub host: String,
    /// Port of sent-by.
    pub port: Option<u16>,
    /// Parameters in order.
    pub params: Vec<(String, Option<String>)>,
}

/// What begins a branch that is unique by itself (RFC 3261 8.1.1.7).
pub(crate) const MAGIC_COOKIE: &str = "z9hG4bK";

impl Via {
    /// A parameter's value as written, empty when it has none.
    pub fn param(&self, name: &str) -> Option<&str> {
        lex::param(&self.params, name)
    }

    /// The branch, if there is one.
    pub fn branch(&self) -> Option<&str> {
        self.param("branch")
    }

    /// Whether the branch alone names the transaction, as RFC 3261 has it; the bare cookie (RFC 4475 3.2.1) does not.
    pub(crate) fn has_unique_branch(&self) -> bool {
        self.branch().is_some_and(|branch| {
            branch.len() > MAGIC_COOKIE.len()
                && branch
                    .get(..MAGIC_COOKIE.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(MAGIC_COOKIE))
        })
    }

    /// Host and port as one text in lower case.
    pub(crate) fn sent_by(&self) -> String {
        let host = self.host.to_ascii_lowercase();
        match self.port {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }

    /// Sets a parameter in place or at the end.
    pub(crate) fn set_param(&mut self, name: &str, value: String) {
        match self.params.iter_mut().find(|(one, _)| one.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = Some(value),
            None => self.params.push((name.to_owned(), Some(value))),
        }
    }
}

impl FromStr for Via {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let semicolon = text.find(';').unwrap_or(text.len());
        let params: Params = lex::params(&text[semicolon..]).ok_or(BadAddress::Params)?;
        // "SIP / 2.0 / UDP host : port": white space may stand around each separator.
        let mut parts = text[..semicolon].splitn(3, '/');
        let name = parts.next().unwrap_or_default().trim_matches(lex::BLANK);
        let version = parts.next().unwrap_or_default().trim_matches(lex::BLANK);
        let rest = parts.next().unwrap_or_default().trim_matches(lex::BLANK);
        if !name.eq_ignore_ascii_case("SIP") || version != "2.0" {
            return Err(BadAddress::Display);
        }
        let space = rest.find(lex::BLANK).ok_or(BadAddress::Display)?;
        let (transport, sent_by) = (&rest[..space], rest[space..].trim_matches(lex::BLANK));
        if !lex::is_token(transport) {
            return Err(BadAddress::Display);
        }
        // RFC 3261 25.1 COLON: white space may stand around the colon, nowhere else.
        let port_at =
            sent_by.rfind(':').filter(|colon| !sent_by[*colon..].contains(']')).unwrap_or(sent_by.len());
        let (host, port) = sent_by.split_at(port_at);
        let compact = match port.strip_prefix(':') {
            Some(port) => {
                format!("{}:{}", host.trim_end_matches(lex::BLANK), port.trim_start_matches(lex::BLANK))
            }
            None => host.to_owned(),
        };
        let (host_len, port) = split_host_port(&compact).ok_or(BadAddress::Display)?;
        Ok(Self { transport: transport.to_owned(), host: compact[..host_len].to_owned(), port, params })
    }
}

impl fmt::Display for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SIP/2.0/{} {}", self.transport, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        for (name, value) in &self.params {
            match value {
                Some(value) => write!(f, ";{name}={value}")?,
                None => write!(f, ";{name}")?,
            }
        }
        Ok(())
    }
}
