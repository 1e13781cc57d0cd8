//! Whether a trunk's proxy lives: told by OPTIONS where it answers them, else by calls and registration alone.

use careline_model::config::plan::Probing;
use std::time::{Duration, Instant};

/// A proxy that answers no OPTIONS and let a call down is left alone for this long, then one call may try again;
/// twice as long each time it fails again.
const REST: Duration = Duration::from_secs(30);
/// It is never left alone for longer.
const REST_MAX: Duration = Duration::from_secs(300);

/// A change worth telling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It was up and is down.
    WentDown,
    /// It was down and is up.
    CameUp,
}

/// What is known about one proxy.
#[derive(Debug, Clone)]
pub struct Health {
    probing: Option<Probing>,
    down: bool,
    /// Failures in a row.
    failed: u32,
    /// Answers in a row while down.
    good: u32,
    /// A silent peer that is down may be tried again from here on.
    rest_until: Option<Instant>,
    rest: Duration,
}

impl Health {
    /// Nothing bad is known yet.
    pub fn new(probing: Option<Probing>) -> Self {
        Self { probing, down: false, failed: 0, good: 0, rest_until: None, rest: REST }
    }

    /// Whether calls may go there.
    pub fn is_up(&self, now: Instant) -> bool {
        !self.down || self.rest_until.is_some_and(|until| now >= until)
    }

    /// Whether it was found dead and has not answered since; one call at a time may try it again all the same.
    pub fn is_down(&self) -> bool {
        self.down
    }

    /// It answered a probe.
    pub fn answered(&mut self) -> Option<Change> {
        self.failed = 0;
        if !self.down {
            return None;
        }
        self.good += 1;
        (self.good >= self.probing.map_or(1, |probing| probing.successes)).then(|| self.rise())
    }

    /// It left a probe without an answer.
    pub fn unanswered(&mut self, now: Instant) -> Option<Change> {
        self.good = 0;
        self.failed = self.failed.saturating_add(1);
        let enough = self.failed >= self.probing.map_or(1, |probing| probing.failures);
        (enough && !self.down).then(|| self.fall(now))
    }

    /// It answered a call or a registration, whatever it said.
    pub fn served(&mut self) -> Option<Change> {
        self.failed = 0;
        // Where probes are answered, they decide when it is well again.
        let silent = self.probing.is_none();
        self.rest = if silent { REST } else { self.rest };
        (self.down && silent).then(|| self.rise())
    }

    /// It left a call or a registration without any answer: a request that was repeated for seconds, which says more
    /// than one lost probe.
    pub fn let_down(&mut self, now: Instant) -> Option<Change> {
        self.good = 0;
        let was_down = self.down;
        let change = self.fall(now);
        (!was_down).then_some(change)
    }

    fn fall(&mut self, now: Instant) -> Change {
        self.down = true;
        self.good = 0;
        if self.probing.is_none() {
            self.rest_until = Some(now + self.rest);
            self.rest = (self.rest * 2).min(REST_MAX);
        }
        Change::WentDown
    }

    fn rise(&mut self) -> Change {
        (self.down, self.failed, self.good, self.rest_until) = (false, 0, 0, None);
        Change::CameUp
    }
}
