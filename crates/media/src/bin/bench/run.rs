//! One run: phones that talk over somebody's ports, and what that somebody used of the processor meanwhile.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command as Process, Stdio};
use std::time::Duration;

use crate::Failed;
use crate::generator::{self, Totals};
use crate::scenario::{Line, Scenario};

/// Whoever carries the sound of the phones.
pub(crate) trait House {
    /// Connects the phones, which are at these ports, as the scenario wants it; gives where each has to talk to.
    fn connect(&mut self, phones: &[u16]) -> Result<Vec<Line>, Failed>;

    /// Processor time of the whole process so far.
    fn cpu(&self) -> Result<Duration, Failed>;

    /// Resident memory of the process, bytes.
    fn resident(&self) -> Result<u64, Failed>;
}

/// What one run has shown.
#[derive(Clone, serde::Serialize)]
pub(crate) struct Run {
    /// CPU time of the process per packet that came out, relayed or played.
    pub(crate) ns_per_packet: f64,
    /// Part of the packets that did not come out.
    pub(crate) loss: f64,
    /// Packets that came out with another payload.
    pub(crate) wrong: u64,
    /// Part of one core that the process used.
    pub(crate) core: f64,
    pub(crate) latency_p99_us: u64,
    pub(crate) pacing_p99_us: u64,
    /// Resident memory that the calls have added, bytes a call.
    pub(crate) bytes_per_call: u64,
    /// Times that the generator was held up: figures of such a run say little.
    pub(crate) generator_late: u64,
}

/// `calls` calls of a scenario for `seconds`.
pub(crate) fn run(
    house: &mut impl House,
    scenario: Scenario,
    calls: usize,
    seconds: u64,
) -> Result<Run, Failed> {
    let mut child = generator_process()?;
    let measured = measure(house, &mut child, scenario, calls, seconds);
    if measured.is_err() {
        let _ = child.kill();
    }
    child.wait()?;
    measured
}

fn measure(
    house: &mut impl House,
    child: &mut Child,
    scenario: Scenario,
    calls: usize,
    seconds: u64,
) -> Result<Run, Failed> {
    let gone = || Failed::new("the generator has gone".to_owned());
    let mut to_child = child.stdin.take().ok_or_else(gone)?;
    let mut lines = BufReader::new(child.stdout.take().ok_or_else(gone)?).lines();
    let mut line = || -> Result<String, Failed> { Ok(lines.next().ok_or_else(gone)??) };
    let legs = scenario.legs() * calls;
    let before = house.resident()?;
    writeln!(to_child, "{}", serde_json::to_string(&scenario.plan(legs, seconds))?)?;
    let phones: Vec<u16> = serde_json::from_str(&line()?)?;
    writeln!(to_child, "{}", serde_json::to_string(&house.connect(&phones)?)?)?;
    let mut expect = |word: &str| match line()? {
        said if said == word => Ok(()),
        said => Err(Failed::new(format!("the generator said {said} instead of {word}"))),
    };
    expect(generator::BEGUN)?;
    let cpu = house.cpu()?;
    expect(generator::ENDED)?;
    let cpu = house.cpu()? - cpu;
    let bytes = house.resident()?.saturating_sub(before);
    let totals: Totals = serde_json::from_str(&line()?)?;
    Ok(Run {
        ns_per_packet: cpu.as_nanos() as f64 / totals.received.max(1) as f64,
        loss: loss(&totals, legs, seconds),
        wrong: totals.wrong,
        core: cpu.as_secs_f64() / seconds as f64,
        latency_p99_us: totals.latency_p99_us,
        pacing_p99_us: totals.pacing_p99_us,
        bytes_per_call: bytes / calls.max(1) as u64,
        generator_late: totals.slots_late,
    })
}

fn loss(totals: &Totals, legs: usize, seconds: u64) -> f64 {
    let due = if totals.sent == 0 {
        // One frame more or less at the window's edges is no loss.
        (legs as u64 * 50 * seconds).saturating_sub(legs as u64)
    } else {
        totals.sent
    };
    1.0 - totals.received.min(due) as f64 / due.max(1) as f64
}

/// On the other processor and, where the system has the tool and lets us, before everything else.
fn generator_process() -> Result<Child, Failed> {
    let own = std::env::current_exe()?;
    let start = |mut process: Process| {
        process.arg(generator::ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
    };
    let mut urgent = Process::new("chrt");
    urgent.args(["-f", "2", "taskset", "-c", "1"]).arg(&own);
    Ok(start(urgent).or_else(|_| start(Process::new(&own)))?)
}
