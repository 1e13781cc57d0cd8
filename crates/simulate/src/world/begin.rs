//! What comes from outside begins.

use super::{ARMED_MAX, Deed, Leg, Patient, Who, World};
use crate::exchange::Exchange;
use crate::hospital::{Hospital, NOBODY, OUTSIDE};
use crate::script::{Act, Caller, Fault, Happening, What, Whom};
use careline_callcentre::{Input, LegEnd, TransferTo};
use careline_model::event::AgentIntent;
use careline_model::{AgentId, CallId, LegId, Number};
use std::time::Duration;

/// A consultation so long after its beginning is joined with the caller.
const CONSULTS_FOR: Duration = Duration::from_secs(8);

/// The number that a patient shows, by which she is known again.
pub(crate) fn number_of(patient: u32) -> Number {
    Number::from(format!("+8613{patient:09}").as_str())
}

/// The patient of a number.
pub(crate) fn patient_of(number: &Number) -> Option<u32> {
    number.as_str().strip_prefix("+8613").filter(|rest| rest.len() == 9)?.parse().ok()
}

fn dialled(whom: Whom) -> String {
    match whom {
        Whom::Agent(agent) => Hospital::agent(agent).as_str().to_owned(),
        Whom::Outside => OUTSIDE.to_owned(),
        Whom::Nobody => NOBODY.to_owned(),
    }
}

impl<E: Exchange> World<E> {
    pub(super) fn begin(&mut self, happening: &Happening) {
        self.note_begun(happening);
        match &happening.what {
            What::Call(caller) => self.call(happening.number, caller),
            What::Phone { agent, up } => self.phone(*agent, *up),
            What::Wish { agent, wish } => self.wish(*agent, wish.intent()),
            What::Storm { agent, toggles, gap } => {
                self.count("storm");
                for toggle in 0..*toggles {
                    let wish = match toggle % 2 {
                        0 => crate::script::Wish::Meal,
                        _ => crate::script::Wish::Ready,
                    };
                    self.later(*gap * toggle, Deed::Wish { agent: *agent, wish });
                }
            }
            What::PhoneLost { agent, back_after, silent_for } => {
                self.lose_phone(*agent, *back_after, *silent_for)
            }
            What::OwnCall { agent, lasts } if self.phones[*agent].up => {
                self.count("own_call");
                self.busy(*agent, true);
                self.later(*lasts, Deed::Busy { agent: *agent, busy: false });
            }
            What::OwnCall { .. } => {}
            What::Dial { agent, to, lasts } => self.dial(*agent, *to, *lasts),
            What::PassOn { agent, to, leaves } => {
                if let Some(leg) = self.conversations_of(*agent).last().copied() {
                    self.count("pass_on");
                    self.refer(leg, TransferTo::Number(dialled(*to)), *leaves);
                }
            }
            What::Join { agent } => self.consult(*agent),
            What::Hold { agent, lasts } => {
                if let Some(leg) = self.conversations_of(*agent).last().copied() {
                    self.count("hold");
                    self.later(*lasts, Deed::Resume(leg));
                    self.give(Input::Held { leg, held: true });
                }
            }
            What::Fault(fault) => self.fault(*fault),
            What::Act(act) => self.act(*act),
        }
    }

    fn call(&mut self, number: u32, caller: &Caller) {
        let leg = self.exchange.new_leg();
        let (caller, dialled) = (caller.clone(), self.hospital.number_of_line(caller.line));
        if let Some(patience) = caller.flow_patience {
            self.later(patience, Deed::GivesUp { patient: number, epoch: 0 });
        }
        // On a network a patient is known again by her number alone.
        let withheld = caller.withheld && self.exchange.is_immediate();
        let shown = if withheld { Number::from("") } else { number_of(number) };
        let patient = Patient { caller, leg, epoch: 0, asked: 0, rings: 0, with: None };
        self.patients.insert(number, patient);
        self.legs.insert(leg, Leg { who: Who::Patient(number), call: None, playback: None, answered: false });
        self.arriving = Some(number);
        let (caller_name, trunk) = ("".into(), Some("carrier".into()));
        self.give(Input::Arrived { leg, caller: shown, caller_name, dialled, trunk });
        self.arriving = None;
    }

    pub(super) fn phone(&mut self, agent: usize, up: bool) {
        if let Some(phone) = self.phones.get_mut(agent) {
            phone.up = up;
        }
        let agent = Hospital::agent(agent);
        self.give(if up { Input::DeviceUp { agent } } else { Input::DeviceGone { agent } });
    }

    pub(super) fn busy(&mut self, agent: usize, busy: bool) {
        self.give(Input::DeviceBusy { agent: Hospital::agent(agent), busy });
    }

    fn lose_phone(&mut self, agent: usize, back_after: Duration, silent_for: Duration) {
        if !self.phones[agent].up {
            return;
        }
        self.count("phone_lost");
        let hers = |who| who == Who::Agent(agent) || who == Who::Dialler(agent);
        let legs: Vec<LegId> =
            self.legs.iter().filter(|(_, leg)| hers(leg.who)).map(|(leg, _)| *leg).collect();
        for leg in legs {
            self.later(silent_for, Deed::Ends(leg, LegEnd::MediaTimeout));
        }
        self.later(back_after, Deed::Phone { agent, up: true });
        self.phone(agent, false);
    }

