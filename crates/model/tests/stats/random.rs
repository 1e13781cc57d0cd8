//! Random days of a small centre whose journal is always legal, and what an onlooker counts beside.

use crate::journal::{call, ended, event, moment, offered, shanghai};
use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, CallDirection, EndCause, OfferOutcome, QueueOutcome, TransferOutcome,
};
use careline_model::stats::Statistics;
use careline_model::{AgentId, EntryId, Event, EventBody, OfferId, QueueId};
use proptest::prelude::*;
use std::collections::BTreeMap;

const QUEUES: [&str; 3] = ["booking", "general", "night"];
const LINES: [&str; 2] = ["public", "ward"];
const AGENTS: u64 = 4;

/// Something that somebody does, and how long after the one before, milliseconds.
pub type Act = (u8, u8, u32);

/// So many acts at most, over no more than a day and a half.
pub fn acts(most: usize) -> impl Strategy<Value = Vec<Act>> {
    let later_ms = prop_oneof![0_u32..4_000, 0_u32..200_000];
    prop::collection::vec((0_u8..20, any::<u8>(), later_ms), 0..most)
}

#[derive(Debug, Clone, PartialEq)]
enum Stage {
    Flow,
    Queued { entry: u64, queue: usize, since_us: i64 },
    Rung { entry: u64, queue: usize, since_us: i64, agent: u64, offer: u64, rung_us: i64 },
    Talking { agent: u64, queue: Option<usize>, since_us: i64 },
    Passed { agent: u64, queue: Option<usize> },
}

#[derive(Debug, Clone)]
struct Patient {
    stage: Stage,
    began_us: i64,
}

#[derive(Debug, Clone)]
struct Person {
    intent: AgentIntent,
    work: AgentWork,
    device: AgentDevice,
    /// Microseconds signed in until `since_us`.
    login_us: u64,
    since_us: i64,
}

impl Person {
    fn signed_in(&self) -> bool {
        self.intent != AgentIntent::LoggedOut || !matches!(self.work, AgentWork::Idle | AgentWork::Dialing)
    }
}

/// The centre, its journal, and what an onlooker wrote down.
#[derive(Debug, Clone)]
pub struct Centre {
    pub events: Vec<Event>,
    pub now_us: i64,
    calls: BTreeMap<u64, Patient>,
    people: BTreeMap<u64, Person>,
    next: u64,
    /// The switch lived then.
    alive_us: i64,
    /// Entries that began in each queue.
    pub offered: BTreeMap<QueueId, u32>,
    pub answered: BTreeMap<QueueId, u32>,
    pub talk_ms: u64,
}

impl Centre {
    fn new() -> Self {
        let now_us = moment("2026-09-28T20:00:00");
        let person = Person {
            intent: AgentIntent::LoggedOut,
            work: AgentWork::Idle,
            device: AgentDevice::Registered,
            login_us: 0,
            since_us: now_us,
        };
        Self {
            events: Vec::new(),
            now_us,
            calls: BTreeMap::new(),
            people: (0..AGENTS).map(|agent| (agent, person.clone())).collect(),
            next: 1,
            alive_us: now_us,
            offered: BTreeMap::new(),
            answered: BTreeMap::new(),
            talk_ms: 0,
        }
    }

    /// What happens when all this is done.
    pub fn after(acts: &[Act]) -> Self {
        let mut centre = Self::new();
        for (act, choice, later_ms) in acts {
            centre.now_us += i64::from(*later_ms) * 1000 + i64::from(*choice);
            centre.act(*act, usize::from(*choice));
        }
        centre
    }

    /// Who waits in each queue.
    pub fn waiting(&self) -> BTreeMap<QueueId, u32> {
        let mut waiting = BTreeMap::new();
        for patient in self.calls.values() {
            if let Stage::Queued { queue, .. } | Stage::Rung { queue, .. } = patient.stage {
                *waiting.entry(QUEUES[queue].into()).or_default() += 1;
            }
        }
        waiting
    }

