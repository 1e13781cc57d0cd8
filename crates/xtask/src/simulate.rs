//! Days on a virtual clock: `careline-simulate`, built like what a hospital runs.

use crate::process;
use crate::programs::{Profile, Programs};
use crate::workspace::Workspace;
use std::ffi::OsString;

/// Parts of what CI simulates, as `careline-simulate` is told: a house of usual size, a large one, the whole switch.
const SHORT: [&[&str]; 3] = [
    &["--hours", "20", "--seeds", "5"],
    &["--hours", "24", "--agents", "200"],
    &["--hours", "4", "--agents", "12", "--whole"],
];
/// The same with `--long`.
const LONG: [&[&str]; 5] = [
    &["--hours", "200", "--seeds", "20"],
    &["--hours", "24", "--seeds", "5", "--agents", "200"],
    &["--hours", "48", "--seeds", "100", "--agents", "3", "--trouble", "12", "--load", "2"],
    &["--hours", "24", "--seeds", "20", "--agents", "60", "--trouble", "4", "--drain"],
    &["--hours", "24", "--seeds", "5", "--agents", "20", "--whole"],
];

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct SimulateArgs {
    /// As `careline-simulate` takes it: `--hours 24 --seeds 5 --seed 1 --agents 20`, `what-if FILE`, or `--help`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<OsString>,
}

/// Simulates; `false` when a promise was broken.
///
/// # Errors
/// When the program cannot be built or started.
pub fn simulate(workspace: &Workspace, args: &SimulateArgs) -> anyhow::Result<bool> {
    let programs = Programs::build(workspace, Profile::ReleaseOfSimulator)?;
    Ok(process::status(programs.command("careline-simulate").args(&args.args))?.success())
}

/// What CI simulates, with programs that are built already; stops at the first broken promise.
///
/// # Errors
/// When the program cannot be started.
pub fn all(programs: &Programs, long: bool) -> anyhow::Result<bool> {
    let parts: &[&[&str]] = if long { &LONG } else { &SHORT };
    for args in parts {
        println!("-- careline-simulate {}", args.join(" "));
        if !process::status(programs.command("careline-simulate").args(*args))?.success() {
            return Ok(false);
        }
    }
    Ok(true)
}
