//! The commands of `careline-desk`.

mod accounts;
mod audit;
mod backup;
mod duplicates;
mod his;
mod seed;

use crate::config::{self, Config};
use crate::run;
use crate::storage::Store;
use anyhow::Context;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::PathBuf;

/// The agents' desk of a hospital call centre.
#[derive(Debug, Parser)]
#[command(name = "careline-desk", version)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve pages and follow the switches until told to end.
    Run(Where),
    /// Read the configuration and say what is wrong, without opening anything.
    Check(Where),
    /// Bring the database's tables up to date, which the desk does by itself, and look whether it is whole.
    Migrate(Where),
    /// Copy the database while the desk runs.
    Backup(backup::BackupArgs),
    /// Put a copy back in the place of the database. The desk must not run.
    Restore(backup::RestoreArgs),
    /// Fill an empty database with synthetic people.
    Seed(seed::SeedArgs),
    /// Who may sign in.
    #[command(subcommand)]
    Account(accounts::AccountCommand),
    /// Who looked at what.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Look for people who may be one person.
    Duplicates(duplicates::DuplicatesArgs),
    /// What the hospital's systems sent, and what became of it.
    His(his::HisArgs),
    /// Print the description of the HTTP interface (OpenAPI, JSON).
    Openapi,
}

/// Which configuration.
#[derive(Debug, clap::Args)]
struct Where {
    /// The configuration file; relative paths in it are relative to its folder.
    #[arg(long, env = "CARELINE_DESK_CONFIG", default_value = "config/desk.toml")]
    config: PathBuf,
    /// Keeps the database here instead of where the configuration says.
    #[arg(long, env = "CARELINE_RUN_DIR")]
    run_dir: Option<PathBuf>,
}

impl Where {
    fn load(&self) -> anyhow::Result<Config> {
        config::load(&self.config, self.run_dir.as_deref())
    }

    /// The database of this configuration; created when missing. The desk may run meanwhile.
    async fn open(&self) -> anyhow::Result<(Config, Store)> {
        let config = self.load()?;
        let store = run::open_store(&config).await?;
        Ok((config, store))
    }
}

/// Does what was asked.
///
/// # Errors
/// What the user has to know to put it right.
pub fn act(args: Args) -> anyhow::Result<()> {
    match args.command {
        Command::Run(place) => {
            careline_daemon::telemetry::start().context("failed to start logging")?;
            run::serve(place.load()?)
        }
        Command::Check(place) => {
            let config = place.load()?;
            say(&format!("{} is good: {}", place.config.display(), summary(&config)))
        }
        Command::Migrate(place) => once(backup::migrate(place)),
        Command::Backup(args) => once(backup::back_up(args)),
        Command::Restore(args) => once(backup::restore(args)),
        Command::Seed(args) => once(seed::run(args)),
        Command::Account(command) => once(accounts::run(command)),
        Command::Audit(command) => once(audit::run(command)),
        Command::Duplicates(args) => once(duplicates::run(args)),
        Command::His(args) => once(his::run(args)),
        Command::Openapi => say(&crate::http::openapi().to_pretty_json()?),
    }
}

fn once(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

fn summary(config: &Config) -> String {
    let switches: Vec<&str> = config.switches.iter().map(|switch| switch.id.as_str()).collect();
    let demo = if config.demo { ", demo: anybody may sign in" } else { "" };
    format!("{}, switches {}, {} sources{demo}", config.hospital, switches.join(" "), config.sources.len())
}

/// A command's answer. A reader that closes the pipe has read enough.
fn say(text: &str) -> anyhow::Result<()> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
