//! A database in a file: WAL mode, so that readers and the one writer do not wait for each other.

use super::error::classified;
use super::sql::{Outcome, Pool, Tx};
use super::{BUSY_MAX, Pools, READ_TURN_MAX, READERS_MAX, Result, StorageError, TURN_MAX};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::time::Duration;

/// How a transaction that writes begins.
const BEGIN: &str = "BEGIN IMMEDIATE";
/// How long the start waits for another program that brings the tables up to date.
const OPEN_BUSY_MAX: Duration = Duration::from_secs(10);

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// Opens or creates the file and brings its tables up to date.
pub(super) async fn open(file: &Path) -> Result<Pools> {
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
    Ok(Pools { writer: Pool::Sqlite(writer), reader: Pool::Sqlite(reader), prober: Pool::Sqlite(prober) })
}

/// Begins a transaction with the write lock.
pub(super) async fn begin(writer: &SqlitePool) -> Outcome<Tx> {
    writer.begin_with(BEGIN).await.map(Tx::Sqlite)
}

/// A connection on which the disk refused may count a transaction that SQLite ended by itself; one that was opened
/// meanwhile stays read-only for ever.
pub(super) async fn give_up_connection(writer: &SqlitePool) {
    if let Ok(connection) = writer.acquire().await
        && let Err(error) = connection.close().await
    {
        tracing::debug!(%error, "a connection that is given up");
    }
}

/// Creates or migrates the tables, on a connection that waits for another program which is just doing the same.
async fn bring_up_to_date(connect: SqliteConnectOptions) -> Result<()> {
    let mut connection = connect.connect().await.map_err(classified)?;
    MIGRATIONS.run(&mut connection).await.map_err(|error| match error {
        MigrateError::Execute(error) => classified(error),
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
