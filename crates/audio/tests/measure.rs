//! The instruments read what was put in.

mod support;

use careline_audio::measure::{
    SNR_MAX_DB, best_agreement, click, correlation_at, longest_gap, segmental_snr_db, snr_db, tone_snr_db,
};
use careline_audio::tone::Tone;
use support::{Dice, prompt};

fn with_noise(samples: &[i16], seed: u64, level_dbfs: f64) -> Vec<i16> {
    let noise = Dice(seed).noise(samples.len(), level_dbfs);
    samples.iter().zip(noise).map(|(&sample, noise)| (f64::from(sample) + noise).round() as i16).collect()
}

#[test]
fn the_signal_to_noise_ratio_of_a_tone_is_read_within_half_a_decibel() {
    // Not a whole number of periods, and a constant on top that must not count.
    let tone: Vec<i16> =
        Tone::new(8000, &[(431.7, -13.0)]).take(4321).iter().map(|&value| value + 300).collect();
    for ratio in [10.0, 25.0, 40.0] {
        let read = tone_snr_db(&with_noise(&tone, 1, -13.0 - ratio), 8000, 431.7);
        assert!((read - ratio).abs() < 0.5, "{ratio} dB reads {read:.2}");
    }
    assert!(tone_snr_db(&tone, 8000, 431.7) > 70.0);
    assert!(tone_snr_db(&tone, 8000, 900.0) < -20.0);
    assert!((tone_snr_db(&[], 8000, 440.0) + SNR_MAX_DB).abs() < f64::EPSILON);
    assert!((tone_snr_db(&[0; 800], 8000, 440.0) + SNR_MAX_DB).abs() < f64::EPSILON);
}

#[test]
fn noise_on_speech_is_read_in_whole_and_by_segments() {
    let speech = prompt("greeting");
    let noisy = with_noise(&speech, 2, -60.0);
    let (whole, segments) = (snr_db(&speech, &noisy), segmental_snr_db(&speech, &noisy, 160).unwrap());
    assert!(whole > segments && segments > 20.0, "{whole:.1} {segments:.1}");
    assert!((snr_db(&speech, &speech) - SNR_MAX_DB).abs() < f64::EPSILON);
    assert_eq!(segmental_snr_db(&speech, &speech, 160), Some(35.0));
    assert_eq!(segmental_snr_db(&[0; 800], &noisy, 160), None);
    // One frame of many lost costs one frame.
    let mut hole = speech.clone();
    hole[8000..8160].fill(0);
    assert!(segmental_snr_db(&speech, &hole, 160).unwrap() > 34.0);
}

#[test]
fn a_late_early_or_inverted_copy_is_found_at_its_lag() {
    let speech = prompt("hold-on");
    for (late, early) in [(57, 0), (0, 41)] {
        let mut heard = vec![0; late];
        heard.extend(speech[early..].iter().map(|&sample| sample / 3));
        let agreement = best_agreement(&speech, &heard, 80);
        assert_eq!(agreement.lag, late.cast_signed() - early.cast_signed());
        assert!(agreement.correlation > 0.999, "{agreement:?}");
    }
    let inverted: Vec<i16> = speech.iter().map(|&sample| sample.saturating_neg()).collect();
    assert!(correlation_at(&speech, &inverted, 0) < -0.999);
    assert!(correlation_at(&speech, &[0; 8000], 0).abs() < f64::EPSILON);
    assert!(correlation_at(&speech, &speech, isize::MIN).abs() < f64::EPSILON);
}

#[test]
fn a_hole_is_as_long_as_it_is() {
    let mut tone = Tone::new(8000, &[(440.0, -13.0)]).take(8000);
    assert!(longest_gap(&tone, -40.0) <= 2);
    tone[3000..3160].fill(8);
    assert!((160..165).contains(&longest_gap(&tone, -60.0)));
    assert_eq!(longest_gap(&[], -60.0), 0);
}

#[test]
fn a_cut_stands_out_from_the_signal_it_is_in() {
    let mut tone = Tone::new(8000, &[(440.0, -13.0)]).take(8000);
    let clean = click(&tone);
    assert!((clean - 0.168).abs() < 0.01, "{clean:.3}");
    tone.drain(4000..4009);
    let cut = click(&tone);
    assert!(cut > 5.0 * clean, "{clean:.3} {cut:.3}");
    assert!(click(&[0; 100]).abs() < f64::EPSILON);
}
