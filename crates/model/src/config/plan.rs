//! The checked configuration: immutable tables in which every reference holds.

mod agents;
mod audio;
mod callback;
mod dial;
mod flow;
mod mailbox;
mod network;
mod outbound;
mod people;
mod queue;
mod screening;
mod trunk;
mod value;
mod wait;

pub use agents::{Disposition, Limit, Limits, NotReadyCode, Rona, SetBy, WrapUp};
pub use audio::{Audio, AudioCodec, Latch, Srtp, SrtpSuite};
pub use callback::{CallbackMode, CallbackNumbers, CallbackRules, NotCallable, SurveyRules};
pub use dial::{Barred, Class, Dialler, Dialling, Member, Route, TrunkGroup};
pub use flow::{
    Ask, CallbackNode, CallbackOffer, Collect, Confirm, Flow, FlowLookUp, LeaveMessage, Menu, Node, Prompt,
    Rate, SUBFLOW_DEPTH_MAX, Safety,
};
pub use mailbox::{Mailbox, MailboxOwner, Voicemail, VoicemailWords};
pub use network::{BadTransport, Listener, Network, Tls, TlsOwn, Transport, Ws};
pub use outbound::{Blending, Campaign, Outbound, Policy, ResultCode, Retry, Then, WEEK_US};
pub use people::{Conference, Hold, LastAgentLeaves, Park, People, Supervises, Supervision};
pub use queue::{Queue, QueueStep, Seat, Sticky, Strategy};
pub use screening::{Anonymous, CallerRate, Cap, Screening};
pub use trunk::{
    CallerFrom, DtmfMode, Identity, LineTones, NumberBlock, NumberForm, NumberRule, Probing, Profile,
    Registration, Reliable, Trunk, TrunkSource, UriForm,
};
pub use value::{
    CallFact, Comparison, Operand, QueueFigure, Source, Target, Test, Value, ValueKind, Variable,
};
pub use wait::{
    AgentNumber, Closing, Comfort, ComfortOrder, Exits, Overflow, POSITION_MAX, PositionPrompts, Presence,
    Vacancy, WAITS, WaitPrompts, Whisper,
};

use super::error::ConfigError;
use super::guard::{DigestPolicy, Guard};
pub use super::recording::{Archive, Recording};
use super::secret::Secret;
pub use super::trace::Trace;
use crate::hours::WeeklyHours;
use crate::id::{AgentId, FlowId, LineId, MailboxId, NetworkId, QueueId, SkillId, TrunkId};
use crate::number::Number;
use crate::spoken::Language;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Everything the switch was told, checked as a whole.
#[derive(Debug, Clone)]
pub struct Plan {
    /// First part of every event's key.
    pub switch_id: Arc<str>,
    /// Zone of every day and hour.
    pub timezone: TimeZone,
    /// Country code without plus.
    pub country_code: String,
    /// Area code for local numbers.
    pub area_code: Option<String>,
    /// Phones that dial this number hear themselves.
    pub echo_number: String,
    /// Minute of the day at which agents' counts of calls and talk begin anew, 0 to 1439.
    pub counts_begin_min: u16,
    /// SIP.
    pub sip: Sip,
    /// Sockets that answer SIP, in the order of the file; never empty.
    pub listeners: Vec<Listener>,
    /// The networks that some listener is in.
    pub networks: BTreeMap<NetworkId, Network>,
    /// The certificate; present when a listener needs one.
    pub tls: Option<Tls>,
    /// Who may open a WebSocket.
    pub ws: Ws,
    /// RTP.
    pub media: Media,
    /// Recording.
    pub recording: Recording,
    /// The event journal.
    pub journal: Journal,
    /// What is kept of the SIP traffic.
    pub trace: Trace,
    /// gRPC listen address.
    pub rpc_listen: SocketAddr,
    /// Where figures are served in the form of Prometheus, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Who is asked about callers, if anybody.
    pub directory: Option<Directory>,
    /// Prompts.
    pub prompts: Prompts,
    /// Strangers and overload.
    pub guard: Guard,
    /// Cost of a missed offer.
    pub rona: Rona,
    /// Trunks.
    pub trunks: BTreeMap<TrunkId, Trunk>,
    /// Who may dial what, and through which trunks.
    pub dialling: Dialling,
    /// Opening hours by id.
    pub hours: BTreeMap<Arc<str>, WeeklyHours>,
    /// Queues.
    pub queues: BTreeMap<QueueId, Queue>,
    /// Queues in the order of the file.
    pub queue_order: Vec<QueueId>,
    /// Lines.
    pub lines: BTreeMap<LineId, Line>,
    /// Lines by dialled number in normal form; see [`Plan::line_of`].
    pub lines_by_number: BTreeMap<Number, LineId>,
    /// Agents.
    pub agents: BTreeMap<AgentId, Agent>,
    /// Reason codes that may be chosen or set.
    pub not_ready_codes: BTreeMap<Arc<str>, NotReadyCode>,
    /// What may come of a conversation; any code when empty.
    pub dispositions: BTreeMap<Arc<str>, Disposition>,
    /// What an agent can have too much of.
    pub limits: Limits,
    /// What all mailboxes have in common.
    pub voicemail: Voicemail,
    /// Mailboxes.
    pub mailboxes: BTreeMap<MailboxId, Mailbox>,
    /// Calls between people.
    pub people: People,
    /// Flows.
    pub flows: BTreeMap<FlowId, Arc<Flow>>,
    /// Who is let in.
    pub screening: Screening,
    /// The flow that callers of all lines hear in emergency mode; nothing: there is no such mode.
    pub emergency: Option<FlowId>,
    /// What the house calls for by itself, and when.
    pub outbound: Outbound,
    /// What is doubtful in the flow files and holds all the same.
    pub flow_warnings: Vec<ConfigError>,
}

