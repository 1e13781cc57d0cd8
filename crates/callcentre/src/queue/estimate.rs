//! How long a caller will still wait (CF 1.6): pure arithmetic on counts.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Parts of which shares are counted.
pub(crate) const WHOLE: u64 = 1_000_000;
/// What the newest of many calls counts for, in millionths: half of the memory is the last 20 calls, 1 - 2^(-1/20).
const NEWEST: u64 = 34_064;
/// The configured time counts as much as so many calls.
const PRIOR_CALLS: u64 = 5;
/// A call keeps an agent busy for so long at least; what is shorter was no call.
const HANDLING_MIN: Duration = Duration::from_secs(30);

/// What a queue has learned about its calls.
#[derive(Debug)]
pub(crate) struct Pace {
    handling_ms: u64,
    calls: u64,
    /// Share of entries whose caller hung up, in millionths.
    abandoned: u64,
    entries: u64,
}

/// The same, to be kept over a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPace {
    /// What a call keeps an agent busy, milliseconds.
    pub handling_ms: u64,
    /// Calls that taught it.
    pub calls: u64,
    /// Share of entries whose caller hung up, in millionths.
    pub abandoned: u64,
    /// Entries that taught that.
    pub entries: u64,
}

impl Pace {
    pub(crate) fn keep(&self) -> KeptPace {
        let Self { handling_ms, calls, abandoned, entries } = *self;
        KeptPace { handling_ms, calls, abandoned, entries }
    }

    pub(crate) fn restore(&mut self, kept: KeptPace) {
        let KeptPace { handling_ms, calls, abandoned, entries } = kept;
        // Without a call the plan knows better.
        if calls > 0 {
            (self.handling_ms, self.calls) = (handling_ms, calls);
        }
        (self.abandoned, self.entries) = (abandoned.min(WHOLE), entries);
    }

    /// `handling` is believed until calls have taught better.
    pub(crate) fn new(handling: Duration) -> Self {
        Self { handling_ms: super::millis(handling), calls: 0, abandoned: 0, entries: 0 }
    }

    /// Another time is believed, as long as no call has taught better.
    pub(crate) fn expect(&mut self, handling: Duration) {
        if self.calls == 0 {
            self.handling_ms = super::millis(handling);
        }
    }

    /// A call kept an agent busy for so long, wrap-up included.
    pub(crate) fn handled(&mut self, took: Duration) {
        self.handling_ms = blend(self.handling_ms, super::millis(took), self.calls);
        self.calls += 1;
    }

    /// An entry ended.
    pub(crate) fn left(&mut self, abandoned: bool) {
        self.abandoned = blend(self.abandoned, if abandoned { WHOLE } else { 0 }, self.entries);
        self.entries += 1;
    }

    pub(crate) fn handling(&self) -> Duration {
        Duration::from_millis(self.handling_ms).max(HANDLING_MIN)
    }
}

/// The mean moves towards the newest value: fast at first, then as slowly as the memory is long.
fn blend(mean: u64, newest: u64, seen: u64) -> u64 {
    let share = (WHOLE / (PRIOR_CALLS + 1 + seen)).max(NEWEST);
    let moved = (u128::from(mean) * u128::from(WHOLE - share) + u128::from(newest) * u128::from(share))
        / u128::from(WHOLE);
    u64::try_from(moved).unwrap_or(u64::MAX)
}

/// Who could serve a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Staff {
    /// Agents who are free, or are being rung.
    pub(crate) free: u64,
    /// All agents who take calls, now or when their work is done, each as the share that this queue has of her, in
    /// millionths.
    pub(crate) shares: u64,
}

/// The further wait of the caller who is `place`th in line, 1 for the next; nothing when nobody works.
pub(crate) fn further_wait(place: u64, staff: Staff, pace: &Pace) -> Option<Duration> {
    if staff.shares == 0 {
        return None;
    }
    let ahead = u128::from(place.saturating_sub(staff.free));
    let stay = u128::from(WHOLE - pace.abandoned.min(WHOLE));
    let wait_ms = ahead * pace.handling().as_millis() * stay / u128::from(staff.shares);
    Some(Duration::from_millis(u64::try_from(wait_ms).unwrap_or(u64::MAX)))
}

