//! Callbacks that keep their place (CF 1E, 1.10): who does not want to wait is called when her turn comes.
//!
//! A callback is a promise that outlives calls and restarts. When its time has come, an attempt stands in line: a call
//! like any other, with the age, rank and skills of the first one, but with nobody on the line. The matcher does not know
//! the difference; what does is here.
//!
//! ```text
//! asked --her call is over, it is day--> in line --agent first: an agent answers--> read --> calling --> both talk: reached
//!   ^                                      |  \---customer first: soon her turn---> calling --> asked for a key --> in line
//!   |                                      |                                           |
//!   +---------spacing, or the night--------+------------------nobody there-------------+   after the last: failed
//! ```
//!
//! Ends, one for each: reached, returned (she rang again and has her place), failed, expired, cancelled.

mod attempt;
mod first;
mod hours;
mod keep;
mod line;
mod offer;
mod owner;
mod request;

pub use request::CallbackOrder;
pub(crate) use request::NotPromised;

use crate::call::Call;
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::callback::{Callback, CallbackMiss, CallbackOutcome, CallbackStage, CallbackView};
use careline_model::config::plan::CallbackRules;
use careline_model::event::{CallbackEnded, EventBody};
use careline_model::{CallId, CallbackId, EntryId, LegId, Now, Number, QueueId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Open callbacks of all queues.
const OPEN_MAX: usize = 20_000;
/// Ended ones whose ids are remembered; the one that ended first is forgotten first.
const ENDED_MAX: usize = 10_000;

/// All callbacks.
#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    open: BTreeMap<CallbackId, Open>,
    /// One for a number.
    by_number: BTreeMap<Number, CallbackId>,
    /// Calls in which one was asked for, and that have not ended: she is not called while she is on the line.
    asking: BTreeMap<CallId, CallbackId>,
    ended: VecDeque<CallbackId>,
    ended_ids: BTreeSet<CallbackId>,
    /// Attempts that stand in line with nobody on the line.
    lineless: BTreeSet<CallId>,
}

#[derive(Debug)]
struct Open {
    promise: Callback,
    /// The attempt that stands in line, or is under way.
    attempt: Option<CallId>,
    /// Decides between places of one instant.
    tie: Option<EntryId>,
}

/// What makes a call the attempt of a callback.
#[derive(Debug)]
pub(crate) struct Carrier {
    pub(crate) id: CallbackId,
    /// She is called before an agent is.
    customer_first: bool,
    line: Line,
    /// What becomes of the callback when this call ends; a call that was simply hung up was an attempt.
    fate: Option<Fate>,
}

/// Who is on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    Nobody,
    /// An agent, who reads what it is about.
    Agent,
    /// Her phone is being called; `heard` when the agent hears the line.
    Calling {
        heard: bool,
    },
    /// She, or whoever answered, is asked for a key: how often already.
    Asking(u32),
    /// She.
    Up,
}

#[derive(Debug, Clone)]
enum Fate {
    Over(CallbackOutcome, String),
    Missed(CallbackMiss),
}

impl Callbacks {
    /// Attempts that use no line of the house.
    pub(crate) fn lineless(&self) -> usize {
        self.lineless.len()
    }

    fn of_queue(&self, queue: &QueueId) -> usize {
        self.open.values().filter(|open| open.promise.queue == *queue).count()
    }

    fn remember_ended(&mut self, id: CallbackId) {
        if !self.ended_ids.insert(id.clone()) {
            return;
        }
        self.ended.push_back(id);
        if self.ended.len() > ENDED_MAX
            && let Some(oldest) = self.ended.pop_front()
        {
            self.ended_ids.remove(&oldest);
        }
    }
}

impl Call {
    /// Somebody is on the line who can hear something.
    pub(crate) fn has_line(&self) -> bool {
        self.callback.as_ref().is_none_or(|carrier| matches!(carrier.line, Line::Asking(_) | Line::Up))
    }

