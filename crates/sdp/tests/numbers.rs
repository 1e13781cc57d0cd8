//! Payload types: each side sends with the other's numbers, and a number keeps its meaning for the life of a dialog.

mod common;
use careline_sdp::{Accepted, Codec, SdpError, TelephoneEvent, Terms, offer, read_answer};
use common::*;

fn said(terms: &Terms) -> String {
    String::from_utf8(offer(&local(), terms).expect("an offer")).expect("text").replace("\r\n", "\n")
}

fn answer_with(media: &str) -> String {
    format!("v=0\no=- 1 1 IN IP4 192.0.2.9\ns=-\nc=IN IP4 192.0.2.9\nt=0 0\nm=audio 4000 RTP/AVP {media}\n")
}

#[test]
fn our_offer_lists_the_codecs_in_our_order_with_events_at_every_clock() {
    let mut terms = Terms::plain(&[Codec::G722, Codec::Opus, Codec::Pcma, Codec::G722]);
    assert_eq!(
        media(&said(&terms)),
        "m=audio 20000 RTP/AVP 9 111 8 101 110\n\
         a=rtpmap:9 G722/8000\n\
         a=rtpmap:111 opus/48000/2\n\
         a=fmtp:111 stereo=0;useinbandfec=1;maxplaybackrate=16000;sprop-maxcapturerate=16000\n\
         a=rtpmap:8 PCMA/8000\n\
         a=rtpmap:101 telephone-event/8000\n\
         a=fmtp:101 0-15\n\
         a=rtpmap:110 telephone-event/48000\n\
         a=fmtp:110 0-15\n\
         a=ptime:20\n\
         a=sendrecv\n"
    );
    terms.offer_rtcp_mux = true;
    assert!(said(&terms).contains("a=rtcp-mux\n"));
    assert_eq!(offer(&local(), &Terms::plain(&[])), Err(SdpError::NothingInCommon));
}

#[test]
fn an_answer_with_other_numbers_is_sent_to_by_its_own_and_heard_by_ours() {
    let terms = Terms::plain(&Codec::ALL);
    let theirs = answer_with(
        "97 8 120 121\na=rtpmap:97 opus/48000/2\na=rtpmap:120 telephone-event/48000\n\
         a=rtpmap:121 telephone-event/8000",
    );
    let remote = read_answer(theirs.as_bytes(), said(&terms).as_bytes(), &terms).expect("an answer");
    assert_eq!((remote.codec, remote.payload_type, remote.receive_payload_type), (Codec::Opus, 97, 111));
    assert_eq!(
        remote.telephone_event,
        Some(TelephoneEvent { payload_type: 120, receive_payload_type: 110, clock_hz: 48_000 })
    );
    // It may change to A-law whenever it likes, and its keys then come at the other clock.
    let a_law = Accepted { codec: Codec::Pcma, payload_type: 8, receive_payload_type: 8 };
    assert_eq!((remote.accepted.len(), remote.accepted[1]), (2, a_law));
    assert_eq!(remote.accepted_events[1].receive_payload_type, 101);
}

#[test]
fn an_answer_may_leave_out_what_our_offer_said_but_add_nothing() {
    let terms = Terms::plain(&[Codec::Opus, Codec::Pcma]);
    let ours = said(&terms);
    let short = read_answer(answer_with("111 101").as_bytes(), ours.as_bytes(), &terms).expect("an answer");
    assert_eq!(
        (short.codec, short.telephone_event.map(|event| event.payload_type)),
        (Codec::Opus, Some(101))
    );
    let more = answer_with("9 0");
    assert_eq!(read_answer(more.as_bytes(), ours.as_bytes(), &terms), Err(SdpError::NothingInCommon));
    let refused = answer_with("111").replace("4000", "0");
    assert_eq!(read_answer(refused.as_bytes(), ours.as_bytes(), &terms), Err(SdpError::NothingInCommon));
    let shared = answer_with("8\na=rtcp-mux");
    let unasked = read_answer(shared.as_bytes(), ours.as_bytes(), &terms).expect("an answer");
    assert!(!unasked.rtcp_mux);
}

#[test]
fn our_later_offers_keep_the_numbers_and_avoid_those_that_are_taken() {
    let mut terms = Terms::plain(&[Codec::Opus, Codec::Pcma]);
    let (remote, _) = negotiate(
        &answer_with("101 111\na=rtpmap:101 opus/48000/2\na=rtpmap:111 telephone-event/48000"),
        &terms,
    );
    terms.keep(&remote);
    let ours = said(&terms);
    assert!(ours.contains("m=audio 20000 RTP/AVP 101 8 111 96\n"), "{ours}");
    assert!(ours.contains("a=rtpmap:96 telephone-event/8000\n"), "{ours}");
}
