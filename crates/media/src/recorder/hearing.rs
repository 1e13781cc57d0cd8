//! Whether somebody speaks in a recording: the level of each packet against a threshold that follows the line's own
//! noise. Simple on purpose: it says that a message goes on, and when it has gone silent.

use core::time::Duration;

use careline_audio::g711::{Law, decode_by};

/// Mean square of the samples below which nothing is ever heard: -46 dB of full scale.
const FLOOR: u64 = 26_000;
/// What is heard is so many times the noise of the line.
const ABOVE_NOISE: u64 = 8;
/// Highest noise that is believed: louder than that it is a voice. -34 dB of full scale.
const NOISE_MAX: u64 = 427_000;
/// The noise is taken to have grown by a 64th with each packet that is above it, so that it follows within seconds.
const NOISE_GROWS: u64 = 64;
/// Loud packets in a row that are no click.
const PACKETS_MIN: u32 = 3;
/// It is told at most so often.
const EVERY: Duration = Duration::from_millis(500);

/// What is heard on one leg.
#[derive(Debug)]
pub(crate) struct Hearing {
    noise: u64,
    loud: u32,
    told: Option<Duration>,
    /// Something is to be told.
    heard: bool,
}

impl Hearing {
    pub(crate) fn new() -> Self {
        Self { noise: FLOOR / ABOVE_NOISE, loud: 0, told: None, heard: false }
    }

    pub(crate) fn law(&mut self, law: Law, payload: &[u8], now: Duration) {
        let table = decode_by(law);
        self.level(payload.iter().map(|byte| table[usize::from(*byte)]), payload.len(), now);
    }

    pub(crate) fn samples(&mut self, samples: &[i16], now: Duration) {
        self.level(samples.iter().copied(), samples.len(), now);
    }

    fn level(&mut self, samples: impl Iterator<Item = i16>, count: usize, now: Duration) {
        if count == 0 {
            return;
        }
        let power: u64 = samples.map(|sample| u64::from(sample.unsigned_abs()).pow(2)).sum();
        let power = power / count as u64;
        let is_loud = power > FLOOR.max(self.noise * ABOVE_NOISE);
        self.loud = if is_loud { self.loud + 1 } else { 0 };
        self.noise = match power < self.noise {
            true => power,
            false => (self.noise + self.noise / NOISE_GROWS + 1).min(power).min(NOISE_MAX),
        };
        if self.loud >= PACKETS_MIN && self.told.is_none_or(|told| now >= told + EVERY) {
            self.told = Some(now);
            self.heard = true;
        }
    }

    /// Something was heard since the last time that this was asked.
    pub(crate) fn take(&mut self) -> bool {
        core::mem::take(&mut self.heard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(amplitude: i16, packet: u64) -> Vec<i16> {
        let value = |at: u64| {
            let mixed = (packet * 160 + at).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
            i16::try_from(mixed % 2001).unwrap_or(0) - 1000
        };
        (0..160)
            .map(|at| i16::try_from(i32::from(value(at)) * i32::from(amplitude) / 1000).unwrap_or(0))
            .collect()
    }

    /// When something was told, in milliseconds.
    fn told(levels: &[(i16, u64)]) -> Vec<u64> {
        let (mut hearing, mut told, mut packet) = (Hearing::new(), Vec::new(), 0);
        for (amplitude, packets) in levels {
            for _ in 0..*packets {
                let now = Duration::from_millis(packet * 20);
                hearing.samples(&noise(*amplitude, packet), now);
                if hearing.take() {
                    told.push(packet * 20);
                }
                packet += 1;
            }
        }
        told
    }

    #[test]
    fn a_voice_is_told_at_once_and_every_half_second() {
        assert_eq!(told(&[(5, 50), (6000, 75), (5, 100)]), [1040, 1540, 2040]);
    }

    #[test]
    fn silence_clicks_and_a_noisy_line_are_no_voice() {
        assert_eq!(told(&[(0, 100)]), [0_u64; 0]);
        assert_eq!(told(&[(5, 50), (8000, 2), (5, 50)]), [0_u64; 0]);
        assert_eq!(told(&[(200, 400)]), [0_u64; 0]);
    }

    #[test]
    fn a_voice_above_a_noisy_line_is_heard() {
        let heard = told(&[(200, 100), (6000, 25), (200, 100)]);
        assert_eq!(heard.first(), Some(&2040));
        assert!(heard.last() < Some(&2600), "{heard:?}");
    }
}
