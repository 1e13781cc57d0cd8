//! The thread: what is due when.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::day::{DAY_US, day_of, days, files};
use super::forecast::{DiskReport, days_left, recorded_in_7_days};
use super::library::Library;
use super::opus_file::OpusFileError;
use super::retention::{Deleted, Retention};
use super::state::{Distrust, State};
use super::step::{Done, Step, StepError};
use super::{ArchiveClock, ArchiveConfig};
use crate::engine::MediaError;
use crate::recorder::store::{Store, free_bytes};

/// How often it is looked whether something is due.
const TURN: Duration = Duration::from_secs(60);
/// How often the disk is reported and an archive pass that came to its end is begun again.
const PASS_EVERY_US: i64 = 600_000_000;
/// How often it is looked for what is over its time.
const RETENTION_EVERY_US: i64 = 3_600_000_000;
/// Recordings remembered as not to be archived; more are tried again.
const FAILED_MAX: usize = 10_000;

/// The running thread. Dropping it ends it, between two seconds of sound.
#[derive(Debug)]
pub struct Archive {
    end: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Archive {
    /// Starts it.
    ///
    /// # Errors
    /// When the thread is refused.
    pub fn start(
        config: ArchiveConfig,
        clock: ArchiveClock,
        library: Arc<Library>,
    ) -> Result<Self, MediaError> {
        let (end, ended) = sync_channel(0);
        let mut keeper = Keeper::new(config, clock, library, ended);
        let thread = std::thread::Builder::new()
            .name("rec-archive".to_owned())
            .spawn(move || keeper.run())
            .map_err(MediaError::Thread)?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }

    /// Ends it and waits for that. A hanging network file system may hold it up.
    pub fn stop(mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the archive's thread ended by a panic");
        }
    }
}

/// The thread's state.
pub(super) struct Keeper {
    store: Store,
    config: ArchiveConfig,
    clock: ArchiveClock,
    library: Arc<Library>,
    ended: Receiver<()>,
    state: State,
    /// Recordings that cannot be archived, each told once.
    failed: BTreeSet<PathBuf>,
    /// The archive's trouble has been told.
    away: bool,
    distrusted: bool,
    pass_due_us: i64,
    retention_due_us: i64,
    told_day: i64,
}

impl Keeper {
    pub(super) fn new(
        config: ArchiveConfig,
        clock: ArchiveClock,
        library: Arc<Library>,
        ended: Receiver<()>,
    ) -> Self {
        let store = Store::default();
        let state = State::load(&store, &config.recordings);
        Self {
            store,
            config,
            clock,
            library,
            ended,
            state,
            failed: BTreeSet::new(),
            away: false,
            distrusted: false,
            pass_due_us: i64::MIN,
            retention_due_us: i64::MIN,
            told_day: i64::MIN,
        }
    }

