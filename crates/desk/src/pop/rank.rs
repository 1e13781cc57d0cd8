//! Who is likely to be calling: a score from what is known of each person and the number. The agent chooses; the score
//! only orders.

use crate::storage::{Person, PhoneRow};
use std::cmp::Reverse;

/// Candidates that are shown; the rest is found by searching.
pub const CANDIDATES_MAX: usize = 12;

const OWNER: i32 = 20;
const AUTHORISED: i32 = 15;
const SEEN_LATELY: i32 = 10;
const SEEN_LONG_AGO: i32 = 5;
const SHARED: i32 = -15;

const DAY_US: i64 = 86_400_000_000;
/// "Lately" on this number.
const LATELY_US: i64 = 30 * DAY_US;
/// Before that a call from this number says nothing.
const LONG_AGO_US: i64 = 365 * DAY_US;

/// What speaks for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// Who.
    pub person: Person,
    /// The entry of the number in the person's file; nothing when they only called from it.
    pub phone: Option<PhoneRow>,
    /// The last call from this number that was theirs, UTC microseconds.
    pub seen_us: Option<i64>,
}

/// A claim with its weight.
#[derive(Debug, Clone, PartialEq)]
pub struct RankedClaim {
    /// The claim.
    pub claim: Claim,
    /// The more the likelier.
    pub score: i32,
    /// Why, in the words of [`super::Candidate::reasons`].
    pub reasons: Vec<&'static str>,
}

/// Orders claims by score; equal ones by the priority of the number, the last call from it, and the name. At most
/// [`CANDIDATES_MAX`], and each person once: of two claims of a person the better one.
#[must_use]
pub fn rank(claims: Vec<Claim>, now_us: i64) -> Vec<RankedClaim> {
    let mut ranked: Vec<RankedClaim> = claims.into_iter().map(|claim| weigh(claim, now_us)).collect();
    ranked.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut kept: Vec<RankedClaim> = Vec::new();
    for claim in ranked {
        if kept.len() == CANDIDATES_MAX {
            break;
        }
        if kept.iter().all(|before| before.claim.person.id != claim.claim.person.id) {
            kept.push(claim);
        }
    }
    kept
}

fn key(ranked: &RankedClaim) -> impl Ord + '_ {
    let Claim { person, phone, seen_us } = &ranked.claim;
    let priority = phone.as_ref().map_or(i64::MAX, |phone| phone.priority);
    (Reverse(ranked.score), priority, Reverse(*seen_us), &person.name, &person.id)
}

fn weigh(claim: Claim, now_us: i64) -> RankedClaim {
    let mut score = 0;
    let mut reasons = Vec::new();
    if let Some(phone) = &claim.phone {
        if phone.relation == "self" {
            score += OWNER;
            reasons.push("owner");
        } else if phone.authorised {
            score += AUTHORISED;
            reasons.push("authorised");
        } else {
            reasons.push("contact");
        }
        if phone.shared {
            score += SHARED;
            reasons.push("shared");
        }
    }
    match claim.seen_us.map(|seen_us| now_us.saturating_sub(seen_us)) {
        Some(age_us) if age_us <= LATELY_US => {
            score += SEEN_LATELY;
            reasons.push("seen_here");
        }
        Some(age_us) if age_us <= LONG_AGO_US => {
            score += SEEN_LONG_AGO;
            reasons.push("seen_here");
        }
        Some(_) | None => {}
    }
    RankedClaim { claim, score, reasons }
}
