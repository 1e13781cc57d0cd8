//! Token buckets per source address: how many answers a stranger gets.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Instant;

/// Most source addresses that are remembered; beyond it the bucket that was idle longest is forgotten.
pub const SOURCES_MAX: usize = 4096;

/// One token bucket for each source address.
#[derive(Debug)]
pub struct Buckets {
    per_second: f64,
    burst: f64,
    sources: BTreeMap<IpAddr, Bucket>,
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
    pub fn take(&mut self, source: IpAddr, now: Instant) -> bool {
        if self.sources.len() >= SOURCES_MAX && !self.sources.contains_key(&source) {
            self.forget_one(now);
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

    /// Makes room: drops all full buckets, or else the one idle longest.
    fn forget_one(&mut self, now: Instant) {
        let (rate, burst) = (self.per_second, self.burst);
        self.sources.retain(|_, bucket| {
            bucket.tokens + now.saturating_duration_since(bucket.at).as_secs_f64() * rate < burst
        });
        if self.sources.len() >= SOURCES_MAX
            && let Some(oldest) = self.sources.iter().min_by_key(|(_, bucket)| bucket.at).map(|(ip, _)| *ip)
        {
            self.sources.remove(&oldest);
        }
    }
}
