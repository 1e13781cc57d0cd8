//! An agent: three axes that move on their own (CF 2.2), and what follows from them.

mod forced;
mod intent;
mod kept;
mod limits;
mod missed;
mod order;
mod wrap_up;

pub use forced::ForcedOrder;
pub use kept::KeptTimes;
pub(crate) use limits::Limited;
pub use missed::Missed;
pub(crate) use missed::rest_after;
pub use order::AgentOrder;
pub(crate) use wrap_up::WrapUp;

use crate::campaign::Preview;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::queue::Place;
use crate::tally::Tally;
use careline_model::config::plan::{self, Presence, Seat};
use careline_model::event::{AgentDevice, AgentIntent, AgentWork, EventBody};
use careline_model::{AgentId, CallId, LegId, Now, OfferId, QueueId, SkillId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    /// Her place in the file.
    pub(crate) position: u32,
    pub(crate) seats: BTreeMap<QueueId, Seat>,
    /// Those that she takes no calls of for a while.
    pub(crate) paused: BTreeMap<QueueId, Seat>,
    pub(crate) skills: BTreeMap<SkillId, u8>,
    pub(crate) ready_on_register: bool,
    pub(crate) intent: AgentIntent,
    /// What the agent wanted while busy; taken over when the work is done.
    pub(crate) pending: Option<AgentIntent>,
    /// A supervisor wants that: the agent cannot take it back.
    pub(crate) forced: bool,
    pub(crate) work: Work,
    /// Time that her last conversation adds to its wrap-up.
    pub(crate) added: Duration,
    /// A call without wrap-up of which she may still say what came of it.
    pub(crate) undisposed: Option<(CallId, QueueId)>,
    pub(crate) phone: Phone,
    /// The phone makes an echo test.
    pub(crate) own_call: bool,
    /// Calls that did not come from a queue: she dialled, was dialled, or somebody's caller is passed to her.
    pub(crate) own: BTreeSet<CallId>,
    /// She listens to another agent: the watch.
    pub(crate) watching: Option<CallId>,
    pub(crate) tally: Tally,
    /// Waiting calls that nobody else may take for a while.
    pub(crate) kept: BTreeMap<Place, CallId>,
    was_at_work: bool,
    /// Since when she handles a call of this queue, wrap-up included.
    pub(crate) handles: Option<(QueueId, Instant)>,
    /// Resting after a missed offer.
    pub(crate) resting: bool,
    /// Missed offers in a row.
    pub(crate) missed: Missed,
    pub(crate) limited: Limited,
    /// UTC microseconds of the last change that was told.
    pub(crate) since_us: i64,
    told: (AgentIntent, AgentWork, AgentDevice),
    told_next: Option<AgentIntent>,
    /// Since when the agent waits for work. Kept over missed offers and short pauses.
    idle_since: Option<Instant>,
    paused_at: Option<Instant>,
    /// The key under which the queues know this agent as routable.
    pub(crate) routable_since: Option<Instant>,
}

/// What the phone is, apart from calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phone {
    None,
    Registered,
    Lost,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Work {
    Idle,
    Reserved(Lease),
    Ringing(Lease),
    Connecting(Lease),
    Talking {
        call: CallId,
    },
    Dialing,
    WrapUp(WrapUp),
    /// She looks at a task of a campaign.
    Preview(Preview),
}

/// An agent held for a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) offer: OfferId,
    pub(crate) call: CallId,
    /// The agent's leg.
    pub(crate) leg: LegId,
    pub(crate) since: Instant,
    /// From the offer to the answer.
    pub(crate) rang: Option<Duration>,
}

impl Agent {
    pub(crate) fn new(plan: &plan::Agent) -> Self {
        // A phone that does not register cannot tell us when it comes: it is there from the start.
        let phone = if plan.contact.is_some() { Phone::Registered } else { Phone::None };
        let ready = plan.ready_on_register && phone == Phone::Registered;
        let intent = if ready { AgentIntent::Ready } else { AgentIntent::LoggedOut };
        Self {
            id: plan.id.clone(),
            position: plan.position,
            seats: plan.seats.clone(),
            paused: BTreeMap::new(),
            skills: plan.skills.clone(),
            tally: Tally::default(),
            kept: BTreeMap::new(),
            was_at_work: false,
            handles: None,
            ready_on_register: plan.ready_on_register,
            told: (AgentIntent::LoggedOut, AgentWork::Idle, AgentDevice::None),
            told_next: None,
            intent,
            pending: None,
            forced: false,
            work: Work::Idle,
            added: Duration::ZERO,
            undisposed: None,
            phone,
            own_call: false,
            own: BTreeSet::new(),
            watching: None,
            resting: false,
            missed: Missed::default(),
            limited: Limited::default(),
            since_us: 0,
            idle_since: None,
            paused_at: None,
            routable_since: None,
        }
    }

