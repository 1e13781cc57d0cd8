//! Facts of calls between people: who listens to whom, who is in a call beside its two, who is held, who is parked.

use crate::id::{AgentId, CallId};
use crate::number::Number;
use serde::{Deserialize, Serialize};

/// The facts; each stands in the journal like any other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are typed ids and amounts that carry their unit in the name")]
pub enum PeopleFact {
    /// A supervisor is about to listen to an agent: her phone is rung. It ends with exactly one `WatchEnded`.
    WatchStarted {
        /// Names the watch. It has the form of a call's id and is the id of no call.
        watch: CallId,
        /// Whose phone and whose rights.
        supervisor: AgentId,
        /// Who is listened to.
        agent: AgentId,
        /// Who ordered it.
        by: String,
        /// How.
        mode: WatchMode,
        /// What the agent is told of it.
        notice: WatchNotice,
    },
    /// It is of another kind from now on.
    WatchChanged {
        /// Which.
        watch: CallId,
        /// How.
        mode: WatchMode,
        /// Who ordered it.
        by: String,
    },
    /// What the supervisor hears from now on.
    WatchFollowed {
        /// Which.
        watch: CallId,
        /// The agent's call; nothing while she has none.
        call: Option<CallId>,
        /// The other party of that call is held, and not heard.
        held: bool,
    },
    /// The supervisor hears nothing any longer.
    WatchEnded {
        /// Which.
        watch: CallId,
        /// Why.
        why: WatchEnd,
        /// How long her phone was in it, in milliseconds; 0 when it was never answered.
        heard_ms: u64,
    },
    /// Somebody is being added to a conversation. It ends with exactly one `PartyLeft`.
    PartyAdded {
        /// The call.
        call: CallId,
        /// Number of the party within the call, from 1.
        party: u32,
        /// The extension, or the number in normal form.
        to: Number,
        /// Whose extension; nothing for somebody outside.
        agent: Option<AgentId>,
        /// Who added it.
        by: AgentId,
    },
    /// All hear it, and it hears all.
    PartyJoined {
        /// The call.
        call: CallId,
        /// Number of the party within the call.
        party: u32,
    },
    /// A party of a conversation with three and more is muted or held, or is not any longer. Party 0 is the one that the
    /// call is about.
    PartyChanged {
        /// The call.
        call: CallId,
        /// Number of the party within the call.
        party: u32,
        /// Nobody hears it.
        muted: bool,
        /// It hears music, and nobody hears it.
        held: bool,
    },
    /// A party that was added is not in the call any longer.
    PartyLeft {
        /// The call.
        call: CallId,
        /// Number of the party within the call.
        party: u32,
        /// Why.
        why: PartyLeft,
        /// How long it was in the conversation, in milliseconds.
        joined_ms: u64,
    },
    /// An agent holds her other party, takes it up again, or has held it for too long.
    CallHeld {
        /// The call.
        call: CallId,
        /// The agent.
        agent: AgentId,
        /// What of it.
        hold: HoldStep,
        /// How long so far, in milliseconds.
        held_ms: u64,
    },
    /// A call is parked, or is not any longer.
    CallParked {
        /// The call.
        call: CallId,
        /// The slot.
        slot: u32,
        /// What of it.
        step: ParkStep,
        /// Who did it; nobody when time did, or when the caller went.
        agent: Option<AgentId>,
    },
}

impl PeopleFact {
    /// The call that it belongs to. A watch belongs to an agent, whatever call she is in.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::PartyAdded { call, .. }
            | Self::PartyJoined { call, .. }
            | Self::PartyChanged { call, .. }
            | Self::PartyLeft { call, .. }
            | Self::CallHeld { call, .. }
            | Self::CallParked { call, .. } => Some(*call),
            Self::WatchStarted { .. }
            | Self::WatchChanged { .. }
            | Self::WatchFollowed { .. }
            | Self::WatchEnded { .. } => None,
        }
    }
}

/// How a supervisor takes part in an agent's calls; each is more than the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchMode {
    /// She hears both.
    Listen,
    /// She speaks to the agent and hears nobody.
    PrivateWhisper,
    /// She hears both, and the agent alone hears her.
    Whisper,
    /// All hear each other.
    Barge,
    /// She goes on with the other party, and the agent is out of it.
    TakeOver,
}

/// What an agent is told when somebody listens to her.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchNotice {
    /// Nothing.
    None,
    /// Her screen shows it.
    Icon,
    /// Her screen shows it, and she hears a tone; the other party does not.
    Tone,
}

/// Why a watch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchEnd {
    /// By command.
    Stopped,
    /// The supervisor hung up.
    HungUp,
    /// She did not answer, declined, or could not be reached.
    NotAnswered,
    /// Her phone was lost.
    Lost,
    /// She took the call over.
    TakenOver,
}

/// Why a party is not in a conversation any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyLeft {
    /// It hung up.
    HungUp,
    /// It was taken out.
    Removed,
    /// It did not answer.
    NoAnswer,
    /// It declined.
    Rejected,
    /// It was busy.
    Busy,
    /// It could not be reached, or its leg was lost.
    Unreachable,
    /// The call, or its conversation of three, ended.
    CallEnded,
    /// It is one of the two that go on: the agent left.
    Succeeded,
}

/// What happens with a held party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldStep {
    /// It is held.
    Began,
    /// It has been held for longer than it should.
    Long,
    /// It is not held any longer.
    Ended,
}

/// What happens with a parked call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkStep {
    /// It waits in a slot.
    Parked,
    /// Somebody picked it up.
    PickedUp,
    /// Nobody did for too long: it goes back to who parked it.
    Returned,
    /// It ended in the slot.
    Ended,
}
