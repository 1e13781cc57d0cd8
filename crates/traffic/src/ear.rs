//! What one side of a call heard: sound at all, the other's tone pair, or somebody else's.

use crate::pair::Pair;
use careline_audio::SAMPLE_RATE;
use careline_audio::detect::{self, ToneWindow, tone_windows};
use serde::Serialize;

/// Windows of 200 ms with the other's pair that count as "heard": more than half a second.
pub const WINDOWS_HEARD_MIN: u32 = 3;

/// After this many windows with the expected pair nothing new can be learned: the ear rests.
const WINDOWS_ENOUGH: u32 = 40;

/// In a window of nothing but the pair each tone holds half of the energy; an edge of speech takes some of it.
const SHARE: (f64, f64) = (0.35, 0.65);

/// What was heard in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Heard {
    /// Windows that were not silent before a pair was expected: greeting and music.
    pub sound_windows: u32,
    /// Windows with the other's pair.
    pub pair_windows: u32,
    /// Windows with the pair of a call that is not ours: never allowed.
    pub foreign_windows: u32,
    /// Packets that arrived.
    pub packets: u64,
}

impl Heard {
    /// Whether the other was heard, and nobody else.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.pair_windows >= WINDOWS_HEARD_MIN && self.foreign_windows == 0
    }
}

/// Listens to one incoming stream.
#[derive(Debug, Clone, Default)]
pub struct Ear {
    samples: Vec<i16>,
    frequencies: Vec<f64>,
    heard: Heard,
}

impl Ear {
    /// From now on `own` should be heard and none of `foreign`.
    pub fn expect(&mut self, own: Pair, foreign: &[Pair]) {
        self.frequencies = own.frequencies().to_vec();
        self.frequencies.extend(foreign.iter().flat_map(|pair| pair.frequencies()));
        self.samples.clear();
    }

    /// Takes what one packet brought.
    pub fn hear(&mut self, samples: impl Iterator<Item = i16>) {
        const WINDOW: usize = (SAMPLE_RATE * detect::WINDOW_MS / 1000) as usize;
        self.heard.packets += 1;
        if self.heard.pair_windows >= WINDOWS_ENOUGH {
            return;
        }
        self.samples.extend(samples);
        if self.samples.len() >= WINDOW {
            for window in tone_windows(&self.samples, SAMPLE_RATE, &self.frequencies) {
                self.judge(&window);
            }
            let rest = self.samples.len() % WINDOW;
            self.samples.drain(..self.samples.len() - rest);
        }
    }

    /// What was heard so far.
    #[must_use]
    pub fn heard(&self) -> Heard {
        self.heard
    }

    fn judge(&mut self, window: &ToneWindow) {
        if window.is_silent() {
            return;
        }
        if self.frequencies.is_empty() {
            self.heard.sound_windows += 1;
            return;
        }
        let mut pairs = window.shares.chunks_exact(2).map(is_pair);
        if pairs.next() == Some(true) {
            self.heard.pair_windows += 1;
        } else if pairs.any(|heard| heard) {
            self.heard.foreign_windows += 1;
        }
    }
}

/// Whether these are the shares of a pair that is the only thing to be heard.
pub(crate) fn is_pair(shares: &[f64]) -> bool {
    shares.iter().all(|share| (SHARE.0..=SHARE.1).contains(share))
}
