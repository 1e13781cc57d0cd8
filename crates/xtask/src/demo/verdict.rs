//! Whether the views agree.

use super::Views;
use super::journal::{Counts, Journalled};
use serde::Serialize;

/// The demo's last line.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// As the simulator counted.
    #[serde(flatten)]
    calls: Counts,
    /// As the journal counted.
    recordings: u64,
    checks: Checks,
    /// Every view agrees, nothing unexpected happened.
    pub ok: bool,
    /// Where they do not agree, in words.
    #[serde(skip)]
    pub disagreements: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Checks {
    simulator: Counts,
    journal: Journalled,
    recordings_verified: u64,
    heard_both_ways: u64,
}

impl Verdict {
    /// Compares.
    pub fn of(views: &Views, journal: &Journalled) -> Self {
        let simulator = views.simulator;
        let mut disagreements = Vec::new();
        let mut same = |what: &str, simulator: u64, other: u64| {
            if simulator != other {
                disagreements.push(format!("{what}: the simulator says {simulator}, not {other}"));
            }
        };
        same("offered in the journal", simulator.offered, journal.calls.offered);
        same("answered in the journal", simulator.answered, journal.calls.answered);
        same("abandoned in the journal", simulator.abandoned, journal.calls.abandoned);
        same("other in the journal", simulator.other, journal.calls.other);
        same("recordings in the journal", simulator.answered, journal.recordings);
        same("recordings with the right voices", simulator.answered, views.recordings_verified);
        same("conversations heard both ways", simulator.answered, views.heard_both_ways);
        same("other than answered or abandoned", simulator.other, 0);
        Self {
            calls: simulator,
            recordings: journal.recordings,
            checks: Checks {
                simulator,
                journal: *journal,
                recordings_verified: views.recordings_verified,
                heard_both_ways: views.heard_both_ways,
            },
            ok: disagreements.is_empty() && views.failed.is_empty(),
            disagreements,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Views;
    use super::super::journal::{Counts, Journalled};
    use super::Verdict;

    fn views() -> Views {
        Views {
            simulator: Counts { offered: 3, answered: 2, abandoned: 1, other: 0 },
            heard_both_ways: 2,
            recordings_verified: 2,
            failed: Vec::new(),
        }
    }

    fn journal() -> Journalled {
        Journalled { calls: Counts { offered: 3, answered: 2, abandoned: 1, other: 0 }, recordings: 2 }
    }

    #[test]
    fn views_that_agree_are_good() {
        let verdict = Verdict::of(&views(), &journal());
        assert!(verdict.ok);
        let json = serde_json::to_value(&verdict).expect("JSON");
        assert_eq!((json["offered"].as_u64(), json["recordings"].as_u64()), (Some(3), Some(2)));
        assert_eq!(json["checks"]["journal"]["answered"], 2);
    }

    #[test]
    fn any_disagreement_is_told() {
        let mut lost = journal();
        lost.recordings = 1;
        assert!(!Verdict::of(&views(), &lost).ok);
        let mut unheard = views();
        unheard.heard_both_ways = 1;
        assert_eq!(Verdict::of(&unheard, &journal()).disagreements.len(), 1);
        let mut wrong = views();
        wrong.failed.push("the wrong side".into());
        assert!(!Verdict::of(&wrong, &journal()).ok);
    }
}
