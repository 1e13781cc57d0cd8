//! Keys as tones in the sound (ITU-T Q.23 and Q.24): a generator, a detector that speech does not fool, and a mask that
//! takes them out of recordings.
//!
//! What it is not: keys as RTP events are in `careline-rtp`. All of it is 8 kHz but the generator; a wideband leg goes
//! through [`crate::resample::Down2`] first.

mod analyser;
mod detector;
mod mask;

use crate::tone::Tone;

pub use analyser::{HOP, WINDOW};
pub use detector::{Detector, DtmfEvent};
pub use mask::{DigitMask, MASK_DELAY};

/// The lower tones, Hz: rows of the keypad.
pub const ROWS: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
/// The upper tones, Hz: columns of the keypad.
pub const COLUMNS: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

const KEYS: [[char; 4]; 4] =
    [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// Both frequencies of a key (`0`-`9`, `*`, `#`, `A`-`D`, small letters too), Hz.
#[must_use]
pub fn frequencies(key: char) -> Option<(f64, f64)> {
    let key = key.to_ascii_uppercase();
    KEYS.iter().zip(ROWS).find_map(|(keys, row)| {
        let column = keys.iter().position(|&other| other == key)?;
        Some((row, COLUMNS[column]))
    })
}

/// The tone of a key at `rate` samples per second; each of its two sines has `level_dbfs` (RMS). Senders use -10 or so;
/// above -9 the sum clips.
#[must_use]
pub fn tone(key: char, rate: u32, level_dbfs: f64) -> Option<Tone> {
    frequencies(key).map(|(row, column)| Tone::new(rate, &[(row, level_dbfs), (column, level_dbfs)]))
}
