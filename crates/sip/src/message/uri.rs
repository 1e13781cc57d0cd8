//! URIs (RFC 3261 19.1, RFC 3966): kept as they were written, with the places of their parts.

use std::fmt::{self, Write as _};
use std::net::IpAddr;
use std::ops::Range;
use std::str::FromStr;

/// Why a text is no URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a URI: {0}")]
pub struct BadUri(&'static str);

/// A `sip:`, `sips:` or `tel:` URI with its parts, or one of any other scheme as opaque text. Escapes are never
/// resolved or added in what is printed: two URIs are equal when they are the same text.
#[derive(Clone, PartialEq, Eq)]
pub struct Uri {
    text: String,
    scheme: usize,
    user: Option<Range<usize>>,
    host: Range<usize>,
    port: Option<u16>,
    params: Range<usize>,
    has_headers: bool,
}

impl Uri {
    /// A `sip:` URI. Bytes that may not stand in a user part are escaped, an IPv6 address gets its brackets; a host that
    /// can be none gives `sip:invalid.invalid`.
    pub fn sip(user: Option<&str>, host: &str, port: Option<u16>) -> Self {
        let mut text = String::from("sip:");
        if let Some(user) = user.filter(|user| !user.is_empty()) {
            for byte in user.bytes() {
                if byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/#".contains(&byte) {
                    text.push(char::from(byte));
                } else {
                    let _ = write!(text, "%{byte:02X}");
                }
            }
            text.push('@');
        }
        let is_v6 = host.contains(':') && !host.starts_with('[');
        let host: String =
            host.chars().filter(|one| is_host_char(*one) || matches!(one, '[' | ']')).collect();
        let _ = if is_v6 { write!(text, "[{host}]") } else { write!(text, "{host}") };
        if let Some(port) = port {
            let _ = write!(text, ":{port}");
        }
        text.parse().unwrap_or_else(|_| Self::placeholder())
    }

    /// Stands for a URI that could not be read.
    pub(crate) fn placeholder() -> Self {
        "sip:invalid.invalid".parse().expect("the text is a sip URI")
    }

    /// The scheme as written.
    pub fn scheme(&self) -> &str {
        &self.text[..self.scheme]
    }

    /// Whether the scheme is `sip` or `sips`.
    pub fn is_sip(&self) -> bool {
        self.scheme().eq_ignore_ascii_case("sip") || self.scheme().eq_ignore_ascii_case("sips")
    }

    /// The user part (of `tel:` the number) as written, without a password.
    pub fn user(&self) -> Option<&str> {
        self.user.clone().map(|range| &self.text[range])
    }

    /// The user part with its escapes resolved.
    pub fn user_decoded(&self) -> Option<String> {
        self.user().map(percent_decoded)
    }

    /// The host as written, an IPv6 address in its brackets; empty for schemes without a host.
    pub fn host(&self) -> &str {
        &self.text[self.host.clone()]
    }

    /// The host if it is an address.
    pub fn host_ip(&self) -> Option<IpAddr> {
        self.host().trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// The port if one is written.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// A URI parameter's value as written, empty when it has none; names are compared without case.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.text[self.params.clone()].split(';').filter(|one| !one.is_empty()).find_map(|one| {
            let (key, value) = one.split_once('=').unwrap_or((one, ""));
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// Whether the URI brings header fields along (`?Route=...`), which are never acted upon.
    pub fn has_headers(&self) -> bool {
        self.has_headers
    }

    /// A header field the URI brings along, escapes resolved; of a `sip:` URI only. For Refer-To, whose Replaces and the
    /// like travel so (RFC 3515 2.1); nothing of a Request-URI or Contact is ever read this way.
    pub fn header(&self, name: &str) -> Option<String> {
        let headers = &self.text[self.text.len().min(self.params.end + 1)..];
        let mut fields =
            headers.split('&').filter(|_| self.has_headers).filter_map(|one| one.split_once('='));
        fields.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| percent_decoded(value))
    }

    /// The same address without the header fields it brings along.
    #[must_use]
    pub fn without_headers(&self) -> Self {
        let mut plain = self.clone();
        if self.has_headers {
            plain.text.truncate(self.params.end);
            plain.has_headers = false;
        }
        plain
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Uri {
    type Err = BadUri;

    fn from_str(text: &str) -> Result<Self, BadUri> {
        if text.chars().any(|one| one <= ' ' || matches!(one, '<' | '>' | '"' | '\u{7f}')) {
            return Err(BadUri("white space, quote or bracket inside"));
        }
        let scheme = text.find(':').ok_or(BadUri("no scheme"))?;
        let name = &text[..scheme];
        let well_named = name.starts_with(|one: char| one.is_ascii_alphabetic())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        if !well_named {
            return Err(BadUri("bad scheme"));
        }
        let end = text.len();
        let mut uri = Self {
            text: text.to_owned(),
            scheme,
            user: None,
            host: end..end,
            port: None,
            params: end..end,
            has_headers: false,
        };
        if uri.is_sip() {
            uri.place_sip_parts()?;
        } else if name.eq_ignore_ascii_case("tel") {
            let number_end = text.find(';').unwrap_or(end);
            if number_end == scheme + 1 {
                return Err(BadUri("no number"));
            }
            uri.user = Some(scheme + 1..number_end);
            uri.params = number_end..end;
        }
        Ok(uri)
    }
}

impl Uri {
    fn place_sip_parts(&mut self) -> Result<(), BadUri> {
        let text = &self.text;
        let mut at = self.scheme + 1;
        if let Some(sign) = text[at..].find('@') {
            let user_end = text[at..at + sign].find(':').unwrap_or(sign);
            if user_end == 0 {
                return Err(BadUri("no user before @"));
            }
            self.user = Some(at..at + user_end);
            at += sign + 1;
        }
        let query = text[at..].find('?').map_or(text.len(), |query| at + query);
        self.has_headers = query < text.len();
        let host_port_end = text[at..query].find(';').map_or(query, |semicolon| at + semicolon);
        self.params = host_port_end..query;
        let host_port = &text[at..host_port_end];
        let (host_len, port) = split_host_port(host_port).ok_or(BadUri("bad host or port"))?;
        self.host = at..at + host_len;
        self.port = port;
        Ok(())
    }
}

/// Length of the host in `host[:port]`, and the port. Addresses in brackets are not looked into: RFC 5118 4.10 wants
/// three colons tolerated.
pub(crate) fn split_host_port(text: &str) -> Option<(usize, Option<u16>)> {
    let host_len = if text.starts_with('[') {
        let close = text.find(']')?;
        let inner = &text[1..close];
        if inner.is_empty() || !inner.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte)) {
            return None;
        }
        close + 1
    } else {
        let len = text.find(':').unwrap_or(text.len());
        if len == 0 || !text[..len].chars().all(|one| is_host_char(one) && one != ':') {
            return None;
        }
        len
    };
    let port = match text[host_len..].strip_prefix(':') {
        None if host_len == text.len() => None,
        None => return None,
        Some(digits) if digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(digits.parse().ok()?)
        }
        Some(_) => return None,
    };
    Some((host_len, port))
}

fn is_host_char(one: char) -> bool {
    one.is_ascii_alphanumeric() || matches!(one, '.' | '-' | '_' | ':')
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match escape.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                at += 3;
            }
            None => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
