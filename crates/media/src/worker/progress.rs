//! Listening to a leg for the tones of a copper line. Only a leg that asks for it has one of these; the others pay for
//! one look at an empty pointer.
//!
//! What it is not: it decides nothing about tones, that is [`careline_audio::busy`]; nor about calls, that is the
//! switch.

use careline_audio::busy::{LineTone, ToneWatch};
use careline_audio::g711::{Law, decode_by};

use super::leg::Leg;
use crate::event::{EventSender, MediaEvent};

/// A jump of the time stamp by more than this (a minute) is another stream, not a gap.
const GAP_MAX: u32 = 60 * careline_audio::SAMPLE_RATE;

/// Hears one packet of a leg that listens.
pub(super) fn listen(leg: &mut Leg, law: Law, timestamp: u32, payload: &[u8], events: &mut EventSender) {
    if let Some(watch) = leg.watch.as_mut() {
        let leg = leg.id;
        watch.hear(law, timestamp, payload, |tone| events.send(MediaEvent::Tone { leg, tone }));
    }
}

/// What is heard on one leg.
#[derive(Debug)]
pub(super) struct LineWatch {
    tones: ToneWatch,
    /// Time stamp that the next packet has when nothing is missing.
    next: Option<u32>,
}

impl LineWatch {
    pub(super) fn new(tones_hz: &[f64]) -> Self {
        Self { tones: ToneWatch::new(tones_hz), next: None }
    }

    /// One packet of the leg's stream. One that comes late is left out: its time counted as a gap.
    pub(super) fn hear(&mut self, law: Law, timestamp: u32, payload: &[u8], mut heard: impl FnMut(LineTone)) {
        let missing = self.next.map_or(0, |next| timestamp.wrapping_sub(next));
        match missing {
            0 => {}
            1..=GAP_MAX => self.tones.gap(usize::try_from(missing).unwrap_or(usize::MAX), &mut heard),
            // Behind what was heard already, unless it is another stream altogether.
            _ if missing.wrapping_neg() <= GAP_MAX => return,
            _ => {}
        }
        let length = u32::try_from(payload.len()).unwrap_or(0);
        self.next = Some(timestamp.wrapping_add(length));
        let table = decode_by(law);
        self.tones.feed(payload.iter().map(|byte| table[usize::from(*byte)]), heard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use careline_audio::busy::FREQUENCIES;
    use careline_audio::g711::encode;
    use careline_audio::tone::Tone;

    /// 350 ms of tone and of silence in turns, in packets of 20 ms with their time stamps, beginning near the wrap.
    fn busy(law: Law, cycles: usize) -> Vec<(u32, Vec<u8>)> {
        let mut samples = Vec::new();
        for _ in 0..cycles {
            samples.extend(Tone::new(8000, &[(450.0, -15.0)]).take(2800));
            samples.extend([0; 2800]);
        }
        let encoded: Vec<u8> = samples.into_iter().map(|sample| encode(law, sample)).collect();
        let stamp = |number: usize| (u32::MAX - 4000).wrapping_add(160 * u32::try_from(number).unwrap());
        encoded.chunks(160).enumerate().map(|(number, packet)| (stamp(number), packet.to_vec())).collect()
    }

    fn heard(law: Law, packets: &[(u32, Vec<u8>)]) -> Vec<LineTone> {
        let (mut watch, mut heard) = (LineWatch::new(&FREQUENCIES), Vec::new());
        for (timestamp, payload) in packets {
            watch.hear(law, *timestamp, payload, |tone| heard.push(tone));
        }
        heard
    }

    #[test]
    fn a_busy_tone_is_heard_in_either_law_and_over_the_wrap_of_the_time_stamp() {
        for law in [Law::A, Law::U] {
            assert_eq!(heard(law, &busy(law, 5)), [LineTone::Busy]);
        }
    }

    #[test]
    fn lost_packets_and_suppressed_pauses_keep_the_cadence() {
        let all = busy(Law::A, 6);
        let lossy = all.iter().enumerate().filter(|(at, _)| at % 12 != 5).map(|(_, one)| one.clone());
        assert_eq!(heard(Law::A, &lossy.collect::<Vec<_>>()), [LineTone::Busy]);
        let silent = |payload: &[u8]| payload.iter().all(|byte| *byte == encode(Law::A, 0));
        let suppressed: Vec<_> = all.iter().filter(|(_, payload)| !silent(payload)).cloned().collect();
        assert!(suppressed.len() < all.len() * 2 / 3);
        assert_eq!(heard(Law::A, &suppressed), [LineTone::Busy]);
    }

    #[test]
    fn what_comes_late_or_twice_is_left_out() {
        let mut packets = busy(Law::A, 6);
        let late = packets[30].clone();
        packets.insert(40, late);
        let twice = packets[50].clone();
        packets.insert(51, twice);
        assert_eq!(heard(Law::A, &packets), [LineTone::Busy]);
    }

    #[test]
    fn another_stream_goes_on_wherever_its_time_stamp_begins() {
        let mut packets = busy(Law::A, 1);
        packets.extend(busy(Law::A, 6).into_iter().map(|(at, payload)| (at.wrapping_add(1 << 31), payload)));
        assert!(heard(Law::A, &packets).contains(&LineTone::Busy));
    }
}
