//! What a copper line says with tones reaches the switch, of legs that listen for it and of no other.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "an edge: real sockets, real time")]

mod support;

use std::io::Cursor;
use std::net::UdpSocket;

use careline_audio::g711::{Law, encode};
use careline_audio::tone::Tone;
use careline_audio::wav;
use careline_media::{Command, LegId, LineTone, MediaEvent, Prompts};
use careline_rtp::packet::{HEADER_BYTES, Header};
use support::Rig;

/// A WAV file of a busy tone, as a gateway might play it: 450 Hz, 350 ms on and off.
fn busy_wav() -> Vec<u8> {
    let mut samples = Vec::new();
    for _ in 0..5 {
        samples.extend(Tone::new(8000, &[(450.0, -15.0)]).take(2800));
        samples.extend([0; 2800]);
    }
    let mut file = Cursor::new(Vec::new());
    wav::write_mono(&mut file, &samples).expect("a WAV");
    file.into_inner()
}

/// Sends a file as a gateway does, but as fast as it can.
fn play(rig: &Rig, leg: u64, file: &[u8]) {
    let to = rig.open(leg);
    let gateway = UdpSocket::bind("127.0.0.1:0").expect("a port");
    rig.remote(leg, gateway.local_addr().expect("an address"), Law::A);
    if leg == 1 {
        rig.send(Command::WatchTones { leg: LegId(leg), tones_hz: vec![450.0, 425.0] });
    }
    let samples = wav::read_prompt(file).expect("a prompt");
    for (number, frame) in samples.chunks(160).enumerate() {
        let number = u16::try_from(number).expect("a short file");
        let header = Header {
            payload_type: Law::A.payload_type(),
            marker: number == 0,
            sequence: number,
            timestamp: 160 * u32::from(number),
            ssrc: 7,
        };
        let mut packet = [0; HEADER_BYTES].to_vec();
        header.write(packet.first_chunk_mut().expect("room for the header"));
        packet.extend(frame.iter().map(|sample| encode(Law::A, *sample)));
        gateway.send_to(&packet, to).expect("it goes out");
    }
}

fn tone(event: &MediaEvent) -> Option<(LegId, LineTone)> {
    match event {
        MediaEvent::Tone { leg, tone } => Some((*leg, *tone)),
        _ => None,
    }
}

#[test]
fn a_busy_tone_is_told_of_the_leg_that_listens_and_of_no_other() {
    let mut rig = Rig::new(Prompts::default());
    let file = busy_wav();
    play(&rig, 2, &file);
    play(&rig, 1, &file);
    let heard = rig.wait("the busy tone", tone);
    assert_eq!(heard, (LegId(1), LineTone::Busy));
    assert_eq!(rig.seen.iter().filter_map(tone).count(), 1, "{:?}", rig.seen);
}
