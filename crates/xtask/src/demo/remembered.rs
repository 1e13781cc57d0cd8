//! The demo's calls as the desk remembers them: what its database holds, against the journal.

use super::journal::Counts;
use crate::process;
use crate::programs::Programs;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How long the desk may need for the last events, seconds.
const CATCHES_UP_S: u64 = 20;

/// What the desk's database says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// The calls, counted by SQL.
    #[serde(flatten)]
    pub calls: Counts,
    /// Calls that agents dialled.
    pub dialled: u64,
    /// Rows of the history.
    pub desk_rows: u64,
    /// Events of the journal that the desk does not have.
    pub event_holes: u64,
    /// Facts that the desk has twice or that the journal does not have.
    pub event_repeats: u64,
    /// What is wrong, one line each.
    #[serde(default, skip_serializing)]
    pub failed: Vec<String>,
}

/// Asks, once the desk has all events of `journal_events` (JSON lines of a journal at rest).
///
/// # Errors
/// When the database cannot be read.
pub fn ask(
    programs: &Programs,
    database: &Path,
    switch_id: &str,
    journal_events: &Path,
) -> anyhow::Result<Remembered> {
    let mut command = programs.command("careline-traffic");
    command.arg("verify-desk").arg("--database").arg(database).args(["--switch-id", switch_id]);
    command.arg("--journal-events").arg(journal_events).args(["--within-s", &CATCHES_UP_S.to_string()]);
    let mut last = String::new();
    // It ends badly when something is wrong, and says what in its last line.
    process::run_watched(&mut command, |line| line.clone_into(&mut last))?;
    serde_json::from_str(&last).with_context(|| format!("verify-desk did not end with JSON: {last}"))
}
