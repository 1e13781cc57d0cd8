//! Client transaction of every method but INVITE (RFC 3261 17.1.2).

use std::time::Instant;

use super::{Fired, Timers, Times};
use crate::message::Request;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Trying,
    Proceeding,
    Completed,
}

/// A request we sent.
#[derive(Debug)]
pub(crate) struct ClientOther {
    pub(super) timers: Timers,
    state: State,
    /// The request as it went out.
    pub(crate) request: Request,
}

impl ClientOther {
    /// The request has just been sent.
    pub(crate) fn start(now: Instant, times: &Times, reliable: bool, request: Request) -> Self {
        // "timer F [is set] to fire in 64*T1 seconds [...] if an unreliable transport is in use, the client transaction
        // MUST set timer E to fire in T1 seconds."
        let resend = (!reliable).then_some((now + times.t1, times.t1));
        Self { timers: Timers { resend, limit: Some(now + times.limit()) }, state: State::Trying, request }
    }

    /// Whether no response came yet.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.state == State::Trying
    }

    /// Whether the final response is still to come.
    pub(crate) fn is_pending(&self) -> bool {
        self.state != State::Completed
    }

    /// Takes a response; the owner hears of it if the first is true, the transaction is over if the second is.
    pub(crate) fn on_response(
        &mut self,
        now: Instant,
        times: &Times,
        reliable: bool,
        status: u16,
    ) -> (bool, bool) {
        match (self.state, status) {
            (State::Completed, _) | (_, ..100) => (false, false),
            (State::Trying | State::Proceeding, 100..=199) => {
                self.state = State::Proceeding;
                (true, false)
            }
            // "Once the client transaction enters the "Completed" state, it MUST set Timer K to fire in T4 seconds for
            // unreliable transports, and zero seconds for reliable transports."
            (State::Trying | State::Proceeding, 200..) => {
                self.state = State::Completed;
                self.timers = Timers { resend: None, limit: Some(now + times.t4) };
                (true, reliable)
            }
        }
    }

    pub(super) fn on_deadline(&mut self, now: Instant, times: &Times) -> Fired {
        if self.timers.is_at_limit(now) {
            return if self.state == State::Completed { Fired::Over } else { Fired::TimedOut };
        }
        // "When timer E fires [in Trying] the timer is reset with MIN(2*T1, T2)"; in Proceeding "with a value of T2".
        let proceeding = self.state == State::Proceeding;
        let next = |interval| if proceeding { times.t2 } else { times.t2.min(interval * 2) };
        if self.timers.resend_due(now, next) { Fired::Resend } else { Fired::Nothing }
    }
}
