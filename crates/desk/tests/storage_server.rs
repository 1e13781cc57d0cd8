//! What happens when the database's server is stopped, silent, busy or refuses. Told only where a server is.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: what surprises it ends it, and it waits by the clock"
)]

mod common;

use careline_desk::storage::{Place, Server, StorageError, StorageHealth, Store, watch_health};
use careline_testkit::{Database, PostgresServer};
use common::START_US;
use common::place::open;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Known to everybody after so long, whatever became of the server.
const KNOWN_MAX: Duration = Duration::from_secs(1);

/// Without a server of the tests there is none of our own either: PostgreSQL is not installed.
fn no_server() -> bool {
    std::env::var_os(careline_testkit::database::POSTGRES_PORT).is_none()
}

fn server_of(database: &Database) -> Server {
    match common::place::place(database) {
        Place::Server(server) => server,
        Place::File(_) => panic!("it is at a server"),
    }
}

async fn becomes(store: &Store, wanted: StorageHealth) -> Duration {
    let since = Instant::now();
    let mut health = store.health();
    let waited = tokio::time::timeout(Duration::from_secs(20), health.wait_for(|health| *health == wanted));
    waited.await.expect("in time").unwrap();
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_server_is_told_within_a_second_and_found_again() {
    if no_server() {
        return;
    }
    let mut server = PostgresServer::start().unwrap();
    let database = Database::at_server(server.port).await.unwrap();
    let store = open(&database).await;
    let watcher = tokio::spawn(watch_health(store.clone()));
    store.log_access(START_US, "a", "pop", "call", "x").await.unwrap();

    server.stop().unwrap();
    let known = becomes(&store, StorageHealth::Away).await;
    assert!(known < KNOWN_MAX, "known after {known:?}");
    let asked = Instant::now();
    assert!(matches!(store.person("x").await, Err(StorageError::Away)));
    assert!(matches!(store.log_access(START_US, "a", "pop", "call", "y").await, Err(StorageError::Away)));
    assert!(asked.elapsed() < KNOWN_MAX, "said after {:?}", asked.elapsed());

    server.start_again().unwrap();
    becomes(&store, StorageHealth::Ok).await;
    store.log_access(START_US, "a", "pop", "call", "z").await.unwrap();
    assert_eq!(common::count(&database, "access_log").await, 2, "what was refused was not written");
    watcher.abort();
}

/// A way to the server that can fall silent, as a network that lost it.
struct Way {
    port: u16,
    silent: Arc<AtomicBool>,
}

impl Way {
    async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (own, silent) = (listener.local_addr().unwrap().port(), Arc::new(AtomicBool::new(false)));
        let all = silent.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", port)).await else { continue };
                let ((from_client, to_client), (from_server, to_server)) =
                    (client.into_split(), server.into_split());
                tokio::spawn(carry(from_client, to_server, all.clone()));
                tokio::spawn(carry(from_server, to_client, all.clone()));
            }
        });
        Self { port: own, silent }
    }
}

async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    silent: Arc<AtomicBool>,
) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        while silent.load(Ordering::Relaxed) {
            tokio::task::yield_now().await;
        }
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_falls_silent_holds_nobody_up() {
    if no_server() {
        return;
    }
    let database = Database::new().await.unwrap();
    let mut server = server_of(&database);
    let way = Way::to(server.port).await;
    server.port = way.port;
    let store = Store::open(&Place::Server(server)).await.unwrap();
    let watcher = tokio::spawn(watch_health(store.clone()));
    store.log_access(START_US, "a", "pop", "call", "x").await.unwrap();
    assert!(store.person("x").await.unwrap().is_none());

    way.silent.store(true, Ordering::Relaxed);
    let (asked, person, written) = (Instant::now(), store.person("x"), store.save_note("c", "t", "a", 0, 1));
    let (person, written) = tokio::join!(person, written);
    assert!(matches!(person, Err(StorageError::Away)), "{person:?}");
    assert!(matches!(written, Err(StorageError::Away)), "{written:?}");
    assert!(asked.elapsed() < KNOWN_MAX + Duration::from_millis(200), "said after {:?}", asked.elapsed());
    assert_eq!(*store.health().borrow(), StorageHealth::Away);

    way.silent.store(false, Ordering::Relaxed);
    becomes(&store, StorageHealth::Ok).await;
    assert!(store.person("x").await.unwrap().is_none());
    assert!(store.save_note("c", "t", "a", 0, 1).await.unwrap().is_ok());
    watcher.abort();
}

#[tokio::test]
async fn a_server_that_lets_us_not_in_says_why() {
    if no_server() {
        return;
    }
    let database = Database::new().await.unwrap();
    let right = server_of(&database);
    let nobody = Server { user: "nobody_here".into(), ..right.clone() };
    let refused = Store::open(&Place::Server(nobody)).await.unwrap_err();
    assert!(matches!(refused, StorageError::Denied(_)), "{refused:?}");
    let nothing = Server { database: "nothing_here".into(), ..right.clone() };
    let refused = Store::open(&Place::Server(nothing)).await.unwrap_err();
    assert!(matches!(refused, StorageError::Denied(_)), "{refused:?}");
    let nowhere = Server { port: 1, ..right };
    let refused = Store::open(&Place::Server(nowhere)).await.unwrap_err();
    assert!(matches!(refused, StorageError::Away), "{refused:?}");
}

#[tokio::test]
async fn a_server_that_may_only_be_read_is_read() {
    if no_server() {
        return;
    }
    let database = Database::new().await.unwrap();
    let store = open(&database).await;
    store.log_access(START_US, "a", "pop", "call", "x").await.unwrap();
    let Database::Server { name, .. } = &database else { panic!("it is at a server") };
    // As when the server of a pair that took over is still its standby.
    let change = format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = on; \
         SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    );
    database.execute(&change).await.unwrap();
    assert_eq!(store.probe().await, StorageHealth::ReadOnly);
    let refused = store.log_access(START_US, "a", "pop", "call", "y").await;
    assert!(matches!(refused, Err(StorageError::ReadOnly)), "{refused:?}");
    assert_eq!(store.audit(&Default::default(), 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn texts_come_back_as_they_went_but_for_what_no_server_keeps() {
    if no_server() {
        return;
    }
    let database = Database::new().await.unwrap();
    let store = open(&database).await;
    store.save_note("c", "头\0痛 𠮷 'x' \\", "a", 0, 1).await.unwrap().unwrap();
    assert_eq!(store.note("c").await.unwrap().unwrap().text, "头\u{fffd}痛 𠮷 'x' \\");
}
