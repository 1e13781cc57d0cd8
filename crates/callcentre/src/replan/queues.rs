//! Queues that come, go, or have other rules; those who wait in them.

use crate::agent::Work;
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::queue::{Queue, is_watched};
use careline_model::config::plan::{self, Plan};
use careline_model::{CallId, MailboxId, Now, QueueId};
use std::sync::Arc;

impl Centre {
    /// Queues that are gone keep their rules until the last of their calls is over; nobody is let in meanwhile. Mailboxes
    /// that are gone keep theirs while there are calls: a flow of before may lead there.
    pub(super) fn retire_queues(&mut self, old: &Plan) {
        let plan = self.plan.clone();
        self.retired.retain(|queue| !plan.queues.contains_key(queue));
        let gone = self.queues.keys().filter(|queue| !plan.queues.contains_key(*queue));
        self.retired.extend(gone.cloned());
        let gone = |id: &MailboxId| !self.calls.is_empty() && !plan.mailboxes.contains_key(id);
        let boxes: Vec<_> = old.mailboxes.iter().filter(|(id, _)| gone(id)).collect();
        if self.retired.is_empty() && boxes.is_empty() {
            return;
        }
        let mut kept = (*plan).clone();
        kept.mailboxes.extend(boxes.into_iter().map(|(id, rules)| (id.clone(), rules.clone())));
        for queue in &self.retired {
            if let Some(rules) = old.queues.get(queue) {
                kept.queues.insert(queue.clone(), rules.clone());
                kept.queue_order.push(queue.clone());
            }
        }
        self.plan = Arc::new(kept);
    }

    pub(super) fn replan_queues(&mut self, old: &Plan, now: Now) {
        let plan = self.plan.clone();
        self.watched =
            plan.queues.values().filter(|queue| is_watched(queue)).map(|queue| queue.id.clone()).collect();
        for (id, rules) in &plan.queues {
            let seats = plan.agents.values().filter_map(|agent| agent.seats.get(id)).copied().collect();
            let fresh = Queue::new(rules, seats);
            let Some(line) = self.queues.get_mut(id) else {
                self.queues.insert(id.clone(), fresh);
                self.list_routable(id);
                continue;
            };
            let delays = std::mem::replace(&mut line.delays, fresh.delays);
            let before = old.queues.get(id);
            if before == Some(rules) && delays == line.delays {
                continue;
            }
            line.pace.expect(rules.handling);
            let waiting: Vec<CallId> = line.entries.values().copied().collect();
            for call in waiting {
                self.rejudge(call, before, rules, now);
            }
            if before.map(|queue| &queue.closing) != Some(&rules.closing) {
                self.look_at_closing(id, now);
            }
            self.watch_queue(id);
        }
    }

    /// Agents of a queue that is new may be free already.
    fn list_routable(&mut self, id: &QueueId) {
        let Some(line) = self.queues.get_mut(id) else { return };
        for agent in self.agents.values().filter(|agent| agent.seats.contains_key(id)) {
            if let Some(since) = agent.routable_since {
                line.routable.insert((since, agent.id.clone()));
            }
        }
    }

    /// A waiting call under other rules: its place, who may take it, how long it waits, what it is told.
    fn rejudge(&mut self, id: CallId, before: Option<&plan::Queue>, rules: &plan::Queue, now: Now) {
        self.move_to_place(id);
        let same = |of: &dyn Fn(&plan::Queue) -> bool| before.is_some_and(of);
        let Some(call) = self.calls.get_mut(&id) else { return };
        if !same(&|queue| queue.overflow == rules.overflow) {
            call.overflowed.retain(|(queue, _)| *queue != rules.id);
        }
        let waits = matches!(call.stage, Stage::Queued(_));
        let Some(entry) = call.stage.entry_mut() else { return };
        if !same(&|queue| queue.steps == rules.steps && queue.needs == rules.needs) {
            entry.steps = 0;
        }
        if !same(&|queue| queue.max_wait == rules.max_wait) && !entry.overdue {
            self.deadlines.set(Due::MaxWait(id), entry.entered + rules.max_wait);
        }
        if !same(&|queue| queue.comfort == rules.comfort) {
            match &rules.comfort {
                Some(comfort) => self.deadlines.set(Due::Comfort(id), now.instant + comfort.first),
                None => self.deadlines.stop(&Due::Comfort(id)),
            }
        }
        if let Some(agent) = &entry.reserved
            && self.agents.get(agent).is_none_or(|agent| !agent.seats.contains_key(&rules.id))
        {
            self.keep_no_longer(id, now);
        }
        self.widen(id, now);
        if waits {
            self.waiting_anew.push(id);
        } else {
            self.overflow(id, now);
        }
    }

    fn look_at_closing(&mut self, id: &QueueId, now: Now) {
        let waits = self.queues.get(id).is_some_and(|line| !line.entries.is_empty());
        if waits {
            self.deadlines.set(Due::Closing(id.clone()), now.instant);
        }
    }

    /// Who waits in a queue that is gone leaves; a phone that rings has its chance first.
    pub(super) fn empty_retired(&mut self, now: Now) {
        let lines = self.retired.iter().filter_map(|queue| self.queues.get(queue));
        let calls: Vec<CallId> = lines.flat_map(|line| line.entries.values().copied()).collect();
        for call in calls {
            if matches!(self.calls.get(&call).map(|call| &call.stage), Some(Stage::Queued(_))) {
                self.leave_retired(call, now);
            }
        }
    }

    /// The first queue that its overflow rules name and that lets somebody in; else the flow's way out for overflow.
    pub(crate) fn leave_retired(&mut self, id: CallId, now: Now) {
        let plan = self.plan.clone();
        let Some(entry) = self.calls.get(&id).and_then(|call| call.stage.entry()) else { return };
        let rules = plan.queues.get(&entry.queue).map(|queue| queue.overflow.as_slice());
        let targets = rules.unwrap_or_default().iter().filter_map(|rule| rule.to.as_ref());
        let to = targets.filter(|to| plan.queues.contains_key(*to)).find(|to| self.lets_in(to, now));
        self.move_on(id, to, now);
    }

    /// Whether a queue is not configured any more.
    pub(crate) fn is_retired(&self, queue: &QueueId) -> bool {
        self.retired.contains(queue) || !self.queues.contains_key(queue)
    }

    pub(super) fn forget_queues(&mut self) {
        let empty = |queue: &&QueueId| self.queues.get(*queue).is_none_or(|line| line.entries.is_empty());
        let over: Vec<QueueId> =
            self.retired.iter().filter(empty).filter(|queue| !self.is_about(queue)).cloned().collect();
        if over.is_empty() {
            return;
        }
        let mut plan = (*self.plan).clone();
        for queue in over {
            self.retired.remove(&queue);
            self.queues.remove(&queue);
            self.watched.remove(&queue);
            self.to_judge.remove(&queue);
            plan.queues.remove(&queue);
            plan.queue_order.retain(|one| *one != queue);
            self.deadlines.stop(&Due::Vacant(queue.clone()));
            self.deadlines.stop(&Due::Closing(queue));
        }
        self.plan = Arc::new(plan);
    }

    /// A call came from this queue, or an agent works on one that did.
    fn is_about(&self, queue: &QueueId) -> bool {
        self.calls.values().any(|call| call.queue.as_ref() == Some(queue))
            || self.agents.values().any(|agent| match &agent.work {
                Work::WrapUp(wrap_up) => wrap_up.queue == *queue,
                _ => agent.handles.as_ref().is_some_and(|(of, _)| of == queue),
            })
    }
}
