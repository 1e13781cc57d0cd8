//! How calls come and go: every `CallOffered` has one `CallEnded`.

use crate::action::{Action, HangUp, Refusal, StopRinging};
use crate::call::{Call, Stage};
use crate::centre::{Centre, Role};
use crate::deadlines::Due;
use crate::input::LegEnd;
use crate::offer::Leg;
use crate::queue::millis;
use crate::rank::NewRank;
use crate::reach::Step;
use crate::screening::Way;
use careline_model::event::{CallDirection, EndCause, EventBody, OfferOutcome, Party, QueueOutcome};
use careline_model::outbound::DialResult;
use careline_model::{AgentId, CallId, CallerName, LegId, Now, Number, QueueId, TrunkId};
use std::time::Duration;

/// An answer that is not acknowledged for this long (64 * T1 of RFC 3261 and some) has no caller any more.
const ANSWER_LIMIT: Duration = Duration::from_secs(40);

impl Centre {
    pub(crate) fn arrived(
        &mut self,
        leg: LegId,
        caller: Number,
        caller_name: CallerName,
        dialled: &str,
        trunk: Option<TrunkId>,
        now: Now,
    ) {
        if self.legs.contains_key(&leg) {
            return;
        }
        let plan = self.plan.clone();
        let line = plan.line_of(dialled);
        let Some((line, flow)) = line.and_then(|line| Some((line, plan.flows.get(&line.flow)?))) else {
            self.actions.push_back(Action::Refuse { leg, why: Refusal::UnknownNumber });
            return;
        };
        let id = CallId::new(now.wall_us, &mut self.rng);
        let body = EventBody::CallOffered {
            call: id,
            caller: caller.clone(),
            caller_name: caller_name.clone(),
            dialled: line.number.clone(),
            line: line.id.clone(),
            medium: line.medium.clone(),
            trunk,
        };
        self.tell(body, now);
        let full = self.calls_with_lines() >= self.plan.sip.calls_max;
        if self.draining || full {
            let why = if self.draining { Refusal::Draining } else { Refusal::Full };
            return self.refuse_at_door(id, leg, why, now);
        }
        let (way, points) = self.screened(id, &caller, line, now);
        let (other, is_sent_away) = match &way {
            Way::Busy => return self.refuse_at_door(id, leg, Refusal::Busy, now),
            Way::Away(flow) => (Some(flow), true),
            // Who is let in hears what the emergency needs first.
            Way::In => (self.emergency_flow(), false),
            Way::Ask(flow) => (self.emergency_flow().or(Some(flow)), false),
        };
        let flow = other.and_then(|flow| plan.flows.get(flow)).unwrap_or(flow).clone();
        let inbound = CallDirection::Inbound;
        let call = Call {
            caller_name,
            line: line.id.clone(),
            medium: line.medium.clone(),
            language: line.language.clone(),
            flow: Some(flow),
            is_sent_away,
            ..Call::new(id, inbound, leg, (caller, line.number.clone()), Stage::Answering, now)
        };
        self.calls.insert(id, call);
        self.legs.insert(leg, (id, Role::Caller));
        self.deadlines.set(Due::Caller(id), now.instant + ANSWER_LIMIT);
        self.actions.push_back(Action::Answer { leg, call: id });
        self.rank_call(id, NewRank { points, ..NewRank::default() }, now);
        self.look_up(id, now);
    }

    /// A call that was told of is not answered.
    fn refuse_at_door(&mut self, call: CallId, leg: LegId, why: Refusal, now: Now) {
        self.actions.push_back(Action::Refuse { leg, why });
        let (cause, ended_by) = (EndCause::Refused, Party::Switch);
        self.tell(EventBody::CallEnded { call, cause, ended_by, duration_ms: 0, talk_ms: 0 }, now);
    }

    /// The flow begins.
    pub(crate) fn caller_up(&mut self, leg: LegId, now: Now) {
        let Some(call) = self.call_of_caller(leg) else { return self.dialler_up(leg) };
        let Stage::Answering = call.stage else { return };
        let id = call.id;
        // Only phones of agents have none: to hear messages, or to ask a queue.
        let Some(flow) = call.flow.clone() else {
            return match call.asks.clone() {
                Some(queue) => self.begin_asking(id, queue, now),
                None => self.begin_listening(id, now),
            };
        };
        self.deadlines.stop(&Due::Caller(id));
        self.tell(EventBody::FlowEntered { call: id, flow: flow.id.clone(), version: flow.version }, now);
        self.run_flow(id, flow.start.clone(), now);
    }

