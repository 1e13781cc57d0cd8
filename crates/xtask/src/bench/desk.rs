//! The desk with many people: how long the switch waits for an answer, and how long until an agent sees who rings.
//!
//! ```text
//! LookUp:  traffic --gRPC--> desk                                          time of the answer
//! pop:     traffic --SIP--> switch --event--> desk --WebSocket--> Chromium "painted" --> desk's table `pop`
//! ```

use super::browser::Browser;
use crate::desk::{self, Desk, DeskOptions};
use crate::house::{self, FIRST_AGENT, NUMBER, PASSWORD_PREFIX, Switch};
use crate::process;
use crate::programs::Programs;
use crate::setup;
use crate::ui::Ui;
use crate::workspace::Workspace;
use anyhow::Context;
use serde::Serialize;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// People in the database.
const PERSONS: usize = 100_000;
/// Agents, each with a page.
const AGENTS: usize = 4;
/// Calls for the pops.
const CALLS: usize = 60;
/// Look-ups: how many, how many a second, and how many at once.
const LOOKUPS: (u64, u64, u64) = (5000, 200, 8);

/// The result.
#[derive(Debug, Serialize)]
struct Figures {
    bench: &'static str,
    persons: usize,
    lookup_p50_ms: f64,
    lookup_p99_ms: f64,
    pop_p50_ms: f64,
    pop_p95_ms: f64,
    pops: u64,
}

/// Measures; `false` when pops are missing or calls failed.
///
/// # Errors
/// When a program cannot be started or breaks off.
pub fn measure(workspace: &Workspace, programs: &Programs, ui: &Ui) -> anyhow::Result<bool> {
    setup::install(setup::BROWSER)?;
    let dir = workspace.fresh_dir("bench")?;
    let mut config = house::sample(workspace)?;
    house::set_agents(&mut config, AGENTS, None);
    house::set_queues(&mut config, "wrap_up_s", 1);
    eprintln!("bench: making {PERSONS} people");
    let switch = house::rpc(&config)?;
    let options = DeskOptions { switch, persons: PERSONS, agents: AGENTS, his: None, postgres: None };
    let desk = Desk::prepare(workspace, programs, &dir, options)?;
    house::set(&mut config, "directory", "address", format!("http://{}", desk.directory));
    let switch = Switch::start(programs, &dir, &config)?;
    let running = desk.start()?;

    let lookups = lookups(programs, &desk)?;
    let mut browser = Browser::start(workspace, ui, &dir)?;
    for person in desk::staff(AGENTS).iter().filter(|person| person.is_agent()) {
        browser.sign_in(&format!("http://{}", desk.http), &person.login, &person.password())?;
    }
    let rang = ring(workspace, programs, &dir, &switch, &desk)?;
    let mut command = programs.command("careline-traffic");
    let pops = last_json(command.arg("pops").arg("--database").arg(desk.database()))?;
    drop(browser);
    running.end()?;
    switch.end()?;

    let number = |json: &Value, key: &str| json[key].as_f64().with_context(|| format!("no {key} in {json}"));
    let figures = Figures {
        bench: "desk",
        persons: PERSONS,
        lookup_p50_ms: number(&lookups, "lookup_p50_ms")?,
        lookup_p99_ms: number(&lookups, "lookup_p99_ms")?,
        pop_p50_ms: number(&pops, "pop_p50_ms")?,
        pop_p95_ms: number(&pops, "pop_p95_ms")?,
        pops: pops["pops"].as_u64().with_context(|| format!("no pops in {pops}"))?,
    };
    println!("{}", serde_json::to_string(&figures)?);
    // Each call is answered, so that each has at least one pop.
    Ok(lookups["failed"] == 0 && rang && figures.pops >= CALLS as u64)
}

fn lookups(programs: &Programs, desk: &Desk) -> anyhow::Result<Value> {
    let (count, rate, in_flight) = LOOKUPS;
    let mut command = programs.command("careline-traffic");
    command.args(["lookups", "--seed", "7", "--directory", &desk.directory.to_string()]);
    command.arg("--database").arg(desk.database());
    command.args(["--count", &count.to_string(), "--rate", &rate.to_string()]);
    last_json(command.args(["--in-flight", &in_flight.to_string()]))
}

/// Short conversations, none given up and none missed; whether all went well.
fn ring(
    workspace: &Workspace,
    programs: &Programs,
    dir: &Path,
    switch: &Switch,
    desk: &Desk,
) -> anyhow::Result<bool> {
    let mut command = programs.command("careline-traffic");
    command
        .args(["calls", "--switch", &switch.sip.to_string(), "--number", NUMBER])
        .args(["--agents", &AGENTS.to_string(), "--calls", &CALLS.to_string(), "--rate", "1", "--seed", "7"])
        .args(["--first-agent", &FIRST_AGENT.to_string(), "--password-prefix", PASSWORD_PREFIX])
        .args(["--talk-mean-s", "2.5", "--abandon-share", "0", "--miss-share", "0"])
        .arg("--callers")
        .arg(&desk.callers)
        .arg("--prompts")
        .arg(workspace.root.join("config/prompts/zh-CN"))
        .arg("--report")
        .arg(dir.join("report.json"));
    Ok(process::status(&mut command)?.success())
}

/// What a program prints last.
fn last_json(command: &mut Command) -> anyhow::Result<Value> {
    let text = process::output(command)?;
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("not JSON: {last}"))
}
