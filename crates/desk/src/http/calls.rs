//! `/api/calls`: the history of calls, and the end of a live one.

use super::access::SeenCall;
use super::desk::Desk;
use super::extract::{Asked, Named};
use super::my_state::ordered;
use super::notes::NoteText;
use super::persons::PersonCard;
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::live::{CallStageWord, DirectionWord};
use crate::live_feed::ANSWER_MAX;
use crate::pop::Contact;
use crate::rights::Scope;
use crate::storage::{CallFilter, CallRow, RecordingRow, TransferRow};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use careline_model::{CallId, Number};
use careline_rpc::proto::switch_control::v1::HangUpRequest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Calls in one answer, when nothing is said and at most.
const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 200;

/// Which calls.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct CallQuery {
    /// Calls that arrived before, UTC microseconds.
    before_us: Option<i64>,
    /// At most so many: 1 to 200, 50 when nothing is said.
    limit: Option<usize>,
}

/// Calls, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallList {
    /// The calls.
    pub calls: Vec<CallSummary>,
}

/// One call in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallSummary {
    /// When, who, how long, what was written down.
    #[serde(flatten)]
    pub contact: Contact,
    /// The caller's number with its middle hidden; empty when withheld.
    pub caller_masked: String,
    /// What the network sent as a name: text, never markup.
    pub caller_name: String,
    /// Who the caller was, when somebody knows.
    pub person: Option<PersonName>,
    /// In queues, milliseconds.
    pub wait_ms: i64,
    /// Who passed it on to whom, in order.
    pub transfers: Vec<TransferInfo>,
}

/// A person by name.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonName {
    /// Person id.
    pub person: String,
    /// As written.
    pub name: String,
}

/// One call, whole.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub struct CallDetail {
    /// Id.
    pub call: String,
    /// Who called whom.
    pub direction: DirectionWord,
    /// The other party's number with its middle hidden; empty when withheld.
    pub caller_masked: String,
    /// What the network sent as a name: text, never markup.
    pub caller_name: String,
    /// The line.
    pub line: String,
    /// Advertising medium; may be empty.
    pub medium: String,
    /// The last queue.
    pub queue: Option<String>,
    /// Who talked last, by the name on screens; empty when nobody did.
    pub agent_name: String,
    /// Where it is, while it has not ended.
    pub stage: Option<CallStageWord>,
    /// Arrival, UTC microseconds.
    pub offered_us: i64,
    /// First conversation.
    pub connected_us: Option<i64>,
    /// End.
    pub ended_us: Option<i64>,
    /// In queues, milliseconds.
    pub wait_ms: i64,
    /// In conversation, milliseconds.
    pub talk_ms: i64,
    /// Why it ended.
    pub end_cause: Option<String>,
    /// Who ended it: `caller`, `agent`, `switch`.
    pub ended_by: Option<String>,
    /// What was written down.
    pub note: NoteText,
    /// Who the caller was, when somebody knows.
    pub person: Option<PersonCard>,
    /// The recordings, in order.
    pub recordings: Vec<RecordingInfo>,
    /// Who passed it on to whom, in order.
    pub transfers: Vec<TransferInfo>,
}

/// One transfer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TransferInfo {
    /// Who passed the party on, by the name on screens.
    pub agent_name: String,
    /// To whom: the name on screens where the extension is an agent's, otherwise the number with its middle hidden.
    pub to: String,
    /// The agent had spoken to the third party before.
    pub attended: bool,
    /// Its beginning, UTC microseconds.
    pub began_us: i64,
    /// How it ended: `connected`, `no_answer`, `rejected`, `busy`, `unreachable`, `caller_left`, `cancelled`; nothing
    /// while the third party is rung.
    pub outcome: Option<String>,
    /// From its beginning to its end, milliseconds.
    pub ring_ms: Option<i64>,
}

/// One recording.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecordingInfo {
    /// Id.
    pub recording: String,
    /// Its beginning, UTC microseconds.
    pub started_us: Option<i64>,
    /// When it was closed; nothing while it grows.
    pub finished_us: Option<i64>,
    /// Length, milliseconds; nothing while it grows.
    pub duration_ms: Option<i64>,
    /// False when a part is missing.
    pub complete: Option<bool>,
}

