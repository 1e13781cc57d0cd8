//! Pauses, and keys that nobody may hear.

use super::*;
use careline_audio::detect::tone_windows;
use careline_audio::dtmf;
use careline_audio::tone::Tone;

const SILENCE: i16 = 8;
const SAID: i16 = 1008;

#[test]
fn while_paused_both_sides_are_silent_whenever_the_packets_come() {
    let mut story = Story::new();
    for index in 0..30 {
        if index == 10 {
            assert!(story.capture.pause(Arc::from("card"), ms(90_000), ms(1200), &mut story.feed));
            assert!(!story.capture.pause(Arc::from("again"), ms(90_000), ms(1200), &mut story.feed));
        }
        if index == 20 {
            assert!(story.capture.resume(ms(1400), &mut story.feed));
            assert!(!story.capture.resume(ms(1400), &mut story.feed));
        }
        // Every packet arrives when the next one is being said.
        story.say(1000, index * 20, 15);
    }
    let mut expected = [SAID; 30];
    expected[10..20].fill(SILENCE);
    // 15 ms late throughout, from the first packet on.
    let heard = story.end(640);
    assert_eq!(heard[11..20], expected[11..20]);
    assert_eq!((heard[9], heard[21]), (SAID, SAID));
}

#[test]
fn a_pause_ends_by_itself() {
    let mut story = Story::new();
    story.capture.pause(Arc::from("card"), ms(200), ms(1000), &mut story.feed);
    let mut by_itself = 0;
    for index in 0..30 {
        by_itself += usize::from(story.capture.turn(ms(1000 + index * 20), &mut story.feed));
        story.say(1000, index * 20, 0);
    }
    assert_eq!(by_itself, 0, "the packets' own turn was first");
    let heard = story.end(600);
    assert!(heard[..10].iter().all(|&value| value == SILENCE), "{heard:?}");
    assert!(heard[11..].iter().all(|&value| value == SAID), "{heard:?}");
}

#[test]
fn the_side_car_says_when_and_why_it_was_paused() {
    let mut desk = Desk::new();
    desk.start();
    desk.chunk(0);
    desk.mark(Mark::Paused { from: 2000, reason: Arc::from("card number") });
    desk.mark(Mark::KeysHidden { side: 0, from: 2400 });
    let facts = |desk: &Desk| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(desk.path().with_extension("json")).unwrap()).unwrap()
    };
    assert_eq!(facts(&desk)["markers"][0]["until_ms"], serde_json::Value::Null, "known while it lasts");
    desk.mark(Mark::Resumed { until: 3200 });
    desk.mark(Mark::KeysShown { side: 0, until: 4000 });
    let closing = desk.finish(4000);
    assert!(closing.complete, "a pause is no loss");
    let expected = serde_json::json!([
        { "kind": "paused", "from_ms": 250, "until_ms": 400, "reason": "card number" },
        { "kind": "keys", "from_ms": 300, "until_ms": 500, "side": "left" },
    ]);
    assert_eq!(closing.fields["markers"], expected);
    assert_eq!(facts(&desk)["markers"], expected);
}

/// A voice at 300 Hz all the time, and a key now and then.
fn keyed(from: usize, voice: &mut Tone, key: Option<char>) -> Vec<i16> {
    let mut samples = voice.take(CHUNK_FRAMES);
    if let Some(key) = key {
        let tone = dtmf::tone(key, 8000, -12.0).unwrap().take(800);
        for (sample, tone) in samples[from..].iter_mut().zip(tone) {
            *sample = tone;
        }
    }
    samples
}

fn law(samples: &[i16]) -> Voice {
    Voice::Law(Law::A, samples.iter().map(|&sample| encode(Law::A, sample)).collect())
}

#[test]
fn tones_of_secret_keys_are_not_in_the_recording_and_nothing_is_shifted() {
    for format in [STEREO, Format { rate: 16_000, channels: 2 }] {
        let mut desk = Desk::new();
        desk.start_as(format);
        let per = (format.rate / 8000) as usize;
        let (mut left, mut right) = (Tone::new(8000, &[(300.0, -20.0)]), Tone::new(8000, &[(300.0, -20.0)]));
        // Key 5 in the open, then 7 and 9 while secret (9 up to the chunk's end), then 3 in the open.
        let keys = [
            (Some('5'), 1000),
            (Some('7'), 1000),
            (Some('9'), 3200),
            (None, 0),
            (None, 0),
            (Some('3'), 2000),
        ];
        for (index, (key, from)) in keys.into_iter().enumerate() {
            let said = keyed(from, &mut left, key);
            let hidden = (1..4).contains(&index).then_some((0, CHUNK_FRAMES as u32));
            for (part, said) in said.chunks(CHUNK_FRAMES / per).enumerate() {
                let other = right.take(said.len());
                let start = ((index * per + part) * CHUNK_FRAMES) as u64;
                let pad = |samples: &[i16]| {
                    let mut samples = samples.to_vec();
                    samples.resize(CHUNK_FRAMES, 0);
                    law(&samples)
                };
                desk.say(start, [pad(said), pad(&other)], [hidden, None]);
            }
        }
        let frames = (keys.len() * per * CHUNK_FRAMES) as u64;
        let closing = desk.finish(frames);
        assert!(closing.complete);
        let heard = desk.heard();
        assert_eq!(heard.samples[0].len() as u64, frames);
        let hears = |key: char| {
            let (row, column) = dtmf::frequencies(key).unwrap();
            let step = format.rate as usize / 50;
            heard.samples[0]
                .windows(10 * step)
                .step_by(step)
                .filter(|window| {
                    let window = &tone_windows(window, format.rate, &[row, column])[0];
                    window.shares.iter().all(|&share| share > 0.1)
                })
                .count()
        };
        let counts = ['5', '7', '9', '3'].map(hears);
        assert!(counts[0] > 0 && counts[3] > 0, "{format:?}: keys in the open: {counts:?}");
        assert_eq!((counts[1], counts[2]), (0, 0), "{format:?}: secret keys");
        // The other side says the same tone without a break: nothing was shifted or cut.
        let windows = tone_windows(&heard.samples[1], format.rate, &[300.0]);
        assert!(windows.iter().all(|window| window.is_tone(0, -20.0)), "{windows:?}");
        let jumps = heard.samples[1].windows(2).map(|pair| (pair[1] - pair[0]).abs()).max().unwrap();
        assert!(jumps < 1200, "{format:?}: a jump of {jumps}");
    }
}