    fn dial(&mut self, agent: usize, to: Whom, lasts: Duration) {
        if !self.phones[agent].up {
            return;
        }
        self.count("dial");
        let leg = self.exchange.new_leg();
        self.legs.insert(leg, Leg { who: Who::Dialler(agent), call: None, playback: None, answered: false });
        self.later(lasts, Deed::Ends(leg, LegEnd::HungUp));
        self.give(Input::PhoneDialled { leg, agent: Hospital::agent(agent), dialled: dialled(to) });
    }

    /// Legs of an agent's phone that are in a conversation, the latest last.
    pub(super) fn conversations_of(&self, agent: usize) -> Vec<LegId> {
        let hers = |leg: &Leg| {
            leg.answered && matches!(leg.who, Who::Agent(own) | Who::Dialler(own) if own == agent)
        };
        self.legs.iter().filter(|(_, leg)| hers(leg)).map(|(leg, _)| *leg).collect()
    }

    fn consult(&mut self, agent: usize) {
        if self.conversations_of(agent).is_empty() {
            return;
        }
        self.count("consult");
        self.dial(agent, Whom::Outside, CONSULTS_FOR * 3);
        self.later(CONSULTS_FOR, Deed::Join { agent });
    }

    pub(super) fn join(&mut self, agent: usize) {
        if let [.., one, other] = *self.conversations_of(agent) {
            self.refer(one, TransferTo::PartyOf(other), true);
        }
    }

    fn refer(&mut self, leg: LegId, to: TransferTo, leaves: bool) {
        self.referred += 1;
        let refer = self.referred;
        self.refers.insert(refer, (leg, leaves));
        self.give(Input::TransferAsked { leg, refer, to });
    }

    fn fault(&mut self, fault: Fault) {
        match fault {
            Fault::News { kind, how } => {
                if self.armed.len() < ARMED_MAX {
                    self.armed.push_back((kind, how));
                }
                return;
            }
            Fault::SilentPhone => self.silent_phones += 1,
            Fault::LegFails { pick, no_sound } => {
                let Some(leg) = nth(self.legs.keys(), pick) else { return };
                let why = if no_sound { LegEnd::MediaTimeout } else { LegEnd::Failed };
                self.count(fault.kind());
                return self.give(Input::LegEnded { leg, why });
            }
            Fault::Stale { pick } => {
                let Some(input) = nth(self.recent.iter(), pick) else { return };
                self.count(fault.kind());
                return self.give(input);
            }
            Fault::UnknownLeg => {
                self.count(fault.kind());
                let leg = LegId(u64::MAX);
                self.give(Input::Answered { leg });
                self.give(Input::Bridged { leg });
                self.give(Input::Digit { leg, digit: '1', duration_ms: 0 });
                self.give(Input::DeviceBusy { agent: AgentId::from("nobody"), busy: true });
                return self.give(Input::DeviceUp { agent: AgentId::from("nobody") });
            }
        }
        self.count(fault.kind());
    }

    fn act(&mut self, act: Act) {
        let call = |pick| nth(self.calls.keys(), pick);
        let done = match act {
            Act::HangUp(pick) => call(pick).map(|call| self.exchange.hang_up(call, self.now).is_ok()),
            Act::PauseRecording(pick) => call(pick).map(|call| {
                // Not every call is recorded now.
                let _ = self.exchange.pause_recording(call, "simulated", self.now);
                true
            }),
            Act::ResumeRecording(pick) => call(pick).map(|call| {
                let _ = self.exchange.resume_recording(call, self.now);
                true
            }),
            Act::Nonsense => Some(self.refuses_nonsense()),
            Act::Task(pick) => Some(self.give_task(pick)),
            Act::Campaign(pick) => Some(self.order_campaign(pick)),
            Act::Drain => {
                self.count(act.kind());
                return self.give(Input::Drain);
            }
        };
        if let Some(good) = done {
            self.count(act.kind());
            self.witness.expect("orders are carried out, and refused when they make no sense", good, || {
                format!("{act:?}")
            });
            self.settle();
        }
    }

    fn refuses_nonsense(&mut self) -> bool {
        let now = self.now;
        let agent = Hospital::agent(0);
        self.exchange.hang_up(CallId::earliest(0), now).is_err()
            && self.exchange.set_agent(&AgentId::from("nobody"), AgentIntent::Ready, now).is_err()
            && self.exchange.set_agent(&agent, AgentIntent::NotReady("no reason".into()), now).is_err()
    }
}

/// One of them, counted round.
fn nth<T: Clone>(
    mut from: impl ExactSizeIterator<Item = impl std::borrow::Borrow<T>>,
    pick: usize,
) -> Option<T> {
    let count = from.len();
    if count == 0 { None } else { from.nth(pick % count).map(|one| one.borrow().clone()) }
}
