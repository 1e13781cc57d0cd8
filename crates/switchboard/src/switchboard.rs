//! The value itself: what it holds, what goes in, what comes out.

#[cfg(feature = "faults")]
use crate::faults::Fault;
use crate::fork::Fork;
use crate::guard::{Ban, Guards, Source};
use crate::leg::Legs;
use crate::mishap::{Chore, InHand};
use crate::network::{self, BoundListener, Ports};
use crate::output::{MediaOrder, MediaSignal, Output};
use crate::quality::{Closing, Subject};
use crate::trunk::Trunks;
use careline_callcentre::{AgentOrder, Centre, CommandError, FlowAnswer, Hints, Input, LegEnd, LookUpAnswer};
use careline_model::config::Plan;
use careline_model::event::AgentIntent;
use careline_model::snapshot::Snapshot;
use careline_model::{AgentId, CallId, LegId, Now};
use careline_sip::auth::Realm;
use careline_sip::registrar::{Limits, Registrar};
use careline_sip::{Endpoint, EndpointConfig, Flow, Received, Uri};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the shell knows and the plan does not: the addresses that were really bound.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The listeners as they were bound.
    pub listeners: Vec<BoundListener>,
    /// Sent as User-Agent and Server.
    pub user_agent: String,
}

/// Requests that were met at the door.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Challenged.
    pub challenged: u64,
    /// Wrong user, password or nonce.
    pub denied: u64,
    /// Answered with silence: over the bucket, or a long answer to a short question.
    pub silenced: u64,
    /// Messages of banned addresses that were not looked at.
    pub unheard: u64,
    /// Bans.
    pub banned: u64,
    /// Calls refused for overload.
    pub shed: u64,
    /// Calls refused because no RTP port was ready.
    pub no_port: u64,
}

/// The whole switch without a socket.
pub struct Switchboard {
    pub(crate) plan: Arc<Plan>,
    pub(crate) settings: Settings,
    pub(crate) endpoint: Endpoint,
    pub(crate) realm: Realm,
    pub(crate) registrar: Registrar,
    pub(crate) centre: Centre,
    pub(crate) legs: Legs,
    /// Legs for which phones still ring, at most as many as there are legs.
    pub(crate) forks: BTreeMap<LegId, Fork>,
    /// Legs that take the place of others as soon as they are up; at most as many as there are legs.
    pub(crate) replacing: BTreeMap<LegId, LegId>,
    /// RTP ports whose sockets are bound and waiting.
    pub(crate) ports: Ports,
    pub(crate) guards: Guards,
    pub(crate) trunks: Trunks,
    /// Where phones that do not register are.
    pub(crate) fixed_phones: BTreeSet<Source>,
    /// Calls of a phone's own (echo test), so that the phone is not rung meanwhile.
    pub(crate) own_calls: BTreeMap<AgentId, u32>,
    /// Legs that are closed and whose last figures are on their way.
    pub(crate) closing: Closing,
    pub(crate) outputs: VecDeque<Output>,
    pub(crate) counters: Counters,
    pub(crate) rng: ChaCha20Rng,
    /// What is being settled.
    pub(crate) in_hand: Option<InHand>,
    #[cfg(feature = "faults")]
    pub(crate) faults: Vec<(Fault, String)>,
}

impl Switchboard {
    /// A switch with nothing going on. Everything random comes from `rng`.
    #[must_use]
    pub fn new(plan: Arc<Plan>, settings: Settings, mut rng: ChaCha20Rng, now: Now) -> Self {
        let mut key = [0_u8; 32];
        rng.fill_bytes(&mut key);
        let endpoint_config = EndpointConfig {
            user_agent: settings.user_agent.clone(),
            sent_by: network::sent_by(&plan, &settings.listeners),
            ..EndpointConfig::default()
        };
        let per_second = plan.sip.options_per_second;
        let mut board = Self {
            endpoint: Endpoint::new(endpoint_config, fork(&mut rng)),
            realm: Realm::new(plan.sip.realm.clone(), key).begun_at(now.wall_s()),
            registrar: Registrar::new(Limits {
                contacts_max: plan.sip.phones_per_agent_max,
                ..Limits::default()
            }),
            centre: Centre::new(plan.clone(), fork(&mut rng)),
            legs: Legs::default(),
            forks: BTreeMap::new(),
            replacing: BTreeMap::new(),
            ports: Ports::default(),
            guards: Guards::new(&plan.guard, per_second),
            trunks: Trunks::new(&plan, fork(&mut rng), now),
            fixed_phones: fixed_phones(&plan),
            own_calls: BTreeMap::new(),
            closing: Closing::new(),
            outputs: VecDeque::new(),
            counters: Counters::default(),
            plan,
            settings,
            rng,
            in_hand: None,
            #[cfg(feature = "faults")]
            faults: Vec::new(),
        };
        let fixed: Vec<AgentId> = board
            .plan
            .agents
            .values()
            .filter(|agent| agent.contact.is_some())
            .map(|a| a.id.clone())
            .collect();
        for agent in fixed {
            board.centre.handle(Input::DeviceUp { agent }, now);
        }
        board.settle(now);
        board
    }

