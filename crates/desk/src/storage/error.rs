//! Why the database did not do what it was asked, told apart by what a person can do about it.

use serde::Serialize;

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
}

/// Why storage refused. Its text names no person and no number.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Another program holds the file.
    #[error("the database is locked by another program; end it or wait")]
    Locked,
    /// Nothing may be written.
    #[error("the database may not be written; look at the permissions of its file and folder")]
    ReadOnly,
    /// No room.
    #[error("the disk of the database is full; make room")]
    Full,
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
            Self::Full | Self::Broken(_) | Self::Migration(_) => Some(StorageHealth::Failed),
            Self::LoginTaken | Self::AgentTaken | Self::Unknown(_) | Self::Randomness | Self::NotEmpty => {
                None
            }
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
    /// `SQLITE_CONSTRAINT_FOREIGNKEY`, whole.
    pub const FOREIGN_KEY: u32 = 787;
}

/// Tells what a person can do something about from the rest.
pub(super) fn classified(error: sqlx::Error) -> StorageError {
    // Our one writing connection was taken the whole time: whoever has it waits for the file.
    if matches!(error, sqlx::Error::PoolTimedOut) {
        return StorageError::Locked;
    }
    match code_of(&error) {
        Some(code::FOREIGN_KEY) => StorageError::Unknown("person or account"),
        Some(code) if matches!(code & 0xff, code::BUSY | code::LOCKED) => StorageError::Locked,
        Some(code) if code & 0xff == code::READONLY => StorageError::ReadOnly,
        Some(code) if code & 0xff == code::FULL => StorageError::Full,
        _ => StorageError::Broken(error),
    }
}

/// Whether the disk refused, in whatever way.
pub(super) fn is_io(error: &sqlx::Error) -> bool {
    code_of(error).is_some_and(|code| code & 0xff == code::IOERR)
}

fn code_of(error: &sqlx::Error) -> Option<u32> {
    error.as_database_error()?.code()?.parse().ok()
}
