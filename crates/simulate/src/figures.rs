//! Means of few measurements, and how far they may be from the truth.

/// Student's t for 95 % in the middle, by degrees of freedom from 1 on.
const STUDENT_95: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
    2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// A mean with two intervals of 95 %.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The mean of the measurements.
    pub mean: f64,
    /// The true mean is this much lower or higher at most.
    pub within: f64,
    /// A single further measurement is this much lower or higher at most.
    pub single_within: f64,
}

impl Estimate {
    /// Of independent measurements; nothing when there are fewer than two.
    #[must_use]
    pub fn of(measured: &[f64]) -> Option<Self> {
        let count = measured.len();
        let freedom = count.checked_sub(1).filter(|freedom| *freedom > 0)?;
        let mean = measured.iter().sum::<f64>() / count as f64;
        let squares: f64 = measured.iter().map(|one| (one - mean).powi(2)).sum();
        let deviation = (squares / freedom as f64).sqrt();
        let t = STUDENT_95.get(freedom - 1).copied().unwrap_or(1.96 + 2.4 / freedom as f64);
        let within = t * deviation / (count as f64).sqrt();
        let single_within = t * deviation * (1.0 + 1.0 / count as f64).sqrt();
        Some(Self { mean, within, single_within })
    }

    /// Of a row of measurements that depend on their neighbours: by the means of `batches` parts.
    #[must_use]
    pub fn of_batches(row: &[f64], batches: usize) -> Option<Self> {
        let size = row.len().checked_div(batches).filter(|size| *size > 0)?;
        let means: Vec<f64> =
            row.chunks_exact(size).map(|part| part.iter().sum::<f64>() / size as f64).collect();
        Self::of(&means)
    }

    /// Whether the truth may be this.
    #[must_use]
    pub fn agrees_with(&self, truth: f64) -> bool {
        (self.mean - truth).abs() <= self.within
    }

    /// Whether a single further measurement may be this.
    #[must_use]
    pub fn may_be(&self, measured: f64) -> bool {
        (self.mean - measured).abs() <= self.single_within
    }
}

#[cfg(test)]
mod tests {
    use super::Estimate;

    #[test]
    fn the_interval_of_a_mean_is_students() {
        let estimate = Estimate::of(&[1.0, 2.0, 3.0, 4.0]).expect("enough");
        assert!((estimate.mean - 2.5).abs() < 1e-12);
        assert!((estimate.within - 3.182 * 1.290_994 / 2.0).abs() < 1e-4, "{estimate:?}");
        assert!(estimate.single_within > estimate.within);
        assert!(estimate.agrees_with(3.0) && !estimate.agrees_with(5.0));
        assert_eq!(Estimate::of(&[1.0]), None);
    }

    #[test]
    fn batches_are_parts_of_the_row() {
        let row: Vec<f64> = (0..100).map(|one| f64::from(one % 10)).collect();
        let estimate = Estimate::of_batches(&row, 10).expect("enough");
        assert!((estimate.mean - 4.5).abs() < 1e-12 && estimate.within < 1e-9);
    }
}
