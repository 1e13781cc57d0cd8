//! An agent hears messages at her phone (CF F5): her PIN, then one message after the other, urgent ones first; a message
//! that is played is hers until she says what became of it.
//!
//! ```text
//! dialled --> PIN --right--> next message --> keys: 1 handled, 2 again, 3 leave it to others --> next message
//!              +--locked--> end          \--none left--> end
//! ```

use super::pin::PinSays;
use crate::action::{Action, HangUp, Refusal};
use crate::call::{Call, Stage};
use crate::centre::{Centre, Role};
use crate::deadlines::Due;
use crate::ivr::Position;
use careline_model::event::{CallDirection, EndCause, EventBody, MessageState, Party};
use careline_model::{AgentId, CallId, LegId, Now, Number, QueueId, RecordingId};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// An answer that is not acknowledged for this long has nobody behind it (as in [`crate::arrival`]).
const ANSWER_LIMIT: Duration = Duration::from_secs(40);
/// How long a key is awaited.
const PATIENCE: Duration = Duration::from_secs(10);
/// Times that an agent is asked who says nothing.
const ASKED_MAX: u32 = 3;
/// Most digits that are taken for a PIN.
const DIGITS_MAX: usize = 12;

/// Where an agent is who hears messages.
#[derive(Debug, Clone)]
pub(crate) struct Listening {
    agent: AgentId,
    /// Messages that were played in this call.
    played: BTreeSet<RecordingId>,
    asked: u32,
    step: ListenStep,
}

#[derive(Debug, Clone)]
enum ListenStep {
    /// Her PIN is awaited.
    Pin { typed: String },
    /// A message comes: words before it.
    Before(RecordingId, u64),
    /// It is played.
    Playing(RecordingId, u64),
    /// What became of it?
    Asked(RecordingId, u64),
    /// The last words.
    Leaving,
}

impl Centre {
    /// A phone dialled the number of the messages.
    pub(crate) fn messages_dialled(&mut self, leg: LegId, agent: AgentId, number: Number, now: Now) {
        self.answer_phone(leg, &agent, number, None, now);
    }

    /// The phone of an agent who is served as callers are.
    pub(crate) fn answer_phone(
        &mut self,
        leg: LegId,
        agent: &AgentId,
        number: Number,
        asks: Option<QueueId>,
        now: Now,
    ) {
        let id = CallId::new(now.wall_us, &mut self.rng);
        let direction = CallDirection::Internal;
        let (to, trunk_group) = (number.clone(), None);
        self.tell(EventBody::CallDialled { call: id, agent: agent.clone(), direction, to, trunk_group }, now);
        let party = (Number::from(agent.as_str()), number);
        let call = Call {
            callee: Some(agent.clone()),
            asks,
            ..Call::new(id, direction, leg, party, Stage::Answering, now)
        };
        self.calls.insert(id, call);
        self.legs.insert(leg, (id, Role::Caller));
        self.deadlines.set(Due::Caller(id), now.instant + ANSWER_LIMIT);
        self.occupy(agent, id, now);
        self.actions.push_back(Action::Answer { leg, call: id });
    }

    /// Whether a phone dialled that number.
    pub(crate) fn is_for_messages(&self, dialled: &str) -> Result<bool, Refusal> {
        let hers = self.plan.voicemail.number.as_deref() == Some(dialled);
        match hers {
            true if self.draining => Err(Refusal::Draining),
            true if self.calls.len() >= self.plan.sip.calls_max => Err(Refusal::Full),
            _ => Ok(hers),
        }
    }

