//! How recordings are kept: from the plan to the archive of the media crate, and the thread that does it.

use crate::startup::Loaded;
use anyhow::Context;
use careline_media::archive::{Archive, ArchiveClock, ArchiveConfig, DayHours, Library};
use std::sync::Arc;

const MIB: u64 = 1024 * 1024;

/// What the plan says about recordings that are closed.
#[must_use]
pub fn config(loaded: &Loaded) -> ArchiveConfig {
    let plan = &loaded.plan.recording;
    let defaults = ArchiveConfig::new(loaded.recordings.clone());
    let kept = ArchiveConfig {
        retention: plan.retention,
        recordings_free_min_bytes: plan.free_space_min_mb.saturating_mul(MIB),
        days_left_min: plan.days_left_min,
        ..defaults
    };
    let Some(archive) = &plan.archive else { return kept };
    ArchiveConfig {
        directory: loaded.archive.clone(),
        directory_is_mount: archive.is_mount,
        after: archive.after,
        hours: DayHours { from_minute: archive.from_minute, until_minute: archive.until_minute },
        bitrate: archive.bitrate,
        cpu_percent: archive.cpu_percent,
        free_space_min_bytes: archive.free_space_min_mb.saturating_mul(MIB),
        cache_bytes_max: archive.cache_mb.saturating_mul(MIB),
        ..kept
    }
}

/// Opens the library and starts the thread. Dropping what comes back tells the thread to end; nobody waits for it, since
/// a network file system may hang, and every step of it can be cut off.
///
/// # Errors
/// When the thread is refused.
pub fn start(loaded: &Loaded) -> anyhow::Result<(Arc<Library>, Archive)> {
    let config = config(loaded);
    let library = Arc::new(Library::new(&config));
    let zone = loaded.plan.timezone.clone();
    // The system's own clock: ours does not go back when that is set right, and nothing may be deleted too early.
    let clock = ArchiveClock::system(move |wall_us| careline_model::hours::local_minute(wall_us, &zone));
    let archive =
        Archive::start(config, clock, Arc::clone(&library)).context("failed to start the archive")?;
    Ok((library, archive))
}
