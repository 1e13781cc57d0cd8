//! What CI runs: parts in order, each timed, stopping at the first that fails. The last line counts tests.

use crate::demo::{self, DemoArgs};
use crate::postgres::{self, Postgres};
use crate::process;
use crate::programs::{BIN_DIR, Profile, Programs};
use crate::rows::{Rows, Told};
use crate::setup;
use crate::ui::Ui;
use crate::workspace::Workspace;
use crate::{bench, mutants, simulate, tidy};
use clap::ValueEnum;
use std::process::Command;
use std::time::{Duration, Instant};

/// Asks the tests for their long tier.
const LONG: &str = "CARELINE_LONG";
/// Tells tests which node drives browsers.
pub const NODE: &str = "CARELINE_NODE";
/// Tells tests where the packages are that it needs for that.
pub const UI_DIR: &str = "CARELINE_UI_DIR";
/// How often the stories with phones are told in the long tier: what fails once in a while fails there.
const LONG_ROUNDS: usize = 5;
/// Tells tests that do damage by seed which.
const SEED: &str = "CARELINE_SEED";
/// How long each fuzz target runs in the long tier, where there is a fuzzer.
const FUZZ_SECONDS: u32 = 120;
/// The fuzz targets.
const FUZZ_TARGETS: [&str; 3] = ["parse", "endpoint", "sdp"];
/// Cases of each property in the long tier that does not count for itself.
const LONG_CASES: &str = "1024";
/// Calls and agents of the demo.
const DEMO: (usize, usize) = (20, 4);
/// The same with `--long`: enough agents for one patient a second.
const LONG_DEMO: (usize, usize) = (200, 10);

/// A part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// House rules.
    Tidy,
    /// `cargo fmt --check`.
    Fmt,
    /// The desk's pages, which the program holds, and their tests.
    Ui,
    /// Warnings are errors.
    Clippy,
    /// Documentation without warnings.
    Doc,
    /// Tests of the crates.
    Unit,
    /// The desk's once more, with its database on PostgreSQL.
    Postgres,
    /// Days on a virtual clock.
    Simulate,
    /// Message corpora and hostile input.
    Interop,
    /// Stories with the built programs and foreign phones.
    E2e,
    /// The demo, which checks itself.
    Demo,
    /// Small faults put into the core, which the stories have to notice; only with `--long` or by name.
    Mutants,
    /// All benches; only with `--long` or by name.
    Bench,
}

impl Part {
    /// Too long for CI.
    fn is_long(self) -> bool {
        matches!(self, Self::Mutants | Self::Bench)
    }
}

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct TestArgs {
    /// Only these parts; default: all but mutants and bench.
    parts: Vec<Part>,
    /// Loops and soaks as well, a longer demo, all benches.
    #[arg(long)]
    long: bool,
}

/// Passed and failed tests, and what could not be tried on this machine.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    passed: u64,
    failed: u64,
    /// Tests that passed because the files they need are not here; they say `skipped: why`.
    skipped: u64,
}

impl Tally {
    /// Adds what a line of libtest's output says, if it is its result.
    fn see(&mut self, line: &str) {
        self.skipped += u64::from(line.contains("skipped: "));
        let Some((_, counts)) = line.split_once("test result: ") else { return };
        let before = |what: &str| {
            let (count, _) = counts.split_once(what)?;
            count.trim_end().rsplit(' ').next()?.parse::<u64>().ok()
        };
        self.passed += before("passed;").unwrap_or(0);
        self.failed += before("failed;").unwrap_or(0);
    }

    /// The same for vitest: `Tests  2 failed | 12 passed (14)`.
    fn see_vitest(&mut self, line: &str) {
        let mut words = line.split_whitespace();
        if words.next() != Some("Tests") {
            return;
        }
        let words: Vec<&str> = words.collect();
        for pair in words.windows(2) {
            match (pair[0].parse::<u64>(), pair[1]) {
                (Ok(count), "passed") => self.passed += count,
                (Ok(count), "failed") => self.failed += count,
                _ => {}
            }
        }
    }
}

/// One part that ran.
struct Row {
    part: Part,
    took: Duration,
    good: bool,
}

