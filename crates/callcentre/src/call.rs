//! A call and where it stands.

use crate::callback::Carrier;
use crate::campaign::Key;
use crate::ivr::{Ivr, Position, Then};
use crate::look_up::LookUp;
use crate::people::{Guest, Hold};
use crate::queue::{Entry, Rank};
use crate::reach::{Attempt, Reach};
use crate::sticky::Wanted;
use crate::survey::Survey;
use crate::transfer::Transfer;
use careline_model::config::plan::{self, Exits, Flow};
use careline_model::event::CallDirection;
use careline_model::snapshot::CallStage;
use careline_model::{
    AgentId, CallId, CallerName, EntryId, LegId, LineId, Now, Number, QueueId, RecordingId, SkillId,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One person's concern, from the first ring to the last hang-up.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) direction: CallDirection,
    /// The leg of the party that agents talk to: the caller's, or the one that an agent dialled. It stays for life.
    pub(crate) leg: LegId,
    /// The agent whose extension was dialled, or who is on the line instead of a caller; `leg` is her phone's.
    pub(crate) callee: Option<AgentId>,
    /// The queue that she asks: she stands in its line herself.
    pub(crate) asks: Option<QueueId>,
    /// Number of the party that agents talk to.
    pub(crate) caller: Number,
    pub(crate) caller_name: CallerName,
    pub(crate) dialled: Number,
    /// Empty when an agent dialled.
    pub(crate) line: LineId,
    pub(crate) medium: String,
    /// What it hears prompts in; nothing for the first language of the configuration.
    pub(crate) language: Option<Arc<str>>,
    /// The version it began with; later versions do not touch it. Nothing when an agent dialled.
    pub(crate) flow: Option<Arc<Flow>>,
    pub(crate) offered: Now,
    pub(crate) stage: Stage,
    pub(crate) stage_since_us: i64,
    /// First entry into any queue: the call's age for the matcher.
    pub(crate) first_entry: Option<(Instant, EntryId)>,
    /// It has the place that an earlier call of the same number left.
    pub(crate) resumed: bool,
    /// What it asks of an agent beside what its queue asks: skill to the lowest level that will do.
    pub(crate) needs: BTreeMap<SkillId, u8>,
    /// It goes before all others, in whatever queue.
    pub(crate) red_flag: bool,
    /// Its class when that is not its queue's.
    pub(crate) class: Option<u8>,
    /// Points beside those of its queue; each counts as a minute of waiting.
    pub(crate) priority_points: i32,
    /// Who should have it: the directory, or its flow, says so.
    pub(crate) wanted: Option<Wanted>,
    /// Overflow rules that sent it elsewhere, by their place in their queue's list.
    pub(crate) overflowed: BTreeSet<(QueueId, usize)>,
    /// The queue it came from last.
    pub(crate) queue: Option<QueueId>,
    /// Conversations so far.
    pub(crate) segments: u32,
    /// Recordings of single voices so far.
    pub(crate) tracks: u32,
    /// Parties that were added so far.
    pub(crate) parties: u32,
    /// Time in conversations that are over.
    pub(crate) talked: Duration,
    /// It was not let in, and hears a flow of its own instead.
    pub(crate) is_sent_away: bool,
    /// Time that it adds to the wrap-up after each of its conversations.
    pub(crate) wrap_up_added: Duration,
    /// Flow nodes entered.
    pub(crate) steps: u32,
    /// Nobody may see or hear the caller's keys.
    pub(crate) keys_secret: bool,
    /// What its flow knows of it.
    pub(crate) ivr: Ivr,
    pub(crate) sound: Sound,
    pub(crate) look_up: LookUp,
    /// It is the attempt of a callback.
    pub(crate) callback: Option<Carrier>,
    /// Its caller is asked about her conversation.
    pub(crate) survey: Option<Survey>,
    /// The task of a campaign that it is made for.
    pub(crate) task: Option<TaskCall>,
}

/// The task that a call is made for.
#[derive(Debug, Clone)]
pub(crate) struct TaskCall {
    pub(crate) key: Key,
    /// Which of its numbers.
    pub(crate) at: usize,
    /// Until it is known what came of it.
    pub(crate) attempt: Option<Attempt>,
    /// Somebody was reached.
    pub(crate) is_reached: bool,
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
    /// Phones of these agents are rung, never none; each agent's work holds her lease.
    Offered(Entry, Vec<AgentId>),
    /// The agent answered; the legs are being joined. The phones of the others ring until both hear each other.
    Connecting(Entry, AgentId, Vec<AgentId>),
    Talking(Talk),
    /// An agent dialled; the other party has not answered.
    Dialling(Dial),
    /// An agent passes the other party on.
    Transferring(Transfer),
    /// An agent is called, then somebody for her.
    Reaching(Reach),
}

/// A conversation.
#[derive(Debug, Clone)]
pub(crate) struct Talk {
    /// Who talks; nobody of ours when the call was passed on to somebody outside.
    pub(crate) agent: Option<AgentId>,
    /// The agent's leg, or that of the third party outside.
    pub(crate) leg: LegId,
    pub(crate) since: Instant,
    pub(crate) recording: Option<RecordingId>,
    pub(crate) home: Option<Home>,
    /// The agent holds it, by her phone or by order: the other party hears music.
    pub(crate) held: bool,
    /// Her phone does.
    pub(crate) phone_holds: bool,
    /// She ordered it: her leg goes on, and she may talk to others whom she added.
    pub(crate) order_holds: bool,
    /// Since when, and what is still to come of it.
    pub(crate) hold: Option<Hold>,
    /// The two are joined.
    pub(crate) joined: bool,
    /// The other party is made to hear music.
    pub(crate) music: bool,
    /// The other party is not to be heard by anybody.
    pub(crate) muted: bool,
    /// Who else is in it, or rung for it.
    pub(crate) guests: Vec<Guest>,
    /// She has it again since then, because a transfer failed.
    pub(crate) returned: Option<Instant>,
    /// The phone of the dialled agent holds it.
    pub(crate) callee_holds: bool,
    /// Her leg is made to hear music meanwhile.
    pub(crate) agent_music: bool,
    /// Its recording rests.
    pub(crate) paused: bool,
}

