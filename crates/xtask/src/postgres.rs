//! The other database of the desk, for as long as tests and benches want it.

use crate::programs::Programs;
use crate::setup;
use anyhow::Context;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

/// Tells tests its port.
pub const PORT: &str = "CARELINE_POSTGRES_PORT";

/// A server of our own; gone on drop.
#[derive(Debug)]
pub struct Postgres {
    child: Child,
    /// On 127.0.0.1.
    pub port: u16,
}

impl Postgres {
    /// Starts one, and installs what is missing.
    ///
    /// # Errors
    /// When it cannot be installed or does not start.
    pub fn start(programs: &Programs) -> anyhow::Result<Self> {
        setup::install(setup::DATABASES)?;
        let mut command = programs.command("careline-postgres");
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("careline-postgres")?;
        let mut said = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output).read_line(&mut said)?;
        }
        let mut server = Self { child, port: 0 };
        let port = said.trim().strip_prefix("ready port=").and_then(|port| port.parse().ok());
        server.port = port.context("PostgreSQL did not start")?;
        Ok(server)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
