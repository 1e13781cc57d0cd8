//! `/api/audit`: who looked at what. References only: names of patients are nowhere in it. Reading it is in it, too.

use super::desk::Desk;
use super::extract::Asked;
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::storage::{AuditFilter, AuditRow, Chain};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Entries of one answer when nothing is said, and at most.
const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 500;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct AuditQuery {
    /// Those before this one.
    before: Option<i64>,
    /// Of this account.
    account: Option<String>,
    /// About this kind of thing: `call`, `person`, `recording`, `account`; with `id`.
    entity: Option<String>,
    /// About this one.
    id: Option<String>,
    /// How many: 1 to 500, 100 when nothing is said.
    limit: Option<usize>,
}

/// Entries.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditList {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Its place.
    pub entry: i64,
    /// UTC microseconds.
    pub at_us: i64,
    /// Whose account; empty for somebody who did not get in.
    pub account: String,
    /// Its login, while it is known.
    pub login: String,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub entity: String,
    /// To which.
    pub id: String,
    /// Over this entry and the digest before it.
    pub digest: String,
}

/// Whether a digest is to be looked for.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct ChainQuery {
    /// A digest that was noted earlier.
    noted: Option<String>,
}

/// What following the chain found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChainInfo {
    /// Every entry is as it was written, and the noted digest is among them.
    pub whole: bool,
    /// Entries that were looked at, when whole.
    pub entries: u64,
    /// The newest digest, to be noted elsewhere.
    pub head: String,
    /// The first entry that is not as it was written.
    pub broken_at: Option<i64>,
}

/// Who looked at what, newest first.
#[utoipa::path(get, path = "/api/audit", tag = "audit", params(AuditQuery), security(("cookie" = [])), responses(
    (status = 200, body = AuditList), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn list(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Asked(query): Asked<AuditQuery>,
) -> Result<Json<AuditList>, Refusal> {
    let about = query.entity.zip(query.id);
    let subject = about.as_ref().map(|(_, id)| id.clone()).unwrap_or_default();
    desk.log(&signed_in.me, "audit", "access_log", &subject).await?;
    let filter = AuditFilter { before: query.before, account: query.account, about };
    let limit = query.limit.unwrap_or(LIMIT_DEFAULT).clamp(1, LIMIT_MAX);
    let rows = desk.store.audit(&filter, limit).await?;
    let accounts = desk.store.accounts().await?;
    let logins: BTreeMap<String, String> = accounts.into_iter().map(|it| (it.id, it.login)).collect();
    let entries = rows.into_iter().map(|row| {
        let AuditRow { id, at_us, account, action, entity, entity_id, digest } = row;
        let login = logins.get(&account).cloned().unwrap_or_default();
        AuditEntry { entry: id, at_us, account, login, action, entity, id: entity_id, digest }
    });
    Ok(Json(AuditList { entries: entries.collect() }))
}

/// Follows the chain of digests from its beginning.
#[utoipa::path(get, path = "/api/audit/chain", tag = "audit", params(ChainQuery), security(("cookie" = [])), responses(
    (status = 200, body = ChainInfo), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn chain(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Asked(ChainQuery { noted }): Asked<ChainQuery>,
) -> Result<Json<ChainInfo>, Refusal> {
    desk.log(&signed_in.me, "audit_chain", "access_log", "").await?;
    Ok(Json(match desk.store.audit_chain(noted.as_deref()).await? {
        Chain::Whole { rows, head, found } => {
            ChainInfo { whole: found, entries: rows, head, broken_at: None }
        }
        Chain::Broken { id, at_us: _ } => {
            ChainInfo { whole: false, entries: 0, head: String::new(), broken_at: Some(id) }
        }
    }))
}
