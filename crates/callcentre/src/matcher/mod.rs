//! Who talks to whom. Nothing is polled: between events no agent and waiting call fit together, so only those that an
//! event freed or queued are looked at, each with one look into ordered lists.

use crate::call::Stage;
use crate::centre::Centre;
use crate::queue::Place;
use careline_model::{AgentId, CallId, Now};
use std::mem::take;

impl Centre {
    /// Matches what the last event freed or queued, and decides what new waiters hear.
    pub(crate) fn settle(&mut self, now: Now) {
        let mut agents: Vec<_> = take(&mut self.freed)
            .into_iter()
            .filter_map(|id| Some((self.agents.get(&id)?.routable_since?, id)))
            .collect();
        agents.sort();
        for (_, agent) in agents {
            self.match_agent(&agent, now);
        }
        let mut calls: Vec<(Place, CallId)> = take(&mut self.waiting_anew)
            .into_iter()
            .filter_map(|id| Some((self.calls.get(&id)?.stage.entry()?.place, id)))
            .collect();
        calls.sort();
        for (_, call) in &calls {
            self.match_call(*call, now);
        }
        for (_, call) in calls {
            self.comfort(call, now);
        }
    }

    /// The best call over all queues of an agent: the one that waits longest since its first entry.
    fn match_agent(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get(id).filter(|agent| agent.is_routable()) else { return };
        let heads =
            agent.queues.iter().filter_map(|queue| self.queues.get(queue)?.unoffered.first_key_value());
        if let Some((_, call)) = heads.min() {
            self.offer(*call, id.clone(), now);
        }
    }

    /// The agent who waits longest for work in the call's queue.
    fn match_call(&mut self, id: CallId, now: Now) {
        let Some(Stage::Queued(entry)) = self.calls.get(&id).map(|call| &call.stage) else { return };
        let first = self.queues.get(&entry.queue).and_then(|queue| queue.routable.first());
        if let Some((_, agent)) = first {
            self.offer(id, agent.clone(), now);
        }
    }
}
