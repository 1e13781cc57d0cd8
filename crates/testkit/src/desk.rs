//! The desk as a process that can be asked, stopped, killed and restarted.

use crate::child::OwnedChild;
use crate::place::Place;
use crate::programs::{launch_until, program};
use crate::sqlite::Sqlite;
use anyhow::Context;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

/// A desk, running or stopped.
#[derive(Debug)]
pub struct DeskProgram {
    child: Option<OwnedChild>,
    config: PathBuf,
    database: PathBuf,
    log: PathBuf,
    /// Where its pages are, for example `http://127.64.1.1:40123`.
    pub url: String,
    /// Where the switch asks who is calling.
    pub directory: SocketAddr,
}

impl DeskProgram {
    /// Writes `<name>.toml` into the place, whose database must be `database`, without starting anything yet.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn prepare(
        place: &Place,
        name: &str,
        config: &str,
        database: &Path,
        directory: SocketAddr,
    ) -> anyhow::Result<Self> {
        let file = place.path(&format!("{name}.toml"));
        std::fs::write(&file, config).context("Failed to write the configuration")?;
        let log = place.path(&format!("{name}.log"));
        Ok(Self { child: None, config: file, database: database.into(), log, url: String::new(), directory })
    }

    /// Starts it and waits until it says that it is ready; after [`Self::kill`] as well.
    ///
    /// # Errors
    /// When it is not built, leaves, or is not ready in time; the message holds its last words.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let mut command = Command::new(program("careline-desk")?);
        command.args(["run", "--config"]).arg(&self.config);
        let (child, (http, directory)) = launch_until("the desk", &mut command, &self.log, parse_ready)?;
        self.child = Some(child);
        self.url = format!("http://{http}");
        self.directory = directory;
        Ok(())
    }

    /// Adds an account; the password is `demo-<login>`. `agent` for role agent, none for a supervisor.
    ///
    /// # Errors
    /// When the desk refuses.
    pub fn add_account(&self, login: &str, name: &str, agent: Option<&str>) -> anyhow::Result<()> {
        self.add_account_as(login, name, if agent.is_some() { "agent" } else { "supervisor" }, agent)
    }

    /// The same with this role.
    ///
    /// # Errors
    /// When the desk refuses.
    pub fn add_account_as(
        &self,
        login: &str,
        name: &str,
        role: &str,
        agent: Option<&str>,
    ) -> anyhow::Result<()> {
        let mut command = Command::new(program("careline-desk")?);
        command.args(["account", "add", "--login", login, "--name", name]).arg("--config").arg(&self.config);
        command.args(["--role", role]).args(agent.into_iter().flat_map(|agent| ["--agent", agent]));
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().context("its standard input was asked for")?;
        writeln!(input, "demo-{login}")?;
        drop(input);
        let output = child.wait_with_output()?;
        anyhow::ensure!(output.status.success(), "account add: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Runs one of its commands; gives what it printed, or its words when it failed.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn command(&self, words: &[&str]) -> anyhow::Result<Result<String, String>> {
        let mut command = Command::new(program("careline-desk")?);
        let output = command.args(words).arg("--config").arg(&self.config).output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) })
    }

    /// Its database.
    ///
    /// # Errors
    /// When the system gives no runtime.
    pub fn database(&self) -> anyhow::Result<Sqlite> {
        Sqlite::at(&self.database)
    }

    /// The database's file.
    #[must_use]
    pub fn database_file(&self) -> &Path {
        &self.database
    }

    /// What it logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Kills it as a power cut would.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.take().context("the desk does not run")?.kill()
    }

    /// Asks it to end, and waits for that.
    ///
    /// # Errors
    /// When it does not run, or still runs after `within`.
    pub fn end(&mut self, within: Duration) -> anyhow::Result<ExitStatus> {
        let mut child = self.child.take().context("the desk does not run")?;
        child.terminate()?;
        child.wait_end(within)
    }
}

/// `ready http=ADDR directory=ADDR`
fn parse_ready(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let rest = line.strip_prefix("ready http=")?;
    let (http, directory) = rest.split_once(" directory=")?;
    Some((http.parse().ok()?, directory.trim().parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::parse_ready;

    #[test]
    fn the_ready_line_names_both_addresses() {
        let (http, directory) =
            parse_ready("ready http=127.0.0.1:8080 directory=127.0.0.1:7070").expect("complete");
        assert_eq!((http.port(), directory.port()), (8080, 7070));
        assert!(parse_ready("ready sip=127.0.0.1:5060 rpc=127.0.0.1:7060").is_none());
    }
}
