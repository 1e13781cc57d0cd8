//! The parts of the recorder on a clock and a disk of the test's own.

mod disk;
mod marks;
mod memory;
mod placing;
mod repairs;
mod wide;

use crate::channel::{Receiver, channel};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use careline_audio::g711::{Law, decode, encode};
use careline_audio::wav::{Channels, Format, read_channels};

use super::capture::{Capture, Spoken};
use super::chunk::{Chunk, Pool, Voice};
use super::finisher::{Closing, Task};
use super::store::{Deed, Store};
use super::writer::Writer;
use super::{Feed, Job, Mark, RecorderStats, RecordingShape, Start};
use crate::config::{RecorderConfig, RecordingSpec};
use crate::event::{EventReceiver, MediaEvent, event_queue};

const CHUNK_FRAMES: usize = 4000;
const STEREO: Format = Format { rate: 8000, channels: 2 };

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn feed(queue: usize) -> (Feed, Receiver<Job>, Arc<RecorderStats>) {
    let (jobs, inbox) = channel(queue);
    let stats = Arc::new(RecorderStats::default());
    let feed = Feed {
        jobs,
        waiting: std::collections::VecDeque::new(),
        is_busy: false,
        pool: Pool::new(CHUNK_FRAMES),
        keys: Arc::new(AtomicU64::new(1)),
        stats: Arc::clone(&stats),
        chunk_frames: CHUNK_FRAMES,
    };
    (feed, inbox, stats)
}

fn shape(format: Format) -> RecordingShape {
    RecordingShape { format, chunk_frames: CHUNK_FRAMES }
}

fn spec(folder: &Path) -> RecordingSpec {
    RecordingSpec {
        id: Arc::from("r-0"),
        started_wall_us: 0,
        directory: folder.to_path_buf(),
        rate: 8000,
        sidecar: serde_json::Value::Null,
    }
}

/// Both sides of G.711, one value throughout.
fn voices(left: i16, right: i16) -> [Voice; 2] {
    [left, right].map(|value| Voice::Law(Law::A, vec![encode(Law::A, value); CHUNK_FRAMES].into()))
}

/// Everything that was handed over, one side, decoded.
fn side(inbox: &Receiver<Job>, side: usize) -> Vec<i16> {
    let mut samples = Vec::new();
    while let Ok(job) = inbox.try_recv() {
        if let Job::Chunk(chunk) = job {
            assert_eq!(chunk.start, samples.len() as u64);
            match &chunk.sides[side] {
                Voice::Law(law, bytes) => {
                    samples.extend(bytes[..chunk.frames].iter().map(|&byte| decode(*law, byte)));
                }
                Voice::Pcm(block) => samples.extend_from_slice(&block[..chunk.frames]),
                Voice::Absent => {}
            }
        }
    }
    samples
}

/// A capture that began at 1 s, and a way to say 20 ms of one value.
struct Story {
    capture: Capture,
    feed: Feed,
    inbox: Receiver<Job>,
}

impl Story {
    fn new() -> Self {
        let (feed, inbox, _) = feed(64);
        let legs = [Some(0), Some(1)];
        let capture = Capture::new(Arc::from("r-0"), 1, legs, [Law::A; 2], shape(STEREO), ms(1000), &feed);
        Self { capture, feed, inbox }
    }

    /// The packet of 20 ms that began `said_at` ms into the recording arrives `late` ms after its end.
    fn say(&mut self, value: i16, said_at: u64, late: u64) {
        self.say_from(1, value, 777_000u32.wrapping_add(8 * said_at as u32), said_at + 20 + late);
    }

    fn say_from(&mut self, stream: u64, value: i16, timestamp: u32, arrives_at: u64) {
        let now = ms(1000 + arrives_at);
        self.capture.turn(now, &mut self.feed);
        let payload = [encode(Law::A, value); 160];
        let spoken = Spoken { law: Law::A, stream, timestamp, payload: &payload };
        self.capture.put(0, spoken, now, &mut self.feed);
    }

