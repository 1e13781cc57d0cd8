//! INVITE with Replaces (RFC 3891): which dialog the new one takes the place of.

use super::{Endpoint, NewRequest};
use crate::dialog::Stage;
use crate::flow::DialogId;
use crate::message::{BadReplaces, Replaces};

impl NewRequest {
    /// The dialog this INVITE wants to replace, if it names one. [`BadReplaces`] deserves 400.
    pub fn replaces(&self) -> Option<Result<Replaces, BadReplaces>> {
        Replaces::of(&self.request.headers)
    }
}

impl Endpoint {
    /// The dialog a Replaces header names, and whether it is early (RFC 3891 3). The owner answers 481 when there is
    /// none, and 486 when it is answered and the header says `early-only`.
    ///
    /// None too for a dialog that is being ended, and for an incoming call that still rings: "If the Replaces header
    /// field matches an early dialog that was not initiated by this UA, the UA returns a 481".
    pub fn dialog_named(&self, replaces: &Replaces) -> Option<(DialogId, bool)> {
        let id = self.dialog_meant(replaces)?;
        match self.dialogs.get(&id)?.stage {
            Stage::Calling(_) => Some((id, true)),
            Stage::Confirmed => Some((id, false)),
            Stage::Incoming { .. } | Stage::Leaving { .. } => None,
        }
    }

    /// The dialog that a Replaces inside a Refer-To means, answered or not: the phone that asks may be the one that
    /// called us in it.
    pub fn dialog_meant(&self, replaces: &Replaces) -> Option<DialogId> {
        let name = (replaces.call_id.clone(), replaces.to_tag.clone());
        let id = *self.dialog_names.get(&name)?;
        let dialog = self.dialogs.get(&id).filter(|dialog| !dialog.abandoned)?;
        // "a tag of zero" stands for a peer of RFC 2543, which has none.
        let is_untagged = dialog.remote_tag.is_empty() && replaces.from_tag == "0";
        (dialog.remote_tag == replaces.from_tag || is_untagged).then_some(id)
    }
}
