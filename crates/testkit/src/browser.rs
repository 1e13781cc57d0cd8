//! Real Chromium, driven by a story: pages are opened, read and operated as a person would, by the marks
//! (`data-testid`) that the pages carry.
//!
//! A small bridge in node (`browser/bridge.mjs`) speaks to Chromium through playwright-core; this side sends it one
//! request at a time. `CARELINE_NODE` names the node program, `CARELINE_UI_DIR` the folder in whose `node_modules`
//! playwright-core is; `cargo xtask test e2e` sets both and installs what is missing.

use crate::{programs, wait};
use anyhow::Context;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Answers that wait to be read; one is asked for at a time, and the bridge waits when nobody reads.
const ANSWERS_MAX: usize = 16;
/// Starting Chromium on a loaded machine.
const START: Duration = Duration::from_secs(40);
/// One request.
const ANSWER: Duration = Duration::from_secs(30);
/// How long a click or a field may take to be there, milliseconds.
const THERE_MS: u64 = 10_000;
/// From closing the bridge's input to its end.
const END: Duration = Duration::from_secs(5);

/// A running browser. Ends with its story.
#[derive(Debug)]
pub struct Browser {
    bridge: Arc<Mutex<Bridge>>,
}

#[derive(Debug)]
struct Bridge {
    child: Child,
    input: Option<ChildStdin>,
    answers: Receiver<Value>,
    requests: u64,
    pages: u64,
}

impl Browser {
    /// Starts Chromium. What the bridge complains of goes to `browser.log` in `folder`.
    ///
    /// # Errors
    /// When node, playwright-core or Chromium is not there.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let log = std::fs::File::create(folder.join("browser.log"))?;
        let mut child = Command::new(node())
            .arg(programs::workspace().join("crates/testkit/browser/bridge.mjs"))
            .arg(packages())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context(
                "Failed to start node, which drives Chromium: run the stories with `cargo xtask test e2e`",
            )?;
        let input = child.stdin.take();
        let output = child.stdout.take().context("its standard output was asked for")?;
        let (sender, answers) = sync_channel(ANSWERS_MAX);
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if serde_json::from_str(&line).is_ok_and(|answer| sender.send(answer).is_err()) {
                    return;
                }
            }
        });
        let bridge = Bridge { child, input, answers, requests: 0, pages: 0 };
        bridge.answers.recv_timeout(START).with_context(|| {
            let words = std::fs::read_to_string(folder.join("browser.log")).unwrap_or_default();
            format!("Chromium did not start: {words}")
        })?;
        Ok(Self { bridge: Arc::new(Mutex::new(bridge)) })
    }

    /// Opens a page. Pages of the same `person` share cookies, as tabs of one browser do.
    ///
    /// # Errors
    /// When the address does not answer.
    pub fn open(&self, person: &str, url: &str) -> anyhow::Result<Page> {
        self.open_in(person, url, "zh-CN")
    }

    /// As [`Self::open`], in a browser whose language is `locale`.
    ///
    /// # Errors
    /// When the address does not answer.
    pub fn open_in(&self, person: &str, url: &str, locale: &str) -> anyhow::Result<Page> {
        let name = {
            let mut bridge = self.bridge.lock().unwrap_or_else(PoisonError::into_inner);
            bridge.pages += 1;
            format!("page-{}", bridge.pages)
        };
        let page = Page { bridge: Arc::clone(&self.bridge), name };
        page.ask("open", json!({ "context": person, "url": url, "locale": locale }))?;
        Ok(page)
    }
}

impl Bridge {
    fn ask(&mut self, op: &str, page: &str, mut request: Value) -> anyhow::Result<Value> {
        self.requests += 1;
        request["id"] = self.requests.into();
        request["op"] = op.into();
        request["page"] = page.into();
        request["timeout"] = THERE_MS.into();
        let input = self.input.as_mut().context("the browser is ending")?;
        writeln!(input, "{request}").context("the browser's bridge is gone")?;
        loop {
            let answer =
                self.answers.recv_timeout(ANSWER).with_context(|| format!("no answer to {request}"))?;
            if answer["id"] == self.requests {
                anyhow::ensure!(answer["error"].is_null(), "{op} {request}: {}", answer["error"]);
                return Ok(answer["value"].clone());
            }
        }
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        self.input = None;
        // It closes Chromium when its input ends; a kill would leave Chromium behind.
        let ended = wait::until("the end of the browser", END, || Ok(self.child.try_wait()?));
        if ended.is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// One page (tab).
#[derive(Debug)]
pub struct Page {
    bridge: Arc<Mutex<Bridge>>,
    name: String,
}

impl Page {
    fn ask(&self, op: &str, request: Value) -> anyhow::Result<Value> {
        self.bridge.lock().unwrap_or_else(PoisonError::into_inner).ask(op, &self.name, request)
    }

    /// Goes to another address in the same tab.
    ///
    /// # Errors
    /// When it does not answer. As all operations: when the browser does not do it in time.
    pub fn goto(&self, url: &str) -> anyhow::Result<()> {
        self.ask("goto", json!({ "url": url })).map(drop)
    }

    /// Loads the page again.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn reload(&self) -> anyhow::Result<()> {
        self.ask("reload", json!({})).map(drop)
    }

    /// Clicks the first element with this mark.
    ///
    /// # Errors
    /// When there is none that can be clicked.
    pub fn click(&self, testid: &str) -> anyhow::Result<()> {
        self.ask("click", json!({ "testid": testid })).map(drop)
    }

    /// Clicks one of several elements with this mark, from 0.
    ///
    /// # Errors
    /// When there is none that can be clicked.
    pub fn click_nth(&self, testid: &str, nth: usize) -> anyhow::Result<()> {
        self.ask("click", json!({ "testid": testid, "nth": nth })).map(drop)
    }

    /// Puts a text into a field, in place of what it has.
    ///
    /// # Errors
    /// When there is no such field.
    pub fn fill(&self, testid: &str, text: &str) -> anyhow::Result<()> {
        self.ask("fill", json!({ "testid": testid, "text": text })).map(drop)
    }

    /// Types a text key by key.
    ///
    /// # Errors
    /// When there is no such field.
    pub fn type_into(&self, testid: &str, text: &str) -> anyhow::Result<()> {
        self.ask("type", json!({ "testid": testid, "text": text })).map(drop)
    }

    /// Presses a key, for example `Enter`, `0`, `Alt+R`.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn press(&self, key: &str) -> anyhow::Result<()> {
        self.ask("press", json!({ "key": key })).map(drop)
    }

