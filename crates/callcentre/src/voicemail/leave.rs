//! A caller leaves a message (CF F2, F4, F6): greeting, tone, her words alone, then keys for what becomes of them. Whatever
//! she said is kept, also when she just hangs up.
//!
//! ```text
//! greeting, tone --heard, or a key--> speaking --a key, silence, longest--> reviewing --1, 4, silence--> kept --> next
//!     ^                                 |  ^                                 |     ^
//!     +--nothing said, once--------------+  +------------3, tone-------------+     +--2--> hearing it
//! ```

use super::Message;
use crate::action::{Action, RecordingDetails};
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::ivr::Position;
use crate::queue::millis;
use careline_model::config::plan::{LeaveMessage, Mailbox};
use careline_model::event::{EventBody, GreetingReason, MessageDrop};
use careline_model::hours::{Opening, Reason};
use careline_model::{CallId, MailboxId, Now, RecordingId};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A sound is told for so much of it at most (see [`crate::Input::Spoke`]).
const SOUND_TOLD: Duration = Duration::from_millis(500);

/// Where a caller is who leaves a message.
#[derive(Debug, Clone)]
pub(crate) struct Leaving {
    pub(super) mailbox: MailboxId,
    reason: GreetingReason,
    /// Where she goes when her message is kept.
    pub(super) next: Arc<str>,
    /// Where she goes who said nothing.
    nothing: Arc<str>,
    /// Nothing was heard once already.
    pub(super) asked_again: bool,
    pub(super) step: LeaveStep,
}

#[derive(Debug, Clone)]
pub(super) enum LeaveStep {
    /// Greeting and tone, or the tone alone.
    Greeting { tone: bool },
    /// She speaks.
    Speaking(Take),
    /// She was told of the keys.
    Reviewing(Spoken),
    /// She hears what she said.
    Hearing(Spoken),
}

/// What is being recorded.
#[derive(Debug, Clone)]
pub(super) struct Take {
    recording: RecordingId,
    since: Instant,
    /// The end of the last sound.
    heard: Option<Instant>,
}

/// What was recorded.
#[derive(Debug, Clone)]
pub(super) struct Spoken {
    pub(super) recording: RecordingId,
    pub(super) duration_ms: u64,
    pub(super) urgent: bool,
    /// Silences after the keys were told.
    pub(super) silences: u32,
}

impl Centre {
    /// A flow came to a mailbox.
    pub(crate) fn leave_message(&mut self, id: CallId, node: &LeaveMessage, now: Now) {
        let Some(rules) = self.plan.mailboxes.get(&node.mailbox) else { return };
        let reason = node.reason.unwrap_or_else(|| self.reason_to_leave(rules, now));
        let mut prompts = rules.greetings.get(&reason).cloned().unwrap_or_default();
        prompts.push(self.plan.voicemail.words.beep.clone());
        let leaving = Leaving {
            mailbox: node.mailbox.clone(),
            reason,
            next: node.next.clone(),
            nothing: node.nothing.clone(),
            asked_again: false,
            step: LeaveStep::Greeting { tone: false },
        };
        let Some(call) = self.calls.get_mut(&id) else { return };
        // What was typed before was meant for something else.
        call.ivr.forget_keys();
        call.enter(Stage::Flow(Position::Leaving(leaving)), now);
        self.play(id, prompts, now);
    }

    fn reason_to_leave(&self, rules: &Mailbox, now: Now) -> GreetingReason {
        let outlook = rules.hours.as_ref().and_then(|hours| self.preview_hours(hours, now.wall_us).ok());
        match outlook.map(|outlook| (outlook.opening, outlook.reason)) {
            Some((Opening::Closed, Reason::Holiday { .. })) => GreetingReason::Holiday,
            Some((Opening::Closed, _)) => GreetingReason::Closed,
            Some((Opening::Open | Opening::Emergency, _)) | None => GreetingReason::Busy,
        }
    }

    pub(super) fn leaving(&self, id: CallId) -> Option<&Leaving> {
        match &self.calls.get(&id)?.stage {
            Stage::Flow(Position::Leaving(leaving)) => Some(leaving),
            _ => None,
        }
    }

    pub(super) fn take_step(&mut self, id: CallId, step: LeaveStep) {
        if let Some(Stage::Flow(Position::Leaving(leaving))) =
            self.calls.get_mut(&id).map(|call| &mut call.stage)
        {
            leaving.step = step;
        }
    }

    /// What was played to who leaves a message has been heard.
    pub(crate) fn leaving_heard(&mut self, id: CallId, now: Now) {
        match self.leaving(id).map(|leaving| leaving.step.clone()) {
            Some(LeaveStep::Greeting { .. }) => self.begin_take(id, now),
            Some(LeaveStep::Reviewing(_)) => self.await_review(id, now),
            Some(LeaveStep::Hearing(spoken)) => self.review(id, spoken, &[], now),
            Some(LeaveStep::Speaking(_)) | None => {}
        }
    }

    /// The tone, and after it her turn.
    pub(super) fn sound_tone(&mut self, id: CallId, before: Option<Arc<str>>, now: Now) {
        self.take_step(id, LeaveStep::Greeting { tone: true });
        let beep = self.plan.voicemail.words.beep.clone();
        self.play(id, before.into_iter().chain([beep]).collect(), now);
    }

