//! The whole call centre: what comes in, what is due, what must go out.

use crate::action::Action;
use crate::agent::Agent;
use crate::call::Call;
use crate::callback::Callbacks;
use crate::campaign::Campaigns;
use crate::deadlines::{Deadlines, Due};
use crate::input::Input;
use crate::people::{Watches, watch_end};
use crate::queue::{LeftPlaces, Queue, is_watched};
use crate::screening::Screening;
use crate::sticky::LastTalks;
use crate::voicemail::{Messages, Pins};
use careline_model::config::Plan;
use careline_model::event::{EventBody, WatchEnd};
use careline_model::hours::HoursOverride;
use careline_model::snapshot::EmergencyView;
use careline_model::{AgentId, CallId, Event, LegId, Now, QueueId};
use rand_chacha::ChaCha20Rng;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

/// The whole call centre as one value: change it once, drain [`Centre::poll_action`], sleep until
/// [`Centre::next_deadline`].
#[derive(Debug)]
pub struct Centre {
    pub(crate) plan: Arc<Plan>,
    pub(crate) rng: ChaCha20Rng,
    pub(crate) ids: Ids,
    /// At most `calls_max` of the plan.
    pub(crate) calls: BTreeMap<CallId, Call>,
    /// The legs of live calls.
    pub(crate) legs: BTreeMap<LegId, (CallId, Role)>,
    pub(crate) agents: BTreeMap<AgentId, Agent>,
    pub(crate) queues: BTreeMap<QueueId, Queue>,
    pub(crate) deadlines: Deadlines,
    /// The deadline that is being kept.
    in_hand: Option<Due>,
    pub(crate) draining: bool,
    pub(crate) screening: Screening,
    /// Overrides of opening hours in force, by profile.
    pub(crate) overrides: BTreeMap<Arc<str>, HoursOverride>,
    /// Emergency mode, while it is on.
    pub(crate) emergency: Option<EmergencyView>,
    /// The first input gave the time.
    pub(crate) awake: bool,
    /// The first moment that it was told of: its clock begins there.
    pub(crate) epoch: Option<Instant>,
    /// What the house calls for by itself.
    pub(crate) campaigns: Campaigns,
    /// Who talked to whom last.
    pub(crate) last_talks: LastTalks,
    /// Messages that are not handled.
    pub(crate) messages: Messages,
    /// Who typed a wrong PIN.
    pub(crate) pins: Pins,
    /// Places of those who hung up a moment ago.
    pub(crate) left_places: LeftPlaces,
    /// Queues whose light may have to be switched.
    pub(crate) to_light: BTreeSet<QueueId>,
    /// Who is to be called back.
    pub(crate) callbacks: Callbacks,
    /// Queues that an agent left work for since the matcher looked.
    pub(crate) unstaffed: BTreeSet<QueueId>,
    /// Queues that are judged when their agents change.
    pub(crate) watched: BTreeSet<QueueId>,
    /// Those of them that something changed for since the matcher looked.
    pub(crate) to_judge: BTreeSet<QueueId>,
    /// Agents who are not configured any more and still have a call in hand.
    pub(crate) leaving: BTreeSet<AgentId>,
    /// Queues that are not configured any more and are still spoken of; the plan has their rules.
    pub(crate) retired: BTreeSet<QueueId>,
    /// Supervisors who listen.
    pub(crate) watches: Watches,
    /// Calls with somebody beside the two, in conversation.
    pub(crate) conferences: BTreeSet<CallId>,
    /// Whom legs hear beside the one they are joined with, as it was told last; none of them empty.
    pub(crate) hearing: BTreeMap<LegId, Vec<LegId>>,
    /// Agents that became routable since the matcher looked.
    pub(crate) freed: Vec<AgentId>,
    /// Calls that came or came back to a queue since the matcher looked.
    pub(crate) waiting_anew: Vec<CallId>,
    /// Drained after every change, so it holds what one change brings.
    pub(crate) actions: VecDeque<Action>,
}

/// Whose leg it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Caller,
    Agent,
    /// Somebody who was added to a conversation.
    Guest,
}

/// The last ids given.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    leg: u64,
    entry: u64,
    offer: u64,
    playback: u64,
    look_up: u64,
}

impl Ids {
    pub(crate) fn next_entry(&mut self) -> u64 {
        self.entry += 1;
        self.entry
    }

    pub(crate) fn next_offer(&mut self) -> u64 {
        self.offer += 1;
        self.offer
    }

