//! One leg that is heard: from packets to 20 ms of samples.

use std::time::Duration;

use careline_audio::codec::{CodecKind, Decoder};
use careline_audio::comfort::{Background, ComfortNoise, Sid};
use careline_audio::dtmf::{Detector, DtmfEvent};
use careline_audio::level::level_dbfs;
use careline_audio::resample::{Down2, Up2};
use careline_rtp::jitter::{Adjust, Arrived, Buffer, Config, Pulled};

use super::{Incoming, Key, NARROW, SpeakerPlan, WIDE, payload};

/// What the jitter buffer is asked for in one frame at most: packets of 5 ms would need four.
const PULLS_MAX: usize = 8;
/// Below this a few milliseconds more or less are not heard.
const QUIET_DBFS: f64 = -45.0;

/// Decoded sound of one leg.
#[derive(Debug)]
pub(super) struct Speaker {
    pub(super) leg: super::LegId,
    pub(super) record: [bool; 2],
    codec: CodecKind,
    stream: Option<u64>,
    buffer: Buffer,
    decoder: Decoder,
    /// Decoded and not yet played, at the codec's rate.
    waiting: Vec<i16>,
    background: Background,
    noise: ComfortNoise,
    /// A comfort-noise packet said how it sounds; otherwise what was heard in pauses does.
    noise_is_told: bool,
    /// This frame at both rates; the one that is not the codec's only when asked for.
    narrow: [i16; NARROW],
    wide: [i16; WIDE],
    converted: bool,
    up: Up2,
    down: Down2,
    quiet: bool,
    heard: bool,
    keys: Option<Box<Keys>>,
}

#[derive(Debug)]
struct Keys {
    detector: Detector,
    found: Vec<DtmfEvent>,
}

impl Speaker {
    /// `None` when the codec's library refuses, which is logged.
    pub(super) fn new(plan: &SpeakerPlan, seed: u64) -> Option<Self> {
        let mut speaker = Self {
            leg: plan.leg,
            record: plan.record,
            codec: plan.codec,
            stream: None,
            buffer: Buffer::new(Config::new(plan.codec.rtp_clock())),
            decoder: decoder(plan.codec)?,
            waiting: Vec::with_capacity(2 * WIDE),
            background: Background::new(),
            noise: ComfortNoise::new(seed, &Background::new().sid(0)),
            noise_is_told: false,
            narrow: [0; NARROW],
            wide: [0; WIDE],
            converted: false,
            up: Up2::new(),
            down: Down2::new(),
            quiet: true,
            heard: false,
            keys: None,
        };
        speaker.follow(plan);
        Some(speaker)
    }

    pub(super) fn follow(&mut self, plan: &SpeakerPlan) {
        self.record = plan.record;
        if plan.keys != self.keys.is_some() {
            let keys = || Box::new(Keys { detector: Detector::new(), found: Vec::new() });
            self.keys = plan.keys.then(keys);
        }
    }

    /// Something of it has been played.
    pub(super) fn is_heard(&self) -> bool {
        self.heard
    }

    /// A packet has come.
    pub(super) fn take(&mut self, packet: &Incoming, payload: &[u8]) {
        if packet.codec != self.codec {
            self.change_codec(packet.codec);
        }
        if self.stream.replace(packet.stream).is_some_and(|before| before != packet.stream) {
            self.buffer.restart();
        }
        let Some(units) = payload::units(packet.codec, payload) else { return };
        let arrived = Arrived {
            extended: packet.extended,
            timestamp: packet.timestamp,
            units,
            payload,
            is_noise: false,
        };
        self.buffer.put(&arrived, packet.arrived);
    }

    /// What was decoded before is still played: the change costs nothing.
    fn change_codec(&mut self, codec: CodecKind) {
        let Some(decoder) = decoder(codec) else { return };
        if codec.rate() != self.codec.rate() {
            let mut converted = vec![0; 2 * self.waiting.len()];
            let length = if codec.rate() > self.codec.rate() {
                self.up.process(&self.waiting, &mut converted)
            } else {
                self.down.process(&self.waiting, &mut converted)
            };
            converted.truncate(length);
            self.waiting = converted;
        }
        self.codec = codec;
        self.decoder = decoder;
        self.buffer = Buffer::new(Config::new(codec.rtp_clock()));
    }

    /// Makes this frame.
    pub(super) fn speak(&mut self, now: Duration) {
        let length = self.codec.frame_samples();
        let mut pulls = 0;
        while self.waiting.len() < length {
            pulls += 1;
            if pulls > PULLS_MAX {
                self.waiting.resize(length, 0);
                break;
            }
            self.pull(now);
        }
        let (narrow, wide) = (&mut self.narrow, &mut self.wide);
        let native: &mut [i16] = if length == NARROW { narrow } else { wide };
        native.copy_from_slice(&self.waiting[..length]);
        self.quiet = level_dbfs(native) < QUIET_DBFS;
        self.background.update(native);
        self.waiting.drain(..length);
        self.converted = false;
    }

