//! Facts of callbacks: each is asked for once (`CallbackRequested`, which carries the whole promise) and ends once. Each
//! attempt is a call of its own, from `CallbackQueued` to `CallEnded`.

use crate::callback::{CallbackMiss, CallbackOrigin, CallbackOutcome};
use crate::id::{AgentId, CallId, CallbackId, LineId, QueueId, TrunkGroupId};
use crate::number::Number;
use serde::{Deserialize, Serialize};

/// The turn of a callback came: a call begins that stands in line without anybody on the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackQueued {
    /// The call of this attempt.
    pub call: CallId,
    /// The callback.
    pub callback: CallbackId,
    /// Who will be called.
    pub number: Number,
    /// The queue.
    pub queue: QueueId,
    /// The line that she rang; empty when she rang none.
    pub line: LineId,
    /// Advertising medium of the line.
    pub medium: String,
    /// The agent who promised to call: an alert for her.
    pub owner: Option<AgentId>,
    /// Which attempt, 1 for the first.
    pub attempt: u32,
    /// From her first entry into a queue, milliseconds: her age in the order of service.
    pub age_ms: u64,
}

/// The person's phone is being called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackDialled {
    /// The call of this attempt.
    pub call: CallId,
    /// The callback.
    pub callback: CallbackId,
    /// The agent who waits for her; nobody when she is called first.
    pub agent: Option<AgentId>,
    /// The trunks that it goes out through.
    pub trunk_group: TrunkGroupId,
}

/// An attempt is over and reached nobody; another one follows. `CallEnded` of its call comes after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackPostponed {
    /// The call of the attempt.
    pub call: CallId,
    /// The callback.
    pub callback: CallbackId,
    /// Why nobody was reached.
    pub why: CallbackMiss,
    /// Attempts so far that reached nobody.
    pub attempts: u32,
    /// When she stands in line again at the earliest, UTC microseconds.
    pub next_at_us: i64,
}

/// A callback is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackEnded {
    /// The call in which that came to be; nothing when no call was under way.
    pub call: Option<CallId>,
    /// The callback.
    pub callback: CallbackId,
    /// Its queue.
    pub queue: QueueId,
    /// How.
    pub outcome: CallbackOutcome,
    /// Attempts that reached nobody.
    pub attempts: u32,
    /// Since it was asked for, milliseconds.
    pub age_ms: u64,
    /// Who took it back; empty for other ends.
    pub by: String,
}

/// Somebody asked for a callback whose number has one already: there is still one, in the older place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackMerged {
    /// The call in which it was asked for.
    pub call: Option<CallId>,
    /// The callback that stays.
    pub callback: CallbackId,
    /// Who asked.
    pub origin: CallbackOrigin,
}

/// The agent who promised to call was away for too long: everybody may have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackReleased {
    /// The call that stands in line.
    pub call: CallId,
    /// The callback.
    pub callback: CallbackId,
    /// The agent.
    pub agent: AgentId,
}
