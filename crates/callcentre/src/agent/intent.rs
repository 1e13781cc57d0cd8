//! What an agent wants: by herself or by others, now or when her work is done (CF D5, D7, 2.4).

use super::{Agent, Work};
use crate::action::{HangUp, StopRinging};
use crate::centre::Centre;
use crate::command::{CommandError, listed};
use crate::offer::Leg;
use careline_model::config::plan::SetBy;
use careline_model::event::{AgentIntent, EventBody, OfferOutcome, WrapUpMode};
use careline_model::{AgentId, Now};
use std::time::{Duration, Instant};

/// A shorter pause does not set the idle clock back.
const PAUSE_KEEPS_IDLE: Duration = Duration::from_secs(60);

impl Agent {
    /// Changes what the agent wants, and keeps the idle clock's rule about pauses.
    pub(crate) fn want(&mut self, intent: AgentIntent, now: Instant) {
        if intent == AgentIntent::Ready {
            if self.paused_at.take().is_some_and(|since| now.duration_since(since) >= PAUSE_KEEPS_IDLE) {
                self.idle_anew();
            }
        } else if self.intent == AgentIntent::Ready {
            self.paused_at = Some(now);
        }
        self.intent = intent;
    }

    /// The idle clock begins anew when the agent is routable again.
    fn idle_anew(&mut self) {
        self.idle_since = None;
        self.limited.idle_anew();
    }

    /// A call was handled.
    pub(crate) fn handled_a_call(&mut self) {
        self.missed.forgive();
        self.idle_anew();
    }

    /// The work is done: what follows is a call of the phone's own, or nothing; and what she wanted meanwhile holds.
    pub(crate) fn release(&mut self, now: Instant) {
        self.work = if self.has_own_call() { Work::Dialing } else { Work::Idle };
        self.forced = false;
        if let Some(intent) = self.pending.take() {
            self.want(intent, now);
        }
    }

    /// What she wants waits until her work is done. What she has already is no wish.
    pub(super) fn want_next(&mut self, intent: AgentIntent) {
        self.pending = (intent != self.intent).then_some(intent);
    }
}

impl Centre {
    /// Sets what an agent wants, as she says it. While a phone rings for her, anything but ready takes the offer back; in
    /// a conversation the wish waits until the wrap-up is over, and is told as [`EventBody::AgentNext`]; in wrap-up,
    /// ready ends it, unless its time has to pass or she still owes a disposition out of the configured ones.
    ///
    /// # Errors
    /// [`CommandError::UnknownAgent`], [`CommandError::UnknownCode`], [`CommandError::CodeOfOthers`],
    /// [`CommandError::QuotaUsed`], which name what is allowed, and [`CommandError::ForcedNext`].
    pub fn set_agent(&mut self, agent: &AgentId, intent: AgentIntent, now: Now) -> Result<(), CommandError> {
        self.may_set(agent, &intent, SetBy::Agent, now)?;
        if self.agents.get(agent).is_some_and(|agent| agent.forced) {
            return Err(CommandError::ForcedNext { agent: agent.clone() });
        }
        self.wake(now);
        self.apply_intent(agent, intent, now);
        self.settle(now);
        Ok(())
    }

    /// Takes back what an agent wanted to be when her work is done.
    ///
    /// # Errors
    /// [`CommandError::UnknownAgent`], [`CommandError::NothingNext`], and [`CommandError::ForcedNext`].
    pub fn cancel_next(&mut self, id: &AgentId, now: Now) -> Result<(), CommandError> {
        self.known_agent(id)?;
        let nothing = || CommandError::NothingNext { agent: id.clone() };
        let agent = self.agents.get_mut(id).ok_or_else(nothing)?;
        if agent.forced {
            return Err(CommandError::ForcedNext { agent: id.clone() });
        }
        agent.pending.take().ok_or_else(nothing)?;
        self.agent_changed(id, now);
        self.settle(now);
        Ok(())
    }

    pub(crate) fn known_agent(&self, agent: &AgentId) -> Result<(), CommandError> {
        if self.agents.contains_key(agent) {
            return Ok(());
        }
        let allowed = listed(self.agents.keys().map(AgentId::as_str));
        Err(CommandError::UnknownAgent { agent: agent.clone(), allowed })
    }

    /// Whether an agent's intent may be set so, by whom.
    pub(super) fn may_set(
        &self,
        id: &AgentId,
        intent: &AgentIntent,
        by: SetBy,
        now: Now,
    ) -> Result<(), CommandError> {
        self.known_agent(id)?;
        let AgentIntent::NotReady(code) = intent else { return Ok(()) };
        let codes = &self.plan.not_ready_codes;
        let Some(known) = codes.get(code.as_str()) else {
            let theirs = codes.values().filter(|code| code.set_by.contains(&by));
            let allowed = listed(theirs.map(|code| &*code.id));
            return Err(CommandError::UnknownCode { code: code.clone(), allowed });
        };
        if !known.set_by.contains(&by) {
            let theirs = codes.values().filter(|code| code.set_by.contains(&by));
            let allowed = listed(theirs.map(|code| &*code.id));
            return Err(CommandError::CodeOfOthers { code: code.clone(), allowed });
        }
        let Some(agent) = self.agents.get(id).filter(|agent| agent.intent != *intent) else { return Ok(()) };
        let day = self.plan.counting_day(now.wall_us);
        let left = |code: &str, quota: u32| quota == 0 || agent.tally.uses(day, code) < quota;
        if by == SetBy::Agent && !left(code, known.quota) {
            let theirs =
                codes.values().filter(|code| code.set_by.contains(&by) && left(&code.id, code.quota));
            let allowed = listed(theirs.map(|code| &*code.id));
            return Err(CommandError::QuotaUsed { code: code.clone(), quota: known.quota, allowed });
        }
        Ok(())
    }

    pub(crate) fn apply_intent(&mut self, id: &AgentId, intent: AgentIntent, now: Now) {
        let owes = !self.plan.dispositions.is_empty();
        let Some(agent) = self.agents.get_mut(id) else { return };
        let ready = intent == AgentIntent::Ready;
        match &agent.work {
            Work::Idle | Work::Dialing => agent.want(intent, now.instant),
            Work::Reserved(_) | Work::Ringing(_) | Work::Preview(_) if ready => {
                agent.want(intent, now.instant);
            }
            Work::Preview(_) => {
                agent.pending = Some(intent);
                return self.leave_preview(id, now);
            }
            Work::Reserved(_) | Work::Ringing(_) => {
                agent.pending = Some(intent);
                let leg = Leg::End(StopRinging::Command, HangUp::Command);
                return self.take_back(id, OfferOutcome::Cancelled, leg, now);
            }
            Work::WrapUp(wrap_up) => {
                let may_end =
                    wrap_up.mode != WrapUpMode::TimedFixed && !(owes && wrap_up.disposition.is_none());
                agent.want_next(intent);
                if ready && may_end {
                    return self.end_wrap_up(id, false, now);
                }
            }
            Work::Connecting(_) | Work::Talking { .. } => agent.want_next(intent),
        }
        self.agent_changed(id, now);
    }

    /// Tells what an agent wants next, when that is not what was told.
    pub(super) fn tell_next(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get_mut(id).filter(|agent| agent.pending != agent.told_next) else {
            return;
        };
        agent.told_next.clone_from(&agent.pending);
        let next = agent.pending.clone();
        self.tell(EventBody::AgentNext { agent: id.clone(), next }, now);
    }
}
