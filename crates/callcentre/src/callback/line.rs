//! Standing in line: when its time has come, a callback becomes a call with its age and rank.

use super::{Carrier, Fate, Line};
use crate::action::HangUp;
use crate::call::{Call, Stage};
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::queue::millis;
use careline_model::callback::{CallbackMiss, CallbackOutcome};
use careline_model::config::plan::{CallbackMode, Exits};
use careline_model::event::{CallDirection, CallbackQueued, EndCause, EventBody, Party};
use careline_model::{CallId, CallbackId, Now, QueueId};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Looks again after this time, should the wall clock have been set.
const LOOK_AGAIN: Duration = Duration::from_secs(3600);
/// An attempt that is under way when the night begins, or the switch is about to stop, is looked at again so soon.
const LOOK_SOON: Duration = Duration::from_secs(5);

impl Centre {
    /// The time of a callback has come, or it may not stand in line any longer.
    pub(crate) fn callback_is_due(&mut self, id: &CallbackId, now: Now) {
        let Some(open) = self.callbacks.open.get(id) else { return };
        let (queue, attempt) = (open.promise.queue.clone(), open.attempt);
        let (due_us, expires_us) = (open.promise.due_us, open.promise.expires_us);
        if let Some(attempt) = attempt {
            return self.look_at_attempt(id, attempt, now);
        }
        if now.wall_us >= expires_us {
            return self.callback_over(id, None, CallbackOutcome::Expired, "", now);
        }
        if self.draining || self.callbacks.asking.values().any(|asked| asked == id) {
            return self.look_at_callback(id, expires_us, now);
        }
        match self.callable_from(&queue, due_us.max(now.wall_us)) {
            Some(at_us) if at_us <= now.wall_us => self.stand_in_line(id, now),
            other => self.look_at_callback(id, other.unwrap_or(expires_us).min(expires_us), now),
        }
    }

    pub(super) fn look_at_callback(&mut self, id: &CallbackId, at_us: i64, now: Now) {
        let micros = u64::try_from(at_us.saturating_sub(now.wall_us)).unwrap_or(0);
        let away = Duration::from_micros(micros).min(LOOK_AGAIN);
        self.deadlines.set(Due::Callback(id.clone()), now.instant + away);
    }

    /// It stands in line, or is under way: it leaves when it is too late, in the night, and when the switch is about to
    /// stop; but an agent or a person who is being rung has her chance first.
    fn look_at_attempt(&mut self, id: &CallbackId, attempt: CallId, now: Now) {
        let Some(promise) = self.promise_of(id) else { return };
        let (queue, expires_us) = (promise.queue.clone(), promise.expires_us);
        let waits = self.calls.get(&attempt).is_some_and(|call| {
            matches!(call.stage, Stage::Queued(_)) && call.line_state() == Some(Line::Nobody)
        });
        let late = now.wall_us >= expires_us;
        let leaves = late || self.draining || !self.may_call_people(&queue, now);
        match (waits, leaves) {
            (true, true) if late => {
                self.give_up(id, Some(attempt), (CallbackOutcome::Expired, ""), now);
            }
            (true, true) => self.leave_line(attempt, now),
            (false, true) => self.deadlines.set(Due::Callback(id.clone()), now.instant + LOOK_SOON),
            (_, false) => {
                let next_us = self.night_from(&queue, now).min(expires_us);
                self.look_at_callback(id, next_us, now);
            }
        }
    }

    /// Nobody was called: that is no attempt.
    fn leave_line(&mut self, attempt: CallId, now: Now) {
        if let Some(carrier) = self.calls.get_mut(&attempt).and_then(|call| call.callback.as_mut()) {
            carrier.fate = Some(Fate::Missed(CallbackMiss::NotTried));
        }
        self.end_call(attempt, EndCause::Cancelled, Party::Switch, Some(HangUp::Command), now);
    }

    /// The switch is about to stop: what stands in line is kept for the next run.
    pub(crate) fn callbacks_drain(&mut self, now: Now) {
        let waiting: Vec<CallId> = self.callbacks.lineless.iter().copied().collect();
        for attempt in waiting {
            let carrier = self.calls.get(&attempt).and_then(|call| call.callback.as_ref());
            if let Some(id) = carrier.map(|carrier| carrier.id.clone()) {
                self.look_at_attempt(&id, attempt, now);
            }
        }
    }

    /// A person moved it to another queue: it stays there, in further attempts, too.
    pub(crate) fn callback_moved(&mut self, id: CallId, queue: &QueueId) {
        let Some(carrier) = self.calls.get(&id).and_then(|call| call.callback.as_ref()) else { return };
        let open = self.callbacks.open.get_mut(&carrier.id).filter(|open| open.attempt == Some(id));
        if let Some(open) = open {
            open.promise.queue = queue.clone();
        }
    }

    fn stand_in_line(&mut self, id: &CallbackId, now: Now) {
        let entry = self.ids.next_entry();
        let (call_id, leg) = (CallId::new(now.wall_us, &mut self.rng), self.new_leg());
        let Some(open) = self.callbacks.open.get_mut(id) else { return };
        open.attempt = Some(call_id);
        let tie = *open.tie.get_or_insert(careline_model::EntryId(entry));
        let promise = open.promise.clone();
        let age =
            Duration::from_micros(u64::try_from(now.wall_us.saturating_sub(promise.first_us)).unwrap_or(0));
        let customer_first = self
            .callback_rules(&promise.queue)
            .is_some_and(|rules| rules.mode == CallbackMode::CustomerFirst);
        let numbers = (promise.number.clone(), promise.dialled.clone());
        let call = Call {
            line: promise.line.clone(),
            medium: promise.medium.clone(),
            language: promise.language.as_deref().map(Arc::from),
            red_flag: promise.red_flag,
            class: promise.class,
            priority_points: promise.points,
            needs: promise.needs.clone(),
            first_entry: Some((so_long_ago(age, now), tie)),
            callback: Some(Carrier { id: id.clone(), customer_first, line: Line::Nobody, fate: None }),
            ..Call::new(call_id, CallDirection::Outbound, leg, numbers, Stage::Answering, now)
        };
        self.calls.insert(call_id, call);
        self.callbacks.lineless.insert(call_id);
        let queue = promise.queue.clone();
        self.tell(
            EventBody::CallbackQueued(CallbackQueued {
                call: call_id,
                callback: id.clone(),
                number: promise.number,
                queue: promise.queue,
                line: promise.line,
                medium: promise.medium,
                owner: promise.owner,
                attempt: promise.attempts + 1,
                age_ms: millis(age),
            }),
            now,
        );
        self.look_up(call_id, now);
        self.begin_entry(call_id, queue.clone(), nowhere(), false, now);
        let next_us = self.night_from(&queue, now).min(promise.expires_us);
        self.look_at_callback(id, next_us, now);
        if customer_first {
            self.customer_turn(call_id, now);
        }
    }
}

/// A moment in the past, as early as the machine's clock can say it.
pub(super) fn so_long_ago(mut age: Duration, now: Now) -> Instant {
    loop {
        match now.instant.checked_sub(age) {
            Some(moment) => return moment,
            None => age /= 2,
        }
    }
}

/// Who is not on the line goes nowhere: the callback has its own ways on.
fn nowhere() -> Arc<Exits> {
    let none = || Arc::from("");
    Arc::new(Exits {
        timeout: none(),
        full: none(),
        empty: none(),
        closed: none(),
        overflow: none(),
        keys: std::collections::BTreeMap::new(),
    })
}
