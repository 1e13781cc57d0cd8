//! Which agents may take a call: what it asks for, which tiers are asked, and how old it is.

use crate::agent::Agent;
use careline_model::config::plan;
use careline_model::{QueueId, SkillId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What decides which agents of a queue may take a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Lane {
    /// The lowest level of each skill that will do now.
    needs: Arc<BTreeMap<SkillId, u8>>,
    /// First and last tier.
    tiers: (u8, u8),
    /// The longest delay of a seat that has passed.
    waited: Duration,
}

impl Lane {
    /// The lane of a call after `steps` steps of its queue, when the delay `waited` has passed.
    pub(crate) fn new(
        queue: &plan::Queue,
        asked: &BTreeMap<SkillId, u8>,
        steps: usize,
        waited: Duration,
    ) -> Self {
        let (mut needs, mut tiers) = (asked.clone(), (1, 1));
        for step in queue.steps.iter().take(steps) {
            tiers = step.tiers.unwrap_or(tiers);
            needs.retain(|skill, _| !step.drop.contains(skill));
            for (skill, level) in &step.lower {
                if let Some(asked) = needs.get_mut(skill) {
                    *asked = (*asked).min(*level);
                }
            }
        }
        Self { needs: Arc::new(needs), tiers, waited }
    }

    /// All those whom it takes belong to one tier.
    pub(crate) fn is_of_one_tier(&self) -> bool {
        self.tiers.0 == self.tiers.1
    }

    pub(crate) fn takes(&self, agent: &Agent, queue: &QueueId) -> bool {
        self.takes_when_older(agent, queue)
            && agent.seats.get(queue).is_some_and(|seat| seat.delay <= self.waited)
    }

    /// The same for a call that is old enough for everybody.
    pub(crate) fn takes_when_older(&self, agent: &Agent, queue: &QueueId) -> bool {
        let Some(seat) = agent.seats.get(queue) else { return false };
        (self.tiers.0..=self.tiers.1).contains(&seat.tier)
            && self.needs.iter().all(|(skill, level)| agent.skills.get(skill).is_some_and(|has| has >= level))
    }
}
