//! Encryption: what is taken, what is offered, and that nothing talks us out of it.

mod common;
use careline_sdp::{
    Codec, LocalAudio, Profile, RemoteAudio, SdpError, Security, Suite, Terms, answer, offer, read_answer,
    read_offer,
};
use common::*;

fn read(text: &str, security: Security) -> Result<RemoteAudio, SdpError> {
    read_offer(text.as_bytes(), &secure(security))
}

fn said(local: &LocalAudio, terms: &Terms) -> String {
    String::from_utf8(offer(local, terms).expect("an offer")).expect("text").replace("\r\n", "\n")
}

#[test]
fn required_takes_encrypted_streams_and_nothing_else() {
    for text in [BARESIP_SRTP_MAND, LINPHONE_SRTP, CHROMIUM_SDES, TWO_ALTERNATIVES] {
        assert!(read(text, Security::Required).is_ok_and(|remote| remote.crypto.is_some()));
    }
    for text in [BARESIP_SRTP, BARESIP_G722, IMS_CARRIER, SIPP] {
        assert_eq!(read(text, Security::Required), Err(SdpError::NothingInCommon), "{text}");
    }
    let keyless = without(BARESIP_SRTP_MAND, "a=crypto");
    let dtls = BARESIP_SRTP_MAND.replace("RTP/SAVP", "UDP/TLS/RTP/SAVPF");
    let open = BARESIP_SRTP_MAND.replace("\na=ssrc", " UNENCRYPTED_SRTP\na=ssrc");
    for text in [keyless, dtls, open] {
        assert_eq!(read(&text, Security::Required), Err(SdpError::NothingInCommon), "{text}");
        assert_eq!(read(&text, Security::Optional), Err(SdpError::NothingInCommon), "{text}");
    }
}

#[test]
fn plain_refuses_what_demands_encryption_and_overlooks_what_only_could() {
    for text in [BARESIP_SRTP_MAND, LINPHONE_SRTP, CHROMIUM_SDES] {
        assert_eq!(read(text, Security::Plain), Err(SdpError::NothingInCommon));
    }
    let (remote, answer) = negotiate(BARESIP_SRTP, &Terms::plain(G711));
    assert!(remote.crypto.is_none() && !answer.contains("crypto"), "{answer}");
    assert!(!said(&with_keys(), &Terms::plain(G711)).contains("crypto"));
}

#[test]
fn optional_takes_keys_where_there_are_some_and_goes_without_where_not() {
    let (remote, answer) = negotiate(BARESIP_SRTP, &secure(Security::Optional));
    assert_eq!((remote.profile, remote.crypto.map(|crypto| crypto.tag)), (Profile::Avp, Some(1)));
    assert!(answer.contains("RTP/AVP 8 101\n") && answer.contains("a=crypto:1 AES_CM_128_HMAC"), "{answer}");
    let (remote, answer) = negotiate(BARESIP_G722, &secure(Security::Optional));
    assert!(remote.crypto.is_none() && !answer.contains("crypto"), "{answer}");
    let (remote, answer) = negotiate(BARESIP_SRTP_MAND, &secure(Security::Optional));
    assert!(remote.crypto.is_some() && answer.contains("RTP/SAVP "), "{answer}");
    // An unreadable key in a plain stream is no key.
    let odd = BARESIP_SRTP.replace("AES_CM_128_HMAC_SHA1_80", "XYZ");
    assert_eq!(negotiate(&odd, &secure(Security::Optional)).0.crypto, None);
}

#[test]
fn of_two_alternatives_the_encrypted_one_is_taken() {
    let (remote, answer) = negotiate(TWO_ALTERNATIVES, &secure(Security::Optional));
    assert_eq!((remote.address.port(), remote.profile), (7080, Profile::Savp));
    let lines: Vec<&str> = answer.lines().filter(|line| line.starts_with("m=")).collect();
    let refused_first = ["m=audio 0 RTP/AVP 8 0 101", "m=audio 20000 RTP/SAVP 8 101", "m=video 0 RTP/AVP 31"];
    assert_eq!(lines, refused_first);
    let (remote, answer) = negotiate(TWO_ALTERNATIVES, &Terms::plain(G711));
    assert_eq!(remote.address.port(), 7078);
    assert!(answer.contains("m=audio 0 RTP/SAVP 8 0 101\n"), "{answer}");
}

