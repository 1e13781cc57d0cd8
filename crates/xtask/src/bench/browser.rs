//! Agents' pages in real Chromium, through the stories' bridge (`testkit/browser/bridge.mjs`): one request a line in,
//! one answer a line out.

use crate::ui::Ui;
use crate::workspace::Workspace;
use anyhow::Context;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// Starting Chromium on a loaded machine.
const START: Duration = Duration::from_secs(60);
/// One request.
const ANSWER: Duration = Duration::from_secs(30);
/// How long a field may take to be there, milliseconds.
const THERE_MS: u64 = 15_000;
/// From the click to the agent's page.
const SIGNED_IN: Duration = Duration::from_secs(20);
/// From closing the bridge's input to its end.
const END: Duration = Duration::from_secs(10);
/// How often the page is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Answers that may wait: there is one request at a time.
const ANSWERS_MAX: usize = 16;

/// A running browser. Dropped, it ends.
#[derive(Debug)]
pub struct Browser {
    bridge: Child,
    input: Option<ChildStdin>,
    answers: Receiver<Value>,
    requests: u64,
}

impl Browser {
    /// Starts Chromium; what the bridge complains of goes to `browser.log` in `dir`.
    ///
    /// # Errors
    /// When node or Chromium is not there.
    pub fn start(workspace: &Workspace, ui: &Ui, dir: &Path) -> anyhow::Result<Self> {
        let log = dir.join("browser.log");
        let errors = std::fs::File::create(&log).context("failed to make the browser's log")?;
        let mut bridge = Command::new(&ui.node.program)
            .arg(workspace.root.join("crates/testkit/browser/bridge.mjs"))
            .arg(&ui.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .context("failed to start node, which drives Chromium")?;
        let input = bridge.stdin.take();
        let output = bridge.stdout.take().context("its standard output was asked for")?;
        let (sender, answers) = sync_channel(ANSWERS_MAX);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if serde_json::from_str(&line).is_ok_and(|answer| sender.send(answer).is_err()) {
                    return;
                }
            }
        });
        let browser = Self { bridge, input, answers, requests: 0 };
        browser.answers.recv_timeout(START).with_context(|| {
            format!("Chromium did not start: {}", std::fs::read_to_string(&log).unwrap_or_default())
        })?;
        Ok(browser)
    }

    /// Opens a page of its own for somebody, signs in, and waits until it shows the person's state.
    ///
    /// # Errors
    /// When the page does not let them in, with what it shows.
    pub fn sign_in(&mut self, url: &str, login: &str, password: &str) -> anyhow::Result<()> {
        self.ask("open", login, json!({ "context": login, "url": format!("{url}/sign-in") }))?;
        self.ask("fill", login, json!({ "testid": "sign-in-login", "text": login }))?;
        self.ask("fill", login, json!({ "testid": "sign-in-password", "text": password }))?;
        self.ask("click", login, json!({ "testid": "sign-in-submit" }))?;
        let deadline = Instant::now() + SIGNED_IN;
        while self.ask("visible", login, json!({ "testid": "my-state" }))? != true {
            if Instant::now() >= deadline {
                let shown = self.ask("body", login, json!({}))?;
                anyhow::bail!("{login} was not signed in within {SIGNED_IN:?}; the page shows {shown}");
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    fn ask(&mut self, op: &str, page: &str, mut request: Value) -> anyhow::Result<Value> {
        self.requests += 1;
        request["id"] = self.requests.into();
        request["op"] = op.into();
        request["page"] = page.into();
        request["timeout"] = THERE_MS.into();
        let input = self.input.as_mut().context("the browser is ending")?;
        writeln!(input, "{request}").context("the browser's bridge is gone")?;
        loop {
            let answer = self.answers.recv_timeout(ANSWER).with_context(|| format!("no answer to {op}"))?;
            if answer["id"] == self.requests {
                anyhow::ensure!(answer["error"].is_null(), "{op} on {page}'s page: {}", answer["error"]);
                return Ok(answer["value"].clone());
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The bridge closes Chromium when its input ends; killed, it would leave it behind.
        self.input = None;
        let deadline = Instant::now() + END;
        while Instant::now() < deadline {
            if !matches!(self.bridge.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
        let _ = self.bridge.kill();
        let _ = self.bridge.wait();
    }
}
