//! Recordings: both voices on one clock, whole files, and what is left when the disk or the program ends.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "an edge: real sockets, real time")]

mod support;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use careline_audio::g711::Law;
use careline_audio::level::level_dbfs;
use careline_audio::wav::{Channels, read_channels};
use careline_media::{Command, LegId, MediaEvent, Prompts, RecorderConfig, repair};
use serde_json::Value;
use sha2::{Digest, Sha256};
use support::{LEVEL_DBFS, PATIENCE, Rig, assert_tone, samples, windows};

fn read(path: &Path) -> Channels {
    read_channels(File::open(path).expect("the file is there")).expect("a readable WAV")
}

fn sidecar(wav: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(wav.with_extension("json")).expect("a side-car")).expect("JSON")
}

fn sha256(path: &Path) -> String {
    hex::encode(Sha256::digest(std::fs::read(path).expect("the file is there")))
}

fn started(event: &MediaEvent) -> Option<PathBuf> {
    match event {
        MediaEvent::RecordingStarted { path, .. } => Some(path.clone()),
        _ => None,
    }
}

struct Finished {
    path: PathBuf,
    duration_ms: u64,
    bytes: u64,
    sha256: String,
    complete: bool,
    lost_ms: u64,
}

fn finished(event: &MediaEvent) -> Option<Finished> {
    match event.clone() {
        MediaEvent::RecordingFinished { path, duration_ms, bytes, sha256, complete, lost_ms, .. } => {
            Some(Finished { path, duration_ms, bytes, sha256, complete, lost_ms })
        }
        _ => None,
    }
}

fn stop(rig: &Rig, id: &str) {
    rig.send(Command::StopRecording { id: Arc::from(id) });
}

/// First sample from which on 10 ms are louder than -30 dBFS.
fn onset(samples: &[i16]) -> usize {
    samples.windows(80).position(|window| level_dbfs(window) > -30.0).expect("the tone is there")
}

#[test]
fn left_is_the_patient_right_the_agent_and_the_file_is_as_the_side_car_says() {
    let mut rig = Rig::new(Prompts::default());
    let patient = rig.phone(1, Law::A, Some(440.0));
    let agent = rig.phone(2, Law::U, Some(620.0));
    rig.bridge(1, 2);
    patient.wait_heard(5);
    let begun = Instant::now();
    rig.record("c1-0", 1, 2);
    let path = rig.wait("start", started);
    assert_eq!(path, rig.folder.path().join("2026/11/22/c1-0.wav"));
    assert_eq!(sidecar(&path)["state"], "open");
    patient.press('5');
    agent.wait_more(150);
    let length = begun.elapsed();
    stop(&rig, "c1-0");
    let end = rig.wait("end", finished);
    assert!(end.complete && end.lost_ms == 0);
    let channels = read(&path);
    let [left, right] = &channels.samples[..] else { panic!("two channels") };
    assert_eq!((channels.rate, left.len()), (8000, right.len()));
    assert!(
        end.duration_ms.abs_diff(length.as_millis() as u64) < 200,
        "{} ms of {length:?}",
        end.duration_ms
    );
    assert_eq!(left.len() as u64 / 8, end.duration_ms);
    // The key leaves a hole of 120 ms and no sound in the patient's channel.
    let good = windows(left, 440.0).iter().filter(|window| window.is_tone(0, LEVEL_DBFS)).count();
    assert!(good >= 11, "{:?}", windows(left, 440.0));
    assert_tone(&right[400..], 620.0);
    assert_eq!((end.bytes, end.sha256.clone()), (std::fs::metadata(&path).unwrap().len(), sha256(&path)));
    let sidecar = sidecar(&path);
    assert_eq!(sidecar["state"], "finished");
    assert_eq!(sidecar["line"], "010");
    assert_eq!(sidecar["id"], "c1-0");
    assert_eq!(sidecar["sha256"], end.sha256.as_str());
    assert_eq!(
        (sidecar["complete"].clone(), sidecar["duration_ms"].clone()),
        (true.into(), end.duration_ms.into())
    );
    assert!(repair(rig.folder.path()).is_empty());
}

