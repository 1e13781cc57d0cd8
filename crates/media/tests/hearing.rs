//! What a leg hears: echo, prompts, music, its bridge; and who hears nothing.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "an edge: real sockets, real time")]

mod support;

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::{Duration, Instant};

use careline_audio::g711::{Law, encode};
use careline_media::{Command, LegId, MediaEvent, Prompts, RemoteStream};
use careline_rtp::latch::Sources;
use support::{DTMF, PATIENCE, Phone, Rig, assert_continuous, assert_tone, samples, stream};

/// Samples that are nowhere the same for long, so that a place in them can be recognised.
fn noise(length: usize, seed: u32) -> Vec<i16> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 18) as i16
    };
    (0..length).map(|_| next()).collect()
}

fn encoded(law: Law, samples: &[i16]) -> Vec<u8> {
    samples.iter().map(|&sample| encode(law, sample)).collect()
}

fn done(playback: u64) -> impl Fn(&MediaEvent) -> Option<()> {
    move |event| {
        matches!(event, MediaEvent::PlaybackDone { playback: ended, .. } if *ended == playback).then_some(())
    }
}

#[test]
fn echo_gives_back_what_was_said() {
    let mut rig = Rig::new(Prompts::default());
    let phone = rig.phone(1, Law::A, Some(440.0));
    rig.send(Command::Echo { leg: LegId(1), on: true });
    let heard = phone.wait_heard(60);
    rig.wait("first packet", |event| (*event == MediaEvent::FirstPacket { leg: LegId(1) }).then_some(()));
    assert_tone(&samples(Law::A, &heard), 440.0);
    assert_continuous(&heard);
    assert!(heard[0].header.marker && !heard[1].header.marker);
}

#[test]
fn prompts_arrive_sample_by_sample_every_20_ms_and_their_end_is_reported() {
    let (welcome, menu) = (noise(8000, 1), noise(4100, 2));
    let prompts = Prompts::from_samples([("welcome", welcome.clone()), ("menu", menu.clone())]).unwrap();
    let mut rig = Rig::new(prompts);
    let phone = rig.phone(1, Law::A, None);
    rig.play(1, 7, &["welcome", "no such prompt", "menu"]);
    rig.wait("end of the prompt", done(7));
    // 12,100 samples are 75 frames and a bit.
    let heard = phone.wait_heard(76);
    let bytes: Vec<u8> = heard.iter().flat_map(|packet| packet.payload.clone()).collect();
    let mut expected = encoded(Law::A, &[welcome, menu].concat());
    expected.resize(76 * 160, Law::A.silence());
    assert!(bytes == expected, "the prompt was changed on its way");
    assert_continuous(&heard);
    assert_eq!(heard.iter().filter(|packet| packet.header.marker).count(), 1);
    assert!(heard[0].header.marker);
    let span = heard[75].at - heard[0].at;
    assert!(span >= Duration::from_millis(1400), "75 steps of 20 ms took {span:?}");
    assert_eq!(rig.engine.stats().prompts_missing, 1);
}

#[test]
fn a_playback_of_unknown_prompts_ends_at_once() {
    let mut rig = Rig::new(Prompts::default());
    let _phone = rig.phone(1, Law::A, None);
    rig.play(1, 3, &["nothing"]);
    rig.wait("end", done(3));
}

