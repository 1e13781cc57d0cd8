//! `/api/persons/{id}/consents`: what a person allows, and whether they may be called.

use super::desk::Desk;
use super::extract::{Body, Named};
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::consent::{Circumstances, Consent, ConsentState, Obstacle, Purpose, obstacle};
use crate::storage::{ConsentRow, NewConsent, Person, holding};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Length of what says how a word is known, in characters.
const EVIDENCE_CHARS: std::ops::RangeInclusive<usize> = 1..=200;
/// Words of an answer.
const WORDS_MAX: usize = 50;

/// What a person allows.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Consents {
    /// Each purpose once.
    pub purposes: Vec<PurposeInfo>,
    /// Every word that was said, newest first, at most 50.
    pub words: Vec<ConsentWord>,
}

/// What holds of one purpose.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PurposeInfo {
    /// For what.
    pub purpose: Purpose,
    /// The newest word; nothing while nobody asked.
    pub state: Option<ConsentState>,
    /// It holds until then, UTC microseconds.
    pub until_us: Option<i64>,
    /// Why the person is not to be called for this; nothing when they may be.
    pub obstacle: Option<Obstacle>,
}

/// One word.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ConsentWord {
    /// For what.
    pub purpose: String,
    /// Which.
    pub state: String,
    /// How it is known.
    pub evidence: String,
    /// When, UTC microseconds.
    pub at_us: i64,
    /// Who wrote it down.
    pub by: String,
}

/// A word to write down.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub(super) struct ConsentForm {
    purpose: Purpose,
    state: ConsentState,
    /// How it is known, 1 to 200 characters.
    evidence: String,
    /// A yes holds until then, UTC microseconds; for good when nothing is said.
    until_us: Option<i64>,
    /// The call in which it was said.
    call: Option<String>,
}

/// What a person allows.
#[utoipa::path(get, path = "/api/persons/{id}/consents", tag = "persons", params(("id" = String, Path)),
    security(("cookie" = [])), responses((status = 200, body = Consents), (status = 401, body = Problem),
    (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn show(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
) -> Result<Json<Consents>, Refusal> {
    let person = desk.store.person(&id).await?.ok_or_else(Refusal::unknown_person)?;
    desk.log(&signed_in.me, "consents", "person", &id).await?;
    Ok(Json(desk.consents(&person).await?))
}

/// Writes down what a person said. Taking a yes back is as easy as giving it.
#[utoipa::path(post, path = "/api/persons/{id}/consents", tag = "persons", params(("id" = String, Path)),
    request_body = ConsentForm, security(("cookie" = [])), responses((status = 201, body = Consents),
    (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn add(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
    Body(form): Body<ConsentForm>,
) -> Result<(StatusCode, Json<Consents>), Refusal> {
    let evidence = form.evidence.trim();
    if !EVIDENCE_CHARS.contains(&evidence.chars().count()) {
        let (zh, en) = ("请填写依据（1 至 200 字）。", "Say how it is known in 1 to 200 characters.");
        return Err(Refusal::invalid(zh, en));
    }
    let now_us = desk.now_us();
    if form.until_us.is_some_and(|until_us| until_us <= now_us || form.state != ConsentState::Granted) {
        let zh = "有效期只能是同意的将来时间。";
        return Err(Refusal::invalid(zh, "Only a yes has an end, and it lies ahead."));
    }
    let id = desk.store.living_person(&id).await?;
    let person = desk.store.person(&id).await?.ok_or_else(Refusal::unknown_person)?;
    let call = match &form.call {
        Some(call) => Some(desk.call_of(&signed_in, call).await?.id.to_string()),
        None => None,
    };
    let consent = Consent { state: form.state, until_us: form.until_us };
    let by = &signed_in.me.account;
    let new = NewConsent { person: &id, purpose: form.purpose, consent, evidence, call: call.as_deref(), by };
    desk.store.add_consent(new, now_us).await?;
    desk.log(&signed_in.me, "consent", "person", &id).await?;
    Ok((StatusCode::CREATED, Json(desk.consents(&person).await?)))
}

impl Desk {
    async fn consents(&self, person: &Person) -> Result<Consents, Refusal> {
        let rows = self.store.consents_of(&person.id).await?;
        let (has_number, in_hospital) = self.store.circumstances_of(&person.id).await?;
        let circumstances = Circumstances { deceased: person.deceased, in_hospital, has_number };
        let (holding, now_us) = (holding(&rows), self.now_us());
        let purposes = Purpose::ALL.into_iter().map(|purpose| {
            let consent = holding.get(&purpose).copied();
            PurposeInfo {
                purpose,
                state: consent.map(|consent| consent.state),
                until_us: consent.and_then(|consent| consent.until_us),
                obstacle: obstacle(purpose, consent, circumstances, now_us),
            }
        });
        let purposes = purposes.collect();
        let mut words = Vec::new();
        for ConsentRow { purpose, state, evidence, at_us, account_id, .. } in rows.into_iter().take(WORDS_MAX)
        {
            let by = self.store.account(&account_id).await?.map_or(account_id, |account| account.name);
            words.push(ConsentWord { purpose, state, evidence, at_us, by });
        }
        Ok(Consents { purposes, words })
    }
}