#[test]
fn what_is_said_at_the_same_time_stands_at_the_same_place() {
    let mut rig = Rig::new(Prompts::default());
    let patient = rig.phone(1, Law::A, None);
    let agent = rig.phone(2, Law::A, None);
    rig.bridge(1, 2);
    patient.wait_heard(5);
    rig.record("c2-0", 1, 2);
    rig.wait("start", started);
    patient.wait_more(40);
    patient.say(Some(440.0));
    agent.say(Some(620.0));
    patient.wait_more(40);
    // A pause without packets must stay a pause.
    agent.mute(true);
    agent.wait_more(30);
    agent.mute(false);
    patient.wait_more(40);
    stop(&rig, "c2-0");
    let end = rig.wait("end", finished);
    let channels = read(&end.path);
    let (left, right) = (onset(&channels.samples[0]), onset(&channels.samples[1]));
    assert!(left.abs_diff(right) < 400, "left at {left}, right at {right}");
    let silent =
        windows(&channels.samples[1][right..], 620.0).iter().filter(|window| window.is_silent()).count();
    assert!((1..=4).contains(&silent), "{silent} silent windows in the agent's channel");
    assert!(end.complete);
}

#[test]
fn a_recording_ends_by_itself_when_both_legs_are_closed_and_not_before() {
    let mut rig = Rig::new(Prompts::default());
    let patient = rig.phone(1, Law::A, Some(440.0));
    let agent = rig.phone(2, Law::A, Some(620.0));
    rig.bridge(1, 2);
    patient.wait_heard(5);
    rig.record("c3-0", 1, 2);
    rig.record("c3-0", 1, 2);
    rig.wait("refusal of the same id", |event| matches!(event, MediaEvent::Refused { .. }).then_some(()));
    agent.wait_more(20);
    rig.send(Command::Close { leg: LegId(2) });
    rig.wait("end of the leg", |event| matches!(event, MediaEvent::LegClosed { .. }).then_some(()));
    assert_eq!(rig.engine.stats().recordings, 1);
    rig.send(Command::Close { leg: LegId(1) });
    let end = rig.wait("end", finished);
    assert!(end.duration_ms >= 350 && end.complete);
    assert_eq!(rig.engine.stats().recordings, 0);
}

#[test]
fn shutting_down_finishes_what_is_open() {
    let mut rig = Rig::new(Prompts::default());
    let patient = rig.phone(1, Law::A, Some(440.0));
    let _agent = rig.phone(2, Law::A, Some(620.0));
    rig.bridge(1, 2);
    patient.wait_heard(5);
    rig.record("c4-0", 1, 2);
    rig.wait("start", started);
    patient.wait_more(50);
    let Rig { engine, mut events, mut seen, folder, .. } = rig;
    engine.shutdown();
    let end = support::wait(&mut events, &mut seen, "end", finished);
    assert!(end.complete && end.duration_ms >= 900, "{} ms", end.duration_ms);
    assert_eq!(sidecar(&end.path)["state"], "finished");
    drop(folder);
}

#[test]
fn below_the_watermark_nothing_is_recorded_and_the_call_goes_on() {
    let mut rig = Rig::with(Prompts::default(), |config| {
        config.recordings = RecorderConfig {
            free_space_min_bytes: u64::MAX,
            ..support::recorder_config(&config.recordings.directory)
        };
    });
    let patient = rig.phone(1, Law::A, Some(440.0));
    let agent = rig.phone(2, Law::A, Some(620.0));
    rig.bridge(1, 2);
    patient.wait_heard(5);
    rig.record("c5-0", 1, 2);
    rig.wait("alarm", |event| matches!(event, MediaEvent::RecordingIncomplete { .. }).then_some(()));
    assert_tone(&samples(Law::A, &agent.wait_more(80)), 440.0);
    assert_eq!(rig.engine.stats().disk_full, 1);
    stop(&rig, "c5-0");
    let end = rig.wait("end", finished);
    assert!(!end.complete && end.bytes == 0 && end.lost_ms >= 1000, "{} ms lost", end.lost_ms);
    let alarms =
        rig.seen.iter().filter(|event| matches!(event, MediaEvent::RecordingIncomplete { .. })).count();
    assert_eq!(alarms, 1);
    assert!(!end.path.exists());
}

