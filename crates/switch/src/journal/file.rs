//! The SQLite file: its tables, the one connection that writes, and the readers beside it.

use super::open_calls::{Ledger, OpenCall};
use super::pending::Waiting;
use super::rows::{self, EventRow};
use super::{Fact, JournalError, JournalOptions, Numbered, Position};
use careline_model::{Event, EventBody};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Events a subscription reads at once.
pub const PAGE: usize = 256;
/// Connections that read.
const READERS_MAX: u32 = 4;
/// How long a foreign writer (a backup) may hold the file.
const BUSY: Duration = Duration::from_secs(5);
/// Files up to this size are checked whole at the start.
const CHECK_BYTES_MAX: u64 = 64 << 20;
/// Rows deleted in one transaction, so that no commit waits long behind it.
const DELETE_MAX: i64 = 10_000;

/// Free pages (of 4 KiB) kept for the next events; beyond it the disk gets some back with every deletion.
const FREE_PAGES_KEPT: i64 = 4096;

/// What a file of ours looks like inside. The journal's own row says whose it is and how far it got.
const SCHEMA: [&str; 5] = [
    "CREATE TABLE IF NOT EXISTS journal (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, \
     switch_id TEXT NOT NULL, epoch INTEGER NOT NULL, head INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS event (number INTEGER PRIMARY KEY, at_us INTEGER NOT NULL, \
     diagnostic INTEGER NOT NULL, body TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS event_diagnostic ON event (number) WHERE diagnostic = 1",
    "CREATE TABLE IF NOT EXISTS subscriber (name TEXT PRIMARY KEY, acknowledged INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS open_call (call TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID",
];

/// What was found at the start.
pub(super) struct Found {
    pub(super) head: Position,
    pub(super) ledger: Ledger,
}

/// The side that writes. There is one in the world for each file: a lock beside it says so.
#[derive(Debug)]
pub(super) struct File {
    connection: SqliteConnection,
    /// Held until the process ends, however it ends.
    _lock: std::fs::File,
}

impl File {
    pub(super) async fn open(options: &JournalOptions) -> Result<(Self, Found), JournalError> {
        let lock = lock_beside(&options.file)?;
        let connect = SqliteConnectOptions::new()
            .filename(&options.file)
            .create_if_missing(true)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let explain = |error| explained(&options.file, error);
        let connection = SqliteConnection::connect_with(&connect).await.map_err(explain)?;
        let mut file = Self { connection, _lock: lock };
        file.check(&options.file).await?;
        file.create(&options.switch_id).await.map_err(explain)?;
        let found = file.find(options).await?;
        Ok((file, found))
    }

