//! What people decide above the configuration, as one value: shells carry it from where it was said to the centre.

use crate::centre::Centre;
use crate::command::CommandError;
use careline_model::event::MessageState;
use careline_model::hours::Opening;
use careline_model::screening::{ListEntry, ListKind, Pattern, Scope};
use careline_model::{Now, RecordingId};

/// One decision. Times are in UTC microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// [`Centre::override_hours`]
    OverrideHours {
        /// The profile.
        hours: String,
        /// Which way callers take.
        opening: Opening,
        /// When the calendar decides again.
        until_us: i64,
        /// Why.
        reason: String,
    },
    /// [`Centre::revert_hours`]
    RevertHours {
        /// The profile.
        hours: String,
    },
    /// [`Centre::begin_emergency`]
    BeginEmergency {
        /// When it ends by itself.
        until_us: Option<i64>,
        /// Why.
        reason: String,
    },
    /// [`Centre::end_emergency`]
    EndEmergency,
    /// [`Centre::set_message`]
    SetMessage {
        /// Which.
        message: RecordingId,
        /// What it is to be.
        state: MessageState,
    },
    /// [`Centre::set_list_entry`]
    SetListEntry(ListEntry),
    /// [`Centre::remove_list_entry`]
    RemoveListEntry {
        /// Its list.
        list: ListKind,
        /// Its pattern.
        pattern: Pattern,
        /// Its scope.
        scope: Scope,
    },
}

impl Centre {
    /// Does what was decided; `by` says who decided, and stands in the events.
    ///
    /// # Errors
    /// Those of the order; nothing changes then.
    pub fn carry_out(&mut self, order: Order, by: &str, now: Now) -> Result<(), CommandError> {
        match order {
            Order::OverrideHours { hours, opening, until_us, reason } => {
                self.override_hours(&hours, opening, until_us, by, &reason, now)
            }
            Order::RevertHours { hours } => self.revert_hours(&hours, by, now),
            Order::BeginEmergency { until_us, reason } => self.begin_emergency(until_us, by, &reason, now),
            Order::EndEmergency => self.end_emergency(by, now),
            Order::SetMessage { message, state } => self.set_message(&message, state, by, now),
            Order::SetListEntry(entry) => self.set_list_entry(entry, by, now),
            Order::RemoveListEntry { list, pattern, scope } => {
                self.remove_list_entry(list, &pattern, &scope, by, now)
            }
        }
    }
}
