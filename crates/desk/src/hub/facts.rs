//! What a room takes in, and what it gives out.

use super::message::ServerMessage;
use super::page::PageId;
use crate::pop::{Findings, Summary};
use crate::storage::StorageHealth;
use careline_model::snapshot::{QueueView, Snapshot};
use careline_model::{AgentId, CallId, Event, Number, OfferId};

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Everything that is true at a switch.
    Snapshot {
        /// The switch.
        switch: String,
        /// All of it.
        snapshot: Snapshot,
    },
    /// The next event of a switch.
    Event {
        /// The switch.
        switch: String,
        /// The event.
        event: Event,
    },
    /// The switch cannot be followed now.
    Disconnected {
        /// The switch.
        switch: String,
    },
    /// What a later snapshot says of queues.
    Queues {
        /// The switch.
        switch: String,
        /// Its queues.
        queues: Vec<QueueView>,
    },
    /// How the database is now.
    Storage(StorageHealth),
    /// The database answered who may be calling; nothing: it did not.
    Found {
        /// The call.
        call: CallId,
        /// The number that was asked for.
        number: Number,
        /// What it knows.
        findings: Option<Findings>,
    },
    /// Somebody said who the caller is.
    Chosen {
        /// The call.
        call: CallId,
        /// Person id.
        person: String,
    },
    /// Something was written that changes who may be calling.
    AskAgain {
        /// The call.
        call: CallId,
    },
    /// A row could not be written because of the database.
    NotWritten(Row),
    /// A page shows the pop.
    Painted {
        /// The page.
        page: PageId,
        /// The call.
        call: CallId,
        /// The offer.
        offer: OfferId,
    },
    /// A page is gone.
    PageClosed(PageId),
    /// This cookie ended.
    SignedOut {
        /// Digest of the cookie.
        sign_in: String,
    },
    /// The moment of [`super::Room::next_deadline`] came.
    Deadline,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Send a message to a page.
    Send(PageId, ServerMessage),
    /// Close a page with a code; nothing is sent to it afterwards.
    Close(PageId, u16),
    /// Ask the database who may be calling, and say what it answers.
    Find(CallId, Number),
    /// Somebody who waits for the summary of this call can have it; nothing: the database did not answer.
    Answer(CallId, Option<Summary>),
    /// Write a row, behind everything else.
    Write(Row),
}

/// A row about a pop.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// A pop went to a page.
    PopSent {
        /// The call.
        call: CallId,
        /// The offer.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
        /// Whose page.
        account: String,
        /// The switch's clock.
        offered_us: i64,
        /// Ours.
        sent_us: i64,
        /// How many may be calling.
        candidates: usize,
    },
    /// The pop is on the screen.
    PopPainted {
        /// The call.
        call: CallId,
        /// The offer.
        offer: OfferId,
        /// Our clock.
        at_us: i64,
    },
    /// The only candidate is taken for the caller until somebody says otherwise.
    OnlyCandidate {
        /// The call.
        call: CallId,
        /// Person id.
        person: String,
        /// The account of the agent's page; `desk` when none is open.
        account: String,
        /// Our clock.
        at_us: i64,
    },
}
