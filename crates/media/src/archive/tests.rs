//! Recordings that grow old, on a clock of the test's own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use careline_audio::detect::tone_windows;
use careline_audio::level::level_dbfs;
use careline_audio::tone::Tone;
use careline_audio::wav::{Channels, Format, Header, read_channels};

use super::day::DAY_US;
use super::thread::Keeper;
use super::*;
use crate::config::RecordingSpec;
use crate::recorder::manifest::{self, Entry, What, verify};
use crate::recorder::sidecar::{self, End};
use crate::recorder::store::{Store, bare};

/// 2026-03-10 02:00 UTC.
const NOW_US: i64 = 1_773_108_000_000_000;
const STEREO: Format = Format { rate: 8000, channels: 2 };

/// A house with an archive, at a time that the test sets.
struct House {
    root: tempfile::TempDir,
    config: ArchiveConfig,
    now_us: Arc<AtomicI64>,
    library: Arc<Library>,
    keeper: Keeper,
    _end: SyncSender<()>,
}

impl House {
    fn new(change: impl FnOnce(&mut ArchiveConfig)) -> Self {
        let root = tempfile::tempdir().unwrap();
        let mut config = ArchiveConfig {
            directory: Some(root.path().join("nas")),
            directory_is_mount: false,
            free_space_min_bytes: 0,
            recordings_free_min_bytes: 0,
            cpu_percent: 100,
            ..ArchiveConfig::new(root.path().join("recordings"))
        };
        change(&mut config);
        for folder in [&config.recordings, &root.path().join("nas")] {
            std::fs::create_dir_all(folder).unwrap();
        }
        Self::at(root, config, NOW_US)
    }

    fn at(root: tempfile::TempDir, config: ArchiveConfig, now_us: i64) -> Self {
        let now_us = Arc::new(AtomicI64::new(now_us));
        let asked = Arc::clone(&now_us);
        let clock = ArchiveClock {
            wall_us: Arc::new(move || asked.load(Ordering::Relaxed)),
            minute_of_day: Arc::new(|wall_us| (wall_us / 60_000_000 % 1440) as u16),
        };
        let library = Arc::new(Library::new(&config));
        let (end, ended) = sync_channel(0);
        let keeper = Keeper::new(config.clone(), clock, Arc::clone(&library), ended);
        Self { root, config, now_us, library, keeper, _end: end }
    }

    /// The program ends and begins again.
    fn restarted(self) -> Self {
        let now_us = self.now_us.load(Ordering::Relaxed);
        Self::at(self.root, self.config, now_us)
    }

    /// Hours go by, looked at in each.
    fn hours(&mut self, hours: i64) {
        for _ in 0..hours {
            self.now_us.fetch_add(3_600_000_000, Ordering::Relaxed);
            self.keeper.turn();
        }
    }

    /// A closed recording that ended so many days ago; its samples are interleaved.
    fn recorded(&self, id: &str, days_ago: i64, format: Format, samples: &[i16]) -> PathBuf {
        let store = Store::default();
        let day = (NOW_US / DAY_US) - days_ago;
        // Only February and March of 2026 are needed, and a day of 2025 for what is very old.
        let folder = match day - 20_484 {
            of @ 1..=28 => format!("2026/02/{of:02}"),
            of @ 29..=59 => format!("2026/03/{:02}", of - 28),
            _ => "2025/01/05".to_owned(),
        };
        let folder = self.config.recordings.join(folder);
        store.folder(&folder).unwrap();
        let wav = folder.join(format!("{id}.wav"));
        let frames = samples.len() as u64 / u64::from(format.channels);
        let mut bytes = Header::new(format).unwrap().with_frames(frames).to_vec();
        bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        std::fs::write(&wav, &bytes).unwrap();
        let spec = RecordingSpec {
            id: Arc::from(id),
            started_wall_us: NOW_US - days_ago * DAY_US,
            directory: folder,
            rate: format.rate,
            sidecar: serde_json::Value::Null,
        };
        let mut fields = sidecar::open(&spec, format);
        let (bytes, hash) = store.digest(&wav).unwrap();
        let duration_ms = format.ms(frames);
        let end =
            End { state: "finished", duration_ms, bytes, hash: hash.clone(), complete: true, lost_ms: 0 };
        sidecar::close(&mut fields, &end);
        sidecar::write(&store, &sidecar::path_of(&wav), &fields, true).unwrap();
        let at_us = NOW_US - days_ago * DAY_US;
        let recording = id.to_owned();
        let what = What::Finished;
        let entry = Entry { what, recording, hash, bytes, duration_ms, at_us, by: None };
        manifest::append(&store, &wav, &entry).unwrap();
        wav
    }

