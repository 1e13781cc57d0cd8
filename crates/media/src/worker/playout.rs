//! Prompts and music: one frame per 20 ms and leg, on a grid of absolute deadlines.
//!
//! A thread that wakes more than a frame late leaves the missed frames out and counts them; the prompt itself loses
//! nothing, it is only later, and the timestamps show the pause.

use std::time::Duration;

use careline_audio::FRAME_SAMPLES;
use careline_rtp::packet::HEADER_BYTES;
use careline_rtp::srtp::RTP_OVERHEAD_MAX;

use super::keys::KEY_TONE;
use super::{FRAME, PHASES, Worker, phase_at, phase_due};
use crate::event::MediaEvent;

/// A turn that comes later than this is counted.
const LATE: Duration = Duration::from_millis(1);

impl Worker {
    /// Sends what is due.
    pub(super) fn playout(&mut self) {
        let last = phase_at(self.now);
        if self.is_unpaced() {
            self.next_phase = last + 1;
            return;
        }
        while self.next_phase <= last {
            let due = phase_due(self.next_phase);
            let late = self.now.saturating_sub(due);
            let phase = (self.next_phase % PHASES) as usize;
            self.next_phase += 1;
            let mixes = self.mixes_in(phase);
            if self.phases[phase].is_empty() && !mixes {
                continue;
            }
            self.tally.turns_late += u64::from(late > LATE);
            self.tally.tick_late_us_max = self.tally.tick_late_us_max.max(late.as_micros() as u64);
            if late >= FRAME {
                self.skip(phase);
            } else {
                self.send_phase(phase, due);
                if mixes {
                    self.mix_phase(phase, due);
                }
            }
        }
    }

    /// Nobody needs the grid.
    fn is_unpaced(&self) -> bool {
        self.phases.iter().all(Vec::is_empty) && self.mixings.iter().all(Option::is_none)
    }

    /// When the next frame is due; `None` when nothing is paced.
    pub(super) fn next_paced(&self) -> Option<Duration> {
        (self.next_phase..self.next_phase + PHASES)
            .find(|tick| {
                let phase = (tick % PHASES) as usize;
                !self.phases[phase].is_empty() || self.mixes_in(phase)
            })
            .map(phase_due)
    }

    /// Puts the leg on the list of its phase or takes it off. To be called after every change of what it hears.
    pub(super) fn refresh_pacing(&mut self, slot: usize) {
        let Some(leg) = self.legs[slot].as_mut() else { return };
        self.changed_groups.push(leg.group);
        // Other codecs get their prompts from the mixer, and so does who hears music and somebody.
        let alone = leg.play.is_some() || leg.also_hears.is_empty();
        let wanted = leg.keys.is_some() || leg.wants_pacing() && leg.law().is_some() && alone;
        if wanted == leg.paced {
            return;
        }
        leg.paced = wanted;
        self.set_phase(slot, wanted);
    }

    /// Adds or removes a slot from its phase's list.
    pub(super) fn set_phase(&mut self, slot: usize, wanted: bool) {
        if self.is_unpaced() {
            // The grid was not followed while nobody needed it.
            self.next_phase = phase_at(self.now) + 1;
        }
        let phase = &mut self.phases[slot % PHASES as usize];
        if wanted {
            phase.push(slot);
        } else {
            phase.retain(|&other| other != slot);
        }
    }

    fn skip(&mut self, phase: usize) {
        for &slot in &self.phases[phase] {
            if let Some(leg) = self.legs[slot].as_mut() {
                leg.stats.frames_skipped += 1;
                self.tally.frames_skipped += 1;
            }
        }
    }

    fn send_phase(&mut self, phase: usize, due: Duration) {
        let mut index = 0;
        while let Some(&slot) = self.phases[phase].get(index) {
            self.send_frame(slot, due);
            // A leg whose prompt has ended may have left the list, and the next one has its place.
            if self.phases[phase].get(index) == Some(&slot) {
                index += 1;
            }
        }
    }

    fn send_frame(&mut self, slot: usize, due: Duration) {
        let Some(leg) = self.legs[slot].as_mut() else { return };
        if leg.latch.target().is_none() {
            // Nobody can hear it yet: it waits for the address.
            return;
        }
        if leg.keys.is_some() {
            return self.send_key_frame(slot, due);
        }
        let Some(law) = leg.law() else { return };
        let mut packet = [0; HEADER_BYTES + FRAME_SAMPLES + RTP_OVERHEAD_MAX];
        let (header, rest) = packet.split_first_chunk_mut::<HEADER_BYTES>().expect("a packet is longer");
        let payload = &mut rest[..FRAME_SAMPLES];
        let ended = match (&mut leg.play, &mut leg.music) {
            (Some(play), _) => play.cursor.fill(law, payload).then_some(play.id),
            (None, Some(music)) => {
                music.cursor.fill(law, payload);
                None
            }
            (None, None) => return,
        };
        if leg.can_send() {
            leg.out.paced(leg.send_format.payload_type, due).write(header);
            if leg.send(&mut packet, HEADER_BYTES + FRAME_SAMPLES, self.now) {
                self.tally.sent += 1;
            } else {
                self.tally.send_errors += 1;
            }
        }
        if let Some(playback) = ended {
            leg.play = None;
            if playback != KEY_TONE {
                self.events.send(MediaEvent::PlaybackDone { leg: leg.id, playback });
            }
            self.refresh_pacing(slot);
        }
    }
}
