//! Recordings whose time is over. First the line in the manifest, then the files: what is gone can always be explained.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::cache::Cache;
use super::day::{DAY_US, Facts, day_of, days, facts, files};
use super::holds::{Holds, path_of};
use super::step::entry;
use crate::recorder::manifest::{self, What};
use crate::recorder::sidecar;
use crate::recorder::store::Store;

/// What a pass has done.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Deleted {
    pub(super) recordings: u64,
    /// Over its time, but held.
    pub(super) held: u64,
    /// Over its time, but in an archive that is away.
    pub(super) waiting: u64,
    /// On the recordings' own disk.
    pub(super) bytes: u64,
}

/// Where and what.
pub(super) struct Retention<'a> {
    pub(super) store: &'a Store,
    pub(super) holds: &'a Holds,
    pub(super) recordings: &'a Path,
    /// `None`: away, or there is none. What lies there is kept then.
    pub(super) archive: Option<&'a Path>,
    pub(super) cache: &'a Cache,
    pub(super) keep: Duration,
}

/// What became of one recording.
enum Fate {
    /// So many bytes became free on the recordings' own disk.
    Gone(u64),
    Held,
    Waiting,
}

impl Retention<'_> {
    /// Deletes what is over its time and not held. `go_on` is asked before each recording.
    pub(super) fn pass(&self, now_us: i64, go_on: &dyn Fn() -> bool) -> Deleted {
        let keep_us = i64::try_from(self.keep.as_micros()).unwrap_or(i64::MAX);
        let before_us = now_us.saturating_sub(keep_us);
        let mut deleted = Deleted::default();
        // A folder is named in the hospital's zone, and a recording may end a day later.
        for day in days(self.recordings).into_iter().filter(|day| day.number <= day_of(before_us) + 1) {
            for path in files(&day.folder, "json") {
                if !go_on() {
                    return deleted;
                }
                let Ok(Some(known)) = facts(self.store, &path) else { continue };
                // Whatever is not closed, or says nothing of its time, is kept.
                if !known.is_closed() || known.ended_us() > before_us {
                    continue;
                }
                match self.delete(&known, now_us) {
                    Ok(Fate::Gone(bytes)) => {
                        deleted.recordings += 1;
                        deleted.bytes += bytes;
                    }
                    Ok(Fate::Held) => deleted.held += 1,
                    Ok(Fate::Waiting) => deleted.waiting += 1,
                    Err(error) => {
                        tracing::error!(recording.id = known.id, %error, "a recording could not be deleted");
                    }
                }
            }
        }
        deleted
    }

    fn delete(&self, known: &Facts, now_us: i64) -> io::Result<Fate> {
        let _lock = self.holds.lock();
        if self.holds.is_held(&known.wav, now_us) {
            return Ok(Fate::Held);
        }
        let archived = match (known.archived(), self.archive) {
            (None, _) => None,
            (Some(_), None) => return Ok(Fate::Waiting),
            (Some(name), Some(archive)) => Some(archive.join(name)),
        };
        let folder = known.wav.parent().unwrap_or(Path::new("."));
        let lines = manifest::read(self.store, folder)?;
        let last = lines.iter().rev().find(|line| line.recording == known.id);
        // Cut off after the line: the files are still to go.
        if last.is_none_or(|line| line.what != What::Deleted) {
            let line = entry(known, What::Deleted, now_us, Some("retention"));
            manifest::append(self.store, &known.wav, &line)?;
        }
        let bytes = std::fs::metadata(&known.wav).map_or(0, |metadata| metadata.len());
        if let Some(file) = archived {
            self.store.remove(&file)?;
            self.store.remove(&file.with_extension("json"))?;
        }
        self.store.remove(&known.wav)?;
        self.cache.forget(&known.id)?;
        self.store.remove(&path_of(&known.wav))?;
        // The side-car last: as long as it is there, the next pass goes on here.
        self.store.remove(&sidecar::path_of(&known.wav))?;
        let age_days = (now_us - known.ended_us()) / DAY_US;
        tracing::info!(recording.id = known.id, age_days, "recording deleted: its time is over");
        Ok(Fate::Gone(bytes))
    }
}
