//! What is told of campaigns and their tasks.

use super::{CampaignState, DialResult, DoNotCall, PreviewOutcome, Relation, TaskOutcome};
use crate::id::{AgentId, CallId, CampaignId, TaskId};
use crate::number::Number;
use serde::{Deserialize, Serialize};

/// The facts. `TaskAdded` is followed by exactly one `TaskEnded`, `PreviewOffered` by one `PreviewEnded`, `AttemptBegan`
/// by one `AttemptEnded`, unless the switch was killed in between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are typed ids and amounts that carry their unit in the name")]
pub enum CampaignFact {
    /// A campaign runs, rests, or is over.
    CampaignChanged {
        campaign: CampaignId,
        state: CampaignState,
        /// Who decided.
        by: String,
        /// Why.
        reason: String,
    },
    /// A task was taken.
    TaskAdded {
        campaign: CampaignId,
        task: TaskId,
        /// Who is meant, in the words of who gave it.
        person: String,
    },
    /// A task waits: for its next number, its next time, or because nobody may be called now.
    TaskPutOff {
        campaign: CampaignId,
        task: TaskId,
        /// Not before, UTC microseconds.
        until_us: i64,
    },
    /// An agent is shown a task and decides.
    PreviewOffered {
        campaign: CampaignId,
        task: TaskId,
        agent: AgentId,
        /// UTC microseconds.
        ends_at_us: i64,
    },
    /// She decided, or her time was over.
    PreviewEnded {
        campaign: CampaignId,
        task: TaskId,
        agent: AgentId,
        outcome: PreviewOutcome,
        /// What she said when she skipped it; else empty.
        reason: String,
    },
    /// A number of a task is dialled; the agent is on the line.
    AttemptBegan {
        campaign: CampaignId,
        task: TaskId,
        call: CallId,
        agent: AgentId,
        /// Counted over the task, 1 for the first.
        attempt: u32,
        /// Whom.
        to: Number,
        /// Whose number that is.
        relation: Relation,
    },
    /// What came of it.
    AttemptEnded {
        campaign: CampaignId,
        task: TaskId,
        call: CallId,
        attempt: u32,
        result: DialResult,
        /// Last status of SIP; 0 when there was none.
        status: u16,
        /// Cause of the telephone network (Q.850) beside it.
        cause: Option<u16>,
        /// From dialling to the answer or the end, milliseconds.
        ring_ms: u64,
    },
    /// A task is over.
    TaskEnded {
        campaign: CampaignId,
        task: TaskId,
        outcome: TaskOutcome,
        attempts: u32,
        /// The call in which somebody was reached.
        call: Option<CallId>,
    },
    /// Somebody is put on the do-not-call list, or taken off: then for no purpose.
    DoNotCallChanged {
        /// Boxed, as it is larger than most facts.
        entry: Box<DoNotCall>,
        /// It stands there from now on.
        listed: bool,
        by: String,
    },
}

impl CampaignFact {
    /// The call it is about.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::AttemptBegan { call, .. } | Self::AttemptEnded { call, .. } => Some(*call),
            Self::TaskEnded { call, .. } => *call,
            Self::CampaignChanged { .. }
            | Self::TaskAdded { .. }
            | Self::TaskPutOff { .. }
            | Self::PreviewOffered { .. }
            | Self::PreviewEnded { .. }
            | Self::DoNotCallChanged { .. } => None,
        }
    }

    /// The task it is about.
    #[must_use]
    pub fn task(&self) -> Option<(&CampaignId, &TaskId)> {
        match self {
            Self::TaskAdded { campaign, task, .. }
            | Self::TaskPutOff { campaign, task, .. }
            | Self::PreviewOffered { campaign, task, .. }
            | Self::PreviewEnded { campaign, task, .. }
            | Self::AttemptBegan { campaign, task, .. }
            | Self::AttemptEnded { campaign, task, .. }
            | Self::TaskEnded { campaign, task, .. } => Some((campaign, task)),
            Self::CampaignChanged { .. } | Self::DoNotCallChanged { .. } => None,
        }
    }
}
