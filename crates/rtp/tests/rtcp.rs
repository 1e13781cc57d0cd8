//! Reports: what they say, when they come, and what broken ones do.

use std::time::Duration;

use careline_rtp::packet::Kind;
use careline_rtp::rtcp::{INTERVAL, Interval, NotRtcp, REPORT_BYTES_MAX, Reception, Reports};
use proptest::prelude::*;
use rtcp_types::{Compound, Packet, ReceiverReport, ReportBlock, RtcpPacketWriterExt as _, SenderReport};

const OURS: u32 = 0x0a0a_0a0a;
const THEIRS: u32 = 0x0b0b_0b0b;
/// Some day in 2026.
const UNIX: Duration = Duration::from_secs(1_790_000_000);

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn reports(ssrc: u32) -> Reports {
    Reports::new(ssrc, 8000, UNIX, 7, ms(0))
}

/// Feeds packets 20 ms apart; those for which `keep` is false are lost.
fn talk(reception: &mut Reception, count: u64, keep: impl Fn(u64) -> bool) {
    for n in (0..count).filter(|n| keep(*n)) {
        reception.received(THEIRS, 65_536 + n, 160 * n as u32, ms(20 * n));
    }
}

fn report(reports: &mut Reports, now: Duration) -> Vec<u8> {
    let mut buffer = [0; REPORT_BYTES_MAX];
    let length = reports.build(now, &mut buffer);
    buffer[..length].to_vec()
}

#[test]
fn loss_is_counted_as_in_the_standard() {
    let mut reception = Reception::new(8000);
    talk(&mut reception, 1000, |n| n % 10 != 5);
    assert_eq!((reception.packets(), reception.lost()), (900, 100));
    assert!(reception.jitter_ms() < 0.01);
    // A late one is not lost after all.
    reception.received(THEIRS, 65_536 + 5, 800, ms(20_000));
    assert_eq!(reception.lost(), 99);
    // Another source: the total goes on.
    reception.received(9, 70_000, 5, ms(20_020));
    reception.received(9, 70_002, 325, ms(20_060));
    assert_eq!((reception.packets(), reception.lost(), reception.ssrc()), (903, 100, Some(9)));
}

#[test]
fn jitter_goes_to_the_mean_change_of_transit_time() {
    let mut reception = Reception::new(48_000);
    for n in 0..2000u64 {
        // Every other packet 4 ms late: the transit time changes by 4 ms each time.
        reception.received(THEIRS, 65_536 + n, 960 * n as u32, ms(20 * n + 4 * (n % 2)));
    }
    assert!((reception.jitter_ms() - 4.0).abs() < 0.1, "{}", reception.jitter_ms());
    // A jump of the timestamps is no jitter.
    reception.received(THEIRS, 65_536 + 2000, 4_000_000_000, ms(40_000));
    assert!(reception.jitter_ms() < 4.1);
}

#[test]
fn the_packets_of_a_key_are_no_jitter() {
    let mut reception = Reception::new(8000);
    for n in 0..50u64 {
        reception.received(THEIRS, 65_536 + n, 1000, ms(20 * n));
    }
    assert!(reception.jitter_ms() < 0.01);
}

#[test]
fn reports_come_every_five_seconds_or_so_and_the_first_sooner() {
    let mut all = Vec::new();
    for seed in 0..200 {
        let mut interval = Interval::new(seed, ms(1000));
        let first = interval.next() - ms(1000);
        assert!(first >= INTERVAL / 4 && first <= INTERVAL * 3 / 4, "{first:?}");
        interval.advance(ms(60_000));
        all.push(interval.next() - ms(60_000));
    }
    assert!(all.iter().all(|interval| *interval >= INTERVAL / 2 && *interval <= INTERVAL * 3 / 2));
    let mean = all.iter().sum::<Duration>() / 200;
    assert!(mean > ms(4700) && mean < ms(5300), "{mean:?}");
}

#[test]
fn a_report_is_written_when_it_is_due_and_reads_as_one() {
    let mut ours = reports(OURS);
    for n in 0..50u64 {
        ours.received(THEIRS, 65_536 + 100 + n + n / 25, 160 * n as u32, ms(20 * n));
        ours.sent(5000 + 160 * n as u32, 160, ms(20 * n));
    }
    let due = ours.next_deadline();
    assert_eq!(report(&mut ours, due - ms(1)), []);
    let bytes = report(&mut ours, due);
    assert_eq!(Kind::of(&bytes), Kind::Rtcp);
    assert!(ours.next_deadline() > due + INTERVAL / 4);
    let packets: Vec<_> = Compound::parse(&bytes).unwrap().map(Result::unwrap).collect();
    let [Packet::Sr(sr), Packet::Sdes(sdes)] = &packets[..] else { panic!("{packets:?}") };
    assert_eq!((sr.ssrc(), sr.packet_count(), sr.octet_count()), (OURS, 50, 8_000));
    assert_eq!(sr.ntp_timestamp() >> 32, UNIX.as_secs() + due.as_secs() + 2_208_988_800);
    let ahead = (due - ms(20 * 49)).as_micros() * 8 / 1000;
    assert_eq!(u128::from(sr.rtp_timestamp()), 5000 + 160 * 49 + ahead);
    let block = sr.report_blocks().next().unwrap();
    assert_eq!((block.ssrc(), block.cumulative_lost(), block.fraction_lost()), (THEIRS, 1, 5));
    assert_eq!(block.extended_sequence_number(), 100 + 50);
    assert_eq!(block.last_sender_report_timestamp(), 0);
    let chunk = sdes.chunks().next().unwrap();
    assert_eq!(chunk.items().next().unwrap().value().len(), 16);
}

