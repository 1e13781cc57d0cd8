//! What pages order about agents, beside what an agent wants: one value, so that it travels as one.

use super::ForcedOrder;
use crate::centre::Centre;
use crate::command::CommandError;
use careline_model::{AgentId, CallId, Now, QueueId};

/// An order about an agent's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentOrder {
    /// [`Centre::wrap_up_done`].
    WrapUpDone {
        /// The agent.
        agent: AgentId,
        /// What came of her call.
        code: String,
    },
    /// [`Centre::extend_wrap_up`].
    ExtendWrapUp {
        /// The agent.
        agent: AgentId,
        /// How much longer.
        seconds: u32,
    },
    /// [`Centre::add_wrap_up`].
    AddWrapUp {
        /// The call.
        call: CallId,
        /// How much more work it makes.
        seconds: u32,
    },
    /// [`Centre::cancel_next`].
    CancelNext {
        /// The agent.
        agent: AgentId,
    },
    /// [`Centre::pause_in_queue`].
    PauseInQueue {
        /// The agent.
        agent: AgentId,
        /// Which of her queues.
        queue: QueueId,
        /// She takes no calls of it.
        paused: bool,
    },
    /// [`Centre::force_agent`].
    Force(ForcedOrder),
}

impl Centre {
    /// Carries out an order about an agent's work.
    ///
    /// # Errors
    /// Those of the method that the order names.
    pub fn agent_order(&mut self, order: AgentOrder, now: Now) -> Result<(), CommandError> {
        match order {
            AgentOrder::WrapUpDone { agent, code } => self.wrap_up_done(&agent, &code, now),
            AgentOrder::ExtendWrapUp { agent, seconds } => self.extend_wrap_up(&agent, seconds, now),
            AgentOrder::AddWrapUp { call, seconds } => self.add_wrap_up(call, seconds, now),
            AgentOrder::CancelNext { agent } => self.cancel_next(&agent, now),
            AgentOrder::PauseInQueue { agent, queue, paused } => {
                self.pause_in_queue(&agent, &queue, paused, now)
            }
            AgentOrder::Force(order) => self.force_agent(order, now),
        }
    }
}
