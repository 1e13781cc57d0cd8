//! What of the call centre outlives the switch.

use crate::switchboard::Switchboard;
use careline_callcentre::KeptCentre;
use careline_model::Now;

impl Switchboard {
    /// All that is to outlive the process, apart from registrations, which are given out whenever they change.
    #[must_use]
    pub fn keep(&self, now: Now) -> KeptCentre {
        self.centre.keep(now)
    }

    /// Takes it back, after a start and before the registrations: phones that are there again find their agents as they
    /// were.
    pub fn restore(&mut self, now: Now, kept: KeptCentre) {
        self.centre.restore(kept, now);
        self.settle(now);
    }
}
