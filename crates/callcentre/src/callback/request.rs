//! How callbacks come to be: a caller asks, an agent agrees on a time, a program orders one. One is open for a number.

use super::{Callbacks, Fate, OPEN_MAX, Open};
use crate::action::HangUp;
use crate::centre::Centre;
use crate::command::{CommandError, listed};
use crate::deadlines::Due;
use careline_model::callback::{Callback, CallbackOrigin, CallbackOutcome};
use careline_model::config::plan::CallbackNode;
use careline_model::event::{CallbackMerged, EndCause, EventBody, Party};
use careline_model::hours::local_text;
use careline_model::{AgentId, CallId, CallbackId, LineId, Now, Number, QueueId};
use std::collections::BTreeMap;
use std::time::Duration;

/// Longest id of another program, in characters.
const ID_CHARS_MAX: usize = 64;
/// Nobody promises to call later than that.
const AHEAD_MAX: Duration = Duration::from_secs(31 * 86_400);

/// A callback that a person or a program orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackOrder {
    /// The asker's id for it, 1 to 64 characters.
    pub id: CallbackId,
    /// Who is to be called, as a person writes it.
    pub number: String,
    /// In whose line she stands.
    pub queue: QueueId,
    /// Who asks.
    pub origin: CallbackOrigin,
    /// The agent who promises to call; nothing for anybody.
    pub owner: Option<AgentId>,
    /// Not before, UTC microseconds; now when absent.
    pub due_us: Option<i64>,
}

/// Why a caller's wish was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotPromised {
    /// The number cannot be called.
    BadNumber,
    /// There are too many.
    NoRoom,
}

impl Callbacks {
    fn has_room(&self, queue: &QueueId, queue_max: usize) -> bool {
        self.open.len() < OPEN_MAX && self.of_queue(queue) < queue_max
    }
}

impl Centre {
    /// Promises a callback. An id that is known promises nothing: it gives its callback, and whether that is open. The
    /// same goes for a number that has an open callback, which is then in the older of both places.
    ///
    /// # Errors
    /// [`CommandError`] of an unknown queue or agent, of a number or a time that cannot be, and of too many callbacks;
    /// nothing has changed then.
    pub fn request_callback(
        &mut self,
        order: &CallbackOrder,
        now: Now,
    ) -> Result<(CallbackId, bool), CommandError> {
        let length = order.id.as_str().chars().count();
        if !(1..=ID_CHARS_MAX).contains(&length) {
            let (what, allowed) = ("no id of a callback".to_owned(), "1 to 64 characters".to_owned());
            return Err(CommandError::BadEntry { what, allowed });
        }
        if self.callbacks.open.contains_key(&order.id) {
            return Ok((order.id.clone(), true));
        }
        if self.callbacks.ended_ids.contains(&order.id) {
            return Ok((order.id.clone(), false));
        }
        let number = self.orderable(order, now)?;
        self.wake(now);
        let due_us = order.due_us.unwrap_or(now.wall_us);
        let promise = Callback {
            id: order.id.clone(),
            number,
            queue: order.queue.clone(),
            origin: order.origin,
            call: None,
            line: LineId::from(""),
            dialled: Number::default(),
            medium: String::new(),
            language: None,
            owner: order.owner.clone(),
            requested_us: now.wall_us,
            // Who agreed on a time does not stand before those who came earlier than that.
            first_us: due_us,
            due_us,
            expires_us: self.end_of_next_business_day(&order.queue, due_us),
            attempts: 0,
            red_flag: false,
            class: None,
            points: 0,
            needs: BTreeMap::new(),
        };
        let id = self.promise(promise, now);
        self.settle(now);
        Ok((id, true))
    }

    /// Whether an order can be carried out; gives the number in normal form.
    fn orderable(&self, order: &CallbackOrder, now: Now) -> Result<Number, CommandError> {
        let calling = || self.plan.queue_order.iter().filter(|queue| self.callback_rules(queue).is_some());
        let Some(rules) = self.callback_rules(&order.queue) else {
            let allowed = listed(calling().map(QueueId::as_str));
            return Err(CommandError::UnknownQueue { queue: order.queue.clone(), allowed });
        };
        let number = self.plan.number(&order.number);
        if let Err(why) = self.plan.may_call_back(&order.queue, &number) {
            let allowed = "the number of a person's telephone that the queue's class of service allows";
            return Err(CommandError::BadEntry { what: why.to_string(), allowed: allowed.to_owned() });
        }
        if let Some(owner) = &order.owner
            && !self.agents.get(owner).is_some_and(|agent| agent.seats.contains_key(&order.queue))
        {
            let theirs = self.agents.values().filter(|agent| agent.seats.contains_key(&order.queue));
            let allowed = listed(theirs.map(|agent| agent.id.as_str()));
            return Err(CommandError::UnknownAgent { agent: owner.clone(), allowed });
        }
        let latest = now.after(AHEAD_MAX).wall_us;
        if let Some(due_us) = order.due_us.filter(|due_us| !(now.wall_us..=latest).contains(due_us)) {
            let text = |at_us| local_text(at_us, &self.plan.timezone);
            let (until, earliest, latest) = (text(due_us), text(now.wall_us), text(latest));
            return Err(CommandError::BadUntil { until, earliest, latest });
        }
        let known = self.callbacks.by_number.contains_key(&number);
        if !known && !self.callbacks.has_room(&order.queue, rules.open_max) {
            let most = rules.open_max;
            let what = format!("queue {} has as many open callbacks as it takes", order.queue);
            return Err(CommandError::BadEntry { what, allowed: format!("up to {most} for this queue") });
        }
        Ok(number)
    }

