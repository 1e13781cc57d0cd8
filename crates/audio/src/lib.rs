//! Audio on samples, as pure functions and values: codecs, concealment, comfort noise, mixing, resampling, tones and
//! their detection, levels, measuring, WAV through hound.
//!
//! What it is not: it knows no packets, no clock, no threads and opens no files (readers and writers come in).
//! Everything is 8 kHz unless a rate is a parameter.

pub mod busy;
pub mod codec;
pub mod comfort;
pub mod detect;
pub mod dtmf;
pub mod g711;
pub mod g722;
pub mod level;
pub mod measure;
pub mod mix;
pub mod plc;
pub mod resample;
pub mod tone;
pub mod wav;

/// Samples per second of everything on the telephone side.
pub const SAMPLE_RATE: u32 = 8000;
/// Samples (and G.711 bytes) of one 20 ms frame.
pub const FRAME_SAMPLES: usize = 160;
