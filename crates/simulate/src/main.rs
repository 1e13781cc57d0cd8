//! `careline-simulate`: lives through generated days with the real call centre, and tells supervisors what a day would be
//! like. The last line is JSON.
#![allow(clippy::disallowed_methods, reason = "an edge: measures how fast virtual time passes")]

use anyhow::Context;
use careline_model::EventBody;
use careline_model::event::{OfferOutcome, QueueOutcome};
use careline_simulate::figures::Estimate;
use careline_simulate::whatif::{Forecast, QueueForecast, WhatIf};
use careline_simulate::{Demand, Depth, Hospital, Outcome, Script, Simulation, Traffic, shrink};
use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The call centre on a virtual clock.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    days: DaysArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tells what a day would be like: service level, speed of answer, abandoned callers, occupancy.
    WhatIf(WhatIfArgs),
    /// Tells how good the waits are that callers are told, on a morning that goes wrong: within half an hour twice as many
    /// callers come, and 30 % of the agents are at lunch.
    Ewt(EwtArgs),
}

#[derive(Debug, Args)]
struct DaysArgs {
    /// Virtual hours of each run.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    hours: u32,
    /// Runs, each from a seed of its own.
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Agents.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=1000))]
    agents: u32,
    /// Callers, 1 for what the agents can just serve.
    #[arg(long, default_value_t = 1.0, value_parser = times)]
    load: f64,
    /// Faults, orders and oddities, 1 for the usual.
    #[arg(long, default_value_t = 1.0, value_parser = times)]
    trouble: f64,
    /// New calls are refused from the last tenth of the time on.
    #[arg(long)]
    drain: bool,
    /// The whole switch with phones that speak SIP, not the call centre alone.
    #[arg(long)]
    whole: bool,
    /// Every run twice, and both must be the same; else the first one only.
    #[arg(long)]
    twice: bool,
    /// Looks for the shortest story in which this happens, as if it were a broken promise.
    #[arg(long)]
    until: Option<Until>,
}

/// So many times the usual.
fn times(text: &str) -> Result<f64, String> {
    const MOST: f64 = 100.0;
    let times = text.parse::<f64>().ok().filter(|times| (0.0..=MOST).contains(times));
    times.ok_or_else(|| format!("`{text}` is no number of times; allowed: 0 to {MOST}"))
}

/// What a story may be sought for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Until {
    /// A caller gives up.
    Abandoned,
    /// A caller waits too long.
    FlowOut,
    /// An agent's phone is lost while it rings.
    DeviceLost,
    /// An agent passes a caller on.
    Transferred,
}

impl Until {
    fn demand(self) -> Demand {
        match self {
            Self::Abandoned => |event| {
                matches!(event, EventBody::QueueLeft { outcome: QueueOutcome::Abandoned, .. })
                    .then(|| format!("{event:?}"))
            },
            Self::FlowOut => |event| {
                matches!(event, EventBody::QueueLeft { outcome: QueueOutcome::FlowOutTimeout, .. })
                    .then(|| format!("{event:?}"))
            },
            Self::DeviceLost => |event| {
                matches!(event, EventBody::OfferEnded { outcome: OfferOutcome::DeviceLost, .. })
                    .then(|| format!("{event:?}"))
            },
            Self::Transferred => {
                |event| matches!(event, EventBody::TransferEnded { .. }).then(|| format!("{event:?}"))
            }
        }
    }
}

#[derive(Debug, Args)]
struct EwtArgs {
    /// Mornings.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=1000))]
    replications: u64,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Args)]
