//! The switch's event journal as a story reads it: through `careline-switch events --json`, one event a line.

use crate::{programs, wait};
use anyhow::Context;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A journal file.
#[derive(Debug, Clone)]
pub struct Journal {
    file: PathBuf,
}

impl Journal {
    /// The journal in this file; it need not exist yet.
    #[must_use]
    pub fn at(file: &Path) -> Self {
        Self { file: file.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Every event so far, in the order of their numbers.
    ///
    /// # Errors
    /// When the program refuses or prints something else than JSON.
    pub fn events(&self) -> anyhow::Result<Vec<Value>> {
        let output = Command::new(programs::program("careline-switch")?)
            .args(["events", "--json", "--journal"])
            .arg(&self.file)
            .output()
            .context("Failed to run careline-switch events")?;
        anyhow::ensure!(
            output.status.success(),
            "careline-switch events failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| serde_json::from_str(line).with_context(|| format!("not an event: {line}")))
            .collect()
    }

    /// The events of one kind (`call_ended`, ...).
    ///
    /// # Errors
    /// As [`Self::events`].
    pub fn of_kind(&self, kind: &str) -> anyhow::Result<Vec<Value>> {
        Ok(self.events()?.into_iter().filter(|event| event["kind"] == kind).collect())
    }

    /// Waits for the first event of this kind that `wanted` accepts.
    ///
    /// # Errors
    /// When it does not come in time, with the kinds that did.
    pub fn wait_for(
        &self,
        kind: &str,
        within: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Value> {
        let found = wait::until(&format!("the event {kind}"), within, || {
            // Before the first event the file may not exist: that is "not yet", told apart only at the deadline.
            let events = self.of_kind(kind).unwrap_or_default();
            Ok(events.into_iter().find(|event| wanted(event)))
        });
        found.or_else(|late| {
            let kinds: Vec<String> =
                self.events()?.iter().map(|e| e["kind"].as_str().unwrap_or("?").to_owned()).collect();
            Err(late.context(format!("the journal has {kinds:?}")))
        })
    }
}
