//! What operators are told of a trunk: how it is, since when and why. It decides nothing; calls are chosen by `choose`.

use super::{Door, TrunkState};
use crate::output::Output;
use crate::switchboard::Switchboard;
use careline_model::config::plan::Trunk;
use careline_model::{Now, TrunkId};
use std::net::SocketAddr;

/// How a trunk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrunkHealth {
    /// All is well, as far as is known; one that only calls us is always up.
    Up,
    /// Calls go through it, but some of its proxies are dead, or its registration is not renewed.
    Impaired,
    /// No call goes through it: all its proxies are dead, or the carrier does not register us.
    Down,
}

/// A trunk is otherwise than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrunkNews {
    /// Which one.
    pub trunk: TrunkId,
    /// How it is now.
    pub health: TrunkHealth,
    /// Why, for operators; `None` when it is up.
    pub reason: Option<String>,
}

/// How a trunk is, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrunkStatus {
    /// Its id.
    pub id: TrunkId,
    /// How it is.
    pub health: TrunkHealth,
    /// Since when it is so, UTC microseconds since 1970.
    pub since_us: i64,
    /// Why it is not up.
    pub reason: Option<String>,
    /// Its proxies and whether they are up.
    pub proxies: Vec<(SocketAddr, bool)>,
    /// Whether we are registered, when we should be.
    pub registered: Option<bool>,
    /// Why not.
    pub complaint: Option<String>,
    /// Calls up or being set up, both ways.
    pub calls: usize,
    /// How many it takes, if there is a limit.
    pub calls_max: Option<usize>,
}

/// What was told last.
#[derive(Debug, Clone)]
pub(super) struct Told {
    health: TrunkHealth,
    reason: Option<String>,
    since_us: i64,
}

impl Told {
    /// Nothing yet: up, or down until the first registration.
    pub fn at_start(registers: bool, now: Now) -> Self {
        let (health, reason) = match registers {
            true => (TrunkHealth::Down, Some(NOT_YET.to_owned())),
            false => (TrunkHealth::Up, None),
        };
        Self { health, reason, since_us: now.wall_us }
    }
}

/// Before the first answer of a registrar.
const NOT_YET: &str = "not registered yet";

impl Switchboard {
    /// How the trunks are, in the order of their ids.
    #[must_use]
    pub fn trunk_status(&self, now: Now) -> Vec<TrunkStatus> {
        let status = |trunk: &Trunk| {
            let state = self.trunks.states.get(&trunk.id)?;
            let up = |(proxy, door): (&SocketAddr, &Door)| (*proxy, !door.health.is_down());
            Some(TrunkStatus {
                id: trunk.id.clone(),
                health: state.told.health,
                since_us: state.told.since_us,
                reason: state.told.reason.clone(),
                proxies: trunk.proxies.iter().zip(&state.doors).map(up).collect(),
                registered: state.registering.as_ref().map(|one| one.is_registered(now.instant)),
                complaint: state.complaint.clone(),
                calls: state.capacity.calls(),
                calls_max: trunk.calls_max,
            })
        };
        self.plan.trunks.values().filter_map(status).collect()
    }

    /// Tells what has changed. A switch that takes its registrations back knows why they are gone.
    pub(super) fn watch_trunks(&mut self, now: Now) {
        for trunk in self.plan.trunks.values() {
            let Some(state) = self.trunks.states.get_mut(&trunk.id) else { continue };
            if state.registering.as_ref().is_some_and(|one| one.leaves()) {
                continue;
            }
            let (health, reason) = look_at(trunk, state, now);
            if (health, &reason) == (state.told.health, &state.told.reason) {
                continue;
            }
            let since_us = if health == state.told.health { state.told.since_us } else { now.wall_us };
            state.told = Told { health, reason: reason.clone(), since_us };
            self.outputs.push_back(Output::Trunk(TrunkNews { trunk: trunk.id.clone(), health, reason }));
        }
    }
}

fn look_at(trunk: &Trunk, state: &TrunkState, now: Now) -> (TrunkHealth, Option<String>) {
    if state.registering.as_ref().is_some_and(|one| !one.is_registered(now.instant)) {
        let why = state.complaint.as_ref().map(|why| format!("not registered: {why}"));
        return (TrunkHealth::Down, Some(why.unwrap_or_else(|| NOT_YET.to_owned())));
    }
    let dead: Vec<String> = trunk
        .proxies
        .iter()
        .zip(&state.doors)
        .filter(|(_, door)| door.health.is_down())
        .map(|(proxy, door)| format!("{proxy} {}", door.fault))
        .collect();
    match dead.len() {
        // A refusal to renew is worth a word before the registration lapses.
        0 => match state.complaint.as_ref() {
            None => (TrunkHealth::Up, None),
            Some(why) => (TrunkHealth::Impaired, Some(format!("the registration is not renewed: {why}"))),
        },
        some if some < state.doors.len() => (TrunkHealth::Impaired, Some(dead.join("; "))),
        _ => (TrunkHealth::Down, Some(dead.join("; "))),
    }
}
