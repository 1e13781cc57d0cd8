//! Offers as foreign phones and carriers make them, and what we answer, line by line.

mod common;
use careline_sdp::{Codec, Direction, OpusWishes, Profile, SdpError, Security, Suite, Terms, read_offer};
use common::*;

fn everything() -> Terms {
    Terms::plain(&Codec::ALL)
}

#[test]
fn baresip_with_mandatory_srtp_gets_opus_and_the_tag_it_sent() {
    let (remote, answer) = negotiate(BARESIP_SRTP_MAND, &secure(Security::Required));
    assert_eq!((remote.codec, remote.payload_type, remote.receive_payload_type), (Codec::Opus, 96, 96));
    assert_eq!(remote.opus, Some(OpusWishes { stereo: true, ..OpusWishes::default() }));
    // It knows telephone events at 8000 Hz only, beside Opus too.
    let event = remote.telephone_event.expect("keys");
    assert_eq!((event.payload_type, event.receive_payload_type, event.clock_hz), (101, 101, 8_000));
    assert_eq!(remote.rtcp, Some("127.0.0.11:20045".parse().expect("an address")));
    let crypto = remote.crypto.expect("a key");
    assert_eq!((crypto.tag, crypto.key.suite()), (1, Suite::Aes128CmSha1_80));
    assert_eq!(
        media(&answer),
        "m=audio 20000 RTP/SAVP 96 101\n\
         a=rtpmap:96 opus/48000/2\n\
         a=fmtp:96 stereo=0;useinbandfec=1;maxplaybackrate=16000;sprop-maxcapturerate=16000\n\
         a=rtpmap:101 telephone-event/8000\n\
         a=fmtp:101 0-15\n\
         a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE\n\
         a=ptime:20\n\
         a=sendrecv\n"
    );
}

#[test]
fn baresip_with_wideband_gets_the_old_wrong_clock() {
    let (remote, answer) = negotiate(BARESIP_G722, &everything());
    assert_eq!((remote.codec, remote.payload_type), (Codec::G722, 9));
    assert_eq!((remote.codec.clock_hz(), remote.codec.sample_rate_hz()), (8_000, 16_000));
    assert!(answer.contains("m=audio 20000 RTP/AVP 9 101\na=rtpmap:9 G722/8000\n"), "{answer}");
    // Some write the rate of the sound; type 9 is the same codec all the same.
    let honest = BARESIP_G722.replace("G722/8000", "G722/16000");
    assert_eq!(negotiate(&honest, &everything()).0.codec, Codec::G722);
    let (narrow, _) = negotiate(BARESIP_G722, &Terms::plain(G711));
    assert_eq!(narrow.codec, Codec::Pcma);
}

#[test]
fn linphone_gets_the_strongest_suite_it_has_and_events_at_the_clock_of_opus() {
    let (remote, answer) = negotiate(LINPHONE_SRTP, &secure(Security::Required));
    let crypto = remote.crypto.expect("a key");
    assert_eq!((crypto.tag, crypto.key.suite()), (3, Suite::Aes256CmSha1_80));
    assert_eq!((crypto.key.key().len(), crypto.key.salt().len()), (32, 14));
    let event = remote.telephone_event.expect("keys");
    assert_eq!((event.payload_type, event.clock_hz), (101, 48_000));
    assert!(remote.opus.is_some_and(|opus| opus.in_band_fec && !opus.stereo));
    assert!(answer.contains("m=audio 20000 RTP/SAVP 96 101\n"), "{answer}");
    assert!(answer.contains("a=rtpmap:101 telephone-event/48000\n"), "{answer}");
    assert!(answer.contains("a=crypto:3 AES_256_CM_HMAC_SHA1_80 inline:AwMD"), "{answer}");
    assert_eq!(answer.matches("a=crypto").count(), 1);
    // With G.711 its other number is the right one.
    let (narrow, answer) = negotiate(LINPHONE_SRTP, &Terms::new(G711, Security::Required));
    assert_eq!(narrow.codec, Codec::Pcmu);
    assert_eq!(narrow.telephone_event.map(|event| event.payload_type), Some(100));
    assert!(answer.contains("m=audio 20000 RTP/SAVP 0 100\n"), "{answer}");
}

#[test]
fn a_browser_without_ice_shares_its_port_and_loses_its_video() {
    let (remote, answer) = negotiate(CHROMIUM_SDES, &secure(Security::Optional));
    assert_eq!((remote.codec, remote.profile), (Codec::Opus, Profile::Savpf));
    assert!(remote.rtcp_mux);
    assert_eq!(remote.rtcp, Some(remote.address));
    let crypto = remote.crypto.expect("a key");
    assert_eq!((crypto.tag, crypto.key.suite()), (1, Suite::Aes128CmSha1_80));
    let event = remote.telephone_event.expect("keys");
    assert_eq!((event.payload_type, event.clock_hz), (110, 48_000));
    let lines: Vec<&str> = answer.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(lines, ["m=audio 20000 RTP/SAVPF 111 110", "m=video 0 RTP/SAVPF 96"]);
    assert!(answer.contains("a=rtcp-mux\n") && !answer.contains("a=rtcp:"), "{answer}");
    assert!(!answer.contains("CN/") && !answer.contains("BUNDLE"), "{answer}");
}

#[test]
fn a_carrier_of_mobile_phones_gets_its_a_law_over_ipv6() {
    let (remote, answer) = negotiate(IMS_CARRIER, &everything());
    assert_eq!((remote.codec, remote.payload_type), (Codec::Pcma, 8));
    assert_eq!(remote.address, "[2409:8010:5a20:100::17]:49120".parse().expect("an address"));
    assert_eq!(remote.rtcp, Some("[2409:8010:5a20:100::17]:49121".parse().expect("an address")));
    assert_eq!(remote.telephone_event.map(|event| event.payload_type), Some(100));
    assert_eq!((remote.ptime_ms, remote.max_ptime_ms), (20, Some(60)));
    assert!(answer.contains("m=audio 20000 RTP/AVP 8 100\n"), "{answer}");
    // Comfort noise was offered; we do not send it, hence we do not accept it.
    assert!(!answer.contains("13"), "{answer}");
}

