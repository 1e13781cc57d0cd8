//! Where packets come to stand.

use super::*;

const SILENCE: i16 = 8;
const SAID: i16 = 1008;

#[test]
fn a_lost_packet_leaves_silence_of_its_length() {
    let mut story = Story::new();
    for index in (0..10).filter(|index| *index != 4) {
        story.say(1000, index * 20, 0);
    }
    let mut expected = [SAID; 10];
    expected[4] = SILENCE;
    assert_eq!(story.end(200), expected);
}

#[test]
fn late_and_overtaken_packets_stand_where_they_belong_even_across_chunks() {
    let mut story = Story::new();
    for index in 0..60u64 {
        // Every fifth packet comes 90 ms late, behind four others.
        let value = if index % 5 == 0 { 2000 } else { 1000 };
        if index % 5 != 0 || index == 0 {
            story.say(value, index * 20, 0);
        }
        if index % 5 == 4 && index > 4 {
            story.say(2000, (index - 4) * 20, 80);
        }
    }
    let heard = story.end(1200);
    for (index, value) in heard.iter().enumerate() {
        assert_eq!(*value, if index % 5 == 0 { 2016 } else { SAID }, "frame {index}");
    }
}

#[test]
fn a_packet_later_than_the_window_is_left_out() {
    let mut story = Story::new();
    story.say(1000, 0, 0);
    for index in 2..40 {
        story.say(1000, index * 20, 0);
    }
    story.say(2000, 20, 760);
    let heard = story.end(800);
    assert_eq!((heard[0], heard[1], heard[2]), (SAID, SILENCE, SAID));
    assert!(!heard.contains(&2016));
}

#[test]
fn a_first_packet_that_came_late_does_not_shift_the_rest() {
    let mut story = Story::new();
    story.say(1000, 0, 60);
    for index in 5..20 {
        story.say(1000, index * 20, 0);
    }
    // The first stands where it arrived, the others where they were said.
    let heard = story.end(400);
    assert_eq!(heard[3], SAID);
    assert_eq!(heard[5..], [SAID; 15]);
}

#[test]
fn a_new_source_and_jumping_timestamps_are_placed_by_arrival() {
    let mut story = Story::new();
    story.say_from(1, 1000, 0, 20);
    story.say_from(2, 1000, 3_000_000_000, 100);
    story.say_from(2, 1000, 5, 200);
    let heard = story.end(220);
    let said: Vec<usize> = (0..11).filter(|index| heard[*index] == SAID).collect();
    assert_eq!(said, [0, 4, 9]);
}

#[test]
fn a_change_of_law_keeps_what_was_said() {
    let mut story = Story::new();
    story.say(1000, 0, 0);
    let payload = [encode(Law::U, 2000); 160];
    let spoken = Spoken { law: Law::U, stream: 1, timestamp: 777_160, payload: &payload };
    story.capture.put(0, spoken, ms(1040), &mut story.feed);
    let heard = story.end(40);
    assert!((heard[0] - 1000).abs() < 40 && (heard[1] - 2000).abs() < 80, "{heard:?}");
}

/// Any number below `below`, the same in each run.
fn any(index: u64, below: u64) -> u64 {
    (index.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33) % below
}

