//! Messages that callers leave (CF 1F): work for a queue's agents or for one person, told by events from the tone to the
//! end of the work.
//!
//! ```text
//! tone --VoicemailStarted--> spoken --> kept (VoicemailLeft) --> open <-> claimed --> handled
//!                              +------> VoicemailDropped            +--box full, order--> archived <-> claimed --> handled
//! ```
//!
//! What it is not: it knows no sound; the recording is the message, and its id is the recording's. What is handled is
//! forgotten here; whoever reads the events keeps it.

mod keep;
mod leave;
mod listen;
mod pin;
mod review;

pub use keep::KeptMessage;
pub(crate) use leave::Leaving;
pub(crate) use listen::Listening;
pub(crate) use pin::Pins;

use careline_model::event::MessageState;
use careline_model::{CallId, MailboxId, RecordingId};
use std::collections::BTreeMap;

/// Archived messages of one box that can still be worked on; the oldest is forgotten here.
const ARCHIVED_MAX: usize = 1000;

/// A message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) call: CallId,
    /// UTC microseconds.
    pub(crate) left_us: i64,
    pub(crate) duration_ms: u64,
    pub(crate) urgent: bool,
    pub(crate) state: MessageState,
    /// Who has it.
    pub(crate) by: Option<String>,
}

/// The messages of all boxes that are not handled: at most `messages_max` of each box of the plan, and
/// [`ARCHIVED_MAX`] that were archived.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    pub(crate) boxes: BTreeMap<MailboxId, BTreeMap<RecordingId, Message>>,
}

impl Messages {
    /// The box of a message.
    pub(crate) fn find(&self, recording: &RecordingId) -> Option<(&MailboxId, &Message)> {
        self.boxes.iter().find_map(|(mailbox, messages)| Some((mailbox, messages.get(recording)?)))
    }

    fn find_mut(&mut self, recording: &RecordingId) -> Option<&mut Message> {
        self.boxes.values_mut().find_map(|messages| messages.get_mut(recording))
    }

    fn remove(&mut self, recording: &RecordingId) {
        for messages in self.boxes.values_mut() {
            messages.remove(recording);
        }
    }

    /// The one that was left first among those, unclaimed ones before claimed ones.
    fn oldest(&self, mailbox: &MailboxId, archived: bool) -> Option<RecordingId> {
        let messages = self.boxes.get(mailbox)?.iter();
        let of_these = messages.filter(|(_, one)| (one.state == MessageState::Archived) == archived);
        let oldest =
            of_these.min_by_key(|(id, one)| (one.state == MessageState::Claimed, one.left_us, (*id).clone()));
        oldest.map(|(id, _)| id.clone())
    }

    fn count(&self, mailbox: &MailboxId, archived: bool) -> usize {
        let messages = self.boxes.get(mailbox).into_iter().flat_map(|messages| messages.values());
        messages.filter(|one| (one.state == MessageState::Archived) == archived).count()
    }
}
