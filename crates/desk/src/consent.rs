//! What a person allows, and whether they may be called for something (可联系性).
//!
//! Consents are rows that are only added; what holds is the newest word of each purpose. Care after a stay rests on the
//! treatment unless somebody said no; everything that is not care needs a yes (PIPL art. 13, 14, 29). Whoever died, or lies
//! in the hospital again, is not called for a follow-up of the stay before.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What something is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Calls after a stay, about getting well.
    CareFollowup,
    /// Questions about how content somebody is.
    Survey,
    /// Offers.
    Marketing,
    /// Text messages.
    Sms,
    /// Recordings used for training.
    RecordingUse,
    /// Telling the family.
    FamilyDisclosure,
    /// Research.
    Research,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::CareFollowup,
        Self::Survey,
        Self::Marketing,
        Self::Sms,
        Self::RecordingUse,
        Self::FamilyDisclosure,
        Self::Research,
    ];

    /// Its word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CareFollowup => "care_followup",
            Self::Survey => "survey",
            Self::Marketing => "marketing",
            Self::Sms => "sms",
            Self::RecordingUse => "recording_use",
            Self::FamilyDisclosure => "family_disclosure",
            Self::Research => "research",
        }
    }

    /// The purpose of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// Nobody has to be asked: it belongs to the treatment.
    #[must_use]
    pub const fn rests_on_treatment(self) -> bool {
        matches!(self, Self::CareFollowup | Self::Sms)
    }
}

/// What somebody said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// Yes.
    Granted,
    /// Not any more.
    Withdrawn,
    /// No.
    Refused,
}

impl ConsentState {
    /// Its word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Withdrawn => "withdrawn",
            Self::Refused => "refused",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Granted, Self::Withdrawn, Self::Refused].into_iter().find(|state| state.as_str() == word)
    }
}

/// What holds of one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// The newest word.
    pub state: ConsentState,
    /// It holds until then, UTC microseconds.
    pub until_us: Option<i64>,
}

impl Consent {
    /// Whether it is a yes at this moment.
    #[must_use]
    pub fn is_granted(&self, now_us: i64) -> bool {
        self.state == ConsentState::Granted && self.until_us.is_none_or(|until_us| now_us < until_us)
    }
}

/// What else is known of somebody who shall be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Circumstances {
    /// Died.
    pub deceased: bool,
    /// Lies in the hospital now.
    pub in_hospital: bool,
    /// Has a number that may be called.
    pub has_number: bool,
}

/// Why somebody is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// Died.
    Deceased,
    /// Said no, or not any more.
    OptedOut,
    /// Was not asked, and has to be.
    NotAsked,
    /// Lies in the hospital again.
    InHospital,
    /// There is no number.
    NoNumber,
}

/// Whether somebody may be called for a purpose; nothing speaks against it when nothing comes back.
#[must_use]
pub fn obstacle(
    purpose: Purpose,
    consent: Option<Consent>,
    circumstances: Circumstances,
    now_us: i64,
) -> Option<Obstacle> {
    if circumstances.deceased {
        return Some(Obstacle::Deceased);
    }
    match consent {
        Some(consent) if consent.state != ConsentState::Granted => return Some(Obstacle::OptedOut),
        Some(consent) if consent.is_granted(now_us) => {}
        // A yes that has run out is none.
        Some(_) | None if purpose.rests_on_treatment() => {}
        Some(_) | None => return Some(Obstacle::NotAsked),
    }
    if purpose == Purpose::CareFollowup && circumstances.in_hospital {
        return Some(Obstacle::InHospital);
    }
    (!circumstances.has_number).then_some(Obstacle::NoNumber)
}

/// Of what two files of one person say, what holds for the one: the stricter word, and of two yeses the shorter one.
#[must_use]
pub fn stricter(one: Option<Consent>, other: Option<Consent>) -> Option<Consent> {
    match (one, other) {
        (Some(one), Some(other)) => {
            let end = |consent: Consent| consent.until_us.unwrap_or(i64::MAX);
            let first_is =
                (one.state, std::cmp::Reverse(end(one))) >= (other.state, std::cmp::Reverse(end(other)));
            Some(if first_is { one } else { other })
        }
        // Whoever was asked once and said yes there was not asked here.
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::{Circumstances, Consent, ConsentState, Obstacle, Purpose, obstacle, stricter};
    use ConsentState::{Granted, Refused, Withdrawn};

    const NOW_US: i64 = 1_000;
    const WELL: Circumstances = Circumstances { deceased: false, in_hospital: false, has_number: true };

    fn said(state: ConsentState, until_us: Option<i64>) -> Option<Consent> {
        Some(Consent { state, until_us })
    }

    #[test]
    fn care_needs_no_yes_and_offers_do() {
        let of = |purpose, consent| obstacle(purpose, consent, WELL, NOW_US);
        assert_eq!(of(Purpose::CareFollowup, None), None);
        for purpose in [Purpose::Survey, Purpose::Marketing, Purpose::Research] {
            assert_eq!(of(purpose, None), Some(Obstacle::NotAsked));
            assert_eq!(of(purpose, said(Granted, None)), None);
            assert_eq!(of(purpose, said(Granted, Some(NOW_US))), Some(Obstacle::NotAsked), "it has run out");
            assert_eq!(of(purpose, said(Granted, Some(NOW_US + 1))), None);
        }
        for purpose in Purpose::ALL {
            assert_eq!(of(purpose, said(Refused, None)), Some(Obstacle::OptedOut), "{purpose:?}");
            assert_eq!(of(purpose, said(Withdrawn, None)), Some(Obstacle::OptedOut), "{purpose:?}");
            assert_eq!(Purpose::of(purpose.as_str()), Some(purpose));
        }
        assert_eq!(Purpose::of("anything"), None);
    }

    #[test]
    fn the_dead_are_never_called_and_patients_not_for_the_stay_before() {
        for purpose in Purpose::ALL {
            let dead = Circumstances { deceased: true, ..WELL };
            assert_eq!(obstacle(purpose, said(Granted, None), dead, NOW_US), Some(Obstacle::Deceased));
        }
        let again = Circumstances { in_hospital: true, ..WELL };
        assert_eq!(obstacle(Purpose::CareFollowup, None, again, NOW_US), Some(Obstacle::InHospital));
        assert_eq!(obstacle(Purpose::Survey, said(Granted, None), again, NOW_US), None);
        let silent = Circumstances { has_number: false, ..WELL };
        assert_eq!(obstacle(Purpose::CareFollowup, None, silent, NOW_US), Some(Obstacle::NoNumber));
    }

    #[test]
    fn of_two_files_the_stricter_word_holds() {
        for (one, other, holds) in [
            (said(Granted, None), said(Refused, None), said(Refused, None)),
            (said(Withdrawn, None), said(Granted, None), said(Withdrawn, None)),
            (said(Granted, None), said(Granted, Some(5)), said(Granted, Some(5))),
            (said(Granted, Some(7)), said(Granted, Some(5)), said(Granted, Some(5))),
            (None, said(Granted, None), said(Granted, None)),
            (None, None, None),
        ] {
            assert_eq!(stricter(one, other), holds, "{one:?} {other:?}");
            assert_eq!(stricter(other, one), holds, "{other:?} {one:?}");
        }
    }
}
