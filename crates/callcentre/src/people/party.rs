//! Conversations of three and more (CF G6): an agent adds colleagues and people outside to her call, and may leave it to
//! them. A consultation by order is the same: the other party is held, and the two speak alone.
//!
//! ```text
//! Add --> rung --> joined: all hear each other, but who is muted or held --> left
//!           \-- not taken: the one who was held for it is with the agent again
//! the agent leaves: the first agent of those who joined has the call, else whoever joined first
//! ```
//!
//! The two that it began with stay joined as before; the others are heard beside them (`hearing.rs`), and what each says is
//! a recording of its own that names the conversation.

use super::PeopleAnswer;
use crate::action::{Action, HangUp, Refusal, StopRinging, Track};
use crate::call::{Stage, Talk};
use crate::centre::{Centre, Role};
use crate::command::{CommandError, listed};
use crate::deadlines::Due;
use crate::dial::{Goal, Shown};
use crate::input::{LegEnd, RefusedBy};
use crate::queue::millis;
use crate::transfer::EXTENSION_RINGS;
use careline_model::config::plan::LastAgentLeaves;
use careline_model::event::{EndCause, Party, PartyLeft, PeopleFact};
use careline_model::{AgentId, CallId, LegId, Now, RecordingId};
use std::time::Instant;

/// Somebody in a conversation beside the two that it began with.
#[derive(Debug, Clone)]
pub(crate) struct Guest {
    /// Within the call, from 1.
    pub(super) number: u32,
    pub(super) goal: Goal,
    pub(super) leg: LegId,
    /// Since when it is in it; nothing while it rings.
    pub(crate) joined: Option<Instant>,
    pub(super) muted: bool,
    pub(super) held: bool,
    /// The other party is held for a word with this one.
    consulted: bool,
    recording: Option<RecordingId>,
}

impl Centre {
    /// Rings somebody, to be added to an agent's conversation. With `consult` the other party is held meanwhile.
    pub(super) fn add_party(
        &mut self,
        (id, by): (CallId, AgentId),
        dialled: &str,
        consult: bool,
        now: Now,
    ) -> Result<PeopleAnswer, CommandError> {
        let most = self.plan.people.conference.parties_max;
        let parties = 2 + self.talk_of(id, &by)?.guests.len();
        if parties >= most {
            return Err(CommandError::PartiesFull { call: id, parties, most });
        }
        let number = self.plan.number(dialled);
        let goal = self.goal_of(&by, &number).map_err(|why| cannot_ring(dialled, why))?;
        let leg = self.new_leg();
        let Some(call) = self.calls.get_mut(&id) else { return Err(CommandError::UnknownCall { call: id }) };
        call.parties += 1;
        let party = call.parties;
        let shown = Shown { by: by.clone(), caller: call.caller.clone(), label: call.look_up.label.clone() };
        let (to, agent) = (goal.number(), goal.agent().cloned());
        self.note_fact(PeopleFact::PartyAdded { call: id, party, to, agent, by: by.clone() }, now);
        self.legs.insert(leg, (id, Role::Guest));
        let rings = self.ring_goal(id, leg, &goal, shown, EXTENSION_RINGS, now);
        self.deadlines.set(Due::Party(id, party), now.instant + rings);
        let talk = self.talk_of(id, &by)?;
        talk.order_holds |= consult;
        talk.guests.push(Guest {
            number: party,
            goal,
            leg,
            joined: None,
            muted: false,
            held: false,
            consulted: consult,
            recording: None,
        });
        self.arrange(id, now);
        Ok(PeopleAnswer::Party(party))
    }

