//! Steps: while somebody waits, the choice of agents widens (CF 1.3).

use super::Lane;
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::config::plan;
use careline_model::event::EventBody;
use careline_model::{CallId, Now, QueueId, SkillId};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

impl Centre {
    /// What a call asks for in a queue: what the queue asks for, and its own needs.
    fn asked(&self, id: CallId, queue: &plan::Queue) -> BTreeMap<SkillId, u8> {
        let mut asked = queue.needs.clone();
        for (skill, level) in self.calls.get(&id).into_iter().flat_map(|call| &call.needs) {
            let known = asked.entry(skill.clone()).or_insert(*level);
            *known = (*known).max(*level);
        }
        asked
    }

    /// Puts a waiting call into the lane that it belongs to now, and says when it will belong to another. `taken` steps
    /// have been taken already; those that are due follow, and those behind which nobody is at work.
    pub(crate) fn widen(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        let (Some(entry), Some((first, _))) = (call.stage.entry(), call.first_entry) else { return };
        let (queue_id, entry_id, mut taken, old) =
            (entry.queue.clone(), entry.id, entry.steps, entry.lane.clone());
        let plan = self.plan.clone();
        let (Some(queue), Some(line)) = (plan.queues.get(&queue_id), self.queues.get(&queue_id)) else {
            return;
        };
        let age = now.instant.duration_since(first);
        let waited = line.delays.iter().rev().find(|delay| **delay <= age).copied().unwrap_or_default();
        let later = line.delays.iter().find(|delay| **delay > age).copied();
        let asked = self.asked(id, queue);
        let mut told = Vec::new();
        let mut lane = Lane::new(queue, &asked, taken, waited);
        while let Some(step) = queue.steps.get(taken) {
            let early = step.at > age;
            if early && self.somebody_works(&queue_id, &lane) {
                break;
            }
            taken += 1;
            told.push((u32::try_from(taken).unwrap_or(u32::MAX), early));
            lane = Lane::new(queue, &asked, taken, waited);
        }
        for (step, early) in told {
            let queue = queue_id.clone();
            self.tell(EventBody::QueueWidened { call: id, entry: entry_id, queue, step, early }, now);
        }
        let next = queue.steps.get(taken).map(|step| step.at).into_iter().chain(later).min();
        self.look_again(id, first, next);
        if lane != old {
            self.change_lane(id, lane, taken);
        } else if let Some(entry) = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut()) {
            entry.steps = taken;
        }
    }

    fn look_again(&mut self, id: CallId, first: Instant, next: Option<Duration>) {
        match next {
            Some(age) => self.deadlines.set(Due::Step(id), first + age),
            None => self.deadlines.stop(&Due::Step(id)),
        }
    }

    fn change_lane(&mut self, id: CallId, lane: Lane, steps: usize) {
        let listed = self.unlist(id);
        if let Some(entry) = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut()) {
            entry.lane = lane;
            entry.steps = steps;
        }
        if listed {
            self.list(id);
            self.waiting_anew.push(id);
        }
    }

    /// Whether some agent who may take the calls of a lane is at work: she will be free. Pauses are not work.
    fn somebody_works(&self, queue: &QueueId, lane: &Lane) -> bool {
        self.agents.values().any(|agent| agent.is_at_work() && lane.takes_when_older(agent, queue))
    }

    /// The time of a step, or of agents whose seat has a delay. All calls of one moment are widened before the matcher
    /// looks, so that none is served before one that has waited longer.
    pub(crate) fn steps_are_due(&mut self, id: CallId, now: Now) {
        self.widen(id, now);
        while let Some(Due::Step(next)) =
            self.deadlines.take_if(now.instant, |due| matches!(due, Due::Step(_)))
        {
            self.widen(next, now);
        }
    }

    /// Somebody left work: who waited for her alone is not made to wait for the time of the next step.
    pub(crate) fn widen_unstaffed(&mut self, now: Now) {
        for queue in std::mem::take(&mut self.unstaffed) {
            if self.plan.queues.get(&queue).is_none_or(|queue| queue.steps.is_empty()) {
                continue;
            }
            let Some(line) = self.queues.get(&queue) else { continue };
            let lanes: Vec<Lane> = line.lanes.keys().cloned().collect();
            let left: Vec<Lane> =
                lanes.into_iter().filter(|lane| !self.somebody_works(&queue, lane)).collect();
            for lane in left {
                let calls = self.queues.get(&queue).and_then(|line| line.lanes.get(&lane));
                let calls: Vec<CallId> =
                    calls.into_iter().flat_map(|calls| calls.values().copied()).collect();
                calls.into_iter().for_each(|call| self.widen(call, now));
            }
        }
    }
}
