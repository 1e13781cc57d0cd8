//! What outlives a restart of the switch: plain values, written and read by whoever keeps them.

use super::{CampaignState, DialResult, DoNotCall, NewTask};
use crate::id::{AgentId, CampaignId, TaskId};
use crate::number::Number;
use serde::{Deserialize, Serialize};

/// Everything that campaigns remember.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OutboundState {
    /// Campaigns that do not simply run.
    pub campaigns: Vec<(CampaignId, CampaignState)>,
    /// Tasks that have not ended.
    pub tasks: Vec<KeptTask>,
    /// Ids of tasks that have ended, the last one last: given again, they change nothing.
    pub ended: Vec<(CampaignId, TaskId)>,
    /// What was dialled in the last week.
    pub dialled: Vec<Dialled>,
    /// Who may not be called.
    pub do_not_call: Vec<DoNotCall>,
}

/// A task that has not ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptTask {
    /// Its campaign.
    pub campaign: CampaignId,
    /// As it was given.
    pub given: NewTask,
    /// What is known of each of its numbers, in their order.
    pub numbers: Vec<KeptNumber>,
    /// Numbers dialled so far.
    pub attempts: u32,
    /// Who skipped it.
    pub skipped_by: Vec<AgentId>,
    /// When it was taken, in a row with all others.
    pub seq: u64,
    /// None of its numbers before, UTC microseconds.
    pub put_off_us: i64,
}

/// One number of a task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeptNumber {
    /// Not before, UTC microseconds.
    pub due_us: i64,
    /// Not any more.
    pub is_out: bool,
    /// How often it was dialled.
    pub attempts: u32,
    /// How often which result came.
    pub results: Vec<(DialResult, u32)>,
}

/// One time that a number was dialled by a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Dialled {
    /// In normal form.
    pub number: Number,
    /// When, UTC microseconds.
    pub at_us: i64,
    /// For care.
    pub clinical: bool,
}
