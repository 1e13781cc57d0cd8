//! SRTP: against another implementation, against replays, losses and strangers.

use careline_rtp::packet::{HEADER_BYTES, Header, Packet};
use careline_rtp::sdes::{Inline, SdesError};
use careline_rtp::srtp::{
    Keys, Profile, RTCP_OVERHEAD_MAX, RTP_OVERHEAD_MAX, Receiver, SEARCH_EVERY, STREAMS_MAX, Sender,
    SrtpError, WINDOW,
};
use proptest::prelude::*;
use rtc_crypto::RTCCryptoProvider as _;
use rtc_crypto::providers::AwsLcRsProvider;
use rtc_srtp::context::Context;
use rtc_srtp::option::{srtcp_replay_protection, srtp_replay_protection};
use rtc_srtp::protection_profile::ProtectionProfile;

const SSRC: u32 = 0xcafe_babe;

fn material(profile: Profile) -> Vec<u8> {
    (0..profile.material_bytes()).map(|index| (index * 37 + 11) as u8).collect()
}

fn keys(profile: Profile) -> Keys {
    Keys::new(profile, &material(profile)).expect("a key")
}

fn pair(profile: Profile) -> (Sender, Receiver) {
    (Sender::new(&keys(profile)), Receiver::new(&keys(profile)))
}

fn rtp_of(ssrc: u32, sequence: u16, payload: usize) -> Vec<u8> {
    let mut packet = vec![0; HEADER_BYTES + payload];
    let header =
        Header { payload_type: 8, marker: false, sequence, timestamp: u32::from(sequence) * 160, ssrc };
    header.write(packet.first_chunk_mut().expect("long enough"));
    for (index, byte) in packet[HEADER_BYTES..].iter_mut().enumerate() {
        *byte = (index as u8).wrapping_mul(7).wrapping_add(sequence as u8);
    }
    packet
}

fn rtp(sequence: u16) -> Vec<u8> {
    rtp_of(SSRC, sequence, 160)
}

/// An empty receiver report with a CNAME.
fn rtcp() -> Vec<u8> {
    let mut packet = vec![0x80, 201, 0, 1];
    packet.extend(SSRC.to_be_bytes());
    packet.extend([0x81, 202, 0, 3]);
    packet.extend(SSRC.to_be_bytes());
    packet.extend(*b"\x01\x04desk\0\0");
    packet
}

fn protect(sender: &mut Sender, packet: &[u8]) -> Vec<u8> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + RTP_OVERHEAD_MAX, 0);
    let length = sender.protect(&mut buffer, packet.len()).expect("protected");
    buffer.truncate(length);
    buffer
}

fn protect_rtcp(sender: &mut Sender, packet: &[u8]) -> Vec<u8> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + RTCP_OVERHEAD_MAX, 0);
    let length = sender.protect_rtcp(&mut buffer, packet.len()).expect("protected");
    buffer.truncate(length);
    buffer
}

fn unprotect(receiver: &mut Receiver, packet: &[u8]) -> Result<Vec<u8>, SrtpError> {
    let mut buffer = packet.to_vec();
    let length = receiver.unprotect(&mut buffer)?;
    buffer.truncate(length);
    Ok(buffer)
}

fn unprotect_rtcp(receiver: &mut Receiver, packet: &[u8]) -> Result<Vec<u8>, SrtpError> {
    let mut buffer = packet.to_vec();
    let length = receiver.unprotect_rtcp(&mut buffer)?;
    buffer.truncate(length);
    Ok(buffer)
}

fn foreign(profile: Profile) -> Context {
    let theirs = match profile {
        Profile::AesCm128HmacSha1_80 => ProtectionProfile::Aes128CmHmacSha1_80,
        Profile::AesCm128HmacSha1_32 => ProtectionProfile::Aes128CmHmacSha1_32,
        Profile::AesCm256HmacSha1_80 => ProtectionProfile::Aes256CmHmacSha1_80,
        Profile::AeadAes128Gcm => ProtectionProfile::AeadAes128Gcm,
        Profile::AeadAes256Gcm => ProtectionProfile::AeadAes256Gcm,
    };
    let material = material(profile);
    let (key, salt) = material.split_at(profile.key_bytes());
    let replay = (Some(srtp_replay_protection(64)), Some(srtcp_replay_protection(64)));
    Context::new(key, salt, theirs, replay.0, replay.1, AwsLcRsProvider::new().crypto()).expect("a context")
}

