//! What the call centre wants done.

use careline_model::{AgentId, CallId, CallerName, Event, LegId, LineId, Number, QueueId, RecordingId};
use std::sync::Arc;
use std::time::Duration;

/// One thing to do. In the order in which they are polled.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Answer the caller (200).
    Answer {
        /// The caller's leg.
        leg: LegId,
        /// The call that it became.
        call: CallId,
    },
    /// Refuse the caller; the leg is forgotten.
    Refuse {
        /// The caller's leg.
        leg: LegId,
        /// Why.
        why: Refusal,
    },
    /// Play prompts one after the other, then give `PlaybackDone`. Replaces what is being played.
    Play {
        /// The caller's leg.
        leg: LegId,
        /// Comes back in `PlaybackDone`; never used twice.
        playback: u64,
        /// Prompt ids.
        prompts: Vec<Arc<str>>,
    },
    /// Stop the playback; `PlaybackDone` is not waited for.
    StopPlay {
        /// The caller's leg.
        leg: LegId,
    },
    /// Repeat a prompt until told otherwise; `None` for silence.
    Music {
        /// The caller's leg.
        leg: LegId,
        /// Prompt id.
        item: Option<Arc<str>>,
    },
    /// Ask the directory who may be calling, then give `LookedUp`. Nothing waits for it; an answer after the budget of
    /// the plan is not used.
    LookUp {
        /// The call.
        call: CallId,
        /// Its number, never withheld.
        caller: Number,
        /// The dialled number.
        dialled: Number,
    },
    /// Ring an agent's phone on a new leg.
    Ring {
        /// The agent's leg, new.
        leg: LegId,
        /// For whom.
        call: CallId,
        /// Whose phone.
        agent: AgentId,
        /// Shown on the phone.
        caller: Number,
        /// Shown beside it: what the directory calls the caller, at most 32 characters; empty when it knows nobody.
        label: CallerName,
        /// When ringing will be stopped; for the phone's own Expires. The switch need not watch it.
        timeout: Duration,
    },
    /// Stop ringing (CANCEL); the leg is forgotten. Should the phone answer all the same, hang it up.
    StopRinging {
        /// The agent's leg.
        leg: LegId,
        /// Why.
        why: StopRinging,
    },
    /// Join two legs, then give `Bridged`. What the caller heard has been stopped before.
    Bridge {
        /// The call.
        call: CallId,
        /// The caller's leg.
        caller: LegId,
        /// The agent's leg.
        agent: LegId,
    },
    /// Part two joined legs; both go on, and what they say is still recorded.
    Part {
        /// The caller's leg.
        caller: LegId,
        /// The agent's leg.
        agent: LegId,
    },
    /// Record both directions.
    Record {
        /// The new recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// The caller's leg.
        caller: LegId,
        /// The agent's leg.
        agent: LegId,
        /// For the side-car file.
        details: RecordingDetails,
    },
    /// Close a recording.
    StopRecording {
        /// Which.
        recording: RecordingId,
    },
    /// End an answered leg (BYE); it is forgotten.
    HangUp {
        /// The caller's or an agent's leg.
        leg: LegId,
        /// Why.
        why: HangUp,
    },
    /// Tell the world.
    Emit(Event),
}

/// What a recording belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingDetails {
    /// The line that was dialled.
    pub line: LineId,
    /// Advertising medium of the line.
    pub medium: String,
    /// The dialled number.
    pub dialled: Number,
    /// The caller's number.
    pub caller: Number,
    /// Who talks.
    pub agent: AgentId,
    /// The queue the caller came from.
    pub queue: Option<QueueId>,
    /// Conversations of this call so far, this one included.
    pub segment: u32,
    /// UTC microseconds of the beginning.
    pub started_wall_us: i64,
}

/// Why a call is refused at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No line has this number (404).
    UnknownNumber,
    /// As many calls as the switch takes (503).
    Full,
    /// The switch is about to stop (503).
    Draining,
}

/// Why an agent's phone is not rung any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopRinging {
    /// The ringing time is over.
    NoAnswer,
    /// The caller hung up.
    CallerLeft,
    /// Another phone was faster.
    AnsweredElsewhere,
    /// The registration ended.
    DeviceLost,
    /// Taken back by command, or because the agent is not ready any longer.
    Command,
}

/// Why a leg is hung up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HangUp {
    /// The other party of the conversation hung up.
    Completed,
    /// The flow said goodbye.
    FlowFinished,
    /// The caller went while the agent was being joined.
    CallerLeft,
    /// The legs were not joined in time.
    NotBridged,
    /// The caller's side never acknowledged our answer.
    NotAcknowledged,
    /// The other party's leg was lost.
    OtherLegLost,
    /// By command.
    Command,
}
