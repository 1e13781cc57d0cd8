//! INFO requests of ours (RFC 6086, here in its older use without a package): keys for peers that want them so.
//!
//! ```text
//! inform --> nothing under way: sent     --final answer, whatever it is--> the next one that waits
//!        \-> one under way: waits, [`INFORMING_MAX`] at most
//! ```
//!
//! One at a time, so that a repeated one is never overtaken: the peer would refuse it as out of order, and a key of a
//! number would be missing.

use std::collections::VecDeque;
use std::time::Instant;

use super::Endpoint;
use super::table::Listener;
use crate::dialog::Stage;
use crate::flow::DialogId;
use crate::message::Method;

/// INFO requests of one dialog that may wait for those before them.
pub const INFORMING_MAX: usize = 64;

/// What an INFO carries: its Content-Type and its body.
#[derive(Debug)]
pub(super) struct Content {
    kind: String,
    bytes: Vec<u8>,
}

/// The INFO requests that wait while one is under way.
pub(super) type Waiting = VecDeque<Content>;

impl Endpoint {
    /// Sends an INFO within a dialog that is up, after those that were sent before. Its answer is not told: there is
    /// nothing to do about a refusal. False: it is not sent, because there is no such dialog or too many wait.
    pub fn inform(&mut self, now: Instant, dialog: DialogId, content_type: &str, body: Vec<u8>) -> bool {
        if !self.is_up(dialog) {
            return false;
        }
        let content = Content { kind: content_type.to_owned(), bytes: body };
        match self.informing.get_mut(&dialog) {
            Some(waiting) if waiting.len() >= INFORMING_MAX => false,
            Some(waiting) => {
                waiting.push_back(content);
                true
            }
            None => self.send_info(now, dialog, content),
        }
    }

    fn is_up(&self, id: DialogId) -> bool {
        self.dialogs.get(&id).is_some_and(|one| matches!(one.stage, Stage::Confirmed) && !one.abandoned)
    }

    fn send_info(&mut self, now: Instant, id: DialogId, content: Content) -> bool {
        if !self.is_up(id) || !self.has_room() {
            return false;
        }
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        let mut request = dialog.request(Method::Info);
        request.headers.push("Content-Type", content.kind);
        request.body = content.bytes;
        let flow = dialog.destination();
        self.informing.entry(id).or_default();
        self.start_client(now, flow, request, Listener::Informing(id));
        true
    }

    /// The INFO under way has its answer, or will get none: the next one.
    pub(super) fn informed(&mut self, now: Instant, id: DialogId) {
        let Some(waiting) = self.informing.get_mut(&id) else { return };
        let next = waiting.pop_front();
        let sent = next.is_some_and(|content| self.send_info(now, id, content));
        if !sent {
            self.informing.remove(&id);
        }
    }

    /// The dialog is gone, and what waits with it.
    pub(super) fn forget_informing(&mut self, id: DialogId) {
        self.informing.remove(&id);
    }
}
