//! How each witness cuts a message into header lines: so that a difference in cutting is told from one in reading.

use crate::text::Text;

/// Header lines as a witness takes them, names long and in lower case when it knows them; and the length of the body.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    lines: Vec<(String, String)>,
    /// Octets of the body.
    pub body: usize,
}

const SPACE: [char; 2] = [' ', '\t'];

fn split(bytes: &[u8], at: &[u8]) -> Option<(usize, usize)> {
    bytes.windows(at.len()).position(|part| part == at).map(|found| (found, found + at.len()))
}

impl Seen {
    /// The cut of that witness, empty for a name that none has.
    #[must_use]
    pub fn by(who: &str, text: &Text) -> Self {
        match who {
            "rsip" => Self::by_rsip(&text.bytes),
            "rsipstack" => Self::by_rsipstack(&text.bytes),
            "rsiprtp" => Self::by_rsiprtp(&text.bytes),
            _ => Self::default(),
        }
    }

    /// The values of that name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter(move |(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    /// Lines end with CR LF, fields are never continued, names are long, and without an empty line there is one field.
    fn by_rsip(bytes: &[u8]) -> Self {
        let Some((_, start)) = split(bytes, b"\r\n") else { return Self::default() };
        let rest = &bytes[start..];
        let Some((end, body)) = split(rest, b"\r\n\r\n").or_else(|| split(rest, b"\r\n")) else {
            return Self::default();
        };
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        let lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        let lines = lines
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim_start_matches(SPACE).to_owned()));
        Self { lines: lines.collect(), body: rest.len() - body }
    }

    /// Lines end with LF too, but only CR LF CR LF ends them all; what follows a byte that is no UTF-8 is lost; a line
    /// without a colon is passed over, with what continues it.
    fn by_rsipstack(bytes: &[u8]) -> Self {
        let Some((end, body)) = split(bytes, b"\r\n\r\n") else { return Self::default() };
        let mut seen = Self::default();
        let mut is_open = false;
        for line in bytes[..end].split(|byte| *byte == b'\n').skip(1) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let Ok(line) = std::str::from_utf8(line) else { break };
            if line.is_empty() {
                break;
            }
            if line.starts_with(SPACE) {
                if let Some((_, value)) = seen.lines.last_mut().filter(|_| is_open) {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                continue;
            }
            is_open = line.contains(':');
            if let Some((name, value)) = line.split_once(':') {
                seen.lines.push((long(name.trim()), value.trim().to_owned()));
            }
        }
        let length = seen.all("content-length").last().and_then(|one| one.trim().parse().ok()).unwrap_or(0);
        seen.body = length.min(bytes.len() - body);
        seen
    }

    /// As `rsipstack`, but LF LF ends the headers too when there is no CR LF CR LF anywhere, and nothing is passed over.
    fn by_rsiprtp(bytes: &[u8]) -> Self {
        let Some((end, body)) = split(bytes, b"\r\n\r\n").or_else(|| split(bytes, b"\n\n")) else {
            return Self::default();
        };
        let mut seen = Self::default();
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let first = head.split_once("\r\n").or_else(|| head.split_once('\n'));
        let mut whole: Vec<String> = Vec::new();
        for line in first.map_or("", |(_, rest)| rest).lines() {
            match whole.last_mut() {
                Some(last) if line.starts_with(SPACE) => *last = format!("{last} {}", line.trim()),
                _ => whole.push(line.to_owned()),
            }
        }
        let fields = whole.iter().filter_map(|line| line.split_once(':'));
        seen.lines = fields.map(|(name, value)| (long(name.trim()), value.trim().to_owned())).collect();
        let rest = bytes.len() - body;
        let length = seen.all("content-length").next().and_then(|one| one.trim().parse().ok());
        seen.body = length.filter(|length| *length <= rest).unwrap_or(rest);
        seen
    }
}

fn long(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let long = match lower.as_str() {
        "v" => "via",
        "f" => "from",
        "t" => "to",
        "i" => "call-id",
        "m" => "contact",
        "l" => "content-length",
        other => other,
    };
    long.to_owned()
}
