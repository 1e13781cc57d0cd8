//! What is said between the agent's answer and the conversation: to the agent, what the call is about (CF C27); to the
//! caller, the agent's number (报工号, C28).
//!
//! ```text
//! answered --> the agent hears the whisper, the caller her music --its end, or 2 s--> joined --> the caller hears the
//!          \------------------(no whisper)--------------------------------------------^         number, the agent her
//! ```

use crate::action::Action;
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::offer::JOINING_LIMIT;
use careline_model::{AgentId, CallId, LegId, Now};
use std::sync::Arc;
use std::time::Duration;

/// A whisper is cut after this time: the caller waits.
const WHISPER_LIMIT: Duration = Duration::from_secs(2);

impl Centre {
    /// An agent answered: the whisper, if there is one for her, then the two are joined.
    pub(crate) fn whisper_or_join(&mut self, id: CallId, agent: &AgentId, leg: LegId, now: Now) {
        if self.callback_accepted(id, agent, now) {
            return;
        }
        let prompts = self.whisper_for(id, now);
        let playback = prompts.as_ref().map(|_| self.ids.next_playback());
        if let Some(entry) = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut()) {
            entry.whisper = playback;
        }
        let (Some(prompts), Some(playback)) = (prompts, playback) else {
            return self.join(id, agent, leg, now);
        };
        self.deadlines.set(Due::Work(agent.clone()), now.instant + WHISPER_LIMIT);
        self.actions.push_back(Action::Play { leg, playback, prompts });
    }

    /// Nothing for a caller who has waited too long for more of it.
    fn whisper_for(&self, id: CallId, now: Now) -> Option<Vec<Arc<str>>> {
        let entry = self.calls.get(&id)?.stage.entry()?;
        let whisper = self.plan.queues.get(&entry.queue)?.whisper.as_ref()?;
        let waited = now.instant.duration_since(entry.entered);
        (waited <= whisper.unless_waited).then(|| whisper.prompts.clone())
    }

    /// A playback on an agent's leg came to its end.
    pub(crate) fn whispered(&mut self, leg: LegId, playback: u64, now: Now) {
        let Some((agent, lease)) = self.lease_of_leg(leg) else { return };
        let entry = self.calls.get_mut(&lease.call).and_then(|call| call.stage.entry_mut());
        if entry.is_some_and(|entry| entry.whisper.take_if(|whisper| *whisper == playback).is_some()) {
            self.join(lease.call, &agent, leg, now);
        }
    }

    /// The whisper has lasted long enough. Gives false when there was none.
    pub(crate) fn cut_whisper(&mut self, agent: &AgentId, now: Now) -> bool {
        let Some(lease) = self.agents.get(agent).and_then(|agent| agent.lease()).cloned() else {
            return false;
        };
        let entry = self.calls.get_mut(&lease.call).and_then(|call| call.stage.entry_mut());
        let cut = entry.is_some_and(|entry| entry.whisper.take().is_some());
        if cut {
            self.actions.push_back(Action::StopPlay { leg: lease.leg });
            self.join(lease.call, agent, lease.leg, now);
        }
        cut
    }

    /// Silence for the caller, then the legs are joined.
    fn join(&mut self, id: CallId, agent: &AgentId, leg: LegId, now: Now) {
        self.silence(id);
        self.deadlines.set(Due::Work(agent.clone()), now.instant + JOINING_LIMIT);
        let Some(caller) = self.calls.get(&id).map(|call| call.leg) else { return };
        self.actions.push_back(Action::Bridge { call: id, caller, agent: leg });
    }

    /// The agent is still being told what the call is about.
    pub(crate) fn is_whispering(&self, id: CallId) -> bool {
        let stage = self.calls.get(&id).map(|call| &call.stage);
        matches!(stage, Some(Stage::Connecting(entry, ..)) if entry.whisper.is_some())
    }

    /// Tells the caller of a queue whom she talks to. An agent whose id is not all digits has no number to be said.
    pub(crate) fn say_agents_number(&mut self, id: CallId, agent: &AgentId, now: Now) {
        let plan = self.plan.clone();
        let queue = self.calls.get(&id).and_then(|call| call.queue.as_ref());
        let Some(words) = queue.and_then(|queue| plan.queues.get(queue)?.agent_number.as_ref()) else {
            return;
        };
        let digit = |digit: char| words.digits.get(usize::try_from(digit.to_digit(10)?).ok()?).cloned();
        let Some(number) = agent.as_str().chars().map(digit).collect::<Option<Vec<_>>>() else { return };
        let prompts = words.before.iter().cloned().chain(number).chain(words.after.iter().cloned());
        self.play(id, prompts.collect(), now);
    }
}
