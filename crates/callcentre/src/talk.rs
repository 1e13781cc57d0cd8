//! Conversations: from the joined legs to whatever ends them.

use crate::action::{Action, HangUp, RecordingDetails};
use crate::agent::Work;
use crate::call::{Call, Home, Stage, Talk};
use crate::centre::{Centre, Role};
use crate::deadlines::Due;
use crate::input::LegEnd;
use careline_model::event::{EndCause, EventBody, OfferOutcome, Party, QueueOutcome, SurveyOutcome};
use careline_model::{AgentId, CallId, LegId, Now, RecordingId};
use std::sync::Arc;

impl Centre {
    /// Both hear each other.
    pub(crate) fn bridged(&mut self, leg: LegId, now: Now) {
        let Some(call) = self.call_of_caller(leg) else { return };
        let id = call.id;
        match &call.stage {
            Stage::Connecting(..)
                if self.is_whispering(id) || self.is_accepting(id) || self.is_calling_back(id) => {}
            Stage::Connecting(..) => self.offer_bridged(id, now),
            Stage::Dialling(dial) if dial.answered => {
                let (agent, leg) = (dial.agent.clone(), dial.leg);
                self.deadlines.stop(&Due::Third(id));
                self.begin_talk(id, Some(agent), leg, None, now);
            }
            Stage::Transferring(_) => self.transfer_bridged(id, now),
            Stage::Reaching(_) => self.reached_bridged(id, now),
            _ => {}
        }
    }

    /// Offer and queue entry end as answered.
    fn offer_bridged(&mut self, id: CallId, now: Now) {
        let Some(Stage::Connecting(_, agent_id, _)) = self.calls.get(&id).map(|call| &call.stage) else {
            return;
        };
        let agent_id = agent_id.clone();
        let Some(lease) = self.agents.get(&agent_id).and_then(|agent| agent.lease()).cloned() else { return };
        self.deadlines.stop(&Due::Work(agent_id.clone()));
        self.tell_offer_ended(&agent_id, &lease, OfferOutcome::Answered, now);
        self.stop_the_others(id, now);
        let Some(entry) = self.leave_queue(id, QueueOutcome::Answered, now) else { return };
        self.callback_reached(id, now);
        self.count_call(&agent_id, now);
        let home = Home { queue: entry.queue, exits: entry.exits };
        self.begin_talk(id, Some(agent_id.clone()), lease.leg, Some(home), now);
        self.say_agents_number(id, &agent_id, now);
    }

    /// A conversation begins, and with it a recording. An agent whose caller came from a queue works for that queue;
    /// `came` is told with it when the caller comes from there just now.
    pub(crate) fn begin_talk(
        &mut self,
        id: CallId,
        agent: Option<AgentId>,
        leg: LegId,
        home: Option<Home>,
        now: Now,
    ) {
        if let Some(agent) = agent.clone() {
            let from_queue = self.calls.get(&id).is_some_and(|call| call.stage.entry().is_some());
            let queue = home.as_ref().filter(|_| from_queue).map(|home| home.queue.clone());
            self.tell(EventBody::CallConnected { call: id, agent: agent.clone(), queue }, now);
            let callee = self.calls.get(&id).and_then(|call| call.callee.clone());
            for agent in [Some(&agent), callee.as_ref()].into_iter().flatten() {
                if let Some(agent) = self.agents.get_mut(agent) {
                    agent.missed.forgive();
                }
            }
            self.seat(&agent, id, home.as_ref(), now);
        }
        let mut talk = Talk {
            agent,
            leg,
            since: now.instant,
            recording: None,
            home,
            held: false,
            phone_holds: false,
            order_holds: false,
            hold: None,
            joined: true,
            music: false,
            muted: false,
            guests: Vec::new(),
            returned: None,
            callee_holds: false,
            agent_music: false,
            paused: false,
        };
        self.hide_keys(id, false);
        self.record(id, &mut talk, now);
        if let Some(call) = self.calls.get_mut(&id) {
            call.enter(Stage::Talking(talk), now);
        }
    }

