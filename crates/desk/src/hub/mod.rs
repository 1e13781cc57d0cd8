//! Open pages and what each of them is told.
//!
//! ```text
//! live_feed (events, snapshots) --.                         .--> pages: one bounded queue each
//! storage health -----------------+--> Room (decides) --> actions --> database asked, rows written behind
//! pages, directory, HTTP ---------'                         '--> waiting look-ups of the directory
//! ```
//!
//! [`Room`] is a plain value: what happened and `now` go in, actions come out. [`Hub`] is its shell: a lock around the
//! room, queues to pages, one task for deadlines and one that writes rows. Nothing is awaited under the lock.

mod facts;
mod message;
mod page;
mod room;
mod shell;

pub use facts::{Action, Input, Row};
pub use message::{
    LiveSnapshot, Me, OfferEndedWord, PageMessage, ServerBody, ServerMessage, TransferEndedWord,
};
pub use page::{Page, PageId};
pub use room::{Asked, CLOSE_SIGNED_OUT, CLOSE_SLOW, CLOSE_SUPERSEDED, Full, PAGES_MAX, POP_WAIT_MAX, Room};
pub use shell::{Hub, LookUpFailed, OpenPage, Outgoing, PAGE_QUEUE_MAX};
