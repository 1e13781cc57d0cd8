//! One connection that carries SIP as a stream (TCP, TLS): cut into messages, written by the driver.

use super::{Link, Wire};
use careline_sip::{Frame, StreamFramer};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

/// From the first byte of a message to its last, and for one message to be taken by the peer: who dribbles is dropped.
pub const MESSAGE_TIME_MAX: Duration = Duration::from_secs(10);
/// From the start of an accepted connection to the end of its first message.
pub const FIRST_MESSAGE_TIME_MAX: Duration = Duration::from_secs(30);
/// A connection without a word for this long is closed; phones keep theirs alive (RFC 5626 4.4.1: 120 s).
pub const IDLE_TIME_MAX: Duration = Duration::from_secs(900);

const READ_BYTES: usize = 8192;

/// Carries messages until either side ends. `pings` answers keep-alives.
pub(super) async fn carry<S: AsyncRead + AsyncWrite>(
    stream: S,
    link: &Link,
    from_driver: mpsc::Receiver<Vec<u8>>,
    pings: mpsc::WeakSender<Vec<u8>>,
) {
    let (reader, writer) = tokio::io::split(stream);
    let writing = write(writer, from_driver);
    tokio::pin!(writing);
    let read_ended = tokio::select! {
        () = read(reader, link, &pings) => true,
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

async fn read<R: AsyncRead + Unpin>(mut reader: R, link: &Link, pings: &mpsc::WeakSender<Vec<u8>>) {
    let mut framer = StreamFramer::new();
    let mut buffer = vec![0_u8; READ_BYTES];
    let mut first_until = link.accepted.then(|| Instant::now() + FIRST_MESSAGE_TIME_MAX);
    loop {
        let message_until = framer.unfinished_since().map(|since| since + MESSAGE_TIME_MAX);
        let idle_until = Instant::now() + IDLE_TIME_MAX;
        let give_up = [message_until, first_until].into_iter().flatten().fold(idle_until, Instant::min);
        let Ok(Ok(count)) = tokio::time::timeout_at(give_up.into(), reader.read(&mut buffer)).await else {
            return;
        };
        if count == 0 {
            return;
        }
        framer.push(Instant::now(), buffer.get(..count).unwrap_or_default());
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message(bytes))) => {
                    first_until = None;
                    if link
                        .to_driver
                        .send(Wire::Message { flow: link.flow, bytes, at: Instant::now() })
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
                // RFC 5626 4.4.1: a double CRLF is answered by a single one.
                Ok(Some(Frame::Ping)) => {
                    if let Some(writer) = pings.upgrade() {
                        let _ = writer.try_send(b"\r\n".to_vec());
                    }
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}
