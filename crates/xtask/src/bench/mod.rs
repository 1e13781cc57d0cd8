//! Figures. Each bench builds the release programs, runs on loopback, and ends with one line of JSON.
//!
//! Callers go straight into a queue ([`FLOW`]): menus and their speech would measure our prompts' length.

mod browser;
mod cpu;
mod desk;
mod media;
mod memory;
mod messages;
mod overload;
mod sip;

use crate::house::{self, FIRST_AGENT, NUMBER, PASSWORD_PREFIX, Switch};
use crate::process;
use crate::programs::{Profile, Programs};
use crate::ui::Ui;
use crate::workspace::Workspace;
use anyhow::Context;
use clap::ValueEnum;
use std::path::Path;
use toml::Table;

/// The flow of the benches: answer, then queue.
const FLOW: &str = include_str!("flow.toml");

/// What the switch has to take on one core without a failure and a retransmission, queued calls per second.
const SIP_RATE: u64 = 1500;
/// Slower, the memory bench would take a quarter of an hour.
const MEMORY_RATE_MIN: u64 = 1000;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bench {
    /// From an agent's hanging up to the next call ringing there, with many callers waiting.
    Handoff,
    /// From an event to the choice of who talks to whom: 1,000 agents, 50 queues, 2,000 callers.
    Match,
    /// Processor time per call through the queue, without and with recording.
    Sip,
    /// Processor time of the whole switch per packet over the kernel's own.
    Media,
    /// One to five times as many calls as a configured limit: goodput, and the time to a refusal.
    Overload,
    /// Resident size over 200,000 calls.
    Memory,
    /// Look-ups among 100,000 people, and from the offer to the pop on an agent's screen; with --db how many messages of
    /// the hospital's systems are taken.
    Desk,
}

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct BenchArgs {
    /// Which.
    bench: Bench,
    /// Length of a measurement; default: handoff 45, sip 8, media 30, overload 6, desk --db 20.
    ///
    /// memory takes what its calls take.
    #[arg(long)]
    seconds: Option<u64>,
    /// sip, memory: calls per second; default: sip 1500, memory 1000, which is its least.
    #[arg(long)]
    rate: Option<u64>,
    /// media: bridged calls; default: 100, 500 and 1000, the last three times.
    #[arg(long)]
    calls: Option<u64>,
    /// desk: the hospital's messages alone, on this database.
    #[arg(long)]
    db: Option<Db>,
}

/// Where the desk keeps what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Db {
    /// In a file.
    Sqlite,
    /// On a server on this machine.
    Postgres,
}

/// Measures; `false` when calls failed, so that the figures mean nothing.
///
/// # Errors
/// When a program cannot be built or started, or breaks off.
pub fn bench(workspace: &Workspace, args: &BenchArgs) -> anyhow::Result<bool> {
    let programs = || Programs::build(workspace, Profile::Release);
    match args.bench {
        Bench::Desk => {
            // Before the programs: the desk has its pages inside.
            let ui = Ui::installed(workspace)?;
            ui.build()?;
            if let Some(db) = args.db {
                let programs = Programs::build(workspace, Profile::ReleaseOfDesk)?;
                return messages::measure(workspace, &programs, db, args.seconds.unwrap_or(20));
            }
            desk::measure(workspace, &Programs::build(workspace, Profile::ReleaseWithDesk)?, &ui)
        }
        Bench::Handoff => handoff(workspace, &programs()?, args.seconds.unwrap_or(45)),
        Bench::Match => matching(workspace),
        Bench::Sip => {
            let (rate, seconds) = (args.rate.unwrap_or(SIP_RATE), args.seconds.unwrap_or(8));
            sip::measure(workspace, &programs()?, rate, seconds)
        }
        Bench::Overload => overload::measure(workspace, &programs()?, args.seconds.unwrap_or(6)),
        Bench::Memory => {
            let rate = args.rate.unwrap_or(MEMORY_RATE_MIN).max(MEMORY_RATE_MIN);
            memory::measure(workspace, &programs()?, rate)
        }
        Bench::Media => media::measure(workspace, &programs()?, args.seconds.unwrap_or(30), args.calls),
    }
}

/// All benches, one after the other, with their usual lengths.
///
/// # Errors
/// As [`bench()`].
pub fn all(workspace: &Workspace) -> anyhow::Result<bool> {
    let mut good = true;
    for which in Bench::value_variants() {
        println!("bench {which:?}");
        let args = BenchArgs { bench: *which, seconds: None, rate: None, calls: None, db: None };
        good &= bench(workspace, &args)?;
    }
    for db in Db::value_variants() {
        println!("bench Desk --db {db:?}");
        let args = BenchArgs { bench: Bench::Desk, seconds: None, rate: None, calls: None, db: Some(*db) };
        good &= bench(workspace, &args)?;
    }
    Ok(good)
}

fn matching(workspace: &Workspace) -> anyhow::Result<bool> {
    let mut command = workspace.cargo();
    command.args(["run", "--quiet", "--release", "-p", "careline-callcentre", "--example", "matching"]);
    Ok(process::status(&mut command)?.success())
}

fn handoff(workspace: &Workspace, programs: &Programs, seconds: u64) -> anyhow::Result<bool> {
    const AGENTS: usize = 10;
    let dir = workspace.fresh_dir("bench")?;
    let mut config = configuration(workspace, &dir)?;
    house::set_agents(&mut config, AGENTS, None);
    let switch = Switch::start(programs, &dir, &config)?;
    let mut command = programs.command("careline-traffic");
    command
        .args(["handoff", "--json", "--switch", &switch.sip.to_string(), "--number", NUMBER])
        .args(["--agents", &AGENTS.to_string(), "--first-agent", &FIRST_AGENT.to_string()])
        .args(["--password-prefix", PASSWORD_PREFIX, "--seconds", &seconds.to_string()]);
    let status = process::status(&mut command)?;
    switch.end()?;
    Ok(status.success())
}

/// The sample configuration with the benches' flow, no wrap-up, and no announcement.
fn configuration(workspace: &Workspace, dir: &Path) -> anyhow::Result<Table> {
    let flows = dir.join("flows");
    std::fs::create_dir_all(&flows).context("failed to make the flows' folder")?;
    std::fs::write(flows.join("main.toml"), FLOW).context("failed to write the flow")?;
    let mut config = house::sample(workspace)?;
    house::set(&mut config, "flows", "directory", flows.to_string_lossy().into_owned());
    house::set_queues(&mut config, "wrap_up_s", 0);
    for queue in house::entries(&mut config, "queue") {
        queue.remove("announce");
    }
    Ok(config)
}
