//! The parts of the recorder on a clock and a disk of the test's own.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use careline_audio::g711::{Law, decode, encode};
use careline_audio::wav::read_channels;

use super::capture::{Capture, Spoken};
use super::finisher::Closing;
use super::writer::Writer;
use super::{Buffer, Chunk, Feed, Job, RecorderStats};
use crate::config::{RecorderConfig, RecordingSpec};
use crate::event::{EventReceiver, MediaEvent, event_queue};

const CHUNK_FRAMES: usize = 4000;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn feed(queue: usize) -> (Feed, Receiver<Job>, Arc<RecorderStats>) {
    let (jobs, inbox) = sync_channel(queue);
    let (back, pool) = sync_channel(8);
    let stats = Arc::new(RecorderStats::default());
    let feed = Feed {
        jobs,
        waiting: std::collections::VecDeque::new(),
        back,
        pool,
        keys: Arc::new(AtomicU64::new(1)),
        stats: Arc::clone(&stats),
        chunk_frames: CHUNK_FRAMES,
    };
    (feed, inbox, stats)
}

fn spec(folder: &std::path::Path) -> RecordingSpec {
    RecordingSpec {
        id: Arc::from("r-0"),
        started_wall_us: 0,
        directory: folder.to_path_buf(),
        sidecar: serde_json::Value::Null,
    }
}

