//! What the call centre wants done.

use careline_model::config::plan::Value;
use careline_model::{
    AgentId, CallId, CallerName, Event, LegId, LineId, MailboxId, Number, QueueId, RecordingId, TrunkGroupId,
};
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
    /// Ask another program for a flow, then give `FlowLookedUp`. The call waits for it, 5 s at most.
    FlowLookUp {
        /// The call.
        call: CallId,
        /// Comes back in `FlowLookedUp`; never used twice.
        look_up: u64,
        /// Which question.
        query: Arc<str>,
        /// What is told with it: variables and facts of the call that have a value. Secret ones too: not for logs.
        variables: Vec<(Arc<str>, Value)>,
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
        /// The phone is to answer by itself.
        auto_answer: bool,
    },
    /// A phone of ours made this call; nothing has to be done on the wire yet.
    Dialled {
        /// The phone's leg.
        leg: LegId,
        /// The call that it became.
        call: CallId,
    },
    /// A leg that still rings belongs to another call of the same phone from now on.
    Adopt {
        /// The leg.
        leg: LegId,
        /// Its call.
        call: CallId,
    },
    /// Call somebody outside on a new leg. What comes of it is told as for [`Action::Ring`].
    DialOutside {
        /// The new leg.
        leg: LegId,
        /// For whom.
        call: CallId,
        /// The agent who calls, or passes the caller on: whose number is shown. Nobody when a person is called back
        /// before an agent is there.
        by: Option<AgentId>,
        /// Through which trunks.
        group: TrunkGroupId,
        /// Whom, in normal form; the dialler may.
        number: Number,
        /// The number that is shown instead of hers; one of ours.
        caller_id: Option<Number>,
        /// When ringing will be stopped.
        timeout: Duration,
    },
    /// Answer a phone that dialled, on a leg of a call that is there: it picks a parked call up.
    PickUp {
        /// The phone's leg.
        leg: LegId,
        /// The call.
        call: CallId,
    },
    /// Tell a phone that dialled that it rings at the other end (180).
    Alert {
        /// The phone's leg.
        leg: LegId,
    },
    /// Let a phone that dialled hear what the other end sends before it answers (183), and join the two.
    PassEarlyMedia {
        /// The phone's leg.
        leg: LegId,
        /// The other party's leg.
        from: LegId,
    },
    /// Take a transfer that a phone asked for (202).
    AcceptTransfer {
        /// As given in `TransferAsked`.
        refer: u64,
    },
    /// Refuse it; the conversation goes on.
    RefuseTransfer {
        /// As given in `TransferAsked`.
        refer: u64,
        /// Why.
        why: Refusal,
    },
    /// Tell how it goes with a transfer that was taken.
    TransferProgress {
        /// As given in `TransferAsked`.
        refer: u64,
        /// How.
        news: TransferNews,
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
    /// The media of a leg belong with those of a call from now on, so that it can be joined and heard there. It is joined
    /// with nobody.
    Gather {
        /// The leg.
        leg: LegId,
        /// The call.
        call: CallId,
    },
    /// Whom a leg hears beside the one it is joined with. Replaces what was said before.
    Overhear {
        /// The leg that hears.
        leg: LegId,
        /// Whom; empty for nobody.
        others: Vec<LegId>,
    },
    /// Record what one leg says, alone: nobody else is in the file.
    RecordAlone {
        /// The new recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// The only leg.
        leg: LegId,
        /// What it is.
        track: Track,
        /// For the side-car file; `agent` is who speaks on it.
        details: RecordingDetails,
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
    /// Record what the caller says, alone: a message. Whether conversations are recorded or not. `Spoke` tells of sound.
    RecordCaller {
        /// The new recording.
        recording: RecordingId,
        /// The call.
        call: CallId,
        /// The caller's leg.
        leg: LegId,
        /// The mailbox.
        mailbox: MailboxId,
        /// For the side-car file.
        details: RecordingDetails,
    },
    /// Play a recording, then give `PlaybackDone`, also when it cannot be played. Replaces what is being played.
    PlayRecording {
        /// The leg that hears it.
        leg: LegId,
        /// As of [`Action::Play`].
        playback: u64,
        /// Which.
        recording: RecordingId,
    },
    /// Nobody may hear the keys of a leg in recordings from now on, or somebody may again.
    MaskKeys {
        /// The caller's leg.
        leg: LegId,
        /// They are a secret.
        on: bool,
    },
    /// Both sides of a recording are silent from now on.
    PauseRecording {
        /// Which.
        recording: RecordingId,
        /// Why.
        reason: Arc<str>,
    },
    /// Sound again.
    ResumeRecording {
        /// Which.
        recording: RecordingId,
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

/// How it goes with a transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferNews {
    /// The third party's phone rings.
    Ringing,
    /// The third party has the call.
    Connected,
    /// It failed.
    Failed(Refusal),
}

/// What a recording of one voice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// What a supervisor says to an agent, or to both: never in the patient's recording (CF H2).
    Whisper,
    /// Somebody who was added to a conversation.
    Party,
}

/// What a recording belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingDetails {
    /// The line that was dialled; empty when an agent dialled.
    pub line: LineId,
    /// Advertising medium of the line.
    pub medium: String,
    /// The dialled number.
    pub dialled: Number,
    /// Number of the party that the agent talks to.
    pub caller: Number,
    /// Who talks; nobody of ours when the call was passed on to somebody outside.
    pub agent: Option<AgentId>,
    /// The queue the caller came from.
    pub queue: Option<QueueId>,
    /// Conversations of this call so far, this one included.
    pub segment: u32,
    /// The call that waits meanwhile: this one is the agent's consultation about it.
    pub beside: Option<CallId>,
    /// UTC microseconds of the beginning.
    pub started_wall_us: i64,
}

/// Why a call, or a transfer, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No line has this number (404).
    UnknownNumber,
    /// As many calls as the switch takes (503).
    Full,
    /// The switch is about to stop (503).
    Draining,
    /// The dialler's class of service does not allow it (403).
    Barred,
    /// The other party is busy (486).
    Busy,
    /// The other party declined (603).
    Declined,
    /// The other party did not answer, or is not there (480).
    Away,
    /// No conversation of the asking phone's own (481).
    NoConversation,
    /// The other party of the call has gone (487).
    CallerLeft,
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
    /// The call was passed on.
    Transferred,
    /// A supervisor took the call over.
    TakenOver,
    /// Nobody listens any longer, or the party was taken out.
    Removed,
    /// By command.
    Command,
}
