//! The writer thread: appends chunks to files and watches the disk.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use careline_audio::wav::Format;
use serde_json::{Map, Value};

use super::chunk::{Back, Chunk};
use super::days::Days;
use super::file::RecordingFile;
use super::finisher::{Closing, Task};
use super::sidecar::{self, Marker};
use super::sound::{Scratch, Sound};
use super::store::Store;
use super::{Job, Mark, RecorderStats, Start};
use crate::channel::{Receiver, Sender};
use crate::config::RecorderConfig;
use crate::event::{EventSender, MediaEvent};

/// How often the free space is asked for.
const SPACE_EVERY: Duration = Duration::from_secs(1);
/// Longest sleep of the thread.
const TURN: Duration = Duration::from_millis(200);
/// What the side-cars call the sides.
const SIDES: [&str; 2] = ["left", "right"];

/// Free bytes of the file system of a directory.
pub(super) type FreeSpace = Box<dyn FnMut() -> io::Result<u64> + Send>;

#[derive(Debug)]
struct Open {
    id: Arc<str>,
    directory: PathBuf,
    path: PathBuf,
    format: Format,
    back: Back,
    fields: Map<String, Value>,
    file: Option<RecordingFile>,
    sound: Sound,
    lost_frames: u64,
    /// `RecordingIncomplete` has been reported.
    told: bool,
}

/// The thread's state.
pub(super) struct Writer {
    config: RecorderConfig,
    jobs: Receiver<Job>,
    closing: Sender<Task>,
    events: EventSender,
    stats: Arc<RecorderStats>,
    store: Store,
    days: Days,
    open: BTreeMap<u64, Open>,
    scratch: Scratch,
    free_space: FreeSpace,
    space_due: Instant,
    /// Why nothing may be written at present.
    starved: Option<String>,
    sync_due: Instant,
    written_since_sync: bool,
}

