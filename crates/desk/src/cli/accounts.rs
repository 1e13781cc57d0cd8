//! `careline-desk account`: who may sign in.

use super::{Where, say};
use crate::passwords;
use crate::rights::{Role, Roles};
use crate::storage::{NewAccount, StorageError};
use anyhow::{Context, bail};
use careline_daemon::Clock;
use clap::Subcommand;
use std::io::BufRead;
use std::path::{Path, PathBuf};

/// Longest login and name, in characters.
const CHARS_MAX: usize = 64;

#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
    /// Add an account; its password is the first line of standard input, or of a file.
    Add(AddArgs),
    /// Print all accounts: login, roles, agent, state, name.
    List(Where),
    /// Give an account other roles.
    Roles(RolesArgs),
    /// Take an account's rights and end its sign-ins.
    Disable(DisableArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct AddArgs {
    #[command(flatten)]
    place: Where,
    /// What is typed to sign in.
    #[arg(long)]
    login: String,
    /// What pages show.
    #[arg(long)]
    name: String,
    /// What it is there for; several times for several. Administrators and services have no other role beside.
    #[arg(long = "role", required = true)]
    roles: Vec<Role>,
    /// The agent at the switch; for roles that take calls (agent, follow_up_nurse), and only for them.
    #[arg(long)]
    agent: Option<String>,
    /// The file with the password instead of standard input.
    #[arg(long)]
    password_file: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct RolesArgs {
    #[command(flatten)]
    place: Where,
    /// Whose.
    #[arg(long)]
    login: String,
    /// What it is there for from now on; several times for several.
    #[arg(long = "role", required = true)]
    roles: Vec<Role>,
}

#[derive(Debug, clap::Args)]
pub(super) struct DisableArgs {
    #[command(flatten)]
    place: Where,
    /// Whose.
    #[arg(long)]
    login: String,
}

pub(super) async fn run(command: AccountCommand) -> anyhow::Result<()> {
    match command {
        AccountCommand::Add(args) => add(args).await,
        AccountCommand::List(place) => list(&place).await,
        AccountCommand::Roles(args) => roles(args).await,
        AccountCommand::Disable(args) => disable(&args).await,
    }
}

async fn add(args: AddArgs) -> anyhow::Result<()> {
    let AddArgs { place, login, name, roles, agent, password_file } = args;
    for (what, text) in [("--login", &login), ("--name", &name)] {
        if text.trim().is_empty() || text.chars().count() > CHARS_MAX || text.chars().any(char::is_control) {
            bail!("{what} has 1 to {CHARS_MAX} characters, none of them a control character");
        }
    }
    let roles = Roles::new(roles).context("--role")?;
    fits(&roles, agent.as_deref())?;
    let password = password(password_file.as_deref())?;
    let password_hash = passwords::hash(&password).await?;
    let created_us = Clock::start().now().wall_us;
    let (_, store) = place.open().await?;
    let new = NewAccount { login, name, roles, agent, password_hash, created_us };
    let added = store.add_account(new).await;
    store.close().await;
    match added {
        Ok(account) => say(&format!("added {} ({})", account.login, account.roles)),
        Err(StorageError::LoginTaken) => bail!("there is an account with this --login already"),
        Err(StorageError::AgentTaken) => bail!("another account has this --agent already"),
        Err(error) => Err(error.into()),
    }
}

fn password(file: Option<&Path>) -> anyhow::Result<String> {
    let text = match file {
        Some(file) => {
            std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))?
        }
        None => {
            let mut line = String::new();
            std::io::stdin().lock().read_line(&mut line).context("failed to read the password")?;
            line
        }
    };
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

async fn list(place: &Where) -> anyhow::Result<()> {
    let (_, store) = place.open().await?;
    let accounts = store.accounts().await;
    store.close().await;
    for account in accounts? {
        let state = if account.disabled { "disabled" } else { "active" };
        let agent = account.agent.as_deref().unwrap_or("-");
        say(&format!("{}\t{}\t{agent}\t{state}\t{}", account.login, account.roles, account.name))?;
    }
    Ok(())
}

/// Who takes calls has a phone, and nobody else.
fn fits(roles: &Roles, agent: Option<&str>) -> anyhow::Result<()> {
    match (roles.take_calls(), agent) {
        (true, None) => bail!("--agent is missing: roles that take calls have a phone at the switch"),
        (false, Some(_)) => {
            bail!("--agent belongs to roles that take calls: {roles} has no phone at the switch")
        }
        _ => Ok(()),
    }
}

async fn roles(args: RolesArgs) -> anyhow::Result<()> {
    let RolesArgs { place, login, roles } = args;
    let roles = Roles::new(roles).context("--role")?;
    let (_, store) = place.open().await?;
    let set = async {
        let account = store.account_by_login(&login).await?;
        let account = account.with_context(|| format!("--login {login}: there is no such account"))?;
        fits(&roles, account.agent.as_deref())?;
        store.set_roles(&account.id, &roles).await.context("the roles")
    };
    let set = set.await;
    store.close().await;
    set?;
    say(&format!("{login} is {roles}"))
}

async fn disable(args: &DisableArgs) -> anyhow::Result<()> {
    let (_, store) = args.place.open().await?;
    let disabled = store.set_disabled(&args.login, true, Clock::start().now().wall_us).await;
    store.close().await;
    disabled.with_context(|| format!("--login {}", args.login))?;
    say(&format!("disabled {}", args.login))
}
