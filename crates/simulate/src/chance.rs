//! Draws from seeded generators. Each thing that is drawn for has a generator of its own, so that leaving one out of a
//! story does not shift the draws of the others.

use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::time::Duration;

/// A source of draws.
#[derive(Debug, Clone)]
pub(crate) struct Chance(ChaCha20Rng);

impl Chance {
    /// From a seed and the number of what is drawn for.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        rng.set_stream(stream);
        Self(rng)
    }

    /// At least 0, below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        const BITS: u32 = 53; // what a double holds exactly
        (self.0.next_u64() >> (64 - BITS)) as f64 / (1_u64 << BITS) as f64
    }

    /// True with this probability.
    pub(crate) fn is(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// A whole number below `limit`; 0 when there is none.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        ((self.unit() * limit as f64) as usize).min(limit.saturating_sub(1))
    }

    /// Evenly between two durations.
    pub(crate) fn between(&mut self, least: Duration, most: Duration) -> Duration {
        least + most.saturating_sub(least).mul_f64(self.unit())
    }

    /// Exponentially distributed with this mean, as the gaps of a Poisson process are.
    pub(crate) fn exponential(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(-(1.0 - self.unit()).ln())
    }

    /// Log-normally distributed with this mean and coefficient of variation, as talk times are.
    pub(crate) fn log_normal(&mut self, mean: Duration, variation: f64) -> Duration {
        let spread = (1.0 + variation * variation).ln();
        let centre = mean.as_secs_f64().max(1e-6).ln() - spread / 2.0;
        // Box and Muller.
        let (one, other) = (1.0 - self.unit(), self.unit());
        let normal = (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos();
        Duration::from_secs_f64((centre + spread.sqrt() * normal).exp().min(1e9))
    }

    /// One of several, each as often as its weight says.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[(f64, T)]) -> Option<T> {
        let sum: f64 = from.iter().map(|(weight, _)| weight).sum();
        let mut left = self.unit() * sum;
        for (weight, one) in from {
            left -= weight;
            if left < 0.0 {
                return Some(*one);
            }
        }
        from.last().map(|(_, one)| *one)
    }

    /// The generator itself, for a part that wants one of its own.
    pub(crate) fn into_rng(self) -> ChaCha20Rng {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Chance;
    use std::time::Duration;

    #[test]
    fn durations_have_the_mean_that_was_asked_for() {
        let mut chance = Chance::new(1, 0);
        let mean = |mut draw: Box<dyn FnMut(&mut Chance) -> Duration>, chance: &mut Chance| {
            (0..20_000).map(|_| draw(chance).as_secs_f64()).sum::<f64>() / 20_000.0
        };
        let exponential = mean(Box::new(|c| c.exponential(Duration::from_secs(100))), &mut chance);
        let log_normal = mean(Box::new(|c| c.log_normal(Duration::from_secs(100), 0.8)), &mut chance);
        assert!((exponential - 100.0).abs() < 3.0, "{exponential}");
        assert!((log_normal - 100.0).abs() < 3.0, "{log_normal}");
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::new(2, 0);
        let often = (0..10_000).filter(|_| chance.pick(&[(3.0, true), (1.0, false)]) == Some(true)).count();
        assert!((7_200..7_800).contains(&often), "{often}");
        assert_eq!(chance.below(0), 0);
    }
}
