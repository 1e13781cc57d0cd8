//! Calls that an agent's phone makes: to an extension, or through trunks to somebody outside (CF 1A, 1G).

use crate::action::{Action, HangUp, Refusal};
use crate::agent::{Agent, Phone, Work};
use crate::call::{Call, Dial, Stage};
use crate::centre::{Centre, Role};
use crate::deadlines::Due;
use crate::input::{LegEnd, RefusedBy};
use careline_model::config::plan::{Barred, Dialler};
use careline_model::event::{CallDirection, EndCause, EventBody, Party};
use careline_model::number::DialKind;
use careline_model::outbound::DialResult;
use careline_model::{AgentId, CallId, CallerName, LegId, Now, Number, TrunkGroupId};
use std::time::Duration;

/// An extension rings for so long.
pub(crate) const EXTENSION_RINGS: Duration = Duration::from_secs(45);
/// A party outside may take so long to answer: a mobile network alone takes ten seconds until it rings.
pub(crate) const OUTSIDE_RINGS: Duration = Duration::from_secs(90);
/// Longest name of an agent on another's display, in characters.
const NAME_CHARS_MAX: usize = 32;
/// An answer that is not acknowledged for this long (64 * T1 of RFC 3261 and some) has nobody behind it any more.
const ANSWER_LIMIT: Duration = Duration::from_secs(40);

/// Who is to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Goal {
    Extension(AgentId),
    Outside(Number, TrunkGroupId),
}

/// What a third party is shown.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// Who calls it, or passes a caller on: outside, a number of ours stands for her.
    pub(crate) by: AgentId,
    /// The number on an extension's display.
    pub(crate) caller: Number,
    /// The name beside it.
    pub(crate) label: CallerName,
}

impl Goal {
    pub(crate) fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Extension(agent) => Some(agent),
            Self::Outside(..) => None,
        }
    }

    pub(crate) fn number(&self) -> Number {
        match self {
            Self::Extension(agent) => Number::from(agent.as_str()),
            Self::Outside(number, _) => number.clone(),
        }
    }
}

impl Centre {
    pub(crate) fn phone_dialled(&mut self, leg: LegId, agent: AgentId, dialled: &str, now: Now) {
        if self.legs.contains_key(&leg) {
            return;
        }
        match self.is_for_messages(dialled) {
            Ok(true) => return self.messages_dialled(leg, agent, Number::from(dialled), now),
            Ok(false) => {}
            Err(why) => return self.actions.push_back(Action::Refuse { leg, why }),
        }
        if let Some(queue) = self.plan.queue_of(dialled) {
            return self.queue_dialled(leg, agent, queue, Number::from(dialled), now);
        }
        if let Some(slot) = self.slot_of(dialled) {
            if let Err(why) = self.pick_up(leg, &agent, slot, now) {
                self.actions.push_back(Action::Refuse { leg, why });
            }
            return;
        }
        let number = self.plan.number(dialled);
        let goal = self.room_for(&agent, &number).and_then(|()| self.goal_of(&agent, &number));
        let goal = match goal {
            Ok(goal) => goal,
            Err(why) => return self.actions.push_back(Action::Refuse { leg, why }),
        };
        let id = CallId::new(now.wall_us, &mut self.rng);
        let party = self.new_leg();
        let (direction, trunk_group) = match &goal {
            Goal::Extension(_) => (CallDirection::Internal, None),
            Goal::Outside(_, group) => (CallDirection::Outbound, Some(group.clone())),
        };
        let to = goal.number();
        let body =
            EventBody::CallDialled { call: id, agent: agent.clone(), direction, to: to.clone(), trunk_group };
        self.tell(body, now);
        let dial = Dial { agent: agent.clone(), leg, alerted: false, answered: false, refused: false };
        let call = Call {
            callee: goal.agent().cloned(),
            ..Call::new(id, direction, party, (to.clone(), to), Stage::Dialling(dial), now)
        };
        self.calls.insert(id, call);
        self.legs.insert(leg, (id, Role::Agent));
        self.legs.insert(party, (id, Role::Caller));
        self.occupy(&agent, id, now);
        self.actions.push_back(Action::Dialled { leg, call: id });
        let name = self.plan.agents.get(&agent).map(|agent| CallerName::from(agent.name.as_str()));
        let label = name.unwrap_or_default().cut(NAME_CHARS_MAX);
        let shown = Shown { caller: Number::from(agent.as_str()), label, by: agent };
        self.ring_third(id, party, &goal, shown, EXTENSION_RINGS, now);
    }

    /// Calls a third party on a new leg, whose place in the call is known.
    pub(crate) fn ring_third(
        &mut self,
        call: CallId,
        leg: LegId,
        goal: &Goal,
        Shown { by, caller, label }: Shown,
        extension_rings: Duration,
        now: Now,
    ) {
        let timeout = self.ring_goal(call, leg, goal, Shown { by, caller, label }, extension_rings, now);
        self.deadlines.set(Due::Third(call), now.instant + timeout);
    }

