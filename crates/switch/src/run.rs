//! The start-up checklist: nothing listens until everything has been checked.

use crate::descriptors;
use crate::directory_client::{Answer, DirectoryClient};
use crate::driver::{Driver, Inlets};
use crate::flow_client::{FlowClient, FlowReply};
use crate::grpc::{self, RecordingsOptions, Services};
use crate::journal::{Journal, JournalOptions, OpenCall};
use crate::keeper::Keeper;
use crate::keeping;
use crate::kept::{self, Registrations};
use crate::kept_messages::{self, Messages};
use crate::lateness::Lateness;
use crate::media_glue::{self, MediaGlue, Recorded};
use crate::metrics::{self, SoundTally};
use crate::ports::PortStocks;
use crate::recovery::recover;
use crate::startup::Loaded;
use crate::statistics::{self, Counted};
use crate::trace::{self, Trace, TraceOptions};
use crate::transport::{WIRE_QUEUE_MAX, Wire, Wires};
use anyhow::Context;
use careline_daemon::Clock;
use careline_media::archive::Library;
use careline_media::{Engine, EventReceiver, MediaConfig, RecorderConfig};
use careline_model::config::Plan;
use careline_model::outbound::OutboundState;
use careline_model::{Event, EventBody, Now};
use careline_switchboard::{BoundListener, KeptCentre, KeptMessage, Settings, Switchboard};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::unix::AsyncFd;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

/// Commands from gRPC that wait for the driver.
const CONTROL_QUEUE_MAX: usize = 256;
/// Signals that wait for the driver.
const SIGNAL_QUEUE_MAX: usize = 4;
/// Threads for gRPC, the directory and the journal: calls never wait behind them.
const SIDE_THREADS: usize = 2;

/// Serves until told to end.
///
/// # Errors
/// When the journal, the media engine or a listener cannot be opened.
pub fn serve(loaded: Loaded) -> anyhow::Result<()> {
    let side = Builder::new_multi_thread().worker_threads(SIDE_THREADS).enable_all().build()?;
    let signalling = Builder::new_current_thread().enable_all().build()?;
    signalling.block_on(serve_on(&side, loaded))?;
    side.shutdown_background();
    Ok(())
}

async fn serve_on(side: &Runtime, loaded: Loaded) -> anyhow::Result<()> {
    let (driver, inlets) = assemble(side, loaded).await?;
    driver.run(inlets).await
}

/// Opens everything and joins it: the switch, ready to run.
pub(crate) async fn assemble(side: &Runtime, loaded: Loaded) -> anyhow::Result<(Driver, Inlets)> {
    let plan = loaded.plan.clone();
    let clock = Clock::start();
    plan.warnings().iter().for_each(|warning| tracing::warn!(warning, "a doubtful setting"));
    std::fs::create_dir_all(&loaded.recordings)
        .with_context(|| format!("failed to create {}", loaded.recordings.display()))?;
    let (journal, open_calls) = open_journal(side, &plan, &loaded.journal).await?;
    let (mut messages, mut kept) = Messages::open(&loaded.journal)?;
    for event in recover(&journal, open_calls, &loaded.recordings, &plan, clock.now()) {
        kept.extend(kept_messages::kept_of(&event));
        messages.note(&event);
    }
    journal.append(Event { at_us: clock.now().wall_us, body: started() });
    if let Some(body) = loaded.configuration.begin(&loaded.found, &plan)? {
        journal.append(Event { at_us: clock.now().wall_us, body });
    }

    let trace = open_trace(side, &loaded).await?;

    let (engine, events) = start_media(&loaded)?;
    let (library, archive) = keeping::start(&loaded)?;
    let mut media = join_media(engine, &loaded);
    media.read_recordings(recordings_of(&loaded, library.clone()))?;

    let (to_driver, wire) = mpsc::channel::<Wire>(WIRE_QUEUE_MAX);
    let (wires, listeners) = Wires::open(&plan, loaded.certificates.clone(), to_driver)?;
    let listener = TcpListener::bind(plan.rpc_listen)
        .await
        .with_context(|| format!("failed to listen for gRPC on {}", plan.rpc_listen))?;
    let rpc = listener.local_addr()?;
    let (to_control, control) = mpsc::channel(CONTROL_QUEUE_MAX);
    serve_metrics(side, &plan, to_control.clone()).await?;
    serve_rpc(side, listener, &journal, trace.clone(), to_control, &loaded, library)?;

    let (directory, answers) = ask_directory(side, &plan);
    let (flows, replies) = ask_for_flows(side, &plan);
    let (to_signals, signals) = mpsc::channel(SIGNAL_QUEUE_MAX);
    careline_daemon::signals::forward(to_signals)?;
    let user_agent = format!("Careline/{}", env!("CARGO_PKG_VERSION"));
    let settings = Settings { listeners: listeners.clone(), user_agent };
    let mut board = Switchboard::new(plan, settings, careline_daemon::system_rng()?, clock.now());
    let (registrations, keeper, campaigns) = restore(&mut board, &loaded.journal, kept, clock.now())?;
    announce(&listeners, rpc);
    careline_daemon::ready();
    let inlets = Inlets { wire, media: readable(events)?, control, answers, replies, signals };
    let started = std::time::Instant::now();
    let (rest_until, panics, lateness) = (started, Arc::default(), Lateness::new(started));
    let driver = Driver {
        board,
        wires,
        media,
        journal,
        trace,
        registrations,
        messages,
        keeper,
        campaigns,
        directory,
        flows,
        clock,
        started,
        rest_until,
        panics,
        lateness,
        sound: SoundTally::default(),
        archive,
    };
    Ok((driver, inlets))
}

