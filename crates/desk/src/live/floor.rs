//! One switch.

use super::board::Change;
use super::view::{
    AgentLive, CallLive, CallStageWord, DeviceWord, DirectionWord, IntentWord, NotReadyReason, QueueLive,
    WorkWord,
};
use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, CallDirection, CallbackQueued, LookUpOutcome, OfferOutcome,
    QueueOutcome, TransferOutcome,
};
use careline_model::event::{ParkStep, PeopleFact};
use careline_model::outbound::CampaignFact;
use careline_model::snapshot::{AgentView, CallStage, CallView, QueueView, Snapshot};
use careline_model::{AgentId, CallId, CallerName, Event, EventBody, LineId, Number, OfferId, QueueId};
use std::collections::BTreeMap;

/// Live calls of one switch that are kept; further ones are not shown until others end.
pub const CALLS_MAX: usize = 5_000;
/// Agents who are rung for one call beside the one who is shown; more are not known of.
const BESIDE_MAX: usize = 1_000;
/// Agents of one switch that are kept; a switch has fewer.
pub const AGENTS_MAX: usize = 2_000;
/// Queues of one switch that are kept; a switch has fewer.
pub const QUEUES_MAX: usize = 500;
/// Nodes of the flow that are remembered of one call: the first ones, a caller may go round for ever.
pub const IVR_NODES_MAX: usize = 32;

/// A call that has not ended, with all the desk knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveCall {
    /// Who called whom.
    pub direction: CallDirection,
    /// Number of the party that agents talk to, whole.
    pub caller: Number,
    /// What the network sent as a name.
    pub caller_name: CallerName,
    /// The line.
    pub line: LineId,
    /// Advertising medium of the dialled number.
    pub medium: String,
    /// Where it is.
    pub stage: CallStage,
    /// The queue it waits in or came from.
    pub queue: Option<QueueId>,
    /// The agent it rings at or talks to.
    pub agent: Option<AgentId>,
    /// The offer for which the agent is rung or being joined.
    pub offer: Option<OfferId>,
    /// Other agents who are rung beside her. A snapshot does not tell of them.
    pub beside: Vec<(OfferId, AgentId)>,
    /// Arrival.
    pub offered_us: i64,
    /// Beginning of the present stage.
    pub stage_since_us: i64,
    /// Since when the caller waits in queues.
    pub waiting_since_us: Option<i64>,
    /// Nodes of the flow that were passed, at most [`IVR_NODES_MAX`].
    pub ivr: Vec<String>,
    /// How many persons may be calling.
    pub persons: Option<u32>,
    /// The name when there is one candidate.
    pub label: String,
    /// While it is passed on: by whom, and to which extension or number. A snapshot does not tell.
    pub passed_on: Option<(AgentId, Number)>,
}

impl LiveCall {
    fn from_view(view: CallView) -> Self {
        let waits = matches!(view.stage, CallStage::Queued | CallStage::Offered);
        Self {
            direction: view.direction,
            caller: view.caller,
            caller_name: view.caller_name,
            line: view.line,
            medium: view.medium,
            stage: view.stage,
            queue: view.queue,
            agent: view.agent,
            offer: view.offer,
            beside: Vec::new(),
            offered_us: view.offered_at_us,
            stage_since_us: view.stage_since_us,
            waiting_since_us: waits.then_some(view.stage_since_us),
            ivr: Vec::new(),
            persons: None,
            label: String::new(),
            passed_on: None,
        }
    }

    /// The caller waits for an agent, whether or not a phone rings.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        matches!(self.stage, CallStage::Queued | CallStage::Offered)
    }

    /// The form for pages.
    #[must_use]
    pub fn view(&self, call: CallId) -> CallLive {
        CallLive {
            call: call.to_string(),
            direction: DirectionWord::from(self.direction),
            caller_masked: self.caller.masked(),
            caller_name: self.caller_name.as_str().to_owned(),
            line: self.line.as_str().to_owned(),
            medium: self.medium.clone(),
            stage: CallStageWord::from(self.stage),
            queue: self.queue.as_ref().map(|queue| queue.as_str().to_owned()),
            agent: self.agent.as_ref().map(|agent| agent.as_str().to_owned()),
            offered_us: self.offered_us,
            stage_since_us: self.stage_since_us,
            persons: self.persons,
            label: self.label.clone(),
        }
    }

    fn enter(&mut self, stage: CallStage, at_us: i64) {
        self.stage = stage;
        self.stage_since_us = at_us;
    }
}

