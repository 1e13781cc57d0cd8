//! The calls that have begun and not ended, kept in the same transactions as their events.

use careline_model::{AgentId, CallId, EntryId, Event, EventBody, MailboxId, OfferId, QueueId, RecordingId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A call without an end. After a crash it needs exactly one `QueueLeft` for its entry and one `CallEnded`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenCall {
    /// Its id.
    pub call: CallId,
    /// UTC microseconds of its arrival.
    pub offered_at_us: i64,
    /// The queue entry that has not ended, its queue, and UTC microseconds of its beginning.
    pub entry: Option<(EntryId, QueueId, i64)>,
    /// The offers that have not ended, to whom, and UTC microseconds of their beginning. Journals of earlier versions
    /// have none.
    #[serde(default)]
    pub offers: Vec<(OfferId, AgentId, i64)>,
    /// The agent in conversation, and UTC microseconds since when.
    pub talking: Option<(AgentId, i64)>,
    /// The message that is being spoken or reviewed: its box, its recording, and how long that is once it is closed,
    /// milliseconds. Journals of earlier versions have none.
    #[serde(default)]
    pub message: Option<(MailboxId, RecordingId, Option<u64>)>,
    /// Recordings that were begun and not closed.
    pub recordings: Vec<RecordingId>,
}

/// All open calls, and which of them the file does not know yet as they are.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    calls: BTreeMap<CallId, OpenCall>,
    changed: BTreeSet<CallId>,
}

impl Ledger {
    pub(super) fn new(calls: Vec<OpenCall>) -> Self {
        let calls = calls.into_iter().map(|open| (open.call, open)).collect();
        Self { calls, changed: BTreeSet::new() }
    }

    /// Oldest first.
    pub(super) fn open(&self) -> Vec<OpenCall> {
        self.calls.values().cloned().collect()
    }

    /// Calls to write and calls to delete.
    pub(super) fn changes(&self) -> (Vec<&OpenCall>, Vec<CallId>) {
        let gone = self.changed.iter().filter(|call| !self.calls.contains_key(call)).copied().collect();
        (self.changed.iter().filter_map(|call| self.calls.get(call)).collect(), gone)
    }

    /// The file knows everything.
    pub(super) fn written(&mut self) {
        self.changed.clear();
    }

    pub(super) fn apply(&mut self, event: &Event) {
        let at_us = event.at_us;
        let Some(call) = event.body.call() else { return };
        if let EventBody::CallOffered { .. } | EventBody::CallDialled { .. } | EventBody::CallbackQueued(_) =
            event.body
        {
            let (entry, offers, talking, message, recordings) = (None, Vec::new(), None, None, Vec::new());
            let open = OpenCall { call, offered_at_us: at_us, entry, offers, talking, message, recordings };
            self.calls.insert(call, open);
            self.changed.insert(call);
            return;
        }
        let Some(open) = self.calls.get_mut(&call) else { return };
        match &event.body {
            EventBody::QueueEntered { entry, queue, .. } => open.entry = Some((*entry, queue.clone(), at_us)),
            EventBody::QueueLeft { .. } => open.entry = None,
            EventBody::OfferMade { offer, agent, .. } => open.offers.push((*offer, agent.clone(), at_us)),
            EventBody::OfferEnded { offer, .. } => open.offers.retain(|(other, ..)| other != offer),
            EventBody::CallConnected { agent, .. } => open.talking = Some((agent.clone(), at_us)),
            EventBody::TransferStarted { .. } | EventBody::SurveyInvited(_) => open.talking = None,
            EventBody::RecordingStarted { recording, .. } => open.recordings.push(recording.clone()),
            EventBody::RecordingFinished { recording, duration_ms, .. } => {
                open.recordings.retain(|id| id != recording);
                if let Some((_, spoken, length)) = &mut open.message
                    && spoken == recording
                {
                    *length = Some(*duration_ms);
                }
            }
            EventBody::VoicemailStarted { mailbox, recording, .. } => {
                open.message = Some((mailbox.clone(), recording.clone(), None));
            }
            EventBody::VoicemailLeft { .. } | EventBody::VoicemailDropped { .. } => open.message = None,
            EventBody::CallEnded { .. } => {
                self.calls.remove(&call);
            }
            EventBody::CallOffered { .. }
            | EventBody::CallDialled { .. }
            | EventBody::TransferEnded { .. }
            | EventBody::CallerLookedUp { .. }
            | EventBody::QueueReserved { .. }
            | EventBody::QueueWidened { .. }
            | EventBody::RankChanged { .. }
            | EventBody::QueueResumed { .. }
            | EventBody::QueueWithdrawn { .. }
            | EventBody::QueuePicked { .. }
            | EventBody::QueueAnnounced { .. }
            | EventBody::WaitPredicted { .. }
            | EventBody::FlowEntered { .. }
            | EventBody::FlowNode { .. }
            | EventBody::FlowLeft { .. }
            | EventBody::CallAttribute { .. }
            | EventBody::ScreenData { .. }
            | EventBody::Digit { .. }
            | EventBody::RecordingIncomplete { .. }
            | EventBody::LegQuality { .. }
            | EventBody::RecordingPaused { .. }
            | EventBody::RecordingResumed { .. }
            | EventBody::SwitchStarted { .. }
            | EventBody::SwitchDraining { .. }
            | EventBody::CallScreened { .. }
            | EventBody::CallerListChanged { .. }
            | EventBody::ConfigurationApplied { .. }
            | EventBody::CallOrdered { .. }
            | EventBody::QueueClosed { .. }
            | EventBody::QueueOpened { .. }
            | EventBody::SkillAsked { .. }
            | EventBody::HoursOverridden { .. }
            | EventBody::HoursReverted { .. }
            | EventBody::EmergencyBegan { .. }
            | EventBody::EmergencyEnded { .. }
            | EventBody::AgentState { .. }
            | EventBody::AgentNext { .. }
            | EventBody::AgentForced { .. }
            | EventBody::AgentLimit { .. }
            | EventBody::VoicemailMoved { .. }
            | EventBody::PinLocked { .. }
            | EventBody::QueueLight { .. }
            | EventBody::QueuePaused { .. }
            | EventBody::WrapUpStarted { .. }
            | EventBody::WrapUpMoved { .. }
            | EventBody::WrapUpEnded { .. }
            | EventBody::Disposition { .. }
            | EventBody::CallbackRequested(_)
            | EventBody::CallbackMerged(_)
            | EventBody::CallbackQueued(_)
            | EventBody::CallbackReleased(_)
            | EventBody::CallbackDialled(_)
            | EventBody::CallbackPostponed(_)
            | EventBody::CallbackEnded(_)
            | EventBody::SurveyAnswered(_)
            | EventBody::SurveyEnded(_)
            | EventBody::People(_)
            | EventBody::Campaign(_) => return,
        }
        self.changed.insert(call);
    }
}
