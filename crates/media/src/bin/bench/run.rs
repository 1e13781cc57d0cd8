//! The engine under load: CPU time of this whole process per packet.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::time::Duration;

use careline_audio::tone::Tone;
use careline_media::{
    Command, Engine, LegId, MediaConfig, Prompts, RecorderConfig, RecordingSpec, RemoteStream,
};
use rustix::time::{ClockId, clock_gettime};

use crate::Failed;
use crate::generator::{self, Totals};
use crate::scenario::{Scenario, WARM_UP};

/// The generator talks this much longer than is measured.
const MARGIN: Duration = Duration::from_secs(1);
/// What is played to everybody.
const PROMPT: &str = "tone";

/// What one run has shown.
#[derive(Clone, serde::Serialize)]
pub(crate) struct Run {
    /// CPU time of the process per packet relayed or played.
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

/// One scenario with `calls` calls for `seconds`.
pub(crate) fn run(scenario: Scenario, calls: usize, seconds: u64) -> Result<Run, Failed> {
    let folder = std::env::temp_dir().join(format!("careline-media-bench-{}", std::process::id()));
    let result = run_in(&folder, scenario, calls, seconds);
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn run_in(folder: &Path, scenario: Scenario, calls: usize, seconds: u64) -> Result<Run, Failed> {
    let recordings = RecorderConfig { directory: folder.to_path_buf(), ..RecorderConfig::default() };
    let config = MediaConfig { recordings, realtime: true, ..MediaConfig::default() };
    let tone = Tone::new(8000, &[(440.0, -13.0)]).take(20 * 8000);
    let (engine, _events) = Engine::start(config, Arc::new(Prompts::from_samples([(PROMPT, tone)])?))?;
    let before = resident();
    let mut ports = Vec::with_capacity(scenario.legs() * calls);
    for leg in 0..scenario.legs() * calls {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        ports.push(socket.local_addr()?.port());
        order(&engine, || {
            Ok(Command::Open {
                leg: LegId(leg as u64),
                call: (leg / scenario.legs()) as u64,
                socket: socket.try_clone()?,
                rtcp: None,
            })
        })?;
    }
    let mut child = generator_process()?;
    let measured = Bench { engine: &engine, scenario, folder, before }.measure(&mut child, &ports, seconds);
    if measured.is_err() {
        let _ = child.kill();
    }
    child.wait()?;
    engine.shutdown();
    measured
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

struct Bench<'a> {
    engine: &'a Engine,
    scenario: Scenario,
    folder: &'a Path,
    /// Resident memory before the first call.
    before: u64,
}

impl Bench<'_> {
    fn measure(&self, child: &mut Child, ports: &[u16], seconds: u64) -> Result<Run, Failed> {
        let gone = || Failed::new("the generator has gone".to_owned());
        let mut to_child = child.stdin.take().ok_or_else(gone)?;
        let mut lines = BufReader::new(child.stdout.take().ok_or_else(gone)?).lines();
        let mut line = || lines.next().ok_or_else(gone);
        let plan = self.scenario.plan(ports.to_vec(), seconds + MARGIN.as_secs());
        writeln!(to_child, "{}", serde_json::to_string(&plan)?)?;
        let phones: Vec<u16> = serde_json::from_str(&line()??)?;
        self.connect(&phones)?;
        writeln!(to_child, "go")?;
        std::thread::sleep(WARM_UP);
        let (cpu, packets) = (process_cpu(), self.packets());
        std::thread::sleep(Duration::from_secs(seconds));
        let (cpu, packets) = (process_cpu() - cpu, self.packets() - packets);
        let bytes = resident().saturating_sub(self.before);
        let totals: Totals = serde_json::from_str(&line()??)?;
        Ok(Run {
            ns_per_packet: cpu.as_nanos() as f64 / packets.max(1) as f64,
            loss: self.loss(&totals, ports.len(), seconds),
            wrong: totals.wrong,
            core: cpu.as_secs_f64() / seconds as f64,
            latency_p99_us: totals.latency_p99_us,
            pacing_p99_us: totals.pacing_p99_us,
            bytes_per_call: bytes / (ports.len() / self.scenario.legs()).max(1) as u64,
            generator_late: totals.slots_late,
        })
    }

    fn packets(&self) -> u64 {
        self.engine.stats().sent
    }

    fn loss(&self, totals: &Totals, legs: usize, seconds: u64) -> f64 {
        let due = if totals.sent == 0 {
            // One frame more or less at the window's edges is no loss.
            (legs as u64 * 50 * (seconds + MARGIN.as_secs())).saturating_sub(legs as u64)
        } else {
            totals.sent
        };
        1.0 - totals.received.min(due) as f64 / due.max(1) as f64
    }

    fn connect(&self, phones: &[u16]) -> Result<(), Failed> {
        for (leg, port) in phones.iter().enumerate() {
            let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, *port));
            let format = self.scenario.format(leg);
            let keys = self.scenario.keys(leg)?;
            let id = LegId(leg as u64);
            order(self.engine, || {
                let stream = RemoteStream { keys: keys.clone(), ..RemoteStream::plain(addr, format) };
                Ok(Command::Remote { leg: id, stream: Box::new(stream) })
            })?;
            if self.scenario.plays() {
                let items = || vec![Arc::from(PROMPT)];
                order(self.engine, || {
                    Ok(Command::Play { leg: id, playback: 0, items: items(), repeat: true })
                })?;
            }
        }
        if self.scenario.plays() {
            return Ok(());
        }
        if self.scenario == Scenario::Mix {
            for leg in 0..phones.len() as u64 {
                let others = (leg / 3 * 3..leg / 3 * 3 + 3).filter(|&other| other != leg).map(LegId);
                let others: Vec<_> = others.collect();
                order(self.engine, || Ok(Command::Overhear { leg: LegId(leg), others: others.clone() }))?;
            }
            return Ok(());
        }
        for call in 0..phones.len() as u64 / 2 {
            let (a, b) = (LegId(2 * call), LegId(2 * call + 1));
            order(self.engine, || Ok(Command::Bridge { a, b }))?;
            if self.scenario.is_recorded() {
                order(self.engine, || {
                    Ok(Command::Record { recording: spec(self.folder, call), left: a, right: b })
                })?;
            }
        }
        Ok(())
    }
}

fn spec(folder: &Path, call: u64) -> RecordingSpec {
    RecordingSpec {
        id: Arc::from(format!("bench-{call}")),
        started_wall_us: 0,
        directory: folder.to_path_buf(),
        rate: 8000,
        sidecar: serde_json::Value::Null,
    }
}

/// Sends a command, waiting for room in the queue.
fn order(engine: &Engine, command: impl Fn() -> Result<Command, std::io::Error>) -> Result<(), Failed> {
    while engine.send(command()?).is_err() {
        std::thread::yield_now();
    }
    Ok(())
}

fn process_cpu() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Resident memory of this process, bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split_ascii_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}
