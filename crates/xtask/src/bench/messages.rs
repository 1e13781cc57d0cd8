//! How many messages of the hospital's systems the desk takes, each on disk before it is answered, and done.
//!
//! ```text
//! traffic --10 connections, HL7 over MLLP--> desk --> SQLite or PostgreSQL, all on this machine
//! ```

use super::Db;
use crate::desk::{Desk, DeskOptions};
use crate::house;
use crate::postgres::Postgres;
use crate::process;
use crate::programs::Programs;
use crate::workspace::Workspace;
use anyhow::Context;
use serde_json::Value;

/// People in the database before.
const PERSONS: usize = 100_000;
/// Connections of senders.
const CONNECTIONS: usize = 10;

/// Measures; `false` when a message was not answered well, or not applied.
///
/// # Errors
/// When a program cannot be started or breaks off.
pub fn measure(workspace: &Workspace, programs: &Programs, db: Db, seconds: u64) -> anyhow::Result<bool> {
    let dir = workspace.fresh_dir("bench")?;
    let server = match db {
        Db::Sqlite => None,
        Db::Postgres => Some(Postgres::start(programs)?),
    };
    let door = house::free_near(2575)?;
    eprintln!("bench: making {PERSONS} people");
    // No switch runs; the desk goes on trying to reach it.
    let switch = house::free_near(7060)?;
    let postgres = server.as_ref().map(|server| server.port);
    let options = DeskOptions { switch, persons: PERSONS, agents: 1, his: Some(door), postgres };
    let desk = Desk::prepare(workspace, programs, &dir, options)?;
    let running = desk.start()?;
    let mut command = programs.command("careline-traffic");
    command.args(["messages", "--seed", "7", "--door", &door.to_string()]);
    command.args(["--connections", &CONNECTIONS.to_string(), "--seconds", &seconds.to_string()]);
    let told = process::output(&mut command)?;
    running.end()?;
    let last = told.lines().last().unwrap_or_default();
    let mut figures: Value = serde_json::from_str(last).with_context(|| format!("not JSON: {last}"))?;
    let counts = process::output(&mut desk.command(&["his"]))?;
    let applied = counts.lines().find_map(|line| line.strip_prefix("applied: ")?.parse::<u64>().ok());
    figures["applied"] = applied.into();
    figures["bench"] = format!("desk {db:?}").to_lowercase().into();
    println!("{figures}");
    Ok(figures["failed"] == 0 && applied.is_some() && figures["applied"] == figures["messages"])
}
