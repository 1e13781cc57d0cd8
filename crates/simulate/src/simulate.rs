//! One simulated time from beginning to end.

use crate::chance::Chance;
use crate::exchange::Exchange;
use crate::hospital::Hospital;
use crate::manners::Manners;
use crate::script::Script;
use crate::story::Line;
use crate::wired::{Weather, Wired};
use crate::witness::{ByPlan, Demand, Rules, Tally, Violation, Witness};
use crate::world::{Making, World};
use careline_callcentre::{Action, Centre};
use careline_model::config::Plan;
use careline_model::{Now, QueueId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// 2026-09-28, a Monday, 00:00 in Shanghai.
const MONDAY_US: i64 = 1_790_524_800_000_000;
/// Deadlines may be kept so much later than the grid says.
const SLACK: Duration = Duration::from_millis(1);
/// Up to so many agents the snapshot is compared after every step; with more, after every so many.
const COMPARED_ALWAYS: usize = 25;
const COMPARED_EVERY: u64 = 64;

/// What is simulated, and how it is watched.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// The hospital.
    pub hospital: Hospital,
    /// How people react.
    pub manners: Manners,
    /// Which switch.
    pub depth: Depth,
    /// One more promise, for stories that are sought.
    pub demand: Option<Demand>,
    /// What becomes of an action on its way to the witness: tests of the witness let it lie.
    pub tamper: Option<fn(Action) -> Option<Action>>,
    /// What befalls datagrams of the whole switch.
    pub weather: Weather,
    /// Digests everything, so that two runs can be compared.
    pub digested: bool,
    /// Keeps the waits of those answered, one by one.
    pub keeps_waits: bool,
    /// Waits up to these count as served in time, by queue.
    pub targets: BTreeMap<QueueId, Duration>,
}

/// How much of the switch is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The call centre alone.
    Centre,
    /// The whole switch but its sockets and media, with phones that speak SIP around it.
    Switchboard,
}

/// What came of it.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The first broken promise.
    pub violation: Option<Violation>,
    /// What supervisors count.
    pub tally: Tally,
    /// Steps: inputs, orders and deadlines.
    pub steps: u64,
    /// Promises checked.
    pub checks: u64,
    /// Faults that hit, orders that were given and oddities of agents, by kind.
    pub troubles: BTreeMap<&'static str, u64>,
    /// Of everything that was done and told, in its order.
    pub digest: u64,
    /// What happened, when it was to be written down.
    pub story: Vec<Line>,
}

impl Simulation {
    /// The call centre alone, with people as they are.
    #[must_use]
    pub fn new(hospital: Hospital) -> Self {
        Self {
            hospital,
            manners: Manners::of_people(),
            depth: Depth::Centre,
            demand: None,
            tamper: None,
            weather: Weather::USUAL,
            digested: false,
            keeps_waits: false,
            targets: BTreeMap::new(),
        }
    }

    /// Lives through a script. With `logs` the story is written down.
    ///
    /// # Errors
    /// When the switch refuses the hospital.
    pub fn run(&self, script: &Arc<Script>, logs: bool) -> anyhow::Result<Outcome> {
        let plan = self.hospital.plan()?;
        let origin = origin();
        match self.depth {
            Depth::Centre => {
                let centre = Centre::new(plan.clone(), Chance::new(script.seed, 6).into_rng());
                match self.tamper {
                    None => Ok(self.watch(centre, &plan, script, origin, logs)),
                    Some(tamper) => {
                        let tampered = crate::tampered::Tampered { exchange: centre, tamper };
                        Ok(self.watch(tampered, &plan, script, origin, logs))
                    }
                }
            }
            Depth::Switchboard => {
                let wired = Wired::new(&plan, &self.hospital, script.seed, self.weather, origin);
                Ok(self.watch(wired, &plan, script, origin, logs))
            }
        }
    }

    fn watch<E: Exchange>(
        &self,
        exchange: E,
        plan: &Arc<Plan>,
        script: &Arc<Script>,
        origin: Now,
        logs: bool,
    ) -> Outcome {
        let slack = self.manners.grid + SLACK;
        let rules = Rules::new(plan.clone(), &ByPlan(plan.clone()), slack);
        let mut witness = Witness::new(rules, self.demand, self.digested);
        witness.tally.targets.clone_from(&self.targets);
        witness.tally.waits_ms = self.keeps_waits.then(Vec::new);
        let compare_every = if self.hospital.agents.len() <= COMPARED_ALWAYS { 1 } else { COMPARED_EVERY };
        let making = Making {
            hospital: &self.hospital,
            manners: &self.manners,
            script: script.clone(),
            origin,
            compare_every,
            logs,
        };
        let mut world = World::new(exchange, witness, &making);
        world.run();
        let mut troubles = std::mem::take(&mut world.counts.troubles);
        troubles.extend(world.exchange.troubles());
        Outcome {
            story: world.take_log(),
            digest: world.witness.digest(),
            violation: world.witness.violation,
            tally: world.witness.tally,
            steps: world.counts.steps,
            checks: world.witness.checks,
            troubles,
        }
    }
}

/// Second 0. What an instant is does not matter, only how far others are from it.
#[expect(
    clippy::disallowed_methods,
    reason = "an Instant has no other origin; only distances from it matter"
)]
fn origin() -> Now {
    Now { instant: Instant::now(), wall_us: MONDAY_US }
}
