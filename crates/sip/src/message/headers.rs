//! Header fields: ordered, names compared without case, compact forms equal to the long ones (RFC 3261 7.3).

use std::borrow::Cow;

use super::lex;

/// The names we print in one spelling, with their compact form (RFC 3261 20, 3515, 3841, 3892, 4028, 6665, 8224).
const KNOWN: &[(&str, Option<u8>)] = &[
    ("Via", Some(b'v')),
    ("From", Some(b'f')),
    ("To", Some(b't')),
    ("Call-ID", Some(b'i')),
    ("CSeq", None),
    ("Contact", Some(b'm')),
    ("Max-Forwards", None),
    ("Content-Length", Some(b'l')),
    ("Content-Type", Some(b'c')),
    ("Content-Encoding", Some(b'e')),
    ("Content-Disposition", None),
    ("Route", None),
    ("Record-Route", None),
    ("Authorization", None),
    ("WWW-Authenticate", None),
    ("Proxy-Authorization", None),
    ("Proxy-Authenticate", None),
    ("Expires", None),
    ("Min-Expires", None),
    ("Allow", None),
    ("Allow-Events", Some(b'u')),
    ("Accept", None),
    ("Accept-Encoding", None),
    ("Supported", Some(b'k')),
    ("Unsupported", None),
    ("Require", None),
    ("Proxy-Require", None),
    ("User-Agent", None),
    ("Server", None),
    ("Reason", None),
    ("Retry-After", None),
    ("Warning", None),
    ("Subject", Some(b's')),
    ("Date", None),
    ("Event", Some(b'o')),
    ("Refer-To", Some(b'r')),
    ("Referred-By", Some(b'b')),
    ("Session-Expires", Some(b'x')),
    ("Identity", Some(b'y')),
    ("Accept-Contact", Some(b'a')),
    ("Reject-Contact", Some(b'j')),
    ("Request-Disposition", Some(b'd')),
];

/// Finds the canonical spelling of a header name.
fn canonical(name: &str) -> Option<&'static str> {
    if let [letter] = name.as_bytes() {
        let letter = letter.to_ascii_lowercase();
        return KNOWN.iter().find(|(_, compact)| *compact == Some(letter)).map(|(long, _)| *long);
    }
    let first = name.as_bytes().first()?.to_ascii_uppercase();
    // Every name in the table begins with a capital, so one byte decides most comparisons.
    let fits = |long: &str| long.as_bytes()[0] == first && long.eq_ignore_ascii_case(name);
    KNOWN.iter().find(|(long, _)| fits(long)).map(|(long, _)| *long)
}

/// One value: text, or bytes that are not UTF-8 (Latin-1 display names of old phones) next to a readable view.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    Bytes { raw: Vec<u8>, view: String },
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Header {
    name: Cow<'static, str>,
    value: Value,
}

impl Header {
    fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn view(&self) -> &str {
        match &self.value {
            Value::Text(text) => text,
            Value::Bytes { view, .. } => view,
        }
    }
}

/// The header fields of a message in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<Header>);

impl Headers {
    /// The first value of that name. Bytes that are not UTF-8 show as U+FFFD; printing keeps them.
    pub fn get(&self, name: &str) -> Option<&str> {
        let name = long_form(name);
        self.0.iter().find(|header| header.is_named(name)).map(Header::view)
    }

