//! Keys: received whole, with losses, doubled; and sent.

use std::time::Duration;

use careline_rtp::telephone_event::{Digit, Receiver, event_of, key_of, packets};

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
