//! `careline-traffic calls`: a crowd of patients and agents that lives through its plan, call by call.
//!
//! ```text
//! patient:  due -> Dialled -> Menu --0--> Queued -> Talking -> Over
//!                     |        |            |          |
//!                     +--------+-- gives up +          +-- either side hangs up
//! agent:    free -> rings -> (answers | declines | lets it ring) -> talks -> free
//! ```

mod agent;
mod patient;

use crate::agenda::Agenda;
use crate::draw::Draw;
use crate::phones::{Account, Happened, Phones, PhonesOptions, Ringing};
use crate::plan::{Patience, Plan, PlanOptions, Reaction, Side, national};
use crate::report::{CallReport, Outcome, Report, Totals};
use crate::stream::{News, StreamId};
use crate::voice::Speech;
use agent::Agent;
use careline_sip::{DialogId, Event};
use patient::{Patient, Stage};
use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// From the answer to the first sound.
const GREETING_WITHIN: Duration = Duration::from_secs(5);
/// The other leg must be hung up on within this after one side ended the talk.
const OTHER_SIDE_WITHIN: Duration = Duration::from_secs(5);
/// The key is pressed again after this until a phone rings: a word that may not be interrupted swallows keys.
const PRESS_EVERY: Duration = Duration::from_millis(2500);
/// ... at most so often.
const PRESSES_MAX: u32 = 10;
/// Longest registration asked for.
const EXPIRES_S: u32 = 3600;
/// Pairs of other live calls that each ear listens for besides its own.
const FOREIGN_PAIRS_MAX: usize = 3;
/// The generator stream for tags and branches, apart from those of the plan.
const SIP_STREAM: u64 = u64::MAX;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct CallsOptions {
    /// Where everybody is.
    pub phones: PhonesOptions,
    /// The crowd.
    pub plan: PlanOptions,
    /// The number that patients dial.
    pub number: String,
    /// Id of the first agent; the others count up.
    pub first_agent: u32,
    /// An agent's password is this and its id.
    pub password_prefix: String,
    /// A call that takes longer in all is ended as unserved.
    pub call_max: Duration,
}

/// What people say between their tones.
#[derive(Debug, Clone, Default)]
pub struct Voices {
    /// The patients.
    pub patients: Speech,
    /// The agents.
    pub agents: Speech,
}

/// What the crowd has noted to do.
#[derive(Debug, Clone, Copy)]
enum ToDo {
    Dial(usize),
    Press(usize),
    GiveUp(usize),
    EndTalk(usize),
    NoGreeting(usize),
    Unserved(usize),
    NotEnded(usize),
    React { agent: usize, dialog: DialogId },
}

struct Crowd {
    phones: Phones,
    agenda: Agenda<ToDo>,
    patients: Vec<Patient>,
    agents: Vec<Agent>,
    voices: Voices,
    /// By the national form of the patient's number.
    by_number: BTreeMap<String, usize>,
    by_dialog: BTreeMap<DialogId, usize>,
    by_stream: BTreeMap<StreamId, (usize, Side)>,
    agent_dialogs: BTreeMap<DialogId, usize>,
    options: CallsOptions,
}

/// Lives through the whole plan.
///
/// # Errors
/// When the phones cannot be bound or registered; whatever goes wrong in a call is in the report.
pub async fn run(options: CallsOptions, voices: Voices) -> anyhow::Result<Report> {
    let plan = Plan::draw(&options.plan)?;
    let rng = Draw::new(options.plan.seed, SIP_STREAM).into_rng();
    let phones = Phones::bind(options.phones.clone(), rng).await?;
    let agents: Vec<Agent> =
        (options.first_agent..).zip(plan.agents).map(|(id, plan)| Agent::new(id, plan)).collect();
    let accounts: Vec<Account> = agents
        .iter()
        .map(|agent| Account {
            agent: agent.id.clone(),
            password: format!("{}{}", options.password_prefix, agent.id),
        })
        .collect();
    let numbers = plan.patients.iter().map(|plan| national(&plan.number).to_owned());
    let by_number = numbers.zip(0..).collect();
    let mut crowd = Crowd {
        phones,
        agenda: Agenda::default(),
        patients: plan.patients.into_iter().map(Patient::new).collect(),
        agents,
        voices,
        by_number,
        by_dialog: BTreeMap::new(),
        by_stream: BTreeMap::new(),
        agent_dialogs: BTreeMap::new(),
        options,
    };
    crowd.phones.register(&accounts, EXPIRES_S).await?;
    crowd.live().await;
    crowd.phones.register(&accounts, 0).await?;
    Ok(crowd.report())
}

