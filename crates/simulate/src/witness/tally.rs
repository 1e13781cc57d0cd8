//! What a supervisor wants to know, counted from the events (CF 3).

use super::agents::Agents;
use super::rules::Rules;
use careline_model::event::{OfferOutcome, QueueOutcome};
use careline_model::{CallId, QueueId};
use std::collections::BTreeMap;
use std::time::Duration;

/// Waits that are kept one by one, for whoever asked.
const WAITS_MAX: usize = 10_000_000;

/// Everything that was counted.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Calls that came or were dialled.
    pub calls: u64,
    /// Those that ended.
    pub ended: u64,
    /// Offers to agents.
    pub offers: u64,
    /// How these ended.
    pub offer_outcomes: BTreeMap<String, u64>,
    /// By queue.
    pub queues: BTreeMap<QueueId, QueueTally>,
    /// Agents' time with callers, from the offer to the end of the wrap-up.
    pub handling: Duration,
    /// Agents' time ready and waiting for callers.
    pub idle: Duration,
    /// Agents' time logged in.
    pub logged_in: Duration,
    /// Waits of those who were answered, in their order, milliseconds; when they are kept.
    pub waits_ms: Option<Vec<u64>>,
    /// Waits that were said, and how far they were from what came.
    pub said: SaidWaits,
    /// Waits up to these count as served in time, by queue; else 20 s.
    pub targets: BTreeMap<QueueId, Duration>,
}

/// Waits that were said to callers who were answered, in the kinds that are said: less than 1 minute, 1 to 2, 3 to 5, 6 to
/// 10, more (CF 1.6).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SaidWaits {
    /// All of them.
    pub all: u64,
    /// Those of the kind that came.
    pub exact: u64,
    /// Those at most one kind off.
    pub within_one: u64,
    /// Those that were longer than what came by more than one kind; the rest of the wrong ones was shorter.
    pub too_long: u64,
    pending: BTreeMap<CallId, Vec<(Duration, Duration)>>,
}

/// Which kind a wait is; minutes are rounded up.
fn kind_of(wait: Duration) -> usize {
    match wait.as_millis() {
        ..60_000 => 0,
        ms => match ms.div_ceil(60_000) {
            ..=2 => 1,
            3..=5 => 2,
            6..=10 => 3,
            _ => 4,
        },
    }
}

impl SaidWaits {
    /// Share of those at most one kind off; nothing when none was said.
    #[must_use]
    pub fn share_within_one(&self) -> Option<f64> {
        share(self.within_one, self.all)
    }

    pub(super) fn said(&mut self, call: CallId, now: Duration, wait_ms: u64) {
        self.pending.entry(call).or_default().push((now, Duration::from_millis(wait_ms)));
    }

    /// Her wait is over; who was not answered had another one.
    pub(super) fn left(&mut self, call: CallId, answered: bool, now: Duration) {
        for (at, said) in self.pending.remove(&call).unwrap_or_default() {
            if !answered {
                continue;
            }
            let (said, was) = (kind_of(said), kind_of(now.saturating_sub(at)));
            self.all += 1;
            self.exact += u64::from(said == was);
            self.within_one += u64::from(said.abs_diff(was) <= 1);
            self.too_long += u64::from(said > was + 1);
        }
    }
}

/// One queue.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct QueueTally {
    /// Entries.
    pub offered: u64,
    /// By outcome, in words.
    pub outcomes: BTreeMap<String, u64>,
    /// Those answered.
    pub answered: u64,
    /// Those answered in time.
    pub in_time: u64,
    /// Those who gave up, but for short waits.
    pub abandoned: u64,
    /// Those who gave up after a short wait.
    pub short_abandoned: u64,
    /// Sum of the waits of those answered, milliseconds.
    pub waited_ms: u64,
}

impl QueueTally {
    /// SL5 of CF 3.2: answered in time, of all but short abandons; nothing when there was nobody.
    #[must_use]
    pub fn service_level(&self) -> Option<f64> {
        share(self.in_time, self.offered - self.short_abandoned)
    }

    /// Abandoned, of all but short abandons (CF 3.5).
    #[must_use]
    pub fn abandon_rate(&self) -> Option<f64> {
        share(self.abandoned, self.offered - self.short_abandoned)
    }

    /// Average speed of answer in seconds (CF 3.3).
    #[must_use]
    pub fn speed_of_answer_s(&self) -> Option<f64> {
        share(self.waited_ms, self.answered).map(|ms| ms / 1000.0)
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Tally {
    pub(super) fn new(rules: &Rules) -> Self {
        let queues = rules.plan.queues.keys().map(|id| (id.clone(), QueueTally::default())).collect();
        Self { queues, ..Self::default() }
    }

    pub(super) fn entered(&mut self, queue: &QueueId) {
        self.queues.entry(queue.clone()).or_default().offered += 1;
    }

    pub(super) fn left(&mut self, id: &QueueId, outcome: QueueOutcome, wait_ms: u64) {
        let target = self.targets.get(id).copied().unwrap_or(Duration::from_secs(20));
        let queue = self.queues.entry(id.clone()).or_default();
        *queue.outcomes.entry(format!("{outcome:?}")).or_default() += 1;
        match outcome {
            QueueOutcome::Answered => {
                queue.answered += 1;
                queue.waited_ms += wait_ms;
                queue.in_time += u64::from(u128::from(wait_ms) <= target.as_millis());
                if let Some(waits) = self.waits_ms.as_mut().filter(|waits| waits.len() < WAITS_MAX) {
                    waits.push(wait_ms);
                }
            }
            QueueOutcome::Abandoned => queue.abandoned += 1,
            QueueOutcome::ShortAbandoned => queue.short_abandoned += 1,
            _ => {}
        }
    }

    pub(super) fn offer_ended(&mut self, outcome: OfferOutcome) {
        *self.offer_outcomes.entry(format!("{outcome:?}")).or_default() += 1;
    }

    /// The times of agents, once they are complete.
    pub(super) fn agents(&mut self, agents: &Agents) {
        for agent in agents.all.values() {
            self.handling += agent.times.handling;
            self.idle += agent.times.idle;
            self.logged_in += agent.times.handling + agent.times.idle + agent.times.other;
        }
    }

    /// Handling, of handling and waiting for it (CF 3.4); nothing when nobody was there.
    #[must_use]
    pub fn occupancy(&self) -> Option<f64> {
        let there = self.handling + self.idle;
        (!there.is_zero()).then(|| self.handling.as_secs_f64() / there.as_secs_f64())
    }

    /// Those of all queues together.
    #[must_use]
    pub fn all_queues(&self) -> QueueTally {
        let mut sum = QueueTally::default();
        for queue in self.queues.values() {
            sum.offered += queue.offered;
            sum.answered += queue.answered;
            sum.in_time += queue.in_time;
            sum.abandoned += queue.abandoned;
            sum.short_abandoned += queue.short_abandoned;
            sum.waited_ms += queue.waited_ms;
            for (outcome, count) in &queue.outcomes {
                *sum.outcomes.entry(outcome.clone()).or_default() += count;
            }
        }
        sum
    }
}