    async fn check(&mut self, path: &Path) -> Result<(), JournalError> {
        if std::fs::metadata(path).map_or(0, |meta| meta.len()) > CHECK_BYTES_MAX {
            return Ok(());
        }
        let explain = |error| explained(path, error);
        let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)")
            .fetch_one(&mut self.connection)
            .await
            .map_err(explain)?;
        if verdict == "ok" {
            return Ok(());
        }
        Err(JournalError::Corrupt { file: path.into(), reason: verdict })
    }

    async fn create(&mut self, switch_id: &str) -> Result<(), sqlx::Error> {
        for statement in SCHEMA {
            sqlx::query(statement).execute(&mut self.connection).await?;
        }
        sqlx::query(
            "INSERT OR IGNORE INTO journal (id, version, switch_id, epoch, head) VALUES (1, 1, $1, $2, 0)",
        )
        .bind(switch_id)
        .bind(signed(wall_us()))
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    async fn find(&mut self, options: &JournalOptions) -> Result<Found, JournalError> {
        let explain = |error| explained(&options.file, error);
        let row = sqlx::query("SELECT switch_id, epoch, head FROM journal").fetch_one(&mut self.connection);
        let row = row.await.map_err(explain)?;
        let found: String = row.try_get(0).map_err(explain)?;
        if found != options.switch_id {
            return Err(JournalError::OtherSwitch { file: options.file.clone(), found });
        }
        let head = position_of(&row, 1).map_err(explain)?;
        let bodies: Vec<String> = sqlx::query_scalar("SELECT body FROM open_call ORDER BY call")
            .fetch_all(&mut self.connection)
            .await
            .map_err(explain)?;
        let calls: Result<Vec<OpenCall>, _> = bodies.iter().map(|body| serde_json::from_str(body)).collect();
        let damaged = |error: serde_json::Error| JournalError::Corrupt {
            file: options.file.clone(),
            reason: format!("an open call cannot be read: {error}"),
        };
        Ok(Found { head, ledger: Ledger::new(calls.map_err(damaged)?) })
    }

    /// Writes events and what they change of the open calls, all or nothing. Durable when it returns.
    pub(super) async fn commit(&mut self, events: &[Waiting], ledger: &Ledger) -> Result<(), sqlx::Error> {
        match self.write(events, ledger).await {
            Ok(()) => Ok(()),
            Err(error) => {
                // The database may have rolled back by itself; either way nothing of the attempt is left.
                let _ = self.execute("ROLLBACK").await;
                Err(error)
            }
        }
    }

    async fn write(&mut self, events: &[Waiting], ledger: &Ledger) -> Result<(), sqlx::Error> {
        let Some(last) = events.last() else { return Ok(()) };
        self.execute("BEGIN IMMEDIATE").await?;
        let rows: Vec<EventRow> = events.iter().map(event_row).collect::<Result<_, _>>()?;
        rows::write(&mut self.connection, &rows::EVENTS, rows).await?;
        let (changed, gone) = ledger.changes();
        let open =
            |call: &OpenCall| Ok((call.call.to_string(), serde_json::to_string(call).map_err(encode)?));
        let rows: Vec<(String, String)> =
            changed.into_iter().map(open).collect::<Result<_, sqlx::Error>>()?;
        rows::write(&mut self.connection, &rows::OPEN_CALLS, rows).await?;
        if !gone.is_empty() {
            sqlx::query("DELETE FROM open_call WHERE call IN (SELECT value FROM json_each($1))")
                .bind(json(&gone)?)
                .execute(&mut self.connection)
                .await?;
        }
        sqlx::query("UPDATE journal SET head = $1; COMMIT")
            .bind(signed(last.number))
            .execute(&mut self.connection)
            .await
            .map(|_| ())
    }

    /// All names and what each acknowledged.
    pub(super) async fn subscribers(&mut self) -> Result<Vec<(String, u64)>, sqlx::Error> {
        let rows = sqlx::query("SELECT name, acknowledged FROM subscriber ORDER BY name")
            .fetch_all(&mut self.connection)
            .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, unsigned(row.try_get(1)?)))).collect()
    }

    /// Notes what a subscriber has; a name that is new is added.
    pub(super) async fn set_acknowledged(&mut self, name: &str, number: u64) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT OR REPLACE INTO subscriber (name, acknowledged) VALUES ($1, $2)")
            .bind(name)
            .bind(signed(number))
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    pub(super) async fn remove_subscriber(&mut self, name: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM subscriber WHERE name = $1")
            .bind(name)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Begins a new epoch; what was acknowledged in the old one says nothing any more, and is forgotten first.
    pub(super) async fn begin_epoch(&mut self) -> Result<u64, sqlx::Error> {
        self.execute("UPDATE subscriber SET acknowledged = 0").await?;
        let epoch: i64 = sqlx::query_scalar("UPDATE journal SET epoch = max(epoch + 1, $1) RETURNING epoch")
            .bind(signed(wall_us()))
            .fetch_one(&mut self.connection)
            .await?;
        Ok(unsigned(epoch))
    }

    /// The number before the oldest event that is kept, if one is.
    pub(super) async fn before_oldest(&mut self) -> Result<Option<u64>, sqlx::Error> {
        let oldest: Option<i64> =
            sqlx::query_scalar("SELECT min(number) FROM event").fetch_one(&mut self.connection).await?;
        Ok(oldest.map(|oldest| unsigned(oldest - 1)))
    }

    /// Deletes some of the events up to a number; false when none was left.
    pub(super) async fn delete_some(&mut self, upto: u64) -> Result<bool, sqlx::Error> {
        let sql = "DELETE FROM event WHERE number IN (SELECT number FROM event WHERE number <= $1 LIMIT $2)";
        self.delete(sql, upto).await
    }

    /// The number before the oldest event that is younger than `age`: everything up to it is old enough to go. Reads
    /// from the oldest on, so it costs what it finds.
    pub(super) async fn before_younger(&mut self, age: Duration) -> Result<u64, sqlx::Error> {
        let since = wall_us().saturating_sub(u64::try_from(age.as_micros()).unwrap_or(u64::MAX));
        let sql = "SELECT number FROM event WHERE at_us >= $1 ORDER BY number LIMIT 1";
        let first: Option<i64> =
            sqlx::query_scalar(sql).bind(signed(since)).fetch_optional(&mut self.connection).await?;
        Ok(first.map_or(u64::MAX >> 1, |first| unsigned(first - 1)))
    }

    /// Deletes some of the oldest diagnostic events; false when none was left.
    pub(super) async fn delete_diagnostics(&mut self, upto: u64) -> Result<bool, sqlx::Error> {
        let sql = "DELETE FROM event WHERE number IN \
                   (SELECT number FROM event WHERE diagnostic = 1 AND number <= $1 ORDER BY number LIMIT $2)";
        self.delete(sql, upto).await
    }

    async fn delete(&mut self, sql: &'static str, upto: u64) -> Result<bool, sqlx::Error> {
        let query = sqlx::query(sql).bind(signed(upto)).bind(DELETE_MAX);
        let deleted = query.execute(&mut self.connection).await?.rows_affected() > 0;
        let free: i64 = sqlx::query_scalar("PRAGMA freelist_count").fetch_one(&mut self.connection).await?;
        if free > FREE_PAGES_KEPT {
            self.execute("PRAGMA incremental_vacuum(1000)").await?;
        }
        Ok(deleted)
    }

    /// Bytes in use, free pages left out.
    pub(super) async fn used_bytes(&mut self) -> Result<u64, sqlx::Error> {
        let sql = "SELECT (page_count - freelist_count) * page_size \
                   FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
        let used: i64 = sqlx::query_scalar(sql).fetch_one(&mut self.connection).await?;
        Ok(unsigned(used))
    }

    /// Closes the file and folds its log in.
    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the journal's file was not closed cleanly; nothing is lost");
        }
    }

    pub(super) async fn execute(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        sqlx::query(sql).execute(&mut self.connection).await.map(|_| ())
    }
}

