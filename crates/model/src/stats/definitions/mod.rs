//! The one library of metrics (CF 3): what a figure is called, how it is computed, which clock it reads. Wallboard and
//! report take their figures from here, so that both say the same.
//!
//! Letters of the formulas: `O` offered, `A` answered, `B` abandoned (long), `S` short abandons, `F` flow-outs,
//! `A_N` answered within N seconds and so on; the sum sign adds over the cell. What is not told by events is not here:
//! hold is part of talk.

mod agent;
mod later;
mod line;
mod queue;

pub use super::service_level::{Sl3, Terms};

use super::cell::Cell;
use serde::Serialize;

/// A figure's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A whole number.
    Count,
    /// A share, 0 to 1. In cells by event it may exceed 1: what ends in an interval need not have begun in it.
    Share,
    /// Seconds.
    Seconds,
}

/// Whose cells a metric says something about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A queue, or several together.
    Queue,
    /// An agent, or several together.
    Agent,
    /// A line, or calls that agents dialled.
    Line,
}

/// Which entries stand in the denominator, beside those that were answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Includes {
    /// Abandoned (long).
    pub abandoned: bool,
    /// Short abandons.
    pub short_abandoned: bool,
    /// Flow-outs.
    pub flow_out: bool,
    /// Entries lost by our fault.
    pub system_fault: bool,
    /// Entries that still wait.
    pub waiting: bool,
}

impl Includes {
    const ANSWERED: Self = Self {
        abandoned: false,
        short_abandoned: false,
        flow_out: false,
        system_fault: false,
        waiting: false,
    };
    const OFFERED: Self =
        Self { abandoned: true, short_abandoned: true, flow_out: true, system_fault: true, waiting: true };
    const WITHOUT_SHORT: Self = Self { short_abandoned: false, ..Self::OFFERED };
}

/// One metric.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Metric {
    /// Its id, which does not change: `asa`.
    pub id: &'static str,
    /// The name on Chinese screens.
    pub zh: &'static str,
    /// The name on English screens.
    pub en: &'static str,
    /// The letter of a service level, to be shown with it: `CN`, `SL5`.
    pub letter: Option<&'static str>,
    /// How it is computed.
    pub formula: &'static str,
    /// What starts its clock; nothing when it is not about time.
    pub starts: Option<&'static str>,
    /// What stops its clock.
    pub stops: Option<&'static str>,
    /// What it is counted in.
    pub unit: Unit,
    /// Whose cells it is for.
    pub subjects: &'static [Subject],
    /// Which entries are in the denominator; nothing when that is not made of entries. SL3: see
    /// [`Metric::includes_under`].
    pub includes: Option<Includes>,
    #[serde(skip)]
    value: fn(&Cell, &Terms) -> Option<f64>,
}

impl Metric {
    /// The figure for a cell, or for a sum of cells. Nothing when there is nothing to divide by.
    #[must_use]
    pub fn value(&self, cell: &Cell, terms: &Terms) -> Option<f64> {
        (self.value)(cell, terms)
    }

    /// Which entries are in the denominator under these terms: SL3 has switches.
    #[must_use]
    pub fn includes_under(&self, terms: &Terms) -> Option<Includes> {
        let Sl3 { abandoned, short_abandoned, flow_out } = terms.sl3;
        match self.letter {
            Some("SL3") => Some(Includes { abandoned, short_abandoned, flow_out, ..Includes::ANSWERED }),
            _ => self.includes,
        }
    }
}

/// All metrics: of queues, of agents, of lines.
pub fn metrics() -> impl Iterator<Item = &'static Metric> {
    queue::METRICS.iter().chain(agent::METRICS).chain(line::METRICS).chain(later::METRICS)
}

/// The metric of this id.
#[must_use]
pub fn metric(id: &str) -> Option<&'static Metric> {
    metrics().find(|metric| metric.id == id)
}

/// What the tables below are filled up from: a count about queues.
const COUNT: Metric = Metric {
    id: "",
    zh: "",
    en: "",
    letter: None,
    formula: "",
    starts: None,
    stops: None,
    unit: Unit::Count,
    subjects: &[Subject::Queue],
    includes: None,
    value: |_, _| None,
};

fn whole(count: impl Into<i64>) -> Option<f64> {
    Some(count.into() as f64)
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

fn seconds_of_us(us: u64) -> f64 {
    us as f64 / 1_000_000.0
}

/// So many seconds for each of so many.
fn mean(sum_ms: u64, count: u32) -> Option<f64> {
    (count > 0).then(|| seconds(sum_ms) / f64::from(count))
}

/// A share of time.
fn share_of_us(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
