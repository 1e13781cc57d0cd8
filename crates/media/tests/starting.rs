//! What is checked before anything runs, and what several threads may not do.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "an edge: real sockets, real time")]

mod support;

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use careline_audio::wav::write_mono;
use careline_media::{Command, Engine, LegId, MediaConfig, MediaError, MediaEvent, PromptError, Prompts};
use support::{Rig, recorder_config};

#[test]
fn prompts_are_named_by_their_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("zh-CN")).unwrap();
    for name in ["music.wav", "zh-CN/welcome.wav"] {
        write_mono(File::create(folder.path().join(name)).unwrap(), &[0; 4000]).unwrap();
    }
    std::fs::write(folder.path().join("README.md"), "no prompt").unwrap();
    let prompts = Prompts::load(folder.path()).unwrap();
    assert_eq!(prompts.names().collect::<Vec<_>>(), ["music", "zh-CN/welcome"]);
    assert_eq!(prompts.duration("zh-CN/welcome"), Some(Duration::from_millis(500)));
    assert!(prompts.contains("music") && !prompts.contains("welcome"));
    assert_eq!(prompts.duration("welcome"), None);
}

#[test]
fn a_language_plays_its_own_prompts_and_the_first_ones_where_it_has_none() {
    let folder = tempfile::tempdir().unwrap();
    let samples = [("zh-CN/welcome", 800), ("zh-CN/music", 1600), ("en-GB/welcome", 2400)];
    for (name, samples) in samples {
        let path = folder.path().join(format!("{name}.wav"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_mono(File::create(path).unwrap(), &vec![0; samples]).unwrap();
    }
    let prompts = Prompts::load_languages(folder.path(), "zh-CN", &["en-GB"]).unwrap();
    let ms = |name| prompts.duration(name).map(|lasts| lasts.as_millis());
    assert_eq!((ms("welcome"), ms("en-GB/welcome")), (Some(100), Some(300)));
    assert_eq!((ms("music"), ms("en-GB/music")), (Some(200), Some(200)));
    assert!(!prompts.contains("en-GB/music"), "it is another language's");
    assert_eq!((ms("en-GB/none"), ms("de-DE/welcome")), (None, None));
    let missing = Prompts::load_languages(folder.path(), "zh-CN", &["de-DE"]).unwrap_err();
    assert!(matches!(&missing, PromptError::List { path, .. } if path.ends_with("de-DE")), "{missing}");
    std::fs::create_dir(folder.path().join("zh-CN/en-GB")).unwrap();
    std::fs::copy(folder.path().join("en-GB/welcome.wav"), folder.path().join("zh-CN/en-GB/welcome.wav"))
        .unwrap();
    let twice = Prompts::load_languages(folder.path(), "zh-CN", &["en-GB"]).unwrap_err();
    assert_eq!(twice.to_string(), "prompt en-GB/welcome is there twice");
}

#[test]
fn a_file_that_is_no_prompt_is_named() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("broken.wav"), "RIFF").unwrap();
    let error = Prompts::load(folder.path()).unwrap_err();
    assert!(matches!(&error, PromptError::Read { path, .. } if path.ends_with("broken.wav")), "{error}");
    assert!(matches!(Prompts::load(&folder.path().join("none")), Err(PromptError::List { .. })));
    assert!(matches!(Prompts::from_samples([("empty", vec![])]), Err(PromptError::Length { .. })));
}

#[test]
fn values_out_of_range_start_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let good = || MediaConfig { recordings: recorder_config(folder.path()), ..MediaConfig::default() };
    let refused = |config| matches!(Engine::start(config, Arc::default()), Err(MediaError::Config(_)));
    assert!(refused(MediaConfig { threads: 0, ..good() }));
    assert!(refused(MediaConfig { tick: Duration::from_millis(21), ..good() }));
    let mut config = good();
    config.recordings.chunk = Duration::from_millis(10);
    assert!(refused(config));
    let mut config = good();
    config.recordings.directory = "/proc/no such place".into();
    assert!(matches!(Engine::start(config, Arc::default()), Err(MediaError::Recordings { .. })));
}

#[test]
fn legs_of_two_threads_cannot_be_bridged() {
    let mut rig = Rig::with(Prompts::default(), |config| config.threads = 2);
    for leg in 0..2 {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        rig.send(Command::Open { leg: LegId(leg), call: leg, socket, rtcp: None });
    }
    rig.bridge(0, 1);
    rig.wait("refusal", |event| matches!(event, MediaEvent::Refused { .. }).then_some(()));
}

#[test]
fn dropping_the_engine_closes_its_legs() {
    let rig = Rig::new(Prompts::default());
    let address = rig.open(1);
    let Rig { engine, mut events, mut seen, .. } = rig;
    drop(engine);
    support::wait(&mut events, &mut seen, "end of the leg", |event| {
        matches!(event, MediaEvent::LegClosed { leg: LegId(1), .. }).then_some(())
    });
    std::net::UdpSocket::bind(address).expect("the port is free again");
}

#[test]
fn the_engine_can_be_shared_and_its_events_moved() {
    fn shared<T: Send + Sync>() {}
    fn moved<T: Send>() {}
    shared::<Engine>();
    moved::<careline_media::EventReceiver>();
}

#[test]
fn a_recording_id_that_is_no_file_name_is_refused() {
    let mut rig = Rig::new(Prompts::default());
    rig.open(1);
    rig.open(2);
    for id in ["", "../escape", ".hidden", "a/b"] {
        rig.record(id, 1, 2);
        rig.wait("refusal", |event| matches!(event, MediaEvent::Refused { .. }).then_some(()));
    }
    assert_eq!(rig.engine.stats().recordings, 0);
}
