//! Keys in the sound: found when they are pressed (ITU-T Q.24), and not in what people say.

mod support;

use careline_audio::comfort::{ComfortNoise, Sid};
use careline_audio::dtmf::{Detector, DigitMask, DtmfEvent, MASK_DELAY, frequencies, tone};
use careline_audio::g711::{Law, decode, encode};
use careline_audio::level::level_dbfs;
use careline_audio::tone::Tone;
use support::{Dice, prompt, prompts};

const KEYS: &str = "0123456789*#ABCD";

/// How a key is pressed.
#[derive(Clone, Copy, Debug)]
struct Press {
    /// Both tones together, dBFS.
    level: f64,
    /// Upper tone to lower tone, dB.
    twist: f64,
    /// Frequency errors of the lower and the upper tone, percent.
    off: (f64, f64),
    milliseconds: usize,
}

const PLAIN: Press = Press { level: -13.0, twist: 0.0, off: (0.0, 0.0), milliseconds: 60 };

fn pressed(key: char, press: Press) -> Vec<f64> {
    let (row, column) = frequencies(key).expect("a key");
    let ratio = 10_f64.powf(press.twist / 10.0);
    let lower = press.level - 10.0 * (1.0 + ratio).log10();
    let sines = [
        (row * (1.0 + press.off.0 / 100.0), lower),
        (column * (1.0 + press.off.1 / 100.0), lower + press.twist),
    ];
    Tone::new(8000, &sines).take(press.milliseconds * 8).into_iter().map(f64::from).collect()
}

/// Keys with pauses of `pause` samples before each and after the last, noise everywhere, through A-law.
fn line(keys: &str, press: Press, pause: usize, noise_dbfs: f64, dice: &mut Dice) -> Vec<i16> {
    let mut sound = vec![0.0; pause];
    for key in keys.chars() {
        sound.extend(pressed(key, press));
        sound.extend(vec![0.0; pause]);
    }
    let noise = dice.noise(sound.len(), noise_dbfs);
    let sum = sound.iter().zip(noise).map(|(sample, noise)| (sample + noise).round() as i16);
    sum.map(|sample| decode(Law::A, encode(Law::A, sample))).collect()
}

fn events(samples: &[i16]) -> Vec<DtmfEvent> {
    let (mut detector, mut events) = (Detector::new(), Vec::new());
    for packet in samples.chunks(160) {
        detector.process(packet, &mut events);
    }
    detector.finish(&mut events);
    events
}

fn keys(samples: &[i16]) -> String {
    let began = events(samples).into_iter().filter_map(|event| match event {
        DtmfEvent::Began { key, .. } => Some(key),
        DtmfEvent::Ended { .. } => None,
    });
    began.collect()
}

#[test]
fn all_keys_are_found_at_the_limits_of_q24_in_noise() {
    let mut dice = Dice(1);
    for level in [-3.0, -10.0, -20.0, -30.0] {
        for twist in [4.0, 0.0, -8.0] {
            for off in [(0.0, 0.0), (1.5, 1.5), (-1.5, -1.5), (1.5, -1.5), (-1.5, 1.5)] {
                let press = Press { level, twist, off, milliseconds: 50 };
                let pause = 400 + (dice.roll() % 64) as usize;
                let found = keys(&line(KEYS, press, pause, level - 15.0, &mut dice));
                assert_eq!(found, KEYS, "{press:?}");
            }
        }
    }
}

#[test]
fn forty_milliseconds_of_tone_and_of_pause_are_enough_wherever_they_begin() {
    let mut dice = Dice(2);
    for shift in 0..64 {
        let press = Press { milliseconds: 40, ..PLAIN };
        let mut sound = vec![0; shift];
        sound.extend(line("11223344*0#", press, 320, -60.0, &mut dice));
        assert_eq!(keys(&sound), "11223344*0#", "{shift}");
    }
}

#[test]
fn what_is_shorter_than_20_milliseconds_is_no_key() {
    let mut dice = Dice(3);
    for shift in 0..64 {
        let mut sound = vec![0; shift];
        sound.extend(line(KEYS, Press { milliseconds: 20, ..PLAIN }, 800, -60.0, &mut dice));
        assert_eq!(keys(&sound), "", "{shift}");
    }
}

#[test]
fn a_drop_out_of_10_milliseconds_does_not_make_two_keys_of_one() {
    let mut dice = Dice(4);
    for shift in 0..64 {
        let mut sound = line("5", Press { milliseconds: 120, ..PLAIN }, 400 + shift, -60.0, &mut dice);
        sound[400 + shift + 400..][..80].fill(0);
        assert_eq!(keys(&sound), "5", "{shift}");
    }
}