    /// The axes as others see them.
    pub(crate) fn seen(&self) -> (AgentIntent, AgentWork, AgentDevice) {
        let work = match self.work {
            Work::Idle => AgentWork::Idle,
            Work::Reserved(_) => AgentWork::Reserved,
            Work::Ringing(_) => AgentWork::Ringing,
            Work::Connecting(_) => AgentWork::Connecting,
            Work::Talking { .. } => AgentWork::Talking,
            Work::Dialing => AgentWork::Dialing,
            Work::WrapUp(_) => AgentWork::WrapUp,
            Work::Preview(_) => AgentWork::Preview,
        };
        let in_use = self.has_own_call() || matches!(self.work, Work::Connecting(_) | Work::Talking { .. });
        let device = match self.phone {
            Phone::None => AgentDevice::None,
            Phone::Registered if in_use => AgentDevice::InUse,
            Phone::Registered => AgentDevice::Registered,
            Phone::Lost => AgentDevice::Lost,
        };
        (self.intent.clone(), work, device)
    }

    /// In a call that did not come from a queue, or rung for one.
    pub(crate) fn has_own_call(&self) -> bool {
        self.own_call || !self.own.is_empty() || self.watching.is_some()
    }

    /// Calls that her phone is in or rings for.
    pub(crate) fn calls_in_hand(&self) -> usize {
        let work = match self.work {
            Work::Reserved(_) | Work::Ringing(_) | Work::Connecting(_) | Work::Talking { .. } => 1,
            // Those are her own, counted beside.
            Work::Idle | Work::Dialing | Work::WrapUp(_) | Work::Preview(_) => 0,
        };
        self.own.len() + work
    }

    /// Could take a call this instant.
    pub(crate) fn is_routable(&self) -> bool {
        self.intent == AgentIntent::Ready
            && self.work == Work::Idle
            && self.phone == Phone::Registered
            && !self.has_own_call()
            && !self.resting
    }

    /// She takes calls of queues, or is busy with one: she will be free again. A pause is not work, unless its code
    /// says so.
    pub(crate) fn is_at_work(&self) -> bool {
        let staffs = self.intent == AgentIntent::Ready || self.limited.staffed;
        self.phone == Phone::Registered && (self.handles_a_call() || staffs)
    }

    /// Whether she counts as being there for the queues that she serves.
    pub(crate) fn is_there(&self, presence: Presence) -> bool {
        match presence {
            Presence::Available => self.is_routable(),
            Presence::Staffed => self.is_at_work(),
            Presence::Online => self.phone == Phone::Registered && self.intent != AgentIntent::LoggedOut,
        }
    }

    pub(crate) fn lease(&self) -> Option<&Lease> {
        match &self.work {
            Work::Reserved(lease) | Work::Ringing(lease) | Work::Connecting(lease) => Some(lease),
            Work::Idle | Work::Talking { .. } | Work::Dialing | Work::WrapUp(_) | Work::Preview(_) => None,
        }
    }

    fn handles_a_call(&self) -> bool {
        matches!(self.work, Work::Connecting(_) | Work::Talking { .. } | Work::WrapUp(_))
    }

    /// The call in hand.
    pub(crate) fn call(&self) -> Option<CallId> {
        match &self.work {
            Work::Talking { call } => Some(*call),
            Work::Dialing => self.own.first().copied(),
            Work::Idle
            | Work::Reserved(_)
            | Work::Ringing(_)
            | Work::Connecting(_)
            | Work::WrapUp(_)
            | Work::Preview(_) => self.lease().map(|lease| lease.call),
        }
    }
}

impl Centre {
    /// After every change of an agent: tells it, and keeps the queues' lists of routable agents true.
    pub(crate) fn agent_changed(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        let seen = agent.seen();
        if seen != agent.told {
            let wants_else = seen.0 != agent.told.0;
            agent.told = seen.clone();
            agent.since_us = now.wall_us;
            let (intent, work, device) = seen;
            let body = EventBody::AgentState { agent: id.clone(), intent, work, device };
            self.tell(body, now);
            if wants_else {
                self.intent_began(id, now);
            }
        }
        self.tell_next(id, now);
        self.note_work(id, now);
        self.list_if_routable(id, now.instant);
        self.release_kept(id, now);
        self.watch_queues_of(id);
    }

