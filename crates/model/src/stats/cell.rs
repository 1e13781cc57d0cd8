//! What is counted in one interval, or in one day, for one queue, one line or one agent. Cells of one kind can be added:
//! the sum of a day's intervals is the day.
//!
//! What it is not: a cell divides nothing. Rates and means are in [`super::definitions`].

use super::activity::TimeInStates;
use super::entries::{Entries, WayOut};
use super::later::{Callbacks, Surveys};
use super::tally::{Spread, Tally, Total};
use crate::event::{EndCause, OfferOutcome, QueueOutcome, TransferOutcome};
use serde::{Deserialize, Serialize};

/// Offers to agents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offers {
    /// Offers made.
    pub made: u32,
    /// Offers ended, by outcome.
    pub outcomes: Tally<OfferOutcome>,
    /// Offers made less offers ended, as with [`Entries::waiting`].
    pub open: i64,
    /// From the offer to its end, of all.
    pub ring: Total,
    /// From the offer to the answer, of those that were answered.
    pub answered_ring: Total,
}

impl Offers {
    /// Made is the sum of all outcomes and of those that are open. Always true.
    #[must_use]
    pub fn balances(&self) -> bool {
        i64::from(self.made) == i64::from(self.outcomes.total()) + self.open
    }

    pub(super) fn begin(&mut self) {
        self.made = self.made.saturating_add(1);
        self.open = self.open.saturating_add(1);
    }

    pub(super) fn end(&mut self, outcome: OfferOutcome, ring_ms: u64) {
        self.outcomes.count(outcome);
        self.open = self.open.saturating_sub(1);
        self.ring.record(ring_ms);
        if outcome == OfferOutcome::Answered {
            self.answered_ring.record(ring_ms);
        }
    }

    fn add(&mut self, other: &Self) {
        self.made = self.made.saturating_add(other.made);
        self.outcomes.add(&other.outcomes);
        self.open = self.open.saturating_add(other.open);
        self.ring.add(&other.ring);
        self.answered_ring.add(&other.answered_ring);
    }
}

/// Transfers that agents began.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfers {
    /// Begun: blind and attended ones.
    pub started: u32,
    /// Begun after the agent had spoken to the third party.
    pub attended: u32,
    /// Begun to a number outside; the others went to an extension.
    pub outside: u32,
    /// Ended, by outcome.
    pub outcomes: Tally<TransferOutcome>,
    /// Those of the connected ones that went outside.
    pub connected_outside: u32,
    /// Begun less ended, as with [`Entries::waiting`].
    pub open: i64,
}

impl Transfers {
    /// Started is the sum of all outcomes and of those that are open. Always true.
    #[must_use]
    pub fn balances(&self) -> bool {
        i64::from(self.started) == i64::from(self.outcomes.total()) + self.open
    }

    pub(super) fn begin(&mut self, attended: bool, outside: bool) {
        self.started = self.started.saturating_add(1);
        self.attended = self.attended.saturating_add(u32::from(attended));
        self.outside = self.outside.saturating_add(u32::from(outside));
        self.open = self.open.saturating_add(1);
    }

    pub(super) fn end(&mut self, outcome: TransferOutcome, outside: bool) {
        let connected = outcome == TransferOutcome::Connected;
        self.outcomes.count(outcome);
        self.connected_outside = self.connected_outside.saturating_add(u32::from(outside && connected));
        self.open = self.open.saturating_sub(1);
    }

    fn add(&mut self, other: &Self) {
        self.started = self.started.saturating_add(other.started);
        self.attended = self.attended.saturating_add(other.attended);
        self.outside = self.outside.saturating_add(other.outside);
        self.outcomes.add(&other.outcomes);
        self.connected_outside = self.connected_outside.saturating_add(other.connected_outside);
        self.open = self.open.saturating_add(other.open);
    }
}

/// Calls of a line, or calls that agents dialled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calls {
    /// Calls that began.
    pub begun: u32,
    /// Calls that ended, by cause.
    pub ended: Tally<EndCause>,
    /// Begun less ended, as with [`Entries::waiting`].
    pub live: i64,
    /// Calls that entered a queue at least once.
    pub queued: u32,
    /// Conversation in the calls that ended, as their end tells it, also with a third party outside.
    pub talk: Total,
    /// Length of the calls that ended.
    pub length: Total,
}

impl Calls {
    /// Begun is the sum of all causes and of those that are live. Always true.
    #[must_use]
    pub fn balances(&self) -> bool {
        i64::from(self.begun) == i64::from(self.ended.total()) + self.live
    }

    pub(super) fn begin(&mut self) {
        self.begun = self.begun.saturating_add(1);
        self.live = self.live.saturating_add(1);
    }

