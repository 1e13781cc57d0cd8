//! What was found of the callers of live calls, so that a ringing phone waits for no database.

use super::find::Findings;
use careline_model::{CallId, Number};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Calls whose findings are kept; the oldest give way.
pub const POPS_MAX: usize = 2_000;

/// How far the search for a caller is.
#[derive(Debug, Clone, PartialEq)]
pub enum Prepared {
    /// The database was asked.
    Asked,
    /// It answered.
    Ready(Arc<Findings>),
    /// It did not answer, or too late.
    Failed,
}

/// What a switch is told of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// How many persons it may be.
    pub persons: u32,
    /// The name when it can be only one; not cleaned, not cut.
    pub label: String,
}

impl Summary {
    pub(crate) fn of(findings: &Findings) -> Self {
        Self { persons: findings.persons(), label: findings.label().to_owned() }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    number: Number,
    prepared: Prepared,
}

/// At most [`POPS_MAX`] searches and their outcomes.
#[derive(Debug, Clone, Default)]
pub struct PopCache {
    entries: BTreeMap<CallId, Entry>,
    /// Order of coming in; may name calls that were forgotten.
    order: VecDeque<CallId>,
}

impl PopCache {
    /// Wants the caller of a call to be known. True when the database is to be asked now: nobody asked before, what was
    /// asked failed, or it was about another number.
    pub fn want(&mut self, call: CallId, number: &Number) -> bool {
        if let Some(entry) = self.entries.get(&call)
            && entry.prepared != Prepared::Failed
            && entry.number == *number
        {
            return false;
        }
        self.start(call, number.clone());
        true
    }

    /// Asks again in any case: something was written that changes the answer.
    pub fn start(&mut self, call: CallId, number: Number) {
        if self.entries.insert(call, Entry { number, prepared: Prepared::Asked }).is_none() {
            self.order.push_back(call);
            self.make_room();
        }
    }

    /// Takes in what the database answered for a number; nothing when it failed. An answer nobody waits for any more
    /// changes nothing.
    pub fn found(&mut self, call: CallId, number: &Number, findings: Option<Findings>) {
        if let Some(entry) = self.entries.get_mut(&call).filter(|entry| entry.number == *number) {
            entry.prepared =
                findings.map_or(Prepared::Failed, |findings| Prepared::Ready(Arc::new(findings)));
        }
    }

    /// How far the search is; nothing when it never began.
    #[must_use]
    pub fn get(&self, call: CallId) -> Option<&Prepared> {
        self.entries.get(&call).map(|entry| &entry.prepared)
    }

    /// What was found, if it was.
    #[must_use]
    pub fn ready(&self, call: CallId) -> Option<&Arc<Findings>> {
        match self.get(call) {
            Some(Prepared::Ready(findings)) => Some(findings),
            Some(Prepared::Asked | Prepared::Failed) | None => None,
        }
    }

    /// Somebody said who the caller is.
    pub fn choose(&mut self, call: CallId, person: &str) {
        if let Some(Entry { prepared: Prepared::Ready(findings), .. }) = self.entries.get_mut(&call) {
            Arc::make_mut(findings).chosen = Some(person.to_owned());
        }
    }

    /// The call is over.
    pub fn forget(&mut self, call: CallId) {
        self.entries.remove(&call);
        if self.order.len() > 2 * POPS_MAX {
            self.order.retain(|id| self.entries.contains_key(id));
        }
    }

    fn make_room(&mut self) {
        while self.entries.len() > POPS_MAX {
            let Some(oldest) = self.order.pop_front() else { return };
            self.entries.remove(&oldest);
        }
    }
}