#[test]
fn music_pauses_under_a_prompt_and_goes_on_where_it_was() {
    let (music, prompt) = (noise(16_050, 3), noise(1600, 4));
    let prompts = Prompts::from_samples([("music", music.clone()), ("prompt", prompt.clone())]).unwrap();
    let mut rig = Rig::new(prompts);
    let phone = rig.phone(1, Law::U, None);
    rig.music(1, Some("music"));
    phone.wait_heard(20);
    rig.play(1, 1, &["prompt"]);
    rig.wait("end of the prompt", done(1));
    phone.wait_more(15);
    rig.music(1, None);
    rig.music(1, Some("music"));
    // Past the end of the music, which begins again without a gap.
    let heard = phone.wait_heard(150);
    assert_continuous(&heard);
    let prompt = encoded(Law::U, &prompt);
    let bytes: Vec<Vec<u8>> = heard.iter().map(|packet| packet.payload.clone()).collect();
    let at = bytes.iter().position(|frame| *frame == prompt[..160]).expect("the prompt is heard");
    assert_eq!(bytes[at..at + 10].concat(), prompt);
    let without: Vec<u8> = [&bytes[..at], &bytes[at + 10..]].concat().concat();
    let looped: Vec<u8> = encoded(Law::U, &music).into_iter().cycle().take(without.len()).collect();
    assert!(without == looped, "the music jumped");
}

#[test]
fn a_bridge_carries_both_voices_across_the_laws_and_is_confirmed() {
    let mut rig = Rig::new(Prompts::default());
    let patient = rig.phone(1, Law::A, Some(440.0));
    let agent = rig.phone(2, Law::U, Some(620.0));
    rig.bridge(1, 2);
    rig.wait("bridge", |event| (*event == MediaEvent::Bridged { a: LegId(1), b: LegId(2) }).then_some(()));
    let (to_agent, to_patient) = (agent.wait_heard(70), patient.wait_heard(70));
    assert_tone(&samples(Law::U, &to_agent), 440.0);
    assert_tone(&samples(Law::A, &to_patient), 620.0);
    assert_continuous(&to_agent);
    assert_continuous(&to_patient);
    rig.send(Command::Unbridge { a: LegId(2), b: LegId(1) });
    rig.send(Command::Echo { leg: LegId(1), on: true });
    assert_tone(&samples(Law::A, &patient.wait_more(80)), 440.0);
}

#[test]
fn a_prompt_covers_the_bridge_for_one_side_only_and_the_stream_has_no_seam() {
    let prompts = Prompts::from_samples([("beep", noise(3200, 9))]).unwrap();
    let mut rig = Rig::new(prompts);
    let patient = rig.phone(1, Law::A, Some(440.0));
    let agent = rig.phone(2, Law::A, Some(620.0));
    rig.bridge(1, 2);
    agent.wait_heard(10);
    rig.play(2, 5, &["beep"]);
    rig.wait("end of the beep", done(5));
    let heard = agent.wait_more(60);
    assert_tone(&samples(Law::A, &heard), 440.0);
    let all = agent.heard();
    assert_continuous(&all);
    assert_eq!(all.iter().filter(|packet| packet.header.marker).count(), 3);
    assert_tone(&samples(Law::A, &patient.wait_heard(100)), 620.0);
}

#[test]
fn a_stranger_is_not_heard_and_gets_nothing() {
    let rig = Rig::new(Prompts::default());
    let leg = rig.open(1);
    let patient = Phone::call(leg, Law::A, Some(440.0));
    rig.remote(1, patient.address, Law::A);
    let agent = rig.phone(2, Law::A, Some(620.0));
    rig.bridge(1, 2);
    agent.wait_heard(5);
    let stranger = Phone::call(leg, Law::A, Some(1000.0));
    let heard = agent.wait_more(70);
    assert_tone(&samples(Law::A, &heard), 440.0);
    for window in support::windows(&samples(Law::A, &heard), 1000.0) {
        assert!(window.shares[0] < 0.05, "{window:?}");
    }
    assert!(stranger.heard().is_empty());
}

#[test]
fn nothing_is_sent_to_a_source_that_was_not_validated() {
    let prompts = Prompts::from_samples([("music", noise(8000, 5))]).unwrap();
    let rig = Rig::new(prompts);
    let leg = rig.open(1);
    let named = UdpSocket::bind("127.0.0.1:0").unwrap();
    named.set_read_timeout(Some(PATIENCE)).unwrap();
    rig.remote(1, named.local_addr().unwrap(), Law::A);
    rig.music(1, Some("music"));
    // Of the wrong payload type, so never validated, however often.
    let stranger = Phone::call(leg, Law::U, Some(1000.0));
    let mut buffer = [0; 500];
    for _ in 0..40 {
        named.recv(&mut buffer).unwrap();
    }
    assert!(stranger.heard().is_empty());
}

