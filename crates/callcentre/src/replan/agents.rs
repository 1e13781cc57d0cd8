//! Agents who come, go, or serve other queues.

use crate::agent::{Agent, Phone, Work};
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::config::plan::{self, Plan};
use careline_model::event::AgentIntent;
use careline_model::{AgentId, CallId, Now, QueueId};

impl Centre {
    pub(super) fn replan_agents(&mut self, old: &Plan, now: Now) {
        let plan = self.plan.clone();
        let gone: Vec<AgentId> =
            self.agents.keys().filter(|id| !plan.agents.contains_key(*id)).cloned().collect();
        for id in gone {
            self.dismiss(&id, now);
        }
        for (id, agent) in &plan.agents {
            if self.leaving.remove(id) {
                self.take_back_dismissal(id, agent, now);
            }
            match self.agents.get_mut(id) {
                Some(known) => known.position = agent.position,
                None => {
                    self.agents.insert(id.clone(), Agent::new(agent));
                    self.agent_changed(id, now);
                    continue;
                }
            }
            self.reseat(id, agent, now);
        }
        let codes = plan.not_ready_codes != old.not_ready_codes;
        if codes || plan.limits != old.limits {
            let ids: Vec<AgentId> = self.agents.keys().cloned().collect();
            ids.iter().for_each(|id| self.limits_changed(id, now));
        }
    }

    /// She is not configured any more: no further call is hers.
    fn dismiss(&mut self, id: &AgentId, now: Now) {
        if !self.leaving.insert(id.clone()) {
            return;
        }
        if let Some(agent) = self.agents.get_mut(id) {
            agent.ready_on_register = false;
        }
        self.apply_intent(id, AgentIntent::LoggedOut, now);
        let Some(agent) = self.agents.get_mut(id) else { return };
        // She cannot take it back.
        agent.forced = agent.pending.is_some();
        let queues: Vec<QueueId> = std::mem::take(&mut agent.seats).into_keys().collect();
        for queue in &queues {
            self.watch_queue(queue);
        }
        self.unstaffed.extend(queues);
    }

    /// She is configured again before her last call was over.
    fn take_back_dismissal(&mut self, id: &AgentId, plan: &plan::Agent, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.ready_on_register = plan.ready_on_register;
        agent.forced = false;
        agent.pending.take_if(|next| *next == AgentIntent::LoggedOut);
        self.agent_changed(id, now);
    }

    /// Other queues, other skills.
    fn reseat(&mut self, id: &AgentId, plan: &plan::Agent, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.ready_on_register = plan.ready_on_register;
        if agent.seats == plan.seats && agent.skills == plan.skills {
            return;
        }
        let before = std::mem::replace(&mut agent.seats, plan.seats.clone());
        agent.skills.clone_from(&plan.skills);
        if let Some(since) = agent.routable_since {
            for queue in before.keys() {
                if let Some(line) = self.queues.get_mut(queue) {
                    line.routable.remove(&(since, id.clone()));
                }
            }
            for queue in plan.seats.keys() {
                if let Some(line) = self.queues.get_mut(queue) {
                    line.routable.insert((since, id.clone()));
                }
            }
            self.freed.push(id.clone());
        }
        for queue in before.keys().chain(plan.seats.keys()) {
            self.watch_queue(queue);
        }
        self.unstaffed.extend(before.into_keys());
        self.release_kept_elsewhere(id, now);
        self.agent_changed(id, now);
    }

    /// Calls that were kept for her in queues that she does not serve any more are everybody's.
    fn release_kept_elsewhere(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get(id) else { return };
        let elsewhere = |call: &&CallId| {
            let entry = self.calls.get(call).and_then(|call| call.stage.entry());
            entry.is_none_or(|entry| !agent.seats.contains_key(&entry.queue))
        };
        let calls: Vec<CallId> = agent.kept.values().filter(elsewhere).copied().collect();
        calls.into_iter().for_each(|call| self.keep_no_longer(call, now));
    }

    /// Dismissed agents whose last call is over are told as signed out, and forgotten.
    pub(super) fn forget_agents(&mut self, now: Now) {
        let done = |id: &&AgentId| {
            self.agents.get(*id).is_none_or(|agent| agent.work == Work::Idle && !agent.has_own_call())
        };
        let done: Vec<AgentId> = self.leaving.iter().filter(done).cloned().collect();
        for id in done {
            self.leaving.remove(&id);
            if let Some(agent) = self.agents.get_mut(&id) {
                agent.intent = AgentIntent::LoggedOut;
                agent.pending = None;
                agent.phone = Phone::None;
                self.agent_changed(&id, now);
            }
            self.agents.remove(&id);
            let dues = [Due::Work, Due::Rest, Due::Pause, Due::Idle, Due::Device];
            dues.into_iter().for_each(|due| self.deadlines.stop(&due(id.clone())));
        }
    }
}
