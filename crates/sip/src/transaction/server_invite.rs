//! Server INVITE transaction (RFC 3261 17.2.1, RFC 6026 7.1).

use std::time::Instant;

use super::{Fired, Timers, Times};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Proceeding,
    Completed,
    Confirmed,
    Accepted,
}

/// An INVITE we received.
#[derive(Debug)]
pub(crate) struct ServerInvite {
    pub(super) timers: Timers,
    state: State,
    pub(super) last_response: Option<Vec<u8>>,
}

/// What an ACK means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AckStep {
    /// It confirmed our non-2xx.
    Absorbed,
    /// It did, and the transaction is over.
    Over,
    /// It is for a 2xx: the dialog's.
    Pass,
}

impl ServerInvite {
    pub(crate) fn start() -> Self {
        Self { timers: Timers::default(), state: State::Proceeding, last_response: None }
    }

    /// Whether a final response may still be given.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.state == State::Proceeding
    }

    /// Takes the owner's response; whether to send it.
    pub(crate) fn respond(
        &mut self,
        now: Instant,
        times: &Times,
        reliable: bool,
        status: u16,
        bytes: &[u8],
    ) -> bool {
        if self.state != State::Proceeding {
            return false;
        }
        match status {
            ..200 => self.last_response = Some(bytes.to_vec()),
            // RFC 6026 7.1: "Accepted" absorbs repeated INVITEs for 64*T1; the dialog repeats the 2xx.
            200..=299 => {
                self.state = State::Accepted;
                self.last_response = None;
                self.timers = Timers { resend: None, limit: Some(now + times.limit()) };
            }
            // "For unreliable transports, timer G is set to fire in T1 seconds [...] When the "Completed" state is
            // entered, timer H MUST be set to fire in 64*T1 seconds for all transports."
            300.. => {
                self.state = State::Completed;
                self.last_response = Some(bytes.to_vec());
                let resend = (!reliable).then_some((now + times.t1, times.t1));
                self.timers = Timers { resend, limit: Some(now + times.limit()) };
            }
        }
        true
    }

    /// "If a request retransmission is received while in the "Proceeding" state, the most recent provisional response
    /// [...] MUST be passed to the transport layer for retransmission"; the same in "Completed".
    pub(crate) fn on_repeated(&self) -> Option<Vec<u8>> {
        match self.state {
            State::Proceeding | State::Completed => self.last_response.clone(),
            State::Confirmed | State::Accepted => None,
        }
    }

    pub(crate) fn on_ack(&mut self, now: Instant, times: &Times, reliable: bool) -> AckStep {
        match self.state {
            // "If an ACK is received while the server transaction is in the "Completed" state, [it] MUST transition to
            // the "Confirmed" state [and] set timer I to T4 for unreliable transports, zero for reliable ones."
            State::Completed => {
                self.state = State::Confirmed;
                self.timers = Timers { resend: None, limit: Some(now + times.t4) };
                if reliable { AckStep::Over } else { AckStep::Absorbed }
            }
            State::Confirmed => AckStep::Absorbed,
            State::Accepted | State::Proceeding => AckStep::Pass,
        }
    }

    pub(super) fn on_deadline(&mut self, now: Instant, times: &Times) -> Fired {
        if self.timers.is_at_limit(now) {
            return if self.state == State::Completed { Fired::TimedOut } else { Fired::Over };
        }
        // "If timer G fires, the response is passed to the transport layer once more [...] and timer G is set to fire
        // in MIN(2*T1, T2) seconds."
        if self.timers.resend_due(now, |interval| times.t2.min(interval * 2)) {
            Fired::Resend
        } else {
            Fired::Nothing
        }
    }
}