/// Everything that was handed over, one side, decoded.
fn side(inbox: &Receiver<Job>, side: usize) -> Vec<i16> {
    let mut samples = Vec::new();
    while let Ok(job) = inbox.try_recv() {
        if let Job::Chunk(chunk) = job {
            assert_eq!(chunk.start, samples.len() as u64);
            let law = chunk.buffer.laws[side];
            samples.extend(chunk.buffer.sides[side][..chunk.frames].iter().map(|&byte| decode(law, byte)));
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
        let capture = Capture::new(Arc::from("r-0"), 1, [0, 1], [Law::A; 2], ms(1000), &feed);
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

const SILENCE: i16 = 8;
const SAID: i16 = 1008;

#[test]
fn a_lost_packet_leaves_silence_of_its_length() {
    let mut story = Story::new();
    for index in (0..10).filter(|index| *index != 4) {
        story.say(1000, index * 20, 0);
    }
    let mut expected = [SAID; 10];
    expected[4] = SILENCE;
    assert_eq!(story.end(200), expected);
}

#[test]
fn late_and_overtaken_packets_stand_where_they_belong_even_across_chunks() {
    let mut story = Story::new();
    for index in 0..60u64 {
        // Every fifth packet comes 90 ms late, behind four others.
        let value = if index % 5 == 0 { 2000 } else { 1000 };
        if index % 5 != 0 || index == 0 {
            story.say(value, index * 20, 0);
        }
        if index % 5 == 4 && index > 4 {
            story.say(2000, (index - 4) * 20, 80);
        }
    }
    let heard = story.end(1200);
    for (index, value) in heard.iter().enumerate() {
        assert_eq!(*value, if index % 5 == 0 { 2016 } else { SAID }, "frame {index}");
    }
}

#[test]
fn a_packet_later_than_the_window_is_left_out() {
    let mut story = Story::new();
    story.say(1000, 0, 0);
    for index in 2..40 {
        story.say(1000, index * 20, 0);
    }
    story.say(2000, 20, 760);
    let heard = story.end(800);
    assert_eq!((heard[0], heard[1], heard[2]), (SAID, SILENCE, SAID));
    assert!(!heard.contains(&2016));
}

#[test]
fn a_first_packet_that_came_late_does_not_shift_the_rest() {
    let mut story = Story::new();
    story.say(1000, 0, 60);
    for index in 5..20 {
        story.say(1000, index * 20, 0);
    }
    // The first stands where it arrived, the others where they were said.
    let heard = story.end(400);
    assert_eq!(heard[3], SAID);
    assert_eq!(heard[5..], [SAID; 15]);
}

#[test]
fn a_new_source_and_jumping_timestamps_are_placed_by_arrival() {
    let mut story = Story::new();
    story.say_from(1, 1000, 0, 20);
    story.say_from(2, 1000, 3_000_000_000, 100);
    story.say_from(2, 1000, 5, 200);
    let heard = story.end(220);
    let said: Vec<usize> = (0..11).filter(|index| heard[*index] == SAID).collect();
    assert_eq!(said, [0, 4, 9]);
}

#[test]
fn drifting_clocks_stay_within_50_ms() {
    let mut story = Story::new();
    // A sender that is slow by 0.1 %: after 200 s it lags by 200 ms.
    for index in 0..10_000u64 {
        let real_ms = index * 20 + index / 50;
        story.say_from(1, 1000, (index * 160) as u32, real_ms + 20);
        while story.inbox.try_recv().is_ok() {}
    }
    let last_ms = 9_999 * 20 + 9_999 / 50;
    story.say_from(1, 2000, 10_000 * 160, last_ms + 40);
    let start = story.capture.buffer_start();
    story.capture.finish(ms(1000 + last_ms + 40), &mut story.feed);
    let mut samples = Vec::new();
    while let Ok(job) = story.inbox.try_recv() {
        if let Job::Chunk(chunk) = job {
            samples.extend(chunk.buffer.sides[0][..chunk.frames].iter().map(|&byte| decode(Law::A, byte)));
        }
    }
    let at = samples.iter().position(|&sample| sample == 2016).expect("the last packet") as u64 + start;
    assert!(at.abs_diff((last_ms + 20) * 8) <= 400, "{at} instead of {}", (last_ms + 20) * 8);
}

#[test]
fn a_change_of_law_keeps_what_was_said() {
    let mut story = Story::new();
    story.say(1000, 0, 0);
    let payload = [encode(Law::U, 2000); 160];
    let spoken = Spoken { law: Law::U, stream: 1, timestamp: 777_160, payload: &payload };
    story.capture.put(0, spoken, ms(1040), &mut story.feed);
    let heard = story.end(40);
    assert!((heard[0] - 1000).abs() < 40 && (heard[1] - 2000).abs() < 80, "{heard:?}");
}

#[test]
fn a_full_queue_costs_chunks_and_never_the_start_or_the_end() {
    let (mut feed, inbox, stats) = feed(1);
    let folder = tempfile::tempdir().unwrap();
    let key = feed.start(spec(folder.path()));
    for start in [0, 4000] {
        let buffer = feed.buffer();
        feed.push(Chunk { key, start, frames: CHUNK_FRAMES, buffer });
    }
    feed.finish(key, 8000);
    assert_eq!(stats.chunks_lost.load(Ordering::Relaxed), 2);
    assert!(matches!(inbox.try_recv(), Ok(Job::Start { .. })));
    feed.flush();
    assert!(matches!(inbox.try_recv(), Ok(Job::Finish { frames: 8000, .. })));
}

/// A writer whose disk has as much room as the test says.
struct Desk {
    writer: Writer,
    free: Arc<Mutex<u64>>,
    closed: Receiver<Closing>,
    events: EventReceiver,
    back: std::sync::mpsc::SyncSender<Buffer>,
    folder: tempfile::TempDir,
    clock: Instant,
}

impl Desk {
    fn new() -> Self {
        Self::on(tempfile::tempdir().unwrap())
    }

    fn on(folder: tempfile::TempDir) -> Self {
        let config = RecorderConfig {
            directory: folder.path().to_path_buf(),
            free_space_min_bytes: 1000,
            ..RecorderConfig::default()
        };
        let (_, inbox) = sync_channel(1);
        let (closing, closed) = sync_channel(4);
        let (sender, events, _) = event_queue().unwrap();
        let free = Arc::new(Mutex::new(1000));
        let asked = Arc::clone(&free);
        let writer = Writer::new(config, inbox, closing, sender, Arc::new(RecorderStats::default()))
            .unwrap()
            .with_free_space(Box::new(move || Ok(*asked.lock().unwrap())));
        let (back, _) = sync_channel(1);
        Self { writer, free, closed, events, back, folder, clock: Instant::now() }
    }

    fn has_free(&mut self, bytes: u64) {
        *self.free.lock().unwrap() = bytes;
        self.clock += Duration::from_secs(2);
        self.writer.watch(self.clock);
    }

    fn chunk(&mut self, start: u64) {
        let mut buffer = Buffer::new(CHUNK_FRAMES);
        buffer.sides[0].fill(encode(Law::A, 1000));
        self.writer.obey(Job::Chunk(Chunk { key: 1, start, frames: CHUNK_FRAMES, buffer }));
    }

    fn start(&mut self) {
        let spec = spec(self.folder.path());
        self.writer.obey(Job::Start { key: 1, spec, back: self.back.clone() });
    }
}

#[test]
fn recording_goes_on_behind_a_silence_when_there_is_room_again() {
    let mut desk = Desk::new();
    desk.start();
    desk.chunk(0);
    desk.has_free(999);
    desk.chunk(4000);
    desk.chunk(8000);
    desk.has_free(1000);
    desk.chunk(12_000);
    desk.writer.obey(Job::Finish { key: 1, frames: 16_000 });
    let closing = desk.closed.try_recv().unwrap();
    assert_eq!((closing.duration_ms, closing.lost_ms, closing.complete), (2000, 1000, false));
    let left = read_channels(closing.file.unwrap()).unwrap().samples.swap_remove(0);
    let loud: Vec<bool> = left.chunks(4000).map(|chunk| chunk.iter().all(|&sample| sample == 1008)).collect();
    assert_eq!(loud, [true, false, false, true]);
    assert!(matches!(desk.events.try_recv(), Some(MediaEvent::RecordingStarted { .. })));
    assert!(matches!(desk.events.try_recv(), Some(MediaEvent::RecordingIncomplete { .. })));
    assert_eq!(desk.events.try_recv(), None);
}

#[test]
fn a_recording_that_began_on_a_full_disk_gets_its_file_later() {
    let mut desk = Desk::new();
    desk.has_free(0);
    desk.start();
    desk.chunk(0);
    assert!(matches!(desk.events.try_recv(), Some(MediaEvent::RecordingIncomplete { .. })));
    assert_eq!(std::fs::read_dir(desk.folder.path()).unwrap().count(), 0);
    desk.has_free(5000);
    desk.chunk(4000);
    assert!(matches!(desk.events.try_recv(), Some(MediaEvent::RecordingStarted { .. })));
    desk.writer.obey(Job::Finish { key: 1, frames: 8000 });
    let closing = desk.closed.try_recv().unwrap();
    assert_eq!((closing.duration_ms, closing.lost_ms, closing.complete), (1000, 500, false));
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let mut desk = Desk::new();
    let path = desk.folder.path().join("r-0.wav");
    std::fs::write(&path, b"older").unwrap();
    desk.start();
    desk.chunk(0);
    assert!(matches!(desk.events.try_recv(), Some(MediaEvent::RecordingIncomplete { .. })));
    desk.writer.obey(Job::Finish { key: 1, frames: 4000 });
    assert!(desk.closed.try_recv().unwrap().file.is_none());
    assert_eq!(std::fs::read(&path).unwrap(), b"older");
}

/// A file system of 256 KiB, if we may make one.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(path: &std::path::Path) -> Option<Self> {
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=256k", "tmpfs"])
            .arg(path)
            .stderr(std::process::Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(path.to_path_buf()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// Needs the right to mount; without it there is nothing to test on.
#[test]
fn a_write_that_the_disk_refuses_leaves_whole_chunks_and_recording_goes_on_later() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(folder.path()) else { return };
    let filler = folder.path().join("filler");
    std::fs::write(&filler, vec![0; 128 * 1024]).unwrap();
    let mut desk = Desk::on(folder);
    desk.start();
    // Each chunk has 16,000 bytes: the eighth does not fit any more.
    for index in 0..10 {
        desk.chunk(index * 4000);
    }
    let path = desk.folder.path().join("r-0.wav");
    let held = read_channels(std::fs::File::open(&path).unwrap()).unwrap().samples[0].len();
    assert!((4 * 4000..=7 * 4000).contains(&held) && held.is_multiple_of(4000), "{held} frames");
    std::fs::remove_file(&filler).unwrap();
    desk.has_free(5000);
    desk.chunk(40_000);
    desk.writer.obey(Job::Finish { key: 1, frames: 44_000 });
    let closing = desk.closed.try_recv().unwrap();
    assert_eq!((closing.duration_ms, closing.complete), (5500, false));
    assert_eq!(closing.lost_ms, 5000 - held as u64 / 8);
    let left = read_channels(closing.file.unwrap()).unwrap().samples.swap_remove(0);
    assert_eq!(left.len(), 44_000);
    assert!(left[..held].iter().all(|&sample| sample == 1008));
    assert!(left[held..40_000].iter().all(|&sample| sample == 0));
    assert!(left[40_000..].iter().all(|&sample| sample == 1008));
    let mut alarms = 0;
    while let Some(event) = desk.events.try_recv() {
        alarms += usize::from(matches!(event, MediaEvent::RecordingIncomplete { .. }));
    }
    assert_eq!(alarms, 1);
}
