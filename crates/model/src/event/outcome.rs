//! How things end: each transfer, question, offer and queue entry has exactly one outcome.

use serde::{Deserialize, Serialize};

/// How a transfer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferOutcome {
    /// The third party has the call.
    Connected,
    /// Nobody answered in time.
    NoAnswer,
    /// The third party declined.
    Rejected,
    /// The third party is busy.
    Busy,
    /// The third party's phone could not be reached.
    Unreachable,
    /// The other party hung up meanwhile.
    CallerLeft,
    /// Taken back by command.
    Cancelled,
}

/// What came of asking the directory for a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookUpOutcome {
    /// One or more persons may be the caller.
    Found,
    /// Nobody is known under the number.
    Stranger,
    /// No answer within the budget.
    TimedOut,
    /// The directory could not be asked, or had no answer to give.
    Unavailable,
}

/// How an offer to an agent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferOutcome {
    /// The agent answered and media flowed both ways.
    Answered,
    /// The ring time ran out.
    NoAnswer,
    /// The agent refused (603, 480, or a phone's decline key).
    Rejected,
    /// The phone was busy (486, 600).
    Busy,
    /// The phone could not be reached, or vanished while ringing.
    DeviceLost,
    /// The caller hung up first.
    CallerLeft,
    /// Another agent was faster.
    LostRace,
    /// Taken back by the switch or a supervisor.
    Cancelled,
}

/// The one outcome of a queue entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueueOutcome {
    /// Connected to an agent.
    Answered,
    /// The caller hung up.
    Abandoned,
    /// The caller hung up within the short-abandon time (default 5 s).
    ShortAbandoned,
    /// Left by the rules: maximum wait.
    FlowOutTimeout,
    /// Left by the rules: nobody serves the queue.
    FlowOutEmpty,
    /// Left by the rules: closing time.
    FlowOutClosed,
    /// Left by the rules: too many, too long, or nobody there.
    FlowOutOverflow,
    /// The caller pressed a key.
    FlowOutKey,
    /// The caller asked to be called back.
    FlowOutCallback,
    /// Led to a mailbox, for whatever reason: the flow has no choice but to take a message.
    FlowOutVoicemail,
    /// Taken out by a supervisor or another program; or an agent who asked the queue herself had heard enough.
    FlowOutAdmin,
    /// Lost by our fault.
    SystemFault,
}

/// Why a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndCause {
    /// A party hung up after a conversation.
    Completed,
    /// The caller hung up in the IVR.
    IvrAbandoned,
    /// The caller hung up in a queue or while an agent was rung.
    QueueAbandoned,
    /// The flow said goodbye.
    FlowFinished,
    /// The caller hung up before we answered.
    Cancelled,
    /// No media arrived for the media time-out.
    MediaTimeout,
    /// The agent's phone was lost in the conversation.
    DeviceLost,
    /// Refused at the door: unknown number, no codec, full, draining.
    Refused,
    /// Ended by command.
    Command,
    /// The switch was killed; found at the next start.
    SwitchCrashed,
    /// A bug of ours ended this one call.
    Fault,
    /// Whom an agent dialled did not answer.
    NoAnswer,
    /// Whom an agent dialled was busy.
    Busy,
    /// Whom an agent dialled declined.
    Rejected,
    /// Whom an agent dialled could not be reached.
    Unreachable,
}

/// Who ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// The patient.
    Caller,
    /// The agent.
    Agent,
    /// We.
    Switch,
}
