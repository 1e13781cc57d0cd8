//! The source lock: who gets it, who keeps it, who never does.

use std::net::SocketAddr;
use std::time::Duration;

use careline_rtp::latch::{Latch, RELATCH_AFTER, Verdict};

const PHONE: &str = "127.0.0.1:20000";
const STRANGER: &str = "127.0.0.66:6666";

fn address(text: &str) -> SocketAddr {
    text.parse().expect("a socket address")
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Shows consecutive packets to the latch, 20 ms apart, and collects the verdicts.
fn show(latch: &mut Latch, from: &str, ssrc: u32, sequences: std::ops::Range<u16>, at: u64) -> Vec<Verdict> {
    sequences
        .enumerate()
        .map(|(index, sequence)| latch.observe(address(from), ssrc, sequence, ms(at + 20 * index as u64)))
        .collect()
}

fn locked_on_phone() -> Latch {
    let mut latch = Latch::new(RELATCH_AFTER);
    latch.expect(address(PHONE));
    show(&mut latch, PHONE, 1, 0..2, 0);
    assert_eq!(latch.source(), Some(address(PHONE)));
    latch
}

#[test]
fn the_address_of_the_sdp_needs_two_packets_and_gets_packets_before() {
    let mut latch = Latch::new(RELATCH_AFTER);
    assert_eq!(latch.target(), None);
    latch.expect(address(PHONE));
    assert_eq!(latch.target(), Some(address(PHONE)));
    assert_eq!(show(&mut latch, PHONE, 1, 7..10, 0), [Verdict::Learning, Verdict::Latched, Verdict::Accept]);
}

#[test]
fn a_phone_that_sends_from_another_address_of_its_host_is_learnt_with_the_third_packet() {
    let mut latch = Latch::new(RELATCH_AFTER);
    latch.expect(address("127.0.0.11:20000"));
    let verdicts = show(&mut latch, PHONE, 1, 65534..65535, 0);
    assert_eq!(verdicts, [Verdict::Learning]);
    assert_eq!(latch.observe(address(PHONE), 1, 65535, ms(20)), Verdict::Learning);
    assert_eq!(latch.observe(address(PHONE), 1, 0, ms(40)), Verdict::Latched);
    assert_eq!(latch.target(), Some(address(PHONE)));
}

#[test]
fn of_two_sources_at_once_the_one_of_the_sdp_wins() {
    let mut latch = Latch::new(RELATCH_AFTER);
    latch.expect(address(PHONE));
    assert_eq!(latch.observe(address(STRANGER), 9, 100, ms(0)), Verdict::Learning);
    assert_eq!(latch.observe(address(PHONE), 1, 5, ms(1)), Verdict::Learning);
    assert_eq!(latch.observe(address(STRANGER), 9, 101, ms(20)), Verdict::Learning);
    assert_eq!(latch.observe(address(PHONE), 1, 6, ms(21)), Verdict::Latched);
    assert_eq!(latch.observe(address(STRANGER), 9, 102, ms(40)), Verdict::Stranger);
    assert_eq!(latch.strangers(), 1);
}

#[test]
fn packets_that_do_not_follow_each_other_lock_nothing() {
    let mut latch = Latch::new(RELATCH_AFTER);
    for (index, sequence) in [5u16, 900, 17, 44, 3].into_iter().enumerate() {
        assert_eq!(latch.observe(address(STRANGER), 9, sequence, ms(index as u64)), Verdict::Learning);
    }
    for ssrc in 0..6 {
        assert_eq!(latch.observe(address(STRANGER), ssrc, 50 + ssrc as u16, ms(100)), Verdict::Learning);
    }
}

#[test]
fn a_stranger_gets_nothing_while_the_phone_speaks_and_the_lock_when_it_is_silent() {
    let mut latch = locked_on_phone();
    assert!(show(&mut latch, STRANGER, 9, 0..10, 100).iter().all(|verdict| *verdict == Verdict::Stranger));
    assert_eq!(latch.strangers(), 10);
    assert!(!latch.is_silent(ms(1019)) && latch.is_silent(ms(1020)));
    assert_eq!(
        show(&mut latch, STRANGER, 9, 50..53, 1100),
        [Verdict::Learning, Verdict::Learning, Verdict::Latched]
    );
    assert_eq!(latch.target(), Some(address(STRANGER)));
}

#[test]
fn the_same_stream_from_a_new_port_needs_two_packets() {
    let mut latch = locked_on_phone();
    let moved = "10.1.1.1:4000";
    assert_eq!(show(&mut latch, moved, 1, 60..62, 1100), [Verdict::Learning, Verdict::Latched]);
}

#[test]
fn the_phone_itself_comes_back_at_once_after_silence() {
    let mut latch = locked_on_phone();
    assert_eq!(show(&mut latch, STRANGER, 9, 0..1, 1100), [Verdict::Learning]);
    assert_eq!(latch.observe(address(PHONE), 1, 80, ms(1110)), Verdict::Accept);
    assert_eq!(show(&mut latch, STRANGER, 9, 1..2, 1120), [Verdict::Stranger]);
}

#[test]
fn a_new_sdp_address_learns_anew_and_the_former_source_has_the_hardest_way() {
    let mut latch = locked_on_phone();
    assert!(!latch.expect(address(PHONE)));
    let moved = "10.9.9.9:4000";
    assert!(latch.expect(address(moved)));
    assert_eq!(latch.target(), Some(address(moved)));
    assert!(show(&mut latch, PHONE, 1, 2..11, 100).iter().all(|verdict| *verdict == Verdict::Learning));
    assert_eq!(show(&mut latch, moved, 2, 0..2, 300), [Verdict::Learning, Verdict::Latched]);
}

#[test]
fn a_crowd_of_sources_does_not_push_out_the_one_that_goes_on() {
    let mut latch = Latch::new(RELATCH_AFTER);
    for round in 0..3u16 {
        let verdict = latch.observe(address(PHONE), 1, round, ms(u64::from(round) * 20));
        assert_eq!(verdict == Verdict::Latched, round == 2);
        for other in 0..3u16 {
            let from = format!("10.0.{round}.{other}:1");
            latch.observe(address(&from), 7, 0, ms(u64::from(round) * 20 + 1));
        }
    }
}
