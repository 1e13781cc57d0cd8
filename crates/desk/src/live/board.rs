//! All switches side by side.

use super::floor::{LiveCall, SwitchFloor};
use super::view::{AgentLive, CallLive, NotReadyReason, QueueLive, SwitchLive};
use careline_model::event::{OfferOutcome, TransferOutcome};
use careline_model::snapshot::{QueueView, Snapshot};
use careline_model::{AgentId, CallId, Event, Number, OfferId, QueueId, RecordingId};
use std::collections::BTreeMap;

/// What pages have to know. It names the thing; the board tells how the thing is now.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// A switch came or went, or everything of it is to be read again.
    Switch(String),
    /// A call arrived: time to find out who calls.
    Arrived(CallId),
    /// A call is there, or changed.
    Call(CallId),
    /// A call ended.
    CallGone(CallId),
    /// An agent changed.
    Agent(AgentId),
    /// A queue changed.
    Queue(QueueId),
    /// An agent's phone is about to ring.
    OfferMade {
        /// The call.
        call: CallId,
        /// The offer.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
        /// When, UTC microseconds, the switch's clock.
        at_us: i64,
    },
    /// The agent's phone rings no more.
    OfferEnded {
        /// The call.
        call: CallId,
        /// The offer.
        offer: OfferId,
        /// The agent.
        agent: AgentId,
        /// How it ended.
        outcome: OfferOutcome,
    },
    /// Caller and agent talk.
    Connected {
        /// The call.
        call: CallId,
        /// The agent.
        agent: AgentId,
    },
    /// The third party took the call, or did not.
    TransferEnded {
        /// The call.
        call: CallId,
        /// Who passed it on.
        agent: AgentId,
        /// The extension or the number, whole.
        to: Number,
        /// How it ended.
        outcome: TransferOutcome,
    },
    /// A recording began or is closed.
    Recording {
        /// The call.
        call: CallId,
        /// The recording.
        recording: RecordingId,
        /// Closed.
        finished: bool,
    },
}

/// What is true at all switches. Ids of agents and queues are unique over the switches of one desk; should two switches
/// have the same, the first switch by id is shown.
#[derive(Debug, Clone, Default)]
pub struct Board {
    switches: BTreeMap<String, SwitchFloor>,
}

impl Board {
    /// A board of switches that are all away.
    #[must_use]
    pub fn new(switch_ids: impl IntoIterator<Item = String>) -> Self {
        Self { switches: switch_ids.into_iter().map(|id| (id, SwitchFloor::default())).collect() }
    }

    /// Takes over everything that is true at a switch. What a snapshot does not tell of calls that are still there
    /// (nodes passed, who they are) is kept. A switch that is not configured is ignored.
    pub fn reset(&mut self, switch_id: &str, snapshot: Snapshot) -> Vec<Change> {
        let Some(floor) = self.switches.get_mut(switch_id) else { return Vec::new() };
        let mut changes = floor.reset(snapshot);
        changes.push(Change::Switch(switch_id.to_owned()));
        changes
    }

    /// Takes in the next event of a switch. Late and unknown things change nothing.
    pub fn handle(&mut self, switch_id: &str, event: &Event) -> Vec<Change> {
        self.switches.get_mut(switch_id).map(|floor| floor.handle(event)).unwrap_or_default()
    }

    /// The switch cannot be followed now; what was true stays on the board.
    pub fn disconnected(&mut self, switch_id: &str) -> Vec<Change> {
        match self.switches.get_mut(switch_id) {
            Some(floor) if floor.connected => {
                floor.connected = false;
                vec![Change::Switch(switch_id.to_owned())]
            }
            _ => Vec::new(),
        }
    }

    /// How many agents could take a call: no event tells, so it is asked for from time to time.
    pub fn refresh_queues(&mut self, switch_id: &str, queues: &[QueueView]) -> Vec<Change> {
        self.switches.get_mut(switch_id).map(|floor| floor.refresh_queues(queues)).unwrap_or_default()
    }