#[test]
fn our_order_of_suites_decides_and_can_be_another() {
    let mut terms = secure(Security::Required);
    terms.suites = vec![Suite::Aes128CmSha1_32, Suite::Aes128CmSha1_80];
    let (remote, _) = negotiate(LINPHONE_SRTP, &terms);
    assert_eq!(remote.crypto.map(|crypto| crypto.tag), Some(2));
    terms.suites = vec![Suite::Aes256Gcm];
    assert_eq!(read_offer(LINPHONE_SRTP.as_bytes(), &terms), Err(SdpError::NothingInCommon));
}

#[test]
fn our_offers_bring_a_key_for_each_suite_or_none() {
    let text = said(&with_keys(), &secure(Security::Required));
    assert!(text.contains("m=audio 20000 RTP/SAVP 111 9 8 0 110 101\n"), "{text}");
    let lines: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("a=crypto:")).collect();
    assert!(lines[0].starts_with("1 AEAD_AES_256_GCM inline:"), "{text}");
    assert!(lines[4].starts_with("5 AES_CM_128_HMAC_SHA1_32 inline:"), "{text}");
    assert_eq!(lines.len(), 5);
    let text = said(&with_keys(), &secure(Security::Optional));
    assert!(text.contains("m=audio 20000 RTP/AVP ") && text.contains("a=crypto:1 "), "{text}");
    assert!(!said(&local(), &secure(Security::Optional)).contains("crypto"));
    assert_eq!(offer(&local(), &secure(Security::Required)), Err(SdpError::NoKey));
    let bare = read(BARESIP_SRTP_MAND, Security::Required).expect("a stream");
    assert_eq!(answer(BARESIP_SRTP_MAND.as_bytes(), &bare, &local()), Err(SdpError::NoKey));
}

/// What a phone would answer to this offer of ours.
fn phone_answers(ours: &str, terms: &Terms) -> String {
    let theirs = read_offer(ours.as_bytes(), terms).expect("the phone takes it");
    let text = answer(ours.as_bytes(), &theirs, &with_keys()).expect("an answer");
    String::from_utf8(text).expect("text")
}

#[test]
fn an_answer_must_take_one_of_our_keys() {
    let terms = secure(Security::Required);
    let ours = said(&with_keys(), &terms);
    let good = phone_answers(&ours, &secure(Security::Required));
    let accept = |text: &str| read_answer(text.as_bytes(), ours.as_bytes(), &terms);
    let remote = accept(&good).expect("an answer of use");
    let crypto = remote.crypto.clone().expect("a key");
    assert_eq!((crypto.tag, crypto.key.suite()), (1, Suite::Aes256Gcm));
    assert_eq!(with_keys().key_for(&remote), with_keys().key_of(Suite::Aes256Gcm));
    for bad in [
        good.replace("RTP/SAVP", "RTP/AVP"),
        good.replace("crypto:1 ", "crypto:2 "),
        good.replace("crypto:1 ", "crypto:9 "),
        good.replace("crypto:", "x-crypto:"),
        good.replace("=\r\n", "=|1:4\r\n"),
    ] {
        assert_ne!(bad, good);
        assert_eq!(accept(&bad), Err(SdpError::NothingInCommon), "{bad}");
    }
}

