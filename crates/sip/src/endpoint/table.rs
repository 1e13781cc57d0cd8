//! The transactions an endpoint holds, and how they are found, filed by deadline and taken out.

use std::net::SocketAddr;
use std::time::Instant;

use super::large::Sending;
use super::{Endpoint, Subject};
use crate::flow::{DialogId, Flow, TransactionId, Transmit};
use crate::message::{Method, Request, Response, Uri};
use crate::refer::ReferId;
use crate::transaction::{
    ClientInvite, ClientKey, ClientOther, Fired, Machine, MergeKey, ServerInvite, ServerKey, ServerOther,
};

/// Who hears what a transaction has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listener {
    Nobody,
    /// The owner of the endpoint.
    Owner,
    Dialog(DialogId),
    /// An offer or refresh of ours in a dialog.
    Own(DialogId),
    /// A REFER whose NOTIFY it is.
    Refer(ReferId),
    /// The dialog in which we sent it as a REFER.
    Referring(DialogId),
    /// The dialog in which we sent it as an INFO.
    Informing(DialogId),
}

/// A transaction with all its names.
#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) flow: Flow,
    /// Where it goes on when its connection is gone: the datagrams that a large request goes back to, or the connection
    /// that answers to the peer are sent over then.
    pub(super) narrow: Option<Flow>,
    /// Its connection was lost once; another loss is the end.
    pub(super) redialled: bool,
    pub(super) machine: Machine,
    pub(super) listener: Listener,
    filed: Option<Instant>,
    server: Option<ServerKey>,
    merge: Option<MergeKey>,
    client: Option<ClientKey>,
}

/// An address in a sent-by; the port of a connection that we opened is nobody's to answer to.
fn written(local: SocketAddr) -> String {
    match local {
        SocketAddr::V4(local) if local.port() == 0 => local.ip().to_string(),
        SocketAddr::V6(local) if local.port() == 0 => format!("[{}]", local.ip()),
        local => local.to_string(),
    }
}

impl Endpoint {
    /// Sends a request in a client transaction. A request without Via gets one with a new branch.
    pub(super) fn start_client(
        &mut self,
        now: Instant,
        flow: Flow,
        mut request: Request,
        listener: Listener,
    ) -> TransactionId {
        let made_via = !request.headers.contains("Via");
        if made_via {
            let via = self.new_via(flow, &request.uri);
            request.headers.push_front("Via", via);
        }
        if !request.headers.contains("User-Agent") && !self.config.user_agent.is_empty() {
            request.headers.push("User-Agent", self.config.user_agent.clone());
        }
        let id = TransactionId(self.next_id());
        let mut sending = Sending { flow, narrow: None, redialled: false, request, listener };
        let bytes = self.widen(&mut sending, made_via);
        self.run_client(now, id, sending, bytes);
        id
    }

    /// Sends a request whose Via stands, and remembers it.
    pub(super) fn run_client(&mut self, now: Instant, id: TransactionId, sending: Sending, bytes: Vec<u8>) {
        let Sending { flow, narrow, redialled, request, listener } = sending;
        let client = ClientKey::of_request(&request);
        if let Some(key) = &client {
            self.clients.insert(key.clone(), id);
        }
        self.outbox.push_back(Transmit { flow, bytes, hurry: narrow.is_some() });
        let reliable = flow.transport.is_reliable();
        let machine = if request.method == Method::Invite {
            Machine::ClientInvite(ClientInvite::start(now, &self.times, reliable, request))
        } else {
            Machine::ClientOther(ClientOther::start(now, &self.times, reliable, request))
        };
        let (filed, server, merge) = (None, None, None);
        let transaction =
            Transaction { flow, narrow, redialled, machine, listener, filed, server, merge, client };
        self.add(id, transaction);
    }

    /// A Via of ours; `rport` asks for symmetric answers (RFC 3581).
    pub(super) fn new_via(&mut self, flow: Flow, uri: &Uri) -> String {
        let branch = self.branch_for(uri);
        self.via(flow, &format!("z9hG4bK{branch}"))
    }

    /// A Via with this branch.
    pub(super) fn via(&self, flow: Flow, branch: &str) -> String {
        let sent_by = self.config.sent_by.get(&(flow.transport, flow.local));
        let sent_by = sent_by.cloned().unwrap_or_else(|| written(flow.local));
        format!("SIP/2.0/{} {sent_by};branch={branch};rport", flow.transport.via_name())
    }

    /// Remembers a request that came in.
    pub(super) fn start_server(
        &mut self,
        flow: Flow,
        request: &Request,
        listener: Listener,
    ) -> TransactionId {
        let id = TransactionId(self.next_id());
        let machine = if request.method == Method::Invite {
            Machine::ServerInvite(ServerInvite::start())
        } else {
            Machine::ServerOther(ServerOther::start())
        };
        let server = ServerKey::of(request, flow.remote.ip());
        if let Some(key) = &server {
            self.servers.insert(key.clone(), id);
        }
        let merge = MergeKey::of(request);
        if let Some(key) = &merge {
            self.merges.insert(key.clone(), id);
        }
        let (narrow, redialled) = (super::lost::way_of_answer(flow, request), false);
        let (filed, client) = (None, None);
        let transaction =
            Transaction { flow, narrow, redialled, machine, listener, filed, server, merge, client };
        self.add(id, transaction);
        id
    }

