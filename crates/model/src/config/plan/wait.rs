//! What becomes of those who wait in a queue: what they are told, and the ways out (CF 1.6 to 1.9).

use crate::id::QueueId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The highest place in a queue that is said as a number.
pub const POSITION_MAX: usize = 10;
/// Kinds of wait that are told apart when it is said: less than 1 minute, 1 to 2, 3 to 5, 6 to 10, more than 10.
pub const WAITS: usize = 5;

/// What a waiting caller is told from time to time. The music rests meanwhile and goes on where it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comfort {
    /// From the entry to the first word.
    pub first: Duration,
    /// From one turn to the next.
    pub every: Duration,
    /// One of these at each turn; may be empty.
    pub prompts: Vec<Arc<str>>,
    /// In the order of the list, or in any.
    pub order: ComfortOrder,
    /// Her place is said when it has become better.
    pub position: Option<PositionPrompts>,
    /// The further wait is said when it has changed.
    pub wait: Option<WaitPrompts>,
}

/// The order of comfort messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComfortOrder {
    /// As they are listed, then from the beginning.
    Listed,
    /// Any, but none twice in a row.
    Random,
}

/// How a place in the queue is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PositionPrompts {
    /// One for each place from 1 to [`POSITION_MAX`].
    pub each: Vec<Arc<str>>,
    /// For all places behind.
    pub more: Arc<str>,
}

/// How a wait is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitPrompts {
    /// One for each of the [`WAITS`] kinds, the shortest first.
    pub each: Vec<Arc<str>>,
    /// Said before a longer wait than was said before. Without it a longer one is not said.
    pub busier: Option<Arc<str>>,
}

/// Where a caller goes who does not reach an agent: nodes of the flow that queued her.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exits {
    /// After the longest wait.
    pub timeout: Arc<str>,
    /// When the queue is full.
    pub full: Arc<str>,
    /// When nobody is there to serve the queue.
    pub empty: Arc<str>,
    /// When the queue is closed.
    pub closed: Arc<str>,
    /// When a rule of the queue sends her away.
    pub overflow: Arc<str>,
    /// When she presses a key.
    pub keys: BTreeMap<char, Arc<str>>,
}

impl Exits {
    /// Every node that can follow.
    pub fn targets(&self) -> impl Iterator<Item = &Arc<str>> {
        std::iter::once(&self.timeout).chain(self.targets_at_once()).chain(self.keys.values())
    }

    /// The nodes that can follow without a wait and without the caller's doing.
    pub fn targets_at_once(&self) -> impl Iterator<Item = &Arc<str>> {
        [&self.full, &self.empty, &self.closed, &self.overflow].into_iter()
    }
}

/// Who counts as being there for a queue (CF 1.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// An agent who would take a call this instant.
    Available,
    /// An agent who is ready or works; or who pauses with a code that counts as staffed.
    Staffed,
    /// An agent who is signed in, whatever she does.
    Online,
}

impl Presence {
    /// All, by the word in the configuration.
    pub const ALL: [(&'static str, Self); 3] =
        [("available", Self::Available), ("staffed", Self::Staffed), ("online", Self::Online)];
}

/// What a queue does when nobody is there (CF C20, C21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vacancy {
    /// Nobody is let in while no agent is there in this sense.
    pub join: Option<Presence>,
    /// Who waits leaves when no agent has been there in this sense for so long.
    pub leave: Option<(Presence, Duration)>,
    /// Who waits leaves when no agent has been signed in for so long.
    pub unattended_max: Option<Duration>,
}

/// A rule that sends a caller elsewhere; all that it names must hold. Each is used once for a call (CF 1.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overflow {
    /// At least so many wait beside her.
    pub size: Option<usize>,
    /// Her further wait is predicted to be at least so long.
    pub predicted: Option<Duration>,
    /// She has waited in this queue for so long.
    pub age: Option<Duration>,
    /// Nobody is there in the sense of [`Presence::Staffed`].
    pub no_staff: bool,
    /// Her class is this or a higher number.
    pub class: Option<u8>,
    /// The queue where she goes; nothing for the `overflow` node of her flow.
    pub to: Option<QueueId>,
}

/// What an agent hears between her answer and the caller (CF C27).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whisper {
    /// One after the other; what takes longer than two seconds is cut.
    pub prompts: Vec<Arc<str>>,
    /// A caller who has waited longer is joined at once.
    pub unless_waited: Duration,
}

/// How a caller is told the number of her agent (CF C28).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentNumber {
    /// Said first.
    pub before: Option<Arc<str>>,
    /// The digits from 0 to 9.
    pub digits: Vec<Arc<str>>,
    /// Said last.
    pub after: Option<Arc<str>>,
}

/// Closing time (CF C33).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Outside these hours nobody is let in.
    pub hours: Arc<str>,
    /// Who still waits leaves; otherwise all who came in time are served.
    pub leave: bool,
}
