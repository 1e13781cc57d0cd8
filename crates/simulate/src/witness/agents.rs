//! Agents as events tell them.

use super::Witness;
use super::limits::Subject;
use super::rules::Rules;
use careline_model::config::{DEVICE_LOST_CODE, RONA_CODE};
use careline_model::event::{AgentDevice, AgentIntent, AgentWork};
use careline_model::{AgentId, QueueId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// One agent.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) intent: AgentIntent,
    pub(super) work: AgentWork,
    pub(super) device: AgentDevice,
    /// Since when, from the beginning and in UTC microseconds.
    since: Duration,
    pub(super) since_us: i64,
    /// What she wanted last.
    wish: Option<AgentIntent>,
    /// No offers until then, perhaps.
    rests_until: Duration,
    /// No offers until then, certainly: she missed one and is still ready.
    left_alone_until: Duration,
    logged_in_at: Option<Duration>,
    logged_in: Duration,
    pub(super) times: Times,
}

/// How long an agent was what, while logged in.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// With callers, from the offer to the end of the wrap-up.
    pub(super) handling: Duration,
    /// Ready and waiting for callers.
    pub(super) idle: Duration,
    /// Not ready, or in calls of her own.
    pub(super) other: Duration,
}

/// All agents.
#[derive(Debug)]
pub(super) struct Agents {
    pub(super) all: BTreeMap<AgentId, Agent>,
    /// For each queue, who could take a call.
    pub(super) free: BTreeMap<QueueId, BTreeSet<AgentId>>,
    resting: BTreeSet<(Duration, AgentId)>,
    broken_wish: Option<String>,
    /// Whose wish is to be looked at when the step ends.
    touched: BTreeSet<AgentId>,
}

impl Agents {
    pub(super) fn new(rules: &Rules) -> Self {
        let agent = || Agent {
            intent: AgentIntent::LoggedOut,
            work: AgentWork::Idle,
            device: AgentDevice::None,
            since: Duration::ZERO,
            since_us: 0,
            wish: None,
            rests_until: Duration::ZERO,
            left_alone_until: Duration::ZERO,
            logged_in_at: None,
            logged_in: Duration::ZERO,
            times: Times::default(),
        };
        Self {
            all: rules.plan.agents.keys().map(|id| (id.clone(), agent())).collect(),
            free: rules.plan.queues.keys().map(|id| (id.clone(), BTreeSet::new())).collect(),
            resting: BTreeSet::new(),
            broken_wish: None,
            touched: BTreeSet::new(),
        }
    }

    /// She may be left alone until then.
    pub(super) fn may_rest(&mut self, id: &AgentId, until: Duration, rules: &Rules, now: Duration) {
        if let Some(agent) = self.all.get_mut(id).filter(|agent| agent.rests_until < until) {
            agent.rests_until = until;
            self.resting.insert((until, id.clone()));
            self.list(id, rules, now);
        }
    }

    /// She missed an offer: no other comes until then.
    pub(super) fn must_rest(&mut self, id: &AgentId, until: Duration) {
        if let Some(agent) = self.all.get_mut(id) {
            agent.left_alone_until = until;
        }
    }

    /// Whether she missed an offer and is to be left alone.
    pub(super) fn is_left_alone(&self, id: &AgentId, now: Duration) -> bool {
        self.all.get(id).is_some_and(|agent| now < agent.left_alone_until)
    }

    pub(super) fn let_rests_pass(&mut self, rules: &Rules, now: Duration) {
        let before = now.saturating_sub(rules.slack);
        while let Some((until, id)) = self.resting.first().filter(|(until, _)| *until < before).cloned() {
            self.resting.remove(&(until, id.clone()));
            self.list(&id, rules, now);
        }
        for id in std::mem::take(&mut self.touched) {
            let Some(agent) = self.all.get(&id) else { continue };
            let done = matches!(agent.work, AgentWork::Idle | AgentWork::Dialing);
            if let Some(wish) = agent.wish.as_ref().filter(|wish| done && **wish != agent.intent) {
                self.broken_wish = Some(format!("{id} wants {wish:?} and is {:?}", agent.intent));
            }
        }
    }

    pub(super) fn take_broken_wish(&mut self) -> Option<String> {
        self.broken_wish.take()
    }

    pub(super) fn wished(&mut self, id: &AgentId, intent: &AgentIntent) {
        if let Some(agent) = self.all.get_mut(id) {
            agent.wish = Some(intent.clone());
            self.touched.insert(id.clone());
        }
    }

