//! What a packet costs the whole switch, beside what it costs the kernel.
//!
//! A switch with its calls made over SIP, on the first processor; `careline-media-bench` feeds it from the second and
//! measures the floor before and after. Three parties in one mix cannot be dialled yet: that row is the engine's alone,
//! and so is the memory of media and recorder.

use super::configuration;
use super::sip::free;
use crate::house::{self, NUMBER, Switch};
use crate::process;
use crate::programs::Programs;
use crate::workspace::Workspace;
use anyhow::Context;
use serde_json::{Value, json};
use std::process::Command;
use toml::Value as Toml;

/// Numbers of calls; the last has the targets.
const CALLS: [u64; 3] = [100, 500, 1000];
/// Of the runs with most calls the best counts.
const ROUNDS: usize = 3;
/// Most calls of which one leg speaks Opus: each costs some hundred times what a relayed one does.
const OPUS_CALLS: u64 = 50;
/// Most conversations of three.
const MIX_CALLS: u64 = 330;
/// More than any run has.
const CALLS_MAX: i64 = 8000;
/// The switch's processor; the phones have the next.
const PROCESSOR: &str = "0";

/// What is measured through the whole switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scenario {
    Relay,
    Record,
    RecordSrtp,
    Playback,
    Opus,
}

impl Scenario {
    const ALL: [Self; 5] = [Self::Relay, Self::Record, Self::RecordSrtp, Self::Playback, Self::Opus];

    fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Record => "record",
            Self::RecordSrtp => "record_srtp",
            Self::Playback => "playback",
            Self::Opus => "opus",
        }
    }

    /// What `careline-traffic bridges` is told.
    fn argument(self) -> Option<&'static str> {
        match self {
            Self::Relay | Self::Record => None,
            Self::RecordSrtp => Some("--encrypted"),
            Self::Playback => Some("--queued"),
            Self::Opus => Some("--opus"),
        }
    }
}

/// Measures; `false` when packets were lost or changed at the largest number of calls.
///
/// # Errors
/// When a program cannot be started or breaks off.
pub fn measure(
    workspace: &Workspace,
    programs: &Programs,
    seconds: u64,
    calls: Option<u64>,
) -> anyhow::Result<bool> {
    let counts = calls.map_or(CALLS.to_vec(), |calls| vec![calls]);
    let most = counts.iter().copied().max().unwrap_or(1);
    let mut rows = Vec::new();
    for &calls in &counts {
        for round in 0..if calls == most { ROUNDS } else { 1 } {
            for scenario in Scenario::ALL {
                if scenario == Scenario::Opus && (calls != most || round > 0) {
                    continue;
                }
                let calls = if scenario == Scenario::Opus { calls.min(OPUS_CALLS) } else { calls };
                rows.push(run(workspace, programs, scenario, calls, seconds)?);
            }
        }
    }
    let mix = engine(programs, "mix", MIX_CALLS.min(most), seconds)?;
    let alone = engine(programs, "record", most, seconds)?;
    let figures = figures(rows, most, &mix, &alone);
    println!("{figures}");
    Ok(figures["loss"].as_f64() == Some(0.0) && figures["wrong"].as_u64() == Some(0))
}

/// One scenario through a switch of its own.
fn run(
    workspace: &Workspace,
    programs: &Programs,
    scenario: Scenario,
    calls: u64,
    seconds: u64,
) -> anyhow::Result<Value> {
    let dir = workspace.fresh_dir("bench")?;
    let mut config = configuration(workspace, &dir)?;
    let agents = free("127.0.0.3")?;
    let count = if scenario == Scenario::Playback { 1 } else { usize::try_from(calls)? };
    // Nobody serves the queue in which all wait.
    let contact = (scenario != Scenario::Playback).then_some(agents);
    house::set_agents(&mut config, count, contact);
    house::set(
        &mut config,
        "recording",
        "enabled",
        matches!(scenario, Scenario::Record | Scenario::RecordSrtp),
    );
    house::set(&mut config, "sip", "calls_max", CALLS_MAX);
    house::set_queues(&mut config, "callers_max", CALLS_MAX);
    house::set(
        &mut config,
        "phones",
        "srtp",
        if scenario == Scenario::RecordSrtp { "required" } else { "off" },
    );
    let codec = if scenario == Scenario::Opus { "opus" } else { "pcma" };
    house::set(&mut config, "phones", "codecs", Toml::Array(vec![codec.into()]));
    house::set(&mut config, "media", "threads", 1);
    house::set(&mut config, "media", "realtime", true);
    let switch = Switch::start_on(programs, &dir, &config, Some(PROCESSOR))?;
    let mut command = pinned(programs, "careline-media-bench");
    command.args(["--pid", &switch.id().to_string(), "--only", scenario.name()]);
    command.args(["--calls", &calls.to_string(), "--seconds", &seconds.to_string()]);
    command.arg("--").arg(programs.path("careline-traffic"));
    command.args(["bridges", "--switch", &switch.sip.to_string(), "--number", NUMBER]);
    command.args(["--agents-from", &agents.to_string()]);
    command.args(scenario.argument());
    let text = process::output(&mut command)?;
    switch.end()?;
    row(text.lines().last().unwrap_or_default())
}

