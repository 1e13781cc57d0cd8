//! The SQLite file of the trace: names of legs, and their messages in chunks.

use super::{CallName, MESSAGES_MAX, TraceError, TraceOptions, Traced};
use careline_model::CallId;
use careline_rpc::proto::switch_admin::v1::TracedMessage;
use prost::Message as _;
use sha2::Digest as _;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a foreign writer (a backup) may hold the file.
const BUSY: Duration = Duration::from_secs(5);
/// Rows of one INSERT; each takes five of SQLite's 32,766 variables.
const ROWS_MAX: usize = 2_000;
/// Rows deleted in one transaction, so that no write waits long behind it.
const DELETE_MAX: i64 = 2_000;
/// Deletions for one write: what is over the limit then goes with the next one.
const DELETIONS_MAX: usize = 8;

/// What a file of ours says of its tables. Another one's are thrown away: they hold days, not records.
const VERSION: i64 = 2;
const FORGET: [&str; 2] = ["DROP TABLE IF EXISTS leg", "DROP TABLE IF EXISTS chunk"];
/// Every call writes here, so keys are short: a call is the 16 bytes of its id, which begin with its time; a leg's
/// chunks are found by a hash of its Call-ID.
const SCHEMA: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS leg (call BLOB NOT NULL, sip_call_id TEXT NOT NULL, \
     PRIMARY KEY (call, sip_call_id)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS chunk (id INTEGER PRIMARY KEY, leg_hash INTEGER NOT NULL, \
     sip_call_id TEXT NOT NULL, at_us INTEGER NOT NULL, named INTEGER NOT NULL, messages BLOB NOT NULL)",
    "CREATE INDEX IF NOT EXISTS chunk_leg ON chunk (leg_hash)",
    "CREATE INDEX IF NOT EXISTS chunk_nameless ON chunk (id) WHERE named = 0",
];

/// Messages of one leg from one batch.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) sip_call_id: String,
    pub(super) at_us: i64,
    /// The leg belongs to a call; what does not (registrations, scanners) goes first when room is short.
    pub(super) named: bool,
    /// [`TracedMessage`]s, each behind its length.
    pub(super) messages: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct File {
    connection: SqliteConnection,
    keep: Duration,
    limit_bytes: u64,
}

