//! `/api/his`: what the hospital's systems sent and what could not be used of it: to look, to try again, to put aside.
//! The list names nobody; one message does, and reading it is in the access log.

use super::desk::Desk;
use super::extract::{Asked, Body, Named};
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::config::HisDoor;
use crate::his::{Replay, replay, replay_all, segments};
use crate::storage::{HisContent, HisFilter, HisMessage, HisReason, HisState, HisTotals, Replayed};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Messages of one answer when nothing is said, and at most.
const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 200;
/// Why a message is put aside, in characters.
const REASON_CHARS_MAX: usize = 200;

/// The doors for the hospital's systems.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HisDoorList {
    /// The configured ones in their order, then systems that have no door any more.
    pub doors: Vec<HisDoorInfo>,
}

/// One door and what came through it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HisDoorInfo {
    /// Name of the system.
    pub source: String,
    /// Where it listens; nothing for a system that has no door any more.
    pub listen: Option<String>,
    /// What is said there is encrypted.
    pub encrypted: bool,
    /// How many messages became what; `repeated` are those that came again.
    pub counts: Vec<HisCount>,
    /// When the last message came, UTC microseconds.
    pub last_us: Option<i64>,
    /// When the oldest of those came that wait for a person, UTC microseconds.
    pub oldest_us: Option<i64>,
}

/// Messages of a state.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HisCount {
    /// `applied`, `ignored`, `stale`, `parked`, `refused`, `discarded`, `repeated`, or after trying again `left`.
    pub state: String,
    /// How many.
    pub messages: i64,
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct HisQuery {
    /// Of this system.
    source: Option<String>,
    /// `applied`, `ignored`, `stale`, `parked`, `refused` or `discarded`; `parked` and `refused` when nothing is said.
    state: Option<String>,
    /// Those behind this place: `next` of the answer before.
    after: Option<String>,
    /// How many: 1 to 200, 50 when nothing is said.
    limit: Option<usize>,
}

/// Messages.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HisMessageList {
    /// Newest first.
    pub messages: Vec<HisMessageInfo>,
    /// Where the list goes on; nothing at its end.
    pub next: Option<String>,
}

/// One message without its content.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HisMessageInfo {
    /// Id.
    pub id: String,
    /// The system that sent it.
    pub source: String,
    /// When it came, UTC microseconds.
    pub received_us: i64,
    /// `ADT`, `SIU`, ...; empty when it could not be read.
    pub kind: String,
    /// `A08`, `S12`, ...
    pub event: String,
    /// The sender's number of it.
    pub control_id: String,
    /// `applied`, `ignored`, `stale`, `parked`, `refused` or `discarded`.
    pub state: String,
    /// Of HL7 table 0357.
    pub code: Option<i64>,
    /// Where it is wrong: `PID-3`.
    pub path: Option<String>,
    /// What is wrong, in English, as its sender was told.
    pub reason: Option<String>,
    /// How often it came again.
    pub repeats: i64,
    /// How often a person tried it again.
    pub replays: i64,
    /// Why a person put it aside.
    pub decision: Option<String>,
}

/// One message.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HisMessageDetail {
    /// What is known of it.
    pub message: HisMessageInfo,
    /// In which letters it was read.
    pub charset: String,
    /// Address it came from.
    pub remote: String,
    /// Whose file it was applied to.
    pub person: Option<String>,
    /// Its segments; the middle of telephone and identity numbers is hidden.
    pub segments: Vec<String>,
}

/// What became of a message that was tried again.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HisReplayed {
    /// Its state now.
    pub state: String,
    /// It was done before, and left alone.
    pub left: bool,
}

/// A reason for which messages wait.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(super) struct HisReasonForm {
    /// Of this system.
    source: String,
    /// `code` of the messages.
    code: i64,
    /// `path` of the messages.
    path: String,
    /// `reason` of the messages.
    reason: String,
    /// Those behind this place: `next` of the answer before.
    after: Option<String>,
}

