//! The words for agents: the three axes of their state, their work after a call, their limits.

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
    /// She looks at a task of a campaign and decides whether to dial.
    Preview,
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

/// What an agent may do about the work after a conversation (CF 1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrapUpMode {
    /// There is none.
    None,
    /// None by itself: she is free at once, and may say what came of the call until her next one.
    Optional,
    /// Until she ends it, and no longer than its limit.
    Discretionary,
    /// For a time, which she may cut short.
    Timed,
    /// For a time, all of it.
    TimedFixed,
}

/// What an agent can have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentLimit {
    /// Time in one reason code.
    Pause,
    /// Time free without a call.
    Idle,
    /// Calls of queues in one counting day.
    Calls,
}

/// What follows when a limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitAction {
    /// Nothing but the fact.
    None,
    /// Somebody is to look after it.
    Alert,
    /// The agent is signed out, after the work in hand.
    Logout,
}

/// Whether work in hand is waited for when a supervisor sets an agent's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForcedWhen {
    /// It is only done when she has no call in hand.
    IfFree,
    /// When the work in hand is done.
    AfterCall,
    /// At once: a caller of a queue goes back to the head of it.
    Now,
}