/// The queue that a caller came from, where the call belongs when nobody is left to talk to.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) queue: QueueId,
    /// Where the caller goes who does not reach an agent there.
    pub(crate) exits: Arc<Exits>,
}

/// A call that an agent's phone makes.
#[derive(Debug, Clone)]
pub(crate) struct Dial {
    pub(crate) agent: AgentId,
    /// Her leg.
    pub(crate) leg: LegId,
    /// Her phone was told that it rings.
    pub(crate) alerted: bool,
    /// Her phone was answered.
    pub(crate) answered: bool,
    /// Her phone was refused: its leg is over.
    pub(crate) refused: bool,
}

impl Call {
    /// A call that just began; `number` is that of the party that agents talk to.
    pub(crate) fn new(
        id: CallId,
        direction: CallDirection,
        leg: LegId,
        (number, dialled): (Number, Number),
        stage: Stage,
        now: Now,
    ) -> Self {
        Self {
            id,
            direction,
            leg,
            callee: None,
            asks: None,
            caller: number,
            caller_name: CallerName::default(),
            dialled,
            line: LineId::from(""),
            medium: String::new(),
            language: None,
            flow: None,
            offered: now,
            stage,
            stage_since_us: now.wall_us,
            first_entry: None,
            resumed: false,
            needs: BTreeMap::new(),
            red_flag: false,
            class: None,
            priority_points: 0,
            wanted: None,
            overflowed: BTreeSet::new(),
            queue: None,
            segments: 0,
            tracks: 0,
            parties: 0,
            talked: Duration::ZERO,
            is_sent_away: false,
            wrap_up_added: Duration::ZERO,
            steps: 0,
            keys_secret: false,
            ivr: Ivr::default(),
            sound: Sound::default(),
            look_up: LookUp::default(),
            callback: None,
            survey: None,
            task: None,
        }
    }

    /// What its place in a queue is made of, beside its age.
    pub(crate) fn rank_in(&self, queue: &plan::Queue, interrupted: bool) -> Rank {
        Rank {
            red_flag: self.red_flag || queue.red_flag,
            interrupted,
            class: self.class.unwrap_or(queue.class),
            points: self.priority_points.saturating_add(queue.priority),
        }
    }

    /// Its conversation.
    pub(crate) fn talk(&self) -> Option<&Talk> {
        match &self.stage {
            Stage::Talking(talk) => Some(talk),
            _ => None,
        }
    }

    /// It runs another flow from now on, and goes back to none; what it remembers stays.
    pub(crate) fn begin_flow(&mut self, flow: Arc<Flow>, now: Now) {
        let then = Then::Node(flow.start.clone());
        self.ivr.forget_way();
        (self.steps, self.flow) = (0, Some(flow));
        self.enter(Stage::Flow(Position::Saying { interruptible: false, then }), now);
    }

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
            Self::Reaching(reach) if reach.has_talked => CallStage::Talking,
            Self::Talking(_) => CallStage::Talking,
            Self::Dialling(_) | Self::Reaching(_) => CallStage::Dialling,
            Self::Transferring(_) => CallStage::Transferring,
        }
    }

    pub(crate) fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::Offered(_, rung) => rung.first(),
            Self::Connecting(_, agent, _) | Self::Dialling(Dial { agent, .. }) => Some(agent),
            Self::Talking(talk) => talk.agent.as_ref(),
            Self::Transferring(transfer) => transfer.by_leg.is_some().then_some(&transfer.by),
            Self::Reaching(reach) => (!reach.is_gone).then_some(&reach.agent),
            Self::Answering | Self::Flow(_) | Self::Queued(_) => None,
        }
    }

    /// The queue entry that has not ended.
    pub(crate) fn entry(&self) -> Option<&Entry> {
        match self {
            Self::Queued(entry) | Self::Offered(entry, _) | Self::Connecting(entry, ..) => Some(entry),
            Self::Answering
            | Self::Flow(_)
            | Self::Talking(_)
            | Self::Dialling(_)
            | Self::Transferring(_)
            | Self::Reaching(_) => None,
        }
    }

    /// Agents who hold a lease for it: those whose phones ring, and the one who answered.
    pub(crate) fn leased(&self) -> Vec<AgentId> {
        match self {
            Self::Offered(_, rung) => rung.clone(),
            Self::Connecting(_, agent, rung) => std::iter::once(agent).chain(rung).cloned().collect(),
            Self::Answering
            | Self::Flow(_)
            | Self::Queued(_)
            | Self::Talking(_)
            | Self::Dialling(_)
            | Self::Transferring(_)
            | Self::Reaching(_) => Vec::new(),
        }
    }

    pub(crate) fn entry_mut(&mut self) -> Option<&mut Entry> {
        match self {
            Self::Queued(entry) | Self::Offered(entry, _) | Self::Connecting(entry, ..) => Some(entry),
            Self::Answering
            | Self::Flow(_)
            | Self::Talking(_)
            | Self::Dialling(_)
            | Self::Transferring(_)
            | Self::Reaching(_) => None,
        }
    }
}
