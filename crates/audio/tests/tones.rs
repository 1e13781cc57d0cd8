//! Generator and detector against the table of expected readings.

use careline_audio::SAMPLE_RATE;
use careline_audio::detect::tone_windows;
use careline_audio::g711::{Law, decode, encode};
use careline_audio::level::{LEVEL_MIN_DBFS, level_dbfs};
use careline_audio::tone::Tone;

const BANK: [f64; 6] = [425.0, 440.0, 480.0, 620.0, 700.0, 1000.0];

fn through(law: Law, samples: &[i16]) -> Vec<i16> {
    samples.iter().map(|&sample| decode(law, encode(law, sample))).collect()
}

#[test]
fn a_pure_tone_reads_its_level_and_a_share_of_one() {
    for level in [-13.0, -30.0, -43.0] {
        let samples = through(Law::A, &Tone::new(SAMPLE_RATE, &[(440.0, level)]).take(8000));
        let windows = tone_windows(&samples, SAMPLE_RATE, &BANK);
        assert_eq!(windows.len(), 5);
        for window in windows {
            assert!((window.level_dbfs - level).abs() < 0.2, "{window:?}");
            assert!((window.shares[1] - 1.0).abs() < 0.01, "{window:?}");
            assert!(window.shares[3] < 0.01 && window.is_tone(1, level), "{window:?}");
        }
    }
}

#[test]
fn two_equal_tones_share_the_energy_and_add_three_decibels() {
    let samples = through(Law::U, &Tone::new(SAMPLE_RATE, &[(440.0, -16.0), (700.0, -16.0)]).take(4800));
    for window in tone_windows(&samples, SAMPLE_RATE, &BANK) {
        assert!((window.level_dbfs + 13.0).abs() < 0.2, "{window:?}");
        assert!((window.shares[1] - 0.5).abs() < 0.02 && (window.shares[4] - 0.5).abs() < 0.02, "{window:?}");
    }
}

#[test]
fn a_law_silence_reads_minus_72_and_no_tone() {
    let samples = through(Law::A, &[0; 1600]);
    let windows = tone_windows(&samples, SAMPLE_RATE, &BANK);
    assert!((windows[0].level_dbfs + 72.2).abs() < 0.1, "{windows:?}");
    assert!(windows[0].is_silent() && windows[0].shares.iter().all(|&share| share == 0.0));
    assert!((level_dbfs(&[]) - LEVEL_MIN_DBFS).abs() < f64::EPSILON);
}

#[test]
fn off_tune_tones_lose_their_share_as_measured() {
    for (off, share) in [(3.0, 0.62), (4.0, 0.42), (5.0, 0.25), (10.0, 0.0)] {
        let samples = Tone::new(SAMPLE_RATE, &[(700.0 + off, -13.0)]).take(1600);
        let window = &tone_windows(&samples, SAMPLE_RATE, &BANK)[0];
        assert!((window.shares[4] - share).abs() < 0.03, "{off} Hz: {window:?}");
    }
}

#[test]
fn phase_goes_on_between_blocks() {
    let whole = Tone::new(SAMPLE_RATE, &[(441.0, -10.0), (1003.0, -20.0)]).take(4000);
    let mut tone = Tone::new(SAMPLE_RATE, &[(441.0, -10.0), (1003.0, -20.0)]);
    let pieces: Vec<i16> = [160, 1, 839, 3000].iter().flat_map(|&length| tone.take(length)).collect();
    assert_eq!(whole, pieces);
}

#[test]
fn too_loud_clips_and_does_not_wrap() {
    let samples = Tone::new(SAMPLE_RATE, &[(440.0, -1.0), (443.0, -1.0)]).take(8000);
    assert_eq!(samples.iter().max(), Some(&i16::MAX));
    assert_eq!(samples.iter().min(), Some(&i16::MIN));
}
