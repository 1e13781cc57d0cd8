//! Test tools: foreign phones, tone detection, and the built programs as a story meets them.
//!
//! A story takes a [`Place`] (its own 127.x.y.z addresses, ports and directory), starts the switch in it
//! ([`SwitchProgram`]), rings it with phones we did not write ([`Phone`] drives baresip, [`Linphone`] drives linphonec,
//! [`sipp`] drives SIPp, to which [`Handset`] lends mouth and ear), and listens to what was really heard ([`wave`], and
//! [`Wire`] for what a phone does not tell). Nothing waits without a deadline ([`wait`]).
//!
//! What it is not: it holds no stories (those are `tests/e2e`), no fake clock (the pure crates are stepped by their
//! own tests), and nothing of it runs in a program.
//!
//! ```text
//! Place::new ── free ports ──┬── SwitchProgram::start ── "ready sip=.. rpc=.." ── terminate / kill / restart
//!                            ├── Phone::start ── REGISTER_OK ── dial / accept / press ── CALL_CLOSED ── heard / said
//!                            └── sipp::run ── exit code, statistics
//! ```
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "an edge: waits for real processes by the real clock"
)]

pub mod baresip;
pub mod browser;
pub mod certificates;
pub mod child;
pub mod database;
pub mod desk;
mod encryption;
pub mod handset;
pub mod journal;
pub mod jssip;
pub mod kamailio;
pub mod linphone;
pub mod place;
pub mod ports;
pub mod postgres;
pub mod programs;
mod rtp_clock;
pub mod sipp;
pub mod sqlite;
mod transport;
pub mod wait;
pub mod wave;
pub mod wire;

pub use baresip::{Answering, Phone, PhoneEvent, PhoneOptions};
pub use browser::{Browser, Page};
pub use database::{Beside, Database};
pub use desk::DeskProgram;
pub use encryption::Encryption;
pub use handset::Handset;
pub use journal::Journal;
pub use jssip::JsSip;
pub use kamailio::{Ims, Kamailio};
pub use linphone::{Linphone, LinphoneOptions};
pub use place::Place;
pub use postgres::PostgresServer;
pub use programs::{Circumstances, SwitchProgram, program};
pub use sqlite::Sqlite;
pub use transport::Transport;
pub use wire::Wire;
