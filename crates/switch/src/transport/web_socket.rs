//! SIP over WebSocket (RFC 7118): a message a frame, only for pages that may, with signs of life both ways.

use super::frames::{Frames, Left};
use super::stream::{FIRST_MESSAGE_TIME_MAX, MESSAGE_TIME_MAX, clock};
use super::{Link, Wire};
use careline_model::config::plan::Ws;
use careline_sip::MESSAGE_BYTES_MAX;
use futures_util::{SinkExt, StreamExt};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode, header};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};

/// We ask so often whether the browser still is there; pages cannot.
pub const PING_INTERVAL: Duration = Duration::from_secs(30);
/// A browser that answers nothing for so long is gone: two pings went unanswered.
pub const SILENCE_MAX: Duration = Duration::from_secs(75);
/// How often an unfinished message is looked at.
const TICK: Duration = Duration::from_secs(1);
/// RFC 7118 4.2: what both sides must have agreed to speak.
const SUBPROTOCOL: &str = "sip";

/// The opening handshake (RFC 6455 4.2). Its deadline is the caller's.
pub(super) async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    ws: &Ws,
) -> Option<(WebSocketStream<Watched<S>>, Since)> {
    let since = Since::default();
    let watched = Watched { inner: stream, since: since.clone(), frames: None };
    // A longer frame, up to the 2^63 bytes a header can announce, is refused before anything is kept for it.
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX))
        .max_write_buffer_size(4 * MESSAGE_BYTES_MAX)
        .write_buffer_size(0);
    #[expect(clippy::result_large_err, reason = "the shape that tungstenite asks for")]
    let check = |request: &Request, response: Response| judge(request, response, ws);
    let opened = tokio_tungstenite::accept_hdr_async_with_config(watched, check, Some(config)).await.ok()?;
    Some((opened, since))
}

#[expect(clippy::result_large_err, reason = "the shape that tungstenite asks for")]
fn judge(request: &Request, mut response: Response, ws: &Ws) -> Result<Response, ErrorResponse> {
    if !may_come(ws, request.headers().get_all(header::ORIGIN).iter()) {
        return Err(refusal(StatusCode::FORBIDDEN, "this page may not be a phone"));
    }
    let asked = request.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL);
    let speaks_sip = asked
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.split(',').any(|protocol| protocol.trim().eq_ignore_ascii_case(SUBPROTOCOL)));
    if !speaks_sip {
        return Err(refusal(StatusCode::BAD_REQUEST, "Sec-WebSocket-Protocol: sip is needed"));
    }
    response.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
    Ok(response)
}

fn refusal(status: StatusCode, why: &str) -> ErrorResponse {
    let mut response = ErrorResponse::new(Some(why.to_owned()));
    *response.status_mut() = status;
    response
}

/// A browser always tells its page's origin and a page cannot change it (RFC 6455 10.2); who sends none is no browser.
fn may_come<'a>(ws: &Ws, mut origins: impl Iterator<Item = &'a HeaderValue>) -> bool {
    match (origins.next(), origins.next()) {
        (None, _) => ws.without_origin,
        (Some(origin), None) => origin
            .to_str()
            .is_ok_and(|origin| ws.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin.trim()))),
        (Some(_), Some(_)) => false,
    }
}

/// Carries messages until either side ends.
pub(super) async fn carry<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: WebSocketStream<Watched<S>>,
    since: Since,
    link: &Link,
    mut from_driver: mpsc::Receiver<Vec<u8>>,
) {
    let started = clock();
    let (mut heard, mut asked, mut spoke) = (started, started, false);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    socket.get_mut().frames = Some(Frames::default());
    loop {
        let send = tokio::select! {
            message = socket.next() => {
                let Some(Ok(message)) = message else { break };
                heard = clock();
                match take(message, link).await {
                    Taken::Message => { spoke = true; continue }
                    Taken::Nothing => continue,
                    Taken::Answer(answer) => answer,
                    Taken::End => break,
                }
            }
            bytes = from_driver.recv() => match bytes {
                Some(bytes) => written(bytes),
                None => break,
            },
            _ = tick.tick() => {
                let dribbles = since.elapsed().is_some_and(|time| time > MESSAGE_TIME_MAX);
                let now = clock();
                let mute = !spoke && now - started > FIRST_MESSAGE_TIME_MAX;
                if dribbles || mute || now - heard > SILENCE_MAX {
                    break;
                }
                if now - asked < PING_INTERVAL {
                    continue;
                }
                asked = now;
                Message::Ping(Bytes::new())
            }
        };
        if !matches!(tokio::time::timeout(MESSAGE_TIME_MAX, socket.send(send)).await, Ok(Ok(()))) {
            break;
        }
    }
    link.lost().await;
    let ending = async {
        while let Some(bytes) = from_driver.recv().await {
            socket.send(written(bytes)).await?;
        }
        socket.close(None).await
    };
    let _ = tokio::time::timeout(MESSAGE_TIME_MAX, ending).await;
}

/// What a frame asks for.
enum Taken {
    Message,
    Answer(Message),
    Nothing,
    End,
}

async fn take(message: Message, link: &Link) -> Taken {
    let bytes: Vec<u8> = match message {
        Message::Text(text) => text.as_bytes().to_vec(),
        Message::Binary(bytes) => bytes.to_vec(),
        // tungstenite answers pings itself.
        Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Taken::Nothing,
        Message::Close(_) => return Taken::End,
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        // RFC 7118 6, RFC 5626 4.4.1: keep-alives of clients that cannot ping.
        return if bytes == b"\r\n\r\n" {
            Taken::Answer(Message::Text(Utf8Bytes::from_static("\r\n")))
        } else {
            Taken::Nothing
        };
    }
    let sent = link.to_driver.send(Wire::Message { flow: link.flow, bytes, at: clock() }).await;
    if sent.is_ok() { Taken::Message } else { Taken::End }
}

/// Text, as browsers expect it, unless a body is none.
fn written(bytes: Vec<u8>) -> Message {
    match String::from_utf8(bytes) {
        Ok(text) => Message::Text(text.into()),
        Err(error) => Message::Binary(error.into_bytes().into()),
    }
}

/// When the first byte of a message came that is not finished, in milliseconds after the start of the connection.
#[derive(Debug, Clone)]
pub(super) struct Since {
    started: Instant,
    /// 0 while nothing is unfinished.
    first_byte_ms: Arc<AtomicU64>,
}

impl Default for Since {
    fn default() -> Self {
        Self { started: clock(), first_byte_ms: Arc::default() }
    }
}

impl Since {
    fn now_ms(&self) -> u64 {
        u64::try_from((clock() - self.started).as_millis()).unwrap_or(u64::MAX)
    }

    fn note(&self, left: Left) {
        match left {
            Left::Nothing => self.first_byte_ms.store(0, Ordering::Relaxed),
            Left::Begun => self.first_byte_ms.store(self.now_ms().max(1), Ordering::Relaxed),
            Left::Same => {}
        }
    }

    fn elapsed(&self) -> Option<Duration> {
        match self.first_byte_ms.load(Ordering::Relaxed) {
            0 => None,
            first => Some(Duration::from_millis(self.now_ms().saturating_sub(first))),
        }
    }
}

/// A stream that notes when messages begin and end: tungstenite tells only of whole ones.
#[derive(Debug)]
pub(super) struct Watched<S> {
    inner: S,
    since: Since,
    /// None during the opening handshake, which is HTTP.
    frames: Option<Frames>,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        let this = &mut *self;
        if let Some((frames, came)) = this.frames.as_mut().zip(buffer.filled().get(before..)) {
            this.since.note(frames.take(came));
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