/// What became of messages that were tried again: 100 at most.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HisReplayedAll {
    /// How many became what.
    pub became: Vec<HisCount>,
    /// Where to go on; nothing when all were tried.
    pub next: Option<String>,
}

/// Why a message is put aside.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct HisDiscard {
    /// 1 to 200 characters.
    reason: String,
}

/// The doors, and what came through them.
#[utoipa::path(get, path = "/api/his/doors", tag = "his", security(("cookie" = [])), responses(
    (status = 200, body = HisDoorList), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn doors(_: SignedIn, State(desk): State<Desk>) -> Result<Json<HisDoorList>, Refusal> {
    let mut totals = desk.store.his_totals().await?;
    let mut doors = Vec::new();
    for door in &desk.config.his {
        let at = totals.iter().position(|totals| totals.source == door.door.profile.id);
        let totals = at.map(|at| totals.remove(at)).unwrap_or_default();
        doors.push(door_info(Some(door), totals));
    }
    doors.extend(totals.into_iter().map(|totals| door_info(None, totals)));
    Ok(Json(HisDoorList { doors }))
}

/// Messages of the inbox, without their content.
#[utoipa::path(get, path = "/api/his/messages", tag = "his", params(HisQuery), security(("cookie" = [])), responses(
    (status = 200, body = HisMessageList), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn list(
    _: SignedIn,
    State(desk): State<Desk>,
    Asked(query): Asked<HisQuery>,
) -> Result<Json<HisMessageList>, Refusal> {
    let state = query.state.as_deref().filter(|word| !word.is_empty()).map(|word| {
        let zh = "没有这个消息状态。";
        HisState::named(word).ok_or_else(|| Refusal::invalid(zh, "There is no such state of a message."))
    });
    let source = query.source.filter(|source| !source.is_empty());
    let filter = HisFilter { source, state: state.transpose()?, behind: place(query.after.as_deref())? };
    let limit = query.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let messages = desk.store.his_messages(&filter, limit).await?;
    let last = messages.last().filter(|_| messages.len() == limit);
    let next = last.map(|message| written(message.received_us, &message.id));
    Ok(Json(HisMessageList { messages: messages.into_iter().map(info).collect(), next }))
}