#[test]
fn while_a_recording_is_paused_only_the_file_is_silent() {
    let mut rig = Rig::new(Prompts::default());
    let patient = rig.phone(1, Law::A, Some(440.0));
    let agent = rig.phone(2, Law::A, Some(620.0));
    rig.bridge(1, 2);
    patient.wait_heard(5);
    rig.record("p1-0", 1, 2);
    let path = rig.wait("start", started);
    agent.wait_more(50);
    rig.send(Command::PauseRecording { id: Arc::from("p1-0"), reason: Arc::from("card number") });
    let during = agent.wait_more(60);
    rig.send(Command::ResumeRecording { id: Arc::from("p1-0") });
    agent.wait_more(60);
    stop(&rig, "p1-0");
    let end = rig.wait("end", finished);
    assert!(end.complete, "a pause is no loss");
    support::assert_continuous(&during);
    assert_tone(&samples(Law::A, &during), 440.0);
    let marker = &sidecar(&path)["markers"][0];
    assert_eq!((marker["kind"].as_str(), marker["reason"].as_str()), (Some("paused"), Some("card number")));
    let ms = |key: &str| marker[key].as_u64().expect("a time") as usize;
    let (from, until) = (ms("from_ms") * 8, ms("until_ms") * 8);
    assert!((1000 * 8..2000 * 8).contains(&(until - from)), "paused for {} frames", until - from);
    for (side, frequency) in read(&path).samples.iter().zip([440.0, 620.0]) {
        // The marker's times are cut to milliseconds.
        assert!(
            side[from + 8..until].iter().all(|sample| sample.abs() <= 8),
            "something was said in the pause"
        );
        assert_tone(&side[until + 400..], frequency);
    }
}

#[test]
fn a_whisper_has_a_file_of_its_own_and_is_in_no_other() {
    let mut rig = Rig::new(Prompts::default());
    let patient = rig.phone(1, Law::A, Some(440.0));
    let agent = rig.phone(2, Law::A, Some(620.0));
    let _supervisor = rig.phone(3, Law::U, Some(880.0));
    rig.bridge(1, 2);
    patient.wait_heard(5);
    rig.record("w1-1", 1, 2);
    let recording = careline_media::RecordingSpec {
        id: Arc::from("w1-1-whisper"),
        started_wall_us: 0,
        directory: rig.folder.path().join("2026/11/22"),
        rate: 8000,
        sidecar: serde_json::json!({ "of": "w1-1" }),
    };
    rig.send(Command::RecordOne { recording, leg: LegId(3), tells: false });
    agent.wait_more(60);
    for id in ["w1-1", "w1-1-whisper"] {
        stop(&rig, id);
    }
    let ends = [rig.wait("end", finished), rig.wait("end of the whisper", finished)];
    let whisper = ends.iter().find(|end| end.path.ends_with("w1-1-whisper.wav")).expect("its own file");
    assert_eq!(sidecar(&whisper.path)["of"], "w1-1");
    let [voice] = &read(&whisper.path).samples[..] else { panic!("one channel") };
    assert_tone(&voice[400..], 880.0);
    let call = ends.iter().find(|end| end.path.ends_with("w1-1.wav")).expect("the call's file");
    for side in read(&call.path).samples {
        assert!(
            windows(&side, 880.0).iter().all(|window| window.shares[0] < 0.05),
            "the whisper is in the call"
        );
    }
}

/// Not a test of its own: the program that [`a_killed_program_loses_less_than_a_second`] kills.
#[test]
fn child_that_records_until_it_is_killed() {
    let Some(folder) = std::env::var_os("CARELINE_TEST_RECORD_INTO").map(PathBuf::from) else { return };
    let mut rig = Rig::with(Prompts::default(), |config| {
        config.recordings = support::recorder_config(&folder);
    });
    let patient = rig.phone(1, Law::A, Some(440.0));
    let _agent = rig.phone(2, Law::A, Some(620.0));
    rig.bridge(1, 2);
    patient.wait_heard(5);
    let spec = careline_media::RecordingSpec {
        id: Arc::from(std::env::var("CARELINE_TEST_RECORDING").as_deref().unwrap_or("killed-0")),
        started_wall_us: 0,
        directory: folder.join("day"),
        rate: 8000,
        sidecar: Value::Null,
    };
    rig.send(Command::Record { recording: spec, left: LegId(1), right: LegId(2) });
    rig.wait("nothing, ever", |_| None::<()>);
}

