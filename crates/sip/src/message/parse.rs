//! From bytes to a message: tolerant where RFC 4475 asks for it, exact where a wrong guess would be worse than a 400.

use std::borrow::Cow;

use super::lex;
use super::{CSeq, Headers, Message, Method, NameAddr, Request, Response, Uri, Via};

/// The longest message looked at, bytes.
pub const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// The longest header line after unfolding, bytes.
pub const HEADER_LINE_BYTES_MAX: usize = 8 * 1024;
/// The most header lines in a message, besides its Content-Length: that one is written anew whenever it is sent on.
pub const HEADERS_MAX: usize = 256;

/// Why bytes are no SIP message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed SIP message: {why}")]
pub struct Malformed {
    /// The response the RFC wants for a request like this.
    pub status: u16,
    /// What is wrong, for counters and debug logs; holds nothing from the message.
    pub why: &'static str,
    /// As much of a request as could be read, to answer it; none for responses and for what is no SIP at all.
    pub request: Option<Box<Request>>,
}

impl Malformed {
    fn silent(why: &'static str) -> Self {
        Self { status: 400, why, request: None }
    }
}

/// Parses one datagram or one frame of a stream.
///
/// Without Content-Length the body reaches to the end; octets after Content-Length are ignored (RFC 3261 18.3). Lines
/// may end with LF alone; the empty line behind the headers must be there unless Content-Length is 0, or a message cut off in
/// their midst would be taken for a whole one. Content-Length itself is not kept among the headers.
///
/// # Errors
/// [`Malformed`] with the status to answer with.
pub fn parse(bytes: &[u8]) -> Result<Message, Malformed> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(Malformed { status: 513, why: "message too long", request: None });
    }
    let mut lines = Lines { rest: bytes, was_whole: true };
    // RFC 3261 7.5: ignore any CRLF before the start line.
    let start = loop {
        match lines.next_line() {
            Some([]) => {}
            Some(line) => break line,
            None => return Err(Malformed::silent("empty")),
        }
    };
    if start.len() > HEADER_LINE_BYTES_MAX {
        return Err(Malformed::silent("start line too long"));
    }
    if start.len() >= 4 && start[..4].eq_ignore_ascii_case(b"SIP/") {
        return response(start, lines).map(Message::Response);
    }
    request(start, lines).map(Message::Request)
}

fn request(start: &[u8], lines: Lines<'_>) -> Result<Request, Malformed> {
    let start = String::from_utf8_lossy(start);
    let method = start.split(' ').next().unwrap_or_default();
    let Some((before, version)) = start.trim_end_matches(lex::BLANK).rsplit_once(' ') else {
        return Err(Malformed::silent("no start line"));
    };
    let is_sip = version.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("SIP/"));
    if !lex::is_token(method) || !is_sip {
        return Err(Malformed::silent("no start line"));
    }
    let uri_text = before.strip_prefix(method).and_then(|rest| rest.strip_prefix(' ')).unwrap_or_default();
    let uri = uri_text.parse::<Uri>();
    let mut request = Request {
        method: Method::from(method),
        uri: uri.clone().unwrap_or_else(|_| Uri::placeholder()),
        headers: Headers::default(),
        body: Vec::new(),
    };
    let body = headers(&mut request.headers, lines);
    let verdict = if !version.eq_ignore_ascii_case("SIP/2.0") {
        Err((505, "version"))
    } else if start.ends_with(lex::BLANK) || uri.is_err() || request.uri.has_headers() {
        Err((400, "Request-URI"))
    } else {
        body.map_err(|why| (400, why)).and_then(|body| {
            check(&request.headers, Some(&request.method)).map_err(|why| (400, why))?;
            Ok(body)
        })
    };
    match verdict {
        Ok(body) => {
            request.body = body.to_vec();
            Ok(request)
        }
        Err((status, why)) => Err(Malformed { status, why, request: Some(Box::new(request)) }),
    }
}

fn response(start: &[u8], lines: Lines<'_>) -> Result<Response, Malformed> {
    let start = String::from_utf8_lossy(start);
    let mut parts = start.splitn(3, ' ');
    let version = parts.next().unwrap_or_default();
    let code = parts.next().unwrap_or_default();
    // A lone CR is no line end; it must not become one where the phrase is printed.
    let reason = parts.next().unwrap_or_default().replace(['\r', '\n'], " ");
    if !version.eq_ignore_ascii_case("SIP/2.0") {
        return Err(Malformed::silent("version"));
    }
    let status = match lex::number(code, 699) {
        Some(status @ 100..) if code.len() == 3 => status as u16,
        _ => return Err(Malformed::silent("status code")),
    };
    let mut all = Headers::default();
    let body = headers(&mut all, lines).map_err(Malformed::silent)?.to_vec();
    check(&all, None).map_err(Malformed::silent)?;
    Ok(Response { status, reason, headers: all, body })
}