impl Plan {
    /// The queue that agents pass callers on to under this number.
    #[must_use]
    pub fn queue_of(&self, dialled: &str) -> Option<QueueId> {
        let is_its =
            |queue: &&Queue| queue.extension.as_ref().is_some_and(|number| number.as_str() == dialled);
        self.queues.values().find(is_its).map(|queue| queue.id.clone())
    }

    /// Normal form of a number, with the hospital's country and area.
    #[must_use]
    pub fn number(&self, raw: &str) -> Number {
        Number::normalize(raw, &self.country_code, self.area_code.as_deref())
    }

    /// The day that agents' counts belong to at a moment, as days in a row: it begins at `counts_begin_min`.
    #[must_use]
    pub fn counting_day(&self, wall_us: i64) -> i64 {
        let minutes = i64::from(self.counts_begin_min);
        let moved = wall_us.saturating_sub(minutes * 60_000_000);
        let Ok(moment) = jiff::Timestamp::from_microsecond(moved) else { return 0 };
        // Over a change of daylight saving the day begins an hour off, once: nobody is worse off.
        let since = self.timezone.to_datetime(moment).date().since(jiff::civil::Date::constant(1970, 1, 1));
        since.map_or(0, |span| i64::from(span.get_days()))
    }

    /// Whether calls to this dialled number are never refused for overload, however it is written.
    #[must_use]
    pub fn is_never_shed(&self, dialled: &str) -> bool {
        let number = self.number(dialled);
        self.guard.never_shed.iter().any(|one| *one == dialled || self.number(one) == number)
    }

    /// The line of a dialled number, however the trunk writes it.
    #[must_use]
    pub fn line_of(&self, dialled: &str) -> Option<&Line> {
        // A person may paste invisible characters; a network that sends them means something else.
        if dialled.chars().any(char::is_control) {
            return None;
        }
        self.lines.get(self.lines_by_number.get(&self.number(dialled))?)
    }
}

/// What the switch admits.
#[derive(Debug, Clone)]
pub struct Sip {
    /// Digest realm.
    pub realm: String,
    /// OPTIONS answered to strangers, per second.
    pub options_per_second: u32,
    /// Calls at the same time.
    pub calls_max: usize,
    /// Phones of one agent that may be registered; the one that would lapse first makes room for the next.
    pub phones_per_agent_max: usize,
    /// Calls of one agent at the same time, when she dials one more.
    pub calls_per_agent_max: usize,
}

/// RTP; its addresses are those of [`Network`].
#[derive(Debug, Clone)]
pub struct Media {
    /// First port.
    pub port_min: u16,
    /// Last port.
    pub port_max: u16,
    /// Media threads; 0 means one per processor core.
    pub threads: u16,
    /// Coalescing tick when busy.
    pub tick: Duration,
    /// A leg without packets for this long is over.
    pub media_timeout: Duration,
    /// Whose media are listened to.
    pub latch: Latch,
    /// Media threads ask for real-time priority.
    pub realtime: bool,
    /// Processors of the media threads, counted from 0; empty: any.
    pub processors: Vec<u16>,
}

