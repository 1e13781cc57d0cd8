//! What a queued call costs: SIPp's callers at a fixed rate, SIPp's agents who answer at once, no sound.
//!
//! The switch's processor time over the whole step is divided by the calls that reached an agent, so that a call that
//! was only answered and never connected makes the figure worse, not better.

use super::{configuration, cpu};
use crate::house::{self, NUMBER, Switch};
use crate::process::Owned;
use crate::programs::Programs;
use crate::setup::{self, Tool};
use crate::workspace::Workspace;
use anyhow::Context;
use serde::Serialize;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CALLER: &str = include_str!("caller.xml");
const AGENT: &str = include_str!("agent.xml");
/// More than are ever busy: each call holds one for half a second.
const AGENTS: usize = 400;
/// SIPp gives a call up after this, milliseconds.
const RECEIVE_TIMEOUT_MS: &str = "8000";
/// Beyond the calls themselves: answers still on their way, and a slow machine.
const GRACE: Duration = Duration::from_secs(30);

/// The result.
#[derive(Debug, Serialize)]
struct Figures {
    cpu_ms_per_queued_call: f64,
    cpu_ms_per_queued_call_recorded: f64,
    /// Calls per second.
    rate: u64,
    /// Of both steps.
    calls: u64,
    /// Refused, cut, or never connected to an agent.
    failed: u64,
    /// By SIPp's callers.
    retransmissions: u64,
}

/// One step.
#[derive(Debug)]
struct Step {
    cpu_ms_per_call: f64,
    calls: u64,
    failed: u64,
    retransmissions: u64,
}

/// Measures without and with recording.
///
/// # Errors
/// When a program cannot be started or breaks off.
pub fn measure(workspace: &Workspace, programs: &Programs, rate: u64, seconds: u64) -> anyhow::Result<bool> {
    setup::install(&[Tool::Sipp])?;
    let plain = step(workspace, programs, rate, seconds, false)?;
    let recorded = step(workspace, programs, rate, seconds, true)?;
    let figures = Figures {
        cpu_ms_per_queued_call: plain.cpu_ms_per_call,
        cpu_ms_per_queued_call_recorded: recorded.cpu_ms_per_call,
        rate,
        calls: plain.calls + recorded.calls,
        failed: plain.failed + recorded.failed,
        retransmissions: plain.retransmissions + recorded.retransmissions,
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(figures.failed == 0)
}

fn step(
    workspace: &Workspace,
    programs: &Programs,
    rate: u64,
    seconds: u64,
    recorded: bool,
) -> anyhow::Result<Step> {
    let dir = workspace.fresh_dir("bench")?;
    let mut config = configuration(workspace, &dir)?;
    let agent_phone = free("127.0.0.3")?;
    house::set_agents(&mut config, AGENTS, Some(agent_phone));
    house::set(&mut config, "recording", "enabled", recorded);
    let switch = Switch::start(programs, &dir, &config)?;
    let agent = Owned::start("sipp", sipp(&dir, "agent", AGENT, agent_phone)?.arg(switch.sip.to_string()))?;

    let calls = rate * seconds;
    let before = cpu::used(switch.id())?;
    let mut command = sipp(&dir, "caller", CALLER, free("127.0.0.2")?)?;
    command
        .args(["-s", NUMBER, "-r", &rate.to_string(), "-m", &calls.to_string(), "-l", &calls.to_string()])
        .args(["-recv_timeout", RECEIVE_TIMEOUT_MS])
        .arg(switch.sip.to_string());
    let mut caller = Owned::start("sipp", &mut command)?;
    let deadline = Instant::now() + Duration::from_secs(seconds) + GRACE;
    caller.wait_while(|| Instant::now() < deadline)?.context("SIPp did not end")?;
    let used = cpu::used(switch.id())? - before;
    drop(agent);

    let connected = connected(&switch)?;
    switch.end()?;
    let count = |name| statistic(&dir.join("caller.csv"), name);
    let successful = count("SuccessfulCall(C)")?.min(connected);
    Ok(Step {
        cpu_ms_per_call: (used.as_secs_f64() * 1e6 / successful.max(1) as f64).round() / 1e3,
        calls,
        failed: calls - successful.min(calls),
        retransmissions: count("Retransmissions(C)")?,
    })
}

/// Calls that the journal saw connected to an agent.
fn connected(switch: &Switch) -> anyhow::Result<u64> {
    let (events, _) = switch.events()?;
    Ok(events.iter().filter(|event| event["kind"] == "call_connected").count() as u64)
}

/// SIPp with this scenario on this address; its files are named after the scenario.
fn sipp(dir: &Path, name: &str, scenario: &str, local: SocketAddr) -> anyhow::Result<Command> {
    let file = dir.join(format!("{name}.xml"));
    std::fs::write(&file, scenario).context("failed to write the scenario")?;
    let screen = std::fs::File::create(dir.join(format!("{name}.log"))).context("failed to make the log")?;
    let mut command = Command::new("sipp");
    command.current_dir(dir).args(["-nostdin", "-t", "u1", "-trace_stat", "-fd", "1"]);
    command.arg("-sf").arg(&file).arg("-stf").arg(dir.join(format!("{name}.csv")));
    command.args(["-i", &local.ip().to_string(), "-p", &local.port().to_string()]);
    command.stdout(screen.try_clone()?).stderr(screen).stdin(Stdio::null());
    Ok(command)
}

fn free(ip: &str) -> anyhow::Result<SocketAddr> {
    Ok(UdpSocket::bind((ip, 0)).with_context(|| format!("{ip} cannot be used"))?.local_addr()?)
}

/// A figure in the last line of SIPp's statistics.
fn statistic(file: &Path, name: &str) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(file).context("SIPp left no statistics")?;
    last_of(&text, name).with_context(|| format!("SIPp's statistics have no {name}"))
}

fn last_of(text: &str, name: &str) -> Option<u64> {
    let mut lines = text.lines();
    let at = lines.next()?.split(';').position(|column| column == name)?;
    lines.next_back()?.split(';').nth(at)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::last_of;

    #[test]
    fn statistics_are_found_by_name_in_the_last_line() {
        let text = "Start;SuccessfulCall(C);Retransmissions(C);\na;1;0;\nb;12;3;\n";
        assert_eq!(last_of(text, "SuccessfulCall(C)"), Some(12));
        assert_eq!(last_of(text, "Retransmissions(C)"), Some(3));
        assert_eq!(last_of(text, "None"), None);
    }
}