    /// The visible texts of all elements with this mark.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn texts(&self, testid: &str) -> anyhow::Result<Vec<String>> {
        strings(self.ask("texts", json!({ "testid": testid }))?)
    }

    /// An attribute of all elements with this mark; empty where it is missing.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn attributes(&self, testid: &str, name: &str) -> anyhow::Result<Vec<String>> {
        strings(self.ask("attributes", json!({ "testid": testid, "name": name }))?)
    }

    /// What a field holds.
    ///
    /// # Errors
    /// When there is no such field.
    pub fn value(&self, testid: &str) -> anyhow::Result<String> {
        Ok(self.ask("value", json!({ "testid": testid }))?.as_str().unwrap_or_default().to_owned())
    }

    /// The whole visible text.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn body(&self) -> anyhow::Result<String> {
        Ok(self.ask("body", json!({}))?.as_str().unwrap_or_default().to_owned())
    }

    /// Whether the first element with this mark can be seen.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn sees(&self, testid: &str) -> anyhow::Result<bool> {
        Ok(self.ask("visible", json!({ "testid": testid }))? == true)
    }

    /// Waits until an element with this mark can be seen.
    ///
    /// # Errors
    /// When it does not come in time, with what the page shows.
    pub fn wait_for(&self, testid: &str, within: Duration) -> anyhow::Result<()> {
        let seen =
            wait::until(&format!("{testid} on the page"), within, || Ok(self.sees(testid)?.then_some(())));
        self.explained(seen)
    }

    /// Waits until no element with this mark can be seen.
    ///
    /// # Errors
    /// When it stays, with what the page shows.
    pub fn wait_gone(&self, testid: &str, within: Duration) -> anyhow::Result<()> {
        let gone =
            wait::until(&format!("the end of {testid}"), within, || Ok((!self.sees(testid)?).then_some(())));
        self.explained(gone)
    }

    /// Waits until an element with this mark shows a text; gives what it shows.
    ///
    /// # Errors
    /// When it does not, with what the page shows.
    pub fn wait_text(&self, testid: &str, text: &str, within: Duration) -> anyhow::Result<String> {
        let found = wait::until(&format!("\"{text}\" in {testid}"), within, || {
            Ok(self.texts(testid)?.into_iter().find(|shown| shown.contains(text)))
        });
        self.explained(found)
    }

    /// Runs a script in the page; its value comes back as JSON.
    ///
    /// # Errors
    /// When it throws.
    pub fn evaluate(&self, script: &str) -> anyhow::Result<Value> {
        self.ask("evaluate", json!({ "script": script }))
    }

    /// Waits until a script's value is true.
    ///
    /// # Errors
    /// When it does not become true, or throws.
    pub fn wait_true(&self, what: &str, script: &str, within: Duration) -> anyhow::Result<()> {
        let known = wait::until(what, within, || Ok((self.evaluate(script)? == true).then_some(())));
        self.explained(known)
    }

    /// A picture of the page.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn screenshot(&self, file: &Path) -> anyhow::Result<()> {
        self.ask("screenshot", json!({ "path": file })).map(drop)
    }

    /// What the page's console complained of.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn errors(&self) -> anyhow::Result<Vec<String>> {
        strings(self.ask("errors", json!({}))?)
    }

    /// What axe finds wrong for people who cannot see or point: each with `id`, `impact` and `nodes`.
    ///
    /// # Errors
    /// When axe cannot run.
    pub fn axe(&self) -> anyhow::Result<Vec<Value>> {
        Ok(self.ask("axe", json!({}))?.as_array().cloned().unwrap_or_default())
    }

    /// Closes the tab.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn close(&self) -> anyhow::Result<()> {
        self.ask("close", json!({})).map(drop)
    }

    fn explained<T>(&self, result: anyhow::Result<T>) -> anyhow::Result<T> {
        result.map_err(|error| match (self.body(), self.errors()) {
            (Ok(body), Ok(errors)) => {
                error.context(format!("the page shows:\n{body}\nits console: {errors:?}"))
            }
            _ => error,
        })
    }
}

fn strings(value: Value) -> anyhow::Result<Vec<String>> {
    let all = value.as_array().context("not a list")?.iter();
    Ok(all.map(|text| text.as_str().unwrap_or_default().to_owned()).collect())
}

/// The node program.
pub(crate) fn node() -> OsString {
    std::env::var_os("CARELINE_NODE").unwrap_or_else(|| "node".into())
}

/// The folder in whose `node_modules` its packages are.
pub(crate) fn packages() -> PathBuf {
    std::env::var_os("CARELINE_UI_DIR")
        .map_or_else(|| programs::workspace().join("crates/desk/ui"), PathBuf::from)
}
