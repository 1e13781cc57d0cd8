//! Rules that send a caller elsewhere: the first that holds counts, each once for a call (CF 1.9, C30). They are looked at
//! when she has come and found nobody free, when she is old enough, when the last agent leaves; and every few seconds only
//! while a rule asks for something that changes by itself.

use super::entry::Entry;
use crate::call::{Call, Stage};
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::config::plan::{self, Overflow, Presence};
use careline_model::event::QueueOutcome;
use careline_model::{CallId, Now, QueueId};
use std::time::{Duration, Instant};

/// How often a prediction is made anew, while a rule asks for it.
const REFRESH: Duration = Duration::from_secs(5);

impl Centre {
    /// Looks at the rules for a call that waits, and says when to look again. Gives true when it left its queue.
    pub(crate) fn overflow(&mut self, id: CallId, now: Now) -> bool {
        let plan = self.plan.clone();
        let Some(call) = self.calls.get(&id).filter(|call| !call.is_callback()) else { return false };
        let Some(entry) = call.stage.entry() else { return false };
        let Some(rules) = plan.queues.get(&entry.queue).filter(|queue| !queue.overflow.is_empty()) else {
            return false;
        };
        // Whoever talked to somebody before belongs to this queue.
        if entry.place.is_interrupted() {
            return false;
        }
        let queue = entry.queue.clone();
        if matches!(call.stage, Stage::Queued(_))
            && let Some((at, rule)) = self.rule_that_holds(id, rules, now)
        {
            if let Some(call) = self.calls.get_mut(&id) {
                call.overflowed.insert((queue, at));
            }
            self.send_elsewhere(id, rule, now);
            return true;
        }
        match self.next_look(id, rules, now) {
            Some(at) => self.deadlines.set(Due::Overflow(id), at),
            None => self.deadlines.stop(&Due::Overflow(id)),
        }
        false
    }

    fn rule_that_holds<'p>(
        &self,
        id: CallId,
        queue: &'p plan::Queue,
        now: Now,
    ) -> Option<(usize, &'p Overflow)> {
        let call = self.calls.get(&id)?;
        let entry = call.stage.entry()?;
        let predicted = queue.overflow.iter().any(|rule| rule.predicted.is_some());
        let predicted = if predicted { self.further_wait(id) } else { None };
        let rules = queue.overflow.iter().enumerate();
        let mut unused = rules.filter(|(at, _)| !call.overflowed.contains(&(queue.id.clone(), *at)));
        unused.find(|(_, rule)| self.holds(rule, call, entry, queue, predicted, now))
    }

    fn holds(
        &self,
        rule: &Overflow,
        call: &Call,
        entry: &Entry,
        queue: &plan::Queue,
        predicted: Option<Duration>,
        now: Now,
    ) -> bool {
        let others = self.queues.get(&queue.id).map_or(0, |line| line.entries.len().saturating_sub(1));
        let waited = now.instant.duration_since(entry.entered);
        let class = call.class.unwrap_or(queue.class);
        rule.size.is_none_or(|size| others >= size)
            && rule.age.is_none_or(|age| waited >= age)
            && rule.class.is_none_or(|least| class >= least)
            && rule.predicted.is_none_or(|limit| predicted.is_some_and(|wait| wait >= limit))
            && (!rule.no_staff || !self.is_attended(&queue.id, Presence::Staffed))
            && rule.to.as_ref().is_none_or(|to| self.lets_in(to, now))
    }

    /// When some rule may begin to hold by itself.
    fn next_look(&self, id: CallId, queue: &plan::Queue, now: Now) -> Option<Instant> {
        let call = self.calls.get(&id)?;
        let entry = call.stage.entry()?;
        let class = call.class.unwrap_or(queue.class);
        let rules = queue.overflow.iter().enumerate();
        let unused = rules.filter(|(at, rule)| {
            rule.class.is_none_or(|least| class >= least)
                && !call.overflowed.contains(&(queue.id.clone(), *at))
        });
        unused
            .filter_map(|(_, rule)| {
                let old_enough = rule.age.map(|age| entry.entered + age);
                match old_enough.filter(|at| *at > now.instant) {
                    Some(at) => Some(at),
                    None if rule.predicted.is_some() || rule.age.is_some() => Some(now.instant + REFRESH),
                    None => None,
                }
            })
            .min()
    }

    fn send_elsewhere(&mut self, id: CallId, rule: &Overflow, now: Now) {
        self.move_on(id, rule.to.as_ref(), now);
    }

    /// To another queue, or to where the flow goes on.
    pub(crate) fn move_on(&mut self, id: CallId, to: Option<&QueueId>, now: Now) {
        let Some(entry) = self.calls.get(&id).and_then(|call| call.stage.entry()) else { return };
        match to {
            Some(queue) => {
                let (queue, exits) = (queue.clone(), entry.exits.clone());
                self.silence(id);
                if self.leave_queue(id, QueueOutcome::FlowOutOverflow, now).is_some() {
                    self.begin_entry(id, queue, exits, false, now);
                }
            }
            None => {
                let node = entry.exits.overflow.clone();
                self.flow_out(id, node, QueueOutcome::FlowOutOverflow, now);
            }
        }
    }

    /// The last agent left: rules that ask for nobody may hold now.
    pub(crate) fn overflow_unstaffed(&mut self, queue: &QueueId, now: Now) {
        let asks =
            self.plan.queues.get(queue).is_some_and(|queue| queue.overflow.iter().any(|one| one.no_staff));
        if !asks || self.is_attended(queue, Presence::Staffed) {
            return;
        }
        let Some(line) = self.queues.get(queue) else { return };
        let calls: Vec<CallId> = line.entries.values().copied().collect();
        for call in calls {
            self.overflow(call, now);
        }
    }
}
