//! Copper lines: their gateway answers at once, and a busy tone is all they know of hanging up.

use crate::lab::Lab;
use careline_model::event::{EndCause, Party};
use careline_model::{EventBody, LegId};
use careline_switchboard::{LineTone, MediaOrder, MediaSignal};
use std::time::Duration;

/// A house whose calls out go through a gateway to copper lines, which may also call.
fn house() -> Lab {
    Lab::changed("id = \"city\"", "id = \"city\"\nprofile = \"fxo-gateway\"")
}

/// The leg that is listened to.
fn line(lab: &Lab) -> LegId {
    let watched = lab.media.iter().rev().find_map(|order| match order {
        MediaOrder::WatchTones { leg, frequencies_hz } => {
            assert_eq!(&frequencies_hz[..], [450, 425]);
            Some(*leg)
        }
        _ => None,
    });
    watched.expect("a line that is listened to")
}

fn says(lab: &mut Lab, tone: LineTone) {
    let leg = line(lab);
    lab.signal(MediaSignal::Tone { leg, tone });
}

fn seen(lab: &Lab, phone: usize, what: &str) -> usize {
    lab.phones[phone].seen.iter().filter(|one| one.starts_with(what)).count()
}

fn end(lab: &Lab) -> Option<(EndCause, Party)> {
    lab.events.iter().find_map(|event| match event {
        EventBody::CallEnded { cause, ended_by, .. } => Some((*cause, *ended_by)),
        _ => None,
    })
}

fn talks(lab: &Lab) -> usize {
    lab.events.iter().filter(|event| matches!(event, EventBody::CallConnected { .. })).count()
}

/// An agent who has dialled somebody outside; the gateway has said 200.
fn dialled() -> (Lab, usize, usize) {
    let mut lab = house();
    let (agent, gateway) = (lab.agent("1001", 11), lab.phone("gateway", 3));
    lab.dial_from(agent, "13812345678");
    lab.answer(gateway);
    (lab, agent, gateway)
}

#[test]
fn the_gateways_answer_only_lets_the_line_be_heard_and_a_voice_is_the_answer() {
    let (mut lab, agent, gateway) = dialled();
    assert_eq!((seen(&lab, agent, "ringing 183"), seen(&lab, agent, "answered")), (1, 0));
    assert_eq!(seen(&lab, gateway, "acked"), 1, "the gateway's own 200 is acknowledged at once");
    lab.pass(Duration::from_secs(2));
    says(&mut lab, LineTone::Sound);
    assert_eq!(seen(&lab, agent, "answered"), 0, "the gateway still dials: these are its keys");
    for _ in 0..6 {
        says(&mut lab, LineTone::RingBack);
        lab.pass(Duration::from_secs(5));
    }
    assert_eq!((seen(&lab, agent, "answered"), talks(&lab)), (0, 0), "it rings for half a minute");
    says(&mut lab, LineTone::Sound);
    assert_eq!((seen(&lab, agent, "answered"), talks(&lab)), (1, 1));
}

#[test]
fn silence_after_the_ring_back_is_an_answer_too() {
    let (mut lab, agent, _) = dialled();
    lab.pass(Duration::from_secs(4));
    says(&mut lab, LineTone::RingBack);
    lab.pass(Duration::from_secs(9));
    assert_eq!(seen(&lab, agent, "answered"), 0);
    lab.pass(Duration::from_secs(2));
    assert_eq!((seen(&lab, agent, "answered"), talks(&lab)), (1, 1), "ten seconds without a ring");
    lab.pass(Duration::from_secs(60));
    assert_eq!(talks(&lab), 1);
}

#[test]
fn a_busy_tone_before_anybody_answered_is_a_busy_party() {
    let (mut lab, agent, gateway) = dialled();
    lab.pass(Duration::from_secs(5));
    says(&mut lab, LineTone::Busy);
    assert_eq!(seen(&lab, agent, "refused 486"), 1, "{:?}", lab.phones[agent].seen);
    assert_eq!(seen(&lab, gateway, "ended"), 1, "the line is free again");
    assert_eq!(end(&lab), Some((EndCause::Busy, Party::Caller)));
    assert_eq!(talks(&lab), 0);
    assert_eq!(lab.board.trunk_status(lab.now)[1].calls, 0);
    assert_eq!(lab.board.live_legs(), 0);
}

#[test]
fn a_dialler_who_gives_up_while_it_rings_frees_the_line() {
    let (mut lab, _, gateway) = dialled();
    // Her phone waits for a minute.
    for _ in 0..13 {
        says(&mut lab, LineTone::RingBack);
        lab.pass(Duration::from_secs(5));
    }
    assert_eq!(end(&lab), Some((EndCause::Cancelled, Party::Agent)));
    assert_eq!((seen(&lab, gateway, "ended"), lab.board.live_legs()), (1, 0));
}

#[test]
fn a_busy_tone_in_conversation_ends_it_as_if_the_party_had_hung_up() {
    let (mut lab, agent, gateway) = dialled();
    lab.pass(Duration::from_secs(8));
    says(&mut lab, LineTone::Sound);
    lab.pass(Duration::from_secs(30));
    says(&mut lab, LineTone::RingBack);
    assert_eq!(end(&lab), None, "a mobile in the background is no end");
    says(&mut lab, LineTone::Busy);
    assert_eq!((seen(&lab, gateway, "ended"), seen(&lab, agent, "ended")), (1, 1));
    assert_eq!(end(&lab), Some((EndCause::Completed, Party::Caller)));
}

#[test]
fn a_patient_on_copper_who_hangs_up_frees_line_and_agent() {
    let mut lab = house();
    let (agent, gateway) = (lab.agent("1001", 11), lab.phone("13800138000", 3));
    lab.dial(gateway, "4001234567");
    let leg = line(&lab);
    assert_eq!(leg, lab.caller_leg());
    lab.signal(MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
    lab.answer(agent);
    assert_eq!(talks(&lab), 1, "who calls in is there: nobody waits for a voice");
    says(&mut lab, LineTone::Busy);
    assert_eq!((seen(&lab, gateway, "ended"), seen(&lab, agent, "ended")), (1, 1));
    assert_eq!(end(&lab), Some((EndCause::Completed, Party::Caller)));
    assert_eq!(lab.board.live_legs(), 0);
    says(&mut lab, LineTone::Busy);
}

#[test]
fn other_trunks_are_not_listened_to_and_a_profile_can_be_told_otherwise() {
    let watched = |lab: &Lab| lab.media.iter().any(|order| matches!(order, MediaOrder::WatchTones { .. }));
    let mut lab = Lab::new();
    let (agent, gateway) = (lab.agent("1001", 11), lab.phone("gateway", 3));
    lab.dial_from(agent, "13812345678");
    lab.answer(gateway);
    assert_eq!((seen(&lab, agent, "answered"), watched(&lab)), (1, false));
    let told =
        "id = \"city\"\nprofile = \"fxo-gateway\"\nanswer_supervision = true\nbusy_tone_release = false";
    let mut lab = Lab::changed("id = \"city\"", told);
    let (agent, gateway) = (lab.agent("1001", 11), lab.phone("gateway", 3));
    lab.dial_from(agent, "13812345678");
    lab.answer(gateway);
    assert_eq!((seen(&lab, agent, "answered"), watched(&lab)), (1, false));
}