/// Which of the kinds of wait that are said: less than 1 minute, 1 to 2, 3 to 5, 6 to 10, more; minutes are rounded up.
pub(crate) fn kind_of(wait: Duration) -> usize {
    if wait < Duration::from_secs(60) {
        return 0;
    }
    match wait.as_millis().div_ceil(60_000) {
        0..=2 => 1,
        3..=5 => 2,
        6..=10 => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn staff(free: u64, agents: u64) -> Staff {
        Staff { free, shares: agents * WHOLE }
    }

    #[test]
    fn the_fourth_in_line_of_two_agents_waits_for_two_calls() {
        let pace = Pace::new(3 * MINUTE);
        assert_eq!(further_wait(4, staff(0, 2), &pace), Some(6 * MINUTE));
        assert_eq!(further_wait(1, staff(1, 2), &pace), Some(Duration::ZERO), "somebody is free");
        assert_eq!(further_wait(4, staff(0, 0), &pace), None, "nobody works: never a number");
    }

    #[test]
    fn an_agent_shared_with_another_queue_counts_half() {
        let half = Staff { free: 0, shares: WHOLE / 2 };
        assert_eq!(further_wait(1, half, &Pace::new(MINUTE)), Some(2 * MINUTE));
    }

    #[test]
    fn those_who_hang_up_ahead_shorten_the_wait() {
        let mut pace = Pace::new(MINUTE);
        (0..200).for_each(|call| pace.left(call % 2 == 0));
        let wait = further_wait(10, staff(0, 1), &pace).expect("somebody works");
        assert!((4 * MINUTE..6 * MINUTE).contains(&wait), "{wait:?}");
    }

    #[test]
    fn half_of_the_memory_is_the_last_twenty_calls() {
        let mut pace = Pace::new(2 * MINUTE);
        (0..500).for_each(|_| pace.handled(2 * MINUTE));
        (0..20).for_each(|_| pace.handled(4 * MINUTE));
        let off = pace.handling().abs_diff(3 * MINUTE);
        assert!(off < Duration::from_secs(1), "{:?}", pace.handling());
    }

    #[test]
    fn a_handling_time_is_never_believed_to_be_shorter_than_thirty_seconds() {
        let mut pace = Pace::new(MINUTE);
        (0..500).for_each(|_| pace.handled(Duration::from_secs(1)));
        assert_eq!(pace.handling(), Duration::from_secs(30));
    }

    #[test]
    fn the_first_calls_weigh_as_the_five_that_were_believed() {
        let moved = [0, 1, 4, 1000].map(|seen| blend(240_000, 60_000, seen));
        // A sixth, a seventh, a tenth, and 0.034064 of the way.
        assert_eq!(moved, [210_000, 214_285, 222_000, 233_868]);
    }

    #[test]
    fn what_is_believed_counts_until_a_call_has_taught_better() {
        let mut pace = Pace::new(3 * MINUTE);
        pace.expect(2 * MINUTE);
        assert_eq!(pace.handling(), 2 * MINUTE);
        pace.handled(2 * MINUTE);
        pace.expect(9 * MINUTE);
        assert_eq!(pace.handling(), 2 * MINUTE);
        pace.left(true);
        let kept = pace.keep();
        assert_eq!((kept.calls, kept.entries, kept.abandoned), (1, 1, WHOLE / 6));
    }

    #[test]
    fn a_restart_knows_what_calls_had_taught_and_nothing_else() {
        let kept = KeptPace { handling_ms: 90_000, calls: 3, abandoned: 2 * WHOLE, entries: 7 };
        let mut pace = Pace::new(3 * MINUTE);
        pace.restore(kept);
        assert_eq!(pace.keep(), KeptPace { abandoned: WHOLE, ..kept });
        let mut pace = Pace::new(3 * MINUTE);
        pace.restore(KeptPace { handling_ms: 0, calls: 0, ..kept });
        assert_eq!(pace.handling(), 3 * MINUTE, "no call taught anything");
    }

    #[test]
    fn minutes_are_rounded_up_before_they_are_said() {
        let kinds = [0, 59, 60, 120, 121, 300, 301, 600, 601].map(|s| kind_of(Duration::from_secs(s)));
        assert_eq!(kinds, [0, 0, 1, 1, 2, 2, 3, 3, 4]);
    }
}
