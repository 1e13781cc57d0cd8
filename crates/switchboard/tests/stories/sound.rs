//! How the legs of a call sound: asked for while they are up, a fact in the journal when they are over.

use crate::lab::Lab;
use careline_model::quality::{LegParty, LegQuality, Reception};
use careline_model::{CallId, EventBody, LegId};
use careline_switchboard::{LegFigures, MediaOrder, MediaSignal};

fn figures(packets: u64, mos: f64) -> LegFigures {
    let inbound = Some(Reception::rounded(0.0, 1.0, 93.2, mos));
    LegFigures { received: packets, sent: packets, inbound, outbound: None, round_trip_ms: None }
}

/// Patient and agent talk; gives the patient's and the agent's leg.
fn talk() -> (Lab, usize, LegId, LegId) {
    let mut lab = Lab::new();
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4001234567");
    let caller = lab.caller_leg();
    let agent = lab.agent("1001", 11);
    lab.signal(MediaSignal::Digit { leg: caller, digit: '0', duration_ms: 100 });
    lab.answer(agent);
    let joined = lab.media.iter().find_map(|order| match order {
        MediaOrder::Bridge { caller, agent } => Some((*caller, *agent)),
        _ => None,
    });
    let (caller, agent_leg) = joined.expect("they are joined");
    (lab, agent, caller, agent_leg)
}

fn told(lab: &Lab) -> Vec<(CallId, LegQuality)> {
    let facts = lab.events.iter().filter_map(|event| match event {
        EventBody::LegQuality { call, quality } => Some((*call, (**quality).clone())),
        _ => None,
    });
    facts.collect()
}

fn call(lab: &Lab) -> CallId {
    lab.events.iter().find_map(EventBody::call).expect("a call")
}

#[test]
fn the_last_reading_of_each_leg_can_be_asked_for_and_is_in_no_journal() {
    let (mut lab, _, caller, agent) = talk();
    assert!(lab.board.readings().is_empty(), "nothing was read yet");
    for (leg, mos) in [(caller, 3.0), (caller, 4.41), (agent, 4.2)] {
        lab.signal(MediaSignal::Quality { leg, figures: figures(250, mos) });
    }
    let readings = lab.board.readings();
    let seen: Vec<_> = readings.iter().map(|one| (one.quality.party, one.quality.mos())).collect();
    assert_eq!(seen, [(LegParty::Caller, Some(4.41)), (LegParty::Agent, Some(4.2))]);
    assert!(readings.iter().all(|one| one.call == Some(call(&lab)) && one.quality.codec == "pcma"));
    assert_eq!(readings[0].quality.trunk, Some("carrier".into()));
    assert_eq!(readings[1].quality.agent, Some("1001".into()));
    assert!(told(&lab).is_empty(), "2000 legs would fill the journal");
}

#[test]
fn each_leg_is_told_once_also_when_its_figures_come_after_the_end_of_the_call() {
    let (mut lab, agent_phone, caller, agent) = talk();
    lab.hang_up(agent_phone);
    assert!(lab.events.iter().any(|event| matches!(event, EventBody::CallEnded { .. })));
    let call = call(&lab);
    for leg in [agent, caller, caller] {
        lab.signal(MediaSignal::LegClosed { leg, figures: figures(500, 4.41) });
    }
    let told = told(&lab);
    let parties: Vec<_> = told.iter().map(|(of, leg)| (*of, leg.party, leg.received)).collect();
    assert_eq!(parties, [(call, LegParty::Agent, 500), (call, LegParty::Caller, 500)]);
    assert!(lab.board.readings().is_empty());
}

#[test]
fn a_leg_that_was_never_heard_nor_spoken_to_is_no_fact() {
    let (mut lab, agent_phone, caller, _) = talk();
    lab.hang_up(agent_phone);
    lab.signal(MediaSignal::LegClosed { leg: caller, figures: LegFigures::default() });
    lab.signal(MediaSignal::LegClosed { leg: LegId(99), figures: figures(1, 4.0) });
    assert!(told(&lab).is_empty());
}

#[test]
fn a_phone_that_hears_itself_is_read_but_belongs_to_no_call() {
    let mut lab = Lab::new();
    let agent = lab.agent("1001", 11);
    lab.dial(agent, "9196");
    let leg = lab.caller_leg();
    lab.signal(MediaSignal::Quality { leg, figures: figures(250, 4.41) });
    let readings = lab.board.readings();
    assert_eq!((readings[0].call, readings[0].quality.party), (None, LegParty::Agent));
    lab.hang_up(agent);
    lab.signal(MediaSignal::LegClosed { leg, figures: figures(250, 4.41) });
    assert!(told(&lab).is_empty());
}