    fn pull(&mut self, now: Duration) {
        let (clock, rate) = (self.codec.rtp_clock(), self.codec.rate());
        let samples = |units: u32| (u64::from(units) * u64::from(rate) / u64::from(clock)) as usize;
        let start = self.waiting.len();
        match self.buffer.pull(now, self.quiet) {
            Pulled::Frame { payload, units, adjust } => {
                self.heard = true;
                self.noise_is_told = false;
                if self.decoder.decode(payload, &mut self.waiting).is_err() {
                    self.decoder.conceal(samples(units), &mut self.waiting);
                }
                match adjust {
                    Adjust::Keep => {}
                    Adjust::Shorten(units) => shorten(&mut self.waiting, start, samples(units)),
                    Adjust::Lengthen(units) => lengthen(&mut self.waiting, start, samples(units)),
                }
            }
            Pulled::Lost { units, next: Some(next) } => {
                self.decoder.decode_fec(next, samples(units), &mut self.waiting);
            }
            Pulled::Lost { units, next: None } => self.decoder.conceal(samples(units), &mut self.waiting),
            Pulled::Silence { units, noise } => {
                if let Some(Ok(sid)) = noise.map(Sid::read) {
                    self.noise.set(&sid);
                    self.noise_is_told = true;
                } else if !self.noise_is_told {
                    self.noise.set(&self.background.sid(0));
                }
                self.waiting.resize(start + samples(units), 0);
                self.noise.fill(&mut self.waiting[start..]);
            }
            Pulled::Wait { units } => self.waiting.resize(start + samples(units), 0),
        }
    }

    /// This frame at 8 or 16 kHz.
    pub(super) fn at(&mut self, rate: u32) -> &[i16] {
        let own = self.codec.rate();
        if rate != own && !self.converted {
            if own == 8000 {
                self.up.process(&self.narrow, &mut self.wide);
            } else {
                self.down.process(&self.wide, &mut self.narrow);
            }
            self.converted = true;
        }
        if rate == 8000 { &self.narrow } else { &self.wide }
    }

    pub(super) fn find_keys(&mut self, keys: &mut Vec<Key>) {
        let Some(mut sought) = self.keys.take() else { return };
        sought.detector.process(self.at(8000), &mut sought.found);
        for event in sought.found.drain(..) {
            if let DtmfEvent::Ended { key, samples, .. } = event {
                let duration_ms = u32::try_from(samples / 8).unwrap_or(u32::MAX);
                keys.push(Key { leg: self.leg, digit: key, duration_ms });
            }
        }
        self.keys = Some(sought);
    }
}

fn decoder(codec: CodecKind) -> Option<Decoder> {
    Decoder::new(codec)
        .inspect_err(|error| tracing::error!(%error, "a leg cannot be decoded and stays silent"))
        .ok()
}

/// Takes `count` samples out of what begins at `start`, with a cross-fade over as many as there are.
fn shorten(samples: &mut Vec<i16>, start: usize, count: usize) {
    let length = samples.len() - start;
    let count = count.min(length / 2);
    if count == 0 {
        return;
    }
    let fade = count.min(length - count);
    for index in 0..fade {
        let (old, new) = (i32::from(samples[start + index]), i32::from(samples[start + index + count]));
        samples[start + index] = blend(old, new, index, fade);
    }
    samples.drain(start + fade..start + fade + count);
}

/// Says the first `count` samples of what begins at `start` once more, with a cross-fade where the repetition begins.
fn lengthen(samples: &mut Vec<i16>, start: usize, count: usize) {
    let length = samples.len() - start;
    let count = count.min(length / 2);
    if count == 0 {
        return;
    }
    let repeated: Vec<i16> = samples[start..start + count].to_vec();
    let fade = count.min(length - count);
    let mut seam: Vec<i16> = Vec::with_capacity(count);
    for (index, &again) in repeated.iter().enumerate() {
        let old = i32::from(samples[start + count + index.min(fade - 1)]);
        seam.push(blend(old, i32::from(again), index, count));
    }
    // ... count samples, then the seam that leads back, then what followed them.
    let tail = samples.split_off(start + count);
    samples.extend(seam);
    samples.extend(tail);
}

fn blend(old: i32, new: i32, index: usize, length: usize) -> i16 {
    let (index, length) = (index as i32, length as i32);
    ((old * (length - index) + new * index) / length) as i16
}
