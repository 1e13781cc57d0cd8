//! One stay of a call in a queue: it begins with `QueueEntered` and ends with exactly one `QueueLeft`.

use super::{Lane, Place, Rank, Told};
use crate::call::{Home, Stage};
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::config::plan::Exits;
use careline_model::event::{EventBody, QueueOutcome};
use careline_model::{AgentId, CallId, EntryId, Now, QueueId};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) id: EntryId,
    pub(crate) queue: QueueId,
    pub(crate) place: Place,
    /// Who may take it.
    pub(crate) lane: Lane,
    /// Steps of the queue that were taken.
    pub(crate) steps: usize,
    /// The agent for whom it is kept: nobody else may take it meanwhile.
    pub(crate) reserved: Option<AgentId>,
    /// Place in the file of the agent who was rung for it last.
    pub(crate) last_rung: Option<u32>,
    pub(crate) entered: Instant,
    /// Where she goes when she does not reach an agent.
    pub(crate) exits: Arc<Exits>,
    /// What she was told.
    pub(crate) told: Told,
    /// The whole wait, as it was predicted first.
    pub(crate) predicted: Option<Duration>,
    /// The agent who answered is being told what the call is about: the playback.
    pub(crate) whisper: Option<u64>,
    /// Who answered has not pressed the key that says so.
    pub(crate) accepting: bool,
    /// The longest wait passed while a phone was ringing: no further offer is made.
    pub(crate) overdue: bool,
}

impl Centre {
    /// Queues a call that comes from its flow. Gives the branch and the node where it goes instead when it is not let in.
    pub(crate) fn enqueue(
        &mut self,
        call: CallId,
        queue: &QueueId,
        exits: &Arc<Exits>,
        now: Now,
    ) -> Option<(&'static str, Arc<str>)> {
        if !self.lets_in(queue, now) {
            let full = |line: &super::Queue| {
                self.plan.queues.get(queue).is_some_and(|rules| line.entries.len() >= rules.callers_max)
            };
            let (branch, node) = if self.is_closed(queue, now) {
                ("closed", &exits.closed)
            } else if self.queues.get(queue).is_none_or(full) {
                ("full", &exits.full)
            } else {
                ("empty", &exits.empty)
            };
            return Some((branch, node.clone()));
        }
        self.begin_entry(call, queue.clone(), exits.clone(), false, now);
        None
    }

    /// Queues a call again whose conversation was lost: at the head, and whether or not the queue is full.
    pub(crate) fn requeue_at_head(&mut self, call: CallId, home: Home, now: Now) {
        if self.is_retired(&home.queue) {
            return self.go_on_in_flow(call, home.exits.closed.clone(), now);
        }
        self.begin_entry(call, home.queue, home.exits, true, now);
    }

    pub(crate) fn begin_entry(
        &mut self,
        id: CallId,
        queue: QueueId,
        exits: Arc<Exits>,
        at_head: bool,
        now: Now,
    ) {
        let entry_id = EntryId(self.ids.next_entry());
        let plan = self.plan.clone();
        let Some(rules) = plan.queues.get(&queue) else { return };
        // Who was asked how it was and wants an agent again has answered enough.
        self.survey_over(id, true, now);
        let resumed = self.resume_place(id, &queue, now);
        let returned = self.return_from_callback(id, now);
        self.callback_moved(id, &queue);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let waits = call.has_line();
        let first = *call.first_entry.get_or_insert((now.instant, entry_id));
        call.queue = Some(queue.clone());
        call.sound.undecided = waits;
        let rank = call.rank_in(rules, at_head);
        let place = self.place(rank, first);
        let Some(line) = self.queues.get_mut(&queue) else { return };
        line.entries.insert(place, id);
        let position = line.position(place);
        let entry = Entry {
            id: entry_id,
            queue: queue.clone(),
            place,
            lane: Lane::new(rules, &rules.needs, 0, Duration::ZERO),
            steps: 0,
            reserved: None,
            last_rung: None,
            entered: now.instant,
            exits,
            told: Told::default(),
            predicted: None,
            whisper: None,
            accepting: false,
            overdue: false,
        };
        if let Some(call) = self.calls.get_mut(&id) {
            call.enter(Stage::Queued(entry), now);
        }
        if waits {
            self.deadlines.set(Due::MaxWait(id), now.instant + rules.max_wait);
        }
        if let Some(comfort) = rules.comfort.as_ref().filter(|_| waits) {
            self.deadlines.set(Due::Comfort(id), now.instant + comfort.first);
        }
        self.tell(EventBody::QueueEntered { call: id, entry: entry_id, queue, position }, now);
        if let Some(place) = resumed {
            self.tell_resumed(id, entry_id, place, now);
        } else if let Some(earlier) = returned {
            self.tell_returned(id, (entry_id, &rules.id), earlier, now);
        }
        if !self.keep_for_owner(id, now) {
            self.reserve(id, now);
        }
        self.look_at_light(&rules.id);
        self.watch_queue(&rules.id);
        self.watch_closing(&rules.id, now);
        self.widen(id, now);
        self.list(id);
        self.waiting_anew.push(id);
    }