#[test]
fn another_implementation_understands_us_and_we_it() {
    for profile in Profile::ALL {
        let (mut ours, mut ours_in) = pair(profile);
        let (mut theirs, mut theirs_in) = (foreign(profile), foreign(profile));
        // Over the wrap, with a loss and an overtaken packet.
        for sequence in [65_530, 65_531, 65_534, 65_533, 65_535, 0, 1, 40] {
            let plain = rtp_of(SSRC, sequence, usize::from(sequence % 161));
            let (sealed, by_them) =
                (protect(&mut ours, &plain), theirs.encrypt_rtp(&plain).expect("encrypts"));
            assert_eq!(sealed, by_them, "{profile:?} {sequence}");
            assert_eq!(sealed.len(), plain.len() + profile.rtp_overhead());
            assert_eq!(theirs_in.decrypt_rtp(&sealed).expect("decrypts"), plain);
            assert_eq!(unprotect(&mut ours_in, &by_them), Ok(plain));
        }
        for _ in 0..3 {
            let sealed = protect_rtcp(&mut ours, &rtcp());
            assert_eq!(sealed.len(), rtcp().len() + profile.rtcp_overhead());
            assert_eq!(theirs_in.decrypt_rtcp(&sealed).expect("decrypts"), rtcp());
            let by_them = theirs.encrypt_rtcp(&rtcp()).expect("encrypts");
            assert_eq!(unprotect_rtcp(&mut ours_in, &by_them), Ok(rtcp()));
        }
    }
}

#[test]
fn csrc_and_extension_stay_readable_and_are_protected_from_change() {
    for profile in Profile::ALL {
        let (mut sender, mut receiver) = pair(profile);
        let mut plain = rtp(1)[..HEADER_BYTES].to_vec();
        plain[0] |= 0x12; // two CSRCs and an extension of one word
        plain.extend([1, 1, 1, 1, 2, 2, 2, 2, 0xbe, 0xde, 0, 1, 0x12, 9, 9, 9]);
        plain.extend([5; 30]);
        let sealed = protect(&mut sender, &plain);
        assert_eq!(sealed[..28], plain[..28]);
        assert_ne!(sealed[28..58], plain[28..]);
        assert_eq!(foreign(profile).decrypt_rtp(&sealed).expect("decrypts"), plain);
        for at in [3, 15, 26, 40, sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(unprotect(&mut receiver, &changed), Err(SrtpError::Unauthentic), "{profile:?} {at}");
        }
        assert_eq!(unprotect(&mut receiver, &sealed), Ok(plain));
    }
}

#[test]
fn a_packet_counts_once_and_what_is_too_old_never() {
    for profile in Profile::ALL {
        let (mut sender, mut receiver) = pair(profile);
        let sealed: Vec<_> = (1000..1300).map(|sequence| protect(&mut sender, &rtp(sequence))).collect();
        let window = WINDOW as usize;
        for index in [0, 200, 200 - window + 1, 150] {
            assert!(unprotect(&mut receiver, &sealed[index]).is_ok(), "{index}");
            assert_eq!(unprotect(&mut receiver, &sealed[index]), Err(SrtpError::Replayed));
        }
        assert_eq!(unprotect(&mut receiver, &sealed[200 - window]), Err(SrtpError::Replayed));
        assert_eq!(receiver.refused().replayed, 5);
        let report = protect_rtcp(&mut sender, &rtcp());
        assert!(unprotect_rtcp(&mut receiver, &report).is_ok());
        assert_eq!(unprotect_rtcp(&mut receiver, &report), Err(SrtpError::Replayed));
    }
}

#[test]
fn a_forged_packet_changes_nothing_for_the_real_ones() {
    for profile in Profile::ALL {
        let (mut sender, mut receiver) = pair(profile);
        assert!(unprotect(&mut receiver, &protect(&mut sender, &rtp(10))).is_ok());
        for sequence in [11, 30_000, 9, 12] {
            let mut forged = rtp(sequence);
            forged.extend([0; RTP_OVERHEAD_MAX]);
            assert_eq!(unprotect(&mut receiver, &forged), Err(SrtpError::Unauthentic));
        }
        for sequence in [11, 12, 13] {
            assert!(unprotect(&mut receiver, &protect(&mut sender, &rtp(sequence))).is_ok());
        }
        assert_eq!(receiver.refused().unauthentic, 4);
    }
}

