//! An agent with several phones: all are asked, one gets the call.

use crate::lab::Lab;
use careline_model::event::{EventBody, OfferOutcome};
use careline_switchboard::{MediaOrder, MediaSignal};

/// Who has been rung and still is.
fn ringing(lab: &Lab, phones: &[usize]) -> Vec<usize> {
    phones.iter().map(|phone| lab.phones[*phone].incoming.len()).collect()
}

fn outcomes(lab: &Lab) -> Vec<OfferOutcome> {
    let ended = |event: &EventBody| match event {
        EventBody::OfferEnded { outcome, .. } => Some(*outcome),
        _ => None,
    };
    lab.events.iter().filter_map(ended).collect()
}

/// A patient waits for agent 1001, who has a phone for each of these parameters.
fn offered(params: &[&str]) -> (Lab, Vec<usize>, usize) {
    let mut lab = Lab::new();
    let phones: Vec<usize> =
        (21..).zip(params).map(|(host, params)| lab.agent_with("1001", host, params)).collect();
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4001234567");
    let open = |order: &MediaOrder| match order {
        MediaOrder::Open { leg, .. } => Some(*leg),
        _ => None,
    };
    let leg = lab.media.iter().find_map(open).expect("the patient's leg is open");
    lab.signal(MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
    (lab, phones, patient)
}

#[test]
fn all_phones_of_an_agent_ring_and_the_losers_note_no_missed_call() {
    let (mut lab, phones, patient) = offered(&["", "", ""]);
    assert_eq!(ringing(&lab, &phones), [1, 1, 1]);
    lab.answer(phones[1]);
    assert_eq!(ringing(&lab, &phones), [0, 0, 0]);
    for loser in [phones[0], phones[2]] {
        let last = lab.phones[loser].seen.last().expect("it was told").clone();
        assert!(last.starts_with("cancelled SIP;cause=200"), "{last}");
    }
    assert_eq!(outcomes(&lab), [OfferOutcome::Answered]);
    let bridges = lab.media.iter().filter(|order| matches!(order, MediaOrder::Bridge { .. })).count();
    assert_eq!(bridges, 1);
    lab.hang_up(phones[1]);
    assert!(lab.phones[patient].seen.contains(&"ended RemoteBye".to_owned()));
    assert_eq!((lab.board.live_calls(), lab.board.live_legs()), (0, 0));
}

#[test]
fn a_busy_phone_leaves_the_others_ringing_and_the_last_refusal_decides() {
    let (mut lab, phones, _) = offered(&["", ""]);
    lab.decline(phones[0], 503);
    assert_eq!(ringing(&lab, &phones), [0, 1]);
    assert!(outcomes(&lab).is_empty());
    lab.decline(phones[1], 603);
    assert_eq!(outcomes(&lab), [OfferOutcome::Rejected]);
}

#[test]
fn who_declines_for_all_ends_the_ringing_everywhere() {
    let (mut lab, phones, _) = offered(&["", ""]);
    lab.decline(phones[0], 603);
    assert_eq!(ringing(&lab, &phones), [0, 0]);
    assert_eq!(outcomes(&lab), [OfferOutcome::Rejected]);
    assert!(
        lab.phones[phones[1]].seen.last().is_some_and(|seen| seen.starts_with("cancelled SIP;cause=603"))
    );
}

#[test]
fn the_less_preferred_phone_rings_when_the_preferred_one_has_refused() {
    let (mut lab, phones, _) = offered(&[";q=0.5", ";q=1.0"]);
    assert_eq!(ringing(&lab, &phones), [0, 1]);
    lab.decline(phones[1], 480);
    assert_eq!(ringing(&lab, &phones), [1, 0]);
    lab.answer(phones[0]);
    assert_eq!(outcomes(&lab), [OfferOutcome::Answered]);
}

#[test]
fn a_caller_who_leaves_stops_the_ringing_of_all_phones() {
    let (mut lab, phones, patient) = offered(&["", ""]);
    lab.hang_up(patient);
    assert_eq!(ringing(&lab, &phones), [0, 0]);
    assert_eq!((lab.board.live_calls(), lab.board.live_legs()), (0, 0));
}

#[test]
fn one_phone_with_two_ways_to_us_rings_once() {
    let same = ";+sip.instance=\"<urn:uuid:1>\";reg-id=";
    let (lab, phones, _) = offered(&[&format!("{same}1"), &format!("{same}2")]);
    assert_eq!(ringing(&lab, &phones).iter().sum::<usize>(), 1);
}
