//! Closing time: nobody is let in any more; who still waits is served, or leaves (CF C33).

use crate::call::Stage;
use crate::centre::Centre;
use crate::command::{CommandError, listed};
use crate::deadlines::Due;
use careline_model::config::plan::Presence;
use careline_model::event::QueueOutcome;
use careline_model::hours::Opening;
use careline_model::{CallId, Now, QueueId};
use std::sync::Arc;
use std::time::Duration;

/// A queue looks again after this time, should the wall clock have been set.
const LOOK_AGAIN: Duration = Duration::from_secs(3600);

/// What a supervisor ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Closed {
    /// Nothing: the hours decide.
    #[default]
    ByHours,
    /// Closed until it is opened again; those who wait leave, or are served.
    Now { leave: bool },
}

impl Centre {
    /// Closes a queue before its time, until [`Centre::open_queue`]. Those who wait are served, or `leave` at once.
    ///
    /// # Errors
    /// [`CommandError::UnknownQueue`], which names those that are known.
    pub fn close_queue(&mut self, queue: &QueueId, leave: bool, now: Now) -> Result<(), CommandError> {
        self.order(queue, Closed::Now { leave })?;
        self.wake(now);
        if leave {
            self.send_home(queue, now);
        }
        self.settle(now);
        Ok(())
    }

    /// Takes [`Centre::close_queue`] back: the hours decide again.
    ///
    /// # Errors
    /// [`CommandError::UnknownQueue`], which names those that are known.
    pub fn open_queue(&mut self, queue: &QueueId) -> Result<(), CommandError> {
        self.order(queue, Closed::ByHours)
    }

    fn order(&mut self, queue: &QueueId, closed: Closed) -> Result<(), CommandError> {
        let allowed = || listed(self.plan.queue_order.iter().map(QueueId::as_str));
        match self.queues.get_mut(queue) {
            Some(line) => line.closed = closed,
            None => return Err(CommandError::UnknownQueue { queue: queue.clone(), allowed: allowed() }),
        }
        Ok(())
    }

    /// Nobody is let in.
    pub(crate) fn is_closed(&self, queue: &QueueId, now: Now) -> bool {
        if self.is_retired(queue) {
            return true;
        }
        let ordered = self.queues.get(queue).is_some_and(|line| line.closed != Closed::ByHours);
        ordered || self.hours_are_over(queue, now)
    }

    fn hours_are_over(&self, queue: &QueueId, now: Now) -> bool {
        let closing = self.plan.queues.get(queue).and_then(|queue| queue.closing.as_ref());
        closing.is_some_and(|closing| self.opening_now(&closing.hours, now) != Opening::Open)
    }

    /// Those who wait do not wait for an agent any longer.
    pub(crate) fn sends_home(&self, queue: &QueueId, now: Now) -> bool {
        match self.queues.get(queue).map(|line| line.closed) {
            Some(Closed::Now { leave }) => leave,
            Some(Closed::ByHours) | None => {
                let closing = self.plan.queues.get(queue).and_then(|queue| queue.closing.as_ref());
                closing.is_some_and(|closing| closing.leave) && self.hours_are_over(queue, now)
            }
        }
    }

    /// Somebody waits: the queue looks when its hours end, if that sends callers away.
    pub(crate) fn watch_closing(&mut self, queue: &QueueId, now: Now) {
        let closing = self.plan.queues.get(queue).and_then(|queue| queue.closing.as_ref());
        let Some(closing) = closing.filter(|closing| closing.leave) else { return };
        let outlook = self.preview_hours(&closing.hours, now.wall_us).ok();
        let next = outlook.and_then(|outlook| outlook.next);
        let away = next.map_or(LOOK_AGAIN, |next| Duration::from_micros(next.at_us.abs_diff(now.wall_us)));
        self.deadlines.set(Due::Closing(queue.clone()), now.instant + away.min(LOOK_AGAIN));
    }

    /// Somebody decided about hours, or what was decided is over: queues where callers wait look at once.
    pub(crate) fn hours_changed(&mut self, hours: &str, now: Now) {
        for (id, queue) in &self.plan.queues {
            let theirs =
                queue.closing.as_ref().is_some_and(|closing| closing.leave && *closing.hours == *hours);
            if theirs && self.queues.get(id).is_some_and(|line| !line.entries.is_empty()) {
                self.deadlines.set(Due::Closing(id.clone()), now.instant);
            }
        }
    }

    pub(crate) fn closing_is_due(&mut self, queue: &QueueId, now: Now) {
        if self.sends_home(queue, now) {
            self.send_home(queue, now);
        } else if self.queues.get(queue).is_some_and(|line| !line.entries.is_empty()) {
            self.watch_closing(queue, now);
        }
    }

    /// Who waits leaves; a phone that rings has its chance first.
    fn send_home(&mut self, queue: &QueueId, now: Now) {
        let Some(line) = self.queues.get(queue) else { return };
        let calls: Vec<CallId> = line.entries.values().copied().collect();
        for id in calls {
            let call = self.calls.get(&id).filter(|call| !call.is_callback());
            let Some(Stage::Queued(entry)) = call.map(|call| &call.stage) else { continue };
            // Whoever talked to somebody before is served.
            if entry.place.is_interrupted() {
                continue;
            }
            let node = entry.exits.closed.clone();
            self.flow_out(id, node, QueueOutcome::FlowOutClosed, now);
        }
    }

    /// Where a call whose offer was lost goes instead of back to its place, and what that counts as.
    pub(crate) fn must_leave(&self, id: CallId, now: Now) -> Option<(Arc<str>, QueueOutcome)> {
        let entry = self.calls.get(&id).filter(|call| !call.is_callback())?.stage.entry()?;
        if entry.overdue {
            Some((entry.exits.timeout.clone(), QueueOutcome::FlowOutTimeout))
        } else if self.sends_home(&entry.queue, now) && !entry.place.is_interrupted() {
            Some((entry.exits.closed.clone(), QueueOutcome::FlowOutClosed))
        } else {
            None
        }
    }

    /// Whether a queue takes one more: it is open, has room, and somebody is there as far as it asks for that.
    pub(crate) fn lets_in(&self, queue: &QueueId, now: Now) -> bool {
        let (Some(rules), Some(line)) = (self.plan.queues.get(queue), self.queues.get(queue)) else {
            return false;
        };
        let attended = rules.vacancy.join.is_none_or(|presence: Presence| self.is_attended(queue, presence));
        !self.is_closed(queue, now) && attended && line.entries.len() < rules.callers_max
    }
}
