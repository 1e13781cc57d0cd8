//! The desk's database: people, accounts, and the history of calls. The only place that knows SQL.
//!
//! It is a file (SQLite) or stands on a server (PostgreSQL); both hold the same and are asked by the same statements. One
//! connection writes, [`READERS_MAX`] read, so that neither waits for the other; a transaction that writes holds the
//! write lock from its start, also against other programs. Every commit is on disk when it returns. A write that is
//! refused comes back within a second, with the reason as a [`StorageError`], and is published at once in
//! [`Store::health`]; while a server is away nobody waits for it.
//!
//! ```text
//! feed (events) --apply--+                         +-- owners_of, contacts_of_..., search_people <-- pop, pages
//! pages (notes, people) -+--> writer --> database -+
//! watch_health (probe) --+                         '-- any number of other programs that only read
//! ```
//!
//! Statements use `$1` and what both databases understand (`sql`); what differs stands in `migrations/<database>`.
//! Everything written by [`Store::apply`] can be made again from the switches' journals; the rest was written by people.

mod accounts;
mod appointments;
mod audit;
mod calls;
mod consents;
mod copies;
mod error;
mod events;
mod health;
mod his;
mod his_desk;
mod identity;
mod ids;
mod inbox;
mod initials;
mod messages;
mod notes;
mod people;
mod place;
mod pops;
mod postgres;
pub mod projection;
mod recordings;
mod reported;
mod sealed;
mod sql;
mod sqlite;
#[cfg(test)]
mod tests;
mod transfers;
mod visits;

pub use accounts::{Account, NewAccount, SignIn};
pub use appointments::Appointment;
pub use audit::{AuditFilter, AuditRow, Chain};
pub use calls::{CallFilter, CallRow, Contact, Interaction};
pub use consents::{ConsentRow, NewConsent, holding};
pub use error::{StorageError, StorageHealth};
pub use events::{Applied, FeedRow, Position};
pub use health::{PROBE_EVERY, watch_health};
pub use his::HisState;
pub use his_desk::{HisContent, HisFilter, HisMessage, HisReason, HisTotals, Replayed};
pub use identity::{DuplicatePair, Merge, MergeRefusal, MergeRow, PairState, Scan, Unmerged};
pub use inbox::{Arrival, Received};
pub use initials::initials;
pub use messages::{MessageFilter, MessageRow};
pub use notes::{Note, NoteConflict};
pub use people::{NewPerson, NewPhone, OwnerRow, Person, PersonQuery, PhoneRow, SeedPerson};
pub use place::{Place, Server, ServerTls};
pub use recordings::RecordingRow;
pub use reported::PAGE as REPORT_PAGE;
pub use sealed::Reveal;
pub use transfers::{TRANSFERS_MAX, TransferRow};
pub use visits::Visit;

use crate::sealing::Keys;
use error::classified;
use sql::{Outcome, Pool, Tx};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Connections that read.
pub const READERS_MAX: u32 = 4;
/// How long a writer waits for a lock that another program holds. Together with [`TURN_MAX`] below one second.
const BUSY_MAX: Duration = Duration::from_millis(400);
/// How long a write waits for its turn behind other writes of ours.
const TURN_MAX: Duration = Duration::from_millis(500);
/// How long a read waits for a connection.
const READ_TURN_MAX: Duration = Duration::from_millis(900);

/// What storage answers.
pub type Result<T> = std::result::Result<T, StorageError>;

/// The database. Clones are the same database.
#[derive(Debug, Clone)]
pub struct Store {
    writer: Pool,
    reader: Pool,
    prober: Pool,
    place: Arc<Place>,
    health: watch::Sender<StorageHealth>,
    /// A write was refused for another reason than a lock: the writer's connection is not to be trusted any more.
    refused: Arc<AtomicBool>,
    /// Of what lies sealed.
    keys: Option<Arc<Keys>>,
}

/// The three ways to a database.
struct Pools {
    writer: Pool,
    reader: Pool,
    prober: Pool,
}

impl Store {
    /// Opens the database and brings its tables up to date. A file is created; its folder must exist. On a server the
    /// database must exist.
    ///
    /// # Errors
    /// When it cannot be opened, is no database of ours, or comes from a later version.
    pub async fn open(place: &Place) -> Result<Self> {
        let health = watch::Sender::new(StorageHealth::Ok);
        let Pools { writer, reader, prober } = match place {
            Place::File(file) => sqlite::open(file).await?,
            Place::Server(server) => postgres::open(server, &health).await?,
        };
        let place = Arc::new(place.clone());
        Ok(Self { writer, reader, prober, place, health, refused: Arc::default(), keys: None })
    }

    /// What the last writes and probes met; it changes the moment a write is refused. See [`watch_health`].
    #[must_use]
    pub fn health(&self) -> watch::Receiver<StorageHealth> {
        self.health.subscribe()
    }

    /// Closes every connection; a file's log is folded into it. Reads and writes fail from now on.
    pub async fn close(&self) {
        self.prober.close().await;
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Begins a transaction that holds the write lock from its start: what it reads cannot change before it writes.
    async fn begin(&self) -> Result<Tx> {
        if let Pool::Sqlite(writer) = &self.writer
            && self.refused.swap(false, Ordering::Relaxed)
        {
            sqlite::give_up_connection(writer).await;
        }
        self.wrote(self.writer.begin().await)
    }

    async fn commit(&self, transaction: Tx) -> Result<()> {
        self.wrote(transaction.commit().await)?;
        self.publish(StorageHealth::Ok);
        Ok(())
    }

    /// The outcome of a step of a write, in our words; a refusal is published. Only a whole write that succeeded
    /// publishes that all is well.
    fn wrote<T>(&self, outcome: std::result::Result<T, sqlx::Error>) -> Result<T> {
        outcome.map_err(|error| {
            let error = self.explained(error);
            if let Some(health) = error.trouble() {
                self.refused.fetch_or(health != StorageHealth::Locked, Ordering::Relaxed);
                self.publish(health);
            }
            error
        })
    }

    fn publish(&self, health: StorageHealth) {
        self.health.send_if_modified(|before| std::mem::replace(before, health) != health);
    }
}

/// The databases have no unsigned numbers; ours stay far below its greatest.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// How many rows a caller may ask for.
fn limited(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
