//! Tasks of the workspace, run as `cargo xtask <task>`: demo, test, bench, simulate, tidy, ui, prompts.
//!
//! Each task is a module with one function that does it. Programs are started by the path at which cargo put them
//! ([`programs`]); everything that a task needs of the system is installed by [`setup`], and only when it is missing.
//!
//! What it is not: no library and no part of a program. It depends on no crate of ours, so that it is built in seconds
//! and can judge all of them.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an edge: tells its user what it does, and measures real time"
)]

mod bench;
mod demo;
mod desk;
mod house;
mod mutants;
mod node;
mod postgres;
mod process;
mod programs;
mod prompts;
mod rows;
mod setup;
mod signals;
mod simulate;
mod test;
mod tidy;
mod ui;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use workspace::Workspace;

/// Tasks of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Starts the switch with simulated patients and agents.
    Demo(demo::DemoArgs),
    /// Runs what CI runs, or one part of it.
    Test(test::TestArgs),
    /// Measures; the last line is JSON.
    Bench(bench::BenchArgs),
    /// Lives through generated days on a virtual clock, or tells what a day would be like.
    Simulate(simulate::SimulateArgs),
    /// Checks the house rules.
    Tidy,
    /// Builds the pages of the desk (installs node when it is missing or old).
    Ui(ui::UiArgs),
    /// Makes the speech of config/prompts again (authors only; needs Python and npm).
    Prompts(prompts::PromptsArgs),
}

fn main() -> ExitCode {
    let task = Cli::parse().task;
    let done = Workspace::find().and_then(|workspace| match task {
        Task::Demo(args) => demo::demo(&workspace, &args),
        Task::Test(args) => test::test(&workspace, &args),
        Task::Bench(args) => bench::bench(&workspace, &args),
        Task::Simulate(args) => simulate::simulate(&workspace, &args),
        Task::Tidy => tidy::tidy(&workspace),
        Task::Ui(args) => ui::ui(&workspace, &args),
        Task::Prompts(args) => prompts::prompts(&workspace, &args),
    });
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