#[test]
fn an_opportunistic_offer_is_taken_either_way() {
    let terms = secure(Security::Optional);
    let ours = said(&with_keys(), &terms);
    let knows = phone_answers(&ours, &terms);
    assert!(
        read_answer(knows.as_bytes(), ours.as_bytes(), &terms).is_ok_and(|remote| remote.crypto.is_some())
    );
    let old = phone_answers(&ours, &Terms::plain(G711));
    assert!(read_answer(old.as_bytes(), ours.as_bytes(), &terms).is_ok_and(|remote| remote.crypto.is_none()));
    // Nobody encrypts what was offered plain.
    let plain = said(&local(), &terms);
    let stranger = knows.replace("a=sendrecv", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\na=sendrecv");
    let remote = read_answer(stranger.as_bytes(), plain.as_bytes(), &terms).expect("an answer");
    assert_eq!(remote.crypto, None);
}

#[test]
fn a_call_that_is_encrypted_stays_so_whatever_is_offered_later() {
    for (first, security) in [
        (BARESIP_SRTP_MAND, Security::Required),
        (BARESIP_SRTP_MAND, Security::Optional),
        (BARESIP_SRTP, Security::Optional),
    ] {
        let mut terms = secure(security);
        let (remote, _) = negotiate(first, &terms);
        terms.keep(&remote);
        assert!(terms.is_encrypted());
        let bare = without(first, "a=crypto").replace("RTP/SAVP", "RTP/AVP");
        for held in [bare.clone(), bare.replace("a=sendrecv", "a=sendonly")] {
            assert_eq!(read_offer(held.as_bytes(), &terms), Err(SdpError::NothingInCommon), "{held}");
        }
        // A hold with the same key goes on with it.
        let held = first.replace("a=sendrecv", "a=sendonly");
        assert_eq!(read_offer(held.as_bytes(), &terms).map(|again| again.crypto), Ok(remote.crypto.clone()));
        // Our own re-offer has the profile and the one key in use; an answer without it is no use.
        let ours = said(&with_keys(), &terms);
        assert!(ours.contains(if first == BARESIP_SRTP { "RTP/AVP " } else { "RTP/SAVP " }), "{ours}");
        let keys: Vec<&str> = ours.lines().filter(|line| line.starts_with("a=crypto")).collect();
        assert_eq!(
            keys,
            ["a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"]
        );
        let stripped = without(&phone_answers(&ours, &terms), "a=crypto");
        let lost = read_answer(stripped.as_bytes(), ours.as_bytes(), &terms);
        assert_eq!(lost, Err(SdpError::NothingInCommon));
        assert_eq!(offer(&local(), &terms), Err(SdpError::NoKey));
    }
}

#[test]
fn the_suite_in_use_is_kept_while_it_is_offered() {
    let mut terms = secure(Security::Required);
    let weak = LINPHONE_SRTP.lines().filter(|line| !line.contains("crypto:3"));
    let weak: String = weak.map(|line| format!("{line}\n")).collect();
    let (remote, _) = negotiate(&weak, &terms);
    terms.keep(&remote);
    assert_eq!(remote.crypto.map(|crypto| crypto.tag), Some(1));
    assert_eq!(negotiate(LINPHONE_SRTP, &terms).0.crypto.map(|crypto| crypto.tag), Some(1));
    let other = LINPHONE_SRTP.replace("crypto:1 ", "x:1 ");
    assert_eq!(negotiate(&other, &terms).0.crypto.map(|crypto| crypto.tag), Some(3));
}

#[test]
fn nothing_prints_a_key() {
    let (remote, _) = negotiate(BARESIP_SRTP_MAND, &secure(Security::Required));
    let shown = format!("{remote:?} {:?}", with_keys());
    assert!(shown.contains("MasterKey(AES_CM_128_HMAC_SHA1_80, hidden)"), "{shown}");
    assert!(!shown.contains("bytes") && !shown.contains("[4, 4"), "{shown}");
}

#[test]
fn a_refresh_with_our_own_answer_is_read_by_that_answer() {
    let mut terms = secure(Security::Required);
    let text = CHROMIUM_SDES.replace('\n', "\r\n");
    let (remote, ours) = negotiate(&text.replace("\r\n", "\n"), &terms);
    terms.keep(&remote);
    let theirs = text.replace("a=crypto:0 AES", "a=x:0 AES");
    let again = read_answer(theirs.as_bytes(), ours.as_bytes(), &terms).expect("the same as before");
    assert_eq!((again.codec, again.payload_type), (Codec::Opus, 111));
    assert_eq!((again.crypto, again.rtcp_mux), (remote.crypto, true));
}
