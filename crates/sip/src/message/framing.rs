//! Messages out of a stream: Content-Length framing (RFC 3261 18.3) and CRLF keep-alives (RFC 5626 3.5.1).

use std::borrow::Cow;
use std::time::Instant;

use super::lex;
use super::parse::{HEADER_LINE_BYTES_MAX, MESSAGE_BYTES_MAX};

/// Something whole that came out of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The bytes of one message.
    Message(Vec<u8>),
    /// A double CRLF; answer it with one CRLF.
    Ping,
    /// The CRLF that answers a ping of ours.
    Pong,
}

/// The stream can no longer be cut into messages: close the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unframed {
    /// More than the longest message without an end of one.
    #[error("message too long for the stream")]
    TooLong,
    /// The message before this error had no usable Content-Length; where the next begins is unknown.
    #[error("bad Content-Length in the stream")]
    Length,
}

/// Collects the bytes of one connection and gives them back message by message.
#[derive(Clone, Debug, Default)]
pub struct StreamFramer {
    buffer: Vec<u8>,
    /// Bytes of `buffer` already searched for the end of the headers.
    searched: usize,
    /// When the first byte of the message at the head of `buffer` came.
    since: Option<Instant>,
    /// When bytes came last.
    pushed: Option<Instant>,
    /// A ping of ours has not been answered; without one a CRLF is no pong.
    awaits_pong: bool,
    broken: Option<Unframed>,
}

impl StreamFramer {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what was read from the connection. Call [`Self::next_frame`] until it gives `None` before adding more.
    pub fn push(&mut self, now: Instant, bytes: &[u8]) {
        if self.broken.is_some() {
            return;
        }
        self.buffer.extend_from_slice(bytes);
        self.pushed = Some(now);
        if !self.buffer.is_empty() {
            self.since.get_or_insert(now);
        }
    }

    /// We have sent a ping (RFC 5626 3.5.1): the next CRLF between messages is its pong.
    pub fn pinged(&mut self) {
        self.awaits_pong = true;
    }

    /// When the first byte of a message came whose end is still missing: the owner closes connections on which this
    /// lies too far back.
    pub fn unfinished_since(&self) -> Option<Instant> {
        self.since
    }

    /// The next whole frame, `None` if more bytes are needed.
    ///
    /// # Errors
    /// [`Unframed`] when the connection is of no further use; the same again on every later call.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, Unframed> {
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        if let Some(sign) = self.skip_line_ends() {
            return Ok(Some(sign));
        }
        let Some(head) = self.head_len() else {
            return if self.buffer.len() > MESSAGE_BYTES_MAX {
                Err(self.fail(Unframed::TooLong))
            } else {
                Ok(None)
            };
        };
        let Some(body) = content_length(&self.buffer[..head]) else {
            // The endpoint answers the head with 400; what follows it cannot be told from a body.
            self.broken = Some(Unframed::Length);
            return Ok(Some(self.take(head)));
        };
        let whole = head.saturating_add(body);
        if whole > MESSAGE_BYTES_MAX {
            return Err(self.fail(Unframed::TooLong));
        }
        Ok((self.buffer.len() >= whole).then(|| self.take(whole)))
    }

    fn fail(&mut self, why: Unframed) -> Unframed {
        self.broken = Some(why);
        self.buffer = Vec::new();
        self.since = None;
        why
    }

    fn take(&mut self, len: usize) -> Frame {
        let rest = self.buffer.split_off(len);
        let message = std::mem::replace(&mut self.buffer, rest);
        self.searched = 0;
        self.begin_anew();
        Frame::Message(message)
    }

    /// Something whole was taken: what is left came with the last bytes, as it would have been taken before otherwise.
    fn begin_anew(&mut self) {
        self.since = self.pushed.filter(|_| !self.buffer.is_empty() && self.broken.is_none());
    }

    /// A message begins with a token, so line ends before it are keep-alives: two are a ping, one is a pong.
    fn skip_line_ends(&mut self) -> Option<Frame> {
        if self.searched > 0 {
            return None;
        }
        if self.buffer.starts_with(b"\r\n\r\n") {
            self.buffer.drain(..4);
            self.begin_anew();
            return Some(Frame::Ping);
        }
        if self.awaits_pong && self.buffer.starts_with(b"\r\n") {
            self.awaits_pong = false;
            self.buffer.drain(..2);
            self.begin_anew();
            return Some(Frame::Pong);
        }
        // "\r\n" alone may be the first half of a ping; it waits for what comes next.
        while self.buffer.starts_with(b"\n")
            || (self.buffer.starts_with(b"\r\n") && !matches!(self.buffer.get(2), None | Some(b'\r')))
        {
            let skip = if self.buffer[0] == b'\n' { 1 } else { 2 };
            self.buffer.drain(..skip);
        }
        if self.buffer.is_empty() || self.buffer == b"\r\n" {
            self.since = None;
        }
        None
    }

    /// Length of start line, headers and the empty line, once all are there. Lines may end with LF alone.
    fn head_len(&mut self) -> Option<usize> {
        let mut at = self.searched;
        while let Some(found) = self.buffer[at..].iter().position(|byte| *byte == b'\n') {
            let end = at + found;
            match &self.buffer[end + 1..] {
                [b'\n', ..] => return Some(end + 2),
                [b'\r', b'\n', ..] if end > 1 || self.buffer[0] != b'\r' => return Some(end + 3),
                [] | [b'\r'] => break,
                _ => at = end + 1,
            }
        }
        self.searched = at;
        None
    }
}

/// The body length a head announces: 0 without Content-Length, `None` when it is no number or two different ones. Lines
/// are joined as the parser joins them (RFC 3261 7.3.1), or the two would not agree on where the next message begins.
fn content_length(head: &[u8]) -> Option<usize> {
    let mut length = None;
    let lines = head.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let mut lines = lines.skip(1).peekable();
    while let Some(first) = lines.next() {
        let mut line = Cow::Borrowed(first);
        while let Some(more) = lines.next_if(|line| line.starts_with(b" ") || line.starts_with(b"\t")) {
            if line.len() <= HEADER_LINE_BYTES_MAX {
                line.to_mut().extend_from_slice(more);
            }
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = lex::trim_bytes_end(&line[..colon]);
        if !name.eq_ignore_ascii_case(b"Content-Length") && !name.eq_ignore_ascii_case(b"l") {
            continue;
        }
        let text = std::str::from_utf8(lex::trim_value(&line[colon + 1..])).ok()?;
        let one = usize::try_from(lex::number(text, u64::from(u32::MAX))?).ok()?;
        if length.is_some_and(|other| other != one) {
            return None;
        }
        length = Some(one);
    }
    Some(length.unwrap_or(0))
}
