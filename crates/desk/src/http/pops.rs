//! `/api/calls/{call}/pop` and `/person`: who is calling, and who it was.

use super::desk::Desk;
use super::extract::{Body, Named};
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::hub::Input;
use crate::pop::{Pop, build, find};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How long a page waits for the database; then it gets the number alone.
const POP_MAX: Duration = Duration::from_secs(2);

/// Who the caller is.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Choice {
    /// Person id.
    person: String,
    /// How it is known.
    reason: ChoiceReason,
}

/// How it is known who calls.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ChoiceReason {
    /// The agent said so.
    Chosen,
}

/// Who is calling, or was; `stale` when the database does not answer in time.
#[utoipa::path(get, path = "/api/calls/{call}/pop", tag = "calls", params(("call" = String, Path)),
    security(("cookie" = [])), responses(
    (status = 200, body = Pop), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn show(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(call): Named<String>,
) -> Result<Json<Pop>, Refusal> {
    let seen = desk.call_of(&signed_in, &call).await?;
    let call = seen.for_pop().ok_or_else(Refusal::unknown_call)?;
    let search = async {
        if seen.live.is_some() {
            return desk.hub.findings(seen.id, &call.caller).await.ok();
        }
        find(&desk.store, seen.id, &call.caller, &desk.agent_names(), desk.now_us()).await.ok()
    };
    let findings = tokio::time::timeout(POP_MAX, search).await.ok().flatten();
    desk.log_behind(&signed_in.me, "pop", "call", &seen.id.to_string());
    Ok(Json(build(call, findings.as_ref())))
}

/// The agent says who the caller is.
#[utoipa::path(put, path = "/api/calls/{call}/person", tag = "calls", params(("call" = String, Path)),
    request_body = Choice, security(("cookie" = [])), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn choose(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(call): Named<String>,
    Body(Choice { person, reason: ChoiceReason::Chosen }): Body<Choice>,
) -> Result<StatusCode, Refusal> {
    let seen = desk.call_of(&signed_in, &call).await?;
    // The page may be older than a merge.
    let person = desk.store.living_person(&person).await?;
    let me = signed_in.me;
    desk.store.choose_person(&seen.id.to_string(), &person, "chosen", &me.account, desk.now_us()).await?;
    desk.hub.handle(Input::Chosen { call: seen.id, person });
    Ok(StatusCode::NO_CONTENT)
}
