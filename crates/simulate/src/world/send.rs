//! News on their way to the switch: some are lost, doubled or late.

use super::{Deed, RECENT_MAX, Who, World};
use crate::exchange::Exchange;
use crate::hospital::Hospital;
use crate::script::{Fault, Mishap, News};
use careline_callcentre::{Input, LegEnd};
use careline_model::LegId;
use careline_model::event::AgentIntent;
use std::time::Duration;

/// A leg whose end nobody heard of ends by itself, for want of sound.
const SILENCE: Duration = Duration::from_secs(30);
/// A doubled message comes so long after the first.
const AGAIN: Duration = Duration::from_millis(500);

/// What news these are, of those that may go astray.
fn kind_of(input: &Input) -> Option<News> {
    Some(match input {
        Input::PlaybackDone { .. } => News::PlaybackDone,
        Input::Bridged { .. } => News::Bridged,
        Input::Ringing { .. } => News::Ringing,
        Input::Answered { .. } => News::Answered,
        Input::Digit { .. } => News::Digit,
        Input::LookedUp { .. } => News::LookedUp,
        Input::CallerUp { .. } => News::CallerUp,
        Input::LegEnded { .. } => News::LegEnded,
        _ => return None,
    })
}

impl<E: Exchange> World<E> {
    pub(super) fn perform(&mut self, deed: Deed) {
        match deed {
            Deed::Send(Input::PlaybackDone { leg, playback }) => {
                if self.legs.get(&leg).is_some_and(|leg| leg.playback == Some(playback)) {
                    self.send(Input::PlaybackDone { leg, playback });
                }
            }
            Deed::Send(Input::Digit { leg, digit, duration_ms }) => {
                if self.legs.contains_key(&leg) {
                    self.send(Input::Digit { leg, digit, duration_ms });
                }
            }
            Deed::Send(input) => self.send(input),
            Deed::Give(input) => self.give(input),
            Deed::GivesUp { patient, epoch } => {
                if let Some(leg) = self.patients.get(&patient).filter(|p| p.epoch == epoch).map(|p| p.leg) {
                    self.ends(leg, LegEnd::HungUp);
                }
            }
            Deed::TalkOver { patient, epoch } => {
                let Some(hers) = self.patients.get(&patient).filter(|p| p.epoch == epoch) else { return };
                let with = hers.with.filter(|leg| hers.caller.agent_ends && self.legs.contains_key(leg));
                self.ends(with.unwrap_or(hers.leg), LegEnd::HungUp);
            }
            Deed::Rings(leg) if self.legs.contains_key(&leg) => self.send(Input::Ringing { leg }),
            Deed::Answers(leg) => self.answers(leg),
            Deed::Refuses(leg, why) if self.legs.contains_key(&leg) => self.give(Input::Refused { leg, why }),
            Deed::Ends(leg, why) => self.ends(leg, why),
            Deed::Wish { agent, wish } => self.wish(agent, wish.intent()),
            Deed::Phone { agent, up } => self.phone(agent, up),
            Deed::Busy { agent, busy } => self.busy(agent, busy),
            Deed::Join { agent } => self.join(agent),
            Deed::Resume(leg) if self.legs.contains_key(&leg) => self.give(Input::Held { leg, held: false }),
            Deed::Decides { agent, accepts } => self.decides(agent, accepts),
            Deed::CallOver(call) => {
                let leg = self.legs.iter().find(|(_, leg)| leg.call == Some(call)).map(|(leg, _)| *leg);
                if let Some(leg) = leg {
                    self.ends(leg, LegEnd::HungUp);
                }
            }
            Deed::Rings(_) | Deed::Refuses(..) | Deed::Resume(_) => {}
        }
    }

    /// A phone that is there is picked up.
    fn answers(&mut self, leg: LegId) {
        let Some(hers) = self.legs.get_mut(&leg) else { return };
        let there = match hers.who {
            Who::Agent(agent) => self.phones.get(agent).is_some_and(|phone| phone.up),
            Who::Outside | Who::Patient(_) | Who::Dialler(_) => true,
        };
        if there {
            hers.answered = true;
            self.send(Input::Answered { leg });
        }
    }

    fn ends(&mut self, leg: LegId, why: LegEnd) {
        let Some(hers) = self.legs.get(&leg) else { return };
        // Before the answer a caller takes her call back.
        let early = !hers.answered && matches!(hers.who, Who::Patient(_) | Who::Dialler(_));
        let why = if early && why == LegEnd::HungUp { LegEnd::Cancelled } else { why };
        self.send(Input::LegEnded { leg, why });
    }

    pub(super) fn wish(&mut self, agent: usize, intent: AgentIntent) {
        let agent = Hospital::agent(agent);
        let done = self.exchange.set_agent(&agent, intent.clone(), self.now);
        self.note_text(|| format!("{agent} wants to be {intent:?}"));
        self.witness.expect(
            "orders are carried out, and refused when they make no sense",
            done.is_ok(),
            || format!("{agent} to be {intent:?}: {done:?}"),
        );
        self.witness.wished(&agent, &intent);
        self.settle();
    }

    /// Gives news to the switch unless they go astray.
    fn send(&mut self, input: Input) {
        let kind = kind_of(&input);
        let fate = self.armed.iter().position(|(armed, _)| Some(*armed) == kind);
        let Some((news, how)) = fate.and_then(|at| self.armed.remove(at)) else { return self.give(input) };
        self.count(Fault::News { kind: news, how }.kind());
        match how {
            Mishap::Lost => {
                self.note_text(|| format!("lost: {input:?}"));
                if let Input::LegEnded { leg, .. } = input {
                    self.later(SILENCE, Deed::Give(Input::LegEnded { leg, why: LegEnd::MediaTimeout }));
                }
            }
            Mishap::Doubled => {
                self.later(AGAIN, Deed::Give(input.clone()));
                self.give(input);
            }
            Mishap::Late(by) => {
                self.note_text(|| format!("late by {by:?}: {input:?}"));
                self.later(by, Deed::Give(input));
            }
        }
    }

    /// Gives something to the switch.
    pub(super) fn give(&mut self, input: Input) {
        self.note_given(&input);
        if let Input::LegEnded { leg, .. } | Input::Refused { leg, .. } = input {
            self.forget(leg);
        }
        if kind_of(&input).is_some() {
            if self.recent.len() >= RECENT_MAX {
                self.recent.pop_front();
            }
            self.recent.push_back(input.clone());
        }
        self.witness.given(&input);
        self.exchange.handle(input, self.now);
        self.settle();
    }

    /// A leg is over; so is its patient's part.
    pub(super) fn forget(&mut self, leg: LegId) -> bool {
        let gone = self.legs.remove(&leg);
        if let Some(Who::Patient(number)) = gone.as_ref().map(|leg| leg.who) {
            self.patients.remove(&number);
        }
        gone.is_some()
    }
}
