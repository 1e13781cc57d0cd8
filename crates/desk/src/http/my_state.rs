//! `/api/me/state`: an agent takes calls, or none for a reason. The switch decides; the answer comes as a message.

use super::desk::Desk;
use super::extract::Body;
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::live_feed::ANSWER_MAX;
use axum::extract::State;
use axum::http::StatusCode;
use careline_model::AgentId;
use careline_rpc::proto::switch_control::v1::SetAgentRequest;
use careline_rpc::proto::switch_control::v1::set_agent_request::Intent;
use careline_rpc::proto::switch_events::v1::agent_intent::{NotReady, Ready};
use serde::Deserialize;
use tokio::time::error::Elapsed;
use tonic::{Code, Status};
use utoipa::ToSchema;

/// What the agent wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "intent", rename_all = "snake_case")]
pub(super) enum WantedState {
    /// Takes calls.
    Ready {},
    /// Takes no calls.
    NotReady {
        /// One of the snapshot's `not_ready_codes`.
        code: String,
    },
}

/// Makes the signed-in agent ready or not ready.
#[utoipa::path(put, path = "/api/me/state", tag = "agent", request_body = WantedState, security(("cookie" = [])),
    responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem, description = "no_agent"),
    (status = 409, body = Problem, description = "switch_refused, with the switch's words"),
    (status = 503, body = Problem, description = "switch_away")))]
pub(super) async fn set(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Body(wanted): Body<WantedState>,
) -> Result<StatusCode, Refusal> {
    let agent = signed_in.me.agent.ok_or_else(Refusal::no_agent)?;
    let id = AgentId::from(agent.as_str());
    let switch = desk.hub.look(|room| room.board().switch_of_agent(&id).map(str::to_owned));
    let control = switch.and_then(|switch| desk.switches.control(&switch));
    let mut control = control.ok_or_else(Refusal::switch_away)?;
    let intent = match wanted {
        WantedState::Ready {} => Intent::Ready(Ready {}),
        WantedState::NotReady { code } => Intent::NotReady(NotReady { code }),
    };
    let order = control.set_agent(SetAgentRequest { agent, intent: Some(intent) });
    ordered(tokio::time::timeout(ANSWER_MAX, order).await)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What became of an order to a switch.
pub(super) fn ordered<T>(answer: Result<Result<T, Status>, Elapsed>) -> Result<T, Refusal> {
    match answer {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(status)) => Err(match status.code() {
            Code::FailedPrecondition | Code::InvalidArgument => Refusal::switch_refused(status.message()),
            Code::ResourceExhausted => Refusal::busy(),
            _ => Refusal::switch_away(),
        }),
        Err(_) => Err(Refusal::switch_away()),
    }
}
