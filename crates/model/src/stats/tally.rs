//! Counts and totals: the two smallest accumulated values.

use super::histogram::{DURATION_MS_MAX, Histogram};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often each of a few words came. Words that never came take no room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tally<K: Ord>(BTreeMap<K, u32>);

impl<K: Ord> Default for Tally<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Copy> Tally<K> {
    /// Counts one more.
    pub fn count(&mut self, word: K) {
        let count = self.0.entry(word).or_default();
        *count = count.saturating_add(1);
    }

    /// How often it came.
    #[must_use]
    pub fn of(&self, word: K) -> u32 {
        self.0.get(&word).copied().unwrap_or(0)
    }

    /// How often any came.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.0.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// How often those came that `chosen` says yes to.
    #[must_use]
    pub fn total_of(&self, chosen: impl Fn(K) -> bool) -> u32 {
        let counts = self.0.iter().filter(|(word, _)| chosen(**word));
        counts.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Those that came, in the order of the words.
    pub fn iter(&self) -> impl Iterator<Item = (K, u32)> {
        self.0.iter().map(|(word, count)| (*word, *count))
    }

    /// Adds what another one has counted.
    pub fn add(&mut self, other: &Self) {
        for (word, more) in &other.0 {
            let count = self.0.entry(*word).or_default();
            *count = count.saturating_add(*more);
        }
    }
}

/// Durations: how many, their sum, the longest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// How many.
    pub count: u32,
    /// Their sum, milliseconds.
    pub sum_ms: u64,
    /// The longest, milliseconds; 0 when there is none.
    pub max_ms: u64,
}

impl Total {
    /// Counts one more of so many milliseconds, at most [`DURATION_MS_MAX`].
    pub fn record(&mut self, ms: u64) {
        let ms = ms.min(DURATION_MS_MAX);
        self.add(&Self { count: 1, sum_ms: ms, max_ms: ms });
    }

    /// Adds what another one has counted.
    pub fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum_ms = self.sum_ms.saturating_add(other.sum_ms);
        self.max_ms = self.max_ms.max(other.max_ms);
    }
}

/// Durations and how they are spread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    /// How many, sum and longest.
    pub total: Total,
    /// By classes.
    pub histogram: Histogram,
}

impl Spread {
    /// Counts one more of so many milliseconds, at most [`DURATION_MS_MAX`].
    pub fn record(&mut self, ms: u64) {
        self.total.record(ms);
        self.histogram.record(ms);
    }

    /// Adds what another one has counted.
    pub fn add(&mut self, other: &Self) {
        self.total.add(&other.total);
        self.histogram.add(&other.histogram);
    }

    /// What `percent` of all do not exceed, milliseconds, right to [`super::histogram::RELATIVE_ERROR`] and never above
    /// the longest. Nothing when nothing was counted.
    #[must_use]
    pub fn percentile_ms(&self, percent: u8) -> Option<u64> {
        self.histogram.percentile_ms(percent).map(|ms| ms.min(self.total.max_ms))
    }
}
