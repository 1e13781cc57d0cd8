//! One stay of a call in a queue: it begins with `QueueEntered` and ends with exactly one `QueueLeft`.

use super::Place;
use crate::call::{Home, Stage};
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::ivr::{Position, Then};
use careline_model::event::{EventBody, QueueOutcome};
use careline_model::{CallId, EntryId, Now, QueueId};
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: EntryId,
    pub(crate) queue: QueueId,
    pub(crate) place: Place,
    pub(crate) entered: Instant,
    /// The flow's node after the longest wait.
    pub(crate) timeout: Arc<str>,
    /// The longest wait passed while a phone was ringing: no further offer is made.
    pub(crate) overdue: bool,
}

impl Centre {
    /// Queues a call that comes from its flow. Gives false, and does nothing, when the queue is full.
    pub(crate) fn enqueue(&mut self, call: CallId, queue: &QueueId, timeout: &Arc<str>, now: Now) -> bool {
        let Some(limit) = self.plan.queues.get(queue).map(|queue| queue.callers_max) else { return false };
        if self.queues.get(queue).is_none_or(|queue| queue.entries.len() >= limit) {
            return false;
        }
        self.begin_entry(call, queue.clone(), timeout.clone(), false, now);
        true
    }

    /// Queues a call again whose conversation was lost: at the head, and whether or not the queue is full.
    pub(crate) fn requeue_at_head(&mut self, call: CallId, home: Home, now: Now) {
        self.begin_entry(call, home.queue, home.timeout, true, now);
    }

    fn begin_entry(&mut self, id: CallId, queue: QueueId, timeout: Arc<str>, at_head: bool, now: Now) {
        let entry_id = EntryId(self.ids.next_entry());
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(line) = self.queues.get_mut(&queue) else { return };
        let first = *call.first_entry.get_or_insert((now.instant, entry_id));
        let place = if at_head { Place::at_head(first) } else { Place::new(first) };
        line.entries.insert(place, id);
        line.unoffered.insert(place, id);
        let position = line.position(place);
        call.queue = Some(queue.clone());
        call.sound.undecided = true;
        let entry = Entry {
            id: entry_id,
            queue: queue.clone(),
            place,
            entered: now.instant,
            timeout,
            overdue: false,
        };
        call.enter(Stage::Queued(entry), now);
        if let Some(queue) = self.plan.queues.get(&queue) {
            self.deadlines.set(Due::MaxWait(id), now.instant + queue.max_wait);
        }
        self.tell(EventBody::QueueEntered { call: id, entry: entry_id, queue, position }, now);
        self.waiting_anew.push(id);
    }

    /// Ends the entry of a call; the caller of this gives the call its next stage.
    pub(crate) fn leave_queue(&mut self, id: CallId, outcome: QueueOutcome, now: Now) -> Option<Entry> {
        let entry = self.calls.get(&id)?.stage.entry()?.clone();
        if let Some(queue) = self.queues.get_mut(&entry.queue) {
            queue.entries.remove(&entry.place);
            queue.unoffered.remove(&entry.place);
        }
        self.deadlines.stop(&Due::MaxWait(id));
        let wait_ms = millis(now.instant.duration_since(entry.entered));
        let queue = entry.queue.clone();
        self.tell(EventBody::QueueLeft { call: id, entry: entry.id, queue, outcome, wait_ms }, now);
        Some(entry)
    }

    /// What a caller's own leaving counts as.
    pub(crate) fn abandoned(&self, entry: &Entry, now: Now) -> QueueOutcome {
        let limit = self.plan.queues.get(&entry.queue).map(|queue| queue.short_abandon);
        let short = limit.is_some_and(|limit| now.instant.duration_since(entry.entered) <= limit);
        // Who already talked to somebody did not ring by mistake.
        if short && !entry.place.is_at_head() {
            QueueOutcome::ShortAbandoned
        } else {
            QueueOutcome::Abandoned
        }
    }

    /// The longest wait is over. A phone that rings gets its chance first.
    pub(crate) fn wait_is_over(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Stage::Queued(_) = call.stage {
            self.flow_out(id, now);
        } else if let Some(entry) = call.stage.entry_mut() {
            entry.overdue = true;
        }
    }

    fn flow_out(&mut self, id: CallId, now: Now) {
        self.silence(id);
        if let Some(entry) = self.leave_queue(id, QueueOutcome::FlowOutTimeout, now) {
            if let Some(call) = self.calls.get_mut(&id) {
                let then = Then::Node(entry.timeout.clone());
                call.enter(Stage::Flow(Position::Saying { interruptible: false, then }), now);
            }
            self.run_flow(id, entry.timeout, now);
        }
    }

    /// An offer was lost: the call is back in its old place, or flows out when its time is up.
    pub(crate) fn return_to_place(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(entry) = call.stage.entry().cloned() else { return };
        let (place, overdue) = (entry.place, entry.overdue);
        if let Some(queue) = self.queues.get_mut(&entry.queue) {
            queue.unoffered.insert(place, id);
        }
        call.enter(Stage::Queued(entry), now);
        if overdue {
            self.flow_out(id, now);
        } else {
            self.waiting_anew.push(id);
        }
    }
}

/// Whole milliseconds of a duration, for events.
pub(crate) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
