//! The words of who decided what about the configuration, and about calls that wait.

use serde::{Deserialize, Serialize};

/// One thing that a new configuration has otherwise than the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigChange {
    /// The kind of thing, as its table is called: `agent`, `queue`, `flow`, `line`, `trunk`, ...
    pub what: String,
    /// Its id; empty when there is one of its kind only.
    pub id: String,
    /// How it is otherwise.
    pub how: ChangeKind,
}

/// How a thing is otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It has other rules.
    Changed,
}

/// What somebody orders for one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOrderKind {
    /// Another rank.
    Rank,
    /// One more skill.
    Skill,
    /// Out of its queue and into another.
    Withdraw,
    /// To one agent, whoever is before it.
    Pick,
}