    /// The other party of a second call of the agent's comes into this one; that call is over.
    pub(super) fn merge(
        &mut self,
        (id, by): (CallId, AgentId),
        other: CallId,
        now: Now,
    ) -> Result<PeopleAnswer, CommandError> {
        let most = self.plan.people.conference.parties_max;
        let parties = 2 + self.talk_of(id, &by)?.guests.len();
        let added = 1 + self.talk_of(other, &by)?.guests.len();
        if parties + added > most {
            return Err(CommandError::PartiesFull { call: id, parties, most });
        }
        if added > 1 || id == other {
            return Err(CommandError::NotHers { call: other, agent: by });
        }
        let Some(goal) = self.calls.get(&other).map(|call| match &call.callee {
            Some(agent) => Goal::Extension(agent.clone()),
            None => Goal::Outside(call.caller.clone(), "".into()),
        }) else {
            return Err(CommandError::UnknownCall { call: other });
        };
        let Some(leg) = self.give_up_party(other, id, now) else {
            return Err(CommandError::UnknownCall { call: other });
        };
        self.legs.insert(leg, (id, Role::Guest));
        self.actions.push_back(Action::Gather { leg, call: id });
        let Some(call) = self.calls.get_mut(&id) else { return Err(CommandError::UnknownCall { call: id }) };
        call.parties += 1;
        let party = call.parties;
        let (to, agent) = (goal.number(), goal.agent().cloned());
        self.note_fact(PeopleFact::PartyAdded { call: id, party, to, agent, by: by.clone() }, now);
        let talk = self.talk_of(id, &by)?;
        talk.order_holds = false;
        talk.guests.push(Guest {
            number: party,
            goal,
            leg,
            joined: None,
            muted: false,
            held: false,
            consulted: false,
            recording: None,
        });
        self.guest_answered(leg, now);
        Ok(PeopleAnswer::Party(party))
    }

    /// Mutes, holds, or lets a party be heard again. Party 0 is the one that the call is about.
    pub(super) fn change_party(
        &mut self,
        (id, by): (CallId, AgentId),
        party: u32,
        (muted, held): (Option<bool>, Option<bool>),
        now: Now,
    ) -> Result<PeopleAnswer, CommandError> {
        let talk = self.talk_of(id, &by)?;
        let (muted, held) = if party == 0 {
            talk.muted = muted.unwrap_or(talk.muted);
            talk.order_holds = held.unwrap_or(talk.order_holds);
            (talk.muted, talk.order_holds)
        } else {
            let Some(guest) = joined(talk, party) else { return Err(unknown_party(id, talk, party)) };
            let was_held = guest.held;
            guest.muted = muted.unwrap_or(guest.muted);
            guest.held = held.unwrap_or(guest.held);
            let (leg, muted, held, home) = (guest.leg, guest.muted, guest.held, talk.home.clone());
            if was_held != held {
                let item = self.music_of(home.as_ref()).filter(|_| held);
                self.actions.push_back(Action::Music { leg, item });
            }
            (muted, held)
        };
        self.note_fact(PeopleFact::PartyChanged { call: id, party, muted, held }, now);
        self.arrange(id, now);
        Ok(PeopleAnswer::Done)
    }

    /// Takes a party out, in the conversation or while it rings.
    pub(super) fn remove_party(
        &mut self,
        (id, by): (CallId, AgentId),
        party: u32,
        now: Now,
    ) -> Result<PeopleAnswer, CommandError> {
        let talk = self.talk_of(id, &by)?;
        let Some(guest) = talk.guests.iter().find(|guest| guest.number == party).cloned() else {
            return Err(unknown_party(id, talk, party));
        };
        self.actions.push_back(match guest.joined {
            Some(_) => Action::HangUp { leg: guest.leg, why: HangUp::Removed },
            None => Action::StopRinging { leg: guest.leg, why: StopRinging::Command },
        });
        self.guest_is_out(id, guest.leg, PartyLeft::Removed, now);
        Ok(PeopleAnswer::Done)
    }

    /// The agent leaves her conversation to the others.
    pub(super) fn leave(
        &mut self,
        (id, by): (CallId, AgentId),
        now: Now,
    ) -> Result<PeopleAnswer, CommandError> {
        self.talk_of(id, &by)?;
        if self.agent_left_the_others(id, Some(HangUp::Transferred), now) {
            Ok(PeopleAnswer::Done)
        } else {
            Err(CommandError::NobodyElse { call: id })
        }
    }

    pub(crate) fn guest_answered(&mut self, leg: LegId, now: Now) {
        let Some(id) = self.call_of(leg) else { return };
        let Some(guest) = self.guest(id, leg).filter(|guest| guest.joined.is_none()) else { return };
        guest.joined = Some(now.instant);
        let party = guest.number;
        self.deadlines.stop(&Due::Party(id, party));
        self.conferences.insert(id);
        self.note_fact(PeopleFact::PartyJoined { call: id, party }, now);
        self.record_guests(id, now);
        self.arrange(id, now);
    }