/// The engine alone.
fn engine(programs: &Programs, scenario: &str, calls: u64, seconds: u64) -> anyhow::Result<Value> {
    let mut command = pinned(programs, "careline-media-bench");
    command.args(["--only", scenario, "--calls", &calls.to_string(), "--rounds", "1"]);
    let text = process::output(command.args(["--seconds", &seconds.to_string()]))?;
    row(text.lines().last().unwrap_or_default())
}

/// On the switch's processor and before everything else, where the system lets us: the floor is measured there.
fn pinned(programs: &Programs, name: &str) -> Command {
    let may = Command::new("chrt").args(["-f", "1", "true"]).status().is_ok_and(|status| status.success());
    let mut command = if may { Command::new("chrt") } else { Command::new("taskset") };
    if may {
        command.args(["-f", "1", "taskset"]);
    }
    command.args(["-c", PROCESSOR]).arg(programs.path(name));
    command
}

fn row(line: &str) -> anyhow::Result<Value> {
    eprintln!("bench: {line}");
    serde_json::from_str(line).with_context(|| format!("not JSON: {line}"))
}

/// The best run of each scenario with most calls; all others in `runs`.
fn figures(mut rows: Vec<Value>, most: u64, mix: &Value, alone: &Value) -> Value {
    let ratio = |row: &Value| row["ratio"].as_f64().unwrap_or(f64::MAX);
    rows.sort_by(|one, other| ratio(one).total_cmp(&ratio(other)));
    let best = |name: &str| {
        let is_meant = |row: &&Value| {
            row["scenario"] == name && row["void"] == false && row["calls"].as_u64() == Some(most)
        };
        rows.iter().find(is_meant)
    };
    let opus = rows.iter().find(|row| row["scenario"] == "opus").map(ratio);
    let of = |name: &str, key: &str| best(name).and_then(|row| row[key].as_f64());
    let ms = |us: Option<f64>| us.map(|us| us / 1000.0);
    let chosen: Vec<&Value> =
        ["relay", "record", "record_srtp", "playback"].into_iter().filter_map(best).collect();
    let sum = |key: &str| chosen.iter().filter_map(|row| row[key].as_f64()).sum::<f64>();
    json!({
        "floor_us": sum("floor_us") / chosen.len().max(1) as f64,
        "relay_ratio": of("relay", "ratio"),
        "record_ratio": of("record", "ratio"),
        "record_srtp_ratio": of("record_srtp", "ratio"),
        "playback_ratio": of("playback", "ratio"),
        // Over the kernel's cost with the phones on the other processor, as they are: what the switch itself adds.
        "crossed_us": sum("crossed_us") / chosen.len().max(1) as f64,
        "relay_crossed_ratio": of("relay", "ratio_crossed"),
        "record_crossed_ratio": of("record", "ratio_crossed"),
        "record_srtp_crossed_ratio": of("record_srtp", "ratio_crossed"),
        "playback_crossed_ratio": of("playback", "ratio_crossed"),
        "mix_ratio": mix["ratio"],
        "opus_ratio": opus,
        "loss": chosen.iter().filter_map(|row| row["loss"].as_f64()).fold(0.0, f64::max),
        "wrong": rows.iter().filter_map(|row| row["wrong"].as_u64()).sum::<u64>(),
        "latency_p99_ms": ms(of("relay", "latency_p99_us")),
        "pacing_p99_ms": ms(of("playback", "pacing_p99_us")),
        "bytes_per_recorded_call": alone["bytes_per_call"],
        "bytes_per_recorded_call_whole_switch": of("record", "bytes_per_call"),
        "calls": most,
        "runs": rows,
    })
}

#[cfg(test)]
mod tests {
    use super::figures;
    use serde_json::json;

    #[test]
    fn the_best_run_that_is_not_void_counts() {
        let row = |ratio: f64, void: bool, calls: u64| {
            json!({ "scenario": "relay", "ratio": ratio, "void": void, "calls": calls, "loss": 0.0, "wrong": 0,
                    "floor_us": 3.0, "ratio_crossed": ratio / 2.0, "latency_p99_us": 2100 })
        };
        let rows = vec![row(1.3, false, 9), row(1.1, true, 9), row(1.2, false, 9), row(1.0, false, 3)];
        let figures = figures(rows, 9, &json!({ "ratio": 2.5 }), &json!({ "bytes_per_call": 7 }));
        assert_eq!(figures["relay_ratio"].as_f64(), Some(1.2));
        assert_eq!(figures["latency_p99_ms"].as_f64(), Some(2.1));
        assert_eq!(figures["relay_crossed_ratio"].as_f64(), Some(0.6));
        assert_eq!(
            (figures["mix_ratio"].as_f64(), figures["bytes_per_recorded_call"].as_u64()),
            (Some(2.5), Some(7))
        );
        assert!(figures["record_ratio"].is_null());
        assert_eq!(figures["runs"].as_array().map(Vec::len), Some(4));
    }
}
