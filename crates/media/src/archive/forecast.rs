//! How many days the recordings' disk will last.

use std::path::Path;

use super::day::{day_of, days};
use crate::recorder::manifest::{self, What};
use crate::recorder::store::Store;

/// What is known of the recordings' disk.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct DiskReport {
    /// When this was found out, microseconds UTC; 0: not yet.
    pub at_us: i64,
    /// Free bytes.
    pub free_bytes: u64,
    /// Recorded on the seven days before today.
    pub recorded_7_days_bytes: u64,
    /// Freed on these days: archived and deleted.
    pub freed_7_days_bytes: u64,
    /// Until recording stops, when it goes on like this; `None`: not in sight.
    pub days_left: Option<u32>,
    /// Recordings that were to be archived and could not be, each for a reason of its own.
    pub failed: u64,
    /// The archive is away or full.
    pub archive_away: bool,
}

/// What was recorded on the seven days before today, and on how many of them anything was.
pub(super) fn recorded_in_7_days(store: &Store, recordings: &Path, now_us: i64) -> (u64, u32) {
    let today = day_of(now_us);
    let (mut bytes, mut oldest) = (0_u64, today);
    for day in days(recordings).into_iter().filter(|day| (today - 7..today).contains(&day.number)) {
        let lines = manifest::read(store, &day.folder).unwrap_or_default();
        let recorded: u64 = lines
            .iter()
            .filter(|line| matches!(line.what, What::Finished | What::Repaired))
            .map(|line| line.bytes)
            .sum();
        if recorded > 0 {
            oldest = oldest.min(day.number);
            bytes = bytes.saturating_add(recorded);
        }
    }
    (bytes, u32::try_from(today - oldest).unwrap_or(0))
}

/// Days until `free` is down to `least`, when so much is added and freed in `days`.
pub(super) fn days_left(free: u64, least: u64, recorded: u64, freed: u64, days: u32) -> Option<u32> {
    let grown = recorded.saturating_sub(freed);
    if grown == 0 || days == 0 {
        return None;
    }
    let left = u128::from(free.saturating_sub(least)) * u128::from(days) / u128::from(grown);
    Some(u32::try_from(left).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_lasts_as_long_as_its_growth_says() {
        assert_eq!(days_left(100, 30, 70, 0, 7), Some(7));
        assert_eq!(days_left(100, 30, 70, 35, 7), Some(14));
        assert_eq!(days_left(100, 30, 70, 70, 7), None, "as much goes as comes");
        assert_eq!(days_left(20, 30, 70, 0, 7), Some(0));
        assert_eq!(days_left(100, 0, 0, 0, 0), None, "nothing was recorded yet");
        assert_eq!(days_left(u64::MAX, 0, 1, 0, 7), Some(u32::MAX));
    }
}
