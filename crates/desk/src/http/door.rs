//! Slows down whoever guesses passwords.

use careline_model::Now;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Logins of which failures are remembered; the one that failed longest ago gives way.
pub const LOGINS_MAX: usize = 10_000;

/// The login is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locked {
    /// For so long.
    pub wait: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

/// Counts failures of each login, known or not. An attempt counts as a failure until it succeeds, so that many at once
/// are no way around the lock.
#[derive(Debug)]
pub struct Door {
    failures_max: u32,
    lock: Duration,
    failures: BTreeMap<String, Failures>,
}

impl Door {
    /// After `failures_max` failures in a row a login is locked for `lock`.
    #[must_use]
    pub fn new(failures_max: u32, lock: Duration) -> Self {
        Self { failures_max: failures_max.max(1), lock, failures: BTreeMap::new() }
    }

    /// Somebody tries to sign in.
    ///
    /// # Errors
    /// When the login is locked; trying then does not make it longer.
    pub fn attempt(&mut self, login: &str, now: Now) -> Result<(), Locked> {
        let (failures_max, lock) = (self.failures_max, self.lock);
        if !self.failures.contains_key(login) {
            self.make_room();
        }
        let failures =
            self.failures.entry(login.to_owned()).or_insert(Failures { count: 0, last: now.instant });
        let since = now.instant.saturating_duration_since(failures.last);
        if failures.count >= failures_max {
            if since < lock {
                return Err(Locked { wait: lock - since });
            }
            failures.count = 0;
        }
        *failures = Failures { count: failures.count + 1, last: now.instant };
        Ok(())
    }

    /// The password was right.
    pub fn succeeded(&mut self, login: &str) {
        self.failures.remove(login);
    }

    fn make_room(&mut self) {
        if self.failures.len() < LOGINS_MAX {
            return;
        }
        let oldest = self.failures.iter().min_by_key(|(_, failures)| failures.last);
        if let Some(login) = oldest.map(|(login, _)| login.clone()) {
            self.failures.remove(&login);
        }
    }
}
