//! Codecs behind their one face; Opus against ffmpeg's own decoder (`fixtures/README.md`).

mod support;

use careline_audio::codec::{
    CodecError, CodecKind, Decoder, Encoded, Encoder, OpusSettings, PACKET_BYTES_MAX, PACKET_SAMPLES_MAX,
};
use careline_audio::g711::{self, Law};
use careline_audio::level::level_dbfs;
use careline_audio::measure::{best_agreement, click, correlation_at, longest_gap, snr_db, tone_snr_db};
use careline_audio::resample::Up2;
use careline_audio::tone::Tone;
use support::{Dice, fixture_source, prompt, samples_of};

const ALL: [CodecKind; 4] = [CodecKind::Pcma, CodecKind::Pcmu, CodecKind::G722, CodecKind::Opus];
const OPUS_PACKETS: &[u8] = include_bytes!("fixtures/speech.opus-packets");
const OPUS_DECODED: &[u8] = include_bytes!("fixtures/speech-opus-decoded.s16le");

fn decoder(kind: CodecKind) -> Decoder {
    Decoder::new(kind).expect("there is memory")
}

fn encoder(kind: CodecKind) -> Encoder {
    Encoder::new(kind, &OpusSettings::default()).expect("there is memory")
}

fn opus_packets() -> Vec<&'static [u8]> {
    let (mut packets, mut rest) = (Vec::new(), OPUS_PACKETS);
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let (packet, after) = after.split_at(usize::from(u16::from_le_bytes(*length)));
        packets.push(packet);
        rest = after;
    }
    packets
}

/// Packets of 20 ms.
fn encode(encoder: &mut Encoder, samples: &[i16]) -> Vec<Vec<u8>> {
    let frame = encoder.kind().frame_samples();
    let packet = |samples: &[i16]| {
        let mut out = Vec::new();
        encoder.encode(samples, &mut out).expect("20 ms are taken");
        out
    };
    samples.chunks_exact(frame).map(packet).collect()
}

fn decode<P: AsRef<[u8]>>(decoder: &mut Decoder, packets: &[P]) -> Vec<i16> {
    let mut out = Vec::new();
    for packet in packets {
        decoder.decode(packet.as_ref(), &mut out).expect("what an encoder made is taken");
    }
    out
}

/// Speech at the rate of the codec.
fn speech(kind: CodecKind) -> Vec<i16> {
    let narrow = prompt("greeting");
    if kind.rate() == 8000 {
        return narrow;
    }
    let mut wide = vec![0; narrow.len() * 2];
    Up2::new().process(&narrow, &mut wide);
    wide
}

#[test]
fn speech_and_tones_go_through_every_codec_within_its_quality() {
    // Correlation of speech, SNR of a tone in dB: at least.
    for (kind, like, ratio) in
        [(ALL[0], 0.9990, 35.0), (ALL[1], 0.9990, 35.0), (ALL[2], 0.9990, 40.0), (ALL[3], 0.95, 20.0)]
    {
        let original = speech(kind);
        let heard = decode(&mut decoder(kind), &encode(&mut encoder(kind), &original));
        assert_eq!(heard.len(), original.len() / kind.frame_samples() * kind.frame_samples());
        let agreement = best_agreement(&original, &heard, 200);
        let tone = Tone::new(kind.rate(), &[(1004.0, -13.0)]).take(kind.rate() as usize);
        let heard_tone = decode(&mut decoder(kind), &encode(&mut encoder(kind), &tone));
        let tone_ratio = tone_snr_db(&heard_tone[heard_tone.len() / 2..], kind.rate(), 1004.0);
        assert!(agreement.correlation > like, "{kind:?}: {agreement:?}");
        assert!(tone_ratio > ratio, "{kind:?}: {tone_ratio:.1} dB");
        assert!((level_dbfs(&heard) - level_dbfs(&original)).abs() < 0.6, "{kind:?}");
    }
}

#[test]
fn opus_of_ffmpeg_decodes_as_ffmpegs_own_decoder_says() {
    let theirs = samples_of(OPUS_DECODED);
    let ours = decode(&mut decoder(CodecKind::Opus), &opus_packets());
    let agreement = best_agreement(&theirs, &ours, 200);
    let lag = agreement.lag.unsigned_abs();
    let ratio = snr_db(&theirs[..theirs.len() - lag], &ours[lag..]);
    assert!(agreement.correlation > 0.9999 && ratio > 40.0, "{agreement:?}, {ratio:.1} dB");
    let like_source = best_agreement(&fixture_source(), &ours, 300);
    assert!(like_source.correlation > 0.9, "{like_source:?}");
}

#[test]
fn rates_and_clocks_are_those_of_the_rfcs() {
    let table = ALL.map(|kind| (kind.rate(), kind.rtp_clock(), kind.frame_samples(), kind.law()));
    let expected = [
        (8000, 8000, 160, Some(Law::A)),
        (8000, 8000, 160, Some(Law::U)),
        (16_000, 8000, 320, None),
        (16_000, 48_000, 320, None),
    ];
    assert_eq!(table, expected);
}

