//! Requests too large for a datagram (RFC 3261 18.1.1): over TCP, and as datagrams all the same when nobody listens.

use std::time::Instant;

use super::Endpoint;
use super::table::Listener;
use crate::flow::{Flow, TransactionId, Transport};
use crate::message::{NameAddr, Request, Uri};
use crate::transaction::Machine;

/// The longest request that goes out as a datagram to a peer that may take a connection, in bytes: "if the path MTU is
/// unknown".
pub const DATAGRAM_REQUEST_BYTES_MAX: usize = 1300;

const SIP_PORT: u16 = 5060;

/// A request on its way into a transaction.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) flow: Flow,
    /// What it goes back to when the flow fails before anybody answered.
    pub(super) narrow: Option<Flow>,
    /// It was under way on a connection that is gone.
    pub(super) redialled: bool,
    pub(super) request: Request,
    pub(super) listener: Listener,
}

impl Endpoint {
    /// Puts a large request on a connection, if its Via is ours to change and its peer is known by its address: a phone
    /// that is only reachable along its own datagrams gets it along these. Gives the bytes to send.
    pub(super) fn widen(&self, sending: &mut Sending, made_via: bool) -> Vec<u8> {
        let bytes = sending.request.to_bytes();
        let flow = sending.flow;
        let wanted = made_via && flow.transport == Transport::Udp && bytes.len() > DATAGRAM_REQUEST_BYTES_MAX;
        if !wanted || !is_addressed(&sending.request, flow) {
            return bytes;
        }
        let mut local = flow.local;
        local.set_port(0);
        sending.flow = Flow { transport: Transport::Tcp, local, remote: flow.remote };
        sending.narrow = Some(flow);
        self.set_via(&mut sending.request, sending.flow);
        sending.request.to_bytes()
    }

    /// Sends a request as datagrams whose connection failed before anybody answered; false when there is none such. The
    /// branch stays, so that a peer that got both takes them for one.
    pub(super) fn narrow(&mut self, now: Instant, id: TransactionId) -> bool {
        let Some(transaction) = self.transactions.get(&id) else { return false };
        let Some(flow) = transaction.narrow else { return false };
        let unanswered = match &transaction.machine {
            Machine::ClientInvite(one) => one.is_unanswered(),
            Machine::ClientOther(one) => one.is_unanswered(),
            Machine::ServerInvite(_) | Machine::ServerOther(_) => false,
        };
        let gone = if unanswered { self.forget_transaction(id) } else { None };
        let Some(gone) = gone else { return false };
        let mut request = match gone.machine {
            Machine::ClientInvite(one) => one.request,
            Machine::ClientOther(one) => one.request,
            Machine::ServerInvite(_) | Machine::ServerOther(_) => return false,
        };
        self.set_via(&mut request, flow);
        let bytes = request.to_bytes();
        let sending = Sending { flow, narrow: None, redialled: false, request, listener: gone.listener };
        self.run_client(now, id, sending, bytes);
        true
    }

    /// Names another flow in the one Via of a request of ours; its branch stays.
    pub(super) fn set_via(&self, request: &mut Request, flow: Flow) {
        let branch = request.via().and_then(|via| via.branch().map(str::to_owned)).unwrap_or_default();
        request.headers.remove("Via");
        request.headers.push_front("Via", self.via(flow, &branch));
    }
}

/// Whether the next hop is written in the request as the flow has it.
fn is_addressed(request: &Request, flow: Flow) -> bool {
    let is_there = |uri: &Uri| {
        uri.host_ip() == Some(flow.remote.ip()) && uri.port().unwrap_or(SIP_PORT) == flow.remote.port()
    };
    match request.headers.list("Route").next() {
        Some(route) => route.parse::<NameAddr>().is_ok_and(|route| is_there(&route.uri)),
        None => is_there(&request.uri),
    }
}
