//! Who talks to whom. Nothing is polled: between events no agent and waiting call fit together, so only those that an
//! event freed or queued are looked at, each with one look into ordered lists (CF 1.2).

mod choose;

use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::queue::Place;
use careline_model::config::plan::Strategy;
use careline_model::{AgentId, CallId, Now};
use std::mem::take;

/// How a call ranks for one agent: a red flag, then what is kept for her, then the priority that the queue has for
/// her, then the place in the order of service.
type Rank = (bool, u8, Place);

impl Centre {
    /// Matches what the last event freed or queued, and decides what new waiters hear.
    pub(crate) fn settle(&mut self, now: Now) {
        self.judge_queues(now);
        self.widen_unstaffed(now);
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
        calls.dedup();
        for (_, call) in &calls {
            self.match_call(*call, now);
        }
        for (_, call) in &calls {
            if !self.overflow(*call, now) {
                self.comfort(*call, now);
            }
        }
        // Who was sent elsewhere, or home, may fit somebody there.
        if !(self.to_judge.is_empty() && self.freed.is_empty() && self.waiting_anew.is_empty()) {
            return self.settle(now);
        }
        self.switch_lights(now);
        self.forget_what_is_over(now);
        self.refresh_hearing(now);
        self.serve_campaigns(now);
    }

    /// An agent who became free gets the best call that she may take, or the one whom its queue's strategy prefers gets
    /// it: then the next best is hers.
    fn match_agent(&mut self, id: &AgentId, now: Now) {
        while let Some(call) = self.best_call(id) {
            let chosen = self.choose_agents(call, now);
            if chosen.is_empty() {
                return;
            }
            chosen.iter().for_each(|agent| self.offer(call, agent.clone(), now));
        }
    }

    /// The best call over all queues of an agent.
    fn best_call(&self, id: &AgentId) -> Option<CallId> {
        let agent = self.agents.get(id).filter(|agent| agent.is_routable())?;
        let kept = agent.kept.first_key_value().map(|(place, call)| ((!place.is_red(), 0, *place), *call));
        let heads =
            agent.seats.iter().filter_map(|(queue, seat)| Some((queue, seat, self.queues.get(queue)?)));
        let heads = heads.flat_map(|(id, seat, queue)| {
            let lanes = queue.lanes.iter().filter(move |(lane, _)| lane.takes(agent, id));
            lanes.filter_map(move |(_, calls)| {
                let (place, call) = calls.first_key_value()?;
                Some(((!place.is_red(), seat.priority, *place), *call))
            })
        });
        let best: Option<(Rank, CallId)> = kept.into_iter().chain(heads).min();
        best.map(|(_, call)| call)
    }

    /// A call that came, or came back, gets the agent whom its queue's strategy prefers.
    fn match_call(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id).filter(|call| call.may_be_offered()) else { return };
        if !matches!(call.stage, Stage::Queued(_)) {
            return;
        }
        for agent in self.choose_agents(id, now) {
            self.offer(id, agent, now);
        }
    }

    /// One more phone beside those that ring.
    pub(crate) fn ring_next(&mut self, id: CallId, now: Now) {
        let Some(Stage::Offered(entry, _)) = self.calls.get(&id).map(|call| &call.stage) else { return };
        let Some(queue) = self.plan.queues.get(&entry.queue) else { return };
        if queue.strategy == Strategy::RingProgressive {
            self.deadlines.set(Due::RingNext(id), now.instant + queue.ring_next);
            for agent in self.choose_agents(id, now) {
                self.offer(id, agent, now);
            }
        }
    }
}
