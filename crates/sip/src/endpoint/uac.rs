//! Outgoing calls and requests (RFC 3261 8.1, 9.1, 13.2).

use std::time::{Duration, Instant};

use super::table::Listener;
use super::{Endpoint, Full, OutgoingInvite, Reliable};
use crate::dialog::{Calling, Cancel, Dialog, Login, Stage, reliable_number, way};
use crate::event::Event;
use crate::flow::{DialogId, Flow, TransactionId};
use crate::message::{Headers, Method, NameAddr, Reason, Request, Response, Uri};
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
        let from = invite.from.clone().with_tag(&local_tag).to_string();
        let request = self.first_invite(&invite, &from, &call_id);
        let tx = self.start_client(now, invite.flow, request, Listener::Dialog(id));
        let stage = Stage::Calling(Calling {
            tx,
            give_up_at: now + invite.timeout,
            provisional: false,
            cancel: Cancel::No,
            challenged: false,
            raised: 0,
            branches: Vec::new(),
        });
        let session_expires = self.interval_for(&invite);
        let OutgoingInvite { flow, credentials, auth_realm: realm, .. } = invite;
        let dialog = Dialog {
            remote: invite.to.to_string(),
            local_cseq: 1,
            login: credentials.map(|credentials| Login { credentials, realm, flow }),
            local_sdp: invite.sdp,
            owns_call_id: true,
            session_expires,
            ..Dialog::new(flow, call_id.clone(), from, local_tag.clone(), invite.uri, invite.contact, stage)
        };
        self.dialog_names.insert((call_id, local_tag), id);
        self.dialogs.insert(id, dialog);
        self.file_dialog(id);
        Ok(id)
    }

    fn interval_for(&self, invite: &OutgoingInvite) -> Duration {
        invite.session_expires.unwrap_or(self.config.session_expires)
    }

    fn first_invite(&self, invite: &OutgoingInvite, from: &str, call_id: &str) -> Request {
        let (uri, routes) = way(&invite.uri, &invite.route);
        let mut headers = Headers::default();
        headers.push("Max-Forwards", "70");
        headers.push("From", from);
        headers.push("To", invite.to.to_string());
        headers.push("Call-ID", call_id);
        headers.push("CSeq", "1 INVITE");
        if !routes.is_empty() {
            headers.push("Route", routes.join(", "));
        }
        headers.push("Contact", format!("<{}>", invite.contact));
        headers.push("Allow", super::inspect::ALLOW);
        // An INVITE without offer would have its offer in a provisional response and want the answer in the PRACK.
        let reliable = if invite.sdp.is_empty() { Reliable::Never } else { invite.reliable };
        let supported = match reliable {
            Reliable::Never => "timer, replaces",
            Reliable::Supported | Reliable::Required => "timer, replaces, 100rel",
        };
        headers.push("Supported", supported);
        if reliable == Reliable::Required {
            headers.push("Require", "100rel");
        }
        self.ask_for_timer(&mut headers, self.interval_for(invite), None, None);
        for (name, value) in &invite.headers {
            if name.eq_ignore_ascii_case("Max-Forwards") {
                headers.set(name, value.clone());
            } else {
                headers.push(name, value.clone());
            }
        }
        if !invite.sdp.is_empty() {
            headers.push("Content-Type", super::inspect::SDP);
        }
        Request { method: Method::Invite, uri, headers, body: invite.sdp.clone() }
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
        match (listener, response.status) {
            (Listener::Dialog(id), ..200) => self.provisional(now, tx, id, response),
            (Listener::Dialog(id), 200..=299) => self.accepted(now, tx, id, request, response),
            (Listener::Informing(id), 200..=299) => self.informed(now, id),
            (Listener::Own(id), 200..=299) => self.own_accepted(now, tx, id, request, response),
            (_, 300..) => self.final_response(now, tx, listener, request, response.clone()),
            (_, _) => {}
        }
    }

    fn provisional(&mut self, now: Instant, tx: TransactionId, id: DialogId, response: &Response) {
        let flow = self.transactions.get(&tx).map(|transaction| transaction.flow);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        calling.provisional = true;
        let cancel = calling.cancel == Cancel::Wanted;
        let tag = response.to().and_then(|to| to.tag().map(str::to_owned)).unwrap_or_default();
        if response.status > 100 {
            let branch = calling.branch_of(flow.unwrap_or(dialog.flow), &dialog.target, response);
            let news = branch.is_none_or(|branch| match reliable_number(response) {
                Some(rseq) => branch.takes(rseq),
                None => true,
            });
            if !news {
                // A repeated one, or one that overtook another; its sender repeats what is missing.
                self.counters.repeated_by_peer += 1;
                return;
            }
            self.confirm_provisional(now, id, &tag, response);
        }
        if cancel {
            return self.send_cancel(now, id);
        }
        if response.status > 100 && self.dialogs.get(&id).is_some_and(|dialog| !dialog.abandoned) {
            let (status, sdp) = (response.status, response.sdp().map(<[u8]>::to_vec));
            self.events.push_back(Event::Ringing { dialog: id, status, sdp, tag });
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
            Listener::Informing(id) => self.informed(now, id),
            Listener::Owner => self.events.push_back(Event::Response { transaction: tx, response }),
            Listener::Own(id) => self.own_response(now, tx, id, request, &response),
            Listener::Dialog(id) => {
                if !self.answer_challenge(now, id, request, &response)
                    && !self.ask_for_longer(now, id, request, &response)
                {
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
            let cause = Reason::cause_of_network(&response.headers);
            let Response { status, reason, .. } = response;
            self.events.push_back(Event::Refused { dialog: id, status, reason, cause });
        }
    }

    /// Our INVITE or BYE once more, changed, with the next CSeq and a new branch.
    pub(super) fn send_again(&mut self, now: Instant, id: DialogId, mut again: Request) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.local_cseq += 1;
        again.headers.remove("Via");
        again.headers.set("CSeq", format!("{} {}", dialog.local_cseq, again.method));
        // What follows an INVITE goes where the INVITE went: its Route is not yet the dialog's.
        let flow = if again.method == Method::Invite { dialog.flow } else { dialog.destination() };
        let tx = self.start_client(now, flow, again, Listener::Dialog(id));
        if let Some(Stage::Calling(calling)) = self.dialogs.get_mut(&id).map(|dialog| &mut dialog.stage) {
            calling.tx = tx;
            calling.provisional = false;
            calling.branches.clear();
        }
    }
}