/// Reads the header lines and gives the body.
fn headers<'a>(headers: &mut Headers, mut lines: Lines<'a>) -> Result<&'a [u8], &'static str> {
    let mut length: Option<u64> = None;
    // A bad length is found out at the end: the answer needs the headers after it.
    let mut wrong = None;
    let mut is_closed = false;
    while let Some(line) = lines.next_line() {
        if line.is_empty() {
            is_closed = true;
            break;
        }
        let line = lines.unfold(line);
        if line.len() > HEADER_LINE_BYTES_MAX {
            wrong = wrong.or(Some("header too long"));
            continue;
        }
        let Some((name, value)) = split_header(&line) else {
            wrong = wrong.or(Some("header line"));
            continue;
        };
        if name.eq_ignore_ascii_case("Content-Length") || name.eq_ignore_ascii_case("l") {
            let one = std::str::from_utf8(value).ok().and_then(|text| lex::number(text, u64::from(u32::MAX)));
            match (one, length) {
                (None, _) => wrong = wrong.or(Some("Content-Length")),
                (Some(one), Some(other)) if one != other => wrong = wrong.or(Some("two Content-Lengths")),
                (Some(one), _) => length = Some(one),
            }
            continue;
        }
        if headers.len() == HEADERS_MAX {
            return Err("too many headers");
        }
        let value = match line {
            Cow::Borrowed(_) => Cow::Borrowed(value),
            Cow::Owned(_) => Cow::Owned(value.to_vec()),
        };
        headers.push_raw(name, value);
    }
    // RFC 3261 7: the empty line is there even if the body is not. Some forget it behind `Content-Length: 0`.
    if !is_closed && (length != Some(0) || !lines.was_whole) {
        wrong = wrong.or(Some("no empty line"));
    }
    if let Some(why) = wrong {
        return Err(why);
    }
    match length {
        None => Ok(lines.rest),
        Some(length) => {
            let length = usize::try_from(length).map_err(|_| "Content-Length")?;
            lines.rest.get(..length).ok_or("Content-Length beyond the end")
        }
    }
}

fn split_header(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(lex::trim_bytes_end(&line[..colon])).ok()?;
    let value = lex::trim_value(&line[colon + 1..]);
    // A CR inside would come out as a line of its own at a careless neighbour; a NUL may be quoted (RFC 4475 3.1.1.2).
    (lex::is_token(name) && !value.contains(&b'\r')).then_some((name, value))
}

/// The rules a message must keep before anybody looks at what it says.
fn check(headers: &Headers, method: Option<&Method>) -> Result<(), &'static str> {
    for name in ["From", "To", "Call-ID", "CSeq"] {
        let mut lines = headers.get_all(name);
        if lines.next().is_none_or(str::is_empty) {
            return Err("missing mandatory header");
        }
        if lines.next().is_some() {
            return Err("single header twice");
        }
    }
    for name in ["Max-Forwards", "Content-Type", "Expires"] {
        if headers.get_all(name).nth(1).is_some() {
            return Err("single header twice");
        }
    }
    for name in ["From", "To"] {
        let address = headers.get(name).unwrap_or_default().parse::<NameAddr>().map_err(|_| "From or To")?;
        if lex::is_doubled(&address.params, "tag") {
            return Err("two tags");
        }
    }
    let top = headers.list("Via").next().ok_or("missing mandatory header")?;
    let via = top.parse::<Via>().map_err(|_| "Via")?;
    if lex::is_doubled(&via.params, "branch") {
        return Err("two branches");
    }
    for contact in headers.list("Contact") {
        if contact != "*" {
            contact.parse::<NameAddr>().map_err(|_| "Contact")?;
        }
    }
    let cseq = headers.get("CSeq").and_then(cseq).ok_or("CSeq")?;
    if method.is_some_and(|method| *method != cseq.method) {
        return Err("CSeq method");
    }
    if headers.get("Max-Forwards").is_some_and(|text| lex::number(text, u64::from(u32::MAX)).is_none()) {
        return Err("Max-Forwards");
    }
    Ok(())
}

/// RFC 3261 8.1.1.5: the number is below 2^31.
pub(super) fn cseq(text: &str) -> Option<CSeq> {
    let (number, method) = text.split_once(lex::BLANK)?;
    let method = method.trim_start_matches(lex::BLANK);
    let number = lex::number(number, u64::from(u32::MAX >> 1))? as u32;
    lex::is_token(method).then(|| CSeq { number, method: Method::from(method) })
}

/// What is left of the message, line by line.
struct Lines<'a> {
    rest: &'a [u8],
    /// Whether the line given last had its end.
    was_whole: bool,
}

impl<'a> Lines<'a> {
    /// The next line without its end; the last one may lack it.
    fn next_line(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') else {
            self.was_whole = false;
            return Some(std::mem::take(&mut self.rest));
        };
        let line = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// RFC 3261 7.3.1: a line that begins with white space continues the one before; the fold is one space.
    fn unfold(&mut self, first: &'a [u8]) -> Cow<'a, [u8]> {
        let mut line = Cow::Borrowed(first);
        while matches!(self.rest.first(), Some(b' ' | b'\t')) {
            let Some(more) = self.next_line() else { break };
            let joined = line.to_mut();
            if joined.len() <= HEADER_LINE_BYTES_MAX {
                joined.truncate(lex::trim_value_end(joined).len());
                joined.push(b' ');
                joined.extend_from_slice(lex::trim_value(more));
            }
        }
        line
    }
}
