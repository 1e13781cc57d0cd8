//! One leg that hears: from everybody's samples to a payload.

use careline_audio::codec::{CodecKind, Encoded, Encoder, OpusSettings};
use careline_audio::g711::{Law, decode_by};
use careline_audio::mix::{Gain, Limiter, add, for_listener};
use careline_audio::resample::Up2;

use super::speaker::Speaker;
use super::{ListenerPlan, Local, NARROW, Outbox, Said, WIDE};
use crate::command::LegId;

/// Everybody's sum of this frame, made when the first listener needs it: one for each rate.
#[derive(Debug)]
pub(super) struct Sums {
    narrow: [i32; NARROW],
    wide: [i32; WIDE],
    ready: [bool; 2],
}

impl Default for Sums {
    fn default() -> Self {
        Self { narrow: [0; NARROW], wide: [0; WIDE], ready: [false; 2] }
    }
}

impl Sums {
    pub(super) fn begin(&mut self) {
        self.ready = [false; 2];
    }

    fn of(&mut self, speakers: &mut [Speaker], rate: u32) -> &[i32] {
        let is_wide = rate != 8000;
        let sum: &mut [i32] = if is_wide { &mut self.wide } else { &mut self.narrow };
        if !std::mem::replace(&mut self.ready[usize::from(is_wide)], true) {
            sum.fill(0);
            for speaker in speakers {
                add(sum, speaker.at(rate), Gain::UNITY);
            }
        }
        sum
    }
}

/// Encoded sound for one leg.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) leg: LegId,
    pub(super) hears: Vec<(LegId, Gain)>,
    encoder: Encoder,
    limiter: Limiter,
    up: Up2,
}

impl Listener {
    /// `None` when the codec's library refuses, which is logged.
    pub(super) fn new(plan: &ListenerPlan, opus: &OpusSettings) -> Option<Self> {
        let encoder = Encoder::new(plan.codec, opus)
            .inspect_err(|error| tracing::error!(%error, "a leg cannot be encoded for and hears nothing"))
            .ok()?;
        let (limiter, up) = (Limiter::new(), Up2::new());
        Some(Self { leg: plan.leg, hears: plan.hears.clone(), encoder, limiter, up })
    }

    pub(super) fn codec(&self) -> CodecKind {
        self.encoder.kind()
    }

    pub(super) fn listen(
        &mut self,
        speakers: &mut [Speaker],
        sums: &mut Sums,
        local: Option<&Local>,
        outbox: &mut Outbox,
    ) {
        let rate = self.codec().rate();
        let mut heard = [0; WIDE];
        let heard = &mut heard[..self.codec().frame_samples()];
        let hears = |leg: LegId| self.hears.iter().any(|(other, _)| *other == leg);
        let is_live = local.is_some() || speakers.iter().any(|one| one.is_heard() && hears(one.leg));
        let covered = local.is_some_and(|local| local.covers);
        if !covered && self.hears_all_others(speakers) {
            let sum = sums.of(speakers, rate);
            let mut rest = [0; WIDE];
            let rest = &mut rest[..heard.len()];
            rest.copy_from_slice(sum);
            self.add_local(local, rest, rate);
            let own = speakers.iter_mut().find(|speaker| speaker.leg == self.leg);
            let own = own.map(|speaker| (speaker.at(rate), Gain::UNITY));
            for_listener(rest, own, &mut self.limiter, heard);
        } else {
            let mut sum = [0; WIDE];
            let sum = &mut sum[..heard.len()];
            for &(leg, gain) in self.hears.iter().filter(|_| !covered) {
                if let Some(speaker) = speakers.iter_mut().find(|speaker| speaker.leg == leg) {
                    add(sum, speaker.at(rate), gain);
                }
            }
            self.add_local(local, sum, rate);
            self.limiter.process(sum, heard);
        }
        let start = outbox.bytes.len();
        if let Ok(Encoded::Packet) = self.encoder.encode(heard, &mut outbox.bytes) {
            let length = outbox.bytes.len() - start;
            outbox.said.push(Said { leg: self.leg, codec: self.codec(), start, length, is_live });
        }
    }

    /// The usual case in a conference: then one sum serves everybody.
    fn hears_all_others(&self, speakers: &[Speaker]) -> bool {
        let is_heard =
            |leg: LegId| self.hears.iter().any(|&(other, gain)| other == leg && gain == Gain::UNITY);
        self.hears.len() > 1
            && speakers.iter().all(|speaker| speaker.leg == self.leg || is_heard(speaker.leg))
    }

    fn add_local(&mut self, local: Option<&Local>, sum: &mut [i32], rate: u32) {
        let Some(local) = local else { return };
        let table = decode_by(Law::A);
        let narrow: [i16; NARROW] = local.frame.map(|byte| table[usize::from(byte)]);
        if rate == 8000 {
            add(sum, &narrow, Gain::UNITY);
        } else {
            let mut wide = [0; WIDE];
            self.up.process(&narrow, &mut wide);
            add(sum, &wide, Gain::UNITY);
        }
    }
}
