//! Outgoing calls and requests (RFC 3261 8.1, 9.1, 13.2).

use std::time::Instant;

use super::table::Listener;
use super::{Endpoint, Full, OutgoingInvite};
use crate::auth;
use crate::dialog::{Calling, Cancel, Dialog, Stage};
use crate::event::{Credentials, Event};
use crate::flow::{DialogId, Flow, TransactionId};
use crate::message::{Headers, Method, NameAddr, Request, Response, Uri};
use crate::transaction::Machine;

impl Endpoint {
    /// Sends an INVITE. [`Event::Answered`] or [`Event::Refused`] follows.
    ///
    /// # Errors
    /// [`Full`] when no transaction or dialog is free.
    pub fn invite(&mut self, now: Instant, invite: OutgoingInvite) -> Result<DialogId, Full> {
        if !self.has_room() || self.dialogs.len() >= self.config.dialogs_max {
            return Err(Full);
        }
        let (local_tag, call_id) = (self.token(), self.token());
        let id = DialogId(self.next_id());
        let from = invite.from.with_tag(&local_tag).to_string();
        let mut headers = Headers::default();
        headers.push("Max-Forwards", "70");
        headers.push("From", from.clone());
        headers.push("To", invite.to.to_string());
        headers.push("Call-ID", call_id.clone());
        headers.push("CSeq", "1 INVITE");
        headers.push("Contact", format!("<{}>", invite.contact));
        headers.push("Allow", super::inspect::ALLOW);
        for (name, value) in invite.headers {
            if name.eq_ignore_ascii_case("Max-Forwards") {
                headers.set(&name, value);
            } else {
                headers.push(&name, value);
            }
        }
        if !invite.sdp.is_empty() {
            headers.push("Content-Type", super::inspect::SDP);
        }
        let request = Request { method: Method::Invite, uri: invite.uri.clone(), headers, body: invite.sdp };
        let tx = self.start_client(now, invite.flow, request, Listener::Dialog(id));
        let dialog = Dialog {
            flow: invite.flow,
            call_id: call_id.clone(),
            local: from,
            local_tag: local_tag.clone(),
            remote: invite.to.to_string(),
            remote_tag: String::new(),
            local_cseq: 1,
            remote_cseq: None,
            target: invite.uri,
            routes: Vec::new(),
            contact: invite.contact,
            credentials: invite.credentials,
            stage: Stage::Calling(Calling {
                tx,
                give_up_at: now + invite.timeout,
                provisional: false,
                cancel: Cancel::No,
                challenged: false,
            }),
            unacked: None,
            reoffer: None,
            abandoned: false,
            reason: None,
            filed: None,
        };
        self.dialog_names.insert((call_id, local_tag), id);
        self.dialogs.insert(id, dialog);
        self.file_dialog(id);
        Ok(id)
    }

