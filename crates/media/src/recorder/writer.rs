//! The writer thread: appends chunks to files and watches the disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};

use super::file::RecordingFile;
use super::finisher::Closing;
use super::{Buffer, Chunk, Job, RecorderStats, sidecar};
use crate::config::{RecorderConfig, RecordingSpec};
use crate::engine::MediaError;
use crate::event::{EventSender, MediaEvent};

/// How often the free space is asked for.
const SPACE_EVERY: Duration = Duration::from_secs(1);
/// Longest sleep of the thread.
const TURN: Duration = Duration::from_millis(200);

/// Free bytes of the file system of a directory.
pub(super) type FreeSpace = Box<dyn FnMut() -> io::Result<u64> + Send>;

#[derive(Debug)]
struct Open {
    spec: RecordingSpec,
    back: SyncSender<Buffer>,
    fields: Map<String, Value>,
    path: PathBuf,
    file: Option<RecordingFile>,
    lost_frames: u64,
    /// `RecordingIncomplete` has been reported.
    told: bool,
}

/// The thread's state.
pub(super) struct Writer {
    config: RecorderConfig,
    jobs: Receiver<Job>,
    closing: SyncSender<Closing>,
    events: EventSender,
    stats: Arc<RecorderStats>,
    open: BTreeMap<u64, Open>,
    free_space: FreeSpace,
    space_due: Instant,
    /// Why nothing may be written at present.
    starved: Option<String>,
    root: File,
    sync_due: Instant,
    written_since_sync: bool,
}

impl Writer {
    pub(super) fn new(
        config: RecorderConfig,
        jobs: Receiver<Job>,
        closing: SyncSender<Closing>,
        events: EventSender,
        stats: Arc<RecorderStats>,
    ) -> Result<Self, MediaError> {
        let path = config.directory.clone();
        let root =
            File::open(&path).map_err(|source| MediaError::Recordings { path: path.clone(), source })?;
        let free_space = Box::new(move || {
            let space = rustix::fs::statvfs(&path)?;
            Ok(space.f_bavail * space.f_frsize)
        });
        let now = Instant::now();
        let sync_due = now + config.sync_every;
        Ok(Self {
            config,
            jobs,
            closing,
            events,
            stats,
            open: BTreeMap::new(),
            free_space,
            space_due: now,
            starved: None,
            root,
            sync_due,
            written_since_sync: false,
        })
    }

    /// Replaces the question to the file system, for tests.
    #[cfg(test)]
    pub(super) fn with_free_space(mut self, free_space: FreeSpace) -> Self {
        self.free_space = free_space;
        self
    }

