//! The door for MLLP: connections of senders, each message answered when it is stored, in the order of its coming.
//!
//! When the database refuses, nothing is answered and the connection is closed: the sender keeps the message and comes
//! again. No content goes into a log.

use super::ack::{Outcome, acks};
use super::batch::BATCH_MESSAGES_MAX;
use super::intake::Intake;
use super::mllp::{Frames, framed};
use super::take::Fault;
use super::tls::Tls;
use super::{Charset, Header, Profile, take};
use crate::storage::Arrival;
use careline_daemon::Clock;
use jiff::Timestamp;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
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
/// From the connection to the end of the handshake of TLS.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// Read at once.
const READ_BYTES: usize = 16 * 1024;
/// Pause after the system refused a connection.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// A door and who may come in.
#[derive(Debug, Clone)]
pub struct Door {
    /// Who sends.
    pub profile: Profile,
    /// Addresses that may connect, besides those of this machine; any when it is empty and TLS asks for a certificate.
    pub from: Vec<IpAddr>,
    /// Nothing where what is said is not encrypted.
    pub tls: Option<Tls>,
}

struct Reception {
    door: Door,
    intake: Intake,
    clock: Clock,
    answers: AtomicU64,
}

/// Serves one door for ever. May be dropped at any moment: what was not answered comes again.
pub async fn serve(
    listener: TcpListener,
    door: Door,
    intake: Intake,
    clock: Clock,
) -> std::convert::Infallible {
    let first = u64::try_from(clock.now().wall_us).unwrap_or(0);
    let reception = Arc::new(Reception { door, intake, clock, answers: AtomicU64::new(first) });
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
                    reception.admit(stream, peer.ip()).await;
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
    async fn admit(&self, stream: TcpStream, peer: IpAddr) {
        let source = &self.door.profile.id;
        if !self.door.admits(peer) {
            tracing::warn!(source, %peer, "nobody of [[his]] from; turned away");
            return;
        }
        // An answer is one small packet, for which the other side waits.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(source, %error, "answers may be late");
        }
        let Some(tls) = &self.door.tls else { return self.connection(stream, peer).await };
        match timeout(HANDSHAKE_MAX, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.connection(stream, peer).await,
            Ok(Err(error)) => tracing::warn!(source, %peer, %error, "no TLS came about; turned away"),
            Err(_) => tracing::warn!(source, %peer, "no TLS came about in time; turned away"),
        }
    }

    async fn connection(&self, mut stream: impl AsyncRead + AsyncWrite + Unpin, peer: IpAddr) {
        let source = &self.door.profile.id;
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
                let answers = self.too_long();
                let _ = say(&mut stream, &answers).await;
                return;
            };
            let mut messages = messages.into_iter().peekable();
            while messages.peek().is_some() {
                let together = messages.by_ref().take(BATCH_MESSAGES_MAX).collect();
                if self.answer(&mut stream, together, peer).await.is_none() {
                    return;
                }
            }
        }
    }

    /// Has messages stored and answers each, in their order; nothing when one could not be stored, or its answer not be
    /// written.
    async fn answer(
        &self,
        stream: &mut (impl AsyncWrite + Unpin),
        messages: Vec<Vec<u8>>,
        peer: IpAddr,
    ) -> Option<()> {
        let (source, now_us) = (&self.door.profile.id, self.clock.now().wall_us);
        let remote = peer.to_string();
        // Each its own moment, so that whoever tries them again does so in their order.
        let arrivals: Vec<Arrival> = (now_us..)
            .zip(messages)
            .map(|(received_us, raw)| {
                let taken = take(&raw, &self.door.profile);
                let (source, remote) = (source.clone(), remote.clone());
                Arrival { source, remote, raw, taken, received_us }
            })
            .collect();
        let heads: Vec<_> =
            arrivals.iter().map(|arrival| (arrival.taken.header.clone(), arrival.taken.charset)).collect();
        let received = self.intake.bring(arrivals).await;
        for ((header, charset), received) in heads.into_iter().zip(received) {
            let received = received.await.ok()?;
            let (kind, event) = (&header.kind, &header.trigger);
            tracing::debug!(source, kind, event, state = received.state.as_str(), "a message came");
            let outcome = Outcome::from(received);
            let answers = acks(&header, charset, &outcome, &self.local(now_us), || self.own_id());
            say(stream, &answers).await?;
        }
        Some(())
    }

    /// What is said to a sender whose message has no end: it cannot be named.
    fn too_long(&self) -> Vec<Vec<u8>> {
        let fault = Fault::reject(207, "MSH", "the message is longer than is taken here");
        let now = self.local(self.clock.now().wall_us);
        acks(&Header::default(), Charset::Utf8, &Outcome::Refused(fault), &now, || self.own_id())
    }

    fn own_id(&self) -> String {
        format!("C{}", self.answers.fetch_add(1, Ordering::Relaxed))
    }

    fn local(&self, now_us: i64) -> String {
        let now = Timestamp::from_microsecond(now_us).unwrap_or_default();
        now.to_zoned(self.door.profile.timezone.clone()).strftime("%Y%m%d%H%M%S").to_string()
    }
}

/// Writes answers; nothing when they could not be written.
async fn say(stream: &mut (impl AsyncWrite + Unpin), answers: &[Vec<u8>]) -> Option<()> {
    let frames: Vec<u8> = answers.iter().flat_map(|answer| framed(answer)).collect();
    let written = async {
        stream.write_all(&frames).await?;
        // Behind TLS what was written may still be here.
        stream.flush().await
    };
    matches!(timeout(WRITE_MAX, written).await, Ok(Ok(()))).then_some(())
}

impl Door {
    fn admits(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        let by_certificate = self.from.is_empty() && self.tls.as_ref().is_some_and(Tls::asks_for_certificate);
        peer.is_loopback() || by_certificate || self.from.contains(&peer)
    }
}