    /// What a conversation is to her: work for a queue, or a call of her own.
    fn seat(&mut self, id: &AgentId, call: CallId, home: Option<&Home>, now: Now) {
        let Some(home) = home else { return self.occupy(id, call, now) };
        // A caller was passed to her, or is hers again, while she wrapped up: the same call asks again what came of it.
        let same = self.agents.get(id).is_some_and(|agent| agent.wraps_up(call));
        self.end_wrap_up(id, !same, now);
        let Some(agent) = self.agents.get_mut(id) else { return };
        agent.own.remove(&call);
        agent.undisposed = None;
        agent.work = Work::Talking { call };
        agent.handles.get_or_insert_with(|| (home.queue.clone(), now.instant));
        self.deadlines.stop(&Due::Work(id.clone()));
        self.agent_changed(id, now);
    }

    /// The agent goes on at another phone of hers; what cannot be taken over is hung up.
    pub(crate) fn replaced(&mut self, old: LegId, by: LegId, now: Now) {
        let call = self.call_of(old).and_then(|id| self.calls.get(&id));
        let talks = call.filter(|call| matches!(&call.stage, Stage::Talking(talk) if talk.leg == old));
        let free = !self.legs.contains_key(&by);
        let Some((id, caller)) = talks.filter(|_| free).map(|call| (call.id, call.leg)) else {
            return self.actions.push_back(Action::HangUp { leg: by, why: HangUp::NotBridged });
        };
        let guests = self.take_guests(id);
        let Some(talk) = self.end_talk(id, now) else { return };
        self.legs.insert(by, (id, Role::Agent));
        self.actions.push_back(Action::HangUp { leg: old, why: HangUp::Transferred });
        self.actions.push_back(Action::Bridge { call: id, caller, agent: by });
        self.begin_talk(id, talk.agent, by, talk.home, now);
        self.give_guests(id, guests, now);
    }

    fn record(&mut self, id: CallId, talk: &mut Talk, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.segments += 1;
        if !self.plan.recording.enabled {
            return;
        }
        let (segment, agent_dialled) = (call.segments, call.line.as_str().is_empty());
        let asks = call.callee.clone().filter(|_| call.asks.is_some());
        let dialler = asks.as_ref().or(talk.agent.as_ref());
        let beside = if agent_dialled { self.waits_for(id, dialler) } else { None };
        let Some(call) = self.calls.get(&id) else { return };
        let recording = RecordingId::new(format!("{id}-{segment}"));
        let details = RecordingDetails {
            line: call.line.clone(),
            medium: call.medium.clone(),
            dialled: call.dialled.clone(),
            caller: call.caller.clone(),
            agent: talk.agent.clone(),
            queue: talk.home.as_ref().map(|home| home.queue.clone()),
            segment,
            beside,
            started_wall_us: now.wall_us,
        };
        let (caller, agent) = (call.leg, talk.leg);
        talk.recording = Some(recording.clone());
        self.actions.push_back(Action::Record { recording, call: id, caller, agent, details });
    }

    /// The other call of an agent who dials. Agents dial at the pace of people: a search through all calls is cheap.
    fn waits_for(&self, id: CallId, agent: Option<&AgentId>) -> Option<CallId> {
        let agent = agent?;
        let theirs = |call: &&Call| {
            call.id != id && matches!(&call.stage, Stage::Talking(talk) if talk.agent.as_ref() == Some(agent))
        };
        self.calls.values().find(theirs).map(|call| call.id)
    }

    /// The other party of a call hears music until further notice.
    pub(crate) fn hold_music(&mut self, id: CallId, home: Option<&Home>) {
        let item = self.music_of(home);
        let Some(call) = self.calls.get_mut(&id).filter(|call| !call.sound.music) else { return };
        if let Some(item) = item {
            call.sound.music = true;
            let item = self.plan.prompts.named(call.language.as_deref(), &item);
            self.actions.push_back(Action::Music { leg: call.leg, item: Some(item) });
        }
    }