impl Crowd {
    async fn live(&mut self) {
        let start = Instant::now();
        for (index, patient) in self.patients.iter().enumerate() {
            self.agenda.note(start + patient.plan.arrives_at, ToDo::Dial(index));
        }
        while !self.is_done() {
            match self.phones.next(self.agenda.next()).await {
                Happened::Rings(ringing) => self.rings(&ringing),
                Happened::Dialog(event) => self.dialog(event),
                Happened::Rtp(news) => self.rtp(news),
                Happened::Deadline => {}
            }
            while let Some(todo) = self.agenda.due(Instant::now()) {
                self.obey(todo);
            }
        }
    }

    /// Everybody is at home and every ear has told.
    fn is_done(&self) -> bool {
        self.patients.iter().all(Patient::is_done) && self.agents.iter().all(|agent| agent.dialog.is_none())
    }

    fn obey(&mut self, todo: ToDo) {
        match todo {
            ToDo::Dial(index) => self.dial(index),
            ToDo::Press(index) => self.press(index),
            ToDo::GiveUp(index) => self.give_up(index),
            ToDo::EndTalk(index) => self.end_talk(index),
            ToDo::NoGreeting(index) if !self.patients[index].greeted => {
                self.fail(index, "no greeting was heard")
            }
            ToDo::NoGreeting(_) => {}
            ToDo::Unserved(index) => self.fail(index, "not served in time"),
            ToDo::NotEnded(index) => self.not_ended(index),
            ToDo::React { agent, dialog } => self.react(agent, dialog),
        }
    }

    fn dial(&mut self, index: usize) {
        let number = self.options.number.clone();
        let caller = self.patients[index].plan.number.clone();
        self.patients[index].dialled_at_us = wall_us();
        match self.phones.dial(&caller, &number) {
            Ok(dialled) => {
                self.by_dialog.insert(dialled.dialog, index);
                self.by_stream.insert(dialled.stream, (index, Side::Patient));
                self.patients[index].dialled(dialled);
                self.agenda.note(Instant::now() + self.options.call_max, ToDo::Unserved(index));
            }
            Err(error) => self.fail(index, &format!("could not dial: {error:#}")),
        }
    }

    fn press(&mut self, index: usize) {
        let patient = &mut self.patients[index];
        if !matches!(patient.stage, Stage::Menu | Stage::Queued) || patient.presses == PRESSES_MAX {
            return;
        }
        let now = Instant::now();
        if let Some(stream) = patient.stream {
            self.phones.streams().press(stream, '0');
        }
        if patient.presses == 0 {
            patient.stage = Stage::Queued;
            if let Patience::Queue { after_ms } = patient.plan.patience {
                self.agenda.note(now + Duration::from_millis(after_ms), ToDo::GiveUp(index));
            }
        }
        patient.presses += 1;
        self.agenda.note(now + PRESS_EVERY, ToDo::Press(index));
    }

    fn give_up(&mut self, index: usize) {
        if self.patients[index].stage.is_waiting() {
            self.over(index, Outcome::Abandoned, "");
        }
    }

    /// Ends a call that went wrong, unless it is over already.
    fn fail(&mut self, index: usize, why: &str) {
        if !matches!(self.patients[index].stage, Stage::Over) {
            self.over(index, Outcome::Other, why);
        }
    }

    /// The patient's side is over: hung up if it was not, audio closed, the agent's leg with it.
    fn over(&mut self, index: usize, outcome: Outcome, why: &str) {
        let now = Instant::now();
        let patient = &mut self.patients[index];
        patient.finish(outcome, why, wall_us());
        if let Some(dialog) = patient.dialog.take() {
            self.phones.hang_up(dialog);
        }
        if let Some(stream) = patient.stream {
            self.phones.streams().close(stream);
        }
        self.agenda.note(now + OTHER_SIDE_WITHIN, ToDo::NotEnded(index));
    }

