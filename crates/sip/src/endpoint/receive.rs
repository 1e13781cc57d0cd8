//! From bytes to the transaction, the dialog or the owner they are for.

use std::time::Instant;

use super::table::Listener;
use super::{Endpoint, NewRequest, Received};
use crate::dialog::Stage;
use crate::flow::{DialogId, Flow, TransactionId};
use crate::message::{Malformed, Message, Method, NameAddr, Request, Response, parse};
use crate::transaction::{AckStep, ClientKey, Machine, ServerKey};

impl Endpoint {
    /// Takes one datagram or one framed message of a stream.
    ///
    /// Malformed requests are answered here without state where the RFC says so, nonsense is counted. Everything that
    /// belongs to a transaction or dialog is done here; any other request is handed out for admission.
    pub fn receive(&mut self, now: Instant, flow: Flow, bytes: &[u8]) -> Received {
        self.take(now, flow, bytes, true)
    }

    /// The same for bytes from an address that nobody vouches for: a request finds its dialog only when it comes from
    /// where the dialog's peer is, or the proxy before it. Tags are read by everybody on the way; without this whoever
    /// reads them could end or turn the call. What would be answered without state, a malformed request or a CANCEL that
    /// finds nothing, is handed out: its owner limits what strangers are told.
    pub fn receive_from_stranger(&mut self, now: Instant, flow: Flow, bytes: &[u8]) -> Received {
        self.take(now, flow, bytes, false)
    }

