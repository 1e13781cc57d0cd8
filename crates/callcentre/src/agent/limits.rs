//! What an agent can have too much of: time in a reason code, time without a call, calls in a day. Each is told before,
//! when it is reached, and may sign her out when her work is done (CF D14, 2.4).

use super::Agent;
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::config::plan::{Limit, NotReadyCode};
use careline_model::event::{AgentIntent, AgentLimit, EventBody, LimitAction};
use careline_model::{AgentId, Now};
use std::time::{Duration, Instant};

/// What an agent was told about her limits.
#[derive(Debug, Default)]
pub(crate) struct Limited {
    /// Her reason code counts as staff.
    pub(super) staffed: bool,
    /// Since when she has it.
    pause_since: Option<Instant>,
    pause: Told,
    idle: Told,
}

/// How far it went.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Told {
    #[default]
    Nothing,
    Warning,
    Reached,
}

impl Told {
    /// What is to be told next, and how long after the beginning.
    fn next(self, limit: &Limit<Duration>) -> Option<(Self, Duration)> {
        let warning = limit.warn.map(|warn| (Self::Warning, warn));
        let reached = limit.max.map(|max| (Self::Reached, max));
        match self {
            Self::Nothing => warning.or(reached),
            Self::Warning => reached,
            Self::Reached => None,
        }
    }
}

impl Limited {
    pub(super) fn idle_anew(&mut self) {
        self.idle = Told::Nothing;
    }

    /// When something is to be told about an agent who has been free since then.
    pub(super) fn idle_due(&self, since: Instant, limit: &Limit<Duration>) -> Option<Instant> {
        self.idle.next(limit).map(|(_, after)| since + after)
    }
}

impl Centre {
    /// An agent wants something else from now on.
    pub(super) fn intent_began(&mut self, id: &AgentId, now: Now) {
        self.deadlines.stop(&Due::Pause(id.clone()));
        let day = self.plan.counting_day(now.wall_us);
        let Some(agent) = self.agents.get_mut(id) else { return };
        let code = match &agent.intent {
            AgentIntent::NotReady(code) => self.plan.not_ready_codes.get(code.as_str()),
            AgentIntent::Ready | AgentIntent::LoggedOut => None,
        };
        agent.limited.staffed = code.is_some_and(|code| code.staffed);
        (agent.limited.pause, agent.limited.pause_since) = (Told::Nothing, code.map(|_| now.instant));
        if let Some(code) = code {
            agent.tally.count_use(day, &code.id);
            self.set_pause_deadline(id);
        }
    }

    /// Other codes or other limits are configured.
    pub(crate) fn limits_changed(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get(id) else { return };
        let code = self.code_of(agent);
        let (staffed, knows) = (code.is_some_and(|code| code.staffed), code.is_some());
        let idle = self.plan.limits.idle;
        let Some(agent) = self.agents.get_mut(id) else { return };
        let staffed_before = std::mem::replace(&mut agent.limited.staffed, staffed);
        if knows && agent.limited.pause_since.is_none() {
            agent.limited.pause_since = Some(now.instant);
        }
        self.deadlines.stop(&Due::Pause(id.clone()));
        self.deadlines.stop(&Due::Idle(id.clone()));
        if let Some(due) = agent.routable_since.and_then(|since| agent.limited.idle_due(since, &idle)) {
            self.deadlines.set(Due::Idle(id.clone()), due);
        }
        self.set_pause_deadline(id);
        if staffed != staffed_before {
            self.agent_changed(id, now);
        }
    }

    fn code_of(&self, agent: &Agent) -> Option<&NotReadyCode> {
        match &agent.intent {
            AgentIntent::NotReady(code) => self.plan.not_ready_codes.get(code.as_str()),
            AgentIntent::Ready | AgentIntent::LoggedOut => None,
        }
    }

    fn set_pause_deadline(&mut self, id: &AgentId) {
        let Some(agent) = self.agents.get(id) else { return };
        let next = self.code_of(agent).and_then(|code| agent.limited.pause.next(&code.longest));
        if let (Some((_, after)), Some(since)) = (next, agent.limited.pause_since) {
            self.deadlines.set(Due::Pause(id.clone()), since + after);
        }
    }

    /// She has had her reason code for long, or too long.
    pub(crate) fn pause_is_due(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get(id) else { return };
        let Some(code) = self.code_of(agent) else { return };
        let Some((told, _)) = agent.limited.pause.next(&code.longest) else { return };
        let (name, then) = (code.id.to_string(), code.longest.then);
        if let Some(agent) = self.agents.get_mut(id) {
            agent.limited.pause = told;
        }
        self.set_pause_deadline(id);
        self.limit_told(id, (AgentLimit::Pause, Some(name)), told == Told::Reached, then, now);
    }

    /// She has been free for long, or too long.
    pub(crate) fn idle_is_due(&mut self, id: &AgentId, now: Now) {
        let limit = self.plan.limits.idle;
        let Some(agent) = self.agents.get_mut(id) else { return };
        let Some((told, _)) = agent.limited.idle.next(&limit) else { return };
        agent.limited.idle = told;
        let next = agent.idle_since.and_then(|since| agent.limited.idle_due(since, &limit));
        if let Some(due) = next {
            self.deadlines.set(Due::Idle(id.clone()), due);
        }
        self.limit_told(id, (AgentLimit::Idle, None), told == Told::Reached, limit.then, now);
    }

    /// She answered so many calls of queues today.
    pub(crate) fn calls_counted(&mut self, id: &AgentId, calls: u32, now: Now) {
        let limit = self.plan.limits.calls;
        let reached = limit.max == Some(calls);
        if reached || limit.warn == Some(calls) {
            self.limit_told(id, (AgentLimit::Calls, None), reached, limit.then, now);
        }
    }

    fn limit_told(
        &mut self,
        id: &AgentId,
        (limit, code): (AgentLimit, Option<String>),
        reached: bool,
        then: LimitAction,
        now: Now,
    ) {
        self.tell(EventBody::AgentLimit { agent: id.clone(), limit, code, reached, then }, now);
        if reached && then == LimitAction::Logout {
            self.apply_intent(id, AgentIntent::LoggedOut, now);
        }
    }
}
