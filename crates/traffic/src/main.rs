//! `careline-traffic`: rings a switch with a simulated crowd and proves what was heard and recorded.

use anyhow::Context;
use careline_sdp::Codec;
use careline_traffic::bridges::{Bridges, BridgesOptions};
use careline_traffic::calls::{self, CallsOptions, Voices};
use careline_traffic::desk;
use careline_traffic::desk::lookups::LookupsOptions;
use careline_traffic::desk::messages::MessagesOptions;
use careline_traffic::desk::verify::VerifyOptions;
use careline_traffic::handoff::{self, HandoffOptions};
use careline_traffic::phones::PhonesOptions;
use careline_traffic::plan::{self, PlanOptions};
use careline_traffic::recordings;
use careline_traffic::voice::Speech;
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Simulated patients and agents over real SIP and RTP.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Rings the switch with a crowd and reports every call.
    Calls(CallsArgs),
    /// Proves the recordings of the answered calls of a report.
    VerifyRecordings(VerifyArgs),
    /// Proves that the desk has what the journal tells, once it has caught up.
    VerifyDesk(VerifyDeskArgs),
    /// Measures how soon the desk says who is calling.
    Lookups(LookupsArgs),
    /// Measures how many messages of the hospital's systems the desk takes (HL7 over MLLP).
    Messages(MessagesArgs),
    /// Tells how soon pops were on the agents' screens.
    Pops(PopsArgs),
    /// Measures what the SIP core costs by itself: time of a message, memory of a registration and of a dialog.
    SipCore,
    /// Measures how long a freed agent waits for the next caller.
    Handoff(HandoffArgs),
    /// Makes calls and holds them for phones of another program: their ports in on standard input, one line of JSON;
    /// where each has to send out on standard output; hangs up when standard input is closed.
    Bridges(BridgesArgs),
}

