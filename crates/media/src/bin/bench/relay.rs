//! The engine under load: CPU time of this whole process per relayed packet.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::{Child, Command as Process, Stdio};
use std::sync::Arc;
use std::time::Duration;

use careline_media::{Command, Engine, Law, LegId, MediaConfig, Prompts, RecorderConfig, RecordingSpec};
use rustix::time::{ClockId, clock_gettime};

use crate::generator::{self, Totals};

/// Talking before the measurement begins: latches, bridges, files.
pub(crate) const WARM_UP: Duration = Duration::from_secs(2);
/// The generator talks this much longer than is measured.
const MARGIN: Duration = Duration::from_secs(1);

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

/// What one run has shown.
pub(crate) struct Run {
    pub(crate) ns_per_packet: f64,
    pub(crate) loss: f64,
}

/// Bridges `calls` calls for `seconds`.
pub(crate) fn run(calls: usize, seconds: u64, record: bool) -> Result<Run, Failed> {
    let folder = std::env::temp_dir().join(format!("careline-media-bench-{}", std::process::id()));
    let result = run_in(&folder, calls, seconds, record);
    let _ = std::fs::remove_dir_all(&folder);
    result
}

fn run_in(folder: &Path, calls: usize, seconds: u64, record: bool) -> Result<Run, Failed> {
    let recordings = RecorderConfig { directory: folder.to_path_buf(), ..RecorderConfig::default() };
    let config = MediaConfig { recordings, realtime: true, ..MediaConfig::default() };
    let (engine, _events) = Engine::start(config, Arc::new(Prompts::default()))?;
    let mut ports = Vec::with_capacity(2 * calls);
    for leg in 0..2 * calls {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        ports.push(socket.local_addr()?.port());
        order(&engine, || {
            Ok(Command::Open { leg: LegId(leg as u64), call: 0, socket: socket.try_clone()? })
        })?;
    }
    let mut child = Process::new(std::env::current_exe()?)
        .arg(generator::ARGUMENT)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let measured = measure(&engine, &mut child, &ports, seconds, record.then_some(folder));
    if measured.is_err() {
        let _ = child.kill();
    }
    child.wait()?;
    engine.shutdown();
    let (ns_per_packet, totals) = measured?;
    let loss = 1.0 - totals.received as f64 / totals.sent.max(1) as f64;
    Ok(Run { ns_per_packet, loss })
}

fn measure(
    engine: &Engine,
    child: &mut Child,
    ports: &[u16],
    seconds: u64,
    record_into: Option<&Path>,
) -> Result<(f64, Totals), Failed> {
    let mut to_child = child.stdin.take().ok_or_else(|| Failed::new("no way to the generator".to_owned()))?;
    let from_child =
        child.stdout.take().ok_or_else(|| Failed::new("no way from the generator".to_owned()))?;
    let mut lines = BufReader::new(from_child).lines();
    let mut line = || lines.next().ok_or_else(|| Failed::new("the generator has gone".to_owned()));
    writeln!(to_child, "{}", serde_json::to_string(ports)?)?;
    let phones: Vec<u16> = serde_json::from_str(&line()??)?;
    for (leg, port) in phones.into_iter().enumerate() {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let leg = LegId(leg as u64);
        let (send, receive) = (true, true);
        order(engine, || Ok(Command::Remote { leg, addr, law: Law::A, dtmf_payload: None, send, receive }))?;
    }
    for call in 0..ports.len() as u64 / 2 {
        let (a, b) = (LegId(2 * call), LegId(2 * call + 1));
        order(engine, || Ok(Command::Bridge { a, b }))?;
        if let Some(folder) = record_into {
            order(engine, || Ok(Command::Record { recording: spec(folder, call), left: a, right: b }))?;
        }
    }
    writeln!(to_child, "{}", seconds + MARGIN.as_secs())?;
    std::thread::sleep(WARM_UP);
    let (cpu, relayed) = (process_cpu(), engine.stats().relayed);
    std::thread::sleep(Duration::from_secs(seconds));
    let (cpu, relayed) = (process_cpu() - cpu, engine.stats().relayed - relayed);
    let totals: Totals = serde_json::from_str(&line()??)?;
    Ok((cpu.as_nanos() as f64 / relayed.max(1) as f64, totals))
}

fn spec(folder: &Path, call: u64) -> RecordingSpec {
    RecordingSpec {
        id: Arc::from(format!("bench-{call}")),
        started_wall_us: 0,
        directory: folder.to_path_buf(),
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
