//! The recorder: what one or two legs say, as one WAV with a side-car, left the patient, right the agent.
//!
//! ```text
//! media thread: [`capture`] places packets by RTP timestamp into chunks on one clock, silence in the gaps
//!     | bounded queue; full, or too much on its way: the chunk is counted as lost and becomes silence
//! writer thread: [`writer`] expands, appends, refreshes the header with every chunk
//!     | bounded queue; full: the writer waits, chunks queue up behind it
//! finisher thread: [`finisher`] fsync, SHA-256, side-car "finished", line in the day's manifest, event
//! ```
//! Files of one recording: `<id>.wav` and `<id>.json`, both under their final names from the start; the side-car's
//! `state` is `open`, then `finished`. What is found `open` at start-up was cut off: [`repair::repair`]. Beside them
//! lies the day's `manifest.jsonl` ([`manifest`]). Everything is written through `store`.
//!
//! States of the disk: *good* and *starved* (below the watermark, or a write was refused). While starved nothing is
//! written, the calls go on, each recording reports once that it is incomplete, and goes on behind a silence as long
//! as the gap when there is room again; the side-car marks the gap. A disk that is slow costs what does not fit into
//! the queue, and is marked in the same way.

pub(crate) mod capture;
mod chunk;
mod clock;
mod days;
mod file;
mod finisher;
mod hearing;
pub mod manifest;
pub mod repair;
pub mod sidecar;
mod sound;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use careline_audio::wav::Format;

use crate::channel::{Refused, Sender, channel};
use crate::config::{RecorderConfig, RecordingSpec};
use crate::engine::{MediaError, Stats};
use crate::event::EventSender;
use chunk::{Back, Chunk, FLYING_PER_RECORDING, FLYING_SPARE, Pool};
pub(crate) use finisher::wall_us;
use store::Store;
use writer::Writer;

/// Closed recordings that may wait for the finisher.
const CLOSING_MAX: usize = 1024;
/// Starts, ends and marks that may wait for a full queue; further marks are dropped, starts and ends never.
const WAITING_MARKS_MAX: usize = 4096;

/// Totals of the recorder, shared with [`crate::Engine::stats`].
#[derive(Debug, Default)]
pub(crate) struct RecorderStats {
    pub(crate) open: AtomicU64,
    pub(crate) chunks_lost: AtomicU64,
    pub(crate) disk_full: AtomicU64,
    pub(crate) free_bytes: AtomicU64,
    /// Chunks on their way to the writer.
    pub(crate) flying: AtomicUsize,
}

impl RecorderStats {
    pub(crate) fn totals(&self) -> Stats {
        Stats {
            recordings: self.open.load(Ordering::Relaxed),
            chunks_lost: self.chunks_lost.load(Ordering::Relaxed),
            disk_full: self.disk_full.load(Ordering::Relaxed),
            free_bytes: self.free_bytes.load(Ordering::Relaxed),
            chunks_flying: self.flying.load(Ordering::Relaxed) as u64,
            ..Stats::default()
        }
    }
}

/// Format of a recording's file and the length of its chunks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RecordingShape {
    pub(crate) format: Format,
    /// Frames of one chunk, at the file's rate.
    pub(crate) chunk_frames: usize,
}

/// Something that the side-car shall say about a time of the recording. Frames are at the file's rate.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    Paused { from: u64, reason: Arc<str> },
    Resumed { until: u64 },
    KeysHidden { side: usize, from: u64 },
    KeysShown { side: usize, until: u64 },
}

/// The beginning of a recording.
#[derive(Debug)]
pub(crate) struct Start {
    pub(crate) key: u64,
    pub(crate) spec: RecordingSpec,
    pub(crate) shape: RecordingShape,
    pub(crate) back: Back,
}

/// What the writer is asked.
#[derive(Debug)]
pub(crate) enum Job {
    Start(Box<Start>),
    Chunk(Chunk),
    Mark {
        key: u64,
        mark: Mark,
    },
    /// `frames`: length of the whole recording.
    Finish {
        key: u64,
        frames: u64,
    },
}

