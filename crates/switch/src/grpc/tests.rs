//! The three services over a real connection.

mod callbacks;
mod configuration;
mod events_and_control;
mod people;
mod recordings;
mod supervisor;

use super::*;
use crate::journal::JournalOptions;
use careline_media::archive::ArchiveConfig;
use std::net::SocketAddr;
use tempfile::TempDir;
use tonic::transport::Channel;

/// A server with its journal, and the driver's end of the control queue.
struct Served {
    folder: TempDir,
    journal: Journal,
    driver: mpsc::Receiver<ControlRequest>,
    channel: Channel,
    end: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<anyhow::Result<()>>,
}

async fn served(control_max: usize) -> Served {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let options = JournalOptions::new(folder.path().join("journal.sqlite"), "switch-1".into());
    let (journal, _) = Journal::open(options).await.expect("the journal opens");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (control, driver) = mpsc::channel(control_max);
    let (end, ended) = oneshot::channel::<()>();
    let ended = async move {
        let _ = ended.await;
    };
    let server = tokio::spawn(serve(listener, journal.clone(), control, services_in(&folder), ended));
    Served { channel: connect(address).await, folder, journal, driver, end, server }
}

fn services_in(folder: &TempDir) -> Services {
    Services { recordings: recordings_in(folder), trace: None, configuration: None, statistics: None }
}

fn recordings_in(folder: &TempDir) -> RecordingsOptions {
    let timezone = jiff::tz::TimeZone::get("Asia/Shanghai").expect("a zone");
    let mut config = ArchiveConfig::new(folder.path().join("recordings"));
    config.directory = Some(folder.path().join("nas"));
    let library = Arc::new(Library::new(&config));
    RecordingsOptions { directory: config.recordings, timezone, library }
}

async fn connect(address: SocketAddr) -> Channel {
    let endpoint = tonic::transport::Endpoint::from_shared(format!("http://{address}")).expect("an address");
    endpoint.connect().await.expect("a connection")
}

#[tokio::test]
async fn only_the_loopback_is_served_in_plain_text() {
    let served = served(1).await;
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let (control, _driver) = mpsc::channel(1);
    let services = services_in(&served.folder);
    let refused = serve(listener, served.journal.clone(), control, services, std::future::pending()).await;
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("mutual TLS") && text.contains("loopback"), "{text}");
}
