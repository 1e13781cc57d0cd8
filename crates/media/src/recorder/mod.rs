//! The recorder: what two legs say, as one stereo WAV with a side-car, left the patient, right the agent.
//!
//! ```text
//! media thread: [`capture`] places G.711 by RTP timestamp into chunks on one clock, silence in the gaps
//!     | bounded queue; full: the chunk is counted as lost and becomes silence
//! writer thread: [`writer`] expands, appends through hound, refreshes the header with every chunk
//!     | bounded queue; full: the writer waits, chunks queue up behind it
//! finisher thread: [`finisher`] fsync, SHA-256, side-car "finished", event
//! ```
//! Files of one recording: `<id>.wav` and `<id>.json`, both under their final names from the start; the side-car's
//! `state` is `open`, then `finished`. What is found `open` at start-up was cut off: [`repair::repair`].
//!
//! States of the disk: *good* and *starved* (below the watermark, or a write was refused). While starved nothing is
//! written, the calls go on, each recording reports once that it is incomplete, and goes on behind a silence as long
//! as the gap when there is room again.

pub(crate) mod capture;
mod file;
mod finisher;
pub mod repair;
pub mod sidecar;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use careline_audio::g711::Law;

use crate::config::{RecorderConfig, RecordingSpec};
use crate::engine::{MediaError, Stats};
use crate::event::EventSender;
use writer::Writer;

/// Chunk buffers kept for reuse by one media thread.
const POOL_MAX: usize = 4096;
/// Closed recordings that may wait for the finisher.
const CLOSING_MAX: usize = 1024;

/// Totals of the recorder, shared with [`crate::Engine::stats`].
#[derive(Debug, Default)]
pub(crate) struct RecorderStats {
    pub(crate) open: AtomicU64,
    pub(crate) chunks_lost: AtomicU64,
    pub(crate) disk_full: AtomicU64,
}

impl RecorderStats {
    pub(crate) fn totals(&self) -> Stats {
        Stats {
            recordings: self.open.load(Ordering::Relaxed),
            chunks_lost: self.chunks_lost.load(Ordering::Relaxed),
            disk_full: self.disk_full.load(Ordering::Relaxed),
            ..Stats::default()
        }
    }
}

/// G.711 of both sides over the same time.
#[derive(Debug)]
pub(crate) struct Buffer {
    pub(crate) laws: [Law; 2],
    pub(crate) sides: [Box<[u8]>; 2],
}

impl Buffer {
    pub(crate) fn new(frames: usize) -> Self {
        let side = || vec![Law::A.silence(); frames].into_boxed_slice();
        Self { laws: [Law::A; 2], sides: [side(), side()] }
    }
}

/// A finished piece of one recording.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) key: u64,
    /// First frame, counted from the start of the recording.
    pub(crate) start: u64,
    /// Valid frames in the buffer.
    pub(crate) frames: usize,
    pub(crate) buffer: Buffer,
}

/// What the writer is asked.
#[derive(Debug)]
pub(crate) enum Job {
    Start {
        key: u64,
        spec: RecordingSpec,
        back: SyncSender<Buffer>,
    },
    Chunk(Chunk),
    /// `frames`: length of the whole recording.
    Finish {
        key: u64,
        frames: u64,
    },
}

/// A media thread's way to the writer. Never blocks.
#[derive(Debug)]
pub(crate) struct Feed {
    jobs: SyncSender<Job>,
    /// Starts and ends that found the queue full; they are never dropped. At most two per recording.
    waiting: std::collections::VecDeque<Job>,
    back: SyncSender<Buffer>,
    pool: Receiver<Buffer>,
    keys: Arc<AtomicU64>,
    stats: Arc<RecorderStats>,
    /// Frames of one chunk.
    pub(crate) chunk_frames: usize,
}

impl Feed {
    /// Announces a recording and gives its key.
    pub(crate) fn start(&mut self, spec: RecordingSpec) -> u64 {
        let key = self.keys.fetch_add(1, Ordering::Relaxed);
        self.stats.open.fetch_add(1, Ordering::Relaxed);
        self.waiting.push_back(Job::Start { key, spec, back: self.back.clone() });
        self.flush();
        key
    }

