//! A database on a server that speaks PostgreSQL's protocol. Nothing is asked of its catalogue, so that KingbaseES in
//! PostgreSQL mode may serve as well; nobody has tried.
//!
//! Transactions that write take one advisory lock first: as with a file, there is one writer at a time among all
//! programs, and what a transaction reads cannot change before it writes.

use super::error::classified;
use super::sql::{Outcome, Pool, Tx, unless_away};
use super::{
    BUSY_MAX, Pools, READ_TURN_MAX, READERS_MAX, Result, Server, ServerTls, StorageError, StorageHealth,
    TURN_MAX,
};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, Executor};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long the start waits for a server that does not answer.
const OPEN_MAX: Duration = Duration::from_secs(5);
/// Connections are made anew after this time, so that a server's memory for them is given back.
const LIFETIME_MAX: Duration = Duration::from_secs(1800);
/// The advisory lock of whoever writes: "careline" in ASCII.
const WRITE_LOCK: &str = "SELECT pg_advisory_xact_lock(7161130662431911525)";

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgres");

/// Opens the database and brings its tables up to date.
pub(super) async fn open(server: &Server, health: &watch::Sender<StorageHealth>) -> Result<Pools> {
    let connect = options(server);
    match timeout(OPEN_MAX, bring_up_to_date(&connect)).await {
        Ok(done) => done?,
        Err(_) => return Err(StorageError::Away),
    }
    let pool = |count: u32, turn_max: Duration, waits: &'static str| {
        pool(count, turn_max, waits).connect_lazy_with(connect.clone())
    };
    let away = || Some(health.subscribe());
    Ok(Pools {
        writer: Pool::Postgres(pool(1, TURN_MAX, "on"), away()),
        reader: Pool::Postgres(pool(READERS_MAX, READ_TURN_MAX, "on"), away()),
        // It is the one to notice that the server is back.
        prober: Pool::Postgres(pool(1, TURN_MAX, "off"), None),
    })
}

/// Begins a transaction with the write lock.
pub(super) async fn begin(pool: &PgPool, health: Option<watch::Receiver<StorageHealth>>) -> Outcome<Tx> {
    let begun = async {
        let mut transaction = pool.begin().await?;
        sqlx::query(WRITE_LOCK).execute(&mut *transaction).await?;
        Ok(transaction)
    };
    let transaction = unless_away(health.clone(), begun).await?;
    Ok(Tx::Postgres(transaction, health))
}

fn options(server: &Server) -> PgConnectOptions {
    let connect = PgConnectOptions::new_without_pgpass()
        .host(&server.host)
        .port(server.port)
        .database(&server.database)
        .username(&server.user)
        .application_name("careline-desk")
        .disable_statement_logging();
    let connect = match &server.password {
        Some(password) => connect.password(password),
        None => connect,
    };
    match &server.tls {
        ServerTls::Preferred => connect.ssl_mode(PgSslMode::Prefer),
        ServerTls::Off => connect.ssl_mode(PgSslMode::Disable),
        ServerTls::Verified(authority) => connect.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(authority),
    }
}

async fn bring_up_to_date(connect: &PgConnectOptions) -> Result<()> {
    let mut connection = connect.connect().await.map_err(classified)?;
    // sqlx takes a lock, so that two programs do not do the same.
    MIGRATIONS.run(&mut connection).await.map_err(|error| match error {
        MigrateError::Execute(error) => classified(error),
        other => StorageError::Migration(other),
    })?;
    connection.close().await.map_err(classified)
}

/// Connections, opened when first wanted, and looked at before each use: the server may have been started again. `waits`
/// says whether a commit waits for the disk.
fn pool(connections_max: u32, turn_max: Duration, waits: &'static str) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(turn_max)
        .idle_timeout(None)
        .max_lifetime(Some(LIFETIME_MAX))
        .test_before_acquire(true)
        .after_connect(move |connection, _| {
            Box::pin(async move {
                let busy = BUSY_MAX.as_millis();
                let set = format!("SET lock_timeout = {busy}; SET synchronous_commit = {waits}");
                connection.execute(sqlx::AssertSqlSafe(set)).await.map(|_| ())
            })
        })
}
