//! What a queued call costs: SIPp's callers at a fixed rate, SIPp's agents who answer at once, no sound.
//!
//! The switch's processor time over the whole step is divided by the calls that reached an agent, so that a call that
//! was only answered and never connected makes the figure worse, not better.

use super::{configuration, cpu};
use crate::house::{self, NUMBER, Switch};
use crate::process::{self, Owned};
use crate::programs::Programs;
use crate::setup::{self, Tool};
use crate::workspace::Workspace;
use anyhow::Context;
use serde::Serialize;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(super) const CALLER: &str = include_str!("caller.xml");
pub(super) const AGENT: &str = include_str!("agent.xml");
/// More than are ever busy: each call holds one for half a second.
pub(super) const AGENTS: usize = 1000;
/// Calls at the same time that the switch may take: more than the highest step has.
const CALLS_MAX: i64 = 8000;
/// The steps that are climbed for the highest rate without a failure and a retransmission, calls per second.
const CLIMB: [u64; 5] = [300, 600, 1000, 1500, 2000];
/// SIPp gives a call up after this, milliseconds.
const RECEIVE_TIMEOUT_MS: &str = "8000";
/// SIPp writes a line of statistics once a second.
const STATISTICS_EVERY: Duration = Duration::from_millis(1100);
/// Beyond the calls themselves: answers still on their way, and a slow machine.
const GRACE: Duration = Duration::from_secs(30);

/// The result.
#[derive(Debug, Serialize)]
struct Figures {
    parse_ns: u64,
    print_ns: u64,
    cpu_ms_per_queued_call: f64,
    /// The same with `[trace] enabled = false`: the difference is what tracing costs.
    cpu_ms_per_queued_call_untraced: f64,
    cpu_ms_per_queued_call_recorded: f64,
    /// Calls per second.
    rate: u64,
    /// Of the plain step.
    calls: u64,
    /// Refused, cut, or never connected to an agent, in the plain step.
    failed: u64,
    /// By SIPp's callers and by its agents, in the plain step.
    retransmissions: u64,
    /// Failures and retransmissions with recording.
    lost_recorded: u64,
    /// The highest step of [`CLIMB`] below the first with a failure or a retransmission.
    queued_calls_per_s: u64,
    /// At that step.
    cpu_ms_per_queued_call_at_most: f64,
    bytes_per_registration: u64,
    bytes_per_dialog: u64,
}

/// What is switched on for one step.
#[derive(Debug, Clone, Copy)]
struct With {
    recording: bool,
    trace: bool,
}

const PLAIN: With = With { recording: false, trace: true };

/// One step.
#[derive(Debug)]
struct Step {
    cpu_ms_per_call: f64,
    calls: u64,
    failed: u64,
    retransmissions: u64,
}

/// Measures without and with recording; `false` when the plain step lost a call or had anything sent twice.
///
/// # Errors
/// When a program cannot be started or breaks off.
pub fn measure(workspace: &Workspace, programs: &Programs, rate: u64, seconds: u64) -> anyhow::Result<bool> {
    setup::install(&[Tool::Sipp])?;
    let core = core(programs)?;
    let number = |key: &str| core[key].as_u64().with_context(|| format!("no {key} in {core}"));
    let plain = step(workspace, programs, rate, seconds, PLAIN)?;
    let untraced = step(workspace, programs, rate, seconds, With { trace: false, ..PLAIN })?;
    let recorded = step(workspace, programs, rate, seconds, With { recording: true, ..PLAIN })?;
    let (highest, at_most) = climb(workspace, programs, seconds)?;
    let figures = Figures {
        parse_ns: number("parse_ns")?,
        print_ns: number("print_ns")?,
        bytes_per_registration: number("bytes_per_registration")?,
        bytes_per_dialog: number("bytes_per_dialog")?,
        queued_calls_per_s: highest,
        cpu_ms_per_queued_call_at_most: at_most,
        cpu_ms_per_queued_call_untraced: untraced.cpu_ms_per_call,
        cpu_ms_per_queued_call: plain.cpu_ms_per_call,
        cpu_ms_per_queued_call_recorded: recorded.cpu_ms_per_call,
        rate,
        calls: plain.calls,
        failed: plain.failed,
        retransmissions: plain.retransmissions,
        lost_recorded: recorded.failed + recorded.retransmissions,
    };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(figures.failed + figures.retransmissions == 0)
}

