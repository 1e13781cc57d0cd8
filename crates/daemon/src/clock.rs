//! The one place that reads the clocks of the operating system.
//!
//! The wall clock follows the system's at once when that is ahead. It never goes backwards within a process: when the
//! system's was set back, ours goes at half speed until the two meet, so that records keep their order and durations
//! taken from records stay positive. It is not derived from the start time alone: a hospital's clock that was wrong
//! at boot must not stay wrong for months.

use careline_model::Now;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// From here on a correction of the system's clock is worth a line in the log.
const STEP_WORTH_A_WARNING: Duration = Duration::from_secs(1);

/// The clock. Clones are the same clock.
#[derive(Debug, Clone)]
pub struct Clock {
    last: Arc<Mutex<Last>>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    now: Now,
    /// The system's clock was set back and ours has not met it yet.
    behind: bool,
}

impl Clock {
    /// Starts with what the system says.
    #[must_use]
    pub fn start() -> Self {
        let now = Now { instant: Instant::now(), wall_us: system_us() };
        Self { last: Arc::new(Mutex::new(Last { now, behind: false })) }
    }

    /// The present moment. Call it once per wake-up and hand it on.
    #[must_use]
    pub fn now(&self) -> Now {
        // What is behind the lock is a plain value: it is whole even when another thread panicked.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (now, set_back) = advance(last.now, Instant::now(), system_us());
        let behind = set_back > STEP_WORTH_A_WARNING;
        if behind && !last.behind {
            tracing::warn!(
                seconds = set_back.as_secs(),
                "system clock was set back: ours goes at half speed"
            );
        }
        *last = Last { now, behind };
        now
    }
}

/// The next moment, and how far the system's wall clock is behind ours.
fn advance(last: Now, instant: Instant, system_us: i64) -> (Now, Duration) {
    let instant = instant.max(last.instant);
    let elapsed = micros(instant - last.instant);
    let slowed = last.wall_us.saturating_add(elapsed / 2);
    let wall_us = system_us.max(slowed);
    let behind = u64::try_from(wall_us.saturating_sub(system_us)).unwrap_or(0);
    (Now { instant, wall_us }, Duration::from_micros(behind))
}

fn system_us() -> i64 {
    // A clock before 1970 is not set yet: time then starts at zero.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, micros)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: i64 = 3_600_000_000;

    fn start() -> Now {
        Now { instant: Instant::now(), wall_us: 10 * HOUR_US }
    }

    #[test]
    fn it_follows_the_system_when_that_is_ahead() {
        let last = start();
        let (now, behind) = advance(last, last.instant, last.wall_us + HOUR_US);
        assert_eq!((now.wall_us, behind), (last.wall_us + HOUR_US, Duration::ZERO));
    }

    #[test]
    fn it_goes_at_half_speed_until_a_clock_that_was_set_back_meets_it() {
        let begin = start();
        let mut now = begin;
        for minute in 1..=180_i64 {
            let later = begin.instant + Duration::from_secs(60 * u64::try_from(minute).unwrap());
            let system = begin.wall_us - HOUR_US + minute * 60_000_000;
            let (next, _) = advance(now, later, system);
            assert!(next.wall_us > now.wall_us, "time stood still in minute {minute}");
            now = next;
            if minute >= 120 {
                assert_eq!(now.wall_us, system, "not met in minute {minute}");
            }
        }
    }

    #[test]
    fn clones_are_the_same_clock_and_never_go_back() {
        let clock = Clock::start();
        let other = clock.clone();
        let mut last = clock.now();
        for _ in 0..1000 {
            for now in [clock.now(), other.now()] {
                assert!(now.instant >= last.instant && now.wall_us >= last.wall_us);
                last = now;
            }
        }
    }
}
