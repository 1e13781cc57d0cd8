//! Files of 16 kHz, and sides that are no G.711.

use super::*;
use crate::recorder::capture::Decoded;
use careline_audio::detect::tone_windows;
use careline_audio::tone::Tone;

const WIDE: Format = Format { rate: 16_000, channels: 2 };

#[test]
fn a_wideband_side_and_a_telephone_side_share_a_file_of_16_khz() {
    let (mut feed, inbox, _) = feed(64);
    let legs = [Some(0), Some(1)];
    let mut capture = Capture::new(Arc::from("r-0"), 1, legs, [Law::U; 2], shape(WIDE), ms(1000), &feed);
    let mut desk = Desk::new();
    desk.start_as(WIDE);
    let (mut phone, mut wide) = (Tone::new(8000, &[(620.0, -13.0)]), Tone::new(16_000, &[(5000.0, -13.0)]));
    for index in 0..150_u32 {
        let now = ms(1020 + u64::from(index) * 20);
        capture.turn(now, &mut feed);
        let payload: Vec<u8> = phone.take(160).into_iter().map(|sample| encode(Law::U, sample)).collect();
        let spoken = Spoken { law: Law::U, stream: 1, timestamp: index * 160, payload: &payload };
        capture.put(0, spoken, now, &mut feed);
        let samples = wide.take(320);
        let decoded = Decoded { stream: 2, timestamp: index * 320, samples: &samples };
        capture.put_pcm(1, decoded, now, &mut feed);
        while let Ok(Job::Chunk(chunk)) = inbox.try_recv() {
            desk.writer.obey(Job::Chunk(chunk));
        }
    }
    capture.finish(ms(4000), &mut feed);
    while let Ok(job) = inbox.try_recv() {
        desk.writer.obey(job);
    }
    let heard = desk.heard();
    assert_eq!((heard.rate, heard.samples[0].len(), heard.samples[1].len()), (16_000, 48_000, 48_000));
    for (side, frequency) in [(0, 620.0), (1, 5000.0)] {
        let windows = tone_windows(&heard.samples[side], 16_000, &[frequency]);
        let good = windows.iter().filter(|window| window.is_tone(0, -13.0)).count();
        assert!(good >= 13, "side {side}: {windows:?}");
    }
}

#[test]
fn a_leg_that_changes_its_codec_is_heard_before_and_after() {
    let (mut feed, inbox, _) = feed(64);
    let legs = [Some(0), None];
    let format = Format { rate: 8000, channels: 1 };
    let mut capture = Capture::new(Arc::from("r-0"), 1, legs, [Law::A; 2], shape(format), ms(1000), &feed);
    for index in 0..90_u32 {
        let now = ms(1020 + u64::from(index) * 20);
        capture.turn(now, &mut feed);
        if (30..60).contains(&index) {
            let decoded = Decoded { stream: 2, timestamp: index * 160, samples: &[2000; 160] };
            capture.put_pcm(0, decoded, now, &mut feed);
        } else {
            let payload = [encode(Law::A, 1000); 160];
            let spoken = Spoken { law: Law::A, stream: 1, timestamp: index * 160, payload: &payload };
            capture.put(0, spoken, now, &mut feed);
        }
    }
    capture.finish(ms(2800), &mut feed);
    let heard = side(&inbox, 0);
    assert_eq!(heard.len(), 90 * 160);
    for (index, frame) in heard.chunks(160).enumerate() {
        let expected = if (30..60).contains(&index) { 2000 } else { 1008 };
        assert!(frame.iter().all(|&sample| sample == expected), "frame {index}: {:?}", &frame[..4]);
    }
}

#[test]
fn one_leg_alone_makes_a_file_of_one_channel() {
    let mut desk = Desk::new();
    let format = Format { rate: 8000, channels: 1 };
    desk.start_as(format);
    let [left, _] = voices(1000, 0);
    desk.say(0, [left, Voice::Absent], [None; 2]);
    let closing = desk.finish(CHUNK_FRAMES as u64);
    assert!(closing.complete);
    assert_eq!((closing.duration_ms, &closing.fields["channels"]), (500, &serde_json::json!(1)));
    assert_eq!(desk.heard().samples, [vec![1008; CHUNK_FRAMES]]);
}
