//! The desk, seen from outside: what its database holds against what the journal tells, how soon it knows a caller,
//! and how soon a pop is on a screen.
//!
//! Its tables are read, never written. Nothing here is the desk's code: a view that is to check another must not
//! share its mistakes.

pub mod lookups;
pub mod messages;
pub mod pops;
pub mod verify;

use anyhow::Context;
use serde::Serialize;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::time::Duration;

/// How long the desk may hold its file.
const BUSY_MAX: Duration = Duration::from_secs(5);

/// The desk's database, to be read.
#[derive(Debug)]
pub struct Database(SqliteConnection);

impl Database {
    /// Opens an existing file; nothing is changed by it.
    ///
    /// # Errors
    /// When it is not there or no database.
    pub async fn open(file: &Path) -> anyhow::Result<Self> {
        let options = SqliteConnectOptions::new().filename(file).create_if_missing(false);
        let options = options.pragma("query_only", "ON").busy_timeout(BUSY_MAX).disable_statement_logging();
        let connection = options.connect().await;
        Ok(Self(connection.with_context(|| format!("Failed to open {}", file.display()))?))
    }

    /// Lets go of the file.
    ///
    /// # Errors
    /// When the system refuses.
    pub async fn close(self) -> anyhow::Result<()> {
        self.0.close().await.context("Failed to close the database")
    }
}

/// Sorted measurements by share: half of them are below the median.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// Median, milliseconds.
    pub p50_ms: f64,
    /// 95 of 100 were faster, milliseconds.
    pub p95_ms: f64,
    /// 99 of 100 were faster, milliseconds.
    pub p99_ms: f64,
    /// The slowest, milliseconds.
    pub max_ms: f64,
}

impl Spread {
    /// Of microseconds in any order; `None` when there are none.
    #[must_use]
    pub fn of(mut measured_us: Vec<i64>) -> Option<Self> {
        measured_us.sort_unstable();
        let last = measured_us.len().checked_sub(1)?;
        let at = |share: f64| measured_us[(last as f64 * share).round() as usize] as f64 / 1000.0;
        Some(Self { p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99), max_ms: at(1.0) })
    }
}
