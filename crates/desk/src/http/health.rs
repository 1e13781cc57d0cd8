//! `/api/health` and `/api/ready`: for whoever watches the programs.

use super::desk::Desk;
use crate::live::SwitchLive;
use crate::storage::StorageHealth;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// How the desk is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Health {
    /// The database.
    pub storage: StorageHealth,
    /// The switches.
    pub switches: Vec<SwitchLiveness>,
}

/// Whether a switch is followed.
pub type SwitchLiveness = SwitchLive;

/// How the desk is; always 200.
#[utoipa::path(get, path = "/api/health", tag = "health", responses((status = 200, body = Health)))]
pub(super) async fn show(State(desk): State<Desk>) -> Json<Health> {
    Json(health(&desk))
}

/// 200 when the database can be written and every switch is followed, otherwise 503.
#[utoipa::path(get, path = "/api/ready", tag = "health", responses(
    (status = 200, body = Health), (status = 503, body = Health)))]
pub(super) async fn ready(State(desk): State<Desk>) -> (StatusCode, Json<Health>) {
    let health = health(&desk);
    let ready = health.storage == StorageHealth::Ok && health.switches.iter().all(|switch| switch.connected);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health))
}

fn health(desk: &Desk) -> Health {
    desk.hub.look(|room| Health { storage: room.storage(), switches: room.board().switch_views() })
}
