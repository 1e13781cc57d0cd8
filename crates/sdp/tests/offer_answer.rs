//! Text in, text out: offers of real phones and what we answer.

use careline_sdp::{Codec, Direction, SdpError, Terms, answer, offer, read_answer, read_offer};

mod common;
use common::{G711, local};

fn both() -> Terms {
    Terms::plain(G711)
}

const BARESIP: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.11\r\ns=-\r\nc=IN IP4 127.0.0.11\r\nt=0 0\r\na=tool:baresip 1.0.0\r\nm=audio 20040 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=rtcp:20041\r\na=sendrecv\r\na=label:1\r\na=ptime:20\r\n";

#[test]
fn a_phones_offer_is_answered_with_its_first_codec_and_its_event_type() {
    let remote = read_offer(BARESIP.as_bytes(), &both()).expect("a good offer");
    assert_eq!(remote.address, "127.0.0.11:20040".parse().expect("an address"));
    assert_eq!(
        (remote.codec, remote.telephone_event.map(|event| event.payload_type)),
        (Codec::Pcma, Some(101))
    );
    let text =
        String::from_utf8(answer(BARESIP.as_bytes(), &remote, &local()).expect("an answer")).expect("text");
    assert_eq!(
        text,
        "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 20000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"
    );
}

#[test]
fn our_own_offer_reads_back_whole() {
    let text = offer(&local(), &both()).expect("an offer");
    let remote = read_answer(&text, &text, &both()).expect("our offer");
    assert_eq!(remote.address, local().address);
    assert_eq!(
        (remote.codec, remote.telephone_event.map(|event| event.payload_type)),
        (Codec::Pcma, Some(101))
    );
    assert_eq!(remote.direction, Direction::SendRecv);
}

#[test]
fn a_second_stream_is_refused_and_keeps_its_place() {
    let text = format!("{BARESIP}m=video 3000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n")
        .replace("m=audio", "m=image 0 udptl t38\r\nm=audio");
    let remote = read_offer(text.as_bytes(), &both()).expect("audio is in it");
    let answered =
        String::from_utf8(answer(text.as_bytes(), &remote, &local()).expect("an answer")).expect("text");
    let media: Vec<&str> = answered.lines().filter(|line| line.starts_with("m=")).collect();
    assert_eq!(media, ["m=image 0 udptl t38", "m=audio 20000 RTP/AVP 8 101", "m=video 0 RTP/AVP 96"]);
}

#[test]
fn hold_is_seen_in_both_spellings_and_mirrored() {
    let sendonly = BARESIP.replace("a=sendrecv", "a=sendonly");
    let remote = read_offer(sendonly.as_bytes(), &both()).expect("a hold");
    assert_eq!(remote.direction, Direction::SendOnly);
    let text =
        String::from_utf8(answer(sendonly.as_bytes(), &remote, &local()).expect("an answer")).expect("text");
    assert!(text.contains("a=recvonly\r\n"), "{text}");
    let zero = BARESIP.replace("c=IN IP4 127.0.0.11", "c=IN IP4 0.0.0.0");
    assert_eq!(read_offer(zero.as_bytes(), &both()).expect("an old hold").direction, Direction::SendOnly);
}

#[test]
fn what_we_cannot_speak_is_refused_not_guessed() {
    let opus = "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\nm=audio 4000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n";
    assert_eq!(read_offer(opus.as_bytes(), &both()), Err(SdpError::NothingInCommon));
    let savp = BARESIP.replace("RTP/AVP", "RTP/SAVP");
    assert_eq!(read_offer(savp.as_bytes(), &both()), Err(SdpError::NothingInCommon));
    let refused = BARESIP.replace("m=audio 20040", "m=audio 0");
    assert_eq!(read_offer(refused.as_bytes(), &both()), Err(SdpError::NothingInCommon));
    let name = BARESIP.replace("c=IN IP4 127.0.0.11", "c=IN IP4 phone.example");
    assert_eq!(read_offer(name.as_bytes(), &both()), Err(SdpError::Address));
    assert!(matches!(read_offer(b"hello", &both()), Err(SdpError::Syntax(_))));
    assert_eq!(read_offer(&vec![b'a'; 20_000], &both()), Err(SdpError::TooLarge));
}

#[test]
fn line_feeds_alone_and_ipv6_are_taken() {
    let text = BARESIP.replace("\r\n", "\n").replace("IN IP4 127.0.0.11", "IN IP6 2001:db8::1");
    let remote = read_offer(text.as_bytes(), &both()).expect("an odd but clear offer");
    assert_eq!(remote.address, "[2001:db8::1]:20040".parse().expect("an address"));
}

#[test]
fn a_line_that_knows_no_telephone_events_is_neither_offered_nor_answered_any() {
    let mut terms = Terms::plain(&[Codec::Pcma]);
    terms.telephone_events = false;
    let offered = String::from_utf8(offer(&local(), &terms).expect("an offer")).expect("text");
    assert!(offered.contains("m=audio 20000 RTP/AVP 8\r\n") && !offered.contains("telephone"), "{offered}");
    let theirs = b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n\
        m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";
    let chosen = read_offer(theirs, &terms).expect("a stream");
    assert_eq!(chosen.telephone_event, None);
    let answered = String::from_utf8(answer(theirs, &chosen, &local()).expect("an answer")).expect("text");
    assert!(!answered.contains("telephone"), "{answered}");
}
