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
//! ```
//!
//! Invariants: an agent holds at most one lease; a call talks to one agent, and only a strategy that rings several leases
//! several; a call that lost its offer keeps its place; every queue entry, offer and call that was told of ends in exactly
//! one told outcome; every state has a deadline or a live leg.

mod action;
mod agent;
mod arrival;
mod call;
mod campaign;
mod centre;
mod command;
mod deadlines;
mod device;
mod dial;
mod hours;
mod input;
mod ivr;
mod look_up;
mod matcher;
mod offer;
mod order;
mod pause;
mod queue;
mod queue_figures;
mod rank;
mod reach;
mod screening;
mod sticky;
mod talk;
mod tally;
mod transfer;
mod view;
mod voicemail;

pub use action::{Action, HangUp, RecordingDetails, Refusal, StopRinging, TransferNews};
pub use agent::{AgentOrder, ForcedOrder};
pub use campaign::{CampaignOrder, CampaignReply};
pub use centre::Centre;
pub use command::CommandError;
pub use deadlines::Due;
pub use input::{FlowAnswer, Input, LegEnd, LookUpAnswer, RefusedBy, TransferTo};
pub use order::Order;
pub use rank::NewRank;
pub use voicemail::KeptMessage;