#[test]
fn a_number_is_never_sent_twice_under_one_key() {
    let (mut sender, _) = pair(Profile::AeadAes128Gcm);
    protect(&mut sender, &rtp(7));
    protect(&mut sender, &rtp(9));
    protect(&mut sender, &rtp(8));
    for sequence in [7, 8, 9] {
        let mut buffer = [rtp(sequence), vec![0; 16]].concat();
        assert_eq!(sender.protect(&mut buffer, 172), Err(SrtpError::Replayed));
    }
    assert_eq!(sender.refused(), 3);
}

#[test]
fn the_first_packets_may_be_lost_with_the_wrap_among_them() {
    for profile in Profile::ALL {
        let (mut sender, mut receiver) = pair(profile);
        protect(&mut sender, &rtp(65_535));
        assert_eq!(unprotect(&mut receiver, &protect(&mut sender, &rtp(3))), Ok(rtp(3)));
    }
}

#[test]
fn after_a_quarter_of_an_hour_of_loss_the_voice_is_back_within_half_a_second() {
    for profile in Profile::ALL {
        let (mut sender, mut receiver) = pair(profile);
        assert!(unprotect(&mut receiver, &protect(&mut sender, &rtp(20_000))).is_ok());
        for sequence in (20_001..65_535).chain(0..40_000).step_by(900) {
            protect(&mut sender, &rtp(sequence));
        }
        let heard = (40_100..40_200)
            .position(|sequence| unprotect(&mut receiver, &protect(&mut sender, &rtp(sequence))).is_ok());
        let heard = heard.expect("it finds back");
        assert!(heard < SEARCH_EVERY as usize, "{heard}");
        assert_eq!(unprotect(&mut receiver, &protect(&mut sender, &rtp(40_300))), Ok(rtp(40_300)));
    }
}

#[test]
fn many_sources_share_a_key_up_to_a_limit() {
    let (_, mut receiver) = pair(Profile::AesCm128HmacSha1_80);
    for ssrc in 0..STREAMS_MAX as u32 {
        let (mut sender, _) = pair(Profile::AesCm128HmacSha1_80);
        assert!(unprotect(&mut receiver, &protect(&mut sender, &rtp_of(ssrc, 5, 20))).is_ok());
    }
    let (mut sender, _) = pair(Profile::AesCm128HmacSha1_80);
    let further = protect(&mut sender, &rtp_of(1 << 20, 5, 20));
    assert_eq!(unprotect(&mut receiver, &further), Err(SrtpError::TooManyStreams));
    let (mut sender, _) = pair(Profile::AesCm128HmacSha1_80);
    assert!(unprotect(&mut receiver, &protect(&mut sender, &rtp_of(3, 6, 20))).is_ok());
    assert_eq!(receiver.refused().other, 1);
}

#[test]
fn reports_without_encryption_are_refused() {
    for profile in Profile::ALL {
        let (mut sender, mut receiver) = pair(profile);
        let mut report = protect_rtcp(&mut sender, &rtcp());
        let word = report.len() - if profile.rtcp_overhead() == 14 { 14 } else { 4 };
        report[word] &= 0x7f;
        assert_eq!(unprotect_rtcp(&mut receiver, &report), Err(SrtpError::Unencrypted));
    }
}

#[test]
fn keys_of_another_length_and_packets_without_room_are_refused() {
    assert_eq!(Keys::new(Profile::AeadAes128Gcm, &[0; 30]).err(), Some(SrtpError::KeyLength));
    for profile in Profile::ALL {
        let (mut sender, mut receiver) = pair(profile);
        let mut exact = [rtp(1), vec![0; profile.rtp_overhead() - 1]].concat();
        assert_eq!(sender.protect(&mut exact, 172), Err(SrtpError::NoRoom));
        assert_eq!(sender.protect(&mut exact, usize::MAX), Err(SrtpError::NoRoom));
        assert_eq!(sender.protect(&mut [0; 100], 11), Err(SrtpError::Malformed));
        assert_eq!(sender.protect_rtcp(&mut [0; 100], 8), Err(SrtpError::Malformed));
        for length in 0..HEADER_BYTES + profile.rtp_overhead() {
            let mut short = [rtp(1), vec![0; 20]].concat();
            assert_eq!(receiver.unprotect(&mut short[..length]), Err(SrtpError::Malformed));
        }
        let mut short = [rtcp(), vec![0; 20]].concat();
        let enough = 8 + profile.rtcp_overhead();
        assert_eq!(receiver.unprotect_rtcp(&mut short[..enough - 1]), Err(SrtpError::Malformed));
    }
}

