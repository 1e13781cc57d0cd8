//! What is asked of any fact: which call it is about, and whether it can be spared.

use super::EventBody;
use crate::id::CallId;

impl EventBody {
    /// Diagnostic events are the first to go when the journal reaches its limit.
    #[must_use]
    pub fn is_diagnostic(&self) -> bool {
        matches!(
            self,
            Self::Digit { .. } | Self::FlowNode { .. } | Self::FlowLeft { .. } | Self::LegQuality { .. }
        )
    }

    /// The call this event belongs to.
    #[must_use]
    pub fn call(&self) -> Option<CallId> {
        match self {
            Self::CallOffered { call, .. }
            | Self::CallDialled { call, .. }
            | Self::TransferStarted { call, .. }
            | Self::TransferEnded { call, .. }
            | Self::CallerLookedUp { call, .. }
            | Self::CallScreened { call, .. }
            | Self::FlowEntered { call, .. }
            | Self::FlowNode { call, .. }
            | Self::FlowLeft { call, .. }
            | Self::CallAttribute { call, .. }
            | Self::ScreenData { call, .. }
            | Self::Digit { call, .. }
            | Self::QueueEntered { call, .. }
            | Self::QueueReserved { call, .. }
            | Self::QueueWidened { call, .. }
            | Self::RankChanged { call, .. }
            | Self::SkillAsked { call, .. }
            | Self::CallOrdered { call, .. }
            | Self::QueueResumed { call, .. }
            | Self::QueueWithdrawn { call, .. }
            | Self::QueuePicked { call, .. }
            | Self::QueueAnnounced { call, .. }
            | Self::WaitPredicted { call, .. }
            | Self::OfferMade { call, .. }
            | Self::OfferEnded { call, .. }
            | Self::QueueLeft { call, .. }
            | Self::CallConnected { call, .. }
            | Self::CallEnded { call, .. }
            | Self::RecordingStarted { call, .. }
            | Self::RecordingFinished { call, .. }
            | Self::RecordingPaused { call, .. }
            | Self::RecordingResumed { call, .. }
            | Self::RecordingIncomplete { call, .. }
            | Self::WrapUpStarted { call, .. }
            | Self::WrapUpMoved { call, .. }
            | Self::WrapUpEnded { call, .. }
            | Self::Disposition { call, .. }
            | Self::VoicemailStarted { call, .. }
            | Self::VoicemailLeft { call, .. }
            | Self::VoicemailDropped { call, .. }
            | Self::VoicemailMoved { call, .. }
            | Self::LegQuality { call, .. } => Some(*call),
            Self::CallbackRequested(callback) => callback.call,
            Self::CallbackMerged(fact) => fact.call,
            Self::CallbackEnded(fact) => fact.call,
            Self::CallbackQueued(fact) => Some(fact.call),
            Self::CallbackReleased(fact) => Some(fact.call),
            Self::CallbackDialled(fact) => Some(fact.call),
            Self::CallbackPostponed(fact) => Some(fact.call),
            Self::SurveyInvited(fact) => Some(fact.call),
            Self::SurveyAnswered(fact) => Some(fact.call),
            Self::SurveyEnded(fact) => Some(fact.call),
            Self::People(fact) => fact.call(),
            Self::Campaign(fact) => fact.call(),
            Self::SwitchStarted { .. }
            | Self::SwitchDraining { .. }
            | Self::AgentState { .. }
            | Self::AgentNext { .. }
            | Self::AgentForced { .. }
            | Self::AgentLimit { .. }
            | Self::PinLocked { .. }
            | Self::QueueLight { .. }
            | Self::QueuePaused { .. }
            | Self::CallerListChanged { .. }
            | Self::ConfigurationApplied { .. }
            | Self::QueueClosed { .. }
            | Self::QueueOpened { .. }
            | Self::HoursOverridden { .. }
            | Self::HoursReverted { .. }
            | Self::EmergencyBegan { .. }
            | Self::EmergencyEnded { .. } => None,
        }
    }
}
