//! Packets, sequence numbers and the outgoing stream.

use std::time::Duration;

use careline_rtp::packet::{HEADER_BYTES, Header, NotRtp, Packet};
use careline_rtp::sequence::{Arrival, Sequence};
use careline_rtp::stream::{Outgoing, Relayed};
use careline_rtp::timestamp_distance;

const HEADER: Header = Header { payload_type: 8, marker: true, sequence: 0xfffe, timestamp: 7, ssrc: 0xabcd };

fn packet(payload: &[u8]) -> Vec<u8> {
    let mut header = [0; HEADER_BYTES];
    HEADER.write(&mut header);
    [&header[..], payload].concat()
}

#[test]
fn a_written_header_is_read_back() {
    let parsed = Packet::parse(&packet(&[1; 160])).unwrap();
    assert_eq!((parsed.payload_type, parsed.marker, parsed.sequence), (8, true, 0xfffe));
    assert_eq!((parsed.timestamp, parsed.ssrc, parsed.payload), (7, 0xabcd, 12..172));
}

#[test]
fn extension_csrc_and_padding_are_not_payload_and_survive_a_patch() {
    let mut bytes = packet(&[]);
    bytes[0] |= 0x20 | 0x10 | 0x01;
    bytes.extend([1, 1, 1, 1]); // one CSRC
    bytes.extend([0xbe, 0xde, 0, 1, 9, 9, 9, 9]); // an extension of one word
    bytes.extend([5; 10]);
    bytes.extend([0, 0, 3]); // padding
    assert_eq!(Packet::parse(&bytes).unwrap().payload, 24..34);
    let patched = Header { payload_type: 0, marker: false, sequence: 1, timestamp: 2, ssrc: 3 };
    patched.patch(bytes.first_chunk_mut().unwrap());
    let parsed = Packet::parse(&bytes).unwrap();
    assert_eq!((parsed.payload_type, parsed.marker, parsed.sequence), (0, false, 1));
    assert_eq!((parsed.timestamp, parsed.ssrc, parsed.payload), (2, 3, 24..34));
}

#[test]
fn what_is_no_rtp_is_named() {
    assert_eq!(Packet::parse(&[0x80; 11]), Err(NotRtp::Truncated));
    assert_eq!(Packet::parse(&[0; 40]), Err(NotRtp::Version));
    let mut bytes = packet(&[200]);
    bytes[0] |= 0x20;
    assert_eq!(Packet::parse(&bytes), Err(NotRtp::Padding));
    let mut bytes = packet(&[0; 16]);
    bytes[1] = 200;
    assert_eq!(Packet::parse(&bytes), Err(NotRtp::Rtcp));
    let mut bytes = packet(&[]);
    bytes[0] |= 0x0f;
    assert_eq!(Packet::parse(&bytes), Err(NotRtp::Truncated));
}

#[test]
fn sequence_numbers_grow_over_the_wrap_and_count_losses() {
    let mut sequence = Sequence::default();
    assert_eq!(sequence.observe(65534), Arrival::New { extended: 131_070, missing: 0 });
    assert_eq!(sequence.observe(65535), Arrival::New { extended: 131_071, missing: 0 });
    assert_eq!(sequence.observe(1), Arrival::New { extended: 131_073, missing: 1 });
    assert_eq!(sequence.missing(), 1);
    assert_eq!(sequence.observe(0), Arrival::Late { extended: 131_072 });
    assert_eq!(sequence.observe(0), Arrival::Duplicate);
    assert_eq!(sequence.observe(1), Arrival::Duplicate);
    assert_eq!((sequence.received(), sequence.missing()), (4, 0));
    assert_eq!((sequence.duplicates(), sequence.late()), (2, 1));
}

#[test]
fn one_far_number_is_an_outlier_and_two_in_a_row_are_a_restart() {
    let mut sequence = Sequence::default();
    sequence.observe(10);
    assert_eq!(sequence.observe(30_000), Arrival::Outlier);
    assert_eq!(sequence.observe(11), Arrival::New { extended: 65_547, missing: 0 });
    assert_eq!(sequence.observe(30_000), Arrival::Outlier);
    let Arrival::Restarted { extended } = sequence.observe(30_001) else { panic!("no restart") };
    assert_eq!(extended & 0xffff, 30_001);
    assert!(extended > 65_547);
    assert_eq!(sequence.observe(30_002), Arrival::New { extended: extended + 1, missing: 0 });
}

#[test]
fn a_stream_goes_on_without_a_break_from_prompt_to_relay_to_music() {
    let ms = Duration::from_millis;
    let mut out = Outgoing::new(5, 65_533, u32::MAX - 319);
    let first = out.paced(8, ms(0));
    assert_eq!((first.marker, first.sequence, first.timestamp), (true, 65_534, u32::MAX - 319));
    let second = out.paced(8, ms(20));
    assert_eq!((second.marker, second.sequence, second.timestamp), (false, 65_535, u32::MAX - 159));
    let relayed = |extended, timestamp| Relayed { extended, timestamp, marker: false, payload_type: 8 };
    // 43 ms later, so two frames are counted.
    let third = out.relayed(1, relayed(70_000, 1_000_000), ms(63)).unwrap();
    assert_eq!((third.marker, third.sequence, third.timestamp), (true, 0, 160));
    let gap = out.relayed(1, relayed(70_003, 1_000_480), ms(123)).unwrap();
    assert_eq!((gap.marker, gap.sequence, gap.timestamp), (false, 3, 640));
    let late = out.relayed(1, relayed(70_002, 1_000_320), ms(124)).unwrap();
    assert_eq!((late.sequence, late.timestamp), (2, 480));
    assert_eq!(out.relayed(1, relayed(69_999, 999_840), ms(125)), None);
    // Another source: follows the highest number sent, not the last one.
    let other = out.relayed(2, relayed(65_536, 77), ms(143)).unwrap();
    assert_eq!((other.marker, other.sequence, other.timestamp), (true, 4, 800));
    let music = out.paced(8, ms(183));
    assert_eq!((music.marker, music.sequence, music.timestamp, music.ssrc), (true, 5, 1120, 5));
}

#[test]
fn timestamps_compare_across_the_wrap() {
    assert_eq!(timestamp_distance(u32::MAX - 79, 80), 160);
    assert_eq!(timestamp_distance(80, u32::MAX - 79), -160);
}
