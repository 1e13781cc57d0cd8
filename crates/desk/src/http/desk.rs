//! What every endpoint can reach.

use super::door::Door;
use super::who::SignIns;
use crate::config::Config;
use crate::hub::Hub;
use crate::live_feed::Switches;
use crate::statistics::Reports;
use crate::storage::Store;
use careline_daemon::Clock;
use careline_model::Now;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Plays that are remembered, so that each is logged once and not once for each range.
const PLAYS_MAX: usize = 4_096;
/// Asking for more of the same recording within this time is the same play.
const SAME_PLAY: Duration = Duration::from_secs(600);

/// What every endpoint can reach. Clones are the same desk.
#[derive(Debug, Clone)]
pub struct Desk {
    parts: Arc<Parts>,
}

/// The parts of a desk.
#[derive(Debug)]
pub struct Parts {
    /// What the file says.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// Open pages.
    pub hub: Hub,
    /// The ways to the switches.
    pub switches: Switches,
    /// The clock.
    pub clock: Clock,
    /// Reports that were counted before.
    pub reports: Reports,
    door: Mutex<Door>,
    sign_ins: Mutex<SignIns>,
    plays: Mutex<BTreeMap<(String, String), Instant>>,
}

impl Desk {
    /// Puts the parts together.
    #[must_use]
    pub fn new(config: Config, store: Store, hub: Hub, switches: Switches, clock: Clock) -> Self {
        let door = Mutex::new(Door::new(config.sign_in.failures_max, config.sign_in.lock));
        let (sign_ins, plays) = (Mutex::default(), Mutex::default());
        let reports = Reports::default();
        let parts = Parts { config, store, hub, switches, clock, reports, door, sign_ins, plays };
        Self { parts: Arc::new(parts) }
    }
}

impl Deref for Desk {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Parts {
    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Now {
        self.clock.now()
    }

    /// UTC microseconds.
    #[must_use]
    pub fn now_us(&self) -> i64 {
        self.clock.now().wall_us
    }

    pub(super) fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn sign_ins(&self) -> MutexGuard<'_, SignIns> {
        self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this account begins to play this recording; asking for another part of it does not.
    pub(super) fn begins_to_play(&self, account: &str, recording: &str) -> bool {
        let now = self.clock.now().instant;
        let mut plays = self.plays.lock().unwrap_or_else(PoisonError::into_inner);
        if plays.len() >= PLAYS_MAX {
            plays.retain(|_, at| now.duration_since(*at) < SAME_PLAY);
        }
        if plays.len() >= PLAYS_MAX {
            plays.clear();
        }
        let before = plays.insert((account.to_owned(), recording.to_owned()), now);
        before.is_none_or(|at| now.duration_since(at) >= SAME_PLAY)
    }

    /// The play was not begun after all.
    pub(super) fn did_not_play(&self, account: &str, recording: &str) {
        let mut plays = self.plays.lock().unwrap_or_else(PoisonError::into_inner);
        plays.remove(&(account.to_owned(), recording.to_owned()));
    }
}
