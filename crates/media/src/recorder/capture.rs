//! The media thread's side of one recording: G.711 of both directions, placed on one clock.
//!
//! The clock is the thread's own, counted in frames of 1/8000 s since the recording began. Each side's first packet is
//! anchored where it arrives; the next ones stand where their RTP timestamps say, so that jitter, loss and silence
//! suppression leave the right gaps. The anchor moves when a packet would lie in the future, when the timestamps jump,
//! and when for [`DRIFT_PACKETS`] all packets came late by more than [`DRIFT_FRAMES_MAX`]: then the clocks have drifted.
//!
//! A chunk is handed over [`GRACE_FRAMES`] after its end, so that late packets still find their place.

use core::time::Duration;
use std::sync::Arc;

use careline_audio::g711::{Law, transcode};
use careline_rtp::timestamp_distance;

use super::{Buffer, Chunk, Feed};

/// How long after its end a chunk waits for late packets: 100 ms.
pub(crate) const GRACE_FRAMES: u64 = 800;
/// Room behind a chunk for what already belongs to the next one: 240 ms.
pub(crate) const OVERLAP_FRAMES: usize = 1920;
/// Packets over which drift is judged: two seconds.
const DRIFT_PACKETS: u32 = 100;
/// Constant lateness that is drift and not jitter: 30 ms.
const DRIFT_FRAMES_MAX: i64 = 240;
/// A packet further off than this (2 s) means that the sender's timestamps jumped.
const JUMP_FRAMES_MAX: i64 = 16_000;
/// Packets may lie this far in the future (5 ms) before the anchor moves: the thread's clock is read once per turn.
const EARLY_FRAMES_MAX: i64 = 40;

#[derive(Clone, Copy, Debug)]
struct Anchor {
    stream: u64,
    timestamp: u32,
    frame: i64,
    late_min: i64,
    packets: u32,
}

/// One packet as the capture sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spoken<'a> {
    pub(crate) law: Law,
    /// Changes when the source of the stream changes.
    pub(crate) stream: u64,
    pub(crate) timestamp: u32,
    pub(crate) payload: &'a [u8],
}

/// One running recording.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) id: Arc<str>,
    pub(crate) key: u64,
    /// Slots of the legs that still speak: left, right.
    pub(crate) legs: [Option<usize>; 2],
    started: Duration,
    anchors: [Option<Anchor>; 2],
    buffer: Buffer,
    buffer_start: u64,
    chunk_frames: usize,
}

impl Capture {
    pub(crate) fn new(
        id: Arc<str>,
        key: u64,
        legs: [usize; 2],
        laws: [Law; 2],
        now: Duration,
        feed: &Feed,
    ) -> Self {
        let mut buffer = feed.buffer();
        buffer.laws = laws;
        for (side, law) in buffer.sides.iter_mut().zip(laws) {
            side.fill(law.silence());
        }
        Self {
            id,
            key,
            legs: legs.map(Some),
            started: now,
            anchors: [None; 2],
            buffer,
            buffer_start: 0,
            chunk_frames: feed.chunk_frames,
        }
    }

    /// Puts one packet of a side (0 left, 1 right) where it belongs.
    pub(crate) fn put(&mut self, side: usize, spoken: Spoken<'_>, now: Duration, feed: &mut Feed) {
        let frame = self.place(side, &spoken, self.frame_at(now));
        while frame + spoken.payload.len() as i64
            > (self.buffer_start + self.chunk_frames as u64) as i64 + OVERLAP_FRAMES as i64
        {
            self.hand_over(self.chunk_frames, feed);
        }
        // What lies before the buffer has been handed over already: too late.
        let begin = frame - self.buffer_start as i64;
        let skipped = usize::try_from(-begin).unwrap_or(0).min(spoken.payload.len());
        let payload = &spoken.payload[skipped..];
        let at = usize::try_from(begin).unwrap_or(0);
        self.follow_law(side, spoken.law);
        self.buffer.sides[side][at..at + payload.len()].copy_from_slice(payload);
    }

    /// Hands over what is due. Call it often enough for the chunk's length.
    pub(crate) fn turn(&mut self, now: Duration, feed: &mut Feed) {
        let frame = self.frame_at(now);
        while frame >= self.buffer_start + self.chunk_frames as u64 + GRACE_FRAMES {
            self.hand_over(self.chunk_frames, feed);
        }
    }

    /// Ends the recording now: both sides get the same length.
    pub(crate) fn finish(mut self, now: Duration, feed: &mut Feed) {
        self.turn(now, feed);
        let end = self.frame_at(now);
        while end > self.buffer_start + self.chunk_frames as u64 {
            self.hand_over(self.chunk_frames, feed);
        }
        let rest = end.saturating_sub(self.buffer_start) as usize;
        if rest > 0 {
            self.hand_over(rest, feed);
        }
        feed.finish(self.key, self.buffer_start);
    }

    /// First frame that is still in hand.
    #[cfg(test)]
    pub(crate) fn buffer_start(&self) -> u64 {
        self.buffer_start
    }

    fn frame_at(&self, now: Duration) -> u64 {
        (now.saturating_sub(self.started).as_micros() / 125) as u64
    }

    /// The frame at which the packet's first sample belongs. A packet that is not late ends now.
    fn place(&mut self, side: usize, spoken: &Spoken<'_>, now: u64) -> i64 {
        let arrived = now as i64 - spoken.payload.len() as i64;
        let anchor = self.anchors[side].get_or_insert(Anchor {
            stream: spoken.stream,
            timestamp: spoken.timestamp,
            frame: arrived,
            late_min: i64::MAX,
            packets: 0,
        });
        let frame = anchor.frame + i64::from(timestamp_distance(anchor.timestamp, spoken.timestamp));
        let late = arrived - frame;
        if anchor.stream != spoken.stream || !(-EARLY_FRAMES_MAX..=JUMP_FRAMES_MAX).contains(&late) {
            self.anchors[side] = Some(Anchor {
                stream: spoken.stream,
                timestamp: spoken.timestamp,
                frame: arrived,
                late_min: i64::MAX,
                packets: 0,
            });
            return arrived;
        }
        anchor.late_min = anchor.late_min.min(late);
        anchor.packets += 1;
        // The anchor follows the stream, so that its distance never comes near the wrap.
        (anchor.timestamp, anchor.frame) = (spoken.timestamp, frame);
        if anchor.packets >= DRIFT_PACKETS {
            if anchor.late_min > DRIFT_FRAMES_MAX {
                anchor.frame += anchor.late_min;
            }
            (anchor.late_min, anchor.packets) = (i64::MAX, 0);
        }
        frame
    }

    fn follow_law(&mut self, side: usize, law: Law) {
        if self.buffer.laws[side] != law {
            transcode(self.buffer.laws[side], law, &mut self.buffer.sides[side]);
            self.buffer.laws[side] = law;
        }
    }

    fn hand_over(&mut self, frames: usize, feed: &mut Feed) {
        let mut next = feed.buffer();
        next.laws = self.buffer.laws;
        for ((new, old), law) in next.sides.iter_mut().zip(&self.buffer.sides).zip(next.laws) {
            let carried = old.len() - self.chunk_frames;
            new[..carried].copy_from_slice(&old[self.chunk_frames..]);
            new[carried..].fill(law.silence());
        }
        let buffer = std::mem::replace(&mut self.buffer, next);
        feed.push(Chunk { key: self.key, start: self.buffer_start, frames, buffer });
        self.buffer_start += frames as u64;
    }
}
