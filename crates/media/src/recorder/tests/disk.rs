//! Disks that are full, slow or gone.

use super::*;
use std::sync::atomic::AtomicBool;

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
    let closing = desk.finish(16_000);
    assert_eq!((closing.duration_ms, closing.lost_ms, closing.complete), (2000, 1000, false));
    let left = desk.heard().samples.swap_remove(0);
    let loud: Vec<bool> = left.chunks(4000).map(|chunk| chunk.iter().all(|&sample| sample == 1008)).collect();
    assert_eq!(loud, [true, false, false, true]);
    assert!(matches!(desk.events.try_recv(), Some(MediaEvent::RecordingStarted { .. })));
    assert!(matches!(desk.events.try_recv(), Some(MediaEvent::RecordingIncomplete { .. })));
    assert_eq!(desk.events.try_recv(), None);
    let gap = serde_json::json!({ "kind": "lost", "from_ms": 500, "until_ms": 1500 });
    assert_eq!(closing.fields["markers"], serde_json::json!([gap]));
}

#[test]
fn a_recording_that_began_on_a_full_disk_gets_its_file_later() {
    let mut desk = Desk::new();
    desk.has_free(0);
    desk.start();
    desk.chunk(0);
    assert!(matches!(desk.events.try_recv(), Some(MediaEvent::RecordingIncomplete { .. })));
    assert_eq!(std::fs::read_dir(desk.folder.path()).unwrap().count(), 0, "nothing was begun");
    desk.has_free(5000);
    desk.chunk(4000);
    assert!(matches!(desk.events.try_recv(), Some(MediaEvent::RecordingStarted { .. })));
    let closing = desk.finish(8000);
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
    assert!(desk.finish(4000).file.is_none());
    assert_eq!(std::fs::read(&path).unwrap(), b"older");
}

/// A file system of 256 KiB, if we may make one.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(path: &Path) -> Option<Self> {
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
    let mut desk = Desk::on(folder, Store::default());
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
    let closing = desk.finish(44_000);
    assert_eq!((closing.duration_ms, closing.complete), (5500, false));
    assert_eq!(closing.lost_ms, 5000 - held as u64 / 8);
    let left = desk.heard().samples.swap_remove(0);
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

/// The disk holds up every write until it is let go.
#[test]
fn a_slow_disk_costs_what_finds_no_room_and_the_gap_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let held = Arc::new(Mutex::new(()));
    let stuck = Arc::new(AtomicBool::new(false));
    let store = {
        let (held, stuck) = (Arc::clone(&held), Arc::clone(&stuck));
        Store::with_fault(move |deed, path| {
            if deed == Deed::Append && path.extension().is_some_and(|extension| extension == "wav") {
                stuck.store(true, Ordering::Relaxed);
                drop(held.lock().unwrap());
            }
            Ok(())
        })
    };
    let config = RecorderConfig {
        directory: folder.path().to_path_buf(),
        free_space_min_bytes: 0,
        ..RecorderConfig::default()
    };
    let (mut feed, inbox, stats) = feed(4096);
    let (closing, closed) = channel(4);
    let (sender, mut events, _) = event_queue().unwrap();
    let writer = Writer::new(config, inbox, closing, sender, Arc::clone(&stats), store);
    let thread = std::thread::spawn(move || writer.run());
    let hold = held.lock().unwrap();
    let key = feed.start(spec(folder.path()), shape(STEREO));
    while !stuck.load(Ordering::Relaxed) {
        std::thread::yield_now();
    }
    // Ten minutes of speech meet a disk that stands still; half an hour would cost no more memory.
    let back = feed.pool.back();
    for index in 0..1200 {
        let sides = [feed.pool.block(Law::A), feed.pool.block(Law::A)].map(|block| Voice::Law(Law::A, block));
        let (start, frames) = (index * CHUNK_FRAMES as u64, CHUNK_FRAMES);
        feed.push(Chunk { key, start, frames, sides, secret: [None; 2] });
    }
    let flying = stats.flying.load(Ordering::Relaxed);
    assert!(flying <= 258, "{flying} chunks wait");
    assert_eq!(stats.chunks_lost.load(Ordering::Relaxed) as usize, 1200 - flying);
    assert!(back.idle() <= 65, "{} blocks idle", back.idle());
    drop(hold);
    let whole = 1200 * CHUNK_FRAMES as u64;
    feed.finish(key, whole);
    feed.drain();
    drop(feed);
    thread.join().unwrap();
    let closing = std::iter::from_fn(|| closed.take()).find_map(|task| match task {
        Task::Close(closing) => Some(*closing),
        Task::Sync => None,
    });
    let closing = closing.unwrap();
    assert_eq!((closing.duration_ms, closing.complete), (600_000, false));
    assert_eq!(closing.lost_ms, 500 * (1200 - flying as u64));
    let gap = serde_json::json!({ "kind": "lost", "from_ms": 500 * flying, "until_ms": 600_000 });
    assert_eq!(closing.fields["markers"], serde_json::json!([gap]));
    let told = std::iter::from_fn(|| events.try_recv());
    assert_eq!(told.filter(|event| matches!(event, MediaEvent::RecordingIncomplete { .. })).count(), 1);
}

/// The disk refuses every other write for a while, in the middle of it sometimes.
#[test]
fn a_disk_that_comes_and_goes_leaves_a_whole_file_with_every_gap_marked() {
    let refuse = Arc::new(AtomicBool::new(false));
    let store = {
        let refuse = Arc::clone(&refuse);
        Store::with_fault(move |deed, path| {
            let sound = path.extension().is_some_and(|extension| extension == "wav");
            if deed == Deed::Append && sound && refuse.load(Ordering::Relaxed) {
                return Err(std::io::ErrorKind::Other.into());
            }
            Ok(())
        })
    };
    let mut desk = Desk::on(tempfile::tempdir().unwrap(), store);
    desk.start();
    for index in 0..12 {
        refuse.store(index % 3 == 1, Ordering::Relaxed);
        desk.chunk(index * CHUNK_FRAMES as u64);
    }
    refuse.store(false, Ordering::Relaxed);
    let closing = desk.finish(12 * CHUNK_FRAMES as u64);
    assert_eq!((closing.duration_ms, closing.lost_ms), (6000, 2000));
    let left = desk.heard().samples.swap_remove(0);
    let loud: Vec<bool> = left.chunks(CHUNK_FRAMES).map(|chunk| chunk.iter().all(|&s| s == 1008)).collect();
    let expected: Vec<bool> = (0..12).map(|index| index % 3 != 1).collect();
    assert_eq!(loud, expected);
    let gaps: Vec<u64> = closing.fields["markers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| gap["from_ms"].as_u64().unwrap())
        .collect();
    assert_eq!(gaps, [500, 2000, 3500, 5000]);
}
