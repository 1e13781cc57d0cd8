//! What is true now: calls, queues and agents, as a supervisor's screen starts from.

use crate::caller_name::CallerName;

use crate::event::{AgentDevice, AgentIntent, AgentWork, CallDirection, LimitAction, WatchMode, WrapUpMode};
use crate::hours::{HoursOverride, Outlook};
use crate::id::{AgentId, CallId, FlowId, LineId, OfferId, QueueId};
use crate::number::Number;
use serde::{Deserialize, Serialize};

/// All that is true at one moment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Snapshot {
    /// Calls that have not ended, oldest first.
    pub calls: Vec<CallView>,
    /// Queues in the order of the configuration.
    pub queues: Vec<QueueView>,
    /// Agents in the order of their ids.
    pub agents: Vec<AgentView>,
    /// Reason codes that an agent may choose, in the order of their ids.
    pub not_ready_codes: Vec<NotReadyCodeView>,
    /// Profiles of opening hours in the order of their ids.
    pub hours: Vec<HoursView>,
    /// Emergency mode, while it is on.
    pub emergency: Option<EmergencyView>,
    /// What may come of a conversation, in the order of the codes; empty when any code will do.
    pub dispositions: Vec<DispositionView>,
    /// Supervisors who listen, oldest first.
    pub watches: Vec<WatchView>,
}

/// A supervisor who listens to an agent, or whose phone rings for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchView {
    /// Names the watch in the events.
    pub watch: CallId,
    /// Whose phone and whose rights.
    pub supervisor: AgentId,
    /// Who is listened to.
    pub agent: AgentId,
    /// How.
    pub mode: WatchMode,
    /// The call that she hears; nothing while there is none.
    pub call: Option<CallId>,
}

/// One live call.
#[derive(Debug, Clone, PartialEq)]
pub struct CallView {
    /// Its id.
    pub call: CallId,
    /// Who called whom.
    pub direction: CallDirection,
    /// Number of the party that an agent talks to: the caller's, empty when withheld, or the one that an agent dialled.
    pub caller: Number,
    /// Caller's display name as the network sent it, empty when none.
    pub caller_name: CallerName,
    /// The dialled number.
    pub dialled: Number,
    /// The line of the dialled number; empty when an agent dialled.
    pub line: LineId,
    /// Advertising medium code of the dialled number; may be empty.
    pub medium: String,
    /// Where it is.
    pub stage: CallStage,
    /// The queue it waits in or came from.
    pub queue: Option<QueueId>,
    /// The agent it rings at or talks to.
    pub agent: Option<AgentId>,
    /// The offer for which the agent is rung or being joined.
    pub offer: Option<OfferId>,
    /// UTC microseconds of its arrival.
    pub offered_at_us: i64,
    /// UTC microseconds of the present stage's beginning.
    pub stage_since_us: i64,
}

/// Where a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallStage {
    /// In the flow.
    Flow,
    /// Waiting in a queue.
    Queued,
    /// An agent's phone rings for it.
    Offered,
    /// Caller and agent talk.
    Talking,
    /// An agent dialled; the other party has not answered.
    Dialling,
    /// An agent passes the other party on; the third one has not answered.
    Transferring,
}

/// One queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueView {
    /// Its id.
    pub queue: QueueId,
    /// Its name on screens.
    pub name: String,
    /// Calls waiting, in service order.
    pub waiting: Vec<CallId>,
    /// The longest wait now, in milliseconds.
    pub longest_wait_ms: u64,
    /// Agents that could take a call this instant.
    pub agents_routable: u32,
}

/// One agent.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentView {
    /// The agent's id.
    pub agent: AgentId,
    /// The name on screens.
    pub name: String,
    /// What the agent wants.
    pub intent: AgentIntent,
    /// What the agent does.
    pub work: AgentWork,
    /// What the phone is.
    pub device: AgentDevice,
    /// The call in hand.
    pub call: Option<CallId>,
    /// UTC microseconds of the last change of any axis.
    pub since_us: i64,
    /// What she wants when her work is done, when that is something else.
    pub next: Option<AgentIntent>,
    /// Her work after a call.
    pub wrap_up: Option<WrapUpView>,
}

/// Work after a call.
#[derive(Debug, Clone, PartialEq)]
pub struct WrapUpView {
    /// The call.
    pub call: CallId,
    /// What the agent may do about it.
    pub mode: WrapUpMode,
    /// When it ends at the latest, UTC microseconds.
    pub ends_at_us: i64,
    /// What came of the call, once she has said it.
    pub disposition: Option<String>,
}

/// One reason for which an agent may take no calls.
#[derive(Debug, Clone, PartialEq)]
pub struct NotReadyCodeView {
    /// The code.
    pub code: String,
    /// Its name on screens.
    pub name: String,
    /// Counts as working time.
    pub productive: bool,
    /// Who is in it counts as staff of her queues.
    pub staffed: bool,
    /// Longest time in it, seconds; 0 for any.
    pub max_s: u32,
    /// From when on she is warned, seconds; 0 for never.
    pub warn_s: u32,
    /// What follows on the longest time.
    pub at_max: LimitAction,
    /// How often a day; 0 for any.
    pub quota: u32,
    /// Agents may choose it.
    pub by_agent: bool,
    /// Supervisors may set it.
    pub by_supervisor: bool,
}

/// What may come of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct DispositionView {
    /// The code.
    pub code: String,
    /// Its name on screens.
    pub name: String,
}

/// One profile of opening hours.
#[derive(Debug, Clone, PartialEq)]
pub struct HoursView {
    /// Its id.
    pub hours: String,
    /// What happens now.
    pub outlook: Outlook,
    /// The override in force.
    pub overridden: Option<HoursOverride>,
}

/// Emergency mode.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EmergencyView {
    /// The flow that callers of all lines hear.
    pub flow: FlowId,
    /// UTC microseconds of its beginning.
    pub since_us: i64,
    /// When it ends by itself, UTC microseconds; nothing: by command alone.
    pub until_us: Option<i64>,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
}
