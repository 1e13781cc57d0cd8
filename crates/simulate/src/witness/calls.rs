//! Calls, entries, offers and transfers as events tell them: each begins once and ends once, in its order.

use super::Witness;
use super::agents::Agents;
use super::limits::Subject;
use super::rules::Rules;
use careline_model::event::{
    AgentIntent, AgentWork, EndCause, EventBody, OfferOutcome, QueueOutcome, TransferOutcome,
};
use careline_model::outbound::CampaignFact;
use careline_model::snapshot::CallStage;
use careline_model::{AgentId, CallId, EntryId, LegId, OfferId, QueueId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A place in the order of service: class, interrupted ones first, then the age over all queues.
pub(super) type Place = (u32, bool, u64, CallId);

const ONCE: &str = "every call, entry, offer and transfer ends once";
/// A caller's acknowledgement may take 40 s (64 * T1 of RFC 3261 and some); a dialled party rings for 90 s at most.
const ANSWER_LIMIT: Duration = Duration::from_secs(40);
const DIAL_LIMIT: Duration = Duration::from_secs(90 + 40);
/// The third party, two times ringing back and the pause between.
const TRANSFER_LIMIT: Duration = Duration::from_secs(90 + 15 + 10 + 15 + 10);

/// One call.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) stage: CallStage,
    entry: Option<(EntryId, QueueId, Place)>,
    offer: Option<(OfferId, AgentId)>,
    /// The agent it was with last, in a conversation.
    agent: Option<AgentId>,
    /// Its age: the first entry over all queues.
    age: Option<u64>,
    /// It was in a conversation.
    talked: bool,
    queue: Option<QueueId>,
    transferring: bool,
    /// The agent who dialled it, or was called for it.
    dialler: Option<AgentId>,
}

/// One queue.
#[derive(Debug, Default)]
pub(super) struct Queue {
    pub(super) entries: BTreeSet<Place>,
    unoffered: BTreeSet<Place>,
}

/// All calls.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) live: BTreeMap<CallId, Call>,
    pub(super) queues: BTreeMap<QueueId, Queue>,
    leases: BTreeMap<AgentId, CallId>,
    /// The agents of legs that were rung, for those that fail.
    legs: BTreeMap<LegId, AgentId>,
    ages: u64,
}

/// Legs that are remembered for [`Calls::agent_of`]; older ones have long ended.
const LEGS_MAX: usize = 4096;

impl Calls {
    pub(super) fn new(rules: &Rules) -> Self {
        Self {
            live: BTreeMap::new(),
            queues: rules.plan.queues.keys().map(|id| (id.clone(), Queue::default())).collect(),
            leases: BTreeMap::new(),
            legs: BTreeMap::new(),
            ages: 0,
        }
    }

    pub(super) fn rings_at(&mut self, leg: LegId, agent: &AgentId) {
        self.legs.insert(leg, agent.clone());
        if self.legs.len() > LEGS_MAX {
            self.legs.pop_first();
        }
    }

    pub(super) fn agent_of(&self, leg: LegId) -> Option<AgentId> {
        self.legs.get(&leg).cloned()
    }

    pub(super) fn lease_of(&self, agent: &AgentId) -> Option<CallId> {
        self.leases.get(agent).copied()
    }

    pub(super) fn queue_of(&self, call: CallId) -> Option<&QueueId> {
        self.live.get(&call)?.queue.as_ref()
    }

    /// Somebody who waits beside somebody who is free.
    pub(super) fn waits_beside(&self, agents: &Agents) -> Option<String> {
        self.queues.iter().find_map(|(id, queue)| {
            let (_, _, _, call) = queue.unoffered.first()?;
            let agent = agents.free.get(id)?.first()?;
            Some(format!("{call} waits in {id} beside {agent}"))
        })
    }

    /// What is left, in words.
    pub(super) fn left(&self) -> Option<String> {
        let waiting = self.queues.values().map(|queue| queue.entries.len()).sum::<usize>();
        let (live, leased) = (self.live.len(), self.leases.len());
        (live + leased + waiting > 0)
            .then(|| format!("{live} calls, {waiting} entries and {leased} offers did not end"))
    }
}

