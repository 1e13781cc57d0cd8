//! Holding (CF G1): by the agent's phone (RFC 3264 8.4) or by her order, the other party hears music, not a hole in the
//! line. What the phone itself may play is not passed on, so that nobody hears two melodies.
//!
//! By order her own leg goes on: she can talk to those whom she added meanwhile, and hears a tone that reminds her.

use super::PeopleAnswer;
use crate::action::Action;
use crate::call::{Stage, Talk};
use crate::centre::Centre;
use crate::command::CommandError;
use crate::deadlines::Due;
use crate::queue::millis;
use careline_model::event::{HoldStep, PeopleFact};
use careline_model::{AgentId, CallId, LegId, Now};
use std::time::Instant;

/// A hold that goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hold {
    since: Instant,
    /// When she is reminded of it next.
    tone_at: Option<Instant>,
    /// When it is told that it lasts long; nothing when it was.
    long_at: Option<Instant>,
}

impl Hold {
    /// When it is to be looked at next.
    fn due(&self) -> Option<Instant> {
        self.tone_at.into_iter().chain(self.long_at).min()
    }
}

impl Centre {
    /// A phone holds or resumes.
    pub(crate) fn held(&mut self, leg: LegId, held: bool, now: Now) {
        let Some(id) = self.call_of(leg) else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        let by_callee = call.callee.is_some() && call.leg == leg;
        match &mut call.stage {
            Stage::Talking(talk) if by_callee => talk.callee_holds = held,
            Stage::Talking(talk) if talk.leg == leg => talk.phone_holds = held,
            Stage::Transferring(transfer) if transfer.by_leg == Some(leg) => {
                transfer.held = held;
                return;
            }
            _ => return,
        }
        self.arrange(id, now);
    }

    /// An agent holds her other party by order, or takes it up again.
    pub(super) fn hold(
        &mut self,
        id: CallId,
        agent: &AgentId,
        on: bool,
        now: Now,
    ) -> Result<PeopleAnswer, CommandError> {
        self.talk_of(id, agent)?.order_holds = on;
        self.arrange(id, now);
        Ok(PeopleAnswer::Done)
    }

    /// The conversation of a call that is this agent's.
    pub(crate) fn talk_of(&mut self, id: CallId, agent: &AgentId) -> Result<&mut Talk, CommandError> {
        let call = self.calls.get_mut(&id).ok_or(CommandError::UnknownCall { call: id })?;
        match &mut call.stage {
            Stage::Talking(talk) if talk.agent.as_ref() == Some(agent) => Ok(talk),
            _ => Err(CommandError::NotHers { call: id, agent: agent.clone() }),
        }
    }

    /// Joins or parts the two of a conversation, and lets music play, as holds and mutes are now.
    pub(crate) fn arrange(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let caller = call.leg;
        let Stage::Talking(talk) = &mut call.stage else { return };
        let others = talk.guests.iter().any(|guest| guest.joined.is_some());
        let (was_held, was_joined, had_music) = (talk.held, talk.joined, talk.music);
        talk.held = talk.phone_holds || talk.order_holds;
        talk.joined = !talk.held && !talk.callee_holds && !talk.muted;
        // While others are there to talk to, nobody is left to a melody because the agent's phone is away.
        talk.music = talk.order_holds || (talk.phone_holds && !others);
        let callee_plays = talk.callee_holds && !others;
        let callee_played = std::mem::replace(&mut talk.agent_music, callee_plays);
        let talk = talk.clone();
        let agent = talk.leg;
        if was_joined && !talk.joined {
            self.actions.push_back(Action::Part { caller, agent });
        }
        match (had_music, talk.music) {
            (false, true) => self.hold_music(id, talk.home.as_ref()),
            (true, false) => self.silence(id),
            _ if !was_joined && talk.joined => self.silence(id),
            _ => {}
        }
        match (callee_played, callee_plays) {
            (false, true) => {
                let item = self.music_of(talk.home.as_ref());
                self.actions.push_back(Action::Music { leg: agent, item });
            }
            (true, false) => self.actions.push_back(Action::Music { leg: agent, item: None }),
            _ => {}
        }
        if !was_joined && talk.joined {
            self.actions.push_back(Action::Bridge { call: id, caller, agent });
        }
        match (was_held, talk.held) {
            (false, true) => self.begin_hold(id, now),
            (true, false) => self.end_hold(id, now),
            _ => {}
        }
    }

    fn begin_hold(&mut self, id: CallId, now: Now) {
        let plan = &self.plan.people.hold;
        let hold = Hold {
            since: now.instant,
            tone_at: plan.tone.as_ref().map(|_| now.instant + plan.tone_every),
            long_at: plan.long.map(|long| now.instant + long),
        };
        let Some(Stage::Talking(talk)) = self.calls.get_mut(&id).map(|call| &mut call.stage) else { return };
        talk.hold = Some(hold);
        if let Some(due) = hold.due() {
            self.deadlines.set(Due::Hold(id), due);
        }
        if let Some(agent) = talk.agent.clone() {
            let (hold, held_ms) = (HoldStep::Began, 0);
            self.note_fact(PeopleFact::CallHeld { call: id, agent, hold, held_ms }, now);
        }
    }

    pub(crate) fn hold_is_due(&mut self, id: CallId, now: Now) {
        let plan = self.plan.clone();
        let Some(Stage::Talking(talk)) = self.calls.get_mut(&id).map(|call| &mut call.stage) else { return };
        let Some(hold) = &mut talk.hold else { return };
        let is_long = hold.long_at.take_if(|at| *at <= now.instant).is_some();
        let reminds = hold.tone_at.is_some_and(|at| at <= now.instant);
        if reminds {
            hold.tone_at = Some(now.instant + plan.people.hold.tone_every);
        }
        let held_ms = millis(now.instant.duration_since(hold.since));
        if let Some(due) = hold.due() {
            self.deadlines.set(Due::Hold(id), due);
        }
        // A phone that holds hears nothing of us.
        let (agent, leg, hears) = (talk.agent.clone(), talk.leg, !talk.phone_holds);
        if let (Some(agent), true) = (agent, is_long) {
            self.note_fact(PeopleFact::CallHeld { call: id, agent, hold: HoldStep::Long, held_ms }, now);
        }
        if let Some(tone) = plan.people.hold.tone.clone().filter(|_| reminds && hears) {
            let playback = self.ids.next_playback();
            self.actions.push_back(Action::Play { leg, playback, prompts: vec![tone] });
        }
    }

    /// The hold of a conversation is over, with the conversation or before it.
    pub(crate) fn end_hold(&mut self, id: CallId, now: Now) {
        self.deadlines.stop(&Due::Hold(id));
        let Some(Stage::Talking(talk)) = self.calls.get_mut(&id).map(|call| &mut call.stage) else { return };
        let Some(Hold { since, .. }) = talk.hold.take() else { return };
        if let Some(agent) = talk.agent.clone() {
            let (hold, held_ms) = (HoldStep::Ended, millis(now.instant.duration_since(since)));
            self.note_fact(PeopleFact::CallHeld { call: id, agent, hold, held_ms }, now);
        }
    }
}
