//! Keys as RTP events (RFC 4733, formerly 2833): receiving and sending.
//!
//! An event comes as several packets with one timestamp and a growing duration; the last one, with the end bit, comes
//! three times. Any of them may be lost. The receiver reports each event once: at its end bit, or when the next event
//! begins, or when nothing more came for [`SILENCE_MAX`]. A key that is held longer than a duration can say comes in
//! segments (section 2.5.1.3) and is one key. Sending is [`EventSender`], which puts keys among the frames of an audio
//! stream, or [`packets`] alone.

mod sender;

use core::time::Duration;

pub use sender::{EventSender, KEYS_MAX, PAUSE_FRAMES};

use crate::{FRAME_UNITS, UNITS_PER_MS, timestamp_distance};

/// An event without end bit ends when nothing was heard of it for this long.
pub const SILENCE_MAX: Duration = Duration::from_millis(200);
/// Shorter events are noise, unless their end bit was lost.
pub const DURATION_MIN_MS: u32 = 40;
/// Events up to this much older than the last one are repetitions that were overtaken.
const OLD_MS: u32 = 10_000;
/// The longest duration that a packet can say.
const SEGMENT_UNITS: u32 = 0xffff;
/// Length of the payload.
pub const PAYLOAD_BYTES: usize = 4;

/// A key that was pressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Digit {
    /// `0`-`9`, `*`, `#`, `A`-`D`.
    pub key: char,
    /// How long.
    pub duration_ms: u32,
}

/// The key of an event code, for the sixteen DTMF events.
#[must_use]
pub fn key_of(event: u8) -> Option<char> {
    const KEYS: &[u8; 16] = b"0123456789*#ABCD";
    KEYS.get(usize::from(event)).map(|&key| char::from(key))
}

/// The event code of a key; small letters too.
#[must_use]
pub fn event_of(key: char) -> Option<u8> {
    (0..16).find(|&event| key_of(event) == Some(key.to_ascii_uppercase()))
}

#[derive(Clone, Copy, Debug)]
struct Running {
    timestamp: u32,
    event: u8,
    /// Of the segments before this one.
    before: u32,
    duration: u32,
    heard_at: Duration,
}

impl Running {
    /// Is this the timestamp of the next segment of the same key? It is the end of a segment of the longest duration.
    fn continues_at(&self, timestamp: u32) -> bool {
        timestamp.wrapping_sub(self.timestamp) == SEGMENT_UNITS
    }
}

/// Collects the events of one incoming stream.
#[derive(Clone, Debug)]
pub struct Receiver {
    running: Option<Running>,
    /// Timestamp of the last event reported, to know its repetitions.
    reported: Option<u32>,
    units_per_ms: u32,
}

impl Default for Receiver {
    fn default() -> Self {
        Self { running: None, reported: None, units_per_ms: UNITS_PER_MS }
    }
}

impl Receiver {
    /// The negotiated clock of the events, units a second; 8000 unless told otherwise. Beside Opus it is 48000.
    pub fn set_clock(&mut self, clock: u32) {
        self.units_per_ms = (clock / 1000).clamp(1, 192);
    }

    /// One packet of the telephone-event payload type. Gives the events that have just ended, in order: mostly none
    /// or one; two when the end of the one before was lost and this one ends with its first packet.
    pub fn receive(&mut self, timestamp: u32, payload: &[u8], now: Duration) -> [Option<Digit>; 2] {
        let &[event, flags, high, low, ..] = payload else { return [None; 2] };
        let old = (self.units_per_ms * OLD_MS).cast_signed();
        let is_old = |known: u32| (-old..=0).contains(&timestamp_distance(known, timestamp));
        if self.reported.is_some_and(is_old) {
            return [None; 2];
        }
        let duration = u32::from(u16::from_be_bytes([high, low]));
        let mut before = None;
        match &mut self.running {
            // A repetition that was overtaken may be shorter than what is known already.
            Some(running) if running.timestamp == timestamp => {
                running.duration = running.duration.max(duration);
                running.heard_at = now;
            }
            Some(running) if is_old(running.timestamp) => return [None; 2],
            Some(running) if running.event == event && running.continues_at(timestamp) => {
                *running = Running {
                    timestamp,
                    event,
                    before: running.before.saturating_add(SEGMENT_UNITS),
                    duration,
                    heard_at: now,
                };
            }
            Some(_) | None => {
                before = self.finish(false);
                self.running = Some(Running { timestamp, event, before: 0, duration, heard_at: now });
            }
        }
        let this = if flags & 0x80 != 0 { self.finish(true) } else { None };
        if before.is_some() { [before, this] } else { [this, None] }
    }

    /// Forgets what was reported: the stream has a new source with timestamps of its own.
    pub fn restart(&mut self) {
        self.reported = None;
    }

    /// Ends an event whose end was lost. Call it now and then; see [`Receiver::deadline`].
    pub fn expire(&mut self, now: Duration) -> Option<Digit> {
        if self.deadline().is_some_and(|deadline| now >= deadline) { self.finish(false) } else { None }
    }

    /// When [`Receiver::expire`] has something to do.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.running.map(|running| running.heard_at + SILENCE_MAX)
    }

    /// Is a key held down?
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    fn finish(&mut self, end_seen: bool) -> Option<Digit> {
        let running = self.running.take()?;
        self.reported = Some(running.timestamp);
        let duration_ms = running.before.saturating_add(running.duration) / self.units_per_ms;
        if end_seen && duration_ms < DURATION_MIN_MS {
            return None;
        }
        // Without an end the last duration heard is too short by what was lost.
        Some(Digit { key: key_of(running.event)?, duration_ms: duration_ms.max(DURATION_MIN_MS) })
    }
}

/// Power level of sent events, -dBm0.
const VOLUME: u8 = 10;

/// One packet to send: payload and marker. All packets of one key carry the timestamp of its first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EventPacket {
    /// True for the first.
    pub marker: bool,
    /// The four bytes.
    pub payload: [u8; PAYLOAD_BYTES],
}

/// All packets of one key, one each 20 ms, the end three times; `None` when there is no such key.
#[must_use]
pub fn packets(key: char, duration_ms: u16) -> Option<impl Iterator<Item = EventPacket>> {
    let event = event_of(key)?;
    let frames = duration_ms.clamp(DURATION_MIN_MS as u16, 8000).div_ceil(20);
    Some((1..=frames + 2).map(move |frame| sender::packet(event, frame, frames, FRAME_UNITS)))
}