#[expect(
    deprecated,
    reason = "its successor is unsafe; the receiver owns its descriptor and never changes it"
)]
fn readable(events: EventReceiver) -> std::io::Result<AsyncFd<EventReceiver>> {
    AsyncFd::new(events)
}

/// Gives the board what the last run has left.
fn restore(
    board: &mut Switchboard,
    journal: &Path,
    messages: Vec<KeptMessage>,
    now: Now,
) -> anyhow::Result<(Registrations, Keeper<KeptCentre>, Keeper<OutboundState>)> {
    board.use_digest_key(kept::digest_key(journal)?);
    let (registrations, registered) = Registrations::open(journal)?;
    let (keeper, centre) = Keeper::open(journal)?;
    if let Some(centre) = centre {
        board.restore(now, centre);
    }
    let (campaigns, outbound) = Keeper::open(journal)?;
    if let Some(outbound) = outbound {
        board.restore_outbound(now, outbound);
    }
    board.restore_registrations(now, registered);
    let left_out = board.restore_messages(messages);
    if left_out > 0 {
        tracing::warn!(
            messages = left_out,
            "messages of mailboxes that are not configured any more: the desk has them"
        );
    }
    Ok((registrations, keeper, campaigns))
}

/// The engine with its stock of ports, and what is recorded where.
fn join_media(engine: Engine, loaded: &Loaded) -> MediaGlue {
    let plan = &loaded.plan;
    let addresses = plan.networks.values().map(|network| network.media_address);
    let allowance = descriptors::raise();
    let ports = PortStocks::new(addresses, plan.media.port_min, plan.media.port_max, allowance);
    let place = Recorded {
        directory: loaded.recordings.clone(),
        zone: plan.timezone.clone(),
        enabled: plan.recording.enabled,
        wideband: plan.recording.wideband,
    };
    MediaGlue::new(engine, ports, place, media_glue::sources(plan.media.latch))
}

fn started() -> EventBody {
    EventBody::SwitchStarted { version: env!("CARGO_PKG_VERSION").to_owned() }
}

async fn open_journal(side: &Runtime, plan: &Plan, file: &Path) -> anyhow::Result<(Journal, Vec<OpenCall>)> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("failed to create {}", folder.display()))?;
    }
    let options = JournalOptions {
        keep: Duration::from_secs(plan.journal.keep_days.saturating_mul(86_400)),
        limit_bytes: plan.journal.limit_mb.saturating_mul(1024 * 1024),
        ..JournalOptions::new(file.to_path_buf(), plan.switch_id.to_string())
    };
    let opening = side.spawn(Journal::open(options));
    opening.await?.with_context(|| format!("failed to open the journal {}", file.display()))
}

async fn open_trace(side: &Runtime, loaded: &Loaded) -> anyhow::Result<Option<Trace>> {
    let plan = loaded.plan.trace;
    if !plan.enabled {
        return Ok(None);
    }
    let file = trace::file_beside(&loaded.journal);
    let options = TraceOptions { file: file.clone(), keep: plan.keep, limit_bytes: plan.limit_bytes };
    let opening = side.spawn(Trace::open(options));
    let opened = opening.await?.with_context(|| format!("failed to open the trace {}", file.display()))?;
    Ok(Some(opened))
}

