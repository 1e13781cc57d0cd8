//! From a script that breaks a promise to the shortest one that breaks the same promise.
//!
//! First whole parts are left out (what comes afterwards, what came long before, all faults, all orders, agents), then
//! single happenings by delta debugging (Zeller and Hildebrandt 2002), then what is left is made simpler.

use crate::script::{Caller, Happening, Script, What};
use crate::simulate::{Outcome, Simulation};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// Scripts that are tried, and steps that may be taken for it.
const TRIES_MAX: u32 = 3_000;
const STEPS_MAX: u64 = 300_000_000;
/// How long before the end a story may begin, tried in this order.
const WINDOWS_S: [u64; 6] = [60, 300, 1200, 3600, 4 * 3600, 12 * 3600];

/// A story.
#[derive(Debug, Clone)]
pub struct Shrunk {
    /// The shortest script that was found.
    pub script: Arc<Script>,
    /// How it ends, with the story written down.
    pub outcome: Outcome,
    /// How many scripts were tried.
    pub tries: u32,
}

/// Shortens a script that breaks a promise.
///
/// # Errors
/// When the switch refuses the hospital.
pub fn shrink(simulation: &Simulation, script: &Arc<Script>, broken: &Outcome) -> anyhow::Result<Shrunk> {
    let Some(violation) = &broken.violation else {
        return Ok(Shrunk { script: script.clone(), outcome: broken.clone(), tries: 0 });
    };
    let mut search = Search {
        simulation,
        invariant: violation.invariant,
        best: script.happenings.clone(),
        ends_at: violation.at,
        seed: script.seed,
        tries: 0,
        steps: 0,
    };
    search.cut_time();
    search.leave_out_kinds();
    search.leave_out_agents();
    search.leave_out_single();
    search.simplify();
    search.leave_out_single();
    let shortest = Arc::new(search.script(&search.best));
    let outcome = simulation.run(&shortest, true)?;
    Ok(Shrunk { script: shortest, outcome, tries: search.tries })
}

struct Search<'a> {
    simulation: &'a Simulation,
    invariant: &'static str,
    best: Vec<Happening>,
    /// When the promise is broken in the best script.
    ends_at: Duration,
    seed: u64,
    tries: u32,
    steps: u64,
}

impl Search<'_> {
    fn script(&self, happenings: &[Happening]) -> Script {
        Script { seed: self.seed, length: self.ends_at, happenings: happenings.to_vec() }
    }

    /// Takes the candidate when it breaks the same promise.
    fn tries(&mut self, candidate: Vec<Happening>) -> bool {
        if self.tries >= TRIES_MAX || self.steps >= STEPS_MAX {
            return false;
        }
        self.tries += 1;
        let script = Arc::new(self.script(&candidate));
        let Ok(outcome) = self.simulation.run(&script, false) else { return false };
        self.steps += outcome.steps;
        match outcome.violation {
            Some(violation) if violation.invariant == self.invariant => {
                self.ends_at = violation.at;
                self.best = candidate;
                true
            }
            _ => false,
        }
    }

    fn keep(&self, keeps: impl Fn(&Happening) -> bool) -> Vec<Happening> {
        self.best.iter().filter(|happening| keeps(happening)).cloned().collect()
    }

    /// Nothing after the end matters; perhaps nothing long before it does, but for who was there.
    fn cut_time(&mut self) {
        let end = self.ends_at;
        self.best = self.keep(|happening| happening.at <= end);
        for window in WINDOWS_S {
            let from = end.saturating_sub(Duration::from_secs(window));
            if !from.is_zero() && self.tries(self.keep(|one| one.at >= from || one.what.is_staffing())) {
                return;
            }
        }
    }

    fn leave_out_kinds(&mut self) {
        let kinds: BTreeSet<&'static str> = self.best.iter().map(|one| one.what.kind()).collect();
        for kind in kinds {
            self.tries(self.keep(|one| one.what.kind() != kind));
        }
    }

    fn leave_out_agents(&mut self) {
        let agents: BTreeSet<usize> = self.best.iter().filter_map(|one| one.what.agent()).collect();
        let agents: Vec<usize> = agents.into_iter().collect();
        let mut size = agents.len().div_ceil(2).max(1);
        loop {
            for chunk in agents.chunks(size) {
                self.tries(self.keep(|one| one.what.agent().is_none_or(|agent| !chunk.contains(&agent))));
            }
            if size == 1 {
                return;
            }
            size = size.div_ceil(2);
        }
    }

    /// Leaves out ever smaller parts until no single happening can be left out.
    fn leave_out_single(&mut self) {
        let mut size = self.best.len().div_ceil(2).max(1);
        loop {
            let mut shorter = false;
            let mut from = 0;
            while from < self.best.len() {
                let to = (from + size).min(self.best.len());
                let mut candidate = self.best.clone();
                candidate.drain(from..to);
                if candidate.len() < self.best.len() && self.tries(candidate) {
                    shorter = true;
                } else {
                    from = to;
                }
            }
            if size == 1 && !shorter {
                return;
            }
            if self.tries >= TRIES_MAX || self.steps >= STEPS_MAX {
                return;
            }
            size = size.div_ceil(2);
        }
    }

    /// Makes callers plainer, one trait at a time, and lets the story begin at once.
    fn simplify(&mut self) {
        let first = self.best.first().map_or(Duration::ZERO, |one| one.at);
        let earlier = self.best.iter().map(|one| Happening { at: one.at - first, ..one.clone() }).collect();
        self.tries(earlier);
        let plainer: [fn(&mut Caller); 6] = [
            |caller| caller.ack = Some(Duration::from_millis(100)),
            |caller| caller.patience = None,
            |caller| caller.flow_patience = None,
            |caller| caller.withheld = false,
            |caller| caller.line = 0,
            |caller| caller.answers.clear(),
        ];
        for at in 0..self.best.len() {
            for change in plainer {
                let mut candidate = self.best.clone();
                let Some(What::Call(caller)) = candidate.get_mut(at).map(|one| &mut one.what) else { break };
                let before = caller.clone();
                change(caller);
                if *caller != before {
                    self.tries(candidate);
                }
            }
            // Round times are easier to read.
            let mut candidate = self.best.clone();
            let earliest = at.checked_sub(1).and_then(|before| self.best.get(before)).map(|one| one.at);
            if let Some(one) = candidate.get_mut(at)
                && one.at.subsec_nanos() != 0
            {
                one.at = Duration::from_secs(one.at.as_secs()).max(earliest.unwrap_or_default());
                self.tries(candidate);
            }
        }
    }
}
