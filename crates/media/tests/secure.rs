//! Encrypted legs, strangers, and reports: what goes over the wire when nobody may listen or join in.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a test: its phones run in real time, and what fails fails it"
)]

mod support;

use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use careline_media::{Command, Format, LegId, MediaEvent, Prompts, RemoteStream, Rtcp, Sources, StreamKeys};
use careline_rtp::packet::{HEADER_BYTES, Header, Packet};
use careline_rtp::srtp::{Keys, Profile, Receiver, Sender};
use support::{PATIENCE, Rig};

/// A phone by hand: it says what it is told, byte by byte.
struct Line {
    socket: UdpSocket,
    leg: SocketAddr,
    sequence: u16,
}

impl Line {
    fn new(leg: SocketAddr) -> Self {
        Self::from("127.0.0.1", leg)
    }

    fn from(ip: &str, leg: SocketAddr) -> Self {
        let socket = UdpSocket::bind((ip, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        Self { socket, leg, sequence: 100 }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    fn packet(&mut self, fill: u8) -> Vec<u8> {
        let mut packet = vec![fill; HEADER_BYTES + 160];
        self.sequence += 1;
        let timestamp = u32::from(self.sequence) * 160;
        Header { payload_type: 8, marker: false, sequence: self.sequence, timestamp, ssrc: 7 }
            .write(packet.first_chunk_mut().unwrap());
        packet
    }

    fn say(&mut self, fill: u8) {
        let packet = self.packet(fill);
        self.socket.send_to(&packet, self.leg).unwrap();
    }

    /// The next datagram, if one comes soon.
    fn hear(&self) -> Option<Vec<u8>> {
        let mut buffer = [0; 2048];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(buffer[..length].to_vec())
    }
}

fn keys(profile: Profile, send: u8, receive: u8) -> StreamKeys {
    let of = |fill| Keys::new(profile, &vec![fill; profile.material_bytes()]).unwrap();
    StreamKeys {
        send: of(send),
        receive: of(receive),
        send_generation: send.into(),
        receive_generation: receive.into(),
    }
}

/// Says and listens until the other end hears it.
fn until_heard(mut say: impl FnMut(), hear: impl Fn() -> Option<Vec<u8>>) -> Vec<u8> {
    let begun = Instant::now();
    loop {
        say();
        if let Some(heard) = hear() {
            return heard;
        }
        assert!(begun.elapsed() < PATIENCE, "nothing was heard");
    }
}

#[test]
fn an_encrypted_phone_and_a_plain_one_hear_each_other_under_every_suite() {
    for profile in Profile::ALL {
        let rig = Rig::new(Prompts::default());
        let (mut plain, mut secret) = (Line::new(rig.open(1)), Line::new(rig.open(2)));
        rig.remote_stream(1, RemoteStream::plain(plain.address(), Format::PCMA));
        let ours = keys(profile, 1, 2);
        let (mut sender, mut receiver) = (Sender::new(&ours.receive), Receiver::new(&ours.send));
        let stream = RemoteStream::plain(secret.address(), Format::PCMA);
        rig.remote_stream(2, RemoteStream { keys: Some(ours), ..stream });
        rig.bridge(1, 2);

        let to_secret = until_heard(|| plain.say(0x11), || secret.hear());
        assert_ne!(&to_secret[HEADER_BYTES..HEADER_BYTES + 160], &[0x11; 160], "it is encrypted");
        assert_eq!(to_secret.len(), HEADER_BYTES + 160 + profile.rtp_overhead());
        let mut opened = to_secret.clone();
        let length = receiver.unprotect(&mut opened).unwrap();
        assert_eq!(&opened[HEADER_BYTES..length], &[0x11; 160]);

        let to_plain = until_heard(
            || {
                let mut packet = secret.packet(0x22);
                let length = packet.len();
                packet.resize(length + 16, 0);
                let length = sender.protect(&mut packet, length).unwrap();
                secret.socket.send_to(&packet[..length], secret.leg).unwrap();
            },
            || plain.hear(),
        );
        assert_eq!(&to_plain[HEADER_BYTES..], &[0x22; 160]);
    }
}

#[test]
fn an_encrypted_leg_takes_nothing_in_clear_nothing_forged_and_nothing_twice() {
    let mut rig = Rig::new(Prompts::default());
    let (plain, mut secret) = (Line::new(rig.open(1)), Line::new(rig.open(2)));
    rig.remote_stream(1, RemoteStream::plain(plain.address(), Format::PCMA));
    let ours = keys(Profile::AesCm128HmacSha1_80, 1, 2);
    let mut sender = Sender::new(&ours.receive);
    rig.remote_stream(
        2,
        RemoteStream { keys: Some(ours), ..RemoteStream::plain(secret.address(), Format::PCMA) },
    );
    rig.bridge(1, 2);
    let mut protect = |packet: Vec<u8>| {
        let length = packet.len();
        let mut buffer = [packet, vec![0; 16]].concat();
        let length = sender.protect(&mut buffer, length).unwrap();
        buffer.truncate(length);
        buffer
    };
    for _ in 0..200 {
        secret.say(0x33);
    }
    let mut forged = protect(secret.packet(0x44));
    forged[HEADER_BYTES + 3] ^= 1;
    for _ in 0..3 {
        secret.socket.send_to(&forged, secret.leg).unwrap();
    }
    assert_eq!(plain.hear(), None);
    let mut good = Vec::new();
    let heard = until_heard(
        || {
            good = protect(secret.packet(0x55));
            secret.socket.send_to(&good, secret.leg).unwrap();
        },
        || plain.hear(),
    );
    assert_eq!(&heard[HEADER_BYTES..], &[0x55; 160]);
    for _ in 0..5 {
        secret.socket.send_to(&good, secret.leg).unwrap();
    }
    assert_eq!(plain.hear(), None, "a repeated packet is not passed on");
    rig.send(Command::Close { leg: LegId(2) });
    let stats = rig.wait("the end", |event| match event {
        MediaEvent::LegClosed { leg: LegId(2), stats, .. } => Some(*stats),
        _ => None,
    });
    // What came before the leg knew its peer was a stranger's.
    assert!(stats.ignored + stats.strangers >= 203, "{stats:?}");
}

#[test]
fn a_stranger_who_comes_first_gets_nothing_and_says_nothing() {
    let rig = Rig::new(Prompts::default());
    let (leg, other) = (rig.open(1), Line::new(rig.open(2)));
    let mut phone = Line::new(leg);
    let mut stranger = Line::from("127.0.0.66", leg);
    let stream = RemoteStream::plain(phone.address(), Format::PCMA);
    rig.remote_stream(1, RemoteStream { sources: Sources::Signalled, ..stream });
    rig.remote_stream(2, RemoteStream::plain(other.address(), Format::PCMA));
    rig.bridge(1, 2);
    for _ in 0..300 {
        stranger.say(0x66);
    }
    assert_eq!(other.hear(), None, "nothing of the stranger comes through");
    let mut speaker = Line { socket: other.socket.try_clone().unwrap(), leg: other.leg, sequence: 0 };
    let heard = until_heard(
        || {
            phone.say(0x12);
            speaker.say(0x34);
            stranger.say(0x66);
        },
        || other.hear(),
    );
    assert_eq!(&heard[HEADER_BYTES..], &[0x12; 160]);
    assert!(phone.hear().is_some(), "the phone is spoken to");
    assert_eq!(stranger.hear(), None, "the stranger is not");
}

#[test]
fn losses_are_reported_both_ways_and_rated() {
    let mut rig = Rig::new(Prompts::default());
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let control = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (leg, leg_control) = (socket.local_addr().unwrap(), control.local_addr().unwrap());
    rig.send(Command::Open { leg: LegId(1), call: 1, socket, rtcp: Some(control) });
    let (mut phone, reports) = (Line::new(leg), UdpSocket::bind("127.0.0.1:0").unwrap());
    reports.set_read_timeout(Some(PATIENCE)).unwrap();
    let stream = RemoteStream::plain(phone.address(), Format::PCMA);
    let rtcp = Rtcp::Own(Some(reports.local_addr().unwrap()));
    rig.remote_stream(1, RemoteStream { rtcp, ..stream });
    rig.send(Command::Echo { leg: LegId(1), on: true });
    // One in ten never leaves.
    let mut first = None;
    for number in 0..60 {
        if number % 10 == 9 {
            phone.packet(0);
        } else {
            phone.say(0x55);
            first = phone.hear().or(first);
        }
    }
    let echoed = Packet::parse(&first.expect("an echo")).unwrap();
    // Compound: SR, then SDES (RFC 3550 section 6.1).
    let mut buffer = [0; 256];
    let length = reports.recv(&mut buffer).expect("a report within five seconds");
    let report = &buffer[..length];
    assert_eq!(report[1], 200, "a sender's report");
    assert_eq!(report[4..8], echoed.ssrc.to_be_bytes());
    assert_eq!(report[28..32], 7u32.to_be_bytes(), "about the phone's stream");
    let lost = u32::from_be_bytes([0, report[33], report[34], report[35]]);
    assert!((5..=6).contains(&lost), "{lost} lost");
    // The phone's own report: a quarter of what it was sent is lost; it answers the report at once.
    let block = [
        echoed.ssrc.to_be_bytes(),
        [64, 0, 0, 12],
        [0; 4],
        80u32.to_be_bytes(),
        report[10..14].try_into().unwrap(),
        [0; 4],
    ];
    let answer = [vec![0x81, 201, 0, 7], 7u32.to_be_bytes().to_vec(), block.concat()].concat();
    let sdes =
        [vec![0x81, 202, 0, 3], 7u32.to_be_bytes().to_vec(), vec![1, 2, b'a', b'b', 0, 0, 0, 0]].concat();
    reports.send_to(&[answer, sdes].concat(), leg_control).unwrap();
    phone.say(0x55);
    phone.hear();
    rig.wait("the quality of the first seconds", |event| match event {
        MediaEvent::Quality { leg: LegId(1), quality, .. } if quality.outbound.is_some() => Some(()),
        _ => None,
    });
    rig.send(Command::Close { leg: LegId(1) });
    let quality = rig.wait("the end", |event| match event {
        MediaEvent::LegClosed { quality, .. } => Some(*quality),
        _ => None,
    });
    assert!((0.05..0.15).contains(&quality.inbound.loss), "{quality:?}");
    let outbound = quality.outbound.expect("the phone has reported");
    assert!((0.15..0.35).contains(&outbound.loss) && (outbound.jitter_ms - 10.0).abs() < 0.1, "{outbound:?}");
    assert!(outbound.mos < quality.inbound.mos && quality.inbound.mos < 4.2, "{quality:?}");
    assert!(quality.round_trip.expect("known") < Duration::from_secs(1));
    loop {
        let length = reports.recv(&mut buffer).expect("a last report, with BYE");
        let mut packets = (0..length).step_by(4).filter(|&at| buffer[at] >> 6 == 2);
        if packets.any(|at| buffer[at + 1] == 203) {
            break;
        }
    }
}
