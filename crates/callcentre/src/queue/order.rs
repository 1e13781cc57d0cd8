//! The order in which calls are served (CF 1.2).

use careline_model::EntryId;
use std::cmp::Reverse;

/// What each point of priority is worth, in microseconds of waiting.
const POINT_US: i64 = 60_000_000;

/// What a call's rank is made of, apart from its age.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) red_flag: bool,
    /// Was in conversation when the agent's leg was lost.
    pub(crate) interrupted: bool,
    /// 1 to 9.
    pub(crate) class: u8,
    pub(crate) points: i32,
}

/// A place in the order of service, over all queues: smaller is served first. As all calls grow older at the same pace,
/// it stays true without being touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    red_flag: Reverse<bool>,
    interrupted: Reverse<bool>,
    class: u8,
    /// First entry into any queue, in microseconds, so much earlier as the points are worth: moving to another queue
    /// costs no age.
    since_us: i64,
    /// The first entry's id, which decides between calls of one instant.
    entry: EntryId,
}

impl Place {
    /// `first_us` is when the call first entered a queue, on the centre's own clock; `entry` that entry's id.
    pub(crate) fn new(rank: Rank, first_us: i64, entry: EntryId) -> Self {
        Self {
            red_flag: Reverse(rank.red_flag),
            interrupted: Reverse(rank.interrupted),
            class: rank.class,
            since_us: first_us.saturating_sub(i64::from(rank.points).saturating_mul(POINT_US)),
            entry,
        }
    }

    pub(crate) fn is_interrupted(self) -> bool {
        self.interrupted.0
    }

    pub(crate) fn is_red(self) -> bool {
        self.red_flag.0
    }
}
