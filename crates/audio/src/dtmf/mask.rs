//! Takes DTMF tones out of a recording, for flows that ask for secrets (a card number, a PIN).
//!
//! It blanks at the first suspicion, 16 ms of something like a pair of tones, since waiting until a key is certain would
//! leave enough on the recording to read it. So now and then a syllable goes too: switch it on only while a flow
//! collects secret digits.

use super::analyser::{Analyser, WINDOW};
use crate::comfort::ComfortNoise;

/// What comes out is this much later than what went in, samples at 8 kHz (32 ms): the time that a suspicion needs, and
/// one more hop in case noise spoils the first window.
pub const MASK_DELAY: usize = 256;
/// What is blanked after the end of a suspect window, samples: the end of a tone that no longer fills one.
const AFTER: u64 = WINDOW as u64 / 2;

/// Blanks tones in one stream of 8 kHz. It delays by [`MASK_DELAY`]; keep it in the path, or leave it out, for a whole
/// stream, or skip as many samples where it is put in.
#[derive(Clone, Debug)]
pub struct DigitMask {
    analyser: Analyser,
    /// The last samples, as far as they may be heard.
    line: [i16; MASK_DELAY],
    /// Samples taken in.
    position: u64,
    /// Samples before this position are blanked as they come in.
    blank_until: u64,
    noise: Option<ComfortNoise>,
    blanked: u64,
}

impl DigitMask {
    /// With silence in the line. Tones are replaced by `noise`, or by digital silence.
    #[must_use]
    pub fn new(noise: Option<ComfortNoise>) -> Self {
        Self {
            analyser: Analyser::new(),
            line: [0; MASK_DELAY],
            position: 0,
            blank_until: 0,
            noise,
            blanked: 0,
        }
    }

    /// Replaces the samples by those of [`MASK_DELAY`] ago, without tones.
    pub fn process(&mut self, samples: &mut [i16]) {
        let mut start = 0;
        while start < samples.len() {
            let count = (samples.len() - start).min(self.analyser.missing());
            let block = &mut samples[start..start + count];
            let suspect = self.analyser.push(block).flatten().is_some();
            self.delay(block);
            if suspect {
                self.blank();
            }
            start += count;
        }
    }

    /// What is still in the line, at the end of a stream.
    #[must_use]
    pub fn finish(mut self) -> [i16; MASK_DELAY] {
        let mut rest = [0; MASK_DELAY];
        self.delay(&mut rest);
        rest
    }

    /// How many samples were blanked so far.
    #[must_use]
    pub const fn blanked(&self) -> u64 {
        self.blanked
    }

    /// Exchanges the block with what the line holds.
    fn delay(&mut self, block: &mut [i16]) {
        for sample in block {
            let slot = (self.position % MASK_DELAY as u64) as usize;
            let new = if self.position < self.blank_until { self.quiet() } else { *sample };
            *sample = core::mem::replace(&mut self.line[slot], new);
            self.position += 1;
        }
    }

    /// All that the line holds becomes silence, and a little that is still to come.
    fn blank(&mut self) {
        let oldest = self.position.saturating_sub(MASK_DELAY as u64);
        for position in oldest.max(self.blank_until)..self.position {
            self.line[(position % MASK_DELAY as u64) as usize] = self.quiet();
        }
        self.blank_until = self.position + AFTER;
    }

    fn quiet(&mut self) -> i16 {
        self.blanked += 1;
        let mut sample = [0];
        if let Some(noise) = &mut self.noise {
            noise.fill(&mut sample);
        }
        sample[0]
    }
}
