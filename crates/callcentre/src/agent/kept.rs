//! The times of an agent that outlive the process.

use super::{Agent, Missed};
use crate::kept::{instant_of, wall_of};
use careline_model::Now;
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// Since when and until when, UTC microseconds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptTimes {
    /// Since when she waits for work, over short pauses too.
    pub idle_since_us: Option<i64>,
    /// When her pause began.
    pub paused_at_us: Option<i64>,
    /// Until when no call is offered to her.
    pub rests_until_us: Option<i64>,
    /// Offers missed in a row.
    pub missed: Missed,
}

impl Agent {
    pub(crate) fn keep_times(&self, rests_until: Option<Instant>, now: Now) -> KeptTimes {
        let wall = |at: Option<Instant>| at.map(|at| wall_of(at, now));
        KeptTimes {
            idle_since_us: wall(self.idle_since),
            paused_at_us: wall(self.paused_at),
            rests_until_us: wall(rests_until.filter(|_| self.resting)),
            missed: self.missed.clone(),
        }
    }

    /// Gives the end of her rest, if it is ahead.
    pub(crate) fn restore_times(
        &mut self,
        kept: &KeptTimes,
        idle: Option<Instant>,
        now: Now,
    ) -> Option<Instant> {
        self.idle_since = idle;
        self.paused_at = kept.paused_at_us.map(|at_us| instant_of(at_us, now));
        self.missed = kept.missed.clone();
        let until = kept.rests_until_us.filter(|until_us| *until_us > now.wall_us);
        self.resting = until.is_some();
        until.map(|until_us| instant_of(until_us, now))
    }
}
