//! What callers say about a conversation when it is over (CF 1J).

use crate::id::{AgentId, CallId, FlowId, QueueId};
use serde::{Deserialize, Serialize};

/// The agent hung up, and the caller is led to a survey: their conversation is over, the call is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyInvited {
    /// The call.
    pub call: CallId,
    /// Whom she talked to.
    pub agent: AgentId,
    /// The queue she came from.
    pub queue: QueueId,
    /// The flow that asks.
    pub flow: FlowId,
}

/// The caller answered a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyAnswered {
    /// The call.
    pub call: CallId,
    /// Whom she talked to; nobody when a flow asks who talked to nobody.
    pub agent: Option<AgentId>,
    /// The queue she came from.
    pub queue: Option<QueueId>,
    /// Name of the question.
    pub question: String,
    /// The key, 0 to 9: 1 is the worst, unless the author's words say otherwise.
    pub answer: u8,
    /// The highest key that was offered.
    pub scale: u8,
    /// The answer is one that somebody has to look after.
    pub low: bool,
}

/// What came of the survey of one conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SurveyEnded {
    /// The call.
    pub call: CallId,
    /// Whom she talked to.
    pub agent: AgentId,
    /// The queue she came from.
    pub queue: QueueId,
    /// What.
    pub outcome: SurveyOutcome,
    /// Questions that were answered.
    pub answers: u32,
}

/// What came of a survey: exactly one for each conversation of a queue that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SurveyOutcome {
    /// She was led to it, and came to its end with an answer.
    Completed,
    /// She was led to it, and hung up after an answer.
    Partial,
    /// She was led to it, and gave no answer.
    Refused,
    /// The lot did not fall on this call.
    NotSampled,
    /// She hung up first.
    CallerLeft,
    /// The conversation ended otherwise: passed on, lost, or ended by command.
    NotOffered,
}
