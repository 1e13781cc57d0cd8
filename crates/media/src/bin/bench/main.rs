//! What a packet costs, as a ratio to the kernel's own cost of receiving and sending it (the floor F).
//!
//! `careline-media-bench [--calls N,N,..] [--seconds S] [--rounds R]`: for each number of calls and each scenario an
//! engine in this process, fed by a generator in a process of its own that checks every byte it gets back; the floor
//! is measured before and after each run. Of the rounds the best counts. Prints its figures as one line of JSON, the
//! last line of its output: those of the largest number of calls, and all others in `runs`. Only the ratios can be
//! compared between machines. A run whose floor lies outside [`FLOOR_US`] is void.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "an edge: measures real time on real sockets"
)]

mod floor;
mod generator;
mod payload;
mod run;
mod scenario;

use std::io::Write;

use run::Run;
use scenario::Scenario;

const CALLS_DEFAULT: &str = "100,500,1000";
const SECONDS_DEFAULT: u64 = 30;
const ROUNDS_DEFAULT: u64 = 3;
/// More calls than one generator can feed.
const CALLS_MAX: usize = 2000;
/// What the floor must be on the kind of machine that the targets were set on, microseconds.
const FLOOR_US: std::ops::RangeInclusive<f64> = 2.3..=5.0;

/// Why there are no figures.
pub(crate) struct Failed(String);

impl Failed {
    pub(crate) fn new(reason: String) -> Self {
        Self(reason)
    }
}

impl std::fmt::Debug for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// One run beside its floor.
#[derive(Clone, serde::Serialize)]
struct Row {
    scenario: Scenario,
    calls: usize,
    /// Cost over the floor: of send and receive, or of sending alone where nothing is received.
    ratio: f64,
    floor_us: f64,
    /// The floor was outside its range: the machine was too slow, too fast or too busy for a judgement.
    void: bool,
    #[serde(flatten)]
    run: Run,
}

/// What the bench has found, for the largest number of calls.
#[derive(serde::Serialize)]
struct Figures {
    floor_us: f64,
    relay_ratio: Option<f64>,
    record_ratio: Option<f64>,
    record_srtp_ratio: Option<f64>,
    playback_ratio: Option<f64>,
    /// Three parties in one mix; with at most 660 calls, which are 1,980 legs.
    mix_ratio: Option<f64>,
    /// One leg with Opus; with at most 100 calls.
    opus_ratio: Option<f64>,
    /// The worst of all scenarios.
    loss: f64,
    /// Packets with another payload than was said, all scenarios.
    wrong: u64,
    latency_p99_ms: Option<f64>,
    pacing_p99_ms: Option<f64>,
    bytes_per_recorded_call: Option<u64>,
    calls: usize,
    runs: Vec<Row>,
}

fn measure(scenario: Scenario, calls: usize, seconds: u64) -> Result<Row, Failed> {
    let floor = || floor::ns_per_packet(scenario.legs() * calls);
    let before = floor()?;
    let run = run::run(scenario, calls, seconds)?;
    let after = floor()?;
    let (send, both) = (before.send.midpoint(after.send), before.sum().midpoint(after.sum()));
    let ratio = run.ns_per_packet / if scenario.plays() { send } else { both };
    let floor_us = both / 1000.0;
    Ok(Row { scenario, calls, ratio, floor_us, void: !FLOOR_US.contains(&floor_us), run })
}

fn figures(mut runs: Vec<Row>, calls: usize) -> Figures {
    runs.sort_by(|one, other| one.ratio.total_cmp(&other.ratio));
    let best = |scenario| {
        runs.iter()
            .find(|row| row.scenario == scenario && row.calls == calls.min(scenario.calls_max()) && !row.void)
    };
    let ratio = |scenario| best(scenario).map(|row| row.ratio);
    let chosen: Vec<&Row> = Scenario::ALL.into_iter().filter_map(best).collect();
    let ms = |us: u64| us as f64 / 1000.0;
    Figures {
        floor_us: chosen.iter().map(|row| row.floor_us).sum::<f64>() / chosen.len().max(1) as f64,
        relay_ratio: ratio(Scenario::Relay),
        record_ratio: ratio(Scenario::Record),
        record_srtp_ratio: ratio(Scenario::RecordSrtp),
        playback_ratio: ratio(Scenario::Playback),
        mix_ratio: ratio(Scenario::Mix),
        opus_ratio: ratio(Scenario::Opus),
        loss: chosen.iter().map(|row| row.run.loss).fold(0.0, f64::max),
        wrong: runs.iter().map(|row| row.run.wrong).sum(),
        latency_p99_ms: best(Scenario::Relay).map(|row| ms(row.run.latency_p99_us)),
        pacing_p99_ms: best(Scenario::Playback).map(|row| ms(row.run.pacing_p99_us)),
        bytes_per_recorded_call: best(Scenario::Record).map(|row| row.run.bytes_per_call),
        calls,
        runs,
    }
}

/// The value after `name`, or the default.
fn option(arguments: &[String], name: &str, default: &str) -> Result<String, Failed> {
    match arguments.iter().position(|argument| argument == name) {
        Some(at) => {
            arguments.get(at + 1).cloned().ok_or_else(|| Failed::new(format!("{name} needs a value")))
        }
        None => Ok(default.to_owned()),
    }
}

fn number(arguments: &[String], name: &str, default: u64) -> Result<u64, Failed> {
    let text = option(arguments, name, &default.to_string())?;
    text.parse().map_err(|_| Failed::new(format!("{name} needs a number")))
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // As many sockets as the system lets us have.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised)?;
    if arguments.first().is_some_and(|argument| argument == generator::ARGUMENT) {
        return generator::run();
    }
    let seconds = number(&arguments, "--seconds", SECONDS_DEFAULT)?.clamp(1, 3600);
    let rounds = number(&arguments, "--rounds", ROUNDS_DEFAULT)?.clamp(1, 20);
    let counts = option(&arguments, "--calls", CALLS_DEFAULT)?
        .split(',')
        .map(|calls| calls.parse::<usize>().map(|calls| calls.clamp(1, CALLS_MAX)))
        .collect::<Result<Vec<_>, _>>()?;
    let only = option(&arguments, "--only", "")?;
    let mut runs = Vec::new();
    for _ in 0..rounds {
        for (&calls, scenario) in
            counts.iter().flat_map(|calls| Scenario::ALL.map(|scenario| (calls, scenario)))
        {
            let is_again = calls > scenario.calls_max() && counts.iter().any(|&other| other < calls);
            if is_again || !only.is_empty() && !only.split(',').any(|name| name == scenario.name()) {
                continue;
            }
            let row = measure(scenario, calls.min(scenario.calls_max()), seconds)?;
            writeln!(std::io::stderr(), "{}", serde_json::to_string(&row)?)?;
            runs.push(row);
        }
    }
    let largest = counts.iter().copied().max().unwrap_or(0);
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&figures(runs, largest))?)?;
    Ok(())
}