/// Calls, newest first: one's own, or all.
#[utoipa::path(get, path = "/api/calls", tag = "calls", params(CallQuery), security(("cookie" = [])), responses(
    (status = 200, body = CallList), (status = 401, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn list(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Asked(query): Asked<CallQuery>,
) -> Result<Json<CallList>, Refusal> {
    let agent = match signed_in.scope {
        Scope::All => None,
        // An account without an agent has no calls: no agent has an empty name.
        Scope::Own => Some(signed_in.me.agent.clone().unwrap_or_default()),
    };
    let filter = CallFilter { agent, before_us: query.before_us };
    let limit = query.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let rows = desk.store.recent_calls(&filter, limit).await?;
    let names = desk.agent_names();
    let mut calls = Vec::with_capacity(rows.len());
    for row in rows {
        // Few calls are passed on: only these cost a further question.
        let transfers = match row.transfers {
            0 => Vec::new(),
            _ => desk.store.transfers_of(&row.contact.call_id).await?,
        };
        calls.push(summary(row, transfers, &names));
    }
    Ok(Json(CallList { calls }))
}

/// One call.
#[utoipa::path(get, path = "/api/calls/{call}", tag = "calls", params(("call" = String, Path)),
    security(("cookie" = [])), responses(
    (status = 200, body = CallDetail), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn show(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(call): Named<String>,
) -> Result<Json<CallDetail>, Refusal> {
    let seen = desk.call_of(&signed_in, &call).await?;
    let id = seen.id.to_string();
    desk.log_behind(&signed_in.me, "call", "call", &id);
    let note = desk.store.note(&id).await?;
    let recordings = desk.store.recordings_of(&id).await?;
    let person = match desk.store.chosen_person(&id).await? {
        Some((person, _)) => desk.person_card(&person).await?,
        None => None,
    };
    let transfers = desk.store.transfers_of(&id).await?;
    let names = desk.agent_names();
    let mut detail = detail_of(seen, &names);
    detail.transfers = transfers.into_iter().map(|row| TransferInfo::of(row, &names)).collect();
    detail.note = note.map_or_else(NoteText::default, NoteText::from);
    detail.person = person;
    detail.recordings = recordings.into_iter().map(RecordingInfo::from).collect();
    Ok(Json(detail))
}

/// Ends a live call of one's own, or any.
#[utoipa::path(post, path = "/api/calls/{call}/hang-up", tag = "calls", params(("call" = String, Path)),
    security(("cookie" = [])), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem, description = "switch_refused"), (status = 503, body = Problem)))]
pub(super) async fn hang_up(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(call): Named<String>,
) -> Result<StatusCode, Refusal> {
    let SignedIn { me, scope, .. } = signed_in;
    let id: CallId = call.parse().map_err(|_| Refusal::unknown_call())?;
    let switch = desk.hub.look(|room| {
        let live = room.board().call(id)?;
        let own =
            live.agent.as_ref().map(|agent| agent.as_str()) == me.agent.as_deref() && me.agent.is_some();
        (scope == Scope::All || own).then(|| room.board().switch_of_call(id).map(str::to_owned))?
    });
    let switch = switch.ok_or_else(Refusal::unknown_call)?;
    let mut control = desk.switches.control(&switch).ok_or_else(Refusal::switch_away)?;
    desk.log_behind(&me, "hang_up", "call", &id.to_string());
    let order = control.hang_up(HangUpRequest { call: id.to_string() });
    ordered(tokio::time::timeout(ANSWER_MAX, order).await)?;
    Ok(StatusCode::NO_CONTENT)
}

fn summary(row: CallRow, transfers: Vec<TransferRow>, names: &BTreeMap<String, String>) -> CallSummary {
    CallSummary {
        contact: Contact::of(row.contact, names),
        caller_masked: Number::from(row.caller.as_str()).masked(),
        caller_name: row.caller_name,
        person: row.person.map(|(person, name)| PersonName { person, name }),
        wait_ms: row.wait_ms,
        transfers: transfers.into_iter().map(|row| TransferInfo::of(row, names)).collect(),
    }
}

/// The database's words where it has them, the switch's otherwise: the one that was there later knows more.
fn detail_of(seen: SeenCall, names: &BTreeMap<String, String>) -> CallDetail {
    let SeenCall { id, live, past } = seen;
    let named = |agent: Option<String>| {
        let agent = agent.unwrap_or_default();
        names.get(&agent).cloned().unwrap_or(agent)
    };
    let mut detail = CallDetail { call: id.to_string(), ..CallDetail::default() };
    if let Some(live) = live {
        let view = live.view(id);
        detail.direction = view.direction;
        detail.caller_masked = view.caller_masked;
        detail.caller_name = view.caller_name;
        detail.line = view.line;
        detail.medium = view.medium;
        detail.queue = view.queue;
        detail.agent_name = named(view.agent);
        detail.stage = Some(view.stage);
        detail.offered_us = view.offered_us;
    }
    if let Some(past) = past {
        detail.direction = DirectionWord::of(&past.direction);
        detail.caller_masked = Number::from(past.caller.as_str()).masked();
        detail.caller_name = past.caller_name;
        detail.line = past.line;
        detail.medium = past.medium;
        detail.queue = past.queue.or(detail.queue);
        if past.agent.is_some() {
            detail.agent_name = named(past.agent);
        }
        detail.offered_us = past.offered_us;
        detail.connected_us = past.connected_us;
        detail.ended_us = past.ended_us;
        detail.wait_ms = past.wait_ms;
        detail.talk_ms = past.talk_ms;
        detail.end_cause = past.end_cause;
        detail.ended_by = past.ended_by;
    }
    detail
}

impl TransferInfo {
    fn of(row: TransferRow, names: &BTreeMap<String, String>) -> Self {
        let TransferRow { agent, target, attended, began_us, outcome, ring_ms, ended_us: _ } = row;
        let to = names.get(&target).cloned().unwrap_or_else(|| Number::from(target.as_str()).masked());
        Self {
            agent_name: names.get(&agent).cloned().unwrap_or(agent),
            to,
            attended,
            began_us,
            outcome,
            ring_ms,
        }
    }
}

impl From<RecordingRow> for RecordingInfo {
    fn from(row: RecordingRow) -> Self {
        let RecordingRow { id, started_us, finished_us, duration_ms, complete, .. } = row;
        Self { recording: id, started_us, finished_us, duration_ms, complete }
    }
}

impl Desk {
    /// The names of agents on screens.
    pub(super) fn agent_names(&self) -> BTreeMap<String, String> {
        self.hub.look(|room| room.board().agent_names())
    }
}
