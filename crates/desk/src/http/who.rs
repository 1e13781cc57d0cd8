//! Who asks, by the cookie and how long it is good, and whether the table of rights lets this through.

use super::desk::Desk;
use super::problem::Refusal;
use super::sign_in::COOKIE;
use crate::hub::{Input, Me};
use crate::rights::{PUBLIC, Scope, action_of, scope, takes_another};
use crate::storage::SignIn;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use careline_model::Now;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::Duration;

/// Sign-ins that are remembered beside the database; the one that was used longest ago gives way.
const SIGN_INS_MAX: usize = 2_000;
/// How often the database is told that somebody is still there.
const TOUCH_EVERY_US: i64 = 60_000_000;
/// Longest cookie that is looked at.
const TOKEN_CHARS_MAX: usize = 64;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(super) struct SignedIn {
    pub(super) me: Me,
    /// How widely what is asked may be answered.
    pub(super) scope: Scope,
    /// Digest of the cookie, lower-case hex.
    pub(super) digest: String,
    /// How long the sign-in is good in any case.
    pub(super) left: Duration,
}

/// Sign-ins as last seen: when the database is away, who is signed in stays so.
#[derive(Debug, Default)]
pub(super) struct SignIns {
    by_digest: BTreeMap<String, Known>,
}

#[derive(Debug, Clone)]
struct Known {
    sign_in: SignIn,
    seen_us: i64,
    touched_us: i64,
}

/// What follows from a look at a sign-in.
enum Verdict {
    Good { touch: bool, left: Duration },
    TooOld,
}

impl SignIns {
    fn remember(&mut self, digest: &str, sign_in: SignIn) {
        if self.by_digest.len() >= SIGN_INS_MAX && !self.by_digest.contains_key(digest) {
            let oldest = self.by_digest.iter().min_by_key(|(_, known)| known.seen_us);
            if let Some(oldest) = oldest.map(|(digest, _)| digest.clone()) {
                self.by_digest.remove(&oldest);
            }
        }
        let seen_us = sign_in.seen_us;
        let known = Known { sign_in: sign_in.clone(), seen_us, touched_us: seen_us };
        let known = self.by_digest.entry(digest.to_owned()).or_insert(known);
        known.seen_us = known.seen_us.max(seen_us);
        known.sign_in = sign_in;
    }

    /// The digests of an account's cookies.
    pub(super) fn of_account(&self, account: &str) -> Vec<String> {
        let theirs = self.by_digest.iter().filter(|(_, known)| known.sign_in.account.id == account);
        theirs.map(|(digest, _)| digest.clone()).collect()
    }

    pub(super) fn forget(&mut self, digest: &str) {
        self.by_digest.remove(digest);
    }

    /// `used`: the person did something.
    fn judge(
        &mut self,
        digest: &str,
        now_us: i64,
        idle: Duration,
        absolute: Duration,
        used: bool,
    ) -> Verdict {
        let Some(known) = self.by_digest.get_mut(digest) else { return Verdict::TooOld };
        let idle_us = now_us.saturating_sub(known.seen_us);
        let ends_us = known.sign_in.created_us.saturating_add(micros(absolute));
        if idle_us > micros(idle) || now_us >= ends_us {
            self.by_digest.remove(digest);
            return Verdict::TooOld;
        }
        if used {
            known.seen_us = known.seen_us.max(now_us);
        }
        let touch = used && now_us.saturating_sub(known.touched_us) > TOUCH_EVERY_US;
        if touch {
            known.touched_us = now_us;
        }
        Verdict::Good { touch, left: Duration::from_micros(ends_us.abs_diff(now_us)) }
    }
}

impl Desk {
    /// Whether a sign-in that is in use is still good; it is ended when it is not.
    pub(super) fn still_good(&self, digest: &str, now: Now, used: bool) -> Option<Duration> {
        let rules = self.config.sign_in;
        match self.sign_ins().judge(digest, now.wall_us, rules.idle, rules.absolute, used) {
            Verdict::Good { touch, left } => {
                if touch {
                    let (store, digest) = (self.store.clone(), digest.to_owned());
                    tokio::spawn(async move { store.touch_sign_in(&digest, now.wall_us).await });
                }
                Some(left)
            }
            Verdict::TooOld => {
                let (store, ended) = (self.store.clone(), digest.to_owned());
                tokio::spawn(async move { store.end_sign_in(&ended, now.wall_us).await });
                self.hub.handle(Input::SignedOut { sign_in: digest.to_owned() });
                None
            }
        }
    }

    async fn signed_in(&self, digest: String) -> Result<SignedIn, Refusal> {
        let sign_in = match self.store.sign_in(&digest).await {
            Ok(Some(sign_in)) => sign_in,
            Ok(None) => {
                self.sign_ins().forget(&digest);
                return Err(Refusal::not_signed_in());
            }
            Err(error) => {
                let known = self.sign_ins().by_digest.get(&digest).map(|known| known.sign_in.clone());
                known.ok_or(error)?
            }
        };
        let me = Me::from(&sign_in.account);
        self.sign_ins().remember(&digest, sign_in);
        match self.still_good(&digest, self.now(), true) {
            Some(left) => Ok(SignedIn { me, scope: Scope::Own, digest, left }),
            None => Err(Refusal::not_signed_in()),
        }
    }
}

impl FromRequestParts<Desk> for SignedIn {
    type Rejection = Refusal;

    /// Who was let through by [`permit`]; nobody came another way.
    async fn from_request_parts(parts: &mut Parts, _desk: &Desk) -> Result<Self, Refusal> {
        parts.extensions.get::<Self>().cloned().ok_or_else(Refusal::not_signed_in)
    }
}

/// Stands before every address: public ones are open to all, others to those whose roles may do what they are.
pub(super) async fn permit(
    State(desk): State<Desk>,
    path: MatchedPath,
    mut request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
    if PUBLIC.contains(&(method, path.as_str())) {
        return Ok(next.run(request).await);
    }
    let action = action_of(method, path.as_str());
    if action.is_none() && takes_another(path.as_str()) {
        return Err(Refusal::method());
    }
    let digest = cookie_digest(&CookieJar::from_headers(request.headers()));
    let signed_in = desk.signed_in(digest.ok_or_else(Refusal::not_signed_in)?).await?;
    let scope = action.and_then(|action| scope(&signed_in.me.roles, action)).ok_or_else(Refusal::no_right)?;
    request.extensions_mut().insert(SignedIn { scope, ..signed_in });
    Ok(next.run(request).await)
}

/// The digest of the cookie, if there is one that could be ours.
pub(super) fn cookie_digest(jar: &CookieJar) -> Option<String> {
    let token = jar.get(COOKIE)?.value();
    (!token.is_empty() && token.len() <= TOKEN_CHARS_MAX).then(|| digest(token))
}

/// SHA-256 in lower-case hex.
pub(super) fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
