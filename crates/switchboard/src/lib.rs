//! The whole switch without a socket: SIP, SDP and the call centre joined into one value.
//!
//! Datagrams, media signals and commands go in with the moment they arrived; [`Output`]s come out: bytes to send,
//! orders to the media engine, events for the journal. What it is not: it opens nothing, reads no clock, draws its
//! randomness from the generator it was given, and decides nothing about who talks to whom (that is `callcentre`)
//! nor about how SIP is spoken (that is `sip`). It translates between the two and admits requests:
//!
//! ```text
//!            +-- trunk (by address) --> line, flow, queue ------------------+
//! request ---+                                                              +--> Output
//!            +-- anybody else: digest --> register, echo test, 404, 401 ----+
//! ```
//!
//! The rule of use: call one `handle_*`, then drain [`Switchboard::poll_output`] until it gives `None`, then sleep
//! until [`Switchboard::next_deadline`]. The same inputs in the same order give the same outputs, byte for byte.

mod admission;
mod bucket;
mod faults;
mod fork;
pub mod guard;
mod inbound;
mod kept;
mod keys;
mod leg;
mod mishap;
mod network;
mod obey;
mod orders;
mod output;
mod people;
mod phone_call;
mod quality;
mod registration;
mod replan;
mod signals;
mod switchboard;
mod terms;
mod trunk;

pub use bucket::Buckets;
pub use careline_callcentre::{
    AgentOrder, FlowAnswer, ForcedOrder, Hints, KeptCentre, KeptMessage, LookUpAnswer, NewRank, PeopleAnswer,
    PeopleOrder,
};
pub use faults::Fault;
pub use mishap::Chore;
pub use network::BoundListener;
pub use output::{
    FlowQuestion, KeyGenerations, LegFigures, LineTone, MediaOrder, MediaSignal, MessageOrder, Output,
    Question, RecordingOrder, TrackOrder,
};
pub use registration::{KeptBinding, KeptRegistration};
pub use switchboard::{Counters, Settings, Switchboard};
pub use trunk::{OutsideCall, TrunkHealth, TrunkNews, TrunkStatus};
