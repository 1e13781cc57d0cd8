//! An attempt under way: an agent has taken it and reads, the person's phone is called, the two are joined; or not.

use super::{Carrier, Fate, Line};
use crate::action::{Action, HangUp, StopRinging};
use crate::call::{Call, Stage};
use crate::centre::{Centre, Role};
use crate::deadlines::Due;
use crate::input::RefusedBy;
use crate::offer::JOINING_LIMIT;
use careline_model::callback::{CallbackMiss, CallbackOutcome};
use careline_model::event::{CallbackDialled, CallbackPostponed, EndCause, EventBody, Party};
use careline_model::{AgentId, CallId, LegId, Now};
use std::time::Duration;

impl Centre {
    /// An agent answered for somebody who is not on the line: she reads what it is about, then the person is called.
    /// Gives false, and does nothing, for any other call.
    pub(crate) fn callback_accepted(&mut self, id: CallId, agent: &AgentId, now: Now) -> bool {
        let Some(call) = self.calls.get(&id) else { return false };
        if call.line_state() != Some(Line::Nobody) {
            return false;
        }
        let since = self.agents.get(agent).and_then(|agent| agent.lease()).map(|lease| lease.since);
        let rules = call.stage.entry().and_then(|entry| self.callback_rules(&entry.queue));
        let preview = rules.map_or(Duration::ZERO, |rules| rules.preview);
        let read = since.map_or(Duration::ZERO, |since| now.instant.duration_since(since));
        self.stop_the_others(id, now);
        self.deadlines.stop(&Due::Work(agent.clone()));
        self.set_line(id, Line::Agent);
        let left = preview.saturating_sub(read);
        if left.is_zero() {
            self.call_person(id, now);
        } else {
            self.deadlines.set(Due::Third(id), now.instant + left);
        }
        true
    }

    /// The person's phone is called, through the trunks that lead there now.
    pub(super) fn call_person(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        let (Some(entry), Some(carrier)) = (call.stage.entry(), &call.callback) else { return };
        let (number, callback, agent) = (call.caller.clone(), carrier.id.clone(), joined(call));
        let rules = self.callback_rules(&entry.queue);
        let (ring, ringback) =
            rules.map_or((JOINING_LIMIT, None), |rules| (rules.ring, rules.ringback.clone()));
        let Ok(group) = self.plan.may_call_back(&entry.queue, &number) else {
            return self.missed_person(id, CallbackMiss::Unreachable, None, now);
        };
        let leg = self.new_leg();
        if let Some(call) = self.calls.get_mut(&id) {
            call.leg = leg;
        }
        self.legs.insert(leg, (id, Role::Caller));
        self.set_line(id, Line::Calling { heard: false });
        self.deadlines.set(Due::Third(id), now.instant + ring);
        let (trunk_group, by) = (group.clone(), agent.clone());
        self.tell(
            EventBody::CallbackDialled(CallbackDialled { call: id, callback, agent, trunk_group }),
            now,
        );
        if let (Some(leg), Some(item)) = (self.agents_leg(id), ringback) {
            self.actions.push_back(Action::Music { leg, item: Some(item) });
        }
        self.actions.push_back(Action::DialOutside {
            leg,
            call: id,
            by,
            group,
            number,
            caller_id: None,
            timeout: ring,
        });
    }

    /// The leg of the agent who waits for the person.
    fn agents_leg(&self, id: CallId) -> Option<LegId> {
        let agent = joined(self.calls.get(&id)?)?;
        self.agents.get(&agent)?.lease().map(|lease| lease.leg)
    }

    /// The network sends sound before she answers: the agent hears it instead of ours. False when it is none of ours.
    pub(crate) fn callback_heard(&mut self, leg: LegId) -> bool {
        let Some((id, Line::Calling { heard })) = self.attempt_on(leg) else { return false };
        if let (false, Some(agent)) = (heard, self.agents_leg(id)) {
            self.set_line(id, Line::Calling { heard: true });
            self.stop_ringback(id, agent);
            self.actions.push_back(Action::Bridge { call: id, caller: leg, agent });
        }
        true
    }

