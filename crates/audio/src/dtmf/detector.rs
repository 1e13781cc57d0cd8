//! From windows to keys: a pair of tones that stays and is in tune.
//!
//! How often speech presses a key: never in 7.8 hours of our prompts at sixteen speeds, and once in 38 hours at eighty.
//! Music can, when two of its notes happen to be such a pair.

use super::KEYS;
use super::analyser::{Analyser, HOP, Pair, WINDOW};

/// Windows in a row that make a key: 32 ms of sound. A tone of 40 ms always fills three, one of 20 ms never does.
const WINDOWS_MIN: u32 = 3;
/// One more is waited for when less than this share of the power was in the tones: a voice comes near for so long, and
/// for a key in so much noise Q.24 asks nothing.
const SHARE_SURE: f32 = 0.88;
/// Windows in a row without the pair that end a key: a pause of 40 ms always has that many, a drop-out of 10 ms never.
const MISSES_MAX: u32 = 4;
/// Most that a tone may be off its frequency: 1.5 % must be taken and 3.5 % refused (Q.24).
const DEVIATION_MAX: f32 = 0.025;
/// Share of the power that both tones must have, once their frequency is known.
const SHARE_MIN: f32 = 0.8;

/// A key in the sound. Positions count samples from the detector's beginning; they are good to about 8 ms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DtmfEvent {
    /// A key is being pressed: known 32 to 48 ms after its tone began.
    Began {
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        key: char,
        /// Where its tone began.
        start: u64,
    },
    /// It ended: known 32 to 48 ms later.
    Ended {
        /// The same key.
        key: char,
        /// Where its tone began.
        start: u64,
        /// How long the tone was, samples.
        samples: u64,
    },
}

/// A row of windows with the same pair of tones.
#[derive(Clone, Copy, Debug)]
struct Run {
    pair: Pair,
    /// Smallest share of the power that the tones had so far.
    share: f32,
    windows: u32,
    /// End of the first window.
    first: u64,
}

impl Run {
    /// The run with one more window, if that goes on with it: the same pair, in tune, and little beside it.
    fn longer(&self, pair: Pair) -> Option<Self> {
        if !self.pair.is_same_as(&pair) {
            return None;
        }
        let deviation = pair.deviation(&self.pair);
        let in_tune = deviation.0.abs() <= DEVIATION_MAX && deviation.1.abs() <= DEVIATION_MAX;
        let share = self.share.min(pair.share_at(deviation));
        let windows = self.windows.saturating_add(1);
        (in_tune && share >= SHARE_MIN).then_some(Self { pair, share, windows, first: self.first })
    }

    const fn is_key(&self) -> bool {
        self.windows > WINDOWS_MIN || (self.windows == WINDOWS_MIN && self.share >= SHARE_SURE)
    }
}

/// The key that is being pressed.
#[derive(Clone, Copy, Debug)]
struct Pressed {
    key: char,
    start: u64,
    /// End of the last window with it.
    last: u64,
    misses: u32,
}

/// Finds keys in one stream of 8 kHz.
#[derive(Clone, Debug)]
pub struct Detector {
    analyser: Analyser,
    /// Samples taken in.
    position: u64,
    run: Option<Run>,
    pressed: Option<Pressed>,
}

impl Default for Detector {
    fn default() -> Self {
        Self::new()
    }
}

impl Detector {
    /// Heard nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { analyser: Analyser::new(), position: 0, run: None, pressed: None }
    }

    /// Takes in samples, any number, and appends what they tell. A gap in the stream must be filled (with silence or
    /// concealment) for positions to stay right.
    pub fn process(&mut self, samples: &[i16], events: &mut Vec<DtmfEvent>) {
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.analyser.missing()));
            self.position += now.len() as u64;
            if let Some(pair) = self.analyser.push(now) {
                self.window(pair, events);
            }
            rest = later;
        }
    }

    /// The stream is over: a key that is still pressed ends.
    pub fn finish(&mut self, events: &mut Vec<DtmfEvent>) {
        self.run = None;
        events.extend(self.pressed.take().map(ended));
    }

    fn window(&mut self, pair: Option<Pair>, events: &mut Vec<DtmfEvent>) {
        self.run = pair.map(|pair| {
            let longer = self.run.and_then(|run| run.longer(pair));
            longer.unwrap_or(Run { pair, share: 1.0, windows: 1, first: self.position })
        });
        let heard = self.run.map(|run| (KEYS[run.pair.row][run.pair.column], run));
        if let Some(pressed) = &mut self.pressed {
            if heard.is_some_and(|(key, _)| key == pressed.key) {
                pressed.last = self.position;
                pressed.misses = 0;
                return;
            }
            pressed.misses += 1;
            if pressed.misses >= MISSES_MAX {
                events.extend(self.pressed.take().map(ended));
            }
        }
        let Some((key, run)) = heard.filter(|(_, run)| run.is_key()) else {
            return;
        };
        events.extend(self.pressed.take().map(ended));
        // The first window was full, or as good as.
        let start = run.first.saturating_sub((WINDOW - HOP / 4) as u64);
        self.pressed = Some(Pressed { key, start, last: self.position, misses: 0 });
        events.push(DtmfEvent::Began { key, start });
    }
}

fn ended(pressed: Pressed) -> DtmfEvent {
    let end = pressed.last.saturating_sub((HOP / 4) as u64);
    DtmfEvent::Ended { key: pressed.key, start: pressed.start, samples: end.saturating_sub(pressed.start) }
}
