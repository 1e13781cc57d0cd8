//! The one moment a wake-up happens at.

use std::time::{Duration, Instant};

/// The moment of one wake-up of the shell: made once, handed to everything that decides.
///
/// `instant` measures durations and never jumps; `wall_us` is what people read (UTC microseconds since 1970).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Monotonic time: for deadlines and durations.
    pub instant: Instant,
    /// Wall-clock time in microseconds since 1970-01-01T00:00:00Z: for records and for opening hours.
    pub wall_us: i64,
}

impl Now {
    /// The moment `by` later on both clocks; for tests and simulations.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        Self { instant: self.instant + by, wall_us: self.wall_us.saturating_add(micros) }
    }

    /// Whole seconds since 1970, as digest nonces use them.
    #[must_use]
    pub fn wall_s(self) -> u64 {
        u64::try_from(self.wall_us / 1_000_000).unwrap_or(0)
    }
}