struct WhatIfArgs {
    /// The day: queues, staff and traffic, as config/what-if.toml shows.
    file: PathBuf,
    /// How often it is lived through.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=1000))]
    replications: u32,
    /// The first seed.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = std::io::stdout().lock();
    let done = match cli.command {
        Some(Command::WhatIf(args)) => what_if(&args, &mut out),
        Some(Command::Ewt(args)) => ewt(&args, &mut out),
        None => days(&cli.days, &mut out),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // Nothing is left to be told when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "careline-simulate: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What all runs have in common.
#[derive(Default)]
struct Sum {
    calls: u64,
    offers: u64,
    steps: u64,
    checks: u64,
    troubles: BTreeMap<&'static str, u64>,
    outcomes: BTreeMap<String, u64>,
    offer_outcomes: BTreeMap<String, u64>,
}

impl Sum {
    fn add(&mut self, outcome: &Outcome) {
        self.calls += outcome.tally.calls;
        self.offers += outcome.tally.offers;
        self.steps += outcome.steps;
        self.checks += outcome.checks;
        for (kind, count) in &outcome.troubles {
            *self.troubles.entry(kind).or_default() += count;
        }
        for (kind, count) in outcome.tally.all_queues().outcomes {
            *self.outcomes.entry(kind).or_default() += count;
        }
        for (kind, count) in &outcome.tally.offer_outcomes {
            *self.offer_outcomes.entry(kind.clone()).or_default() += count;
        }
    }
}

fn days(args: &DaysArgs, out: &mut impl Write) -> anyhow::Result<bool> {
    let hospital = Hospital::of(args.agents as usize);
    let traffic = Traffic {
        length: Duration::from_secs(u64::from(args.hours) * 3600),
        load: args.load,
        trouble: args.trouble,
        dialling: !args.whole,
        drains: args.drain,
    };
    let simulation = Simulation {
        depth: if args.whole { Depth::Switchboard } else { Depth::Centre },
        demand: args.until.map(Until::demand),
        digested: true,
        ..Simulation::new(hospital)
    };
    let mut sum = Sum::default();
    let mut spent = Duration::ZERO;
    for seed in args.seed..args.seed.saturating_add(args.seeds) {
        let script = Arc::new(traffic.script(&simulation.hospital, seed));
        let begin = Instant::now();
        let outcome = simulation.run(&script, false)?;
        let took = begin.elapsed();
        spent += took;
        sum.add(&outcome);
        writeln!(
            out,
            "seed {seed}: {} calls, {} steps, {} checks in {:.1} s",
            outcome.tally.calls,
            outcome.steps,
            outcome.checks,
            took.as_secs_f64()
        )?;
        if outcome.violation.is_some() {
            tell_story(&simulation, &script, &outcome, out)?;
            return Ok(false);
        }
        if args.twice || seed == args.seed {
            let again = simulation.run(&script, false)?;
            if again.digest != outcome.digest {
                writeln!(out, "seed {seed}: two runs differ: {:x} and {:x}", outcome.digest, again.digest)?;
                return Ok(false);
            }
        }
    }
    summary(args, &sum, spent, out)?;
    Ok(true)
}

fn summary(args: &DaysArgs, sum: &Sum, spent: Duration, out: &mut impl Write) -> anyhow::Result<()> {
    let hours = u64::from(args.hours) * args.seeds;
    let per_s = hours as f64 / spent.as_secs_f64().max(1e-9);
    for (title, counts) in [("queue outcomes", &sum.outcomes), ("offer outcomes", &sum.offer_outcomes)] {
        let counts: Vec<_> = counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        writeln!(out, "{title}: {}", counts.join(", "))?;
    }
    let troubles: Vec<_> = sum.troubles.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    writeln!(out, "faults, orders and oddities: {}", troubles.join(", "))?;
    let line = json!({
        "bench": "simulate", "agents": args.agents, "hours": hours, "seeds": args.seeds, "whole": args.whole,
        "calls": sum.calls, "offers": sum.offers, "steps": sum.steps, "checks": sum.checks,
        "faults": sum.troubles, "violations": 0, "seconds": spent.as_secs_f64(),
        "simulated_hours_per_s": per_s,
    });
    writeln!(out, "{line}")?;
    Ok(())
}

/// The seed, what was broken, and the shortest story that breaks it.
fn tell_story(
    simulation: &Simulation,
    script: &Arc<Script>,
    outcome: &Outcome,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let Some(broken) = &outcome.violation else { return Ok(()) };
    writeln!(
        out,
        "\nseed {} breaks: {}\n  {} (after {:?})",
        script.seed, broken.invariant, broken.seen, broken.at
    )?;
    out.flush()?;
    // Panics of shorter stories are told once, in the end.
    std::panic::set_hook(Box::new(|_| {}));
    let shrunk = shrink(simulation, script, outcome)?;
    let (before, after) = (script.happenings.len(), shrunk.script.happenings.len());
    writeln!(out, "the shortest story: {after} of {before} happenings, after {} tries", shrunk.tries)?;
    for happening in &shrunk.script.happenings {
        writeln!(out, "  {:?} {}: {:?}", happening.at, happening.number, happening.what)?;
    }
    writeln!(out, "what happens then:")?;
    for line in &shrunk.outcome.story {
        writeln!(out, "  {line}")?;
    }
    if let Some(broken) = &shrunk.outcome.violation {
        writeln!(out, "  breaks: {}: {}", broken.invariant, broken.seen)?;
    }
    let line = json!({
        "bench": "simulate", "violations": 1, "seed": script.seed, "invariant": broken.invariant,
        "story": after,
    });
    writeln!(out, "{line}")?;
    Ok(())
}

fn ewt(args: &EwtArgs, out: &mut impl Write) -> anyhow::Result<bool> {
    let said = careline_simulate::ewt::mornings(args.replications, args.seed)?;
    let percent = |part: u64| part as f64 * 100.0 / said.all.max(1) as f64;
    writeln!(
        out,
        "{} waits said to callers who were answered: {:.1} % of the right kind, {:.1} % at most one off (target 80), {:.1} % \
         too long by more",
        said.all,
        percent(said.exact),
        percent(said.within_one),
        percent(said.too_long)
    )?;
    let line = json!({
        "bench": "ewt", "replications": args.replications, "announcements": said.all,
        "exact": percent(said.exact) / 100.0, "within_one_kind": percent(said.within_one) / 100.0,
        "too_long": percent(said.too_long) / 100.0, "target": 0.8,
    });
    writeln!(out, "{line}")?;
    Ok(true)
}

fn what_if(args: &WhatIfArgs, out: &mut impl Write) -> anyhow::Result<bool> {
    let name = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file).with_context(|| format!("failed to read {name}"))?;
    let forecast = WhatIf::read(&name, &text)?.forecast(args.replications, args.seed)?;
    table(&forecast, out)?;
    writeln!(out, "{}", serde_json::to_string(&forecast)?)?;
    Ok(true)
}

/// Means, and in brackets what 19 of 20 single days are within.
fn table(forecast: &Forecast, out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "{} days; the mean, +- where the true mean is, and in brackets what a single day is",
        forecast.replications
    )?;
    writeln!(
        out,
        "{:12} {:>28} {:>28} {:>28} {:>28}",
        "queue", "callers", "service level, %", "speed of answer, s", "abandoned, %"
    )?;
    for queue in forecast.queues.iter().chain([&forecast.all]) {
        let QueueForecast { queue, offered, service_level, speed_of_answer_s, abandoned } = queue;
        writeln!(
            out,
            "{queue:12} {:>28} {:>28} {:>28} {:>28}",
            cell(offered.as_ref(), 1.0),
            cell(service_level.as_ref(), 100.0),
            cell(speed_of_answer_s.as_ref(), 1.0),
            cell(abandoned.as_ref(), 100.0)
        )?;
    }
    writeln!(out, "occupancy, %: {}", cell(forecast.occupancy.as_ref(), 100.0))?;
    Ok(())
}

fn cell(estimate: Option<&Estimate>, scale: f64) -> String {
    estimate.map_or_else(
        || "-".to_owned(),
        |estimate| {
            let Estimate { mean, within, single_within } = *estimate;
            let most = if scale > 1.0 { 1.0 } else { f64::INFINITY }; // shares end at 100 %
            let (low, high) =
                ((mean - single_within).max(0.0) * scale, (mean + single_within).min(most) * scale);
            format!("{:.1} +- {:.1} ({low:.1} to {high:.1})", mean * scale, within * scale)
        },
    )
}
