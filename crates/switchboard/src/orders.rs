//! Decisions above the configuration, carried to the call centre: opening hours, emergency mode, caller lists.

use crate::switchboard::Switchboard;
use careline_callcentre::{CampaignOrder, CampaignReply, CommandError, KeptMessage, Order};
use careline_model::Now;
use careline_model::hours::Outlook;
use careline_model::outbound::{CampaignView, DoNotCall, OutboundState, TaskView};
use careline_model::screening::{ListEntry, ListKind};
use careline_model::{CampaignId, TaskId};

impl Switchboard {
    /// Does what somebody decided; `by` stands in the events.
    ///
    /// # Errors
    /// When it cannot be done; the error says what is allowed.
    pub fn carry_out(&mut self, now: Now, order: Order, by: &str) -> Result<(), CommandError> {
        let result = self.centre.carry_out(order, by, now);
        self.settle(now);
        result
    }

    /// Gives back the messages of before a restart; says how many belong to no mailbox any more.
    pub fn restore_messages(&mut self, kept: Vec<KeptMessage>) -> usize {
        self.centre.restore_messages(kept)
    }

    /// Does what is ordered about campaigns.
    ///
    /// # Errors
    /// When it cannot be done; the error says what is allowed.
    pub fn campaign_order(&mut self, now: Now, order: CampaignOrder) -> Result<CampaignReply, CommandError> {
        let result = self.centre.campaign_order(order, now);
        self.settle(now);
        result
    }

    /// All campaigns, in the order in which they are served.
    #[must_use]
    pub fn campaigns(&self) -> Vec<CampaignView> {
        self.centre.campaign_views()
    }

    /// Tasks of a campaign that have not ended, those after `after`: a page of them.
    #[must_use]
    pub fn campaign_tasks(&self, campaign: &CampaignId, after: Option<&TaskId>) -> Vec<TaskView> {
        self.centre.task_views(campaign, after)
    }

    /// Who may not be called, those after `after`: a page of them.
    #[must_use]
    pub fn do_not_call(&self, after: &str) -> Vec<DoNotCall> {
        self.centre.do_not_call(after)
    }

    /// What campaigns remember, for whoever keeps it over a restart.
    #[must_use]
    pub fn outbound_state(&self) -> OutboundState {
        self.centre.outbound_state()
    }

    /// Takes that back, before anything else happens.
    pub fn restore_outbound(&mut self, now: Now, state: OutboundState) {
        self.centre.restore_outbound(state, now);
        self.settle(now);
    }

    /// What happens at `at_us` (UTC microseconds; now when absent) with a profile of opening hours.
    ///
    /// # Errors
    /// When there is no such profile; the error names those that are.
    pub fn preview_hours(&self, now: Now, hours: &str, at_us: Option<i64>) -> Result<Outlook, CommandError> {
        self.centre.preview_hours(hours, at_us.unwrap_or(now.wall_us))
    }

    /// The entries of one caller list that count now.
    #[must_use]
    pub fn list_entries(&self, now: Now, list: ListKind) -> Vec<ListEntry> {
        self.centre.list_entries(list, now)
    }
}
