//! Calls that agents' phones make, and transfers, told on the wire.

use crate::lab::Lab;
use careline_model::EventBody;
use careline_model::event::{EndCause, TransferOutcome};
use careline_switchboard::{MediaOrder, MediaSignal};
use std::time::Duration;

fn seen(lab: &Lab, phone: usize, what: &str) -> usize {
    lab.phones[phone].seen.iter().filter(|one| *one == what).count()
}

fn ends(lab: &Lab) -> Vec<EndCause> {
    let cause = |event: &EventBody| match event {
        EventBody::CallEnded { cause, .. } => Some(*cause),
        _ => None,
    };
    lab.events.iter().filter_map(cause).collect()
}

fn transfers(lab: &Lab) -> Vec<TransferOutcome> {
    let outcome = |event: &EventBody| match event {
        EventBody::TransferEnded { outcome, .. } => Some(*outcome),
        _ => None,
    };
    lab.events.iter().filter_map(outcome).collect()
}

/// Each recording with the legs it hears, and each pair that is joined last.
fn recordings(lab: &Lab) -> Vec<(String, u64, u64)> {
    let of = |order: &MediaOrder| match order {
        MediaOrder::Record(order) => {
            let (_, segment) = order.recording.as_str().rsplit_once('-')?;
            Some((segment.to_owned(), order.caller.0, order.agent.0))
        }
        _ => None,
    };
    lab.media.iter().filter_map(of).collect()
}

fn last_bridge(lab: &Lab) -> Option<(u64, u64)> {
    lab.media.iter().rev().find_map(|order| match order {
        MediaOrder::Bridge { caller, agent } => Some((caller.0, agent.0)),
        _ => None,
    })
}

/// The media thread group of every leg that was opened.
fn groups(lab: &Lab) -> Vec<u64> {
    let of = |order: &MediaOrder| match order {
        MediaOrder::Open { call, .. } => Some(*call),
        _ => None,
    };
    lab.media.iter().filter_map(of).collect()
}

