//! One agent of the crowd, and what happens on its phone.

use super::{Crowd, FOREIGN_PAIRS_MAX, PRESSES_MAX, Patience, Reaction, Ringing, Stage, ToDo, wall_us};
use crate::pair::Pair;
use crate::plan::{AgentPlan, Side, national};
use crate::stream::StreamId;
use crate::voice::Voice;
use careline_sip::DialogId;
use std::time::{Duration, Instant};

/// What a phone answers that is already in use (RFC 3261 21.4.24).
const BUSY: u16 = 486;

#[derive(Debug)]
pub(super) struct Agent {
    pub id: String,
    pub plan: AgentPlan,
    /// The patient whose call this phone rings or talks for.
    pub call: Option<usize>,
    pub dialog: Option<DialogId>,
    pub stream: Option<StreamId>,
}

impl Agent {
    pub fn new(id: u32, plan: AgentPlan) -> Self {
        Self { id: id.to_string(), plan, call: None, dialog: None, stream: None }
    }
}

impl Crowd {
    pub(super) fn rings(&mut self, ringing: &Ringing) {
        let agent = self.agents.iter().position(|agent| agent.id == ringing.agent);
        let call = self.by_number.get(national(&ringing.caller)).copied();
        let (Some(agent), Some(index)) = (agent, call) else {
            self.phones.decline(ringing.dialog, 404);
            return;
        };
        if self.agents[agent].dialog.is_some() {
            self.patients[index].spoil("a phone in use was rung");
            self.phones.decline(ringing.dialog, BUSY);
            return;
        }
        self.agents[agent].call = Some(index);
        self.agents[agent].dialog = Some(ringing.dialog);
        self.agent_dialogs.insert(ringing.dialog, agent);
        let now = Instant::now();
        self.patients[index].presses = PRESSES_MAX; // it was understood
        if let Patience::Ringing { after_ms } = self.patients[index].plan.patience {
            self.agenda.note(now + Duration::from_millis(after_ms), ToDo::GiveUp(index));
        }
        let todo = ToDo::React { agent, dialog: ringing.dialog };
        match self.agents[agent].plan.react() {
            Reaction::Answer(after) => self.agenda.note(now + after, todo),
            Reaction::Decline(after) => {
                self.agents[agent].call = None; // declines instead of answering
                self.agenda.note(now + after, todo);
            }
            Reaction::Ignore => {}
        }
    }

    pub(super) fn react(&mut self, agent: usize, dialog: DialogId) {
        if self.agents[agent].dialog != Some(dialog) {
            return; // the ringing was taken back
        }
        let Some(index) = self.agents[agent].call else {
            self.phones.decline(dialog, BUSY);
            self.agent_free(dialog);
            return;
        };
        if !self.patients[index].stage.is_waiting() {
            return; // the patient has left: the CANCEL is on its way
        }
        let (pair, speech) = (self.agents[agent].plan.pair, self.voices.agents.piece(agent));
        match self.phones.answer(dialog, move |law| Voice::new(law, pair, &speech)) {
            Ok(stream) => {
                self.by_stream.insert(stream, (index, Side::Agent));
                self.agents[agent].stream = Some(stream);
                let patient = &mut self.patients[index];
                patient.stage = Stage::Talking { agent, dialog };
                patient.agent = Some(agent);
            }
            Err(error) => self.fail(index, &format!("the agent could not answer: {error:#}")),
        }
    }

    /// The ACK came: from now on both must hear each other.
    pub(super) fn joined(&mut self, dialog: DialogId) {
        let Some(&agent) = self.agent_dialogs.get(&dialog) else { return };
        let (Some(index), Some(agents_stream)) = (self.agents[agent].call, self.agents[agent].stream) else {
            return;
        };
        let foreign = self.foreign_pairs(index, agent);
        let patient = &mut self.patients[index];
        patient.connected_at_us = Some(wall_us());
        let streams = self.phones.streams();
        streams.expect(agents_stream, patient.plan.pair, foreign.clone());
        if let Some(stream) = patient.stream {
            streams.expect(stream, self.agents[agent].plan.pair, foreign);
        }
        self.agenda.note(Instant::now() + patient.plan.talk, ToDo::EndTalk(index));
    }

    /// The agent's phone is free again.
    pub(super) fn agent_free(&mut self, dialog: DialogId) {
        let Some(agent) = self.agent_dialogs.remove(&dialog) else { return };
        let agent = &mut self.agents[agent];
        agent.dialog = None;
        agent.call = None;
    }

    /// The agent's audio of this call is over.
    pub(super) fn agent_left(&mut self, agent: usize) {
        if let Some(dialog) = self.agents[agent].dialog {
            self.agent_free(dialog);
        }
        if let Some(stream) = self.agents[agent].stream.take() {
            self.phones.streams().close(stream);
        }
    }

    /// Pairs of other calls that are live now: hearing one of them is a wrong connection.
    fn foreign_pairs(&self, index: usize, agent: usize) -> Vec<Pair> {
        let others = self.patients.iter().enumerate().filter(|&(other, patient)| {
            other != index && patient.dialog.is_some() && patient.stage != Stage::Over
        });
        let agents = self.agents.iter().enumerate().filter(|&(other, _)| other != agent);
        let patients = others.map(|(_, patient)| patient.plan.pair).take(FOREIGN_PAIRS_MAX);
        patients.chain(agents.map(|(_, agent)| agent.plan.pair).take(FOREIGN_PAIRS_MAX)).collect()
    }
}
