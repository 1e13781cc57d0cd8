//! What was cut off, and the manifest of the day.

use super::*;
use crate::recorder::finisher::Finisher;
use crate::recorder::manifest::{self, Entry, Problem, What, verify};
use crate::recorder::repair::repair;

/// A day with two recordings that were closed in order.
fn a_day() -> (tempfile::TempDir, Vec<MediaEvent>) {
    let mut desk = Desk::new();
    let mut seen = Vec::new();
    for index in 0..2 {
        let spec = RecordingSpec { id: Arc::from(format!("r-{index}")), ..spec(desk.folder.path()) };
        let start = Start { key: 1, spec, shape: shape(STEREO), back: desk.pool.back() };
        desk.pool.opened();
        desk.writer.obey(Job::Start(Box::new(start)));
        desk.chunk(0);
        let closing = desk.finish(CHUNK_FRAMES as u64);
        let (sender, mut events, _) = event_queue().unwrap();
        let root = std::fs::File::open(desk.folder.path()).unwrap();
        Finisher::new(Store::default(), root, sender).finish(closing);
        seen.extend(std::iter::from_fn(|| events.try_recv()));
    }
    (desk.folder, seen)
}

#[test]
fn the_manifest_names_every_closed_recording_and_says_so_when_nothing_was_touched() {
    let (day, events) = a_day();
    let lines = manifest::read(&Store::default(), day.path()).unwrap();
    assert_eq!(lines.len(), 2);
    let MediaEvent::RecordingFinished { sha256, bytes, .. } = &events[0] else { panic!("{events:?}") };
    assert_eq!((lines[0].what, lines[0].hash.clone()), (What::Finished, format!("sha256:{sha256}")));
    assert_eq!((lines[0].bytes, lines[0].duration_ms), (*bytes, 500));
    let verified = verify(day.path(), None);
    assert_eq!((verified.good, verified.problems.len()), (2, 0));
}

#[test]
fn who_changes_sound_or_manifest_is_seen() {
    let (day, _) = a_day();
    let wav = day.path().join("r-1.wav");
    let mut bytes = std::fs::read(&wav).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&wav, &bytes).unwrap();
    assert_eq!(verify(day.path(), None).problems, [Problem::Changed { file: wav.clone() }]);
    std::fs::remove_file(&wav).unwrap();
    assert_eq!(verify(day.path(), None).problems, [Problem::Missing { file: wav }]);
    // The first line goes: the second does not fit any more, and a closed recording has no line.
    let file = day.path().join(manifest::FILE);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.split_once('\n').unwrap().1).unwrap();
    let problems = verify(day.path(), None).problems;
    assert!(problems.contains(&Problem::Chain { file, line: 1 }), "{problems:?}");
    assert!(problems.contains(&Problem::Unnamed { file: day.path().join("r-0.wav") }), "{problems:?}");
}

#[test]
fn a_recording_that_was_closed_but_not_yet_named_is_named_at_the_next_start() {
    let (day, _) = a_day();
    let file = day.path().join(manifest::FILE);
    let text = std::fs::read_to_string(&file).unwrap();
    let first = text.lines().next().unwrap();
    // Cut off in the middle of the second line.
    std::fs::write(&file, &text[..first.len() + 30]).unwrap();
    assert!(repair(day.path()).is_empty(), "nothing to repair, only to name");
    let verified = verify(day.path(), None);
    assert_eq!((verified.good, verified.problems), (2, Vec::new()));
}

#[test]
fn what_was_cut_off_is_repaired_and_named_in_the_folders_of_the_last_run_only() {
    let root = tempfile::tempdir().unwrap();
    let day = root.path().join("2026/11/22");
    std::fs::create_dir_all(&day).unwrap();
    let mut desk = Desk::on(root, Store::default());
    let mut begun = spec(&day);
    begun.rate = 16_000;
    let format = Format { rate: 16_000, channels: 1 };
    desk.pool.opened();
    let start = Start { key: 1, spec: begun, shape: shape(format), back: desk.pool.back() };
    desk.writer.obey(Job::Start(Box::new(start)));
    let sides = [Voice::Pcm(vec![500; CHUNK_FRAMES].into()), Voice::Absent];
    desk.say(0, sides, [None; 2]);
    desk.mark(Mark::Paused { from: 2000, reason: Arc::from("card") });
    // Killed in the middle of the next chunk.
    let wav = day.join("r-0.wav");
    let file = std::fs::OpenOptions::new().append(true).open(&wav).unwrap();
    std::io::Write::write_all(&mut &file, &[1; 1001]).unwrap();
    let repaired = repair(desk.folder.path());
    assert_eq!(repaired.len(), 1);
    assert_eq!(repaired[0].duration_ms, (4000 + 500) * 1000 / 16_000);
    assert_eq!(repaired[0].sidecar["markers"][0]["until_ms"], repaired[0].duration_ms);
    let channels = read_channels(std::fs::File::open(&wav).unwrap()).unwrap();
    assert_eq!((channels.rate, channels.samples.len(), channels.samples[0].len()), (16_000, 1, 4500));
    let lines = manifest::read(&Store::default(), &day).unwrap();
    assert_eq!(lines[0].what, What::Repaired);
    assert_eq!(verify(&day, None).good, 1);
    // Nothing was written since: not even a folder is looked through.
    let facts = wav.with_extension("json");
    let text = std::fs::read_to_string(&facts).unwrap().replace("\"repaired\"", "\"open\"");
    std::fs::write(&facts, &text).unwrap();
    std::fs::remove_file(day.join(manifest::FILE)).unwrap();
    assert!(repair(desk.folder.path()).is_empty());
    // Nobody knows what was written to: everything is.
    std::fs::remove_file(desk.folder.path().join(".days")).unwrap();
    assert_eq!(repair(desk.folder.path()).len(), 1);
}

#[test]
fn a_deleted_recording_is_no_problem() {
    let (day, _) = a_day();
    let first = manifest::read(&Store::default(), day.path()).unwrap().swap_remove(0);
    let wav = day.path().join("r-0.wav");
    let entry = Entry { what: What::Deleted, by: Some("retention".to_owned()), ..first };
    manifest::append(&Store::default(), &wav, &entry).unwrap();
    std::fs::remove_file(&wav).unwrap();
    let verified = verify(day.path(), None);
    assert_eq!((verified.good, verified.deleted, verified.problems), (1, 1, Vec::new()));
}

#[test]
fn facts_that_find_no_room_at_the_end_of_a_recording_are_written_later() {
    let mut desk = Desk::new();
    desk.start();
    desk.chunk(0);
    let closing = desk.finish(CHUNK_FRAMES as u64);
    let full = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let store = {
        let full = Arc::clone(&full);
        Store::with_fault(move |deed, _| {
            let refused = deed != Deed::Read && full.load(Ordering::Relaxed);
            if refused { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        })
    };
    let (sender, mut events, _) = event_queue().unwrap();
    let mut finisher = Finisher::new(store, std::fs::File::open(desk.folder.path()).unwrap(), sender);
    finisher.finish(closing);
    let Some(MediaEvent::RecordingStarted { .. }) = desk.events.try_recv() else { panic!("it began") };
    assert!(matches!(events.try_recv(), Some(MediaEvent::RecordingFinished { complete: true, .. })));
    finisher.again();
    assert!(!desk.folder.path().join(manifest::FILE).exists());
    full.store(false, Ordering::Relaxed);
    finisher.again();
    assert_eq!(verify(desk.folder.path(), None).good, 1);
}
