//! The media thread's side of one recording: what its legs say, placed on one clock ([`super::clock`]).
//!
//! A side is G.711 as it came or, when its leg speaks something else, samples at the file's rate. Both sides of a
//! chunk cover the same time. A chunk is handed over [`GRACE_MS`] after its end, so that late packets still find their
//! place; what belongs behind its end meanwhile waits in a second block, which becomes the next chunk. Nothing is
//! copied twice.
//!
//! While the recording is paused both sides are silent from the moment of the order on, whenever the packets come.

use core::ops::Range;
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;

use careline_audio::g711::{Law, decode_by, transcode};

use super::chunk::{Chunk, Voice};
use super::clock::{Anchor, Arrival};
use super::hearing::Hearing;
use super::{Feed, Mark, RecordingShape};

/// How long after its end a chunk waits for late packets.
pub(crate) const GRACE_MS: u64 = 100;
/// Pauses that may lie within one chunk; more become one longer silence.
const SPANS_MAX: usize = 16;
/// Samples per second of G.711.
const LAW_RATE: u32 = 8000;

/// One packet of G.711 as the capture sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spoken<'a> {
    pub(crate) law: Law,
    /// Changes when the source of the stream changes.
    pub(crate) stream: u64,
    pub(crate) timestamp: u32,
    pub(crate) payload: &'a [u8],
}

/// One packet of anything else, decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decoded<'a> {
    /// Changes when the source of the stream changes.
    pub(crate) stream: u64,
    /// In samples of the file's rate.
    pub(crate) timestamp: u32,
    /// At the file's rate.
    pub(crate) samples: &'a [i16],
}

/// A time on the file's clock, open at its end while it lasts.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: u64,
    until: Option<u64>,
}

impl Span {
    fn end(&self) -> u64 {
        self.until.unwrap_or(u64::MAX)
    }
}

/// One running recording.
#[derive(Debug)]
pub(crate) struct Capture {
    pub(crate) id: Arc<str>,
    pub(crate) key: u64,
    /// Slots of the legs that still speak: left, right.
    pub(crate) legs: [Option<usize>; 2],
    shape: RecordingShape,
    started: Duration,
    anchors: [Option<Anchor>; 2],
    /// Law of each side's last packet; `None` when it was decoded already.
    speaks: [Option<Law>; 2],
    /// The chunk in hand.
    hand: [Voice; 2],
    /// What already lies behind its end.
    next: [Option<Voice>; 2],
    /// First frame in hand, at the file's rate.
    start: u64,
    /// Pauses that are not wholly handed over yet; the last may still run.
    pauses: VecDeque<Span>,
    /// When a pause ends by itself.
    pause_ends: Option<Duration>,
    /// Times of each side in which keys are secret.
    secrets: [Option<Span>; 2],
    /// Listens to the left side, when somebody wants to know whether it is silent.
    hearing: Option<Box<Hearing>>,
}

impl Capture {
    /// Begins now. `laws` is what the legs speak at first; a mono recording has a left side only.
    pub(crate) fn new(
        id: Arc<str>,
        key: u64,
        legs: [Option<usize>; 2],
        laws: [Law; 2],
        shape: RecordingShape,
        now: Duration,
        feed: &Feed,
    ) -> Self {
        let voice = |side: usize| {
            if side < usize::from(shape.format.channels) {
                Voice::Law(laws[side], feed.pool.block(laws[side]))
            } else {
                Voice::Absent
            }
        };
        Self {
            id,
            key,
            legs,
            shape,
            started: now,
            anchors: [None; 2],
            speaks: laws.map(Some),
            hand: [voice(0), voice(1)],
            next: [None, None],
            start: 0,
            pauses: VecDeque::new(),
            pause_ends: None,
            secrets: [None; 2],
            hearing: None,
        }
    }

    /// From now on it is told when something is heard on the left side.
    pub(crate) fn tell_sound(&mut self) {
        self.hearing = Some(Box::new(Hearing::new()));
    }

    /// Something was heard since this was asked last.
    pub(crate) fn take_sound(&mut self) -> bool {
        self.hearing.as_mut().is_some_and(|hearing| hearing.take())
    }

    /// Samples per second of the file.
    pub(crate) fn rate(&self) -> u32 {
        self.shape.format.rate
    }

