//! The variants of the service level (CF 3.2). Each has its letter, as the same day is 95 % by one and 70 % by another.
//!
//! In the formulas: `A` answered, `B` abandoned (long), `S` short abandons, `F` flow-outs, `O` offered; `A_N` and the like
//! within N seconds.

use super::entries::{Entries, Threshold, WayOut};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What a figure depends on besides what was counted. It is stored with a report, so that an old one can be read again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// `N` of the service levels; 20 seconds unless said otherwise.
    pub within: Threshold,
    /// What stands in the denominator of SL3.
    pub sl3: Sl3,
    /// Reason codes of not-ready time that count as working time (外呼, 工单处理), for utilisation.
    pub productive: BTreeSet<String>,
}

/// The switches of SL3: who stands in the denominator beside those that were answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sl3 {
    /// Abandoned (long).
    pub abandoned: bool,
    /// Short abandons.
    pub short_abandoned: bool,
    /// Flow-outs.
    pub flow_out: bool,
}

impl Default for Sl3 {
    /// With those who abandoned, without short abandons and flow-outs.
    fn default() -> Self {
        Self { abandoned: true, short_abandoned: false, flow_out: false }
    }
}

/// A share of whole numbers; nothing when there is nothing to have a share of.
pub(super) fn share(part: impl Into<i64>, whole: impl Into<i64>) -> Option<f64> {
    let (part, whole) = (part.into(), whole.into());
    // Counts of one cell are far below 2^52: exact.
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn count(entries: &Entries, way: WayOut) -> i64 {
    i64::from(entries.of(way))
}

/// CN: `A_N / O`.
pub(super) fn cn(entries: &Entries, terms: &Terms) -> Option<f64> {
    share(entries.answered_within.of(terms.within), entries.offered)
}

/// SL1: `A_N / A`.
pub(super) fn sl1(entries: &Entries, terms: &Terms) -> Option<f64> {
    share(entries.answered_within.of(terms.within), count(entries, WayOut::Answered))
}

/// SL2: `(A_N + B_N) / (A + B)`.
pub(super) fn sl2(entries: &Entries, terms: &Terms) -> Option<f64> {
    let within = i64::from(entries.answered_within.of(terms.within))
        + i64::from(entries.abandoned_within.of(terms.within));
    share(within, count(entries, WayOut::Answered) + count(entries, WayOut::Abandoned))
}

/// SL3: `A_N / (A [+ B] [+ S] [+ F])`.
pub(super) fn sl3(entries: &Entries, terms: &Terms) -> Option<f64> {
    let switched = [
        (terms.sl3.abandoned, WayOut::Abandoned),
        (terms.sl3.short_abandoned, WayOut::ShortAbandoned),
        (terms.sl3.flow_out, WayOut::FlowOut),
    ];
    let beside: i64 = switched.iter().filter(|(on, _)| *on).map(|(_, way)| count(entries, *way)).sum();
    share(entries.answered_within.of(terms.within), count(entries, WayOut::Answered) + beside)
}

/// SL4: `(A_N + B_N + S_N) / O`.
pub(super) fn sl4(entries: &Entries, terms: &Terms) -> Option<f64> {
    let left = [&entries.answered_within, &entries.abandoned_within, &entries.short_abandoned_within];
    let within: i64 = left.iter().map(|within| i64::from(within.of(terms.within))).sum();
    share(within, entries.offered)
}

/// SL5: `A_N / (O - S)`.
pub(super) fn sl5(entries: &Entries, terms: &Terms) -> Option<f64> {
    let meant = i64::from(entries.offered) - count(entries, WayOut::ShortAbandoned);
    share(entries.answered_within.of(terms.within), meant)
}
