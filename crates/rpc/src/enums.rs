//! The small enums, one line for each value in each direction.

use crate::ConversionError;
use crate::proto::switch_control::v1 as control;
use crate::proto::switch_events::v1 as wire;
use careline_model::callback::{CallbackMiss, CallbackOrigin, CallbackOutcome, CallbackStage};
use careline_model::event as model;
use careline_model::hours::Opening;
use careline_model::outbound::{
    CampaignMode, CampaignState, DialResult, PreviewOutcome, Purpose, Relation, TaskOutcome,
};
use careline_model::quality::LegParty;
use careline_model::screening::{ListChange, ListKind, ScreenCause, ScreenOutcome};
use careline_model::snapshot::CallStage;

/// Writes both directions of an enum whose values have the same names on both sides.
macro_rules! same_names {
    ($model:ty, $wire:ty, $field:literal, $($value:ident),+ $(,)?) => {
        impl From<$model> for $wire {
            fn from(value: $model) -> Self {
                match value {
                    $(<$model>::$value => Self::$value,)+
                }
            }
        }

        impl TryFrom<$wire> for $model {
            type Error = ConversionError;

            fn try_from(value: $wire) -> Result<Self, ConversionError> {
                match value {
                    <$wire>::Unspecified => Err(ConversionError::Missing($field)),
                    $(<$wire>::$value => Ok(Self::$value),)+
                }
            }
        }
    };
}

same_names!(
    model::LookUpOutcome,
    wire::LookUpOutcome,
    "look-up outcome",
    Found,
    Stranger,
    TimedOut,
    Unavailable,
);
same_names!(model::ResumedBy, wire::ResumedBy, "what resumed", Command, Limit);
same_names!(
    model::WatchMode,
    wire::WatchMode,
    "watch mode",
    Listen,
    PrivateWhisper,
    Whisper,
    Barge,
    TakeOver,
);
same_names!(model::WatchNotice, wire::WatchNotice, "watch notice", None, Icon, Tone);
same_names!(model::WatchEnd, wire::WatchEnd, "watch end", Stopped, HungUp, NotAnswered, Lost, TakenOver);
same_names!(
    model::PartyLeft,
    wire::PartyLeftWhy,
    "why a party left",
    HungUp,
    Removed,
    NoAnswer,
    Rejected,
    Busy,
    Unreachable,
    CallEnded,
    Succeeded,
);
same_names!(model::HoldStep, wire::HoldStep, "hold step", Began, Long, Ended);
same_names!(model::ParkStep, wire::ParkStep, "park step", Parked, PickedUp, Returned, Ended);
same_names!(Opening, wire::Opening, "opening", Open, Closed, Emergency);
same_names!(ListKind, wire::CallerList, "list", White, Black, Protected);
same_names!(ListChange, wire::ListChange, "list change", Set, Removed);
same_names!(
    ScreenCause,
    wire::ScreenCause,
    "screen cause",
    BlackList,
    Anonymous,
    CallerRate,
    LineTotal,
    LineWaiting,
);
same_names!(
    ScreenOutcome,
    wire::ScreenOutcome,
    "screen outcome",
    Busy,
    Message,
    Voicemail,
    Asked,
    LowPriority,
    AllowedByWhiteList,
    AllowedByProtection,
    AllowedOnEmergencyLine,
);
same_names!(LegParty, wire::LegParty, "leg party", Caller, Agent, Outside);
same_names!(
    model::OfferOutcome,
    wire::OfferOutcome,
    "offer outcome",
    Answered,
    NoAnswer,
    Rejected,
    Busy,
    DeviceLost,
    CallerLeft,
    LostRace,
    Cancelled,
);
same_names!(
    model::QueueOutcome,
    wire::QueueOutcome,
    "queue outcome",
    Answered,
    Abandoned,
    ShortAbandoned,
    FlowOutTimeout,
    FlowOutEmpty,
    FlowOutClosed,
    FlowOutAdmin,
    SystemFault,
    FlowOutOverflow,
    FlowOutKey,
    FlowOutCallback,
    FlowOutVoicemail,
);
same_names!(
    model::EndCause,
    wire::EndCause,
    "end cause",
    Completed,
    IvrAbandoned,
    QueueAbandoned,
    FlowFinished,
    Cancelled,
    MediaTimeout,
    DeviceLost,
    Refused,
    Command,
    SwitchCrashed,
    Fault,
    NoAnswer,
    Busy,
    Rejected,
    Unreachable,
);
same_names!(model::GreetingReason, wire::GreetingReason, "greeting", Busy, Closed, Holiday);
same_names!(model::MessageDrop, wire::MessageDrop, "message drop", TooShort, TakenAgain);
same_names!(model::MessageState, wire::MessageState, "message state", Open, Claimed, Handled, Archived);
same_names!(CallbackOrigin, wire::CallbackOrigin, "callback origin", Caller, Agent, Program);
same_names!(
    CallbackOutcome,
    wire::CallbackOutcome,
    "callback outcome",
    Reached,
    Returned,
    Failed,
    Expired,
    Cancelled,
);
same_names!(CallbackStage, control::CallbackStage, "callback stage", Later, Queued, Offered, Calling,);
same_names!(
    CallbackMiss,
    wire::CallbackMiss,
    "callback miss",
    NoAnswer,
    Busy,
    Rejected,
    Unreachable,
    NotConfirmed,
    HungUp,
    NotTried,
);
same_names!(
    model::SurveyOutcome,
    wire::SurveyOutcome,
    "survey outcome",
    Completed,
    Partial,
    Refused,
    NotSampled,
    CallerLeft,
    NotOffered,
);
same_names!(model::Party, wire::Party, "party", Caller, Agent, Switch);
same_names!(
    model::AgentWork,
    wire::AgentWork,
    "agent work",
    Idle,
    Reserved,
    Ringing,
    Connecting,
    Talking,
    Dialing,
    WrapUp,
    Preview,
);
same_names!(CampaignState, wire::CampaignState, "campaign state", Running, Paused, Stopped);
same_names!(CampaignMode, control::CampaignMode, "campaign mode", Preview, Progressive);
same_names!(Purpose, wire::Purpose, "purpose", Clinical, Service, Survey, Marketing);
same_names!(Relation, wire::NumberRelation, "number relation", Patient, Kin, Other);
same_names!(
    DialResult,
    wire::DialResult,
    "dial result",
    Answered,
    Abandoned,
    Busy,
    NoAnswer,
    Rejected,
    Invalid,
    SwitchedOff,
    Suspended,
    Unreachable,
    Congestion,
    Machine,
    Cancelled,
    AgentLost,
    Barred,
);
same_names!(
    TaskOutcome,
    wire::TaskOutcome,
    "task outcome",
    Reached,
    Exhausted,
    Expired,
    Skipped,
    DoNotCall,
    Withdrawn,
    Stopped,
);
same_names!(
    PreviewOutcome,
    wire::PreviewOutcome,
    "preview outcome",
    Accepted,
    Skipped,
    Dialled,
    TimedOut,
    Yielded,
    AgentLeft,
    Withdrawn,
);
same_names!(model::AgentDevice, wire::AgentDevice, "agent device", None, Registered, InUse, Lost);
same_names!(
    CallStage,
    control::CallStage,
    "call stage",
    Flow,
    Queued,
    Offered,
    Talking,
    Dialling,
    Transferring,
);
same_names!(model::CallDirection, wire::CallDirection, "call direction", Inbound, Outbound, Internal);
same_names!(
    model::TransferOutcome,
    wire::TransferOutcome,
    "transfer outcome",
    Connected,
    NoAnswer,
    Rejected,
    Busy,
    Unreachable,
    CallerLeft,
    Cancelled,
);

