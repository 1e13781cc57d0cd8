//! Words for messages that callers leave (CF 1F).

use serde::{Deserialize, Serialize};

/// Why a caller is led to a mailbox: which greeting is heard (CF F6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GreetingReason {
    /// The house is open, and nobody could take the call.
    Busy,
    /// Outside of the opening hours.
    Closed,
    /// On a special day of the calendar.
    Holiday,
}

impl GreetingReason {
    /// All, by the word in the configuration.
    pub const ALL: [(&'static str, Self); 3] =
        [("busy", Self::Busy), ("closed", Self::Closed), ("holiday", Self::Holiday)];
}

/// Why what was recorded is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageDrop {
    /// Nothing was said, or less than a message needs.
    TooShort,
    /// The caller spoke it once more.
    TakenAgain,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// Nobody has it, or not any longer.
    Open,
    /// Somebody works on it.
    Claimed,
    /// The work is done.
    Handled,
    /// Put away without work, because its box was full or somebody said so.
    Archived,
}