fn start_media(loaded: &Loaded) -> anyhow::Result<(Engine, EventReceiver)> {
    let plan = &loaded.plan;
    let threads = match usize::from(plan.media.threads) {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    };
    let recordings = RecorderConfig {
        directory: loaded.recordings.clone(),
        free_space_min_bytes: plan.recording.free_space_min_mb.saturating_mul(1024 * 1024),
        pause_max: plan.recording.pause_max,
        ..RecorderConfig::default()
    };
    let config = MediaConfig {
        threads,
        tick: plan.media.tick,
        media_timeout: plan.media.media_timeout,
        recordings,
        // As many beside them: a house whose phones speak wideband works mostly there.
        codec_threads: threads,
        realtime: plan.media.realtime,
        processors: plan.media.processors.iter().map(|&one| usize::from(one)).collect(),
        ..MediaConfig::default()
    };
    Engine::start(config, loaded.prompts.clone()).context("failed to start the media engine")
}

fn recordings_of(loaded: &Loaded, library: Arc<Library>) -> RecordingsOptions {
    let (directory, timezone) = (loaded.recordings.clone(), loaded.plan.timezone.clone());
    RecordingsOptions { directory, timezone, library }
}

fn serve_rpc(
    side: &Runtime,
    listener: TcpListener,
    journal: &Journal,
    trace: Option<Trace>,
    control: mpsc::Sender<grpc::ControlRequest>,
    loaded: &Loaded,
    library: Arc<Library>,
) -> anyhow::Result<()> {
    let options = recordings_of(loaded, library);
    let configuration = Some(Arc::clone(&loaded.configuration));
    let file = statistics::file_beside(&loaded.journal);
    let statistics = Some(Counted::start(side.handle(), journal, &file, &loaded.plan));
    let services = Services { recordings: options, trace, configuration, statistics };
    // The listener belongs to the runtime that polls it.
    let listener = listener.into_std()?;
    let journal = journal.clone();
    side.spawn(async move {
        let served = match TcpListener::from_std(listener) {
            Ok(listener) => {
                let forever = std::future::pending();
                grpc::serve(listener, journal, control, services, forever).await
            }
            Err(error) => Err(error.into()),
        };
        if let Err(error) = served {
            tracing::error!(error = format!("{error:#}"), "gRPC ended");
        }
    });
    Ok(())
}

/// Nobody is served when the configuration names no address.
async fn serve_metrics(
    side: &Runtime,
    plan: &Plan,
    control: mpsc::Sender<grpc::ControlRequest>,
) -> anyhow::Result<()> {
    let Some(listen) = plan.metrics_listen else { return Ok(()) };
    let binding = side.spawn(TcpListener::bind(listen)).await?;
    let listener = binding.with_context(|| format!("failed to listen for metrics on {listen}"))?;
    if !listen.ip().is_loopback() {
        tracing::warn!(%listen, "the metrics page can be read by everybody who reaches this address");
    }
    side.spawn(metrics::serve(listener, control));
    Ok(())
}

/// Without a directory the inlet is closed from the start.
fn ask_directory(side: &Runtime, plan: &Plan) -> (Option<DirectoryClient>, mpsc::Receiver<Answer>) {
    match plan.directory {
        Some(directory) => {
            let (client, answers) = DirectoryClient::start(side.handle(), directory);
            (Some(client), answers)
        }
        None => (None, mpsc::channel(1).1),
    }
}

/// As [`ask_directory`].
fn ask_for_flows(side: &Runtime, plan: &Plan) -> (Option<FlowClient>, mpsc::Receiver<FlowReply>) {
    match plan.directory {
        Some(directory) => {
            let (client, replies) = FlowClient::start(side.handle(), directory);
            (Some(client), replies)
        }
        None => (None, mpsc::channel(1).1),
    }
}

/// The one line on standard output that tells a starter (and a test) where to find us.
#[expect(clippy::print_stdout, reason = "read by whoever started us")]
fn announce(listeners: &[BoundListener], rpc: SocketAddr) {
    let sip = listeners.first().map_or_else(|| "none".to_owned(), |listener| listener.address.to_string());
    println!("ready sip={sip} rpc={rpc}");
    for BoundListener { transport, address, network } in listeners {
        tracing::info!(transport = transport.via_name(), %address, %network, "listening");
    }
    tracing::info!(%rpc, "ready");
}