    /// One datagram, or one whole message of a connection.
    pub fn handle_message(&mut self, now: Now, flow: Flow, bytes: &[u8]) {
        self.trip_message(bytes);
        if self.is_unheard(now, flow) {
            return;
        }
        let received = if self.plan.trunk_of(flow.remote).is_some() {
            self.endpoint.receive(now.instant, flow, bytes)
        } else {
            self.endpoint.receive_from_stranger(now.instant, flow, bytes)
        };
        match received {
            Received::New(new) => self.admit(now, new, bytes.len()),
            Received::Malformed(new, status) => self.answer_malformed(now, &new, status, bytes.len()),
            Received::Handled => {}
        }
        self.settle(now);
    }

    /// Whether what keeps a NAT open is answered on this flow: not a banned address, and nobody without measure.
    pub fn answers_keep_alive(&mut self, now: Now, flow: Flow) -> bool {
        if self.is_unheard(now, flow) {
            return false;
        }
        let answered = self.guards.may_keep_alive(flow.remote.ip(), now.instant);
        self.counters.silenced += u64::from(!answered);
        answered
    }

    /// How long the next message has waited for the switch.
    pub fn handle_lag(&mut self, now: Now, lag: Duration) {
        self.guards.shedder.lag(now.instant, lag, &self.plan.guard);
    }

    /// Makes nonces with this key from now on. One that outlives the switch tells phones that answer a nonce of before
    /// that it is stale, which they take up by themselves, and wrong passwords still count as such.
    pub fn use_digest_key(&mut self, key: [u8; 32]) {
        self.realm.use_key(key);
    }

    /// The addresses that are not heard, and why.
    #[must_use]
    pub fn bans(&self, now: Now) -> Vec<Ban> {
        self.guards.bans.list(now.instant)
    }

    /// Hears an address again; whether it was banned.
    pub fn lift_ban(&mut self, now: Now, source: IpAddr) -> bool {
        self.guards.bans.lift(Source::of(source), now.instant)
    }

    /// A connection is gone.
    pub fn handle_flow_lost(&mut self, now: Now, flow: Flow) {
        self.endpoint.flow_lost(now.instant, flow);
        self.trunk_flow_lost(now, flow);
        for agent in self.registrar.drop_flow(flow) {
            self.keep_registration(now, &agent);
            if self.registrar.lookup(&agent).is_empty() {
                self.centre.handle(Input::DeviceGone { agent: AgentId::from(&*agent) }, now);
            }
        }
        self.settle(now);
    }

    /// A socket bound to this address, the media address of a network, is ready for the next leg.
    pub fn handle_port(&mut self, socket: SocketAddr) {
        self.ports.add(socket);
    }

    /// The media engine reports.
    pub fn handle_media(&mut self, now: Now, signal: MediaSignal) {
        self.in_hand = InHand::of_signal(&signal);
        self.take_media(now, signal);
        self.settle(now);
    }

    /// The directory answered a question, or cannot.
    pub fn handle_looked_up(&mut self, now: Now, call: CallId, answer: LookUpAnswer) {
        self.centre.handle(Input::LookedUp { call, answer }, now);
        self.settle(now);
    }

    /// What a flow asked was answered, or cannot be.
    pub fn handle_flow_looked_up(&mut self, now: Now, call: CallId, look_up: u64, answer: FlowAnswer) {
        self.centre.handle(Input::FlowLookedUp { call, look_up, answer }, now);
        self.settle(now);
    }

    /// What the directory says about how a call is to be routed; at any time while it lives.
    pub fn handle_hints(&mut self, now: Now, call: CallId, hints: Hints) {
        self.centre.handle(Input::Hinted { call, hints }, now);
        self.settle(now);
    }

    /// A deadline came.
    pub fn handle_deadline(&mut self, now: Now) {
        for chore in Chore::ALL {
            self.begin_chore(now, chore);
        }
        self.settle(now);
    }

    /// No new calls from now on; those in hand go on.
    pub fn drain(&mut self, now: Now) {
        self.centre.handle(Input::Drain, now);
        self.settle(now);
    }

    /// Sets what an agent wants.
    ///
    /// # Errors
    /// An unknown agent or reason code; the error says what is allowed.
    pub fn set_agent(&mut self, now: Now, agent: &AgentId, intent: AgentIntent) -> Result<(), CommandError> {
        let result = self.centre.set_agent(agent, intent, now);
        self.settle(now);
        result
    }

    /// Carries out an order about an agent's work.
    ///
    /// # Errors
    /// What cannot be done; the error says what is allowed.
    pub fn agent_order(&mut self, now: Now, order: AgentOrder) -> Result<(), CommandError> {
        let result = self.centre.agent_order(order, now);
        self.settle(now);
        result
    }

