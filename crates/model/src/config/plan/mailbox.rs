//! Mailboxes: where callers leave messages (CF 1F), and how their owners hear them by phone.

use crate::event::GreetingReason;
use crate::id::{AgentId, MailboxId, QueueId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Messages for a queue or for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Its id.
    pub id: MailboxId,
    /// The name on screens.
    pub name: String,
    /// Whose messages these are.
    pub owner: MailboxOwner,
    /// Which hours tell a busy house from a closed one; without them every caller is greeted as in a busy one.
    pub hours: Option<Arc<str>>,
    /// What is said before the tone, for each reason; never empty.
    pub greetings: BTreeMap<GreetingReason, Vec<Arc<str>>>,
    /// A recording that is shorter, or in which less was said, is no message.
    pub min: Duration,
    /// The recording ends after so long.
    pub max: Duration,
    /// And after so long a silence.
    pub silence: Duration,
    /// Messages that are not handled; the oldest makes room for one more.
    pub messages_max: usize,
    /// From the message to the time when it is to be handled.
    pub due: Duration,
    /// The caller may hear, repeat and mark her message.
    pub review: bool,
}

/// Whose messages a mailbox has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailboxOwner {
    /// Everybody's who serves the queue.
    Queue(QueueId),
    /// One agent's.
    Agent(AgentId),
}

impl MailboxOwner {
    /// The queue or the agent, as events tell them.
    #[must_use]
    pub fn ids(&self) -> (Option<QueueId>, Option<AgentId>) {
        match self {
            Self::Queue(queue) => (Some(queue.clone()), None),
            Self::Agent(agent) => (None, Some(agent.clone())),
        }
    }

    /// Whether an agent's phone reads these messages out to her.
    #[must_use]
    pub fn admits(&self, agent: &super::Agent) -> bool {
        match self {
            Self::Queue(queue) => agent.seats.contains_key(queue),
            Self::Agent(owner) => *owner == agent.id,
        }
    }
}

/// What all mailboxes have in common.
#[derive(Debug, Clone, Default)]
pub struct Voicemail {
    /// An agent's phone that dials this number hears her messages; nobody's when absent.
    pub number: Option<String>,
    /// After so many wrong PINs in a row...
    pub pin_tries: u32,
    /// ...it is of no use for so long.
    pub pin_lock: Duration,
    /// What is said.
    pub words: VoicemailWords,
}

/// Prompts of mailboxes.
#[derive(Debug, Clone, Default)]
pub struct VoicemailWords {
    /// The tone after which the caller speaks.
    pub beep: Arc<str>,
    /// What the keys 1 to 4 do with the message.
    pub review: Arc<str>,
    /// The message is marked urgent.
    pub urgent: Arc<str>,
    /// The message is kept.
    pub saved: Arc<str>,
    /// Nothing was heard.
    pub short: Arc<str>,
    /// Asks an agent for her PIN.
    pub pin: Arc<str>,
    /// It was wrong.
    pub pin_wrong: Arc<str>,
    /// It was wrong too often.
    pub pin_locked: Arc<str>,
    /// No message is left.
    pub none: Arc<str>,
    /// Said before a message.
    pub next: Arc<str>,
    /// What the keys 1 to 3 do with it.
    pub message: Arc<str>,
    /// It is marked as handled.
    pub handled: Arc<str>,
}
