//! `/api/demo`: one button for each account. There only when the configuration says so, and only on this machine.

use super::desk::Desk;
use super::extract::Body;
use super::guards::is_for_loopback;
use super::problem::{Problem, Refusal};
use super::sign_in::admit;
use crate::hub::Me;
use crate::rights::Roles;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum_extra::extract::CookieJar;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An account that one may sign in with by a click.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DemoAccount {
    login: String,
    name: String,
    roles: Roles,
    agent: Option<String>,
}

/// Which account.
#[derive(Deserialize, ToSchema)]
pub(super) struct DemoLogin {
    login: String,
}

/// Accounts for a demonstration.
#[utoipa::path(get, path = "/api/demo/accounts", tag = "demo", responses(
    (status = 200, body = Vec<DemoAccount>), (status = 404, body = Problem)))]
pub(super) async fn accounts(
    State(desk): State<Desk>,
    headers: HeaderMap,
) -> Result<Json<Vec<DemoAccount>>, Refusal> {
    only_here(&desk, &headers)?;
    let accounts = desk.store.accounts().await?.into_iter().filter(|account| !account.disabled);
    let shown = accounts.map(|account| DemoAccount {
        login: account.login,
        name: account.name,
        roles: account.roles,
        agent: account.agent,
    });
    Ok(Json(shown.collect()))
}

/// Signs in without a password.
#[utoipa::path(post, path = "/api/demo/sign-in", tag = "demo", request_body = DemoLogin, responses(
    (status = 200, body = Me), (status = 401, body = Problem), (status = 404, body = Problem)))]
pub(super) async fn sign_in(
    State(desk): State<Desk>,
    headers: HeaderMap,
    jar: CookieJar,
    Body(DemoLogin { login }): Body<DemoLogin>,
) -> Result<(CookieJar, Json<Me>), Refusal> {
    only_here(&desk, &headers)?;
    let account = desk.store.account_by_login(&login).await?.filter(|account| !account.disabled);
    let account = account.ok_or_else(Refusal::sign_in_refused)?;
    let jar = admit(&desk, jar, &account).await?;
    Ok((jar, Json(Me::from(&account))))
}

/// A foreign name that leads to this machine would let a foreign page in.
fn only_here(desk: &Desk, headers: &HeaderMap) -> Result<(), Refusal> {
    if desk.config.demo && is_for_loopback(headers) { Ok(()) } else { Err(Refusal::unknown_path()) }
}