    /// Announces the end of a recording.
    pub(crate) fn finish(&mut self, key: u64, frames: u64) {
        self.waiting.push_back(Job::Finish { key, frames });
        self.flush();
    }

    /// Hands over a chunk; when the queue is full it is counted and its buffer kept.
    pub(crate) fn push(&mut self, chunk: Chunk) {
        self.flush();
        let refused = if self.waiting.is_empty() {
            match self.jobs.try_send(Job::Chunk(chunk)) {
                Ok(()) => return,
                Err(TrySendError::Full(job) | TrySendError::Disconnected(job)) => job,
            }
        } else {
            Job::Chunk(chunk)
        };
        self.stats.chunks_lost.fetch_add(1, Ordering::Relaxed);
        if let Job::Chunk(chunk) = refused {
            let _ = self.back.try_send(chunk.buffer);
        }
    }

    /// Tries again what found the queue full.
    pub(crate) fn flush(&mut self) {
        while let Some(job) = self.waiting.pop_front() {
            if let Err(TrySendError::Full(job)) = self.jobs.try_send(job) {
                self.waiting.push_front(job);
                return;
            }
        }
    }

    /// At the end of the thread: everything that waits goes, and this may block.
    pub(crate) fn drain(&mut self) {
        for job in self.waiting.drain(..) {
            let _ = self.jobs.send(job);
        }
    }

    /// A buffer, used or new.
    pub(crate) fn buffer(&self) -> Buffer {
        self.pool.try_recv().unwrap_or_else(|_| Buffer::new(self.chunk_frames + capture::OVERLAP_FRAMES))
    }
}

/// The writer and finisher threads.
#[derive(Debug)]
pub(crate) struct Recorder {
    jobs: SyncSender<Job>,
    keys: Arc<AtomicU64>,
    stats: Arc<RecorderStats>,
    chunk_frames: usize,
    threads: Vec<JoinHandle<()>>,
}

impl Recorder {
    pub(crate) fn start(config: RecorderConfig, events: EventSender) -> Result<Self, MediaError> {
        let chunk_ms = config.chunk.as_millis();
        if !(20..=4000).contains(&chunk_ms) {
            return Err(MediaError::Config("recording chunk must be 20 ms to 4 s"));
        }
        if config.queue_chunks_max == 0 {
            return Err(MediaError::Config("the recording queue must hold at least one chunk"));
        }
        let chunk_frames = chunk_ms as usize * 8;
        std::fs::create_dir_all(&config.directory)
            .map_err(|source| MediaError::Recordings { path: config.directory.clone(), source })?;
        let stats = Arc::new(RecorderStats::default());
        let (jobs, inbox) = sync_channel(config.queue_chunks_max);
        let (closing, closed) = sync_channel(CLOSING_MAX);
        let finisher_events = events.clone();
        let finisher = spawn("rec-finisher", move || finisher::run(&closed, finisher_events))?;
        let writer = Writer::new(config, inbox, closing, events, Arc::clone(&stats))?;
        let writer = spawn("rec-writer", move || writer.run())?;
        Ok(Self {
            jobs,
            keys: Arc::new(AtomicU64::new(1)),
            stats,
            chunk_frames,
            threads: vec![writer, finisher],
        })
    }

    pub(crate) fn stats(&self) -> Arc<RecorderStats> {
        Arc::clone(&self.stats)
    }

    /// The way in for one more media thread.
    pub(crate) fn feed(&self) -> Feed {
        let (back, pool) = sync_channel(POOL_MAX);
        Feed {
            jobs: self.jobs.clone(),
            waiting: std::collections::VecDeque::new(),
            back,
            pool,
            keys: Arc::clone(&self.keys),
            stats: Arc::clone(&self.stats),
            chunk_frames: self.chunk_frames,
        }
    }

    /// Finishes what is open and joins the threads; all feeds must be gone.
    pub(crate) fn shutdown(self) {
        drop(self.jobs);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a recorder thread ended by a panic");
            }
        }
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, MediaError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(body).map_err(MediaError::Thread)
}
