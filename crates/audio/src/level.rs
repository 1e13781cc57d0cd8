//! Levels in dBFS: 0 dBFS is a full-scale square wave; a full-scale sine is -3.01.

/// What `level_dbfs` gives for digital silence, so that comparisons stay comparisons of numbers.
pub const LEVEL_MIN_DBFS: f64 = -120.0;

/// Root mean square level of samples, `10 log10(mean(x^2) / 32768^2)`; [`LEVEL_MIN_DBFS`] when empty or silent.
#[must_use]
pub fn level_dbfs(samples: &[i16]) -> f64 {
    from_mean_square(mean_square(samples))
}

pub(crate) fn mean_square(samples: &[i16]) -> f64 {
    if samples.is_empty() {
        return 0.0;
    }
    let energy: f64 = samples.iter().map(|&sample| f64::from(sample) * f64::from(sample)).sum();
    energy / samples.len() as f64
}

pub(crate) fn from_mean_square(mean_square: f64) -> f64 {
    (10.0 * (mean_square / (32768.0 * 32768.0)).log10()).max(LEVEL_MIN_DBFS)
}
