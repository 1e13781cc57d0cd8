//! Why the database did not do what it was asked, told apart by what a person can do about it.

use serde::Serialize;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

/// How the database is, in one word for pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StorageHealth {
    /// Everything is written.
    Ok,
    /// Another program holds the file; writes wait or fail until it lets go.
    Locked,
    /// Nothing may be written: permissions, or a file system mounted read-only.
    ReadOnly,
    /// The disk is full or broken, or the file is damaged.
    Failed,
    /// Its server cannot be reached.
    Away,
}

/// Why storage refused. Its text names no person and no number.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Another program writes.
    #[error("the database is locked by another program; end it or wait")]
    Locked,
    /// Nothing may be written.
    #[error(
        "the database may not be written; look at the permissions of its file and folder, or of its user"
    )]
    ReadOnly,
    /// No room.
    #[error("the disk of the database is full; make room")]
    Full,
    /// No server, or none that answers.
    #[error("the database's server cannot be reached; see that it runs and that [database] names it right")]
    Away,
    /// The server lets us not in.
    #[error("the database's server knows no such database, user or password; look at [database]")]
    Denied(#[source] sqlx::Error),
    /// The disk, the file or a statement is broken.
    #[error("the database failed")]
    Broken(#[source] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the database's tables could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The login is somebody's already.
    #[error("this login is taken")]
    LoginTaken,
    /// The agent has an account already.
    #[error("this agent has an account already")]
    AgentTaken,
    /// A reference to a person, call or account that does not exist.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// The system gave no randomness for a new id.
    #[error("the system gives no randomness")]
    Randomness,
    /// Its values are sealed under another key.
    #[error(
        "values in the database are sealed under another key than that of the key file; put the right file back"
    )]
    OtherKey,
    /// Two people are not joined, or not taken apart.
    #[error(transparent)]
    Merge(#[from] super::MergeRefusal),
    /// Synthetic people were to be put beside real ones.
    #[error("there are people in the database already; synthetic ones go into an empty one only")]
    NotEmpty,
}

impl StorageError {
    /// What pages say about the database after this error.
    #[must_use]
    pub fn health(&self) -> StorageHealth {
        self.trouble().unwrap_or(StorageHealth::Ok)
    }

    /// What is wrong with the database itself, if this is not the asker's mistake.
    pub(super) fn trouble(&self) -> Option<StorageHealth> {
        match self {
            Self::Locked => Some(StorageHealth::Locked),
            Self::ReadOnly => Some(StorageHealth::ReadOnly),
            Self::Away => Some(StorageHealth::Away),
            Self::Full | Self::Broken(_) | Self::Denied(_) | Self::Migration(_) => {
                Some(StorageHealth::Failed)
            }
            Self::LoginTaken
            | Self::AgentTaken
            | Self::Unknown(_)
            | Self::Merge(_)
            | Self::OtherKey
            | Self::Randomness
            | Self::NotEmpty => None,
        }
    }
}

/// SQLite's primary result codes (<https://www.sqlite.org/rescode.html>); extended ones carry them in the low byte.
mod code {
    pub const BUSY: u32 = 5;
    pub const LOCKED: u32 = 6;
    pub const READONLY: u32 = 8;
    pub const IOERR: u32 = 10;
    pub const FULL: u32 = 13;
    /// `SQLITE_TOOBIG`, `SQLITE_CONSTRAINT`, `SQLITE_MISMATCH`, `SQLITE_RANGE`.
    pub const OF_CONTENT: [u32; 4] = [18, 19, 20, 25];
    /// `SQLITE_CONSTRAINT_FOREIGNKEY`, whole.
    pub const FOREIGN_KEY: u32 = 787;
}

/// PostgreSQL's codes (<https://www.postgresql.org/docs/current/errcodes-appendix.html>), whole or their class.
mod state {
    pub const FOREIGN_KEY: &str = "23503";
    pub const DATA: &str = "22";
    pub const INTEGRITY: &str = "23";
    pub const LOCKED: [&str; 3] = ["55P03", "40P01", "57014"];
    pub const READ_ONLY: [&str; 2] = ["25006", "42501"];
    pub const FULL: &str = "53100";
    /// Shut down, crashed, starting, too many connections.
    pub const AWAY: [&str; 4] = ["57P01", "57P02", "57P03", "53300"];
    pub const CONNECTION: &str = "08";
    pub const NOT_LET_IN: &str = "28";
    pub const NO_DATABASE: &str = "3D000";
}

/// Tells what a person can do something about from the rest.
pub(super) fn classified(error: sqlx::Error) -> StorageError {
    match error {
        // Our one writing connection was taken the whole time: whoever has it waits for the file.
        sqlx::Error::PoolTimedOut => return StorageError::Locked,
        sqlx::Error::Io(_) => return StorageError::Away,
        _ => {}
    }
    if let Some(state) = state_of(&error) {
        return by_state(&state, error);
    }
    match code_of(&error) {
        Some(code::FOREIGN_KEY) => StorageError::Unknown("person or account"),
        Some(code) if matches!(code & 0xff, code::BUSY | code::LOCKED) => StorageError::Locked,
        Some(code) if code & 0xff == code::READONLY => StorageError::ReadOnly,
        Some(code) if code & 0xff == code::FULL => StorageError::Full,
        _ => StorageError::Broken(error),
    }
}

fn by_state(state: &str, error: sqlx::Error) -> StorageError {
    match state {
        state::FOREIGN_KEY => StorageError::Unknown("person or account"),
        state::FULL => StorageError::Full,
        state::NO_DATABASE => StorageError::Denied(error),
        state if state::LOCKED.contains(&state) => StorageError::Locked,
        state if state::READ_ONLY.contains(&state) => StorageError::ReadOnly,
        state if state::AWAY.contains(&state) || state.starts_with(state::CONNECTION) => StorageError::Away,
        state if state.starts_with(state::NOT_LET_IN) => StorageError::Denied(error),
        _ => StorageError::Broken(error),
    }
}

/// Whether a statement was refused for its values, so that others may still be taken.
pub(super) fn is_of_content(error: &sqlx::Error) -> bool {
    if let Some(state) = state_of(error) {
        return state.starts_with(state::DATA) || state.starts_with(state::INTEGRITY);
    }
    match error {
        sqlx::Error::Encode(_) | sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => true,
        other => code_of(other).is_some_and(|code| code::OF_CONTENT.contains(&(code & 0xff))),
    }
}

/// Whether the disk refused, in whatever way.
pub(super) fn is_io(error: &sqlx::Error) -> bool {
    code_of(error).is_some_and(|code| code & 0xff == code::IOERR)
}

/// SQLite's code.
fn code_of(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.try_downcast_ref::<SqliteError>()?.code()?.parse().ok()
}

/// PostgreSQL's code.
fn state_of(error: &sqlx::Error) -> Option<String> {
    let error = error.as_database_error()?.try_downcast_ref::<PgDatabaseError>()?;
    Some(error.code().to_owned())
}
