//! The folders `year/month/day` of a root, by age.

use std::path::{Path, PathBuf};

use crate::recorder::sidecar;
use crate::recorder::store::Store;
use serde_json::{Map, Value};

/// Microseconds of a day.
pub(super) const DAY_US: i64 = 86_400_000_000;

/// A day's folder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Day {
    /// Days since 1970-01-01.
    pub(super) number: i64,
    pub(super) folder: PathBuf,
}

/// All days of a root, the oldest first. What is no day is left out.
pub(super) fn days(root: &Path) -> Vec<Day> {
    let mut days = Vec::new();
    for (year, folder) in numbered(root, 4) {
        for (month, folder) in numbered(&folder, 2) {
            for (day, folder) in numbered(&folder, 2) {
                if (1..=12).contains(&month) && (1..=31).contains(&day) {
                    days.push(Day { number: number(year, month, day), folder });
                }
            }
        }
    }
    days.sort();
    days
}

/// The folders of all days of a root of recordings, the oldest first.
#[must_use]
pub fn day_folders(root: &Path) -> Vec<PathBuf> {
    days(root).into_iter().map(|day| day.folder).collect()
}

/// The day of a moment, UTC.
pub(super) fn day_of(wall_us: i64) -> i64 {
    wall_us.div_euclid(DAY_US)
}

fn numbered(folder: &Path, digits: usize) -> Vec<(i64, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let folders = entries.flatten().filter_map(|entry| {
        let name = entry.file_name();
        let name = name.to_str().filter(|name| name.len() == digits)?;
        let number = name.bytes().all(|byte| byte.is_ascii_digit()).then(|| name.parse().ok())??;
        Some((number, entry.path()))
    });
    folders.collect()
}

/// Days since 1970-01-01 of a date of the Gregorian calendar.
fn number(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March: the leap day is the last one.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A recording's side-car and what it says.
pub(super) struct Facts {
    pub(super) id: String,
    pub(super) wav: PathBuf,
    pub(super) fields: Map<String, Value>,
}

impl Facts {
    pub(super) fn text(&self, key: &str) -> &str {
        self.fields.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn number(&self, key: &str) -> u64 {
        self.fields.get(key).and_then(Value::as_u64).unwrap_or(0)
    }

    /// When it ended, microseconds UTC.
    pub(super) fn ended_us(&self) -> i64 {
        let started = self.fields.get("started_wall_us").and_then(Value::as_i64).unwrap_or(i64::MAX);
        started.saturating_add(i64::try_from(self.number("duration_ms")).unwrap_or(0).saturating_mul(1000))
    }

    /// Closed, so nobody else changes it any more.
    pub(super) fn is_closed(&self) -> bool {
        matches!(self.text("state"), "finished" | "repaired")
    }

    /// Hash of the original, with the algorithm's name in front.
    pub(super) fn hash(&self) -> String {
        let algorithm =
            if self.text("hash_algorithm").is_empty() { "sha256" } else { self.text("hash_algorithm") };
        format!("{algorithm}:{}", self.text("sha256"))
    }

    /// Path in the archive, when it is there.
    pub(super) fn archived(&self) -> Option<&str> {
        self.fields.get("archive")?.get("file")?.as_str()
    }
}

/// Reads the side-car at this path; `None` when it is none of a recording.
pub(super) fn facts(store: &Store, path: &Path) -> std::io::Result<Option<Facts>> {
    let Some(fields) = sidecar::read(store, path)? else { return Ok(None) };
    let id = fields.get("id").and_then(Value::as_str).map(str::to_owned);
    // Nothing but the file's own name is believed: paths are made of it.
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    let Some(id) = id.filter(|id| stem == Some(id)) else { return Ok(None) };
    Ok(Some(Facts { id, wav: path.with_extension("wav"), fields }))
}

/// All files of a folder with this extension, sorted.
pub(super) fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|other| other == extension))
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_found_in_order_and_counted_from_1970() {
        let root = tempfile::tempdir().unwrap();
        for folder in
            ["2026/03/01", "2026/02/28", "1970/01/01", "2024/02/29", "x/01/01", "2026/13/01", "2026/1/1"]
        {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        let numbers: Vec<i64> = days(root.path()).into_iter().map(|day| day.number).collect();
        assert_eq!(numbers, [0, 19_782, 20_512, 20_513]);
        assert_eq!(day_of(20_513 * DAY_US + 5), 20_513);
    }
}
