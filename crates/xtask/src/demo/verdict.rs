//! Whether the views agree.

use super::Views;
use super::journal::{Counts, Journalled};
use super::remembered::Remembered;
use serde::Serialize;

/// The demo's last line.
#[derive(Debug, Serialize)]
pub struct Verdict {
    /// As the simulator counted.
    #[serde(flatten)]
    calls: Counts,
    /// As the journal counted.
    recordings: u64,
    /// Calls in the desk's history.
    desk_rows: u64,
    /// Events that the desk lacks.
    event_holes: u64,
    /// Events that the desk has and should not.
    event_repeats: u64,
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
    desk: Counts,
    recordings_verified: u64,
    heard_both_ways: u64,
}

impl Verdict {
    /// Compares.
    pub fn of(views: &Views, journal: &Journalled, desk: &Remembered) -> Self {
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
        let mut as_journalled = |what: &str, journal: u64, desk: u64| {
            if journal != desk {
                disagreements.push(format!("{what}: the desk says {desk}, the journal says {journal}"));
            }
        };
        as_journalled("offered", journal.calls.offered, desk.calls.offered);
        as_journalled("answered", journal.calls.answered, desk.calls.answered);
        as_journalled("abandoned", journal.calls.abandoned, desk.calls.abandoned);
        as_journalled("other", journal.calls.other, desk.calls.other);
        as_journalled("dialled", journal.dialled, desk.dialled);
        as_journalled("calls in the history", journal.calls.offered + journal.dialled, desk.desk_rows);
        as_journalled("events that are missing", 0, desk.event_holes);
        as_journalled("events that are there twice or are not the journal's", 0, desk.event_repeats);
        disagreements.extend(desk.failed.iter().cloned());
        Self {
            calls: simulator,
            recordings: journal.recordings,
            desk_rows: desk.desk_rows,
            event_holes: desk.event_holes,
            event_repeats: desk.event_repeats,
            checks: Checks {
                simulator,
                journal: *journal,
                desk: desk.calls,
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
    use super::super::remembered::Remembered;
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
        let calls = Counts { offered: 3, answered: 2, abandoned: 1, other: 0 };
        Journalled { calls, dialled: 0, recordings: 2 }
    }

    fn desk() -> Remembered {
        Remembered { calls: journal().calls, desk_rows: 3, ..Remembered::default() }
    }

    #[test]
    fn views_that_agree_are_good() {
        let verdict = Verdict::of(&views(), &journal(), &desk());
        assert!(verdict.ok);
        let json = serde_json::to_value(&verdict).expect("JSON");
        assert_eq!((json["offered"].as_u64(), json["recordings"].as_u64()), (Some(3), Some(2)));
        assert_eq!(json["checks"]["journal"]["answered"], 2);
        assert_eq!(
            (json["desk_rows"].as_u64(), json["checks"]["desk"]["offered"].as_u64()),
            (Some(3), Some(3))
        );
    }

    #[test]
    fn any_disagreement_is_told() {
        let mut lost = journal();
        lost.recordings = 1;
        assert!(!Verdict::of(&views(), &lost, &desk()).ok);
        let mut unheard = views();
        unheard.heard_both_ways = 1;
        assert_eq!(Verdict::of(&unheard, &journal(), &desk()).disagreements.len(), 1);
        let mut wrong = views();
        wrong.failed.push("the wrong side".into());
        assert!(!Verdict::of(&wrong, &journal(), &desk()).ok);
    }

    #[test]
    fn a_desk_that_forgot_or_doubled_something_is_told() {
        let of = |desk: Remembered| Verdict::of(&views(), &journal(), &desk).disagreements.len();
        assert_eq!(of(Remembered { event_holes: 1, ..desk() }), 1);
        assert_eq!(of(Remembered { event_repeats: 2, ..desk() }), 1);
        assert_eq!(of(Remembered { desk_rows: 2, ..desk() }), 1);
        assert_eq!(of(Remembered { failed: vec!["late".into()], ..desk() }), 1);
        let dialled = Journalled { dialled: 1, ..journal() };
        let with = Remembered { dialled: 1, desk_rows: 4, ..desk() };
        assert!(Verdict::of(&views(), &dialled, &with).ok, "what agents dial is a row too");
        assert_eq!(Verdict::of(&views(), &dialled, &desk()).disagreements.len(), 2);
    }
}