    /// Ends at `at` ms; gives the value of every 20 ms of the left side, rounded as A-law does.
    fn end(mut self, at: u64) -> Vec<i16> {
        self.capture.finish(ms(1000 + at), &mut self.feed);
        let samples = side(&self.inbox, 0);
        assert_eq!(samples.len() as u64, at * 8);
        samples
            .chunks(160)
            .map(|frame| if frame.iter().all(|s| *s == frame[0]) { frame[0] } else { -1 })
            .collect()
    }
}

#[test]
fn a_full_queue_costs_chunks_and_never_the_start_or_the_end() {
    let (mut feed, inbox, stats) = feed(1);
    let folder = tempfile::tempdir().unwrap();
    let key = feed.start(spec(folder.path()), shape(STEREO));
    for start in [0, 4000] {
        let sides = voices(0, 0);
        feed.push(Chunk { key, start, frames: CHUNK_FRAMES, sides, secret: [None; 2] });
    }
    feed.finish(key, 8000);
    assert_eq!(stats.chunks_lost.load(Ordering::Relaxed), 2);
    assert!(matches!(inbox.try_recv(), Ok(Job::Start(_))));
    feed.flush();
    assert!(matches!(inbox.try_recv(), Ok(Job::Finish { frames: 8000, .. })));
}

/// A writer whose disk has as much room, and is as quick, as the test says.
struct Desk {
    writer: Writer,
    free: Arc<Mutex<u64>>,
    closed: Receiver<Task>,
    events: EventReceiver,
    pool: Pool,
    folder: tempfile::TempDir,
    clock: Instant,
}

impl Desk {
    fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap(), Store::default())
    }

    fn on(folder: tempfile::TempDir, store: Store) -> Self {
        let config = RecorderConfig {
            directory: folder.path().to_path_buf(),
            free_space_min_bytes: 1000,
            ..RecorderConfig::default()
        };
        let (_, inbox) = channel(1);
        let (closing, closed) = channel(4);
        let (sender, events, _) = event_queue().unwrap();
        let free = Arc::new(Mutex::new(1000));
        let asked = Arc::clone(&free);
        let stats = Arc::new(RecorderStats::default());
        stats.flying.store(1 << 20, Ordering::Relaxed);
        let writer = Writer::new(config, inbox, closing, sender, stats, store)
            .with_free_space(Box::new(move || Ok(*asked.lock().unwrap())));
        let pool = Pool::new(CHUNK_FRAMES);
        Self { writer, free, closed, events, pool, folder, clock: Instant::now() }
    }

    fn has_free(&mut self, bytes: u64) {
        *self.free.lock().unwrap() = bytes;
        self.clock += Duration::from_secs(2);
        self.writer.watch(self.clock);
    }

    fn chunk(&mut self, start: u64) {
        self.say(start, voices(1000, 0), [None; 2]);
    }

    fn say(&mut self, start: u64, sides: [Voice; 2], secret: [Option<(u32, u32)>; 2]) {
        self.writer.obey(Job::Chunk(Chunk { key: 1, start, frames: CHUNK_FRAMES, sides, secret }));
    }

    fn mark(&mut self, mark: Mark) {
        self.writer.obey(Job::Mark { key: 1, mark });
    }

    fn start(&mut self) {
        self.start_as(STEREO);
    }

    fn start_as(&mut self, format: Format) {
        let spec = spec(self.folder.path());
        self.pool.opened();
        let start = Start { key: 1, spec, shape: shape(format), back: self.pool.back() };
        self.writer.obey(Job::Start(Box::new(start)));
    }

    /// Ends the recording after so many frames.
    fn finish(&mut self, frames: u64) -> Closing {
        self.writer.obey(Job::Finish { key: 1, frames });
        std::iter::from_fn(|| self.closed.take())
            .find_map(|task| match task {
                Task::Close(closing) => Some(*closing),
                Task::Sync => None,
            })
            .expect("it is closed")
    }

    /// What is in the file.
    fn heard(&self) -> Channels {
        read_channels(std::fs::File::open(self.path()).unwrap()).unwrap()
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("r-0.wav")
    }
}
