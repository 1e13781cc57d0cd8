//! What of callbacks outlives a restart, and the place of who rings again.

use super::line::so_long_ago;
use super::{ENDED_MAX, OPEN_MAX, Open};
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::callback::{CallbackOutcome, KeptCallbacks};
use careline_model::event::CallDirection;
use careline_model::{CallId, EntryId, Now};
use std::time::Instant;

impl Centre {
    /// All that has to outlive a restart: open callbacks, also those whose attempts are under way, and the ids of those
    /// that ended lately. It changes whenever a callback event is told, and at no other time.
    #[must_use]
    pub fn keep_callbacks(&self) -> KeptCallbacks {
        let open = self.callbacks().into_iter().map(|view| view.callback).collect();
        KeptCallbacks { open, ended: self.callbacks.ended.iter().cloned().collect() }
    }

    /// Takes back what an earlier run kept, before the first call. Nothing of it is told again; a callback whose queue
    /// makes none any more ends as cancelled.
    pub fn restore_callbacks(&mut self, kept: KeptCallbacks, now: Now) {
        self.wake(now);
        for id in kept.ended.into_iter().rev().take(ENDED_MAX).rev() {
            self.callbacks.remember_ended(id);
        }
        for promise in kept.open.into_iter().take(OPEN_MAX) {
            let (id, queue) = (promise.id.clone(), promise.queue.clone());
            let known = self.callbacks.open.contains_key(&id)
                || self.callbacks.ended_ids.contains(&id)
                || self.callbacks.by_number.contains_key(&promise.number);
            if known || promise.number.is_withheld() {
                continue;
            }
            self.callbacks.by_number.insert(promise.number.clone(), id.clone());
            self.callbacks.open.insert(id.clone(), Open { promise, attempt: None, tie: None });
            match self.callback_rules(&queue) {
                Some(_) => self.deadlines.set(Due::Callback(id), now.instant),
                None => self.callback_over(&id, None, CallbackOutcome::Cancelled, "configuration", now),
            }
        }
        self.settle(now);
    }

    /// A caller comes to a queue, and is to be called back: she has the place that was kept for her, and nobody calls her
    /// any more (CF E6). Gives the call in which she asked, when that was one.
    pub(crate) fn return_from_callback(&mut self, id: CallId, now: Now) -> Option<CallId> {
        let call = self.calls.get(&id)?;
        if call.callback.is_some() || call.direction != CallDirection::Inbound || call.caller.is_withheld() {
            return None;
        }
        let callback = self.callbacks.by_number.get(&call.caller)?.clone();
        let open = self.callbacks.open.get(&callback)?;
        let (promise, attempt, tie) = (open.promise.clone(), open.attempt, open.tie);
        let age_us = u64::try_from(now.wall_us.saturating_sub(promise.first_us)).unwrap_or(0);
        let first = so_long_ago(std::time::Duration::from_micros(age_us), now);
        self.give_up(&callback, attempt, (CallbackOutcome::Returned, ""), now);
        let entry = tie.unwrap_or_else(|| EntryId(self.ids.next_entry()));
        let call = self.calls.get_mut(&id)?;
        let kept: (Instant, EntryId) = (first, entry);
        call.first_entry = Some(call.first_entry.map_or(kept, |own| own.min(kept)));
        call.red_flag |= promise.red_flag;
        call.priority_points = call.priority_points.max(promise.points);
        call.class = match (call.class, promise.class) {
            (Some(own), Some(kept)) => Some(own.min(kept)),
            (own, kept) => own.or(kept),
        };
        promise.call.filter(|asked| *asked != id)
    }
}