#[derive(Debug, Clone)]
pub(super) struct LiveAgent {
    pub(super) name: String,
    intent: AgentIntent,
    work: AgentWork,
    device: AgentDevice,
    call: Option<CallId>,
    since_us: i64,
}

#[derive(Debug, Clone, PartialEq)]
struct LiveQueue {
    name: String,
    agents_routable: u32,
    place: usize,
}

/// One switch: what its last snapshot said, and what happened since.
#[derive(Debug, Clone, Default)]
pub(super) struct SwitchFloor {
    pub(super) connected: bool,
    pub(super) calls: BTreeMap<CallId, LiveCall>,
    pub(super) agents: BTreeMap<AgentId, LiveAgent>,
    queues: BTreeMap<QueueId, LiveQueue>,
    pub(super) reasons: Vec<NotReadyReason>,
}

impl SwitchFloor {
    pub(super) fn reset(&mut self, snapshot: Snapshot) -> Vec<Change> {
        let mut before = std::mem::take(&mut self.calls);
        let mut changes = Vec::new();
        self.connected = true;
        let codes = snapshot.not_ready_codes.into_iter().filter(|code| code.by_agent);
        self.reasons = codes.map(NotReadyReason::from).collect();
        self.agents = snapshot.agents.into_iter().take(AGENTS_MAX).map(live_agent).collect();
        self.queues = snapshot.queues.into_iter().take(QUEUES_MAX).enumerate().map(live_queue).collect();
        for view in snapshot.calls.into_iter().take(CALLS_MAX) {
            let (id, mut call) = (view.call, LiveCall::from_view(view));
            let known = before.remove(&id);
            let talked = known.as_ref().is_some_and(|known| known.stage == CallStage::Talking);
            if let Some(known) = known {
                if known.offer.is_some() && known.offer != call.offer {
                    changes.extend(offer_gone(id, &known));
                }
                (call.ivr, call.persons, call.label) = (known.ivr, known.persons, known.label);
                call.passed_on = known.passed_on.filter(|_| call.stage == CallStage::Transferring);
                call.waiting_since_us = known.waiting_since_us.or(call.waiting_since_us);
            } else {
                changes.push(Change::Arrived(id));
            }
            changes.push(Change::Call(id));
            if let (Some(agent), true) = (&call.agent, call.stage == CallStage::Talking && !talked) {
                changes.push(Change::Connected { call: id, agent: agent.clone() });
            }
            if let (Some(agent), Some(offer)) = (&call.agent, call.offer) {
                let (agent, at_us) = (agent.clone(), call.stage_since_us);
                changes.push(Change::OfferMade { call: id, offer, agent, at_us });
            }
            self.calls.insert(id, call);
        }
        for (id, gone) in before {
            changes.extend(offer_gone(id, &gone));
            changes.push(Change::CallGone(id));
        }
        changes
    }

    pub(super) fn refresh_queues(&mut self, queues: &[QueueView]) -> Vec<Change> {
        let mut changes = Vec::new();
        for view in queues {
            let Some(queue) = self.queues.get_mut(&view.queue) else { continue };
            if queue.agents_routable != view.agents_routable {
                queue.agents_routable = view.agents_routable;
                changes.push(Change::Queue(view.queue.clone()));
            }
        }
        changes
    }

