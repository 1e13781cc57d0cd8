//! Phones that do what no phone should: whoever they talk to hears them without a gap, and what is of no use is counted.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "an edge: real sockets, real time")]

mod support;

use std::fs::File;
use std::net::UdpSocket;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use careline_audio::g711::Law;
use careline_audio::wav::{Channels, read_channels};
use careline_media::{Command, LegId, LegStats, MediaEvent, Prompts};
use careline_rtp::packet::{HEADER_BYTES, Header};
use support::{Heard, Phone, Rig, assert_continuous, assert_tone, assert_tone_with_breaks, samples};

/// Longest time between two packets for who listens.
const GAP_MAX: Duration = Duration::from_millis(60);
/// What a phone calls itself, `Phone::call` besides.
const OWN_SSRC: [u8; 4] = [0, 0, 0, 99];

fn assert_no_gap(heard: &[Heard]) {
    let longest = heard.windows(2).map(|pair| pair[1].at - pair[0].at).max().expect("two packets");
    assert!(longest <= GAP_MAX, "nothing was heard for {longest:?}");
}

fn read(path: &Path) -> Channels {
    read_channels(File::open(path).expect("the file is there")).expect("a readable WAV")
}

/// RTP of version 2 with this payload type, and so many bytes of zero.
fn rtp(payload_type: u8, sequence: u16, ssrc: [u8; 4], bytes: usize) -> Vec<u8> {
    let mut packet = vec![0x80, payload_type];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0; 4]);
    packet.extend(ssrc);
    packet.resize(packet.len() + bytes, 0);
    packet
}

fn stats_of(rig: &mut Rig, leg: u64) -> LegStats {
    rig.send(Command::Close { leg: LegId(leg) });
    rig.wait("the end of the leg", |event| match event {
        MediaEvent::LegClosed { leg: LegId(closed), stats, .. } if *closed == leg => Some(*stats),
        _ => None,
    })
}

/// A patient of 440 Hz and an agent of 620 Hz, both heard.
fn talk(rig: &Rig) -> (Phone, Phone) {
    let (patient, agent) = (rig.phone(1, Law::A, Some(440.0)), rig.phone(2, Law::A, Some(620.0)));
    rig.bridge(1, 2);
    patient.wait_heard(10);
    agent.wait_heard(10);
    (patient, agent)
}

#[test]
fn what_comes_together_with_a_packet_in_its_time_is_heard_though_nothing_follows() {
    let rig = Rig::new(Prompts::default());
    let agent = rig.phone(2, Law::A, Some(620.0));
    let engine = rig.open(1);
    let patient = UdpSocket::bind((engine.ip(), 0)).expect("a port");
    patient.set_read_timeout(Some(support::PATIENCE)).expect("above zero");
    rig.remote(1, patient.local_addr().expect("an address"), Law::A);
    rig.bridge(1, 2);
    let said = |number: u8| {
        let mut packet = [0x80; HEADER_BYTES + 160];
        let timestamp = 160 * u32::from(number);
        let header = Header { payload_type: 8, marker: false, sequence: number.into(), timestamp, ssrc: 5 };
        header.write(packet.first_chunk_mut().expect("room"));
        packet[HEADER_BYTES..].fill(number);
        patient.send_to(&packet, engine).expect("sent");
    };
    said(0);
    for number in 1..100 {
        // The agent's voice is the clock.
        patient.recv(&mut [0; 2048]).expect("the agent is heard");
        said(number);
    }
    // The kernel has one word for these three, of which the first is in its time.
    patient.recv(&mut [0; 2048]).expect("the agent is heard");
    (100..103).for_each(said);
    let end = Instant::now() + Duration::from_secs(2);
    while agent.heard().last().is_none_or(|last| last.payload[0] != 102) {
        assert!(Instant::now() < end, "the last words were not heard");
        std::thread::yield_now();
    }
    assert_continuous(&agent.heard());
}

