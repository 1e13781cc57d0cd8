//! The listener: so many connections, none of which may dribble.

use super::desk::Desk;
use super::router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Open connections; further ones wait to be accepted. Pages' WebSockets count for themselves.
pub const CONNECTIONS_MAX: usize = 512;
/// How long a browser may take for the head of a request.
pub const READ_MAX: Duration = Duration::from_secs(10);
/// Bytes of the head of a request.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How long open requests have at the end.
const END_MAX: Duration = Duration::from_secs(3);
/// After an accept that failed: the system is short of something.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// Serves pages and their API until `ending` completes, and finishes what is being answered.
pub async fn serve(listener: TcpListener, desk: Desk, ending: impl Future<Output = ()>) {
    let service = router(desk);
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (end, ended) = watch::channel(false);
    let mut connections = JoinSet::new();
    tokio::pin!(ending);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &room) => accepted,
            // Takes what ended off the set.
            Some(_) = connections.join_next() => continue,
            () = &mut ending => break,
        };
        let Some((stream, permit)) = accepted else { continue };
        connections.spawn(answer(stream, permit, service.clone(), ended.clone()));
    }
    drop(listener);
    let _ = end.send(true);
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(END_MAX, all).await.is_err() {
        tracing::info!("connections were still open at the end");
    }
}

async fn accept(listener: &TcpListener, room: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(ACCEPT_AGAIN).await;
            None
        }
    }
}

async fn answer(
    stream: TcpStream,
    _permit: OwnedSemaphorePermit,
    service: axum::Router,
    mut ended: watch::Receiver<bool>,
) {
    // Without it small answers wait for the browser's acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(READ_MAX).max_buf_size(HEAD_BYTES_MAX);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let connection = connection.with_upgrades();
    tokio::pin!(connection);
    let told_to_end = async { ended.wait_for(|ended| *ended).await.is_ok() };
    let outcome = tokio::select! {
        outcome = &mut connection => outcome,
        _ = told_to_end => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection broke");
    }
}
