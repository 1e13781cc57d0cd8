//! Calls between people: what supervisors and agents order about conversations, beside what their phones can ask for.

mod hearing;
mod hold;
mod party;
mod watch;

pub(crate) use hold::Hold;
pub(crate) use party::{Guest, cannot_ring};
pub(crate) use watch::{Watches, watch_end};

use crate::centre::Centre;
use crate::command::CommandError;
use careline_model::event::WatchMode;
use careline_model::{AgentId, CallId, Now};

/// An order about a conversation: one value, so that it travels as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PeopleOrder {
    /// A supervisor's phone is rung; then she hears an agent's calls (CF H1).
    Watch {
        /// Whose phone, and whose rights.
        supervisor: AgentId,
        /// Whose calls.
        agent: AgentId,
        /// How she takes part.
        mode: WatchMode,
        /// Who orders it; it stands in the events.
        by: String,
    },
    /// She takes part in another way, at once (CF H3).
    ChangeWatch {
        /// Who listens.
        supervisor: AgentId,
        /// How from now on.
        mode: WatchMode,
        /// Who orders it; it stands in the events.
        by: String,
    },
    /// She hears nothing any longer.
    StopWatch {
        /// Who listens.
        supervisor: AgentId,
    },
    /// An agent holds the other party of her conversation, or takes it up again (CF G1).
    Hold {
        /// The call.
        call: CallId,
        /// Whose conversation it is.
        agent: AgentId,
        /// From now on, or no longer.
        on: bool,
    },
    /// Somebody is rung, to be in the conversation too (CF G6); the answer is the number of the party.
    AddParty {
        /// The call.
        call: CallId,
        /// Whose conversation it is.
        agent: AgentId,
        /// As it would be dialled.
        to: String,
        /// The other party is held meanwhile: a consultation (CF G3).
        consult: bool,
    },
    /// The other party of her second call comes into the conversation; that call is over (CF G3, three-way).
    Merge {
        /// The call that goes on.
        call: CallId,
        /// Whose conversations they are.
        agent: AgentId,
        /// The other call.
        other: CallId,
    },
    /// A party is muted or held, or is not any longer; what is not said stays.
    ChangeParty {
        /// The call.
        call: CallId,
        /// Whose conversation it is.
        agent: AgentId,
        /// Number of the party; 0 is the one that the call is about.
        party: u32,
        /// Nobody hears it.
        muted: Option<bool>,
        /// It hears music, and nobody hears it.
        held: Option<bool>,
    },
    /// A party is taken out.
    RemoveParty {
        /// The call.
        call: CallId,
        /// Whose conversation it is.
        agent: AgentId,
        /// Number of the party, from 1.
        party: u32,
    },
    /// She passes the other party on, blindly (CF G2): to an extension, a number outside, a slot, or a queue by its id or
    /// extension.
    PassOn {
        /// The call.
        call: CallId,
        /// Whose conversation it is.
        agent: AgentId,
        /// To whom.
        to: String,
    },
    /// The other party waits in a slot until somebody dials its number (CF G9); the answer is the slot.
    Park {
        /// The call.
        call: CallId,
        /// Whose conversation it is.
        agent: AgentId,
        /// Which slot; the first free one when absent.
        slot: Option<u32>,
    },
    /// She leaves, and the others go on.
    Leave {
        /// The call.
        call: CallId,
        /// Whose conversation it is.
        agent: AgentId,
    },
}

/// What came of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeopleAnswer {
    /// It is done.
    Done,
    /// A watch began, named so in the events.
    Watch(CallId),
    /// The number of the party within its call.
    Party(u32),
    /// The slot that the call waits in.
    Slot(u32),
}

impl Centre {
    /// Does what was ordered about a conversation.
    ///
    /// # Errors
    /// What stands in the way, and what would be allowed; nothing has changed then.
    pub fn people_order(&mut self, order: PeopleOrder, now: Now) -> Result<PeopleAnswer, CommandError> {
        self.wake(now);
        let answer = match order {
            PeopleOrder::Watch { supervisor, agent, mode, by } => {
                self.watch(supervisor, agent, mode, by, now).map(PeopleAnswer::Watch)?
            }
            PeopleOrder::ChangeWatch { supervisor, mode, by } => {
                self.change_watch(&supervisor, mode, by, now)?;
                PeopleAnswer::Done
            }
            PeopleOrder::StopWatch { supervisor } => {
                self.stop_watch(&supervisor, now)?;
                PeopleAnswer::Done
            }
            PeopleOrder::Hold { call, agent, on } => self.hold(call, &agent, on, now)?,
            PeopleOrder::AddParty { call, agent, to, consult } => {
                self.add_party((call, agent), &to, consult, now)?
            }
            PeopleOrder::Merge { call, agent, other } => self.merge((call, agent), other, now)?,
            PeopleOrder::ChangeParty { call, agent, party, muted, held } => {
                self.change_party((call, agent), party, (muted, held), now)?
            }
            PeopleOrder::RemoveParty { call, agent, party } => {
                self.remove_party((call, agent), party, now)?
            }
            PeopleOrder::PassOn { call, agent, to } => self.pass_on((call, agent), &to, now)?,
            PeopleOrder::Park { call, agent, slot } => self.park_by_order((call, agent), slot, now)?,
            PeopleOrder::Leave { call, agent } => self.leave((call, agent), now)?,
        };
        self.settle(now);
        Ok(answer)
    }
}
