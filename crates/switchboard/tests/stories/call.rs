//! One call from the first ring to the last, and what may go wrong on the way, without a socket.

use crate::lab::Lab;
use careline_callcentre::Order;
use careline_model::event::{EndCause, EventBody, OfferOutcome, QueueOutcome, ResumedBy};
use careline_model::screening::{BlockAction, ListEntry, ListKind, Pattern, Scope};
use careline_switchboard::{MediaOrder, MediaSignal};
use std::time::Duration;

/// A patient who has reached the menu; gives phone numbers of patient and lab.
fn at_the_menu() -> (Lab, usize) {
    let mut lab = Lab::new();
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4001234567");
    assert!(lab.phones[patient].seen.contains(&"answered".to_owned()), "{:?}", lab.phones[patient].seen);
    (lab, patient)
}

fn press(lab: &mut Lab, digit: char) {
    let leg = lab
        .media
        .iter()
        .find_map(|order| if let MediaOrder::Open { leg, .. } = order { Some(*leg) } else { None })
        .expect("the patient's leg is open");
    lab.signal(MediaSignal::Digit { leg, digit, duration_ms: 100 });
}

fn outcomes(lab: &Lab) -> (Vec<OfferOutcome>, Vec<QueueOutcome>, Vec<EndCause>) {
    let mut all = (Vec::new(), Vec::new(), Vec::new());
    for event in &lab.events {
        match event {
            EventBody::OfferEnded { outcome, .. } => all.0.push(*outcome),
            EventBody::QueueLeft { outcome, .. } => all.1.push(*outcome),
            EventBody::CallEnded { cause, .. } => all.2.push(*cause),
            _ => {}
        }
    }
    all
}

#[test]
fn a_patient_dials_presses_zero_and_talks_to_the_agent() {
    let (mut lab, patient) = at_the_menu();
    let agent = lab.agent("1001", 11);
    press(&mut lab, '0');
    assert_eq!(lab.phones[agent].incoming.len(), 1, "the agent's phone rings");
    lab.answer(agent);
    let bridged = lab.media.iter().any(|order| matches!(order, MediaOrder::Bridge { .. }));
    let recorded = lab.media.iter().any(|order| matches!(order, MediaOrder::Record(_)));
    assert!(bridged && recorded, "{:?}", lab.media);
    lab.pass(Duration::from_secs(30));
    lab.hang_up(agent);
    assert!(
        lab.phones[patient].seen.contains(&"ended RemoteBye".to_owned()),
        "{:?}",
        lab.phones[patient].seen
    );
    let ended = (vec![OfferOutcome::Answered], vec![QueueOutcome::Answered], vec![EndCause::Completed]);
    assert_eq!(outcomes(&lab), ended);
    let talk = lab.events.iter().find_map(|event| match event {
        EventBody::CallEnded { talk_ms, .. } => Some(*talk_ms),
        _ => None,
    });
    assert_eq!(talk, Some(30_000));
    assert_eq!((lab.board.live_calls(), lab.board.live_legs()), (0, 0));
}

#[test]
fn the_next_caller_is_offered_in_the_instant_the_agent_hangs_up() {
    let (mut lab, _first) = at_the_menu();
    let agent = lab.agent("1001", 11);
    press(&mut lab, '0');
    lab.answer(agent);
    let second = lab.phone("13900139000", 2);
    lab.phones[second].flow.local.set_port(5062);
    lab.dial(second, "4001234567");
    let leg = lab
        .media
        .iter()
        .rev()
        .find_map(|order| if let MediaOrder::Open { leg, .. } = order { Some(*leg) } else { None });
    lab.signal(MediaSignal::Digit { leg: leg.expect("open"), digit: '0', duration_ms: 80 });
    assert!(lab.phones[agent].incoming.is_empty(), "she talks");
    let before = lab.now;
    lab.hang_up(agent);
    assert_eq!(lab.phones[agent].incoming.len(), 1, "the next patient rings");
    assert_eq!(lab.now, before, "and no time passed");
}

