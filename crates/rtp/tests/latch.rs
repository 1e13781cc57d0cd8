//! The source lock: who gets it, who keeps it, who never does.

use std::net::SocketAddr;
use std::time::Duration;

use careline_rtp::latch::{
    ALLOWED_MAX, EXPECTED_GRACE, Latch, RELATCH_AFTER, RTCP_SILENCE, RtcpLatch, Sources, Verdict,
};

const PHONE: &str = "127.0.0.1:20000";
/// Another port of the phone's IP.
const BESIDE: &str = "127.0.0.1:33333";
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

fn anybody() -> Latch {
    Latch::new(RELATCH_AFTER).with_sources(Sources::Any)
}

fn signalled() -> Latch {
    let mut latch = Latch::new(RELATCH_AFTER);
    latch.expect(address(PHONE));
    latch
}

fn locked_on_phone() -> Latch {
    let mut latch = anybody();
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
    let mut latch = anybody();
    latch.expect(address("127.0.0.11:20000"));
    let verdicts = show(&mut latch, PHONE, 1, 65534..65535, 0);
    assert_eq!(verdicts, [Verdict::Learning]);
    assert_eq!(latch.observe(address(PHONE), 1, 65535, ms(20)), Verdict::Learning);
    assert_eq!(latch.observe(address(PHONE), 1, 0, ms(40)), Verdict::Latched);
    assert_eq!(latch.target(), Some(address(PHONE)));
}

#[test]
fn of_two_sources_at_once_the_one_of_the_sdp_wins() {
    let mut latch = anybody();
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
    let mut latch = anybody();
    for (index, sequence) in [5u16, 900, 17, 44, 3].into_iter().enumerate() {
        assert_eq!(latch.observe(address(STRANGER), 9, sequence, ms(index as u64)), Verdict::Learning);
    }
    for ssrc in 0..6 {
        assert_eq!(latch.observe(address(STRANGER), ssrc, 50 + ssrc as u16, ms(100)), Verdict::Learning);
    }
}

#[test]
fn with_any_source_a_stranger_gets_nothing_while_the_phone_speaks_and_the_lock_when_it_is_silent() {
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
    let mut latch = anybody();
    for round in 0..3u16 {
        let verdict = latch.observe(address(PHONE), 1, round, ms(u64::from(round) * 20));
        assert_eq!(verdict == Verdict::Latched, round == 2);
        for other in 0..3u16 {
            let from = format!("10.0.{round}.{other}:1");
            latch.observe(address(&from), 7, 0, ms(u64::from(round) * 20 + 1));
        }
    }
}

#[test]
fn three_hundred_packets_of_a_stranger_before_the_first_real_one_give_him_nothing() {
    let mut latch = signalled();
    assert!(show(&mut latch, STRANGER, 9, 0..300, 0).iter().all(|verdict| *verdict == Verdict::Stranger));
    assert_eq!((latch.strangers(), latch.source()), (300, None));
    assert_eq!(latch.target(), Some(address(PHONE)));
    // With the phone's own SSRC and numbers he is no closer.
    assert_eq!(show(&mut latch, PHONE, 1, 7..8, 6000), [Verdict::Learning]);
    assert_eq!(show(&mut latch, STRANGER, 1, 8..9, 6010), [Verdict::Stranger]);
    assert_eq!(show(&mut latch, PHONE, 1, 8..10, 6020), [Verdict::Latched, Verdict::Accept]);
}

#[test]
fn a_stranger_does_not_take_over_a_phone_that_went_silent() {
    let mut latch = signalled();
    show(&mut latch, PHONE, 1, 0..2, 0);
    let verdicts = show(&mut latch, STRANGER, 1, 2..302, 5000);
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Stranger));
    assert_eq!(show(&mut latch, PHONE, 1, 2..3, 12_000), [Verdict::Accept]);
}

#[test]
fn before_signalling_has_named_anybody_everybody_is_a_stranger() {
    let mut latch = Latch::new(RELATCH_AFTER);
    assert_eq!(show(&mut latch, PHONE, 1, 0..4, 0), [Verdict::Stranger; 4]);
    latch.expect(address(PHONE));
    assert_eq!(show(&mut latch, PHONE, 1, 4..6, 100), [Verdict::Learning, Verdict::Latched]);
}

#[test]
fn a_phone_behind_nat_is_found_at_the_ip_of_its_signalling() {
    let mut latch = Latch::new(RELATCH_AFTER);
    latch.expect(address("192.168.1.20:4000"));
    let outside = "203.0.113.7:61234";
    assert!(latch.allow(address(outside).ip()));
    let verdicts = show(&mut latch, outside, 1, 0..4, 0);
    assert_eq!(verdicts, [Verdict::Learning, Verdict::Learning, Verdict::Latched, Verdict::Accept]);
    assert_eq!(latch.target(), Some(address(outside)));
    assert!(latch.is_settled(ms(40)));
    assert!(show(&mut latch, STRANGER, 1, 4..8, 60).iter().all(|verdict| *verdict == Verdict::Stranger));
}

