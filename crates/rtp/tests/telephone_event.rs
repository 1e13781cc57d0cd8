//! Keys: received whole, with losses, doubled; and sent.

use std::time::Duration;

use careline_rtp::packet::Header;
use careline_rtp::stream::Outgoing;
use careline_rtp::telephone_event::{
    Digit, EventSender, KEYS_MAX, PAUSE_FRAMES, Receiver, event_of, key_of, packets,
};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Plays the packets of one key into the receiver, leaving out those `lost` names, and collects what it says.
fn press(
    receiver: &mut Receiver,
    key: char,
    timestamp: u32,
    at: u64,
    lost: impl Fn(usize) -> bool,
) -> Vec<Digit> {
    let mut digits = Vec::new();
    for (index, packet) in packets(key, 100).expect("a key").enumerate().filter(|(index, _)| !lost(*index)) {
        digits.extend(
            receiver.receive(timestamp, &packet.payload, ms(at + 20 * index as u64)).into_iter().flatten(),
        );
    }
    digits
}

#[test]
fn every_key_is_reported_once_at_its_end() {
    let mut receiver = Receiver::default();
    for (index, key) in "0123456789*#ABCD".chars().enumerate() {
        let timestamp = 1_000 * index as u32;
        let digits = press(&mut receiver, key, timestamp, 200 * index as u64, |_| false);
        assert_eq!(digits, [Digit { key, duration_ms: 100 }]);
    }
    assert_eq!(receiver.deadline(), None);
}

#[test]
fn one_packet_of_the_whole_key_is_enough() {
    for kept in 4..7 {
        let mut receiver = Receiver::default();
        assert_eq!(press(&mut receiver, '5', 9, 0, |index| index != kept).len(), 1, "packet {kept}");
    }
}

#[test]
fn a_lost_end_is_replaced_by_the_next_key_or_by_silence() {
    let mut receiver = Receiver::default();
    assert_eq!(press(&mut receiver, '1', 0, 0, |index| index >= 4), []);
    assert!(receiver.is_running());
    let digits = press(&mut receiver, '1', 2000, 250, |index| index >= 4);
    assert_eq!(digits, [Digit { key: '1', duration_ms: 80 }]);
    assert_eq!(receiver.expire(ms(509)), None);
    assert_eq!(receiver.expire(ms(510)), Some(Digit { key: '1', duration_ms: 80 }));
    assert_eq!(receiver.expire(ms(900)), None);
    // The end comes after all: not a second key.
    assert_eq!(press(&mut receiver, '1', 2000, 520, |index| index < 4), []);
}

#[test]
fn two_keys_can_end_with_one_packet() {
    let mut receiver = Receiver::default();
    press(&mut receiver, '7', 0, 0, |index| index >= 4);
    let digits = press(&mut receiver, '8', 4000, 500, |index| index != 6);
    assert_eq!(digits.iter().map(|digit| digit.key).collect::<String>(), "78");
}

#[test]
fn overtaken_packets_of_the_key_before_are_not_a_new_key() {
    let mut receiver = Receiver::default();
    press(&mut receiver, '3', 1000, 0, |_| false);
    press(&mut receiver, '4', 3000, 300, |index| index >= 2);
    let end_of_3 = packets('3', 100).unwrap().last().unwrap();
    assert_eq!(receiver.receive(1000, &end_of_3.payload, ms(350)), [None, None]);
    assert!(receiver.is_running());
}

#[test]
fn too_short_events_other_events_and_short_payloads_say_nothing() {
    let mut receiver = Receiver::default();
    assert_eq!(receiver.receive(1, &[5, 0x80, 0, 160], ms(0)), [None, None]);
    assert_eq!(receiver.receive(900_000, &[16, 0x80, 4, 0], ms(20)), [None, None]);
    assert_eq!(receiver.receive(1_800_000, &[5, 0x80, 4], ms(40)), [None, None]);
    assert_eq!(receiver.deadline(), None);
}

#[test]
fn a_sent_key_has_one_marker_three_ends_and_a_growing_duration() {
    let sent: Vec<_> = packets('#', 100).unwrap().collect();
    assert_eq!(sent.len(), 7);
    assert_eq!(sent.iter().filter(|packet| packet.marker).count(), 1);
    assert!(sent[0].marker);
    let ends: Vec<bool> = sent.iter().map(|packet| packet.payload[1] & 0x80 != 0).collect();
    assert_eq!(ends, [false, false, false, false, true, true, true]);
    let durations: Vec<u16> =
        sent.iter().map(|packet| u16::from_be_bytes([packet.payload[2], packet.payload[3]])).collect();
    assert_eq!(durations, [160, 320, 480, 640, 800, 800, 800]);
    assert!(packets('x', 100).is_none());
    assert_eq!((event_of('d'), key_of(16)), (Some(15), None));
}