#[test]
fn a_killed_program_loses_less_than_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("day/killed-0.wav");
    let mut child = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_that_records_until_it_is_killed", "--nocapture"])
        .env("CARELINE_TEST_RECORD_INTO", folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let length = || std::fs::metadata(&path).map_or(0, |metadata| metadata.len());
    let deadline = Instant::now() + PATIENCE;
    let until = |condition: &dyn Fn() -> bool| {
        while !condition() {
            assert!(Instant::now() < deadline, "the child does not record");
            std::thread::yield_now();
        }
    };
    until(&|| path.with_extension("json").exists());
    let begun = Instant::now();
    // Between two chunks is the worst moment: just before the third.
    until(&|| length() > 2 * 16_000 && begun.elapsed() > Duration::from_millis(1490));
    child.kill().unwrap();
    let lived = begun.elapsed();
    child.wait().unwrap();
    // Readable even before the repair, thanks to the header that is refreshed with every chunk.
    assert!(read(&path).samples[0].len() >= 4000);
    std::fs::OpenOptions::new()
        .append(true)
        .open(&path)
        .and_then(|file| {
            // As if half a chunk had been under way.
            std::io::Write::write_all(&mut &file, &[0; 1001])
        })
        .unwrap();
    let repaired = repair(folder.path());
    assert_eq!(repaired.len(), 1);
    let channels = read(&path);
    let saved = Duration::from_millis(repaired[0].duration_ms);
    assert_eq!(channels.samples[0].len() as u64 / 8, repaired[0].duration_ms);
    assert!(saved + Duration::from_secs(1) > lived, "{saved:?} saved of {lived:?}");
    assert_eq!((repaired[0].id.as_ref(), repaired[0].sha256.clone()), ("killed-0", sha256(&path)));
    assert_eq!(sidecar(&path)["state"], "repaired");
    assert_eq!(repaired[0].sidecar, sidecar(&path));
    assert!(repair(folder.path()).is_empty(), "once is enough");
}

/// Kills in a row: 5, and 50 in the long tier.
fn kills() -> u64 {
    if std::env::var_os("CARELINE_LONG").is_some() { 50 } else { 5 }
}

#[test]
fn a_program_that_is_killed_again_and_again_leaves_nothing_that_cannot_be_heard() {
    let folder = tempfile::tempdir().unwrap();
    let day = folder.path().join("day");
    for round in 0..kills() {
        let path = day.join(format!("killed-{round}.wav"));
        let mut child = Process::new(std::env::current_exe().unwrap())
            .args(["--exact", "child_that_records_until_it_is_killed", "--nocapture"])
            .env("CARELINE_TEST_RECORD_INTO", folder.path())
            .env("CARELINE_TEST_RECORDING", format!("killed-{round}"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + PATIENCE;
        let until = |condition: &dyn Fn() -> bool| {
            while !condition() {
                assert!(Instant::now() < deadline, "the child does not record");
                std::thread::yield_now();
            }
        };
        until(&|| path.exists());
        let begun = Instant::now();
        // Another moment each time: while files are made, between chunks, within the writing of one.
        let lives = Duration::from_millis(round * 397 % 1700);
        until(&|| begun.elapsed() >= lives);
        child.kill().unwrap();
        let lived = begun.elapsed();
        child.wait().unwrap();
        let repaired = repair(folder.path());
        assert_eq!(repaired.len(), 1, "round {round}");
        let saved = Duration::from_millis(repaired[0].duration_ms);
        // A chunk, what waits for late packets, and what a busy machine needs to see the file.
        let least = lived.saturating_sub(Duration::from_millis(500 + 100 + 300));
        assert!(saved >= least, "round {round}: {saved:?} of {lived:?}");
        assert_eq!(read(&path).samples[0].len() as u64 / 8, repaired[0].duration_ms);
    }
    let verified = careline_media::verify(&day, None);
    assert_eq!((verified.good as u64, verified.problems), (kills(), Vec::new()));
}