    pub(super) fn handle(&mut self, event: &Event) -> Vec<Change> {
        use EventBody as E;
        let at_us = event.at_us;
        match &event.body {
            E::SwitchStarted { .. } => self.all_calls_gone(),
            E::SwitchDraining { .. }
            | E::Digit { .. }
            | E::FlowEntered { .. }
            | E::FlowLeft { .. }
            | E::CallAttribute { .. }
            | E::ScreenData { .. }
            | E::LegQuality { .. }
            | E::QueueReserved { .. }
            | E::QueueWidened { .. }
            | E::RankChanged { .. }
            | E::QueueResumed { .. }
            | E::QueueWithdrawn { .. }
            | E::QueuePicked { .. }
            | E::QueueAnnounced { .. }
            | E::WaitPredicted { .. }
            | E::AgentNext { .. }
            | E::AgentForced { .. }
            | E::AgentLimit { .. }
            | E::WrapUpStarted { .. }
            | E::WrapUpMoved { .. }
            | E::WrapUpEnded { .. }
            | E::Disposition { .. }
            | E::RecordingPaused { .. }
            | E::RecordingResumed { .. }
            | E::RecordingIncomplete { .. }
            | E::VoicemailStarted { .. }
            | E::VoicemailLeft { .. }
            | E::VoicemailDropped { .. }
            | E::VoicemailMoved { .. }
            | E::PinLocked { .. }
            | E::QueueLight { .. }
            | E::QueuePaused { .. }
            | E::CallScreened { .. }
            | E::CallerListChanged { .. }
            | E::ConfigurationApplied { .. }
            | E::CallOrdered { .. }
            | E::QueueClosed { .. }
            | E::QueueOpened { .. }
            | E::SkillAsked { .. }
            | E::HoursOverridden { .. }
            | E::HoursReverted { .. }
            | E::EmergencyBegan { .. }
            | E::EmergencyEnded { .. }
            | E::CallbackRequested(_)
            | E::CallbackMerged(_)
            | E::CallbackReleased(_)
            | E::CallbackDialled(_)
            | E::CallbackPostponed(_)
            | E::CallbackEnded(_)
            | E::SurveyAnswered(_)
            | E::SurveyEnded(_) => Vec::new(),
            E::People(PeopleFact::CallParked { call, step: ParkStep::Parked, .. }) => {
                self.change(*call, |live| live.enter(CallStage::Transferring, at_us))
            }
            // The next number of a task: the page shows whom it rings now.
            E::Campaign(CampaignFact::AttemptBegan { call, to, .. }) => {
                self.change(*call, |live| live.caller = to.clone())
            }
            E::People(_) | E::Campaign(_) => Vec::new(),
            E::CallOffered { call, .. }
            | E::CallDialled { call, .. }
            | E::CallbackQueued(CallbackQueued { call, .. }) => match begun(&event.body, at_us) {
                Some(view) => self.arrived(*call, LiveCall::from_view(view)),
                None => Vec::new(),
            },
            E::SurveyInvited(fact) => self.change(fact.call, |live| {
                live.enter(CallStage::Flow, at_us);
                live.agent = None;
            }),
            E::TransferStarted { call, agent, to, attended: _ } => self.change(*call, |live| {
                live.enter(CallStage::Transferring, at_us);
                live.passed_on = Some((agent.clone(), to.clone()));
            }),
            E::TransferEnded { call, outcome, ring_ms: _ } => self.transfer_ended(*call, *outcome, at_us),
            E::CallerLookedUp { call, outcome, persons, .. } => self.change(*call, |live| {
                if matches!(outcome, LookUpOutcome::Found | LookUpOutcome::Stranger) && live.persons.is_none()
                {
                    live.persons = Some(*persons);
                }
            }),
            E::FlowNode { call, node } => self.change(*call, |live| {
                if live.ivr.len() < IVR_NODES_MAX {
                    live.ivr.push(node.clone());
                }
            }),
            E::QueueEntered { call, queue, .. } => self.queue_entered(*call, queue, at_us),
            E::QueueLeft { call, queue, outcome, .. } => self.queue_left(*call, queue, *outcome, at_us),
            E::OfferMade { call, offer, agent, .. } => self.offer_made(*call, *offer, agent, at_us),
            E::OfferEnded { call, offer, agent, outcome, .. } => {
                self.offer_ended(*call, *offer, agent, *outcome, at_us)
            }
            E::CallConnected { call, agent, .. } => self.talking(*call, agent, at_us),
            E::CallEnded { call, .. } => self.call_ended(*call),
            E::AgentState { agent, intent, work, device } => {
                self.agent_state(agent, intent, *work, *device, at_us)
            }
            E::RecordingStarted { call, recording } => {
                vec![Change::Recording { call: *call, recording: recording.clone(), finished: false }]
            }
            E::RecordingFinished { call, recording, .. } => {
                vec![Change::Recording { call: *call, recording: recording.clone(), finished: true }]
            }
        }
    }

    fn arrived(&mut self, id: CallId, call: LiveCall) -> Vec<Change> {
        if self.calls.len() >= CALLS_MAX || self.calls.contains_key(&id) {
            return Vec::new();
        }
        self.calls.insert(id, call);
        vec![Change::Arrived(id), Change::Call(id)]
    }

    fn change(&mut self, id: CallId, change: impl FnOnce(&mut LiveCall)) -> Vec<Change> {
        let Some(call) = self.calls.get_mut(&id) else { return Vec::new() };
        change(call);
        vec![Change::Call(id)]
    }

    fn queue_entered(&mut self, id: CallId, queue: &QueueId, at_us: i64) -> Vec<Change> {
        let mut changes = self.change(id, |call| {
            call.enter(CallStage::Queued, at_us);
            call.queue = Some(queue.clone());
            call.agent = None;
            call.waiting_since_us = Some(at_us);
        });
        changes.push(Change::Queue(queue.clone()));
        changes
    }