    /// Her phone was answered.
    pub(crate) fn begin_listening(&mut self, id: CallId, now: Now) {
        self.deadlines.stop(&Due::Caller(id));
        let Some(agent) = self.calls.get(&id).and_then(|call| call.callee.clone()) else { return };
        let open = self.pin_is_open(&agent, now);
        let step = ListenStep::Pin { typed: String::new() };
        let listening = Listening { agent, played: BTreeSet::new(), asked: 0, step };
        if let Some(call) = self.calls.get_mut(&id) {
            call.enter(Stage::Flow(Position::Listening(listening)), now);
        }
        self.hide_keys(id, true);
        if open {
            self.ask_listener(id, Vec::new(), now);
        } else {
            self.last_words(id, |words| &words.pin_locked, now);
        }
    }

    fn listening(&mut self, id: CallId) -> Option<&mut Listening> {
        match &mut self.calls.get_mut(&id)?.stage {
            Stage::Flow(Position::Listening(listening)) => Some(listening),
            _ => None,
        }
    }

    fn goes_to(&mut self, id: CallId, step: ListenStep) {
        if let Some(listening) = self.listening(id) {
            listening.step = step;
        }
    }

    /// Puts the question of her step, behind other words.
    fn ask_listener(&mut self, id: CallId, mut said: Vec<Arc<str>>, now: Now) {
        let step = self.listening(id).map(|listening| listening.step.clone());
        let words = &self.plan.voicemail.words;
        match step {
            Some(ListenStep::Pin { .. }) => said.push(words.pin.clone()),
            Some(ListenStep::Asked(..)) => said.push(words.message.clone()),
            _ => return,
        }
        self.play(id, said, now);
    }

    fn last_words(
        &mut self,
        id: CallId,
        word: impl Fn(&careline_model::config::plan::VoicemailWords) -> &Arc<str>,
        now: Now,
    ) {
        self.goes_to(id, ListenStep::Leaving);
        let said = vec![word(&self.plan.voicemail.words).clone()];
        self.play(id, said, now);
    }

    /// What was played has been heard.
    pub(crate) fn listener_heard(&mut self, id: CallId, now: Now) {
        match self.listening(id).map(|listening| listening.step.clone()) {
            Some(ListenStep::Pin { .. } | ListenStep::Asked(..)) => {
                self.deadlines.set(Due::Caller(id), now.instant + PATIENCE);
            }
            Some(ListenStep::Before(message, length)) => self.play_to_listener(id, message, length, now),
            Some(ListenStep::Playing(message, length)) => {
                self.goes_to(id, ListenStep::Asked(message, length));
                self.ask_listener(id, Vec::new(), now);
            }
            Some(ListenStep::Leaving) => self.end_listening(id, now),
            None => {}
        }
    }

    fn play_to_listener(&mut self, id: CallId, message: RecordingId, length: u64, now: Now) {
        self.goes_to(id, ListenStep::Playing(message.clone(), length));
        self.play_message(id, message, length, now);
    }

    fn end_listening(&mut self, id: CallId, now: Now) {
        self.end_call(id, EndCause::FlowFinished, Party::Switch, Some(HangUp::FlowFinished), now);
    }

    /// No key came.
    pub(crate) fn listener_is_silent(&mut self, id: CallId, now: Now) {
        let Some(listening) = self.listening(id) else { return };
        listening.asked += 1;
        let (asked, step) = (listening.asked, listening.step.clone());
        match step {
            ListenStep::Pin { typed } if !typed.is_empty() => self.pin_typed(id, &typed, now),
            _ if asked >= ASKED_MAX => self.end_listening(id, now),
            _ => self.ask_listener(id, Vec::new(), now),
        }
    }