/// Runs the parts; `false` at the first that fails.
///
/// # Errors
/// When what a part needs is missing.
pub fn test(workspace: &Workspace, args: &TestArgs) -> anyhow::Result<bool> {
    let parts: Vec<Part> = match args.parts.as_slice() {
        [] => Part::value_variants().iter().copied().filter(|part| args.long || !part.is_long()).collect(),
        chosen => chosen.to_vec(),
    };
    setup::install(setup::BUILD)?;
    let mut tally = Tally::default();
    let mut rows = Vec::new();
    for part in parts {
        eprintln!("\n== {part:?}");
        let (begin, failed_before) = (Instant::now(), tally.failed);
        let good = run(workspace, part, args.long, &mut tally).unwrap_or_else(|error| {
            eprintln!("xtask: {error:#}");
            false
        });
        if !good && tally.failed == failed_before {
            tally.failed += 1; // a part that is no test, or tests that did not even start
        }
        rows.push(Row { part, took: begin.elapsed(), good });
        if !good {
            break;
        }
    }
    println!("\n{:10} {:>8}  ok", "part", "seconds");
    for Row { part, took, good } in &rows {
        println!(
            "{:10} {:>8.1}  {}",
            format!("{part:?}").to_lowercase(),
            took.as_secs_f64(),
            if *good { "yes" } else { "NO" }
        );
    }
    let skipped = if tally.skipped == 0 { String::new() } else { format!(", {} skipped", tally.skipped) };
    println!("\n{} passed, {} failed{skipped}", tally.passed, tally.failed);
    Ok(rows.iter().all(|row| row.good))
}

fn run(workspace: &Workspace, part: Part, long: bool, tally: &mut Tally) -> anyhow::Result<bool> {
    match part {
        Part::Tidy => tidy::tidy(workspace),
        Part::Fmt => plain(workspace.cargo().args(["fmt", "--all", "--check"])),
        Part::Ui => pages(workspace, tally),
        Part::Clippy => {
            let words = ["clippy", "--workspace", "--all-targets", "--profile", "ci", "--", "-D", "warnings"];
            plain(workspace.cargo().args(words))
        }
        Part::Doc => {
            let words = ["doc", "--workspace", "--no-deps", "--profile", "ci"];
            plain(workspace.cargo().args(words).env("RUSTDOCFLAGS", "-D warnings"))
        }
        Part::Unit => {
            let (programs, _) = Programs::build_with_tests(workspace)?;
            Ui::check_description(workspace, &programs)?;
            stories(workspace, "crates", &Surroundings { long, ..Surroundings::default() }, tally)
        }
        Part::Postgres => {
            let (programs, _) = Programs::build_with_tests(workspace)?;
            let server = Postgres::start(&programs)?;
            let around = Surroundings { postgres: Some(server.port), ..Surroundings::default() };
            stories(workspace, "crates/desk", &around, tally)
        }
        Part::Simulate => {
            let programs = match long {
                true => Programs::build(workspace, Profile::ReleaseOfSimulator)?,
                false => Programs::build_with_tests(workspace)?.0,
            };
            simulate::all(&programs, long)
        }
        Part::Interop => {
            let around = Surroundings { long, ..Surroundings::default() };
            Ok(stories(workspace, "tests/differential", &around, tally)?
                && (!long || third_witness(workspace, tally)?)
                && with_phones(workspace, "tests/interop", &around, tally)?
                && (!long || fuzz(workspace, tally)?))
        }
        Part::E2e => {
            let ui = Ui::installed(workspace)?;
            ui.build()?;
            setup::install(setup::BROWSER)?;
            setup::install(setup::DATABASES)?;
            with_phones(
                workspace,
                "tests/e2e",
                &Surroundings { long, ui: Some(ui), ..Surroundings::default() },
                tally,
            )
        }
        Part::Demo => {
            let (calls, agents) = if long { LONG_DEMO } else { DEMO };
            let args = DemoArgs { calls: Some(calls), exit: true, agents, seed: 7, rate: 1.0 };
            let (programs, _) = Programs::build_with_tests(workspace)?;
            demo::demo_with(workspace, &programs, &args)
        }
        Part::Mutants => mutants::mutants(workspace),
        Part::Bench => bench::all(workspace),
    }
}

fn plain(command: &mut Command) -> anyhow::Result<bool> {
    Ok(process::status(command)?.success())
}

/// Builds the pages and runs their tests.
fn pages(workspace: &Workspace, tally: &mut Tally) -> anyhow::Result<bool> {
    let ui = Ui::installed(workspace)?;
    ui.check_types()?;
    ui.build()?;
    let good = ui.test(|line| {
        println!("{line}");
        tally.see_vitest(line);
    })?;
    Ok(good.unwrap_or(true))
}

/// What tests are told of their surroundings.
#[derive(Debug, Clone, Default)]
struct Surroundings {
    /// The long tier as well.
    long: bool,
    /// What drives a browser, for tests that open one.
    ui: Option<Ui>,
    /// Where the desk's databases are; without it they are files.
    postgres: Option<u16>,
    /// How often the tests ran before: each round does other damage.
    round: usize,
}

/// Our codec against the witness that takes long to build.
fn third_witness(workspace: &Workspace, tally: &mut Tally) -> anyhow::Result<bool> {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--profile", "ci", "-p", "careline-differential", "--features", "rsiprtp"]);
    let status = process::run_watched(cargo.env(LONG, "1"), |line| {
        println!("{line}");
        tally.see(line);
    })?;
    Ok(status.success())
}

