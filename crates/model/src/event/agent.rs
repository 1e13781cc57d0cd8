//! The three axes of an agent's state as events tell them (CF 2.2).

use serde::{Deserialize, Serialize};

/// What the agent wants (axis P of the agent state machine).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentIntent {
    /// Not signed in.
    LoggedOut,
    /// Signed in, takes no calls, for a reason code.
    NotReady(String),
    /// Takes calls.
    Ready,
}

/// What the agent is doing (axis W).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentWork {
    /// Nothing.
    Idle,
    /// Chosen for a call; the phone does not ring yet.
    Reserved,
    /// The phone rings.
    Ringing,
    /// Answered; media is being joined.
    Connecting,
    /// In conversation.
    Talking,
    /// In a call that did not come from a queue (echo test, a manual call).
    Dialing,
    /// Work after the call.
    WrapUp,
}

/// What the agent's phone is (axis D).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentDevice {
    /// Never seen.
    None,
    /// Registered and free.
    Registered,
    /// In a call.
    InUse,
    /// Was there and is gone.
    Lost,
}