#[test]
fn ten_to_sixty_milliseconds_are_taken_and_nothing_else() {
    for kind in ALL {
        let per_ms = kind.rate() as usize / 1000;
        for milliseconds in [10, 20, 40, 60] {
            let samples = &speech(kind)[..milliseconds * per_ms];
            let (mut packet, mut out) = (Vec::new(), Vec::new());
            assert_eq!(encoder(kind).encode(samples, &mut packet), Ok(Encoded::Packet), "{kind:?}");
            assert!(packet.len() <= PACKET_BYTES_MAX);
            decoder(kind).decode(&packet, &mut out).unwrap();
            assert_eq!(out.len(), samples.len(), "{kind:?} {milliseconds} ms");
            assert!(out.len() <= PACKET_SAMPLES_MAX);
        }
        for samples in [0, 1, 9 * per_ms, 61 * per_ms, 20_000] {
            let mut packet = Vec::new();
            let block = vec![0; samples];
            assert_eq!(
                encoder(kind).encode(&block, &mut packet),
                Err(CodecError::Block { samples }),
                "{kind:?}"
            );
            assert!(packet.is_empty());
        }
    }
    let mut packet = Vec::new();
    assert!(encoder(CodecKind::G722).encode(&[0; 321], &mut packet).is_err());
    assert!(encoder(CodecKind::Opus).encode(&[0; 480], &mut packet).is_err());
    assert_eq!(encoder(CodecKind::Pcma).encode(&[0; 240], &mut packet), Ok(Encoded::Packet));
}

#[test]
fn payloads_of_1_and_1500_bytes_are_refused_and_leave_no_trace() {
    for kind in [CodecKind::Pcma, CodecKind::Pcmu, CodecKind::G722] {
        for bytes in [0, 1, 79, 481, 1500] {
            let mut out = vec![7];
            let refused = decoder(kind).decode(&vec![0x55; bytes], &mut out);
            assert_eq!(refused, Err(CodecError::Duration { bytes }), "{kind:?}");
            assert_eq!(out, [7]);
        }
    }
    let mut out = Vec::new();
    let mut opus = decoder(CodecKind::Opus);
    assert_eq!(opus.decode(&[], &mut out), Err(CodecError::Duration { bytes: 0 }));
    // 120 ms in one packet; 2.5 ms; a code 3 packet without frames.
    assert_eq!(opus.decode(&[0x1b, 0x02, 0, 0], &mut out), Err(CodecError::Duration { bytes: 4 }));
    assert_eq!(opus.decode(&[0xe0, 0, 0], &mut out), Err(CodecError::Duration { bytes: 3 }));
    assert!(opus.decode(&[0x0b], &mut out).is_err());
    assert!(out.is_empty());
}

#[test]
fn hostile_payloads_never_panic_and_speech_is_understood_afterwards() {
    let mut dice = Dice(11);
    for kind in ALL {
        let (mut decoder, mut out) = (decoder(kind), Vec::new());
        for _ in 0..3000 {
            let payload: Vec<u8> = (0..dice.roll() % 500).map(|_| dice.roll() as u8).collect();
            match dice.roll() % 4 {
                0 => decoder.conceal((dice.roll() % 1000) as usize, &mut out),
                1 => decoder.decode_fec(&payload, (dice.roll() % 1000) as usize, &mut out),
                _ => _ = decoder.decode(&payload, &mut out),
            }
            out.clear();
        }
        decoder.conceal(usize::MAX, &mut out);
        assert_eq!(out.len(), kind.rate() as usize, "a second at most");
        let original = speech(kind);
        let heard = decode(&mut decoder, &encode(&mut encoder(kind), &original));
        assert!(best_agreement(&original[16_000..], &heard[16_000..], 200).correlation > 0.9, "{kind:?}");
    }
}

#[test]
fn five_percent_loss_is_concealed_by_every_codec_without_a_change_of_level() {
    for kind in ALL {
        let original = speech(kind);
        let packets = encode(&mut encoder(kind), &original);
        let (mut decoder, mut heard, mut dice) = (decoder(kind), Vec::new(), Dice(5));
        for packet in &packets {
            if dice.happens(0.05) {
                decoder.conceal(kind.frame_samples(), &mut heard);
            } else {
                decoder.decode(packet, &mut heard).unwrap();
            }
        }
        let change = level_dbfs(&heard) - level_dbfs(&original);
        let agreement = best_agreement(&original, &heard, 200);
        assert!(change.abs() < 1.0, "{kind:?}: {change:.2} dB");
        assert!(agreement.correlation > 0.85, "{kind:?}: {agreement:?}");
    }
}

