//! Child processes: run to the end, or owned while they run.

use anyhow::Context;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How often the end of a child is asked for.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// Runs the command to its end and fails when it does.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    anyhow::ensure!(status(command)?.success(), "{} failed", words(command));
    Ok(())
}

/// Runs the command to its end.
///
/// # Errors
/// When it cannot be started.
pub fn status(command: &mut Command) -> anyhow::Result<ExitStatus> {
    command.status().with_context(|| format!("failed to start {}", words(command)))
}

/// Runs the command to its end and shows each line of its standard output to `see`.
///
/// # Errors
/// When it cannot be started.
pub fn run_watched(command: &mut Command, mut see: impl FnMut(&str)) -> anyhow::Result<ExitStatus> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("failed to start {}", words(command)))?;
    let output = child.stdout.take().context("its standard output was asked for")?;
    let mut lines = BufReader::new(output);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        see(String::from_utf8_lossy(&line).trim_end_matches('\n'));
        line.clear();
    }
    Ok(child.wait()?)
}

/// The standard output of a command that succeeds.
///
/// # Errors
/// When it does not, with its words.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("failed to start {}", words(command)))?;
    let error = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{} failed: {}", words(command), error.trim());
    String::from_utf8(output.stdout).with_context(|| format!("{} printed no UTF-8", words(command)))
}

/// The command as one would type it, without its environment.
fn words(command: &Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    std::iter::once(program).chain(args).collect::<Vec<_>>().join(" ")
}

/// A child in a process group of its own, so that Ctrl-C reaches it through us. Dropped, it is killed.
#[derive(Debug)]
pub struct Owned {
    child: Child,
    name: String,
}

impl Owned {
    /// Starts it.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(name: &str, command: &mut Command) -> anyhow::Result<Self> {
        use std::os::unix::process::CommandExt;
        let child = command.process_group(0).stdin(Stdio::null()).spawn();
        Ok(Self { child: child.with_context(|| format!("failed to start {name}"))?, name: name.into() })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its standard output, once, when it was piped.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits for its end; `false` from `go_on` gives up waiting.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn wait_while(&mut self, mut go_on: impl FnMut() -> bool) -> anyhow::Result<Option<ExitStatus>> {
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            if !go_on() {
                return Ok(None);
            }
            std::thread::sleep(ASK_EVERY);
        }
    }

    /// Asks it to end (SIGTERM) and waits.
    ///
    /// # Errors
    /// When it still runs after `within`, or ends badly.
    pub fn terminate(&mut self, within: Duration) -> anyhow::Result<()> {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // It may have gone already.
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let deadline = Instant::now() + within;
        let status = self.wait_while(|| Instant::now() < deadline)?;
        let status = status.with_context(|| format!("{} did not end within {within:?}", self.name))?;
        anyhow::ensure!(status.success(), "{} ended with {status}", self.name);
        Ok(())
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
