//! `/api/messages`: what callers left, as work with an owner. The switch decides; what became of a message comes back as
//! an event. The sound is played like any recording.

use super::desk::Desk;
use super::extract::{Asked, Body, Named};
use super::my_state::ordered;
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::live_feed::ANSWER_MAX;
use crate::rights::Scope;
use crate::storage::{MessageFilter, MessageRow};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use careline_model::Number;
use careline_rpc::proto::switch_control::v1::SetMessageRequest;
use careline_rpc::proto::switch_events::v1::MessageState;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Messages of one answer when nothing is said, and at most.
const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 200;
/// Who gives an order, in characters.
const BY_CHARS_MAX: usize = 64;

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct MessageQuery {
    /// Those that are handled; otherwise those that are not.
    handled: Option<bool>,
    /// How many: 1 to 200, 50 when nothing is said.
    limit: Option<usize>,
}

/// Messages.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MessageList {
    /// Urgent ones first, then by the time they are due; handled ones the latest first.
    pub messages: Vec<MessageInfo>,
}

/// One message. Its sound is at `/api/recordings/{message}/audio`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MessageInfo {
    /// Id, which is its recording's.
    pub message: String,
    /// The call that left it.
    pub call: String,
    /// Its box.
    pub mailbox: String,
    /// The queue whose agents have it.
    pub queue: Option<String>,
    /// Whose it is, when it is one person's, by the name on screens.
    pub agent_name: Option<String>,
    /// Number of the caller, its middle hidden; empty when withheld.
    pub caller_masked: String,
    /// When it was left, UTC microseconds.
    pub left_us: i64,
    /// Length, milliseconds.
    pub duration_ms: i64,
    /// The caller says that it cannot wait.
    pub urgent: bool,
    /// When it is to be handled at the latest, UTC microseconds.
    pub due_us: i64,
    /// `open`, `claimed`, `handled`, or `archived` (its box was full, and nobody has handled it).
    pub state: String,
    /// Who works on it, or decided last, by the name on screens.
    pub holder_name: Option<String>,
    /// Since when, UTC microseconds.
    pub state_us: i64,
}

/// What a message is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum WantedMessage {
    /// Nobody works on it.
    Open {},
    /// The signed-in person works on it.
    Claimed {},
    /// The work is done.
    Handled {},
    /// Put away without work.
    Archived {},
}

/// Messages that are not handled, or those that are: of queues and one's own, or all.
#[utoipa::path(get, path = "/api/messages", tag = "messages", params(MessageQuery), security(("cookie" = [])), responses(
    (status = 200, body = MessageList), (status = 401, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn list(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Asked(query): Asked<MessageQuery>,
) -> Result<Json<MessageList>, Refusal> {
    let me = &signed_in.me;
    let agent = match signed_in.scope {
        Scope::All => None,
        // An account without an agent has no messages of its own: no agent has an empty name.
        Scope::Own => Some(me.agent.clone().unwrap_or_default()),
    };
    let filter = MessageFilter { agent, handled: query.handled.unwrap_or(false) };
    let limit = query.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let (rows, names) = (desk.store.messages(&filter, limit).await?, desk.agent_names());
    Ok(Json(MessageList { messages: rows.into_iter().map(|row| info(row, &names)).collect() }))
}

/// Takes a message, gives it back, or is done with it.
#[utoipa::path(put, path = "/api/messages/{message}/state", tag = "messages", params(("message" = String, Path)),
    request_body = WantedMessage, security(("cookie" = [])), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem, description = "switch_refused, with the switch's words"),
    (status = 503, body = Problem, description = "switch_away")))]
pub(super) async fn set(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
    Body(wanted): Body<WantedMessage>,
) -> Result<StatusCode, Refusal> {
    let row = desk.message_of(&signed_in, &id).await?.ok_or_else(Refusal::unknown_recording)?;
    let mut control = desk.switches.control(&row.switch_id).ok_or_else(Refusal::switch_away)?;
    let state = match wanted {
        WantedMessage::Open {} => MessageState::Open,
        WantedMessage::Claimed {} => MessageState::Claimed,
        WantedMessage::Handled {} => MessageState::Handled,
        WantedMessage::Archived {} => MessageState::Archived,
    };
    let me = &signed_in.me;
    let by: String = me.agent.as_ref().unwrap_or(&me.account).chars().take(BY_CHARS_MAX).collect();
    let order = control.set_message(SetMessageRequest { message: row.id, state: state.into(), by });
    ordered(tokio::time::timeout(ANSWER_MAX, order).await)?;
    Ok(StatusCode::NO_CONTENT)
}

fn info(row: MessageRow, names: &BTreeMap<String, String>) -> MessageInfo {
    let named = |id: String| names.get(&id).cloned().unwrap_or(id);
    MessageInfo {
        message: row.id,
        call: row.call_id,
        mailbox: row.mailbox,
        queue: row.queue,
        agent_name: row.agent.map(named),
        caller_masked: Number::from(row.caller.as_str()).masked(),
        left_us: row.left_us,
        duration_ms: row.duration_ms,
        urgent: row.urgent,
        due_us: row.due_us,
        state: row.state,
        holder_name: row.holder.map(named),
        state_us: row.state_us,
    }
}

impl Desk {
    /// A message that somebody may see and hear.
    pub(super) async fn message_of(
        &self,
        signed_in: &SignedIn,
        id: &str,
    ) -> Result<Option<MessageRow>, Refusal> {
        let row = self.store.message(id).await?;
        Ok(row.filter(|row| {
            let mine = &signed_in.me.agent;
            signed_in.scope == Scope::All || row.agent.is_none() || (row.agent == *mine && mine.is_some())
        }))
    }
}
