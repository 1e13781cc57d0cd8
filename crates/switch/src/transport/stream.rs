//! One connection that carries SIP as a stream (TCP, TLS): cut into messages, written by the driver, kept alive from our
//! side when we opened it (RFC 5626 4.4.1).

use super::{Link, Wire};
use careline_sip::{Frame, StreamFramer};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

/// From the first byte of a message to its last, and for one message to be taken by the peer: who dribbles is dropped.
pub const MESSAGE_TIME_MAX: Duration = Duration::from_secs(10);
/// From the start of an accepted connection to the end of its first message.
pub const FIRST_MESSAGE_TIME_MAX: Duration = Duration::from_secs(30);
/// An accepted connection without a word for this long is closed; phones keep theirs alive (RFC 5626 4.4.1: 120 s).
/// One that we opened stays as long as its peer likes: a registration lives on it.
pub const IDLE_TIME_MAX: Duration = Duration::from_secs(900);
/// On a connection that we opened, a ping is sent when nothing was heard for at most this long: shorter than the memory
/// of most firewalls.
pub const KEEP_ALIVE_TIME: Duration = Duration::from_secs(45);
/// A peer that has answered pings before and leaves one unanswered for so long is gone (RFC 5626 4.4.1: 10 s). Who never
/// did does not know them.
pub const PONG_TIME_MAX: Duration = Duration::from_secs(10);

const READ_BYTES: usize = 8192;
/// Keep-alives of different connections are spread over so many seconds (RFC 5626 4.4.1 asks for it).
const SPREAD_S: u64 = 10;
const PING: &[u8] = b"\r\n\r\n";
const PONG: &[u8] = b"\r\n";

/// Carries messages until either side ends. `signs` takes pings and pongs for the writer.
pub(super) async fn carry<S: AsyncRead + AsyncWrite>(
    stream: S,
    link: &Link,
    from_driver: mpsc::Receiver<Vec<u8>>,
    signs: mpsc::WeakSender<Vec<u8>>,
) {
    let (reader, writer) = tokio::io::split(stream);
    let writing = write(writer, from_driver);
    tokio::pin!(writing);
    let read_ended = tokio::select! {
        () = read(reader, link, &signs) => true,
        () = &mut writing => false,
    };
    link.lost().await;
    if read_ended {
        // The driver lets go of its end on that, and what is queued still leaves: the answer to a last bad message.
        let _ = tokio::time::timeout(MESSAGE_TIME_MAX, writing).await;
    }
}

async fn write<W: AsyncWrite + Unpin>(mut writer: W, mut from_driver: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = from_driver.recv().await {
        let sending = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        match tokio::time::timeout(MESSAGE_TIME_MAX, sending).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
    // TLS says goodbye; a peer that does not listen is left.
    let _ = tokio::time::timeout(Duration::from_secs(1), writer.shutdown()).await;
}

/// The runtime's clock, which tests can turn.
pub(super) fn clock() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// How long a connection has been silent, and what that means.
struct Silence {
    accepted: bool,
    spread: Duration,
    first_until: Option<Instant>,
    heard: Instant,
    /// Our ping that is not answered.
    pinged: Option<Instant>,
    /// Pings that the peer has answered: one might be chance, as half a ping of its own looks like it.
    answered: u32,
}

impl Silence {
    fn new(link: &Link, now: Instant) -> Self {
        Self {
            accepted: link.accepted,
            spread: Duration::from_secs(link.id % SPREAD_S),
            first_until: link.accepted.then(|| now + FIRST_MESSAGE_TIME_MAX),
            heard: now,
            pinged: None,
            answered: 0,
        }
    }

    /// When the connection is of no further use, unless something is heard.
    fn give_up_at(&self) -> Option<Instant> {
        let idle = self.accepted.then(|| self.heard + IDLE_TIME_MAX);
        let pong = self.pinged.filter(|_| self.answered > 1).map(|at| at + PONG_TIME_MAX);
        [idle, self.first_until, pong].into_iter().flatten().min()
    }

    /// When to ask whether the peer is there: of connections that we opened.
    fn ping_at(&self) -> Option<Instant> {
        let since = self.pinged.map_or(self.heard, |pinged| pinged.max(self.heard));
        (!self.accepted).then(|| since + KEEP_ALIVE_TIME - self.spread)
    }
}

async fn read<R: AsyncRead + Unpin>(mut reader: R, link: &Link, signs: &mpsc::WeakSender<Vec<u8>>) {
    let mut framer = StreamFramer::new();
    let mut buffer = vec![0_u8; READ_BYTES];
    let mut silence = Silence::new(link, clock());
    let say = |sign: &[u8]| {
        // A queue that is full is busy with messages, which keep a connection alive as well.
        let _ = signs.upgrade().map(|writer| writer.try_send(sign.to_vec()));
    };
    loop {
        let message_until = framer.unfinished_since().map(|since| since + MESSAGE_TIME_MAX);
        let give_up = message_until.into_iter().chain(silence.give_up_at()).min();
        let wake = give_up.into_iter().chain(silence.ping_at()).min();
        let wake = wake.unwrap_or_else(|| clock() + IDLE_TIME_MAX);
        let Ok(came) = tokio::time::timeout_at(wake.into(), reader.read(&mut buffer)).await else {
            let now = clock();
            if give_up.is_some_and(|at| at <= now) {
                return;
            }
            if silence.ping_at().is_some_and(|at| at <= now) {
                say(PING);
                framer.pinged();
                silence.pinged = Some(now);
            }
            continue;
        };
        let Ok(count @ 1..) = came else { return };
        silence.heard = clock();
        framer.push(silence.heard, buffer.get(..count).unwrap_or_default());
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message(bytes))) => {
                    silence.first_until = None;
                    let message = Wire::Message { flow: link.flow, bytes, at: clock() };
                    if link.to_driver.send(message).await.is_err() {
                        return;
                    }
                }
                // RFC 5626 4.4.1: a double CRLF is answered by a single one.
                Ok(Some(Frame::Ping)) => say(PONG),
                Ok(Some(Frame::Pong)) => {
                    silence.pinged = None;
                    silence.answered = silence.answered.saturating_add(1);
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests;