    /// Puts one packet of a side (0 left, 1 right) where it belongs.
    pub(crate) fn put(&mut self, side: usize, spoken: Spoken<'_>, now: Duration, feed: &mut Feed) {
        let Spoken { law, stream, timestamp, payload } = spoken;
        let length = payload.len() as i64;
        if let (0, Some(hearing)) = (side, self.hearing.as_mut()) {
            hearing.law(law, payload, now);
        }
        let now = frame_at(now.saturating_sub(self.started), LAW_RATE) as i64;
        let arrival = Arrival { stream, rate: LAW_RATE, timestamp, length, now };
        let placed = Anchor::place(&mut self.anchors[side], &arrival);
        if let (1.., Some(first)) = (placed.repeat, payload.first()) {
            let again = [*first; u8::MAX as usize];
            let before = placed.frame - i64::from(placed.repeat);
            self.put_law(side, law, before, &again[..usize::from(placed.repeat)], feed);
        }
        self.put_law(side, law, placed.frame, payload, feed);
    }

    /// Puts decoded samples of a side where they belong.
    pub(crate) fn put_pcm(&mut self, side: usize, decoded: Decoded<'_>, now: Duration, feed: &mut Feed) {
        let Decoded { stream, timestamp, samples } = decoded;
        if let (0, Some(hearing)) = (side, self.hearing.as_mut()) {
            hearing.samples(samples, now);
        }
        let rate = self.shape.format.rate;
        let now = frame_at(now.saturating_sub(self.started), rate) as i64;
        let arrival = Arrival { stream, rate, timestamp, length: samples.len() as i64, now };
        let placed = Anchor::place(&mut self.anchors[side], &arrival);
        if let (1.., Some(first)) = (placed.repeat, samples.first()) {
            let again = [*first; u8::MAX as usize];
            let before = placed.frame - i64::from(placed.repeat);
            self.put_samples(side, before, &again[..usize::from(placed.repeat)], feed);
        }
        self.put_samples(side, placed.frame, samples, feed);
    }

    /// Hands over what is due. Call it often enough for the chunk's length. True when a pause has ended by itself.
    pub(crate) fn turn(&mut self, now: Duration, feed: &mut Feed) -> bool {
        let ended = self.pause_ends.is_some_and(|end| now >= end);
        if ended {
            self.resume(now, feed);
        }
        let grace = GRACE_MS * u64::from(self.shape.format.rate) / 1000;
        while self.frame(now) >= self.start + self.shape.chunk_frames as u64 + grace {
            self.hand_over(self.shape.chunk_frames, feed);
        }
        ended
    }

    /// Ends the recording now: both sides get the same length.
    pub(crate) fn finish(mut self, now: Duration, feed: &mut Feed) {
        self.turn(now, feed);
        self.resume(now, feed);
        for side in 0..2 {
            self.show_keys(side, now, feed);
        }
        let end = self.frame(now);
        while end > self.start + self.shape.chunk_frames as u64 {
            self.hand_over(self.shape.chunk_frames, feed);
        }
        let rest = end.saturating_sub(self.start) as usize;
        if rest > 0 {
            self.hand_over(rest, feed);
        }
        feed.finish(self.key, self.start);
    }

    /// Both sides are silent from now on, for `limit` at most. False: they are already.
    pub(crate) fn pause(
        &mut self,
        reason: Arc<str>,
        limit: Duration,
        now: Duration,
        feed: &mut Feed,
    ) -> bool {
        if self.pauses.back().is_some_and(|span| span.until.is_none()) {
            return false;
        }
        let from = self.frame(now);
        if self.pauses.len() >= SPANS_MAX {
            // Too many within one chunk: rather too much silence than a secret.
            if let Some(last) = self.pauses.back_mut() {
                last.until = None;
            }
        } else {
            self.pauses.push_back(Span { from, until: None });
        }
        self.pause_ends = Some(now + limit);
        for side in 0..2 {
            self.silence(side, from);
        }
        feed.mark(self.key, Mark::Paused { from, reason });
        true
    }

    /// Sound again from now on. False: nothing was paused.
    pub(crate) fn resume(&mut self, now: Duration, feed: &mut Feed) -> bool {
        let until = self.frame(now);
        let Some(span) = self.pauses.back_mut().filter(|span| span.until.is_none()) else { return false };
        span.until = Some(until);
        self.pause_ends = None;
        feed.mark(self.key, Mark::Resumed { until });
        true
    }

