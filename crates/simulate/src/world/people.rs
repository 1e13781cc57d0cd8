//! How people and phones react to what the switch does. Nothing is done at once: reactions are deeds of their own time.

use super::begin::patient_of;
use super::{Deed, Leg, Who, World};
use crate::chance::Chance;
use crate::exchange::Exchange;
use crate::hospital::{Hospital, QUESTION};
use crate::manners::Reaction;
use careline_callcentre::{Action, Input, LegEnd, LookUpAnswer};
use careline_model::event::{EventBody, TransferOutcome};
use careline_model::outbound::CampaignFact;
use careline_model::{AgentId, CallId, LegId, Number};
use std::sync::Arc;
use std::time::Duration;

/// From one key to the next.
const KEY_GAP: Duration = Duration::from_millis(330);
/// A phone hangs up so long after its wish was granted.
const LEAVES_AFTER: Duration = Duration::from_millis(300);
/// Two who talk without a patient go on for so long, if nobody ends it before.
const WITHOUT_PATIENT: Duration = Duration::from_secs(150);

impl<E: Exchange> World<E> {
    pub(super) fn react(&mut self, action: Action) {
        match action {
            Action::Answer { leg, call } => self.answered(leg, call),
            Action::Refuse { leg, .. } | Action::StopRinging { leg, .. } | Action::HangUp { leg, .. } => {
                let known = self.forget(leg);
                let certain = self.exchange.is_immediate();
                self.witness
                    .expect("orders are for legs that live", known || !certain, || format!("{action:?}"));
            }
            Action::Play { leg, playback, prompts } => self.hears(leg, playback, &prompts),
            Action::StopPlay { leg } => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.playback = None;
                }
            }
            Action::LookUp { call, .. } => {
                let mut chance = Chance::new(self.script.seed, 3 << 40 | self.made);
                let after = match chance.is(0.05) {
                    true => Duration::from_millis(300),
                    false => self.manners.directory.mul_f64(1.0 + chance.unit()),
                };
                let persons = u32::try_from(chance.below(3)).unwrap_or(0);
                let answer = match chance.is(0.02) {
                    true => LookUpAnswer::Unavailable,
                    false => LookUpAnswer::Answered { persons, label: "x".into() },
                };
                self.later(after, Deed::Send(Input::LookedUp { call, answer }));
            }
            Action::Ring { leg, call, agent, caller, .. } => self.rung(leg, call, &agent, &caller),
            Action::DialOutside { leg, call, .. } => self.rung_outside(leg, call),
            Action::Adopt { leg, call } | Action::Dialled { leg, call } => self.belongs(leg, call),
            Action::Bridge { call, caller, agent } => {
                self.belongs(agent, call);
                if let Some(patient) = self.calls.get(&call).copied().flatten()
                    && let Some(patient) = self.patients.get_mut(&patient)
                {
                    patient.with = Some(agent);
                }
                self.later(self.manners.network, Deed::Send(Input::Bridged { leg: caller }));
            }
            Action::AcceptTransfer { refer } => {
                if let Some((leg, true)) = self.refers.remove(&refer) {
                    self.later(LEAVES_AFTER, Deed::Ends(leg, LegEnd::HungUp));
                }
            }
            Action::RefuseTransfer { refer, .. } => {
                self.refers.remove(&refer);
            }
            Action::Emit(event) => self.told(&event.body),
            _ => {}
        }
    }

    fn belongs(&mut self, leg: LegId, call: CallId) {
        if let Some(leg) = self.legs.get_mut(&leg) {
            leg.call = Some(call);
        }
    }

    fn answered(&mut self, leg: LegId, call: CallId) {
        let Some(hers) = self.legs.get_mut(&leg) else { return };
        (hers.call, hers.answered) = (Some(call), true);
        let ack = match hers.who {
            Who::Patient(number) => self.patients.get(&number).and_then(|patient| patient.caller.ack),
            Who::Agent(_) | Who::Dialler(_) | Who::Outside => Some(self.manners.network),
        };
        if let Some(ack) = ack {
            self.later(ack, Deed::Send(Input::CallerUp { leg }));
        }
    }

    /// A caller hears something; after a question she may press keys.
    fn hears(&mut self, leg: LegId, playback: u64, prompts: &[Arc<str>]) {
        let Some(hers) = self.legs.get_mut(&leg) else { return };
        hers.playback = Some(playback);
        let who = hers.who;
        let length = self.manners.prompt * u32::try_from(prompts.len()).unwrap_or(1);
        self.later(length, Deed::Send(Input::PlaybackDone { leg, playback }));
        let Who::Patient(number) = who else { return };
        let Some(patient) = self.patients.get_mut(&number) else { return };
        if prompts.last().is_none_or(|prompt| **prompt != *QUESTION) {
            return;
        }
        patient.asked += 1;
        let Some(answer) = patient.caller.answers.get(patient.asked - 1).cloned().flatten() else { return };
        for (nth, digit) in (0..).zip(answer.keys.chars()) {
            let digit = Input::Digit { leg, digit, duration_ms: 100 };
            self.later(answer.after + KEY_GAP * nth, Deed::Send(digit));
        }
    }

    fn rung(&mut self, leg: LegId, call: CallId, agent: &AgentId, caller: &Number) {
        let number = Hospital::number_of(agent);
        let new = self
            .legs
            .insert(leg, Leg { who: Who::Agent(number), call: Some(call), playback: None, answered: false });
        self.witness.expect("no leg is rung twice", new.is_none(), || format!("{leg} at {agent}"));
        // By patient, agent and attempt, so that the same offer is met in the same way in a shorter story.
        let patient = self.calls.get(&call).copied().flatten().or_else(|| patient_of(caller)).unwrap_or(0);
        let rings = self.patients.get_mut(&patient).map_or(self.made, |patient| {
            patient.rings += 1;
            patient.rings
        });
        let stream = 4 << 56 | u64::from(patient) << 24 | (rings & 0xFF) << 16 | (number as u64 & 0xFFFF);
        let mut chance = Chance::new(self.script.seed, stream);
        if self.silent_phones > 0 {
            self.silent_phones -= 1;
            return;
        }
        if !self.phones.get(number).is_some_and(|phone| phone.up) {
            return; // nobody is at home
        }
        let reaction = self.manners.reaction(&mut chance);
        self.later(self.manners.network, Deed::Rings(leg));
        match reaction {
            Reaction::Answers(after) => self.later(after, Deed::Answers(leg)),
            Reaction::Refuses(after, why) => self.later(after, Deed::Refuses(leg, why)),
            Reaction::Lets => {}
        }
    }

    /// Somebody outside: most answer, after a while.
    fn rung_outside(&mut self, leg: LegId, call: CallId) {
        let outside = Leg { who: Who::Outside, call: Some(call), playback: None, answered: false };
        let new = self.legs.insert(leg, outside);
        self.witness.expect("no leg is rung twice", new.is_none(), || format!("{leg} outside"));
        let mut chance = Chance::new(self.script.seed, 5 << 56 | self.made);
        self.later(Duration::from_millis(800), Deed::Rings(leg));
        match self.manners.reaction(&mut chance) {
            Reaction::Answers(after) => self.later(Duration::from_secs(1) + after, Deed::Answers(leg)),
            Reaction::Refuses(after, why) => self.later(after, Deed::Refuses(leg, why)),
            Reaction::Lets => {}
        }
    }

    fn told(&mut self, event: &EventBody) {
        match event {
            EventBody::CallOffered { call, caller, .. } => {
                let patient = self.arriving.or_else(|| patient_of(caller));
                self.calls.insert(*call, patient);
                if let Some(leg) = patient.and_then(|number| self.patients.get(&number)).map(|hers| hers.leg)
                {
                    self.belongs(leg, *call);
                }
            }
            EventBody::CallDialled { call, .. } => {
                self.calls.insert(*call, None);
            }
            EventBody::Campaign(CampaignFact::PreviewOffered { agent, .. }) => self.looks_at_a_task(agent),
            EventBody::QueueEntered { call, .. } => {
                if let Some((patient, epoch)) = self.something_happens_to(*call)
                    && let Some(patience) = self.patients.get(&patient).and_then(|hers| hers.caller.patience)
                {
                    self.later(patience, Deed::GivesUp { patient, epoch });
                }
            }
            EventBody::CallConnected { call, .. }
            | EventBody::TransferEnded { call, outcome: TransferOutcome::Connected, .. } => {
                let Some((patient, epoch)) = self.something_happens_to(*call) else {
                    return self.later(WITHOUT_PATIENT, Deed::CallOver(*call));
                };
                if let Some(talk) = self.patients.get(&patient).map(|hers| hers.caller.talk) {
                    self.later(talk, Deed::TalkOver { patient, epoch });
                }
            }
            EventBody::TransferStarted { call, .. } => {
                self.something_happens_to(*call);
            }
            EventBody::CallEnded { call, .. } => {
                self.calls.remove(call);
                self.ended.push(*call);
            }
            _ => {}
        }
    }

    /// What she was about to do is no longer what she will do. Gives the patient and her new epoch.
    fn something_happens_to(&mut self, call: CallId) -> Option<(u32, u32)> {
        let number = self.calls.get(&call).copied().flatten()?;
        let patient = self.patients.get_mut(&number)?;
        patient.epoch += 1;
        Some((number, patient.epoch))
    }
}