#[test]
fn who_sends_nothing_any_more_sends_receiver_reports() {
    let mut ours = reports(OURS);
    ours.sent(1, 160, ms(0));
    let kinds: Vec<u8> = (0..4)
        .map(|_| {
            let due = ours.next_deadline();
            report(&mut ours, due)[1]
        })
        .collect();
    assert_eq!(kinds, [200, 200, 201, 201]);
    let mut buffer = [0; REPORT_BYTES_MAX];
    let length = ours.build_bye(ms(60_000), &mut buffer);
    let packets: Vec<_> = Compound::parse(&buffer[..length]).unwrap().map(Result::unwrap).collect();
    assert!(matches!(packets[..], [Packet::Rr(_), Packet::Sdes(_), Packet::Bye(_)]));
    assert_eq!(ours.build_bye(ms(60_000), &mut buffer[..40]), 0);
}

#[test]
fn two_ends_learn_loss_jitter_and_round_trip_of_each_other() {
    // One way takes 40 ms; the other end's clock is years off, which must not matter.
    let (mut a, mut b) = (reports(OURS), Reports::new(THEIRS, 8000, ms(5), 99, ms(0)));
    let mut learnt = None;
    for n in 0..1000u64 {
        let now = ms(20 * n);
        a.sent(160 * n as u32, 160, now);
        b.sent(160 * n as u32, 160, now);
        if n % 20 != 0 {
            b.received(OURS, 65_536 + n, 160 * n as u32, now + ms(40));
        }
        a.received(THEIRS, 65_536 + n, 160 * n as u32, now + ms(40));
        let from_a = report(&mut a, now);
        if !from_a.is_empty() {
            b.handle(now + ms(40), &from_a).unwrap();
        }
        let from_b = report(&mut b, now);
        if !from_b.is_empty() {
            learnt = a.handle(now + ms(40), &from_b).unwrap().report.or(learnt);
        }
    }
    let learnt = learnt.unwrap();
    let round_trip = learnt.round_trip.unwrap();
    assert!(round_trip > ms(79) && round_trip < ms(81), "{round_trip:?}");
    assert!((learnt.fraction_lost - 0.05).abs() < 0.01, "{learnt:?}");
    let figures = a.figures();
    assert_eq!((figures.inbound.packets, figures.inbound.lost, figures.sent), (1000, 0, 1000));
    let outbound = figures.outbound.unwrap();
    assert!(outbound.lost > 30 && outbound.lost <= 50, "{outbound:?}");
    assert!((b.figures().inbound.loss_since(&Default::default(), true) - 0.05).abs() < 0.002);
    assert_eq!(figures.round_trip, Some(round_trip));
}

#[test]
fn a_goodbye_is_of_the_stream_that_we_hear() {
    let mut theirs = reports(THEIRS);
    let mut buffer = [0; REPORT_BYTES_MAX];
    let length = theirs.build_bye(ms(10), &mut buffer);
    let mut ours = reports(OURS);
    ours.received(THEIRS, 65_536, 0, ms(0));
    assert!(ours.handle(ms(50), &buffer[..length]).unwrap().bye);
    ours.received(77, 65_536, 0, ms(60));
    assert!(!ours.handle(ms(70), &buffer[..length]).unwrap().bye);
}

#[test]
fn an_invented_round_trip_is_not_believed() {
    let mut ours = reports(OURS);
    let mut buffer = [0; 200];
    for (last, delay) in [(0, 0), (1, 0), (0xffff_ffff, 0x7fff_ffff), (5, 0xffff_ffff)] {
        let block = ReportBlock::builder(OURS)
            .cumulative_lost(0xff_fffe)
            .last_sender_report_timestamp(last)
            .delay_since_last_sender_report_timestamp(delay);
        let length = ReceiverReport::builder(THEIRS).add_report_block(block).write_into(&mut buffer).unwrap();
        let report = ours.handle(ms(100), &buffer[..length]).unwrap().report.unwrap();
        assert_eq!((report.lost, report.round_trip), (0, None), "{last} {delay}");
    }
    // What it says of somebody else's stream is nothing to us.
    let other = ReportBlock::builder(3);
    let length = ReceiverReport::builder(THEIRS).add_report_block(other).write_into(&mut buffer).unwrap();
    assert_eq!(ours.handle(ms(200), &buffer[..length]).unwrap().report, None);
}

