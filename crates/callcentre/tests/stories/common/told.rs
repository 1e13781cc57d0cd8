//! Agents as their events tell them, to be compared with what is.

use careline_model::event::{AgentDevice, AgentIntent, AgentWork, EventBody};
use careline_model::snapshot::Snapshot;
use careline_model::{AgentId, CallId, Now};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

type Axes = (AgentIntent, AgentWork, AgentDevice);

/// All agents.
#[derive(Default)]
pub struct Board {
    told: BTreeMap<AgentId, Told>,
    /// How long each was seen signed in, microseconds.
    seen_us: BTreeMap<AgentId, i64>,
}

/// What events say of one agent.
#[derive(Default)]
struct Told {
    axes: Option<Axes>,
    since_us: i64,
    next: Option<AgentIntent>,
    /// The call, and when the work after it ends.
    wraps_up: Option<(CallId, i64)>,
    /// Time in each state that is not signed out, microseconds.
    times: BTreeMap<String, i64>,
}

impl Told {
    fn take(&mut self, axes: Option<Axes>, at_us: i64) {
        assert!(at_us >= self.since_us, "the clock of events goes back");
        if let Some((intent, work, device)) = &self.axes
            && *intent != AgentIntent::LoggedOut
        {
            *self.times.entry(format!("{intent:?} {work:?} {device:?}")).or_default() +=
                at_us - self.since_us;
        }
        (self.axes, self.since_us) = (axes, at_us);
    }
}

impl Board {
    /// Time passes, in which nothing happens.
    pub fn pass(&mut self, seen: &Snapshot, by_us: i64) {
        for agent in &seen.agents {
            if agent.intent != AgentIntent::LoggedOut {
                *self.seen_us.entry(agent.agent.clone()).or_default() += by_us;
            }
        }
    }

    /// An event.
    pub fn hear(&mut self, body: &EventBody, at_us: i64) {
        match body {
            EventBody::AgentState { agent, intent, work, device } => {
                let axes = Some((intent.clone(), *work, *device));
                let told = self.told.entry(agent.clone()).or_default();
                assert_ne!(told.axes, axes, "told twice");
                told.take(axes, at_us);
            }
            EventBody::AgentNext { agent, next } => {
                let told = self.told.entry(agent.clone()).or_default();
                assert_ne!(told.next, *next, "told twice");
                told.next.clone_from(next);
            }
            EventBody::WrapUpStarted { agent, call, ends_at_us, .. } => {
                let told = self.told.entry(agent.clone()).or_default();
                assert_eq!(told.wraps_up.replace((*call, *ends_at_us)), None, "two at a time");
            }
            EventBody::WrapUpMoved { agent, call, ends_at_us } => {
                let told = self.told.entry(agent.clone()).or_default();
                let before = told.wraps_up.replace((*call, *ends_at_us)).expect("one has begun");
                assert!(before.0 == *call && before.1 < *ends_at_us);
            }
            EventBody::WrapUpEnded { agent, call, .. } => {
                let told = self.told.entry(agent.clone()).or_default();
                assert_eq!(told.wraps_up.take().map(|(call, _)| call), Some(*call));
            }
            _ => {}
        }
    }

    /// No change without an event; wrap-up has a planned end with a deadline; and the times in all states are together
    /// the time signed in.
    pub fn agents_are_as_told(&mut self, seen: &Snapshot, now: Now, next_deadline: Option<Instant>) {
        for agent in &seen.agents {
            let told = self.told.entry(agent.agent.clone()).or_default();
            let unheard = (AgentIntent::LoggedOut, AgentWork::Idle, AgentDevice::None);
            let axes = told.axes.clone().unwrap_or(unheard);
            assert_eq!(axes, (agent.intent.clone(), agent.work, agent.device), "{}", agent.agent);
            assert_eq!(told.next, agent.next, "{}", agent.agent);
            let wraps_up = agent.wrap_up.as_ref().map(|wrap_up| (wrap_up.call, wrap_up.ends_at_us));
            assert_eq!(told.wraps_up, wraps_up, "{}", agent.agent);
            assert_eq!(wraps_up.is_some(), agent.work == AgentWork::WrapUp);
            if let Some((_, ends_at_us)) = wraps_up {
                let left = Duration::from_micros(u64::try_from(ends_at_us - now.wall_us).unwrap_or(0));
                let due = next_deadline.expect("it ends");
                assert!(due <= now.after(left).instant, "nothing ends the wrap-up");
            }
            if told.axes.is_some() {
                told.take(told.axes.clone(), now.wall_us);
            }
            let seen_us = self.seen_us.get(&agent.agent).copied().unwrap_or(0);
            assert_eq!(told.times.values().sum::<i64>(), seen_us, "{}: {:?}", agent.agent, told.times);
        }
    }
}
