//! How late the event loop is, beyond what the queue of messages tells: a message that waits in the kernel's buffer
//! while the loop is away is stamped only when it is read.
//!
//! ```text
//! asleep in the kernel's buffer --> read and stamped --> queue --> driver
//! '---- lateness of the beat -----'                '--- its age ---'
//! ```

use std::time::{Duration, Instant};

/// How often the loop is asked whether it comes round in time.
const BEAT: Duration = Duration::from_millis(50);

/// A beat that the loop keeps. Its lateness stands for what was read after it, until the next one is kept.
#[derive(Debug)]
pub struct Lateness {
    next: Instant,
    late: Duration,
}

impl Lateness {
    /// In time.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { next: now + BEAT, late: Duration::ZERO }
    }

    /// When the loop has to come round at the latest.
    #[must_use]
    pub fn next(&self) -> Instant {
        self.next
    }

    /// How late the last beat was.
    #[must_use]
    pub fn last(&self) -> Duration {
        self.late
    }

    /// The loop has come round; called as often as it does.
    pub fn beat(&mut self, now: Instant) {
        if now >= self.next {
            self.late = now - self.next;
            self.next = now + BEAT;
        }
    }

    /// How long a message has waited that was read at `at` and is taken now. `crowded`: so many wait behind it that no
    /// age would tell.
    #[must_use]
    pub fn of(&self, at: Instant, now: Instant, crowded: bool) -> Duration {
        if crowded {
            return Duration::MAX;
        }
        now.saturating_duration_since(at).saturating_add(self.late)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_the_loop_was_away_counts_until_it_keeps_its_beat_again() {
        let ms = Duration::from_millis;
        let start = Instant::now();
        let mut lateness = Lateness::new(start);
        lateness.beat(start + ms(10));
        assert_eq!(lateness.of(start + ms(10), start + ms(12), false), ms(2));
        // Away for half a second; what came meanwhile is read, stamped and taken at once.
        let back = start + ms(550);
        lateness.beat(back);
        assert_eq!(lateness.of(back, back, false), ms(500));
        lateness.beat(back + ms(51));
        assert_eq!(lateness.of(back + ms(51), back + ms(51), false), ms(1));
        assert_eq!(lateness.of(back, back, true), Duration::MAX);
    }
}
