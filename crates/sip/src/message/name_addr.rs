//! `"Display" <uri>;params` and the form without brackets (RFC 3261 20.10).

use std::fmt;
use std::str::FromStr;

use super::lex;
use super::uri::{BadUri, Uri};

/// Why a text is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// A quoted display name does not end.
    #[error("quoted string without end")]
    Quote,
    /// The display name is neither quoted nor made of tokens.
    #[error("bad display name")]
    Display,
    /// `<` without `>`.
    #[error("bracket without end")]
    Bracket,
    /// A `?` or `,` in a URI that is not in brackets (RFC 3261 20).
    #[error("URI needs brackets")]
    Bare,
    /// The parameters are malformed.
    #[error("bad parameter")]
    Params,
    /// The URI is none.
    #[error(transparent)]
    Uri(#[from] BadUri),
}

/// The value of From, To, Contact, Route and the like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameAddr {
    /// The display name with quotes and escapes resolved.
    pub display: Option<String>,
    /// The address.
    pub uri: Uri,
    /// Parameters after the address; quoted values keep their quotes.
    pub params: Vec<(String, Option<String>)>,
}

impl NameAddr {
    /// Just an address.
    pub fn new(uri: Uri) -> Self {
        Self { display: None, uri, params: Vec::new() }
    }

    /// The tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        self.param("tag").filter(|tag| !tag.is_empty())
    }

    /// A parameter's value as written, empty when it has none.
    pub fn param(&self, name: &str) -> Option<&str> {
        lex::param(&self.params, name)
    }

    /// The same address with this tag.
    pub fn with_tag(mut self, tag: &str) -> Self {
        self.params.retain(|(name, _)| !name.eq_ignore_ascii_case("tag"));
        self.params.push(("tag".to_owned(), Some(tag.to_owned())));
        self
    }
}

impl FromStr for NameAddr {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim_matches(lex::BLANK);
        let (display, rest) = if text.starts_with('"') {
            let close = closing_quote(text).ok_or(BadAddress::Quote)?;
            let display = lex::unquote(&text[..=close]).ok_or(BadAddress::Quote)?;
            (Some(display), text[close + 1..].trim_start_matches(lex::BLANK))
        } else {
            // A parameter may have one in quotes: `sip:a@h;+sip.instance="<urn:uuid:1>"`.
            match lex::find_outside(text, b'<', false) {
                Some(open) => (unquoted_display(text[..open].trim_matches(lex::BLANK))?, &text[open..]),
                None => return bare(text),
            }
        };
        let inner = rest.strip_prefix('<').ok_or(BadAddress::Display)?;
        let close = inner.find('>').ok_or(BadAddress::Bracket)?;
        let uri = inner[..close].trim_matches(lex::BLANK).parse()?;
        let params = lex::params(&inner[close + 1..]).ok_or(BadAddress::Params)?;
        Ok(Self { display, uri, params })
    }
}

/// Everything after the first `;` belongs to the header, not to the URI.
fn bare(text: &str) -> Result<NameAddr, BadAddress> {
    let end = text.find(';').unwrap_or(text.len());
    let uri = text[..end].trim_matches(lex::BLANK);
    if uri.contains(['?', ',']) {
        return Err(BadAddress::Bare);
    }
    let params = lex::params(&text[end..]).ok_or(BadAddress::Params)?;
    Ok(NameAddr { display: None, uri: uri.parse()?, params })
}

/// Tokens and white space; bytes beyond ASCII are tolerated, as phones write names in their own script without quotes.
fn unquoted_display(text: &str) -> Result<Option<String>, BadAddress> {
    let fits = |one: char| !one.is_ascii() || lex::is_token_byte(one as u8) || matches!(one, ' ' | '\t');
    match text {
        "" => Ok(None),
        text if text.chars().all(fits) => Ok(Some(text.to_owned())),
        _ => Err(BadAddress::Display),
    }
}

fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        match bytes.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
}

impl fmt::Display for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(display) = &self.display {
            write!(f, "{} ", lex::quote(display))?;
        }
        write!(f, "<{}>", self.uri)?;
        for (name, value) in &self.params {
            match value {
                Some(value) => write!(f, ";{name}={value}")?,
                None => write!(f, ";{name}")?,
            }
        }
        Ok(())
    }
}