#[derive(Debug, Args)]
struct PhonesArgs {
    /// The switch's SIP address (UDP).
    #[arg(long, default_value = "127.0.0.1:5060")]
    switch: SocketAddr,
    /// Where patients ring from: an address of the switch's trunk, `ip` or `ip:port`.
    #[arg(long, default_value = "127.0.0.2", value_parser = address)]
    patients_from: SocketAddr,
    /// Where agents register from, `ip` or `ip:port`; no trunk's address.
    #[arg(long, default_value = "127.0.0.3", value_parser = address)]
    agents_from: SocketAddr,
    /// The number that patients dial.
    #[arg(long, default_value = "4001234567")]
    number: String,
    /// Id of the first agent; the others count up.
    #[arg(long, default_value_t = 1001)]
    first_agent: u32,
    /// An agent's password is this and its id.
    #[arg(long, default_value = "pw")]
    password_prefix: String,
    /// Same seed, same plan. Without one a new seed is drawn and told in the report.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
struct CallsArgs {
    #[command(flatten)]
    phones: PhonesArgs,
    /// Agents.
    #[arg(long, default_value_t = 4)]
    agents: usize,
    /// Patients, who ring once each.
    #[arg(long, default_value_t = 20)]
    calls: usize,
    /// Mean arrivals per second (Poisson).
    #[arg(long, default_value_t = 1.0)]
    rate: f64,
    /// Mean length of a conversation, seconds.
    #[arg(long, default_value_t = 6.0)]
    talk_mean_s: f64,
    /// Part of the patients who give up.
    #[arg(long, default_value_t = 0.15)]
    abandon_share: f64,
    /// Part of the offers that agents decline or let ring.
    #[arg(long, default_value_t = 0.05)]
    miss_share: f64,
    /// File of known numbers, one a line, as they are dialled (`careline-desk seed --callers`): 80 % of the patients
    /// ring from one of them.
    #[arg(long)]
    callers: Option<PathBuf>,
    /// Longest life of one call, seconds.
    #[arg(long, default_value_t = 300)]
    call_max_s: u64,
    /// Folder with patient-*.wav and agent-*.wav (8 kHz mono) to speak between the tones.
    #[arg(long)]
    prompts: Option<PathBuf>,
    /// Where the report goes.
    #[arg(long)]
    report: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// The recordings' folder.
    #[arg(long)]
    dir: PathBuf,
    /// The report of `calls`.
    #[arg(long)]
    report: PathBuf,
    /// Events of the journal, JSON lines (`careline-switch events --json`).
    #[arg(long)]
    journal_events: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct VerifyDeskArgs {
    /// The desk's database.
    #[arg(long)]
    database: PathBuf,
    /// The switch whose events they are.
    #[arg(long)]
    switch_id: String,
    /// Events of its journal, JSON lines (`careline-switch events --json`).
    #[arg(long)]
    journal_events: PathBuf,
    /// How long the desk may need to catch up, seconds.
    #[arg(long, default_value_t = 20)]
    within_s: u64,
}

#[derive(Debug, Args)]
struct LookupsArgs {
    /// The desk's directory (gRPC).
    #[arg(long, default_value = "127.0.0.1:7070")]
    directory: SocketAddr,
    /// The desk's database, for the numbers it knows.
    #[arg(long)]
    database: PathBuf,
    /// Look-ups.
    #[arg(long, default_value_t = 5000)]
    count: usize,
    /// Look-ups per second.
    #[arg(long, default_value_t = 100.0)]
    rate: f64,
    /// Look-ups at the same time.
    #[arg(long, default_value_t = 8)]
    in_flight: usize,
    /// Same seed, same numbers.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
struct MessagesArgs {
    /// The desk's door, `[[his]]` listen.
    #[arg(long, default_value = "127.0.0.1:2575")]
    door: SocketAddr,
    /// Connections, each of which waits for its answers.
    #[arg(long, default_value_t = 10)]
    connections: usize,
    /// Length of the measurement.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Same seed, same patients.
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Debug, Args)]
struct PopsArgs {
    /// The desk's database.
    #[arg(long)]
    database: PathBuf,
}

#[derive(Debug, Args)]
struct BridgesArgs {
    #[command(flatten)]
    phones: PhonesArgs,
    /// Nobody answers: all are patients in a queue.
    #[arg(long)]
    queued: bool,
    /// The agents' legs are encrypted.
    #[arg(long)]
    encrypted: bool,
    /// The agents' phones speak Opus.
    #[arg(long)]
    opus: bool,
}

#[derive(Debug, Args)]
struct HandoffArgs {
    #[command(flatten)]
    phones: PhonesArgs,
    /// Agents.
    #[arg(long, default_value_t = 10)]
    agents: u32,
    /// Callers kept in the system.
    #[arg(long, default_value_t = 40)]
    callers: usize,
    /// Length of the measurement.
    #[arg(long, default_value_t = 45)]
    seconds: u64,
    /// For symmetry with other benches: the result is always one line of JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match act(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            // Nothing is left to do when standard error is closed.
            let _ = writeln!(std::io::stderr(), "careline-traffic: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn act(command: Command) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("Failed to start the runtime")?;
    match command {
        Command::Calls(args) => runtime.block_on(run_calls(args)),
        Command::VerifyRecordings(args) => verify(&args),
        Command::VerifyDesk(args) => runtime.block_on(verify_desk(args)),
        Command::Lookups(args) => runtime.block_on(run_lookups(args)),
        Command::Messages(args) => runtime.block_on(run_messages(args)),
        Command::Pops(args) => runtime.block_on(tell_pops(args)),
        Command::SipCore => {
            say(&careline_traffic::figures::measure()?)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Handoff(args) => runtime.block_on(run_handoff(args)),
        Command::Bridges(args) => runtime.block_on(hold_bridges(args)),
    }
}

async fn run_calls(args: CallsArgs) -> anyhow::Result<ExitCode> {
    let voices = match args.prompts.as_deref() {
        Some(folder) => {
            Voices { patients: Speech::read(folder, "patient-")?, agents: Speech::read(folder, "agent-")? }
        }
        None => Voices::default(),
    };
    let options = CallsOptions {
        plan: PlanOptions {
            seed: seed(args.phones.seed)?,
            calls: args.calls,
            rate: args.rate,
            talk_mean: Duration::try_from_secs_f64(args.talk_mean_s).context("--talk-mean-s")?,
            abandon_share: args.abandon_share,
            agents: args.agents,
            miss_share: args.miss_share,
            known: args.callers.as_deref().map(plan::read_callers).transpose()?.unwrap_or_default(),
        },
        number: args.phones.number.clone(),
        first_agent: args.phones.first_agent,
        password_prefix: args.phones.password_prefix.clone(),
        call_max: Duration::from_secs(args.call_max_s),
        phones: places(&args.phones, vec![Codec::Pcma, Codec::Pcmu]),
    };
    let report = calls::run(options, voices).await?;
    if let Some(path) = &args.report {
        let text = serde_json::to_string_pretty(&report).context("Failed to write the report")?;
        std::fs::write(path, text).with_context(|| format!("Failed to write {}", path.display()))?;
    }
    for call in report.calls.iter().filter(|call| !call.why.is_empty()) {
        say(&serde_json::json!({ "call_id": call.call_id, "why": call.why }))?;
    }
    say(&report.totals)?;
    Ok(code(report.totals.is_good()))
}

fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let verified = recordings::verify(&args.dir, &args.report, args.journal_events.as_deref())?;
    say(&verified)?;
    Ok(code(verified.failed.is_empty()))
}

async fn verify_desk(args: VerifyDeskArgs) -> anyhow::Result<ExitCode> {
    let VerifyDeskArgs { database, switch_id, journal_events: events, within_s } = args;
    let within = Duration::from_secs(within_s);
    let view = desk::verify::verify(&VerifyOptions { database, switch_id, events, within }).await?;
    say(&view)?;
    Ok(code(view.failed.is_empty()))
}

async fn run_lookups(args: LookupsArgs) -> anyhow::Result<ExitCode> {
    let LookupsArgs { directory, database, count, rate, in_flight, seed: given } = args;
    anyhow::ensure!(rate > 0.0 && in_flight > 0, "--rate and --in-flight must be above 0");
    let options = LookupsOptions { directory, database, count, rate, in_flight, seed: seed(given)? };
    let lookups = desk::lookups::measure(&options).await?;
    say(&lookups)?;
    Ok(code(lookups.failed == 0))
}

async fn run_messages(args: MessagesArgs) -> anyhow::Result<ExitCode> {
    let MessagesArgs { door, connections, seconds, seed: given } = args;
    let length = Duration::from_secs(seconds);
    let options = MessagesOptions { door, connections, length, seed: seed(given)? };
    let messages = desk::messages::measure(&options).await?;
    say(&messages)?;
    Ok(code(messages.failed == 0))
}

async fn tell_pops(args: PopsArgs) -> anyhow::Result<ExitCode> {
    say(&desk::pops::measure(&args.database).await?)?;
    Ok(ExitCode::SUCCESS)
}

async fn run_handoff(args: HandoffArgs) -> anyhow::Result<ExitCode> {
    let options = HandoffOptions {
        number: args.phones.number.clone(),
        agents: args.agents,
        first_agent: args.phones.first_agent,
        password_prefix: args.phones.password_prefix.clone(),
        callers: args.callers,
        length: Duration::from_secs(args.seconds),
        seed: seed(args.phones.seed)?,
        phones: places(&args.phones, vec![Codec::Pcmu]),
    };
    let handoff = handoff::run(options).await?;
    say(&handoff)?;
    Ok(code(handoff.n > 0))
}

async fn hold_bridges(args: BridgesArgs) -> anyhow::Result<ExitCode> {
    let mut ports = String::new();
    std::io::stdin().read_line(&mut ports).context("no ports on standard input")?;
    let options = BridgesOptions {
        switch: args.phones.switch,
        patients: args.phones.patients_from,
        agents: args.phones.agents_from,
        number: args.phones.number,
        bridged: !args.queued,
        encrypted: args.encrypted,
        codec: if args.opus { Codec::Opus } else { Codec::Pcma },
    };
    let bridges =
        Bridges::connect(options, serde_json::from_str(&ports).context("no list of ports")?).await?;
    say(&bridges.lines().collect::<Vec<_>>())?;
    let closed = tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink()));
    bridges.hold(async { drop(closed.await) }).await?;
    Ok(ExitCode::SUCCESS)
}

fn places(args: &PhonesArgs, codecs: Vec<Codec>) -> PhonesOptions {
    PhonesOptions { switch: args.switch, patients: args.patients_from, agents: args.agents_from, codecs }
}

fn seed(given: Option<u64>) -> anyhow::Result<u64> {
    let Some(seed) = given else {
        return getrandom::u64().map_err(|error| anyhow::anyhow!("no randomness: {error}"));
    };
    Ok(seed)
}

/// One line of JSON on standard output.
fn say(value: &impl Serialize) -> anyhow::Result<()> {
    let line = serde_json::to_string(value).context("Failed to print the result")?;
    writeln!(std::io::stdout(), "{line}").context("Failed to print the result")
}

fn code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse::<IpAddr>()
        .map(|ip| SocketAddr::new(ip, 0))
        .or_else(|_| text.parse())
        .map_err(|_| format!("{text} is neither an address nor address:port"))
}
