//! What a copper line's tones say, and what no voice and no music says.

use careline_audio::SAMPLE_RATE;
use careline_audio::busy::{FREQUENCIES, LineTone, ToneWatch};
use careline_audio::g711::{Law, decode, encode};
use careline_audio::tone::Tone;
use careline_audio::wav::read_prompt;
use std::fs::File;
use std::path::PathBuf;

/// Bursts and pauses in a row: frequency (0 for a pause) and milliseconds, at a level in dBFS, heard through A-law.
fn line(level: f64, parts: &[(f64, u32)]) -> Vec<i16> {
    let mut samples = Vec::new();
    for (frequency, ms) in parts {
        let length = (SAMPLE_RATE * ms / 1000) as usize;
        match *frequency {
            0.0 => samples.extend(std::iter::repeat_n(0, length)),
            frequency => samples.extend(Tone::new(SAMPLE_RATE, &[(frequency, level)]).take(length)),
        }
    }
    samples.into_iter().map(|sample| decode(Law::A, encode(Law::A, sample))).collect()
}

fn cadence(level: f64, frequency: f64, on_ms: u32, off_ms: u32, times: usize) -> Vec<i16> {
    line(level, &[(frequency, on_ms), (0.0, off_ms)].repeat(times))
}

/// What is heard, each with the milliseconds after which it was known.
fn heard_at(samples: &[i16]) -> Vec<(usize, LineTone)> {
    let mut watch = ToneWatch::new(&FREQUENCIES);
    let mut heard = Vec::new();
    for (index, frame) in samples.chunks(160).enumerate() {
        watch.feed(frame.iter().copied(), |tone| heard.push((index * 20 + 20, tone)));
    }
    heard
}

fn heard(samples: &[i16]) -> Vec<LineTone> {
    heard_at(samples).into_iter().map(|(_, tone)| tone).collect()
}

#[test]
fn busy_is_known_after_three_cycles_and_told_once() {
    for (frequency, on_ms) in [(450.0, 350), (425.0, 500)] {
        for level in [-10.0, -20.0, -35.0] {
            let told = heard_at(&cadence(level, frequency, on_ms, on_ms, 20));
            assert_eq!(told.len(), 1, "{frequency} Hz at {level}: {told:?}");
            let (ms, tone) = told[0];
            assert_eq!(tone, LineTone::Busy);
            assert!(ms <= 6 * on_ms as usize + 60, "{ms} ms");
        }
    }
}

#[test]
fn congestion_ring_back_and_dial_tone_have_their_names() {
    assert_eq!(heard(&cadence(-15.0, 450.0, 700, 700, 6)), [LineTone::Congestion]);
    assert_eq!(heard(&cadence(-15.0, 425.0, 250, 250, 8)), [LineTone::Congestion]);
    let rings = heard_at(&cadence(-15.0, 450.0, 1000, 4000, 3));
    assert_eq!(rings.iter().map(|(_, tone)| *tone).collect::<Vec<_>>(), [LineTone::RingBack; 3]);
    assert!((1900..2200).contains(&rings[0].0), "a second after the burst: {} ms", rings[0].0);
    assert_eq!(heard(&line(-15.0, &[(450.0, 8000)])), [LineTone::Dial]);
}

#[test]
fn a_tone_that_is_off_by_some_hertz_and_milliseconds_is_known_all_the_same() {
    for frequency in [410.0, 437.0, 460.0, 465.0] {
        for (on_ms, off_ms) in [(310, 390), (350, 350), (395, 310)] {
            let told = heard(&cadence(-20.0, frequency, on_ms, off_ms, 8));
            assert_eq!(told, [LineTone::Busy], "{frequency} Hz, {on_ms}/{off_ms} ms");
        }
    }
}

#[test]
fn a_noisy_line_is_understood() {
    let tone = cadence(-20.0, 450.0, 350, 350, 10);
    // A little generator of our own: the same noise each time.
    let mut state = 1_u32;
    let noisy: Vec<i16> = tone
        .iter()
        .map(|sample| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Uniform, 50 dB below full scale.
            let noise = (state >> 16) as i32 % 360 - 180;
            (i32::from(*sample) + noise).clamp(-32768, 32767) as i16
        })
        .collect();
    assert_eq!(heard(&noisy), [LineTone::Busy]);
}