#[test]
fn every_packet_twice_and_in_disorder_is_still_one_key() {
    let mut receiver = Receiver::default();
    let sent: Vec<_> = packets('9', 100).unwrap().collect();
    let mut digits = Vec::new();
    for (index, at) in [(1, 0), (0, 1), (1, 2), (3, 3), (2, 4), (4, 5), (4, 6), (3, 7), (6, 8), (5, 9)] {
        digits.extend(receiver.receive(77, &sent[index].payload, ms(20 * at)).into_iter().flatten());
    }
    assert_eq!(digits, [Digit { key: '9', duration_ms: 100 }]);
}

#[test]
fn a_key_held_for_twenty_seconds_is_one_key() {
    let mut receiver = Receiver::default();
    let mut digits = Vec::new();
    for frame in 1..=1000u32 {
        let units = frame * 160 - 1;
        let (segment, duration) = (units / 0xffff, (units % 0xffff + 1) as u16);
        let [high, low] = duration.to_be_bytes();
        let flags = if frame == 1000 { 0x8a } else { 0x0a };
        let timestamp = 500 + segment * 0xffff;
        digits.extend(
            receiver
                .receive(timestamp, &[7, flags, high, low], ms(20 * u64::from(frame)))
                .into_iter()
                .flatten(),
        );
    }
    assert_eq!(digits, [Digit { key: '7', duration_ms: 20_000 }]);
}

#[test]
fn beside_opus_a_key_counts_in_its_clock() {
    let mut receiver = Receiver::default();
    receiver.set_clock(48_000);
    let [digit, _] = receiver.receive(1, &[3, 0x8a, 0x12, 0xc0], ms(0));
    assert_eq!(digit, Some(Digit { key: '3', duration_ms: 100 }));
    // 5 s later is a new key, not a repetition.
    let [digit, _] = receiver.receive(240_001, &[3, 0x8a, 0x12, 0xc0], ms(5000));
    assert!(digit.is_some());
}

/// Sends `frames` frames of audio with keys among them.
fn send(sender: &mut EventSender, out: &mut Outgoing, frames: u64) -> Vec<(Header, Option<[u8; 4]>)> {
    (0..frames)
        .map(|frame| {
            let audio = out.paced(8, ms(20 * frame));
            match sender.frame(audio, 101) {
                Some((header, payload)) => (header, Some(payload)),
                None => (audio, None),
            }
        })
        .collect()
}

#[test]
fn keys_are_sent_among_the_audio_which_goes_on_in_time() {
    let mut sender = EventSender::new(8000);
    let mut out = Outgoing::new(1, 100, 1000);
    assert!(sender.push('4', 100) && sender.push('#', 60) && !sender.push('x', 60));
    let sent = send(&mut sender, &mut out, 30);
    assert!(!sender.is_busy());
    // Each frame has its number, and audio has the time that it is played at.
    for (index, (header, event)) in sent.iter().enumerate() {
        assert_eq!(header.sequence, 101 + index as u16);
        match event {
            Some(_) => assert_eq!(header.payload_type, 101),
            None => assert_eq!((header.payload_type, header.timestamp), (8, 1000 + 160 * index as u32)),
        }
    }
    let events: Vec<_> = sent.iter().filter(|(_, event)| event.is_some()).map(|(header, _)| header).collect();
    assert_eq!(events.len(), 7 + 5);
    assert!(events[..7].iter().all(|header| header.timestamp == 1000));
    let second = 7 + u32::from(PAUSE_FRAMES);
    assert!(events[7..].iter().all(|header| header.timestamp == 1000 + 160 * second));
    let markers: Vec<bool> = events.iter().map(|header| header.marker).collect();
    assert_eq!(markers.iter().filter(|marker| **marker).count(), 2);
    assert!(markers[0] && markers[7]);
    let mut receiver = Receiver::default();
    let digits: Vec<_> = sent
        .iter()
        .enumerate()
        .filter_map(|(index, (header, event))| Some((index as u64, header, event.as_ref()?)))
        .flat_map(|(index, header, event)| receiver.receive(header.timestamp, event, ms(20 * index)))
        .flatten()
        .collect();
    assert_eq!(digits, [Digit { key: '4', duration_ms: 100 }, Digit { key: '#', duration_ms: 60 }]);
}

#[test]
fn a_sender_takes_so_many_keys_and_does_not_name_them() {
    let mut sender = EventSender::new(48_000);
    assert!((0..KEYS_MAX).all(|_| sender.push('5', 9999)));
    assert!(!sender.push('5', 100));
    assert!(!format!("{sender:?}").contains('5'));
    // The duration of the longest key at this clock has no room in 16 bits, so it is shorter.
    let mut out = Outgoing::new(1, 0, 0);
    let sent = send(&mut sender, &mut out, 80);
    let longest =
        sent.iter().filter_map(|(_, event)| *event).map(|event| u16::from_be_bytes([event[2], event[3]]));
    assert_eq!(longest.max(), Some(68 * 960));
    sender.clear();
    send(&mut sender, &mut out, 70);
    assert!(!sender.is_busy());
}
