//! What happens to the call centre.

use crate::rank::NewRank;
use careline_model::config::plan::Value;
use careline_model::{AgentId, CallId, CallerName, LegId, Number, RecordingId, TrunkId};
use std::sync::Arc;

/// One thing that happened. Late, doubled and unknown ones are normal on a network and change nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// A trunk calls one of our numbers. `leg` comes from [`crate::Centre::new_leg`].
    Arrived {
        /// The caller's leg.
        leg: LegId,
        /// Normalised, empty when withheld.
        caller: Number,
        /// Display name as the network sent it; empty when none, or when the number is withheld.
        caller_name: CallerName,
        /// As the trunk wrote it.
        dialled: String,
        /// Who brought the call.
        trunk: Option<TrunkId>,
    },
    /// Our answer to the caller was acknowledged: the flow begins now.
    CallerUp {
        /// The caller's leg.
        leg: LegId,
    },
    /// A leg is over, whoever ended it; no `HangUp` follows for it.
    LegEnded {
        /// The caller's or an agent's leg.
        leg: LegId,
        /// How.
        why: LegEnd,
    },
    /// The caller pressed a key.
    Digit {
        /// The caller's leg.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
        /// How long it was held.
        duration_ms: u32,
    },
    /// A playback came to its end, or could not be played.
    PlaybackDone {
        /// The caller's leg.
        leg: LegId,
        /// The number given with `Play`.
        playback: u64,
    },
    /// An agent's phone dials. `leg` comes from [`crate::Centre::new_leg`].
    PhoneDialled {
        /// The phone's leg.
        leg: LegId,
        /// Whose phone.
        agent: AgentId,
        /// As it was dialled.
        dialled: String,
    },
    /// An agent's phone asks that its other party be passed on (REFER). Answered by exactly one of
    /// [`crate::Action::AcceptTransfer`] and [`crate::Action::RefuseTransfer`].
    TransferAsked {
        /// The phone's leg.
        leg: LegId,
        /// Comes back in what is said about it.
        refer: u64,
        /// To whom.
        to: TransferTo,
    },
    /// Another phone of the same agent takes a conversation over (RFC 3891), and is answered.
    Replaced {
        /// The leg that had it.
        old: LegId,
        /// The new leg.
        by: LegId,
    },
    /// The other end of a dialled call sends sound before it answers.
    EarlyMedia {
        /// The dialled leg.
        leg: LegId,
    },
    /// The agent's phone rings (180 or 183).
    Ringing {
        /// The agent's leg.
        leg: LegId,
    },
    /// The agent answered.
    Answered {
        /// The agent's leg.
        leg: LegId,
    },
    /// What the network says about a dialled leg whose `Refused` follows.
    RefusalRead {
        /// The dialled leg.
        leg: LegId,
        /// Status of SIP.
        status: u16,
        /// Cause of Q.850, when there is one.
        cause: Option<u16>,
    },
    /// The agent's phone did not take the call; its leg is over.
    Refused {
        /// The agent's leg.
        leg: LegId,
        /// How.
        why: RefusedBy,
    },
    /// Caller and agent hear each other.
    Bridged {
        /// The caller's leg.
        leg: LegId,
    },
    /// The agent's phone holds the conversation, or takes it up again (RFC 3264 8.4).
    Held {
        /// The agent's leg.
        leg: LegId,
        /// It holds.
        held: bool,
    },
    /// The directory answered a [`crate::Action::LookUp`], or cannot. That it says nothing at all is normal too.
    LookedUp {
        /// The call.
        call: CallId,
        /// What it said.
        answer: LookUpAnswer,
    },
    /// The directory says how a call is to be routed. It holds from then on, however late it comes.
    Hinted {
        /// The call.
        call: CallId,
        /// What it said.
        hints: Hints,
    },
    /// A [`crate::Action::FlowLookUp`] was answered, or cannot be. That nothing comes at all is normal too; what comes
    /// after the hard limit is not used.
    FlowLookedUp {
        /// The call.
        call: CallId,
        /// The number given with the question.
        look_up: u64,
        /// What came of it.
        answer: FlowAnswer,
    },
    /// The agent's phone registered.
    DeviceUp {
        /// Whose.
        agent: AgentId,
    },
    /// The registration ended.
    DeviceGone {
        /// Whose.
        agent: AgentId,
    },
    /// The agent's phone makes (or ended) a call of its own.
    DeviceBusy {
        /// Whose.
        agent: AgentId,
        /// It is in such a call.
        busy: bool,
    },
    /// A recording began. This and the next two are told on as events.
    RecordingStarted {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
    },
    /// A recording is closed on disk.
    RecordingFinished {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
        /// Its length.
        duration_ms: u64,
        /// Size of the file.
        bytes: u64,
        /// Digest of the file, as hex.
        sha256: String,
        /// No part is missing.
        complete: bool,
    },
    /// Something is heard in the recording of a message: told at most every half second while it lasts, and right away
    /// when it begins.
    Spoke {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
    },
    /// The pause of a recording had lasted too long and was ended.
    RecordingResumed {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
    },
    /// A part of a recording could not be written.
    RecordingIncomplete {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
        /// Why.
        reason: String,
    },
    /// New calls are refused from now on; those that are here go on.
    Drain,
}

/// To whom a transfer goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferTo {
    /// Blind: as it was dialled.
    Number(String),
    /// Attended: to the other party of the call that this leg of the same phone belongs to.
    PartyOf(LegId),
}

/// What the directory said about a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookUpAnswer {
    /// It looked.
    Answered {
        /// How many persons may be the caller.
        persons: u32,
        /// What an agent's phone may show beside the number; empty for nothing.
        label: CallerName,
    },
    /// It cannot be asked now, or cannot look.
    Unavailable,
}

/// What the directory knows that matters to the order of service (CF C18).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hints {
    /// Added to what the call has: the better class counts, points are added up, a red flag stays.
    pub rank: NewRank,
    /// Who should have the call when she can be had soon (CF C16).
    pub agent: Option<AgentId>,
}

/// What another program said to a question of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowAnswer {
    /// It found something.
    Found {
        /// Variables to set. Those that the node does not ask for are left out; one of a wrong type makes the whole
        /// answer an error.
        variables: Vec<(Arc<str>, Value)>,
    },
    /// It looked and found nothing.
    NotFound,
    /// It cannot be asked, or could not look.
    Failed,
}

/// How a leg ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegEnd {
    /// The other side hung up (BYE).
    HungUp,
    /// The caller gave up before our answer (CANCEL).
    Cancelled,
    /// No media arrived for the media time-out.
    MediaTimeout,
    /// Signalling failed: no ACK, no refresh, connection lost.
    Failed,
}

/// Why an agent's phone did not take an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedBy {
    /// The phone itself gave up ringing (408, 480).
    NoAnswer,
    /// The agent declined (603).
    Rejected,
    /// The phone was busy (486, 600).
    Busy,
    /// No answer from the phone at all, or it has no usable address or codec.
    Unreachable,
}
