//! Whether the database can be written, known within a second also when nobody writes.

use super::{StorageHealth, Store, classified};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// How often the database is tried.
pub const PROBE_EVERY: Duration = Duration::from_millis(400);
/// How long a probe may take before its answer is "locked".
const PROBE_MAX: Duration = Duration::from_millis(500);

impl Store {
    /// Tries the write lock and lets it go. While all is well that touches no disk; after a failure it writes one page,
    /// because a full or broken disk shows itself only then.
    pub async fn probe(&self) -> StorageHealth {
        let store = self.clone();
        // A task of its own: given up here, it still ends what it began, so that no transaction stays open.
        let probe = tokio::spawn(async move { store.try_the_lock().await });
        match timeout(PROBE_MAX, probe).await {
            Ok(Ok(health)) => health,
            Ok(Err(_)) => StorageHealth::Failed,
            Err(_) => StorageHealth::Locked,
        }
    }

    async fn try_the_lock(&self) -> StorageHealth {
        let before = *self.health.borrow();
        let sql = match before {
            StorageHealth::Ok | StorageHealth::Locked => "BEGIN IMMEDIATE; ROLLBACK",
            // Written even when it does not change.
            StorageHealth::ReadOnly | StorageHealth::Failed => {
                "BEGIN IMMEDIATE; PRAGMA user_version = 1; COMMIT"
            }
        };
        let mut connection = match self.writer.acquire().await {
            Ok(connection) => connection,
            Err(error) => return classified(error).health(),
        };
        match sqlx::raw_sql(sql).execute(&mut *connection).await {
            Ok(_) => StorageHealth::Ok,
            Err(error) => {
                // Whatever was begun ends here; nothing may be open when the next writer comes.
                let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
                classified(error).trouble().unwrap_or(StorageHealth::Failed)
            }
        }
    }
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
                StorageHealth::Locked | StorageHealth::ReadOnly | StorageHealth::Failed => {
                    tracing::error!(?health, "the database cannot be written; events wait at the switch");
                }
            }
            last = health;
        }
    }
}
