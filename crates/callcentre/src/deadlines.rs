//! All deadlines with their reasons; the earliest is found without looking at the others.

use careline_model::{AgentId, CallId, CallbackId, QueueId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// What is due. Each has at most one deadline at a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Due {
    /// The caller's side: the answer's acknowledgement, the end of a playback, or a key.
    Caller(CallId),
    /// The directory's answer about a caller.
    LookUp(CallId),
    /// The ringing of a third party, the pause before a ring-back, or a step of a callback.
    Third(CallId),
    /// The longest wait in a queue.
    MaxWait(CallId),
    /// More agents may take a waiting call.
    Step(CallId),
    /// A call has been kept for one agent long enough.
    Kept(CallId),
    /// A callback's time has come, or is over.
    Callback(CallbackId),
    /// A waiting caller is to be told something.
    Comfort(CallId),
    /// A rule may send a waiting caller elsewhere.
    Overflow(CallId),
    /// Nobody has been there for a queue for long enough.
    Vacant(QueueId),
    /// The hours of a queue may be over.
    Closing(QueueId),
    /// One more agent is to be rung.
    RingNext(CallId),
    /// The agent's work: reservation, ringing, joining or wrap-up.
    Work(AgentId),
    /// The end of the rest after a missed offer.
    Rest(AgentId),
    /// The end of an override of this profile of opening hours.
    Override(Arc<str>),
    /// The end of emergency mode.
    Emergency,
    /// A task of a campaign may be dialled.
    Campaigns,
    /// The warning about a reason code, or its longest time.
    Pause(AgentId),
    /// The warning about an agent without calls, or the longest time.
    Idle(AgentId),
    /// A lost phone has been away for too long.
    Device(AgentId),
    /// A party that is being added has rung long enough.
    Party(CallId, u32),
    /// Somebody has been held for a while.
    Hold(CallId),
    /// A supervisor's phone has rung long enough; named by her watch.
    Watch(CallId),
}

#[derive(Debug, Default)]
pub(crate) struct Deadlines {
    by_time: BTreeSet<(Instant, Due)>,
    by_due: BTreeMap<Due, Instant>,
}

impl Deadlines {
    /// Sets or moves a deadline.
    pub(crate) fn set(&mut self, due: Due, at: Instant) {
        self.stop(&due);
        self.by_time.insert((at, due.clone()));
        self.by_due.insert(due, at);
    }

    pub(crate) fn stop(&mut self, due: &Due) {
        if let Some(at) = self.by_due.remove(due) {
            self.by_time.remove(&(at, due.clone()));
        }
    }

    pub(crate) fn when(&self, due: &Due) -> Option<Instant> {
        self.by_due.get(due).copied()
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// Takes the earliest that has passed.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Due> {
        self.take_if(now, |_| true)
    }

    /// Takes the earliest, if it has passed and is one of these.
    pub(crate) fn take_if(&mut self, now: Instant, these: impl Fn(&Due) -> bool) -> Option<Due> {
        let (at, due) = self.by_time.first()?;
        if *at > now || !these(due) {
            return None;
        }
        let (_, due) = self.by_time.pop_first()?;
        self.by_due.remove(&due);
        Some(due)
    }
}
