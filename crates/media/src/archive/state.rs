//! What the archive's thread knows over restarts: `<root>/.archive.json`. When its clock was looked at last, and how many
//! bytes it has freed on each day.
//!
//! A clock that is wrong must not delete anything. It is not trusted when it is before 2024, and for a day after it
//! went more than a day ahead, or back, since it was looked at last (or when nobody knows when that was).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::day::{DAY_US, day_of};
use crate::recorder::store::Store;

/// 2024-01-01 UTC.
const NOT_BEFORE_US: i64 = 1_704_067_200_000_000;
/// A step back that is not worth a word: a clock that is set right.
const BACK_US: i64 = 3_600_000_000;
/// Days of which it is known how much was freed.
const DAYS: usize = 8;
/// A bigger file is none.
const BYTES_MAX: u64 = 1 << 20;

/// Why nothing is deleted at present.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Distrust {
    Before2024,
    Jumped,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    /// Microseconds UTC.
    looked_at_us: Option<i64>,
    distrusted_until_us: Option<i64>,
    /// By day since 1970.
    freed_bytes: BTreeMap<i64, u64>,
}

/// The state.
pub(super) struct State {
    store: Store,
    file: PathBuf,
    kept: Kept,
}

impl State {
    pub(super) fn load(store: &Store, root: &Path) -> Self {
        let file = root.join(".archive.json");
        let bytes = store.read_whole(&file, BYTES_MAX).unwrap_or_default();
        let kept = serde_json::from_slice(&bytes).unwrap_or_default();
        Self { store: store.clone(), file, kept }
    }

    /// Looks at the clock, which should be done every hour or oftener. An error: delete nothing.
    pub(super) fn look_at(&mut self, now_us: i64) -> Result<(), Distrust> {
        if now_us < NOT_BEFORE_US {
            return Err(Distrust::Before2024);
        }
        let jumped = self
            .kept
            .looked_at_us
            .is_none_or(|before| now_us > before.saturating_add(DAY_US) || now_us < before - BACK_US);
        self.kept.looked_at_us = Some(now_us);
        if jumped {
            self.kept.distrusted_until_us = Some(now_us.saturating_add(DAY_US));
        }
        let trusted = self.kept.distrusted_until_us.is_none_or(|until| now_us >= until);
        if trusted {
            self.kept.distrusted_until_us = None;
        }
        self.save();
        if trusted { Ok(()) } else { Err(Distrust::Jumped) }
    }

    /// So much was freed.
    pub(super) fn freed(&mut self, bytes: u64, now_us: i64) {
        let today = self.kept.freed_bytes.entry(day_of(now_us)).or_default();
        *today = today.saturating_add(bytes);
        while self.kept.freed_bytes.len() > DAYS {
            self.kept.freed_bytes.pop_first();
        }
        self.save();
    }

    /// What was freed on the seven days before today.
    pub(super) fn freed_in_7_days(&self, now_us: i64) -> u64 {
        let today = day_of(now_us);
        self.kept.freed_bytes.range(today - 7..today).map(|(_, bytes)| bytes).sum()
    }

    fn save(&self) {
        let saved = serde_json::to_vec(&self.kept)
            .map_err(std::io::Error::from)
            .and_then(|text| self.store.replace(&self.file, &text, true));
        if let Err(error) = saved {
            tracing::warn!(path = %self.file.display(), %error, "the archive's state could not be saved");
        }
    }
}