    fn facts(&self, wav: &Path) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(sidecar::path_of(wav)).unwrap()).unwrap()
    }

    fn heard(&self, wav: &Path) -> Channels {
        read_channels(std::fs::File::open(self.library.wav(wav).unwrap()).unwrap()).unwrap()
    }
}

/// Three seconds and a bit: a patient at 440 Hz, then an agent at 620 Hz.
fn talk(rate: u32) -> Vec<i16> {
    let half = rate as usize * 3 / 2;
    let patient = Tone::new(rate, &[(440.0, -13.0)]).take(half);
    let agent = Tone::new(rate, &[(620.0, -20.0)]).take(half + 77);
    let left = patient.into_iter().chain(std::iter::repeat_n(0, half + 77));
    let right = std::iter::repeat_n(0, half).chain(agent);
    left.zip(right).flat_map(|(left, right)| [left, right]).collect()
}

#[test]
fn after_seven_days_a_recording_lies_in_the_archive_and_sounds_the_same() {
    for format in [STEREO, Format { rate: 16_000, channels: 2 }] {
        let mut house = House::new(|_| {});
        let samples = talk(format.rate);
        let old = house.recorded("old-1", 8, format, &samples);
        let young = house.recorded("young-1", 6, format, &samples);
        let length = std::fs::metadata(&old).unwrap().len();
        house.keeper.turn();
        assert!(!old.exists() && young.exists());
        assert_eq!(
            (house.library.place(&old), house.library.place(&young)),
            (Some(Place::Archive), Some(Place::Here))
        );
        let facts = house.facts(&old);
        assert_eq!(facts["archive"]["file"], "2026/03/02/old-1.opus");
        assert_eq!(facts["bytes"], length, "the original's");
        let opus = house.root.path().join("nas/2026/03/02/old-1.opus");
        let size = std::fs::metadata(&opus).unwrap().len();
        assert!(size * 5 < length, "{size} bytes of {length}");
        assert!(opus.with_extension("json").exists());

        let decoded = house.library.wav(&old).unwrap();
        assert_eq!(std::fs::metadata(decoded).unwrap().len(), length);
        let heard = house.heard(&old);
        assert_eq!(heard.rate, format.rate);
        for (side, frequency, level) in [(0, 440.0, -13.0), (1, 620.0, -20.0)] {
            let windows = tone_windows(&heard.samples[side], format.rate, &[frequency]);
            let tones: Vec<bool> = windows.iter().map(|window| window.is_tone(0, level)).collect();
            let own = if side == 0 { &tones[..6] } else { &tones[9..14] };
            assert!(own.iter().all(|&tone| tone), "side {side}: {windows:?}");
        }
        // Who is silent stays silent beside a loud voice.
        let half = format.rate as usize;
        let leak = level_dbfs(&heard.samples[1][half / 5..half]);
        assert!(leak < -60.0, "{leak} dBFS of the patient in the agent's channel");

        let nas = house.root.path().join("nas");
        let verified = verify(old.parent().unwrap(), Some(&nas));
        assert_eq!((verified.good, verified.problems), (1, Vec::new()));
        let lines = manifest::read(&Store::default(), old.parent().unwrap()).unwrap();
        assert_eq!((lines[1].what, lines[1].hash.clone()), (What::Archived, lines[0].hash.clone()));
        assert_eq!(facts["sha256"], bare(&lines[0].hash));
    }
}