    /// A key of hers.
    pub(crate) fn listener_key(&mut self, id: CallId, now: Now) {
        let Some(digit) = self.calls.get_mut(&id).and_then(|call| call.ivr.take_key()) else { return };
        let Some(listening) = self.listening(id) else { return };
        listening.asked = 0;
        match listening.step.clone() {
            ListenStep::Pin { mut typed } => {
                self.silence(id);
                match digit {
                    '#' => return self.pin_typed(id, &typed, now),
                    '*' => typed.clear(),
                    _ => typed.push(digit),
                }
                if typed.len() >= DIGITS_MAX {
                    return self.pin_typed(id, &typed, now);
                }
                self.goes_to(id, ListenStep::Pin { typed });
                self.deadlines.set(Due::Caller(id), now.instant + PATIENCE);
            }
            ListenStep::Before(message, length)
            | ListenStep::Playing(message, length)
            | ListenStep::Asked(message, length) => {
                self.silence(id);
                self.deadlines.stop(&Due::Caller(id));
                self.message_key(id, digit, (message, length), now);
            }
            ListenStep::Leaving => {}
        }
    }

    fn pin_typed(&mut self, id: CallId, typed: &str, now: Now) {
        self.deadlines.stop(&Due::Caller(id));
        let Some(agent) = self.listening(id).map(|listening| listening.agent.clone()) else { return };
        match self.try_pin(&agent, typed, now) {
            PinSays::Right => {
                self.hide_keys(id, false);
                self.next_message(id, Vec::new(), now);
            }
            PinSays::Wrong => {
                self.goes_to(id, ListenStep::Pin { typed: String::new() });
                let said = vec![self.plan.voicemail.words.pin_wrong.clone()];
                self.ask_listener(id, said, now);
            }
            PinSays::Locked => self.last_words(id, |words| &words.pin_locked, now),
        }
    }

    fn message_key(&mut self, id: CallId, digit: char, (message, length): (RecordingId, u64), now: Now) {
        let Some(agent) = self.listening(id).map(|listening| listening.agent.clone()) else { return };
        match digit {
            '1' => {
                self.move_message(&message, MessageState::Handled, Some(agent.as_str()), now);
                let said = vec![self.plan.voicemail.words.handled.clone()];
                self.next_message(id, said, now);
            }
            '2' => self.play_to_listener(id, message, length, now),
            '3' => {
                self.move_message(&message, MessageState::Open, Some(agent.as_str()), now);
                self.next_message(id, Vec::new(), now);
            }
            _ => {
                self.goes_to(id, ListenStep::Asked(message, length));
                self.ask_listener(id, Vec::new(), now);
            }
        }
    }

    /// The next message that this call has not played: urgent ones first, then the oldest.
    fn next_message(&mut self, id: CallId, mut said: Vec<Arc<str>>, now: Now) {
        let Some(listening) = self.listening(id).map(|listening| listening.clone()) else { return };
        let Some((message, length)) = self.message_for(&listening) else {
            said.push(self.plan.voicemail.words.none.clone());
            self.goes_to(id, ListenStep::Leaving);
            return self.play(id, said, now);
        };
        let by = listening.agent.as_str();
        if self.messages.find(&message).is_some_and(|(_, one)| one.state == MessageState::Open) {
            self.move_message(&message, MessageState::Claimed, Some(by), now);
        }
        if let Some(listening) = self.listening(id) {
            listening.played.insert(message.clone());
            listening.step = ListenStep::Before(message, length);
        }
        said.push(self.plan.voicemail.words.next.clone());
        self.play(id, said, now);
    }

    fn message_for(&self, listening: &Listening) -> Option<(RecordingId, u64)> {
        let agent = self.plan.agents.get(&listening.agent)?;
        let hers = |mailbox| self.plan.mailboxes.get(mailbox).is_some_and(|one| one.owner.admits(agent));
        let boxes = self.messages.boxes.iter().filter(|(mailbox, _)| hers(*mailbox));
        let messages = boxes.flat_map(|(_, messages)| messages.iter());
        let left = messages.filter(|(recording, message)| {
            message.is_for(agent.id.as_str()) && !listening.played.contains(*recording)
        });
        let next =
            left.min_by_key(|(recording, message)| (!message.urgent, message.left_us, (*recording).clone()));
        next.map(|(recording, message)| (recording.clone(), message.duration_ms))
    }
}