/// The fuzzer itself, where there is one; its bodies ran as tests before.
fn fuzz(workspace: &Workspace, tally: &mut Tally) -> anyhow::Result<bool> {
    let cargo = || {
        // Through rustup, whatever compiler runs this.
        let mut cargo = Command::new("cargo");
        cargo.arg("+nightly").current_dir(workspace.root.join("tests/fuzz")).env_remove("RUSTUP_TOOLCHAIN");
        cargo
    };
    let there = cargo().args(["fuzz", "--version"]).output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: the fuzzer: no nightly compiler with cargo-fuzz");
        tally.skipped += 1;
        return Ok(true);
    }
    let mut good = true;
    for target in FUZZ_TARGETS {
        let (time, size) = (format!("-max_total_time={FUZZ_SECONDS}"), "-max_len=65536");
        let found = !process::status(cargo().args(["fuzz", "run", target, "--", &time, size]))?.success();
        (tally.passed, tally.failed) = (tally.passed + u64::from(!found), tally.failed + u64::from(found));
        good &= !found;
    }
    Ok(good)
}

/// Tests that start the built programs and foreign phones.
fn with_phones(
    workspace: &Workspace,
    folder: &str,
    around: &Surroundings,
    tally: &mut Tally,
) -> anyhow::Result<bool> {
    setup::install(setup::PHONES)?;
    let rounds = if around.long { LONG_ROUNDS } else { 1 };
    for round in 0..rounds {
        if !stories(workspace, folder, &Surroundings { round, ..around.clone() }, tally)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs every test below a folder of the workspace; all of them, also after one has failed.
fn stories(
    workspace: &Workspace,
    folder: &str,
    around: &Surroundings,
    tally: &mut Tally,
) -> anyhow::Result<bool> {
    let (programs, tests) = Programs::build_with_tests(workspace)?;
    let below = workspace.root.join(folder);
    let (mut good, mut told) = (true, Told::default());
    for test in tests.iter().filter(|test| test.folder.starts_with(&below)) {
        println!(
            "-- {} {}",
            test.folder.strip_prefix(&workspace.root).unwrap_or(&test.folder).display(),
            test.name
        );
        let last = test.folder.file_name().map(|name| name.to_string_lossy().into_owned());
        let last = last.unwrap_or_default();
        told.begin(&last);
        let mut command = Command::new(&test.file);
        command.current_dir(&test.folder).env(BIN_DIR, &programs.dir);
        if let Some(ui) = &around.ui {
            command.env(NODE, &ui.node.program).env(UI_DIR, &ui.folder);
        }
        if let Some(port) = around.postgres {
            command.env(postgres::PORT, port.to_string());
        }
        if std::env::var_os(SEED).is_none() {
            command.env(SEED, (around.round + 1).to_string());
        }
        // What loops by itself does so once; the rounds after that are for what fails once in a while.
        if around.long && around.round == 0 {
            command.env(LONG, "1").env("PROPTEST_CASES", LONG_CASES);
        }
        let status = process::run_watched(&mut command, |line| {
            println!("{line}");
            tally.see(line);
            told.see(&last, &test.name, line);
        })?;
        good &= status.success();
    }
    Ok(good && rows_are_told(&told, tally)?)
}

/// Every row of the specification that names stories of these tests has them told.
fn rows_are_told(told: &Told, tally: &mut Tally) -> anyhow::Result<bool> {
    let rows = Rows::read()?;
    let missing = rows.not_told(told);
    for story in &missing {
        println!("not told: {story}");
    }
    tally.failed += u64::try_from(missing.len())?;
    let (with, without) = rows.counts();
    println!("rows of the specification: {with} with stories, {without} left out with their reasons");
    Ok(missing.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn results_are_added_with_and_without_colour() {
        let mut tally = Tally::default();
        tally.see(
            "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
        );
        tally.see("test result: \u{1b}[31mFAILED\u{1b}[m. 3 passed; 2 failed; 0 ignored; 0 measured");
        tally.see("test tests::result ... ok");
        tally.see("test torture ... skipped: no corpus at ../shared");
        assert_eq!(tally, Tally { passed: 15, failed: 2, skipped: 1 });
    }

    #[test]
    fn results_of_the_pages_tests_are_added() {
        let mut tally = Tally::default();
        tally.see_vitest(" Test Files  3 passed (3)");
        tally.see_vitest("      Tests  12 passed (12)");
        tally.see_vitest("      Tests  1 failed | 4 passed (5)");
        assert_eq!(tally, Tally { passed: 16, failed: 1, skipped: 0 });
    }
}
