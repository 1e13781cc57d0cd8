//! What people order: errors say what would have been allowed.

use crate::action::{HangUp, StopRinging};
use crate::agent::Work;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::offer::Leg;
use careline_model::event::{AgentIntent, EndCause, OfferOutcome, Party};
use careline_model::screening::ListKind;
use careline_model::{AgentId, CallId, Now, QueueId, SkillId};
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
    /// No such call, or it is over.
    #[error("call {call} is not live; allowed: the id of a live call")]
    UnknownCall {
        /// What was asked for.
        call: CallId,
    },
}

impl Centre {
    /// Sets what an agent wants. While a phone rings for the agent, anything but ready takes the offer back; in a
    /// conversation the wish waits until the wrap-up is over; in wrap-up, ready ends it.
    ///
    /// # Errors
    /// [`CommandError::UnknownAgent`] and [`CommandError::UnknownCode`], which name what is allowed.
    pub fn set_agent(&mut self, agent: &AgentId, intent: AgentIntent, now: Now) -> Result<(), CommandError> {
        if !self.agents.contains_key(agent) {
            let allowed = listed(self.agents.keys().map(AgentId::as_str));
            return Err(CommandError::UnknownAgent { agent: agent.clone(), allowed });
        }
        if let AgentIntent::NotReady(code) = &intent
            && !self.plan.not_ready_codes.contains_key(code.as_str())
        {
            let allowed = listed(self.plan.not_ready_codes.keys().map(|code| &**code));
            return Err(CommandError::UnknownCode { code: code.clone(), allowed });
        }
        self.wake(now);
        self.apply_intent(agent, intent, now);
        self.settle(now);
        Ok(())
    }

    fn apply_intent(&mut self, id: &AgentId, intent: AgentIntent, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        let ready = intent == AgentIntent::Ready;
        match agent.work {
            Work::Idle | Work::Dialing => agent.want(intent, now.instant),
            Work::Reserved(_) | Work::Ringing(_) if ready => agent.want(intent, now.instant),
            Work::Reserved(_) | Work::Ringing(_) => {
                agent.pending = Some(intent);
                let leg = Leg::End(StopRinging::Command, HangUp::Command);
                return self.take_back(id, OfferOutcome::Cancelled, leg, now);
            }
            Work::WrapUp if ready => {
                agent.pending = Some(intent);
                agent.release(now.instant);
                self.deadlines.stop(&Due::Work(id.clone()));
            }
            Work::Connecting(_) | Work::Talking { .. } | Work::WrapUp => agent.pending = Some(intent),
        }
        self.agent_changed(id, now);
    }

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
