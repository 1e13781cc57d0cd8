//! Between 8 and 16 kHz.

mod support;

use careline_audio::level::level_dbfs;
use careline_audio::measure::{correlation_at, snr_db, tone_snr_db};
use careline_audio::resample::{DELAY_SAMPLES_16K, Down2, Up2};
use careline_audio::tone::Tone;
use support::prompt;

fn up(samples: &[i16]) -> Vec<i16> {
    let mut out = vec![0; samples.len() * 2];
    assert_eq!(Up2::new().process(samples, &mut out), out.len());
    out
}

fn down(samples: &[i16]) -> Vec<i16> {
    let mut out = vec![0; samples.len() / 2];
    assert_eq!(Down2::new().process(samples, &mut out), out.len());
    out
}

fn tone(rate: u32, frequency: f64) -> Vec<i16> {
    Tone::new(rate, &[(frequency, -9.0)]).take(rate as usize)
}

#[test]
fn what_a_telephone_carries_passes_flat_and_clean() {
    for frequency in [100.0, 300.0, 1004.0, 2500.0, 3400.0] {
        let wide = up(&tone(8000, frequency));
        let (level, ratio) = (level_dbfs(&wide[100..]), tone_snr_db(&wide[100..], 16_000, frequency));
        assert!(
            (level + 9.0).abs() < 0.05 && ratio > 60.0,
            "up {frequency} Hz: {level:.2} dBFS, {ratio:.1} dB"
        );
        let narrow = down(&tone(16_000, frequency));
        let (level, ratio) = (level_dbfs(&narrow[100..]), tone_snr_db(&narrow[100..], 8000, frequency));
        assert!(
            (level + 9.0).abs() < 0.05 && ratio > 60.0,
            "down {frequency} Hz: {level:.2} dBFS, {ratio:.1} dB"
        );
    }
}

#[test]
fn what_does_not_fit_into_8_khz_is_60_db_down() {
    for frequency in [4600.0, 4800.0, 5500.0, 6300.0, 7000.0, 7900.0] {
        let level = level_dbfs(&down(&tone(16_000, frequency))[100..]);
        assert!(level < -9.0 - 60.0, "{frequency} Hz: {level:.1} dBFS");
    }
}

#[test]
fn there_and_back_is_31_samples_late_and_else_the_same() {
    let speech = prompt("greeting");
    let back = down(&up(&speech));
    let ratio = snr_db(&speech[..speech.len() - DELAY_SAMPLES_16K], &back[DELAY_SAMPLES_16K..]);
    assert!(ratio > 45.0, "{ratio:.1} dB");
    assert!(correlation_at(&speech, &back, DELAY_SAMPLES_16K.cast_signed()) > 0.9999);
}

#[test]
fn blocks_of_any_size_give_the_same_samples() {
    let speech = prompt("hold-on");
    let (whole_up, whole_down) = (up(&speech), down(&speech));
    let (mut upward, mut downward) = (Up2::new(), Down2::new());
    let (mut in_pieces_up, mut in_pieces_down) = (Vec::new(), Vec::new());
    let mut rest = &speech[..speech.len() / 2 * 2];
    for length in [2, 160, 14, 700, 320, 40].into_iter().cycle() {
        let (piece, later) = rest.split_at(length.min(rest.len()));
        let mut out = [0; 1400];
        let count = upward.process(piece, &mut out);
        in_pieces_up.extend_from_slice(&out[..count]);
        let count = downward.process(piece, &mut out);
        in_pieces_down.extend_from_slice(&out[..count]);
        rest = later;
        if rest.is_empty() {
            break;
        }
    }
    assert_eq!(in_pieces_up[..], whole_up[..in_pieces_up.len()]);
    assert_eq!(in_pieces_down, whole_down);
}

#[test]
fn full_scale_saturates_and_a_constant_stays_one() {
    let square: Vec<i16> = (0..1600).map(|at| if at / 8 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
    assert!(up(&square).contains(&i16::MAX) && up(&square).contains(&i16::MIN));
    assert!(down(&square).contains(&i16::MAX));
    assert_eq!(up(&[-12_345; 200])[100], -12_345);
    assert_eq!(down(&[12_345; 200])[50], 12_345);
}

#[test]
fn too_little_room_takes_in_only_what_fits() {
    assert_eq!(Up2::new().process(&[1, 2, 3], &mut [0; 5]), 4);
    assert_eq!(Down2::new().process(&[1, 2, 3, 4, 5], &mut [0; 9]), 2);
    assert_eq!(Down2::new().process(&[1, 2, 3, 4, 5], &mut [0; 1]), 1);
}