/// Two phones whose clocks are off by `ppm` talk for so long, each packet up to 40 ms late; then both say a click at
/// the same moment. Gives how far apart the clicks stand, in frames.
fn clicks_apart(ppm: [i64; 2], minutes: u64) -> u64 {
    let (mut feed, inbox, _) = feed(64);
    let legs = [Some(0), Some(1)];
    let mut capture = Capture::new(Arc::from("r-0"), 1, legs, [Law::A; 2], shape(STEREO), ms(0), &feed);
    let click_us = minutes * 60_000_000;
    let mut packets = Vec::new();
    for (side, ppm) in ppm.into_iter().enumerate() {
        // A quick clock says its 20 ms in less.
        let length_us = 20_000.0 * (1.0 - ppm as f64 / 1e6);
        let count = (click_us as f64 / length_us) as u64 + 50;
        for index in 0..count {
            let said_us = (index as f64 * length_us) as u64 + 7000 * side as u64;
            let arrives = said_us + length_us as u64 + any(index * 2 + side as u64, 40_000);
            packets.push((arrives, side, index, said_us));
        }
    }
    packets.sort_unstable();
    let mut heard: [Vec<i16>; 2] = [Vec::new(), Vec::new()];
    let mut take = |inbox: &Receiver<Job>| {
        while let Ok(job) = inbox.try_recv() {
            let Job::Chunk(chunk) = job else { continue };
            for (heard, voice) in heard.iter_mut().zip(&chunk.sides) {
                let Voice::Law(law, bytes) = voice else { panic!("G.711") };
                heard.extend(bytes[..chunk.frames].iter().map(|&byte| decode(*law, byte)));
            }
        }
    };
    for (arrives, side, index, said_us) in packets {
        let mut payload = [encode(Law::A, 0); 160];
        for (at, byte) in payload.iter_mut().enumerate() {
            let said_us = said_us + at as u64 * 125;
            if (click_us..click_us + 1000).contains(&said_us) {
                *byte = encode(Law::A, 20_000);
            }
        }
        let now = Duration::from_micros(arrives);
        capture.turn(now, &mut feed);
        let timestamp = (index * 160) as u32;
        let spoken = Spoken { law: Law::A, stream: 1 + side as u64, timestamp, payload: &payload };
        capture.put(side, spoken, now, &mut feed);
        take(&inbox);
        feed.stats.flying.store(0, Ordering::Relaxed);
    }
    capture.finish(ms(minutes * 60_000 + 1000), &mut feed);
    take(&inbox);
    let [left, right] = heard.map(|side| side.iter().position(|&sample| sample > 15_000).expect("the click"));
    left.abs_diff(right) as u64
}

#[test]
fn after_ten_minutes_of_clocks_that_differ_both_sides_stand_within_ten_milliseconds() {
    for ppm in [[0, 0], [200, 0], [-200, 0], [0, 200], [200, -200]] {
        let apart = clicks_apart(ppm, 10);
        assert!(apart <= 80, "{ppm:?} ppm: {apart} frames apart");
    }
}

/// Every byte says its number. In what is recorded, each is followed by the next one (1), by itself (repeated: 0) or by
/// the one after the next (left out: 2), and never by anything else.
#[test]
fn speech_of_a_clock_that_runs_off_has_samples_repeated_or_left_out_and_no_jumps() {
    for ppm in [-200.0, 200.0] {
        let mut story = Story::new();
        let mut heard: Vec<u8> = Vec::new();
        for index in 0..15_000_u64 {
            let said_us = (index as f64 * 20_000.0 * (1.0 - ppm / 1e6)) as u64;
            let now = Duration::from_micros(1_020_000 + said_us + any(index, 40_000));
            let payload: Vec<u8> = (0..160).map(|at| ((index * 160 + at) % 251) as u8).collect();
            let timestamp = (index * 160) as u32;
            story.capture.turn(now, &mut story.feed);
            let spoken = Spoken { law: Law::A, stream: 1, timestamp, payload: &payload };
            story.capture.put(0, spoken, now, &mut story.feed);
            while let Ok(job) = story.inbox.try_recv() {
                if let Job::Chunk(Chunk { sides: [Voice::Law(_, bytes), _], frames, .. }) = job {
                    heard.extend_from_slice(&bytes[..frames]);
                }
            }
            story.feed.stats.flying.store(0, Ordering::Relaxed);
        }
        let mut steps = [0_usize; 3];
        // The first second is for finding the place.
        for pair in heard[8000..].windows(2) {
            let step = usize::from((u16::from(pair[1]) + 251 - u16::from(pair[0])) % 251);
            assert!(step < 3, "{ppm} ppm: from {} to {}", pair[0], pair[1]);
            steps[step] += 1;
        }
        // 300 s at 200 ppm are 480 samples; what the first packet was late, 320 at most, comes to that.
        let (corrected, against) = if ppm < 0.0 { (steps[0], steps[2]) } else { (steps[2], steps[0]) };
        let off = corrected.saturating_sub(against);
        assert!((160..800).contains(&off) && against < 160, "{ppm} ppm: {steps:?}");
    }
}
