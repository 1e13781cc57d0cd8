//! `/api/persons/{id}/reveal`: one masked thing of a person, whole, for a reason.

use super::desk::Desk;
use super::extract::{Body, Named};
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::storage::Reveal;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Within so long, microseconds...
const HOUR_US: i64 = 3_600_000_000;
/// ...somebody sees at most so much: whoever needs more copies files.
const REVEALS_MAX: i64 = 60;
/// Length of a reason, in characters.
const REASON_CHARS: std::ops::RangeInclusive<usize> = 2..=200;

/// What is to be seen whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RevealedField {
    /// ID number (GB 11643).
    IdNumber,
    /// Address to the house.
    Address,
}

/// What is to be seen, and why.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(super) struct RevealForm {
    field: RevealedField,
    /// 2 to 200 characters; kept with who asked.
    reason: String,
}

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Revealed {
    /// Nothing when it is not known.
    pub value: Option<String>,
}

/// One masked thing, whole. Who asked and why is noted first; sixty an hour are given to one account.
#[utoipa::path(post, path = "/api/persons/{id}/reveal", tag = "persons", params(("id" = String, Path)),
    request_body = RevealForm, security(("cookie" = [])), responses((status = 200, body = Revealed),
    (status = 401, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem),
    (status = 429, body = Problem, description = "too_many_reveals"), (status = 503, body = Problem)))]
pub(super) async fn reveal(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
    Body(RevealForm { field, reason }): Body<RevealForm>,
) -> Result<Json<Revealed>, Refusal> {
    let reason = reason.trim();
    if !REASON_CHARS.contains(&reason.chars().count()) {
        let (zh, en) = ("请填写查看原因（2 至 200 字）。", "Say why in 2 to 200 characters.");
        return Err(Refusal::invalid(zh, en));
    }
    let person = desk.store.person(&id).await?.ok_or_else(Refusal::unknown_person)?;
    let (me, now_us) = (&signed_in.me, desk.now_us());
    let word = match field {
        RevealedField::IdNumber => "id_number",
        RevealedField::Address => "address",
    };
    let asked = Reveal { account: &me.account, person: &id, field: word, reason };
    if !desk.store.note_reveal(asked, (now_us.saturating_sub(HOUR_US), REVEALS_MAX), now_us).await? {
        tracing::warn!(
            account = me.account,
            "somebody asked to see more than sixty masked things in an hour"
        );
        return Err(Refusal::too_many_reveals());
    }
    desk.log(me, "reveal", "person", &id).await?;
    let value = match field {
        RevealedField::IdNumber => {
            desk.store.id_number_of(&id).await?.map(|number| number.as_str().to_owned())
        }
        RevealedField::Address => Some(person.address).filter(|address| !address.is_empty()),
    };
    Ok(Json(Revealed { value }))
}

/// An address down to its district: 山东省滨州市滨城区黄河五路 -> 山东省滨州市滨城区***.
#[must_use]
pub(super) fn masked_address(address: &str) -> String {
    /// What ends the name of an area.
    const ENDS: [char; 6] = ['省', '市', '区', '县', '旗', '州'];
    /// Characters of an address without such an end that are shown.
    const SHOWN: usize = 3;
    let letters: Vec<char> = address.chars().collect();
    // Roads are named after towns: what follows the first road, number or village is no area any more.
    let street =
        letters.iter().position(|letter| matches!(letter, '路' | '街' | '道' | '村' | '号' | '镇' | '乡'));
    let area = &letters[..street.unwrap_or(letters.len())];
    let end =
        area.iter().rposition(|letter| ENDS.contains(letter)).map_or(SHOWN.min(area.len()), |at| at + 1);
    if letters.len() <= end {
        return address.to_owned();
    }
    letters[..end].iter().collect::<String>() + "***"
}

#[cfg(test)]
mod tests {
    use super::masked_address;

    #[test]
    fn an_address_is_shown_to_its_district() {
        for (address, shown) in [
            ("山东省滨州市滨城区黄河五路 661 号", "山东省滨州市滨城区***"),
            ("滨州市渤海七路", "滨州市***"),
            ("山东省滨州市", "山东省滨州市"),
            ("黄河五路 3 号", "黄河五***"),
            ("郑州路 5 号", "郑州***"),
            ("Main Street 1", "Mai***"),
            ("", ""),
        ] {
            assert_eq!(masked_address(address), shown, "{address}");
        }
    }
}
