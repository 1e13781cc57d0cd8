//! A child process that never outlives its story.

use crate::wait;
use anyhow::Context;
use rustix::process::{Pid, Signal};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running program, killed and reaped on drop.
#[derive(Debug)]
pub struct OwnedChild {
    name: String,
    child: Child,
}

impl OwnedChild {
    /// Starts `command` without a standard input.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn(command: &mut Command) -> anyhow::Result<Self> {
        Self::spawn_reading(command, Stdio::null())
    }

    /// Starts `command` with a standard input that is written to as long as it is held.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn spawn_fed(command: &mut Command) -> anyhow::Result<(Self, ChildStdin)> {
        let mut child = Self::spawn_reading(command, Stdio::piped())?;
        let input = child.child.stdin.take().context("its standard input was asked for")?;
        Ok((child, input))
    }

    fn spawn_reading(command: &mut Command, input: Stdio) -> anyhow::Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(input).spawn().with_context(|| format!("Failed to start {name}"))?;
        Ok(Self { name, child })
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The pipe of its standard output, once, when it was asked for.
    pub fn take_stdout(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// How it ended, or `None` while it runs.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn ended(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        self.child.try_wait().with_context(|| format!("Failed to ask after {}", self.name))
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it still runs after `within`.
    pub fn wait_end(&mut self, within: Duration) -> anyhow::Result<ExitStatus> {
        let name = self.name.clone();
        wait::until(&format!("the end of {name}"), within, || self.ended())
    }

    /// Sends SIGTERM.
    ///
    /// # Errors
    /// When it has gone already.
    pub fn terminate(&self) -> anyhow::Result<()> {
        self.signal(Signal::TERM)
    }

    /// Sends SIGKILL and reaps it.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill().with_context(|| format!("Failed to kill {}", self.name))?;
        self.child.wait().with_context(|| format!("Failed to reap {}", self.name))?;
        Ok(())
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let pid =
            i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no such process id")?;
        rustix::process::kill_process(pid, signal).with_context(|| format!("Failed to signal {}", self.name))
    }
}

impl Drop for OwnedChild {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
