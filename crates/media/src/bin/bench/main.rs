//! What relaying a packet costs, as a ratio to the kernel's own cost of receiving and sending it (the floor).
//!
//! `careline-media-bench [--calls N] [--seconds S]`: bridges N calls in an engine of this process, fed by a generator
//! in a process of its own, without and with recording; measures the floor before, between and after; prints its
//! figures as one line of JSON, the last line of its output. Only the ratios can be compared between machines.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "an edge: measures real time on real sockets"
)]

mod floor;
mod generator;
mod relay;

use std::io::Write;

use relay::Failed;

const CALLS_DEFAULT: usize = 200;
const SECONDS_DEFAULT: u64 = 8;
/// More calls than one generator can feed.
const CALLS_MAX: usize = 2000;

/// What the bench has found.
#[derive(serde::Serialize)]
struct Figures {
    /// Cost of a relayed packet over the floor.
    relay_ratio: f64,
    /// The same with every call recorded; the writer's work included.
    relay_recorded_ratio: f64,
    /// CPU time of the whole process per relayed packet.
    ns_per_packet: f64,
    /// The same while recording.
    recorded_ns_per_packet: f64,
    /// CPU time of one send and one receive on connected sockets.
    floor_ns: f64,
    /// Bridged calls.
    calls: usize,
    /// Part of the packets that did not come out, the worse of both runs.
    loss: f64,
}

fn relay_ratio(calls: usize, seconds: u64) -> Result<Figures, Failed> {
    let before = floor::ns_per_packet(2 * calls)?;
    let plain = relay::run(calls, seconds, false)?;
    let between = floor::ns_per_packet(2 * calls)?;
    let recorded = relay::run(calls, seconds, true)?;
    let after = floor::ns_per_packet(2 * calls)?;
    Ok(Figures {
        relay_ratio: plain.ns_per_packet / before.midpoint(between),
        relay_recorded_ratio: recorded.ns_per_packet / between.midpoint(after),
        ns_per_packet: plain.ns_per_packet,
        recorded_ns_per_packet: recorded.ns_per_packet,
        floor_ns: (before + between + after) / 3.0,
        calls,
        loss: plain.loss.max(recorded.loss),
    })
}

/// The value after `name`, or the default.
fn option(arguments: &[String], name: &str, default: usize) -> Result<usize, Failed> {
    match arguments.iter().position(|argument| argument == name) {
        Some(at) => arguments
            .get(at + 1)
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| Failed::new(format!("{name} needs a number"))),
        None => Ok(default),
    }
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
    let calls = option(&arguments, "--calls", CALLS_DEFAULT)?.clamp(1, CALLS_MAX);
    let seconds = option(&arguments, "--seconds", SECONDS_DEFAULT as usize)?.clamp(1, 3600) as u64;
    let figures = relay_ratio(calls, seconds)?;
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&figures)?)?;
    Ok(())
}
