//! What each part costs: `cargo test --release -p careline-audio --test speed -- --ignored --nocapture`.

mod support;

use std::hint::black_box;
use std::time::Instant;

use careline_audio::codec::{CodecKind, Decoder, Encoder, OpusSettings};
use careline_audio::comfort::{Background, ComfortNoise, Sid};
use careline_audio::dtmf::{Detector, DigitMask};
use careline_audio::mix::{Gain, Limiter, add, for_listener};
use careline_audio::plc::Plc;
use careline_audio::resample::{Down2, Up2};
use support::prompt;

#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::print_stdout, reason = "a bench prints")]
fn print(name: &str, nanoseconds: f64) {
    println!("{name:<44} {nanoseconds:>9.0} ns per 20 ms");
}

/// Frames that are measured together, so that reading the clock does not count.
const BATCH: usize = 10;

/// Median over batches of frames, which other programs on the machine do not move much.
fn measure(name: &str, frames: &[&[i16]], mut work: impl FnMut(&[i16])) {
    let mut batches: Vec<u128> = (0..5)
        .flat_map(|_| frames.chunks_exact(BATCH))
        .map(|batch| {
            let start = now();
            for frame in batch {
                work(frame);
            }
            start.elapsed().as_nanos()
        })
        .collect();
    batches.sort_unstable();
    print(name, batches[batches.len() / 2] as f64 / BATCH as f64);
}

#[test]
#[ignore = "a bench: it prints and asserts nothing"]
fn nanoseconds_of_each_part_per_frame() {
    let narrow = prompt("menu-main");
    let mut wide = vec![0; narrow.len() * 2];
    Up2::new().process(&narrow, &mut wide);
    let frames: Vec<&[i16]> = narrow.chunks_exact(160).collect();
    let wide_frames: Vec<&[i16]> = wide.chunks_exact(320).collect();
    codecs(&frames, &wide_frames);

    let (mut plc, mut block) = (Plc::new(8000), [0; 160]);
    measure("plc, nothing lost", &frames, |frame| {
        block.copy_from_slice(frame);
        plc.good(&mut block);
    });
    measure("plc, every second packet lost (pair)", &frames, |frame| {
        block.copy_from_slice(frame);
        plc.good(&mut block);
        plc.conceal(&mut block);
    });
    let (mut up, mut down, mut out) = (Up2::new(), Down2::new(), [0; 320]);
    measure("resample 8 to 16 kHz", &frames, |frame| _ = black_box(up.process(frame, &mut out)));
    measure("resample 16 to 8 kHz", &wide_frames, |frame| {
        _ = black_box(down.process(frame, &mut out[..160]))
    });
    // Quiet enough that fifty of the same do not overload.
    let quiet: Vec<i16> = narrow.iter().map(|&sample| sample / 64).collect();
    for members in [3, 10, 50] {
        let mut limiters = vec![Limiter::new(); members];
        measure(&format!("mix of {members}"), &quiet.chunks_exact(160).collect::<Vec<_>>(), |frame| {
            let mut sum = [0; 160];
            for _ in 0..members {
                add(&mut sum, frame, Gain::UNITY);
            }
            for limiter in &mut limiters {
                for_listener(&sum, Some((frame, Gain::UNITY)), limiter, black_box(&mut block));
            }
        });
    }
    let (mut detector, mut mask, mut events) = (Detector::new(), DigitMask::new(None), Vec::new());
    measure("dtmf detector", &frames, |frame| detector.process(frame, &mut events));
    measure("dtmf mask", &frames, |frame| {
        block.copy_from_slice(frame);
        mask.process(&mut block);
    });
    let (mut background, mut noise) =
        (Background::new(), ComfortNoise::new(1, &Sid::read(&[50, 100, 140, 120]).unwrap()));
    measure("background estimate", &frames, |frame| background.update(frame));
    measure("comfort noise, order 3", &frames, |_| noise.fill(black_box(&mut block)));
}

fn codecs(narrow: &[&[i16]], wide: &[&[i16]]) {
    let cheap = OpusSettings::default();
    let variants = [
        (CodecKind::Pcma, cheap, "PCMA"),
        (CodecKind::G722, cheap, "G.722"),
        (CodecKind::Opus, cheap, "Opus, complexity 0, FEC"),
        (CodecKind::Opus, OpusSettings { fec: false, ..cheap }, "Opus, complexity 0"),
        (CodecKind::Opus, OpusSettings { complexity: 5, ..cheap }, "Opus, complexity 5, FEC"),
    ];
    for (kind, settings, name) in variants {
        let frames = if kind.rate() == 8000 { narrow } else { wide };
        let mut encoder = Encoder::new(kind, &settings).expect("speech is taken");
        let mut packet = Vec::with_capacity(2000);
        measure(&format!("{name} encode"), frames, |frame| {
            packet.clear();
            encoder.encode(frame, &mut packet).expect("speech is taken");
        });
        let packets: Vec<Vec<u8>> = frames
            .iter()
            .map(|frame| {
                packet.clear();
                encoder.encode(frame, &mut packet).expect("speech is taken");
                packet.clone()
            })
            .collect();
        let bytes: usize = packets.iter().map(Vec::len).sum();
        let (mut decoder, mut out, mut next) =
            (Decoder::new(kind).expect("speech is taken"), Vec::with_capacity(2000), 0);
        measure(&format!("{name} decode ({} bytes)", bytes / packets.len()), frames, |_| {
            out.clear();
            decoder.decode(&packets[next % packets.len()], &mut out).expect("speech is taken");
            next += 1;
        });
    }
}