#[test]
fn a_phone_that_sends_from_elsewhere_than_its_sdp_says_is_answered_there() {
    let rig = Rig::new(Prompts::default());
    let phone = Phone::call(rig.open(1), Law::A, Some(440.0));
    let elsewhere = stream("127.0.0.11:9".parse().unwrap(), Law::A);
    rig.remote_stream(1, RemoteStream { sources: Sources::Any, ..elsewhere });
    rig.send(Command::Echo { leg: LegId(1), on: true });
    assert_tone(&samples(Law::A, &phone.wait_heard(60)), 440.0);
}

#[test]
fn a_phone_that_moves_is_found_again_after_a_second_of_silence() {
    let mut rig = Rig::new(Prompts::default());
    let leg = rig.open(1);
    let before = Phone::call(leg, Law::A, Some(440.0));
    rig.remote(1, before.address, Law::A);
    rig.send(Command::Echo { leg: LegId(1), on: true });
    before.wait_heard(10);
    drop(before);
    let silent = Instant::now();
    let after = Phone::call(leg, Law::A, Some(700.0));
    assert_tone(&samples(Law::A, &after.wait_heard(60)), 700.0);
    assert!(after.heard()[0].at - silent >= Duration::from_millis(900));
    rig.send(Command::Close { leg: LegId(1) });
    let stats = rig.wait("end of the leg", |event| match event {
        MediaEvent::LegClosed { stats, .. } => Some(*stats),
        _ => None,
    });
    assert_eq!(stats.relatched, 1);
    assert!(stats.received >= 60 && stats.sent >= 60, "{stats:?}");
}

#[test]
fn keys_are_reported_and_reach_the_other_side_of_the_bridge() {
    let mut rig = Rig::new(Prompts::default());
    let patient = rig.phone(1, Law::A, None);
    let agent = rig.phone(2, Law::A, None);
    rig.bridge(1, 2);
    agent.wait_heard(5);
    for key in ['1', '#', 'D'] {
        patient.press(key);
        let duration_ms = rig.wait("key", |event| match event {
            MediaEvent::Digit { leg: LegId(1), digit, duration_ms } if *digit == key => Some(*duration_ms),
            _ => None,
        });
        assert_eq!(duration_ms, 80);
    }
    // The last key's three ends are still under way; eight packets later everything is through.
    agent.wait_more(8);
    let mut keys: Vec<u8> = agent
        .heard()
        .iter()
        .filter(|packet| packet.header.payload_type == DTMF)
        .map(|packet| packet.payload[0])
        .collect();
    assert!(keys.len() >= 14, "{keys:?}");
    keys.dedup();
    assert_eq!(keys, [1, 11, 13 + 2]);
}

#[test]
fn a_silent_phone_times_out_once_and_comes_back() {
    let mut rig = Rig::with(Prompts::default(), |config| config.media_timeout = Duration::from_millis(300));
    let phone = rig.phone(1, Law::A, Some(440.0));
    rig.wait("first packet", |event| matches!(event, MediaEvent::FirstPacket { .. }).then_some(()));
    phone.mute(true);
    rig.wait("time-out", |event| (*event == MediaEvent::TimedOut { leg: LegId(1) }).then_some(()));
    phone.mute(false);
    rig.wait("return", |event| (*event == MediaEvent::Resumed { leg: LegId(1) }).then_some(()));
    phone.mute(true);
    rig.wait("time-out", |event| (*event == MediaEvent::TimedOut { leg: LegId(1) }).then_some(()));
    let outs = rig.seen.iter().filter(|event| matches!(event, MediaEvent::TimedOut { .. })).count();
    assert_eq!(outs, 2);
}

