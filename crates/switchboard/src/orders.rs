//! Decisions above the configuration, carried to the call centre: opening hours, emergency mode, caller lists.

use crate::switchboard::Switchboard;
use careline_callcentre::{CommandError, KeptMessage, Order};
use careline_model::Now;
use careline_model::hours::Outlook;
use careline_model::screening::{ListEntry, ListKind};

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