#[test]
fn nonsense_beside_the_voice_is_counted_and_the_voice_goes_on() {
    let mut rig = Rig::new(Prompts::default());
    let (patient, agent) = talk(&rig);
    let before = agent.heard().len();
    let nonsense = [
        vec![0x80],
        vec![0; 1500],
        vec![0xFF; 1500],
        rtp(8, 7, OWN_SSRC, 0)[..11].to_vec(),
        // A payload type that nobody has agreed to, short and long.
        rtp(77, 8, OWN_SSRC, 1),
        rtp(77, 9, OWN_SSRC, 1488),
        // More contributing sources, a longer extension and more padding than there are bytes.
        [&[0x8F][..], &rtp(8, 10, OWN_SSRC, 4)[1..]].concat(),
        [&[0x90][..], &rtp(8, 11, OWN_SSRC, 0)[1..], &[0xBE, 0xDE, 0xFF, 0xFF]].concat(),
        [&[0xA0][..], &rtp(8, 12, OWN_SSRC, 3)[1..], &[200]].concat(),
        // Reports: cut off, and longer than they are.
        vec![0x81, 200, 0, 6, 0, 0],
        [&[0x81, 201, 0xFF, 0xFF][..], &[0; 28]].concat(),
    ];
    for _ in 0..10 {
        for bytes in &nonsense {
            patient.send_raw(bytes);
        }
        agent.wait_more(5);
    }
    patient.wait_more(5);
    let heard = agent.heard().split_off(before);
    assert_no_gap(&heard);
    assert_no_gap(&patient.heard());
    assert_continuous(&heard);
    assert_tone(&samples(Law::A, &heard), 440.0);
    assert_tone(&samples(Law::A, &patient.heard()), 620.0);
    let stats = stats_of(&mut rig, 1);
    assert!(stats.ignored >= 100, "{stats:?}");
    assert_eq!((stats.lost, stats.strangers), (0, 0), "{stats:?}");
}

#[test]
fn packets_of_one_byte_and_of_one_and_a_half_kilobytes_pass() {
    let mut rig = Rig::new(Prompts::default());
    let (patient, agent) = talk(&rig);
    let before = agent.heard().len();
    for bytes in [1, 1460, 2, 1488].repeat(5) {
        patient.say_oddly(bytes);
        agent.wait_more(3);
    }
    let heard = agent.heard().split_off(before);
    assert_no_gap(&heard);
    assert_continuous(&heard);
    for length in [1, 2, 1460, 1488] {
        assert!(heard.iter().any(|packet| packet.payload.len() == length), "no packet of {length} bytes");
    }
    let stats = stats_of(&mut rig, 1);
    assert_eq!((stats.lost, stats.ignored), (0, 0), "{stats:?}");
}

#[test]
fn a_source_that_changes_again_and_again_is_one_stream_to_who_hears_it() {
    let mut rig = Rig::new(Prompts::default());
    let (patient, agent) = talk(&rig);
    rig.record("changing", 1, 2);
    for ssrc in [0x0102_0304, 0xFFEE_DDCC, 5, 0x8000_0001, 99] {
        patient.change_source(ssrc);
        agent.wait_more(25);
    }
    let heard = agent.heard();
    assert_no_gap(&heard);
    assert_continuous(&heard);
    assert_tone(&samples(Law::A, &heard), 440.0);
    rig.send(Command::StopRecording { id: Arc::from("changing") });
    let path = rig.wait("the recording", |event| match event {
        MediaEvent::RecordingFinished { path, .. } => Some(path.clone()),
        _ => None,
    });
    let channels = read(&path);
    // Each source finds its place by the moment at which its first packet came.
    assert_tone_with_breaks(&channels.samples[0][800..], 440.0, 5);
    let stats = stats_of(&mut rig, 1);
    assert_eq!(stats.lost, 0, "a new stream has lost nothing: {stats:?}");
}

/// A recording keeps the time that passed, whatever its phone counts; the agent is served as before.
#[test]
fn a_phone_ten_times_too_fast_makes_no_recording_longer_and_takes_nobodys_time() {
    let mut rig = Rig::new(Prompts::default());
    let (patient, agent) = talk(&rig);
    // Somebody for whom it must be decoded.
    let chief = rig.phone(3, Law::A, None);
    rig.send(Command::Overhear { leg: LegId(3), others: vec![LegId(1), LegId(2)] });
    chief.wait_heard(10);
    rig.record("fast", 1, 2);
    let before = (patient.heard().len(), agent.heard().len());
    patient.speed(10);
    let heard_by_patient = patient.wait_more(100);
    patient.speed(1);
    patient.wait_more(80);
    rig.send(Command::StopRecording { id: Arc::from("fast") });
    let (path, duration_ms) = rig.wait("the recording", |event| match event {
        MediaEvent::RecordingFinished { path, duration_ms, .. } => Some((path.clone(), *duration_ms)),
        _ => None,
    });
    assert!((3400..4300).contains(&duration_ms), "{duration_ms} ms of 3.6 s");
    let heard = agent.heard().split_off(before.1);
    assert_no_gap(&heard);
    assert_no_gap(&heard_by_patient);
    assert_no_gap(&chief.heard());
    assert_continuous(&chief.heard());
    assert_tone(&samples(Law::A, &heard_by_patient), 620.0);
    let channels = read(&path);
    assert_tone(&channels.samples[1][800..], 620.0);
    // Slow again, it is heard again as before.
    let end = channels.samples[0].len();
    assert_tone(&channels.samples[0][end - 9600..], 440.0);
}