    /// Agents may be rung for it: nobody is called for it, and whoever is asked for a key has pressed it.
    pub(crate) fn may_be_offered(&self) -> bool {
        self.callback.as_ref().is_none_or(|carrier| match carrier.line {
            Line::Up => true,
            Line::Nobody => !carrier.customer_first,
            Line::Agent | Line::Calling { .. } | Line::Asking(_) => false,
        })
    }

    /// It stands in line for somebody who is not there: rules about those who wait do not hold for it.
    pub(crate) fn is_callback(&self) -> bool {
        self.callback.as_ref().is_some_and(|carrier| carrier.line != Line::Up)
    }

    fn line_state(&self) -> Option<Line> {
        self.callback.as_ref().map(|carrier| carrier.line)
    }
}

impl Centre {
    /// Calls with a line of the house.
    pub(crate) fn calls_with_lines(&self) -> usize {
        self.calls.len().saturating_sub(self.callbacks.lineless())
    }

    /// The open callbacks, the one that was asked for first, first.
    #[must_use]
    pub fn callbacks(&self) -> Vec<CallbackView> {
        let mut all: Vec<CallbackView> = self.callbacks.open.values().map(|open| self.seen(open)).collect();
        all.sort_by_cached_key(|view| (view.callback.requested_us, view.callback.id.clone()));
        all
    }

    fn seen(&self, open: &Open) -> CallbackView {
        let call = open.attempt.and_then(|attempt| self.calls.get(&attempt));
        let offered = call.is_some_and(|call| !call.stage.leased().is_empty());
        let stage = match call.and_then(Call::line_state) {
            None => CallbackStage::Later,
            Some(Line::Calling { .. } | Line::Asking(_) | Line::Up) => CallbackStage::Calling,
            Some(Line::Agent) => CallbackStage::Offered,
            Some(Line::Nobody) if offered => CallbackStage::Offered,
            Some(Line::Nobody) => CallbackStage::Queued,
        };
        CallbackView { callback: open.promise.clone(), stage, attempt: open.attempt }
    }

    fn callback_rules(&self, queue: &QueueId) -> Option<&CallbackRules> {
        self.plan.queues.get(queue)?.callback.as_ref()
    }

    fn promise_of(&self, id: &CallbackId) -> Option<&Callback> {
        self.callbacks.open.get(id).map(|open| &open.promise)
    }

    /// The call whose party's leg this is, when it is the attempt of a callback.
    fn attempt_on(&self, leg: LegId) -> Option<(CallId, Line)> {
        let call = self.calls.get(&self.call_of(leg)?).filter(|call| call.leg == leg)?;
        Some((call.id, call.line_state()?))
    }

    fn set_line(&mut self, id: CallId, line: Line) {
        if let Some(carrier) = self.calls.get_mut(&id).and_then(|call| call.callback.as_mut()) {
            carrier.line = line;
        }
        match line {
            Line::Nobody => drop(self.callbacks.lineless.insert(id)),
            Line::Agent | Line::Calling { .. } | Line::Asking(_) | Line::Up => {
                self.callbacks.lineless.remove(&id);
            }
        }
    }

    /// The one end of a callback.
    fn callback_over(
        &mut self,
        id: &CallbackId,
        call: Option<CallId>,
        outcome: CallbackOutcome,
        by: &str,
        now: Now,
    ) {
        let Some(Open { promise, .. }) = self.callbacks.open.remove(id) else { return };
        self.callbacks.by_number.remove(&promise.number);
        self.callbacks.asking.retain(|_, asked| *asked != *id);
        self.callbacks.remember_ended(id.clone());
        self.deadlines.stop(&Due::Callback(id.clone()));
        let age_ms = u64::try_from(now.wall_us.saturating_sub(promise.requested_us) / 1000).unwrap_or(0);
        self.tell(
            EventBody::CallbackEnded(CallbackEnded {
                call,
                callback: promise.id,
                queue: promise.queue,
                outcome,
                attempts: promise.attempts,
                age_ms,
                by: by.to_owned(),
            }),
            now,
        );
    }
}
