//! What becomes of recordings later: after some days they go to a second folder as Opus, after a year they are deleted,
//! unless somebody holds them; and how long the disk will last.
//!
//! ```text
//! WAV + side-car --(days)--> [ step ]: hash right? -> Opus -> read back, the same? -> side-car, manifest -> WAV removed
//!      |                                                            |
//!      +------------------(retention, no hold)--> [ retention ]: line in the manifest, then the files go
//!
//! readers --> [ library ]: a WAV as it was, decoded into a bounded cache when it is archived
//! ```
//! One thread of low priority does all of it, within configured hours (the archive) or every hour (retention), at a
//! share of one core. What it depends on may be away: the second folder is a NAS that may not be mounted or full; then
//! recordings stay where they are, that is told once, and tried again.
//!
//! What it is not: it never touches a recording that is open, and no call ever waits for it. The archive keeps a
//! recording as it sounds; the hash of the original stays in side-car and manifest.

mod cache;
mod day;
mod forecast;
mod holds;
mod library;
mod likeness;
mod opus_file;
mod retention;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod thread;

pub use day::day_folders;
pub use forecast::DiskReport;
pub use holds::{Hold, HoldError, HoldKind};
pub use library::{Library, LibraryError, Place};
pub use thread::Archive;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How recordings are kept.
#[derive(Clone, Debug)]
pub struct ArchiveConfig {
    /// The root of all recordings.
    pub recordings: PathBuf,
    /// The root of the archive, year/month/day below it; `None`: nothing is archived.
    pub directory: Option<PathBuf>,
    /// The archive's root must be the root of a mounted file system: when the NAS is away, the empty folder in its
    /// place is not filled.
    pub directory_is_mount: bool,
    /// Recordings are archived when they are so old.
    pub after: Duration,
    /// When archiving may run.
    pub hours: DayHours,
    /// Bits per second and channel.
    pub bitrate: u32,
    /// Share of one core that it may take, percent, 1 to 100.
    pub cpu_percent: u8,
    /// So much must stay free in the archive's file system.
    pub free_space_min_bytes: u64,
    /// Recordings are deleted when they are so old and nobody holds them; `None`: never.
    pub retention: Option<Duration>,
    /// Bytes that decoded recordings may take for a while.
    pub cache_bytes_max: u64,
    /// Recording stops when less is free: what the forecast counts down to.
    pub recordings_free_min_bytes: u64,
    /// The disk is reported as soon full when it lasts for fewer days.
    pub days_left_min: u32,
}

impl ArchiveConfig {
    /// Defaults for a root of recordings: no archive, a year of retention.
    #[must_use]
    pub fn new(recordings: PathBuf) -> Self {
        Self {
            recordings,
            directory: None,
            directory_is_mount: true,
            after: Duration::from_secs(7 * 86_400),
            hours: DayHours { from_minute: 60, until_minute: 360 },
            bitrate: 24_000,
            cpu_percent: 25,
            free_space_min_bytes: 1 << 30,
            retention: Some(Duration::from_secs(365 * 86_400)),
            cache_bytes_max: 1 << 30,
            recordings_free_min_bytes: 1 << 30,
            days_left_min: 14,
        }
    }
}

/// A part of every day, in minutes since midnight; over midnight when it ends before it begins, always when both are
/// the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayHours {
    /// First minute, 0 to 1439.
    pub from_minute: u16,
    /// Minute behind the last, 0 to 1439.
    pub until_minute: u16,
}

impl DayHours {
    /// Whether a minute of the day lies within.
    #[must_use]
    pub const fn contains(self, minute: u16) -> bool {
        if self.from_minute < self.until_minute {
            self.from_minute <= minute && minute < self.until_minute
        } else {
            self.from_minute == self.until_minute || self.from_minute <= minute || minute < self.until_minute
        }
    }
}

/// Where the time comes from.
#[derive(Clone)]
pub struct ArchiveClock {
    /// Microseconds UTC since 1970.
    pub wall_us: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Minute of the day, 0 to 1439, of such a moment in the hospital's zone.
    pub minute_of_day: Arc<dyn Fn(i64) -> u16 + Send + Sync>,
}

impl ArchiveClock {
    /// The system's clock, as it is at each moment: it follows when somebody sets it.
    #[must_use]
    pub fn system(minute_of_day: impl Fn(i64) -> u16 + Send + Sync + 'static) -> Self {
        Self { wall_us: Arc::new(crate::recorder::wall_us), minute_of_day: Arc::new(minute_of_day) }
    }
}

impl std::fmt::Debug for ArchiveClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ArchiveClock")
    }
}