    /// Sends a request outside of any dialog, never INVITE. The final answer comes as [`Event::Response`]; 408 stands
    /// for silence. `headers` may bring its own Call-ID and CSeq (a REGISTER refresh needs both), From its own tag.
    ///
    /// # Errors
    /// [`Full`] when no transaction is free.
    #[allow(
        clippy::too_many_arguments,
        reason = "each is one line of the request; a struct would only rename them"
    )]
    pub fn request(
        &mut self,
        now: Instant,
        flow: Flow,
        method: Method,
        uri: Uri,
        from: NameAddr,
        to: NameAddr,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Result<TransactionId, Full> {
        if !self.has_room() {
            return Err(Full);
        }
        let from = if from.tag().is_some() { from } else { from.with_tag(&self.token()) };
        let mut all = Headers::default();
        all.push("Max-Forwards", "70");
        all.push("From", from.to_string());
        all.push("To", to.to_string());
        all.push("Call-ID", self.token());
        all.push("CSeq", format!("1 {method}"));
        for (name, value) in headers {
            if matches!(name.to_ascii_lowercase().as_str(), "call-id" | "cseq" | "max-forwards") {
                all.set(&name, value);
            } else {
                all.push(&name, value);
            }
        }
        Ok(self.start_client(now, flow, Request { method, uri, headers: all, body }, Listener::Owner))
    }

    /// A response to an INVITE of ours, passed up by its transaction.
    pub(super) fn invite_response(
        &mut self,
        now: Instant,
        tx: TransactionId,
        listener: Listener,
        request: &Request,
        response: &Response,
    ) {
        let Listener::Dialog(id) = listener else { return };
        match response.status {
            ..200 => self.provisional(now, id, response),
            200..=299 => self.accepted(now, tx, id, response),
            300.. => self.final_response(now, tx, listener, request, response.clone()),
        }
    }

    fn provisional(&mut self, now: Instant, id: DialogId, response: &Response) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        calling.provisional = true;
        if calling.cancel == Cancel::Wanted {
            self.send_cancel(now, id);
        } else if !dialog.abandoned && response.status > 100 {
            let sdp = response.sdp().map(<[u8]>::to_vec);
            self.events.push_back(Event::Ringing { dialog: id, status: response.status, sdp });
        }
    }

    /// RFC 3261 9.1: "If no provisional response has been received, the CANCEL request MUST NOT be sent"; it repeats the
    /// INVITE's Request-URI, Call-ID, To, From, CSeq number, Route and its one top Via.
    pub(super) fn send_cancel(&mut self, now: Instant, id: DialogId) {
        let limit = self.times.limit();
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        calling.cancel = Cancel::Sent;
        // "If there is no final response for the original request in 64*T1 seconds, the client SHOULD then consider the
        // original transaction cancelled."
        calling.give_up_at = now + limit;
        let (tx, reason) = (calling.tx, dialog.reason.clone());
        let Some(transaction) = self.transactions.get(&tx) else { return };
        let Machine::ClientInvite(invite) = &transaction.machine else { return };
        // RFC 3261 9.1: where the INVITE went, which is a connection when it was large.
        let flow = transaction.flow;
        let mut headers = Headers::default();
        for name in ["Via", "Max-Forwards", "From", "To", "Call-ID", "Route"] {
            headers.copy_all(&invite.request.headers, name);
        }
        headers.push("CSeq", format!("{} CANCEL", invite.request.cseq().map_or(1, |cseq| cseq.number)));
        if let Some(reason) = reason {
            headers.push("Reason", reason);
        }
        let cancel =
            Request { method: Method::Cancel, uri: invite.request.uri.clone(), headers, body: Vec::new() };
        self.start_client(now, flow, cancel, Listener::Nobody);
        self.file_dialog(id);
    }

    /// A 2xx to our INVITE: the first makes the dialog, those of other branches are acknowledged and ended
    /// (RFC 3261 13.2.2.4).
    fn accepted(&mut self, now: Instant, tx: TransactionId, id: DialogId, response: &Response) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let is_first = matches!(dialog.stage, Stage::Calling(_));
        let mut fork = None;
        let heard = if is_first {
            dialog.stage = Stage::Confirmed;
            dialog
        } else {
            fork.insert(dialog.branch())
        };
        heard.learn(response);
        // The ACK has the number of the INVITE, which is the number of this response.
        let number = response.cseq().map_or(1, |cseq| cseq.number);
        let mut ack = heard.request(Method::Ack);
        ack.headers.set("CSeq", format!("{number} ACK"));
        let (flow, tag) = (heard.destination(), heard.remote_tag.clone());
        let abandoned = heard.abandoned;
        let via = self.new_via(flow, &ack.uri);
        ack.headers.push_front("Via", via);
        let bytes = ack.to_bytes();
        self.send(flow, bytes.clone());
        if let Some(mut fork) = fork {
            let bye = fork.request(Method::Bye);
            self.start_client(now, fork.destination(), bye, Listener::Nobody);
            return;
        }
        if let Some(transaction) = self.transactions.get_mut(&tx)
            && let Machine::ClientInvite(invite) = &mut transaction.machine
        {
            invite.accepted = Some((tag, bytes));
        }
        self.file_dialog(id);
        if abandoned {
            self.say_bye(now, id);
        } else {
            let sdp = response.sdp().map(<[u8]>::to_vec);
            self.events.push_back(Event::Answered { dialog: id, sdp });
        }
    }

    /// The end of a client transaction: a final response, or one made up for silence and lost connections.
    pub(super) fn final_response(
        &mut self,
        now: Instant,
        tx: TransactionId,
        listener: Listener,
        request: &Request,
        response: Response,
    ) {
        match listener {
            Listener::Nobody => {}
            Listener::Refer(refer) => self.refer_notified(refer, response.status),
            Listener::Referring(id) => self.refer_answered(tx, id, response),
            Listener::Owner => self.events.push_back(Event::Response { transaction: tx, response }),
            Listener::Dialog(id) => {
                if !self.answer_challenge(now, id, request, &response) {
                    self.dialog_over(id, response);
                }
            }
        }
    }

    /// Our INVITE or BYE has its final response: the dialog is gone.
    fn dialog_over(&mut self, id: DialogId, response: Response) {
        let Some(dialog) = self.dialogs.get(&id) else { return };
        let heard = !dialog.abandoned;
        match dialog.stage {
            Stage::Calling(_) => {}
            Stage::Leaving { .. } => {}
            Stage::Incoming { .. } | Stage::Confirmed => return,
        }
        self.forget_dialog(id);
        if heard {
            let Response { status, reason, .. } = response;
            self.events.push_back(Event::Refused { dialog: id, status, reason });
        }
    }

    /// RFC 3261 22.2: the request again with credentials, once, with the next CSeq and a new branch.
    fn answer_challenge(
        &mut self,
        now: Instant,
        id: DialogId,
        request: &Request,
        response: &Response,
    ) -> bool {
        let name = match response.status {
            401 => ("WWW-Authenticate", "Authorization"),
            407 => ("Proxy-Authenticate", "Proxy-Authorization"),
            _ => return false,
        };
        let cnonce = self.token();
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        let Some(Credentials { user, password }) = &dialog.credentials else { return false };
        let retried = match &mut dialog.stage {
            Stage::Calling(calling) if calling.cancel == Cancel::No => &mut calling.challenged,
            Stage::Leaving { challenged } => challenged,
            Stage::Calling(_) | Stage::Incoming { .. } | Stage::Confirmed => return false,
        };
        let credentials = response.headers.get_all(name.0).find_map(|challenge| {
            auth::authorize(challenge, &request.method, &request.uri, user, password, &cnonce, 1)
        });
        let Some(credentials) = credentials.filter(|_| !*retried) else { return false };
        *retried = true;
        dialog.local_cseq += 1;
        let mut again = request.clone();
        again.headers.remove("Via");
        again.headers.set("CSeq", format!("{} {}", dialog.local_cseq, request.method));
        again.headers.set(name.1, credentials);
        let flow = dialog.destination();
        let tx = self.start_client(now, flow, again, Listener::Dialog(id));
        if let Some(Stage::Calling(calling)) = self.dialogs.get_mut(&id).map(|dialog| &mut dialog.stage) {
            calling.tx = tx;
            calling.provisional = false;
        }
        true
    }
}