    /// From now on tones of keys that this side sends are not to be heard.
    pub(crate) fn hide_keys(&mut self, side: usize, now: Duration, feed: &mut Feed) {
        let from = self.frame(now);
        match &mut self.secrets[side] {
            Some(span) if span.until.is_none() => {}
            // Shortly after the last time: that one goes on.
            Some(span) => span.until = None,
            none => *none = Some(Span { from, until: None }),
        }
        feed.mark(self.key, Mark::KeysHidden { side, from });
    }

    /// Keys of this side are no secret any more.
    pub(crate) fn show_keys(&mut self, side: usize, now: Duration, feed: &mut Feed) {
        let until = self.frame(now);
        let Some(span) = self.secrets[side].as_mut().filter(|span| span.until.is_none()) else { return };
        span.until = Some(until);
        feed.mark(self.key, Mark::KeysShown { side, until });
    }

    fn frame(&self, now: Duration) -> u64 {
        frame_at(now.saturating_sub(self.started), self.shape.format.rate)
    }

    /// Frames of the file in one frame of G.711: 1 or 2.
    fn per_law_frame(&self) -> u64 {
        u64::from(self.shape.format.rate / LAW_RATE).max(1)
    }

    fn put_law(&mut self, side: usize, law: Law, frame: i64, payload: &[u8], feed: &mut Feed) {
        self.speaks[side] = Some(law);
        let per = self.per_law_frame();
        let chunk = self.shape.chunk_frames as i64 / per as i64;
        let mut begin = frame - (self.start / per) as i64;
        while begin + payload.len() as i64 > 2 * chunk {
            self.hand_over(self.shape.chunk_frames, feed);
            begin -= chunk;
        }
        for (ahead, at, piece) in pieces(begin, payload.len(), chunk).into_iter().flatten() {
            let piece = &payload[piece];
            let from = self.start + (at as u64 + if ahead { chunk as u64 } else { 0 }) * per;
            match self.voice(side, ahead, law, feed) {
                Voice::Law(_, block) => block[at..at + piece.len()].copy_from_slice(piece),
                // The leg spoke something else within this chunk.
                Voice::Pcm(block) => {
                    let samples = expand(law, piece, per as usize);
                    let at = at * per as usize;
                    block[at..at + samples.len()].copy_from_slice(&samples);
                }
                Voice::Absent => {}
            }
            self.hush(side, from, from + piece.len() as u64 * per);
        }
    }

    fn put_samples(&mut self, side: usize, frame: i64, samples: &[i16], feed: &mut Feed) {
        self.speaks[side] = None;
        let chunk = self.shape.chunk_frames as i64;
        let mut begin = frame - self.start as i64;
        while begin + samples.len() as i64 > 2 * chunk {
            self.hand_over(self.shape.chunk_frames, feed);
            begin -= chunk;
        }
        for (ahead, at, piece) in pieces(begin, samples.len(), chunk).into_iter().flatten() {
            let piece = &samples[piece];
            let from = self.start + (at + if ahead { chunk as usize } else { 0 }) as u64;
            if let Voice::Pcm(block) = self.pcm(side, ahead) {
                block[at..at + piece.len()].copy_from_slice(piece);
            }
            self.hush(side, from, from + piece.len() as u64);
        }
    }

    /// The side's block in hand or behind it, for bytes of this law.
    fn voice(&mut self, side: usize, ahead: bool, law: Law, feed: &Feed) -> &mut Voice {
        let voice = if ahead {
            self.next[side].get_or_insert_with(|| Voice::Law(law, feed.pool.block(law)))
        } else {
            &mut self.hand[side]
        };
        if let Voice::Law(held, block) = voice
            && *held != law
        {
            transcode(*held, law, block);
            *held = law;
        }
        voice
    }

    /// The side's block in hand or behind it, as samples: what was G.711 is decoded now.
    fn pcm(&mut self, side: usize, ahead: bool) -> &mut Voice {
        let frames = self.shape.chunk_frames;
        let per = self.per_law_frame() as usize;
        let empty = || Voice::Pcm(vec![0; frames].into_boxed_slice());
        let voice = if ahead { self.next[side].get_or_insert_with(empty) } else { &mut self.hand[side] };
        if let Voice::Law(law, block) = voice {
            *voice = Voice::Pcm(expand(*law, &block[..frames / per], per).into_boxed_slice());
        }
        voice
    }