    /// How long an agent was signed in until now, microseconds.
    pub fn login_us(&self) -> BTreeMap<AgentId, u64> {
        let of = |person: &Person| {
            let open = if person.signed_in() { self.now_us - person.since_us } else { 0 };
            person.login_us + open.unsigned_abs()
        };
        self.people.iter().map(|(agent, person)| (name(*agent), of(person))).collect()
    }

    fn tell(&mut self, body: EventBody) {
        // What a start after a crash also tells is no sign of life.
        let made_good = matches!(
            body,
            EventBody::OfferEnded { .. } | EventBody::QueueLeft { .. } | EventBody::CallEnded { .. }
        );
        if !made_good {
            self.alive_us = self.now_us;
        }
        self.events.push(event(self.now_us, body));
    }

    fn fresh(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn becomes(&mut self, agent: u64, change: impl Fn(&mut Person)) {
        let now_us = self.now_us;
        let Some(person) = self.people.get_mut(&agent) else { return };
        if person.signed_in() {
            person.login_us += (now_us - person.since_us).unsigned_abs();
        }
        person.since_us = now_us;
        change(person);
        let Person { intent, work, device, .. } = person.clone();
        self.tell(EventBody::AgentState { agent: name(agent), intent, work, device });
    }

    fn works(&mut self, agent: u64, work: AgentWork) {
        self.becomes(agent, |person| person.work = work);
    }

    fn pick(&self, choice: usize, wanted: impl Fn(&Stage) -> bool) -> Option<(u64, Patient)> {
        let fit: Vec<_> = self.calls.iter().filter(|(_, patient)| wanted(&patient.stage)).collect();
        (!fit.is_empty()).then(|| fit[choice % fit.len()]).map(|(id, patient)| (*id, patient.clone()))
    }

    fn person(&self, choice: usize, wanted: impl Fn(&Person) -> bool) -> Option<u64> {
        let fit: Vec<u64> = self.people.iter().filter(|(_, p)| wanted(p)).map(|(agent, _)| *agent).collect();
        (!fit.is_empty()).then(|| fit[choice % fit.len()])
    }

    fn stage(&mut self, id: u64, stage: Stage) {
        if let Some(patient) = self.calls.get_mut(&id) {
            patient.stage = stage;
        }
    }

    fn act(&mut self, act: u8, choice: usize) {
        match act {
            0..=2 => self.arrives(choice),
            3..=5 => self.enters(choice),
            6..=8 => self.offers(choice),
            9 | 10 => self.answers(choice),
            11 => self.misses(choice),
            12 => self.hangs_up(choice),
            13 => self.flows_out(choice),
            14 => self.passes_on(choice),
            15 => self.is_passed_on(choice),
            16 | 17 => self.changes_state(choice),
            18 => self.finishes_wrap_up(choice),
            _ if choice < 6 => self.crashes(),
            _ if choice < 64 => self.loses(choice),
            _ => self.dials(choice),
        }
    }

    fn arrives(&mut self, choice: usize) {
        let id = self.fresh();
        self.calls.insert(id, Patient { stage: Stage::Flow, began_us: self.now_us });
        self.tell(offered(id, LINES[choice % 2]));
    }

    fn enters(&mut self, choice: usize) {
        let Some((id, _)) = self.pick(choice, |stage| *stage == Stage::Flow) else { return };
        self.queue(id, choice % QUEUES.len());
    }

    fn queue(&mut self, id: u64, queue: usize) {
        let entry = self.fresh();
        *self.offered.entry(QUEUES[queue].into()).or_default() += 1;
        self.stage(id, Stage::Queued { entry, queue, since_us: self.now_us });
        let (entry, queue) = (EntryId(entry), QUEUES[queue].into());
        self.tell(EventBody::QueueEntered { call: call(id), entry, queue, position: 1 });
    }

    fn leaves(&mut self, id: u64, entry: u64, queue: usize, since_us: i64, outcome: QueueOutcome) {
        let wait_ms = (self.now_us - since_us).unsigned_abs() / 1000;
        let (entry, queue) = (EntryId(entry), QUEUES[queue].into());
        self.tell(EventBody::QueueLeft { call: call(id), entry, queue, outcome, wait_ms });
    }

    fn offers(&mut self, choice: usize) {
        let free = |p: &Person| {
            p.intent == AgentIntent::Ready && p.work == AgentWork::Idle && p.device == AgentDevice::Registered
        };
        let Some(agent) = self.person(choice, free) else { return };
        let Some((id, patient)) = self.pick(choice, |stage| matches!(stage, Stage::Queued { .. })) else {
            return;
        };
        let Stage::Queued { entry, queue, since_us } = patient.stage else { return };
        let (offer, rung_us) = (self.fresh(), self.now_us);
        self.stage(id, Stage::Rung { entry, queue, since_us, agent, offer, rung_us });
        let (entry, offer) = (EntryId(entry), OfferId(offer));
        self.tell(EventBody::OfferMade { call: call(id), entry, offer, agent: name(agent) });
        self.works(agent, AgentWork::Ringing);
    }

    fn offer_ends(&mut self, id: u64, outcome: OfferOutcome) {
        let Some(Stage::Rung { entry, agent, offer, rung_us, .. }) =
            self.calls.get(&id).map(|p| p.stage.clone())
        else {
            return;
        };
        let ring_ms = (self.now_us - rung_us).unsigned_abs() / 1000;
        let (entry, offer, call) = (EntryId(entry), OfferId(offer), call(id));
        self.tell(EventBody::OfferEnded { call, entry, offer, agent: name(agent), outcome, ring_ms });
        if outcome != OfferOutcome::Answered {
            self.works(agent, AgentWork::Idle);
        }
    }

    fn answers(&mut self, choice: usize) {
        let Some((id, patient)) = self.pick(choice, |stage| matches!(stage, Stage::Rung { .. })) else {
            return;
        };
        let Stage::Rung { entry, queue, since_us, agent, .. } = patient.stage else { return };
        self.offer_ends(id, OfferOutcome::Answered);
        *self.answered.entry(QUEUES[queue].into()).or_default() += 1;
        self.leaves(id, entry, queue, since_us, QueueOutcome::Answered);
        self.talks(id, agent, Some(queue), Some(QUEUES[queue].into()));
    }

    fn talks(&mut self, id: u64, agent: u64, queue: Option<usize>, told: Option<QueueId>) {
        self.stage(id, Stage::Talking { agent, queue, since_us: self.now_us });
        self.tell(EventBody::CallConnected { call: call(id), agent: name(agent), queue: told });
        let work = if queue.is_some() { AgentWork::Talking } else { AgentWork::Dialing };
        self.works(agent, work);
    }

    fn misses(&mut self, choice: usize) {
        let Some((id, patient)) = self.pick(choice, |stage| matches!(stage, Stage::Rung { .. })) else {
            return;
        };
        let Stage::Rung { entry, queue, since_us, .. } = patient.stage else { return };
        let outcomes =
            [OfferOutcome::NoAnswer, OfferOutcome::Rejected, OfferOutcome::Busy, OfferOutcome::DeviceLost];
        self.offer_ends(id, outcomes[choice % outcomes.len()]);
        self.stage(id, Stage::Queued { entry, queue, since_us });
    }

    /// The conversation is over for the agent.
    fn parts(&mut self, agent: u64, queue: Option<usize>, since_us: i64) {
        self.talk_ms += (self.now_us - since_us).unsigned_abs() / 1000;
        let work = if queue.is_some() { AgentWork::WrapUp } else { AgentWork::Idle };
        self.works(agent, work);
    }

    fn hangs_up(&mut self, choice: usize) {
        let Some((id, patient)) = self.pick(choice, |_| true) else { return };
        let cause = match patient.stage {
            Stage::Flow => EndCause::IvrAbandoned,
            Stage::Queued { entry, queue, since_us } => {
                let short = self.now_us - since_us <= 5_000_000;
                let outcome = if short { QueueOutcome::ShortAbandoned } else { QueueOutcome::Abandoned };
                self.leaves(id, entry, queue, since_us, outcome);
                EndCause::QueueAbandoned
            }
            Stage::Rung { entry, queue, since_us, .. } => {
                self.offer_ends(id, OfferOutcome::CallerLeft);
                self.leaves(id, entry, queue, since_us, QueueOutcome::Abandoned);
                EndCause::QueueAbandoned
            }
            Stage::Talking { agent, queue, since_us } => {
                self.parts(agent, queue, since_us);
                EndCause::Completed
            }
            Stage::Passed { .. } => {
                let outcome = TransferOutcome::CallerLeft;
                self.tell(EventBody::TransferEnded { call: call(id), outcome, ring_ms: 1 });
                EndCause::Completed
            }
        };
        self.over(id, &patient, cause);
    }

    fn over(&mut self, id: u64, patient: &Patient, cause: EndCause) {
        self.calls.remove(&id);
        let length_s = (self.now_us - patient.began_us).unsigned_abs() / 1_000_000;
        self.tell(ended(id, cause, length_s, length_s / 2));
    }

    fn flows_out(&mut self, choice: usize) {
        let Some((id, patient)) = self.pick(choice, |stage| matches!(stage, Stage::Queued { .. })) else {
            return;
        };
        let Stage::Queued { entry, queue, since_us } = patient.stage else { return };
        let outcomes = [
            QueueOutcome::FlowOutTimeout,
            QueueOutcome::FlowOutEmpty,
            QueueOutcome::FlowOutClosed,
            QueueOutcome::FlowOutOverflow,
            QueueOutcome::FlowOutKey,
            QueueOutcome::FlowOutCallback,
            QueueOutcome::FlowOutVoicemail,
            QueueOutcome::FlowOutAdmin,
        ];
        self.leaves(id, entry, queue, since_us, outcomes[choice % outcomes.len()]);
        self.stage(id, Stage::Flow);
    }

    fn passes_on(&mut self, choice: usize) {
        let talking = |stage: &Stage| matches!(stage, Stage::Talking { queue: Some(_), .. });
        let Some((id, patient)) = self.pick(choice, talking) else { return };
        let Stage::Talking { agent, queue, since_us } = patient.stage else { return };
        let to = if choice.is_multiple_of(2) { "1003" } else { "+8613800005678" }.into();
        let attended = choice.is_multiple_of(3);
        self.tell(EventBody::TransferStarted { call: call(id), agent: name(agent), to, attended });
        self.stage(id, Stage::Passed { agent, queue });
        self.parts(agent, queue, since_us);
    }

    fn is_passed_on(&mut self, choice: usize) {
        let Some((id, patient)) = self.pick(choice, |stage| matches!(stage, Stage::Passed { .. })) else {
            return;
        };
        let Stage::Passed { agent, queue } = patient.stage else { return };
        let idle = |p: &Person| p.work == AgentWork::Idle && p.intent == AgentIntent::Ready;
        let third = self.person(choice, idle);
        let back = matches!(self.people.get(&agent), Some(p) if p.work == AgentWork::Idle);
        let (outcome, who) = match third {
            Some(third) if choice.is_multiple_of(2) => (TransferOutcome::Connected, third),
            _ if back => (TransferOutcome::NoAnswer, agent),
            _ => return,
        };
        self.tell(EventBody::TransferEnded { call: call(id), outcome, ring_ms: 1000 });
        self.talks(id, who, queue, None);
    }

    fn changes_state(&mut self, choice: usize) {
        let Some(agent) = self.person(choice, |p| p.work == AgentWork::Idle) else { return };
        let intent = match choice % 5 {
            0 => AgentIntent::LoggedOut,
            1 => AgentIntent::NotReady("meal".into()),
            2 => AgentIntent::NotReady("followup".into()),
            _ => AgentIntent::Ready,
        };
        let device = if choice.is_multiple_of(7) { AgentDevice::Lost } else { AgentDevice::Registered };
        self.becomes(agent, |person| (person.intent, person.device) = (intent.clone(), device));
    }

    fn finishes_wrap_up(&mut self, choice: usize) {
        let Some(agent) = self.person(choice, |p| p.work == AgentWork::WrapUp) else { return };
        self.works(agent, AgentWork::Idle);
    }

    fn dials(&mut self, choice: usize) {
        let Some(agent) = self.person(choice, |p| p.work == AgentWork::Idle) else { return };
        let id = self.fresh();
        let outside = choice.is_multiple_of(2);
        let direction = if outside { CallDirection::Outbound } else { CallDirection::Internal };
        self.calls.insert(id, Patient { stage: Stage::Flow, began_us: self.now_us });
        let to = if outside { "+8613800005678" } else { "1002" }.into();
        let trunk_group = None;
        self.tell(EventBody::CallDialled { call: call(id), agent: name(agent), direction, to, trunk_group });
        self.talks(id, agent, None, None);
    }

    /// The agent's phone is lost in a conversation: the caller is at the head of the queue again.
    fn loses(&mut self, choice: usize) {
        let talking = |stage: &Stage| matches!(stage, Stage::Talking { queue: Some(_), .. });
        let Some((id, patient)) = self.pick(choice, talking) else { return };
        let Stage::Talking { agent, queue: Some(queue), since_us } = patient.stage else { return };
        self.talk_ms += (self.now_us - since_us).unsigned_abs() / 1000;
        self.works(agent, AgentWork::Idle);
        self.queue(id, queue);
    }

    /// Killed and started again: what was open is made good, and nobody is signed in.
    fn crashes(&mut self) {
        let alive_us = self.alive_us;
        for person in self.people.values_mut() {
            if person.signed_in() {
                person.login_us += (alive_us - person.since_us).unsigned_abs();
            }
            (person.intent, person.work, person.since_us) =
                (AgentIntent::LoggedOut, AgentWork::Idle, self.now_us);
        }
        for (id, patient) in std::mem::take(&mut self.calls) {
            match patient.stage {
                Stage::Queued { entry, queue, since_us } => {
                    self.leaves(id, entry, queue, since_us, QueueOutcome::SystemFault);
                }
                Stage::Rung { entry, queue, since_us, agent, offer, rung_us } => {
                    let ring_ms = (self.now_us - rung_us).unsigned_abs() / 1000;
                    let (number, offer, outcome) = (EntryId(entry), OfferId(offer), OfferOutcome::Cancelled);
                    let (call, agent) = (call(id), name(agent));
                    self.tell(EventBody::OfferEnded { call, entry: number, offer, agent, outcome, ring_ms });
                    self.leaves(id, entry, queue, since_us, QueueOutcome::SystemFault);
                }
                Stage::Talking { since_us, .. } => {
                    self.talk_ms += (alive_us - since_us).unsigned_abs() / 1000;
                }
                Stage::Flow | Stage::Passed { .. } => {}
            }
            self.over(id, &patient, EndCause::SwitchCrashed);
        }
        self.tell(EventBody::SwitchStarted { version: "test".into() });
    }
}

fn name(agent: u64) -> AgentId {
    AgentId::new(format!("100{agent}"))
}

/// So many days unless the long tier asks for more.
pub fn cases(usual: u32) -> ProptestConfig {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    ProptestConfig { cases: if asked { config.cases } else { usual }, ..config }
}

/// The statistics of these events.
pub fn stats_of(events: &[Event]) -> Statistics {
    let mut stats = Statistics::new(shanghai());
    for event in events {
        stats.take(event);
    }
    stats
}
