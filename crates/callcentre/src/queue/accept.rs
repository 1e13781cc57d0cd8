//! Who answers a mobile says by key that she is a person and takes the call (CF D4): what does not is its answering
//! machine. The caller hears her music meanwhile, and other phones go on ringing.
//!
//! ```text
//! answered --> asked for key 1 --1--> whisper, joined
//!                  +---any other key, hung up---> refused;   10 s ---> not answered
//! ```

use crate::action::{Action, HangUp, StopRinging};
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::input::RefusedBy;
use crate::offer::Leg;
use careline_model::{AgentId, CallId, LegId, Now};
use std::time::Duration;

/// The key is awaited for so long.
const ACCEPT_LIMIT: Duration = Duration::from_secs(10);
/// It is this one.
const ACCEPT_KEY: char = '1';

impl Centre {
    /// An agent answered: she is asked for the key when her phone is one that asks, and joined otherwise.
    pub(crate) fn accept_or_join(&mut self, id: CallId, agent: &AgentId, leg: LegId, now: Now) {
        let Some(prompt) = self.plan.agents.get(agent).and_then(|agent| agent.accept.clone()) else {
            return self.whisper_or_join(id, agent, leg, now);
        };
        if let Some(entry) = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut()) {
            entry.accepting = true;
        }
        let playback = self.ids.next_playback();
        self.deadlines.set(Due::Work(agent.clone()), now.instant + ACCEPT_LIMIT);
        // Twice: who answers often hears only the end of it.
        self.actions.push_back(Action::Play { leg, playback, prompts: vec![prompt.clone(), prompt] });
    }

    /// A key of an agent's phone. Gives false when it is none that was asked for.
    pub(crate) fn accept_key(&mut self, leg: LegId, digit: char, now: Now) -> bool {
        let Some((agent, lease)) = self.lease_of_leg(leg) else { return false };
        if !self.stops_accepting(lease.call) {
            return false;
        }
        if digit == ACCEPT_KEY {
            self.actions.push_back(Action::StopPlay { leg });
            self.whisper_or_join(lease.call, &agent, leg, now);
        } else {
            let leg = Leg::End(StopRinging::NoAnswer, HangUp::NotBridged);
            self.missed(&agent, RefusedBy::Rejected, leg, now);
        }
        true
    }

    /// No key came. Gives false when none was asked for.
    pub(crate) fn not_accepted(&mut self, agent: &AgentId, now: Now) -> bool {
        let call = self.agents.get(agent).and_then(|agent| agent.lease()).map(|lease| lease.call);
        let asked = call.is_some_and(|call| self.stops_accepting(call));
        if asked {
            let leg = Leg::End(StopRinging::NoAnswer, HangUp::NotBridged);
            self.missed(agent, RefusedBy::NoAnswer, leg, now);
        }
        asked
    }

    fn stops_accepting(&mut self, call: CallId) -> bool {
        let entry = self.calls.get_mut(&call).and_then(|call| call.stage.entry_mut());
        entry.is_some_and(|entry| std::mem::take(&mut entry.accepting))
    }

    /// Whether the one who answered is still being asked.
    pub(crate) fn is_accepting(&self, id: CallId) -> bool {
        let entry = self.calls.get(&id).and_then(|call| call.stage.entry());
        entry.is_some_and(|entry| entry.accepting)
    }
}