#[test]
fn a_mono_recording_and_one_without_a_sound_are_archived_too() {
    let mut house = House::new(|_| {});
    let mono = Format { rate: 8000, channels: 1 };
    let whisper = house.recorded("w-1", 9, mono, &Tone::new(8000, &[(440.0, -13.0)]).take(16_000));
    let empty = house.recorded("e-1", 9, STEREO, &[]);
    house.keeper.turn();
    assert_eq!(
        (house.library.place(&whisper), house.library.place(&empty)),
        (Some(Place::Archive), Some(Place::Archive))
    );
    let heard = house.heard(&whisper);
    assert_eq!((heard.samples.len(), heard.samples[0].len()), (1, 16_000));
    assert_eq!(house.heard(&empty).samples[0].len(), 0);
}

#[test]
fn outside_its_hours_nothing_is_archived() {
    let mut house = House::new(|config| config.hours = DayHours { from_minute: 180, until_minute: 240 });
    let old = house.recorded("old-1", 8, STEREO, &talk(8000));
    house.keeper.turn();
    assert!(old.exists(), "it is two o'clock");
    house.hours(1);
    assert!(!old.exists());
}

#[test]
fn an_archive_that_is_away_or_full_leaves_recordings_where_they_are() {
    let mut house = House::new(|config| config.hours = DayHours { from_minute: 0, until_minute: 0 });
    let old = house.recorded("old-1", 8, STEREO, &talk(8000));
    let nas = house.root.path().join("nas");
    std::fs::rename(&nas, house.root.path().join("elsewhere")).unwrap();
    house.hours(2);
    assert!(old.exists() && !nas.exists() && house.library.disk().archive_away);
    std::fs::rename(house.root.path().join("elsewhere"), &nas).unwrap();
    house.hours(1);
    assert!(!old.exists() && !house.library.disk().archive_away);
    assert_eq!(house.library.disk().failed, 0);

    let mut full = House::new(|config| config.free_space_min_bytes = u64::MAX);
    let old = full.recorded("old-1", 8, STEREO, &talk(8000));
    full.keeper.turn();
    assert!(old.exists() && full.library.disk().archive_away);

    let mut unmounted = House::new(|config| config.directory_is_mount = true);
    let old = unmounted.recorded("old-1", 8, STEREO, &talk(8000));
    unmounted.keeper.turn();
    assert!(old.exists() && unmounted.library.disk().archive_away, "an empty folder is no NAS");
}

#[test]
fn a_recording_that_was_changed_is_not_archived_and_the_others_are() {
    let mut house = House::new(|_| {});
    let changed = house.recorded("a-1", 8, STEREO, &talk(8000));
    let good = house.recorded("b-1", 8, STEREO, &talk(8000));
    let mut bytes = std::fs::read(&changed).unwrap();
    bytes[1000] ^= 0x40;
    std::fs::write(&changed, bytes).unwrap();
    house.keeper.turn();
    assert!(changed.exists() && !good.exists());
    assert_eq!(house.library.disk().failed, 1);
}

#[test]
fn what_was_cut_off_before_the_original_went_is_finished_later() {
    let mut house = House::new(|config| config.hours = DayHours { from_minute: 0, until_minute: 0 });
    let old = house.recorded("old-1", 8, STEREO, &talk(8000));
    let original = std::fs::read(&old).unwrap();
    house.keeper.turn();
    std::fs::write(&old, &original).unwrap();
    let mut house = house.restarted();
    house.keeper.turn();
    assert!(!old.exists());
    // The archive's file was changed meanwhile: the original stays.
    std::fs::write(&old, &original).unwrap();
    let opus = house.root.path().join("nas/2026/03/02/old-1.opus");
    let mut bytes = std::fs::read(&opus).unwrap();
    bytes[500] ^= 1;
    std::fs::write(&opus, bytes).unwrap();
    let mut house = house.restarted();
    house.keeper.turn();
    assert!(old.exists());
}

