//! The desk's database: people, accounts, and the history of calls. The only place that knows SQL.
//!
//! One connection writes, [`READERS_MAX`] read; SQLite in WAL mode, so that neither waits for the other. Every commit
//! is on disk when it returns (`synchronous=FULL`). A write that the file refuses comes back within a second, with the
//! reason as a [`StorageError`], and is published at once in [`Store::health`].
//!
//! ```text
//! feed (events) --apply--+                         +-- owners_of, contacts_of_..., search_people <-- pop, pages
//! pages (notes, people) -+--> writer --> desk.db --+
//! watch_health (probe) --+                         '-- any number of other programs that only read
//! ```
//!
//! Statements use `$1` and what both SQLite and PostgreSQL understand; what differs stands in `migrations/<backend>`.
//! Everything written by [`Store::apply`] can be made again from the switches' journals; the rest was written by people.

mod accounts;
mod audit;
mod calls;
mod error;
mod events;
mod health;
mod ids;
mod initials;
mod messages;
mod notes;
mod people;
mod pops;
pub mod projection;
mod recordings;
mod reported;
#[cfg(test)]
mod tests;
mod transfers;

pub use accounts::{Account, NewAccount, SignIn};
pub use audit::{AuditFilter, AuditRow, Chain};
pub use calls::{CallFilter, CallRow, Contact, Interaction};
pub use error::{StorageError, StorageHealth};
pub use events::{Applied, FeedRow, Position};
pub use health::{PROBE_EVERY, watch_health};
pub use initials::initials;
pub use messages::{MessageFilter, MessageRow};
pub use notes::{Note, NoteConflict};
pub use people::{NewPerson, NewPhone, OwnerRow, Person, PersonQuery, PhoneRow, SeedPerson};
pub use recordings::RecordingRow;
pub use reported::PAGE as REPORT_PAGE;
pub use transfers::{TRANSFERS_MAX, TransferRow};

use error::classified;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Transaction};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Connections that read.
pub const READERS_MAX: u32 = 4;
/// How a transaction that writes begins.
const BEGIN: &str = "BEGIN IMMEDIATE";
/// How long the start waits for another program that brings the tables up to date.
const OPEN_BUSY_MAX: Duration = Duration::from_secs(10);
/// How long a writer waits for a lock that another program holds. Together with [`TURN_MAX`] below one second.
const BUSY_MAX: Duration = Duration::from_millis(400);
/// How long a write waits for its turn behind other writes of ours.
const TURN_MAX: Duration = Duration::from_millis(500);
/// How long a read waits for a connection.
const READ_TURN_MAX: Duration = Duration::from_millis(900);

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// What storage answers.
pub type Result<T> = std::result::Result<T, StorageError>;

/// The database. Clones are the same database.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    reader: SqlitePool,
    prober: SqlitePool,
    file: Arc<Path>,
    health: watch::Sender<StorageHealth>,
    /// A write was refused for another reason than a lock: the writer's connection is not to be trusted any more.
    refused: Arc<AtomicBool>,
}

impl Store {
    /// Opens or creates the file and brings its tables up to date. Its folder must exist.
    ///
    /// # Errors
    /// When the file cannot be opened, is no database of ours, or comes from a later version.
    pub async fn open(file: &Path) -> Result<Self> {
        let connect = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_MAX)
            .disable_statement_logging();
        bring_up_to_date(connect.clone().busy_timeout(OPEN_BUSY_MAX)).await?;
        let writer = pool(1, TURN_MAX).connect_lazy_with(connect.clone());
        // In WAL mode NORMAL waits for the disk when the log is folded in, not with every commit.
        let probing = connect.clone().synchronous(SqliteSynchronous::Normal);
        let prober = pool(1, TURN_MAX).connect_lazy_with(probing);
        let reader = pool(READERS_MAX, READ_TURN_MAX).connect_lazy_with(connect.read_only(true));
        let health = watch::Sender::new(StorageHealth::Ok);
        Ok(Self { writer, reader, prober, file: file.into(), health, refused: Arc::default() })
    }

    /// What the last writes and probes met; it changes the moment a write is refused. See [`watch_health`].
    #[must_use]
    pub fn health(&self) -> watch::Receiver<StorageHealth> {
        self.health.subscribe()
    }

    /// Closes every connection and folds the log into the file. Reads and writes fail from now on.
    pub async fn close(&self) {
        self.prober.close().await;
        self.reader.close().await;
        self.writer.close().await;
    }

    /// Begins a transaction that holds the write lock from its start: what it reads cannot change before it writes.
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        // A connection on which the disk refused may count a transaction that SQLite ended by itself; one that was
        // opened meanwhile stays read-only for ever.
        if self.refused.swap(false, Ordering::Relaxed)
            && let Ok(connection) = self.writer.acquire().await
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "a connection that is given up");
        }
        self.wrote(self.writer.begin_with(BEGIN).await)
    }

    async fn commit(&self, transaction: Transaction<'static, Sqlite>) -> Result<()> {
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

/// Creates or migrates the tables, on a connection that waits for another program which is just doing the same.
async fn bring_up_to_date(connect: SqliteConnectOptions) -> Result<()> {
    let mut connection = connect.connect().await.map_err(classified)?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| match error {
        sqlx::migrate::MigrateError::Execute(error) => classified(error),
        other => StorageError::Migration(other),
    })?;
    connection.close().await.map_err(classified)
}

/// Connections that live as long as the program, opened when first wanted.
fn pool(connections_max: u32, turn_max: Duration) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(turn_max)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// SQLite has no unsigned numbers; ours stay far below its greatest.
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
