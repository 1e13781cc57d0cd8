//! Whether the database can be written, known within a second also when nobody writes.

use super::error::{self, classified};
use super::sql::query;
use super::{Place, StorageError, StorageHealth, Store};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How often the database is tried.
pub const PROBE_EVERY: Duration = Duration::from_millis(400);
/// How long a probe may take before its answer is "locked".
const PROBE_MAX: Duration = Duration::from_millis(500);

impl Store {
    /// Writes one row, because a file system that went read-only or a full disk show themselves only then. Over a
    /// connection of its own, whose commits wait for no disk. Answers within 500 ms, and publishes nothing.
    pub async fn probe(&self) -> StorageHealth {
        let store = self.clone();
        // A task of its own: given up here, it still ends what it began, so that no lock stays behind.
        let probe = tokio::spawn(async move {
            let probe = async {
                let mut transaction = store.prober.begin().await?;
                query("UPDATE probe SET turn = turn + 1").execute(&mut transaction).await?;
                transaction.commit().await
            };
            probe.await.map_err(|error| store.explained(error).health())
        });
        match timeout(PROBE_MAX, probe).await {
            Ok(Ok(Ok(()))) => StorageHealth::Ok,
            Ok(Ok(Err(health))) => health,
            Ok(Err(_)) => StorageHealth::Failed,
            Err(_) => match &*self.place {
                Place::File(_) => StorageHealth::Locked,
                // Its own limit for a lock is shorter: nobody answers.
                Place::Server(_) => StorageHealth::Away,
            },
        }
    }

    /// The error in our words. The database calls a file that suddenly may not be written an input/output error.
    pub(super) fn explained(&self, error: sqlx::Error) -> StorageError {
        match (classified(error), &*self.place) {
            (StorageError::Broken(error), Place::File(file))
                if error::is_io(&error) && is_read_only(file) =>
            {
                StorageError::ReadOnly
            }
            (other, _) => other,
        }
    }
}

/// Whether the log beside the file may not be written. The file itself must not be opened here: closing it again would
/// let go the locks that the database holds on it (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
fn is_read_only(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    let opened = OpenOptions::new().write(true).open(log);
    opened.is_err_and(|error| {
        matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
    })
}

/// Keeps [`Store::health`] true for as long as the program runs.
pub async fn watch_health(store: Store) {
    let mut ticks = interval(PROBE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = StorageHealth::Ok;
    loop {
        ticks.tick().await;
        let health = store.probe().await;
        store.publish(health);
        if health != last {
            match health {
                StorageHealth::Ok => tracing::warn!("the database can be written again"),
                StorageHealth::Locked
                | StorageHealth::ReadOnly
                | StorageHealth::Failed
                | StorageHealth::Away => {
                    tracing::error!(?health, "the database cannot be written; events wait at the switch");
                }
            }
            last = health;
        }
    }
}
