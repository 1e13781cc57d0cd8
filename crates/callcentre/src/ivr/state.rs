//! What a flow knows of a call, and where in its flow the call is.

use super::ahead::Ahead;
use super::ask::Asking;
use super::look_up::LookingUp;
use crate::voicemail::{Leaving, Listening};
use careline_model::config::plan::{Exits, Flow, Prompt, Value};
use careline_model::{FlowId, QueueId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

/// Where in its flow a call is.
#[derive(Debug)]
pub(crate) enum Position {
    /// Something is said; `interruptible` is of the prompts that are being played, never of those before.
    Saying { interruptible: bool, then: Then },
    /// A question was put.
    Asking(Asking),
    /// Time passes.
    Waiting { interruptible: bool, next: Arc<str> },
    /// Another program was asked.
    LookingUp(LookingUp),
    /// A message is left.
    Leaving(Leaving),
    /// An agent hears messages.
    Listening(Listening),
}

/// What follows when all is said.
#[derive(Debug, Clone)]
pub(crate) enum Then {
    Node(Arc<str>),
    Queue { queue: QueueId, exits: Arc<Exits> },
    HangUp,
}

/// A node, wherever its flow is called from.
pub(super) type Place = (FlowId, Arc<str>);

/// What a flow knows of a call. Its maps are bounded by the nodes and variables of the plan's flows.
#[derive(Debug, Default)]
pub(crate) struct Ivr {
    /// Keys that no question has taken yet.
    pub(super) ahead: Ahead,
    /// Prompts behind those that are being played.
    pub(super) to_say: VecDeque<Prompt>,
    /// The node it is in.
    pub(super) at: Option<At>,
    /// The flows that called the one it runs, outermost first.
    pub(super) callers: Vec<Frame>,
    /// The menus that led here: how many flows deep, and which.
    pub(super) menus: Vec<(usize, Arc<str>)>,
    pub(super) variables: BTreeMap<Arc<str>, Value>,
    /// Is given more time and one more try.
    pub(super) elderly: bool,
    /// Passes of loops, and rounds of confirmations.
    pub(super) counts: BTreeMap<Place, u32>,
    /// What the lot said.
    pub(super) drawn: BTreeMap<Place, usize>,
    /// Nodes that were heard before.
    pub(super) heard: BTreeSet<Place>,
    /// Too many nodes: it was sent to an agent for that, once.
    pub(super) overrun: bool,
}

impl Ivr {
    /// Nothing that was typed before counts.
    pub(crate) fn forget_keys(&mut self) {
        self.ahead.flush();
    }

    /// The next key that no question has taken.
    pub(crate) fn take_key(&mut self) -> Option<char> {
        self.ahead.take().map(|key| key.digit)
    }

    /// The call is in another flow for good: nothing of the way to it is gone back to.
    pub(crate) fn forget_way(&mut self) {
        self.callers.clear();
        self.menus.clear();
        self.ahead.flush();
    }
}

/// A node that was entered and not left.
#[derive(Debug)]
pub(super) struct At {
    pub(super) node: Arc<str>,
    /// As it was told: with its flow when that was called by another one.
    pub(super) told: String,
    pub(super) since: Instant,
}

/// Where to go back to.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) flow: Arc<Flow>,
    pub(super) next: Arc<str>,
}
