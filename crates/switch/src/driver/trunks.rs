//! Trunks and the world outside: what operators read of them in the log, and the last word to carriers.

use super::{BATCH_MAX, Driver, Inlets};
use careline_switchboard::{TrunkHealth, TrunkNews};
use std::time::Duration;

/// How long the end waits for registrars to answer; a carrier that is gone must not hold up a restart.
const LEAVING_MAX: Duration = Duration::from_secs(2);

/// A line in the log.
pub(super) fn tell(news: &TrunkNews) {
    let (trunk, reason) = (news.trunk.as_str(), news.reason.as_deref().unwrap_or_default());
    match news.health {
        TrunkHealth::Up => tracing::info!(trunk, "a trunk is up"),
        TrunkHealth::Impaired => tracing::warn!(trunk, reason, "a trunk is impaired"),
        TrunkHealth::Down => tracing::warn!(trunk, reason, "a trunk is down"),
    }
}

impl Driver {
    /// Takes the registrations with carriers back, for [`LEAVING_MAX`] at most, or until somebody asks to end once more.
    pub(super) async fn leave_trunks(&mut self, inlets: &mut Inlets) {
        self.board.leave_trunks(self.clock.now());
        self.obey_all();
        let give_up = tokio::time::Instant::now() + LEAVING_MAX;
        let mut batch = Vec::with_capacity(BATCH_MAX);
        while self.board.is_leaving_trunks() {
            let deadline = self.board.next_deadline().map_or(give_up.into_std(), |at| self.on_grid(at));
            tokio::select! {
                count = inlets.wire.recv_many(&mut batch, BATCH_MAX) => {
                    if count == 0 {
                        return;
                    }
                    for wire in batch.drain(..) {
                        self.take_wire(wire, false);
                    }
                }
                Some(()) = inlets.signals.recv() => return,
                () = tokio::time::sleep_until(give_up) => {
                    tracing::warn!("a carrier did not answer that its registration ends; it lapses by itself");
                    return;
                }
                () = tokio::time::sleep_until(deadline.into()) => self.guarded_deadlines(),
            }
            self.obey_all();
        }
    }
}
