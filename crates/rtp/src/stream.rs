//! The stream we send: one SSRC whose sequence numbers and timestamps go on whatever its source is.
//!
//! Sources change (prompt, music, relay of another stream). Each change moves the new source's numbers so that they
//! follow what was sent last, by the time that has passed, and sets the marker bit. Within a relayed stream losses
//! and disorder stay visible to the receiver, as in a mixer-free translator (RFC 3550 section 7.1).

use core::time::Duration;

use crate::packet::Header;
use crate::{FRAME_UNITS, timestamp_distance};

/// Where a relayed packet comes from: its extended number and its timestamp.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Relayed {
    /// From [`crate::sequence::Arrival`].
    pub extended: u64,
    /// As received.
    pub timestamp: u32,
    /// As received.
    pub marker: bool,
    /// As it is to be sent.
    pub payload_type: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Source {
    Fresh,
    Paced,
    Relay { key: u64, first: u64, sequence_offset: u16, timestamp_offset: u32 },
}

/// Numbers one outgoing stream.
#[derive(Clone, Debug)]
pub struct Outgoing {
    ssrc: u32,
    source: Source,
    /// Timestamp units of a frame of 20 ms.
    frame_units: u32,
    /// Highest number and timestamp sent, and when.
    sequence: u16,
    timestamp: u32,
    sent_at: Option<Duration>,
}

impl Outgoing {
    /// A new stream. All three should be random (RFC 3550 section 5.1).
    #[must_use]
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self { ssrc, source: Source::Fresh, frame_units: FRAME_UNITS, sequence, timestamp, sent_at: None }
    }

    /// What is sent from now on counts `clock` units a second; 8000 at first. Another clock makes the next packet the
    /// first of a new source.
    pub fn set_clock(&mut self, clock: u32) {
        let frame_units = clock / 50;
        if frame_units != self.frame_units {
            self.frame_units = frame_units;
            self.source = Source::Fresh;
        }
    }

    /// The SSRC of this stream.
    #[must_use]
    pub fn ssrc(&self) -> u32 {
        self.ssrc
    }

    /// The next frame of a paced source, 20 ms after the last one or more.
    pub fn paced(&mut self, payload_type: u8, now: Duration) -> Header {
        let marker = self.source != Source::Paced;
        self.timestamp = self.timestamp.wrapping_add(self.elapsed_units(now));
        self.sequence = self.sequence.wrapping_add(1);
        self.sent_at = Some(now);
        self.source = Source::Paced;
        Header { payload_type, marker, sequence: self.sequence, timestamp: self.timestamp, ssrc: self.ssrc }
    }

    /// The header for a relayed packet; `key` changes when the packets come from another stream. `None`: the packet
    /// is older than the change of source and must not be sent.
    pub fn relayed(&mut self, key: u64, packet: Relayed, now: Duration) -> Option<Header> {
        let mut marker = packet.marker;
        let (first, sequence_offset, timestamp_offset) = match self.source {
            Source::Relay { key: current, first, sequence_offset, timestamp_offset } if current == key => {
                (first, sequence_offset, timestamp_offset)
            }
            Source::Fresh | Source::Paced | Source::Relay { .. } => {
                marker = true;
                let timestamp = self.timestamp.wrapping_add(self.elapsed_units(now));
                let sequence = self.sequence.wrapping_add(1);
                let offsets = (
                    packet.extended,
                    sequence.wrapping_sub(packet.extended as u16),
                    timestamp.wrapping_sub(packet.timestamp),
                );
                self.source = Source::Relay {
                    key,
                    first: offsets.0,
                    sequence_offset: offsets.1,
                    timestamp_offset: offsets.2,
                };
                // From here on `timestamp` may only be moved by the relay.
                self.timestamp = timestamp;
                self.sequence = sequence;
                offsets
            }
        };
        if packet.extended < first {
            return None;
        }
        let sequence = (packet.extended as u16).wrapping_add(sequence_offset);
        let timestamp = packet.timestamp.wrapping_add(timestamp_offset);
        if sequence.wrapping_sub(self.sequence).cast_signed() > 0 {
            self.sequence = sequence;
        }
        if timestamp_distance(self.timestamp, timestamp) > 0 {
            self.timestamp = timestamp;
        }
        self.sent_at = Some(now);
        Some(Header { payload_type: packet.payload_type, marker, sequence, timestamp, ssrc: self.ssrc })
    }

    /// Whole frames since the last packet, at least one, as timestamp units.
    fn elapsed_units(&self, now: Duration) -> u32 {
        let Some(sent_at) = self.sent_at else { return 0 };
        let frames = (now.saturating_sub(sent_at).as_micros() + 10_000) / 20_000;
        u32::try_from(frames.max(1)).unwrap_or(u32::MAX).wrapping_mul(self.frame_units)
    }
}
