//! What a packet costs, as a ratio to the kernel's own cost of receiving and sending it (the floor F).
//!
//! `careline-media-bench [--calls N,N,..] [--seconds S] [--rounds R] [--only scenario,..]`: for each number of calls
//! and each scenario an engine in this process, fed by a generator in a process of its own that checks every byte it
//! gets back. `careline-media-bench --pid P --calls N --seconds S --only scenario -- <caller> <arguments>`: the same
//! for a whole switch, whose calls the caller makes ([`process::Switch`]); `cargo xtask bench media` does that.
//!
//! The floor is measured before and after each run. Prints a line of JSON for each run. Only the ratios can be compared
//! between machines. A run whose floor lies outside [`FLOOR_US`] is void.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "an edge: measures real time on real sockets"
)]

mod engine;
mod floor;
mod generator;
mod payload;
mod process;
mod run;
mod scenario;

use std::io::Write;

use engine::OwnEngine;
use floor::Floor;
use process::Switch;
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
    /// The kernel's cost with the phones' ends on another processor, as in a run.
    crossed_us: f64,
    /// Cost over that: the engine's own share, whatever the machine.
    ratio_crossed: f64,
    /// The floor was outside its range: the machine was too slow, too fast or too busy for a judgement.
    void: bool,
    #[serde(flatten)]
    run: Run,
}

/// The run of one scenario between two measurements of the floor.
fn measure(
    scenario: Scenario,
    calls: usize,
    run: impl FnOnce() -> Result<Run, Failed>,
) -> Result<(), Failed> {
    let floor = || floor::ns_per_packet(scenario.legs() * calls);
    let crossed = || floor::crossed_ns_per_packet(scenario.legs() * calls);
    let before = (floor()?, crossed()?);
    let run = run()?;
    let after = (floor()?, crossed()?);
    let over = |before: &Floor, after: &Floor| {
        let (send, both) = (before.send.midpoint(after.send), before.sum().midpoint(after.sum()));
        (run.ns_per_packet / if scenario.plays() { send } else { both }, both / 1000.0)
    };
    let (ratio, floor_us) = over(&before.0, &after.0);
    let (ratio_crossed, crossed_us) = over(&before.1, &after.1);
    let void = !FLOOR_US.contains(&floor_us);
    let row = Row { scenario, calls, ratio, floor_us, crossed_us, ratio_crossed, void, run };
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string(&row)?)?)
}

fn with_engine(scenario: Scenario, calls: usize, seconds: u64) -> Result<(), Failed> {
    measure(scenario, calls, || {
        let mut house = OwnEngine::start(scenario)?;
        let run = run::run(&mut house, scenario, calls, seconds);
        house.end();
        run
    })
}

fn with_switch(
    pid: u32,
    caller: &[String],
    scenario: Scenario,
    calls: usize,
    seconds: u64,
) -> Result<(), Failed> {
    measure(scenario, calls, || {
        let mut house = Switch::new(pid, caller)?;
        let run = run::run(&mut house, scenario, calls, seconds);
        house.end()?;
        run
    })
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
    let (arguments, caller) = match arguments.iter().position(|argument| argument == "--") {
        Some(at) => (arguments[..at].to_vec(), &arguments[at + 1..]),
        None => (arguments.clone(), &[][..]),
    };
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
    let chosen = |scenario: Scenario| only.is_empty() || only.split(',').any(|name| name == scenario.name());
    if let Some(pid) = option(&arguments, "--pid", "")?.parse().ok().filter(|&pid: &u32| pid > 0) {
        let scenario = Scenario::ALL.into_iter().find(|&one| !only.is_empty() && chosen(one));
        let scenario = scenario.ok_or_else(|| Failed::new("--only needs a scenario".to_owned()))?;
        let calls = counts.first().copied().unwrap_or(1);
        return with_switch(pid, caller, scenario, calls, seconds);
    }
    for _ in 0..rounds {
        for (&calls, scenario) in
            counts.iter().flat_map(|calls| Scenario::ALL.map(|scenario| (calls, scenario)))
        {
            let is_again = calls > scenario.calls_max() && counts.iter().any(|&other| other < calls);
            if !is_again && chosen(scenario) {
                with_engine(scenario, calls.min(scenario.calls_max()), seconds)?;
            }
        }
    }
    Ok(())
}
