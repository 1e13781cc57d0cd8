//! Measuring instruments for tests of paths: how much of a signal is what it should be.
//!
//! What they are not: made for the path of a call. They take whole signals, allocate, and use `f64`.

use crate::level::{LEVEL_MIN_DBFS, from_mean_square, mean_square};

/// What comparisons give for a perfect result, so that they stay comparisons of numbers.
pub const SNR_MAX_DB: f64 = 120.0;
/// Segments of the reference below this level do not count in [`segmental_snr_db`].
pub const SEGMENT_LEVEL_MIN_DBFS: f64 = -50.0;
/// What one segment counts at least, dB: one lost segment shall not outweigh all others.
pub const SEGMENT_MIN_DB: f64 = -10.0;
/// What one segment counts at most, dB: nobody hears more.
pub const SEGMENT_MAX_DB: f64 = 35.0;

/// Ratio of the power of one tone to all else (a constant part is neither), dB, at most [`SNR_MAX_DB`]; the tone's
/// frequency must be exact: an error of `1 / (10 * duration)` already limits the figure to about 15 dB. Minus
/// [`SNR_MAX_DB`] without a tone.
///
/// The tone is fitted by least squares, so the length need not be a whole number of periods; give 100 ms or more.
#[must_use]
pub fn tone_snr_db(samples: &[i16], rate: u32, frequency: f64) -> f64 {
    if samples.is_empty() {
        return -SNR_MAX_DB;
    }
    let count = samples.len() as f64;
    let step = core::f64::consts::TAU * frequency / f64::from(rate);
    let (mut c, mut s, mut x) = (0.0, 0.0, 0.0);
    let (mut cc, mut ss, mut cs, mut xc, mut xs, mut xx) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (index, &sample) in samples.iter().enumerate() {
        let (sin, cos) = (step * index as f64).sin_cos();
        let value = f64::from(sample);
        c += cos;
        s += sin;
        x += value;
        cc += cos * cos;
        ss += sin * sin;
        cs += cos * sin;
        xc += value * cos;
        xs += value * sin;
        xx += value * value;
    }
    // Without the constant part of each: the fit has three parameters.
    cc -= c * c / count;
    ss -= s * s / count;
    cs -= c * s / count;
    xc -= x * c / count;
    xs -= x * s / count;
    xx -= x * x / count;
    let determinant = cc * ss - cs * cs;
    if determinant.abs() < 1e-9 {
        return -SNR_MAX_DB;
    }
    let (a, b) = ((xc * ss - xs * cs) / determinant, (xs * cc - xc * cs) / determinant);
    let tone = a * xc + b * xs;
    ratio_db(tone, xx - tone)
}

/// Ratio of the reference's power to that of the difference, dB, over the shorter of both; at most [`SNR_MAX_DB`].
#[must_use]
pub fn snr_db(reference: &[i16], heard: &[i16]) -> f64 {
    let (mut signal, mut noise) = (0.0, 0.0);
    for (&reference, &heard) in reference.iter().zip(heard) {
        let difference = f64::from(reference) - f64::from(heard);
        signal += f64::from(reference) * f64::from(reference);
        noise += difference * difference;
    }
    ratio_db(signal, noise)
}

/// Mean of [`snr_db`] over segments of `segment` samples (20 ms is usual), each limited to [`SEGMENT_MIN_DB`] and
/// [`SEGMENT_MAX_DB`], without those where the reference is silent. Nearer to what people hear than one ratio for all.
/// `None` when nothing was loud enough.
#[must_use]
pub fn segmental_snr_db(reference: &[i16], heard: &[i16], segment: usize) -> Option<f64> {
    let segment = segment.max(1);
    let ratios: Vec<f64> = reference
        .chunks_exact(segment)
        .zip(heard.chunks_exact(segment))
        .filter(|(reference, _)| from_mean_square(mean_square(reference)) >= SEGMENT_LEVEL_MIN_DBFS)
        .map(|(reference, heard)| snr_db(reference, heard).clamp(SEGMENT_MIN_DB, SEGMENT_MAX_DB))
        .collect();
    (!ratios.is_empty()).then(|| ratios.iter().sum::<f64>() / ratios.len() as f64)
}

