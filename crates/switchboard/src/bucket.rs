//! Token buckets per source: how many answers a stranger gets.

use crate::guard::Source;
use std::collections::BTreeMap;
use std::time::Instant;

/// Most source addresses that are remembered; beyond it the ones that were idle longest are forgotten.
pub const SOURCES_MAX: usize = 4096;

/// One token bucket for each source address.
#[derive(Debug)]
pub struct Buckets {
    per_second: f64,
    burst: f64,
    sources: BTreeMap<Source, Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Buckets {
    /// Buckets that refill at `per_second` and hold at most `burst` tokens.
    #[must_use]
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second: f64::from(per_second), burst: f64::from(burst), sources: BTreeMap::new() }
    }

    /// Takes one token of the source; false when there is none.
    pub fn take(&mut self, source: Source, now: Instant) -> bool {
        if self.sources.len() >= SOURCES_MAX && !self.sources.contains_key(&source) {
            self.forget_some(now);
        }
        let bucket = self.sources.entry(source).or_insert(Bucket { tokens: self.burst, at: now });
        let refill = now.saturating_duration_since(bucket.at).as_secs_f64() * self.per_second;
        bucket.tokens = (bucket.tokens + refill).min(self.burst);
        bucket.at = now;
        if bucket.tokens < 1.0 {
            return false;
        }
        bucket.tokens -= 1.0;
        true
    }

    /// Makes room: drops all full buckets, and the half idle longest when none is full. It is done rarely, so that an
    /// attacker's every datagram does not cost a search.
    fn forget_some(&mut self, now: Instant) {
        let (rate, burst) = (self.per_second, self.burst);
        self.sources.retain(|_, bucket| {
            bucket.tokens + now.saturating_duration_since(bucket.at).as_secs_f64() * rate < burst
        });
        if self.sources.len() >= SOURCES_MAX / 2 {
            let mut times: Vec<Instant> = self.sources.values().map(|bucket| bucket.at).collect();
            let middle = times.len() / 2;
            let (_, middle, _) = times.select_nth_unstable(middle);
            let middle = *middle;
            self.sources.retain(|_, bucket| bucket.at > middle);
        }
    }
}
