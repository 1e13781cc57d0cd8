//! Who hears whom in a conference, and how loud.

mod support;

use careline_audio::level::level_dbfs;
use careline_audio::measure::{click, tone_snr_db};
use careline_audio::mix::{Gain, Limiter, add, for_listener, remove};
use careline_audio::tone::Tone;
use support::prompt;

/// Frames of 20 ms of everybody, each with a gain; what each of them hears.
fn conference(members: &[(Vec<i16>, Gain)]) -> Vec<Vec<i16>> {
    let length = members[0].0.len() / 160 * 160;
    let mut limiters = vec![Limiter::new(); members.len()];
    let mut heard = vec![vec![0; length]; members.len()];
    for start in (0..length).step_by(160) {
        let mut sum = [0; 160];
        for (samples, gain) in members {
            add(&mut sum, &samples[start..start + 160], *gain);
        }
        for ((limiter, heard), (own, gain)) in limiters.iter_mut().zip(&mut heard).zip(members) {
            let own = &own[start..start + 160];
            for_listener(&sum, Some((own, *gain)), limiter, &mut heard[start..start + 160]);
        }
    }
    heard
}

#[test]
fn everybody_hears_all_others_and_nobody_himself() {
    let tone = |frequency| (Tone::new(8000, &[(frequency, -20.0)]).take(8000), Gain::UNITY);
    let frequencies = [400.0, 700.0, 1000.0];
    let heard = conference(&frequencies.map(tone));
    for (listener, heard) in heard.iter().enumerate() {
        for (speaker, &frequency) in frequencies.iter().enumerate() {
            let ratio = tone_snr_db(heard, 8000, frequency);
            if speaker == listener {
                assert!(ratio < -30.0, "{listener} hears himself: {ratio:.1} dB");
            } else {
                assert!(ratio.abs() < 0.1, "{listener} hears {speaker}: {ratio:.1} dB");
            }
        }
    }
}

#[test]
fn a_single_voice_arrives_bit_for_bit_and_its_speaker_hears_nothing() {
    let speech = prompt("greeting");
    let full_scale: Vec<i16> =
        (0..32_000).map(|at| if at / 9 % 2 == 0 { i16::MAX } else { -i16::MAX }).collect();
    for voice in [speech, full_scale] {
        let silence = vec![0; voice.len()];
        let gain = Gain::from_db(-17.0);
        let heard =
            conference(&[(voice.clone(), Gain::UNITY), (silence.clone(), Gain::UNITY), (silence, gain)]);
        assert!(heard[0].iter().all(|&sample| sample == 0));
        assert_eq!(heard[1][..], voice[..heard[1].len()]);
        assert_eq!(heard[2], heard[1]);
    }
}

#[test]
fn too_many_loud_voices_get_quieter_together_and_never_wrap() {
    let tone = |frequency| (Tone::new(8000, &[(frequency, -4.0)]).take(16_000), Gain::UNITY);
    let heard = conference(&[410.0, 530.0, 640.0, 890.0, 1130.0].map(tone));
    for (listener, heard) in heard.iter().enumerate() {
        // After the attack nothing is clipped: the tones stay tones.
        let clipped = heard[160..].windows(2).filter(|two| two[0] == i16::MAX && two[1] == i16::MAX).count();
        assert_eq!(clipped, 0, "{listener}");
        assert!(click(&heard[160..]) < 3.0, "{listener}: {:.2}", click(&heard[160..]));
        let level = level_dbfs(&heard[160..]);
        assert!((-16.0..-3.0).contains(&level), "{listener}: {level:.1} dBFS");
    }
}

#[test]
fn the_volume_comes_back_after_a_loud_moment_without_a_jump() {
    let quiet = Tone::new(8000, &[(440.0, -20.0)]).take(16_000);
    let mut limiter = Limiter::new();
    let mut heard = vec![0; quiet.len()];
    for (index, (block, out)) in quiet.chunks(160).zip(heard.chunks_mut(160)).enumerate() {
        let loud = if index == 10 { 60_000 } else { 0 };
        let sum: Vec<i32> = block.iter().map(|&sample| i32::from(sample) + loud).collect();
        limiter.process(&sum, out);
    }
    let rest = &heard[11 * 160..];
    assert!(click(rest) < 0.5, "{:.2}", click(rest));
    assert!(level_dbfs(&rest[..160]) < -25.0);
    assert_eq!(heard[15_000..], quiet[15_000..], "exact again within 1.5 s");
}

#[test]
fn gains_are_what_they_say_in_decibels() {
    let tone = Tone::new(8000, &[(440.0, -20.0)]).take(8000);
    for db in [-40.0, -12.0, -3.0, 0.0, 6.0] {
        let mut sum = [0; 8000];
        add(&mut sum, &tone, Gain::from_db(db));
        let mut heard = [0; 8000];
        for_listener(&sum, None, &mut Limiter::new(), &mut heard);
        assert!((level_dbfs(&heard) + 20.0 - db).abs() < 0.1, "{db} dB");
    }
    assert_eq!(Gain::from_db(0.0), Gain::UNITY);
    assert_eq!(Gain::from_db(-200.0), Gain::SILENT);
    assert_eq!(Gain::from_db(f64::INFINITY), Gain::from_db(20.0));
    assert_eq!(Gain::from_db(f64::NAN), Gain::SILENT);
}

#[test]
fn what_was_added_can_be_taken_out_again_and_short_sources_end_with_silence() {
    let mut sum = [7; 4];
    add(&mut sum, &[i16::MIN, i16::MAX, 5], Gain::from_db(20.0));
    assert_eq!(sum[3], 7);
    remove(&mut sum, &[i16::MIN, i16::MAX, 5], Gain::from_db(20.0));
    assert_eq!(sum, [7; 4]);
    let mut out = [1; 6];
    for_listener(&sum, Some((&[7], Gain::UNITY)), &mut Limiter::new(), &mut out);
    assert_eq!(out, [0, 7, 7, 7, 1, 1]);
    Limiter::new().process(&[i32::MIN, i32::MAX, 0], &mut out);
}