#[test]
fn a_lost_packet_in_a_tone_leaves_no_hole_and_no_click() {
    for kind in ALL {
        let tone = Tone::new(kind.rate(), &[(425.0, -13.0)]).take(kind.rate() as usize);
        let packets = encode(&mut encoder(kind), &tone);
        let (mut decoder, mut heard) = (decoder(kind), Vec::new());
        for (index, packet) in packets.iter().enumerate() {
            if index == 25 {
                decoder.conceal(kind.frame_samples(), &mut heard);
            } else {
                decoder.decode(packet, &mut heard).unwrap();
            }
        }
        let steady = &heard[heard.len() / 4..];
        assert!(click(steady) < 0.45, "{kind:?}: {:.2}", click(steady));
        assert!(longest_gap(steady, -50.0) < kind.frame_samples() / 10, "{kind:?}");
    }
}

#[test]
fn the_packet_after_a_lost_one_repairs_it_better_than_concealment() {
    let original = speech(CodecKind::Opus);
    let packets = encode(&mut encoder(CodecKind::Opus), &original);
    let clean = decode(&mut decoder(CodecKind::Opus), &packets);
    let lossy = |repair: bool| {
        let (mut decoder, mut heard) = (decoder(CodecKind::Opus), Vec::new());
        for (index, packet) in packets.iter().enumerate() {
            match packets.get(index + 1) {
                Some(next) if index % 5 == 2 && repair => decoder.decode_fec(next, 320, &mut heard),
                _ if index % 5 == 2 => decoder.conceal(320, &mut heard),
                _ => decoder.decode(packet, &mut heard).unwrap(),
            }
        }
        assert_eq!(heard.len(), clean.len());
        correlation_at(&clean, &heard, 0)
    };
    let (repaired, concealed) = (lossy(true), lossy(false));
    assert!(repaired > 0.95 && repaired > concealed + 0.05, "{repaired:.3} {concealed:.3}");
}

#[test]
fn a_stereo_peer_is_heard_in_one_channel() {
    // Voice on the left only: half of it remains, as in any mono of stereo.
    let mut stereo = opus::Encoder::new(48_000, opus::Channels::Stereo, opus::Application::Voip).unwrap();
    let left = Tone::new(48_000, &[(440.0, -13.0)]).take(48_000);
    let mut heard = Vec::new();
    let mut decoder = decoder(CodecKind::Opus);
    for frame in left.chunks_exact(960) {
        let both: Vec<i16> = frame.iter().flat_map(|&sample| [sample, 0]).collect();
        decoder.decode(&stereo.encode_vec(&both, 1000).unwrap(), &mut heard).unwrap();
    }
    assert_eq!(heard.len(), 16_000);
    let (level, ratio) = (level_dbfs(&heard[4000..]), tone_snr_db(&heard[4000..], 16_000, 440.0));
    assert!((level + 19.0).abs() < 1.0 && ratio > 20.0, "{level:.1} dBFS, {ratio:.1} dB");
}

#[test]
fn silence_is_not_sent_with_dtx_and_is_without() {
    for (dtx, most) in [(true, 20), (false, 100)] {
        let settings = OpusSettings { dtx, ..OpusSettings::default() };
        let mut encoder = Encoder::new(CodecKind::Opus, &settings).unwrap();
        let mut out = Vec::new();
        let sent = (0..100)
            .filter(|_| {
                out.clear();
                let encoded = encoder.encode(&[0; 320], &mut out).unwrap();
                assert_eq!(out.is_empty(), encoded == Encoded::Silence);
                encoded == Encoded::Packet
            })
            .count();
        assert!(sent <= most && (dtx || sent == 100), "dtx {dtx}: {sent}");
    }
}

#[test]
fn settings_out_of_range_are_brought_into_it() {
    for value in [0, u32::MAX] {
        let settings = OpusSettings {
            complexity: value as u8,
            bitrate: value,
            fec: true,
            loss_percent: value as u8,
            dtx: false,
        };
        let packets =
            encode(&mut Encoder::new(CodecKind::Opus, &settings).unwrap(), &speech(CodecKind::Opus));
        assert!(packets.iter().all(|packet| packet.len() < 300));
    }
}

#[test]
fn codecs_may_move_to_another_thread() {
    let mut pair = (decoder(CodecKind::Opus), encoder(CodecKind::Opus));
    let heard = std::thread::spawn(move || {
        let packets = encode(&mut pair.1, &speech(CodecKind::Opus)[..3200]);
        decode(&mut pair.0, &packets).len()
    });
    assert_eq!(heard.join().unwrap(), 3200);
}

#[test]
fn g711_is_exactly_the_tables() {
    for (kind, law) in [(CodecKind::Pcma, Law::A), (CodecKind::Pcmu, Law::U)] {
        let original = speech(kind);
        let packets = encode(&mut encoder(kind), &original);
        let expected: Vec<i16> =
            original.iter().map(|&sample| g711::decode(law, g711::encode(law, sample))).collect();
        let heard = decode(&mut decoder(kind), &packets);
        assert_eq!(heard, expected[..heard.len()]);
    }
}
