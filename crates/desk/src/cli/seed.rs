//! `careline-desk seed`: synthetic people for demonstrations and tests.

use super::{Where, say};
use anyhow::{Context, bail};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Most people made at once: they are made in memory.
const PERSONS_MAX: usize = 1_000_000;

#[derive(Debug, clap::Args)]
pub(super) struct SeedArgs {
    #[command(flatten)]
    place: Where,
    /// How many.
    #[arg(long)]
    persons: usize,
    /// The same seed makes the same people.
    #[arg(long)]
    seed: u64,
    /// Writes their numbers here, one a line, as they are dialled.
    #[arg(long)]
    callers: Option<PathBuf>,
}

pub(super) async fn run(args: SeedArgs) -> anyhow::Result<()> {
    let SeedArgs { place, persons, seed, callers } = args;
    if persons > PERSONS_MAX {
        bail!("--persons {persons}: {PERSONS_MAX} at most");
    }
    let (config, store) = place.open().await?;
    let people = crate::seed::generate(persons, seed, &config.numbers);
    let imported = store.import_people(&people).await;
    store.close().await;
    imported.with_context(|| format!("failed to fill {}", config.database))?;
    let numbers: BTreeSet<&str> =
        people.iter().flat_map(|seed| &seed.phones).map(|new| new.phone.number.as_str()).collect();
    if let Some(file) = callers {
        let text = crate::seed::dialable(&people, seed).join("\n") + "\n";
        std::fs::write(&file, text).with_context(|| format!("failed to write {}", file.display()))?;
    }
    say(&json!({ "persons": people.len(), "numbers": numbers.len() }).to_string())
}