impl Witness {
    pub(super) fn call_event(&mut self, body: &EventBody) {
        match body {
            EventBody::CallOffered { call, .. } => self.begun(*call, CallStage::Flow),
            EventBody::CallDialled { call, agent, .. } => {
                self.begun(*call, CallStage::Dialling);
                if let Some(call) = self.calls.live.get_mut(call) {
                    call.dialler = Some(agent.clone());
                }
            }
            EventBody::Campaign(fact) => self.campaign_fact(fact),
            EventBody::CallbackQueued(fact) => {
                self.begun(fact.call, CallStage::Flow);
                // Nobody is on the line who would have to acknowledge anything.
                self.limits.stop(&Subject::Answer(fact.call));
            }
            EventBody::SurveyInvited(fact) => self.surveyed(fact.call),
            EventBody::FlowEntered { call, .. } => self.limits.stop(&Subject::Answer(*call)),
            EventBody::QueueEntered { call, entry, queue, position } => {
                self.entered(*call, *entry, queue, *position);
            }
            EventBody::OfferMade { call, entry, offer, agent } => self.offered(*call, *entry, *offer, agent),
            EventBody::OfferEnded { call, offer, agent, outcome, .. } => {
                self.offer_ended(*call, *offer, agent, *outcome);
            }
            EventBody::QueueLeft { call, entry, queue, outcome, wait_ms } => {
                self.left(*call, *entry, queue);
                self.tally.left(queue, *outcome, *wait_ms);
                self.tally.said.left(*call, *outcome == QueueOutcome::Answered, self.now);
            }
            EventBody::QueueAnnounced { call, wait_ms: Some(wait_ms), .. } => {
                self.tally.said.said(*call, self.now, *wait_ms);
            }
            EventBody::CallConnected { call, agent, .. } => self.connected(*call, agent),
            EventBody::TransferStarted { call, .. } => self.transfer(*call, None),
            EventBody::TransferEnded { call, outcome, .. } => self.transfer(*call, Some(*outcome)),
            EventBody::CallEnded { call, cause, .. } => {
                // Whose phone was rung for a task in vain may rest; she may have been lost in it, too.
                let dialler = self.calls.live.get(call).and_then(|call| call.dialler.clone());
                if let Some(agent) =
                    dialler.filter(|_| matches!(cause, EndCause::Cancelled | EndCause::DeviceLost))
                {
                    self.rests(&agent, self.rules.longest_rest);
                }
                self.ended(*call);
            }
            _ => {}
        }
        if let Some(call) = body.call() {
            // Files and figures of a leg are complete when the call has long ended, and so is an agent's work on it.
            let later = matches!(
                body,
                EventBody::CallEnded { .. }
                    | EventBody::VoicemailMoved { .. }
                    | EventBody::LegQuality { .. }
                    | EventBody::RecordingStarted { .. }
                    | EventBody::RecordingFinished { .. }
                    | EventBody::WrapUpStarted { .. }
                    | EventBody::WrapUpMoved { .. }
                    | EventBody::WrapUpEnded { .. }
                    | EventBody::Disposition { .. }
                    | EventBody::CallbackRequested(_)
                    | EventBody::CallbackEnded(_)
                    | EventBody::Campaign(CampaignFact::TaskEnded { .. })
            );
            let known = later || self.calls.live.contains_key(&call);
            self.expect("events are about calls that live", known, || format!("{body:?}"));
        }
    }

    fn begun(&mut self, id: CallId, stage: CallStage) {
        let call = Call {
            stage,
            entry: None,
            offer: None,
            agent: None,
            age: None,
            talked: false,
            queue: None,
            transferring: false,
            dialler: None,
        };
        let limit = if stage == CallStage::Flow { ANSWER_LIMIT } else { DIAL_LIMIT };
        self.limits.set(Subject::Answer(id), self.now + limit);
        self.tally.calls += 1;
        let new = self.calls.live.insert(id, call).is_none();
        self.expect(ONCE, new, || format!("{id} begins twice"));
    }

