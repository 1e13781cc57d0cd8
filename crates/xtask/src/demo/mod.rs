//! The demo: a switch and a desk with the sample configuration, synthetic people in the desk's database, a crowd of
//! simulated patients (most of them such people) and agents that rings the switch, and four independent views of what
//! happened: what the crowd saw and heard, what the journal says, what the recordings sound like, and what the desk
//! remembers. They must agree.
//!
//! ```text
//! switch, desk ready --> crowd of N --> journal at rest --> recordings heard --> desk asked --> verdict (JSON)
//!                          ^                                                                      |
//!                          +----------------------- without --calls: the next N ------------------+
//! Ctrl-C ends all in order
//! ```

mod journal;
mod remembered;
mod verdict;

use crate::desk::{self, Desk, DeskOptions, Person, RunningDesk};
use crate::house::{self, ECHO_NUMBER, FIRST_AGENT, NUMBER, PASSWORD_PREFIX, PATIENT_IP, Switch};
use crate::process::{self, Owned};
use crate::programs::{Profile, Programs};
use crate::signals::Interrupt;
use crate::ui::Ui;
use crate::workspace::Workspace;
use anyhow::Context;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use verdict::Verdict;

/// Patients per round when no number is given.
const ROUND: usize = 20;
/// People in the desk's database.
const PERSONS: usize = 2000;
/// Wrap-up of the demo's agents, seconds: long enough to be seen, short enough for a demo.
const WRAP_UP_S: i64 = 1;
/// How often the end of the user's patience is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct DemoArgs {
    /// Patients who ring, once each; without it patients keep ringing until Ctrl-C.
    #[arg(long)]
    pub calls: Option<usize>,
    /// Ends after the calls; otherwise the switch stays up until Ctrl-C.
    #[arg(long, requires = "calls")]
    pub exit: bool,
    /// Agents.
    #[arg(long, default_value_t = 4)]
    pub agents: usize,
    /// Same seed, same patients.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Mean arrivals per second.
    #[arg(long, default_value_t = 1.0)]
    pub rate: f64,
}

/// Runs the demo; `false` when a view disagrees.
///
/// # Errors
/// When a program cannot be built or started, or breaks off.
pub fn demo(workspace: &Workspace, args: &DemoArgs) -> anyhow::Result<bool> {
    // Before the programs: the desk has its pages inside.
    Ui::installed(workspace)?.build()?;
    let programs = Programs::build(workspace, Profile::Ci)?;
    demo_with(workspace, &programs, args)
}

/// The demo with programs that are built already.
///
/// # Errors
/// As [`demo()`].
pub fn demo_with(workspace: &Workspace, programs: &Programs, args: &DemoArgs) -> anyhow::Result<bool> {
    let interrupt = Interrupt::listen()?;
    let dir = workspace.fresh_dir("demo")?;
    let (mut switch, desk, mut running) = start(workspace, programs, &dir, args.agents)?;
    eprintln!(
        "demo: the switch answers at {}, the desk at http://{}; logs, databases and recordings are in {}",
        switch.sip,
        desk.http,
        dir.display()
    );
    if !args.exit {
        say_who_signs_in(&desk, args.agents);
        say_what_to_dial(&switch, args.agents);
    }

    let mut views = Views::default();
    let mut round = 0;
    while !interrupt.asked() && (round == 0 || args.calls.is_none()) {
        let crowd = Crowd { programs, workspace, dir: &dir, desk: &desk, args, round };
        let Some(report) = crowd.ring(&switch, &interrupt)? else { break };
        let (events, text) = journal::at_rest(&switch)?;
        let heard = crowd.verify_recordings(&report, &text)?;
        views.add(&report.json, &heard)?;
        let remembered = remembered::ask(programs, &desk.database(), &switch.name, &crowd.events())?;
        let verdict = Verdict::of(&views, &journal::count(&events), &remembered);
        println!("{}", serde_json::to_string(&verdict)?);
        if !verdict.ok || args.exit {
            explain(&verdict, &views);
            running.end()?;
            switch.end()?;
            return Ok(verdict.ok);
        }
        round += 1;
    }
    while !interrupt.asked() {
        anyhow::ensure!(switch.runs()?, "the switch left: see {}", dir.join("switch.log").display());
        anyhow::ensure!(running.runs()?, "the desk left: see {}", dir.join("desk.log").display());
        std::thread::sleep(LOOK_EVERY);
    }
    running.end()?;
    switch.end()?;
    Ok(true)
}

/// Switch and desk, each knowing where the other is.
fn start(
    workspace: &Workspace,
    programs: &Programs,
    dir: &Path,
    agents: usize,
) -> anyhow::Result<(Switch, Desk, RunningDesk)> {
    let mut config = house::sample(workspace)?;
    // One more than the crowd has: for a person with a phone.
    let agents = agents + 1;
    house::set_agents(&mut config, agents, None);
    house::set_queues(&mut config, "wrap_up_s", WRAP_UP_S);
    let options =
        DeskOptions { switch: house::rpc(&config)?, persons: PERSONS, agents, his: None, postgres: None };
    let desk = Desk::prepare(workspace, programs, dir, options)?;
    house::set(&mut config, "directory", "address", format!("http://{}", desk.directory));
    let switch = Switch::start(programs, dir, &config)?;
    let running = desk.start()?;
    Ok((switch, desk, running))
}

