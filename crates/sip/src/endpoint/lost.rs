//! Connections that are gone. What ran on one goes on over a new one where its peer can be called back (RFC 3261 18.1.1,
//! 18.2.2), once; where it cannot, as with browsers and phones behind a NAT, it fails as by a transport error.

use std::net::SocketAddr;
use std::time::Instant;

use super::Endpoint;
use super::large::Sending;
use super::table::Listener;
use crate::dialog::{Stage, is_sendable};
use crate::flow::{DialogId, Flow, TransactionId, Transport};
use crate::message::{NameAddr, Request, Uri};
use crate::transaction::Machine;

impl Endpoint {
    /// A connection was closed, or could not be opened. Calls stay; what is under way in them is sent over a new
    /// connection where the peer can be reached by one, and fails as by a transport error otherwise. A call that waits
    /// for our answer or our ACK goes on in the same way.
    pub fn flow_lost(&mut self, now: Instant, flow: Flow) {
        let lower = (flow, TransactionId(0));
        let lost: Vec<TransactionId> =
            self.connected.range(lower..).take_while(|(on, _)| *on == flow).map(|(_, id)| *id).collect();
        for id in lost {
            if self.is_answered_request(id) {
                // Its owner has heard the answer; only repetitions were waited for.
                self.forget_transaction(id);
            } else if !self.narrow(now, id) && !self.ask_again(now, id) && !self.answer_again(id) {
                self.fail_transaction(now, id, 503);
            }
        }
    }

    fn is_answered_request(&self, id: TransactionId) -> bool {
        match self.transactions.get(&id).map(|transaction| &transaction.machine) {
            Some(Machine::ClientInvite(one)) => !one.is_pending(),
            Some(Machine::ClientOther(one)) => !one.is_pending(),
            Some(Machine::ServerInvite(_) | Machine::ServerOther(_)) | None => false,
        }
    }

    /// A request in a dialog that has no final response yet: again, with the same branch, so that a peer that has it
    /// already repeats its answer.
    fn ask_again(&mut self, now: Instant, id: TransactionId) -> bool {
        let Some(transaction) = self.transactions.get(&id) else { return true };
        let request = match &transaction.machine {
            Machine::ClientInvite(one) => &one.request,
            Machine::ClientOther(one) => &one.request,
            Machine::ServerInvite(_) | Machine::ServerOther(_) => return false,
        };
        let (listener, redialled) = (transaction.listener, transaction.redialled);
        let in_dialog = request.to().is_some_and(|to| to.tag().is_some());
        let dialog = match listener {
            Listener::Dialog(id) | Listener::Own(id) | Listener::Referring(id) | Listener::Informing(id) => {
                Some(id)
            }
            Listener::Nobody | Listener::Owner | Listener::Refer(_) => None,
        };
        let lives = dialog.is_none_or(|id| self.is_answered(id));
        let way = way_back(transaction.flow, request).filter(|_| in_dialog && !redialled && lives);
        let Some((flow, gone)) = way.zip(self.forget_if(id, way.is_some())) else { return false };
        let mut request = match gone.machine {
            Machine::ClientInvite(one) => one.request,
            Machine::ClientOther(one) => one.request,
            Machine::ServerInvite(_) | Machine::ServerOther(_) => return false,
        };
        if let Some(dialog) = dialog {
            self.follow(dialog, gone.flow, flow);
        }
        self.set_via(&mut request, flow);
        let bytes = request.to_bytes();
        self.run_client(now, id, Sending { flow, narrow: None, redialled: true, request, listener }, bytes);
        true
    }

    fn forget_if(&mut self, id: TransactionId, forget: bool) -> Option<super::table::Transaction> {
        if forget { self.forget_transaction(id) } else { None }
    }

    fn is_answered(&self, id: DialogId) -> bool {
        let stage = self.dialogs.get(&id).map(|dialog| &dialog.stage);
        matches!(stage, Some(Stage::Confirmed | Stage::Leaving { .. }))
    }