#[test]
fn nobody_answers_and_the_other_agent_gets_the_call() {
    let (mut lab, _) = at_the_menu();
    let (first, second) = (lab.agent("1001", 11), lab.agent("1002", 12));
    press(&mut lab, '0');
    assert_eq!((lab.phones[first].incoming.len(), lab.phones[second].incoming.len()), (1, 0));
    lab.pass(Duration::from_secs(16));
    assert_eq!((lab.phones[first].incoming.len(), lab.phones[second].incoming.len()), (0, 1));
    lab.answer(second);
    assert_eq!(outcomes(&lab).0, [OfferOutcome::NoAnswer, OfferOutcome::Answered]);
}

#[test]
fn an_agent_who_declines_is_passed_over_and_busy_is_told_apart() {
    for (status, outcome) in
        [(603, OfferOutcome::Rejected), (486, OfferOutcome::Rejected), (503, OfferOutcome::DeviceLost)]
    {
        let (mut lab, _) = at_the_menu();
        let (first, second) = (lab.agent("1001", 11), lab.agent("1002", 12));
        press(&mut lab, '0');
        lab.decline(first, status);
        assert_eq!(lab.phones[second].incoming.len(), 1, "after {status}");
        assert_eq!(outcomes(&lab).0, [outcome], "after {status}");
    }
}

#[test]
fn a_caller_who_leaves_is_told_apart_by_where() {
    let (mut lab, patient) = at_the_menu();
    lab.hang_up(patient);
    assert_eq!(outcomes(&lab), (vec![], vec![], vec![EndCause::IvrAbandoned]));

    let (mut lab, patient) = at_the_menu();
    press(&mut lab, '0');
    lab.pass(Duration::from_secs(9));
    lab.hang_up(patient);
    assert_eq!(outcomes(&lab), (vec![], vec![QueueOutcome::Abandoned], vec![EndCause::QueueAbandoned]));

    let (mut lab, patient) = at_the_menu();
    let agent = lab.agent("1001", 11);
    press(&mut lab, '0');
    lab.hang_up(patient);
    let left =
        (vec![OfferOutcome::CallerLeft], vec![QueueOutcome::ShortAbandoned], vec![EndCause::QueueAbandoned]);
    assert_eq!(outcomes(&lab), left);
    assert!(lab.phones[agent].incoming.is_empty(), "the phone stopped ringing");
    assert_eq!(lab.board.live_legs(), 0);
}

#[test]
fn a_silent_agents_leg_ends_and_the_patient_waits_at_the_head() {
    let (mut lab, patient) = at_the_menu();
    let agent = lab.agent("1001", 11);
    press(&mut lab, '0');
    lab.answer(agent);
    let leg = lab
        .media
        .iter()
        .rev()
        .find_map(|order| if let MediaOrder::Open { leg, .. } = order { Some(*leg) } else { None });
    lab.signal(MediaSignal::TimedOut { leg: leg.expect("the agent's leg") });
    assert!(!lab.phones[patient].seen.iter().any(|seen| seen.starts_with("ended")), "the patient stays");
    assert_eq!(lab.board.live_calls(), 1);
}

#[test]
fn an_unknown_number_is_404_and_draining_is_503() {
    let mut lab = Lab::new();
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4009999999");
    assert_eq!(lab.phones[patient].seen, ["refused 404"]);
    lab.board.drain(lab.now);
    lab.dial(patient, "4001234567");
    assert_eq!(lab.phones[patient].seen.last().map(String::as_str), Some("refused 503"));
    assert_eq!(lab.board.live_legs(), 0);
}