/// A patient who talks to 1001: the lab, the patient's phone, the agent's.
fn talking() -> (Lab, usize, usize) {
    let mut lab = Lab::new();
    let patient = lab.phone("13800138000", 2);
    let agent = lab.agent("1001", 11);
    lab.dial(patient, "4001234567");
    let leg = lab.caller_leg();
    lab.signal(MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
    lab.answer(agent);
    (lab, patient, agent)
}

#[test]
fn one_extension_calls_another() {
    let mut lab = Lab::new();
    let (one, other) = (lab.agent("1001", 11), lab.agent("1002", 12));
    lab.dial_from(one, "1002");
    assert_eq!(seen(&lab, other, "invited"), 1);
    let from = lab.phones[other].incoming[0].1.request.from().expect("a caller");
    assert_eq!(
        (from.uri.user(), from.display.as_deref()),
        (Some("1001"), Some("a")),
        "her extension and name"
    );
    assert!(seen(&lab, one, "ringing 180") >= 1, "{:?}", lab.phones[one].seen);
    lab.answer(other);
    assert_eq!(seen(&lab, one, "answered"), 1);
    assert_eq!(recordings(&lab).len(), 1);
    let group = groups(&lab);
    assert!(group.iter().all(|one| *one == group[0]), "both legs on one media thread");
    lab.hang_up(one);
    assert_eq!(seen(&lab, other, "ended RemoteBye"), 1);
    assert_eq!((ends(&lab), lab.board.live_legs()), (vec![EndCause::Completed], 0));
}

#[test]
fn a_busy_colleague_and_a_number_that_may_not_be_dialled_are_told_as_such() {
    let mut lab = Lab::new();
    let (one, other) = (lab.agent("1001", 11), lab.agent("1002", 12));
    lab.dial_from(one, "1002");
    lab.decline(other, 486);
    assert_eq!(seen(&lab, one, "refused 603"), 1, "her phone rang: she declined");
    lab.dial_from(one, "00442079460000");
    assert_eq!(seen(&lab, one, "refused 403"), 1);
    lab.dial_from(one, "4001234567");
    assert_eq!(seen(&lab, one, "refused 404"), 1);
    assert_eq!((ends(&lab), lab.board.live_legs()), (vec![EndCause::Rejected], 0));
}

#[test]
fn a_number_outside_is_called_and_its_announcement_heard_before_the_answer() {
    let mut lab = Lab::new();
    let (agent, carrier) = (lab.agent("1001", 11), lab.phone("carrier", 3));
    lab.dial_from(agent, "13912345678");
    let (dialog, invite) = lab.phones[carrier].incoming.pop().expect("the carrier is asked");
    assert_eq!(invite.request.headers.get("Max-Forwards"), Some("69"), "one less than it came with");
    let now = lab.now.instant;
    let early = crate::lab::sdp([127, 0, 0, 3], 42_000);
    lab.phones[carrier].endpoint.ring(now, dialog, 183, Some(early.as_bytes()));
    lab.run();
    assert_eq!(seen(&lab, agent, "ringing 183"), 1, "{:?}", lab.phones[agent].seen);
    assert!(last_bridge(&lab).is_some(), "the announcement reaches the agent");
    lab.phones[carrier].endpoint.answer(now, dialog, early.as_bytes());
    lab.phones[carrier].dialog = Some(dialog);
    lab.run();
    assert_eq!((seen(&lab, agent, "answered"), recordings(&lab).len()), (1, 1));
    lab.hang_up(carrier);
    assert_eq!(seen(&lab, agent, "ended RemoteBye"), 1);
    assert_eq!((ends(&lab), lab.board.live_legs()), (vec![EndCause::Completed], 0));
}

#[test]
fn a_blind_transfer_is_told_to_the_phone_step_by_step() {
    let (mut lab, patient, agent) = talking();
    let third = lab.agent("1002", 12);
    let dialog = lab.phones[agent].dialog.expect("in a call");
    lab.refer(agent, dialog, "sip:1002@127.0.0.1");
    assert_eq!(seen(&lab, third, "invited"), 1);
    let shown = lab.phones[third].incoming[0].1.request.from().and_then(|from| from.uri.user_decoded());
    assert_eq!(shown.as_deref(), Some("13800138000"), "the patient's number, not the colleague's");
    lab.answer(third);
    for news in ["refer 100", "refer 180", "refer 200"] {
        assert_eq!(seen(&lab, agent, news), 1, "{news} of {:?}", lab.phones[agent].seen);
    }
    assert_eq!(seen(&lab, agent, "ended RemoteBye"), 1, "{:?}", lab.phones[agent].seen);
    assert_eq!(transfers(&lab), [TransferOutcome::Connected]);
    let recorded = recordings(&lab);
    assert_eq!(recorded.len(), 2, "{recorded:?}");
    assert_eq!((recorded[1].0.as_str(), recorded[1].1), ("2", recorded[0].1), "the same call and patient");
    assert_eq!(last_bridge(&lab), Some((recorded[1].1, recorded[1].2)));
    lab.hang_up(third);
    assert_eq!(seen(&lab, patient, "ended RemoteBye"), 1);
    assert_eq!((ends(&lab), lab.board.live_legs()), (vec![EndCause::Completed], 0));
}

#[test]
fn a_transfer_that_fails_gives_the_caller_back() {
    let (mut lab, patient, agent) = talking();
    let third = lab.agent("1002", 12);
    let dialog = lab.phones[agent].dialog.expect("in a call");
    lab.refer(agent, dialog, "sip:00442079460000@127.0.0.1");
    assert_eq!(seen(&lab, agent, "403|"), 1, "{:?}", lab.phones[agent].seen);
    lab.refer(agent, dialog, "sip:1002@127.0.0.1");
    lab.decline(third, 603);
    assert_eq!(seen(&lab, agent, "refer 603"), 1, "{:?}", lab.phones[agent].seen);
    assert_eq!(transfers(&lab), [TransferOutcome::Rejected]);
    let recorded = recordings(&lab);
    assert_eq!(last_bridge(&lab), Some((recorded[0].1, recorded[0].2)), "as before");
    lab.pass(Duration::from_secs(5)); // a phone that hung up at once would be rung back
    lab.hang_up(agent);
    assert_eq!(seen(&lab, patient, "ended RemoteBye"), 1);
    assert_eq!((ends(&lab), lab.board.live_legs()), (vec![EndCause::Completed], 0));
}

#[test]
fn after_a_consultation_patient_and_colleague_are_joined_on_one_media_thread() {
    let (mut lab, patient, agent) = talking();
    let third = lab.agent("1002", 12);
    let first = lab.phones[agent].dialog.expect("in a call");
    let consult = lab.dial_from(agent, "1002");
    lab.answer(third);
    assert_ne!(first, consult);
    let group = groups(&lab);
    assert!(group.iter().all(|one| *one == group[0]), "legs that may be joined: {group:?}");
    let replaces = lab.replaces(agent);
    lab.refer(agent, first, &format!("sip:1002@127.0.0.1?Replaces={replaces}"));
    assert_eq!(seen(&lab, agent, "refer 200"), 1, "{:?}", lab.phones[agent].seen);
    assert_eq!(seen(&lab, agent, "ended RemoteBye"), 2, "both her calls are over");
    assert_eq!(transfers(&lab), [TransferOutcome::Connected]);
    let recorded = recordings(&lab);
    let (patients, colleagues) = (recorded[0].1, recorded[1].1);
    assert_eq!(last_bridge(&lab), Some((patients, colleagues)));
    assert_eq!(recorded[2], ("2".to_owned(), patients, colleagues));
    lab.hang_up(patient);
    assert_eq!(seen(&lab, third, "ended RemoteBye"), 1);
    assert_eq!((ends(&lab).len(), lab.board.live_legs()), (2, 0));
}

#[test]
fn an_agent_who_does_not_wait_for_her_colleague_leaves_the_ringing_to_her_patient() {
    let (mut lab, patient, agent) = talking();
    let third = lab.agent("1002", 12);
    let first = lab.phones[agent].dialog.expect("in a call");
    lab.dial_from(agent, "1002");
    let replaces = lab.replaces(agent);
    lab.refer(agent, first, &format!("sip:1002@127.0.0.1?Replaces={replaces}"));
    assert_eq!(seen(&lab, agent, "refer 180"), 1, "{:?}", lab.phones[agent].seen);
    assert_eq!(seen(&lab, agent, "refused 487"), 1, "her consultation is over");
    assert_eq!(seen(&lab, third, "invited"), 1, "the colleague's phone rings on");
    lab.phones[agent].dialog = Some(first);
    lab.hang_up(agent);
    lab.answer(third);
    assert_eq!(transfers(&lab), [TransferOutcome::Connected]);
    let recorded = recordings(&lab);
    assert_eq!(last_bridge(&lab), Some((recorded[1].1, recorded[1].2)));
    assert_eq!(recorded[0].1, recorded[1].1, "the same patient");
    let group = groups(&lab);
    assert!(group.iter().all(|one| *one == group[0]), "{group:?}");
    lab.hang_up(third);
    assert_eq!(seen(&lab, patient, "ended RemoteBye"), 1);
    assert_eq!((ends(&lab), lab.board.live_legs()), (vec![EndCause::Cancelled, EndCause::Completed], 0));
}

#[test]
fn a_number_outside_that_rings_for_a_consultation_is_left_to_the_patient_too() {
    let (mut lab, patient, agent) = talking();
    let carrier = lab.phone("carrier", 3);
    let first = lab.phones[agent].dialog.expect("in a call");
    lab.dial_from(agent, "13912345678");
    let replaces = lab.replaces(agent);
    lab.refer(agent, first, &format!("sip:13912345678@127.0.0.1?Replaces={replaces}"));
    assert_eq!(seen(&lab, agent, "refused 487"), 1, "{:?}", lab.phones[agent].seen);
    assert_eq!(seen(&lab, carrier, "invited"), 1);
    lab.answer(carrier);
    assert_eq!(transfers(&lab), [TransferOutcome::Connected]);
    let group = groups(&lab);
    assert!(group.iter().all(|one| *one == group[0]), "one media thread: {group:?}");
    lab.hang_up(carrier);
    assert_eq!(seen(&lab, patient, "ended RemoteBye"), 1);
    assert_eq!(lab.board.live_legs(), 0);
}

#[test]
fn nobody_outside_moves_a_call_and_unknown_dialogs_are_refused() {
    let (mut lab, patient, agent) = talking();
    let outside = lab.phones[patient].dialog.expect("in a call");
    lab.refer(patient, outside, "sip:1002@127.0.0.1");
    assert_eq!(seen(&lab, patient, "603|"), 1, "{:?}", lab.phones[patient].seen);
    let dialog = lab.phones[agent].dialog.expect("in a call");
    lab.refer(agent, dialog, "sip:1002@127.0.0.1?Replaces=nobody%3Bto-tag%3Da%3Bfrom-tag%3Db");
    assert_eq!(seen(&lab, agent, "481|"), 1, "{:?}", lab.phones[agent].seen);
    assert_eq!(transfers(&lab), []);
}

#[test]
fn an_agent_takes_her_call_over_to_another_phone_of_hers_and_nobody_else_does() {
    let (mut lab, patient, agent) = talking();
    let (second, stranger) = (lab.agent("1001", 13), lab.agent("1002", 12));
    let named = |lab: &Lab| vec![("Replaces".to_owned(), lab.answered_call(agent).to_string())];
    let headers = named(&lab);
    lab.dial_as(stranger, "1001", None, headers);
    assert_eq!(seen(&lab, stranger, "refused 403"), 1, "{:?}", lab.phones[stranger].seen);
    let headers = named(&lab);
    lab.dial_as(second, "1001", None, headers);
    assert_eq!(seen(&lab, second, "answered"), 1, "{:?}", lab.phones[second].seen);
    assert_eq!(seen(&lab, agent, "ended RemoteBye"), 1, "{:?}", lab.phones[agent].seen);
    let recorded = recordings(&lab);
    assert_eq!(recorded.len(), 2);
    assert_eq!(last_bridge(&lab), Some((recorded[1].1, recorded[1].2)));
    assert_eq!(recorded[0].1, recorded[1].1, "the same patient");
    let headers = named(&lab);
    lab.dial_as(agent, "1001", None, headers);
    assert_eq!(seen(&lab, agent, "refused 481"), 1, "that dialog is over");
    lab.hang_up(second);
    assert_eq!(seen(&lab, patient, "ended RemoteBye"), 1);
    assert_eq!((ends(&lab), lab.board.live_legs()), (vec![EndCause::Completed], 0));
}