#[test]
fn a_held_phone_hears_nothing_and_does_not_time_out() {
    let mut rig = Rig::with(Prompts::default(), |config| config.media_timeout = Duration::from_millis(100));
    let phone = rig.phone(1, Law::A, Some(440.0));
    rig.send(Command::Echo { leg: LegId(1), on: true });
    phone.wait_heard(3);
    rig.remote_stream(1, RemoteStream { send: false, receive: false, ..stream(phone.address, Law::A) });
    phone.mute(true);
    // Another leg's time-out proves that the time has passed.
    let other = rig.phone(2, Law::A, None);
    other.mute(true);
    rig.wait("the other's time-out", |event| {
        (*event == MediaEvent::TimedOut { leg: LegId(2) }).then_some(())
    });
    assert!(!rig.seen.contains(&MediaEvent::TimedOut { leg: LegId(1) }));
}

#[test]
fn many_legs_are_served_in_ticks_without_loss() {
    let mut rig = Rig::new(Prompts::default());
    let pairs: Vec<(Phone, Phone)> = (0..30)
        .map(|pair| (rig.phone(2 * pair, Law::A, Some(440.0)), rig.phone(2 * pair + 1, Law::A, Some(620.0))))
        .collect();
    for pair in 0..30 {
        rig.bridge(2 * pair, 2 * pair + 1);
    }
    for (patient, agent) in &pairs {
        assert_tone(&samples(Law::A, &agent.wait_heard(60)), 440.0);
        assert_tone(&samples(Law::A, &patient.wait_heard(60)), 620.0);
        assert_continuous(&agent.heard());
    }
    let stats = rig.engine.stats();
    assert!(stats.legs == 60 && stats.looks > 500, "the sockets are looked at: {stats:?}");
    // Who is silent for a while is told of when she speaks again.
    let (patient, agent) = &pairs[0];
    patient.mute(true);
    pairs[1].1.wait_more(20);
    patient.mute(false);
    assert_tone(&samples(Law::A, &agent.wait_more(60)), 440.0);
    // Few are left: they are served as their packets come.
    close(&mut rig, 2..60);
    assert_tone(&samples(Law::A, &agent.wait_more(60)), 440.0);
    assert_tone(&samples(Law::A, &patient.wait_more(60)), 620.0);
    let looks = rig.engine.stats().looks;
    patient.wait_more(20);
    assert_eq!(rig.engine.stats().looks, looks, "nobody is looked at any more");
    assert_continuous(&agent.heard());
    close(&mut rig, 0..2);
    assert_eq!(rig.engine.stats().legs, 0);
}

/// Ends legs that have lost nothing.
fn close(rig: &mut Rig, legs: std::ops::Range<u64>) {
    for leg in legs.clone() {
        rig.send(Command::Close { leg: LegId(leg) });
    }
    for leg in legs {
        let stats = rig.wait("end of a leg", |event| match event {
            MediaEvent::LegClosed { leg: LegId(closed), stats, .. } if *closed == leg => Some(*stats),
            _ => None,
        });
        assert_eq!((stats.lost, stats.duplicates), (0, 0), "{stats:?}");
    }
}

#[test]
fn orders_for_unknown_legs_are_refused_or_counted() {
    let mut rig = Rig::new(Prompts::default());
    rig.bridge(1, 2);
    rig.wait("refusal", |event| {
        matches!(event, MediaEvent::Refused { a: LegId(1), b: LegId(2), .. }).then_some(())
    });
    rig.send(Command::Close { leg: LegId(77) });
    rig.send(Command::StopRecording { id: Arc::from("none") });
    rig.open(5);
    rig.send(Command::Close { leg: LegId(5) });
    rig.wait("end of the leg", |event| matches!(event, MediaEvent::LegClosed { .. }).then_some(()));
    assert_eq!(rig.engine.stats().commands_ignored, 2);
}
