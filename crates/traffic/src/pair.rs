//! Tone pairs: the name that a voice says in every second of its call.

use serde::{Deserialize, Serialize};

/// Distance of two frequencies in the grid, Hz: what Hann windows of 200 ms tell apart, and a divisor of the frame
/// rate, so that 50 ms of any pair repeat exactly.
const GRID_HZ: u16 = 20;
const LOW_HZ: (u16, u16) = (400, 1000);
const HIGH_HZ: (u16, u16) = (1100, 2500);

/// RMS level of each tone of a pair, dBFS.
pub const TONE_DBFS: f64 = -19.0;

/// Two frequencies in Hz, the lower first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Pair(pub u16, pub u16);

impl Pair {
    /// Both frequencies.
    #[must_use]
    pub fn frequencies(self) -> [f64; 2] {
        [f64::from(self.0), f64::from(self.1)]
    }

    /// Every pair that may be used: no harmonics of each other, nothing like a key of the telephone.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let low = (LOW_HZ.0..=LOW_HZ.1).step_by(usize::from(GRID_HZ));
        low.flat_map(|low| {
            (HIGH_HZ.0..=HIGH_HZ.1).step_by(usize::from(GRID_HZ)).map(move |high| Self(low, high))
        })
        .filter(|pair| !pair.harmonic() && !pair.like_a_key())
        .collect()
    }

    fn harmonic(self) -> bool {
        let rest = self.1 % self.0;
        rest.min(self.0 - rest) < 2 * GRID_HZ
    }

    /// Within 2 % of a key's two tones (ITU-T Q.23).
    fn like_a_key(self) -> bool {
        const ROWS: [u16; 4] = [697, 770, 852, 941];
        const COLUMNS: [u16; 4] = [1209, 1336, 1477, 1633];
        let near = |tone: u16, of: &[u16]| of.iter().any(|key| tone.abs_diff(*key) * 50 <= *key);
        near(self.0, &ROWS) && near(self.1, &COLUMNS)
    }
}
