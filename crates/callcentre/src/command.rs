//! What people order: errors say what would have been allowed.

use crate::action::HangUp;
use crate::centre::Centre;
use careline_model::event::{EndCause, Party};
use careline_model::screening::ListKind;
use careline_model::{AgentId, CallId, CallbackId, Now, QueueId, RecordingId, SkillId};
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
    /// No such queue is configured.
    #[error("queue {queue} is not known; allowed: {allowed}")]
    UnknownQueue {
        /// What was asked for.
        queue: QueueId,
        /// The first queues that are known.
        allowed: String,
    },
    /// The call is in no queue, or is being connected.
    #[error("call {call} does not wait; allowed: a call that waits in a queue")]
    NotWaiting {
        /// What was asked for.
        call: CallId,
    },
    /// The queue lets nobody in.
    #[error("queue {queue} lets nobody in; allowed: a queue that is open, has room, and is served")]
    QueueShut {
        /// What was asked for.
        queue: QueueId,
    },
    /// The agent cannot take a call now.
    #[error("agent {agent} is not free; allowed: an agent who is ready and in no call")]
    NotFree {
        /// Who was asked for.
        agent: AgentId,
    },
    /// The reason code is not for whom set it.
    #[error("reason code {code} is set by others; allowed: {allowed}")]
    CodeOfOthers {
        /// What was asked for.
        code: String,
        /// The codes that may be set so.
        allowed: String,
    },
    /// The agent had it as often as she may today.
    #[error("reason code {code} was chosen {quota} times today; allowed: {allowed}")]
    QuotaUsed {
        /// What was asked for.
        code: String,
        /// How often it may be.
        quota: u32,
        /// The codes that may be chosen still.
        allowed: String,
    },
    /// No such disposition is configured.
    #[error("disposition {code} is not known; allowed: {allowed}")]
    UnknownDisposition {
        /// What was asked for.
        code: String,
        /// All codes.
        allowed: String,
    },
    /// The agent has no call behind her that could be wrapped up.
    #[error("agent {agent} wraps up no call; allowed: after a call of a queue")]
    NoWrapUp {
        /// Whose wrap-up.
        agent: AgentId,
    },
    /// She had more time already.
    #[error("the wrap-up of agent {agent} was extended already; allowed: once for each call")]
    ExtendedAlready {
        /// Whose wrap-up.
        agent: AgentId,
    },
    /// No wish of hers waits.
    #[error("agent {agent} has no next state; allowed: one that was chosen in a call or in wrap-up")]
    NothingNext {
        /// Whose.
        agent: AgentId,
    },
    /// What she will be is her supervisor's choice.
    #[error("the next state of agent {agent} was set by a supervisor; allowed: to change it when it holds")]
    ForcedNext {
        /// Whose.
        agent: AgentId,
    },
    /// The order was for an agent without a call.
    #[error("agent {agent} is in a call; allowed: after_call, now")]
    InCall {
        /// Whose state was to be set.
        agent: AgentId,
    },
    /// No agent has such a skill.
    #[error("skill {skill} is not known; allowed: {allowed}")]
    UnknownSkill {
        /// What was asked for.
        skill: SkillId,
        /// The first skills that are known.
        allowed: String,
    },
    /// A number that is too small or too large.
    #[error("{what} {value} is out of range; allowed: {least} to {most}")]
    OutOfRange {
        /// Of what.
        what: &'static str,
        /// What was asked for.
        value: i64,
        /// The smallest.
        least: i64,
        /// The largest.
        most: i64,
    },
    /// The call is in no conversation that is recorded.
    #[error("call {call} is not being recorded; allowed: a call in a conversation that is")]
    NotRecorded {
        /// What was asked for.
        call: CallId,
    },
    /// Its recording rests already.
    #[error("the recording of call {call} is paused already; allowed: to resume it")]
    PausedAlready {
        /// What was asked for.
        call: CallId,
    },
    /// Its recording goes on.
    #[error("the recording of call {call} is not paused; allowed: to pause it")]
    NotPaused {
        /// What was asked for.
        call: CallId,
    },
    /// No such profile of opening hours is configured.
    #[error("hours {hours} are not known; allowed: {allowed}")]
    UnknownHours {
        /// What was asked for.
        hours: String,
        /// All profiles.
        allowed: String,
    },
    /// The profile is not overridden.
    #[error("hours {hours} are not overridden; allowed: {allowed}")]
    NotOverridden {
        /// What was asked for.
        hours: String,
        /// Those that are.
        allowed: String,
    },
    /// An end that has passed, or is too far away. Times are in the zone of the switch.
    #[error("{until} is no end; allowed: after {earliest}, and not after {latest}")]
    BadUntil {
        /// What was asked for.
        until: String,
        /// Now.
        earliest: String,
        /// The last possible end.
        latest: String,
    },
    /// The configuration has no emergency flow.
    #[error("there is no emergency flow; allowed: when the configuration names one ([emergency] flow)")]
    NoEmergencyFlow,
    /// Emergency mode is not on.
    #[error("emergency mode is not on; allowed: to begin it")]
    NoEmergency,
    /// An entry of a caller list that nobody can mean.
    #[error("{what}; allowed: {allowed}")]
    BadEntry {
        /// What is wrong.
        what: String,
        /// What would be right.
        allowed: String,
    },
    /// The list has no such entry.
    #[error("the {list} list has no such entry; allowed: number or prefix, and scope, as they were set")]
    NoEntry {
        /// Which list.
        list: ListKind,
    },
    /// The list has no room.
    #[error("the {list} list is full; allowed: up to {entries} entries")]
    ListFull {
        /// Which list.
        list: ListKind,
        /// Its room.
        entries: usize,
    },
    /// No such message, or it is handled.
    #[error("message {message} is not open; allowed: the id of a message that is not handled")]
    UnknownMessage {
        /// What was asked for.
        message: RecordingId,
    },
    /// Somebody else works on it.
    #[error("message {message} is claimed by {holder}; allowed: to claim it when it was given back")]
    MessageTaken {
        /// What was asked for.
        message: RecordingId,
        /// Who has it.
        holder: String,
    },
    /// No such callback is open.
    #[error("callback {callback} is not open; allowed: the id of an open callback")]
    UnknownCallback {
        /// What was asked for.
        callback: CallbackId,
    },
    /// She may not listen to that agent, or not so.
    #[error("{supervisor} may not {what} agent {agent}; allowed: {allowed}")]
    NoRight {
        /// Who would.
        supervisor: AgentId,
        /// What was asked for.
        what: &'static str,
        /// Whose calls.
        agent: AgentId,
        /// What her account allows.
        allowed: String,
    },
    /// The agent is not the one who talks in that call.
    #[error("agent {agent} is in no conversation of call {call}; allowed: the agent who talks to its party")]
    NotHers {
        /// What was asked for.
        call: CallId,
        /// Who asked.
        agent: AgentId,
    },
    /// The party cannot be added, or moved on to.
    #[error("{to} cannot be rung: {why}; allowed: {allowed}")]
    CannotRing {
        /// Whom.
        to: String,
        /// What is in the way.
        why: &'static str,
        /// What would be right.
        allowed: &'static str,
    },
    /// The conversation has as many parties as it may have.
    #[error("call {call} has {parties} parties; allowed: up to {most}")]
    PartiesFull {
        /// Which call.
        call: CallId,
        /// Those that it has.
        parties: usize,
        /// Those that it may have.
        most: usize,
    },
    /// The call has no such party.
    #[error("call {call} has no party {party}; allowed: {allowed}")]
    UnknownParty {
        /// Which call.
        call: CallId,
        /// What was asked for.
        party: u32,
        /// Those that it has.
        allowed: String,
    },
    /// Nobody is left to go on with.
    #[error("nobody but the two is in call {call}; allowed: to leave a conversation of three and more")]
    NobodyElse {
        /// Which call.
        call: CallId,
    },
    /// No slot is free, or not the one that was asked for.
    #[error("no such slot is free; allowed: a free one of [park]")]
    NoSlot,
    /// She listens already, or to nobody.
    #[error("{supervisor} {what}; allowed: {allowed}")]
    NotSo {
        /// Who.
        supervisor: AgentId,
        /// What is in the way.
        what: &'static str,
        /// What would be right.
        allowed: &'static str,
    },
    /// No such call, or it is over.
    #[error("call {call} is not live; allowed: the id of a live call")]
    UnknownCall {
        /// What was asked for.
        call: CallId,
    },
}

impl Centre {
    /// Ends a call by command, wherever it stands.
    ///
    /// # Errors
    /// [`CommandError::UnknownCall`] when there is no such call or it is over.
    pub fn hang_up(&mut self, call: CallId, now: Now) -> Result<(), CommandError> {
        if !self.calls.contains_key(&call) {
            return Err(CommandError::UnknownCall { call });
        }
        self.end_call(call, EndCause::Command, Party::Switch, Some(HangUp::Command), now);
        self.settle(now);
        Ok(())
    }
}

/// The names that would have been right.
pub(crate) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    const NAMES_MAX: usize = 30;
    let names: Vec<&str> = names.take(NAMES_MAX).collect();
    if names.is_empty() { "none is configured".to_owned() } else { names.join(", ") }
}

pub(crate) fn in_range(
    what: &'static str,
    value: i64,
    (least, most): (i64, i64),
) -> Result<(), CommandError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(CommandError::OutOfRange { what, value, least, most })
    }
}