    /// Keeps the lists of those who could take a call.
    fn list(&mut self, id: &AgentId, rules: &Rules, now: Duration) {
        let Some(agent) = self.all.get(id) else { return };
        let free = agent.intent == AgentIntent::Ready
            && agent.work == AgentWork::Idle
            && agent.device == AgentDevice::Registered
            && agent.rests_until + rules.slack <= now;
        for queue in rules.queues_of.get(id).into_iter().flatten() {
            let Some(list) = self.free.get_mut(queue) else { continue };
            if free {
                list.insert(id.clone());
            } else {
                list.remove(id);
            }
        }
    }

    /// The time is over.
    pub(super) fn close(&mut self, now: Duration) {
        for agent in self.all.values_mut() {
            agent.account(now);
            if let Some(since) = agent.logged_in_at.take() {
                agent.logged_in += now.saturating_sub(since);
            }
        }
    }

    /// An agent whose times of states are not the time that she was logged in.
    pub(super) fn times_differ(&self) -> Option<String> {
        self.all.iter().find_map(|(id, agent)| {
            let sum = agent.times.handling + agent.times.idle + agent.times.other;
            (sum != agent.logged_in).then(|| format!("{id}: {sum:?} of {:?}", agent.logged_in))
        })
    }
}

impl Agent {
    /// Counts the time of the state that ends.
    fn account(&mut self, now: Duration) {
        if self.intent != AgentIntent::LoggedOut {
            let time = match self.work {
                AgentWork::Idle if self.intent == AgentIntent::Ready => &mut self.times.idle,
                AgentWork::Idle | AgentWork::Dialing | AgentWork::Preview => &mut self.times.other,
                _ => &mut self.times.handling,
            };
            *time += now.saturating_sub(self.since);
        }
        self.since = now;
    }
}

impl Witness {
    pub(super) fn agent_state(
        &mut self,
        id: &AgentId,
        intent: &AgentIntent,
        work: AgentWork,
        device: AgentDevice,
    ) {
        let (now, wall_us) = (self.now, self.wall_us);
        let Some(agent) = self.agents.all.get_mut(id) else {
            return self.expect("only agents of the plan are told of", false, || id.to_string());
        };
        let same = agent.intent == *intent && agent.work == work && agent.device == device;
        agent.account(now);
        match (agent.intent == AgentIntent::LoggedOut, *intent == AgentIntent::LoggedOut) {
            (true, false) => agent.logged_in_at = Some(now),
            (false, true) => {
                let since = agent.logged_in_at.take();
                agent.logged_in += since.map(|since| now.saturating_sub(since)).unwrap_or_default();
            }
            _ => {}
        }
        // Too many missed offers overrule what she wanted before.
        if agent.intent != *intent
            && matches!(intent, AgentIntent::NotReady(code) if [RONA_CODE, DEVICE_LOST_CODE].contains(&code.as_str()))
        {
            agent.wish = Some(intent.clone());
        }
        if *intent != AgentIntent::Ready {
            // Who says that she is ready again is taken at her word.
            agent.left_alone_until = Duration::ZERO;
        }
        (agent.intent, agent.work, agent.device) = (intent.clone(), work, device);
        agent.since_us = wall_us;
        self.agents.touched.insert(id.clone());
        self.agents.list(id, &self.rules, now);
        self.expect("an event tells of a change", !same, || format!("{id} is told twice"));
        let lease = self.calls.lease_of(id);
        let needs_lease = matches!(work, AgentWork::Reserved | AgentWork::Ringing | AgentWork::Connecting);
        let queue = lease.and_then(|call| self.calls.queue_of(call));
        let limit = match work {
            AgentWork::Reserved | AgentWork::Connecting => Some(self.rules.step()),
            AgentWork::Ringing => Some(self.rules.ringing(queue)),
            AgentWork::WrapUp => Some(self.rules.longest_wrap_up),
            AgentWork::Preview => Some(self.rules.longest_preview()),
            AgentWork::Idle | AgentWork::Talking | AgentWork::Dialing => None,
        };
        let subject = Subject::Work(id.clone());
        match limit {
            Some(limit) => self.limits.set(subject, now + limit),
            None => self.limits.stop(&subject),
        }
        // Between the joining and the conversation the offer has ended and the work has not been told.
        self.expect("who is rung has an offer", lease.is_some() || !needs_lease, || format!("{id} has none"));
    }
}
