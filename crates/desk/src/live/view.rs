//! Live things in the form in which they go to pages. No full telephone number is in them.

use careline_model::event::{AgentDevice, AgentIntent, AgentWork, CallDirection};
use careline_model::snapshot::{CallStage, NotReadyCodeView};
use serde::Serialize;
use utoipa::ToSchema;

/// One agent.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AgentLive {
    /// Id of the agent at the switch.
    pub agent: String,
    /// The name on screens.
    pub name: String,
    /// What the agent wants.
    pub intent: IntentWord,
    /// The reason, when not ready.
    pub code: Option<String>,
    /// What the agent does.
    pub work: WorkWord,
    /// What the phone is.
    pub device: DeviceWord,
    /// The call in hand, or the one the agent writes up.
    pub call: Option<String>,
    /// Last change of any axis, UTC microseconds, the switch's clock.
    pub since_us: i64,
}

/// What an agent wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntentWord {
    /// Not signed in at the switch.
    LoggedOut,
    /// Takes calls.
    Ready,
    /// Takes no calls, for a reason.
    NotReady,
}

impl IntentWord {
    /// The word and the reason of an intent.
    #[must_use]
    pub fn of(intent: &AgentIntent) -> (Self, Option<String>) {
        match intent {
            AgentIntent::LoggedOut => (Self::LoggedOut, None),
            AgentIntent::Ready => (Self::Ready, None),
            AgentIntent::NotReady(code) => (Self::NotReady, Some(code.clone())),
        }
    }
}

/// What an agent does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkWord {
    /// Nothing.
    Idle,
    /// Chosen for a call.
    Reserved,
    /// The phone rings.
    Ringing,
    /// Answered, being joined.
    Connecting,
    /// In conversation.
    Talking,
    /// In a call that came from no queue.
    Dialing,
    /// Writes up the last call.
    WrapUp,
    /// Looks at a task of a campaign.
    Preview,
}

impl From<AgentWork> for WorkWord {
    fn from(work: AgentWork) -> Self {
        match work {
            AgentWork::Idle => Self::Idle,
            AgentWork::Reserved => Self::Reserved,
            AgentWork::Ringing => Self::Ringing,
            AgentWork::Connecting => Self::Connecting,
            AgentWork::Talking => Self::Talking,
            AgentWork::Dialing => Self::Dialing,
            AgentWork::WrapUp => Self::WrapUp,
            AgentWork::Preview => Self::Preview,
        }
    }
}

/// What an agent's phone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceWord {
    /// Never seen.
    None,
    /// Registered and free.
    Registered,
    /// In a call.
    InUse,
    /// Was there and is gone.
    Lost,
}

impl From<AgentDevice> for DeviceWord {
    fn from(device: AgentDevice) -> Self {
        match device {
            AgentDevice::None => Self::None,
            AgentDevice::Registered => Self::Registered,
            AgentDevice::InUse => Self::InUse,
            AgentDevice::Lost => Self::Lost,
        }
    }
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct QueueLive {
    /// Id.
    pub queue: String,
    /// The name on screens.
    pub name: String,
    /// Callers who wait, also those for whom a phone rings.
    pub waiting: usize,
    /// Since when the one who waits longest waits, UTC microseconds.
    pub longest_since_us: Option<i64>,
    /// Agents who could take a call; at most a second old.
    pub agents_routable: u32,
}

/// One call that has not ended.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallLive {
    /// Id, a UUID.
    pub call: String,
    /// Who called whom.
    pub direction: DirectionWord,
    /// The other party's number with its middle hidden; empty when withheld.
    pub caller_masked: String,
    /// What the network sent as a name: text, never markup.
    pub caller_name: String,
    /// The line; empty when an agent dialled.
    pub line: String,
    /// Advertising medium of the dialled number; may be empty.
    pub medium: String,
    /// Where the call is.
    pub stage: CallStageWord,
    /// The queue it waits in or came from.
    pub queue: Option<String>,
    /// The agent it rings at or talks to.
    pub agent: Option<String>,
    /// Arrival, UTC microseconds, the switch's clock.
    pub offered_us: i64,
    /// Beginning of the present stage, UTC microseconds, the switch's clock.
    pub stage_since_us: i64,
    /// How many persons may be calling; nothing while nobody knows.
    pub persons: Option<u32>,
    /// The person's name when there is exactly one candidate, otherwise empty.
    pub label: String,
}

/// Where a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallStageWord {
    /// Hears the menu.
    Flow,
    /// Waits in a queue.
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

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DirectionWord {
    /// Somebody called a line of ours.
    #[default]
    In,
    /// An agent called somebody outside.
    Out,
    /// An agent called an extension.
    Internal,
}

impl DirectionWord {
    /// The word of storage; calls of before there were others came in.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text {
            "out" => Self::Out,
            "internal" => Self::Internal,
            _ => Self::In,
        }
    }
}

impl From<CallDirection> for DirectionWord {
    fn from(direction: CallDirection) -> Self {
        match direction {
            CallDirection::Inbound => Self::In,
            CallDirection::Outbound => Self::Out,
            CallDirection::Internal => Self::Internal,
        }
    }
}

impl From<CallStage> for CallStageWord {
    fn from(stage: CallStage) -> Self {
        match stage {
            CallStage::Flow => Self::Flow,
            CallStage::Queued => Self::Queued,
            CallStage::Offered => Self::Offered,
            CallStage::Talking => Self::Talking,
            CallStage::Dialling => Self::Dialling,
            CallStage::Transferring => Self::Transferring,
        }
    }
}

/// Whether a switch is followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SwitchLive {
    /// Id of the configuration.
    pub id: String,
    /// False: what pages show of it is as old as the connection's end.
    pub connected: bool,
}

/// One reason for which an agent may take no calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NotReadyReason {
    /// What `PUT /api/me/state` wants.
    pub code: String,
    /// The name on screens.
    pub name: String,
    /// Counts as working time.
    pub productive: bool,
}

impl From<NotReadyCodeView> for NotReadyReason {
    fn from(code: NotReadyCodeView) -> Self {
        let NotReadyCodeView { code, name, productive, .. } = code;
        Self { code, name, productive }
    }
}
