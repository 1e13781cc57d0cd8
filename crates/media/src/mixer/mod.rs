//! The decode path: what several legs say, decoded, mixed for each listener, encoded again; one frame of 20 ms at a time.
//!
//! ```text
//! packets --> [ speaker: jitter buffer, decoder, concealment, comfort noise ] --> samples of this frame
//!                                                                                   | recorded, searched for keys
//!                       [ listener: sum of whom it hears, without itself, limited ] <-'
//!                                         | encoder
//!                                         v  payload
//! ```
//! A pure value: packets and `now` in, payloads and samples out. The media thread calls it on the phase grid; where a
//! member's codec is expensive (Opus, G.722) the whole frame is computed by the [`pool`], and what arrives meanwhile
//! waits in the next [`Inbox`].
//!
//! What it is not: it knows no socket, no sequence of what is sent, and no bridge. Two legs with the same codec never
//! come here: their packets are relayed as they are.

mod listener;
mod payload;
pub(crate) mod pool;
mod speaker;
#[cfg(test)]
mod tests;

use std::time::Duration;

use careline_audio::codec::{CodecKind, OpusSettings};
use careline_audio::mix::Gain;

use crate::command::LegId;
use listener::{Listener, Sums};
use speaker::Speaker;

/// Legs that one leg can hear, and legs that are mixed together.
pub(crate) const MEMBERS_MAX: usize = 64;
/// Packets that wait for one frame; further ones are dropped and counted.
const INBOX_PACKETS_MAX: usize = 8 * MEMBERS_MAX;
/// Samples of a frame at 8 kHz, which is also the bytes of a frame of G.711.
pub(crate) const NARROW: usize = 160;
/// Samples of a frame at 16 kHz.
pub(crate) const WIDE: usize = 320;

/// Who hears whom.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) speakers: Vec<SpeakerPlan>,
    pub(crate) listeners: Vec<ListenerPlan>,
}

impl Plan {
    /// Needs the pool: somebody's codec costs more than a packet's way through the kernel.
    pub(crate) fn is_heavy(&self) -> bool {
        let is_heavy = |codec: CodecKind| codec.law().is_none();
        self.speakers.iter().any(|speaker| is_heavy(speaker.codec))
            || self.listeners.iter().any(|listener| is_heavy(listener.codec))
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct SpeakerPlan {
    pub(crate) leg: LegId,
    /// What it sends at present; its packets say more exactly.
    pub(crate) codec: CodecKind,
    /// Its samples are wanted for recordings, at 8 kHz, at 16 kHz.
    pub(crate) record: [bool; 2],
    /// Keys are sought in its sound.
    pub(crate) keys: bool,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct ListenerPlan {
    pub(crate) leg: LegId,
    pub(crate) codec: CodecKind,
    pub(crate) hears: Vec<(LegId, Gain)>,
}

/// A packet of a speaker; its payload lies in [`Inbox::bytes`].
#[derive(Clone, Copy, Debug)]
struct Incoming {
    leg: LegId,
    codec: CodecKind,
    /// Changes when the source of the stream changes.
    stream: u64,
    extended: u64,
    timestamp: u32,
    arrived: Duration,
    start: usize,
    length: usize,
}

/// What one packet is, beside its payload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packet {
    pub(crate) leg: LegId,
    pub(crate) codec: CodecKind,
    pub(crate) stream: u64,
    pub(crate) extended: u64,
    pub(crate) timestamp: u32,
    pub(crate) arrived: Duration,
}

/// A prompt or music for one listener, A-law.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    pub(crate) leg: LegId,
    pub(crate) frame: [u8; NARROW],
    /// Nothing else is heard meanwhile.
    pub(crate) covers: bool,
}

/// What has come since the last frame.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    packets: Vec<Incoming>,
    bytes: Vec<u8>,
    pub(crate) locals: Vec<Local>,
    pub(crate) plan: Option<Plan>,
    pub(crate) dropped: u64,
}

impl Inbox {
    pub(crate) fn with_plan(plan: Plan) -> Self {
        Self { plan: Some(plan), ..Self::default() }
    }

    pub(crate) fn put(&mut self, packet: Packet, payload: &[u8]) {
        if self.packets.len() >= INBOX_PACKETS_MAX {
            self.dropped += 1;
            return;
        }
        let Packet { leg, codec, stream, extended, timestamp, arrived } = packet;
        let (start, length) = (self.bytes.len(), payload.len());
        self.bytes.extend_from_slice(payload);
        self.packets.push(Incoming { leg, codec, stream, extended, timestamp, arrived, start, length });
    }

