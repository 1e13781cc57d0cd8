//! Queues: who waits, in which order, and which agents could serve them.
//!
//! Those who wait without an offer stand in lanes: all calls of a lane may be taken by the same agents, so that an agent
//! who becomes free looks at the head of each lane only. A call changes its lane when a step of its queue is due, or
//! when it is old enough for agents whose seat has a delay.

mod accept;
mod by_hand;
mod closing;
mod entry;
mod estimate;
mod exit;
mod lane;
mod light;
mod order;
mod overflow;
mod paused;
mod resume;
mod step;
mod told;
mod vacancy;
mod whisper;

pub(crate) use closing::Closed;
pub(crate) use entry::{Entry, millis};
pub use estimate::KeptPace;
pub(crate) use estimate::Pace;
pub(crate) use lane::Lane;
pub(crate) use order::{Place, Rank};
pub use resume::KeptPlace;
pub(crate) use resume::LeftPlaces;
pub(crate) use told::Told;
pub(crate) use vacancy::{Vacant, is_watched};

use careline_model::config::plan::{self, Seat};
use careline_model::{AgentId, CallId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// One queue. Its length is limited by `callers_max` of the plan.
#[derive(Debug)]
pub(crate) struct Queue {
    /// All entries that have not ended, in the order of service; also those that an agent is rung for.
    pub(crate) entries: BTreeMap<Place, CallId>,
    /// The entries that an agent may be rung for now. An empty lane is taken away.
    pub(crate) lanes: BTreeMap<Lane, BTreeMap<Place, CallId>>,
    /// Agents who could take a call this instant, the one who waited longest first.
    pub(crate) routable: BTreeSet<(Instant, AgentId)>,
    /// The delays of its agents' seats, shortest first, without none.
    pub(crate) delays: Vec<Duration>,
    /// Place in the file of the agent who was rung last.
    pub(crate) last_rung: Option<u32>,
    /// What its calls have taught.
    pub(crate) pace: Pace,
    /// Since when nobody has been there.
    pub(crate) vacant: Vacant,
    /// What a supervisor ordered.
    pub(crate) closed: Closed,
    /// It was told that somebody waits.
    pub(crate) lit: bool,
}

impl Queue {
    pub(crate) fn new(plan: &plan::Queue, seats: Vec<Seat>) -> Self {
        let delays: BTreeSet<Duration> =
            seats.iter().map(|seat| seat.delay).filter(|delay| !delay.is_zero()).collect();
        Self {
            entries: BTreeMap::new(),
            lanes: BTreeMap::new(),
            routable: BTreeSet::new(),
            delays: delays.into_iter().collect(),
            last_rung: None,
            pace: Pace::new(plan.handling),
            vacant: Vacant::default(),
            closed: Closed::default(),
            lit: false,
        }
    }

    /// How many are served before this place, plus one.
    pub(crate) fn position(&self, place: Place) -> u32 {
        u32::try_from(self.entries.range(..=place).count()).unwrap_or(u32::MAX)
    }

    pub(crate) fn list(&mut self, lane: &Lane, place: Place, call: CallId) {
        match self.lanes.get_mut(lane) {
            Some(calls) => drop(calls.insert(place, call)),
            None => drop(self.lanes.insert(lane.clone(), BTreeMap::from([(place, call)]))),
        }
    }

    /// Gives false when it was not there.
    pub(crate) fn unlist(&mut self, lane: &Lane, place: Place) -> bool {
        let Some(calls) = self.lanes.get_mut(lane) else { return false };
        let was = calls.remove(&place).is_some();
        if calls.is_empty() {
            self.lanes.remove(lane);
        }
        was
    }
}
