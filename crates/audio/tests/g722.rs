//! G.722 against ffmpeg's, byte by byte and sample by sample (how the files were made: `fixtures/README.md`).

mod support;

use careline_audio::SAMPLE_RATE;
use careline_audio::g722::{self, Decoder, Encoder};
use careline_audio::measure::{best_agreement, tone_snr_db};
use careline_audio::resample::{Down2, Up2};
use careline_audio::tone::Tone;
use support::{Dice, fixture_source, prompt, samples_of};

const STREAM: &[u8] = include_bytes!("fixtures/speech.g722");
const DECODED: &[u8] = include_bytes!("fixtures/speech-g722-decoded.s16le");
/// Delay of both quadrature mirror filters together.
const DELAY: usize = 22;

fn encode(samples: &[i16]) -> Vec<u8> {
    let (mut encoder, mut out) = (Encoder::new(), Vec::new());
    for frame in samples.chunks(320) {
        encoder.encode(frame, &mut out);
    }
    out
}

fn decode(payload: &[u8]) -> Vec<i16> {
    let (mut decoder, mut out) = (Decoder::new(), Vec::new());
    for packet in payload.chunks(160) {
        decoder.decode(packet, &mut out);
    }
    out
}

#[test]
fn ffmpegs_stream_decodes_to_the_very_samples_that_ffmpeg_decodes() {
    assert_eq!(decode(STREAM), samples_of(DECODED));
}

#[test]
fn our_stream_of_the_same_speech_is_ffmpegs_to_the_byte() {
    assert_eq!(encode(&fixture_source()), STREAM);
}

#[test]
fn telephone_speech_survives_with_its_shape() {
    let narrow = prompt("greeting");
    let mut wide = vec![0; narrow.len() * 2];
    Up2::new().process(&narrow, &mut wide);
    let heard = decode(&encode(&wide));
    let agreement = best_agreement(&wide, &heard, 60);
    assert_eq!(agreement.lag, DELAY.cast_signed());
    assert!(agreement.correlation > 0.999, "{agreement:?}");

    let mut back = vec![0; narrow.len()];
    Down2::new().process(&heard, &mut back);
    let agreement = best_agreement(&narrow, &back, 60);
    assert!(agreement.correlation > 0.997, "{agreement:?}");
}

#[test]
fn tones_of_both_bands_keep_their_signal_to_noise_ratio() {
    for (frequency, least) in [(440.0, 45.0), (1004.0, 40.0), (3000.0, 35.0), (5500.0, 15.0)] {
        let samples = Tone::new(g722::SAMPLE_RATE, &[(frequency, -13.0)]).take(16_000);
        let heard = decode(&encode(&samples));
        let ratio = tone_snr_db(&heard[1600..], g722::SAMPLE_RATE, frequency);
        assert!(ratio > least, "{frequency} Hz: {ratio:.1} dB");
    }
}

#[test]
fn noise_overload_and_random_bytes_break_nothing() {
    let mut dice = Dice(1);
    let bytes: Vec<u8> = (0..80_000).map(|_| dice.roll() as u8).collect();
    assert_eq!(decode(&bytes).len(), 160_000);
    for byte in 0..=255 {
        decode(&[byte; 4000]);
    }
    let loud: Vec<i16> = (0..80_000).map(|_| if dice.happens(0.5) { i16::MAX } else { i16::MIN }).collect();
    assert_eq!(decode(&encode(&loud)).len(), 80_000);
    let square: Vec<i16> = (0..16_000).map(|at| if at / 20 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
    decode(&encode(&square));
    // A decoder that went through all this still understands speech.
    let mut decoder = Decoder::new();
    decoder.decode(&bytes, &mut Vec::new());
    let mut out = Vec::new();
    decoder.decode(STREAM, &mut out);
    let theirs = samples_of(DECODED);
    assert!(best_agreement(&theirs[3200..], &out[3200..], 0).correlation > 0.99);
}

#[test]
fn odd_samples_are_left_out_and_silence_stays_silence() {
    let mut out = Vec::new();
    Encoder::new().encode(&[1, 2, 3], &mut out);
    assert_eq!(out.len(), 1);
    let silence = decode(&encode(&[0; 3200]));
    assert!(silence.iter().all(|&sample| sample.abs() <= 4), "{:?}", silence.iter().max());
    assert_eq!(g722::SAMPLE_RATE, 2 * SAMPLE_RATE);
}
