//! The order in which calls are served.

use careline_model::EntryId;
use std::time::Instant;

/// A place in the order of service, over all queues: smaller is served first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    rank: Rank,
    /// First entry into any queue: moving to another queue costs no age.
    since: Instant,
    /// The first entry's id, which decides between calls of one instant.
    entry: EntryId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// Was in conversation when the agent's leg was lost: goes to the head.
    Interrupted,
    Waiting,
}

impl Place {
    pub(crate) fn new(first_entry: (Instant, EntryId)) -> Self {
        Self { rank: Rank::Waiting, since: first_entry.0, entry: first_entry.1 }
    }

    pub(crate) fn at_head(first_entry: (Instant, EntryId)) -> Self {
        Self { rank: Rank::Interrupted, since: first_entry.0, entry: first_entry.1 }
    }

    pub(crate) fn is_at_head(self) -> bool {
        self.rank == Rank::Interrupted
    }
}