/// The side that reads: of a running switch, or of the file it left.
#[derive(Debug, Clone)]
pub struct Reader {
    pool: SqlitePool,
}

impl Reader {
    /// Prepares to read a file; `immutable` for one that nobody writes and that stands where nobody may write.
    ///
    /// # Errors
    /// [`JournalError::Open`] when there is no such file.
    pub fn open(file: &Path, immutable: bool) -> Result<Self, JournalError> {
        std::fs::metadata(file).map_err(|source| JournalError::Open { file: file.into(), source })?;
        let connect = SqliteConnectOptions::new()
            .filename(file)
            .read_only(true)
            .immutable(immutable)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        Ok(Self { pool: SqlitePoolOptions::new().max_connections(READERS_MAX).connect_lazy_with(connect) })
    }

    /// Whose journal it is, and how far it got.
    ///
    /// # Errors
    /// What the file refuses.
    pub async fn head(&self) -> Result<(String, Position), JournalError> {
        let row = sqlx::query("SELECT switch_id, epoch, head FROM journal").fetch_one(&self.pool).await?;
        Ok((row.try_get(0)?, position_of(&row, 1)?))
    }

    /// The number before the oldest event that is kept; the head when none is.
    ///
    /// # Errors
    /// What the file refuses.
    pub async fn before_oldest(&self) -> Result<u64, JournalError> {
        let sql = "SELECT coalesce((SELECT min(number) - 1 FROM event), (SELECT head FROM journal))";
        Ok(unsigned(sqlx::query_scalar(sql).fetch_one(&self.pool).await?))
    }

