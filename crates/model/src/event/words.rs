//! Small words that facts are told in.

use super::EventBody;
use serde::{Deserialize, Serialize};

/// One fact and when it became true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// UTC microseconds since 1970.
    pub at_us: i64,
    /// The fact.
    #[serde(flatten)]
    pub body: EventBody,
}

/// One thing on an agent's screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenItem {
    /// What it is.
    pub label: String,
    /// What it says, `*` when it is a secret.
    pub text: String,
}

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallDirection {
    /// Somebody called a line of ours.
    #[default]
    Inbound,
    /// An agent called somebody outside.
    Outbound,
    /// An agent called an extension.
    Internal,
}

/// What ended the pause of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResumedBy {
    /// A command.
    Command,
    /// The longest pause was over.
    Limit,
}
