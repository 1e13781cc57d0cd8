//! A message as it stands on the wire, cut by RFC 3261 7 and nothing else: what predicates look at. It is written apart
//! from our codec and from the others, so that none of them vouches for itself.

/// How a line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As RFC 3261 7 wants it.
    CrLf,
    /// With LF alone.
    Lf,
    /// The message was over.
    Nothing,
}

/// One header field: lines that continue it are joined to it.
#[derive(Clone, Debug)]
pub struct Field {
    /// Long and in lower case.
    pub name: String,
    /// As written, up to the colon; all of the line where there is none.
    pub written: String,
    /// What follows the colon, without white space around it; bytes that are no UTF-8 are U+FFFD.
    pub value: String,
    /// Everything behind the colon of the first line, with its white space.
    pub raw: String,
    /// Whether there is a colon.
    pub has_colon: bool,
    /// Whether further lines continued it.
    pub folded: bool,
    /// Whether the first of them did so before the colon.
    pub folded_name: bool,
    /// How its lines ended: with LF when one of them did.
    pub end: End,
}

/// The whole message.
#[derive(Clone, Debug)]
pub struct Text {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Whether empty lines stand before the start line.
    pub leading: bool,
    /// The start line.
    pub start: String,
    /// How it ended.
    pub start_end: End,
    /// The header fields in their order.
    pub fields: Vec<Field>,
    /// How the empty line after them ended; nothing when there is none.
    pub close: End,
    /// What follows the empty line, bytes.
    pub body: Vec<u8>,
}

fn next_line<'a>(rest: &mut &'a [u8]) -> Option<(&'a [u8], End)> {
    let all = *rest;
    if all.is_empty() {
        return None;
    }
    let Some(at) = all.iter().position(|byte| *byte == b'\n') else {
        *rest = &[];
        return Some((all, End::Nothing));
    };
    *rest = &all[at + 1..];
    Some(match all[..at].strip_suffix(b"\r") {
        Some(line) => (line, End::CrLf),
        None => (&all[..at], End::Lf),
    })
}

fn long_name(name: &str) -> String {
    let lower = name.trim_end_matches([' ', '\t']).to_ascii_lowercase();
    let long = match lower.as_str() {
        "v" => "via",
        "f" => "from",
        "t" => "to",
        "i" => "call-id",
        "m" => "contact",
        "l" => "content-length",
        "c" => "content-type",
        other => other,
    };
    long.to_owned()
}

impl Text {
    /// Cuts a message.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut rest = bytes;
        let mut text = Self {
            bytes: bytes.to_vec(),
            leading: false,
            start: String::new(),
            start_end: End::Nothing,
            fields: Vec::new(),
            close: End::Nothing,
            body: Vec::new(),
        };
        while let Some((line, end)) = next_line(&mut rest) {
            if !line.is_empty() {
                (text.start, text.start_end) = (String::from_utf8_lossy(line).into_owned(), end);
                break;
            }
            text.leading = true;
        }
        while let Some((line, end)) = next_line(&mut rest) {
            if line.is_empty() {
                text.close = end;
                break;
            }
            let line = String::from_utf8_lossy(line);
            match text.fields.last_mut() {
                Some(field) if line.starts_with([' ', '\t']) => field.fold(&line, end),
                _ => text.fields.push(Field::of(&line, end)),
            }
        }
        rest.clone_into(&mut text.body);
        text
    }

    /// The values of every field of that (long, lower case) name, as they stand.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.named(name).map(|field| field.value.as_str())
    }

    /// Every field of that (long, lower case) name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |field| field.name == name)
    }

    /// The first value of that name, empty when there is none.
    #[must_use]
    pub fn first(&self, name: &str) -> &str {
        self.fields.iter().find(|field| field.name == name).map_or("", |field| &field.value)
    }

    /// Every value of a list header, cut at its commas.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        let fields = self.fields.iter().filter(|field| field.name == name);
        let values = fields.flat_map(|field| cut(&field.value, b','));
        values.map(|one| one.trim_matches([' ', '\t'])).filter(|value| !value.is_empty()).collect()
    }

    /// Whether it begins as a response does.
    #[must_use]
    pub fn is_response(&self) -> bool {
        self.start.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/"))
    }

    /// Whether CR LF CR LF stands somewhere in it.
    #[must_use]
    pub fn has_double_crlf(&self) -> bool {
        self.bytes.windows(4).any(|four| four == b"\r\n\r\n")
    }

    /// Whether all before the body is UTF-8.
    #[must_use]
    pub fn is_utf8_head(&self) -> bool {
        std::str::from_utf8(self.head()).is_ok()
    }

    /// Whether the headers end as RFC 3261 7 has it, with CR LF CR LF.
    #[must_use]
    pub fn ends_in_double_crlf(&self) -> bool {
        self.head().ends_with(b"\r\n\r\n")
    }

    /// All before the body.
    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.bytes[..self.bytes.len() - self.body.len()]
    }

    /// The method of a request, all of the start line up to the first blank.
    #[must_use]
    pub fn method(&self) -> &str {
        self.start.split(' ').next().unwrap_or_default()
    }

    /// What stands between method and version.
    #[must_use]
    pub fn uri(&self) -> &str {
        let rest = self.start.split_once(' ').map_or("", |(_, rest)| rest);
        rest.trim_end_matches([' ', '\t']).rsplit_once(' ').map_or("", |(uri, _)| uri)
    }

    /// The start line's end: the version of a request.
    #[must_use]
    pub fn version(&self) -> &str {
        self.start.trim_end_matches([' ', '\t']).rsplit_once(' ').map_or("", |(_, version)| version)
    }
}

impl Field {
    fn of(line: &str, end: End) -> Self {
        let (written, raw) = line.split_once(':').unwrap_or((line, ""));
        Self {
            name: long_name(written),
            written: written.to_owned(),
            value: trim(raw).to_owned(),
            raw: raw.to_owned(),
            has_colon: line.contains(':'),
            folded: false,
            folded_name: false,
            end,
        }
    }

    /// RFC 3261 7.3.1: the fold and the white space around it are one blank.
    fn fold(&mut self, line: &str, end: End) {
        const BLANK: [char; 2] = [' ', '\t'];
        // One line that ends with LF is enough.
        let end = if self.end == End::Lf { End::Lf } else { end };
        if self.has_colon {
            let joined = format!("{} {}", self.value, trim(line));
            self.value = trim(&joined).to_owned();
            (self.folded, self.end) = (true, end);
        } else {
            let joined = format!("{} {}", self.written.trim_end_matches(BLANK), line.trim_matches(BLANK));
            *self = Self { folded: true, folded_name: true, ..Self::of(&joined, end) };
        }
    }
}

/// A value without white space around it, and without CRs before its line's end, which we read over.
fn trim(value: &str) -> &str {
    value.trim_start_matches([' ', '\t']).trim_end_matches([' ', '\t', '\r'])
}

/// Cuts at `stop` outside of quoted strings; at commas outside of angle brackets too (RFC 3261 7.3.1, 25.1).
#[must_use]
pub fn cut(text: &str, stop: u8) -> Vec<&str> {
    let (mut parts, mut from, mut quoted, mut bracket, mut escaped) = (Vec::new(), 0, false, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            _ if byte == stop && !(bracket && stop == b',') => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            b'<' => bracket = true,
            b'>' => bracket = false,
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}