#[test]
fn a_damaged_file_of_the_archive_is_said_to_be_damaged_and_gives_no_sound() {
    let mut house = House::new(|_| {});
    let old = house.recorded("old-1", 8, STEREO, &talk(8000));
    house.keeper.turn();
    let opus = house.root.path().join("nas/2026/03/02/old-1.opus");
    let bytes = std::fs::read(&opus).unwrap();
    for damaged in [&bytes[..bytes.len() / 2], &bytes[..10], &[0; 100][..]] {
        std::fs::write(&opus, damaged).unwrap();
        let error = house.library.wav(&old).unwrap_err();
        assert!(matches!(error, LibraryError::Damaged(_)), "{error:?}");
    }
    std::fs::remove_file(&opus).unwrap();
    assert!(matches!(house.library.wav(&old), Err(LibraryError::Away(_))));
    assert!(matches!(house.library.wav(&old.with_file_name("none-1.wav")), Err(LibraryError::Missing)));
}

#[test]
fn decoded_recordings_take_no_more_room_than_they_may() {
    let one = 44 + talk(8000).len() as u64 * 2;
    let mut house = House::new(|config| config.cache_bytes_max = 2 * one + 10);
    let old: Vec<PathBuf> =
        (0..4).map(|index| house.recorded(&format!("old-{index}"), 8, STEREO, &talk(8000))).collect();
    house.keeper.turn();
    for wav in &old {
        house.library.wav(wav).unwrap();
    }
    let held = std::fs::read_dir(house.config.recordings.join(".cache")).unwrap().count();
    assert_eq!(held, 2);
}

fn hold(name: &str, until_us: Option<i64>) -> Hold {
    Hold {
        name: name.to_owned(),
        kind: HoldKind::Complaint,
        reason: "complaint 2026-17".to_owned(),
        who: "qa-1".to_owned(),
        placed_at_us: NOW_US,
        until_us,
    }
}

#[test]
fn after_a_year_recordings_go_unless_somebody_holds_them() {
    let mut house = House::new(|config| config.directory = None);
    let year = 366;
    let gone = house.recorded("gone-1", year, STEREO, &talk(8000));
    let held = house.recorded("held-1", year, STEREO, &talk(8000));
    let over = house.recorded("over-1", year, STEREO, &talk(8000));
    let broken = house.recorded("broken-1", year, STEREO, &talk(8000));
    let young = house.recorded("young-1", 6, STEREO, &talk(8000));
    house.library.hold(&held, hold("c-17", None)).unwrap();
    house.library.hold(&over, hold("c-18", Some(NOW_US - 1))).unwrap();
    std::fs::write(broken.with_extension("holds"), b"{ what?").unwrap();
    house.hours(26);
    assert!(!gone.exists() && !sidecar::path_of(&gone).exists());
    assert!(!over.exists() && !over.with_extension("holds").exists(), "the hold was over");
    assert!(held.exists() && young.exists());
    assert!(broken.exists(), "a hold that cannot be read holds");
    let lines = manifest::read(&Store::default(), gone.parent().unwrap()).unwrap();
    let told: Vec<&str> =
        lines.iter().filter(|line| line.what == What::Deleted).map(|line| &*line.recording).collect();
    assert_eq!(told, ["gone-1", "over-1"]);
    let verified = verify(gone.parent().unwrap(), None);
    assert_eq!((verified.deleted, verified.problems), (2, Vec::new()));

    house.library.release(&held, "c-17", "qa-1").unwrap();
    assert!(matches!(house.library.release(&held, "c-17", "qa-1"), Err(HoldError::Missing)));
    house.hours(1);
    assert!(!held.exists());
}

#[test]
fn holds_outlive_a_restart_and_have_limits() {
    let house = House::new(|config| config.directory = None);
    let wav = house.recorded("held-1", 366, STEREO, &talk(8000));
    house.library.hold(&wav, hold("c-17", None)).unwrap();
    house.library.hold(&wav, hold("c-17", Some(NOW_US + 5))).unwrap();
    assert_eq!(
        house.library.holds(&wav).unwrap(),
        [hold("c-17", Some(NOW_US + 5))],
        "the same name replaces"
    );
    assert!(matches!(house.library.hold(&wav, hold("", None)), Err(HoldError::Text("name"))));
    for index in 0..63 {
        house.library.hold(&wav, hold(&index.to_string(), None)).unwrap();
    }
    assert!(matches!(house.library.hold(&wav, hold("one more", None)), Err(HoldError::Full)));
    let mut house = house.restarted();
    house.hours(26);
    assert!(wav.exists());
}