    pub(super) fn queue(&mut self) {
        self.queued = self.queued.saturating_add(1);
    }

    pub(super) fn end(&mut self, cause: EndCause, length_ms: u64, talk_ms: u64) {
        self.ended.count(cause);
        self.live = self.live.saturating_sub(1);
        self.length.record(length_ms);
        if talk_ms > 0 {
            self.talk.record(talk_ms);
        }
    }

    fn add(&mut self, other: &Self) {
        self.begun = self.begun.saturating_add(other.begun);
        self.ended.add(&other.ended);
        self.live = self.live.saturating_add(other.live);
        self.queued = self.queued.saturating_add(other.queued);
        self.talk.add(&other.talk);
        self.length.add(&other.length);
    }
}

/// Everything that is counted. A queue, a line and an agent each fill the parts that concern them.
///
/// Hold is not told by events: it is part of the conversation here, and of the agent's state of talking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cell {
    /// Queue: entries.
    #[serde(skip_serializing_if = "is_default")]
    pub entries: Entries,
    /// Queue: waits of those who were answered.
    #[serde(skip_serializing_if = "is_default")]
    pub answered_wait: Spread,
    /// Queue: waits of those who abandoned (long).
    #[serde(skip_serializing_if = "is_default")]
    pub abandoned_wait: Spread,
    /// Queue: waits of all others who left it.
    #[serde(skip_serializing_if = "is_default")]
    pub other_wait: Total,
    /// Queue and agent: offers.
    #[serde(skip_serializing_if = "is_default")]
    pub offers: Offers,
    /// Queue and agent: conversations with callers of a queue that an agent began. One for each agent of a caller: who
    /// has a caller back after a failed transfer has the same conversation.
    #[serde(skip_serializing_if = "is_default")]
    pub handled: u32,
    /// Queue and agent: talk of agents with callers of a queue, by its stretches without a break.
    #[serde(skip_serializing_if = "is_default")]
    pub talk: Total,
    /// Agent: talk in calls that no queue brought.
    #[serde(skip_serializing_if = "is_default")]
    pub own_talk: Total,
    /// Queue and agent: wrap-up that is over.
    #[serde(skip_serializing_if = "is_default")]
    pub wrap_up: Total,
    /// Queue and agent: transfers.
    #[serde(skip_serializing_if = "is_default")]
    pub transfers: Transfers,
    /// Agent: time by state.
    #[serde(skip_serializing_if = "is_default")]
    pub time: TimeInStates,
    /// Line: calls.
    #[serde(skip_serializing_if = "is_default")]
    pub calls: Calls,
    /// Queue: callbacks.
    #[serde(skip_serializing_if = "is_default")]
    pub callbacks: Callbacks,
    /// Queue and agent: surveys.
    #[serde(skip_serializing_if = "is_default")]
    pub surveys: Surveys,
}

impl Cell {
    /// Adds what another one has counted.
    pub fn add(&mut self, other: &Self) {
        self.entries.add(&other.entries);
        self.answered_wait.add(&other.answered_wait);
        self.abandoned_wait.add(&other.abandoned_wait);
        self.other_wait.add(&other.other_wait);
        self.offers.add(&other.offers);
        self.handled = self.handled.saturating_add(other.handled);
        self.talk.add(&other.talk);
        self.own_talk.add(&other.own_talk);
        self.wrap_up.add(&other.wrap_up);
        self.transfers.add(&other.transfers);
        self.time.add(&other.time);
        self.calls.add(&other.calls);
        self.callbacks.add(&other.callbacks);
        self.surveys.add(&other.surveys);
    }

    /// Everything that began is counted at its end or is still going on. Always true.
    #[must_use]
    pub fn balances(&self) -> bool {
        self.entries.balances()
            && self.offers.balances()
            && self.transfers.balances()
            && self.calls.balances()
    }

    pub(super) fn end_entry(&mut self, outcome: QueueOutcome, wait_ms: u64) {
        self.entries.end(outcome, wait_ms);
        match WayOut::from(outcome) {
            WayOut::Answered => self.answered_wait.record(wait_ms),
            WayOut::Abandoned => self.abandoned_wait.record(wait_ms),
            WayOut::ShortAbandoned | WayOut::FlowOut | WayOut::SystemFault => self.other_wait.record(wait_ms),
        }
    }
}

impl<'a> FromIterator<&'a Cell> for Cell {
    /// The sum of cells.
    fn from_iter<I: IntoIterator<Item = &'a Cell>>(cells: I) -> Self {
        let mut sum = Self::default();
        for cell in cells {
            sum.add(cell);
        }
        sum
    }
}

fn is_default<T: Default + PartialEq>(part: &T) -> bool {
    *part == T::default()
}
