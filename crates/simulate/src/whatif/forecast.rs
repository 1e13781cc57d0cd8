//! Days lived through, and what they have in common.

use super::WhatIf;
use crate::chance::Chance;
use crate::figures::Estimate;
use crate::hospital::{Hospital, QueueShape};
use crate::manners::Manners;
use crate::script::{Caller, Happening, Script, What, Wish};
use crate::simulate::Simulation;
use crate::witness::Tally;
use careline_model::QueueId;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;

/// Whoever waits when all agents have gone is sent away after this, as the day has to end.
const WAIT_MAX_S: u32 = 3 * 3600;

/// What a day would be like.
#[derive(Debug, Clone, Serialize)]
pub struct Forecast {
    /// How many days were lived through.
    pub replications: u32,
    /// By queue, in the order of the file.
    pub queues: Vec<QueueForecast>,
    /// All queues together.
    pub all: QueueForecast,
    /// Share of the agents' time on duty that callers take.
    pub occupancy: Option<Estimate>,
}

/// One queue. A figure is missing when it could not be measured on all days.
#[derive(Debug, Clone, Serialize)]
pub struct QueueForecast {
    /// The queue.
    pub queue: String,
    /// Callers who came to it.
    pub offered: Option<Estimate>,
    /// Answered in time, of all but short abandons (SL5 of CF 3.2).
    pub service_level: Option<Estimate>,
    /// Average speed of answer, seconds.
    pub speed_of_answer_s: Option<Estimate>,
    /// Gave up, of all but short abandons.
    pub abandoned: Option<Estimate>,
}

impl WhatIf {
    /// Lives through the day a few times, with seeds from `seed` on.
    ///
    /// # Errors
    /// When the switch refuses the hospital, or a promise of the call centre was broken: then no figure means anything.
    pub fn forecast(&self, replications: u32, seed: u64) -> anyhow::Result<Forecast> {
        let days: Vec<Tally> =
            (0..replications).map(|day| self.day(seed + u64::from(day))).collect::<anyhow::Result<_>>()?;
        let of = |queue: Option<&QueueId>, name: &str| {
            let tallies: Vec<_> = days
                .iter()
                .map(|day| match queue {
                    Some(queue) => day.queues.get(queue).cloned().unwrap_or_default(),
                    None => day.all_queues(),
                })
                .collect();
            let estimate = |figure: &dyn Fn(&crate::QueueTally) -> Option<f64>| {
                tallies.iter().map(figure).collect::<Option<Vec<f64>>>().and_then(|all| Estimate::of(&all))
            };
            QueueForecast {
                queue: name.to_owned(),
                offered: estimate(&|tally| Some(tally.offered as f64)),
                service_level: estimate(&crate::QueueTally::service_level),
                speed_of_answer_s: estimate(&crate::QueueTally::speed_of_answer_s),
                abandoned: estimate(&crate::QueueTally::abandon_rate),
            }
        };
        let occupied: Option<Vec<f64>> = days.iter().map(Tally::occupancy).collect();
        Ok(Forecast {
            replications,
            queues: self
                .queues
                .iter()
                .map(|queue| of(Some(&QueueId::from(queue.id.as_str())), &queue.id))
                .collect(),
            all: of(None, "all"),
            occupancy: occupied.and_then(|all| Estimate::of(&all)),
        })
    }

    /// Lives through one day.
    ///
    /// # Errors
    /// As [`Self::forecast`].
    pub fn day(&self, seed: u64) -> anyhow::Result<Tally> {
        let simulation = self.simulation();
        let script = Arc::new(self.script(seed));
        let outcome = simulation.run(&script, false)?;
        match outcome.violation {
            Some(broken) => anyhow::bail!("{}: {} (seed {seed})", broken.invariant, broken.seen),
            None => Ok(outcome.tally),
        }
    }

    /// What the day is lived through with.
    #[must_use]
    pub fn simulation(&self) -> Simulation {
        let queues = self.queues.iter().map(|queue| QueueShape {
            id: queue.id.clone(),
            ring_timeout_s: 30,
            wrap_up_s: queue.wrap_up_s,
            max_wait_s: WAIT_MAX_S,
            short_abandon_s: queue.short_abandon_s,
            callers_max: 100_000,
            announced: false,
            waits_said: false,
        });
        let agents = self.staff.iter().flat_map(|group| {
            let most = group.agents.iter().copied().max().unwrap_or(0);
            std::iter::repeat_n(group.queues.clone(), most)
        });
        let hospital = Hospital {
            queues: queues.collect(),
            agents: agents.collect(),
            speechless: true,
            directory: false,
            calls_max: 100_000,
        };
        let answer_mean = Duration::from_secs_f64(self.answer_s);
        let manners = Manners { answer_mean, answer_variation: 0.4, ..Manners::of_theory() };
        let targets = self
            .queues
            .iter()
            .map(|queue| (QueueId::from(queue.id.as_str()), Duration::from_secs(u64::from(queue.target_s))));
        Simulation { manners, targets: targets.collect(), ..Simulation::new(hospital) }
    }

    /// One day as it comes, with its chances.
    #[must_use]
    pub fn script(&self, seed: u64) -> Script {
        let intervals = self.queues.first().map_or(0, |queue| queue.arrivals.len());
        let interval = Duration::from_secs(self.interval_s);
        let begins = |at: usize| interval * u32::try_from(at).unwrap_or(u32::MAX);
        let mut happenings = Vec::new();
        let mut add = |at, what| happenings.push(Happening { at, number: 0, what });
        let mut agent = 0;
        for group in &self.staff {
            let most = group.agents.iter().copied().max().unwrap_or(0);
            for nth in 0..most {
                add(Duration::ZERO, What::Phone { agent, up: true });
                let mut there = false;
                for (at, agents) in group.agents.iter().enumerate() {
                    if there != (nth < *agents) {
                        there = nth < *agents;
                        let wish = if there { Wish::Ready } else { Wish::LoggedOut };
                        add(begins(at), What::Wish { agent, wish });
                    }
                }
                add(begins(intervals), What::Wish { agent, wish: Wish::LoggedOut });
                agent += 1;
            }
        }
        for (line, queue) in self.queues.iter().enumerate() {
            let mut chance = Chance::new(seed, 10 + line as u64);
            for (at, arrivals) in queue.arrivals.iter().enumerate().filter(|(_, arrivals)| **arrivals > 0.0) {
                let gap = interval.div_f64(*arrivals);
                let mut next = begins(at) + chance.exponential(gap);
                while next < begins(at + 1) {
                    add(next, What::Call(queue.caller(line, &mut chance)));
                    next += chance.exponential(gap);
                }
            }
        }
        // Those who are there at the end of an interval go before callers of the next come.
        happenings.sort_by_key(|happening| happening.at);
        for (number, happening) in (1..).zip(&mut happenings) {
            happening.number = number;
        }
        Script { seed, length: begins(intervals), happenings }
    }
}

impl super::Queue {
    fn caller(&self, line: usize, chance: &mut Chance) -> Caller {
        let talk = Duration::from_secs_f64(self.talk_s);
        Caller {
            line,
            withheld: false,
            ack: Some(Duration::ZERO),
            answers: Vec::new(),
            flow_patience: None,
            patience: self.patience_s.map(|mean| chance.exponential(Duration::from_secs_f64(mean))),
            talk: match self.talk_variation {
                0.0 => talk,
                // The exponential distribution's own variation: what theory expects.
                1.0 => chance.exponential(talk),
                variation => chance.log_normal(talk, variation),
            },
            agent_ends: false,
        }
    }
}