#[test]
fn sipp_gets_mu_law_and_no_events() {
    let (remote, answer) = negotiate(SIPP, &everything());
    assert_eq!((remote.codec, remote.telephone_event), (Codec::Pcmu, None));
    assert_eq!(media(&answer), "m=audio 20000 RTP/AVP 0\na=rtpmap:0 PCMU/8000\na=ptime:20\na=sendrecv\n");
    // Its scenarios often leave the rtpmap out: type 0 says it all.
    assert_eq!(negotiate(&without(SIPP, "a=rtpmap"), &everything()).0.codec, Codec::Pcmu);
}

#[test]
fn packet_times_are_whole_tens_from_10_to_60() {
    for (said, ptime, longest) in [
        ("a=ptime:30", 30, None),
        ("a=ptime:20.0", 20, None),
        ("a=ptime:5", 10, None),
        ("a=ptime:0", 20, None),
        ("a=ptime:4000000000", 60, None),
        ("a=ptime:99999999999", 20, None),
        ("a=maxptime:150", 20, Some(60)),
        ("a=ptime:60\na=maxptime:40", 40, Some(40)),
        ("a=maxptime:10", 10, Some(10)),
        ("a=ptime:x", 20, None),
    ] {
        let (remote, _) = negotiate(&format!("{SIPP}{said}\n"), &everything());
        assert_eq!((remote.ptime_ms, remote.max_ptime_ms), (ptime, longest), "{said}");
    }
}

#[test]
fn rtcp_goes_where_it_was_said_or_to_the_port_above() {
    for (said, port, rtcp) in [
        ("", 6000, Some("127.0.0.1:6001")),
        ("a=rtcp:53020", 6000, Some("127.0.0.1:53020")),
        ("a=rtcp:53020 IN IP4 192.0.2.4", 6000, Some("192.0.2.4:53020")),
        ("a=rtcp:0", 6000, Some("127.0.0.1:6001")),
        ("a=rtcp:70000", 6000, Some("127.0.0.1:6001")),
        ("a=rtcp:9 IN IP4 224.0.0.1", 6000, Some("127.0.0.1:6001")),
        ("", 65_535, None),
    ] {
        let offer = format!("{SIPP}{said}\n").replace("6000", &port.to_string());
        let (remote, answer) = negotiate(&offer, &everything());
        assert_eq!(remote.rtcp, rtcp.map(|text| text.parse().expect("an address")), "{said}");
        assert!(!remote.rtcp_mux && !answer.contains("rtcp"), "{answer}");
    }
    let held = SIPP.replace("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0");
    let (remote, _) = negotiate(&held, &everything());
    assert_eq!((remote.direction, remote.rtcp), (Direction::SendOnly, None));
}

#[test]
fn a_port_is_not_shared_when_a_payload_type_looks_like_rtcp() {
    let offer = "v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\n\
         m=audio 4000 RTP/AVP 72\na=rtpmap:72 PCMA/8000\na=rtcp-mux\n";
    let (remote, answer) = negotiate(offer, &everything());
    assert!(!remote.rtcp_mux && !answer.contains("rtcp-mux"), "{answer}");
    assert!(negotiate(&offer.replace("72", "96"), &everything()).0.rtcp_mux);
}

#[test]
fn a_number_means_what_its_first_rtpmap_says() {
    let offer = |lines: &str| {
        format!(
            "v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\nm=audio 4000 RTP/AVP {lines}\n"
        )
    };
    let read = |lines: &str| read_offer(offer(lines).as_bytes(), &everything()).map(|remote| remote.codec);
    assert_eq!(read("96\na=rtpmap:96 pcma/8000\na=rtpmap:96 opus/48000/2"), Ok(Codec::Pcma));
    assert_eq!(read("8 0\na=rtpmap:8 iLBC/8000"), Ok(Codec::Pcmu));
    assert_eq!(read("97\na=rtpmap:96 opus/48000/2"), Err(SdpError::NothingInCommon));
    assert_eq!(read("96\na=rtpmap:96 opus/16000/2"), Err(SdpError::NothingInCommon));
    assert_eq!(read("128 300 x 13 101\na=rtpmap:101 telephone-event/8000"), Err(SdpError::NothingInCommon));
}

#[test]
fn nobody_makes_us_send_to_a_group() {
    for group in ["224.2.1.1/127", "255.255.255.255", "239.1.2.3"] {
        let offer = SIPP.replace("c=IN IP4 127.0.0.1", &format!("c=IN IP4 {group}"));
        assert_eq!(read_offer(offer.as_bytes(), &everything()), Err(SdpError::Address), "{group}");
    }
}

#[test]
fn wishes_for_opus_are_read_within_their_ranges() {
    let fmtp = "usedtx=1; useinbandfec=1;maxplaybackrate=4000;stereo=1;maxaveragebitrate=900000;x;cbr=1";
    let offer = BARESIP_SRTP_MAND.replace("stereo=1;sprop-stereo=1", fmtp);
    let (remote, _) = negotiate(&offer, &secure(Security::Required));
    let wishes = OpusWishes {
        in_band_fec: true,
        dtx: true,
        stereo: true,
        max_playback_hz: 8_000,
        max_average_bit_s: Some(510_000),
    };
    assert_eq!(remote.opus, Some(wishes));
}
