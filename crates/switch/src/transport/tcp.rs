//! TCP: accepted connections, cut into messages, each with a writer of its own.

use super::Wire;
use careline_sip::{Flow, Frame, StreamFramer, Transport};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};

/// Connections at the same time; further ones wait in the kernel's queue.
pub const CONNECTIONS_MAX: usize = 2048;
/// Messages that wait for one slow reader; beyond it they are dropped.
pub const WRITE_QUEUE_MAX: usize = 128;
/// From the first byte of a message to its last: a dribbling peer is dropped then.
pub const MESSAGE_TIME_MAX: Duration = Duration::from_secs(10);
/// A connection without a word for this long is closed; phones keep theirs alive (RFC 5626 4.4.1: 120 s).
pub const IDLE_TIME_MAX: Duration = Duration::from_secs(900);

const READ_BYTES: usize = 8192;

/// Accepts until the driver is gone.
pub(super) async fn accept(listener: TcpListener, local: SocketAddr, to_driver: mpsc::Sender<Wire>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = room.clone().acquire_owned().await else { return };
        let Ok((stream, remote)) = listener.accept().await else {
            // Out of descriptors, or the peer was gone already: others may still come.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        if to_driver.is_closed() {
            return;
        }
        let to_driver = to_driver.clone();
        tokio::spawn(async move {
            serve(stream, local, remote, to_driver).await;
            drop(permit);
        });
    }
}

async fn serve(stream: TcpStream, bound: SocketAddr, remote: SocketAddr, to_driver: mpsc::Sender<Wire>) {
    // With a wildcard listener the connection knows the real local address.
    let local = stream.local_addr().unwrap_or(bound);
    let flow = Flow { transport: Transport::Tcp, local, remote };
    // Best effort: delays of 40 ms are the only harm.
    let _ = stream.set_nodelay(true);
    let (reader, writer) = stream.into_split();
    let (to_writer, from_driver) = mpsc::channel(WRITE_QUEUE_MAX);
    if to_driver.send(Wire::Connected { flow, writer: to_writer.clone() }).await.is_err() {
        return;
    }
    let writing = tokio::spawn(write(writer, from_driver));
    read(reader, flow, &to_driver, &to_writer).await;
    // The driver drops its end on this, and the writer ends after what is queued.
    let _ = to_driver.send(Wire::Lost { flow }).await;
    drop(to_writer);
    let _ = tokio::time::timeout(MESSAGE_TIME_MAX, writing).await;
}

async fn write(mut writer: OwnedWriteHalf, mut from_driver: mpsc::Receiver<Vec<u8>>) {
    while let Some(bytes) = from_driver.recv().await {
        match tokio::time::timeout(MESSAGE_TIME_MAX, writer.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

async fn read(
    mut reader: OwnedReadHalf,
    flow: Flow,
    to_driver: &mpsc::Sender<Wire>,
    to_writer: &mpsc::Sender<Vec<u8>>,
) {
    let mut framer = StreamFramer::new();
    let mut buffer = vec![0_u8; READ_BYTES];
    loop {
        let give_up = match framer.unfinished_since() {
            Some(since) => since + MESSAGE_TIME_MAX,
            None => std::time::Instant::now() + IDLE_TIME_MAX,
        };
        let Ok(Ok(count)) = tokio::time::timeout_at(give_up.into(), reader.read(&mut buffer)).await else {
            return;
        };
        if count == 0 {
            return;
        }
        framer.push(std::time::Instant::now(), buffer.get(..count).unwrap_or_default());
        loop {
            match framer.next_frame() {
                Ok(Some(Frame::Message(bytes))) => {
                    if to_driver
                        .send(Wire::Message { flow, bytes, at: std::time::Instant::now() })
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
                // RFC 5626 4.4.1: a double CRLF is answered by a single one.
                Ok(Some(Frame::Ping)) => {
                    let _ = to_writer.try_send(b"\r\n".to_vec());
                }
                Ok(None) => break,
                Err(_) => return,
            }
        }
    }
}