impl Writer {
    pub(super) fn new(
        config: RecorderConfig,
        jobs: Receiver<Job>,
        closing: Sender<Task>,
        events: EventSender,
        stats: Arc<RecorderStats>,
        store: Store,
    ) -> Self {
        let path = config.directory.clone();
        let days = Days::new(&path);
        let free_space = Box::new(move || super::store::free_bytes(&path));
        let now = Instant::now();
        let sync_due = now + config.sync_every;
        Self {
            config,
            jobs,
            closing,
            events,
            stats,
            store,
            days,
            open: BTreeMap::new(),
            scratch: Scratch::default(),
            free_space,
            space_due: now,
            starved: None,
            sync_due,
            written_since_sync: false,
        }
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
            let open = &self.open[&key];
            let frames = open.file.as_ref().map_or(0, RecordingFile::frames) + open.sound.held_frames();
            self.finish(key, frames);
        }
        self.events.flush();
    }

    pub(super) fn obey(&mut self, job: Job) {
        match job {
            Job::Start(start) => self.start(*start),
            Job::Chunk(chunk) => {
                self.append(&chunk);
                if let Some(open) = self.open.get(&chunk.key) {
                    open.back.give(chunk.sides);
                }
                self.stats.flying.fetch_sub(1, Ordering::Relaxed);
            }
            Job::Mark { key, mark } => self.mark(key, mark),
            Job::Finish { key, frames } => self.finish(key, frames),
        }
    }

    /// Asks for free space and has everything synced, when due.
    pub(super) fn watch(&mut self, now: Instant) {
        if now >= self.space_due {
            self.space_due = now + SPACE_EVERY;
            let minimum = self.config.free_space_min_bytes;
            let free = (self.free_space)();
            self.stats.free_bytes.store(*free.as_ref().unwrap_or(&0), Ordering::Relaxed);
            let reason = match free {
                Ok(free) if free >= minimum => None,
                Ok(free) => Some(format!("disk full: {free} bytes free, {minimum} must stay free")),
                Err(error) => Some(format!("free space unknown: {error}")),
            };
            self.set_starved(reason);
        }
        if now >= self.sync_due {
            self.sync_due = now + self.config.sync_every;
            // A finisher that is behind has fsynced a good deal itself; the next time comes soon.
            if self.written_since_sync && self.closing.try_send(Task::Sync).is_ok() {
                self.written_since_sync = false;
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

    fn start(&mut self, start: Start) {
        let Start { key, spec, shape, back } = start;
        let fields = sidecar::open(&spec, shape.format);
        let path = spec.directory.join(format!("{}.wav", spec.id));
        let open = Open {
            id: spec.id,
            directory: spec.directory,
            path,
            format: shape.format,
            back,
            fields,
            file: None,
            sound: Sound::default(),
            lost_frames: 0,
            told: false,
        };
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
        let made = create(&self.store, &mut self.days, open);
        match made {
            Ok(file) => {
                open.file = Some(file);
                let (id, path) = (Arc::clone(&open.id), open.path.clone());
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
        let Some(open) = self.open.get_mut(&chunk.key) else { return false };
        let Some(file) = open.file.as_mut() else { return false };
        open.sound.render(chunk, open.format, &mut self.scratch);
        match file.append(&self.scratch.bytes) {
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

    /// Silence in the place of chunks that never came or could not be written, and a marker.
    fn fill_gap(&mut self, key: u64, until: u64) -> bool {
        let Some(open) = self.open.get_mut(&key) else { return false };
        let Some(file) = &mut open.file else { return false };
        if until <= file.frames() + open.sound.held_frames() {
            return true;
        }
        open.sound.rest(open.format, &mut self.scratch);
        let mut result = file.append(&self.scratch.bytes);
        let from = file.frames();
        if result.is_ok() {
            result = file.append_silence(until.saturating_sub(from));
        }
        let filled = file.frames() - from;
        if let Err(error) = result {
            self.write_failed(key, &error);
            return false;
        }
        open.lost_frames += filled;
        let (from_ms, until_ms) = (open.format.ms(from), Some(open.format.ms(until)));
        let marker = Marker { kind: "lost", from_ms, until_ms, reason: None, side: None };
        sidecar::mark(&mut open.fields, &marker);
        self.write_sidecar(key);
        self.tell_incomplete(key, "chunks were lost on their way to the disk".to_owned());
        true
    }

    fn mark(&mut self, key: u64, mark: Mark) {
        let Some(open) = self.open.get_mut(&key) else { return };
        let ms = |frame| open.format.ms(frame);
        match mark {
            Mark::Paused { from, reason } => {
                let from_ms = ms(from);
                let marker =
                    Marker { kind: "paused", from_ms, until_ms: None, reason: Some(&reason), side: None };
                sidecar::mark(&mut open.fields, &marker);
            }
            Mark::Resumed { until } => {
                let until_ms = ms(until);
                sidecar::end_mark(&mut open.fields, "paused", None, until_ms);
            }
            Mark::KeysHidden { side, from } => {
                let from_ms = ms(from);
                let side = Some(SIDES[side]);
                let marker = Marker { kind: "keys", from_ms, until_ms: None, reason: None, side };
                sidecar::mark(&mut open.fields, &marker);
            }
            Mark::KeysShown { side, until } => {
                let until_ms = ms(until);
                sidecar::end_mark(&mut open.fields, "keys", Some(SIDES[side]), until_ms);
            }
        }
        self.write_sidecar(key);
    }

    /// What happened on the way is known also when the program is killed. A failure costs only that: it is written
    /// again at the end.
    fn write_sidecar(&mut self, key: u64) {
        let Some(open) = self.open.get(&key).filter(|open| open.file.is_some()) else { return };
        let written = sidecar::write(&self.store, &sidecar::path_of(&open.path), &open.fields, false);
        if let Err(error) = written {
            tracing::warn!(recording.id = %open.id, %error, "a marker waits for the end of its recording");
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
            tracing::error!(recording.id = %open.id, reason, "recording incomplete");
            self.events.send(MediaEvent::RecordingIncomplete { id: Arc::clone(&open.id), reason });
        }
    }

    fn finish(&mut self, key: u64, frames: u64) {
        if self.starved.is_none() {
            // A recording too short for a chunk still gets its file; a failure is told by those two.
            let _ = self.make_file(key) && self.fill_gap(key, frames);
        }
        let Some(mut open) = self.open.remove(&key) else { return };
        self.stats.open.fetch_sub(1, Ordering::Relaxed);
        open.back.closed();
        if let (Some(file), 1..) = (&mut open.file, open.sound.held_frames()) {
            open.sound.rest(open.format, &mut self.scratch);
            if let Err(error) = file.append(&self.scratch.bytes) {
                tracing::error!(recording.id = %open.id, %error, "the last moment could not be written");
            }
        }
        let written = open.file.as_ref().map_or(0, RecordingFile::frames);
        let lost_at_end = frames.saturating_sub(written);
        if lost_at_end > 0 {
            let (from_ms, until_ms) = (open.format.ms(written), Some(open.format.ms(frames)));
            let marker = Marker { kind: "lost", from_ms, until_ms, reason: None, side: None };
            sidecar::mark(&mut open.fields, &marker);
        }
        let lost_frames = open.lost_frames + lost_at_end;
        let file = open.file.and_then(|file| {
            let path = file.path().to_path_buf();
            file.close()
                .map_err(|error| tracing::error!(path = %path.display(), %error, "failed to close"))
                .ok()
        });
        let closing = Closing {
            id: open.id,
            path: open.path,
            complete: lost_frames == 0 && !open.told && file.is_some(),
            file,
            fields: open.fields,
            duration_ms: open.format.ms(written),
            lost_ms: open.format.ms(lost_frames),
            told: open.told,
        };
        // Waits when the finisher is behind: chunks then queue up, and at the queue's end are counted.
        let _ = self.closing.send(Task::Close(Box::new(closing)));
    }
}

/// Folder, its place on the list of folders, side-car, file, in this order: a program that ends in between leaves a
/// side-car that says `open`, and the repair finds it. Files of an earlier recording of the same name are left alone.
fn create(store: &Store, days: &mut Days, open: &Open) -> io::Result<RecordingFile> {
    let sidecar_path = sidecar::path_of(&open.path);
    if open.path.exists() || sidecar_path.exists() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "a recording of this name exists"));
    }
    make_folder(store, &open.directory)?;
    days.note(store, &open.directory)?;
    sidecar::write(store, &sidecar_path, &open.fields, false)?;
    RecordingFile::create(store, &open.path, open.format).inspect_err(|_| {
        let _ = store.remove(&sidecar_path);
    })
}

fn make_folder(store: &Store, folder: &Path) -> io::Result<()> {
    if folder.is_dir() { Ok(()) } else { store.folder(folder) }
}
