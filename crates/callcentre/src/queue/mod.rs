//! Queues: who waits, in which order, and which agents could serve them.

mod entry;
mod order;

pub(crate) use entry::{Entry, millis};
pub(crate) use order::Place;

use careline_model::{AgentId, CallId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// One queue. Its length is limited by `callers_max` of the plan.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// All entries that have not ended, in the order of service; also those that an agent is rung for.
    pub(crate) entries: BTreeMap<Place, CallId>,
    /// The entries without an offer.
    pub(crate) unoffered: BTreeMap<Place, CallId>,
    /// Agents who could take a call this instant, the one who waited longest first.
    pub(crate) routable: BTreeSet<(Instant, AgentId)>,
}

impl Queue {
    /// How many are served before this place, plus one.
    pub(crate) fn position(&self, place: Place) -> u32 {
        u32::try_from(self.entries.range(..=place).count()).unwrap_or(u32::MAX)
    }
}
