//! A switch whose words are changed on their way: the proof that the witness sees what is wrong.

use crate::exchange::Exchange;
use careline_callcentre::{Action, CampaignOrder, CampaignReply, CommandError, Input};
use careline_model::event::AgentIntent;
use careline_model::snapshot::Snapshot;
use careline_model::{AgentId, CallId, LegId, Now};
use std::time::Instant;

/// A switch, and what becomes of each of its actions.
pub(crate) struct Tampered<E> {
    pub(crate) exchange: E,
    pub(crate) tamper: fn(Action) -> Option<Action>,
}

impl<E: Exchange> Exchange for Tampered<E> {
    fn poll_action(&mut self) -> Option<Action> {
        loop {
            let action = self.exchange.poll_action()?;
            if let Some(action) = (self.tamper)(action) {
                return Some(action);
            }
        }
    }

    fn new_leg(&mut self) -> LegId {
        self.exchange.new_leg()
    }

    fn handle(&mut self, input: Input, now: Now) {
        self.exchange.handle(input, now);
    }

    fn handle_deadline(&mut self, now: Now) {
        self.exchange.handle_deadline(now);
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.exchange.next_deadline()
    }

    fn set_agent(&mut self, agent: &AgentId, intent: AgentIntent, now: Now) -> Result<(), CommandError> {
        self.exchange.set_agent(agent, intent, now)
    }

    fn campaign_order(&mut self, order: CampaignOrder, now: Now) -> Result<CampaignReply, CommandError> {
        self.exchange.campaign_order(order, now)
    }

    fn hang_up(&mut self, call: CallId, now: Now) -> Result<(), CommandError> {
        self.exchange.hang_up(call, now)
    }

    fn pause_recording(&mut self, call: CallId, reason: &str, now: Now) -> Result<(), CommandError> {
        self.exchange.pause_recording(call, reason, now)
    }

    fn resume_recording(&mut self, call: CallId, now: Now) -> Result<(), CommandError> {
        self.exchange.resume_recording(call, now)
    }

    fn snapshot(&self, now: Now) -> Snapshot {
        self.exchange.snapshot(now)
    }

    fn live_calls(&self) -> usize {
        self.exchange.live_calls()
    }

    fn knows_leg(&self, leg: LegId) -> Option<bool> {
        self.exchange.knows_leg(leg)
    }

    fn is_immediate(&self) -> bool {
        self.exchange.is_immediate()
    }

    fn leftovers(&self) -> Option<String> {
        self.exchange.leftovers()
    }
}