    /// The next messages after a position, up to a number that is known to be on disk; at least one when that number
    /// is greater.
    ///
    /// # Errors
    /// What the file refuses.
    pub async fn page(&self, after: Position, upto: u64) -> Result<VecDeque<Numbered>, JournalError> {
        let sql = "SELECT number, at_us, body FROM event WHERE number > $1 AND number <= $2 ORDER BY number LIMIT $3";
        let rows = sqlx::query(sql)
            .bind(signed(after.number))
            .bind(signed(upto))
            .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await?;
        let mut page = Page { epoch: after.epoch, last: after.number, numbered: VecDeque::new() };
        for row in &rows {
            let number = unsigned(row.try_get(0)?);
            match serde_json::from_str::<EventBody>(row.try_get(2)?) {
                Ok(body) => page.event(number, Event { at_us: row.try_get(1)?, body }),
                // Written by a later version, or damaged: the rest of the story must not wait for it.
                Err(error) => tracing::error!(number, %error, "an event of the journal cannot be read"),
            }
        }
        if rows.len() < PAGE {
            page.omit_through(upto);
        }
        Ok(page.numbered)
    }
}

/// Messages in the making, with every jump explained.
struct Page {
    epoch: u64,
    last: u64,
    numbered: VecDeque<Numbered>,
}

impl Page {
    fn event(&mut self, number: u64, event: Event) {
        self.omit_through(number - 1);
        self.push(number, Fact::Event(event));
    }

    fn omit_through(&mut self, number: u64) {
        if number > self.last {
            self.push(number, Fact::Omitted(number - self.last));
        }
    }

    fn push(&mut self, number: u64, fact: Fact) {
        let position = Position { epoch: self.epoch, number };
        self.numbered.push_back(Numbered { position, epoch_changed: false, fact });
        self.last = number;
    }
}

/// Whether a log stands beside the file, with commits that are not folded in yet.
#[must_use]
pub fn has_log(file: &Path) -> bool {
    std::fs::metadata(beside(file, "-wal")).is_ok_and(|meta| meta.len() > 0)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn lock_beside(file: &Path) -> Result<std::fs::File, JournalError> {
    let open = |source| JournalError::Open { file: file.into(), source };
    let lock = std::fs::File::options().create(true).truncate(false).write(true).open(beside(file, ".lock"));
    let lock = lock.map_err(open)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(JournalError::Locked(file.into())),
        Err(std::fs::TryLockError::Error(source)) => Err(open(source)),
    }
}

/// Tells what an operator can do something about from the rest.
fn explained(file: &Path, error: sqlx::Error) -> JournalError {
    let code =
        error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<u32>().ok());
    // Extended codes carry the kind in their lowest byte: busy, locked, corrupt, not a database; 1 is a missing table.
    match code.map(|code| code & 0xff) {
        Some(5 | 6) => JournalError::Locked(file.into()),
        Some(1 | 11 | 26) => JournalError::Corrupt { file: file.into(), reason: error.to_string() },
        _ => JournalError::Database(error),
    }
}

fn position_of(row: &SqliteRow, first: usize) -> Result<Position, sqlx::Error> {
    Ok(Position { epoch: unsigned(row.try_get(first)?), number: unsigned(row.try_get(first + 1)?) })
}

fn event_row(waiting: &Waiting) -> Result<EventRow, sqlx::Error> {
    let Waiting { number, event } = waiting;
    let body = serde_json::to_string(&event.body).map_err(encode)?;
    Ok((signed(*number), event.at_us, event.body.is_diagnostic(), body))
}

fn json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(encode)
}

fn encode(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}

fn wall_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// SQLite has no unsigned numbers; ours stay far below its greatest.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
