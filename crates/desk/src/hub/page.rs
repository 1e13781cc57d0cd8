//! One open page: whose it is, and what it was told.

use super::message::{Me, ServerBody, ServerMessage};
use crate::rights::{self, Action, Scope};
use careline_model::{AgentId, CallId, OfferId};
use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

/// Ended calls of which a page still hears (its recording is closed after the call).
const GONE_MAX: usize = 8;

/// A page within one run of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageId(pub u64);

/// What a page knows.
#[derive(Debug, Clone)]
pub struct Page {
    pub(super) me: Me,
    /// Digest of the cookie, for signing out.
    pub(super) sign_in: String,
    pub(super) agent: Option<AgentId>,
    pub(super) shown: BTreeSet<CallId>,
    pub(super) pop: Option<PagePop>,
    gone: VecDeque<CallId>,
    seq: u64,
}

/// The pop that a page has, or waits for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PagePop {
    pub(super) call: CallId,
    pub(super) offer: OfferId,
    pub(super) offered_us: i64,
    pub(super) state: PopState,
    pub(super) painted: bool,
}

/// How much of the pop the page has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum PopState {
    /// Nothing yet; the number alone goes out at this moment.
    Awaited(Instant),
    /// The number.
    NumberOnly,
    /// Everything.
    Whole,
}

impl Page {
    pub(super) fn new(me: Me, sign_in: String) -> Self {
        let agent = me.agent.as_deref().map(AgentId::from);
        Self { me, sign_in, agent, shown: BTreeSet::new(), pop: None, gone: VecDeque::new(), seq: 0 }
    }

    pub(super) fn sees_everything(&self) -> bool {
        rights::scope(&self.me.roles, Action::Watch) == Some(Scope::All)
    }

    pub(super) fn may_see(&self, agent: Option<&AgentId>) -> bool {
        self.sees_everything() || (agent.is_some() && agent == self.agent.as_ref())
    }

    pub(super) fn is_agent(&self, agent: &AgentId) -> bool {
        self.agent.as_ref() == Some(agent)
    }

    /// Hears of recordings of this call.
    pub(super) fn follows(&self, call: CallId) -> bool {
        self.sees_everything() || self.shown.contains(&call) || self.gone.contains(&call)
    }

    /// The call is over or no longer this page's; true when the page has to be told.
    pub(super) fn lose(&mut self, call: CallId) -> bool {
        if !self.shown.remove(&call) {
            return false;
        }
        if self.gone.len() == GONE_MAX {
            self.gone.pop_front();
        }
        self.gone.push_back(call);
        true
    }

    pub(super) fn message(&mut self, body: ServerBody) -> ServerMessage {
        self.seq += 1;
        ServerMessage { seq: self.seq, body }
    }
}
