//! The built programs: where they are, and the switch as a process that can be asked, stopped, killed and restarted.

use crate::child::OwnedChild;
use crate::journal::Journal;
use crate::place::Place;
use anyhow::Context;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Names the folder of built programs; `cargo xtask test e2e` sets it.
pub const BIN_DIR: &str = "CARELINE_BIN_DIR";

/// From exec to ready, on a loaded machine.
const READY: Duration = Duration::from_secs(15);

/// Where the program of this name was built.
///
/// # Errors
/// When it was not built, with advice.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    let folder = std::env::var_os(BIN_DIR).map_or_else(|| workspace().join("target/ci"), PathBuf::from);
    let path = folder.join(name);
    anyhow::ensure!(
        path.is_file(),
        "{name} is not in {}. Run the stories with `cargo xtask test e2e`, which builds it first, or set {BIN_DIR}.",
        folder.display()
    );
    Ok(path)
}

/// The root of the workspace these tests were compiled in.
#[must_use]
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Runs `careline-switch <args>` to its end, for subcommands that answer and leave.
///
/// # Errors
/// When it is not built or cannot be started.
pub fn switch_once(args: &[&str]) -> anyhow::Result<Output> {
    Command::new(program("careline-switch")?)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .context("Failed to run careline-switch")
}

/// What a switch finds when it starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// File descriptors that it may have; as many as this process when absent.
    pub descriptors_max: Option<u32>,
    /// A file that says by how much its wall clock is off, as libfaketime reads it: `+3600`. It may change at any time
    /// and counts within a second. The monotonic clock is the true one, as it is when a real clock is set.
    pub clock: Option<PathBuf>,
}

impl Circumstances {
    fn command(&self, config: &Path) -> anyhow::Result<Command> {
        let mut command = Command::new("sh");
        let limit = self.descriptors_max.map_or_else(String::new, |most| format!("ulimit -n {most} && "));
        command.args(["-c", &format!("{limit}exec \"$@\""), "sh"]);
        if let Some(clock) = &self.clock {
            let library = PathBuf::from(format!(
                "/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1",
                std::env::consts::ARCH
            ));
            anyhow::ensure!(library.is_file(), "no {}: apt-get install libfaketime", library.display());
            // Around the switch alone: the shell tells no time.
            command.args(["env", &format!("LD_PRELOAD={}", library.display())]);
            command.env("FAKETIME_TIMESTAMP_FILE", clock).env("FAKETIME_CACHE_DURATION", "1");
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        command.arg(program("careline-switch")?).args(["run", "--config"]).arg(config);
        Ok(command)
    }
}

/// A running switch.
#[derive(Debug)]
pub struct SwitchProgram {
    child: OwnedChild,
    config: PathBuf,
    log: PathBuf,
    journal: Journal,
    /// Where it answers SIP.
    pub sip: SocketAddr,
    /// Where it answers gRPC.
    pub rpc: SocketAddr,
}

impl SwitchProgram {
    /// Writes the configuration into the place, starts the switch and waits until it says that it is ready.
    /// `journal` is the journal's file as the configuration names it.
    ///
    /// # Errors
    /// When it is not built, leaves, or is not ready in time; the message holds its last words.
    pub fn start(place: &Place, config: &str, journal: &Path) -> anyhow::Result<Self> {
        let file = place.path("switch.toml");
        std::fs::write(&file, config).context("Failed to write the configuration")?;
        let log = place.path("switch.log");
        let (child, ready) = launch(&file, &log)?;
        Ok(Self { child, config: file, log, journal: Journal::at(journal), sip: ready.sip, rpc: ready.rpc })
    }

    /// The same under other circumstances than this process has.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_under(
        place: &Place,
        config: &str,
        journal: &Path,
        circumstances: &Circumstances,
    ) -> anyhow::Result<Self> {
        let file = place.path("switch.toml");
        std::fs::write(&file, config).context("Failed to write the configuration")?;
        let log = place.path("switch.log");
        let (child, ready) =
            launch_until("the switch", &mut circumstances.command(&file)?, &log, parse_ready)?;
        Ok(Self { child, config: file, log, journal: Journal::at(journal), sip: ready.sip, rpc: ready.rpc })
    }

