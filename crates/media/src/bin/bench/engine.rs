//! The engine alone, in this process.

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use careline_audio::tone::Tone;
use careline_media::{
    Command, Engine, EventReceiver, LegId, MediaConfig, Prompts, RecorderConfig, RecordingSpec, RemoteStream,
};
use rustix::time::{ClockId, clock_gettime};

use crate::Failed;
use crate::run::House;
use crate::scenario::{Line, Scenario};

/// What is played to everybody.
const PROMPT: &str = "tone";

/// An engine and where it records.
pub(crate) struct OwnEngine {
    engine: Engine,
    _events: EventReceiver,
    scenario: Scenario,
    folder: PathBuf,
}

impl OwnEngine {
    /// Starts one.
    pub(crate) fn start(scenario: Scenario) -> Result<Self, Failed> {
        let folder = std::env::temp_dir().join(format!("careline-media-bench-{}", std::process::id()));
        let recordings = RecorderConfig { directory: folder.clone(), ..RecorderConfig::default() };
        let config = MediaConfig { recordings, realtime: true, ..MediaConfig::default() };
        let tone = Tone::new(8000, &[(440.0, -13.0)]).take(20 * 8000);
        let (engine, events) = Engine::start(config, Arc::new(Prompts::from_samples([(PROMPT, tone)])?))?;
        Ok(Self { engine, _events: events, scenario, folder })
    }

    /// Ends it and takes its recordings away.
    pub(crate) fn end(self) {
        self.engine.shutdown();
        let _ = std::fs::remove_dir_all(&self.folder);
    }

    fn open(&self, leg: usize, phone: u16) -> Result<Line, Failed> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        let port = socket.local_addr()?.port();
        let id = LegId(leg as u64);
        self.order(|| {
            let call = (leg / self.scenario.legs()) as u64;
            Ok(Command::Open { leg: id, call, socket: socket.try_clone()?, rtcp: None })
        })?;
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, phone));
        let (format, keys) = (self.scenario.format(leg), self.scenario.keys(leg)?);
        self.order(|| {
            let stream = RemoteStream { keys: keys.clone(), ..RemoteStream::plain(addr, format) };
            Ok(Command::Remote { leg: id, stream: Box::new(stream) })
        })?;
        if self.scenario.plays() {
            let items = || vec![Arc::from(PROMPT)];
            self.order(|| Ok(Command::Play { leg: id, playback: 0, items: items(), repeat: true }))?;
        }
        Ok(Line { port, payload_type: format.payload_type, keys: self.scenario.phone_keys(leg) })
    }

    /// Who hears whom.
    fn join(&self, legs: u64) -> Result<(), Failed> {
        if self.scenario == Scenario::Mix {
            for leg in 0..legs {
                let others = (leg / 3 * 3..leg / 3 * 3 + 3).filter(|&other| other != leg).map(LegId);
                let others: Vec<_> = others.collect();
                self.order(|| Ok(Command::Overhear { leg: LegId(leg), others: others.clone() }))?;
            }
            return Ok(());
        }
        for call in 0..legs / 2 {
            let (a, b) = (LegId(2 * call), LegId(2 * call + 1));
            self.order(|| Ok(Command::Bridge { a, b }))?;
            if self.scenario.is_recorded() {
                self.order(|| {
                    Ok(Command::Record { recording: spec(&self.folder, call), left: a, right: b })
                })?;
            }
        }
        Ok(())
    }

    /// Sends a command, waiting for room in the queue.
    fn order(&self, command: impl Fn() -> Result<Command, std::io::Error>) -> Result<(), Failed> {
        while self.engine.send(command()?).is_err() {
            std::thread::yield_now();
        }
        Ok(())
    }
}

impl House for OwnEngine {
    fn connect(&mut self, phones: &[u16]) -> Result<Vec<Line>, Failed> {
        let lines =
            phones.iter().enumerate().map(|(leg, &phone)| self.open(leg, phone)).collect::<Result<_, _>>()?;
        if !self.scenario.plays() {
            self.join(phones.len() as u64)?;
        }
        Ok(lines)
    }

    fn cpu(&self) -> Result<Duration, Failed> {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Ok(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
    }

    fn resident(&self) -> Result<u64, Failed> {
        crate::process::resident(std::process::id())
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
