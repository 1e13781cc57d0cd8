//! What an agent did since her counts began: for the strategies that share calls or talk out evenly (CF 1.1).

use crate::centre::Centre;
use careline_model::{AgentId, Now};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Parts of which a share of time is counted.
const WHOLE: u128 = 1_000_000;

/// Counts of one day. They begin anew at the time that the plan names, and with the first that is counted after it.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    day: i64,
    calls: u32,
    talk: Duration,
    /// How often each reason code began.
    uses: BTreeMap<Arc<str>, u32>,
    handling: Duration,
    idle: Duration,
    /// Since when she handles a call.
    busy_since: Option<Instant>,
    /// Since when she waits for one.
    idle_since: Option<Instant>,
}

/// Counts of one day, to be kept over a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptTally {
    /// The day, as days in a row.
    pub day: i64,
    /// Calls of queues.
    pub calls: u32,
    /// Talk, microseconds.
    pub talk_us: u64,
    /// How often each reason code began.
    pub uses: BTreeMap<String, u32>,
    /// Time with calls, microseconds.
    pub handling_us: u64,
    /// Time without, ready, microseconds.
    pub idle_us: u64,
}

impl Tally {
    pub(crate) fn keep(&self, now: Instant) -> KeptTally {
        let micros = |sum: Duration, since: Option<Instant>| {
            let running = since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
            u64::try_from((sum + running).as_micros()).unwrap_or(u64::MAX)
        };
        KeptTally {
            day: self.day,
            calls: self.calls,
            talk_us: micros(self.talk, None),
            uses: self.uses.iter().map(|(code, uses)| (code.to_string(), *uses)).collect(),
            handling_us: micros(self.handling, self.busy_since),
            idle_us: micros(self.idle, self.idle_since),
        }
    }

    /// Of what runs already only the beginning stays.
    pub(crate) fn restore(&mut self, kept: KeptTally) {
        *self = Self {
            day: kept.day,
            calls: kept.calls,
            talk: Duration::from_micros(kept.talk_us),
            uses: kept.uses.into_iter().map(|(code, uses)| (code.into(), uses)).collect(),
            handling: Duration::from_micros(kept.handling_us),
            idle: Duration::from_micros(kept.idle_us),
            busy_since: self.busy_since,
            idle_since: self.idle_since,
        };
    }

    fn on(&mut self, day: i64) -> &mut Self {
        if self.day != day {
            let (busy_since, idle_since) = (self.busy_since, self.idle_since);
            *self = Self { day, busy_since, idle_since, ..Self::default() };
        }
        self
    }

    pub(crate) fn calls(&self, day: i64) -> u32 {
        if self.day == day { self.calls } else { 0 }
    }

    pub(crate) fn talk(&self, day: i64) -> Duration {
        if self.day == day { self.talk } else { Duration::ZERO }
    }

    pub(crate) fn uses(&self, day: i64, code: &str) -> u32 {
        if self.day == day { self.uses.get(code).copied().unwrap_or(0) } else { 0 }
    }

    pub(crate) fn count_use(&mut self, day: i64, code: &Arc<str>) {
        let uses = self.on(day).uses.entry(code.clone()).or_default();
        *uses = uses.saturating_add(1);
    }

    /// Handling in handling and idle time, in millionths; 0 when there was neither.
    pub(crate) fn occupancy(&self, day: i64, now: Instant) -> u32 {
        let since = |moment: Option<Instant>| {
            moment.map_or(Duration::ZERO, |moment| now.saturating_duration_since(moment))
        };
        let (handling, idle) = if self.day == day { (self.handling, self.idle) } else { Default::default() };
        let handling = handling + since(self.busy_since);
        let all = handling + idle + since(self.idle_since);
        if all.is_zero() {
            return 0;
        }
        u32::try_from(handling.as_micros().saturating_mul(WHOLE) / all.as_micros().max(1)).unwrap_or(u32::MAX)
    }

    /// She handles a call or not, and waits for one or not, from now on.
    pub(crate) fn is(&mut self, day: i64, busy: bool, idle: bool, now: Instant) {
        let tally = self.on(day);
        for (since, sum, on) in [
            (&mut tally.busy_since, &mut tally.handling, busy),
            (&mut tally.idle_since, &mut tally.idle, idle),
        ] {
            match (*since, on) {
                (Some(moment), false) => {
                    *sum += now.saturating_duration_since(moment);
                    *since = None;
                }
                (None, true) => *since = Some(now),
                (Some(_), true) | (None, false) => {}
            }
        }
    }
}

impl Centre {
    /// An agent answered a call of a queue.
    pub(crate) fn count_call(&mut self, id: &AgentId, now: Now) {
        let day = self.plan.counting_day(now.wall_us);
        if let Some(agent) = self.agents.get_mut(id) {
            let tally = agent.tally.on(day);
            tally.calls = tally.calls.saturating_add(1);
            let calls = tally.calls;
            self.calls_counted(id, calls, now);
        }
    }

    /// A conversation of an agent with a caller of a queue is over.
    pub(crate) fn count_talk(&mut self, id: &AgentId, talk: Duration, now: Now) {
        let day = self.plan.counting_day(now.wall_us);
        if let Some(agent) = self.agents.get_mut(id) {
            agent.tally.on(day).talk += talk;
        }
    }
}
