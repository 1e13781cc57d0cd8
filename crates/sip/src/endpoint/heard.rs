//! Whether anybody has heard an INVITE of ours yet.

use super::Endpoint;
use crate::dialog::Stage;
use crate::flow::DialogId;

impl Endpoint {
    /// Whether our INVITE got any response at all, 100 included: somebody has it. True for dialogs past that stage and for
    /// ones that are gone.
    pub fn has_provisional(&self, dialog: DialogId) -> bool {
        match self.dialogs.get(&dialog).map(|held| &held.stage) {
            Some(Stage::Calling(calling)) => calling.provisional,
            Some(Stage::Incoming { .. } | Stage::Confirmed | Stage::Leaving { .. }) | None => true,
        }
    }
}