    /// Takes a callback back, wherever it stands; whoever is being rung or called for it is left alone. `by` stands in
    /// the event.
    ///
    /// # Errors
    /// [`CommandError::UnknownCallback`] when no such callback is open.
    pub fn cancel_callback(&mut self, id: &CallbackId, by: &str, now: Now) -> Result<(), CommandError> {
        let unknown = || CommandError::UnknownCallback { callback: id.clone() };
        let attempt = self.callbacks.open.get(id).ok_or_else(unknown)?.attempt;
        self.wake(now);
        self.give_up(id, attempt, (CallbackOutcome::Cancelled, by), now);
        self.settle(now);
        Ok(())
    }

    /// Ends a callback, with the attempt that stands in line for it.
    pub(super) fn give_up(
        &mut self,
        id: &CallbackId,
        attempt: Option<CallId>,
        (outcome, by): (CallbackOutcome, &str),
        now: Now,
    ) {
        let Some(attempt) = attempt else { return self.callback_over(id, None, outcome, by, now) };
        if let Some(carrier) = self.calls.get_mut(&attempt).and_then(|call| call.callback.as_mut()) {
            carrier.fate = Some(Fate::Over(outcome, by.to_owned()));
        }
        let cause =
            if outcome == CallbackOutcome::Cancelled { EndCause::Command } else { EndCause::Cancelled };
        self.end_call(attempt, cause, Party::Switch, Some(HangUp::Command), now);
    }

    /// A caller asks, in her flow. She is called when she has hung up.
    pub(crate) fn promise_to_caller(
        &mut self,
        id: CallId,
        node: &CallbackNode,
        now: Now,
    ) -> Result<(), NotPromised> {
        let Some(call) = self.calls.get(&id) else { return Err(NotPromised::NoRoom) };
        let typed = node.variable.as_ref().and_then(|name| self.variable_text(id, name));
        let number = typed.map_or_else(|| call.caller.clone(), |typed| self.plan.number(&typed));
        if self.plan.may_call_back(&node.queue, &number).is_err() {
            return Err(NotPromised::BadNumber);
        }
        let known = self.callbacks.by_number.contains_key(&number);
        let open_max = self.callback_rules(&node.queue).map_or(0, |rules| rules.open_max);
        if !known && !self.callbacks.has_room(&node.queue, open_max) {
            return Err(NotPromised::NoRoom);
        }
        let waited = call.first_entry.map(|(first, _)| now.instant.saturating_duration_since(first));
        let waited_us = i64::try_from(waited.unwrap_or_default().as_micros()).unwrap_or(0);
        let tie = call.first_entry.map(|(_, entry)| entry);
        let promise = Callback {
            id: CallbackId::from(id.to_string().as_str()),
            number,
            queue: node.queue.clone(),
            origin: CallbackOrigin::Caller,
            call: Some(id),
            line: call.line.clone(),
            dialled: call.dialled.clone(),
            medium: call.medium.clone(),
            language: call.language.as_deref().map(str::to_owned),
            owner: None,
            requested_us: now.wall_us,
            first_us: now.wall_us.saturating_sub(waited_us),
            due_us: now.wall_us,
            expires_us: self.end_of_next_business_day(&node.queue, now.wall_us),
            attempts: 0,
            red_flag: call.red_flag,
            class: call.class,
            points: call.priority_points,
            needs: call.needs.clone(),
        };
        let made = self.promise(promise, now);
        self.callbacks.asking.insert(id, made.clone());
        if let Some(open) = self.callbacks.open.get_mut(&made) {
            open.tie = open.tie.or(tie);
        }
        Ok(())
    }

    /// Keeps a promise, or the older one for the same number; gives its id.
    fn promise(&mut self, mut promise: Callback, now: Now) -> CallbackId {
        let known = self.callbacks.by_number.get(&promise.number).cloned();
        // A caller may ask for one, wait on after all and ask again: her call has had its id once.
        let used = self.callbacks.ended_ids.contains(&promise.id);
        let known = known.filter(|known| self.callbacks.open.contains_key(known));
        if let Some(id) = known {
            if let Some(open) = self.callbacks.open.get_mut(&id) {
                open.promise.first_us = open.promise.first_us.min(promise.first_us);
                open.promise.due_us = open.promise.due_us.min(promise.due_us);
                open.promise.expires_us = open.promise.expires_us.max(promise.expires_us);
            }
            let (call, callback, origin) = (promise.call, id.clone(), promise.origin);
            self.tell(EventBody::CallbackMerged(CallbackMerged { call, callback, origin }), now);
            self.deadlines.set(Due::Callback(id.clone()), now.instant);
            return id;
        }
        if used {
            promise.id = CallbackId::from(format!("{}-{}", promise.id, self.ids.next_entry()).as_str());
        }
        let id = promise.id.clone();
        self.callbacks.by_number.insert(promise.number.clone(), id.clone());
        self.tell(EventBody::CallbackRequested(Box::new(promise.clone())), now);
        self.callbacks.open.insert(id.clone(), Open { promise, attempt: None, tie: None });
        // At once, as soon as what is under way is settled.
        self.deadlines.set(Due::Callback(id.clone()), now.instant);
        id
    }
}