#[test]
fn the_value_of_a_crypto_line_is_read_and_written() {
    for profile in Profile::ALL {
        assert_eq!(Profile::from_name(&profile.name().to_lowercase()), Some(profile));
        let value = Inline::new(profile, &material(profile)).expect("a key").to_value();
        let read = Inline::parse(profile, &value).expect("our own");
        assert_eq!((read.to_value(), read.lifetime), (value.clone(), None));
        let (mut sender, mut receiver) = (Sender::new(&read.keys()), Receiver::new(&keys(profile)));
        assert!(unprotect(&mut receiver, &protect(&mut sender, &rtp(1))).is_ok());
        for (tail, expected) in [
            ("|2^20", Ok(Some(1 << 20))),
            ("|1000", Ok(Some(1000))),
            ("|2^48", Ok(Some(1 << 48))),
            ("|2^49", Err(SdesError::Lifetime)),
            ("|2^999", Err(SdesError::Lifetime)),
            ("|0", Err(SdesError::Lifetime)),
            ("|2^20|1:4", Err(SdesError::Mki)),
            ("|1:4", Err(SdesError::Mki)),
            (";inline:AAAA|1:1", Err(SdesError::Mki)),
        ] {
            let read = Inline::parse(profile, &format!("{value}{tail}"));
            assert_eq!(read.map(|inline| inline.lifetime), expected, "{tail}");
        }
        let unpadded = value.trim_end_matches('=');
        assert!(Inline::parse(profile, unpadded).is_ok());
        assert!(!format!("{read:?}").contains(&unpadded[7..]));
    }
    // RFC 4568 section 6.1's own example.
    let example = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20";
    assert!(Inline::parse(Profile::AesCm128HmacSha1_80, example).is_ok());
    for wrong in
        ["", "inline", "inline:", "inline:!!", "prompt:AAAA", &format!("inline:{}", "A".repeat(4000))]
    {
        assert!(Inline::parse(Profile::AesCm128HmacSha1_80, wrong).is_err(), "{wrong}");
    }
    assert!(Inline::parse(Profile::AeadAes128Gcm, example).is_err());
    assert_eq!(Profile::from_name("AES_CM_256_HMAC_SHA1_80"), Some(Profile::AesCm256HmacSha1_80));
    assert_eq!(Profile::from_name("F8_128_HMAC_SHA1_80"), None);
}

fn profiles() -> impl Strategy<Value = Profile> {
    (0..Profile::ALL.len()).prop_map(|index| Profile::ALL[index])
}

proptest! {
    #[test]
    fn no_bytes_at_all_are_taken_or_break_anything(
        profile in profiles(),
        packets in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..40),
        version in any::<bool>(),
    ) {
        let (mut sender, mut receiver) = pair(profile);
        prop_assert!(unprotect(&mut receiver, &protect(&mut sender, &rtp(10))).is_ok());
        for mut packet in packets {
            if version && !packet.is_empty() {
                packet[0] = 0x80 | packet[0] & 0x3f;
            }
            prop_assert!(receiver.unprotect(&mut packet.clone()).is_err());
            prop_assert!(receiver.unprotect_rtcp(&mut packet.clone()).is_err());
            let length = packet.len() / 2;
            let _ = sender.protect(&mut packet.clone(), length);
            let _ = sender.protect_rtcp(&mut packet, length);
        }
        let refused = receiver.refused();
        prop_assert!(refused.malformed + refused.unauthentic + refused.replayed + refused.other > 0);
    }

    #[test]
    fn what_arrives_in_any_order_is_the_same_as_was_sent(
        profile in profiles(),
        start in any::<u16>(),
        order in Just((0..100u16).collect::<Vec<_>>()).prop_shuffle(),
        payload in 0..400usize,
    ) {
        let (mut sender, mut receiver) = pair(profile);
        let plain: Vec<_> = (0..100).map(|n| rtp_of(SSRC, start.wrapping_add(n), payload)).collect();
        let sealed: Vec<_> = plain.iter().map(|packet| protect(&mut sender, packet)).collect();
        prop_assert!(unprotect(&mut receiver, &sealed[0]).is_ok());
        for index in order.into_iter().map(usize::from).filter(|index| *index > 0) {
            let opened = unprotect(&mut receiver, &sealed[index]);
            prop_assert_eq!(opened.as_ref(), Ok(&plain[index]));
            prop_assert_eq!(Packet::parse(&plain[index]).map(|packet| packet.ssrc), Ok(SSRC));
        }
    }
}
