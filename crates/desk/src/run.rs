//! The start-up checklist: nothing listens until the database is open and up to date.

use crate::config::Config;
use crate::his::listener::Door;
use crate::his::tls::Tls;
use crate::http::{self, Desk};
use crate::hub::Hub;
use crate::live_feed::Switches;
use crate::sealing::Keys;
use crate::storage::{Place, Store, watch_health};
use crate::{directory, feed, his, live_feed, nightly};
use anyhow::Context;
use careline_daemon::Clock;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// Threads for pages, the directory and the feeds.
const THREADS: usize = 2;
/// Signals that wait to be seen.
const SIGNAL_QUEUE_MAX: usize = 4;
/// How long open requests and streams have at the end; the servers' own limits are shorter.
const END_MAX: Duration = Duration::from_secs(5);

/// Serves until told to end: the first signal finishes what is being answered, the second ends at once.
///
/// # Errors
/// When the database or a listener cannot be opened.
pub fn serve(config: Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build()?;
    let served = runtime.block_on(serve_on(config));
    runtime.shutdown_background();
    served
}

async fn serve_on(config: Config) -> anyhow::Result<()> {
    let clock = Clock::start();
    let store = open_store(&config).await?;
    let switches = Switches::prepare(&config.switches).context("[[switch]] address")?;
    let pages = listen(config.http, "[http]").await?;
    let lookups = listen(config.directory, "[directory]").await?;
    let doors = doors(&config).await?;
    let (to_signals, mut signals) = mpsc::channel(SIGNAL_QUEUE_MAX);
    careline_daemon::signals::forward(to_signals)?;

    let hub = Hub::start(store.clone(), clock.clone(), switches.ids().map(str::to_owned));
    let mut followers = follow(&config, &store, &hub, &switches);
    let nights = nightly::look_for_duplicates(store.clone(), clock.clone(), config.timezone.clone());
    followers.spawn(async move { match nights.await {} });
    let (intake, storing) = his::intake::intake(store.clone());
    followers.spawn(storing.run());
    for (listener, door) in doors {
        let serving = his::listener::serve(listener, door, intake.clone(), clock.clone());
        followers.spawn(async move { match serving.await {} });
    }
    let (end, ended) = watch::channel(false);
    let mut servers = JoinSet::new();
    let (http_address, directory_address) = (pages.local_addr()?, lookups.local_addr()?);
    let known = (hub.clone(), store.clone(), clock.clone());
    servers.spawn(serve_directory(lookups, known, told(ended.clone())));
    let desk = Desk::new(config, store.clone(), hub, switches, clock);
    servers.spawn(http::serve(pages, desk, told(ended)));
    announce(http_address, directory_address);
    careline_daemon::ready();

    signals.recv().await;
    careline_daemon::ending();
    // What was not committed comes again; whoever waits for an answer gets it.
    followers.shutdown().await;
    let _ = end.send(true);
    let all = async { while servers.join_next().await.is_some() {} };
    tokio::select! {
        _ = tokio::time::timeout(END_MAX, all) => {}
        _ = signals.recv() => {}
    }
    servers.shutdown().await;
    store.close().await;
    tracing::info!("ended");
    Ok(())
}

/// Everything that runs by itself for as long as the desk does.
fn follow(config: &Config, store: &Store, hub: &Hub, switches: &Switches) -> JoinSet<()> {
    let mut followers = JoinSet::new();
    followers.spawn(watch_health(store.clone()));
    for switch in &config.switches {
        let live = live_feed::follow(hub.clone(), switches.clone(), switch.id.clone());
        followers.spawn(async move { match live.await {} });
        let durable = feed::follow(store.clone(), switch.clone(), config.subscriber.clone());
        followers.spawn(async move { match durable.await {} });
    }
    followers
}

async fn serve_directory(
    listener: TcpListener,
    known: (Hub, Store, Clock),
    ending: impl Future<Output = ()> + Send + 'static,
) {
    if let Err(error) = directory::serve(listener, known, ending).await {
        tracing::error!(error = format!("{:#}", anyhow::Error::from(error)), "the directory ended");
    }
}

/// Completes when the end begins.
async fn told(mut ended: watch::Receiver<bool>) {
    // An error says that nobody can tell any more, which is the end too.
    let _ = ended.wait_for(|ended| *ended).await;
}

/// Where the hospital's systems come in.
async fn doors(config: &Config) -> anyhow::Result<Vec<(TcpListener, Door)>> {
    let mut doors = Vec::new();
    for his in &config.his {
        let tls = his.tls.as_ref().map(Tls::load).transpose()?;
        let door = Door { tls, ..his.door.clone() };
        doors.push((listen(his.listen, "[[his]]").await?, door));
    }
    Ok(doors)
}

async fn listen(address: SocketAddr, table: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("failed to listen on {address}; see {table} listen"))
}

/// Opens the configured database, and creates it with its folder when there is none.
///
/// # Errors
/// When it cannot be opened.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    if let Place::File(file) = &config.database
        && let Some(folder) = file.parent()
    {
        std::fs::create_dir_all(folder).with_context(|| format!("failed to create {}", folder.display()))?;
    }
    let opened = Store::open(&config.database).await;
    let store = opened.with_context(|| format!("failed to open the database {}", config.database))?;
    let keys = keys(&store, &config.key_file).await?;
    Ok(store.with_keys(keys, Clock::start().now().wall_us).await?)
}

/// The keys of what lies sealed in the database. A new key is made for a database that has none yet, and never in the place
/// of one that was lost.
async fn keys(store: &Store, file: &Path) -> anyhow::Result<Keys> {
    if let Some(keys) = Keys::read(file)? {
        return Ok(keys);
    }
    if let Some(name) = store.data_key().await? {
        anyhow::bail!(
            "ID numbers in the database are sealed under key {name}, and {} is not there: put it back from where it was \
             kept, or name it in [database] key_file",
            file.display()
        );
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("failed to create {}", folder.display()))?;
    }
    match Keys::create(file) {
        // Another program of ours was quicker.
        Err(error) => Keys::read(file)?.ok_or_else(|| error.into()),
        Ok(keys) => {
            tracing::info!(file = %file.display(), "a new key for what lies sealed: keep a copy of it apart from the database");
            Ok(keys)
        }
    }
}

/// The one line on standard output that tells a starter (and a test) where to find us.
#[expect(clippy::print_stdout, reason = "read by whoever started us")]
fn announce(http: SocketAddr, directory: SocketAddr) {
    println!("ready http={http} directory={directory}");
    tracing::info!(%http, %directory, "ready");
}