    pub(crate) fn leg_ended(&mut self, leg: LegId, why: LegEnd, now: Now) {
        let Some((id, role)) = self.legs.get(&leg).copied() else { return };
        let Some(call) = self.calls.get(&id) else { return };
        match (role, &call.stage) {
            (Role::Guest, _) => self.guest_left(leg, why, now),
            (_, Stage::Dialling(_)) => self.dialling_leg_ended(leg, why, now),
            (_, Stage::Reaching(_)) => self.reaching_leg_ended(leg, why, now),
            (Role::Agent, Stage::Transferring(_)) => self.transferring_leg_ended(leg, why, now),
            (Role::Caller, stage) => {
                let (cause, by) = cause_of(stage, why);
                self.end_call(id, cause, by, None, now);
            }
            (Role::Agent, Stage::Talking(_)) => self.talking_leg_ended(id, why, now),
            (Role::Agent, _) => self.offered_leg_ended(leg, why, now),
        }
    }

    /// Our answer was never acknowledged.
    pub(crate) fn answer_is_overdue(&mut self, id: CallId, now: Now) {
        self.end_call(id, EndCause::Cancelled, Party::Caller, Some(HangUp::NotAcknowledged), now);
    }

    /// Ends a call wherever it stands. `hang_up` is for the caller's leg; absent when that is over.
    pub(crate) fn end_call(
        &mut self,
        id: CallId,
        mut cause: EndCause,
        by: Party,
        hang_up: Option<HangUp>,
        now: Now,
    ) {
        // Who has left a message and hangs up did what she was asked for.
        if self.leaving_ends(id, now) && cause == EndCause::IvrAbandoned {
            cause = EndCause::FlowFinished;
        }
        let Some(call) = self.calls.get(&id) else { return };
        let caller_leg = call.leg;
        let is_up = |stage: &Stage| match stage {
            Stage::Reaching(reach) => matches!(reach.step, Step::Joining | Step::Safe),
            _ => true,
        };
        if let Some(why) = hang_up.filter(|_| is_up(&call.stage)) {
            self.let_party_go(id, why);
        }
        let (mut leaving, queue) = self.end_stage(id, cause, by, now);
        // Passed on before it was certain that both had talked.
        self.dial_over(id, DialResult::Answered, now);
        self.deadlines.stop(&Due::Caller(id));
        self.deadlines.stop(&Due::LookUp(id));
        self.deadlines.stop(&Due::Third(id));
        self.legs.remove(&caller_leg);
        let task = self.calls.get_mut(&id).and_then(|call| call.task.take());
        leaving.extend(self.call_over(id, cause, by, now));
        for agent in leaving {
            self.vacate(&agent, id, queue.as_ref(), now);
        }
        if let Some(task) = task {
            self.task_call_over(task, id, now);
        }
    }

    /// Ends what a call is at. Gives the agents who are free then, and the queue that they worked for.
    fn end_stage(
        &mut self,
        id: CallId,
        cause: EndCause,
        by: Party,
        now: Now,
    ) -> (Vec<AgentId>, Option<QueueId>) {
        let (mut leaving, mut queue) = (Vec::new(), None);
        let Some(call) = self.calls.get(&id) else { return (leaving, queue) };
        match &call.stage {
            Stage::Answering => {}
            Stage::Flow(_) => self.leave_node(id, "hung_up", now),
            Stage::Queued(_) | Stage::Offered(..) | Stage::Connecting(..) => self.end_waiting(id, cause, now),
            Stage::Talking(talk) => {
                let (talk, leg, home) = (talk.clone(), talk.leg, talk.home.clone());
                leaving.extend(talk.agent.clone());
                if by != Party::Agent {
                    let why = if cause == EndCause::Command { HangUp::Command } else { HangUp::Completed };
                    self.actions.push_back(Action::HangUp { leg, why });
                }
                let of_task = call.task.is_some() && home.is_none();
                self.dial_over(id, DialResult::Answered, now);
                self.end_talk(id, now);
                self.no_survey_at_end(id, &talk, by, cause, now);
                if of_task {
                    leaving.drain(..).for_each(|agent| self.leave_campaign_call(&agent, id, true, now));
                }
                queue = home.map(|home| home.queue);
            }
            Stage::Dialling(dial) => {
                let (leg, agent, refused) = (dial.leg, dial.agent.clone(), dial.refused);
                leaving.push(agent);
                self.legs.remove(&leg);
                if by != Party::Agent && !refused {
                    let why = if cause == EndCause::Command { HangUp::Command } else { HangUp::OtherLegLost };
                    self.actions.push_back(Action::HangUp { leg, why });
                }
            }
            Stage::Transferring(transfer) => {
                let by = transfer.by.clone();
                queue = transfer.home.as_ref().map(|home| home.queue.clone());
                self.end_transfer(id, cause, now);
                leaving.push(by);
            }
            Stage::Reaching(reach) => {
                let agent = reach.agent.clone();
                self.end_reach(id, cause, now);
                self.is_done_with(&agent, id);
                leaving.push(agent);
            }
        }
        (leaving, queue)
    }