/// A media thread's way to the writer. Never blocks.
#[derive(Debug)]
pub(crate) struct Feed {
    jobs: Sender<Job>,
    /// Starts, ends and marks that found the queue full. Starts and ends are never dropped: two per recording. Chunks
    /// are here only while the writer is in the middle of a step.
    waiting: std::collections::VecDeque<Job>,
    /// What waits found the writer busy, not the queue full.
    is_busy: bool,
    pub(crate) pool: Pool,
    keys: Arc<AtomicU64>,
    stats: Arc<RecorderStats>,
    /// Frames of one chunk; of half the time when the file has 16 kHz, so that a chunk has the same size.
    chunk_frames: usize,
}

impl Feed {
    /// What a recording of these channels and this rate looks like. Rates other than 16,000 are 8,000.
    pub(crate) fn shape(&self, channels: u16, rate: u32) -> RecordingShape {
        let rate = if rate == 16_000 { rate } else { careline_audio::SAMPLE_RATE };
        RecordingShape { format: Format { rate, channels }, chunk_frames: self.chunk_frames }
    }

    /// Announces a recording and gives its key.
    pub(crate) fn start(&mut self, spec: RecordingSpec, shape: RecordingShape) -> u64 {
        let key = self.keys.fetch_add(1, Ordering::Relaxed);
        self.stats.open.fetch_add(1, Ordering::Relaxed);
        self.pool.opened();
        let start = Start { key, spec, shape, back: self.pool.back() };
        self.waiting.push_back(Job::Start(Box::new(start)));
        self.flush();
        key
    }

    /// Announces the end of a recording.
    pub(crate) fn finish(&mut self, key: u64, frames: u64) {
        self.waiting.push_back(Job::Finish { key, frames });
        self.flush();
    }

    /// Says something about a time of the recording.
    pub(crate) fn mark(&mut self, key: u64, mark: Mark) {
        if self.waiting.len() < WAITING_MARKS_MAX {
            self.waiting.push_back(Job::Mark { key, mark });
        }
        self.flush();
    }

    /// Hands over a chunk. When too much is on its way already it is counted, and its blocks are kept.
    pub(crate) fn push(&mut self, chunk: Chunk) {
        self.flush();
        let flying = self.stats.flying.fetch_add(1, Ordering::Relaxed);
        let open = self.stats.open.load(Ordering::Relaxed) as usize;
        let has_room = flying < FLYING_SPARE + FLYING_PER_RECORDING * open;
        let refused = match (has_room, self.waiting.is_empty(), self.is_busy) {
            (true, true, _) => match self.jobs.offer(Job::Chunk(chunk)) {
                Ok(()) => return,
                Err(Refused::Busy(job)) => {
                    self.is_busy = true;
                    return self.waiting.push_back(job);
                }
                Err(Refused::Full(job) | Refused::Closed(job)) => job,
            },
            (true, false, true) => return self.waiting.push_back(Job::Chunk(chunk)),
            (true, false, false) | (false, _, _) => Job::Chunk(chunk),
        };
        self.stats.flying.fetch_sub(1, Ordering::Relaxed);
        self.stats.chunks_lost.fetch_add(1, Ordering::Relaxed);
        if let Job::Chunk(chunk) = refused {
            self.pool.back().give(chunk.sides);
        }
    }

    /// Tries again what could not be handed over.
    pub(crate) fn flush(&mut self) {
        while let Some(job) = self.waiting.pop_front() {
            let refused = self.jobs.offer(job);
            self.is_busy = matches!(refused, Err(Refused::Busy(_)));
            if let Err(Refused::Full(job) | Refused::Busy(job)) = refused {
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
}

/// The writer and finisher threads.
#[derive(Debug)]
pub(crate) struct Recorder {
    jobs: Sender<Job>,
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
        let (jobs, inbox) = channel(config.queue_chunks_max);
        let (closing, closed) = channel(CLOSING_MAX);
        let root = std::fs::File::open(&config.directory)
            .map_err(|source| MediaError::Recordings { path: config.directory.clone(), source })?;
        let finisher = finisher::Finisher::new(Store::default(), root, events.clone());
        let finisher = spawn("rec-finisher", move || finisher.run(&closed))?;
        let writer = Writer::new(config, inbox, closing, events, Arc::clone(&stats), Store::default());
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
        Feed {
            jobs: self.jobs.clone(),
            waiting: std::collections::VecDeque::new(),
            is_busy: false,
            pool: Pool::new(self.chunk_frames),
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
