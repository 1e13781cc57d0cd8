//! What holds for all agents: work after a call, reason codes, limits (CF 1.4, 1.5, 2.4).

use crate::event::{LimitAction, WrapUpMode};
use std::sync::Arc;
use std::time::Duration;

/// Work after a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrapUp {
    /// What the agent may do about it.
    pub mode: WrapUpMode,
    /// Its length, or the longest one when she ends it; zero when there is none by itself.
    pub time: Duration,
}

/// What a missed offer costs an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rona {
    /// Rest after not answering.
    pub rest_no_answer: Duration,
    /// Rest after refusing.
    pub rest_rejected: Duration,
    /// Rest after a busy phone.
    pub rest_busy: Duration,
    /// Rest after a phone that could not be reached.
    pub rest_unreachable: Duration,
    /// Missed offers in a row, of all causes without a limit of their own, that make the agent not ready.
    pub missed_max: u32,
    /// Unanswered offers in a row that make her not ready; 0 for any number.
    pub no_answer_max: Option<u32>,
    /// Refused ones.
    pub rejected_max: Option<u32>,
    /// Those to a busy phone.
    pub busy_max: Option<u32>,
    /// Those to a phone that could not be reached.
    pub unreachable_max: Option<u32>,
    /// A lost phone that is back within this time leaves the agent as she was.
    pub device_back: Duration,
}

/// Why an agent takes no calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotReadyCode {
    /// The code.
    pub id: Arc<str>,
    /// Its name on screens.
    pub name: String,
    /// Counts as working time.
    pub productive: bool,
    /// Who is in it counts as staff of her queues.
    pub staffed: bool,
    /// Longest time in it, and before it the warning.
    pub longest: Limit<Duration>,
    /// How often an agent may choose it in a counting day; 0 for any number.
    pub quota: u32,
    /// Who may set it; never empty.
    pub set_by: Vec<SetBy>,
}

/// Who may set a reason code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetBy {
    /// The agent.
    Agent,
    /// Her supervisor.
    Supervisor,
    /// The switch, by a rule.
    Rule,
}

/// A limit, a warning before it, and what follows on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit<T> {
    /// The warning, less than `max`.
    pub warn: Option<T>,
    /// The limit; nothing for none.
    pub max: Option<T>,
    /// What follows.
    pub then: LimitAction,
}

/// What an agent can have too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls of queues in a counting day.
    pub calls: Limit<u32>,
    /// Time ready without a call.
    pub idle: Limit<Duration>,
}

/// What may come of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// The code.
    pub id: Arc<str>,
    /// Its name on screens.
    pub name: String,
}
