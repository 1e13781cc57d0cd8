//! The door for MLLP: connections of senders, each message answered when it is stored, in the order of its coming.
//!
//! When the database refuses, nothing is answered and the connection is closed: the sender keeps the message and comes
//! again. No content goes into a log.

use super::ack::{Outcome, acks};
use super::mllp::{Frames, framed};
use super::{Profile, Verdict, take};
use crate::storage::Store;
use careline_daemon::Clock;
use jiff::Timestamp;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Connections at once; more wait to be let in.
pub const CONNECTIONS_MAX: usize = 64;
/// How long a connection may be silent between two messages.
const IDLE_MAX: Duration = Duration::from_secs(600);
/// How long the rest of a message that began may take.
const REST_MAX: Duration = Duration::from_secs(30);
/// How long a sender may take to read our answer.
const WRITE_MAX: Duration = Duration::from_secs(30);
/// Read at once.
const READ_BYTES: usize = 16 * 1024;
/// Pause after the system refused a connection.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// A door and who may come in.
#[derive(Debug, Clone)]
pub struct Door {
    /// Who sends.
    pub profile: Profile,
    /// Addresses that may connect, besides those of this machine.
    pub from: Vec<IpAddr>,
}

struct Reception {
    door: Door,
    store: Store,
    clock: Clock,
    answers: AtomicU64,
}

/// Serves one door for ever. May be dropped at any moment: what was not answered comes again.
pub async fn serve(
    listener: TcpListener,
    door: Door,
    store: Store,
    clock: Clock,
) -> std::convert::Infallible {
    let first = u64::try_from(clock.now().wall_us).unwrap_or(0);
    let reception = Arc::new(Reception { door, store, clock, answers: AtomicU64::new(first) });
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        // The semaphore lives as long as this loop, and nobody closes it.
        let place = room.clone().acquire_owned().await.ok();
        match listener.accept().await {
            Ok((stream, peer)) => {
                let reception = reception.clone();
                connections.spawn(async move {
                    reception.connection(stream, peer).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

impl Reception {
    async fn connection(&self, mut stream: TcpStream, peer: SocketAddr) {
        let source = &self.door.profile.id;
        if !peer.ip().is_loopback() && !self.door.from.contains(&peer.ip()) {
            tracing::warn!(source, peer = %peer.ip(), "nobody of [[his]] from; turned away");
            return;
        }
        let mut frames = Frames::default();
        let mut bytes = vec![0; READ_BYTES];
        loop {
            let wait = if frames.is_inside() { REST_MAX } else { IDLE_MAX };
            let read = match timeout(wait, stream.read(&mut bytes)).await {
                Ok(Ok(length @ 1..)) => bytes.get(..length).unwrap_or_default(),
                _ => return,
            };
            let Ok(messages) = frames.push(read) else {
                tracing::warn!(source, "a message without an end; the connection is closed");
                return;
            };
            for message in messages {
                let Some(answers) = self.message(&message, peer).await else { return };
                for answer in answers {
                    let written = timeout(WRITE_MAX, stream.write_all(&framed(&answer))).await;
                    if !matches!(written, Ok(Ok(()))) {
                        return;
                    }
                }
            }
        }
    }

    /// Stores a message and gives the answers to it; nothing when it could not be stored.
    async fn message(&self, message: &[u8], peer: SocketAddr) -> Option<Vec<Vec<u8>>> {
        let now_us = self.clock.now().wall_us;
        let taken = take(message, &self.door.profile);
        let source = &self.door.profile.id;
        let from = (source.as_str(), &*peer.ip().to_string());
        match self.store.receive(from, message, &taken, now_us).await {
            Ok(state) => {
                let (kind, event) = (&taken.header.kind, &taken.header.trigger);
                tracing::debug!(source, kind, event, state = state.as_str(), "a message came");
            }
            Err(error) => {
                tracing::warn!(source, %error, "a message cannot be stored; its sender keeps it");
                return None;
            }
        }
        let outcome = match taken.verdict {
            Verdict::Refused(fault) => Outcome::Refused(fault),
            Verdict::Upsert(_) | Verdict::Merge(..) | Verdict::Ignored | Verdict::Parked(_) => {
                Outcome::Accepted
            }
        };
        let own_id = || format!("C{}", self.answers.fetch_add(1, Ordering::Relaxed));
        Some(acks(&taken.header, taken.charset, &outcome, &self.local(now_us), own_id))
    }

    fn local(&self, now_us: i64) -> String {
        let now = Timestamp::from_microsecond(now_us).unwrap_or_default();
        now.to_zoned(self.door.profile.timezone.clone()).strftime("%Y%m%d%H%M%S").to_string()
    }
}
