//! An agent takes no calls of one of her queues, and those of the others (CF D6). What rings or talks goes on.

use crate::centre::Centre;
use crate::command::{CommandError, listed};
use careline_model::event::EventBody;
use careline_model::{AgentId, CallId, Now, QueueId};

impl Centre {
    /// Takes an agent out of one of her queues, or puts her back. It holds until it is ordered otherwise, also when she
    /// signs out meanwhile. The same order twice changes nothing.
    ///
    /// # Errors
    /// [`CommandError::UnknownAgent`], or [`CommandError::UnknownQueue`] for a queue that is none of hers.
    pub fn pause_in_queue(
        &mut self,
        agent: &AgentId,
        queue: &QueueId,
        paused: bool,
        now: Now,
    ) -> Result<(), CommandError> {
        let Some(known) = self.agents.get(agent) else {
            let allowed = listed(self.agents.keys().map(AgentId::as_str));
            return Err(CommandError::UnknownAgent { agent: agent.clone(), allowed });
        };
        if !known.seats.contains_key(queue) && !known.paused.contains_key(queue) {
            let allowed = listed(known.seats.keys().chain(known.paused.keys()).map(QueueId::as_str));
            return Err(CommandError::UnknownQueue { queue: queue.clone(), allowed });
        }
        self.wake(now);
        if known_changes(self.agents.get(agent).map(|known| known.paused.contains_key(queue)), paused) {
            if paused {
                self.leave_seat(agent, queue, now);
            } else {
                self.take_seat(agent, queue);
            }
            self.watch_queue(queue);
            self.tell(EventBody::QueuePaused { agent: agent.clone(), queue: queue.clone(), paused }, now);
        }
        self.settle(now);
        Ok(())
    }

    fn leave_seat(&mut self, id: &AgentId, queue: &QueueId, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        if let Some(seat) = agent.seats.remove(queue) {
            agent.paused.insert(queue.clone(), seat);
        }
        let (since, kept) = (agent.routable_since, agent.kept.values().copied().collect::<Vec<CallId>>());
        if let (Some(since), Some(line)) = (since, self.queues.get_mut(queue)) {
            line.routable.remove(&(since, id.clone()));
        }
        // Who waits for her alone there may be waiting in vain.
        self.unstaffed.insert(queue.clone());
        for call in kept {
            let entry = self.calls.get(&call).and_then(|call| call.stage.entry());
            if entry.is_some_and(|entry| entry.queue == *queue) {
                self.keep_no_longer(call, now);
            }
        }
    }

    fn take_seat(&mut self, id: &AgentId, queue: &QueueId) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        if let Some(seat) = agent.paused.remove(queue) {
            agent.seats.insert(queue.clone(), seat);
        }
        if let (Some(since), Some(line)) = (agent.routable_since, self.queues.get_mut(queue)) {
            line.routable.insert((since, id.clone()));
            self.freed.push(id.clone());
        }
    }
}

fn known_changes(is_paused: Option<bool>, paused: bool) -> bool {
    is_paused.is_some_and(|is_paused| is_paused != paused)
}
