//! How many calls a trunk takes, at the same time and in a second. A full trunk is busy, not failed.

use std::time::Instant;

/// Whether there is room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Room {
    /// For one more call.
    Free,
    /// All its calls are up.
    Full,
    /// It had as many new calls as it takes in a second.
    TooFast,
}

/// The calls of a trunk, both ways.
#[derive(Debug, Clone)]
pub struct Capacity {
    calls: usize,
    calls_max: Option<usize>,
    per_second: Option<u32>,
    tokens: f64,
    at: Option<Instant>,
}

impl Capacity {
    /// No call yet.
    pub fn new(calls_max: Option<usize>, per_second: Option<u32>) -> Self {
        Self { calls: 0, calls_max, per_second, tokens: per_second.map_or(0.0, f64::from), at: None }
    }

    /// Has other limits from now on; its calls stay.
    pub fn limit(&mut self, calls_max: Option<usize>, per_second: Option<u32>) {
        if self.per_second != per_second {
            (self.per_second, self.tokens, self.at) = (per_second, per_second.map_or(0.0, f64::from), None);
        }
        self.calls_max = calls_max;
    }

    /// Whether one more call fits.
    pub fn room(&mut self, now: Instant) -> Room {
        self.refill(now);
        if self.calls_max.is_some_and(|max| self.calls >= max) {
            return Room::Full;
        }
        if self.per_second.is_some() && self.tokens < 1.0 { Room::TooFast } else { Room::Free }
    }

    /// One call more; emergencies also when there is no room.
    pub fn take(&mut self, now: Instant) {
        self.refill(now);
        self.calls += 1;
        self.tokens = (self.tokens - 1.0).max(0.0);
    }

    /// One call less.
    pub fn give_back(&mut self) {
        self.calls = self.calls.saturating_sub(1);
    }

    /// Calls that are up or being set up.
    pub fn calls(&self) -> usize {
        self.calls
    }

    fn refill(&mut self, now: Instant) {
        let Some(per_second) = self.per_second.map(f64::from) else { return };
        let since = self.at.map_or(0.0, |at| now.saturating_duration_since(at).as_secs_f64());
        self.tokens = (self.tokens + since * per_second).min(per_second);
        self.at = Some(now);
    }
}