    /// The desk found out who may be calling.
    pub fn found(&mut self, call: CallId, persons: u32, label: &str) -> Vec<Change> {
        let Some(live) = self.switches.values_mut().find_map(|floor| floor.calls.get_mut(&call)) else {
            return Vec::new();
        };
        if live.persons == Some(persons) && live.label == label {
            return Vec::new();
        }
        live.persons = Some(persons);
        label.clone_into(&mut live.label);
        vec![Change::Call(call)]
    }

    /// A call that has not ended.
    #[must_use]
    pub fn call(&self, call: CallId) -> Option<&LiveCall> {
        self.switches.values().find_map(|floor| floor.calls.get(&call))
    }

    /// The same for pages.
    #[must_use]
    pub fn call_view(&self, call: CallId) -> Option<CallLive> {
        self.call(call).map(|live| live.view(call))
    }

    /// The switch that carries a call.
    #[must_use]
    pub fn switch_of_call(&self, call: CallId) -> Option<&str> {
        self.switches.iter().find(|(_, floor)| floor.calls.contains_key(&call)).map(|(id, _)| id.as_str())
    }

    /// The switch that knows an agent, a connected one first.
    #[must_use]
    pub fn switch_of_agent(&self, agent: &AgentId) -> Option<&str> {
        let knows = |floor: &SwitchFloor| floor.agents.contains_key(agent);
        let connected = self.switches.iter().find(|(_, floor)| floor.connected && knows(floor));
        let any = || self.switches.iter().find(|(_, floor)| knows(floor));
        connected.or_else(any).map(|(id, _)| id.as_str())
    }

    /// Every call that has not ended, in the order of arrival within each switch.
    pub fn calls(&self) -> impl Iterator<Item = (CallId, &LiveCall)> {
        self.switches.values().flat_map(|floor| floor.calls.iter().map(|(id, live)| (*id, live)))
    }

    /// One agent.
    #[must_use]
    pub fn agent_view(&self, agent: &AgentId) -> Option<AgentLive> {
        self.switches.values().find_map(|floor| floor.agent_view(agent))
    }

    /// Every agent, by id within each switch.
    #[must_use]
    pub fn agent_views(&self) -> Vec<AgentLive> {
        let all = self.switches.values().flat_map(|floor| floor.agents.keys().map(|id| floor.agent_view(id)));
        all.flatten().collect()
    }

    /// The names of agents on screens.
    #[must_use]
    pub fn agent_names(&self) -> BTreeMap<String, String> {
        let agents = self.switches.values().flat_map(|floor| floor.agents.iter());
        agents.map(|(id, agent)| (id.as_str().to_owned(), agent.name.clone())).collect()
    }

    /// One queue.
    #[must_use]
    pub fn queue_view(&self, queue: &QueueId) -> Option<QueueLive> {
        self.switches.values().find_map(|floor| floor.queue_view(queue))
    }

    /// Every queue in the order of the switches' configuration.
    #[must_use]
    pub fn queue_views(&self) -> Vec<QueueLive> {
        self.switches.values().flat_map(SwitchFloor::queue_views).collect()
    }

    /// Every switch.
    #[must_use]
    pub fn switch_views(&self) -> Vec<SwitchLive> {
        let view =
            |(id, floor): (&String, &SwitchFloor)| SwitchLive { id: id.clone(), connected: floor.connected };
        self.switches.iter().map(view).collect()
    }

    /// Reasons for taking no calls, each code once.
    #[must_use]
    pub fn not_ready_reasons(&self) -> Vec<NotReadyReason> {
        let all = self.switches.values().flat_map(|floor| &floor.reasons);
        let mut by_code = BTreeMap::new();
        for reason in all {
            by_code.entry(&reason.code).or_insert(reason);
        }
        by_code.into_values().cloned().collect()
    }
}