/// Where two signals agree best, and how well.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Agreement {
    /// `heard[i + lag]` is `reference[i]`: positive when what was heard is late.
    pub lag: isize,
    /// Normalised cross-correlation there, -1 to 1; 1 is the same signal at whatever volume. 0 when one is silent.
    pub correlation: f64,
}

/// The lag within `-lag_max..=lag_max` samples with the highest correlation; of equals the one nearest to 0. Costs
/// `lag_max * length` multiplications.
#[must_use]
pub fn best_agreement(reference: &[i16], heard: &[i16], lag_max: usize) -> Agreement {
    let bound = isize::try_from(lag_max).unwrap_or(isize::MAX);
    let at = |lag: isize| Agreement { lag, correlation: correlation_at(reference, heard, lag) };
    (1..=bound)
        .flat_map(|lag| [lag, -lag])
        .map(at)
        .fold(at(0), |best, other| if other.correlation > best.correlation { other } else { best })
}

/// Normalised cross-correlation of `reference[i]` with `heard[i + lag]`, over all that overlaps.
#[must_use]
pub fn correlation_at(reference: &[i16], heard: &[i16], lag: isize) -> f64 {
    let skip = lag.unsigned_abs();
    let (reference, heard) = if lag < 0 {
        (reference.get(skip..).unwrap_or_default(), heard)
    } else {
        (reference, heard.get(skip..).unwrap_or_default())
    };
    let (mut product, mut of_reference, mut of_heard) = (0.0, 0.0, 0.0);
    for (&reference, &heard) in reference.iter().zip(heard) {
        let (reference, heard) = (f64::from(reference), f64::from(heard));
        product += reference * heard;
        of_reference += reference * reference;
        of_heard += heard * heard;
    }
    let scale = (of_reference * of_heard).sqrt();
    if scale > 0.0 { product / scale } else { 0.0 }
}

/// Longest run of samples, none of which is louder than `level_dbfs` (taken as the amplitude of a square wave); in
/// samples. A voice that passes zero makes runs of a few samples only.
#[must_use]
pub fn longest_gap(samples: &[i16], level_dbfs: f64) -> usize {
    let threshold = 32_768.0 * 10_f64.powf(level_dbfs.max(LEVEL_MIN_DBFS) / 20.0);
    let (mut longest, mut run) = (0, 0);
    for &sample in samples {
        run = if f64::from(sample).abs() <= threshold { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Largest second difference (`x[i-1] - 2 x[i] + x[i+1]`) relative to the RMS level; 0 for silence.
///
/// How to read it: a pure tone has `1.41 * 4 sin^2(pi f / rate)` (440 Hz at 8 kHz: 0.17; 1 kHz: 0.83), speech at 8 kHz
/// usually 2 to 8, a step of the tone's own amplitude (a click) adds 1.4 or more. So compare with the same signal
/// without the cut.
#[must_use]
pub fn click(samples: &[i16]) -> f64 {
    let rms = mean_square(samples).sqrt();
    let largest = samples
        .windows(3)
        .map(|three| (i32::from(three[0]) - 2 * i32::from(three[1]) + i32::from(three[2])).abs())
        .max()
        .unwrap_or(0);
    if rms > 0.0 { f64::from(largest) / rms } else { 0.0 }
}

fn ratio_db(signal: f64, noise: f64) -> f64 {
    if signal <= 0.0 {
        return -SNR_MAX_DB;
    }
    if noise <= 0.0 {
        return SNR_MAX_DB;
    }
    (10.0 * (signal / noise).log10()).clamp(-SNR_MAX_DB, SNR_MAX_DB)
}