    fn queue_left(&mut self, id: CallId, queue: &QueueId, outcome: QueueOutcome, at_us: i64) -> Vec<Change> {
        match outcome {
            // The conversation or the end of the call follows at once and says the rest.
            QueueOutcome::Answered | QueueOutcome::Abandoned | QueueOutcome::ShortAbandoned => Vec::new(),
            QueueOutcome::FlowOutTimeout
            | QueueOutcome::FlowOutEmpty
            | QueueOutcome::FlowOutClosed
            | QueueOutcome::FlowOutOverflow
            | QueueOutcome::FlowOutKey
            | QueueOutcome::FlowOutCallback
            | QueueOutcome::FlowOutVoicemail
            | QueueOutcome::FlowOutAdmin
            | QueueOutcome::SystemFault => {
                let mut changes = self.change(id, |call| {
                    call.enter(CallStage::Flow, at_us);
                    call.waiting_since_us = None;
                });
                changes.push(Change::Queue(queue.clone()));
                changes
            }
        }
    }

    fn offer_made(&mut self, id: CallId, offer: OfferId, agent: &AgentId, at_us: i64) -> Vec<Change> {
        let mut changes = self.change(id, |call| {
            call.enter(CallStage::Offered, at_us);
            if let (Some(other), Some(agent)) = (call.offer, call.agent.take())
                && call.beside.len() < BESIDE_MAX
            {
                call.beside.push((other, agent));
            }
            call.agent = Some(agent.clone());
            call.offer = Some(offer);
        });
        if changes.is_empty() {
            return changes;
        }
        if let Some(live) = self.agents.get_mut(agent) {
            live.call = Some(id);
            changes.push(Change::Agent(agent.clone()));
        }
        changes.push(Change::OfferMade { call: id, offer, agent: agent.clone(), at_us });
        changes
    }

    fn offer_ended(
        &mut self,
        id: CallId,
        offer: OfferId,
        agent: &AgentId,
        outcome: OfferOutcome,
        at_us: i64,
    ) -> Vec<Change> {
        let answered = outcome == OfferOutcome::Answered;
        let mut changes = self.change(id, |call| {
            call.beside.retain(|(other, _)| *other != offer);
            if call.offer != Some(offer) {
                return;
            }
            call.offer = None;
            if answered {
                return;
            }
            call.agent = None;
            match call.beside.pop() {
                Some((other, agent)) => (call.offer, call.agent) = (Some(other), Some(agent)),
                None => call.enter(CallStage::Queued, at_us),
            }
        });
        if let Some(live) = self.agents.get_mut(agent)
            && !answered
            && live.call == Some(id)
        {
            live.call = None;
            changes.push(Change::Agent(agent.clone()));
        }
        changes.push(Change::OfferEnded { call: id, offer, agent: agent.clone(), outcome });
        changes
    }

    fn talking(&mut self, id: CallId, agent: &AgentId, at_us: i64) -> Vec<Change> {
        let mut changes = self.change(id, |call| {
            call.enter(CallStage::Talking, at_us);
            call.agent = Some(agent.clone());
            call.offer = None;
        });
        if let Some(queue) = self.calls.get(&id).and_then(|call| call.queue.clone()) {
            changes.push(Change::Queue(queue));
        }
        if let Some(live) = self.agents.get_mut(agent) {
            live.call = Some(id);
            changes.push(Change::Agent(agent.clone()));
        }
        changes.push(Change::Connected { call: id, agent: agent.clone() });
        changes
    }

    /// An agent who has the call then is told of by the next fact.
    fn transfer_ended(&mut self, id: CallId, outcome: TransferOutcome, at_us: i64) -> Vec<Change> {
        let mut passed_on = None;
        let changed = self.change(id, |live| {
            passed_on = live.passed_on.take();
            live.agent = None;
            if outcome == TransferOutcome::Connected {
                live.enter(CallStage::Talking, at_us);
            }
        });
        // Who passed it on hears how it went before the call leaves her screen.
        let told = passed_on.map(|(agent, to)| Change::TransferEnded { call: id, agent, to, outcome });
        told.into_iter().chain(changed).collect()
    }

    fn call_ended(&mut self, id: CallId) -> Vec<Change> {
        let Some(call) = self.calls.remove(&id) else { return Vec::new() };
        let mut changes: Vec<Change> = offer_gone(id, &call).into_iter().collect();
        changes.push(Change::CallGone(id));
        if let (Some(queue), true) = (&call.queue, call.is_waiting()) {
            changes.push(Change::Queue(queue.clone()));
        }
        changes
    }

