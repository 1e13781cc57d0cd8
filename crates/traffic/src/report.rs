//! What a run tells: one entry per call and the totals.

use crate::ear::Heard;
use crate::pair::Pair;
use crate::plan::Patience;
use serde::{Deserialize, Serialize};

/// How a call went, as the simulator saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Patient and agent talked.
    Answered,
    /// The patient gave up as planned.
    Abandoned,
    /// Anything else; see [`CallReport::why`].
    Other,
}

/// One call.
#[derive(Debug, Clone, Serialize)]
pub struct CallReport {
    /// The patient's number.
    pub caller: String,
    /// The SIP Call-ID of the patient's leg.
    pub call_id: String,
    /// How it went.
    pub outcome: Outcome,
    /// What was unexpected; empty otherwise.
    pub why: String,
    /// The agent's id, when one answered.
    pub agent: Option<String>,
    /// The patient's tones, Hz.
    pub patient_tones: Pair,
    /// The agent's tones, Hz.
    pub agent_tones: Option<Pair>,
    /// Where the plan had it give up.
    pub patience: Patience,
    /// UTC microseconds: dialled.
    pub dialled_at_us: i64,
    /// UTC microseconds: the agent answered.
    pub connected_at_us: Option<i64>,
    /// UTC microseconds: over.
    pub ended_at_us: i64,
    /// The patient heard the agent's pair and nobody else's.
    pub heard_by_patient: bool,
    /// The agent heard the patient's pair and nobody else's.
    pub heard_by_agent: bool,
    /// What the patient's ear counted.
    pub patient_ear: Heard,
    /// What the agent's ear counted.
    pub agent_ear: Heard,
}

/// All calls in four numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Dialled.
    pub offered: u32,
    /// [`Outcome::Answered`].
    pub answered: u32,
    /// [`Outcome::Abandoned`].
    pub abandoned: u32,
    /// [`Outcome::Other`].
    pub other: u32,
    /// Answered, but not heard both ways.
    pub unheard: u32,
}

impl Totals {
    /// Counts.
    #[must_use]
    pub fn of(calls: &[CallReport]) -> Self {
        let mut totals = Self::default();
        for call in calls {
            totals.offered += 1;
            match call.outcome {
                Outcome::Answered => totals.answered += 1,
                Outcome::Abandoned => totals.abandoned += 1,
                Outcome::Other => totals.other += 1,
            }
            if call.outcome == Outcome::Answered && !(call.heard_by_patient && call.heard_by_agent) {
                totals.unheard += 1;
            }
        }
        totals
    }

    /// Whether everything went as it should.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.other == 0 && self.unheard == 0
    }
}

/// The report file.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The seed of the plan.
    pub seed: u64,
    /// In the order of their arrival.
    pub calls: Vec<CallReport>,
    /// All of them.
    pub totals: Totals,
    /// Furthest that the RTP thread was behind its clock, milliseconds: above 20 the figures are the machine's.
    pub pace_behind_max_ms: u64,
}