    /// Keeps her counts, and notes when she leaves work: others may have to be asked then.
    fn note_work(&mut self, id: &AgentId, now: Now) {
        let day = self.plan.counting_day(now.wall_us);
        let Some(agent) = self.agents.get_mut(id) else { return };
        let (at_work, busy) = (agent.is_at_work(), agent.handles_a_call());
        let left = std::mem::replace(&mut agent.was_at_work, at_work) && !at_work;
        let routable = agent.is_routable();
        agent.tally.is(day, busy, routable, now.instant);
        let handled = if busy { None } else { agent.handles.take() };
        if left {
            self.unstaffed.extend(agent.seats.keys().cloned());
        }
        if let Some((queue, since)) = handled
            && let Some(queue) = self.queues.get_mut(&queue)
        {
            queue.pace.handled(now.instant.duration_since(since));
        }
    }

    pub(crate) fn list_if_routable(&mut self, id: &AgentId, now: Instant) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        match (agent.routable_since, agent.is_routable()) {
            (None, true) => {
                let since = *agent.idle_since.get_or_insert(now);
                agent.routable_since = Some(since);
                if let Some(due) = agent.limited.idle_due(since, &self.plan.limits.idle) {
                    self.deadlines.set(Due::Idle(id.clone()), due);
                }
                for queue in agent.seats.keys() {
                    if let Some(queue) = self.queues.get_mut(queue) {
                        queue.routable.insert((since, id.clone()));
                    }
                }
                self.freed.push(id.clone());
                self.campaigns.dirty = true;
            }
            (Some(since), false) => {
                agent.routable_since = None;
                self.deadlines.stop(&Due::Idle(id.clone()));
                for queue in agent.seats.keys() {
                    if let Some(queue) = self.queues.get_mut(queue) {
                        queue.routable.remove(&(since, id.clone()));
                    }
                }
            }
            (None, false) | (Some(_), true) => {}
        }
    }

    /// She is in a call that did not come from a queue, or rung for one.
    pub(crate) fn occupy(&mut self, id: &AgentId, call: CallId, now: Now) {
        if matches!(self.agents.get(id).map(|agent| &agent.work), Some(Work::Preview(_))) {
            self.leave_preview(id, now);
        }
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.own.insert(call);
        if agent.work == Work::Idle {
            agent.work = Work::Dialing;
        }
        self.agent_changed(id, now);
    }

    /// She is not any longer; `queue` is the one that the call came from, for her wrap-up.
    pub(crate) fn vacate(&mut self, id: &AgentId, call: CallId, queue: Option<&QueueId>, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.own.remove(&call);
        match (&agent.work, queue) {
            (Work::Talking { call: talking }, Some(queue)) if *talking == call => {
                let queue = queue.clone();
                return self.wrap_up(id, call, &queue, now);
            }
            (Work::Talking { call: talking }, None) if *talking == call => agent.release(now.instant),
            (Work::Dialing, _) if !agent.has_own_call() => agent.release(now.instant),
            _ => {}
        }
        self.agent_changed(id, now);
    }

    /// Her phone is rung to listen to another agent, or is in that.
    pub(crate) fn begin_watching(&mut self, id: &AgentId, watch: CallId, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.watching = Some(watch);
        if agent.work == Work::Idle {
            agent.work = Work::Dialing;
        }
        self.agent_changed(id, now);
    }

    /// She listens no longer.
    pub(crate) fn end_watching(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.watching = None;
        if agent.work == Work::Dialing && !agent.has_own_call() {
            agent.release(now.instant);
        }
        self.agent_changed(id, now);
    }

    /// No offers for a while.
    pub(crate) fn rest(&mut self, id: &AgentId, rest: Duration, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.resting = !rest.is_zero();
        if agent.resting {
            self.deadlines.set(Due::Rest(id.clone()), now.instant + rest);
        }
    }

    pub(crate) fn rest_is_over(&mut self, id: &AgentId, now: Now) {
        if let Some(agent) = self.agents.get_mut(id) {
            agent.resting = false;
            self.list_if_routable(id, now.instant);
        }
    }

    /// The deadline of what the agent does has passed.
    pub(crate) fn work_is_due(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get(id) else { return };
        match agent.work {
            Work::Reserved(_) => self.phone_is_silent(id, now),
            Work::Ringing(_) => self.ringing_is_over(id, now),
            Work::Connecting(_) => self.joining_is_over(id, now),
            Work::WrapUp(_) => self.end_wrap_up(id, true, now),
            Work::Preview(_) => self.preview_is_over(id, now),
            Work::Idle | Work::Talking { .. } | Work::Dialing => {}
        }
    }

    /// The call that an agent's leg belongs to, when the leg is the one in the agent's lease.
    pub(crate) fn lease_of_leg(&self, leg: LegId) -> Option<(AgentId, Lease)> {
        let call = self.calls.get(&self.call_of(leg)?)?;
        call.stage.leased().into_iter().find_map(|agent| {
            let lease = self.agents.get(&agent)?.lease().filter(|lease| lease.leg == leg)?.clone();
            Some((agent, lease))
        })
    }
}
