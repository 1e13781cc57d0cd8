//! Whether memory stays flat: many calls through one switch, its resident size every so many of them.

use super::sip::{AGENT, AGENTS, CALLER, free, sipp, statistic};
use super::{configuration, house};
use crate::house::{NUMBER, Switch};
use crate::process::Owned;
use crate::programs::Programs;
use crate::setup::{self, Tool};
use crate::workspace::Workspace;
use anyhow::Context;
use serde::Serialize;
use std::time::{Duration, Instant};

/// Calls in all.
const CALLS: u64 = 200_000;
/// Samples of the resident size.
const SAMPLES: u64 = 20;
/// Transactions stay for 32 s over UDP (RFC 3261), so the first third only fills the tables.
const SETTLED: usize = 8;
/// The last sample over the first settled one; more is a leak.
const GROWTH_MAX: f64 = 1.1;
/// Beyond the calls themselves.
const GRACE: Duration = Duration::from_secs(60);

/// The result.
#[derive(Debug, Serialize)]
struct Figures {
    bench: &'static str,
    calls: u64,
    failed: u64,
    /// MiB, one every twentieth of the calls.
    resident_mib: Vec<u64>,
    /// The last over the first when all tables have their size.
    growth: f64,
}

/// Measures; `false` when calls failed or memory grew.
///
/// # Errors
/// When a program cannot be started or breaks off.
pub fn measure(workspace: &Workspace, programs: &Programs, rate: u64) -> anyhow::Result<bool> {
    setup::install(&[Tool::Sipp])?;
    let dir = workspace.fresh_dir("bench")?;
    let mut config = configuration(workspace, &dir)?;
    let phone = free("127.0.0.3")?;
    house::set_agents(&mut config, AGENTS, Some(phone));
    house::set(&mut config, "recording", "enabled", false);
    house::set(&mut config, "sip", "calls_max", 8000_i64);
    house::set_queues(&mut config, "callers_max", 8000_i64);
    let switch = Switch::start(programs, &dir, &config)?;
    let agent = Owned::start("sipp", sipp(&dir, "agent", AGENT, phone)?.arg(switch.sip.to_string()))?;
    let mut command = sipp(&dir, "caller", CALLER, free("127.0.0.2")?)?;
    command
        .args(["-s", NUMBER, "-r", &rate.to_string(), "-m", &CALLS.to_string(), "-l", "8000"])
        .args(["-recv_timeout", "8000"])
        .arg(switch.sip.to_string());
    let mut caller = Owned::start("sipp", &mut command)?;
    let every = Duration::from_secs_f64(CALLS as f64 / SAMPLES as f64 / rate as f64);
    let deadline = Instant::now() + every * u32::try_from(SAMPLES)? + GRACE;
    let (mut resident_mib, mut next) = (Vec::new(), Instant::now() + every);
    let ended = caller.wait_while(|| {
        if Instant::now() >= next {
            next += every;
            resident_mib.extend(resident(switch.id()).ok());
        }
        Instant::now() < deadline
    })?;
    ended.context("SIPp did not end")?;
    drop(agent);
    // The journal of so many calls is not read back: what SIPp saw is enough here.
    let successful = statistic(&dir.join("caller.csv"), "SuccessfulCall(C)")?;
    switch.end()?;
    let (first, last) = (resident_mib.get(SETTLED).copied(), resident_mib.last().copied());
    let growth = last.unwrap_or(0) as f64 / first.context("too few samples")?.max(1) as f64;
    let (bench, calls, failed) = ("memory", CALLS, CALLS - successful);
    let growth = (growth * 100.0).round() / 100.0;
    println!("{}", serde_json::to_string(&Figures { bench, calls, failed, resident_mib, growth })?);
    Ok(failed == 0 && growth <= GROWTH_MAX)
}

/// Resident size of a process, MiB.
fn resident(id: u32) -> anyhow::Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{id}/status")).context("the process has gone")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("VmRSS has another form")?;
    Ok(kib / 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    fn our_own_size_is_read() {
        assert!(super::resident(std::process::id()).is_ok());
    }
}