    /// Who joined a recorded conversation is recorded, each alone.
    fn record_guests(&mut self, id: CallId, now: Now) {
        let Some(Stage::Talking(talk)) = self.calls.get(&id).map(|call| &call.stage) else { return };
        if talk.recording.is_none() {
            return;
        }
        let all = talk.guests.iter().filter(|guest| guest.joined.is_some() && guest.recording.is_none());
        let all: Vec<_> = all.map(|guest| (guest.leg, guest.goal.agent().cloned())).collect();
        for (leg, agent) in all {
            let recording = self.record_alone(id, leg, Track::Party, agent, now);
            if let Some(guest) = self.guest(id, leg) {
                guest.recording = recording;
            }
        }
    }

    pub(crate) fn guest_refused(&mut self, leg: LegId, why: RefusedBy, now: Now) {
        let why = match why {
            RefusedBy::NoAnswer => PartyLeft::NoAnswer,
            RefusedBy::Rejected => PartyLeft::Rejected,
            RefusedBy::Busy => PartyLeft::Busy,
            RefusedBy::Unreachable => PartyLeft::Unreachable,
        };
        if let Some(id) = self.call_of(leg) {
            self.guest_is_out(id, leg, why, now);
        }
    }

    pub(crate) fn guest_left(&mut self, leg: LegId, why: LegEnd, now: Now) {
        let why = match why {
            LegEnd::HungUp | LegEnd::Cancelled => PartyLeft::HungUp,
            LegEnd::MediaTimeout | LegEnd::Failed => PartyLeft::Unreachable,
        };
        if let Some(id) = self.call_of(leg) {
            self.guest_is_out(id, leg, why, now);
        }
    }

    pub(crate) fn party_is_overdue(&mut self, id: CallId, party: u32, now: Now) {
        let Some(Stage::Talking(talk)) = self.calls.get(&id).map(|call| &call.stage) else { return };
        let Some(leg) = talk.guests.iter().find(|guest| guest.number == party).map(|guest| guest.leg) else {
            return;
        };
        self.actions.push_back(Action::StopRinging { leg, why: StopRinging::NoAnswer });
        self.guest_is_out(id, leg, PartyLeft::NoAnswer, now);
    }

    /// A guest is in the conversation no longer; its leg is over or has been ended.
    fn guest_is_out(&mut self, id: CallId, leg: LegId, why: PartyLeft, now: Now) {
        // A refusal may be told of any leg, also late; the two of the conversation do not leave by it.
        if !matches!(self.legs.get(&leg), Some((_, Role::Guest))) {
            return;
        }
        self.legs.remove(&leg);
        let Some(Stage::Talking(talk)) = self.calls.get_mut(&id).map(|call| &mut call.stage) else { return };
        let Some(at) = talk.guests.iter().position(|guest| guest.leg == leg) else { return };
        let guest = talk.guests.remove(at);
        // Who was held for a word with somebody who is not there need not wait.
        talk.order_holds &= guest.joined.is_some() || !guest.consulted;
        self.tell_guest_left(id, guest, why, now);
        self.arrange(id, now);
    }

    fn tell_guest_left(&mut self, id: CallId, guest: Guest, why: PartyLeft, now: Now) {
        self.deadlines.stop(&Due::Party(id, guest.number));
        if let Some(recording) = guest.recording {
            self.actions.push_back(Action::StopRecording { recording });
        }
        let joined_ms = guest.joined.map_or(0, |since| millis(now.instant.duration_since(since)));
        self.note_fact(PeopleFact::PartyLeft { call: id, party: guest.number, why, joined_ms }, now);
        if let (Some(agent), true) = (guest.goal.agent(), why != PartyLeft::Succeeded) {
            let agent = agent.clone();
            self.vacate(&agent, id, None, now);
        }
        let Some(Stage::Talking(talk)) = self.calls.get(&id).map(|call| &call.stage) else { return };
        if talk.guests.iter().all(|guest| guest.joined.is_none()) {
            self.conferences.remove(&id);
        }
    }

    /// All guests, for a conversation that goes on in another shape; who still rings goes along.
    pub(crate) fn take_guests(&mut self, id: CallId) -> Vec<Guest> {
        match self.calls.get_mut(&id).map(|call| &mut call.stage) {
            Some(Stage::Talking(talk)) => std::mem::take(&mut talk.guests),
            _ => Vec::new(),
        }
    }

    /// They are in the new conversation, and recorded with it.
    pub(crate) fn give_guests(&mut self, id: CallId, mut guests: Vec<Guest>, now: Now) {
        for guest in &mut guests {
            if let Some(recording) = guest.recording.take() {
                self.actions.push_back(Action::StopRecording { recording });
            }
        }
        if let Some(Stage::Talking(talk)) = self.calls.get_mut(&id).map(|call| &mut call.stage) {
            talk.guests = guests;
        }
        self.record_guests(id, now);
        self.arrange(id, now);
    }

