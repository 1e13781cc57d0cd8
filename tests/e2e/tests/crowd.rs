//! A small simulated crowd: everybody who is answered is heard and recorded, everybody who leaves has left.

use anyhow::Context;
use careline_e2e::{HouseOptions, NUMBER, tell};
use careline_testkit::programs;
use serde_json::Value;
use std::process::Command;

fn run(arguments: &[&str]) -> anyhow::Result<(bool, Value)> {
    let output = Command::new(programs::program("careline-traffic")?).args(arguments).output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let last = said.lines().last().with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let last = serde_json::from_str(last).with_context(|| format!("not JSON: {last}"))?;
    Ok((output.status.success(), last))
}

#[test]
fn the_simulators_ears_the_recordings_and_the_journal_agree() {
    const CALLS: usize = 6;
    let options = HouseOptions { agents: vec!["1001", "1002"], ring_timeout_s: 3, ..HouseOptions::default() };
    tell("crowd", options, |house| {
        let switch = house.sip()?.to_string();
        let patients = house.trunk_address()?.to_string();
        let agents = house.next_address()?.to_string();
        let report = house.place().path("report.json").display().to_string();
        let calls = CALLS.to_string();
        let (good, totals) = run(&[
            "calls",
            "--switch",
            &switch,
            "--patients-from",
            &patients,
            "--agents-from",
            &agents,
            "--number",
            NUMBER,
            "--agents",
            "2",
            "--calls",
            &calls,
            "--rate",
            "2",
            "--talk-mean-s",
            "3",
            "--seed",
            "7",
            "--miss-share",
            "0",
            "--abandon-share",
            "0.3",
            "--call-max-s",
            "25",
            "--report",
            &report,
        ])?;
        let text = std::fs::read_to_string(&report).unwrap_or_default();
        anyhow::ensure!(good, "{totals}\n{text}");

        let events = house.journal().events()?;
        let count = |kind: &str| events.iter().filter(|event| event["kind"] == kind).count();
        anyhow::ensure!(count("call_ended") == CALLS, "{} calls ended", count("call_ended"));
        let connected = count("call_connected");
        anyhow::ensure!(totals["answered"] == connected, "{totals} against {connected} in the journal");

        let lines: String = events.iter().map(|event| format!("{event}\n")).collect();
        let journal = house.place().path("events.jsonl");
        std::fs::write(&journal, lines)?;
        let recordings = house.place().path("recordings").display().to_string();
        let journal = journal.display().to_string();
        let (good, verified) = run(&[
            "verify-recordings",
            "--dir",
            &recordings,
            "--report",
            &report,
            "--journal-events",
            &journal,
        ])?;
        anyhow::ensure!(good && verified["verified"] == connected, "{verified}");
        Ok(())
    });
}