    fn entered(&mut self, id: CallId, entry: EntryId, queue: &QueueId, position: u32) {
        let class = self.rules.class_of.get(queue).copied().unwrap_or(0);
        let wait = self.rules.wait(queue);
        let Some(call) = self.calls.live.get_mut(&id) else { return };
        let before = call.entry.is_some() || call.offer.is_some();
        let age = *call.age.get_or_insert_with(|| {
            self.calls.ages += 1;
            self.calls.ages
        });
        let place = (class, !call.talked, age, id);
        call.entry = Some((entry, queue.clone(), place));
        // Whose conversation was lost under her hands may rest.
        let lost = call.agent.take().filter(|_| call.stage == CallStage::Talking);
        (call.stage, call.queue) = (CallStage::Queued, Some(queue.clone()));
        self.limits.stop(&Subject::Transfer(id));
        self.limits.set(Subject::Wait(id), self.now + wait);
        let list = self.calls.queues.entry(queue.clone()).or_default();
        list.entries.insert(place);
        list.unoffered.insert(place);
        let true_position = list.entries.range(..=place).count();
        self.tally.entered(queue);
        if let Some(agent) = lost {
            self.rests(&agent, self.rules.longest_rest);
        }
        self.expect(ONCE, !before, || format!("{id} is queued twice"));
        self.expect("the position is the place in the line", true_position == position as usize, || {
            format!("{id} is told {position} and has {true_position}")
        });
    }

    fn offered(&mut self, id: CallId, entry: EntryId, offer: OfferId, agent: &AgentId) {
        let Some(call) = self.calls.live.get_mut(&id) else { return };
        let (free, stage) = (call.offer.is_none(), call.stage);
        call.offer = Some((offer, agent.clone()));
        call.stage = CallStage::Offered;
        let known = call.entry.as_ref().filter(|(own, _, _)| *own == entry).cloned();
        let leased = self.calls.leases.insert(agent.clone(), id);
        self.tally.offers += 1;
        self.expect("an agent holds at most one offer", leased.is_none(), || {
            format!("{agent} gets {id} too")
        });
        self.expect("a call has at most one agent", free && stage == CallStage::Queued, || {
            format!("{id} is offered to {agent} while {stage:?}")
        });
        let idle = self.agents.all.get(agent).map(|agent| (agent.work, agent.intent.clone()));
        let was_free = matches!(idle, Some((AgentWork::Idle, AgentIntent::Ready)));
        let alone = self.agents.is_left_alone(agent, self.now);
        self.expect("who missed an offer is left alone for a while", !alone, || format!("{agent} gets {id}"));
        self.expect("only who is ready and idle is rung", was_free, || format!("{agent} is {idle:?}"));
        let Some((_, queue, place)) = known else {
            return self.expect(ONCE, false, || format!("an offer for another entry of {id}"));
        };
        let serves = self.rules.queues_of.get(agent).is_some_and(|queues| queues.contains(&queue));
        self.expect("agents are rung for queues that they serve", serves, || format!("{agent} for {queue}"));
        let older = self.older_equal(agent, place);
        self.expect("nobody overtakes an equal", older.is_none(), || {
            format!("{agent} gets {id} before {}", older.map(|call| call.to_string()).unwrap_or_default())
        });
        if let Some(queue) = self.calls.queues.get_mut(&queue) {
            queue.unoffered.remove(&place);
        }
    }

    /// Who waits in a queue of this agent, has no offer, and comes before this place.
    fn older_equal(&self, agent: &AgentId, place: Place) -> Option<CallId> {
        let queues = self.rules.queues_of.get(agent)?;
        let firsts = queues.iter().filter_map(|queue| {
            // Among equals only: the lowest place of the same class.
            let list = self.calls.queues.get(queue)?;
            list.unoffered.range((place.0, false, 0, CallId::earliest(0))..).next().copied()
        });
        firsts.min().filter(|first| *first < place).map(|(_, _, _, call)| call)
    }