#[test]
fn broken_datagrams_count_and_change_nothing_and_feedback_is_passed_over() {
    let mut ours = reports(OURS);
    let rr = [0x80, 201, 0, 1, 0, 0, 0, 9];
    let cases: [(&[u8], NotRtcp); 9] = [
        (&[], NotRtcp::Length),
        (&rr[..7], NotRtcp::Length),
        (&[&rr[..], &[0x80]].concat(), NotRtcp::Length),
        (&[&rr[..], &[0x00, 202, 0, 0]].concat(), NotRtcp::Version),
        (&[0x81, 203, 0, 1, 0, 0, 0, 9], NotRtcp::First),
        (&[0x81, 201, 0, 1, 0, 0, 0, 9], NotRtcp::Truncated),
        (&[&rr[..], &[0x85, 203, 0, 1, 0, 0, 0, 9]].concat(), NotRtcp::Truncated),
        (&[0xa0, 201, 0, 1, 0, 0, 0, 9], NotRtcp::Padding),
        (&[&[0xa0, 201, 0, 2, 0, 0, 0, 9, 0, 0, 0, 4], &rr[..]].concat(), NotRtcp::Padding),
    ];
    for (bytes, expected) in cases {
        assert_eq!(ours.handle(ms(0), bytes), Err(expected), "{bytes:?}");
    }
    assert_eq!(ours.refused(), 9);
    for kind in [205, 206] {
        let alone = [0x81, kind, 0, 3, 0, 0, 0, 9, 0, 0, 0, 8, 1, 2, 3, 4];
        assert!(ours.handle(ms(0), &alone).is_ok());
        assert!(ours.handle(ms(0), &[&rr[..], &alone, &[0x80, 207, 0, 1, 0, 0, 0, 9]].concat()).is_ok());
    }
    assert_eq!(ours.peer(), None);
    assert_eq!(
        (Kind::of(&[0x80, 8]), Kind::of(&[0x80, 0x88]), Kind::of(&rr)),
        (Kind::Rtp, Kind::Rtp, Kind::Rtcp)
    );
    assert_eq!(
        (Kind::of(&[0, 1]), Kind::of(&[22, 254, 255]), Kind::of(&[0x80])),
        (Kind::Other, Kind::Other, Kind::Other)
    );
}

proptest! {
    #[test]
    fn no_datagram_and_no_packet_breaks_the_reports(
        datagrams in prop::collection::vec(
            (any::<bool>(), 200..208u8, prop::collection::vec(any::<u8>(), 0..120), any::<u32>()), 1..30),
        packets in prop::collection::vec((any::<u32>(), any::<u64>(), any::<u32>(), any::<u32>()), 0..60),
    ) {
        let mut ours = reports(OURS);
        let mut out = [0; REPORT_BYTES_MAX];
        for (ssrc, extended, timestamp, at) in packets {
            ours.received(ssrc % 2, extended >> (ssrc % 40), timestamp, ms(u64::from(at)));
        }
        for (shaped, kind, mut bytes, at) in datagrams {
            if shaped && bytes.len() >= 8 {
                bytes.truncate(bytes.len() / 4 * 4);
                bytes[0] = 0x80 | bytes[0] & 0x03;
                bytes[1] = kind;
                let words = bytes.len() as u16 / 4 - 1;
                bytes[2..4].copy_from_slice(&words.to_be_bytes());
            }
            let now = ms(u64::from(at));
            if let Ok(learnt) = ours.handle(now, &bytes) && let Some(report) = learnt.report {
                prop_assert!((0.0..=1.0).contains(&report.fraction_lost));
            }
            let length = ours.build(now, &mut out);
            if length > 0 {
                prop_assert!(Compound::parse(&out[..length]).is_ok());
            }
            let figures = ours.figures();
            prop_assert!(figures.inbound.jitter_ms.is_finite());
        }
        prop_assert!(ours.build_bye(ms(u64::MAX / 1000), &mut out) > 0);
    }

    #[test]
    fn a_sender_report_of_anything_is_read(ntp in any::<u64>(), timestamp in any::<u32>(), lost in 0..0x100_0000u32) {
        let block = ReportBlock::builder(OURS).cumulative_lost(lost);
        let mut buffer = [0; 100];
        let report = SenderReport::builder(THEIRS).ntp_timestamp(ntp).rtp_timestamp(timestamp);
        let length = report.add_report_block(block).write_into(&mut buffer).unwrap();
        prop_assert!(reports(OURS).handle(ms(1), &buffer[..length]).unwrap().report.is_some());
    }
}
