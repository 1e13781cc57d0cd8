//! What a caller does with her message before it is kept: 1 keeps it, 2 has her hear it, 3 has her speak again, 4 marks it
//! urgent and keeps it (CF F4). Silence keeps it.

use super::leave::{LeaveStep, Spoken};
use crate::action::Action;
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::ivr::{Position, Then};
use careline_model::config::plan::Prompt;
use careline_model::event::{EventBody, MessageDrop};
use careline_model::{CallId, Now, RecordingId};
use std::sync::Arc;
use std::time::Duration;

/// How long a key is awaited.
const PATIENCE: Duration = Duration::from_secs(6);
/// Times that the keys are told; who presses none then is content.
const TOLD_MAX: u32 = 2;
/// A message that is played is given up so long after its end should have been told.
const PLAYED_SLACK: Duration = Duration::from_secs(10);

impl Centre {
    /// Tells of the keys, behind other words.
    pub(super) fn review(&mut self, id: CallId, spoken: Spoken, before: &[Arc<str>], now: Now) {
        self.take_step(id, LeaveStep::Reviewing(spoken));
        let review = self.plan.voicemail.words.review.clone();
        self.play(id, before.iter().cloned().chain([review]).collect(), now);
    }

    pub(super) fn await_review(&mut self, id: CallId, now: Now) {
        self.deadlines.set(Due::Caller(id), now.instant + PATIENCE);
    }

    pub(super) fn review_unanswered(&mut self, id: CallId, mut spoken: Spoken, now: Now) {
        spoken.silences += 1;
        if spoken.silences >= TOLD_MAX {
            self.keep_spoken(id, &spoken, now);
        } else {
            self.review(id, spoken, &[], now);
        }
    }

    /// A key of who leaves a message.
    pub(crate) fn leaving_key(&mut self, id: CallId, now: Now) {
        let taken = self.calls.get_mut(&id).and_then(|call| call.ivr.take_key());
        let (Some(digit), Some(step)) = (taken, self.leaving(id).map(|leaving| leaving.step.clone())) else {
            return;
        };
        match step {
            // Who wants a person is not made to talk to a machine.
            LeaveStep::Greeting { .. } if digit == '0' && self.everywhere_agent(id) => {
                self.silence(id);
                self.lead_to_agent(id, now);
            }
            LeaveStep::Greeting { tone: false } => self.sound_tone(id, None, now),
            LeaveStep::Greeting { tone: true } => {}
            LeaveStep::Speaking(_) => self.take_is_over(id, now),
            LeaveStep::Reviewing(spoken) | LeaveStep::Hearing(spoken) => {
                self.silence(id);
                self.deadlines.stop(&Due::Caller(id));
                self.review_key(id, spoken, digit, now);
            }
        }
    }

    fn review_key(&mut self, id: CallId, mut spoken: Spoken, digit: char, now: Now) {
        match digit {
            '1' | '#' => self.keep_spoken(id, &spoken, now),
            '2' => {
                let (recording, duration_ms) = (spoken.recording.clone(), spoken.duration_ms);
                self.take_step(id, LeaveStep::Hearing(spoken));
                self.play_message(id, recording, duration_ms, now);
            }
            '3' => {
                let Some(mailbox) = self.leaving(id).map(|leaving| leaving.mailbox.clone()) else { return };
                let why = MessageDrop::TakenAgain;
                let recording = spoken.recording;
                self.tell(EventBody::VoicemailDropped { call: id, mailbox, recording, why }, now);
                self.sound_tone(id, None, now);
            }
            '4' => {
                spoken.urgent = true;
                self.keep_spoken(id, &spoken, now);
            }
            '0' if self.everywhere_agent(id) => {
                self.put_into_box(id, &spoken, now);
                self.lead_to_agent(id, now);
            }
            _ => self.review(id, spoken, &[], now),
        }
    }

    /// The message goes into its box, and the caller on.
    pub(super) fn keep_spoken(&mut self, id: CallId, spoken: &Spoken, now: Now) {
        let Some(next) = self.leaving(id).map(|leaving| leaving.next.clone()) else { return };
        self.put_into_box(id, spoken, now);
        let words = &self.plan.voicemail.words;
        let said: Vec<Arc<str>> =
            spoken.urgent.then(|| words.urgent.clone()).into_iter().chain([words.saved.clone()]).collect();
        self.leave_node(id, "left", now);
        self.say_and_go(id, said, next, now);
    }

    /// Nothing was left.
    pub(super) fn leave_mailbox(
        &mut self,
        id: CallId,
        branch: &str,
        (words, next): (Arc<str>, Arc<str>),
        now: Now,
    ) {
        self.leave_node(id, branch, now);
        self.say_and_go(id, vec![words], next, now);
    }

    fn say_and_go(&mut self, id: CallId, said: Vec<Arc<str>>, next: Arc<str>, now: Now) {
        let prompts: Vec<Prompt> =
            said.into_iter().map(|prompt| Prompt { id: prompt, interruptible: false }).collect();
        if !self.say(id, &prompts, Then::Node(next.clone()), now) {
            self.run_flow(id, next, now);
        }
    }

    /// Plays a recording to a caller's leg; its end is told as any playback's.
    pub(super) fn play_message(&mut self, id: CallId, recording: RecordingId, duration_ms: u64, now: Now) {
        let playback = self.ids.next_playback();
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.sound.playback = Some(playback);
        let leg = call.leg;
        let longest = Duration::from_millis(duration_ms) + PLAYED_SLACK;
        self.deadlines.set(Due::Caller(id), now.instant + longest);
        self.actions.push_back(Action::PlayRecording { leg, playback, recording });
    }

    /// Whether key 0 leads to a person from where the call is.
    fn everywhere_agent(&self, id: CallId) -> bool {
        let Some(call) = self.calls.get(&id) else { return false };
        matches!(call.stage, Stage::Flow(Position::Leaving(_))) && self.has_agent_key(id)
    }
}
