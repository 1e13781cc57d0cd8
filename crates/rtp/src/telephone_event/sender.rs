//! Keys among the frames of an audio stream.

use core::fmt;
use std::collections::VecDeque;

use super::{DURATION_MIN_MS, EventPacket, PAYLOAD_BYTES, VOLUME, event_of};
use crate::packet::Header;

/// Keys that wait at most; a further one is refused.
pub const KEYS_MAX: usize = 64;
/// Frames of audio between two keys (60 ms), so that the far end hears two.
pub const PAUSE_FRAMES: u16 = 3;
/// The end is sent so often (RFC 4733 section 2.5.1.4).
const ENDS: u16 = 3;
/// Longest key.
const DURATION_MAX_MS: u16 = 8000;

#[derive(Clone, Copy)]
struct Key {
    event: u8,
    frames: u16,
}

#[derive(Clone, Copy)]
struct Running {
    key: Key,
    timestamp: u32,
    /// Frames sent.
    sent: u16,
}

/// Sends keys in place of audio frames, one packet each 20 ms: the event keeps the timestamp of its first frame, while
/// the audio's own timestamps go on behind it, so that the audio afterwards is where it belongs.
#[derive(Clone)]
pub struct EventSender {
    frame_units: u32,
    waiting: VecDeque<Key>,
    running: Option<Running>,
    pause: u16,
}

impl EventSender {
    /// `clock`: units a second of the events' durations, as negotiated. Their timestamps are those of the audio.
    #[must_use]
    pub fn new(clock: u32) -> Self {
        Self { frame_units: (clock / 50).clamp(1, 0xffff), waiting: VecDeque::new(), running: None, pause: 0 }
    }

    /// Sends this key after those that wait. False: there is no such key, or [`KEYS_MAX`] wait.
    pub fn push(&mut self, key: char, duration_ms: u16) -> bool {
        let Some(event) = event_of(key).filter(|_| self.waiting.len() < KEYS_MAX) else { return false };
        // The duration has 16 bits: at 48 kHz that is 1.36 s.
        let longest = (0xffff / self.frame_units) as u16;
        let frames =
            duration_ms.clamp(DURATION_MIN_MS as u16, DURATION_MAX_MS).div_ceil(20).min(longest.max(1));
        self.waiting.push_back(Key { event, frames });
        true
    }

    /// Does it have a packet for this frame or a later one?
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.running.is_some() || !self.waiting.is_empty()
    }

    /// Forgets the keys that wait; the one that is being sent ends in order.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }

    /// Called for each frame with the header that the audio would have: what is to be sent in its place, if anything.
    /// `payload_type` is that of the events.
    pub fn frame(&mut self, audio: Header, payload_type: u8) -> Option<(Header, [u8; PAYLOAD_BYTES])> {
        if self.running.is_none() {
            if self.pause > 0 {
                self.pause -= 1;
                return None;
            }
            let key = self.waiting.pop_front()?;
            self.running = Some(Running { key, timestamp: audio.timestamp, sent: 0 });
        }
        let running = self.running.as_mut()?;
        running.sent += 1;
        let Running { key, timestamp, sent } = *running;
        if sent >= key.frames + ENDS - 1 {
            self.running = None;
            self.pause = PAUSE_FRAMES;
        }
        let packet = packet(key.event, sent, key.frames, self.frame_units);
        Some((Header { payload_type, marker: packet.marker, timestamp, ..audio }, packet.payload))
    }
}

/// Without the keys, which may be a patient's number.
impl fmt::Debug for EventSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSender").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

/// Packet number `frame`, from 1, of an event of so many frames.
pub(super) fn packet(event: u8, frame: u16, frames: u16, frame_units: u32) -> EventPacket {
    let units = u32::from(frame.min(frames)) * frame_units;
    let [high, low] = u16::try_from(units).unwrap_or(u16::MAX).to_be_bytes();
    let end = if frame >= frames { 0x80 } else { 0 };
    EventPacket { marker: frame == 1, payload: [event, end | VOLUME, high, low] }
}
