//! Queue entries and how they ended (CF 1.11), with the thresholds of the service level.

use super::tally::Tally;
use crate::event::QueueOutcome;
use serde::{Deserialize, Serialize};

/// The thresholds of the service level, in seconds, in the order of the arrays below.
pub const THRESHOLDS_S: [u16; 3] = [15, 20, 30];

/// One of the thresholds of the service level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub enum Threshold {
    /// 15 seconds.
    #[serde(rename = "15")]
    S15,
    /// 20 seconds.
    #[default]
    #[serde(rename = "20")]
    S20,
    /// 30 seconds.
    #[serde(rename = "30")]
    S30,
}

impl Threshold {
    /// All of them, the shortest first.
    pub const ALL: [Self; 3] = [Self::S15, Self::S20, Self::S30];

    /// Its seconds.
    #[must_use]
    pub const fn seconds(self) -> u16 {
        THRESHOLDS_S[self.place()]
    }

    const fn place(self) -> usize {
        match self {
            Self::S15 => 0,
            Self::S20 => 1,
            Self::S30 => 2,
        }
    }
}

/// How many waits ended within each threshold; who waited exactly so long is within.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Within([u32; THRESHOLDS_S.len()]);

impl Within {
    /// How many ended within that one.
    #[must_use]
    pub const fn of(&self, threshold: Threshold) -> u32 {
        self.0[threshold.place()]
    }

    fn record(&mut self, wait_ms: u64) {
        for (count, seconds) in self.0.iter_mut().zip(THRESHOLDS_S) {
            if wait_ms <= u64::from(seconds) * 1000 {
                *count = count.saturating_add(1);
            }
        }
    }

    fn add(&mut self, other: &Self) {
        for (count, more) in self.0.iter_mut().zip(other.0) {
            *count = count.saturating_add(more);
        }
    }
}

/// The five ways out of a queue (CF 1.11); the flow-outs are told apart by their own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayOut {
    /// An agent has the caller.
    Answered,
    /// The caller hung up.
    Abandoned,
    /// The caller hung up within the short-abandon time.
    ShortAbandoned,
    /// By a rule, a supervisor or another program.
    FlowOut,
    /// By our fault.
    SystemFault,
}

impl From<QueueOutcome> for WayOut {
    fn from(outcome: QueueOutcome) -> Self {
        match outcome {
            QueueOutcome::Answered => Self::Answered,
            QueueOutcome::Abandoned => Self::Abandoned,
            QueueOutcome::ShortAbandoned => Self::ShortAbandoned,
            QueueOutcome::FlowOutTimeout
            | QueueOutcome::FlowOutEmpty
            | QueueOutcome::FlowOutClosed
            | QueueOutcome::FlowOutOverflow
            | QueueOutcome::FlowOutKey
            | QueueOutcome::FlowOutCallback
            | QueueOutcome::FlowOutVoicemail
            | QueueOutcome::FlowOutAdmin => Self::FlowOut,
            QueueOutcome::SystemFault => Self::SystemFault,
        }
    }
}

/// Queue entries and the one outcome of each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    /// Entries that began (人工请求量): entries, not calls.
    pub offered: u32,
    /// Entries that ended, by outcome.
    pub outcomes: Tally<QueueOutcome>,
    /// Entries that began less entries that ended: those that wait. Counted by event it is what this interval added to
    /// those that wait, and may be negative.
    pub waiting: i64,
    /// Answered within each threshold.
    pub answered_within: Within,
    /// Abandoned (long) within each threshold.
    pub abandoned_within: Within,
    /// Short abandons within each threshold.
    pub short_abandoned_within: Within,
}

impl Entries {
    /// Entries that ended in one way.
    #[must_use]
    pub fn of(&self, way: WayOut) -> u32 {
        self.outcomes.total_of(|outcome| WayOut::from(outcome) == way)
    }

    /// Offered is the sum of all outcomes and of those that wait (CF 3.1). Always true.
    #[must_use]
    pub fn balances(&self) -> bool {
        i64::from(self.offered) == i64::from(self.outcomes.total()) + self.waiting
    }

    pub(super) fn begin(&mut self) {
        self.offered = self.offered.saturating_add(1);
        self.waiting = self.waiting.saturating_add(1);
    }

    pub(super) fn end(&mut self, outcome: QueueOutcome, wait_ms: u64) {
        self.outcomes.count(outcome);
        self.waiting = self.waiting.saturating_sub(1);
        match WayOut::from(outcome) {
            WayOut::Answered => self.answered_within.record(wait_ms),
            WayOut::Abandoned => self.abandoned_within.record(wait_ms),
            WayOut::ShortAbandoned => self.short_abandoned_within.record(wait_ms),
            WayOut::FlowOut | WayOut::SystemFault => {}
        }
    }

    /// Adds what another one has counted.
    pub fn add(&mut self, other: &Self) {
        self.offered = self.offered.saturating_add(other.offered);
        self.outcomes.add(&other.outcomes);
        self.waiting = self.waiting.saturating_add(other.waiting);
        self.answered_within.add(&other.answered_within);
        self.abandoned_within.add(&other.abandoned_within);
        self.short_abandoned_within.add(&other.short_abandoned_within);
    }
}