#[test]
fn the_other_cadences_of_the_same_tone_are_not_busy() {
    for (on_ms, off_ms) in [(100, 100), (1000, 4000), (350, 700), (200, 500), (1500, 3500)] {
        let told = heard(&cadence(-15.0, 450.0, on_ms, off_ms, 12));
        assert!(
            !told.contains(&LineTone::Busy) && !told.contains(&LineTone::Congestion),
            "{on_ms}/{off_ms}: {told:?}"
        );
    }
    let other = heard(&cadence(-15.0, 900.0, 350, 350, 12));
    assert!(!other.contains(&LineTone::Busy), "{other:?}");
    assert_eq!(heard(&cadence(-45.0, 450.0, 350, 350, 12)), [], "too soft for an exchange");
}

#[test]
fn two_bursts_of_a_beep_are_no_busy_tone() {
    let mut parts = [(450.0, 350), (0.0, 350)].repeat(2);
    parts.push((0.0, 3000));
    assert_eq!(heard(&line(-15.0, &parts)), []);
}

#[test]
fn a_lost_packet_breaks_no_cadence_and_a_long_silence_is_silence() {
    let samples = cadence(-15.0, 450.0, 350, 350, 10);
    let mut watch = ToneWatch::new(&FREQUENCIES);
    let mut told = Vec::new();
    for (index, frame) in samples.chunks(160).enumerate() {
        if index % 10 == 4 {
            watch.gap(frame.len(), |tone| told.push(tone));
        } else {
            watch.feed(frame.iter().copied(), |tone| told.push(tone));
        }
    }
    assert_eq!(told, [LineTone::Busy]);
    // A gateway that sends nothing in the pauses (silence suppression).
    let mut watch = ToneWatch::new(&FREQUENCIES);
    let mut told = Vec::new();
    for _ in 0..8 {
        watch.feed(line(-15.0, &[(450.0, 350)]), |tone| told.push(tone));
        watch.gap(8 * 350, |tone| told.push(tone));
    }
    assert_eq!(told, [LineTone::Busy]);
    watch.gap(usize::MAX, |tone| told.push(tone));
}

fn prompt(name: &str) -> Vec<i16> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config/prompts/zh-CN");
    let file = File::open(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    read_prompt(file).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn no_prompt_and_no_music_is_ever_taken_for_a_tone() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config/prompts/zh-CN");
    let mut looked_at = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".wav") {
            continue;
        }
        looked_at += 1;
        // Three times over: what repeats must not look like a cadence either.
        let told = heard(&prompt(&name).repeat(3));
        assert!(told.iter().all(|tone| *tone == LineTone::Sound), "{name}: {told:?}");
    }
    assert!(looked_at > 20, "{looked_at} prompts");
}

#[test]
fn somebody_who_speaks_is_heard_within_a_second() {
    let told = heard_at(&prompt("patient-1.wav"));
    let (ms, tone) = told[0];
    assert_eq!(tone, LineTone::Sound);
    assert!(ms < 1000, "{ms} ms");
    assert!(told.len() >= 2, "told again while it goes on: {told:?}");
}

#[test]
fn a_click_is_nobody() {
    let mut samples = vec![0_i16; 8000];
    samples[4000..4100].fill(9000);
    assert_eq!(heard(&samples), []);
}

#[test]
fn speech_after_ring_back_is_an_answer_and_busy_after_speech_is_the_end() {
    let mut samples = cadence(-15.0, 450.0, 1000, 4000, 2);
    samples.extend(prompt("patient-2.wav"));
    samples.extend(cadence(-15.0, 450.0, 350, 350, 5));
    let mut told = heard(&samples);
    told.dedup();
    assert_eq!(told, [LineTone::RingBack, LineTone::Sound, LineTone::Busy]);
}
