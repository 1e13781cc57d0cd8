//! The call centre: calls, IVR, queues, agents and the matcher as one plain value.
//!
//! [`Centre`] gets inputs and the time and gives back actions. It reads no clock, draws randomness only from the
//! generator passed to it, and the same inputs give the same actions. What it is not: it knows no SIP, no sound and
//! no database; the switchboard turns its actions into messages.
//!
//! Use: change it once (`handle`, `handle_deadline`, a command), then drain `poll_action`, then sleep until
//! `next_deadline`.
//!
//! ```text
//! call    Answering -> Flow -> Queued <-> Offered -> Connecting -> Talking -> over
//!                       ^        |  ^        (missed: old place)      |
//!                       +--------+  +-------------(agent's leg lost)--+
//!                      (longest wait)                               |  transfer
//!                                                                    v
//! dialled Dialling -> Talking -> over              Talking <-> Transferring -> Queued (nobody takes the caller back)
//!
//! reached Reaching (her phone, then the number, then the next number) -> Talking -> over
//!
//! agent   Idle -> Reserved -> Ringing -> Connecting -> Talking -> WrapUp -> Idle      what she does
//!         LoggedOut, NotReady(code), Ready                                           what she wants
//!         None, Registered, InUse, Lost                                              what her phone is
//!
//! beside  Watch: rung -> up: hears the agent's calls -> over, or it takes one over     a supervisor
//!         Guest: rung -> joined -> left, or the call's next agent                      conversations of three and more
//! ```
//!
//! Invariants: an agent holds at most one lease; a call talks to one agent, and only a strategy that rings several leases
//! several; a call that lost its offer keeps its place; every queue entry, offer and call that was told of ends in exactly
//! one told outcome; every state has a deadline or a live leg.

mod action;
mod agent;
mod arrival;
mod call;
mod callback;
mod campaign;
mod centre;
mod command;
mod deadlines;
mod device;
mod dial;
mod hours;
mod input;
mod ivr;
mod kept;
mod look_up;
mod matcher;
mod offer;
mod order;
mod pause;
mod people;
mod queue;
mod queue_figures;
mod rank;
mod reach;
mod replan;
mod screening;
mod sticky;
mod survey;
mod talk;
mod tally;
mod transfer;
mod view;
mod voicemail;

pub use action::{Action, HangUp, RecordingDetails, Refusal, StopRinging, Track, TransferNews};
pub use agent::{AgentOrder, ForcedOrder};
pub use agent::{KeptTimes, Missed};
pub use callback::CallbackOrder;
pub use campaign::{CampaignOrder, CampaignReply};
pub use centre::Centre;
pub use command::CommandError;
pub use deadlines::Due;
pub use input::{FlowAnswer, Hints, Input, LegEnd, LookUpAnswer, RefusedBy, TransferTo};
pub use kept::{KeptAgent, KeptCentre};
pub use order::Order;
pub use people::{PeopleAnswer, PeopleOrder};
pub use queue::{KeptPace, KeptPlace};
pub use rank::NewRank;
pub use sticky::KeptTalk;
pub use tally::KeptTally;
pub use voicemail::KeptMessage;