#[test]
fn tones_that_are_out_of_tune_or_out_of_balance_are_refused() {
    let mut dice = Dice(5);
    for off in [(3.5, 3.5), (-3.5, -3.5), (3.5, 0.0), (0.0, -3.5)] {
        assert_eq!(keys(&line(KEYS, Press { off, ..PLAIN }, 400, -60.0, &mut dice)), "", "{off:?}");
    }
    for twist in [-13.0, 9.0] {
        assert_eq!(keys(&line(KEYS, Press { twist, ..PLAIN }, 400, -60.0, &mut dice)), "", "{twist}");
    }
    let one = Tone::new(8000, &[(770.0, -13.0)]).take(8000);
    let busy = Tone::new(8000, &[(425.0, -13.0)]).take(8000);
    let ringback = Tone::new(8000, &[(440.0, -16.0), (480.0, -16.0)]).take(8000);
    for call_progress in [one, busy, ringback] {
        assert_eq!(keys(&call_progress), "");
    }
}

#[test]
fn a_third_tone_as_loud_as_both_hides_the_key() {
    let (row, column) = frequencies('5').unwrap();
    let three = Tone::new(8000, &[(row, -16.0), (column, -16.0), (1100.0, -13.0)]).take(4000);
    assert_eq!(keys(&three), "");
}

#[test]
fn beginning_and_length_are_told_within_ten_milliseconds() {
    let mut dice = Dice(6);
    for shift in (0..64).step_by(7) {
        let sound = line("7", Press { milliseconds: 150, ..PLAIN }, 800 + shift, -50.0, &mut dice);
        let [DtmfEvent::Began { key: '7', start }, DtmfEvent::Ended { key: '7', start: again, samples }] =
            events(&sound)[..]
        else {
            panic!("{:?}", events(&sound));
        };
        assert_eq!(start, again);
        assert!(start.abs_diff(800 + shift as u64) <= 80, "{start} instead of {}", 800 + shift);
        assert!(samples.abs_diff(1200) <= 120, "{samples}");
    }
}

#[test]
fn a_key_that_is_still_pressed_at_the_end_ends_there() {
    let sound = line("9", Press { milliseconds: 100, ..PLAIN }, 400, -60.0, &mut Dice(7));
    let found = events(&sound[..1100]);
    assert!(matches!(found[..], [DtmfEvent::Began { .. }, DtmfEvent::Ended { key: '9', .. }]), "{found:?}");
}

#[test]
fn packets_of_any_size_tell_the_same() {
    let sound = line(KEYS, PLAIN, 400, -40.0, &mut Dice(8));
    let whole = events(&sound);
    assert_eq!(whole.len(), 32);
    for size in [1, 7, 64, 128, 129, 240, 10_000] {
        let (mut detector, mut found) = (Detector::new(), Vec::new());
        for packet in sound.chunks(size) {
            detector.process(packet, &mut found);
        }
        detector.finish(&mut found);
        assert_eq!(found, whole, "{size}");
    }
}

#[test]
fn a_key_pressed_over_a_quiet_voice_is_found() {
    let voice = prompt("patient-1");
    let keys_only =
        line("159*", Press { level: -10.0, milliseconds: 100, ..PLAIN }, 4000, -60.0, &mut Dice(9));
    let both: Vec<i16> = keys_only.iter().zip(&voice).map(|(&a, &b)| a.saturating_add(b / 8)).collect();
    assert_eq!(keys(&both), "159*");
}

/// Speech at another speed: pitch and formants move with it.
fn faster(samples: &[i16], speed: f64) -> Vec<i16> {
    let count = (samples.len() as f64 / speed) as usize;
    let at = |index: usize| {
        let place = index as f64 * speed;
        let (low, share) = (place as usize, place.fract());
        let (before, after) = (samples[low], *samples.get(low + 1).unwrap_or(&0));
        (f64::from(before) * (1.0 - share) + f64::from(after) * share) as i16
    };
    (0..count).map(at).collect()
}

/// Runs all prompts through the detector at several speeds, gains and phases; returns the keys that it believed to hear
/// and the seconds that it heard.
fn talk_off(speeds: &[f64], gains: &[i32], phases: &[usize]) -> (Vec<String>, usize) {
    let (mut wrong, mut samples) = (Vec::new(), 0);
    for (name, speech) in prompts() {
        for &speed in speeds {
            let speech = faster(&speech, speed);
            for &gain in gains {
                let louder: Vec<i16> = speech
                    .iter()
                    .map(|&sample| (i32::from(sample) * gain / 4).clamp(-32_768, 32_767) as i16)
                    .collect();
                for &phase in phases {
                    let found = keys(&louder[phase..]);
                    samples += louder.len();
                    if !found.is_empty() {
                        wrong.push(format!(
                            "{found} in {name} at speed {speed}, gain {gain}/4, phase {phase}"
                        ));
                    }
                }
            }
        }
    }
    (wrong, samples / 8000)
}

