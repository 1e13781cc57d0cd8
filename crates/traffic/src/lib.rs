//! Simulated patients and agents over real SIP and RTP: for load, for training, and as a second pair of ears.
//!
//! A [`plan::Plan`] is drawn from a seed: who rings when, who gives up where, who talks how long. The crowd carries it
//! out against a running switch with our own SIP endpoint and one paced thread for all RTP. Every patient and every
//! agent says a tone pair of its own between pieces of speech, so that "who heard whom" is arithmetic
//! ([`ear::Ear`]), on the wire and later in the recordings ([`recordings`]).
//!
//! What it is not: it shares no state with the switch and asks it nothing but by SIP and RTP; the desk ([`desk`]) is
//! asked as a switch asks it, and its database is read. It is no conformance
//! tester: messages are well formed (wrong ones are `tests/interop`).
//!
//! ```text
//! plan (seed) --> crowd --SIP--> switch <--SIP-- crowd (agents)
//!                   |  \                          /
//!                   |   paced RTP thread: voices out, ears in
//!                   v
//!                 report (JSON) --> verify-recordings
//! ```
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "an edge: rings real sockets by the real clock"
)]

pub mod agenda;
pub mod bridges;
pub mod calls;
pub mod desk;
pub mod draw;
pub mod ear;
pub mod figures;
pub mod handoff;
pub mod pair;
pub mod phones;
pub mod plan;
pub mod recordings;
pub mod report;
pub mod stream;
pub mod voice;