#[test]
fn a_number_of_the_black_list_is_486_until_it_is_taken_out() {
    let mut lab = Lab::new();
    let patient = lab.phone("13800138000", 2);
    let pattern = Pattern::Number("138-0013-8000".into());
    let (list, scope, action) = (ListKind::Black, Scope::All, BlockAction::Busy);
    let entry = ListEntry {
        list,
        pattern: pattern.clone(),
        scope: scope.clone(),
        reason: "pest".into(),
        until_us: None,
        action,
    };
    lab.board.carry_out(lab.now, Order::SetListEntry(entry), "3001").expect("the entry is possible");
    assert_eq!(lab.board.list_entries(lab.now, ListKind::Black).len(), 1);
    lab.dial(patient, "4001234567");
    assert_eq!(lab.phones[patient].seen, ["refused 486"]);
    assert!(lab.events.iter().any(|event| matches!(event, EventBody::CallScreened { .. })));
    lab.board
        .carry_out(lab.now, Order::RemoveListEntry { list, pattern, scope }, "3001")
        .expect("it is there");
    lab.dial(patient, "4001234567");
    assert!(lab.phones[patient].seen.contains(&"answered".to_owned()), "{:?}", lab.phones[patient].seen);
}

#[test]
fn the_same_story_twice_is_the_same_bytes() {
    let tell = || {
        let (mut lab, _) = at_the_menu();
        let agent = lab.agent("1001", 11);
        press(&mut lab, '0');
        lab.answer(agent);
        lab.pass(Duration::from_secs(3));
        lab.hang_up(agent);
        let zero = lab.now;
        lab.trace.iter().map(|line| line.replace(&format!("{:?}", zero.instant), "")).collect::<Vec<_>>()
    };
    assert_eq!(tell(), tell());
}

#[test]
fn a_recording_rests_by_command_and_goes_on_by_itself() {
    let (mut lab, _) = at_the_menu();
    let agent = lab.agent("1001", 11);
    press(&mut lab, '0');
    lab.answer(agent);
    let call = lab.events.iter().find_map(EventBody::call).expect("a call");
    lab.board.pause_recording(lab.now, call, "card").expect("it is recorded");
    lab.run();
    let recording = lab.media.iter().find_map(|order| match order {
        MediaOrder::PauseRecording { recording, reason } if &**reason == "card" => Some(recording.clone()),
        _ => None,
    });
    let recording = recording.expect("the engine is told");
    lab.signal(MediaSignal::RecordingResumed { recording, call });
    assert!(lab.events.iter().any(|event| matches!(event, EventBody::RecordingPaused { .. })));
    let by = lab.events.iter().find_map(|event| match event {
        EventBody::RecordingResumed { by, .. } => Some(*by),
        _ => None,
    });
    assert_eq!(by, Some(ResumedBy::Limit));
    assert!(lab.board.resume_recording(lab.now, call).is_err(), "it goes on already");
}

#[test]
fn an_agent_hears_what_the_call_is_about_before_the_two_are_joined() {
    let music = "music = \"hold-music\"";
    let mut lab = Lab::changed(music, &format!("{music}\n[queue.whisper]\nprompts = [\"about\"]"));
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4001234567");
    let caller = lab.caller_leg();
    let agent = lab.agent("1001", 11);
    press(&mut lab, '0');
    lab.answer(agent);
    let whisper = lab.media.iter().find_map(|order| match order {
        MediaOrder::Play { leg, playback, prompts } if &*prompts[0] == "about" => Some((*leg, *playback)),
        _ => None,
    });
    let (leg, playback) = whisper.expect("it is played");
    assert_ne!(leg, caller, "to the agent alone");
    let bridged = |lab: &Lab| lab.media.iter().any(|order| matches!(order, MediaOrder::Bridge { .. }));
    assert!(!bridged(&lab));
    lab.signal(MediaSignal::PlaybackDone { leg, playback });
    assert!(bridged(&lab));
}

#[test]
fn a_phone_that_answers_by_itself_is_asked_to() {
    let mut lab = Lab::changed("wrap_up_s = 0\n", "wrap_up_s = 0\nauto_answer = true\n");
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4001234567");
    let agent = lab.agent("1001", 11);
    press(&mut lab, '0');
    let (_, invite) = &lab.phones[agent].incoming[0];
    let told = invite.request.headers.get("Call-Info").expect("how soon to answer");
    assert!(told.ends_with(";answer-after=0"), "{told}");
    assert!(invite.request.headers.get("Alert-Info").is_some(), "for phones that know this one");
}