same_names!(
    model::WrapUpMode,
    wire::WrapUpMode,
    "wrap-up mode",
    None,
    Optional,
    Discretionary,
    Timed,
    TimedFixed,
);
same_names!(model::AgentLimit, wire::AgentLimitKind, "agent limit", Pause, Idle, Calls);
same_names!(model::LimitAction, wire::LimitAction, "limit action", None, Alert, Logout);
same_names!(model::ForcedWhen, wire::ForcedWhen, "forced when", IfFree, AfterCall, Now);

impl From<model::AgentIntent> for wire::AgentIntent {
    fn from(intent: model::AgentIntent) -> Self {
        use wire::agent_intent::{Intent, LoggedOut, NotReady, Ready};
        let intent = match intent {
            model::AgentIntent::LoggedOut => Intent::LoggedOut(LoggedOut {}),
            model::AgentIntent::NotReady(code) => Intent::NotReady(NotReady { code }),
            model::AgentIntent::Ready => Intent::Ready(Ready {}),
        };
        Self { intent: Some(intent) }
    }
}

impl TryFrom<wire::AgentIntent> for model::AgentIntent {
    type Error = ConversionError;

    fn try_from(intent: wire::AgentIntent) -> Result<Self, ConversionError> {
        use wire::agent_intent::Intent;
        match intent.intent {
            None => Err(ConversionError::Missing("agent intent")),
            Some(Intent::LoggedOut(_)) => Ok(Self::LoggedOut),
            Some(Intent::NotReady(not_ready)) => Ok(Self::NotReady(not_ready.code)),
            Some(Intent::Ready(_)) => Ok(Self::Ready),
        }
    }
}