#[test]
fn an_ipv4_phone_is_itself_on_a_socket_of_both_families() {
    let mut latch = signalled();
    let mapped = "[::ffff:127.0.0.1]:20000";
    assert_eq!(show(&mut latch, mapped, 1, 0..2, 0), [Verdict::Learning, Verdict::Latched]);
    assert!(latch.is_settled(ms(20)));
}

#[test]
fn the_exact_address_of_the_sdp_takes_over_from_another_port_of_its_ip() {
    let mut latch = signalled();
    assert_eq!(show(&mut latch, BESIDE, 9, 0..3, 0)[2], Verdict::Latched);
    assert!(!latch.is_settled(ms(3000)));
    let third: &str = "127.0.0.1:44444";
    assert_eq!(show(&mut latch, third, 8, 0..3, 50), [Verdict::Stranger; 3]);
    for index in 3..150u16 {
        assert_eq!(show(&mut latch, BESIDE, 9, index..index + 1, 20 * u64::from(index)), [Verdict::Accept]);
    }
    assert_eq!(
        show(&mut latch, PHONE, 1, 500..503, 3000),
        [Verdict::Learning, Verdict::Latched, Verdict::Accept]
    );
    assert!(latch.is_settled(ms(3020)));
    assert_eq!(show(&mut latch, BESIDE, 9, 160..170, 3060), [Verdict::Stranger; 10]);
}

#[test]
fn a_phone_on_another_port_keeps_its_lock_once_the_grace_is_over() {
    let mut latch = signalled();
    show(&mut latch, BESIDE, 9, 0..400, 0);
    let after = 40 + EXPECTED_GRACE.as_millis() as u64;
    assert!(!latch.is_settled(ms(after - 1)) && latch.is_settled(ms(after)));
    assert_eq!(show(&mut latch, PHONE, 1, 0..4, after), [Verdict::Stranger; 4]);
}

#[test]
fn allowed_ips_are_few_and_the_same_one_counts_once() {
    let mut latch = Latch::new(RELATCH_AFTER);
    for last in 1..=ALLOWED_MAX as u8 {
        assert!(latch.allow([10, 0, 0, last].into()) && latch.allow([10, 0, 0, last].into()));
    }
    assert!(!latch.allow([10, 0, 0, 99].into()));
    latch.clear_allowed();
    assert!(latch.allow([10, 0, 0, 99].into()));
    assert_eq!(show(&mut latch, "10.0.0.1:1", 1, 0..3, 0), [Verdict::Stranger; 3]);
}

#[test]
fn control_packets_are_taken_from_the_ip_of_the_voice_only() {
    let mut latch = signalled();
    latch.allow([203, 0, 113, 7].into());
    assert!(latch.admits_rtcp(address("127.0.0.1:9")) && latch.admits_rtcp(address("203.0.113.7:9")));
    assert!(!latch.admits_rtcp(address(STRANGER)));
    show(&mut latch, "203.0.113.7:6000", 1, 0..3, 0);
    assert!(latch.admits_rtcp(address("203.0.113.7:6001")) && !latch.admits_rtcp(address("127.0.0.1:9")));
    assert!(!anybody().admits_rtcp(address(STRANGER)));
}

#[test]
fn the_control_port_is_locked_like_the_voice() {
    let (mut latch, mut control) = (signalled(), RtcpLatch::default());
    assert_eq!(control.target(&latch), Some(address("127.0.0.1:20001")));
    assert!(!control.observe(&latch, address(STRANGER), ms(0)));
    assert!(control.observe(&latch, address("127.0.0.1:20001"), ms(1)));
    // Somebody else of the host waits until the reports have stopped.
    assert!(!control.observe(&latch, address(BESIDE), ms(2)));
    assert_eq!((control.target(&latch), control.strangers()), (Some(address("127.0.0.1:20001")), 2));
    assert!(control.observe(&latch, address(BESIDE), ms(1) + RTCP_SILENCE));
    control.expect(Some(address("127.0.0.1:20005")));
    assert_eq!(control.target(&latch), Some(address("127.0.0.1:20005")));
    // The voice is found at another IP: what was learnt before no longer counts.
    latch.allow([203, 0, 113, 7].into());
    show(&mut latch, "203.0.113.7:6000", 1, 0..3, 0);
    assert_eq!(control.target(&latch), Some(address("203.0.113.7:6001")));
    assert!(control.observe(&latch, address("203.0.113.7:7000"), ms(20_000)));
    assert_eq!(control.target(&latch), Some(address("203.0.113.7:7000")));
}