    /// The music of the queue that a caller came from; who came from none hears that of the first queue that has any.
    pub(crate) fn music_of(&self, home: Option<&Home>) -> Option<Arc<str>> {
        let own = home.and_then(|home| self.plan.queues.get(&home.queue));
        match own {
            Some(queue) => queue.music.clone(),
            None => {
                let mut queues = self.plan.queue_order.iter().filter_map(|id| self.plan.queues.get(id));
                queues.find_map(|queue| queue.music.clone())
            }
        }
    }

    /// The agent's leg ended in conversation.
    pub(crate) fn talking_leg_ended(&mut self, id: CallId, why: LegEnd, now: Now) {
        match why {
            LegEnd::HungUp | LegEnd::Cancelled if self.hung_up_by_reflex(id, now) => {
                self.ring_back_who_returned(id, now);
            }
            _ if self.agent_left_the_others(id, None, now) => {}
            LegEnd::HungUp | LegEnd::Cancelled if self.apologise(id, true, now) => {}
            LegEnd::HungUp | LegEnd::Cancelled if self.invite_to_survey(id, now) => {}
            LegEnd::HungUp | LegEnd::Cancelled => {
                self.end_call(id, EndCause::Completed, Party::Agent, Some(HangUp::Completed), now);
            }
            LegEnd::MediaTimeout | LegEnd::Failed => self.conversation_lost(id, now),
        }
    }

    /// The caller is still there: to the head of the queue. The agent's phone is doubtful: a rest instead of wrap-up. Who
    /// came from no queue can be given back to nobody.
    fn conversation_lost(&mut self, id: CallId, now: Now) {
        if self.keep_for_lost_phone(id, now) || self.apologise(id, false, now) {
            return;
        }
        let home = match self.calls.get(&id).map(|call| &call.stage) {
            Some(Stage::Talking(talk)) => talk.home.clone(),
            _ => return,
        };
        let Some(home) = home else {
            return self.end_call(id, EndCause::DeviceLost, Party::Agent, Some(HangUp::OtherLegLost), now);
        };
        let Some(talk) = self.end_talk(id, now) else { return };
        self.no_survey(id, &talk, SurveyOutcome::NotOffered, now);
        if let Some(agent_id) = &talk.agent {
            self.rest(agent_id, self.plan.rona.rest_unreachable, now);
            if let Some(agent) = self.agents.get_mut(agent_id) {
                agent.handled_a_call();
                agent.release(now.instant);
            }
            self.agent_changed(agent_id, now);
        }
        self.requeue_at_head(id, home, now);
    }

    /// What every end of a conversation has in common. The agent's leg and work are left to the caller of this.
    pub(crate) fn end_talk(&mut self, id: CallId, now: Now) -> Option<Talk> {
        self.send_guests_home(id, now);
        self.end_hold(id, now);
        let call = self.calls.get_mut(&id)?;
        let Stage::Talking(talk) = &call.stage else { return None };
        let talk = talk.clone();
        let talked = now.instant.duration_since(talk.since);
        call.talked += talked;
        let for_queue = talk.agent.as_ref().filter(|_| talk.home.is_some());
        if let Some(agent) = for_queue.and_then(|agent| self.agents.get_mut(agent)) {
            agent.added = call.wrap_up_added;
        }
        if let (Some(agent), Some(_)) = (&talk.agent, &talk.home) {
            self.last_talks.note(&call.caller, agent, now.wall_us);
            self.count_talk(agent, talked, now);
        }
        self.legs.remove(&talk.leg);
        self.silence(id);
        if let Some(recording) = talk.recording.clone() {
            self.actions.push_back(Action::StopRecording { recording });
        }
        Some(talk)
    }
}
