//! Addresses that are not heard for a while, and the wrong answers that lead there.

use super::source::Source;
use careline_model::config::Guard;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Most addresses remembered, banned now or once; beyond it the tenth that ends (or ended) first is forgotten.
pub const BANS_MAX: usize = 10_000;
/// Most addresses whose wrong answers are counted; beyond it the tenth that began first is forgotten.
pub const FAILURES_MAX: usize = 10_000;

/// Why an address is banned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BanReason {
    /// Too many wrong answers to our challenges.
    WrongPasswords,
    /// The User-Agent of a scanner.
    Scanner,
}

impl BanReason {
    /// For operators.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WrongPasswords => "wrong passwords",
            Self::Scanner => "scanner",
        }
    }
}

/// One ban that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// The address; of IPv6 the first of its /64.
    pub source: IpAddr,
    /// Why.
    pub reason: BanReason,
    /// How long it still lasts.
    pub left: Duration,
    /// How many bans the address has had, with this one.
    pub times: u32,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    reason: BanReason,
    until: Instant,
    times: u32,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    since: Instant,
    count: u32,
}

/// The ban list.
#[derive(Debug, Default)]
pub struct Bans {
    entries: BTreeMap<Source, Entry>,
    failures: BTreeMap<Source, Failures>,
}

impl Bans {
    /// Whether an address is not to be heard.
    #[must_use]
    pub fn is_banned(&self, source: Source, now: Instant) -> bool {
        self.entries.get(&source).is_some_and(|entry| now < entry.until)
    }

    /// Counts a wrong answer; whether it is one too many. The count begins anew then.
    pub fn failed(&mut self, source: Source, now: Instant, limits: &Guard) -> bool {
        if self.failures.len() >= FAILURES_MAX && !self.failures.contains_key(&source) {
            self.forget_failures();
        }
        let one = self.failures.entry(source).or_insert(Failures { since: now, count: 0 });
        if now.saturating_duration_since(one.since) > limits.failures_within {
            *one = Failures { since: now, count: 0 };
        }
        one.count += 1;
        let too_many = one.count >= limits.failures_max;
        if too_many {
            self.failures.remove(&source);
        }
        too_many
    }

    /// A right answer: the wrong ones before it were somebody's typing.
    pub fn succeeded(&mut self, source: Source) {
        if !self.failures.is_empty() {
            self.failures.remove(&source);
        }
    }

    /// Bans an address; each time twice as long as the last, as long as that one is remembered.
    pub fn ban(&mut self, source: Source, now: Instant, reason: BanReason, limits: &Guard) {
        if self.entries.len() >= BANS_MAX && !self.entries.contains_key(&source) {
            self.forget_bans();
        }
        let before = self.entries.get(&source).filter(|entry| now < entry.until + limits.ban_max);
        let times = before.map_or(0, |entry| entry.times).saturating_add(1);
        let factor = 2_u32.saturating_pow(times - 1);
        let lasts = limits.ban.saturating_mul(factor).min(limits.ban_max);
        self.entries.insert(source, Entry { reason, until: now + lasts, times });
    }

    /// Hears an address again, as if nothing had been; whether it was banned.
    pub fn lift(&mut self, source: Source, now: Instant) -> bool {
        self.failures.remove(&source);
        self.entries.remove(&source).is_some_and(|entry| now < entry.until)
    }

    /// The bans in force, by address.
    #[must_use]
    pub fn list(&self, now: Instant) -> Vec<Ban> {
        let in_force = self.entries.iter().filter(|(_, entry)| now < entry.until);
        in_force
            .map(|(source, entry)| Ban {
                source: source.first(),
                reason: entry.reason,
                left: entry.until.saturating_duration_since(now),
                times: entry.times,
            })
            .collect()
    }

    /// Makes room for a tenth: to look for one alone each time would cost an attacker's every datagram a search.
    fn forget_bans(&mut self) {
        let mut ends: Vec<Instant> = self.entries.values().map(|entry| entry.until).collect();
        let (_, middle, _) = ends.select_nth_unstable(BANS_MAX / 10);
        let end = *middle;
        self.entries.retain(|_, entry| entry.until > end);
    }

    fn forget_failures(&mut self) {
        let mut begins: Vec<Instant> = self.failures.values().map(|one| one.since).collect();
        let (_, middle, _) = begins.select_nth_unstable(FAILURES_MAX / 10);
        let begin = *middle;
        self.failures.retain(|_, one| one.since > begin);
    }
}