/// The event journal.
#[derive(Debug, Clone)]
pub struct Journal {
    /// Its file.
    pub file: String,
    /// Its largest size, in MiB.
    pub limit_mb: u64,
    /// Days for which acknowledged events are kept, for a subscriber that is restored from a backup.
    pub keep_days: u64,
}

/// Who is asked about callers.
#[derive(Debug, Clone, Copy)]
pub struct Directory {
    /// Where, over plain HTTP/2.
    pub address: SocketAddr,
    /// An answer that takes longer is not used.
    pub budget: Duration,
}

/// Prompts. A call hears them in one language, which is named by its folder.
#[derive(Debug, Clone)]
pub struct Prompts {
    /// Directory with one folder per language.
    pub directory: String,
    /// The folder of calls that have no language of their own.
    pub language: Arc<str>,
    /// Further folders: languages that a call may have.
    pub others: Vec<Arc<str>>,
}

impl Prompts {
    /// Whether a call may have this language.
    #[must_use]
    pub fn has(&self, language: &str) -> bool {
        *self.language == *language || self.others.iter().any(|other| **other == *language)
    }

    /// What values are said in for a call of this language; nothing for a call without one of its own.
    #[must_use]
    pub fn spoken(&self, language: Option<&str>) -> Language {
        let tag = language.unwrap_or(&self.language);
        // The check has let no other tag through.
        Language::of_tag(tag).unwrap_or(Language::Mandarin)
    }

    /// What a prompt is called in the library for a call of this language: its id alone in the first language,
    /// `<language>/<id>` in the others. The library plays the first language's where another one has none (CF B9).
    #[must_use]
    pub fn named(&self, language: Option<&str>, id: &Arc<str>) -> Arc<str> {
        match language {
            Some(language) if *language != *self.language => format!("{language}/{id}").into(),
            Some(_) | None => Arc::clone(id),
        }
    }
}

/// One dialled number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its id.
    pub id: LineId,
    /// The number in normal form.
    pub number: Number,
    /// Advertising medium the number stands on.
    pub medium: String,
    /// The flow its callers hear.
    pub flow: FlowId,
    /// The language they hear it in; nothing for that of [`Prompts`].
    pub language: Option<Arc<str>>,
    /// What it does with callers who withhold their number.
    pub anonymous: Anonymous,
    /// Its most calls, waiting or not: those that were sent to a message are not counted.
    pub total_max: Option<Cap>,
    /// Its most callers waiting, those included for whom a phone rings.
    pub waiting_max: Option<Cap>,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// User part of the phone's address and digest user name.
    pub id: AgentId,
    /// The name on screens.
    pub name: String,
    /// The phone's password; absent when the phone does not register.
    pub password: Option<Secret>,
    /// What she types to hear her messages; absent: she cannot by phone.
    pub pin: Option<Secret>,
    /// The digests that the phone's answers may be made with.
    pub digest: DigestPolicy,
    /// Her place in the file, from 0.
    pub position: u32,
    /// The queues this agent serves, and how.
    pub seats: BTreeMap<QueueId, Seat>,
    /// What she can do: skill to level, 1 to 10.
    pub skills: BTreeMap<SkillId, u8>,
    /// SIP address of a phone that does not register; such a phone counts as registered from the start.
    pub contact: Option<String>,
    /// Signs in and becomes ready when the phone registers.
    pub ready_on_register: bool,
    /// Work after a conversation, when it is not the queue's.
    pub wrap_up: Option<WrapUp>,
    /// Her phone answers by itself, or not; nothing leaves it to the queue.
    pub auto_answer: Option<bool>,
    /// Who answers has to press key 1 before she is joined: a mobile's own answering machine takes no caller then (CF D4).
    /// The prompt that asks for it.
    pub accept: Option<Arc<str>>,
    /// What is agreed to about the phone's audio. Of the codecs, those that it may choose among.
    pub audio: Audio,
    /// The team that she is in.
    pub team: Option<Arc<str>>,
    /// Whom she may listen to; nothing for nobody.
    pub supervises: Option<Supervises>,
}
