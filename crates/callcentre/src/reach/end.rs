//! How calls that began with the agent's phone end: her phone that does not answer or is lost, and what follows for the
//! task.

use super::{Hears, Reach, Step};
use crate::action::{Action, HangUp, StopRinging};
use crate::call::{Stage, TaskCall};
use crate::centre::Centre;
use crate::input::RefusedBy;
use careline_model::event::{EndCause, Party};
use careline_model::outbound::{DialResult, PreviewOutcome, TaskOutcome};
use careline_model::{AgentId, CallId, Now};

impl Centre {
    /// Her phone was not answered, and is not rung any longer. For a campaign that is a missed offer.
    pub(super) fn summons_failed(&mut self, id: CallId, why: RefusedBy, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        let Stage::Reaching(reach) = &call.stage else { return };
        let (agent, of_campaign) = (reach.agent.clone(), call.task.is_some());
        if of_campaign {
            self.count_miss(&agent, why, now);
        }
        self.end_call(id, EndCause::Cancelled, Party::Agent, None, now);
    }

    /// A caller needs the agent whose phone rings for a task.
    pub(crate) fn take_summons_back(&mut self, id: CallId, now: Now) {
        self.end_call(id, EndCause::Cancelled, Party::Switch, None, now);
    }

    /// Somebody answered, and no agent is there within two seconds.
    pub(super) fn nobody_is_there(&mut self, id: CallId, now: Now) {
        let Some(reach) = self.reach_of(id) else { return };
        let (leg, agent, is_gone) = (reach.leg, reach.agent.clone(), reach.is_gone);
        (reach.step, reach.is_gone) = (Step::Safe, true);
        self.legs.remove(&leg);
        if !is_gone {
            self.actions.push_back(Action::HangUp { leg, why: HangUp::NotBridged });
        }
        self.dial_over(id, DialResult::Abandoned, now);
        self.leave_campaign_call(&agent, id, false, now);
        self.say_who_called(id, now);
    }

    /// The phone of an agent who talks for a campaign is lost, or was hung up before she can have said a word: the
    /// person hears who called. Gives false, and does nothing, for other calls.
    pub(crate) fn apologise(&mut self, id: CallId, hung_up: bool, now: Now) -> bool {
        let Some(call) = self.calls.get(&id).filter(|call| call.task.is_some()) else { return false };
        if self.plan.outbound.safe_message.is_empty() || (hung_up && !self.has_attempt(id)) {
            return false;
        }
        let Stage::Talking(talk) = &call.stage else { return false };
        // Whom she passed the person on to has other rules.
        let (Some(agent), None) = (talk.agent.clone(), &talk.home) else { return false };
        let leg = talk.leg;
        self.dial_over(id, DialResult::Abandoned, now);
        self.end_talk(id, now);
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let goal = crate::dial::Goal::Outside(call.caller.clone(), "".into());
        let reach = Reach {
            agent: agent.clone(),
            leg,
            is_gone: true,
            step: Step::Safe,
            goal,
            shown: None,
            rings: super::SAFE,
            hears: Hears::Nothing,
            has_talked: true,
        };
        call.enter(Stage::Reaching(reach), now);
        if !hung_up {
            self.rest(&agent, self.plan.rona.rest_unreachable, now);
        }
        self.leave_campaign_call(&agent, id, hung_up, now);
        self.say_who_called(id, now);
        true
    }

    /// The name of the house, and where to call back.
    fn say_who_called(&mut self, id: CallId, now: Now) {
        self.deadlines.stop(&crate::deadlines::Due::Third(id));
        let prompts = self.plan.outbound.safe_message.clone();
        if prompts.is_empty() {
            return self.all_of_it_was_said(id, now);
        }
        self.play(id, prompts, now);
    }

    pub(crate) fn all_of_it_was_said(&mut self, id: CallId, now: Now) {
        self.end_call(id, EndCause::DeviceLost, Party::Switch, Some(HangUp::OtherLegLost), now);
    }

    /// The agent says that a machine talks: the conversation was none.
    pub(super) fn machine_answered(&mut self, id: CallId, now: Now) {
        if self.has_attempt(id) {
            self.dial_over(id, DialResult::Machine, now);
        } else if let Some(TaskCall { key, at, is_reached, .. }) =
            self.calls.get_mut(&id).and_then(|call| call.task.as_mut())
        {
            *is_reached = false;
            let (key, at) = (key.clone(), *at);
            self.campaigns.conclude(&key, at, DialResult::Machine, &self.plan.clone(), now.wall_us);
        }
        self.end_call(id, EndCause::Completed, Party::Switch, Some(HangUp::Completed), now);
    }

    /// What is left of such a call when it ends before both talked: her leg, and the number that is dialled.
    pub(crate) fn end_reach(&mut self, id: CallId, cause: EndCause, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        let Stage::Reaching(reach) = &call.stage else { return };
        let (reach, party) = (reach.clone(), call.leg);
        let command = matches!(cause, EndCause::Command | EndCause::Cancelled);
        if self.has_attempt(id) {
            if reach.step == Step::Dialling {
                let why = StopRinging::Command;
                self.actions.push_back(Action::StopRinging { leg: party, why });
            }
            self.dial_over(id, DialResult::Cancelled, now);
        } else if reach.step == Step::Dialling && cause == EndCause::Command {
            self.actions.push_back(Action::StopRinging { leg: party, why: StopRinging::Command });
        }
        self.legs.remove(&reach.leg);
        if reach.is_gone {
            return;
        }
        self.actions.push_back(match reach.step {
            Step::Summoning => Action::StopRinging { leg: reach.leg, why: StopRinging::Command },
            _ => {
                let why = if command { HangUp::Command } else { HangUp::OtherLegLost };
                Action::HangUp { leg: reach.leg, why }
            }
        });
    }

    /// The agent of a campaign's call is free again; `worked` when she has something to write up.
    pub(crate) fn leave_campaign_call(&mut self, id: &AgentId, call: CallId, worked: bool, now: Now) {
        self.is_done_with(id, call);
        let task = self.calls.get(&call).and_then(|call| call.task.as_ref());
        let campaign = task.and_then(|task| self.plan.outbound.campaigns.get(&task.key.0));
        let queue = campaign.map(|campaign| campaign.queue.clone());
        let Some(agent) = self.agents.get_mut(id) else { return };
        let dials = agent.work == crate::agent::Work::Dialing;
        agent.own.remove(&call);
        match queue {
            Some(queue) if worked && dials && !agent.has_own_call() => self.wrap_up(id, call, &queue, now),
            _ => self.vacate(id, call, None, now),
        }
    }

    /// An agent no longer makes the call of a task; she may have another one by now.
    pub(crate) fn is_done_with(&mut self, agent: &AgentId, call: CallId) {
        let task = self.calls.get(&call).and_then(|call| call.task.as_ref());
        if task.is_some_and(|task| self.campaigns.busy.get(agent) == Some(&task.key)) {
            self.campaigns.busy.remove(agent);
        }
    }

    /// The call of a task is over: so is the task, or it is tried again.
    pub(crate) fn task_call_over(&mut self, task: TaskCall, id: CallId, now: Now) {
        if task.is_reached {
            self.end_task(&task.key, TaskOutcome::Reached, Some(id), now);
        } else {
            self.task_is_free(&task.key, now);
        }
    }

    /// She does something else than what she is shown.
    pub(crate) fn leave_preview(&mut self, agent: &AgentId, now: Now) {
        self.end_preview(agent, PreviewOutcome::AgentLeft, String::new(), now);
    }
}
