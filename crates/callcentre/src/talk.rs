//! Conversations: from the joined legs to whatever ends them.

use crate::action::{Action, HangUp, RecordingDetails};
use crate::agent::Work;
use crate::call::{Stage, Talk};
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::input::LegEnd;
use careline_model::event::{EndCause, EventBody, OfferOutcome, Party, QueueOutcome};
use careline_model::{CallId, LegId, Now, RecordingId};

impl Centre {
    /// Both hear each other: offer and queue entry end as answered, the recording begins.
    pub(crate) fn bridged(&mut self, leg: LegId, now: Now) {
        let Some(call_id) = self.call_of(leg) else { return };
        let Some(call) = self.calls.get(&call_id).filter(|call| call.leg == leg) else { return };
        let Stage::Connecting(_, agent_id) = &call.stage else { return };
        let agent_id = agent_id.clone();
        let Some(lease) = self.agents.get(&agent_id).and_then(|agent| agent.lease()).cloned() else { return };
        self.deadlines.stop(&Due::Work(agent_id.clone()));
        self.tell_offer_ended(&agent_id, &lease, OfferOutcome::Answered, now);
        let Some(entry) = self.leave_queue(call_id, QueueOutcome::Answered, now) else { return };
        let body = EventBody::CallConnected {
            call: call_id,
            agent: agent_id.clone(),
            queue: Some(entry.queue.clone()),
        };
        self.tell(body, now);
        if let Some(agent) = self.agents.get_mut(&agent_id) {
            agent.work = Work::Talking { call: call_id };
            agent.missed = 0;
        }
        self.agent_changed(&agent_id, now);
        let mut talk = Talk {
            agent: agent_id,
            leg: lease.leg,
            since: now.instant,
            recording: None,
            queue: entry.queue,
            held: false,
            timeout: entry.timeout,
        };
        self.record(call_id, &mut talk, now);
        if let Some(call) = self.calls.get_mut(&call_id) {
            call.enter(Stage::Talking(talk), now);
        }
    }

    fn record(&mut self, id: CallId, talk: &mut Talk, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.segments += 1;
        if !self.plan.recording.enabled {
            return;
        }
        let recording = RecordingId::new(format!("{id}-{}", call.segments));
        let details = RecordingDetails {
            line: call.line.clone(),
            medium: call.medium.clone(),
            dialled: call.dialled.clone(),
            caller: call.caller.clone(),
            agent: talk.agent.clone(),
            queue: Some(talk.queue.clone()),
            segment: call.segments,
            started_wall_us: now.wall_us,
        };
        let (caller, agent) = (call.leg, talk.leg);
        talk.recording = Some(recording.clone());
        self.actions.push_back(Action::Record { recording, call: id, caller, agent, details });
    }

    /// The agent's phone holds or resumes: the caller hears the queue's music meanwhile, not a hole in the line. What
    /// the phone itself may play is not passed on, so that nobody hears two melodies.
    pub(crate) fn held(&mut self, leg: LegId, held: bool) {
        let Some(call_id) = self.call_of(leg) else { return };
        let Some(call) = self.calls.get_mut(&call_id) else { return };
        let Stage::Talking(talk) = &mut call.stage else { return };
        if talk.leg != leg || talk.held == held {
            return;
        }
        talk.held = held;
        let (caller, queue) = (call.leg, talk.queue.clone());
        if held {
            self.actions.push_back(Action::Part { caller, agent: leg });
            if let Some(item) = self.plan.queues.get(&queue).and_then(|queue| queue.music.clone()) {
                call.sound.music = true;
                self.actions.push_back(Action::Music { leg: caller, item: Some(item) });
            }
        } else {
            self.silence(call_id);
            self.actions.push_back(Action::Bridge { call: call_id, caller, agent: leg });
        }
    }

    /// The agent's leg ended in conversation.
    pub(crate) fn talking_leg_ended(&mut self, id: CallId, why: LegEnd, now: Now) {
        match why {
            LegEnd::HungUp | LegEnd::Cancelled => {
                self.end_call(id, EndCause::Completed, Party::Agent, Some(HangUp::Completed), now);
            }
            LegEnd::MediaTimeout | LegEnd::Failed => self.conversation_lost(id, now),
        }
    }

    /// The caller is still there: to the head of the queue. The agent's phone is doubtful: a rest instead of wrap-up.
    fn conversation_lost(&mut self, id: CallId, now: Now) {
        let Some(talk) = self.end_talk(id, now) else { return };
        self.rest(&talk.agent, self.plan.rona.rest_unreachable, now);
        if let Some(agent) = self.agents.get_mut(&talk.agent) {
            agent.handled_a_call();
            agent.release(now.instant);
        }
        self.agent_changed(&talk.agent, now);
        self.requeue_at_head(id, talk.queue, talk.timeout, now);
    }

    /// What every end of a conversation has in common. The agent's leg and work are left to the caller of this.
    pub(crate) fn end_talk(&mut self, id: CallId, now: Now) -> Option<Talk> {
        let call = self.calls.get_mut(&id)?;
        let Stage::Talking(talk) = &call.stage else { return None };
        let talk = talk.clone();
        call.talked += now.instant.duration_since(talk.since);
        self.legs.remove(&talk.leg);
        self.silence(id);
        if let Some(recording) = talk.recording.clone() {
            self.actions.push_back(Action::StopRecording { recording });
        }
        Some(talk)
    }
}
