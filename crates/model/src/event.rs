//! What the switch tells the world: one variant per fact, in the words of a call centre.
//!
//! They are written to the journal, which gives them their number, before anybody is offered them.

mod about;
mod agent;
mod callback;
mod config;
mod outcome;
mod people;
mod survey;
mod voicemail;
mod words;

pub use agent::{AgentDevice, AgentIntent, AgentLimit, AgentWork, ForcedWhen, LimitAction, WrapUpMode};
pub use callback::*;
pub use config::{CallOrderKind, ChangeKind, ConfigChange};
pub use outcome::{EndCause, LookUpOutcome, OfferOutcome, Party, QueueOutcome, TransferOutcome};
pub use people::{HoldStep, ParkStep, PartyLeft, PeopleFact, WatchEnd, WatchMode, WatchNotice};
pub use survey::*;
pub use voicemail::{GreetingReason, MessageDrop, MessageState};
pub use words::{CallDirection, Event, ResumedBy, ScreenItem};

use crate::hours::Opening;
use crate::id::*;
use crate::number::Number;
use crate::outbound::CampaignFact;
use crate::quality::LegQuality;
use crate::screening::*;
use crate::{CallerName, callback::Callback};
use serde::{Deserialize, Serialize};

/// The facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are typed ids and amounts that carry their unit in the name")]
pub enum EventBody {
    /// The switch began to serve; everything before belongs to an earlier run.
    SwitchStarted {
        /// Version of the program.
        version: String,
    },
    /// The switch stopped taking new calls (first signal).
    SwitchDraining {
        /// Calls still in hand.
        calls: u32,
    },
    /// A call arrived on a line.
    CallOffered {
        call: CallId,
        /// Number as normalised; empty when withheld.
        caller: Number,
        /// Display name as the network sent it; empty when none. Journals of earlier versions have none.
        #[serde(default)]
        caller_name: CallerName,
        /// The dialled number.
        dialled: Number,
        /// Its line.
        line: LineId,
        /// Advertising medium code of the dialled number.
        medium: String,
        /// The trunk that brought it.
        trunk: Option<TrunkId>,
    },
    /// An agent's phone dialled: somebody outside, or an extension. It is connected and ends like any other call.
    CallDialled {
        call: CallId,
        /// Whose phone.
        agent: AgentId,
        /// Outbound or internal.
        direction: CallDirection,
        /// The extension, or the number in normal form.
        to: Number,
        /// The trunks that it goes out through; nothing for an extension.
        trunk_group: Option<TrunkGroupId>,
    },
    /// The directory was asked who may be calling. At most once for each call; never for a withheld number.
    CallerLookedUp {
        call: CallId,
        /// What came of it.
        outcome: LookUpOutcome,
        /// How many persons may be the caller; 0 unless found.
        persons: u32,
        /// From the question to the answer, or to giving up, milliseconds.
        took_ms: u64,
    },
    /// The call was not simply let in, or was let in although something spoke against it. Several may come for one call.
    CallScreened {
        call: CallId,
        /// What spoke against it.
        cause: ScreenCause,
        /// What came of it.
        outcome: ScreenOutcome,
        /// Why the entry of the list is there; empty for other causes.
        reason: String,
        /// The queue before which it was; nothing at the door.
        queue: Option<QueueId>,
    },
    /// An entry of a caller list was set or taken out by command.
    CallerListChanged {
        /// What happened.
        change: ListChange,
        /// The entry. Boxed, as it is larger than most facts.
        entry: Box<ListEntry>,
        /// Who decided.
        by: String,
    },
    /// Somebody decided for a while what the calendar decides else. It takes the place of one that was in force.
    HoursOverridden {
        /// The profile of opening hours.
        hours: String,
        /// Which way callers take meanwhile.
        opening: Opening,
        /// When the calendar decides again, UTC microseconds.
        until_us: i64,
        /// Who decided.
        by: String,
        /// Why.
        reason: String,
    },
    /// The calendar decides again.
    HoursReverted {
        /// The profile of opening hours.
        hours: String,
        /// Who ended the override; nothing when its time was over.
        by: Option<String>,
    },
    /// Emergency mode: callers of all lines hear the emergency flow. It takes the place of one that was on.
    EmergencyBegan {
        /// The flow.
        flow: FlowId,
        /// When it ends by itself, UTC microseconds; nothing: by command alone.
        until_us: Option<i64>,
        /// Who decided.
        by: String,
        /// Why.
        reason: String,
    },
    /// Callers hear the flows of their lines again.
    EmergencyEnded {
        /// Who ended it; nothing when its time was over.
        by: Option<String>,
    },
    /// Another configuration holds from now on; calls that are here keep the flow that they began with. The version is
    /// one more than the one before; of the changes the first 200 are listed, and the rest counted.
    ConfigurationApplied {
        version: u64,
        by: String,
        comment: String,
        changes: Vec<ConfigChange>,
        more: u32,
    },
    /// Somebody gave an order for one call; what it did is told next.
    CallOrdered {
        call: CallId,
        by: String,
        order: CallOrderKind,
    },
    /// A queue lets nobody in until it is opened again; those who wait leave at once, or are served.
    QueueClosed {
        queue: QueueId,
        leave: bool,
        by: String,
        reason: String,
    },
    /// The hours of a queue decide again.
    QueueOpened {
        queue: QueueId,
        by: String,
    },
    /// A call asks an agent for one more skill, of this level (1 to 10) at least.
    SkillAsked {
        call: CallId,
        skill: SkillId,
        level: u8,
    },
    /// The call was answered by us and runs a flow.
    FlowEntered {
        call: CallId,
        /// The flow.
        flow: FlowId,
        /// Version of the flow.
        version: u32,
    },
    /// The flow entered a node. Diagnostic.
    FlowNode {
        call: CallId,
        /// Name of the node; `flow/node` in a flow that another one called.
        node: String,
    },
    /// The flow left a node: exactly one for each that was entered. Diagnostic.
    FlowLeft {
        call: CallId,
        /// As it was told when it was entered.
        node: String,
        /// The way that was taken, in the words of its kind: `next`, `no_input`, the key of a menu (`*` when it is a
        /// secret), `hung_up`, ...
        branch: String,
        /// Time in it, milliseconds.
        ms: u64,
    },
    /// A flow learned something about the call: one of its variables, or a fact that every call has (`call.language`,
    /// `call.elderly`).
    CallAttribute {
        call: CallId,
        /// Name.
        name: String,
        /// Value as text, `*` when it is a secret.
        value: String,
    },
    /// A flow pinned something to the screen of the agent who will have the call.
    ScreenData {
        call: CallId,
        /// In this order.
        items: Vec<ScreenItem>,
    },
    /// The caller pressed a key. Diagnostic. The digit is `*` when the flow marks it secret.
    Digit {
        call: CallId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
        /// How long the key was held, milliseconds.
        duration_ms: u32,
    },
    /// The call began to wait for an agent.
    QueueEntered {
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// Place in line, 1 for the next to be served.
        position: u32,
    },
    /// Who waits is kept for one agent for a while: they spoke before, or she is meant alone.
    QueueReserved {
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The agent.
        agent: AgentId,
        /// For how long at most, milliseconds.
        for_ms: u64,
    },
    /// Other agents may take a waiting call too, from now on: a step of its queue.
    QueueWidened {
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// Which step, 1 for the first.
        step: u32,
        /// Before its time, because nobody who could take the call is at work.
        early: bool,
    },
    /// A call's rank among those who wait was changed.
    RankChanged {
        /// The call.
        call: CallId,
        /// It goes before all others.
        red_flag: bool,
        /// It goes before those of a higher class, 1 to 9; nothing leaves it to the queue.
        class: Option<u8>,
        /// Points beside those of the queue; each counts as a minute of waiting.
        points: i32,
    },
    /// Who hung up while waiting rang again soon, and has her old place.
    QueueResumed {
        /// The call.
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// The call that left the place.
        earlier: CallId,
        /// Since its first entry into a queue, milliseconds.
        age_ms: u64,
    },
    /// A waiting call is taken out of its queue by command; it enters another.
    QueueWithdrawn {
        /// The call.
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The queue that it leaves.
        queue: QueueId,
        /// The queue that it enters.
        to: QueueId,
        /// Why, at most 200 characters.
        reason: String,
    },
    /// An agent picked a waiting call; the offer to her follows.
    QueuePicked {
        /// The call.
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// Who picked it.
        agent: AgentId,
    },
    /// Who waits was told how things stand.
    QueueAnnounced {
        /// The call.
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The place in the queue that was said, 1 for the next; nothing when none was.
        position: Option<u32>,
        /// The further wait that was predicted and said in round words, milliseconds; nothing when none was.
        wait_ms: Option<u64>,
    },
    /// A queue entry ended whose wait had been predicted; it is told right before the end.
    WaitPredicted {
        /// The call.
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// The whole wait by the first prediction, milliseconds.
        predicted_ms: u64,
        /// The wait as it was, milliseconds.
        wait_ms: u64,
    },
    /// The call was offered to an agent, whose phone is being rung.
    OfferMade {
        /// The call.
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The offer.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
    },
    /// The offer ended.
    OfferEnded {
        /// The call.
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The offer.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
        /// How it ended.
        outcome: OfferOutcome,
        /// From the offer to its end, milliseconds.
        ring_ms: u64,
    },
    /// The queue entry ended with exactly one outcome.
    QueueLeft {
        /// The call.
        call: CallId,
        /// The queue entry.
        entry: EntryId,
        /// The queue.
        queue: QueueId,
        /// How it ended.
        outcome: QueueOutcome,
        /// From entry to the end, milliseconds.
        wait_ms: u64,
    },
    /// Caller and agent hear each other.
    CallConnected {
        /// The call.
        call: CallId,
        /// The agent.
        agent: AgentId,
        /// The queue the caller came from.
        queue: Option<QueueId>,
    },
    /// An agent passes the other party on; her own conversation with it is over.
    TransferStarted {
        /// The call.
        call: CallId,
        /// Who passes it on.
        agent: AgentId,
        /// The extension, or the number in normal form.
        to: Number,
        /// She has spoken to the third party before.
        attended: bool,
    },
    /// The transfer ended. A `CallConnected` follows when an agent talks to the party now: the third one, or the first
    /// one again.
    TransferEnded {
        /// The call.
        call: CallId,
        /// How.
        outcome: TransferOutcome,
        /// From its beginning, milliseconds.
        ring_ms: u64,
    },
    /// Somebody is to be called back. What follows is told by the facts of these names, which say themselves what they are.
    CallbackRequested(Box<Callback>),
    CallbackMerged(CallbackMerged),
    CallbackQueued(CallbackQueued),
    CallbackReleased(CallbackReleased),
    CallbackDialled(CallbackDialled),
    CallbackPostponed(CallbackPostponed),
    CallbackEnded(CallbackEnded),
    SurveyInvited(SurveyInvited),
    SurveyAnswered(SurveyAnswered),
    SurveyEnded(SurveyEnded),
    /// The call is over.
    CallEnded {
        /// The call.
        call: CallId,
        /// Why.
        cause: EndCause,
        /// Who ended it.
        ended_by: Party,
        /// Length in milliseconds.
        duration_ms: u64,
        /// Conversation in it, milliseconds.
        talk_ms: u64,
    },
    /// One or more axes of an agent's state changed.
    AgentState {
        /// The agent.
        agent: AgentId,
        /// What the agent wants.
        intent: AgentIntent,
        /// What the agent does.
        work: AgentWork,
        /// What the phone is.
        device: AgentDevice,
    },
    /// What an agent wants when her work is done: chosen, changed, taken back, or it holds now.
    AgentNext {
        /// The agent.
        agent: AgentId,
        /// What; nothing when no wish waits any longer.
        next: Option<AgentIntent>,
    },
    /// A supervisor set what an agent wants. It holds, or will, as a state of her own wish.
    AgentForced {
        /// The agent.
        agent: AgentId,
        /// What.
        intent: AgentIntent,
        /// Whether work in hand is waited for.
        when: ForcedWhen,
        /// Who ordered it.
        by: String,
        /// Why, as it was ordered.
        reason: String,
    },
    /// An agent comes near a limit, or reached it.
    AgentLimit {
        /// The agent.
        agent: AgentId,
        /// Of what.
        limit: AgentLimit,
        /// The reason code whose longest time it is.
        code: Option<String>,
        /// The limit itself; otherwise the warning before it.
        reached: bool,
        /// What follows.
        then: LimitAction,
    },
    /// Work after a conversation began. It ends with exactly one `WrapUpEnded`.
    WrapUpStarted {
        /// The agent.
        agent: AgentId,
        /// The call.
        call: CallId,
        /// The queue it came from.
        queue: QueueId,
        /// What the agent may do about it.
        mode: WrapUpMode,
        /// When it ends at the latest, UTC microseconds.
        ends_at_us: i64,
    },
    /// It ends at another time.
    WrapUpMoved {
        /// The agent.
        agent: AgentId,
        /// The call.
        call: CallId,
        /// When it ends at the latest, UTC microseconds.
        ends_at_us: i64,
    },
    /// Work after a conversation is over.
    WrapUpEnded {
        /// The agent.
        agent: AgentId,
        /// The call.
        call: CallId,
        /// Its length in milliseconds.
        wrap_up_ms: u64,
    },
    /// What came of a conversation, as the agent says it; `timeout` when the time for it passed.
    Disposition {
        /// The call.
        call: CallId,
        /// The agent.
        agent: AgentId,
        /// The queue it came from.
        queue: QueueId,
        /// The code.
        code: String,
    },
    /// A recording began.
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
        /// Length in milliseconds.
        duration_ms: u64,
        /// Size of the file in bytes.
        bytes: u64,
        /// SHA-256 of the file, lower-case hex.
        sha256: String,
        /// False when a part is missing (disk full, or repaired after a crash).
        complete: bool,
    },
    /// Both sides of a recording are silent from now on, by command.
    RecordingPaused {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
        /// Why, as it was commanded.
        reason: String,
    },
    /// A paused recording goes on.
    RecordingResumed {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
        /// What ended the pause.
        by: ResumedBy,
    },
    /// A part of a recording could not be written; the call goes on.
    RecordingIncomplete {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
        /// Why, for operators.
        reason: String,
    },
    /// A caller speaks a message after the tone. It ends with exactly one `VoicemailLeft` or `VoicemailDropped`.
    VoicemailStarted {
        call: CallId,
        mailbox: MailboxId,
        /// What is recorded: the caller alone.
        recording: RecordingId,
        /// Which greeting was heard.
        reason: GreetingReason,
    },
    /// A message is in its box: work for somebody. Its id is its recording's.
    VoicemailLeft {
        call: CallId,
        mailbox: MailboxId,
        recording: RecordingId,
        /// The queue whose agents have it; nothing when it is one person's.
        queue: Option<QueueId>,
        /// Whose it is; nothing when it is a queue's.
        agent: Option<AgentId>,
        /// What was recorded, milliseconds.
        duration_ms: u64,
        /// The caller says that it cannot wait.
        urgent: bool,
        /// When it is to be handled at the latest, UTC microseconds.
        due_at_us: i64,
    },
    /// What was recorded is no message; the recording is kept as any other.
    VoicemailDropped {
        call: CallId,
        mailbox: MailboxId,
        recording: RecordingId,
        /// Why.
        why: MessageDrop,
    },
    /// What became of a message changed.
    VoicemailMoved {
        /// The call that left it, which is over.
        call: CallId,
        mailbox: MailboxId,
        recording: RecordingId,
        /// What it is now.
        state: MessageState,
        /// Who has it, or decided; nothing: the box was full.
        by: Option<String>,
    },
    /// An agent's PIN was wrong too often: it is of no use for a while.
    PinLocked {
        agent: AgentId,
        /// Until when, UTC microseconds.
        until_us: i64,
    },
    /// Callers wait in a queue whom no phone rings for, or none does any longer: for a light on the wall (CF C35).
    QueueLight {
        queue: QueueId,
        /// Somebody waits.
        on: bool,
    },
    /// An agent takes no calls of one of her queues for a while, or takes them again (CF D6).
    QueuePaused {
        agent: AgentId,
        queue: QueueId,
        /// She takes none.
        paused: bool,
    },
    /// A leg is over, and so good was its sound. Diagnostic. Once for each leg that had sound; it may come after the end
    /// of its call.
    LegQuality {
        /// The call.
        call: CallId,
        /// Of the whole leg. Boxed, as it is larger than most facts.
        #[serde(flatten)]
        quality: Box<LegQuality>,
    },
    /// Something about a campaign, one of its tasks, or whom no campaign may call.
    Campaign(CampaignFact),
    /// Who listens to whom, who is in a call beside its two, who is held, who is parked. Written with a kind of its own.
    #[serde(untagged)]
    People(PeopleFact),
}
