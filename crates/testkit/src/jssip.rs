//! JsSIP, the phone of browsers, on node: registers over a WebSocket and takes it back. Its media comes with a browser.

use crate::browser;
use crate::child::OwnedChild;
use crate::place::Place;
use crate::programs;
use anyhow::Context;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

/// From start to leaving, on a loaded machine.
const WITHIN: Duration = Duration::from_secs(15);

/// One try to register.
#[derive(Debug, Clone, Copy)]
pub struct JsSip<'a> {
    /// The switch's WebSocket listener.
    pub switch: SocketAddr,
    /// The page that it says it comes from.
    pub origin: &'a str,
    /// User part of its address: the agent's id.
    pub user: &'a str,
    /// Digest password.
    pub password: &'a str,
}

impl JsSip<'_> {
    /// Connects, registers, takes the registration back, and gives what happened, a line each: `connected`,
    /// `registered`, `unregistered`, `refused <status>`, `disconnected`, `error <words>`.
    ///
    /// # Errors
    /// When node or its packages are missing, or it does not come to an end.
    pub fn register_and_leave(&self, place: &Place) -> anyhow::Result<Vec<String>> {
        let said = place.path(&format!("jssip-{}.log", self.user));
        let output = std::fs::File::create(&said)?;
        let mut command = Command::new(browser::node());
        command
            .arg(programs::workspace().join("crates/testkit/browser/jssip.mjs"))
            .arg(browser::packages())
            .args([&format!("ws://{}", self.switch), self.origin, self.user, self.password])
            .arg(self.switch.ip().to_string())
            .stdout(output.try_clone()?)
            .stderr(output);
        let mut child = OwnedChild::spawn(&mut command).context("node is needed for JsSIP")?;
        child.wait_end(WITHIN)?;
        let text = std::fs::read_to_string(&said).context("JsSIP said nothing")?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}
