//! Small faults put into the core one by one: a fault that no story notices is a gap in the stories (`cargo mutants`).
//! Whatever survives is named in `survivors.toml` with the reason, or shown as not explained.

use crate::process;
use crate::workspace::Workspace;
use anyhow::{Context, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// The version whose results are read here.
const VERSION: &str = "27.1.0";
/// What is mutated: who gets which call.
const FILES: [&str; 4] = [
    "crates/callcentre/src/matcher/**",
    "crates/callcentre/src/agent.rs",
    "crates/callcentre/src/agent/**",
    "crates/callcentre/src/queue/**",
];
/// Of a hundred that build, so many are caught.
const CAUGHT_MIN: usize = 85;
/// Longest run of the stories, seconds; they take 3. A fault that makes them run for ever is caught.
const TIMEOUT_S: &str = "20";
/// How many at once.
const JOBS: &str = "2";
/// Those that no story notices.
const SURVIVORS: &str = include_str!("survivors.toml");

/// `outcomes.json` of cargo-mutants.
#[derive(Debug, Deserialize)]
struct Outcomes {
    outcomes: Vec<Outcome>,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    scenario: Scenario,
    summary: String,
}

#[derive(Debug, Deserialize)]
enum Scenario {
    Baseline,
    Mutant { name: String },
}

/// What became of them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    caught: usize,
    missed: BTreeSet<String>,
    unviable: usize,
}

impl Tally {
    fn of(outcomes: Outcomes) -> Self {
        let mut tally = Self::default();
        for Outcome { scenario, summary } in outcomes.outcomes {
            let Scenario::Mutant { name } = scenario else { continue };
            match summary.as_str() {
                "CaughtMutant" | "Timeout" => tally.caught += 1,
                "MissedMutant" => _ = tally.missed.insert(name),
                _ => tally.unviable += 1,
            }
        }
        tally
    }

    fn viable(&self) -> usize {
        self.caught + self.missed.len()
    }

    fn is_enough(&self) -> bool {
        self.caught * 100 >= self.viable() * CAUGHT_MIN
    }
}

/// A mutant without its place, which changes with each line above it: `agent.rs: replace ...`.
fn without_place(name: &str) -> String {
    let words: Vec<&str> = name.splitn(4, ':').collect();
    match words.as_slice() {
        [file, _, _, what] => format!("{}:{what}", file.trim_start_matches("crates/callcentre/src/")),
        _ => name.to_owned(),
    }
}

/// Reasons by mutant.
fn survivors() -> anyhow::Result<BTreeMap<String, String>> {
    toml::from_str(SURVIVORS).context("survivors.toml")
}

/// Mutates the core. The last line printed is JSON.
///
/// # Errors
/// When the tool cannot be installed or does not run.
pub fn mutants(workspace: &Workspace) -> anyhow::Result<bool> {
    let reasons = survivors()?;
    let output = workspace.target.join("mutants");
    let mut command = Command::new(installed(workspace)?);
    command.current_dir(&workspace.root).args(["mutants", "--package", "careline-callcentre"]);
    command.args(FILES.iter().flat_map(|file| ["--file", file]));
    command.args(["--cap-lints", "true", "--timeout", TIMEOUT_S, "--jobs", JOBS, "--output"]).arg(&output);
    // What is built so often is built without debug information, and only what changed.
    command.env("CARGO_PROFILE_TEST_DEBUG", "0").env("CARGO_INCREMENTAL", "1").env("PROPTEST_CASES", "32");
    let status = process::status(&mut command)?;
    // 2: some were missed; 3: some ran out of time.
    ensure!(matches!(status.code(), Some(0 | 2 | 3)), "cargo mutants ended with {status}");
    let text = std::fs::read_to_string(output.join("mutants.out/outcomes.json")).context("its outcomes")?;
    let tally = Tally::of(serde_json::from_str(&text).context("its outcomes")?);
    for name in &tally.missed {
        let reason = reasons.get(&without_place(name)).map_or("not explained", String::as_str);
        println!("survived: {name}: {reason}");
    }
    println!(
        "{{\"mutants\":{},\"caught\":{},\"survived\":{},\"unviable\":{}}}",
        tally.viable(),
        tally.caught,
        tally.missed.len(),
        tally.unviable
    );
    Ok(tally.is_enough())
}

/// The tool, in a folder of our own.
fn installed(workspace: &Workspace) -> anyhow::Result<std::path::PathBuf> {
    let root = workspace.target.join("tools");
    let program = root.join("bin/cargo-mutants");
    if !is_of_version(&program) {
        let mut cargo = workspace.cargo();
        cargo.args(["install", "cargo-mutants", "--locked", "--version", VERSION, "--root"]).arg(&root);
        process::run(&mut cargo)?;
    }
    Ok(program)
}

fn is_of_version(program: &Path) -> bool {
    let said = process::output(Command::new(program).args(["mutants", "--version"]));
    said.is_ok_and(|said| said.trim().ends_with(VERSION))
}

#[cfg(test)]
mod tests {
    use super::{Tally, survivors, without_place};

    #[test]
    fn what_runs_out_of_time_is_caught_and_what_does_not_build_does_not_count() {
        let mutant = |name: &str, summary: &str| {
            format!(
                "{{\"scenario\":{{\"Mutant\":{{\"name\":\"{name}\",\"genre\":\"x\"}}}},\"summary\":\"{summary}\"}}"
            )
        };
        let all = [
            "{\"scenario\":\"Baseline\",\"summary\":\"Success\"}".to_owned(),
            mutant("a", "CaughtMutant"),
            mutant("b", "Timeout"),
            mutant("c", "Unviable"),
            mutant("d", "MissedMutant"),
        ];
        let text = format!("{{\"outcomes\":[{}],\"missed\":1}}", all.join(","));
        let tally = Tally::of(serde_json::from_str(&text).expect("it reads"));
        assert_eq!((tally.caught, tally.viable(), tally.unviable), (2, 3, 1));
        assert!(!tally.is_enough(), "two of three");
        assert!(
            Tally { caught: 85, missed: (0..15).map(|n| n.to_string()).collect(), unviable: 9 }.is_enough()
        );
    }

    #[test]
    fn a_survivor_is_known_wherever_its_line_went() {
        let name = "crates/callcentre/src/agent.rs:269:71: replace && with || in Centre::note_work";
        assert_eq!(without_place(name), "agent.rs: replace && with || in Centre::note_work");
    }

    #[test]
    fn every_survivor_has_a_reason() {
        let all = survivors().expect("it reads");
        assert!(all.iter().all(|(name, reason)| name.contains(".rs: ") && !reason.trim().is_empty()));
    }
}
