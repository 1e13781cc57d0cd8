//! Offers that we make because the other side asked for one: the answer comes with the ACK (RFC 3264 with RFC 3261
//! 13.2.1). Third-party call control and session border controllers do it in the middle of calls.

use crate::lab::{Lab, sdp};
use careline_switchboard::{MediaOrder, MediaSignal};

/// The same description with a direction.
fn directed(ip: [u8; 4], port: u16, direction: &str) -> String {
    format!("{}a={direction}\r\n", sdp(ip, port))
}

fn music(lab: &Lab) -> Option<bool> {
    lab.media.iter().rev().find_map(|order| match order {
        MediaOrder::Music { item, .. } => Some(item.is_some()),
        _ => None,
    })
}

fn bridges(lab: &Lab) -> usize {
    lab.media.iter().filter(|order| matches!(order, MediaOrder::Bridge { .. })).count()
}

/// A patient whose INVITE had no offer, in conversation with an agent; the phones of both.
fn talking() -> (Lab, usize, usize) {
    let mut lab = Lab::new();
    let patient = lab.phone("13800138000", 2);
    lab.phones[patient].late = sdp([127, 0, 0, 2], 42_000).into_bytes();
    let agent = lab.agent("1001", 11);
    lab.dial(patient, "4001234567");
    assert_eq!(lab.last_remote(), "127.0.0.2:42000 SendRecv", "the answer in the first ACK counts");
    let leg = lab.caller_leg();
    lab.signal(MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
    lab.answer(agent);
    assert_eq!(bridges(&lab), 1);
    (lab, patient, agent)
}

#[test]
fn a_carrier_that_moves_its_media_by_a_late_offer_is_heard_where_it_went() {
    let (mut lab, patient, _) = talking();
    lab.reoffer_late(patient, &sdp([127, 0, 0, 99], 43_000));
    assert_eq!(lab.last_remote(), "127.0.0.99:43000 SendRecv");
    let pcmu = sdp([127, 0, 0, 99], 43_000).replace("AVP 8 101", "AVP 0 101").replace("8 PCMA", "0 PCMU");
    lab.reoffer_late(patient, &pcmu);
    let codec = lab.media.iter().rev().find_map(|order| match order {
        MediaOrder::Remote { remote, .. } => Some(remote.codec),
        _ => None,
    });
    assert_eq!(codec, Some(careline_sdp::Codec::Pcmu));
}

#[test]
fn hold_and_resume_by_late_offers_are_noticed() {
    let (mut lab, _, agent) = talking();
    lab.reoffer_late(agent, &directed([127, 0, 0, 11], 41_000, "sendonly"));
    assert_eq!(lab.last_remote(), "127.0.0.11:41000 SendOnly");
    assert_eq!(music(&lab), Some(true), "the caller hears music");
    lab.reoffer_late(agent, &directed([127, 0, 0, 11], 41_000, "sendrecv"));
    assert_eq!(lab.last_remote(), "127.0.0.11:41000 SendRecv");
    assert_eq!((music(&lab), bridges(&lab)), (Some(false), 2), "they hear each other again");
}

#[test]
fn an_answer_that_is_no_use_leaves_the_call_as_it_was() {
    let (mut lab, patient, _) = talking();
    let before = lab.last_remote();
    lab.reoffer_late(patient, "v=0\r\n");
    assert_eq!(lab.last_remote(), before);
    assert_eq!(lab.board.live_calls(), 1);
}
