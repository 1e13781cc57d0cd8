//! Noise that stands for a quiet line.

mod support;

use careline_audio::comfort::{Background, ComfortNoise, EmptySidError, LEVEL_MIN_DBOV, ORDER_MAX, Sid};
use careline_audio::level::level_dbfs;
use careline_audio::measure::longest_gap;
use support::{Dice, prompt};

/// White noise through `y = x + coefficient * previous y`.
fn coloured(seed: u64, coefficient: f64, samples: usize) -> Vec<i16> {
    let mut previous = 0.0;
    let noise = Dice(seed).noise(samples, -55.0).into_iter().map(|white| {
        previous = white + coefficient * previous;
        previous.round() as i16
    });
    noise.collect()
}

/// Correlation of each sample with the next one: where the spectrum leans.
fn lean(samples: &[i16]) -> f64 {
    let product = |lag: usize| -> f64 {
        samples.iter().zip(&samples[lag..]).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
    };
    product(1) / product(0)
}

fn learnt(samples: &[i16]) -> Background {
    let mut background = Background::new();
    for frame in samples.chunks_exact(160) {
        background.update(frame);
    }
    background
}

#[test]
fn a_line_that_was_heard_comes_back_with_its_level_and_colour() {
    for coefficient in [0.9, 0.5, 0.0, -0.7] {
        let line = coloured(1, coefficient, 32_000);
        let background = learnt(&line);
        assert!((background.level_dbfs() - level_dbfs(&line)).abs() < 1.5, "{coefficient}");
        let mut payload = Vec::new();
        background.sid(6).write(&mut payload);
        assert_eq!(payload.len(), 7);
        let mut noise = vec![0; 32_000];
        ComfortNoise::new(7, &Sid::read(&payload).unwrap()).fill(&mut noise);
        let level = level_dbfs(&noise) - level_dbfs(&line);
        assert!(level.abs() < 2.0, "{coefficient}: {level:.2} dB");
        let (ours, theirs) = (lean(&noise), lean(&line));
        assert!((ours - theirs).abs() < 0.12, "{coefficient}: {ours:.2} instead of {theirs:.2}");
        assert!(longest_gap(&noise, -110.0) < 40, "noise has no holes");
    }
}

#[test]
fn speech_does_not_count_as_background() {
    let line = coloured(2, 0.5, 8000);
    let mut heard: Vec<i16> = line.repeat(2);
    heard.extend(prompt("greeting").iter().zip(line.iter().cycle()).map(|(&a, &b)| a.saturating_add(b)));
    let level = learnt(&heard).level_dbfs() - level_dbfs(&line);
    assert!(level.abs() < 3.0, "{level:.2} dB");
}

#[test]
fn a_line_that_becomes_noisier_is_believed_after_some_seconds() {
    let quiet = coloured(3, 0.0, 16_000);
    let loud: Vec<i16> = coloured(4, 0.0, 160_000).iter().map(|&sample| sample * 8).collect();
    let expected = level_dbfs(&loud);
    let level = learnt(&[quiet, loud].concat()).level_dbfs();
    assert!((level - expected).abs() < 1.5, "{level:.1} instead of {expected:.1}");
}

#[test]
fn payloads_are_read_and_written_as_rfc_3389_says() {
    let white = Sid::read(&[40]).unwrap();
    assert!((white.level_dbfs() + 40.0).abs() < f64::EPSILON);
    assert_eq!(white.order(), 0);
    assert_eq!(white, Sid::white(-40.2));
    assert_eq!(Sid::read(&[]), Err(EmptySidError));
    // The reserved bit, a coefficient that is not defined, and more of them than are kept.
    let long = [&[0x80 | 30, 255][..], &[127; 30]].concat();
    let sid = Sid::read(&long).unwrap();
    assert!((sid.level_dbfs() + 30.0).abs() < f64::EPSILON);
    assert_eq!(sid.order(), ORDER_MAX);
    let mut out = Vec::new();
    sid.write(&mut out);
    assert_eq!(out[..3], [30, 254, 127]);
    assert!((Sid::white(-500.0).level_dbfs() - f64::from(LEVEL_MIN_DBOV)).abs() < f64::EPSILON);
    assert!(Sid::white(20.0).level_dbfs().abs() < f64::EPSILON);
}

#[test]
fn the_same_seed_makes_the_same_noise_and_another_seed_does_not() {
    let noise = |seed| {
        let mut block = [0; 480];
        let mut noise = ComfortNoise::new(seed, &Sid::white(-50.0));
        noise.fill(&mut block[..100]);
        noise.fill(&mut block[100..]);
        block
    };
    assert_eq!(noise(5), noise(5));
    assert_ne!(noise(5), noise(6));
    assert_ne!(noise(0), noise(1));
}

#[test]
fn a_new_level_is_reached_gently() {
    let mut noise = ComfortNoise::new(1, &Sid::white(-60.0));
    let mut block = [0; 800];
    noise.fill(&mut block);
    noise.set(&Sid::white(-40.0));
    noise.fill(&mut block);
    assert!(level_dbfs(&block[..80]) < -48.0);
    noise.fill(&mut block);
    noise.fill(&mut block);
    assert!((level_dbfs(&block) + 40.0).abs() < 1.0, "{:.1}", level_dbfs(&block));
}

#[test]
fn any_payload_makes_bounded_noise() {
    let mut dice = Dice(9);
    for _ in 0..500 {
        let payload: Vec<u8> = (0..1 + dice.roll() % 14).map(|_| dice.roll() as u8).collect();
        let sid = Sid::read(&payload).unwrap();
        let mut block = [0; 1600];
        let mut noise = ComfortNoise::new(1, &sid);
        noise.fill(&mut block);
        let level = level_dbfs(&block);
        assert!(level < sid.level_dbfs() + 12.0 || level < -85.0, "{payload:?}: {level:.1}");
    }
    Background::new().update(&[]);
    assert_eq!(Background::new().sid(99).order(), ORDER_MAX);
}
