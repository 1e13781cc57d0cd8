//! More calls than the switch is told to take: how many still reach an agent, and how soon the others know.
//!
//! One switch with a limit ([`LIMIT`] new calls a second), offered one to five times as much, then a little below it.
//! Goodput is the calls that an agent got, over the limit.

use super::sip::{AGENT, AGENTS, connected, free, sipp, statistic};
use super::{configuration, house};
use crate::house::{NUMBER, Switch};
use crate::process::Owned;
use crate::programs::Programs;
use crate::setup::{self, Tool};
use crate::workspace::Workspace;
use anyhow::Context;
use serde::Serialize;
use std::path::Path;
use std::time::{Duration, Instant};

const CALLER: &str = include_str!("refusable.xml");
/// `guard.calls_per_second_max`.
const LIMIT: u64 = 200;
/// Offered, as multiples of the limit.
const FACTORS: [u64; 5] = [1, 2, 3, 4, 5];
/// After the last of them, before what follows has to be as ever.
const REST: Duration = Duration::from_secs(5);
/// Offered then, calls a second.
const AFTERWARDS: u64 = 150;
/// Least goodput, percent of the limit.
const GOODPUT_MIN: u64 = 80;
/// Longest time to a refusal, at the 99th percentile, milliseconds.
const REFUSAL_MAX_MS: f64 = 200.0;
/// Beyond the calls themselves.
const GRACE: Duration = Duration::from_secs(30);

/// The result.
#[derive(Debug, Serialize)]
struct Figures {
    bench: &'static str,
    limit: u64,
    /// Offered, calls a second.
    offered: Vec<u64>,
    goodput_percent: Vec<u64>,
    /// From INVITE to 503, 99th percentile; 0 when nobody was refused.
    refusal_p99_ms: Vec<f64>,
    /// Calls neither connected nor refused.
    failed: u64,
    /// Refused or failed of those a rest later.
    afterwards_lost: u64,
}

/// Measures; `false` when goodput, a refusal or the time afterwards is not as it should be.
///
/// # Errors
/// When a program cannot be started or breaks off.
pub fn measure(workspace: &Workspace, programs: &Programs, seconds: u64) -> anyhow::Result<bool> {
    setup::install(&[Tool::Sipp])?;
    let dir = workspace.fresh_dir("bench")?;
    let mut config = configuration(workspace, &dir)?;
    let phone = free("127.0.0.3")?;
    house::set_agents(&mut config, AGENTS, Some(phone));
    house::set(&mut config, "guard", "calls_per_second_max", LIMIT as i64);
    house::set(&mut config, "recording", "enabled", false);
    house::set_queues(&mut config, "callers_max", 8000_i64);
    let switch = Switch::start(programs, &dir, &config)?;
    let agent = Owned::start("sipp", sipp(&dir, "agent", AGENT, phone)?.arg(switch.sip.to_string()))?;

    let (mut goodput_percent, mut refusal_p99_ms, mut failed) = (Vec::new(), Vec::new(), 0);
    for factor in FACTORS {
        let step = offer(&dir, &switch, factor * LIMIT, seconds)?;
        // May be above 100: the bucket is full at first.
        goodput_percent.push(step.connected * 100 / (LIMIT * seconds));
        refusal_p99_ms.push(step.refusal_p99_ms);
        failed += step.failed;
        eprintln!("bench: {factor} times the limit: {step:?}");
    }
    std::thread::sleep(REST);
    let after = offer(&dir, &switch, AFTERWARDS, seconds)?;
    drop(agent);
    switch.end()?;
    let afterwards_lost = (AFTERWARDS * seconds).saturating_sub(after.connected);
    let good = goodput_percent.iter().all(|percent| *percent >= GOODPUT_MIN)
        && refusal_p99_ms.iter().all(|ms| *ms <= REFUSAL_MAX_MS)
        && failed + afterwards_lost == 0;
    let offered = FACTORS.iter().map(|factor| factor * LIMIT).collect();
    let (bench, limit) = ("overload", LIMIT);
    let figures = Figures { bench, limit, offered, goodput_percent, refusal_p99_ms, failed, afterwards_lost };
    println!("{}", serde_json::to_string(&figures)?);
    Ok(good)
}

/// What became of the calls of one step.
#[derive(Debug)]
struct Step {
    connected: u64,
    failed: u64,
    refusal_p99_ms: f64,
}

fn offer(dir: &Path, switch: &Switch, rate: u64, seconds: u64) -> anyhow::Result<Step> {
    let (calls, before) = (rate * seconds, connected(switch)?);
    let name = format!("offer-{rate}");
    let mut command = sipp(dir, &name, CALLER, free("127.0.0.2")?)?;
    command
        .args(["-s", NUMBER, "-r", &rate.to_string(), "-m", &calls.to_string(), "-l", &calls.to_string()])
        .args(["-recv_timeout", "8000", "-trace_rtt", "-rtt_freq", "1"])
        .arg(switch.sip.to_string());
    let mut caller = Owned::start("sipp", &mut command)?;
    let deadline = Instant::now() + Duration::from_secs(seconds) + GRACE;
    caller.wait_while(|| Instant::now() < deadline)?.context("SIPp did not end")?;
    let as_scripted = statistic(&dir.join(format!("{name}.csv")), "SuccessfulCall(C)")?;
    Ok(Step {
        connected: connected(switch)? - before,
        failed: calls.saturating_sub(as_scripted),
        refusal_p99_ms: p99(&mut refusals(dir, &name)?),
    })
}

/// The times to the refusals of one step, milliseconds.
fn refusals(dir: &Path, name: &str) -> anyhow::Result<Vec<f64>> {
    let mut times = Vec::new();
    for entry in std::fs::read_dir(dir).context("the bench's folder has gone")? {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        if file.starts_with(&format!("{name}_")) && file.ends_with("_rtt.csv") {
            let text = std::fs::read_to_string(entry.path())?;
            times.extend(text.lines().filter_map(|line| line.split(';').nth(1)?.trim().parse::<f64>().ok()));
        }
    }
    Ok(times)
}

fn p99(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() * 99 / 100).or(times.last()).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::p99;

    #[test]
    fn the_percentile_of_few_is_their_highest() {
        assert_eq!((p99(&mut []), p99(&mut [3.0, 1.0])), (0.0, 3.0));
        let mut many: Vec<f64> = (0..1000).rev().map(f64::from).collect();
        assert_eq!(p99(&mut many), 990.0);
    }
}
