//! What people do with a call that waits: take it out of its queue (CF C31), or take it themselves (C32). Who may do so
//! is decided where people sign in.

use crate::action::{HangUp, StopRinging};
use crate::call::Stage;
use crate::centre::Centre;
use crate::command::{CommandError, listed};
use crate::offer::Leg;
use careline_model::event::{EventBody, OfferOutcome, QueueOutcome};
use careline_model::{AgentId, CallId, Now, QueueId};

/// Longest reason, in characters; the rest is cut.
const REASON_CHARS_MAX: usize = 200;

impl Centre {
    /// Takes a waiting call out of its queue and into another, where it has the age of its first entry. A phone that
    /// rings for it stops.
    ///
    /// # Errors
    /// [`CommandError::UnknownCall`], [`CommandError::NotWaiting`], [`CommandError::UnknownQueue`] and
    /// [`CommandError::QueueShut`]; nothing has changed then.
    pub fn withdraw(&mut self, id: CallId, to: &QueueId, reason: &str, now: Now) -> Result<(), CommandError> {
        let call = self.calls.get(&id).ok_or(CommandError::UnknownCall { call: id })?;
        let entry = match &call.stage {
            Stage::Queued(entry) | Stage::Offered(entry, _) => entry,
            _ => return Err(CommandError::NotWaiting { call: id }),
        };
        if !self.queues.contains_key(to) || entry.queue == *to {
            let others = self.plan.queue_order.iter().filter(|queue| **queue != entry.queue);
            let allowed = listed(others.map(QueueId::as_str));
            return Err(CommandError::UnknownQueue { queue: to.clone(), allowed });
        }
        let calls_back = self.plan.queues.get(to).is_some_and(|queue| queue.callback.is_some());
        if !self.lets_in(to, now) || (call.is_callback() && !calls_back) {
            return Err(CommandError::QueueShut { queue: to.clone() });
        }
        let (exits, leased) = (entry.exits.clone(), call.stage.leased());
        let body = EventBody::QueueWithdrawn {
            call: id,
            entry: entry.id,
            queue: entry.queue.clone(),
            to: to.clone(),
            reason: reason.chars().take(REASON_CHARS_MAX).collect(),
        };
        self.wake(now);
        self.tell(body, now);
        for agent in leased {
            let leg = Leg::End(StopRinging::Command, HangUp::Command);
            self.end_offer(&agent, OfferOutcome::Cancelled, leg, now);
        }
        self.silence(id);
        self.leave_queue(id, QueueOutcome::FlowOutAdmin, now);
        self.begin_entry(id, to.clone(), exits, false, now);
        self.settle(now);
        Ok(())
    }

    /// Offers a waiting call to the agent who picked it, whoever is before it. She serves its queue and is free.
    ///
    /// # Errors
    /// [`CommandError::UnknownCall`], [`CommandError::NotWaiting`] also while phones ring for it,
    /// [`CommandError::UnknownAgent`] and [`CommandError::NotFree`]; nothing has changed then.
    pub fn pick(&mut self, id: CallId, agent: &AgentId, now: Now) -> Result<(), CommandError> {
        let call = self.calls.get(&id).ok_or(CommandError::UnknownCall { call: id })?;
        let Stage::Queued(entry) = &call.stage else { return Err(CommandError::NotWaiting { call: id }) };
        let serves = |agent: &crate::agent::Agent| agent.seats.contains_key(&entry.queue);
        let Some(picker) = self.agents.get(agent).filter(|agent| serves(agent)) else {
            let theirs = self.agents.values().filter(|agent| serves(agent));
            let allowed = listed(theirs.map(|agent| agent.id.as_str()));
            return Err(CommandError::UnknownAgent { agent: agent.clone(), allowed });
        };
        if !picker.is_routable() {
            return Err(CommandError::NotFree { agent: agent.clone() });
        }
        let body = EventBody::QueuePicked { call: id, entry: entry.id, agent: agent.clone() };
        self.wake(now);
        self.tell(body, now);
        self.offer(id, agent.clone(), now);
        self.settle(now);
        Ok(())
    }
}
