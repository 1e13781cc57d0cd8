//! What people order: errors say what would have been allowed.

use careline_model::{AgentId, CallId};
use thiserror::Error;

/// A command that cannot be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    /// No such agent is configured.
    #[error("agent {agent} is not known; allowed: {allowed}")]
    UnknownAgent {
        /// Who was asked for.
        agent: AgentId,
        /// The first agents that are known.
        allowed: String,
    },
    /// No such reason code is configured.
    #[error("reason code {code} is not known; allowed: {allowed}")]
    UnknownCode {
        /// What was asked for.
        code: String,
        /// All codes.
        allowed: String,
    },
    /// No such call, or it is over.
    #[error("call {call} is not live; allowed: the id of a live call")]
    UnknownCall {
        /// What was asked for.
        call: CallId,
    },
}