/// For a person with a browser.
fn say_who_signs_in(desk: &Desk, agents: usize) {
    eprintln!("demo: open http://{} and sign in with one click, or as", desk.http);
    for person in desk::staff(agents + 1) {
        let Person { login, name, role } = &person;
        eprintln!("demo:   {login}  {name}  password {}  ({role})", person.password());
    }
}

/// For a person with a phone.
fn say_what_to_dial(switch: &Switch, agents: usize) {
    let last = FIRST_AGENT + agents;
    eprintln!("demo: register a phone as {last} at {}, password {PASSWORD_PREFIX}{last}:", switch.sip);
    eprintln!("demo:   it rings when patients wait; dial {ECHO_NUMBER} to hear yourself");
    eprintln!(
        "demo: be a patient with a phone bound to {PATIENT_IP} (the trunk's address): dial {NUMBER}, press 0"
    );
    eprintln!("demo: the switch stays up; Ctrl-C ends it");
}

fn explain(verdict: &Verdict, views: &Views) {
    for line in views.failed.iter().chain(&verdict.disagreements) {
        eprintln!("demo: {line}");
    }
}

/// What the crowd saw and what the recordings sound like, over all rounds.
#[derive(Debug, Default)]
pub struct Views {
    /// Totals of the crowd.
    pub simulator: journal::Counts,
    /// Conversations in which both sides heard each other.
    pub heard_both_ways: u64,
    /// Recordings decoded, with the right voice on the right side.
    pub recordings_verified: u64,
    /// What is wrong, one line each.
    pub failed: Vec<String>,
}

impl Views {
    fn add(&mut self, report: &Value, recordings: &Value) -> anyhow::Result<()> {
        let totals = &report["totals"];
        let number =
            |key: &str| totals[key].as_u64().with_context(|| format!("the crowd's report has no {key}"));
        let (answered, unheard) = (number("answered")?, number("unheard")?);
        self.simulator.offered += number("offered")?;
        self.simulator.answered += answered;
        self.simulator.abandoned += number("abandoned")?;
        self.simulator.other += number("other")?;
        self.heard_both_ways += answered.saturating_sub(unheard);
        self.recordings_verified += recordings["verified"].as_u64().context("no count of recordings")?;
        let failed = recordings["failed"].as_array().into_iter().flatten();
        self.failed.extend(failed.filter_map(Value::as_str).map(str::to_owned));
        Ok(())
    }
}

/// One round of patients.
struct Crowd<'a> {
    programs: &'a Programs,
    workspace: &'a Workspace,
    dir: &'a Path,
    desk: &'a Desk,
    args: &'a DemoArgs,
    round: u64,
}

/// The report of one round.
struct Report {
    file: std::path::PathBuf,
    json: Value,
}

impl Crowd<'_> {
    /// Rings and waits; `None` when the user did not want to wait.
    fn ring(&self, switch: &Switch, interrupt: &Interrupt) -> anyhow::Result<Option<Report>> {
        let file = self.dir.join(format!("report-{}.json", self.round));
        let mut command = self.programs.command("careline-traffic");
        command
            .args(["calls", "--switch", &switch.sip.to_string(), "--number", NUMBER])
            .args(["--agents", &self.args.agents.to_string()])
            .args(["--first-agent", &FIRST_AGENT.to_string(), "--password-prefix", PASSWORD_PREFIX])
            .args(["--calls", &self.args.calls.unwrap_or(ROUND).to_string()])
            .args(["--rate", &self.args.rate.to_string()])
            .args(["--seed", &self.args.seed.wrapping_add(self.round).to_string()])
            .arg("--callers")
            .arg(&self.desk.callers)
            .arg("--prompts")
            .arg(self.workspace.root.join("config/prompts/zh-CN"))
            .arg("--report")
            .arg(&file)
            .stdout(Stdio::inherit());
        let mut crowd = Owned::start("careline-traffic", &mut command)?;
        let Some(status) = crowd.wait_while(|| !interrupt.asked())? else { return Ok(None) };
        // A crowd that saw something wrong says so by its exit code and in its report; the verdict tells it.
        let text = std::fs::read_to_string(&file)
            .with_context(|| format!("careline-traffic ended with {status} and left no report"))?;
        Ok(Some(Report { file, json: serde_json::from_str(&text).context("not a report")? }))
    }

    /// The journal's events as text.
    fn events(&self) -> std::path::PathBuf {
        self.dir.join("events.jsonl")
    }

    /// Lets the recordings be decoded and listened to.
    fn verify_recordings(&self, report: &Report, events: &str) -> anyhow::Result<Value> {
        let file = self.events();
        std::fs::write(&file, events).context("failed to write the events")?;
        let mut command = self.programs.command("careline-traffic");
        command.arg("verify-recordings").arg("--dir").arg(self.dir.join("recordings"));
        command.arg("--report").arg(&report.file).arg("--journal-events").arg(&file);
        let mut last = String::new();
        process::run_watched(&mut command, |line| line.clone_into(&mut last))?;
        serde_json::from_str(&last)
            .with_context(|| format!("verify-recordings did not end with JSON: {last}"))
    }
}
