//! `careline-desk`: who is calling, what was said before, and the pages people work in.

use careline_desk::cli::{self, Args};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::act(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command's last word to its user")]
fn report(error: &anyhow::Error) {
    eprintln!("careline-desk: {error:#}");
}
