//! `/api/ws`: one WebSocket for each open page.

use super::desk::Desk;
use super::guards::is_same_origin;
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::hub::{
    CLOSE_SIGNED_OUT, CLOSE_SLOW, Input, OpenPage, Outgoing, PageId, PageMessage, ServerMessage,
};
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use careline_model::OfferId;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// A page from which nothing comes for so long, not even the answer to our pings, is gone.
pub const SILENT_MAX: Duration = Duration::from_secs(60);
/// How often pages are pinged, and their sign-ins looked at.
const PING_EVERY: Duration = Duration::from_secs(20);
/// How long a page may take to take a message.
pub const WRITE_MAX: Duration = Duration::from_secs(10);
/// Longest message from a page, in bytes; ours are of a hundred.
const MESSAGE_BYTES_MAX: usize = 4 * 1024;

/// The page's stream: a snapshot, then what changes. Messages from the server are of the schema `ServerMessage`, those
/// of the page of `PageMessage`. Closed with 4001 (superseded), 4003 (signed out) or 4008 (did not read).
#[utoipa::path(get, path = "/api/ws", tag = "stream", security(("cookie" = [])), responses(
    (status = 101, description = "the WebSocket"), (status = 200, body = ServerMessage,
     description = "never: the schema of the messages"), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem)))]
pub(super) async fn open(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    if !is_same_origin(&headers) {
        return Err(Refusal::origin());
    }
    let upgrade =
        upgrade.map_err(|rejection| Refusal::bad_request(StatusCode::BAD_REQUEST, rejection.body_text()))?;
    let upgrade = upgrade.max_message_size(MESSAGE_BYTES_MAX).max_frame_size(MESSAGE_BYTES_MAX);
    Ok(upgrade.on_upgrade(move |socket| converse(desk, signed_in, socket)))
}

async fn converse(desk: Desk, signed_in: SignedIn, mut socket: WebSocket) {
    let SignedIn { me, scope: _, digest, left } = signed_in;
    let Ok(OpenPage { id, queue }) = desk.hub.open(me, digest.clone()) else {
        close(&mut socket, CLOSE_SLOW).await;
        return;
    };
    let page = Conversation { desk: &desk, id, digest: &digest, ends: Instant::now() + left };
    let code = page.run(&mut socket, queue).await;
    desk.hub.closed(id);
    if let Some(code) = code {
        close(&mut socket, code).await;
    }
}

async fn close(socket: &mut WebSocket, code: u16) {
    let frame = CloseFrame { code, reason: "".into() };
    let _ = timeout(WRITE_MAX, socket.send(Message::Close(Some(frame)))).await;
}

struct Conversation<'a> {
    desk: &'a Desk,
    id: PageId,
    digest: &'a str,
    ends: Instant,
}

impl Conversation<'_> {
    /// Until one of the two ends it; gives the code to close with.
    async fn run(
        &self,
        socket: &mut WebSocket,
        mut queue: tokio::sync::mpsc::Receiver<Outgoing>,
    ) -> Option<u16> {
        let mut ticks = interval(PING_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        loop {
            let outgoing = tokio::select! {
                outgoing = queue.recv() => match outgoing {
                    Some(Outgoing::Message(message)) => as_text(&message)?,
                    Some(Outgoing::Close(code)) => return Some(code),
                    None => return Some(CLOSE_SLOW),
                },
                incoming = socket.recv() => {
                    heard = Instant::now();
                    match incoming {
                        Some(Ok(Message::Text(text))) => self.heard(text.as_str()),
                        Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => {}
                        Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    }
                    continue;
                }
                _ = ticks.tick() => {
                    if heard.elapsed() > SILENT_MAX {
                        return None;
                    }
                    // Somebody who neither asks nor pings is idle, whatever the browser answers by itself.
                    if self.desk.still_good(self.digest, self.desk.now(), false).is_none() {
                        return Some(CLOSE_SIGNED_OUT);
                    }
                    Message::Ping(Vec::new().into())
                }
                () = tokio::time::sleep_until(self.ends) => return Some(CLOSE_SIGNED_OUT),
            };
            match timeout(WRITE_MAX, socket.send(outgoing)).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return None,
            }
        }
    }

    fn heard(&self, text: &str) {
        match serde_json::from_str(text) {
            Ok(PageMessage::Ping {}) => {
                let _ = self.desk.still_good(self.digest, self.desk.now(), true);
                self.desk.hub.pong(self.id);
            }
            Ok(PageMessage::Painted { call, offer }) => {
                if let Ok(call) = call.parse() {
                    self.desk.hub.handle(Input::Painted { page: self.id, call, offer: OfferId(offer) });
                }
            }
            Err(_) => tracing::debug!("a page sent what is no message"),
        }
    }
}

/// A message as text; nothing when it cannot be written, which ends the page.
fn as_text(message: &ServerMessage) -> Option<Message> {
    serde_json::to_string(message).ok().map(|text| Message::Text(text.into()))
}