    fn run(&mut self) {
        if let Err(error) = rustix::process::setpriority_process(None, 19) {
            tracing::warn!(%error, "the archive runs without a lowered priority");
        }
        loop {
            self.turn();
            if self.ended.recv_timeout(TURN) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    /// Does what is due.
    pub(super) fn turn(&mut self) {
        let now = (self.clock.wall_us)();
        // A clock that went back must not leave everything due in a year.
        if now >= self.retention_due_us || now < self.retention_due_us - 2 * RETENTION_EVERY_US {
            self.retention_due_us = now.saturating_add(RETENTION_EVERY_US);
            self.retain(now);
        }
        if now >= self.pass_due_us || now < self.pass_due_us - 2 * PASS_EVERY_US {
            self.archive();
            let now = (self.clock.wall_us)();
            self.pass_due_us = now.saturating_add(PASS_EVERY_US);
            self.report(now);
        }
    }

    fn is_over(&self) -> bool {
        !matches!(self.ended.try_recv(), Err(std::sync::mpsc::TryRecvError::Empty))
    }

    fn retain(&mut self, now_us: i64) {
        let Some(keep) = self.config.retention else { return };
        match self.state.look_at(now_us) {
            Ok(()) => self.distrusted = false,
            Err(distrust) => {
                if !std::mem::replace(&mut self.distrusted, true) {
                    let why = match distrust {
                        Distrust::Before2024 => "it is before 2024",
                        Distrust::Jumped => "it is not known to go steadily for a day",
                    };
                    tracing::warn!(why, "no recording is deleted: the clock is not trusted yet");
                }
                return;
            }
        }
        let there = self.config.directory.as_deref().filter(|root| self.is_mounted(root).is_ok());
        let retention = Retention {
            store: &self.store,
            holds: &self.library.holds,
            recordings: &self.config.recordings,
            archive: there,
            cache: &self.library.cache,
            keep,
        };
        let deleted = retention.pass(now_us, &|| !self.is_over());
        if deleted != Deleted::default() {
            tracing::info!(
                deleted.recordings,
                deleted.held,
                deleted.waiting,
                deleted.bytes,
                "recordings whose time is over"
            );
        }
        if deleted.bytes > 0 {
            self.state.freed(deleted.bytes, now_us);
        }
    }

    /// Archives what is old enough, as long as the hours last.
    fn archive(&mut self) {
        let Some(root) = self.config.directory.clone() else { return };
        let after_us = i64::try_from(self.config.after.as_micros()).unwrap_or(i64::MAX);
        let before_us = (self.clock.wall_us)().saturating_sub(after_us);
        for day in days(&self.config.recordings).into_iter().filter(|day| day.number <= day_of(before_us) + 1)
        {
            for wav in files(&day.folder, "wav") {
                if self.is_over() || !self.is_time() {
                    return;
                }
                if self.failed.contains(&wav) {
                    continue;
                }
                if !self.archive_one(&root, &wav, before_us) {
                    return;
                }
            }
        }
    }

    fn is_time(&self) -> bool {
        let now = (self.clock.wall_us)();
        self.config.hours.contains((self.clock.minute_of_day)(now))
    }

    /// False: no use to go on now.
    fn archive_one(&mut self, root: &Path, wav: &Path, before_us: i64) -> bool {
        let now_us = (self.clock.wall_us)();
        let result = self.is_there(root).and_then(|()| {
            let mut pace = Pace { percent: self.config.cpu_percent, since: Instant::now() };
            let step = Step {
                store: &self.store,
                recordings: &self.config.recordings,
                archive: root,
                bitrate: self.config.bitrate,
                now_us,
            };
            step.archive(wav, before_us, &mut || pace.breathe(&self.ended))
        });
        match result {
            Ok(Done::Archived(bytes)) => {
                if std::mem::take(&mut self.away) {
                    tracing::warn!(path = %root.display(), "the archive takes recordings again");
                }
                self.state.freed(bytes, now_us);
                true
            }
            Ok(Done::NotYet) => true,
            Err(StepError::Recording(reason)) => {
                tracing::error!(path = %wav.display(), reason, "a recording cannot be archived: it stays where it is");
                if self.failed.len() < FAILED_MAX {
                    self.failed.insert(wav.to_path_buf());
                }
                true
            }
            Err(error @ StepError::Archive { .. }) => {
                if !std::mem::replace(&mut self.away, true) {
                    tracing::error!(%error, "recordings stay where they are until the archive is there again");
                }
                false
            }
            Err(StepError::Stopped) => false,
        }
    }

    /// Whether the archive is there and has room.
    fn is_there(&self, root: &Path) -> Result<(), StepError> {
        let trouble = |reason: String| StepError::Archive { path: root.to_path_buf(), reason };
        self.is_mounted(root).map_err(trouble)?;
        let free = free_bytes(root).map_err(|error| trouble(error.to_string()))?;
        if free < self.config.free_space_min_bytes {
            return Err(trouble(format!("only {free} bytes are free")));
        }
        Ok(())
    }

    /// Whether the archive is there, or why not.
    fn is_mounted(&self, root: &Path) -> Result<(), String> {
        use std::os::unix::fs::MetadataExt;
        let device =
            |path: &Path| std::fs::metadata(path).map(|meta| meta.dev()).map_err(|error| error.to_string());
        let own = device(root)?;
        let above = root.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if self.config.directory_is_mount && device(above)? == own {
            return Err("nothing is mounted there".to_owned());
        }
        Ok(())
    }

    fn report(&mut self, now_us: i64) {
        let (recorded, days) = recorded_in_7_days(&self.store, &self.config.recordings, now_us);
        let freed = self.state.freed_in_7_days(now_us);
        let free = match free_bytes(&self.config.recordings) {
            Ok(free) => free,
            Err(error) => return tracing::error!(%error, "free space of the recordings unknown"),
        };
        let least = self.config.recordings_free_min_bytes;
        let report = DiskReport {
            at_us: now_us,
            free_bytes: free,
            recorded_7_days_bytes: recorded,
            freed_7_days_bytes: freed,
            days_left: days_left(free, least, recorded, freed, days),
            failed: self.failed.len() as u64,
            archive_away: self.away,
        };
        self.library.report(report);
        if now_us.div_euclid(DAY_US) == self.told_day {
            return;
        }
        self.told_day = now_us.div_euclid(DAY_US);
        match report.days_left {
            Some(left) if left < self.config.days_left_min => {
                tracing::error!(
                    days_left = left,
                    free_bytes = free,
                    "the recordings' disk will soon be full"
                );
            }
            Some(left) => tracing::info!(days_left = left, free_bytes = free, "room for recordings"),
            None => tracing::info!(free_bytes = free, "room for recordings; its end is not in sight"),
        }
    }
}

/// Takes a share of one core.
struct Pace {
    percent: u8,
    since: Instant,
}

impl Pace {
    fn breathe(&mut self, ended: &Receiver<()>) -> Result<(), OpusFileError> {
        let percent = u32::from(self.percent.clamp(1, 100));
        let rest = self.since.elapsed() * (100 - percent) / percent;
        let over = ended.recv_timeout(rest) != Err(RecvTimeoutError::Timeout);
        self.since = Instant::now();
        if over { Err(OpusFileError::Stopped) } else { Ok(()) }
    }
}