    fn all_calls_gone(&mut self) -> Vec<Change> {
        let ids: Vec<CallId> = self.calls.keys().copied().collect();
        ids.into_iter().flat_map(|id| self.call_ended(id)).collect()
    }

    fn agent_state(
        &mut self,
        id: &AgentId,
        intent: &AgentIntent,
        work: AgentWork,
        device: AgentDevice,
        at_us: i64,
    ) -> Vec<Change> {
        let Some(agent) = self.agents.get_mut(id) else { return Vec::new() };
        (agent.intent, agent.work, agent.device, agent.since_us) = (intent.clone(), work, device, at_us);
        if work == AgentWork::Idle {
            agent.call = None;
        }
        vec![Change::Agent(id.clone())]
    }

    pub(super) fn agent_view(&self, id: &AgentId) -> Option<AgentLive> {
        let agent = self.agents.get(id)?;
        let (intent, code) = IntentWord::of(&agent.intent);
        Some(AgentLive {
            agent: id.as_str().to_owned(),
            name: agent.name.clone(),
            intent,
            code,
            work: WorkWord::from(agent.work),
            device: DeviceWord::from(agent.device),
            call: agent.call.map(|call| call.to_string()),
            since_us: agent.since_us,
        })
    }

    pub(super) fn queue_view(&self, id: &QueueId) -> Option<QueueLive> {
        let queue = self.queues.get(id)?;
        let waiting = self.calls.values().filter(|call| call.is_waiting() && call.queue.as_ref() == Some(id));
        let (mut count, mut longest) = (0, None::<i64>);
        for call in waiting {
            count += 1;
            let since = call.waiting_since_us.unwrap_or(call.stage_since_us);
            longest = Some(longest.map_or(since, |before| before.min(since)));
        }
        Some(QueueLive {
            queue: id.as_str().to_owned(),
            name: queue.name.clone(),
            waiting: count,
            longest_since_us: longest,
            agents_routable: queue.agents_routable,
        })
    }

    pub(super) fn queue_views(&self) -> Vec<QueueLive> {
        let mut ids: Vec<(&usize, &QueueId)> =
            self.queues.iter().map(|(id, queue)| (&queue.place, id)).collect();
        ids.sort();
        ids.into_iter().filter_map(|(_, id)| self.queue_view(id)).collect()
    }
}

/// A call as it begins.
fn begun(body: &EventBody, at_us: i64) -> Option<CallView> {
    let (call, direction, caller, stage) = match body {
        EventBody::CallOffered { call, caller, .. } => {
            (call, CallDirection::Inbound, caller, CallStage::Flow)
        }
        EventBody::CallDialled { call, direction, to, .. } => (call, *direction, to, CallStage::Dialling),
        EventBody::CallbackQueued(fact) => {
            (&fact.call, CallDirection::Outbound, &fact.number, CallStage::Flow)
        }
        _ => return None,
    };
    let mut view = CallView {
        call: *call,
        direction,
        caller: caller.clone(),
        caller_name: CallerName::default(),
        dialled: Number::default(),
        line: LineId::from(""),
        medium: String::new(),
        stage,
        queue: None,
        agent: None,
        offer: None,
        offered_at_us: at_us,
        stage_since_us: at_us,
    };
    match body {
        EventBody::CallOffered { caller_name, line, medium, .. } => {
            (view.caller_name, view.line, view.medium) = (caller_name.clone(), line.clone(), medium.clone());
        }
        EventBody::CallDialled { agent, .. } => view.agent = Some(agent.clone()),
        EventBody::CallbackQueued(fact) => {
            (view.line, view.medium) = (fact.line.clone(), fact.medium.clone());
        }
        _ => {}
    }
    Some(view)
}

fn live_agent(view: AgentView) -> (AgentId, LiveAgent) {
    let AgentView { agent, name, intent, work, device, call, since_us, .. } = view;
    (agent, LiveAgent { name, intent, work, device, call, since_us })
}

fn live_queue((place, view): (usize, QueueView)) -> (QueueId, LiveQueue) {
    (view.queue, LiveQueue { name: view.name, agents_routable: view.agents_routable, place })
}

/// The end of an offer that nobody told: its call is gone, or rings elsewhere.
fn offer_gone(id: CallId, call: &LiveCall) -> Option<Change> {
    let (offer, agent) = (call.offer?, call.agent.clone()?);
    Some(Change::OfferEnded { call: id, offer, agent, outcome: OfferOutcome::Cancelled })
}
