//! A box's messages: each finds room, and what becomes of it is told.

use super::{ARCHIVED_MAX, Message};
use crate::centre::Centre;
use crate::command::{CommandError, in_range};
use careline_model::event::{EventBody, MessageState};
use careline_model::{CallId, MailboxId, Now, RecordingId};

/// Longest name of who works on a message, in characters.
const BY_CHARS_MAX: usize = 64;

/// A message as it is kept over a restart of the switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptMessage {
    /// Its id.
    pub recording: RecordingId,
    /// The call that left it.
    pub call: CallId,
    /// Its box.
    pub mailbox: MailboxId,
    /// When it was left, UTC microseconds.
    pub left_us: i64,
    /// Its length.
    pub duration_ms: u64,
    /// It cannot wait.
    pub urgent: bool,
    /// Open, claimed or archived.
    pub state: MessageState,
    /// Who has it.
    pub by: Option<String>,
}

impl Centre {
    /// Gives back the messages that were there before a restart. Nothing is told: it was. Those of boxes that are not
    /// configured any more are left out, and counted.
    pub fn restore_messages(&mut self, kept: Vec<KeptMessage>) -> usize {
        let mut left_out = 0;
        for KeptMessage { recording, call, mailbox, left_us, duration_ms, urgent, state, by } in kept {
            if !self.plan.mailboxes.contains_key(&mailbox) || state == MessageState::Handled {
                left_out += 1;
                continue;
            }
            let message = Message { call, left_us, duration_ms, urgent, state, by };
            self.messages.boxes.entry(mailbox).or_default().insert(recording, message);
        }
        left_out
    }

    /// Puts a message into its box. One that is full archives its oldest message: nobody's is refused (CF F2).
    pub(super) fn keep_message(
        &mut self,
        id: CallId,
        (mailbox, recording): (&MailboxId, &RecordingId),
        (duration_ms, urgent): (u64, bool),
        now: Now,
    ) {
        let Some(rules) = self.plan.mailboxes.get(mailbox) else { return };
        let (room, due) = (rules.messages_max, rules.due);
        let (queue, agent) = rules.owner.ids();
        while self.messages.count(mailbox, false) >= room {
            let Some(oldest) = self.messages.oldest(mailbox, false) else { break };
            self.move_message(&oldest, MessageState::Archived, None, now);
        }
        let message = Message {
            call: id,
            left_us: now.wall_us,
            duration_ms,
            urgent,
            state: MessageState::Open,
            by: None,
        };
        self.messages.boxes.entry(mailbox.clone()).or_default().insert(recording.clone(), message);
        let due_at_us = now.wall_us.saturating_add(i64::try_from(due.as_micros()).unwrap_or(i64::MAX));
        let (mailbox, recording) = (mailbox.clone(), recording.clone());
        let call = id;
        self.tell(
            EventBody::VoicemailLeft {
                call,
                mailbox,
                recording,
                queue,
                agent,
                duration_ms,
                urgent,
                due_at_us,
            },
            now,
        );
    }

    /// Tells that a message is now that.
    pub(super) fn move_message(
        &mut self,
        recording: &RecordingId,
        state: MessageState,
        by: Option<&str>,
        now: Now,
    ) {
        let Some(mailbox) = self.messages.find(recording).map(|(mailbox, _)| mailbox.clone()) else { return };
        let Some(message) = self.messages.find_mut(recording) else { return };
        message.state = state;
        message.by = by.filter(|_| state == MessageState::Claimed).map(str::to_owned);
        let call = message.call;
        match state {
            MessageState::Handled => self.messages.remove(recording),
            MessageState::Archived if self.messages.count(&mailbox, true) > ARCHIVED_MAX => {
                if let Some(oldest) = self.messages.oldest(&mailbox, true) {
                    self.messages.remove(&oldest);
                }
            }
            MessageState::Archived | MessageState::Open | MessageState::Claimed => {}
        }
        let (recording, by) = (recording.clone(), by.map(str::to_owned));
        self.tell(EventBody::VoicemailMoved { call, mailbox, recording, state, by }, now);
    }

    /// Somebody works on a message, gives it back, is done with it, or puts it away. `by` has 1 to 64 characters.
    ///
    /// # Errors
    /// [`CommandError::UnknownMessage`] also for one that is handled, [`CommandError::MessageTaken`] when it is another's
    /// to be claimed, and [`CommandError::OutOfRange`] for a name that is none; nothing changes then.
    pub fn set_message(
        &mut self,
        recording: &RecordingId,
        state: MessageState,
        by: &str,
        now: Now,
    ) -> Result<(), CommandError> {
        let chars = i64::try_from(by.chars().count()).unwrap_or(i64::MAX);
        in_range("characters of a name", chars, (1, BY_CHARS_MAX as i64))?;
        let Some((_, message)) = self.messages.find(recording) else {
            return Err(CommandError::UnknownMessage { message: recording.clone() });
        };
        let other = message.by.as_deref().filter(|holder| *holder != by);
        if let (MessageState::Claimed, Some(holder)) = (state, other) {
            return Err(CommandError::MessageTaken { message: recording.clone(), holder: holder.to_owned() });
        }
        let changes = message_changes(message, state, by);
        self.wake(now);
        if changes {
            self.move_message(recording, state, Some(by), now);
        }
        self.settle(now);
        Ok(())
    }
}

/// The same order twice changes nothing.
fn message_changes(message: &Message, state: MessageState, by: &str) -> bool {
    message.state != state || (state == MessageState::Claimed && message.by.as_deref() != Some(by))
}
