//! Which agent gets a call: among those who may take it, of the lowest tier, by the strategy of its queue (CF 1.1).

use crate::agent::Agent;
use crate::centre::Centre;
use careline_model::config::plan::Strategy;
use careline_model::{AgentId, CallId, Now, QueueId};
use rand_chacha::rand_core::RngCore;
use std::cmp::Reverse;

impl Centre {
    /// The agents to ring for a call now: one, all, or none when nobody may take it.
    pub(super) fn choose_agents(&mut self, id: CallId, now: Now) -> Vec<AgentId> {
        let Some(entry) = self.calls.get(&id).and_then(|call| call.stage.entry()) else { return Vec::new() };
        if let Some(agent) = &entry.reserved {
            let agent = self.agents.get(agent).filter(|agent| agent.is_routable());
            return agent.map(|agent| agent.id.clone()).into_iter().collect();
        }
        let Some(rules) = self.plan.queues.get(&entry.queue) else { return Vec::new() };
        let (queue, lane, strategy) = (&entry.queue, &entry.lane, rules.strategy);
        // In the order of waiting for work.
        let Some(line) = self.queues.get(queue) else { return Vec::new() };
        let mut may = line
            .routable
            .iter()
            .filter_map(|(_, agent)| self.agents.get(agent))
            .filter(|agent| lane.takes(agent, queue));
        match strategy {
            Strategy::RingAll => return may.map(|agent| agent.id.clone()).collect(),
            Strategy::LongestIdle | Strategy::RingProgressive if lane.is_of_one_tier() => {
                return may.next().map(|agent| agent.id.clone()).into_iter().collect();
            }
            _ => {}
        }
        let may: Vec<&Agent> = may.collect();
        let tier = |agent: &Agent| agent.seats.get(queue).map_or(u8::MAX, |seat| seat.tier);
        let Some(first) = may.iter().map(|agent| tier(agent)).min() else { return Vec::new() };
        let candidates: Vec<&Agent> = may.into_iter().filter(|agent| tier(agent) == first).collect();
        let draw = match strategy {
            Strategy::Random => self.rng.next_u64() % as_u64(candidates.len()),
            Strategy::Weighted => {
                let all: u64 = candidates.iter().map(|agent| weight(agent, queue)).sum();
                self.rng.next_u64() % all.max(1)
            }
            _ => 0,
        };
        self.prefer(id, queue, strategy, &candidates, draw, now).into_iter().collect()
    }

    /// One of the candidates, who stand in the order of waiting for work; `draw` is by chance.
    fn prefer(
        &self,
        id: CallId,
        queue: &QueueId,
        strategy: Strategy,
        candidates: &[&Agent],
        draw: u64,
        now: Now,
    ) -> Option<AgentId> {
        let day = self.plan.counting_day(now.wall_us);
        let all = candidates.iter();
        let chosen = match strategy {
            Strategy::LongestIdle | Strategy::RingAll | Strategy::RingProgressive => candidates.first(),
            Strategy::LeastTalk => all.min_by_key(|agent| agent.tally.talk(day)),
            Strategy::FewestCalls => all.min_by_key(|agent| agent.tally.calls(day)),
            Strategy::LeastOccupied => all.min_by_key(|agent| agent.tally.occupancy(day, now.instant)),
            Strategy::TopDown => all.min_by_key(|agent| agent.position),
            Strategy::RoundRobin => {
                let last = self.queues.get(queue).and_then(|queue| queue.last_rung);
                all.min_by_key(|agent| after(last, agent.position))
            }
            Strategy::Linear => {
                let entry = self.calls.get(&id).and_then(|call| call.stage.entry());
                let last = entry.and_then(|entry| entry.last_rung);
                all.min_by_key(|agent| after(last, agent.position))
            }
            Strategy::BestSkill => all.min_by_key(|agent| Reverse(self.skill_of(agent, id, queue))),
            Strategy::Random => candidates.get(usize::try_from(draw).unwrap_or(0)),
            Strategy::Weighted => {
                let mut left = draw;
                candidates.iter().find(|agent| {
                    let weight = weight(agent, queue);
                    let hers = left < weight;
                    left = left.saturating_sub(weight);
                    hers
                })
            }
        };
        chosen.map(|agent| agent.id.clone())
    }

    /// The sum of an agent's levels of all that a call asks for, whatever steps have lowered or dropped.
    fn skill_of(&self, agent: &Agent, id: CallId, queue: &QueueId) -> u32 {
        let of_queue = self.plan.queues.get(queue).map(|queue| &queue.needs);
        let of_call = self.calls.get(&id).map(|call| &call.needs);
        let of_queue_alone = of_queue
            .into_iter()
            .flat_map(|needs| needs.keys())
            .filter(|skill| of_call.is_none_or(|needs| !needs.contains_key(*skill)));
        let asked = of_call.into_iter().flat_map(|needs| needs.keys()).chain(of_queue_alone);
        asked.filter_map(|skill| agent.skills.get(skill)).map(|level| u32::from(*level)).sum()
    }
}

/// Those behind the last one first, then from the top.
fn after(last: Option<u32>, position: u32) -> (bool, u32) {
    (last.is_some_and(|last| position <= last), position)
}

fn weight(agent: &Agent, queue: &QueueId) -> u64 {
    agent.seats.get(queue).map_or(1, |seat| u64::from(seat.weight))
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX).max(1)
}