    /// The place of a call of that rank that first entered a queue then.
    pub(crate) fn place(&self, rank: Rank, first: (Instant, EntryId)) -> Place {
        // A callback may have been asked for in an earlier run: its age is less than none on this one's clock.
        let micros = |age: Duration| i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
        let since_us = self.epoch.map_or(0, |epoch| match first.0.checked_duration_since(epoch) {
            Some(age) => micros(age),
            None => -micros(epoch.duration_since(first.0)),
        });
        Place::new(rank, since_us, first.1)
    }

    /// An agent may be rung for a waiting call: for one that is kept, only the agent it is kept for.
    pub(crate) fn list(&mut self, id: CallId) {
        let call = self.calls.get(&id).filter(|call| call.may_be_offered());
        let Some(entry) = call.and_then(|call| call.stage.entry()) else { return };
        match &entry.reserved {
            Some(agent) => {
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.kept.insert(entry.place, id);
                }
            }
            None => {
                if let Some(queue) = self.queues.get_mut(&entry.queue) {
                    queue.list(&entry.lane, entry.place, id);
                }
            }
        }
    }

    /// No agent may be rung for it now. Gives false when none might before.
    pub(crate) fn unlist(&mut self, id: CallId) -> bool {
        let Some(entry) = self.calls.get(&id).and_then(|call| call.stage.entry()) else { return false };
        match &entry.reserved {
            Some(agent) => {
                let agent = self.agents.get_mut(agent);
                agent.is_some_and(|agent| agent.kept.remove(&entry.place).is_some())
            }
            None => {
                let queue = self.queues.get_mut(&entry.queue);
                queue.is_some_and(|queue| queue.unlist(&entry.lane, entry.place))
            }
        }
    }

    /// Ends the entry of a call; the caller of this gives the call its next stage.
    pub(crate) fn leave_queue(&mut self, id: CallId, outcome: QueueOutcome, now: Now) -> Option<Entry> {
        let entry = self.calls.get(&id)?.stage.entry()?.clone();
        self.unlist(id);
        if let Some(queue) = self.queues.get_mut(&entry.queue) {
            queue.entries.remove(&entry.place);
            queue.pace.left(matches!(outcome, QueueOutcome::Abandoned | QueueOutcome::ShortAbandoned));
            if queue.entries.is_empty() {
                self.deadlines.stop(&Due::Closing(entry.queue.clone()));
            }
        }
        self.watch_queue(&entry.queue);
        self.look_at_light(&entry.queue);
        let dues = [Due::MaxWait, Due::Step, Due::Kept, Due::RingNext, Due::Comfort, Due::Overflow];
        for due in dues.map(|due| due(id)) {
            self.deadlines.stop(&due);
        }
        let waited = now.instant.duration_since(entry.entered);
        self.note_wait(&entry.queue, waited, now.instant);
        let wait_ms = millis(waited);
        if let Some(predicted_ms) = entry.predicted.map(millis) {
            let queue = entry.queue.clone();
            let body = EventBody::WaitPredicted { call: id, entry: entry.id, queue, predicted_ms, wait_ms };
            self.tell(body, now);
        }
        let queue = entry.queue.clone();
        self.tell(EventBody::QueueLeft { call: id, entry: entry.id, queue, outcome, wait_ms }, now);
        Some(entry)
    }

    /// What a caller's own leaving counts as.
    pub(crate) fn abandoned(&self, entry: &Entry, now: Now) -> QueueOutcome {
        let limit = self.plan.queues.get(&entry.queue).map(|queue| queue.short_abandon);
        let short = limit.is_some_and(|limit| now.instant.duration_since(entry.entered) <= limit);
        // Who already talked to somebody did not ring by mistake.
        if short && !entry.place.is_interrupted() {
            QueueOutcome::ShortAbandoned
        } else {
            QueueOutcome::Abandoned
        }
    }

    /// The longest wait is over. A phone that rings gets its chance first.
    pub(crate) fn wait_is_over(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Stage::Queued(entry) = &call.stage {
            let node = entry.exits.timeout.clone();
            self.flow_out(id, node, QueueOutcome::FlowOutTimeout, now);
        } else if let Some(entry) = call.stage.entry_mut() {
            entry.overdue = true;
        }
    }

    /// An offer was lost: the call is back in its old place, or flows out when its time is up.
    pub(crate) fn return_to_place(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(entry) = call.stage.entry().cloned() else { return };
        let queue = entry.queue.clone();
        call.enter(Stage::Queued(entry), now);
        self.deadlines.stop(&Due::RingNext(id));
        self.watch_queue(&queue);
        self.look_at_light(&queue);
        if self.retired.contains(&queue) {
            self.leave_retired(id, now);
        } else if let Some((node, outcome)) = self.must_leave(id, now) {
            self.flow_out(id, node, outcome, now);
        } else {
            self.list(id);
            self.waiting_anew.push(id);
        }
    }
}

/// Whole milliseconds of a duration, for events.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
