//! What supervisors and agents order about those who wait, carried to the call centre.

use crate::switchboard::Switchboard;
use careline_callcentre::CommandError;
use careline_model::{AgentId, CallId, Now, QueueId};

impl Switchboard {
    /// Takes a waiting call out of its queue and into another; `reason` stands in the events.
    ///
    /// # Errors
    /// When it cannot be done; the error says what is allowed.
    pub fn withdraw(
        &mut self,
        now: Now,
        call: CallId,
        to: &QueueId,
        reason: &str,
    ) -> Result<(), CommandError> {
        let result = self.centre.withdraw(call, to, reason, now);
        self.settle(now);
        result
    }

    /// Offers a waiting call to the agent who picked it.
    ///
    /// # Errors
    /// When it cannot be done; the error says what is allowed.
    pub fn pick(&mut self, now: Now, call: CallId, agent: &AgentId) -> Result<(), CommandError> {
        let result = self.centre.pick(call, agent, now);
        self.settle(now);
        result
    }

    /// Closes a queue before its time; those who wait are served, or `leave` at once.
    ///
    /// # Errors
    /// When there is no such queue; the error names those that are.
    pub fn close_queue(&mut self, now: Now, queue: &QueueId, leave: bool) -> Result<(), CommandError> {
        let result = self.centre.close_queue(queue, leave, now);
        self.settle(now);
        result
    }

    /// Lets its hours decide again.
    ///
    /// # Errors
    /// When there is no such queue; the error names those that are.
    pub fn open_queue(&mut self, queue: &QueueId) -> Result<(), CommandError> {
        self.centre.open_queue(queue)
    }
}