    /// Its journal.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Its configuration file.
    #[must_use]
    pub fn config(&self) -> &Path {
        &self.config
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends SIGTERM: the first asks to drain, the second to end at once.
    ///
    /// # Errors
    /// When it has gone already.
    pub fn terminate(&self) -> anyhow::Result<()> {
        self.child.terminate()
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it still runs after `within`.
    pub fn wait_end(&mut self, within: Duration) -> anyhow::Result<ExitStatus> {
        self.child.wait_end(within)
    }

    /// How it ended, or `None` while it runs.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.child.ended()
    }

    /// Kills it as a power cut would: no signal it can answer.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()
    }

    /// Starts it again with the same configuration, after [`Self::kill`] or a drain.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn restart(&mut self) -> anyhow::Result<()> {
        let (child, ready) = launch(&self.config, &self.log)?;
        self.child = child;
        (self.sip, self.rpc) = (ready.sip, ready.rpc);
        Ok(())
    }
}

struct Ready {
    sip: SocketAddr,
    rpc: SocketAddr,
}

/// Where the filter of the switch's log is read from.
const LOG_VARIABLE: &str = "CARELINE_LOG";
/// All that our own code says of signalling.
const LOG_FILTER: &str = "info,sqlx=warn,careline_switch=trace,careline_switchboard=trace,careline_sip=trace";

fn launch(config: &Path, log: &Path) -> anyhow::Result<(OwnedChild, Ready)> {
    let mut command = Command::new(program("careline-switch")?);
    command.args(["run", "--config"]).arg(config);
    if std::env::var_os(LOG_VARIABLE).is_none() {
        // Whatever it may say, so that stories find in it what must not be said.
        command.env(LOG_VARIABLE, LOG_FILTER);
    }
    launch_until("the switch", &mut command, log, parse_ready)
}

/// Starts a program that says on its standard output when it is ready, and waits until `ready` understands a line.
pub(crate) fn launch_until<T>(
    who: &str,
    command: &mut Command,
    log: &Path,
    ready: impl Fn(&str) -> Option<T>,
) -> anyhow::Result<(OwnedChild, T)> {
    let log_file = std::fs::File::options().create(true).append(true).open(log)?;
    let mut child = OwnedChild::spawn(command.stdout(Stdio::piped()).stderr(log_file.try_clone()?))?;
    let stdout = child.take_stdout().context("its standard output was asked for")?;
    let lines = forward_lines(stdout, log_file);
    let deadline = Instant::now() + READY;
    loop {
        match lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                if let Some(ready) = ready(&line) {
                    return Ok((child, ready));
                }
            }
            Err(RecvTimeoutError::Timeout) => anyhow::bail!("{who} was not ready within {READY:?}"),
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait_end(READY)?;
                let words = std::fs::read_to_string(log).unwrap_or_default();
                anyhow::bail!("{who} left with {status} before it was ready:\n{words}");
            }
        }
    }
}

/// Copies its standard output into the log for as long as it runs, so that it never blocks on a full pipe.
fn forward_lines(stdout: std::process::ChildStdout, mut log: std::fs::File) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // A story that ended no longer listens, and its log may be gone: reading goes on all the same.
            let _ = writeln!(log, "{line}");
            let _ = sender.send(line);
        }
    });
    lines
}

/// `ready sip=ADDR rpc=ADDR`
fn parse_ready(line: &str) -> Option<Ready> {
    let mut words = line.split_whitespace();
    (words.next() == Some("ready")).then_some(())?;
    let (mut sip, mut rpc) = (None, None);
    for word in words {
        match word.split_once('=') {
            Some(("sip", addr)) => sip = addr.parse().ok(),
            Some(("rpc", addr)) => rpc = addr.parse().ok(),
            _ => {}
        }
    }
    Some(Ready { sip: sip?, rpc: rpc? })
}

#[cfg(test)]
mod tests {
    use super::parse_ready;

    #[test]
    fn the_ready_line_names_both_addresses() {
        let ready = parse_ready("ready sip=127.0.0.1:5060 rpc=127.0.0.1:50051").expect("complete");
        assert_eq!((ready.sip.port(), ready.rpc.port()), (5060, 50051));
        assert!(parse_ready("started sip=127.0.0.1:5060").is_none());
        assert!(parse_ready("ready sip=127.0.0.1:5060").is_none());
    }
}