/// What the SIP core costs by itself.
fn core(programs: &Programs) -> anyhow::Result<serde_json::Value> {
    let text = process::output(programs.command("careline-traffic").arg("sip-core"))?;
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).with_context(|| format!("not JSON: {last}"))
}

/// The highest rate that is clean, and what a call cost there.
fn climb(workspace: &Workspace, programs: &Programs, seconds: u64) -> anyhow::Result<(u64, f64)> {
    let mut best = (0, 0.0);
    for rate in CLIMB {
        let step = step(workspace, programs, rate, seconds, PLAIN)?;
        eprintln!(
            "bench: {rate} calls/s: {} failed, {} retransmissions, {} ms a call",
            step.failed, step.retransmissions, step.cpu_ms_per_call
        );
        if step.failed + step.retransmissions > 0 {
            break;
        }
        best = (rate, step.cpu_ms_per_call);
    }
    Ok(best)
}

fn step(
    workspace: &Workspace,
    programs: &Programs,
    rate: u64,
    seconds: u64,
    with: With,
) -> anyhow::Result<Step> {
    let dir = workspace.fresh_dir("bench")?;
    let mut config = configuration(workspace, &dir)?;
    let agent_phone = free("127.0.0.3")?;
    house::set_agents(&mut config, AGENTS, Some(agent_phone));
    house::set(&mut config, "recording", "enabled", with.recording);
    house::set(&mut config, "trace", "enabled", with.trace);
    house::set(&mut config, "sip", "calls_max", CALLS_MAX);
    // A pause of 200 ms on a busy machine would fill the sample's queue, and the bench would measure its limit.
    house::set_queues(&mut config, "callers_max", CALLS_MAX);
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
    // Its last line is up to a second old: its agents have sent all they had to by then.
    std::thread::sleep(STATISTICS_EVERY);
    drop(agent);

    let connected = connected(&switch)?;
    switch.end()?;
    let count = |side: &str, name| statistic(&dir.join(format!("{side}.csv")), name);
    let successful = count("caller", "SuccessfulCall(C)")?.min(connected);
    Ok(Step {
        cpu_ms_per_call: (used.as_secs_f64() * 1e6 / successful.max(1) as f64).round() / 1e3,
        calls,
        failed: calls - successful.min(calls),
        retransmissions: count("caller", "Retransmissions(C)")? + count("agent", "Retransmissions(C)")?,
    })
}

/// Calls that the journal saw connected to an agent.
pub(super) fn connected(switch: &Switch) -> anyhow::Result<u64> {
    let (events, _) = switch.events()?;
    Ok(events.iter().filter(|event| event["kind"] == "call_connected").count() as u64)
}

/// SIPp with this scenario on this address; its files are named after the scenario.
pub(super) fn sipp(dir: &Path, name: &str, scenario: &str, local: SocketAddr) -> anyhow::Result<Command> {
    let file = dir.join(format!("{name}.xml"));
    std::fs::write(&file, scenario).context("failed to write the scenario")?;
    let screen = std::fs::File::create(dir.join(format!("{name}.log"))).context("failed to make the log")?;
    let mut command = Command::new("sipp");
    command.current_dir(dir).args(["-nostdin", "-t", "u1", "-trace_stat", "-fd", "1"]);
    // Its own default of 64 KiB loses datagrams that the switch then has to send again.
    command.args(["-buff_size", "4194304"]);
    command.arg("-sf").arg(&file).arg("-stf").arg(dir.join(format!("{name}.csv")));
    command.args(["-i", &local.ip().to_string(), "-p", &local.port().to_string()]);
    command.stdout(screen.try_clone()?).stderr(screen).stdin(Stdio::null());
    Ok(command)
}

pub(super) fn free(ip: &str) -> anyhow::Result<SocketAddr> {
    Ok(UdpSocket::bind((ip, 0)).with_context(|| format!("{ip} cannot be used"))?.local_addr()?)
}

/// A figure in the last line of SIPp's statistics.
pub(super) fn statistic(file: &Path, name: &str) -> anyhow::Result<u64> {
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