    /// The one end of a call, with what ends with it: a survey, an attempt to call somebody back. Gives the agent whose
    /// extension was dialled.
    fn call_over(&mut self, id: CallId, cause: EndCause, by: Party, now: Now) -> Option<AgentId> {
        let was_asked = self.survey_over(id, cause == EndCause::FlowFinished, now);
        // Who was asked how it was had her conversation, which her agent ended.
        let (cause, by) = match cause {
            EndCause::FlowFinished | EndCause::IvrAbandoned if was_asked => {
                (EndCause::Completed, Party::Agent)
            }
            _ => (cause, by),
        };
        let call = self.calls.remove(&id)?;
        if let Some(carrier) = call.callback {
            self.attempt_over(id, carrier, cause, now);
        }
        self.asking_is_over(id, now);
        let body = EventBody::CallEnded {
            call: id,
            cause,
            ended_by: by,
            duration_ms: millis(now.instant.duration_since(call.offered.instant)),
            talk_ms: millis(call.talked),
        };
        self.tell(body, now);
        call.callee
    }

    /// Ends the queue entry, and the offer if one is out, of a call that ends.
    fn end_waiting(&mut self, id: CallId, cause: EndCause, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        let Some(entry) = call.stage.entry().cloned() else { return };
        let command = cause == EndCause::Command;
        let (call_back, asks) = (call.is_callback(), call.asks.is_some());
        for agent in call.stage.leased() {
            let (outcome, leg) = if command {
                (OfferOutcome::Cancelled, Leg::End(StopRinging::Command, HangUp::Command))
            } else {
                (OfferOutcome::CallerLeft, Leg::End(StopRinging::CallerLeft, HangUp::CallerLeft))
            };
            self.end_offer(&agent, outcome, leg, now);
        }
        let outcome = match cause {
            EndCause::Command => QueueOutcome::FlowOutAdmin,
            EndCause::Fault => QueueOutcome::SystemFault,
            _ if call_back => QueueOutcome::FlowOutCallback,
            // An agent is no patient whom nobody heard.
            _ if asks => QueueOutcome::FlowOutAdmin,
            _ => {
                self.keep_place(id, now);
                self.abandoned(&entry, now)
            }
        };
        self.leave_queue(id, outcome, now);
    }
}

/// Why a call ended whose caller's leg ended.
fn cause_of(stage: &Stage, why: LegEnd) -> (EndCause, Party) {
    match (why, stage) {
        (LegEnd::Cancelled | LegEnd::HungUp | LegEnd::Failed, Stage::Answering) => {
            (EndCause::Cancelled, Party::Caller)
        }
        (LegEnd::MediaTimeout, _) => (EndCause::MediaTimeout, Party::Switch),
        (LegEnd::Failed, _) => (EndCause::Fault, Party::Switch),
        (LegEnd::HungUp | LegEnd::Cancelled, Stage::Flow(_)) => (EndCause::IvrAbandoned, Party::Caller),
        (
            LegEnd::HungUp | LegEnd::Cancelled,
            Stage::Queued(entry) | Stage::Offered(entry, _) | Stage::Connecting(entry, ..),
        ) => {
            let lost = entry.place.is_interrupted();
            (if lost { EndCause::DeviceLost } else { EndCause::QueueAbandoned }, Party::Caller)
        }
        (
            LegEnd::HungUp | LegEnd::Cancelled,
            Stage::Talking(_) | Stage::Transferring(_) | Stage::Dialling(_) | Stage::Reaching(_),
        ) => (EndCause::Completed, Party::Caller),
    }
}
