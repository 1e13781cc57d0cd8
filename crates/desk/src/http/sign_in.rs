//! `/api/session`: signing in and out.

use super::desk::Desk;
use super::extract::Body;
use super::problem::{Problem, Refusal};
use super::who::{SignedIn, cookie_digest, digest};
use crate::hub::{Input, Me};
use crate::passwords;
use crate::storage::Account;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use utoipa::ToSchema;

/// The cookie's name.
pub const COOKIE: &str = "careline_session";
/// Random bytes of a cookie.
const TOKEN_BYTES: usize = 32;
/// Longest login, in characters.
const LOGIN_CHARS_MAX: usize = 64;

/// What is typed to sign in.
#[derive(Deserialize, ToSchema)]
pub(super) struct Credentials {
    /// At most 64 characters.
    login: String,
    /// At most 256 bytes.
    password: String,
}

/// Signs in. The answer to an unknown login is the same as to a wrong password, and takes as long.
#[utoipa::path(post, path = "/api/session", tag = "sign-in", request_body = Credentials, responses(
    (status = 200, body = Me), (status = 401, body = Problem, description = "sign_in_refused"),
    (status = 429, body = Problem, description = "locked; Retry-After says how long"),
    (status = 503, body = Problem)))]
pub(super) async fn start(
    State(desk): State<Desk>,
    jar: CookieJar,
    Body(Credentials { login, password }): Body<Credentials>,
) -> Result<(CookieJar, Json<Me>), Refusal> {
    let login = login.trim();
    if login.chars().count() > LOGIN_CHARS_MAX {
        return Err(Refusal::sign_in_refused());
    }
    desk.door().attempt(login, desk.now()).map_err(|locked| Refusal::locked(locked.wait))?;
    let account = desk.store.account_by_login(login).await?.filter(|account| !account.disabled);
    let right =
        passwords::verify(&password, account.as_ref().map(|account| account.password_hash.as_str())).await;
    let Some(account) = account.filter(|_| right) else {
        // Names no login: what was typed there may have been the password.
        let _ = desk.store.log_access(desk.now_us(), "", "sign_in_refused", "account", "").await;
        return Err(Refusal::sign_in_refused());
    };
    desk.door().succeeded(login);
    let jar = admit(&desk, jar, &account).await?;
    Ok((jar, Json(Me::from(&account))))
}

/// A new cookie for an account; the browser's old one ends.
pub(super) async fn admit(desk: &Desk, jar: CookieJar, account: &Account) -> Result<CookieJar, Refusal> {
    let mut token = [0_u8; TOKEN_BYTES];
    getrandom::fill(&mut token).map_err(|_| Refusal::busy())?;
    let token = URL_SAFE_NO_PAD.encode(token);
    let now_us = desk.now_us();
    desk.store.start_sign_in(&digest(&token), &account.id, now_us).await?;
    desk.store.log_access(now_us, &account.id, "sign_in", "account", &account.id).await?;
    if let Some(old) = cookie_digest(&jar) {
        finish(desk, &old).await?;
    }
    let cookie = Cookie::build((COOKIE, token)).path("/").http_only(true).same_site(SameSite::Strict);
    Ok(jar.add(cookie))
}

async fn finish(desk: &Desk, digest: &str) -> Result<(), Refusal> {
    desk.sign_ins().forget(digest);
    desk.hub.handle(Input::SignedOut { sign_in: digest.to_owned() });
    desk.store.end_sign_in(digest, desk.now_us()).await?;
    Ok(())
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/session", tag = "sign-in", security(("cookie" = [])), responses(
    (status = 200, body = Me), (status = 401, body = Problem)))]
pub(super) async fn me(signed_in: SignedIn) -> Json<Me> {
    Json(signed_in.me)
}

/// Signs out.
#[utoipa::path(delete, path = "/api/session", tag = "sign-in", security(("cookie" = [])), responses(
    (status = 204), (status = 401, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn end(
    State(desk): State<Desk>,
    signed_in: SignedIn,
    jar: CookieJar,
) -> Result<(StatusCode, CookieJar), Refusal> {
    finish(&desk, &signed_in.digest).await?;
    let account = &signed_in.me.account;
    desk.store.log_access(desk.now_us(), account, "sign_out", "account", account).await?;
    Ok((StatusCode::NO_CONTENT, jar.remove(Cookie::build(COOKIE).path("/"))))
}
