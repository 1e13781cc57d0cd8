//! A phone that is gone in the middle of a conversation may be back in a moment: its caller is kept for it (CF 2.2).
//!
//! A phone whose leg goes on is not waited for: voices may flow while a registration lapses, and the media time-out tells
//! when they do not. A phone that comes back while its old leg still stands takes the conversation over (RFC 3891).

use super::{BACK_TRIES, Step, Transfer};
use crate::agent::Phone;
use crate::call::{Call, Stage};
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::dial::Goal;
use careline_model::{AgentId, CallId, Now};
use std::time::Duration;

/// For so long, with music.
const KEPT: Duration = Duration::from_secs(15);

impl Centre {
    /// The leg of a conversation failed. Keeps the caller when the phone is gone altogether and he has a queue to go back
    /// to; gives false, and does nothing, otherwise.
    pub(crate) fn keep_for_lost_phone(&mut self, id: CallId, now: Now) -> bool {
        let Some(Stage::Talking(talk)) = self.calls.get(&id).map(|call| &call.stage) else { return false };
        let agent = talk.agent.as_ref().filter(|_| talk.home.is_some());
        if !agent.and_then(|agent| self.agents.get(agent)).is_some_and(|agent| agent.phone == Phone::Lost) {
            return false;
        }
        let Some(talk) = self.end_talk(id, now) else { return false };
        self.no_survey(id, &talk, careline_model::event::SurveyOutcome::NotOffered, now);
        let (Some(by), Some(call)) = (talk.agent, self.calls.get_mut(&id)) else { return false };
        let transfer = Transfer {
            by: by.clone(),
            by_leg: None,
            held: false,
            refer: None,
            goal: Goal::Extension(by.clone()),
            leg: None,
            rang: false,
            answered: false,
            began: now.instant,
            step: Step::Lost,
            home: talk.home.clone(),
        };
        call.enter(Stage::Transferring(transfer), now);
        self.hold_music(id, talk.home.as_ref());
        self.deadlines.set(Due::Third(id), now.instant + KEPT);
        if let Some(agent) = self.agents.get_mut(&by) {
            agent.handled_a_call();
            agent.release(now.instant);
        }
        self.agent_changed(&by, now);
        true
    }

    /// A lost phone is back: it is rung for the caller who was kept for it.
    pub(crate) fn phone_is_back(&mut self, id: &AgentId, now: Now) {
        let waits = |call: &&Call| matches!(&call.stage, Stage::Transferring(transfer) if transfer.step == Step::Lost && transfer.by == *id);
        let Some(call) = self.calls.values().find(waits).map(|call| call.id) else { return };
        self.deadlines.stop(&Due::Third(call));
        self.ring_back(call, BACK_TRIES, now);
    }
}
