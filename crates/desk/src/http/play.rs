//! `/api/recordings/{id}/audio`: the sound, as a browser's player asks for it.
//!
//! The bytes come from the switch as they are; a recording that still grows is played up to where it is now. Each play is
//! noted before its first byte; without the note nobody hears anything.

use super::desk::Desk;
use super::extract::Named;
use super::problem::{Problem, Refusal};
use super::range::{ByteRange, requested};
use super::recordings::{Heard, answered};
use super::who::SignedIn;
use crate::live_feed::ANSWER_MAX;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use careline_rpc::proto::recordings::v1::{ReadRequest, ReadResponse};
use futures_util::StreamExt;
use std::io;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;

/// How long a browser may not take the next chunk; then its recording is given back to the switch.
const STALLED_MAX: Duration = Duration::from_secs(60);
/// Chunks between the switch and the browser; each has at most 64 KiB.
const AHEAD_MAX: usize = 2;

/// The recording as WAV; also in single ranges.
#[utoipa::path(get, path = "/api/recordings/{id}/audio", tag = "recordings", security(("cookie" = [])),
    params(("id" = String, Path), ("range" = Option<String>, Header, description = "one range of bytes")), responses(
    (status = 200, content_type = "audio/wav", body = [u8]),
    (status = 206, content_type = "audio/wav", body = [u8]),
    (status = 401, body = Problem), (status = 404, body = Problem), (status = 416, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn audio(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Heard { recording, mut switch, now } = desk.recording_of(&signed_in, &id).await?;
    let me = signed_in.me;
    let asked = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let Ok(range) = asked.map_or(Ok(None), |asked| requested(asked, now.bytes)) else {
        let mut response = Refusal::range_not_satisfiable().into_response();
        put(response.headers_mut(), header::CONTENT_RANGE, &format!("bytes */{}", now.bytes));
        return Ok(response);
    };
    if desk.begins_to_play(&me.account, &recording)
        && let Err(refusal) = desk.log(&me, "play", "recording", &recording).await
    {
        desk.did_not_play(&me.account, &recording);
        return Err(refusal);
    }
    // Length 0 means "to the end" to a switch, and the end may have moved on.
    let (offset, length) = range.map_or((0, now.bytes), |range| (range.first, range.len()));
    let body = if length == 0 {
        Body::empty()
    } else {
        let request = ReadRequest { recording, offset, length };
        let stream = answered(timeout(ANSWER_MAX, switch.read(request)).await.ok())?.into_inner();
        let (sender, chunks) = mpsc::channel(AHEAD_MAX);
        tokio::spawn(pass_on(stream, sender));
        Body::from_stream(ReceiverStream::new(chunks))
    };
    Ok(response(range, length, now.bytes, body))
}

fn response(range: Option<ByteRange>, length: u64, bytes: u64, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("audio/wav"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    if let Some(ByteRange { first, last }) = range {
        put(headers, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{bytes}"));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

fn put(headers: &mut HeaderMap, name: header::HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

/// From the switch to the browser; a switch that fails half-way breaks the answer off, so that nobody takes it for
/// whole.
async fn pass_on(mut stream: Streaming<ReadResponse>, browser: mpsc::Sender<io::Result<Bytes>>) {
    while let Some(message) = stream.next().await {
        let (chunk, last) = match message {
            Ok(ReadResponse { chunk }) => (Ok(Bytes::from(chunk)), false),
            Err(status) => (Err(io::Error::other(status.message().to_owned())), true),
        };
        let taken = timeout(STALLED_MAX, browser.send(chunk)).await;
        if last || !matches!(taken, Ok(Ok(()))) {
            return;
        }
    }
}