#[test]
fn an_archived_recording_is_deleted_in_both_places_and_waits_when_the_archive_is_away() {
    let mut house = House::new(|config| config.retention = Some(Duration::from_secs(20 * 86_400)));
    let old = house.recorded("old-1", 19, STEREO, &talk(8000));
    house.keeper.turn();
    let opus = house.root.path().join("nas/2026/02/19/old-1.opus");
    assert!(opus.exists(), "archived");
    house.library.wav(&old).unwrap();
    let nas = house.root.path().join("nas");
    std::fs::rename(&nas, house.root.path().join("elsewhere")).unwrap();
    house.hours(60);
    assert!(sidecar::path_of(&old).exists(), "what lies elsewhere cannot be deleted now");
    std::fs::rename(house.root.path().join("elsewhere"), &nas).unwrap();
    house.hours(1);
    assert!(!sidecar::path_of(&old).exists() && !opus.exists() && !opus.with_extension("json").exists());
    assert_eq!(std::fs::read_dir(house.config.recordings.join(".cache")).unwrap().count(), 0);
}

#[test]
fn a_clock_that_is_wrong_deletes_nothing() {
    let mut house = House::new(|config| config.directory = None);
    let wav = house.recorded("r-1", 100, STEREO, &talk(8000));
    house.hours(30);
    // Two years ahead for most of a day, then right again.
    house.now_us.fetch_add(730 * DAY_US, Ordering::Relaxed);
    house.hours(23);
    assert!(wav.exists());
    house.now_us.fetch_sub(730 * DAY_US, Ordering::Relaxed);
    house.hours(48);
    // Long before.
    house.now_us.store(1_000_000_000_000_000, Ordering::Relaxed);
    house.hours(48);
    assert!(wav.exists());
    // A switch that was off for a year deletes after a day of steady time.
    house.now_us.store(NOW_US + 400 * DAY_US, Ordering::Relaxed);
    let mut house = house.restarted();
    house.hours(23);
    assert!(wav.exists());
    house.hours(3);
    assert!(!wav.exists());
}

#[test]
fn the_disk_is_said_to_last_as_long_as_the_last_week_says() {
    let mut house = House::new(|config| config.directory = None);
    house.keeper.turn();
    assert_eq!(house.library.disk().days_left, None, "nothing was recorded yet");
    for days_ago in 1..=4 {
        house.recorded(&format!("r-{days_ago}"), days_ago, STEREO, &vec![0; 200_000]);
    }
    house.hours(1);
    let report = house.library.disk();
    assert_eq!(report.recorded_7_days_bytes, 4 * (400_000 + 44));
    let expected = report.free_bytes * 4 / (4 * 400_044);
    let left = u64::from(report.days_left.unwrap());
    assert!(left.abs_diff(expected) <= 1, "{left} instead of {expected}");
}

/// Needs ffmpeg; without it nothing is shown.
#[test]
fn a_foreign_player_hears_both_channels() {
    let mut house = House::new(|_| {});
    house.recorded("old-1", 8, STEREO, &talk(8000));
    house.keeper.turn();
    let opus = house.root.path().join("nas/2026/03/02/old-1.opus");
    let decoded = std::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&opus)
        .args(["-f", "s16le", "-ar", "48000", "-"])
        .output();
    let Ok(decoded) = decoded else { return };
    assert!(decoded.status.success(), "{}", String::from_utf8_lossy(&decoded.stderr));
    let samples: Vec<i16> =
        decoded.stdout.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    assert_eq!(samples.len() / 2, talk(8000).len() / 2 * 6, "the length to the sample");
    for (side, frequency, windows) in [(0, 440.0, 1..6), (1, 620.0, 9..14)] {
        let channel: Vec<i16> = samples.iter().skip(side).step_by(2).copied().collect();
        let heard = tone_windows(&channel, 48_000, &[frequency]);
        assert!(heard[windows].iter().all(|window| window.shares[0] > 0.8), "side {side}: {heard:?}");
    }
}