    fn take(&mut self, now: Instant, flow: Flow, bytes: &[u8], trusted: bool) -> Received {
        if bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            self.counters.keep_alives += 1;
            return Received::Handled;
        }
        match parse(bytes) {
            Ok(Message::Request(request)) => self.receive_request(now, flow, request, trusted),
            Ok(Message::Response(response)) => {
                self.receive_response(now, flow, response);
                Received::Handled
            }
            Err(malformed) => {
                self.counters.malformed += 1;
                self.refuse_malformed(flow, malformed, trusted)
            }
        }
    }

    /// "400", "505": without state, and never to an ACK, which has no response.
    fn refuse_malformed(&mut self, flow: Flow, malformed: Malformed, trusted: bool) -> Received {
        let request = malformed.request.filter(|request| request.method != Method::Ack);
        let Some(mut request) = request else { return Received::Handled };
        note_source(&mut request, flow);
        let new = NewRequest { request: *request, flow };
        if !trusted {
            return Received::Malformed(new, malformed.status);
        }
        let response = self.response_to(&new.request, malformed.status);
        self.respond_statelessly(&new, response);
        Received::Handled
    }

    fn receive_request(&mut self, now: Instant, flow: Flow, mut request: Request, trusted: bool) -> Received {
        note_source(&mut request, flow);
        let Some(key) = ServerKey::of(&request, flow.remote.ip()) else {
            self.counters.malformed += 1;
            return Received::Handled;
        };
        let known = self.servers.get(&key).copied();
        let found = self.dialog_of(&request).filter(|id| trusted || self.is_peer(*id, flow));
        match (&request.method, known) {
            (Method::Ack, _) => self.receive_ack(now, flow, known, &request, found),
            (_, Some(id)) => self.repeat(id),
            (Method::Cancel, None) => match self.servers.get(&key.of_invite()).copied() {
                None if !trusted => return Received::New(NewRequest { request, flow }),
                invite => self.receive_cancel(now, flow, invite, &request),
            },
            _ => match found {
                Some(dialog) => self.receive_in_dialog(now, flow, dialog, request),
                None => return Received::New(NewRequest { request, flow }),
            },
        }
        Received::Handled
    }

    /// RFC 3261 17.2: the last response again, as far as the transaction has one.
    fn repeat(&mut self, id: TransactionId) {
        self.counters.repeated_by_peer += 1;
        let Some(transaction) = self.transactions.get(&id) else { return };
        let bytes = match &transaction.machine {
            Machine::ServerInvite(one) => one.on_repeated(),
            Machine::ServerOther(one) => one.on_repeated(),
            Machine::ClientInvite(_) | Machine::ClientOther(_) => None,
        };
        if let Some(bytes) = bytes {
            let flow = transaction.flow;
            self.send(flow, bytes);
        }
    }

    fn receive_ack(
        &mut self,
        now: Instant,
        flow: Flow,
        known: Option<TransactionId>,
        request: &Request,
        dialog: Option<DialogId>,
    ) {
        let times = self.times;
        if let Some(id) = known
            && let Some(transaction) = self.transactions.get_mut(&id)
            && let Machine::ServerInvite(invite) = &mut transaction.machine
        {
            match invite.on_ack(now, &times, transaction.flow.transport.is_reliable()) {
                AckStep::Absorbed => return self.file_transaction(id),
                AckStep::Over => {
                    self.forget_transaction(id);
                    return;
                }
                AckStep::Pass => {}
            }
        }
        match dialog {
            Some(dialog) => self.acknowledged(now, flow, dialog, request),
            None => self.counters.stray_ack += 1,
        }
    }

    /// RFC 3261 12.2.2: Call-ID, our tag in To, the peer's tag in From; while our INVITE is unanswered any tag that
    /// rings.
    fn dialog_of(&self, request: &Request) -> Option<DialogId> {
        let to = request.to()?;
        let name = (request.call_id().to_owned(), to.tag()?.to_owned());
        let id = *self.dialog_names.get(&name)?;
        let from = request.from()?;
        let (dialog, tag) = (self.dialogs.get(&id)?, from.tag().unwrap_or_default());
        let is_ours = match &dialog.stage {
            Stage::Calling(calling) => calling.branches.iter().any(|one| one.tag == tag),
            _ => dialog.remote_tag == tag,
        };
        is_ours.then_some(id)
    }

    /// Whether a flow comes from where the dialog's requests go: its last flow, its remote target or its first route.
    pub(super) fn is_peer(&self, id: DialogId, flow: Flow) -> bool {
        let Some(dialog) = self.dialogs.get(&id) else { return false };
        let ip = flow.remote.ip();
        let route = || dialog.routes.first().and_then(|route| route.parse::<NameAddr>().ok()?.uri.host_ip());
        dialog.flow.remote.ip() == ip || dialog.target.host_ip() == Some(ip) || route() == Some(ip)
    }

    fn receive_response(&mut self, now: Instant, from: Flow, mut response: Response) {
        let times = self.times;
        let id = ClientKey::of_response(&response).and_then(|key| self.clients.get(&key).copied());
        let Some(id) = id else {
            self.counters.stray_response += 1;
            return;
        };
        let Some(transaction) = self.transactions.get_mut(&id) else { return };
        let (listener, out) = (transaction.listener, transaction.flow);
        let reliable = out.transport.is_reliable();
        if (from.transport, from.remote) != (out.transport, out.remote) {
            self.counters.foreign_challenge += u64::from(super::login::forget_challenge(&mut response));
        }
        let response = &response;
        match &mut transaction.machine {
            Machine::ClientInvite(invite) => {
                let step = invite.on_response(now, &times, reliable, response);
                let request = step.pass.then(|| invite.request.clone());
                if let Some(ack) = step.ack {
                    self.send(step.ack_flow.unwrap_or(out), ack);
                }
                if step.over {
                    self.forget_transaction(id);
                } else {
                    self.file_transaction(id);
                }
                if let Some(request) = request {
                    self.invite_response(now, id, listener, &request, response);
                }
            }
            Machine::ClientOther(other) => {
                let (pass, over) = other.on_response(now, &times, reliable, response.status);
                let request = (pass && response.status >= 200).then(|| other.request.clone());
                if over {
                    self.forget_transaction(id);
                } else {
                    self.file_transaction(id);
                }
                if let Some(request) = request {
                    self.final_response(now, id, listener, &request, response.clone());
                }
            }
            Machine::ServerInvite(_) | Machine::ServerOther(_) => {}
        }
    }

    /// Whether a request in a dialog finds room.
    pub(super) fn has_room_in_dialog(&self) -> bool {
        self.transactions.len() < self.config.transactions_max + self.config.transactions_max / 4
    }

    /// Whether a new transaction finds room.
    pub(super) fn has_room(&self) -> bool {
        self.transactions.len() < self.config.transactions_max
    }

    /// Answers without any state: no retransmission, no timer (RFC 3261 8.2.7). The To tag depends on the request alone.
    pub fn respond_statelessly(&mut self, new: &NewRequest, mut response: Response) {
        if new.request.method == Method::Ack {
            return;
        }
        self.complete(&mut response);
        self.counters.stateless_responses += 1;
        self.send(new.flow, response.to_bytes());
    }

    /// Takes a request into a server transaction, which absorbs its repetitions.
    ///
    /// Meant for everything but INVITE; an INVITE taken this way may only be refused.
    ///
    /// # Errors
    /// [`Full`](super::Full) when no transaction is free.
    pub fn accept(&mut self, _now: Instant, new: NewRequest) -> Result<TransactionId, super::Full> {
        if !self.has_room() {
            return Err(super::Full);
        }
        Ok(self.start_server(new.flow, &new.request, Listener::Owner))
    }

    /// Answers an accepted request; a second final response is ignored.
    pub fn respond(&mut self, now: Instant, tx: TransactionId, mut response: Response) {
        self.complete(&mut response);
        self.give(now, tx, &response);
    }
}

/// RFC 3261 18.2.1 and RFC 3581 4: the top Via learns where the request really came from.
fn note_source(request: &mut Request, flow: Flow) {
    let Some(mut via) = request.via() else { return };
    let ip = flow.remote.ip();
    let wants_port = via.param("rport").is_some();
    let host_is_source = via.host.trim_matches(['[', ']']).parse() == Ok(ip);
    if host_is_source && !wants_port {
        return;
    }
    via.set_param("received", ip.to_string());
    if wants_port {
        via.set_param("rport", flow.remote.port().to_string());
    }
    let line = request.headers.get("Via").unwrap_or_default();
    let top = request.headers.list("Via").next().unwrap_or_default();
    // What stands after the top value on the same line stays as it is.
    let rest = line.find(top).map(|at| line[at + top.len()..].to_owned()).unwrap_or_default();
    request.headers.replace_first("Via", format!("{via}{rest}"));
}