    fn add(&mut self, id: TransactionId, transaction: Transaction) {
        if transaction.flow.transport.is_connection() {
            self.connected.insert((transaction.flow, id));
        }
        self.transactions.insert(id, transaction);
        self.file_transaction(id);
    }

    /// Files a transaction under its next deadline.
    pub(super) fn file_transaction(&mut self, id: TransactionId) {
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        let next = transaction.machine.next_deadline();
        if transaction.filed != next {
            let subject = Subject::Transaction(id);
            if let Some(at) = transaction.filed {
                self.deadlines.remove(&(at, subject));
            }
            if let Some(at) = next {
                self.deadlines.insert((at, subject));
            }
            transaction.filed = next;
        }
    }

    /// Files a dialog under its next deadline.
    pub(super) fn file_dialog(&mut self, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let next = dialog.next_deadline();
        if dialog.filed != next {
            let subject = Subject::Dialog(id);
            if let Some(at) = dialog.filed {
                self.deadlines.remove(&(at, subject));
            }
            if let Some(at) = next {
                self.deadlines.insert((at, subject));
            }
            dialog.filed = next;
        }
    }

    /// Takes a transaction out with all its names.
    pub(super) fn forget_transaction(&mut self, id: TransactionId) -> Option<Transaction> {
        let gone = self.transactions.remove(&id)?;
        if let Some(at) = gone.filed {
            self.deadlines.remove(&(at, Subject::Transaction(id)));
        }
        // A later transaction may have taken over a name; only our own entry goes.
        if let Some(key) = &gone.server
            && self.servers.get(key) == Some(&id)
        {
            self.servers.remove(key);
        }
        if let Some(key) = &gone.merge
            && self.merges.get(key) == Some(&id)
        {
            self.merges.remove(key);
        }
        if let Some(key) = &gone.client
            && self.clients.get(key) == Some(&id)
        {
            self.clients.remove(key);
        }
        self.connected.remove(&(gone.flow, id));
        Some(gone)
    }

    /// Takes a dialog out; its transactions live on without a listener.
    pub(super) fn forget_dialog(&mut self, id: DialogId) {
        let Some(gone) = self.dialogs.remove(&id) else { return };
        if let Some(at) = gone.filed {
            self.deadlines.remove(&(at, Subject::Dialog(id)));
        }
        let name = (gone.call_id, gone.local_tag);
        if self.dialog_names.get(&name) == Some(&id) {
            self.dialog_names.remove(&name);
        }
        self.forget_referring(id);
        self.forget_informing(id);
    }

    /// Gives a response to a server transaction.
    pub(super) fn give(&mut self, now: Instant, id: TransactionId, response: &Response) {
        let times = self.times;
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        let (flow, bytes) = (transaction.flow, response.to_bytes());
        let reliable = flow.transport.is_reliable();
        let (send, over) = match &mut transaction.machine {
            Machine::ServerInvite(one) => {
                (one.respond(now, &times, reliable, response.status, &bytes), false)
            }
            Machine::ServerOther(one) => one.respond(now, &times, reliable, response.status, &bytes),
            Machine::ClientInvite(_) | Machine::ClientOther(_) => (false, false),
        };
        if send {
            self.send(flow, bytes);
        }
        if over {
            self.forget_transaction(id);
        } else {
            self.file_transaction(id);
        }
    }

    pub(super) fn transaction_deadline(&mut self, now: Instant, id: TransactionId) {
        let times = self.times;
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        transaction.filed = None;
        match transaction.machine.on_deadline(now, &times) {
            Fired::Nothing => self.file_transaction(id),
            Fired::Resend => {
                let flow = transaction.flow;
                if let Some(bytes) = transaction.machine.last_bytes() {
                    self.counters.retransmissions += 1;
                    self.send(flow, bytes);
                }
                self.file_transaction(id);
            }
            Fired::TimedOut => {
                self.counters.timeouts += 1;
                self.fail_transaction(now, id, 408);
            }
            Fired::Over => {
                self.forget_transaction(id);
            }
        }
    }

    /// RFC 3261 8.1.3.1: a timeout is treated as a 408, a transport error as a 503.
    pub(super) fn fail_transaction(&mut self, now: Instant, id: TransactionId, status: u16) {
        let Some(gone) = self.forget_transaction(id) else { return };
        let request = match gone.machine {
            Machine::ClientInvite(one) => one.request,
            Machine::ClientOther(one) => one.request,
            Machine::ServerInvite(one) => {
                if one.is_unanswered() {
                    self.incoming_lost(now, gone.listener);
                }
                return;
            }
            Machine::ServerOther(_) => return,
        };
        let response = Response::to_request(&request, status);
        self.final_response(now, id, gone.listener, &request, response);
    }
}
