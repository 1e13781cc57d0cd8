//! How durations are spread, in bounded room: sixteen classes for each doubling, so that a quantile is right to one part
//! in thirty-two ([`RELATIVE_ERROR`]), whatever came.
//!
//! What it is not: no sample is kept, and nothing is rounded in sums or maxima; those are kept beside it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest duration that is counted as it is, milliseconds: one day. Longer ones are counted as this long.
pub const DURATION_MS_MAX: u64 = 86_400_000;
/// How far a quantile may be from the duration that stands at its place: half a class, relative to the duration. Below
/// 32 ms it is exact.
pub const RELATIVE_ERROR: f64 = 1.0 / 32.0;
/// Classes that there are at most: a histogram never holds more pairs than this.
pub const CLASSES_MAX: usize = 16 * 24;

/// Bits below the leading one that tell classes of one doubling apart.
const FINE_BITS: u32 = 4;
const FINE: u64 = 1 << FINE_BITS;

/// Durations by classes whose width grows with the duration (as HdrHistogram has them).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Histogram(BTreeMap<u16, u32>);

impl Histogram {
    /// Counts one duration in milliseconds.
    pub fn record(&mut self, ms: u64) {
        let count = self.0.entry(class_of(ms.min(DURATION_MS_MAX))).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds what another one has counted.
    pub fn add(&mut self, other: &Self) {
        for (class, more) in &other.0 {
            let count = self.0.entry(*class).or_default();
            *count = count.saturating_add(*more);
        }
    }

    /// How many durations were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.values().map(|count| u64::from(*count)).sum()
    }

    /// Nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The duration in milliseconds that `percent` (1 to 100) of all do not exceed: the middle of the class of the
    /// nearest rank. Nothing when nothing was counted.
    #[must_use]
    pub fn percentile_ms(&self, percent: u8) -> Option<u64> {
        let rank = (self.count() * u64::from(percent.clamp(1, 100))).div_ceil(100);
        let mut seen = 0;
        for (class, count) in &self.0 {
            seen += u64::from(*count);
            if seen >= rank {
                return Some(middle_of(*class));
            }
        }
        None
    }

    /// Classes from the shortest: their lower bound in milliseconds and how many durations fell into each.
    pub fn classes(&self) -> impl Iterator<Item = (u64, u32)> {
        self.0.iter().map(|(class, count)| (lower_bound(*class), *count))
    }
}

/// Up to 31 ms each millisecond is a class; above, the leading five bits are.
fn class_of(ms: u64) -> u16 {
    let class = match ms.checked_ilog2() {
        Some(exponent) if exponent >= FINE_BITS => {
            let shift = exponent - FINE_BITS;
            u64::from(shift) * FINE + (ms >> shift)
        }
        _ => ms,
    };
    u16::try_from(class).unwrap_or(u16::MAX)
}

/// How often the class's values are doubled, and its leading bits.
fn parts(class: u16) -> (u32, u64) {
    let class = u64::from(class);
    if class < 2 * FINE {
        return (0, class);
    }
    // What was read from a damaged file may hold any class; shifts stay within 64 bits.
    let shift = u32::try_from(class / FINE - 1).unwrap_or(0).min(u64::BITS - FINE_BITS - 2);
    (shift, class % FINE + FINE)
}

fn lower_bound(class: u16) -> u64 {
    let (shift, leading) = parts(class);
    leading << shift
}

fn middle_of(class: u16) -> u64 {
    let (shift, leading) = parts(class);
    (leading << shift) + ((1_u64 << shift) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_of_a_day_is_found_within_the_stated_error() {
        let mut ms = 0_u64;
        while ms <= DURATION_MS_MAX {
            let class = class_of(ms);
            let off = middle_of(class).abs_diff(ms);
            assert!(lower_bound(class) <= ms, "{ms}");
            assert!(off as f64 <= ms as f64 * RELATIVE_ERROR, "{ms} is told as {}", middle_of(class));
            ms += 1 + ms / 77;
        }
        assert!(usize::from(class_of(DURATION_MS_MAX)) < CLASSES_MAX);
        assert_eq!(class_of(15), 15);
        assert_eq!((class_of(31), class_of(32), class_of(33), class_of(34)), (31, 32, 32, 33));
    }

    #[test]
    fn what_is_too_long_is_the_longest() {
        let mut histogram = Histogram::default();
        histogram.record(u64::MAX);
        assert_eq!(histogram.count(), 1);
        let told = histogram.percentile_ms(50).unwrap();
        assert!(told.abs_diff(DURATION_MS_MAX) <= DURATION_MS_MAX / 32);
    }

    #[test]
    fn percentiles_are_those_of_the_nearest_rank() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.percentile_ms(50), None);
        for ms in 1..=10 {
            histogram.record(ms);
        }
        assert_eq!(histogram.percentile_ms(50), Some(5));
        assert_eq!(histogram.percentile_ms(90), Some(9));
        assert_eq!(histogram.percentile_ms(100), Some(10));
        assert_eq!(histogram.percentile_ms(0), Some(1), "no percentile is below the first");
    }

    #[test]
    fn a_damaged_class_is_no_panic() {
        let histogram: Histogram = serde_json::from_str("{\"65535\":1}").unwrap();
        assert!(histogram.percentile_ms(50).is_some());
        assert_eq!(histogram.classes().count(), 1);
    }
}