    /// RFC 3261 18.2.2: a response that is still owed goes "to the IP address in the "received" parameter [...] using
    /// the port in the "sent-by" value". What was said last is said again at once: it tells whether the peer is there.
    fn answer_again(&mut self, id: TransactionId) -> bool {
        let Some(transaction) = self.transactions.get_mut(&id) else { return true };
        let Some(flow) = transaction.narrow.filter(|_| !transaction.redialled) else { return false };
        let (old, listener) = (transaction.flow, transaction.listener);
        let last = match &transaction.machine {
            Machine::ServerInvite(one) if one.is_unanswered() => Some(one.on_repeated().unwrap_or_default()),
            Machine::ServerInvite(_) => None,
            Machine::ServerOther(one) => Some(one.on_repeated().unwrap_or_default()),
            Machine::ClientInvite(_) | Machine::ClientOther(_) => return false,
        };
        let dialog = match listener {
            Listener::Dialog(id) => Some(id),
            _ => None,
        };
        // A 2xx is repeated by its dialog until the ACK comes.
        let unacked = dialog.and_then(|id| self.dialogs.get_mut(&id)?.unacked.as_mut());
        let repeated = unacked.filter(|one| last.is_none() && one.flow == old).map(|one| {
            one.flow = flow;
            one.bytes.clone()
        });
        let Some(bytes) = last.or(repeated) else { return false };
        self.connected.remove(&(old, id));
        self.connected.insert((flow, id));
        (transaction.flow, transaction.redialled) = (flow, true);
        if let Some(dialog) = dialog {
            self.follow(dialog, old, flow);
        }
        if !bytes.is_empty() {
            self.send(flow, bytes);
        }
        true
    }

    /// What comes next in the dialog goes over the new connection, too.
    fn follow(&mut self, id: DialogId, old: Flow, new: Flow) {
        if let Some(dialog) = self.dialogs.get_mut(&id).filter(|dialog| dialog.flow == old) {
            dialog.flow = new;
        }
    }
}

/// A connection of ours to where a request goes: its first route, or its target when that is where the peer was seen.
/// One that names an address of its own network, behind a NAT, cannot be called back.
fn way_back(flow: Flow, request: &Request) -> Option<Flow> {
    if flow.local.port() == 0 {
        return Some(flow);
    }
    let route = request.headers.list("Route").next().and_then(|route| route.parse::<NameAddr>().ok());
    let uri = route.as_ref().map_or(&request.uri, |route| &route.uri);
    let transport = called_back_over(flow.transport, uri)?;
    let (ip, port) = (uri.host_ip()?, uri.port().unwrap_or(transport.default_port()));
    let known = route.is_some() || ip == flow.remote.ip();
    let local = SocketAddr::new(flow.local.ip(), 0);
    (known && is_sendable(ip, port, flow)).then(|| Flow { transport, local, remote: (ip, port).into() })
}

/// Never less secure than before; a browser takes no connections.
fn called_back_over(transport: Transport, uri: &Uri) -> Option<Transport> {
    let named = uri.param("transport").unwrap_or_default();
    match transport {
        Transport::Tls => Some(Transport::Tls),
        Transport::Tcp if named.eq_ignore_ascii_case("tls") => Some(Transport::Tls),
        Transport::Tcp => Some(Transport::Tcp),
        Transport::Udp | Transport::Ws | Transport::Wss => None,
    }
}

/// Where the answers to a request go when its connection is gone, as far as its sender is where its Via says.
pub(super) fn way_of_answer(flow: Flow, request: &Request) -> Option<Flow> {
    if !matches!(flow.transport, Transport::Tcp | Transport::Tls) {
        return None;
    }
    let via = request.via()?;
    let written = via.host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let port = via.port.unwrap_or(flow.transport.default_port());
    let ip = flow.remote.ip();
    let is_there = written.map_or(true, |written| written == ip) && port != 0;
    let local = SocketAddr::new(flow.local.ip(), 0);
    is_there.then(|| Flow { local, remote: (ip, port).into(), ..flow })
}
