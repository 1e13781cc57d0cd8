//! Figures for whoever watches the switch: a page of text in the form that Prometheus reads.
//!
//! ```text
//! GET /metrics --> serve --> driver gathers [`Figures`] between two wake-ups --> page --> text
//! ```
//!
//! Off unless the configuration names an address. What the page never has: a number, a name or an id of a person or of a
//! call. Its labels are words of this module and ids of the configuration (queues, trunks), so that there are as many
//! lines as there are queues and trunks, however many calls there were.
//!
//! What it is not: nothing here decides anything, and no call waits for it.

mod page;
mod serve;
mod sound;
mod text;

pub use page::page;
pub use serve::serve;
pub use sound::SoundTally;

use crate::journal::Backlog;
use careline_media::Stats;
use careline_model::TrunkId;
use careline_model::snapshot::Snapshot;
use careline_switchboard::{Counters, TrunkHealth};
use std::time::Duration;

/// All that the page says, at one moment.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Calls, queues and agents.
    pub snapshot: Snapshot,
    /// Legs that are up.
    pub legs: usize,
    /// Phones that are registered.
    pub phones: usize,
    /// SIP dialogs and transactions that are alive.
    pub sip: (usize, usize),
    /// What was met at the door.
    pub door: Counters,
    /// SIP that made no sense, was sent again, or had no answer.
    pub wire: careline_sip::Counters,
    /// Steps that ended by a panic.
    pub panics: u64,
    /// How late the loop was at its last beat.
    pub late: Duration,
    /// Trunks: id, health, calls.
    pub trunks: Vec<(TrunkId, TrunkHealth, usize)>,
    /// The media engine.
    pub media: Stats,
    /// Orders that the media engine had no room for.
    pub media_refused: u64,
    /// The event journal.
    pub journal: Backlog,
    /// SIP messages that the trace had no room for; nothing when it keeps none.
    pub trace_dropped: Option<u64>,
    /// Legs that are over.
    pub sound: SoundTally,
}