/// One message with its content. Reading it is in the access log.
#[utoipa::path(get, path = "/api/his/messages/{id}", tag = "his", params(("id" = String, Path, description = "Message")),
    security(("cookie" = [])), responses(
    (status = 200, body = HisMessageDetail), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn show(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
) -> Result<Json<HisMessageDetail>, Refusal> {
    let content = desk.store.his_message(&id).await?.ok_or_else(Refusal::unknown_his_message)?;
    desk.log(&signed_in.me, "his_message", "his_message", &content.message.id).await?;
    let HisContent { message, raw, charset, remote, person_id } = content;
    let segments = segments(&raw, &charset);
    Ok(Json(HisMessageDetail { message: info(message), charset, remote, person: person_id, segments }))
}

/// Does a message that waits, or was put aside, as if it came now.
#[utoipa::path(post, path = "/api/his/messages/{id}/replay", tag = "his",
    params(("id" = String, Path, description = "Message")), security(("cookie" = [])), responses(
    (status = 200, body = HisReplayed), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn try_again(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
) -> Result<Json<HisReplayed>, Refusal> {
    let content = desk.store.his_message(&id).await?.ok_or_else(Refusal::unknown_his_message)?;
    desk.log(&signed_in.me, "his_replay", "his_message", &content.message.id).await?;
    let by = (signed_in.me.account.as_str(), desk.now_us());
    match replay(&desk.store, &desk.config.his, &id, by).await? {
        Replay::Unknown => Err(Refusal::unknown_his_message()),
        Replay::NoDoor(_) => Err(Refusal::his_without_door()),
        Replay::Known(Replayed::Settled(state)) => Ok(Json(HisReplayed { state, left: true })),
        Replay::Known(Replayed::Done(received)) => {
            Ok(Json(HisReplayed { state: received.state.as_str().to_owned(), left: false }))
        }
    }
}

/// The same with those that wait for one reason, the oldest first.
#[utoipa::path(post, path = "/api/his/replays", tag = "his", request_body = HisReasonForm, security(("cookie" = [])),
    responses((status = 200, body = HisReplayedAll), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn try_all_again(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Body(form): Body<HisReasonForm>,
) -> Result<Json<HisReplayedAll>, Refusal> {
    let behind = place(form.after.as_deref())?;
    desk.log(&signed_in.me, "his_replay", "his_reason", &format!("{} {}", form.source, form.path)).await?;
    let HisReasonForm { source, code, path, reason, after: _ } = form;
    let reason = HisReason { source, code, path, reason };
    let by = (signed_in.me.account.as_str(), desk.now_us());
    let replays = replay_all(&desk.store, &desk.config.his, (&reason, behind), by).await?;
    let became = replays.became.into_iter().map(|(state, messages)| HisCount {
        state: state.to_owned(),
        messages: i64::try_from(messages).unwrap_or(i64::MAX),
    });
    let next = replays.next.map(|(at_us, id)| written(at_us, &id));
    Ok(Json(HisReplayedAll { became: became.collect(), next }))
}

/// Puts a message aside that waits: it is kept, with the reason.
#[utoipa::path(post, path = "/api/his/messages/{id}/discard", tag = "his", request_body = HisDiscard,
    params(("id" = String, Path, description = "Message")), security(("cookie" = [])), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn put_aside(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
    Body(form): Body<HisDiscard>,
) -> Result<StatusCode, Refusal> {
    let reason = form.reason.trim();
    if !(1..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        let (zh, en) = ("请填写原因，最多 200 个字。", "Give a reason of 1 to 200 characters.");
        return Err(Refusal::invalid(zh, en));
    }
    let content = desk.store.his_message(&id).await?.ok_or_else(Refusal::unknown_his_message)?;
    desk.log(&signed_in.me, "his_discard", "his_message", &content.message.id).await?;
    let before = desk.store.discard(&id, reason, &signed_in.me.account, desk.now_us()).await?;
    match before.as_deref().and_then(HisState::named) {
        None => Err(Refusal::unknown_his_message()),
        Some(HisState::Parked | HisState::Refused | HisState::Discarded) => Ok(StatusCode::NO_CONTENT),
        Some(_) => Err(Refusal::his_settled()),
    }
}

fn door_info(door: Option<&HisDoor>, totals: HisTotals) -> HisDoorInfo {
    let counts = totals.by_state.into_iter().filter(|(_, messages)| *messages > 0);
    HisDoorInfo {
        source: door.map_or(totals.source, |door| door.door.profile.id.clone()),
        listen: door.map(|door| door.listen.to_string()),
        encrypted: door.is_some_and(|door| door.tls.is_some()),
        counts: counts.map(|(state, messages)| HisCount { state, messages }).collect(),
        last_us: Some(totals.last_us).filter(|at_us| *at_us > 0),
        oldest_us: totals.oldest_us,
    }
}

fn info(message: HisMessage) -> HisMessageInfo {
    let HisMessage { id, source, received_us, kind, event, control_id, state, code, path, reason, .. } =
        message;
    let HisMessage { repeats, replays, decision, .. } = message;
    HisMessageInfo {
        id,
        source,
        received_us,
        kind,
        event,
        control_id,
        state,
        code,
        path,
        reason,
        repeats,
        replays,
        decision,
    }
}

/// A place in a list: `<microseconds>-<id>`.
fn written(at_us: i64, id: &str) -> String {
    format!("{at_us}-{id}")
}

fn place(text: Option<&str>) -> Result<Option<(i64, String)>, Refusal> {
    let Some(text) = text else { return Ok(None) };
    let parts =
        text.split_once('-').and_then(|(at_us, id)| Some((at_us.parse::<i64>().ok()?, id.to_owned())));
    let (zh, en) = ("列表位置不正确。", "There is no such place in the list.");
    parts.map(Some).ok_or_else(|| Refusal::invalid(zh, en))
}
