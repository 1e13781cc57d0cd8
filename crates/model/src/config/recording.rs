//! `[recording]`: what is recorded, where it goes, how long it stays.

use super::check::Check;
use super::switch::unwritten;
use crate::hours::Span;
use serde::Deserialize;
use serde_spanned::Spanned;
use std::time::Duration;

/// Longest pause of a recording, in seconds: nobody reads out a card number for longer.
const PAUSE_S_MAX: u32 = 3600;
/// Longest retention: a hundred years.
const DAYS_MAX: u32 = 36_500;
/// What Opus needs for a voice, and what it can use, kbit/s.
const KBITS: (u32, u32) = (12, 96);

/// `[recording]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordingConfig {
    /// Conversations are recorded.
    pub enabled: bool,
    /// Where; relative to the working directory.
    pub directory: Spanned<String>,
    /// Recording stops when less is free, in MiB.
    pub free_space_min_mb: Spanned<u64>,
    /// A conversation with a wideband leg is recorded at 16 kHz instead of 8.
    pub wideband: bool,
    /// A paused recording goes on by itself after so many seconds.
    pub pause_max_s: Spanned<u32>,
    /// Recordings are deleted after so many days, unless held; 0: never.
    pub retention_days: Spanned<u32>,
    /// The disk is reported as soon full when it lasts for fewer days.
    pub days_left_min: Spanned<u32>,
    /// `[recording.archive]`; absent when recordings stay where they are.
    pub archive: Option<ArchiveConfig>,
}

impl Default for RecordingConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            directory: unwritten("../recordings".into()),
            free_space_min_mb: unwritten(1024),
            wideband: false,
            pause_max_s: unwritten(90),
            retention_days: unwritten(365),
            days_left_min: unwritten(14),
            archive: None,
        }
    }
}

/// `[recording.archive]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchiveConfig {
    /// The root of the archive; it must exist.
    pub directory: Spanned<String>,
    /// It must be the root of a mounted file system.
    #[serde(default = "yes")]
    pub is_mount: bool,
    /// Recordings go there after so many days.
    #[serde(default = "after_days")]
    pub after_days: Spanned<u32>,
    /// When, `HH:MM-HH:MM`.
    #[serde(default = "hours")]
    pub hours: Spanned<String>,
    /// Size of a channel, in kbit/s.
    #[serde(default = "kbits")]
    pub kbits: Spanned<u32>,
    /// Share of one processor core that it may take, in percent.
    #[serde(default = "cpu_percent")]
    pub cpu_percent: Spanned<u32>,
    /// Nothing is put there when less is free, in MiB.
    #[serde(default = "mb")]
    pub free_space_min_mb: Spanned<u64>,
    /// Room on the recordings' disk for archived recordings that are being listened to, in MiB.
    #[serde(default = "mb")]
    pub cache_mb: Spanned<u64>,
}

fn yes() -> bool {
    true
}

fn after_days() -> Spanned<u32> {
    unwritten(7)
}

fn hours() -> Spanned<String> {
    unwritten("01:00-06:00".into())
}

fn kbits() -> Spanned<u32> {
    unwritten(24)
}

fn cpu_percent() -> Spanned<u32> {
    unwritten(25)
}

fn mb() -> Spanned<u64> {
    unwritten(1024)
}

/// Recording.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Conversations are recorded.
    pub enabled: bool,
    /// Where.
    pub directory: String,
    /// Recording stops when less is free, in MiB.
    pub free_space_min_mb: u64,
    /// A conversation with a wideband leg is recorded at 16 kHz.
    pub wideband: bool,
    /// A paused recording goes on by itself after so long.
    pub pause_max: Duration,
    /// Recordings are deleted after so long, unless held; `None`: never.
    pub retention: Option<Duration>,
    /// The disk is reported as soon full when it lasts for fewer days.
    pub days_left_min: u32,
    /// Where old recordings go; `None`: nowhere.
    pub archive: Option<Archive>,
}

/// Where old recordings go, and how.
#[derive(Debug, Clone)]
pub struct Archive {
    /// The root of the archive.
    pub directory: String,
    /// It must be the root of a mounted file system.
    pub is_mount: bool,
    /// Recordings go there after so long.
    pub after: Duration,
    /// First minute of the day at which it may work.
    pub from_minute: u16,
    /// Minute behind the last; the first one again means always.
    pub until_minute: u16,
    /// Bits per second and channel.
    pub bitrate: u32,
    /// Share of one processor core that it may take, in percent.
    pub cpu_percent: u8,
    /// Nothing is put there when less is free, in MiB.
    pub free_space_min_mb: u64,
    /// Room for archived recordings that are being listened to, in MiB.
    pub cache_mb: u64,
}

fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 86_400)
}

impl Check<'_> {
    pub(super) fn recording(&mut self, config: &RecordingConfig) -> Recording {
        let retention = self.amount("recording.retention_days", &config.retention_days, 0, DAYS_MAX);
        let archive = config.archive.as_ref().map(|archive| self.archive(archive));
        if let Some(archive) = &archive
            && retention > 0
            && archive.after >= days(retention)
            && let Some(written) = &config.archive
        {
            let what =
                format!("after {retention} days recordings are deleted, before they would be archived");
            self.wrong(
                "recording.archive.after_days",
                &written.after_days,
                what,
                "fewer than retention_days",
            );
        }
        Recording {
            enabled: config.enabled,
            directory: self.path("recording.directory", &config.directory),
            free_space_min_mb: *config.free_space_min_mb.get_ref(),
            wideband: config.wideband,
            pause_max: Duration::from_secs(u64::from(self.amount(
                "recording.pause_max_s",
                &config.pause_max_s,
                5,
                PAUSE_S_MAX,
            ))),
            retention: (retention > 0).then(|| days(retention)),
            days_left_min: self.amount("recording.days_left_min", &config.days_left_min, 0, DAYS_MAX),
            archive,
        }
    }

    fn archive(&mut self, config: &ArchiveConfig) -> Archive {
        let (from_minute, until_minute) = self.archive_hours(&config.hours);
        let kbits = self.amount("recording.archive.kbits", &config.kbits, KBITS.0, KBITS.1);
        let cpu_percent = self.amount("recording.archive.cpu_percent", &config.cpu_percent, 1, 100);
        Archive {
            directory: self.path("recording.archive.directory", &config.directory),
            is_mount: config.is_mount,
            after: days(self.amount("recording.archive.after_days", &config.after_days, 1, DAYS_MAX)),
            from_minute,
            until_minute,
            bitrate: kbits * 1000,
            cpu_percent: u8::try_from(cpu_percent).unwrap_or(100),
            free_space_min_mb: *config.free_space_min_mb.get_ref(),
            cache_mb: self.at_least("recording.archive.cache_mb", &config.cache_mb, 64),
        }
    }

    fn archive_hours(&mut self, value: &Spanned<String>) -> (u16, u16) {
        match Span::parse(value.get_ref()) {
            Ok(span) => span.minutes_of_day(),
            Err(error) => {
                let key = "recording.archive.hours";
                self.wrong(key, value, error.to_string(), "HH:MM-HH:MM; 00:00-24:00 for always");
                (0, 0)
            }
        }
    }
}