    /// Ends a call.
    ///
    /// # Errors
    /// When there is no such call.
    pub fn hang_up(&mut self, now: Now, call: CallId) -> Result<(), CommandError> {
        let result = self.centre.hang_up(call, now);
        self.settle(now);
        result
    }

    /// Lets the recording of a conversation rest; [`Self::resume_recording`] ends that, or the longest time allowed.
    ///
    /// # Errors
    /// When the call is in no conversation that is recorded, or its recording rests already.
    pub fn pause_recording(&mut self, now: Now, call: CallId, reason: &str) -> Result<(), CommandError> {
        let result = self.centre.pause_recording(call, reason, now);
        self.settle(now);
        result
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// When the call is in no conversation that is recorded, or its recording does not rest.
    pub fn resume_recording(&mut self, now: Now, call: CallId) -> Result<(), CommandError> {
        let result = self.centre.resume_recording(call, now);
        self.settle(now);
        result
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(output) = self.outputs.pop_front() {
            return Some(output);
        }
        self.endpoint.poll_transmit().map(Output::Transmit)
    }

    /// When [`Self::handle_deadline`] wants to be called.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        [
            self.endpoint.next_deadline(),
            self.centre.next_deadline(),
            self.registrar.next_deadline(),
            self.trunks.next_deadline(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Calls, queues and agents as they are.
    #[must_use]
    pub fn snapshot(&self, now: Now) -> Snapshot {
        self.centre.snapshot(now)
    }

    /// Calls that have not ended.
    #[must_use]
    pub fn live_calls(&self) -> usize {
        self.centre.live_calls()
    }

    /// Legs that have not ended; echo tests included.
    #[must_use]
    pub fn live_legs(&self) -> usize {
        self.legs.len()
    }

    /// Phones that are registered.
    #[must_use]
    pub fn registered_phones(&self) -> usize {
        self.registrar.len()
    }

    /// What was met at the door.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// SIP dialogs and transactions that are alive, with those that only absorb repetitions.
    #[must_use]
    pub fn live_sip(&self) -> (usize, usize) {
        (self.endpoint.dialog_count(), self.endpoint.transaction_count())
    }

    /// What the SIP endpoint counted: nonsense, retransmissions.
    #[must_use]
    pub fn sip_counters(&self) -> &careline_sip::Counters {
        self.endpoint.counters()
    }

    /// Carries news between the three cores until none has any left.
    pub(crate) fn settle(&mut self, now: Now) {
        loop {
            if let Some(action) = self.centre.poll_action() {
                self.in_hand = InHand::of_action(&action);
                self.obey(now, action);
            } else if let Some(event) = self.endpoint.poll_event() {
                self.in_hand = InHand::of_event(&event);
                self.trip_dialog(self.in_hand.and_then(InHand::dialog));
                self.take_signal(now, event);
            } else {
                self.in_hand = None;
                return;
            }
        }
    }

    /// Ends a leg that is gone on the wire: media closed, the call centre told.
    pub(crate) fn leg_gone(&mut self, now: Now, id: LegId, why: LegEnd) {
        let Some(role) = self.close_leg(id) else { return };
        match role {
            crate::leg::Role::Echo { agent } => self.own_call_over(now, agent),
            crate::leg::Role::Caller
            | crate::leg::Role::Agent { .. }
            | crate::leg::Role::Dialler { .. }
            | crate::leg::Role::Outside => {
                self.centre.handle(Input::LegEnded { leg: id, why }, now);
            }
        }
    }

    /// Forgets a leg and gives its media back.
    pub(crate) fn close_leg(&mut self, id: LegId) -> Option<crate::leg::Role> {
        let trunk = self.trunks.trunk_of(id).cloned();
        self.trunks.forget_leg(id);
        self.replacing.remove(&id);
        let leg = self.legs.remove(id)?;
        if leg.open {
            self.await_figures(id, Subject::of(&leg, trunk.as_ref()));
            self.outputs.push_back(Output::Media(MediaOrder::Close { leg: id }));
        } else {
            // The socket was never handed to the engine: it is as good as new.
            self.ports.put_back(leg.socket);
        }
        Some(leg.role)
    }
}

/// Where the phones are that have an address instead of a registration.
pub(crate) fn fixed_phones(plan: &Plan) -> BTreeSet<Source> {
    let contacts = plan.agents.values().filter_map(|agent| agent.contact.as_deref()?.parse::<Uri>().ok());
    contacts.filter_map(|uri| uri.host_ip()).map(Source::of).collect()
}

/// A generator of its own for a part, so that one part's draws do not shift another's.
fn fork(rng: &mut ChaCha20Rng) -> ChaCha20Rng {
    let mut seed = [0_u8; 32];
    rng.fill_bytes(&mut seed);
    ChaCha20Rng::from_seed(seed)
}
