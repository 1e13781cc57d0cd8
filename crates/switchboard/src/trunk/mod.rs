//! Trunks: registered and healthy, chosen by order and weight, replaced within one attempt when they break.
//!
//! ```text
//!  Action::DialOutside --> dial.rs ---choose.rs--> INVITE --> judge (verdict.rs) --> report
//!                            ^  ^                                |
//!       capacity.rs (room) --'  '-- health.rs <--- upkeep.rs <---'
//!                                                    |  REGISTER (registration.rs), OPTIONS
//!                                                    '--> watch.rs: what operators are told
//! ```
//!
//! What decides (`capacity`, `choose`, `health`, `registration`, `verdict`) knows no switchboard; `dial` and `upkeep`
//! carry it out. `read` and `written` translate between a trunk's numbers and ours; `line` listens to copper lines.

mod capacity;
mod choose;
mod dial;
mod health;
mod inbound;
mod leave;
mod line;
mod read;
mod registration;
mod replan;
mod report;
mod upkeep;
mod verdict;
mod watch;
mod written;

pub use dial::OutsideCall;
pub(crate) use read::{caller as caller_of, dialled as dialled_of};
pub use watch::{TrunkHealth, TrunkNews, TrunkStatus};

use capacity::Capacity;
use careline_model::config::Plan;
use careline_model::config::plan::Trunk;
use careline_model::{LegId, Now, TrunkId};
use careline_sip::{Flow, TransactionId};
use dial::Attempt;
use health::Health;
use rand_chacha::ChaCha20Rng;
use rand_core::RngCore;
use registration::Registering;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Instant;

/// All trunks and the calls that are on their way out.
pub(crate) struct Trunks {
    states: BTreeMap<TrunkId, TrunkState>,
    /// Trunks that are not configured any more and whose registration is still being taken back.
    retired: BTreeMap<TrunkId, Trunk>,
    attempts: BTreeMap<LegId, Attempt>,
    /// What the network said last about a leg that was refused: status of SIP and cause of Q.850.
    pub(crate) causes: BTreeMap<LegId, (u16, Option<u16>)>,
    /// When an attempt has waited long enough for a first response.
    waits: BTreeSet<(Instant, LegId)>,
    /// Legs that hold a call of a trunk, either way.
    held: BTreeMap<LegId, TrunkId>,
    /// Legs on copper lines whose gateway has answered, and nobody else yet.
    unanswered: BTreeMap<LegId, line::Unanswered>,
    /// Requests of ours that are under way.
    asked: BTreeMap<TransactionId, Asked>,
    rng: ChaCha20Rng,
    #[cfg(test)]
    reports: Vec<(LegId, report::Report)>,
}

/// One trunk.
struct TrunkState {
    /// One for each proxy.
    doors: Vec<Door>,
    capacity: Capacity,
    registering: Option<Registering>,
    /// The flow that the registration was made on.
    registered_on: Option<Flow>,
    /// When the NAT before us is to be reminded of that flow, if it carries datagrams.
    keep_alive_due: Option<Instant>,
    /// Why the carrier does not register us, for operators.
    complaint: Option<String>,
    /// What operators were told last, and since when it is so.
    told: watch::Told,
}

impl TrunkState {
    /// Up, not registered; its registration and its probes are due at once.
    fn new(trunk: &Trunk, rng: &mut ChaCha20Rng, start: Now) -> Self {
        let now = start.instant;
        let door = |_proxy: &SocketAddr| Door {
            health: Health::new(trunk.probing),
            fault: "",
            probe_due: trunk.probing.map(|_| now),
            probe: None,
        };
        let registering = trunk.register.as_ref().map(|register| {
            let (call_id, tag) = (token(rng), token(rng));
            Registering::new(register, call_id, tag, now)
        });
        Self {
            doors: trunk.proxies.iter().map(door).collect(),
            capacity: Capacity::new(trunk.calls_max, trunk.calls_per_second),
            registering,
            registered_on: None,
            keep_alive_due: None,
            complaint: None,
            told: watch::Told::at_start(trunk.register.is_some(), start),
        }
    }
}

/// A proxy of a trunk.
struct Door {
    health: Health,
    /// What it did when it was last found dead, for operators.
    fault: &'static str,
    /// When OPTIONS is sent next; `None` for silent peers and while one is under way.
    probe_due: Option<Instant>,
    /// The OPTIONS under way, and when it counts as unanswered.
    probe: Option<(TransactionId, Instant)>,
}

/// What a request of ours was for.
#[derive(Debug, Clone)]
enum Asked {
    Options { trunk: TrunkId, door: usize },
    Register { trunk: TrunkId, flow: Flow },
}

impl Trunks {
    /// All up, none registered; registrations and probes are due at once.
    pub fn new(plan: &Plan, mut rng: ChaCha20Rng, start: Now) -> Self {
        let state = |trunk: &Trunk| (trunk.id.clone(), TrunkState::new(trunk, &mut rng, start));
        let states = plan.trunks.values().map(state).collect();
        Self {
            states,
            retired: BTreeMap::new(),
            attempts: BTreeMap::new(),
            waits: BTreeSet::new(),
            held: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            causes: BTreeMap::new(),
            asked: BTreeMap::new(),
            rng,
            #[cfg(test)]
            reports: Vec::new(),
        }
    }

    /// The next thing to tend.
    pub fn next_deadline(&self) -> Option<Instant> {
        let doors = self.states.values().flat_map(|state| &state.doors);
        let probes = doors.filter_map(|door| door.probe.map(|(_, until)| until).or(door.probe_due));
        let registrations = self.states.values().filter_map(|state| state.registering.as_ref());
        let registrations = registrations.flat_map(|one| one.due().into_iter().chain(one.lapses()));
        let keep_alives = self.states.values().filter_map(|state| state.keep_alive_due);
        let waits = self.waits.first().map(|(at, _)| *at);
        let answers = self.unanswered.values().map(line::Unanswered::answered_at);
        probes.chain(registrations).chain(keep_alives).chain(waits).chain(answers).min()
    }

    /// The trunk that we registered with on this flow.
    pub fn registered_on(&self, flow: Flow) -> Option<&TrunkId> {
        self.states.iter().find(|(_, state)| state.registered_on == Some(flow)).map(|(id, _)| id)
    }

    /// The trunk that a leg goes through.
    pub fn trunk_of(&self, leg: LegId) -> Option<&TrunkId> {
        self.held.get(&leg)
    }

    /// The leg is over: its attempt and its place on a trunk are free.
    pub fn forget_leg(&mut self, leg: LegId) {
        self.attempts.remove(&leg);
        self.unanswered.remove(&leg);
        self.causes.remove(&leg);
        self.waits.retain(|(_, id)| *id != leg);
        self.let_go(leg);
    }

    fn hold(&mut self, leg: LegId, trunk: &TrunkId, now: Instant) {
        self.let_go(leg);
        if let Some(state) = self.states.get_mut(trunk) {
            state.capacity.take(now);
            self.held.insert(leg, trunk.clone());
        }
    }

    fn let_go(&mut self, leg: LegId) {
        if let Some(trunk) = self.held.remove(&leg)
            && let Some(state) = self.states.get_mut(&trunk)
        {
            state.capacity.give_back();
        }
    }

    fn door(&mut self, trunk: &TrunkId, door: usize) -> Option<&mut Door> {
        self.states.get_mut(trunk)?.doors.get_mut(door)
    }
}

/// Text nobody can guess.
fn token(rng: &mut ChaCha20Rng) -> String {
    format!("{:016x}", rng.next_u64())
}

#[cfg(test)]
mod tests;