    fn offer_ended(&mut self, id: CallId, offer: OfferId, agent: &AgentId, outcome: OfferOutcome) {
        self.tally.offer_ended(outcome);
        let Some(call) = self.calls.live.get_mut(&id) else { return };
        let own = call.offer.take().is_some_and(|(own, to)| own == offer && to == *agent);
        let answered = outcome == OfferOutcome::Answered;
        if !answered {
            call.stage = CallStage::Queued;
            if let Some((_, queue, place)) = &call.entry
                && let Some(queue) = self.calls.queues.get_mut(queue)
            {
                queue.unoffered.insert(*place);
            }
        }
        let leased = self.calls.leases.remove(agent) == Some(id);
        let rest = self.rules.rest_after(outcome);
        if !rest.is_zero() {
            self.rests(agent, rest);
        }
        if matches!(outcome, OfferOutcome::NoAnswer | OfferOutcome::Rejected | OfferOutcome::Busy) {
            self.agents.must_rest(agent, self.now + rest);
        }
        self.expect(ONCE, own && leased, || format!("an offer of {id} to {agent} ends twice"));
    }

    fn left(&mut self, id: CallId, entry: EntryId, queue: &QueueId) {
        let Some(call) = self.calls.live.get_mut(&id) else { return };
        let own = call.entry.take();
        call.stage = CallStage::Flow;
        self.limits.stop(&Subject::Wait(id));
        let good = own.as_ref().is_some_and(|(own, from, _)| *own == entry && from == queue);
        let offered = call.offer.is_some();
        if let (Some((_, _, place)), Some(list)) = (own, self.calls.queues.get_mut(queue)) {
            list.entries.remove(&place);
            list.unoffered.remove(&place);
        }
        self.expect(ONCE, good && !offered, || format!("{id} leaves {queue} twice, or with an offer"));
    }

    fn connected(&mut self, id: CallId, agent: &AgentId) {
        self.limits.stop(&Subject::Answer(id));
        self.limits.stop(&Subject::Transfer(id));
        let Some(call) = self.calls.live.get_mut(&id) else { return };
        (call.stage, call.talked) = (CallStage::Talking, true);
        call.agent = Some(agent.clone());
        let waits = call.entry.is_some();
        self.expect("who talks does not wait", !waits, || format!("{id} does"));
    }

    /// A transfer begins, or ends so.
    fn transfer(&mut self, id: CallId, outcome: Option<TransferOutcome>) {
        let limit = self.now + TRANSFER_LIMIT;
        let Some(call) = self.calls.live.get_mut(&id) else { return };
        let begins = outcome.is_none();
        let good = call.transferring != begins;
        call.transferring = begins;
        // After a transfer that failed she may be rung back: what follows is told by other events.
        call.stage = CallStage::Transferring;
        match outcome {
            None => self.limits.set(Subject::Transfer(id), limit),
            Some(TransferOutcome::Connected) => self.limits.stop(&Subject::Transfer(id)),
            Some(_) => {}
        }
        self.expect(ONCE, good, || format!("a transfer of {id}"));
    }

    /// The agent has gone; her caller is asked about her.
    fn surveyed(&mut self, id: CallId) {
        let Some(call) = self.calls.live.get_mut(&id) else { return };
        let talked = call.stage == CallStage::Talking;
        (call.stage, call.agent) = (CallStage::Flow, None);
        self.expect("only who talked is asked about it", talked, || format!("{id} did not"));
    }

    fn ended(&mut self, id: CallId) {
        for subject in [Subject::Answer(id), Subject::Wait(id), Subject::Transfer(id)] {
            self.limits.stop(&subject);
        }
        let call = self.calls.live.remove(&id);
        let clean = call
            .as_ref()
            .is_some_and(|call| call.entry.is_none() && call.offer.is_none() && !call.transferring);
        self.tally.ended += 1;
        self.expect(ONCE, clean, || format!("{id} ends twice, or with an entry, an offer or a transfer"));
    }
}
