//! What is simulated: the call centre alone, or the whole switch with phones around it. Both are played through the call
//! centre's own words; whoever speaks SIP translates.

use careline_callcentre::{Action, CampaignOrder, CampaignReply, Centre, CommandError, Input};
use careline_model::event::AgentIntent;
use careline_model::snapshot::Snapshot;
use careline_model::{AgentId, CallId, LegId, Now};
use std::collections::BTreeMap;
use std::time::Instant;

/// Something that takes inputs and gives actions, as [`Centre`] does.
pub(crate) trait Exchange {
    /// See [`Centre::new_leg`].
    fn new_leg(&mut self) -> LegId;
    /// See [`Centre::handle`].
    fn handle(&mut self, input: Input, now: Now);
    /// See [`Centre::handle_deadline`].
    fn handle_deadline(&mut self, now: Now);
    /// See [`Centre::next_deadline`].
    fn next_deadline(&self) -> Option<Instant>;
    /// See [`Centre::poll_action`].
    fn poll_action(&mut self) -> Option<Action>;
    /// See [`Centre::set_agent`].
    fn set_agent(&mut self, agent: &AgentId, intent: AgentIntent, now: Now) -> Result<(), CommandError>;
    /// See [`Centre::campaign_order`].
    fn campaign_order(&mut self, order: CampaignOrder, now: Now) -> Result<CampaignReply, CommandError>;
    /// See [`Centre::hang_up`].
    fn hang_up(&mut self, call: CallId, now: Now) -> Result<(), CommandError>;
    /// See [`Centre::pause_recording`].
    fn pause_recording(&mut self, call: CallId, reason: &str, now: Now) -> Result<(), CommandError>;
    /// See [`Centre::resume_recording`].
    fn resume_recording(&mut self, call: CallId, now: Now) -> Result<(), CommandError>;
    /// See [`Centre::snapshot`].
    fn snapshot(&self, now: Now) -> Snapshot;
    /// See [`Centre::live_calls`].
    fn live_calls(&self) -> usize;
    /// Whether a leg that lives for the people belongs to a living call. News are on the way in a network, so that
    /// nobody may be able to tell.
    fn knows_leg(&self, leg: LegId) -> Option<bool>;
    /// Whether what people do reaches the switch at once, so that nothing crosses on the way.
    fn is_immediate(&self) -> bool;
    /// What befell messages on their way, by kind.
    fn troubles(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::new()
    }
    /// What is left when everybody has gone, in words.
    fn leftovers(&self) -> Option<String>;
}

impl Exchange for Centre {
    fn new_leg(&mut self) -> LegId {
        self.new_leg()
    }

    fn handle(&mut self, input: Input, now: Now) {
        self.handle(input, now);
    }

    fn handle_deadline(&mut self, now: Now) {
        self.handle_deadline(now);
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.next_deadline()
    }

    fn poll_action(&mut self) -> Option<Action> {
        self.poll_action()
    }

    fn set_agent(&mut self, agent: &AgentId, intent: AgentIntent, now: Now) -> Result<(), CommandError> {
        self.set_agent(agent, intent, now)
    }

    fn campaign_order(&mut self, order: CampaignOrder, now: Now) -> Result<CampaignReply, CommandError> {
        self.campaign_order(order, now)
    }

    fn hang_up(&mut self, call: CallId, now: Now) -> Result<(), CommandError> {
        self.hang_up(call, now)
    }

    fn pause_recording(&mut self, call: CallId, reason: &str, now: Now) -> Result<(), CommandError> {
        self.pause_recording(call, reason, now)
    }

    fn resume_recording(&mut self, call: CallId, now: Now) -> Result<(), CommandError> {
        self.resume_recording(call, now)
    }

    fn snapshot(&self, now: Now) -> Snapshot {
        self.snapshot(now)
    }

    fn live_calls(&self) -> usize {
        self.live_calls()
    }

    fn knows_leg(&self, leg: LegId) -> Option<bool> {
        Some(self.call_of(leg).is_some())
    }

    fn is_immediate(&self) -> bool {
        true
    }

    fn leftovers(&self) -> Option<String> {
        // Tasks may wait for another day.
        let waits = self.campaign_views().iter().any(|campaign| campaign.ready + campaign.later > 0);
        let deadline = self.next_deadline().filter(|_| !waits).map(|_| "a deadline of nothing".to_owned());
        (self.live_calls() > 0).then(|| format!("{} calls", self.live_calls())).or(deadline)
    }
}