impl File {
    pub(super) async fn open(options: &TraceOptions) -> Result<Self, TraceError> {
        let connect = SqliteConnectOptions::new()
            .filename(&options.file)
            .create_if_missing(true)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .journal_mode(SqliteJournalMode::Wal)
            // A power cut may cost the last messages; no call depends on them.
            .synchronous(SqliteSynchronous::Off)
            .busy_timeout(BUSY)
            .disable_statement_logging();
        let mut connection = SqliteConnection::connect_with(&connect).await?;
        let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut connection).await?;
        let forget = if version == VERSION { &[][..] } else { &FORGET[..] };
        for statement in forget.iter().chain(&SCHEMA) {
            sqlx::query(*statement).execute(&mut connection).await?;
        }
        let version = format!("PRAGMA user_version = {VERSION}");
        sqlx::query(sqlx::AssertSqlSafe(version)).execute(&mut connection).await?;
        Ok(Self { connection, keep: options.keep, limit_bytes: options.limit_bytes })
    }

    /// Writes all or nothing, then makes room when there is too much.
    pub(super) async fn write(
        &mut self,
        names: &[(String, CallId)],
        mut chunks: Vec<Chunk>,
    ) -> Result<(), sqlx::Error> {
        let mut transaction = self.connection.begin().await?;
        for rows in names.chunks(ROWS_MAX) {
            let mut insert = QueryBuilder::<Sqlite>::new("INSERT OR IGNORE INTO leg (call, sip_call_id) ");
            insert.push_values(rows, |mut row, (leg, call)| {
                row.push_bind(key(*call)).push_bind(leg);
            });
            insert.build().persistent(false).execute(&mut *transaction).await?;
        }
        while !chunks.is_empty() {
            let rows = chunks.drain(..chunks.len().min(ROWS_MAX));
            let mut insert = QueryBuilder::<Sqlite>::new(
                "INSERT INTO chunk (leg_hash, sip_call_id, at_us, named, messages) ",
            );
            // The messages are moved, not copied, to the database's thread.
            insert.push_values(rows, |mut row, chunk| {
                row.push_bind(hash(&chunk.sip_call_id))
                    .push_bind(chunk.sip_call_id)
                    .push_bind(chunk.at_us)
                    .push_bind(chunk.named)
                    .push_bind(chunk.messages);
            });
            insert.build().persistent(false).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        self.make_room().await
    }

    /// The messages of one call.
    pub(super) async fn read(&mut self, name: &CallName) -> Result<Traced, TraceError> {
        let call = self.find(name).await?;
        let legs: Vec<String> = sqlx::query_scalar("SELECT sip_call_id FROM leg WHERE call = $1")
            .bind(key(call))
            .fetch_all(&mut self.connection)
            .await?;
        let mut messages = Vec::new();
        for leg in legs {
            let blobs: Vec<Vec<u8>> = sqlx::query_scalar(
                "SELECT messages FROM chunk WHERE leg_hash = $1 AND sip_call_id = $2 ORDER BY id LIMIT $3",
            )
            .bind(hash(&leg))
            .bind(&leg)
            .bind(i64::try_from(MESSAGES_MAX).unwrap_or(i64::MAX))
            .fetch_all(&mut self.connection)
            .await?;
            for blob in blobs {
                let mut rest = blob.as_slice();
                // A chunk that was damaged on disk gives what can be read of it.
                while let Ok(mut message) = TracedMessage::decode_length_delimited(&mut rest) {
                    message.sip_call_id.clone_from(&leg);
                    messages.push(message);
                    if rest.is_empty() {
                        break;
                    }
                }
            }
        }
        if messages.is_empty() {
            return Err(TraceError::Unknown);
        }
        messages.sort_by_key(|message| message.at_us);
        let cut_short = messages.len() > MESSAGES_MAX;
        messages.truncate(MESSAGES_MAX);
        Ok(Traced { call, messages, cut_short })
    }

    async fn find(&mut self, name: &CallName) -> Result<CallId, TraceError> {
        let tail = match name {
            CallName::Whole(call) => return Ok(*call),
            CallName::Tail(tail) => tail,
        };
        let tail = hex::decode(tail).map_err(|_| TraceError::Unknown)?;
        let calls: Vec<Vec<u8>> =
            sqlx::query_scalar("SELECT DISTINCT call FROM leg WHERE substr(call, 11) = $1 LIMIT 2")
                .bind(tail)
                .fetch_all(&mut self.connection)
                .await?;
        match calls.as_slice() {
            [one] => uuid::Uuid::from_slice(one).map(CallId).map_err(|_| TraceError::Unknown),
            [] => Err(TraceError::Unknown),
            _ => Err(TraceError::Ambiguous),
        }
    }

    /// Deletes what is older than it may be.
    pub(super) async fn tidy(&mut self) -> Result<(), sqlx::Error> {
        let keep = i64::try_from(self.keep.as_micros()).unwrap_or(i64::MAX);
        let before = wall_us().saturating_sub(keep);
        let sql = "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk ORDER BY id LIMIT $1) AND at_us < $2";
        for _ in 0..DELETIONS_MAX {
            let deleted =
                sqlx::query(sql).bind(DELETE_MAX).bind(before).execute(&mut self.connection).await?;
            if deleted.rows_affected() == 0 {
                break;
            }
        }
        self.forget_names(before).await
    }

    /// Deletes the oldest until the file fits: first what belongs to no call.
    async fn make_room(&mut self) -> Result<(), sqlx::Error> {
        for _ in 0..DELETIONS_MAX {
            if self.used_bytes().await? <= self.limit_bytes {
                return Ok(());
            }
            let nameless =
                "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE named = 0 ORDER BY id LIMIT $1)";
            let oldest = "DELETE FROM chunk WHERE id IN (SELECT id FROM chunk ORDER BY id LIMIT $1)";
            let deleted = sqlx::query(nameless).bind(DELETE_MAX).execute(&mut self.connection).await?;
            if deleted.rows_affected() > 0 {
                continue;
            }
            sqlx::query(oldest).bind(DELETE_MAX).execute(&mut self.connection).await?;
            let first: Option<i64> = sqlx::query_scalar("SELECT at_us FROM chunk ORDER BY id LIMIT 1")
                .fetch_optional(&mut self.connection)
                .await?;
            if let Some(first) = first {
                self.forget_names(first).await?;
            }
        }
        Ok(())
    }

    /// Forgets the legs of calls that began before; an id begins with its call's time.
    async fn forget_names(&mut self, before: i64) -> Result<(), sqlx::Error> {
        let before = CallId::earliest(before).0.as_bytes().to_vec();
        sqlx::query("DELETE FROM leg WHERE call < $1").bind(before).execute(&mut self.connection).await?;
        Ok(())
    }

    /// Bytes in use, free pages left out.
    pub(super) async fn used_bytes(&mut self) -> Result<u64, sqlx::Error> {
        let sql = "SELECT (page_count - freelist_count) * page_size \
                   FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()";
        let used: i64 = sqlx::query_scalar(sql).fetch_one(&mut self.connection).await?;
        Ok(u64::try_from(used).unwrap_or(0))
    }

    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::warn!(%error, "the trace's file was not closed cleanly");
        }
    }
}

fn key(call: CallId) -> Vec<u8> {
    call.0.as_bytes().to_vec()
}

/// The first eight bytes of the SHA-256 of a Call-ID: nobody can make many that collide, and those that do are told
/// apart by the Call-ID beside it.
fn hash(sip_call_id: &str) -> i64 {
    let digest = sha2::Sha256::digest(sip_call_id);
    i64::from_be_bytes(std::array::from_fn(|at| digest[at]))
}

fn wall_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
