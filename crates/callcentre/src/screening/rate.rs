//! How often each number called of late.

use careline_model::Number;
use careline_model::config::plan::CallerRate;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

/// Numbers that are remembered at the same time. When one more calls, the one that has been silent longest is
/// forgotten, and may call as if it never had.
pub(super) const NUMBERS_MAX: usize = 10_000;

/// The last calls of each number. A number is forgotten when its last call is as old as the rate's time.
#[derive(Debug, Default)]
pub(super) struct CallerRates {
    /// At most as many as the rate allows, the oldest first.
    calls: BTreeMap<Number, VecDeque<Instant>>,
    /// The last call of each number.
    silent_since: BTreeSet<(Instant, Number)>,
}

impl CallerRates {
    /// Whether one more call would be one too many.
    pub(super) fn is_over(&self, caller: &Number, rate: &CallerRate, now: Instant) -> bool {
        let Some(calls) = self.calls.get(caller) else { return false };
        calls.iter().filter(|at| is_recent(**at, rate.within, now)).count() >= rate.calls_max
    }

    /// A call was let in.
    pub(super) fn count(&mut self, caller: &Number, rate: &CallerRate, now: Instant) {
        while self.silent_since.first().is_some_and(|(at, _)| !is_recent(*at, rate.within, now)) {
            self.forget_oldest();
        }
        if self.calls.len() >= NUMBERS_MAX && !self.calls.contains_key(caller) {
            self.forget_oldest();
        }
        let calls = self.calls.entry(caller.clone()).or_default();
        if let Some(last) = calls.back() {
            self.silent_since.remove(&(*last, caller.clone()));
        }
        calls.push_back(now);
        while calls.len() > rate.calls_max {
            calls.pop_front();
        }
        self.silent_since.insert((now, caller.clone()));
    }

    fn forget_oldest(&mut self) {
        if let Some((_, number)) = self.silent_since.pop_first() {
            self.calls.remove(&number);
        }
    }
}

fn is_recent(at: Instant, within: Duration, now: Instant) -> bool {
    now.saturating_duration_since(at) < within
}

#[cfg(test)]
mod tests {
    use super::*;
    use careline_model::screening::BlockAction;

    #[allow(
        clippy::disallowed_methods,
        reason = "an Instant has no other origin; only distances from it matter"
    )]
    fn origin() -> Instant {
        Instant::now()
    }

    #[test]
    fn a_flood_of_numbers_takes_no_more_memory_than_is_allowed() {
        let (mut rates, start) = (CallerRates::default(), origin());
        let rate = CallerRate { calls_max: 2, within: Duration::from_secs(60), action: BlockAction::Busy };
        let number = |at: usize| Number::from(format!("+86138{at:08}").as_str());
        for at in 0..NUMBERS_MAX + 5 {
            let now = start + Duration::from_millis(u64::try_from(at).unwrap());
            for _ in 0..3 {
                rates.count(&number(at), &rate, now);
            }
        }
        assert_eq!((rates.calls.len(), rates.silent_since.len()), (NUMBERS_MAX, NUMBERS_MAX));
        let now = start + Duration::from_secs(20);
        assert!(!rates.is_over(&number(4), &rate, now), "the longest silent one was forgotten");
        assert!(rates.is_over(&number(5), &rate, now));
        assert!(rates.calls.values().all(|calls| calls.len() == 2));
        rates.count(&number(0), &rate, start + Duration::from_secs(100));
        assert_eq!((rates.calls.len(), rates.silent_since.len()), (1, 1), "old calls are forgotten");
    }
}