    fn clear(&mut self) {
        self.packets.clear();
        self.bytes.clear();
        self.locals.clear();
    }
}

/// A packet for a listener; its payload lies in [`Outbox::bytes`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said {
    pub(crate) leg: LegId,
    pub(crate) codec: CodecKind,
    start: usize,
    length: usize,
    /// Somebody whom it hears has begun to speak, or a prompt plays.
    pub(crate) is_live: bool,
}

/// Samples of a speaker for the recorder; they lie in [`Outbox::samples`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded {
    pub(crate) leg: LegId,
    pub(crate) rate: u32,
    start: usize,
    length: usize,
}

/// A key found in the sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) leg: LegId,
    pub(crate) digit: char,
    pub(crate) duration_ms: u32,
}

/// What one frame has made.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    pub(crate) said: Vec<Said>,
    pub(crate) recorded: Vec<Recorded>,
    pub(crate) keys: Vec<Key>,
    bytes: Vec<u8>,
    samples: Vec<i16>,
}

impl Outbox {
    pub(crate) fn payload(&self, said: &Said) -> &[u8] {
        &self.bytes[said.start..said.start + said.length]
    }

    pub(crate) fn samples(&self, recorded: &Recorded) -> &[i16] {
        &self.samples[recorded.start..recorded.start + recorded.length]
    }

    fn clear(&mut self) {
        self.said.clear();
        self.recorded.clear();
        self.keys.clear();
        self.bytes.clear();
        self.samples.clear();
    }
}

/// Everybody who is mixed together.
#[derive(Debug)]
pub(crate) struct Mixer {
    speakers: Vec<Speaker>,
    listeners: Vec<Listener>,
    sums: Sums,
    opus: OpusSettings,
    seed: u64,
}

impl Mixer {
    /// Nobody yet. `seed`: of the comfort noise.
    pub(crate) fn new(opus: OpusSettings, seed: u64) -> Self {
        Self { speakers: Vec::new(), listeners: Vec::new(), sums: Sums::default(), opus, seed }
    }

    /// One frame: takes what is in the inbox, and leaves it empty.
    pub(crate) fn frame(&mut self, now: Duration, inbox: &mut Inbox, outbox: &mut Outbox) {
        outbox.clear();
        if let Some(plan) = inbox.plan.take() {
            self.follow(&plan);
        }
        for packet in &inbox.packets {
            let payload = &inbox.bytes[packet.start..packet.start + packet.length];
            if let Some(speaker) = self.speakers.iter_mut().find(|speaker| speaker.leg == packet.leg) {
                speaker.take(packet, payload);
            }
        }
        for speaker in &mut self.speakers {
            speaker.speak(now);
            for (rate, wanted) in [8000, 16_000].into_iter().zip(speaker.record) {
                if wanted && speaker.is_heard() {
                    let start = outbox.samples.len();
                    outbox.samples.extend_from_slice(speaker.at(rate));
                    let length = outbox.samples.len() - start;
                    outbox.recorded.push(Recorded { leg: speaker.leg, rate, start, length });
                }
            }
            speaker.find_keys(&mut outbox.keys);
        }
        self.sums.begin();
        for listener in &mut self.listeners {
            let local = inbox.locals.iter().find(|local| local.leg == listener.leg);
            listener.listen(&mut self.speakers, &mut self.sums, local, outbox);
        }
        inbox.clear();
    }

    /// Who stays keeps what it knows.
    fn follow(&mut self, plan: &Plan) {
        self.speakers.retain(|speaker| plan.speakers.iter().any(|wanted| wanted.leg == speaker.leg));
        for wanted in &plan.speakers {
            match self.speakers.iter_mut().find(|speaker| speaker.leg == wanted.leg) {
                Some(speaker) => speaker.follow(wanted),
                None => {
                    self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    self.speakers.extend(Speaker::new(wanted, self.seed));
                }
            }
        }
        self.listeners.retain(|listener| {
            plan.listeners.iter().any(|wanted| wanted.leg == listener.leg && wanted.codec == listener.codec())
        });
        for wanted in &plan.listeners {
            match self.listeners.iter_mut().find(|listener| listener.leg == wanted.leg) {
                Some(listener) => listener.hears.clone_from(&wanted.hears),
                None => self.listeners.extend(Listener::new(wanted, &self.opus)),
            }
        }
    }
}