    /// Every line of that name, as it stands: a line of a list header may hold several values, see [`Self::list`].
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.find(name).map(Header::view)
    }

    /// Every value of a list header (Via, Contact, Route, Require, ...): lines split at commas outside of quotes and
    /// angle brackets, trimmed, empty values left out.
    pub fn list<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.find(name).flat_map(|header| lex::split_list(header.view()))
    }

    /// Adds a line at the end. CR, LF and NUL in the value become spaces.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        let header = Header { name: spelled(name), value: Value::Text(on_one_line(value.into())) };
        self.0.push(header);
    }

    /// Adds a line before all others.
    pub fn push_front(&mut self, name: &str, value: impl Into<String>) {
        let header = Header { name: spelled(name), value: Value::Text(on_one_line(value.into())) };
        self.0.insert(0, header);
    }

    /// Replaces all lines of that name by one, at the place of the first or at the end.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let name = spelled(name);
        match self.0.iter().position(|header| header.name.eq_ignore_ascii_case(&name)) {
            None => self.push(&name, value),
            Some(first) => {
                self.0[first].value = Value::Text(on_one_line(value.into()));
                let mut index = 0;
                self.0.retain(|header| {
                    index += 1;
                    index - 1 == first || !header.name.eq_ignore_ascii_case(&name)
                });
            }
        }
    }

    /// Takes all lines of that name out; whether there were any.
    pub fn remove(&mut self, name: &str) -> bool {
        let name = spelled(name);
        let before = self.0.len();
        self.0.retain(|header| !header.name.eq_ignore_ascii_case(&name));
        self.0.len() < before
    }

    /// Whether a header of that name is there.
    pub fn contains(&self, name: &str) -> bool {
        let name = long_form(name);
        self.0.iter().any(|header| header.is_named(name))
    }

    /// Name and value of every line in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|header| (&*header.name, header.view()))
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a line from the wire: already trimmed and unfolded.
    pub(super) fn push_raw(&mut self, name: &str, value: Cow<'_, [u8]>) {
        let value = match String::from_utf8(value.into_owned()) {
            Ok(text) => Value::Text(text),
            Err(bad) => {
                let view = String::from_utf8_lossy(bad.as_bytes()).into_owned();
                Value::Bytes { raw: bad.into_bytes(), view }
            }
        };
        self.0.push(Header { name: spelled(name), value });
    }

    /// Copies the lines of that name byte for byte.
    pub(crate) fn copy_all(&mut self, from: &Self, name: &str) {
        self.0.extend(from.0.iter().filter(|header| header.is_named(name)).cloned());
    }

    /// Replaces the text of the first line of that name by `edit` of its bytes; the bytes may be no UTF-8.
    pub(crate) fn append_to_first(&mut self, name: &str, suffix: &str) {
        let Some(header) = self.0.iter_mut().find(|header| header.name.eq_ignore_ascii_case(name)) else {
            return;
        };
        match &mut header.value {
            Value::Text(text) => text.push_str(suffix),
            Value::Bytes { raw, view } => {
                raw.extend_from_slice(suffix.as_bytes());
                view.push_str(suffix);
            }
        }
    }

    /// Replaces the text of the first line of that name and leaves the others alone.
    pub(crate) fn replace_first(&mut self, name: &str, value: String) {
        if let Some(header) = self.0.iter_mut().find(|header| header.name.eq_ignore_ascii_case(name)) {
            header.value = Value::Text(value);
        }
    }

    pub(super) fn print(&self, out: &mut Vec<u8>) {
        for header in &self.0 {
            if header.name == "Content-Length" {
                continue;
            }
            out.extend_from_slice(header.name.as_bytes());
            out.extend_from_slice(b": ");
            match &header.value {
                Value::Text(text) => out.extend_from_slice(text.as_bytes()),
                Value::Bytes { raw, .. } => out.extend_from_slice(raw),
            }
            out.extend_from_slice(b"\r\n");
        }
    }

    fn find<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Header> + use<'a> {
        let name = long_form(name);
        self.0.iter().filter(move |header| header.is_named(name))
    }
}

/// Stored names are long; only a compact form has to be looked up.
fn long_form(name: &str) -> &str {
    if name.len() == 1 { canonical(name).unwrap_or(name) } else { name }
}

/// Known names cost no allocation.
fn spelled(name: &str) -> Cow<'static, str> {
    match canonical(name) {
        Some(known) => Cow::Borrowed(known),
        None => Cow::Owned(name.to_owned()),
    }
}

/// A line break in a value would start a header of the value's own.
fn on_one_line(value: String) -> String {
    if value.contains(['\r', '\n', '\0']) { value.replace(['\r', '\n', '\0'], " ") } else { value }
}