    fn dialog(&mut self, event: Event) {
        match event {
            Event::Answered { dialog, sdp } => self.answered(dialog, sdp.as_deref()),
            Event::Refused { dialog, status, .. } => {
                if let Some(index) = self.by_dialog.remove(&dialog) {
                    self.patients[index].dialog = None;
                    self.fail(index, &format!("refused with {status}"));
                }
            }
            Event::Acked { dialog, .. } => self.joined(dialog),
            Event::Cancelled { dialog, .. } => self.agent_free(dialog),
            Event::Ended { dialog, .. } => self.ended(dialog),
            Event::Ringing { .. }
            | Event::EarlyAnswer { .. }
            | Event::Reoffer { .. }
            | Event::ReofferDone { .. }
            | Event::ReofferFailed { .. }
            | Event::Info { .. }
            | Event::Referred { .. }
            | Event::ReferProgress { .. }
            | Event::Response { .. } => {}
        }
    }

    fn answered(&mut self, dialog: DialogId, sdp: Option<&[u8]>) {
        let Some(&index) = self.by_dialog.get(&dialog) else { return };
        let patient = &mut self.patients[index];
        let (Some(stream), Stage::Dialled) = (patient.stream, patient.stage) else { return };
        patient.stage = Stage::Menu;
        let voice = patient.voice(&self.voices.patients);
        match self.phones.speak(stream, sdp, voice) {
            Ok(()) => self.agenda.note(Instant::now() + GREETING_WITHIN, ToDo::NoGreeting(index)),
            Err(error) => self.fail(index, &format!("{error:#}")),
        }
    }

    fn rtp(&mut self, news: News) {
        match news {
            News::SoundBegan(stream) => {
                let Some(&(index, Side::Patient)) = self.by_stream.get(&stream) else { return };
                let patient = &mut self.patients[index];
                patient.greeted = true;
                let (after, todo) = match patient.plan.patience {
                    Patience::Menu { after_ms } => (Duration::from_millis(after_ms), ToDo::GiveUp(index)),
                    _ => (patient.plan.listens, ToDo::Press(index)),
                };
                self.agenda.note(Instant::now() + after, todo);
            }
            News::Closed(stream, heard) => {
                let Some((index, side)) = self.by_stream.remove(&stream) else { return };
                match side {
                    Side::Patient => self.patients[index].heard = Some(heard),
                    Side::Agent => self.patients[index].heard_by_agent = Some(heard),
                }
            }
        }
    }

    /// One of the two hangs up; the switch must hang up on the other.
    fn end_talk(&mut self, index: usize) {
        let patient = &self.patients[index];
        let Stage::Talking { agent, dialog } = patient.stage else { return };
        match patient.plan.ends {
            Side::Patient => self.over(index, Outcome::Answered, ""),
            Side::Agent => {
                self.phones.hang_up(dialog);
                self.agent_left(agent);
                self.patients[index].stage = Stage::Parting;
                self.agenda.note(Instant::now() + OTHER_SIDE_WITHIN, ToDo::NotEnded(index));
            }
        }
    }

    /// A BYE came.
    fn ended(&mut self, dialog: DialogId) {
        if let Some(index) = self.by_dialog.remove(&dialog) {
            self.patients[index].dialog = None;
            match self.patients[index].stage {
                Stage::Over => {}
                Stage::Parting => self.over(index, Outcome::Answered, ""),
                stage => self.fail(index, &format!("the switch hung up ({})", stage.name())),
            }
        } else if let Some(&agent) = self.agent_dialogs.get(&dialog) {
            let call = self.agents[agent].call;
            self.agent_free(dialog);
            let Some(index) = call else { return };
            self.agent_left(agent);
            if matches!(self.patients[index].stage, Stage::Talking { .. }) {
                self.fail(index, "the agent was cut off");
            }
        }
    }

    /// The time is over by which both sides had to be gone.
    fn not_ended(&mut self, index: usize) {
        if matches!(self.patients[index].stage, Stage::Parting) {
            self.fail(index, "the patient was not hung up on");
        }
        let holding: Vec<usize> =
            (0..self.agents.len()).filter(|&agent| self.agents[agent].call == Some(index)).collect();
        for agent in holding {
            self.patients[index].spoil("the agent was not hung up on");
            if let Some(dialog) = self.agents[agent].dialog {
                self.phones.hang_up(dialog);
                self.agent_free(dialog);
            }
            self.agent_left(agent);
        }
    }

    fn report(self) -> Report {
        let calls: Vec<CallReport> = self.patients.into_iter().map(|p| p.report(&self.agents)).collect();
        let behind = self.phones.finish();
        Report {
            seed: self.options.plan.seed,
            totals: Totals::of(&calls),
            calls,
            pace_behind_max_ms: u64::try_from(behind.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

/// UTC microseconds since 1970.
fn wall_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