    /// Her phone was answered. False when it is no callback's.
    pub(crate) fn callback_answered(&mut self, leg: LegId, now: Now) -> bool {
        let Some((id, Line::Calling { heard })) = self.attempt_on(leg) else { return false };
        self.deadlines.stop(&Due::Third(id));
        let (Some(agent), Some(agent_leg)) = (self.calls.get(&id).and_then(joined), self.agents_leg(id))
        else {
            self.customer_answered(id, now);
            return true;
        };
        self.set_line(id, Line::Up);
        if !heard {
            self.stop_ringback(id, agent_leg);
        }
        self.deadlines.set(Due::Work(agent), now.instant + JOINING_LIMIT);
        self.actions.push_back(Action::Bridge { call: id, caller: leg, agent: agent_leg });
        true
    }

    fn stop_ringback(&mut self, id: CallId, agent: LegId) {
        let entry = self.calls.get(&id).and_then(|call| call.stage.entry());
        let rules = entry.and_then(|entry| self.callback_rules(&entry.queue));
        if rules.is_some_and(|rules| rules.ringback.is_some()) {
            self.actions.push_back(Action::Music { leg: agent, item: None });
        }
    }

    /// Both hear only the line: nobody has answered yet.
    pub(crate) fn is_calling_back(&self, id: CallId) -> bool {
        let line = self.calls.get(&id).and_then(Call::line_state);
        matches!(line, Some(Line::Calling { .. } | Line::Agent))
    }

    /// Her phone did not take the call; its leg is over. False when it is no callback's.
    pub(crate) fn callback_refused(&mut self, leg: LegId, why: RefusedBy, now: Now) -> bool {
        let Some((id, Line::Calling { .. })) = self.attempt_on(leg) else { return false };
        self.legs.remove(&leg);
        let why = match why {
            RefusedBy::NoAnswer => CallbackMiss::NoAnswer,
            RefusedBy::Rejected => CallbackMiss::Rejected,
            RefusedBy::Busy => CallbackMiss::Busy,
            RefusedBy::Unreachable => CallbackMiss::Unreachable,
        };
        self.missed_person(id, why, None, now);
        true
    }

    /// The deadline of an attempt's step. False when the call is none.
    pub(crate) fn callback_step_is_due(&mut self, id: CallId, now: Now) -> bool {
        let Some(line) = self.calls.get(&id).and_then(Call::line_state) else { return false };
        match line {
            Line::Agent => self.call_person(id, now),
            Line::Calling { .. } => {
                self.missed_person(id, CallbackMiss::NoAnswer, Some(HangUp::NotBridged), now);
            }
            Line::Nobody => self.customer_turn(id, now),
            Line::Asking(rounds) => self.no_key(id, rounds, now),
            // A transfer's.
            Line::Up => return false,
        }
        true
    }

    /// Nobody was reached: the agent is free again, and the callback is tried later.
    pub(super) fn missed_person(&mut self, id: CallId, why: CallbackMiss, hang_up: Option<HangUp>, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(carrier) = &mut call.callback {
            carrier.fate = Some(Fate::Missed(why));
            if hang_up.is_none() {
                carrier.line = Line::Nobody;
            }
        }
        let cause = match why {
            CallbackMiss::Busy => EndCause::Busy,
            CallbackMiss::Rejected => EndCause::Rejected,
            CallbackMiss::Unreachable => EndCause::Unreachable,
            CallbackMiss::NoAnswer
            | CallbackMiss::NotConfirmed
            | CallbackMiss::HungUp
            | CallbackMiss::NotTried => EndCause::NoAnswer,
        };
        self.end_call(id, cause, Party::Caller, hang_up, now);
    }

    /// The agent who waited for the person is gone: the person is not called for nobody.
    pub(crate) fn stop_calling_back(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let leg = call.leg;
        match call.line_state() {
            Some(Line::Calling { .. }) => {
                self.legs.remove(&leg);
                let why = StopRinging::CallerLeft;
                self.actions.push_back(Action::StopRinging { leg, why });
            }
            Some(Line::Agent) => {}
            _ => return,
        }
        self.deadlines.stop(&Due::Third(id));
        self.set_line(id, Line::Nobody);
    }

