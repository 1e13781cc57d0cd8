//! One patient of the crowd: where it is in its call and what becomes of it.

use super::agent::Agent;
use crate::ear::Heard;
use crate::phones::Dialled;
use crate::plan::PatientPlan;
use crate::report::{CallReport, Outcome};
use crate::stream::StreamId;
use crate::voice::{Speech, Voice};
use careline_audio::g711::Law;
use careline_sip::DialogId;

/// Where a patient is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Has not dialled yet, or waits for the answer.
    Dialled,
    /// Answered; the key is not pressed yet.
    Menu,
    /// Asked for a person.
    Queued,
    /// Hears an agent.
    Talking {
        /// Which.
        agent: usize,
        /// The agent's dialog.
        dialog: DialogId,
    },
    /// The agent has hung up.
    Parting,
    /// Over.
    Over,
}

impl Stage {
    pub(super) fn is_waiting(self) -> bool {
        matches!(self, Self::Dialled | Self::Menu | Self::Queued)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Dialled => "dialled",
            Self::Menu => "in the menu",
            Self::Queued => "in the queue",
            Self::Talking { .. } => "talking",
            Self::Parting => "parting",
            Self::Over => "over",
        }
    }
}

#[derive(Debug)]
pub(super) struct Patient {
    pub plan: PatientPlan,
    pub stage: Stage,
    pub dialog: Option<DialogId>,
    pub stream: Option<StreamId>,
    pub presses: u32,
    pub greeted: bool,
    pub agent: Option<usize>,
    pub heard: Option<Heard>,
    pub heard_by_agent: Option<Heard>,
    pub dialled_at_us: i64,
    pub connected_at_us: Option<i64>,
    call_id: String,
    ended_at_us: i64,
    outcome: Outcome,
    why: String,
}

impl Patient {
    pub fn new(plan: PatientPlan) -> Self {
        Self {
            plan,
            stage: Stage::Dialled,
            dialog: None,
            stream: None,
            presses: 0,
            greeted: false,
            agent: None,
            heard: None,
            heard_by_agent: None,
            dialled_at_us: 0,
            connected_at_us: None,
            call_id: String::new(),
            ended_at_us: 0,
            outcome: Outcome::Other,
            why: "never dialled".into(),
        }
    }

    pub fn dialled(&mut self, dialled: Dialled) {
        self.dialog = Some(dialled.dialog);
        self.stream = Some(dialled.stream);
        self.call_id = dialled.call_id;
    }

    pub fn voice(&self, speech: &Speech) -> impl FnOnce(Law) -> Voice + use<> {
        let (pair, piece) = (self.plan.pair, speech.piece(self.plan.speech));
        move |law| Voice::new(law, pair, &piece)
    }

    pub fn finish(&mut self, outcome: Outcome, why: &str, at_us: i64) {
        self.stage = Stage::Over;
        self.outcome = outcome;
        self.why = why.to_owned();
        self.ended_at_us = at_us;
    }

    /// Something was wrong after the end.
    pub fn spoil(&mut self, why: &str) {
        self.outcome = Outcome::Other;
        self.why = why.to_owned();
    }

    /// Nothing more can come of it.
    pub fn is_done(&self) -> bool {
        let ears = self.stream.is_none() || self.heard.is_some();
        let agents_ear = self.agent.is_none() || self.heard_by_agent.is_some();
        matches!(self.stage, Stage::Over) && ears && agents_ear
    }

    pub fn report(self, agents: &[Agent]) -> CallReport {
        let agent = self.agent.map(|index| &agents[index]);
        let (patient_ear, agent_ear) =
            (self.heard.unwrap_or_default(), self.heard_by_agent.unwrap_or_default());
        CallReport {
            caller: self.plan.number,
            call_id: self.call_id,
            outcome: self.outcome,
            why: self.why,
            agent: agent.map(|agent| agent.id.clone()),
            patient_tones: self.plan.pair,
            agent_tones: agent.map(|agent| agent.plan.pair),
            patience: self.plan.patience,
            dialled_at_us: self.dialled_at_us,
            connected_at_us: self.connected_at_us,
            ended_at_us: self.ended_at_us,
            heard_by_patient: patient_ear.is_good(),
            heard_by_agent: agent_ear.is_good(),
            patient_ear,
            agent_ear,
        }
    }
}