    pub(crate) fn next_playback(&mut self) -> u64 {
        self.playback += 1;
        self.playback
    }

    pub(crate) fn next_look_up(&mut self) -> u64 {
        self.look_up += 1;
        self.look_up
    }
}

impl Centre {
    /// A call centre without calls. Agents are signed out, but for those whose phone does not register and who are
    /// `ready_on_register`: they are told as ready with the first input, which gives the time.
    #[must_use]
    pub fn new(plan: Arc<Plan>, rng: ChaCha20Rng) -> Self {
        let agents = plan.agents.iter().map(|(id, agent)| (id.clone(), Agent::new(agent))).collect();
        let seats =
            |id: &QueueId| plan.agents.values().filter_map(|agent| agent.seats.get(id)).copied().collect();
        let queues =
            plan.queues.iter().map(|(id, queue)| (id.clone(), Queue::new(queue, seats(id)))).collect();
        let screening = Screening::new(&plan.screening.lists);
        let watched = plan.queues.values().filter(|queue| is_watched(queue));
        let campaigns = Campaigns::new(&plan);
        let watched = watched.map(|queue| queue.id.clone()).collect();
        Self {
            plan,
            rng,
            ids: Ids::default(),
            calls: BTreeMap::new(),
            legs: BTreeMap::new(),
            agents,
            queues,
            deadlines: Deadlines::default(),
            in_hand: None,
            draining: false,
            screening,
            overrides: BTreeMap::new(),
            emergency: None,
            awake: false,
            epoch: None,
            campaigns,
            last_talks: LastTalks::default(),
            messages: Messages::default(),
            pins: Pins::default(),
            left_places: LeftPlaces::default(),
            to_light: BTreeSet::new(),
            callbacks: Callbacks::default(),
            unstaffed: BTreeSet::new(),
            watched,
            to_judge: BTreeSet::new(),
            leaving: BTreeSet::new(),
            retired: BTreeSet::new(),
            watches: Watches::default(),
            conferences: BTreeSet::new(),
            hearing: BTreeMap::new(),
            freed: Vec::new(),
            waiting_anew: Vec::new(),
            actions: VecDeque::new(),
        }
    }

    /// The next leg id, for callers' legs too.
    pub fn new_leg(&mut self) -> LegId {
        self.ids.leg += 1;
        LegId(self.ids.leg)
    }

    /// Something happened.
    pub fn handle(&mut self, input: Input, now: Now) {
        self.wake(now);
        self.end_overdue_overrides(now);
        match input {
            Input::Answered { leg } if self.watches.has(leg) => self.watch_answered(leg, now),
            Input::Refused { leg, .. } if self.watches.has(leg) => {
                self.end_watch_of(leg, WatchEnd::NotAnswered, now);
            }
            Input::LegEnded { leg, why } if self.watches.has(leg) => {
                self.end_watch_of(leg, watch_end(why), now);
            }
            Input::Arrived { leg, caller, caller_name, dialled, trunk } => {
                self.arrived(leg, caller, caller_name, &dialled, trunk, now);
            }
            Input::CallerUp { leg } => self.caller_up(leg, now),
            Input::LegEnded { leg, why } => self.leg_ended(leg, why, now),
            Input::Digit { leg, digit, duration_ms } => self.digit(leg, digit, duration_ms, now),
            Input::PlaybackDone { leg, playback } => self.playback_done(leg, playback, now),
            Input::PhoneDialled { leg, agent, dialled } => self.phone_dialled(leg, agent, &dialled, now),
            Input::TransferAsked { leg, refer, to } => self.transfer_asked(leg, refer, &to, now),
            Input::Replaced { old, by } => self.replaced(old, by, now),
            Input::EarlyMedia { leg } => self.early_media(leg, now),
            Input::Ringing { leg } => self.ringing(leg, now),
            Input::Answered { leg } => self.answered(leg, now),
            Input::RefusalRead { leg, status, cause } => self.refusal_read(leg, status, cause),
            Input::Refused { leg, why } => self.refused(leg, why, now),
            Input::Bridged { leg } => self.bridged(leg, now),
            Input::Held { leg, held } => self.held(leg, held, now),
            Input::LookedUp { call, answer } => self.looked_up(call, answer, now),
            Input::Hinted { call, hints } => self.hinted(call, hints, now),
            Input::FlowLookedUp { call, look_up, answer } => self.flow_looked_up(call, look_up, answer, now),
            Input::DeviceUp { agent } => self.device_up(&agent, now),
            Input::DeviceGone { agent } => self.device_gone(&agent, now),
            Input::DeviceBusy { agent, busy } => self.device_busy(&agent, busy, now),
            Input::RecordingStarted { call, recording } => {
                self.tell(EventBody::RecordingStarted { call, recording }, now);
            }
            Input::RecordingFinished { call, recording, duration_ms, bytes, sha256, complete } => {
                let body =
                    EventBody::RecordingFinished { call, recording, duration_ms, bytes, sha256, complete };
                self.tell(body, now);
            }
            Input::RecordingIncomplete { call, recording, reason } => {
                self.tell(EventBody::RecordingIncomplete { call, recording, reason }, now);
            }
            Input::RecordingResumed { call, recording } => self.recording_resumed(call, recording, now),
            Input::Spoke { call, recording } => self.spoke(call, &recording, now),
            Input::Drain => self.drain(now),
        }
        self.settle(now);
    }

