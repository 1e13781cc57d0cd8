//! Whose challenge is answered (RFC 3261 22.2, RFC 8760).
//!
//! A digest of our password is worth a guess to whoever gets one for a realm and nonce of his choice. Only the address
//! an INVITE of ours went to may ask for it, only for the realm that is configured, and never the peer of a call that
//! came in: there are no credentials for that one.

use std::time::Instant;

use super::Endpoint;
use crate::auth;
use crate::dialog::{Cancel, Stage};
use crate::flow::{DialogId, Flow};
use crate::message::{Request, Response};

const CHALLENGES: [&str; 2] = ["WWW-Authenticate", "Proxy-Authenticate"];

/// Takes the challenge out of a response that came from elsewhere than its request went; whether there was one.
pub(super) fn forget_challenge(response: &mut Response) -> bool {
    CHALLENGES.into_iter().map(|name| response.headers.remove(name)).fold(false, |any, one| any | one)
}

impl Endpoint {
    /// Name and value of the header that answers the challenge of `flow`, if it may be answered.
    pub(super) fn credentials_for(
        &mut self,
        id: DialogId,
        flow: Flow,
        request: &Request,
        response: &Response,
    ) -> Option<(&'static str, String)> {
        let (challenge, answer) = match response.status {
            401 => (CHALLENGES[0], "Authorization"),
            407 => (CHALLENGES[1], "Proxy-Authorization"),
            _ => return None,
        };
        let cnonce = self.token();
        let login = self.dialogs.get(&id)?.login.as_ref()?;
        if (login.flow.transport, login.flow.remote) != (flow.transport, flow.remote) {
            self.counters.foreign_challenge += 1;
            return None;
        }
        let challenge = auth::best_challenge(response.headers.get_all(challenge), login.realm.as_deref())?;
        let (user, password) = (&login.credentials.user, &login.credentials.password);
        auth::authorize(challenge, &request.method, &request.uri, user, password, &cnonce, 1)
            .map(|value| (answer, value))
    }

    /// RFC 3261 22.2: our INVITE or BYE again with credentials, once.
    pub(super) fn answer_challenge(
        &mut self,
        now: Instant,
        id: DialogId,
        request: &Request,
        response: &Response,
    ) -> bool {
        let Some(dialog) = self.dialogs.get(&id) else { return false };
        let (retried, flow) = match &dialog.stage {
            Stage::Calling(calling) if calling.cancel == Cancel::No => (calling.challenged, dialog.flow),
            Stage::Leaving { challenged } => (*challenged, dialog.destination()),
            Stage::Calling(_) | Stage::Incoming { .. } | Stage::Confirmed => return false,
        };
        if retried {
            return false;
        }
        let Some((name, value)) = self.credentials_for(id, flow, request, response) else { return false };
        match self.dialogs.get_mut(&id).map(|dialog| &mut dialog.stage) {
            Some(Stage::Calling(calling)) => calling.challenged = true,
            Some(Stage::Leaving { challenged }) => *challenged = true,
            _ => return false,
        }
        let mut again = request.clone();
        again.headers.set(name, value);
        self.send_again(now, id, again);
        true
    }
}
