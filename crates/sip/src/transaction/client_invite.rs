//! Client INVITE transaction (RFC 3261 17.1.1, RFC 6026 7.2).

use std::time::Instant;

use super::{Fired, Timers, Times};
use crate::flow::Flow;
use crate::message::{Headers, Method, Request, Response};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Calling,
    Proceeding,
    Completed,
    Accepted,
    Terminated,
}

/// An INVITE we sent.
#[derive(Debug)]
pub(crate) struct ClientInvite {
    pub(super) timers: Timers,
    state: State,
    /// The INVITE as it went out.
    pub(crate) request: Request,
    /// The 2xx that were taken, at most [`ACKS_MAX`].
    acks: Vec<Acked>,
}

/// The ACKs to branches of one INVITE that are kept to answer repeated 2xx.
const ACKS_MAX: usize = 8;

/// A 2xx that was acknowledged.
#[derive(Debug)]
struct Acked {
    /// Its To tag: each branch of a fork answers on its own.
    tag: String,
    /// Where the ACK goes.
    flow: Flow,
    ack: Vec<u8>,
}

/// What a response means to the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InviteStep {
    /// The owner hears of the response.
    pub(crate) pass: bool,
    /// An ACK to send at once.
    pub(crate) ack: Option<Vec<u8>>,
    /// Where, if not where the INVITE went.
    pub(crate) ack_flow: Option<Flow>,
    /// The transaction is over.
    pub(crate) over: bool,
}

impl ClientInvite {
    /// The request has just been sent.
    pub(crate) fn start(now: Instant, times: &Times, reliable: bool, request: Request) -> Self {
        // "If an unreliable transport is being used, the client transaction MUST start timer A with a value of T1. For
        // any transport, the client transaction MUST start timer B with a value of 64*T1 seconds."
        let resend = (!reliable).then_some((now + times.t1, times.t1));
        let timers = Timers { resend, limit: Some(now + times.limit()) };
        Self { timers, state: State::Calling, request, acks: Vec::new() }
    }

    /// Whether no response came yet.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.state == State::Calling
    }

    /// Whether the final response is still to come.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.state, State::Calling | State::Proceeding)
    }

    /// Takes a response that matches by branch and method.
    pub(crate) fn on_response(
        &mut self,
        now: Instant,
        times: &Times,
        reliable: bool,
        response: &Response,
    ) -> InviteStep {
        let mut step = InviteStep { pass: false, ack: None, ack_flow: None, over: false };
        match (self.state, response.status) {
            // "If the client transaction receives a provisional response while in the "Calling" state, it transitions
            // to the "Proceeding" state [and] SHOULD NOT retransmit the request any longer."
            (State::Calling | State::Proceeding, 100..=199) => {
                self.state = State::Proceeding;
                self.timers = Timers::default();
                step.pass = true;
            }
            // RFC 6026 7.2: a 2xx leads to "Accepted", which waits timer M for the 2xx of other branches.
            (State::Calling | State::Proceeding, 200..=299) => {
                self.state = State::Accepted;
                // It is never sent again; what is kept for 32 s is kept small.
                self.request.body = Vec::new();
                self.timers = Timers { resend: None, limit: Some(now + times.limit()) };
                step.pass = true;
            }
            (State::Accepted, 200..=299) => {
                let tag = response.to().and_then(|to| to.tag().map(str::to_owned)).unwrap_or_default();
                match self.acks.iter().find(|one| one.tag == tag) {
                    Some(one) => (step.ack, step.ack_flow) = (Some(one.ack.clone()), Some(one.flow)),
                    None => step.pass = true,
                }
            }
            // "When in either the "Calling" or "Proceeding" states, reception of a response with status code from
            // 300-699 MUST cause the client transaction to transition to "Completed" [and] generate an ACK."
            (State::Calling | State::Proceeding, 300..) => {
                self.state = if reliable { State::Terminated } else { State::Completed };
                self.timers = Timers { resend: None, limit: Some(now + times.timer_d()) };
                step.pass = true;
                step.ack = Some(self.ack(response));
                step.over = reliable;
            }
            // "Any retransmissions of the final response that are received while in the "Completed" state MUST cause
            // the ACK to be re-passed to the transport layer."
            (State::Completed, 300..) => step.ack = Some(self.ack(response)),
            (State::Completed | State::Accepted | State::Terminated, _) | (_, ..100) => {}
        }
        step
    }

    /// Keeps the ACK to the 2xx with that To tag for its repetitions.
    pub(crate) fn keep_ack(&mut self, tag: String, flow: Flow, ack: Vec<u8>) {
        if self.acks.len() < ACKS_MAX {
            self.acks.push(Acked { tag, flow, ack });
        }
    }

    /// Puts an end to waiting for a final response that may have been lost with the dialog it belongs to.
    pub(crate) fn wait_no_longer_than(&mut self, at: Instant) {
        if matches!(self.state, State::Calling | State::Proceeding) {
            self.timers.limit = Some(self.timers.limit.map_or(at, |limit| limit.min(at)));
        }
    }

    pub(super) fn on_deadline(&mut self, now: Instant) -> Fired {
        if self.timers.is_at_limit(now) {
            let unanswered = matches!(self.state, State::Calling | State::Proceeding);
            self.state = State::Terminated;
            return if unanswered { Fired::TimedOut } else { Fired::Over };
        }
        // "When timer A fires, the client transaction MUST retransmit the request [...] and MUST reset the timer with a
        // value of 2*T1", doubling each time.
        if self.timers.resend_due(now, |interval| interval * 2) { Fired::Resend } else { Fired::Nothing }
    }

    /// RFC 3261 17.1.1.3: the ACK to a non-2xx repeats the INVITE's Request-URI, top Via, From, Call-ID and Route, and
    /// takes To from the response.
    fn ack(&self, response: &Response) -> Vec<u8> {
        let mut headers = Headers::default();
        if let Some(via) = self.request.headers.list("Via").next() {
            headers.push("Via", via);
        }
        headers.copy_all(&self.request.headers, "Route");
        headers.push("Max-Forwards", "70");
        headers.copy_all(&self.request.headers, "From");
        headers.copy_all(&response.headers, "To");
        headers.copy_all(&self.request.headers, "Call-ID");
        let number = self.request.cseq().map_or(1, |cseq| cseq.number);
        headers.push("CSeq", format!("{number} ACK"));
        Request { method: Method::Ack, uri: self.request.uri.clone(), headers, body: Vec::new() }.to_bytes()
    }
}