    /// The same without a deadline; gives the time after which it is to be taken back.
    pub(crate) fn ring_goal(
        &mut self,
        call: CallId,
        leg: LegId,
        goal: &Goal,
        Shown { by, caller, label }: Shown,
        extension_rings: Duration,
        now: Now,
    ) -> Duration {
        match goal {
            Goal::Extension(agent) => {
                self.occupy(agent, call, now);
                let (agent, timeout) = (agent.clone(), extension_rings);
                let auto_answer = false;
                self.actions.push_back(Action::Ring {
                    leg,
                    call,
                    agent,
                    caller,
                    label,
                    timeout,
                    auto_answer,
                });
                timeout
            }
            Goal::Outside(number, group) => {
                let (group, number, timeout) = (group.clone(), number.clone(), OUTSIDE_RINGS);
                self.actions.push_back(Action::DialOutside {
                    leg,
                    call,
                    by: Some(by),
                    group,
                    number,
                    caller_id: None,
                    timeout,
                });
                timeout
            }
        }
    }

    /// Emergency calls are made as long as the program runs. An account makes no more than a few calls at once: more is
    /// not an agent but somebody who has her password.
    pub(crate) fn room_for(&self, agent: &AgentId, number: &Number) -> Result<(), Refusal> {
        let in_hand = self.agents.get(agent).map_or(0, Agent::calls_in_hand);
        if self.plan.dial_kind(number) == Ok(DialKind::Emergency) {
            Ok(())
        } else if self.draining {
            Err(Refusal::Draining)
        } else if self.calls_with_lines() >= self.plan.sip.calls_max {
            Err(Refusal::Full)
        } else if in_hand >= self.plan.sip.calls_per_agent_max {
            Err(Refusal::Busy)
        } else {
            Ok(())
        }
    }

    /// Whom an agent reaches by dialling a number, if she may and somebody is there.
    pub(crate) fn goal_of(&self, by: &AgentId, number: &Number) -> Result<Goal, Refusal> {
        match self.plan.may_dial(Dialler::Agent(by.clone()), number) {
            Ok(_) => {}
            Err(Barred::Kind { .. } | Barred::Prefix { .. } | Barred::OutsideDigit(_)) => {
                return Err(Refusal::Barred);
            }
            Err(Barred::NotANumber | Barred::Unknown) => return Err(Refusal::UnknownNumber),
        }
        let extension = AgentId::from(number.as_str());
        if self.agents.contains_key(&extension) {
            self.can_be_rung(&extension)?;
            return if extension == *by { Err(Refusal::Busy) } else { Ok(Goal::Extension(extension)) };
        }
        if self.plan.is_own(number) {
            // Lines are for those outside; the echo test is not passed on to.
            return Err(Refusal::UnknownNumber);
        }
        let group = self.plan.route_of(number).ok_or(Refusal::UnknownNumber)?;
        Ok(Goal::Outside(number.clone(), group))
    }

    /// Whether an agent's phone may be rung for a call that comes from no queue: not beside another call.
    pub(crate) fn can_be_rung(&self, id: &AgentId) -> Result<(), Refusal> {
        let agent = self.agents.get(id).ok_or(Refusal::UnknownNumber)?;
        match (agent.phone, &agent.work) {
            (Phone::None | Phone::Lost, _) => Err(Refusal::Away),
            (Phone::Registered, Work::Idle | Work::WrapUp(_)) if !agent.has_own_call() => Ok(()),
            (Phone::Registered, _) => Err(Refusal::Busy),
        }
    }

    /// A leg rings that is in no offer.
    pub(crate) fn third_rings(&mut self, leg: LegId) {
        let Some(call) = self.call_of(leg).and_then(|id| self.calls.get_mut(&id)) else { return };
        match &mut call.stage {
            Stage::Dialling(dial) if call.leg == leg && !dial.alerted => {
                dial.alerted = true;
                self.actions.push_back(Action::Alert { leg: dial.leg });
            }
            Stage::Transferring(_) => self.transfer_rings(leg),
            Stage::Reaching(_) => self.reached_phone_rings(leg),
            _ => {}
        }
    }

    /// The dialled end sends sound: announcements, a ring-back tone of its own. The dialler hears it.
    pub(crate) fn early_media(&mut self, leg: LegId, now: Now) {
        if self.callback_heard(leg) {
            return;
        }
        let Some(call) = self.call_of(leg).and_then(|id| self.calls.get_mut(&id)) else { return };
        match &mut call.stage {
            Stage::Dialling(dial) if call.leg == leg && !dial.answered => {
                dial.alerted = true;
                self.actions.push_back(Action::PassEarlyMedia { leg: dial.leg, from: leg });
            }
            Stage::Reaching(_) => self.reached_early(leg),
            // Who is passed on goes on hearing music: nobody can tell whose announcements these are.
            _ => self.ringing(leg, now),
        }
    }

