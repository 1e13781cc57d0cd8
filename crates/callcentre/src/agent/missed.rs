//! Offers that an agent missed in a row: each cause has its rest, and may have its own limit (CF 1.4).

use crate::input::RefusedBy;
use careline_model::config::plan::Rona;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Missed offers in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missed {
    /// Of causes without a limit of their own.
    shared: u32,
    no_answer: u32,
    rejected: u32,
    busy: u32,
    unreachable: u32,
}

impl Missed {
    /// Counts one; true when that was one too many.
    pub(crate) fn count(&mut self, why: RefusedBy, rona: &Rona) -> bool {
        let (apart, limit) = match why {
            RefusedBy::NoAnswer => (&mut self.no_answer, rona.no_answer_max),
            RefusedBy::Rejected => (&mut self.rejected, rona.rejected_max),
            RefusedBy::Busy => (&mut self.busy, rona.busy_max),
            RefusedBy::Unreachable => (&mut self.unreachable, rona.unreachable_max),
        };
        let (count, limit) = limit.map_or((&mut self.shared, rona.missed_max), |limit| (apart, limit));
        *count = count.saturating_add(1);
        limit > 0 && *count >= limit
    }

    pub(crate) fn forgive(&mut self) {
        *self = Self::default();
    }

    /// She has missed none since her last answer.
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// No offers for so long.
pub(crate) fn rest_after(why: RefusedBy, rona: &Rona) -> Duration {
    match why {
        RefusedBy::NoAnswer => rona.rest_no_answer,
        RefusedBy::Rejected => rona.rest_rejected,
        RefusedBy::Busy => rona.rest_busy,
        RefusedBy::Unreachable => rona.rest_unreachable,
    }
}
