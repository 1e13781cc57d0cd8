//! A queue is asked before a caller is passed on to it (CF G4): the agent dials its extension and stands in its line
//! herself, while her caller is on hold. She may leave the caller there before anybody answers, or with whoever did.
//!
//! ```text
//! dialled --her phone is answered--> in line --an agent answers--> the two talk
//!                                       | transfer                    | transfer
//!                                       v                             v
//!                         her caller waits in that queue   her caller talks with that agent
//! ```

use crate::action::{Action, HangUp, Refusal};
use crate::agent::Work;
use crate::call::{Call, Stage};
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::dial::Goal;
use crate::queue::millis;
use careline_model::config::plan::Exits;
use careline_model::event::{EndCause, EventBody, Party, SurveyOutcome};
use careline_model::{AgentId, CallId, LegId, Now, Number, QueueId};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Centre {
    /// A phone dialled the extension of a queue.
    pub(crate) fn queue_dialled(
        &mut self,
        leg: LegId,
        agent: AgentId,
        queue: QueueId,
        number: Number,
        now: Now,
    ) {
        let room = self.room_for(&agent, &number).and_then(|()| match self.lets_in(&queue, now) {
            true => Ok(()),
            false => Err(Refusal::Busy),
        });
        match room {
            Ok(()) => self.answer_phone(leg, &agent, number, Some(queue), now),
            Err(why) => self.actions.push_back(Action::Refuse { leg, why }),
        }
    }

    /// Her phone was answered: she stands in line. Whatever leads others out of it ends her call.
    pub(crate) fn begin_asking(&mut self, id: CallId, queue: QueueId, now: Now) {
        self.deadlines.stop(&Due::Caller(id));
        if !self.lets_in(&queue, now) {
            return self.end_call(id, EndCause::FlowFinished, Party::Switch, Some(HangUp::FlowFinished), now);
        }
        let end: Arc<str> = Arc::from("end");
        let exits = Exits {
            timeout: end.clone(),
            full: end.clone(),
            empty: end.clone(),
            closed: end.clone(),
            overflow: end,
            keys: BTreeMap::new(),
        };
        self.begin_entry(id, queue, Arc::new(exits), false, now);
    }

    /// Which of two legs of a phone asks a queue, and the other one.
    pub(super) fn asked_queue(&self, leg: LegId, other: LegId) -> Option<(CallId, LegId)> {
        let asks = |leg: LegId| {
            let call = self.call_of(leg).and_then(|id| self.calls.get(&id));
            call.filter(|call| call.asks.is_some() && call.leg == leg).map(|call| call.id)
        };
        asks(other).map(|call| (call, leg)).or_else(|| Some((asks(leg)?, other)))
    }

    /// The caller on hold goes where the agent who asked is: into the line, or to the agent who answered.
    pub(super) fn pass_on_as_asked(
        &mut self,
        held: LegId,
        asked: CallId,
        refer: u64,
        now: Now,
    ) -> Result<(), Refusal> {
        let (kept, by) = self.conversation_of(held)?;
        let call = self.calls.get(&asked).filter(|call| call.callee.as_ref() == Some(&by));
        let call = call.ok_or(Refusal::NoConversation)?;
        match &call.stage {
            Stage::Queued(entry) | Stage::Offered(entry, _) | Stage::Connecting(entry, ..) => {
                let queue = entry.queue.clone();
                self.comes_from_queue(kept)?;
                self.end_call(asked, EndCause::Cancelled, Party::Agent, Some(HangUp::Transferred), now);
                self.move_to_queue(kept, &queue, Some(refer), now)
            }
            Stage::Talking(talk) if talk.guests.is_empty() => {
                let agent = talk.agent.clone().ok_or(Refusal::NoConversation)?;
                self.actions.push_back(Action::AcceptTransfer { refer });
                self.part_for_transfer(kept, Some(refer), Goal::Extension(agent), true, now);
                if let Some(third) = self.give_up_agent(asked, kept, now) {
                    self.join_third(kept, third, now);
                }
                Ok(())
            }
            Stage::Talking(_) => Err(Refusal::Busy),
            _ => Err(Refusal::NoConversation),
        }
    }

    /// Ends a call of two agents of whom the one who answered goes over into another call; gives her leg.
    fn give_up_agent(&mut self, id: CallId, into: CallId, now: Now) -> Option<LegId> {
        let talk = self.end_talk(id, now)?;
        self.no_survey(id, &talk, SurveyOutcome::NotOffered, now);
        let Call { leg, callee, offered, talked, .. } = self.calls.remove(&id)?;
        self.legs.remove(&leg);
        self.actions.push_back(Action::Part { caller: leg, agent: talk.leg });
        self.actions.push_back(Action::HangUp { leg, why: HangUp::Transferred });
        let body = EventBody::CallEnded {
            call: id,
            cause: EndCause::Completed,
            ended_by: Party::Agent,
            duration_ms: millis(now.instant.duration_since(offered.instant)),
            talk_ms: millis(talked),
        };
        self.tell(body, now);
        if let Some(agent) = &talk.agent {
            self.goes_over(agent, into, now);
        }
        if let Some(callee) = &callee {
            self.vacate(callee, id, None, now);
        }
        Some(talk.leg)
    }

    /// What she does for a queue is a call of her own until both hear each other.
    fn goes_over(&mut self, id: &AgentId, into: CallId, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.own.insert(into);
        agent.work = Work::Dialing;
        self.agent_changed(id, now);
    }
}
