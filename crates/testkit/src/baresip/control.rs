//! The control connection: JSON in netstrings, one client at a time, events as they happen.

use crate::wait;
use anyhow::Context;
use serde::Deserialize;
use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How long a command may take to be understood.
const ANSWER: Duration = Duration::from_secs(5);

/// Events kept for stories that look later; beyond that the oldest are dropped.
const EVENTS_MAX: usize = 1000;

/// Longest netstring taken: a status text of some kilobytes.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Something the phone tells.
#[derive(Debug, Clone, Deserialize)]
pub struct PhoneEvent {
    /// `CALL_INCOMING`, `CALL_ESTABLISHED`, `CALL_CLOSED`, `REGISTER_OK`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The SIP Call-ID, for events of a call.
    #[serde(default)]
    pub id: String,
    /// What the kind says: the reason of a closed call, a digit, ...
    #[serde(default)]
    pub param: String,
    /// The other side, for events of a call.
    #[serde(default, rename = "peeruri")]
    pub peer: String,
}

#[derive(Debug)]
enum Message {
    Event(PhoneEvent),
    Answer { ok: bool, data: String, token: String },
}

/// The connection with what has come and was not yet looked at.
#[derive(Debug)]
pub(super) struct Control {
    stream: TcpStream,
    incoming: Receiver<Message>,
    events: VecDeque<PhoneEvent>,
    next_token: u64,
}

impl Control {
    /// Connects as soon as the phone listens.
    pub(super) fn connect(addr: SocketAddr, within: Duration) -> anyhow::Result<Self> {
        let stream = wait::until(&format!("the phone's control port {addr}"), within, || {
            Ok(TcpStream::connect_timeout(&addr, Duration::from_millis(200)).ok())
        })?;
        let (sender, incoming) = channel();
        let mut reader = stream.try_clone().context("Failed to share the control connection")?;
        std::thread::spawn(move || {
            let (mut buffer, mut piece) = (Vec::new(), [0_u8; 4096]);
            while let Ok(length @ 1..) = reader.read(&mut piece) {
                buffer.extend_from_slice(&piece[..length]);
                while let Some(text) = take_netstring(&mut buffer) {
                    if let Some(message) = parse(&text)
                        && sender.send(message).is_err()
                    {
                        return;
                    }
                }
                if buffer.len() > MESSAGE_BYTES_MAX {
                    return;
                }
            }
        });
        Ok(Self { stream, incoming, events: VecDeque::new(), next_token: 1 })
    }

    /// Sends a command and waits until it is understood; whether it worked is told by events.
    pub(super) fn command(&mut self, command: &str, params: &str) -> anyhow::Result<()> {
        let (ok, data) = self.exchange(command, params)?;
        anyhow::ensure!(ok, "the phone refused `{command} {params}`: {data}");
        Ok(())
    }

    /// Sends a command and gives its text.
    pub(super) fn ask(&mut self, command: &str) -> anyhow::Result<String> {
        Ok(self.exchange(command, "")?.1)
    }

    /// Takes the oldest event of this kind and forgets those before it.
    pub(super) fn event(&mut self, kind: &str) -> Option<PhoneEvent> {
        while let Ok(message) = self.incoming.try_recv() {
            self.keep(message);
        }
        let at = self.events.iter().position(|event| event.kind == kind)?;
        self.events.drain(..=at).next_back()
    }

    /// Takes the oldest event of this kind and leaves all others to be found.
    pub(super) fn only(&mut self, kind: &str) -> Option<PhoneEvent> {
        while let Ok(message) = self.incoming.try_recv() {
            self.keep(message);
        }
        let at = self.events.iter().position(|event| event.kind == kind)?;
        self.events.remove(at)
    }

    /// As [`Self::event`], waiting for it.
    pub(super) fn wait_event(&mut self, kind: &str, within: Duration) -> anyhow::Result<PhoneEvent> {
        let deadline = Instant::now() + within;
        loop {
            if let Some(event) = self.event(kind) {
                return Ok(event);
            }
            match self.incoming.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(message) => {
                    self.keep(message);
                }
                Err(RecvTimeoutError::Timeout) => {
                    let came: Vec<&str> = self.events.iter().map(|event| event.kind.as_str()).collect();
                    anyhow::bail!("waited {within:?} for {kind}; came: {came:?}");
                }
                Err(RecvTimeoutError::Disconnected) => anyhow::bail!("gone while {kind} was awaited"),
            }
        }
    }

    fn exchange(&mut self, command: &str, params: &str) -> anyhow::Result<(bool, String)> {
        let token = self.next_token.to_string();
        self.next_token += 1;
        let text = serde_json::json!({ "command": command, "params": params, "token": token }).to_string();
        self.stream
            .write_all(format!("{}:{text},", text.len()).as_bytes())
            .with_context(|| format!("Failed to send `{command}` to the phone"))?;
        let deadline = Instant::now() + ANSWER;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self
                .incoming
                .recv_timeout(left)
                .with_context(|| format!("the phone gave no answer to `{command}`"))?;
            if let Some((ok, data, answered)) = self.keep(message)
                && answered == token
            {
                return Ok((ok, data));
            }
        }
    }

    /// Puts an event away; gives an answer back.
    fn keep(&mut self, message: Message) -> Option<(bool, String, String)> {
        match message {
            Message::Answer { ok, data, token } => Some((ok, data, token)),
            Message::Event(event) => {
                if self.events.len() == EVENTS_MAX {
                    self.events.pop_front();
                }
                self.events.push_back(event);
                None
            }
        }
    }
}

/// Takes one complete netstring off the front.
fn take_netstring(buffer: &mut Vec<u8>) -> Option<String> {
    let colon = buffer.iter().position(|&byte| byte == b':')?;
    let length: usize = std::str::from_utf8(&buffer[..colon]).ok()?.trim().parse().ok()?;
    let end = colon + 1 + length;
    if length > MESSAGE_BYTES_MAX || buffer.len() <= end {
        return None;
    }
    let text = String::from_utf8_lossy(&buffer[colon + 1..end]).into_owned();
    buffer.drain(..=end);
    Some(text)
}

fn parse(text: &str) -> Option<Message> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    if value.get("response").is_some() {
        let string = |name: &str| value.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let ok = value.get("ok").and_then(serde_json::Value::as_bool).unwrap_or(false);
        return Some(Message::Answer { ok, data: string("data"), token: string("token") });
    }
    serde_json::from_value(value).ok().map(Message::Event)
}

#[cfg(test)]
mod tests {
    use super::{Message, parse, take_netstring};

    #[test]
    fn netstrings_are_taken_whole_and_in_order() {
        let mut buffer = b"3:abc,5:de".to_vec();
        assert_eq!(take_netstring(&mut buffer).as_deref(), Some("abc"));
        assert_eq!(take_netstring(&mut buffer), None, "the second is not complete");
        buffer.extend_from_slice(b"fgh,");
        assert_eq!(take_netstring(&mut buffer).as_deref(), Some("defgh"));
        assert!(buffer.is_empty());
    }

    #[test]
    fn events_and_answers_are_told_apart() {
        let event =
            parse(r#"{"event":true,"type":"CALL_CLOSED","class":"call","id":"x1","param":"486 Busy"}"#);
        assert!(matches!(event, Some(Message::Event(e)) if e.kind == "CALL_CLOSED" && e.param == "486 Busy"));
        let answer = parse(r#"{"response":true,"ok":false,"data":"no","token":"7"}"#);
        assert!(
            matches!(answer, Some(Message::Answer { ok: false, data, token }) if data == "no" && token == "7")
        );
    }
}