    /// Ends the leg of a call's party, in whatever state it is.
    pub(crate) fn let_party_go(&mut self, id: CallId, why: HangUp) {
        let Some(call) = self.calls.get(&id) else { return };
        let leg = call.leg;
        match call.line_state() {
            None | Some(Line::Asking(_) | Line::Up) => self.actions.push_back(Action::HangUp { leg, why }),
            Some(Line::Nobody | Line::Agent) => {}
            Some(Line::Calling { .. }) => {
                let why = match why {
                    HangUp::NotBridged => StopRinging::NoAnswer,
                    HangUp::Command => StopRinging::Command,
                    _ => StopRinging::CallerLeft,
                };
                self.actions.push_back(Action::StopRinging { leg, why });
            }
        }
    }

    /// She and an agent hear each other.
    pub(crate) fn callback_reached(&mut self, id: CallId, now: Now) {
        let carrier = self.calls.get(&id).and_then(|call| call.callback.as_ref());
        let Some(callback) = carrier.map(|carrier| carrier.id.clone()) else { return };
        let own = self.callbacks.open.get(&callback).is_some_and(|open| open.attempt == Some(id));
        if own {
            self.callback_over(&callback, Some(id), CallbackOutcome::Reached, "", now);
        }
    }

    /// A call ends: if it was the attempt of an open callback, it reached nobody, and that has its consequence. It is told
    /// before the end of the call.
    pub(crate) fn attempt_over(&mut self, id: CallId, carrier: Carrier, cause: EndCause, now: Now) {
        self.callbacks.lineless.remove(&id);
        let Carrier { id: callback, fate, .. } = carrier;
        let Some(open) = self.callbacks.open.get_mut(&callback).filter(|open| open.attempt == Some(id))
        else {
            return;
        };
        open.attempt = None;
        let why = match fate {
            Some(Fate::Over(outcome, by)) => {
                return self.callback_over(&callback, Some(id), outcome, &by, now);
            }
            Some(Fate::Missed(why)) => why,
            None => match cause {
                EndCause::Command => {
                    return self.callback_over(&callback, Some(id), CallbackOutcome::Cancelled, "", now);
                }
                EndCause::Fault | EndCause::SwitchCrashed => CallbackMiss::NotTried,
                _ => CallbackMiss::HungUp,
            },
        };
        let promise = &mut open.promise;
        promise.attempts += u32::from(why != CallbackMiss::NotTried);
        let (attempts, queue, expires_us) = (promise.attempts, promise.queue.clone(), promise.expires_us);
        let rules = self.callback_rules(&queue).map(|rules| (rules.attempts, rules.spacing));
        let (most, spacing) = rules.unwrap_or((1, Duration::ZERO));
        if attempts >= most {
            return self.callback_over(&callback, Some(id), CallbackOutcome::Failed, "", now);
        }
        let wait = if why == CallbackMiss::NotTried { Duration::ZERO } else { spacing };
        let next_at_us = self.callable_from(&queue, now.after(wait).wall_us).unwrap_or(expires_us);
        if next_at_us >= expires_us {
            return self.callback_over(&callback, Some(id), CallbackOutcome::Expired, "", now);
        }
        if let Some(open) = self.callbacks.open.get_mut(&callback) {
            open.promise.due_us = next_at_us;
        }
        self.look_at_callback(&callback, next_at_us, now);
        let call = id;
        self.tell(
            EventBody::CallbackPostponed(CallbackPostponed { call, callback, why, attempts, next_at_us }),
            now,
        );
    }

    /// The call in which somebody asked for a callback is over: now she may be called.
    pub(crate) fn asking_is_over(&mut self, call: CallId, now: Now) {
        if let Some(callback) = self.callbacks.asking.remove(&call) {
            self.deadlines.set(Due::Callback(callback), now.instant);
        }
    }
}

/// The agent who has taken an attempt.
fn joined(call: &Call) -> Option<AgentId> {
    match &call.stage {
        Stage::Connecting(_, agent, _) => Some(agent.clone()),
        _ => None,
    }
}
