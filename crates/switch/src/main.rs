//! The switch: takes, queues, connects and records the hospital's calls.

use anyhow::Context;
use careline_switch::startup::Which;
use careline_switch::{
    cli_bans, cli_config, cli_events, cli_quality, cli_recordings, cli_trace, cli_trunks, run, startup,
    trunk_check,
};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a message brings is allocated by the thread that reads it and freed by others.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// SIP and RTP daemon of a hospital call centre.
#[derive(Debug, Parser)]
#[command(name = "careline-switch", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve calls until told to end: the first SIGTERM or SIGINT drains, the second ends.
    Run(Where),
    /// Read everything and say what is wrong, without opening a port.
    Check(Where),
    /// Print what to agree on with a carrier, for one trunk or all of them.
    TrunkCheck(TrunkCheck),
    /// Print the SIP messages of one call as a ladder.
    Trace(cli_trace::TraceArgs),
    /// Write the SIP messages of one call into a capture file for Wireshark.
    Pcap(cli_trace::PcapArgs),
    /// Print the addresses that are not heard, or hear one again.
    Bans(cli_bans::BansArgs),
    /// Print how the trunks of a running switch are, since when and why.
    Trunks(cli_trunks::TrunksArgs),
    /// Print how the running calls sound, a line for each leg.
    Quality(cli_quality::QualityArgs),
    /// Look at the configuration of a running switch, publish another one, or go back to an earlier one.
    #[command(subcommand)]
    Config(cli_config::ConfigCommand),
    /// Print events of a running switch, or of a journal file.
    Events(cli_events::EventsArgs),
    /// Look after recordings that are closed.
    #[command(subcommand)]
    Recordings(cli_recordings::RecordingsCommand),
}

/// Which configuration.
#[derive(Debug, clap::Args)]
struct Where {
    /// The configuration file; relative paths in it are relative to its folder.
    #[arg(long, env = "CARELINE_SWITCH_CONFIG", default_value = "config/switch.toml")]
    config: PathBuf,
    /// Keeps recordings and journal here instead of where the configuration says.
    #[arg(long, env = "CARELINE_RUN_DIR")]
    run_dir: Option<PathBuf>,
}

/// What to print a checklist of.
#[derive(Debug, clap::Args)]
struct TrunkCheck {
    /// The configuration file.
    #[arg(long, env = "CARELINE_SWITCH_CONFIG", default_value = "config/switch.toml")]
    config: PathBuf,
    /// Only this trunk.
    #[arg(long)]
    trunk: Option<String>,
}

fn main() -> ExitCode {
    match act(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

fn act(args: Args) -> anyhow::Result<()> {
    match args.command {
        Command::Run(place) => {
            careline_daemon::telemetry::start().context("failed to start logging")?;
            let loaded = startup::load(&place.config, place.run_dir.as_deref(), Which::Holding)?;
            run::serve(loaded)
        }
        Command::Check(place) => {
            let loaded = startup::load(&place.config, place.run_dir.as_deref(), Which::Files)?;
            for warning in loaded.plan.warnings() {
                say(&format!("{}: warning: {warning}", place.config.display()));
            }
            say(&format!("{} is good: {}", place.config.display(), startup::summary(&loaded.plan)));
            Ok(())
        }
        Command::TrunkCheck(args) => {
            let loaded = startup::load(&args.config, None, Which::Holding)?;
            say(trunk_check::checklist(&loaded.plan, args.trunk.as_deref())?.trim_end());
            Ok(())
        }
        Command::Trace(args) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(cli_trace::trace(args, &mut std::io::stdout()))
        }
        Command::Pcap(args) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let file = args.out.clone();
            let count = runtime.block_on(cli_trace::pcap(args))?;
            say(&format!("{count} messages written to {}", file.display()));
            Ok(())
        }
        Command::Bans(args) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(cli_bans::run(args, &mut std::io::stdout()))
        }
        Command::Trunks(args) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(cli_trunks::run(args, &mut std::io::stdout()))
        }
        Command::Config(command) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(cli_config::run(command, &mut std::io::stdout()))
        }
        Command::Quality(args) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(cli_quality::run(args, &mut std::io::stdout()))
        }
        Command::Recordings(command) => cli_recordings::run(&command, &mut std::io::stdout()),
        Command::Events(args) => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(cli_events::run(args))
        }
    }
}

#[expect(clippy::print_stdout, reason = "a command's answer to its user")]
fn say(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "a command's last word to its user")]
fn report(error: &anyhow::Error) {
    eprintln!("careline-switch: {error:#}");
}
