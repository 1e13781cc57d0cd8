//! `careline-desk backup`, `restore` and `migrate`: copies of the database, and its tables.

use super::{Where, say};
use crate::backup::{self, Restore};
use anyhow::Context;
use careline_daemon::Clock;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    #[command(flatten)]
    place: Where,
    /// The copy; `<file>.json` beside it says what it is. Neither may be there.
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    #[command(flatten)]
    place: Where,
    /// The copy.
    file: PathBuf,
    /// Puts the database that is there aside (a file), or replaces what is in it (on a server).
    #[arg(long)]
    replace: bool,
    /// Takes out the ID numbers, when the key under which they are sealed is lost.
    #[arg(long)]
    forget_id_numbers: bool,
}

pub(super) async fn back_up(BackupArgs { place, file }: BackupArgs) -> anyhow::Result<()> {
    let (config, store) = place.open().await?;
    let made = backup::make(&config, &store, &file, Clock::start().now().wall_us).await;
    store.close().await;
    let made = made.with_context(|| format!("no copy of {}", config.database))?;
    let key = made.key.map_or_else(String::new, |key| {
        format!(
            "; ID numbers are sealed under key {key} in {}: keep that file elsewhere",
            config.key_file.display()
        )
    });
    say(&format!("{}: {} bytes{key}", file.display(), made.bytes))
}

pub(super) async fn restore(args: RestoreArgs) -> anyhow::Result<()> {
    let RestoreArgs { place, file, replace, forget_id_numbers } = args;
    let config = place.load()?;
    let how = Restore { replace, forget_id_numbers };
    let stamp = jiff::Timestamp::from_microsecond(Clock::start().now().wall_us)?.strftime("%Y%m%dT%H%M%SZ");
    let back = backup::put_back(&config, &file, how, &stamp.to_string()).await;
    let back = back.with_context(|| format!("{} was not put back", file.display()))?;
    let made = jiff::Timestamp::from_microsecond(back.made_us)?.to_zoned(config.timezone.clone());
    say(&format!("{} is as it was at {}", config.database, made.strftime("%Y-%m-%d %H:%M:%S")))
}

pub(super) async fn migrate(place: Where) -> anyhow::Result<()> {
    let (config, store) = place.open().await?;
    let (steps, wrong) = (store.steps().await, store.integrity().await);
    store.close().await;
    if let Some(wrong) = wrong?.first() {
        anyhow::bail!("{} is damaged: {wrong}; put a copy back with careline-desk restore", config.database);
    }
    say(&format!("{} is up to date: {} steps, whole", config.database, steps?))
}