    fn begin_take(&mut self, id: CallId, now: Now) {
        let Some(leaving) = self.leaving(id) else { return };
        let (mailbox, reason) = (leaving.mailbox.clone(), leaving.reason);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.segments += 1;
        let (leg, recording) = (call.leg, RecordingId::new(format!("{id}-{}", call.segments)));
        let details = RecordingDetails {
            line: call.line.clone(),
            medium: call.medium.clone(),
            dialled: call.dialled.clone(),
            caller: call.caller.clone(),
            agent: None,
            queue: call.queue.clone(),
            segment: call.segments,
            beside: None,
            started_wall_us: now.wall_us,
        };
        let take = Take { recording: recording.clone(), since: now.instant, heard: None };
        self.take_step(id, LeaveStep::Speaking(take.clone()));
        self.actions.push_back(Action::RecordCaller {
            recording: recording.clone(),
            call: id,
            leg,
            mailbox: mailbox.clone(),
            details,
        });
        self.tell(EventBody::VoicemailStarted { call: id, mailbox, recording, reason }, now);
        self.await_silence(id, &take);
    }

    /// The take ends when she is silent for long enough, or at the longest.
    fn await_silence(&mut self, id: CallId, take: &Take) {
        let rules = self.leaving(id).and_then(|leaving| self.plan.mailboxes.get(&leaving.mailbox));
        let Some((max, silence)) = rules.map(|rules| (rules.max, rules.silence)) else { return };
        let silent = take.heard.unwrap_or(take.since) + silence;
        self.deadlines.set(Due::Caller(id), silent.min(take.since + max));
    }

    /// Something is heard of who is recorded.
    pub(crate) fn spoke(&mut self, id: CallId, recording: &RecordingId, now: Now) {
        let Some(LeaveStep::Speaking(take)) = self.leaving(id).map(|leaving| &leaving.step) else { return };
        if take.recording != *recording {
            return;
        }
        let take = Take { heard: Some(now.instant), ..take.clone() };
        self.take_step(id, LeaveStep::Speaking(take.clone()));
        self.await_silence(id, &take);
    }

    /// A deadline of who leaves a message, while nothing is played.
    pub(crate) fn leaving_is_due(&mut self, id: CallId, now: Now) {
        match self.leaving(id).map(|leaving| leaving.step.clone()) {
            Some(LeaveStep::Speaking(_)) => self.take_is_over(id, now),
            Some(LeaveStep::Reviewing(spoken)) => self.review_unanswered(id, spoken, now),
            Some(LeaveStep::Greeting { .. } | LeaveStep::Hearing(_)) | None => {}
        }
    }

    /// She is done speaking.
    pub(super) fn take_is_over(&mut self, id: CallId, now: Now) {
        self.deadlines.stop(&Due::Caller(id));
        let words = self.plan.voicemail.words.short.clone();
        let Some(spoken) = self.end_take(id, now) else {
            let Some(leaving) = self.leaving(id) else { return };
            let (again, nothing) = (!leaving.asked_again, leaving.nothing.clone());
            if again {
                if let Some(Stage::Flow(Position::Leaving(leaving))) =
                    self.calls.get_mut(&id).map(|call| &mut call.stage)
                {
                    leaving.asked_again = true;
                }
                return self.sound_tone(id, Some(words), now);
            }
            return self.leave_mailbox(id, "nothing", (words, nothing), now);
        };
        let reviews = self.leaving(id).and_then(|leaving| self.plan.mailboxes.get(&leaving.mailbox));
        if reviews.is_some_and(|rules| rules.review) {
            self.review(id, spoken, &[], now);
        } else {
            self.keep_spoken(id, &spoken, now);
        }
    }

    /// Ends the recording. Gives nothing, and tells so, when it is no message.
    fn end_take(&mut self, id: CallId, now: Now) -> Option<Spoken> {
        let leaving = self.leaving(id)?;
        let LeaveStep::Speaking(take) = &leaving.step else { return None };
        let (take, mailbox) = (take.clone(), leaving.mailbox.clone());
        let recording = take.recording;
        self.actions.push_back(Action::StopRecording { recording: recording.clone() });
        let least = self.plan.mailboxes.get(&mailbox).map(|rules| rules.min).unwrap_or_default();
        let said = take.heard.map(|heard| heard.saturating_duration_since(take.since) + SOUND_TOLD);
        if said.is_none_or(|said| said < least) {
            let why = MessageDrop::TooShort;
            self.tell(EventBody::VoicemailDropped { call: id, mailbox, recording, why }, now);
            return None;
        }
        let duration_ms = millis(now.instant.saturating_duration_since(take.since));
        Some(Spoken { recording, duration_ms, urgent: false, silences: 0 })
    }

    /// The call ends while she leaves a message: what she said is kept. Gives true when that is a message.
    pub(crate) fn leaving_ends(&mut self, id: CallId, now: Now) -> bool {
        let spoken = match self.leaving(id).map(|leaving| leaving.step.clone()) {
            Some(LeaveStep::Speaking(_)) => self.end_take(id, now),
            Some(LeaveStep::Reviewing(spoken) | LeaveStep::Hearing(spoken)) => Some(spoken),
            Some(LeaveStep::Greeting { .. }) | None => None,
        };
        let Some(spoken) = spoken else { return false };
        self.put_into_box(id, &spoken, now);
        true
    }

    pub(super) fn put_into_box(&mut self, id: CallId, spoken: &Spoken, now: Now) {
        let Some(mailbox) = self.leaving(id).map(|leaving| leaving.mailbox.clone()) else { return };
        let what = (spoken.duration_ms, spoken.urgent);
        self.keep_message(id, (&mailbox, &spoken.recording), what, now);
    }
}

impl Message {
    /// Somebody who looks for work should hear it.
    pub(super) fn is_for(&self, agent: &str) -> bool {
        use careline_model::event::MessageState as State;
        match self.state {
            State::Open => true,
            State::Claimed => self.by.as_deref() == Some(agent),
            State::Handled | State::Archived => false,
        }
    }
}