    /// Until all media threads are gone; then closes what is open.
    pub(super) fn run(mut self) {
        loop {
            let job = self.jobs.recv_timeout(TURN);
            self.watch(Instant::now());
            match job {
                Ok(job) => self.obey(job),
                Err(RecvTimeoutError::Timeout) => self.events.flush(),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        let left: Vec<u64> = self.open.keys().copied().collect();
        for key in left {
            let frames = self.open[&key].file.as_ref().map_or(0, RecordingFile::frames);
            self.finish(key, frames);
        }
        self.events.flush();
    }

    pub(super) fn obey(&mut self, job: Job) {
        match job {
            Job::Start { key, spec, back } => self.start(key, spec, back),
            Job::Chunk(chunk) => {
                let key = chunk.key;
                self.append(&chunk);
                if let Some(open) = self.open.get(&key) {
                    // A full pool means that there are buffers enough.
                    let _ = open.back.try_send(chunk.buffer);
                }
            }
            Job::Finish { key, frames } => self.finish(key, frames),
        }
    }

    /// Asks for free space and syncs, when due.
    pub(super) fn watch(&mut self, now: Instant) {
        if now >= self.space_due {
            self.space_due = now + SPACE_EVERY;
            let minimum = self.config.free_space_min_bytes;
            let reason = match (self.free_space)() {
                Ok(free) if free >= minimum => None,
                Ok(free) => Some(format!("disk full: {free} bytes free, {minimum} must stay free")),
                Err(error) => Some(format!("free space unknown: {error}")),
            };
            self.set_starved(reason);
        }
        if now >= self.sync_due {
            self.sync_due = now + self.config.sync_every;
            if std::mem::take(&mut self.written_since_sync)
                && let Err(error) = rustix::fs::syncfs(&self.root)
            {
                tracing::error!(%error, "failed to sync the recordings");
            }
        }
    }

    fn set_starved(&mut self, reason: Option<String>) {
        match (&self.starved, &reason) {
            (None, Some(reason)) => tracing::error!(reason, "recording stopped"),
            (Some(_), None) => tracing::warn!("recording goes on"),
            (None, None) | (Some(_), Some(_)) => {}
        }
        self.stats.disk_full.store(u64::from(reason.is_some()), Ordering::Relaxed);
        self.starved = reason;
    }

    fn start(&mut self, key: u64, spec: RecordingSpec, back: SyncSender<Buffer>) {
        let fields = sidecar::open(&spec);
        let path = spec.directory.join(format!("{}.wav", spec.id));
        let open = Open { spec, back, fields, path, file: None, lost_frames: 0, told: false };
        self.open.insert(key, open);
        self.make_file(key);
    }

    /// Creates folder, side-car and file, unless they are there; says whether there is a file.
    fn make_file(&mut self, key: u64) -> bool {
        let Some(open) = self.open.get_mut(&key) else { return false };
        if open.file.is_some() {
            return true;
        }
        if let Some(reason) = &self.starved {
            let reason = reason.clone();
            self.tell_incomplete(key, reason);
            return false;
        }
        let made = create(&open.spec.directory, &open.path, &open.fields);
        match made {
            Ok(file) => {
                open.file = Some(file);
                let (id, path) = (Arc::clone(&open.spec.id), open.path.clone());
                self.written_since_sync = true;
                self.events.send(MediaEvent::RecordingStarted { id, path });
                true
            }
            Err(error) => {
                self.write_failed(key, &error);
                false
            }
        }
    }

    fn append(&mut self, chunk: &Chunk) {
        if !self.open.contains_key(&chunk.key) {
            return;
        }
        let written = if self.starved.is_none() { self.append_now(chunk) } else { false };
        if !written {
            self.stats.chunks_lost.fetch_add(1, Ordering::Relaxed);
            if let Some(reason) = self.starved.clone() {
                self.tell_incomplete(chunk.key, reason);
            }
        }
    }

    fn append_now(&mut self, chunk: &Chunk) -> bool {
        if !self.make_file(chunk.key) || !self.fill_gap(chunk.key, chunk.start) {
            return false;
        }
        let Some(file) = self.open.get_mut(&chunk.key).and_then(|open| open.file.as_mut()) else {
            return false;
        };
        match file.append(chunk) {
            Ok(()) => {
                self.written_since_sync = true;
                true
            }
            Err(error) => {
                self.write_failed(chunk.key, &error);
                false
            }
        }
    }

    /// Silence in the place of chunks that never came or could not be written.
    fn fill_gap(&mut self, key: u64, until: u64) -> bool {
        let Some(open) = self.open.get_mut(&key) else { return false };
        let Some(file) = &mut open.file else { return false };
        let before = file.frames();
        let gap = until.saturating_sub(before);
        if gap == 0 {
            return true;
        }
        let result = file.append_silence(gap);
        open.lost_frames += file.frames() - before;
        match result {
            Ok(()) => {
                self.tell_incomplete(key, "chunks were lost on their way to the disk".to_owned());
                true
            }
            Err(error) => {
                self.write_failed(key, &error);
                false
            }
        }
    }

    fn write_failed(&mut self, key: u64, error: &io::Error) {
        // A full disk concerns everybody; anything else (a name taken, no permission) only this recording.
        if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            self.set_starved(Some(format!("disk full: {error}")));
            self.space_due = Instant::now() + SPACE_EVERY;
        }
        self.tell_incomplete(key, error.to_string());
    }

    fn tell_incomplete(&mut self, key: u64, reason: String) {
        let Some(open) = self.open.get_mut(&key) else { return };
        if !open.told {
            open.told = true;
            tracing::error!(recording.id = %open.spec.id, reason, "recording incomplete");
            self.events.send(MediaEvent::RecordingIncomplete { id: Arc::clone(&open.spec.id), reason });
        }
    }

    fn finish(&mut self, key: u64, frames: u64) {
        if self.starved.is_none() {
            // A recording too short for a chunk still gets its file; a failure is told by those two.
            let _ = self.make_file(key) && self.fill_gap(key, frames);
        }
        let Some(open) = self.open.remove(&key) else { return };
        self.stats.open.fetch_sub(1, Ordering::Relaxed);
        let written = open.file.as_ref().map_or(0, RecordingFile::frames);
        let lost_frames = open.lost_frames + frames.saturating_sub(written);
        let file = open.file.and_then(|file| {
            let path = file.path().to_path_buf();
            file.close()
                .map_err(|error| tracing::error!(path = %path.display(), %error, "failed to close"))
                .ok()
        });
        let closing = Closing {
            id: open.spec.id,
            path: open.path,
            complete: lost_frames == 0 && !open.told && file.is_some(),
            file,
            fields: open.fields,
            duration_ms: written / 8,
            lost_ms: lost_frames / 8,
            told: open.told,
        };
        // Waits when the finisher is behind: chunks then queue up, and at the queue's end are counted.
        let _ = self.closing.send(closing);
    }
}

/// Folder, side-car, file, in this order: a program that ends in between leaves a side-car that says `open`, and the
/// repair finds it. Files of an earlier recording of the same name are left alone.
fn create(directory: &Path, path: &Path, fields: &Map<String, Value>) -> io::Result<RecordingFile> {
    let sidecar_path = sidecar::path_of(path);
    if path.exists() || sidecar_path.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a recording of this name exists"));
    }
    std::fs::create_dir_all(directory)?;
    sidecar::write(&sidecar_path, fields, false)?;
    RecordingFile::create(path).inspect_err(|_| {
        let _ = std::fs::remove_file(&sidecar_path);
    })
}
