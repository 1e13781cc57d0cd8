//! Which tones are in a signal: Goertzel filters over Hann windows of 200 ms without overlap.
//!
//! How to read it: a tone is *present* with a share of at least [`SHARE_PRESENT_MIN`] and a level within 1.5 dB of
//! the expected one; *absent* with a share below [`SHARE_ABSENT_MAX`] or a level below [`SILENCE_DBFS`]; *mixed* with
//! both shares within 0.35 to 0.65. In between lies an edge: allow one such window per event. Keep frequencies at
//! least 20 Hz apart and no multiples of each other.

use core::f64::consts::TAU;

use crate::level::{from_mean_square, mean_square};

/// Length of a window, milliseconds.
pub const WINDOW_MS: u32 = 200;
/// Below this level a window is silence and no share is computed. (A-law silence has -72.2 dBFS.)
pub const SILENCE_DBFS: f64 = -60.0;
/// From this share on a tone is present.
pub const SHARE_PRESENT_MIN: f64 = 0.8;
/// Below this share a tone is absent.
pub const SHARE_ABSENT_MAX: f64 = 0.05;

/// What one window holds.
#[derive(Clone, PartialEq, Debug)]
pub struct ToneWindow {
    /// RMS level without the window's weight.
    pub level_dbfs: f64,
    /// Part of the energy that lies in each asked frequency, in the order asked; all zero when silent. Can exceed 1
    /// in a window that is only partly filled.
    pub shares: Vec<f64>,
}

impl ToneWindow {
    /// Is the tone with this index present at `level_dbfs`, give or take 1.5 dB?
    #[must_use]
    pub fn is_tone(&self, index: usize, level_dbfs: f64) -> bool {
        self.shares.get(index).is_some_and(|&share| share >= SHARE_PRESENT_MIN)
            && (self.level_dbfs - level_dbfs).abs() <= 1.5
    }

    /// Is nothing to be heard?
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.level_dbfs < SILENCE_DBFS
    }
}

/// Every full window of `samples` at `rate` samples per second, with the shares of `frequencies` (Hz).
#[must_use]
pub fn tone_windows(samples: &[i16], rate: u32, frequencies: &[f64]) -> Vec<ToneWindow> {
    let length = (rate * WINDOW_MS / 1000) as usize;
    if length == 0 {
        return Vec::new();
    }
    let hann: Vec<f64> =
        (0..length).map(|index| 0.5 - 0.5 * (TAU * index as f64 / length as f64).cos()).collect();
    samples.chunks_exact(length).map(|window| examine(window, rate, frequencies, &hann)).collect()
}

fn examine(window: &[i16], rate: u32, frequencies: &[f64], hann: &[f64]) -> ToneWindow {
    let mean_square = mean_square(window);
    let level_dbfs = from_mean_square(mean_square);
    if level_dbfs < SILENCE_DBFS {
        return ToneWindow { level_dbfs, shares: vec![0.0; frequencies.len()] };
    }
    let half = window.len() as f64 / 2.0;
    let shares = frequencies
        .iter()
        .map(|&frequency| {
            let power = goertzel(window, hann, TAU * frequency / f64::from(rate));
            2.0 * power / (half * half) / mean_square
        })
        .collect();
    ToneWindow { level_dbfs, shares }
}

/// Squared magnitude of the weighted window's Fourier transform at one angular frequency.
fn goertzel(window: &[i16], hann: &[f64], omega: f64) -> f64 {
    let coefficient = 2.0 * omega.cos();
    let (mut last, mut before) = (0.0, 0.0);
    for (&sample, weight) in window.iter().zip(hann) {
        let next = f64::from(sample) * weight + coefficient * last - before;
        before = last;
        last = next;
    }
    last * last + before * before - coefficient * last * before
}
