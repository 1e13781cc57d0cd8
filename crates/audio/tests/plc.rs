//! Concealment of lost packets: what a listener would notice.

mod support;

use careline_audio::level::level_dbfs;
use careline_audio::measure::{click, correlation_at, longest_gap};
use careline_audio::plc::{Plc, SILENT_AFTER_MS};
use careline_audio::resample::Up2;
use careline_audio::tone::Tone;
use support::{Dice, prompt};

const SPEECH: [&str; 5] = ["greeting", "menu-main", "closed", "patient-1", "agent-1"];

/// Frames of 20 ms with some lost: concealed, and replaced by silence.
fn lossy(samples: &[i16], rate: u32, lost: impl Fn(usize) -> bool) -> (Vec<i16>, Vec<i16>) {
    let frame = (rate / 50) as usize;
    let mut plc = Plc::new(rate);
    let (mut concealed, mut silenced) = (samples.to_vec(), samples.to_vec());
    for (index, (heard, silent)) in concealed.chunks_mut(frame).zip(silenced.chunks_mut(frame)).enumerate() {
        if lost(index) {
            heard.fill(0x55);
            plc.conceal(heard);
            silent.fill(0);
        } else {
            plc.good(heard);
        }
    }
    (concealed, silenced)
}

fn wide(samples: &[i16]) -> Vec<i16> {
    let mut out = vec![0; samples.len() * 2];
    Up2::new().process(samples, &mut out);
    out
}

fn random_loss(seed: u64, share: f64) -> Vec<bool> {
    let mut dice = Dice(seed);
    (0..2000).map(|_| dice.happens(share)).collect()
}

#[test]
fn five_percent_loss_keeps_the_level_of_speech() {
    for name in SPEECH {
        let narrow = prompt(name);
        for (rate, speech) in [(8000, narrow.clone()), (16_000, wide(&narrow))] {
            for seed in 1..=2 {
                let lost = random_loss(seed, 0.05);
                let (concealed, _) = lossy(&speech, rate, |index| lost[index]);
                let change = level_dbfs(&concealed) - level_dbfs(&speech);
                assert!(change.abs() < 1.0, "{name} {rate} {seed}: {change:.2} dB");
            }
        }
    }
}

#[test]
fn what_was_lost_comes_back_with_its_shape_and_loudness_where_silence_has_neither() {
    for rate in [8000, 16_000] {
        let (mut shape, mut loudness, mut count) = (0.0, 0.0, 0);
        for (name, seed) in SPEECH.iter().flat_map(|name| (0..4).map(move |seed| (name, seed))) {
            let narrow = prompt(name);
            let speech = if rate == 8000 { narrow } else { wide(&narrow) };
            let frame = (rate / 50) as usize;
            let lost = random_loss(seed, 0.05);
            let (concealed, _) = lossy(&speech, rate, |index| lost[index]);
            let frames = speech.chunks_exact(frame).zip(concealed.chunks_exact(frame)).enumerate();
            for (_, (original, heard)) in
                frames.filter(|(index, (original, _))| lost[*index] && level_dbfs(original) > -30.0)
            {
                shape += correlation_at(original, heard, 0);
                loudness += (level_dbfs(original) - level_dbfs(heard)).abs();
                count += 1;
            }
        }
        let (shape, loudness) = (shape / f64::from(count), loudness / f64::from(count));
        // Silence in their place: correlation 0, off by 50 dB and more.
        assert!(
            shape > 0.45 && loudness < 4.0,
            "{rate}: {shape:.3}, {loudness:.2} dB in {count} lost frames"
        );
    }
}

#[test]
fn a_lost_packet_in_a_tone_makes_no_click() {
    for rate in [8000, 16_000] {
        for frequency in [200.0, 333.0, 425.0, 440.0, 700.0, 1004.0] {
            let tone = Tone::new(rate, &[(frequency, -13.0)]).take(rate as usize);
            let (concealed, silenced) = lossy(&tone, rate, |index| index % 10 == 5);
            let jump = |samples: &[i16]| {
                samples.windows(2).map(|two| (i32::from(two[1]) - i32::from(two[0])).abs()).max().unwrap()
            };
            let (before, after) = (jump(&tone), jump(&concealed));
            assert!(after < before * 11 / 10, "{rate} {frequency}: {before} -> {after}");
            assert!(click(&concealed) < click(&tone) * 1.1 + 0.02, "{rate} {frequency}");
            assert!(click(&silenced) > click(&tone) * 1.5, "{rate} {frequency}: silence does click");
            assert!((level_dbfs(&concealed) + 13.0).abs() < 0.5, "{rate} {frequency}");
        }
    }
}

#[test]
fn a_long_gap_fades_and_is_silent_after_60_ms() {
    for rate in [8000_u32, 16_000] {
        let ms = |milliseconds: usize| milliseconds * rate as usize / 1000;
        let tone = Tone::new(rate, &[(400.0, -13.0)]).take(ms(200));
        let mut plc = Plc::new(rate);
        plc.good(&mut tone.clone());
        assert!(!plc.is_in_gap());
        let mut gap = vec![0; ms(200)];
        // Packets of 20 ms, one of 7, one of 33.
        for piece in [0..20, 20..27, 27..60, 60..200] {
            plc.conceal(&mut gap[ms(piece.start)..ms(piece.end)]);
        }
        assert!(plc.is_in_gap());
        let levels: Vec<f64> = gap.chunks_exact(ms(10)).map(level_dbfs).collect();
        assert!((levels[0] + 13.0).abs() < 0.5, "{levels:?}");
        for (index, share) in [(1, 0.9_f64), (2, 0.7), (3, 0.5), (4, 0.3)] {
            assert!((levels[index] + 13.0 - 20.0 * share.log10()).abs() < 1.0, "{levels:?}");
        }
        assert!(gap[ms(SILENT_AFTER_MS)..].iter().all(|&sample| sample == 0));

        let mut back = tone.clone();
        plc.good(&mut back);
        assert!(!plc.is_in_gap());
        assert!(back[0].abs() < 300, "speech comes back from silence gently: {}", back[0]);
        assert_eq!(back[ms(10)..], tone[ms(10)..], "and is itself again after 10 ms");
    }
}

#[test]
fn nothing_lost_changes_nothing() {
    let speech = prompt("greeting");
    assert_eq!(lossy(&speech, 8000, |_| false).0, speech);
}

#[test]
fn half_of_all_packets_lost_leaves_no_hole_of_a_packets_length() {
    let tone = Tone::new(8000, &[(425.0, -13.0)]).take(8000);
    let (concealed, silenced) = lossy(&tone, 8000, |index| index % 2 == 1);
    assert!(longest_gap(&silenced, -60.0) >= 160);
    assert!(longest_gap(&concealed, -60.0) < 16, "{}", longest_gap(&concealed, -60.0));
}

#[test]
fn silence_loudness_and_odd_lengths_break_nothing() {
    let mut dice = Dice(3);
    for rate in [0, 8000, 16_000, 48_000] {
        let mut plc = Plc::new(rate);
        plc.conceal(&mut []);
        plc.good(&mut []);
        let mut block = [1; 320];
        plc.conceal(&mut block);
        assert!(
            block.iter().all(|&sample| sample == 0),
            "a stream that begins with a loss begins with silence"
        );
        for _ in 0..3000 {
            let length = (dice.roll() % 2000) as usize;
            let mut block: Vec<i16> =
                (0..length).map(|_| if dice.happens(0.5) { i16::MAX } else { i16::MIN }).collect();
            if dice.happens(0.5) { plc.good(&mut block) } else { plc.conceal(&mut block) }
        }
    }
}
