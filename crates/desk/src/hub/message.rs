//! What goes over a page's WebSocket.

use crate::live::{AgentLive, CallLive, NotReadyReason, QueueLive, SwitchLive};
use crate::pop::Offer;
use crate::rights::{self, Action, Roles};
use crate::storage::{Account, StorageHealth};
use careline_model::event::{OfferOutcome, TransferOutcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    /// Account id.
    pub account: String,
    /// What was typed to sign in.
    pub login: String,
    /// The name on screens.
    pub name: String,
    /// What the account is there for.
    pub roles: Roles,
    /// What it may do.
    pub may: Vec<Action>,
    /// The agent at the switch, for roles that take calls.
    pub agent: Option<String>,
}

impl From<&Account> for Me {
    fn from(account: &Account) -> Self {
        Self {
            account: account.id.clone(),
            login: account.login.clone(),
            name: account.name.clone(),
            roles: account.roles.clone(),
            may: rights::may(&account.roles),
            agent: account.agent.clone().filter(|_| account.roles.take_calls()),
        }
    }
}

/// One message to a page.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ServerMessage {
    /// From 1, growing by one within a connection.
    pub seq: u64,
    /// The message.
    #[serde(flatten)]
    pub body: ServerBody,
}

/// The messages to pages.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ServerBody {
    /// Everything this page may see. The first message, and again when a switch came back.
    Snapshot(Box<LiveSnapshot>),
    /// A call is there or changed.
    Call {
        /// The call.
        call: CallLive,
    },
    /// A call ended, or is no longer this page's.
    CallGone {
        /// Call id.
        call: String,
    },
    /// An agent changed.
    Agent {
        /// The agent.
        agent: AgentLive,
    },
    /// A queue changed.
    Queue {
        /// The queue.
        queue: QueueLive,
    },
    /// A switch came or went.
    Switch {
        /// The switch.
        switch: SwitchLive,
    },
    /// The database changed its mind.
    Storage {
        /// How it is now.
        storage: StorageHealth,
    },
    /// This agent's phone rings. Comes again, whole, when the first one was stale.
    Offer {
        /// The offer with the pop.
        offer: Box<Offer>,
    },
    /// The phone rings no more.
    OfferEnded {
        /// Call id.
        call: String,
        /// Number of the offer.
        offer: u64,
        /// How it ended.
        outcome: OfferEndedWord,
    },
    /// The call that this agent passed on was taken, or not. What becomes of it then follows.
    TransferEnded {
        /// Call id.
        call: String,
        /// To whom: the name on screens where the extension is an agent's, otherwise the number with its middle hidden.
        to: String,
        /// How it ended.
        outcome: TransferEndedWord,
    },
    /// A recording began or is closed.
    Recording {
        /// Call id.
        call: String,
        /// Recording id.
        recording: String,
        /// Closed.
        finished: bool,
    },
    /// Another browser opened this account's stream; the server closes this one with 4001.
    Superseded {},
    /// Answer to a ping.
    Pong {},
}

/// Everything a page may see.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LiveSnapshot {
    /// The desk's clock, UTC microseconds.
    pub server_time_us: i64,
    /// Whose page it is.
    pub me: Me,
    /// The database.
    pub storage: StorageHealth,
    /// All switches.
    pub switches: Vec<SwitchLive>,
    /// Agents: all for a supervisor, otherwise the own one.
    pub agents: Vec<AgentLive>,
    /// Queues.
    pub queues: Vec<QueueLive>,
    /// Calls: all for a supervisor, otherwise the own ones.
    pub calls: Vec<CallLive>,
    /// Reasons for taking no calls.
    pub not_ready_codes: Vec<NotReadyReason>,
    /// The offer for which this agent's phone rings.
    pub offer: Option<Offer>,
}

/// How an offer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferEndedWord {
    /// The agent answered.
    Answered,
    /// The ring time ran out.
    NoAnswer,
    /// The agent refused.
    Rejected,
    /// The phone was busy.
    Busy,
    /// The phone could not be reached.
    DeviceLost,
    /// The caller hung up.
    CallerLeft,
    /// Another agent was faster.
    LostRace,
    /// Taken back.
    Cancelled,
}

impl From<OfferOutcome> for OfferEndedWord {
    fn from(outcome: OfferOutcome) -> Self {
        match outcome {
            OfferOutcome::Answered => Self::Answered,
            OfferOutcome::NoAnswer => Self::NoAnswer,
            OfferOutcome::Rejected => Self::Rejected,
            OfferOutcome::Busy => Self::Busy,
            OfferOutcome::DeviceLost => Self::DeviceLost,
            OfferOutcome::CallerLeft => Self::CallerLeft,
            OfferOutcome::LostRace => Self::LostRace,
            OfferOutcome::Cancelled => Self::Cancelled,
        }
    }
}

/// How a transfer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TransferEndedWord {
    /// The third party has the call.
    Connected,
    /// Nobody answered in time.
    NoAnswer,
    /// The third party declined.
    Rejected,
    /// The third party is busy.
    Busy,
    /// The third party's phone could not be reached.
    Unreachable,
    /// The other party hung up meanwhile.
    CallerLeft,
    /// Taken back.
    Cancelled,
}

impl From<TransferOutcome> for TransferEndedWord {
    fn from(outcome: TransferOutcome) -> Self {
        match outcome {
            TransferOutcome::Connected => Self::Connected,
            TransferOutcome::NoAnswer => Self::NoAnswer,
            TransferOutcome::Rejected => Self::Rejected,
            TransferOutcome::Busy => Self::Busy,
            TransferOutcome::Unreachable => Self::Unreachable,
            TransferOutcome::CallerLeft => Self::CallerLeft,
            TransferOutcome::Cancelled => Self::Cancelled,
        }
    }
}

/// One message from a page. What is no such message is ignored.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PageMessage {
    /// The pop is on the screen.
    Painted {
        /// Call id.
        call: String,
        /// Number of the offer.
        offer: u64,
    },
    /// Is the server there? Also says that somebody sits at the page.
    Ping {},
}
