//! A leg: one SIP dialog with its media.

use careline_model::{AgentId, CallId, LegId};
use careline_sdp::{LocalAudio, RemoteAudio};
use careline_sip::DialogId;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What a leg is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// A patient's call through a trunk.
    Caller,
    /// An agent's phone that we rang.
    Agent { agent: AgentId },
    /// An agent's phone that calls somebody.
    Dialler { agent: AgentId },
    /// A party outside, called through a trunk.
    Outside,
    /// A phone that dialled the echo number.
    Echo { agent: AgentId },
}

/// What is known of one leg.
#[derive(Debug)]
pub(crate) struct Leg {
    pub role: Role,
    pub dialog: DialogId,
    /// The RTP socket, as it is bound in the leg's network.
    pub socket: SocketAddr,
    /// Our side of the stream, with the address that the network is told.
    pub local: LocalAudio,
    /// The other side's stream, once known.
    pub remote: Option<RemoteAudio>,
    /// The offer in the INVITE; `None` when the caller sent none (late offer: we offer in the 200).
    pub offer: Option<Vec<u8>>,
    /// The call, once the caller's leg is answered.
    pub call: Option<CallId>,
    /// Whether the media engine knows it.
    pub open: bool,
    /// What is left of the Max-Forwards of the INVITE that brought it.
    pub max_forwards: u32,
}

/// The legs, found by id and by dialog.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    legs: BTreeMap<LegId, Leg>,
    by_dialog: BTreeMap<DialogId, LegId>,
    callers: BTreeMap<CallId, LegId>,
    /// Calls whose media belong on the thread of another call, because their parties may be joined.
    groups: BTreeMap<CallId, u64>,
}

impl Legs {
    pub fn insert(&mut self, id: LegId, leg: Leg) {
        self.by_dialog.insert(leg.dialog, id);
        self.legs.insert(id, leg);
    }

    /// A leg whose phones are still to be asked.
    pub fn insert_unnamed(&mut self, id: LegId, leg: Leg) {
        self.legs.insert(id, leg);
    }

    /// One of several dialogs that may become the leg's.
    pub fn add_branch(&mut self, dialog: DialogId, id: LegId) {
        self.by_dialog.insert(dialog, id);
    }

    /// It will not.
    pub fn drop_branch(&mut self, dialog: DialogId) {
        self.by_dialog.remove(&dialog);
    }

    pub fn remove(&mut self, id: LegId) -> Option<Leg> {
        let leg = self.legs.remove(&id)?;
        self.by_dialog.remove(&leg.dialog);
        if let Some(call) = leg.call {
            self.callers.remove(&call);
        }
        Some(leg)
    }

    pub fn get(&self, id: LegId) -> Option<&Leg> {
        self.legs.get(&id)
    }

    pub fn get_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.get_mut(&id)
    }

    pub fn set_caller(&mut self, call: CallId, id: LegId) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.call = Some(call);
            self.callers.insert(call, id);
        }
    }

    pub fn caller_of(&self, call: CallId) -> Option<LegId> {
        self.callers.get(&call).copied()
    }

    /// What keeps the legs of a call, and of those it may be joined with, on one media thread.
    pub fn group(&self, call: CallId) -> u64 {
        self.groups.get(&call).copied().unwrap_or_else(|| call.low_bits())
    }

    /// A call of this agent's phone: her other calls are near it, so that their parties can be joined.
    pub fn put_beside(&mut self, call: CallId, agent: &AgentId, beside: impl Fn(LegId) -> Option<CallId>) {
        let is_hers = |role: &Role| matches!(role, Role::Agent { agent: own } | Role::Dialler { agent: own } if own == agent);
        let others = self.legs.iter().filter(|(_, leg)| is_hers(&leg.role)).filter_map(|(id, _)| beside(*id));
        if let Some(group) = others.filter(|other| *other != call).map(|other| self.group(other)).next() {
            self.groups.insert(call, group);
        }
    }

    /// The call is over.
    pub fn forget_call(&mut self, call: CallId) {
        self.groups.remove(&call);
    }

    pub fn of(&self, dialog: DialogId) -> Option<LegId> {
        self.by_dialog.get(&dialog).copied()
    }

    pub fn len(&self) -> usize {
        self.legs.len()
    }
}
