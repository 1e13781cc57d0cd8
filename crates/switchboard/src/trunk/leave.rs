//! The end of our registrations (RFC 3261 10.2.2): a carrier that is told sends the next call to somebody else at once,
//! and not into the silence of a switch that is gone.
//!
//! Not while calls go on: a carrier's IMS ends the calls of a registration with it (3GPP TS 24.229 5.4.1.4). The shell
//! waits for the answers, and not for long.

use crate::switchboard::Switchboard;
use careline_model::{Now, TrunkId};

impl Switchboard {
    /// Takes back every registration with a trunk; none is made again.
    pub fn leave_trunks(&mut self, now: Now) {
        let ids: Vec<TrunkId> = self.trunks.states.keys().cloned().collect();
        for id in ids {
            let state = self.trunks.states.get_mut(&id);
            let registering = state.and_then(|state| state.registering.as_mut());
            if registering.is_some_and(|one| one.leave(now.instant)) {
                self.send_register(now, &id);
            }
        }
        self.settle(now);
    }

    /// Whether some registrar has not answered yet.
    #[must_use]
    pub fn is_leaving_trunks(&self) -> bool {
        let mut registering = self.trunks.states.values().filter_map(|state| state.registering.as_ref());
        registering.any(|one| one.is_leaving())
    }
}
