//! A call and where it stands.

use crate::ivr::Position;
use crate::look_up::LookUp;
use crate::queue::Entry;
use careline_model::config::plan::Flow;
use careline_model::snapshot::CallStage;
use careline_model::{
    AgentId, CallId, CallerName, EntryId, LegId, LineId, Now, Number, QueueId, RecordingId,
};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One person's concern, from the first ring to the last hang-up.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    /// The caller's leg.
    pub(crate) leg: LegId,
    pub(crate) caller: Number,
    pub(crate) caller_name: CallerName,
    pub(crate) dialled: Number,
    pub(crate) line: LineId,
    pub(crate) medium: String,
    /// The version it began with; later versions do not touch it.
    pub(crate) flow: Arc<Flow>,
    pub(crate) offered: Now,
    pub(crate) stage: Stage,
    pub(crate) stage_since_us: i64,
    /// First entry into any queue: the call's age for the matcher.
    pub(crate) first_entry: Option<(Instant, EntryId)>,
    /// The queue it came from last.
    pub(crate) queue: Option<QueueId>,
    /// Conversations so far.
    pub(crate) segments: u32,
    /// Time in conversations that are over.
    pub(crate) talked: Duration,
    /// Flow nodes entered.
    pub(crate) steps: u32,
    pub(crate) sound: Sound,
    pub(crate) look_up: LookUp,
}

/// What the caller is made to hear.
#[derive(Debug, Default)]
pub(crate) struct Sound {
    pub(crate) playback: Option<u64>,
    pub(crate) music: bool,
    /// Just queued: announcement or music are still to be chosen.
    pub(crate) undecided: bool,
}

#[derive(Debug)]
pub(crate) enum Stage {
    /// Our answer is on its way.
    Answering,
    Flow(Position),
    /// Waiting, without an offer.
    Queued(Entry),
    /// An agent's phone is rung; the agent's work holds the lease.
    Offered(Entry, AgentId),
    /// The agent answered; the legs are being joined.
    Connecting(Entry, AgentId),
    Talking(Talk),
}

/// A conversation.
#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub(crate) agent: AgentId,
    /// The agent's leg.
    pub(crate) leg: LegId,
    pub(crate) since: Instant,
    pub(crate) recording: Option<RecordingId>,
    pub(crate) queue: QueueId,
    /// The agent's phone holds it: the caller hears music.
    pub(crate) held: bool,
    /// The flow's node after the longest wait, should the caller have to wait again.
    pub(crate) timeout: Arc<str>,
}

impl Call {
    /// Moves on; the time of the stage that others see changes only with that stage.
    pub(crate) fn enter(&mut self, stage: Stage, now: Now) {
        let before = self.stage.seen();
        self.stage = stage;
        if self.stage.seen() != before {
            self.stage_since_us = now.wall_us;
        }
    }
}

impl Stage {
    /// As others see it.
    pub(crate) fn seen(&self) -> CallStage {
        match self {
            Self::Answering | Self::Flow(_) => CallStage::Flow,
            Self::Queued(_) => CallStage::Queued,
            Self::Offered(..) | Self::Connecting(..) => CallStage::Offered,
            Self::Talking(_) => CallStage::Talking,
        }
    }

    pub(crate) fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Offered(_, agent) | Self::Connecting(_, agent) | Self::Talking(Talk { agent, .. }) => {
                Some(agent)
            }
            Self::Answering | Self::Flow(_) | Self::Queued(_) => None,
        }
    }

    /// The queue entry that has not ended.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Queued(entry) | Self::Offered(entry, _) | Self::Connecting(entry, _) => Some(entry),
            Self::Answering | Self::Flow(_) | Self::Talking(_) => None,
        }
    }

    pub(crate) fn entry_mut(&mut self) -> Option<&mut Entry> {
        match self {
            Self::Queued(entry) | Self::Offered(entry, _) | Self::Connecting(entry, _) => Some(entry),
            Self::Answering | Self::Flow(_) | Self::Talking(_) => None,
        }
    }
}
