//! Server transaction of every method but INVITE (RFC 3261 17.2.2).

use std::time::Instant;

use super::{Fired, Timers, Times};

/// A request we received.
#[derive(Debug)]
pub(crate) struct ServerOther {
    pub(super) timers: Timers,
    completed: bool,
    pub(super) last_response: Option<Vec<u8>>,
}

impl ServerOther {
    pub(crate) fn start() -> Self {
        Self { timers: Timers::default(), completed: false, last_response: None }
    }

    /// Takes the owner's response: whether to send it, and whether the transaction is over.
    pub(crate) fn respond(
        &mut self,
        now: Instant,
        times: &Times,
        reliable: bool,
        status: u16,
        bytes: &[u8],
    ) -> (bool, bool) {
        // "Any other final responses passed by the TU to the server transaction MUST be discarded while in the
        // "Completed" state."
        if self.completed {
            return (false, false);
        }
        self.last_response = Some(bytes.to_vec());
        // "When the server transaction enters the "Completed" state, it MUST set Timer J to fire in 64*T1 seconds for
        // unreliable transports, and zero seconds for reliable transports."
        self.completed = status >= 200;
        if self.completed {
            self.timers.limit = Some(now + times.limit());
        }
        (true, self.completed && reliable)
    }

    /// Trying absorbs retransmissions; Proceeding and Completed answer them with the last response.
    pub(crate) fn on_repeated(&self) -> Option<Vec<u8>> {
        self.last_response.clone()
    }

    pub(super) fn on_deadline(&mut self, now: Instant) -> Fired {
        if self.timers.is_at_limit(now) { Fired::Over } else { Fired::Nothing }
    }
}
