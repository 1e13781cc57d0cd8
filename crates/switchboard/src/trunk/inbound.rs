//! Calls that a trunk sends: whose they are, and whether there is room for one more.

use super::capacity::Room;
use crate::switchboard::Switchboard;
use careline_model::{LegId, Now, TrunkId};
use careline_sip::{Flow, NewRequest};

impl Switchboard {
    /// The trunk behind a flow: by its address, or because we registered with it on this flow.
    pub(crate) fn trunk_at(&self, flow: Flow) -> Option<TrunkId> {
        let registered = self.trunks.registered_on(flow).cloned();
        registered.or_else(|| self.plan.trunk_of(flow.remote).map(|trunk| trunk.id.clone()))
    }

    /// The trunk that an INVITE is of: where several call from one address, the one that owns the dialled number or
    /// was registered under it.
    pub(crate) fn trunk_of_call(&self, new: &NewRequest, found: TrunkId) -> TrunkId {
        let uri_user = new.request.uri.user_decoded().unwrap_or_default();
        let to_user = new.request.to().and_then(|to| to.uri.user_decoded()).unwrap_or_default();
        let plan = &self.plan;
        let mut candidates = plan.trunks.values().filter(|trunk| {
            trunk.id == found || trunk.sources.iter().any(|source| source.matches(new.flow.remote))
        });
        let is_named = |trunk: &&careline_model::config::plan::Trunk| {
            let registered = trunk.register.as_ref().is_some_and(|register| register.user == uri_user);
            registered
                || trunk.owns(&trunk.dialled(&uri_user, plan))
                || trunk.owns(&trunk.dialled(&to_user, plan))
        };
        candidates.find(is_named).map_or(found, |trunk| trunk.id.clone())
    }

    /// The refusal of a call for which its trunk has no room: a full trunk is busy, one that is too fast may come
    /// again.
    pub(crate) fn trunk_refusal(&mut self, now: Now, trunk: &TrunkId) -> Option<u16> {
        match self.trunks.states.get_mut(trunk)?.capacity.room(now.instant) {
            Room::Free => None,
            Room::Full => Some(486),
            Room::TooFast => Some(503),
        }
    }

    /// A call of the trunk is taken; the leg holds its place.
    pub(crate) fn trunk_call_taken(&mut self, now: Now, leg: LegId, trunk: &TrunkId) {
        self.trunks.hold(leg, trunk, now.instant);
    }
}
