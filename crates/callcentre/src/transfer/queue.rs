//! A queue as the target of a transfer (CF G2): the call keeps its id and the time of its first entry, and goes a point before
//! those who never talked to anybody.

use crate::action::{Action, HangUp, Refusal, TransferNews};
use crate::call::{Call, Home, Stage};
use crate::centre::Centre;
use crate::command::CommandError;
use crate::people::{PeopleAnswer, cannot_ring};
use crate::rank::NewRank;
use careline_model::event::{EventBody, TransferOutcome};
use careline_model::{AgentId, CallId, Now, Number, QueueId};

/// What being passed on is worth, in points of a minute each (CF G2).
const POINTS: i32 = 1;

impl Centre {
    /// A caller goes from an agent to a queue. One who came from no queue has no flow to go back to, and cannot wait.
    pub(super) fn pass_to_queue(
        &mut self,
        id: CallId,
        queue: &QueueId,
        refer: Option<u64>,
        now: Now,
    ) -> Result<(), Refusal> {
        self.comes_from_queue(id)?;
        if !self.lets_in(queue, now) {
            return Err(Refusal::Busy);
        }
        self.move_to_queue(id, queue, refer, now)
    }

    /// The same for somebody who has a place there, whether or not the queue lets others in.
    pub(super) fn move_to_queue(
        &mut self,
        id: CallId,
        queue: &QueueId,
        refer: Option<u64>,
        now: Now,
    ) -> Result<(), Refusal> {
        let (home, by) = self.comes_from_queue(id)?;
        let Some(call) = self.calls.get(&id) else { return Err(Refusal::NoConversation) };
        let Stage::Talking(talk) = &call.stage else { return Err(Refusal::NoConversation) };
        let rank = NewRank {
            red_flag: call.red_flag,
            class: call.class,
            points: call.priority_points.saturating_add(POINTS).min(1440),
        };
        let (caller, leg, joined) = (call.leg, talk.leg, talk.joined);
        let extension = self.plan.queues.get(queue).and_then(|queue| queue.extension.clone());
        let to = extension.unwrap_or_else(|| Number::from(queue.as_str()));
        if let Some(refer) = refer {
            self.actions.push_back(Action::AcceptTransfer { refer });
        }
        self.end_talk(id, now);
        if joined {
            self.actions.push_back(Action::Part { caller, agent: leg });
        }
        let (agent, attended) = (by.clone(), false);
        self.tell(EventBody::TransferStarted { call: id, agent, to, attended }, now);
        let outcome = TransferOutcome::Connected;
        self.tell(EventBody::TransferEnded { call: id, outcome, ring_ms: 0 }, now);
        if let Some(refer) = refer {
            let news = TransferNews::Connected;
            self.actions.push_back(Action::TransferProgress { refer, news });
        }
        self.actions.push_back(Action::HangUp { leg, why: HangUp::Transferred });
        self.vacate(&by, id, Some(&home.queue), now);
        self.rank_call(id, rank, now);
        self.begin_entry(id, queue.clone(), home.exits, false, now);
        Ok(())
    }

    /// The queue that a caller came from, and who talks to him.
    pub(super) fn comes_from_queue(&self, id: CallId) -> Result<(Home, AgentId), Refusal> {
        let talk = self.calls.get(&id).and_then(Call::talk).ok_or(Refusal::NoConversation)?;
        talk.home.clone().zip(talk.agent.clone()).ok_or(Refusal::UnknownNumber)
    }

    /// An agent passes her other party on by order: to an extension, a number outside, a queue or a slot.
    pub(crate) fn pass_on(
        &mut self,
        (id, by): (CallId, AgentId),
        to: &str,
        now: Now,
    ) -> Result<PeopleAnswer, CommandError> {
        let others = self.talk_of(id, &by)?.guests.len();
        let refused = |why| cannot_ring(to, why);
        if others > 0 {
            return Err(CommandError::PartiesFull { call: id, parties: 2 + others, most: 2 });
        }
        let named = QueueId::from(to);
        let queue = self.plan.queue_of(to).or_else(|| self.queues.contains_key(&named).then_some(named));
        if let Some(queue) = queue {
            if !self.lets_in(&queue, now) {
                return Err(CommandError::QueueShut { queue });
            }
            self.pass_to_queue(id, &queue, None, now).map_err(refused)?;
            return Ok(PeopleAnswer::Done);
        }
        if let Some(slot) = self.slot_of(to) {
            self.park(id, slot, None, now).map_err(refused)?;
            return Ok(PeopleAnswer::Slot(slot));
        }
        let number = self.plan.number(to);
        let goal = self.goal_of(&by, &number).map_err(refused)?;
        self.ring_for_transfer(id, by, goal, None, now);
        Ok(PeopleAnswer::Done)
    }
}