    /// Tells of the agents whose phone is there from the start.
    pub(crate) fn wake(&mut self, now: Now) {
        if !self.awake {
            self.awake = true;
            self.epoch = Some(now.instant);
            let ids: Vec<AgentId> = self.agents.keys().cloned().collect();
            ids.iter().for_each(|id| self.agent_changed(id, now));
        }
    }

    fn drain(&mut self, now: Now) {
        if !self.draining {
            self.draining = true;
            let calls = u32::try_from(self.calls_with_lines()).unwrap_or(u32::MAX);
            self.tell(EventBody::SwitchDraining { calls }, now);
            self.callbacks_drain(now);
        }
    }

    /// Carries out everything whose deadline has passed.
    pub fn handle_deadline(&mut self, now: Now) {
        while let Some(due) = self.deadlines.take(now.instant) {
            self.in_hand = Some(due.clone());
            match due {
                Due::Caller(call) => self.caller_is_due(call, now),
                Due::LookUp(call) => self.look_up_is_overdue(call, now),
                Due::Third(call) => self.third_is_due(call, now),
                Due::MaxWait(call) => self.wait_is_over(call, now),
                Due::Step(call) => self.steps_are_due(call, now),
                Due::Kept(call) => self.kept_is_over(call, now),
                Due::Callback(callback) => self.callback_is_due(&callback, now),
                Due::Comfort(call) => self.comfort_is_due(call, now),
                Due::Overflow(call) => _ = self.overflow(call, now),
                Due::Vacant(queue) => self.vacancy_is_due(&queue, now),
                Due::Closing(queue) => self.closing_is_due(&queue, now),
                Due::RingNext(call) => self.ring_next(call, now),
                Due::Work(agent) => self.work_is_due(&agent, now),
                Due::Rest(agent) => self.rest_is_over(&agent, now),
                Due::Override(hours) => self.override_is_due(&hours, now),
                Due::Emergency => self.emergency_is_due(now),
                Due::Campaigns => self.campaigns_are_due(),
                Due::Pause(agent) => self.pause_is_due(&agent, now),
                Due::Idle(agent) => self.idle_is_due(&agent, now),
                Due::Device(agent) => self.device_is_away(&agent, now),
                Due::Watch(watch) => self.watch_is_overdue(watch, now),
                Due::Party(call, party) => self.party_is_overdue(call, party, now),
                Due::Hold(call) => self.hold_is_due(call, now),
            }
            // One cause at a time: the matcher relies on it.
            self.settle(now);
        }
        self.in_hand = None;
    }

    /// The deadline that was being kept when [`Centre::handle_deadline`] was left by a panic; none at any other time.
    pub fn take_in_hand(&mut self) -> Option<Due> {
        self.in_hand.take()
    }

    /// When [`Centre::handle_deadline`] is to be called.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.next()
    }

    /// The next thing to do.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Calls that have not ended.
    #[must_use]
    pub fn live_calls(&self) -> usize {
        self.calls.len()
    }

    /// The live call that a caller's or an agent's leg belongs to.
    #[must_use]
    pub fn call_of(&self, leg: LegId) -> Option<CallId> {
        self.legs.get(&leg).map(|(call, _)| *call)
    }

    /// The call of a caller's leg; nothing for an agent's.
    pub(crate) fn call_of_caller(&self, leg: LegId) -> Option<&Call> {
        let (id, role) = self.legs.get(&leg)?;
        if *role == Role::Caller { self.calls.get(id) } else { None }
    }

    pub(crate) fn tell(&mut self, body: EventBody, now: Now) {
        self.actions.push_back(Action::Emit(Event { at_us: now.wall_us, body }));
    }
}