    /// A leg was answered that is in no offer.
    pub(crate) fn third_answered(&mut self, leg: LegId, now: Now) {
        if self.callback_answered(leg, now) {
            return;
        }
        let Some(call) = self.call_of(leg).and_then(|id| self.calls.get_mut(&id)) else { return };
        match &mut call.stage {
            Stage::Dialling(dial) if call.leg == leg && !dial.answered => {
                dial.answered = true;
                let (id, leg) = (call.id, dial.leg);
                self.deadlines.set(Due::Third(id), now.instant + ANSWER_LIMIT);
                self.actions.push_back(Action::Answer { leg, call: id });
            }
            Stage::Transferring(_) => self.transfer_answered(leg),
            Stage::Talking(_) => self.guest_answered(leg, now),
            Stage::Reaching(_) => self.reached_answered(leg, now),
            _ => {}
        }
    }

    /// The dialler's phone acknowledged our answer.
    pub(crate) fn dialler_up(&mut self, leg: LegId) {
        let Some(call) = self.call_of(leg).and_then(|id| self.calls.get(&id)) else { return };
        let Stage::Dialling(dial) = &call.stage else { return self.picker_up(leg) };
        if dial.answered && dial.leg == leg {
            let (call, caller, agent) = (call.id, call.leg, leg);
            self.actions.push_back(Action::Bridge { call, caller, agent });
        }
    }

    /// A leg was refused that is in no offer.
    pub(crate) fn third_refused(&mut self, leg: LegId, why: RefusedBy, now: Now) {
        if self.callback_refused(leg, why, now) {
            return;
        }
        let Some(call) = self.call_of(leg).and_then(|id| self.calls.get(&id)) else { return };
        match &call.stage {
            Stage::Dialling(_) if call.leg == leg => {
                let id = call.id;
                self.dial_failed(id, why, now);
            }
            Stage::Transferring(_) => self.transfer_refused(leg, why, now),
            Stage::Talking(_) => self.guest_refused(leg, why, now),
            Stage::Reaching(_) => self.reached_refused(leg, why, now),
            _ => {}
        }
    }

    /// The dialled party's leg is over; the dialler is told why.
    fn dial_failed(&mut self, id: CallId, why: RefusedBy, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Stage::Dialling(dial) = &mut call.stage else { return };
        dial.refused = true;
        let (leg, answered) = (dial.leg, dial.answered);
        if answered {
            self.actions.push_back(Action::HangUp { leg, why: HangUp::OtherLegLost });
        } else {
            self.actions.push_back(Action::Refuse { leg, why: refusal_of(why) });
        }
        let cause = match why {
            RefusedBy::NoAnswer => EndCause::NoAnswer,
            RefusedBy::Rejected => EndCause::Rejected,
            RefusedBy::Busy => EndCause::Busy,
            RefusedBy::Unreachable => EndCause::Unreachable,
        };
        self.end_call(id, cause, Party::Caller, None, now);
    }

    /// The dialler gave up, or the dialled party was gone before both were joined.
    pub(crate) fn dialling_leg_ended(&mut self, leg: LegId, why: LegEnd, now: Now) {
        let Some(call) = self.call_of(leg).and_then(|id| self.calls.get(&id)) else { return };
        let (id, party_left) = (call.id, call.leg == leg);
        if party_left {
            let why = match why {
                LegEnd::HungUp | LegEnd::Cancelled => RefusedBy::Rejected,
                LegEnd::MediaTimeout | LegEnd::Failed => RefusedBy::Unreachable,
            };
            return self.dial_failed(id, why, now);
        }
        self.end_call(id, EndCause::Cancelled, Party::Agent, Some(HangUp::CallerLeft), now);
    }

    /// Nobody answered in time, or the dialler's phone never acknowledged our answer.
    pub(crate) fn dial_is_over(&mut self, id: CallId, now: Now) {
        match self.calls.get(&id).map(|call| &call.stage) {
            Some(Stage::Reaching(_)) => return self.reach_is_due(id, now),
            // Both have talked for as long as it takes to be sure of it.
            Some(Stage::Talking(_)) => return self.dial_over(id, DialResult::Answered, now),
            _ => {}
        }
        let Some(Call { leg, stage: Stage::Dialling(dial), .. }) = self.calls.get(&id) else { return };
        if dial.answered {
            let hang_up = Some(HangUp::NotAcknowledged);
            return self.end_call(id, EndCause::Cancelled, Party::Switch, hang_up, now);
        }
        let why = crate::action::StopRinging::NoAnswer;
        self.actions.push_back(Action::StopRinging { leg: *leg, why });
        self.dial_failed(id, RefusedBy::NoAnswer, now);
    }
}

/// What a dialler is told about a party that did not take the call.
pub(crate) fn refusal_of(why: RefusedBy) -> Refusal {
    match why {
        RefusedBy::Busy => Refusal::Busy,
        RefusedBy::Rejected => Refusal::Declined,
        RefusedBy::NoAnswer | RefusedBy::Unreachable => Refusal::Away,
    }
}