    /// Takes out again what was just put into a pause. Costs nothing when there is none.
    fn hush(&mut self, side: usize, from: u64, until: u64) {
        for index in 0..self.pauses.len() {
            let span = self.pauses[index];
            let (from, until) = (span.from.max(from), span.end().min(until));
            if from < until {
                self.silence_between(side, from, until);
            }
        }
    }

    fn silence(&mut self, side: usize, from: u64) {
        self.silence_between(side, from, u64::MAX);
    }

    fn silence_between(&mut self, side: usize, from: u64, until: u64) {
        let per = self.per_law_frame();
        let chunk = self.shape.chunk_frames as u64;
        let starts = [self.start, self.start + chunk];
        let voices = [Some(&mut self.hand[side]), self.next[side].as_mut()];
        for (voice, start) in voices.into_iter().zip(starts) {
            let clip = |frame: u64| frame.saturating_sub(start).min(chunk) as usize;
            let (from, until) = (clip(from), clip(until));
            match voice {
                Some(Voice::Law(law, block)) => {
                    let per = per as usize;
                    block[from / per..until.div_ceil(per)].fill(law.silence());
                }
                Some(Voice::Pcm(block)) => block[from..until].fill(0),
                Some(Voice::Absent) | None => {}
            }
        }
    }

    fn hand_over(&mut self, frames: usize, feed: &mut Feed) {
        let (start, end) = (self.start, self.start + frames as u64);
        let secret = [0, 1].map(|side: usize| {
            let span = self.secrets[side]?;
            let clip = |frame: u64| (frame.clamp(start, end) - start) as u32;
            let (from, until) = (clip(span.from), clip(span.end()));
            (from < until).then_some((from, until))
        });
        let mut sides = [Voice::Absent, Voice::Absent];
        for (side, out) in sides.iter_mut().enumerate() {
            let next = match (self.next[side].take(), &self.hand[side]) {
                (Some(next), _) => next,
                (None, Voice::Absent) => Voice::Absent,
                (None, Voice::Law(..) | Voice::Pcm(_)) => match self.speaks[side] {
                    Some(law) => Voice::Law(law, feed.pool.block(law)),
                    None => Voice::Pcm(vec![0; self.shape.chunk_frames].into_boxed_slice()),
                },
            };
            *out = std::mem::replace(&mut self.hand[side], next);
        }
        feed.push(Chunk { key: self.key, start, frames, sides, secret });
        self.start = end;
        self.pauses.retain(|span| span.end() > end);
        for secret in &mut self.secrets {
            *secret = secret.filter(|span| span.end() > end);
        }
    }
}

/// Whether a piece of a packet lies ahead of the chunk in hand, where it begins there, and which part it is.
type Piece = (bool, usize, Range<usize>);

/// A packet cut at the chunk's end: what lies before the chunk is left out (too late), the rest is in hand or ahead.
fn pieces(begin: i64, length: usize, chunk: i64) -> [Option<Piece>; 2] {
    let skipped = usize::try_from(-begin).unwrap_or(0).min(length);
    let at = usize::try_from(begin).unwrap_or(0);
    let chunk = usize::try_from(chunk).unwrap_or(0);
    let in_hand = (length - skipped).min(chunk.saturating_sub(at));
    let cut = skipped + in_hand;
    let hand = (in_hand > 0).then_some((false, at, skipped..cut));
    let ahead = (cut < length).then_some((true, at.saturating_sub(chunk), cut..length));
    [hand, ahead]
}

/// G.711 as samples, each `times` times. Used at a change of codec only: the writer does better for whole chunks.
fn expand(law: Law, payload: &[u8], times: usize) -> Vec<i16> {
    let table = decode_by(law);
    payload.iter().flat_map(|&byte| std::iter::repeat_n(table[usize::from(byte)], times)).collect()
}

fn frame_at(since: Duration, rate: u32) -> u64 {
    (since.as_micros() as u64).saturating_mul(u64::from(rate)) / 1_000_000
}
