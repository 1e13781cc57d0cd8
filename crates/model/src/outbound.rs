//! The words of outbound calls (CF 1K): campaigns, tasks, results, and the facts that are told of them.
//!
//! What it is not: it decides nothing; the call centre does (`callcentre/src/campaign`).

mod fact;
mod kept;

pub use fact::CampaignFact;
pub use kept::{Dialled, KeptNumber, KeptTask, OutboundState};

use crate::id::{CampaignId, TaskId};
use crate::number::Number;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most numbers of one task.
pub const NUMBERS_MAX: usize = 5;
/// Most windows of one task.
pub const WINDOWS_MAX: usize = 16;
/// Most tasks at a time of all campaigns together. Who has more gives them later.
pub const TASKS_MAX: u32 = 20_000;
/// Longest id of a task, reference of a person, and reason, in characters.
pub const TEXT_CHARS_MAX: usize = 64;

/// Why somebody is called. What may not be for one purpose may be for another (PIPL).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Care: follow-up after discharge, a finding that cannot wait.
    Clinical,
    /// What the person asked for: a booking, a reminder, an answer to a complaint.
    Service,
    /// Opinions about the house.
    Survey,
    /// Anything that is offered.
    Marketing,
}

impl Purpose {
    /// All of them with their words.
    pub const ALL: [(&'static str, Self); 4] = [
        ("clinical", Self::Clinical),
        ("service", Self::Service),
        ("survey", Self::Survey),
        ("marketing", Self::Marketing),
    ];
}

/// How agents come to the calls of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignMode {
    /// An agent sees the task and decides (CF K2).
    Preview,
    /// A free agent is called, and then the person: nobody answers to an empty chair (CF K3).
    Progressive,
}

/// Whether a campaign goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Its tasks are served.
    Running,
    /// Nothing new begins; its tasks wait.
    Paused,
    /// Over: its tasks have ended, and new ones are refused until it runs again.
    Stopped,
}

impl CampaignState {
    /// What a campaign begins with, until somebody decides otherwise.
    #[must_use]
    pub fn configured(paused: bool) -> Self {
        if paused { Self::Paused } else { Self::Running }
    }
}

/// Whose number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The person's own.
    Patient,
    /// Of kin.
    Kin,
    /// Somebody else's.
    Other,
}

/// What came of dialling one number (CF K8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialResult {
    /// A person and an agent talked.
    Answered,
    /// Somebody answered and no agent was there any more: heard who called, and where to call back (CF K6).
    Abandoned,
    /// Busy.
    Busy,
    /// Rang in vain.
    NoAnswer,
    /// Declined.
    Rejected,
    /// There is no such number (空号).
    Invalid,
    /// Switched off (关机).
    SwitchedOff,
    /// Out of service for the time being (停机).
    Suspended,
    /// Cannot be reached for another reason.
    Unreachable,
    /// Our trunks or the network had no way: says nothing about the person.
    Congestion,
    /// A machine answered, as the agent says.
    Machine,
    /// The agent hung up before anybody answered.
    Cancelled,
    /// The agent's phone was lost before anybody answered.
    AgentLost,
    /// The agent's class of service does not allow it, or no route leads there.
    Barred,
}

impl DialResult {
    /// All of them with their words.
    pub const ALL: [(&'static str, Self); 14] = [
        ("answered", Self::Answered),
        ("abandoned", Self::Abandoned),
        ("busy", Self::Busy),
        ("no_answer", Self::NoAnswer),
        ("rejected", Self::Rejected),
        ("invalid", Self::Invalid),
        ("switched_off", Self::SwitchedOff),
        ("suspended", Self::Suspended),
        ("unreachable", Self::Unreachable),
        ("congestion", Self::Congestion),
        ("machine", Self::Machine),
        ("cancelled", Self::Cancelled),
        ("agent_lost", Self::AgentLost),
        ("barred", Self::Barred),
    ];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, result)| *result == self).map_or("", |(word, _)| word)
    }
}

/// How a task ended; each ends once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskOutcome {
    /// An agent talked to somebody at one of its numbers.
    Reached,
    /// Every number was tried as often as it may be.
    Exhausted,
    /// Its last moment passed.
    Expired,
    /// Agents skipped it as often as they may.
    Skipped,
    /// Every number is on the do-not-call list for its purpose.
    DoNotCall,
    /// Taken back by who gave it.
    Withdrawn,
    /// Its campaign was stopped.
    Stopped,
}

/// How the offer of a task to an agent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewOutcome {
    /// She takes it.
    Accepted,
    /// She does not, and says why.
    Skipped,
    /// Her time was over and her campaign dials then.
    Dialled,
    /// Her time was over; somebody else has it next.
    TimedOut,
    /// A caller waited.
    Yielded,
    /// She is not there for it any longer: another state, another call, her phone lost.
    AgentLeft,
    /// The task was withdrawn, or its campaign stopped or paused.
    Withdrawn,
}

/// One number of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskNumber {
    /// In normal form once it was taken.
    pub number: Number,
    /// Whose it is.
    pub relation: Relation,
}

/// A stretch of time, UTC microseconds; the end is not part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Window {
    /// Its beginning.
    pub from_us: i64,
    /// Its end.
    pub to_us: i64,
}

/// A task as it is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTask {
    /// Named by who gives it: the same id again changes nothing.
    pub id: TaskId,
    /// Who is meant, in the words of who gives it; never a name.
    pub person: String,
    /// In the order in which they are tried.
    pub numbers: Vec<TaskNumber>,
    /// Not dialled before, UTC microseconds.
    pub not_before_us: Option<i64>,
    /// Ends untried after that, UTC microseconds.
    pub not_after_us: Option<i64>,
    /// Dialled only in one of these; always when there are none.
    pub windows: Vec<Window>,
    /// 1 goes before 9.
    pub priority: u8,
}

/// What became of giving a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskTaken {
    /// It was taken.
    Added,
    /// It is there, or has ended: nothing changed.
    Known,
    /// It was not taken; what is wrong and what is allowed.
    Refused(String),
}

/// How a campaign stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignView {
    /// Its id.
    pub campaign: CampaignId,
    /// Its name.
    pub name: String,
    /// Its mode.
    pub mode: CampaignMode,
    /// Its purpose.
    pub purpose: Purpose,
    /// Whether it goes on.
    pub state: CampaignState,
    /// Tasks that may be dialled now.
    pub ready: u32,
    /// Tasks that wait for their time.
    pub later: u32,
    /// Tasks that an agent looks at or dials.
    pub in_hand: u32,
}

/// How a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskView {
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its id.
    pub task: TaskId,
    /// Who is meant.
    pub person: String,
    /// Attempts so far.
    pub attempts: u32,
    /// When it may be dialled next, UTC microseconds.
    pub due_us: i64,
    /// An agent looks at it, dials, or talks.
    pub in_hand: bool,
}

/// Who may not be called, for what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoNotCall {
    /// In normal form.
    pub number: Number,
    /// For these purposes; never empty.
    pub purposes: BTreeSet<Purpose>,
    /// Why, at most [`TEXT_CHARS_MAX`] characters.
    pub reason: String,
}
