//! `/api/duplicates` and `/api/merges`: pairs that may be one person, and people that were joined.

use super::desk::Desk;
use super::extract::{Asked, Body, Named};
use super::persons::PersonCard;
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::storage::{DuplicatePair, Merge, MergeRow, PairState};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Pairs of one answer: the list is worked off from its top.
const PAIRS_MAX: usize = 20;
/// Merges of one answer.
const MERGES_MAX: usize = 50;
/// Longest reason, in characters.
const REASON_CHARS_MAX: usize = 200;

/// Which pairs.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct PairQuery {
    /// `open` when nothing is said, or `later`: those that somebody put aside.
    #[serde(default)]
    #[param(inline)]
    state: ListedPairs,
}

/// Pairs that somebody has to look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ListedPairs {
    /// Nobody has decided.
    #[default]
    Open,
    /// Put aside.
    Later,
}

/// Pairs that may be one person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PairList {
    /// At most 20, those that are likeliest one person first.
    pub pairs: Vec<Pair>,
    /// How many are open in all.
    pub open: i64,
}

/// Two people who may be one.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Pair {
    /// One.
    pub a: PairSide,
    /// The other.
    pub b: PairSide,
    /// What they share: `id_number`, `insurance_and_birth`, `name_birth_sex_phone`, `name_birth_phone`, `name_phone`,
    /// `name_birth`, `id_number_and_name`.
    pub rule: String,
    /// How likely, 0 to 1000.
    pub score: i64,
    /// When the newest search saw them, UTC microseconds.
    pub found_us: i64,
}

/// One of two.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PairSide {
    /// At a glance.
    pub card: PersonCard,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// ID number with its middle hidden, when one is known.
    pub id_number_masked: Option<String>,
    /// Stays and visits.
    pub visits: i64,
    /// Calls.
    pub calls: i64,
    /// To be given back when they are joined.
    pub version: i64,
}

/// What somebody decides of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PairDecision {
    /// Two people; the pair does not come again.
    NotDuplicate,
    /// Put aside.
    Later,
    /// Back on the list.
    Open,
}

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
pub(super) struct PairDecided {
    decision: PairDecision,
}

/// Two people to join.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub(super) struct MergeForm {
    /// Who stays: person id.
    survivor: String,
    /// The version that was looked at.
    survivor_version: i64,
    /// Who becomes the other: person id.
    loser: String,
    /// The version that was looked at.
    loser_version: i64,
    /// Why, 1 to 200 characters.
    reason: String,
}

/// Which merges.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct MergeQuery {
    /// Those before this moment, UTC microseconds.
    before_us: Option<i64>,
}

/// Merges.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MergeList {
    /// At most 50, newest first.
    pub merges: Vec<MergeInfo>,
}

/// A merge.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MergeInfo {
    /// Id.
    pub merge: String,
    /// Who stayed.
    pub survivor: PersonCard,
    /// Who became the other.
    pub loser: PersonCard,
    /// `manual`, or `hl7`: a system of the hospital said so.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// Who did it: name of the account, or of the system.
    pub by: String,
    /// UTC microseconds.
    pub at_us: i64,
    /// Who undid it; nothing while it stands.
    pub reversed_by: Option<String>,
    /// When, UTC microseconds.
    pub reversed_us: Option<i64>,
}

/// What undoing a merge left open.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Unmerged {
    /// Calls since the merge that stay with the survivor, at most 50.
    pub stayed_calls: Vec<String>,
}

