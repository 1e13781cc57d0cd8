//! A callback that one agent promised (CF E8): hers alone while she is there, everybody's when she stays away.

use crate::centre::Centre;
use crate::deadlines::Due;
use crate::queue::millis;
use careline_model::event::{CallbackReleased, EventBody};
use careline_model::{AgentId, CallId, Now};
use std::time::Duration;

impl Centre {
    /// The agent who promised to make this call, while it is hers.
    pub(crate) fn owner_of(&self, id: CallId) -> Option<AgentId> {
        let carrier = self.calls.get(&id)?.callback.as_ref()?;
        self.promise_of(&carrier.id)?.owner.clone()
    }

    /// Keeps an attempt that just came to its queue for its owner. False when it has none.
    pub(crate) fn keep_for_owner(&mut self, id: CallId, now: Now) -> bool {
        let Some(owner) = self.owner_of(id) else { return false };
        let Some(entry) = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut()) else {
            return false;
        };
        if !self.agents.get(&owner).is_some_and(|agent| agent.seats.contains_key(&entry.queue)) {
            return false;
        }
        entry.reserved = Some(owner.clone());
        let (entry, queue) = (entry.id, entry.queue.clone());
        let time = self.absence(&queue);
        self.deadlines.set(Due::Kept(id), now.instant + time);
        let for_ms = millis(time);
        self.tell(EventBody::QueueReserved { call: id, entry, agent: owner, for_ms }, now);
        true
    }

    fn absence(&self, queue: &careline_model::QueueId) -> Duration {
        self.callback_rules(queue).map_or(Duration::ZERO, |rules| rules.owner_absent)
    }

    /// It has been kept long enough, unless its owner is there and only busy.
    pub(crate) fn kept_is_over(&mut self, id: CallId, now: Now) {
        let owner = self.owner_of(id);
        let there = owner.and_then(|owner| self.agents.get(&owner)).is_some_and(|one| one.can_be_had_soon());
        let queue = self.calls.get(&id).and_then(|call| call.stage.entry()).map(|entry| entry.queue.clone());
        match queue.filter(|_| there) {
            Some(queue) => {
                let time = self.absence(&queue);
                self.deadlines.set(Due::Kept(id), now.instant + time);
            }
            None => self.keep_no_longer(id, now),
        }
    }

    /// It is everybody's from now on, in further attempts, too.
    pub(crate) fn owner_lost(&mut self, id: CallId, now: Now) {
        let Some(carrier) = self.calls.get(&id).and_then(|call| call.callback.as_ref()) else { return };
        let callback = carrier.id.clone();
        let open = self.callbacks.open.get_mut(&callback);
        if let Some(agent) = open.and_then(|open| open.promise.owner.take()) {
            let fact = CallbackReleased { call: id, callback, agent };
            self.tell(EventBody::CallbackReleased(fact), now);
        }
    }
}
