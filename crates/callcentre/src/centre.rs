//! The whole call centre.

use crate::action::Action;
use crate::command::CommandError;
use crate::input::Input;
use careline_model::config::Plan;
use careline_model::event::AgentIntent;
use careline_model::snapshot::Snapshot;
use careline_model::{AgentId, CallId, LegId, Now};
use rand_chacha::ChaCha20Rng;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

/// The whole call centre as one value: feed it inputs and the time, poll what it wants done.
#[derive(Debug)]
pub struct Centre {
    plan: Arc<Plan>,
    rng: ChaCha20Rng,
    legs_given: u64,
    actions: VecDeque<Action>,
}

impl Centre {
    /// A call centre without calls.
    #[must_use]
    pub fn new(plan: Arc<Plan>, rng: ChaCha20Rng) -> Self {
        Self { plan, rng, legs_given: 0, actions: VecDeque::new() }
    }

    /// The next leg id.
    pub fn new_leg(&mut self) -> LegId {
        self.legs_given += 1;
        LegId(self.legs_given)
    }

    /// Something happened.
    pub fn handle(&mut self, input: Input, now: Now) {
        let _ = (&self.plan, &self.rng, input, now);
    }

    /// A deadline passed.
    pub fn handle_deadline(&mut self, now: Now) {
        let _ = now;
    }

    /// When `handle_deadline` is to be called next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        None
    }

    /// The next thing to do.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What is true now.
    #[must_use]
    pub fn snapshot(&self, now: Now) -> Snapshot {
        let _ = now;
        Snapshot::default()
    }

    /// Calls that have not ended.
    #[must_use]
    pub fn live_calls(&self) -> usize {
        0
    }

    /// The call a leg belongs to.
    #[must_use]
    pub fn call_of(&self, leg: LegId) -> Option<CallId> {
        let _ = leg;
        None
    }

    /// Sets what an agent wants.
    pub fn set_agent(&mut self, agent: &AgentId, intent: AgentIntent, now: Now) -> Result<(), CommandError> {
        let _ = (intent, now);
        Err(CommandError::UnknownAgent { agent: agent.clone(), allowed: String::new() })
    }

    /// Ends a call by command.
    pub fn hang_up(&mut self, call: CallId, now: Now) -> Result<(), CommandError> {
        let _ = now;
        Err(CommandError::UnknownCall { call })
    }
}
