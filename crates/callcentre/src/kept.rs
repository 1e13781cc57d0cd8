//! What outlives the process (CF C36, N2): given out as one value, and taken back after a start. Times are of the clock
//! on the wall, as the other one begins anew with the machine.
//!
//! What it is not: calls. Who was in one when the process died is told as cut, and rings again; her place in a queue is
//! here when she had hung up before.

use crate::agent::{KeptTimes, Phone};
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::queue::{Closed, KeptPace, KeptPlace};
use crate::sticky::KeptTalk;
use crate::tally::KeptTally;
use careline_model::callback::KeptCallbacks;
use careline_model::event::AgentIntent;
use careline_model::hours::HoursOverride;
use careline_model::screening::ListEntry;
use careline_model::snapshot::EmergencyView;
use careline_model::{AgentId, Now, QueueId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Conversations that are remembered for who calls again, the newest.
const TALKS_MAX: usize = 1_000;

/// A call centre without its calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptCentre {
    /// When it was true, UTC microseconds.
    pub at_us: i64,
    /// Agents who are signed in or did anything today.
    pub agents: Vec<KeptAgent>,
    /// Overrides of opening hours, by profile.
    pub overrides: BTreeMap<String, HoursOverride>,
    /// Emergency mode.
    pub emergency: Option<EmergencyView>,
    /// Entries of caller lists that the configuration does not have.
    pub list_entries: Vec<ListEntry>,
    /// Entries of the configuration that were taken out.
    pub list_gaps: Vec<ListEntry>,
    /// Queues that were closed by order; whether those who waited left.
    pub closed: BTreeMap<QueueId, bool>,
    /// What queues learned of their calls.
    pub paces: BTreeMap<QueueId, KeptPace>,
    /// Places of those who hung up a moment ago.
    pub places: Vec<KeptPlace>,
    /// Who talked to whom last, the newest first.
    pub talks: Vec<KeptTalk>,
    /// Who is to be called back.
    #[serde(default)]
    pub callbacks: KeptCallbacks,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptAgent {
    /// Who.
    pub agent: AgentId,
    /// What she wants, or will when her work is done.
    pub intent: AgentIntent,
    /// Since when she waits for work, when she rests until, what she missed.
    pub times: KeptTimes,
    /// Her counts.
    pub tally: KeptTally,
}

/// A moment on the other clock as a time of day.
pub(crate) fn wall_of(at: Instant, now: Now) -> i64 {
    let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    match now.instant.checked_duration_since(at) {
        Some(ago) => now.wall_us.saturating_sub(micros(ago)),
        None => now.wall_us.saturating_add(micros(at.saturating_duration_since(now.instant))),
    }
}

/// A time of day on the other clock; now, when that clock does not reach so far back.
pub(crate) fn instant_of(at_us: i64, now: Now) -> Instant {
    let away = Duration::from_micros(at_us.abs_diff(now.wall_us));
    if at_us > now.wall_us {
        now.instant + away
    } else {
        now.instant.checked_sub(away).unwrap_or(now.instant)
    }
}

impl Centre {
    /// All that is to outlive the process.
    #[must_use]
    pub fn keep(&self, now: Now) -> KeptCentre {
        let agents = self.agents.values().filter(|agent| !self.leaving.contains(&agent.id));
        let kept = |agent: &crate::agent::Agent| KeptAgent {
            agent: agent.id.clone(),
            intent: agent.pending.as_ref().unwrap_or(&agent.intent).clone(),
            times: agent.keep_times(self.deadlines.when(&Due::Rest(agent.id.clone())), now),
            tally: agent.tally.keep(now.instant),
        };
        let lines = || self.queues.iter().filter(|(id, _)| !self.retired.contains(*id));
        let closed = lines().filter_map(|(id, line)| match line.closed {
            Closed::ByHours => None,
            Closed::Now { leave } => Some((id.clone(), leave)),
        });
        let (list_entries, list_gaps) = self.screening.beside(&self.plan.screening.lists, now.wall_us);
        KeptCentre {
            at_us: now.wall_us,
            agents: agents.map(kept).collect(),
            overrides: self.overrides.iter().map(|(id, over)| (id.to_string(), over.clone())).collect(),
            emergency: self.emergency.clone(),
            list_entries,
            list_gaps,
            closed: closed.collect(),
            paces: lines().map(|(id, line)| (id.clone(), line.pace.keep())).collect(),
            places: self.left_places.keep_all(now),
            talks: self.last_talks.keep(TALKS_MAX),
            callbacks: self.keep_callbacks(),
        }
    }

    /// Takes back what [`Centre::keep`] gave, before the first call. What the plan does not know any more is left out, what
    /// is over by now ends with its event, and phones that are not there yet count as lost a moment ago.
    pub fn restore(&mut self, kept: KeptCentre, now: Now) {
        self.wake(now);
        self.restore_orders(&kept, now);
        for (id, pace) in kept.paces {
            if let Some(line) = self.queues.get_mut(&id) {
                line.pace.restore(pace);
            }
        }
        self.left_places.restore(kept.places, now);
        self.last_talks.restore(kept.talks);
        self.restore_callbacks(kept.callbacks, now);
        let idle = idle_instants(&kept.agents, now);
        for (agent, idle) in kept.agents.into_iter().zip(idle) {
            self.restore_agent(agent, idle, now);
        }
        self.settle(now);
    }

    fn restore_orders(&mut self, kept: &KeptCentre, now: Now) {
        for (id, over) in &kept.overrides {
            let id: Arc<str> = id.as_str().into();
            if self.plan.hours.contains_key(&id) {
                self.overrides.insert(id.clone(), over.clone());
                self.deadlines.set(Due::Override(id), instant_of(over.until_us, now));
            }
        }
        if let (Some(emergency), Some(flow)) = (&kept.emergency, &self.plan.emergency) {
            self.emergency = Some(EmergencyView { flow: flow.clone(), ..emergency.clone() });
            if let Some(until_us) = emergency.until_us {
                self.deadlines.set(Due::Emergency, instant_of(until_us, now));
            }
        }
        self.end_overdue_overrides(now);
        self.screening.restore(&kept.list_entries, &kept.list_gaps, now.wall_us);
        for (id, leave) in &kept.closed {
            if let Some(line) = self.queues.get_mut(id) {
                line.closed = Closed::Now { leave: *leave };
            }
        }
    }

    fn restore_agent(&mut self, kept: KeptAgent, idle: Option<Instant>, now: Now) {
        let KeptAgent { agent: id, intent, times, tally } = kept;
        let Some(agent) = self.agents.get_mut(&id) else { return };
        agent.tally.restore(tally);
        agent.intent = intent;
        if agent.intent != AgentIntent::LoggedOut && agent.phone == Phone::None {
            agent.phone = Phone::Lost;
            self.deadlines.set(Due::Device(id.clone()), now.instant + self.plan.rona.device_back);
        }
        // Whoever was told as free from the start is so for longer.
        if let Some(since) = agent.routable_since.take() {
            for queue in agent.seats.keys() {
                if let Some(queue) = self.queues.get_mut(queue) {
                    queue.routable.remove(&(since, id.clone()));
                }
            }
        }
        self.deadlines.stop(&Due::Idle(id.clone()));
        let rests_until = agent.restore_times(&times, idle, now);
        if let Some(until) = rests_until {
            self.deadlines.set(Due::Rest(id.clone()), until);
        }
        self.agent_changed(&id, now);
    }
}

/// Since when agents wait for work. On a machine that was started a moment ago their clock does not reach back; then the
/// order stays at least.
fn idle_instants(agents: &[KeptAgent], now: Now) -> Vec<Option<Instant>> {
    let since = |agent: &KeptAgent| agent.times.idle_since_us;
    let longest = agents.iter().filter_map(since).min().unwrap_or(now.wall_us);
    let ago = Duration::from_micros(u64::try_from(now.wall_us.saturating_sub(longest)).unwrap_or(0));
    if now.instant.checked_sub(ago).is_some() {
        return agents.iter().map(|agent| since(agent).map(|at_us| instant_of(at_us, now))).collect();
    }
    let rank = |at_us: i64| agents.iter().filter_map(since).filter(|other| *other > at_us).count();
    let micros = |rank: usize| Duration::from_micros(u64::try_from(rank).unwrap_or(0));
    let early = |at_us| now.instant.checked_sub(micros(rank(at_us))).unwrap_or(now.instant);
    agents.iter().map(|agent| since(agent).map(early)).collect()
}