#[test]
fn nothing_that_our_prompts_say_sounds_like_a_key() {
    let (wrong, seconds) = talk_off(&[0.9, 1.0, 1.13], &[4], &[0, 23]);
    assert!(wrong.is_empty(), "in {seconds} s: {wrong:?}");
}

#[test]
#[ignore = "hours of speech: minutes of computing"]
fn hours_of_speech_at_all_speeds_gains_and_phases_hold_no_key() {
    let speeds: Vec<f64> = (0..16).map(|step| 0.75 + f64::from(step) * 0.04).collect();
    let (wrong, seconds) = talk_off(&speeds, &[1, 4, 12], &[0, 11, 22, 33, 44, 55]);
    assert!(wrong.is_empty(), "in {seconds} s: {wrong:?}");
}

fn masked(samples: &[i16], noise: Option<ComfortNoise>) -> (Vec<i16>, u64) {
    let mut mask = DigitMask::new(noise);
    let mut out = samples.to_vec();
    for packet in out.chunks_mut(160) {
        mask.process(packet);
    }
    let blanked = mask.blanked();
    out.drain(..MASK_DELAY);
    out.extend(mask.finish());
    (out, blanked)
}

#[test]
fn a_masked_recording_holds_nothing_of_the_tones() {
    let mut dice = Dice(10);
    for milliseconds in [25, 30, 40, 70, 200] {
        for twist in [4.0, -8.0] {
            for shift in (0..64).step_by(3) {
                let press = Press { twist, milliseconds, ..PLAIN };
                let pause = 800 + shift;
                let (out, _) = masked(&line("13579*0#D", press, pause, -70.0, &mut dice), None);
                assert_eq!(keys(&out), "");
                let loudest = out.iter().map(|sample| sample.unsigned_abs()).max().unwrap();
                assert!(loudest < 100, "{press:?} {shift}: {loudest}");
            }
        }
    }
}

#[test]
fn a_masked_recording_in_noise_cannot_be_read() {
    let mut dice = Dice(11);
    for off in [(1.5, -1.5), (-1.5, 1.5)] {
        for level in [-6.0, -30.0] {
            let press = Press { level, twist: -8.0, off, milliseconds: 60 };
            let sound = line(KEYS, press, 700, level - 15.0, &mut dice);
            assert_eq!(keys(&sound), KEYS);
            let (out, _) = masked(&sound, None);
            assert_eq!(keys(&out), "");
            assert!(level_dbfs(&out) < level - 14.0, "only the noise is left: {:.1}", level_dbfs(&out));
        }
    }
}

#[test]
fn the_mask_leaves_most_speech_alone_and_delays_it_by_what_it_says() {
    let (mut blanked, mut total) = (0, 0);
    for (name, speech) in prompts() {
        let (out, gone) = masked(&speech, None);
        assert_eq!(out.len(), speech.len());
        let changed = out.iter().zip(&speech).filter(|(a, b)| a != b).count();
        assert!(changed as u64 <= gone, "{name}");
        if name != "hold-music" {
            blanked += gone;
            total += speech.len() as u64;
        }
    }
    assert!(blanked * 100 < total * 4, "{blanked} of {total}");
}

#[test]
fn a_hole_in_the_recording_may_sound_like_the_line() {
    let sound = line("5", Press { milliseconds: 200, ..PLAIN }, 1600, -50.0, &mut Dice(12));
    let noise = ComfortNoise::new(1, &Sid::white(-50.0));
    let (out, _) = masked(&sound, Some(noise));
    for frame in out.chunks_exact(320) {
        assert!((level_dbfs(frame) + 50.0).abs() < 2.5, "{:.1}", level_dbfs(frame));
    }
}

#[test]
fn every_key_has_its_tones_and_nothing_else_has() {
    for key in KEYS.chars() {
        let sound = tone(key, 8000, -16.0).unwrap().take(800);
        assert_eq!(keys(&sound), key.to_string());
        assert!((level_dbfs(&sound) + 13.0).abs() < 0.3);
    }
    assert_eq!(frequencies('a'), frequencies('A'));
    assert!(frequencies('x').is_none() && tone(' ', 8000, -16.0).is_none());
    // Sixteen pairs, all different.
    let mut pairs: Vec<_> = KEYS.chars().filter_map(frequencies).collect();
    pairs.dedup();
    assert_eq!(pairs.len(), 16);
}
