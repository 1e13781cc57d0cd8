//! The start-up checklist: nothing listens until the database is open and up to date.

use crate::config::Config;
use crate::storage::Store;
use anyhow::Context;

/// Opens the configured database, and creates it with its folder when there is none.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    if let Some(folder) = config.database.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("failed to create {}", folder.display()))?;
    }
    let opened = Store::open(&config.database).await;
    opened.with_context(|| format!("failed to open the database {}", config.database.display()))
}
