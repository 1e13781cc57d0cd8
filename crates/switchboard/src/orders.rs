//! Decisions above the configuration, carried to the call centre: opening hours, emergency mode, caller lists.

use crate::switchboard::Switchboard;
use careline_callcentre::{CallbackOrder, CampaignOrder, CampaignReply, CommandError, KeptMessage, Order};
use careline_model::callback::{CallbackView, KeptCallbacks};
use careline_model::hours::Outlook;
use careline_model::outbound::{CampaignView, DoNotCall, OutboundState, TaskView};
use careline_model::screening::{ListEntry, ListKind};
use careline_model::{CallbackId, CampaignId, Now, TaskId};

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

    /// Promises a callback; gives the one that holds, and whether it is open.
    ///
    /// # Errors
    /// When it cannot be; the error says what is allowed.
    pub fn request_callback(
        &mut self,
        now: Now,
        order: &CallbackOrder,
    ) -> Result<(CallbackId, bool), CommandError> {
        let result = self.centre.request_callback(order, now);
        self.settle(now);
        result
    }

    /// Takes a callback back; `by` stands in the event.
    ///
    /// # Errors
    /// When no such callback is open.
    pub fn cancel_callback(&mut self, now: Now, id: &CallbackId, by: &str) -> Result<(), CommandError> {
        let result = self.centre.cancel_callback(id, by, now);
        self.settle(now);
        result
    }

    /// The callbacks that are open, the one that was asked for first, first.
    #[must_use]
    pub fn callbacks(&self) -> Vec<CallbackView> {
        self.centre.callbacks()
    }

    /// All of them that has to outlive a restart; for [`Switchboard::restore_callbacks`].
    #[must_use]
    pub fn keep_callbacks(&self) -> KeptCallbacks {
        self.centre.keep_callbacks()
    }

    /// Takes back what an earlier run kept, before the first call.
    pub fn restore_callbacks(&mut self, now: Now, kept: KeptCallbacks) {
        self.centre.restore_callbacks(kept, now);
        self.settle(now);
    }

    /// The entries of one caller list that count now.
    #[must_use]
    pub fn list_entries(&self, now: Now, list: ListKind) -> Vec<ListEntry> {
        self.centre.list_entries(list, now)
    }
}