/// Pairs that may be one person.
#[utoipa::path(get, path = "/api/duplicates", tag = "persons", params(PairQuery), security(("cookie" = [])),
    responses((status = 200, body = PairList), (status = 401, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn pairs(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Asked(PairQuery { state }): Asked<PairQuery>,
) -> Result<Json<PairList>, Refusal> {
    let state = match state {
        ListedPairs::Open => PairState::Open,
        ListedPairs::Later => PairState::Later,
    };
    let rows = desk.store.duplicate_pairs(state, PAIRS_MAX).await?;
    let open = desk.store.open_duplicates().await?;
    let mut pairs = Vec::with_capacity(rows.len());
    let mut shown: Vec<String> = Vec::with_capacity(2 * rows.len());
    for DuplicatePair { a_id, b_id, rule, score, found_us, .. } in rows {
        // Somebody who vanished between two statements is on no list.
        let (Some(a), Some(b)) = (desk.side(&a_id).await?, desk.side(&b_id).await?) else { continue };
        pairs.push(Pair { a, b, rule, score, found_us });
        shown.extend([a_id, b_id]);
    }
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    desk.log_people(&signed_in.me, "duplicates", &shown).await?;
    Ok(Json(PairList { pairs, open }))
}

/// What becomes of a pair that is not joined.
#[utoipa::path(put, path = "/api/duplicates/{a}/{b}", tag = "persons", request_body = PairDecided,
    params(("a" = String, Path), ("b" = String, Path)), security(("cookie" = [])), responses((status = 204),
    (status = 401, body = Problem), (status = 404, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn decide(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named((a, b)): Named<(String, String)>,
    Body(PairDecided { decision }): Body<PairDecided>,
) -> Result<StatusCode, Refusal> {
    let state = match decision {
        PairDecision::NotDuplicate => PairState::NotDuplicate,
        PairDecision::Later => PairState::Later,
        PairDecision::Open => PairState::Open,
    };
    let me = &signed_in.me;
    desk.store.decide_pair((&a, &b), state, &me.account, desk.now_us()).await?;
    desk.log_people(me, "pair", &[&a, &b]).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Joins two people.
#[utoipa::path(post, path = "/api/merges", tag = "persons", request_body = MergeForm, security(("cookie" = [])),
    responses((status = 201, body = MergeInfo), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem, description = "merge_refused, with the reason"), (status = 422, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn join(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Body(form): Body<MergeForm>,
) -> Result<(StatusCode, Json<MergeInfo>), Refusal> {
    let reason = form.reason.trim();
    if !(1..=REASON_CHARS_MAX).contains(&reason.chars().count()) {
        let (zh, en) = ("请填写合并原因（不超过 200 字）。", "Say why in 1 to 200 characters.");
        return Err(Refusal::invalid(zh, en));
    }
    let me = &signed_in.me;
    let merge = Merge {
        survivor: &form.survivor,
        loser: &form.loser,
        versions: Some((form.survivor_version, form.loser_version)),
        kind: "manual",
        reason,
        by: &me.account,
    };
    let row = desk.store.merge(merge, desk.now_us()).await?;
    desk.log_people(me, "merge", &[&form.survivor, &form.loser]).await?;
    Ok((StatusCode::CREATED, Json(desk.merge_info(row).await?)))
}

/// Merges, newest first.
#[utoipa::path(get, path = "/api/merges", tag = "persons", params(MergeQuery), security(("cookie" = [])),
    responses((status = 200, body = MergeList), (status = 401, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn list(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Asked(MergeQuery { before_us }): Asked<MergeQuery>,
) -> Result<Json<MergeList>, Refusal> {
    let rows = desk.store.merges(before_us.unwrap_or(i64::MAX), MERGES_MAX).await?;
    let mut merges = Vec::with_capacity(rows.len());
    for row in rows {
        merges.push(desk.merge_info(row).await?);
    }
    let shown: Vec<&str> =
        merges.iter().flat_map(|merge| [merge.survivor.person.as_str(), &merge.loser.person]).collect();
    desk.log_people(&signed_in.me, "merges", &shown).await?;
    Ok(Json(MergeList { merges }))
}

/// Takes apart what was joined.
#[utoipa::path(post, path = "/api/merges/{merge}/reverse", tag = "persons", params(("merge" = String, Path)),
    security(("cookie" = [])), responses((status = 200, body = Unmerged), (status = 401, body = Problem),
    (status = 409, body = Problem, description = "merge_refused, with the reason"), (status = 503, body = Problem)))]
pub(super) async fn reverse(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(merge): Named<String>,
) -> Result<Json<Unmerged>, Refusal> {
    let me = &signed_in.me;
    let unmerged = desk.store.unmerge(&merge, &me.account, desk.now_us()).await?;
    desk.log(me, "unmerge", "merge", &merge).await?;
    Ok(Json(Unmerged { stayed_calls: unmerged.stayed_calls }))
}

impl Desk {
    async fn side(&self, id: &str) -> Result<Option<PairSide>, Refusal> {
        let Some(person) = self.store.person(id).await? else { return Ok(None) };
        let (birth_date, version) = (person.birth_date.clone(), person.version);
        let (visits, calls) = self.store.counts_of(id).await?;
        let id_number_masked = self.store.id_number_of(id).await?.map(|number| number.masked());
        Ok(Some(PairSide {
            card: self.card(person).await?,
            birth_date,
            id_number_masked,
            visits,
            calls,
            version,
        }))
    }

    async fn merge_info(&self, row: MergeRow) -> Result<MergeInfo, Refusal> {
        let card = async |id: &str| self.person_card(id).await?.ok_or_else(Refusal::unknown_person);
        let name = async |id: String| -> Result<String, Refusal> {
            let account = self.store.account(&id).await?;
            Ok(account.map_or(id, |account| account.name))
        };
        let reversed_by = match row.reversed_by {
            Some(by) => Some(name(by).await?),
            None => None,
        };
        Ok(MergeInfo {
            survivor: card(&row.survivor_id).await?,
            loser: card(&row.loser_id).await?,
            merge: row.id,
            kind: row.kind,
            reason: row.reason,
            by: name(row.merged_by).await?,
            at_us: row.merged_us,
            reversed_by,
            reversed_us: row.reversed_us,
        })
    }
}
