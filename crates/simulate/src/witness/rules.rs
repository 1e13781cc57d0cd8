//! What a witness must know of a centre's rules to judge it.

use careline_model::config::Plan;
use careline_model::event::OfferOutcome;
use careline_model::{AgentId, QueueId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// A phone that gives no sign, and the joining of two legs, are given up after this (CF 2.2).
const STEP_LIMIT: Duration = Duration::from_secs(3);

/// Who may serve whom, and who goes before whom.
pub trait Fairness {
    /// The queues whose callers an agent is eligible for.
    fn queues_of(&self, agent: &AgentId) -> BTreeSet<QueueId>;
    /// Callers of a lower class go first, whatever their age. Those of one class are equals: none overtakes another.
    fn class_of(&self, queue: &QueueId) -> u32;
}

/// An agent serves the queues of the plan, and all callers are equals.
pub struct ByPlan(pub Arc<Plan>);

impl Fairness for ByPlan {
    fn queues_of(&self, agent: &AgentId) -> BTreeSet<QueueId> {
        self.0.agents.get(agent).map(|agent| agent.seats.keys().cloned().collect()).unwrap_or_default()
    }

    fn class_of(&self, _: &QueueId) -> u32 {
        0
    }
}

/// The rules of one centre.
pub(crate) struct Rules {
    pub(super) plan: Arc<Plan>,
    pub(super) queues_of: BTreeMap<AgentId, BTreeSet<QueueId>>,
    pub(super) class_of: BTreeMap<QueueId, u32>,
    /// How late deadlines may be kept.
    pub(super) slack: Duration,
    pub(super) longest_rest: Duration,
    pub(super) longest_wrap_up: Duration,
}

impl Rules {
    pub(crate) fn new(plan: Arc<Plan>, fairness: &dyn Fairness, slack: Duration) -> Self {
        let queues_of = plan.agents.keys().map(|agent| (agent.clone(), fairness.queues_of(agent))).collect();
        let class_of = plan.queues.keys().map(|queue| (queue.clone(), fairness.class_of(queue))).collect();
        let rona = plan.rona;
        let rests = [rona.rest_no_answer, rona.rest_rejected, rona.rest_busy, rona.rest_unreachable];
        let own = plan.agents.values().filter_map(|agent| Some(agent.wrap_up?.time));
        let wrap_ups = plan.queues.values().map(|queue| queue.wrap_up.time).chain(own);
        Self {
            queues_of,
            class_of,
            slack,
            longest_rest: rests.into_iter().max().unwrap_or_default(),
            longest_wrap_up: wrap_ups.max().unwrap_or_default(),
            plan,
        }
    }

    /// How long an agent may be left alone after an offer that ended so.
    pub(super) fn rest_after(&self, outcome: OfferOutcome) -> Duration {
        let rona = self.plan.rona;
        match outcome {
            OfferOutcome::NoAnswer => rona.rest_no_answer,
            OfferOutcome::Rejected => rona.rest_rejected,
            OfferOutcome::Busy => rona.rest_busy,
            // The last after an answer, when the legs were not joined.
            OfferOutcome::DeviceLost | OfferOutcome::Cancelled => rona.rest_unreachable,
            OfferOutcome::Answered | OfferOutcome::CallerLeft | OfferOutcome::LostRace => Duration::ZERO,
        }
    }

    /// How long a phone may ring for a caller of a queue.
    pub(super) fn ringing(&self, queue: Option<&QueueId>) -> Duration {
        let queue = queue.and_then(|queue| self.plan.queues.get(queue));
        queue.map_or(STEP_LIMIT, |queue| queue.ring_timeout)
    }

    /// How long an agent may look at a task.
    pub(super) fn longest_preview(&self) -> Duration {
        let previews = self.plan.outbound.campaigns.values().map(|campaign| campaign.preview);
        previews.max().unwrap_or_default()
    }

    /// How long a step may take that no person has a part in.
    pub(super) fn step(&self) -> Duration {
        STEP_LIMIT
    }

    /// How long a caller may wait: a phone that rings when the time is over gets its chance.
    pub(super) fn wait(&self, queue: &QueueId) -> Duration {
        let most = self.plan.queues.get(queue).map(|queue| queue.max_wait + queue.ring_timeout);
        most.unwrap_or_default() + self.step() * 2
    }
}