    /// The conversation ends for everybody who was added.
    pub(crate) fn send_guests_home(&mut self, id: CallId, now: Now) {
        for guest in self.take_guests(id) {
            self.legs.remove(&guest.leg);
            let leg = guest.leg;
            self.actions.push_back(match guest.joined {
                Some(_) => Action::HangUp { leg, why: HangUp::Completed },
                None => Action::StopRinging { leg, why: StopRinging::CallerLeft },
            });
            self.tell_guest_left(id, guest, PartyLeft::CallEnded, now);
        }
        self.conferences.remove(&id);
    }

    /// The agent has gone, or goes (`hang_up` her leg then): the conversation goes on among the others. Gives false when
    /// there is nobody to go on with.
    pub(crate) fn agent_left_the_others(&mut self, id: CallId, hang_up: Option<HangUp>, now: Now) -> bool {
        let Some(Stage::Talking(talk)) = self.calls.get(&id).map(|call| &call.stage) else { return false };
        let there = || talk.guests.iter().filter(|guest| guest.joined.is_some());
        let colleague = there().find(|guest| guest.goal.agent().is_some());
        let goes_on = self.plan.people.conference.last_agent_leaves == LastAgentLeaves::GoOn;
        let Some(next) = colleague.or_else(|| there().next().filter(|_| goes_on)).map(|guest| guest.leg)
        else {
            let ends = there().next().is_some();
            if ends {
                let why = Some(HangUp::Completed);
                let by = if hang_up.is_some() { Party::Switch } else { Party::Agent };
                self.end_call(id, EndCause::Completed, by, why, now);
            }
            return ends;
        };
        let mut guests = self.take_guests(id);
        let Some(at) = guests.iter().position(|guest| guest.leg == next) else { return false };
        let next = guests.remove(at);
        let (leg, agent) = (next.leg, next.goal.agent().cloned());
        let Some(talk) = self.end_talk(id, now) else { return false };
        self.tell_guest_left(id, next, PartyLeft::Succeeded, now);
        if let Some(why) = hang_up {
            self.actions.push_back(Action::HangUp { leg: talk.leg, why });
        }
        if let Some(by) = &talk.agent {
            self.vacate(by, id, talk.home.as_ref().map(|home| &home.queue), now);
        }
        let Some(caller) = self.calls.get(&id).map(|call| call.leg) else { return true };
        self.legs.insert(leg, (id, Role::Agent));
        self.actions.push_back(Action::Bridge { call: id, caller, agent: leg });
        self.begin_talk(id, agent, leg, talk.home, now);
        if guests.iter().any(|guest| guest.joined.is_some()) {
            self.conferences.insert(id);
        }
        self.give_guests(id, guests, now);
        true
    }

    fn guest(&mut self, id: CallId, leg: LegId) -> Option<&mut Guest> {
        match &mut self.calls.get_mut(&id)?.stage {
            Stage::Talking(talk) => talk.guests.iter_mut().find(|guest| guest.leg == leg),
            _ => None,
        }
    }
}

fn joined(talk: &mut Talk, party: u32) -> Option<&mut Guest> {
    talk.guests.iter_mut().find(|guest| guest.number == party && guest.joined.is_some())
}

fn unknown_party(call: CallId, talk: &Talk, party: u32) -> CommandError {
    let all: Vec<String> = talk.guests.iter().map(|guest| guest.number.to_string()).collect();
    CommandError::UnknownParty { call, party, allowed: listed(all.iter().map(String::as_str)) }
}

/// A refusal in the words of an error.
pub(crate) fn cannot_ring(to: &str, why: Refusal) -> CommandError {
    let (why, allowed) = match why {
        Refusal::Barred => ("her class of service does not allow it", "what she may dial"),
        Refusal::UnknownNumber | Refusal::NoConversation => {
            ("nobody has this number", "an extension, a slot, or a number outside")
        }
        Refusal::Busy | Refusal::Declined => ("busy", "somebody who is in no call"),
        Refusal::Away | Refusal::CallerLeft => ("no phone is there", "somebody whose phone is registered"),
        Refusal::Full | Refusal::Draining => ("the switch takes no more calls", "to try again"),
    };
    CommandError::CannotRing { to: to.to_owned(), why, allowed }
}
