//! Who is let in, as it was configured.

use crate::id::FlowId;
use crate::screening::{BlockAction, ListEntry};
use std::time::Duration;

/// What is asked of callers at the door, besides what their line asks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Screening {
    /// Entries of the caller lists; each key once.
    pub lists: Vec<ListEntry>,
    /// How often one number may call; nothing: as often as it likes.
    pub caller_rate: Option<CallerRate>,
}

/// How often one number may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerRate {
    /// So many calls...
    pub calls_max: usize,
    /// ...within so long.
    pub within: Duration,
    /// What the next one meets.
    pub action: BlockAction,
}

/// What a line does with callers who withhold their number (CF A10).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Anonymous {
    /// They are callers like all others: a patient may have a reason.
    #[default]
    Accept,
    /// They hear a flow that asks who they are.
    Ask(FlowId),
    /// They hear a flow that says why they are not let in.
    Refuse(FlowId),
}

/// The most calls of a line (CF A11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// So many.
    pub calls: usize,
    /// What the next one meets; never low priority.
    pub action: BlockAction,
}
