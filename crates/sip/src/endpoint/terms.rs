//! What a call that comes in is taken on: session timer and reliable provisional responses of the line that it comes by.
//!
//! What it is not: it changes nothing that the peer insists on (RFC 3262 3: `Require: 100rel` is obeyed; RFC 4028 9:
//! a session timer that the peer asks for is agreed on).

use std::time::{Duration, Instant};

use super::{Endpoint, Full, NewRequest, Reliable};
use crate::flow::DialogId;
use crate::message::Uri;

/// Terms of an incoming call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallTerms {
    /// The session interval that we like; none: the endpoint's, zero: a session timer only if the peer asks for one,
    /// and not already when it supports that (RFC 4028 9).
    pub session_expires: Option<Duration>,
    /// Which provisional responses want a PRACK: none, those with a description, or all of them. Only a peer that
    /// supports that is asked; refusing all others (421) would lose calls.
    pub reliable: Reliable,
}

impl Endpoint {
    /// [`Self::accept_invite`] with terms of its own.
    ///
    /// # Errors
    /// As there.
    pub fn accept_invite_on(
        &mut self,
        now: Instant,
        new: NewRequest,
        contact: Uri,
        terms: CallTerms,
    ) -> Result<DialogId, Full> {
        let session_expires = terms.session_expires.unwrap_or(self.config.session_expires);
        let id = self.accept_invite(now, new, contact)?;
        if let Some(dialog) = self.dialogs.get_mut(&id) {
            (dialog.session_expires, dialog.reliable) = (session_expires, terms.reliable);
        }
        Ok(id)
    }
}
