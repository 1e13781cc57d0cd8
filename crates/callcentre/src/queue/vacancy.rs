//! Queues that nobody serves: who is let in, and who leaves after a while (CF C20, C21, 1.8). Nothing is polled: a queue is
//! judged when an agent of its changed, or a caller came or went.
//!
//! ```text
//! somebody is there --the last one leaves--> vacant since t --grace after t and after her entry--> the flow's `empty` node
//!        ^-----------somebody comes--------------'
//! ```

use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::config::plan::{self, Presence};
use careline_model::event::QueueOutcome;
use careline_model::{AgentId, CallId, Now, QueueId};
use std::time::{Duration, Instant};

/// Since when nobody has been there, by the two limits of a queue.
#[derive(Debug, Default)]
pub(crate) struct Vacant {
    /// In the sense of the queue's own rule.
    leave: Option<Instant>,
    /// Nobody is signed in.
    unattended: Option<Instant>,
}

/// Whether a queue has to be judged when its agents change.
pub(crate) fn is_watched(queue: &plan::Queue) -> bool {
    let vacancy = &queue.vacancy;
    vacancy.leave.is_some()
        || vacancy.unattended_max.is_some()
        || queue.overflow.iter().any(|rule| rule.no_staff)
}

impl Centre {
    /// Whether some agent of a queue is there.
    pub(crate) fn is_attended(&self, queue: &QueueId, presence: Presence) -> bool {
        self.agents.values().any(|agent| agent.seats.contains_key(queue) && agent.is_there(presence))
    }

    /// An agent changed: the queues that care are judged before the next match.
    pub(crate) fn watch_queues_of(&mut self, id: &AgentId) {
        if self.watched.is_empty() {
            return;
        }
        let Some(agent) = self.agents.get(id) else { return };
        let theirs = agent.seats.keys().filter(|queue| self.watched.contains(*queue));
        self.to_judge.extend(theirs.cloned());
    }

    /// A caller came to a queue, or left it.
    pub(crate) fn watch_queue(&mut self, queue: &QueueId) {
        if self.watched.contains(queue) {
            self.to_judge.insert(queue.clone());
        }
    }

    pub(crate) fn judge_queues(&mut self, now: Now) {
        while let Some(queue) = self.to_judge.pop_first() {
            self.judge_vacancy(&queue, now);
            self.overflow_unstaffed(&queue, now);
        }
    }

    fn judge_vacancy(&mut self, queue: &QueueId, now: Now) {
        let Some(limits) = self.limits(queue) else { return };
        let there = limits.map(|limit| limit.is_none_or(|(presence, _)| self.is_attended(queue, presence)));
        let Some(line) = self.queues.get_mut(queue) else { return };
        for (since, there) in [&mut line.vacant.leave, &mut line.vacant.unattended].into_iter().zip(there) {
            *since = if there { None } else { Some(since.unwrap_or(now.instant)) };
        }
        match self.leavers(queue).into_iter().map(|(at, _)| at).min() {
            Some(at) => self.deadlines.set(Due::Vacant(queue.clone()), at),
            None => self.deadlines.stop(&Due::Vacant(queue.clone())),
        }
    }

    fn limits(&self, queue: &QueueId) -> Option<[Option<(Presence, Duration)>; 2]> {
        let vacancy = &self.plan.queues.get(queue)?.vacancy;
        Some([vacancy.leave, vacancy.unattended_max.map(|max| (Presence::Online, max))])
    }

    /// When each of those who wait leaves, as long as nobody comes. A phone that rings has its chance first.
    fn leavers(&self, queue: &QueueId) -> Vec<(Instant, CallId)> {
        let (Some(limits), Some(line)) = (self.limits(queue), self.queues.get(queue)) else {
            return Vec::new();
        };
        let since = [line.vacant.leave, line.vacant.unattended];
        let of_limit =
            |(limit, since): (Option<(Presence, Duration)>, Option<Instant>)| Some((since?, limit?.1));
        let limits: Vec<_> = limits.into_iter().zip(since).filter_map(of_limit).collect();
        let waits = line.entries.values().filter_map(|id| {
            match &self.calls.get(id).filter(|call| !call.is_callback())?.stage {
                Stage::Queued(entry) => Some((*id, entry.entered)),
                _ => None,
            }
        });
        waits
            .filter_map(|(id, entered)| {
                let at = limits.iter().map(|(since, grace)| (*since).max(entered) + *grace).min()?;
                Some((at, id))
            })
            .collect()
    }

    /// Nobody has been there for long enough.
    pub(crate) fn vacancy_is_due(&mut self, queue: &QueueId, now: Now) {
        for (_, id) in self.leavers(queue).into_iter().filter(|(at, _)| *at <= now.instant) {
            let entry = self.calls.get(&id).and_then(|call| call.stage.entry());
            if let Some(node) = entry.map(|entry| entry.exits.empty.clone()) {
                self.flow_out(id, node, QueueOutcome::FlowOutEmpty, now);
            }
        }
        self.to_judge.insert(queue.clone());
    }
}
