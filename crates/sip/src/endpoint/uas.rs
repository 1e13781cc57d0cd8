//! Incoming calls: ring, answer, refuse, and the CANCEL and ACK that come with them (RFC 3261 9.2, 13.3).

use std::time::Instant;

use super::inspect::{ALLOW, SDP};
use super::table::Listener;
use super::{Endpoint, Full, NewRequest};
use crate::dialog::{Dialog, Stage, Unacked};
use crate::event::{EndCause, Event};
use crate::flow::{DialogId, Flow, TransactionId};
use crate::message::{Request, Response, Uri};
use crate::transaction::Machine;

impl Endpoint {
    /// Takes an INVITE: sends 100 Trying at once and opens a dialog in which `contact` is our address.
    ///
    /// # Errors
    /// [`Full`] when no transaction or dialog is free; the owner answers 503 without state.
    pub fn accept_invite(&mut self, now: Instant, new: NewRequest, contact: Uri) -> Result<DialogId, Full> {
        if !self.has_room() || self.dialogs.len() >= self.config.dialogs_max {
            return Err(Full);
        }
        let NewRequest { request: invite, flow } = new;
        let id = DialogId(self.next_id());
        let tx = self.start_server(flow, &invite, Listener::Dialog(id));
        let trying = self.response_to(&invite, 100);
        self.give(now, tx, &trying);

        let local_tag = self.tag_for(&invite.headers);
        let mut dialog =
            Dialog::opened_by(&invite, flow, local_tag.clone(), contact, Stage::Leaving { challenged: true });
        dialog.stage = Stage::Incoming { tx, invite };
        dialog.session_expires = self.config.session_expires;
        self.dialog_names.insert((dialog.call_id.clone(), local_tag), id);
        self.dialogs.insert(id, dialog);
        Ok(id)
    }

    /// Answers an incoming INVITE with 200 and `sdp`; the 200 is repeated until the ACK comes. Without ACK within 64*T1
    /// the dialog ends by BYE and [`EndCause::AckTimeout`].
    ///
    /// Where a reliable provisional response has brought a description already, the 200 waits for its PRACK and has
    /// none (RFC 3262 3, 5); should `sdp` be another one, it is offered by re-INVITE after the ACK.
    pub fn answer(&mut self, now: Instant, dialog: DialogId, sdp: &[u8]) {
        let Some(held) = self.dialogs.get_mut(&dialog) else { return };
        let Stage::Incoming { tx, invite } = &held.stage else { return };
        let described = match &mut held.ringing {
            Some(ringing) if ringing.unpracked.as_ref().is_some_and(|one| one.describes) => {
                ringing.answer = Some(sdp.to_vec());
                return;
            }
            Some(ringing) => ringing.described,
            None => false,
        };
        let (tx, invite) = (*tx, invite.clone());
        if described && held.local_sdp != sdp {
            held.wanted = Some(Some(sdp.to_vec()));
        } else {
            held.local_sdp = sdp.to_vec();
        }
        let contact = held.contact.clone();
        let mut response = self.dialog_response(&invite, 200, &contact, (!described).then_some(sdp));
        self.agree_on_timer(now, dialog, &invite, &mut response);
        if let Some(held) = self.dialogs.get_mut(&dialog) {
            held.stage = Stage::Confirmed;
        }
        let cseq = invite.cseq().map_or(0, |cseq| cseq.number);
        let offers = !described && invite.sdp().is_none();
        self.give_until_acked(now, dialog, tx, cseq, &response, true, offers);
    }

    /// Sends a 2xx to INVITE and keeps sending it (RFC 3261 13.3.1.4: over every transport, "an interval that starts at
    /// T1 seconds and doubles for each retransmission until it reaches T2").
    #[expect(clippy::too_many_arguments, reason = "one 2xx and the two things its ACK has to mean")]
    pub(super) fn give_until_acked(
        &mut self,
        now: Instant,
        id: DialogId,
        tx: TransactionId,
        cseq: u32,
        response: &Response,
        is_first: bool,
        offers: bool,
    ) {
        let flow = self.transactions.get(&tx).map(|transaction| transaction.flow);
        self.give(now, tx, response);
        let (interval, limit) = (self.times.t1, self.times.limit());
        if let Some(dialog) = self.dialogs.get_mut(&id) {
            dialog.unacked = Some(Unacked {
                cseq,
                flow: flow.unwrap_or(dialog.flow),
                bytes: response.to_bytes(),
                resend_at: now + interval,
                interval,
                give_up_at: now + limit,
                is_first,
                offers,
            });
        }
        self.file_dialog(id);
    }

    /// Refuses an unanswered incoming INVITE with 300 to 699 and further headers; other codes become 480. The dialog is
    /// gone.
    pub fn reject(&mut self, now: Instant, dialog: DialogId, status: u16, headers: &[(&str, &str)]) {
        let Some(Dialog { stage: Stage::Incoming { tx, invite }, .. }) = self.dialogs.get(&dialog) else {
            return;
        };
        let status = if (300..=699).contains(&status) { status } else { 480 };
        let (tx, response) = (*tx, self.refusal(invite, status, headers));
        self.give(now, tx, &response);
        self.forget_dialog(dialog);
    }

    /// A response that makes or changes a dialog (RFC 3261 12.1.1): Record-Route comes back, Contact is ours.
    pub(super) fn dialog_response(
        &self,
        request: &Request,
        status: u16,
        contact: &Uri,
        sdp: Option<&[u8]>,
    ) -> Response {
        let mut response = self.response_to(request, status);
        response.headers.copy_all(&request.headers, "Record-Route");
        response.headers.push("Contact", format!("<{contact}>"));
        response.headers.push("Allow", ALLOW);
        if status >= 200 {
            response.headers.push("Supported", "timer, replaces");
        }
        if let Some(sdp) = sdp {
            response.headers.push("Content-Type", SDP);
            response.body = sdp.to_vec();
        }
        response
    }

    /// RFC 3261 9.2: 200 or 481 to the CANCEL, 487 to an INVITE that has no final response yet.
    pub(super) fn receive_cancel(
        &mut self,
        now: Instant,
        flow: Flow,
        invite: Option<TransactionId>,
        cancel: &Request,
    ) {
        let status = if invite.is_some() { 200 } else { 481 };
        let response = self.response_to(cancel, status);
        self.send(flow, response.to_bytes());
        let Some(tx) = invite else { return };
        let Some(transaction) = self.transactions.get(&tx) else { return };
        let unanswered = matches!(&transaction.machine, Machine::ServerInvite(one) if one.is_unanswered());
        let Listener::Dialog(id) = transaction.listener else { return };
        if !unanswered {
            return;
        }
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let (invite, is_first) = match &dialog.stage {
            Stage::Incoming { invite, .. } => (invite.clone(), true),
            // A re-INVITE taken back leaves the dialog as it was.
            _ => match dialog.reoffer.take_if(|(pending, _)| *pending == tx) {
                Some((_, invite)) => (invite, false),
                None => return,
            },
        };
        let response = self.response_to(&invite, 487);
        self.give(now, tx, &response);
        if !is_first {
            return self.next_own(now, id);
        }
        self.forget_dialog(id);
        let reason = cancel.headers.get("Reason").map(str::to_owned);
        self.events.push_back(Event::Cancelled { dialog: id, reason });
    }

    /// An ACK that reached its dialog.
    pub(super) fn acknowledged(&mut self, now: Instant, flow: Flow, id: DialogId, ack: &Request) {
        let number = ack.cseq().map(|cseq| cseq.number);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(unacked) = dialog.unacked.take_if(|one| Some(one.cseq) == number) else {
            // Repeated, because our 200 went out twice.
            self.counters.repeated_by_peer += 1;
            return;
        };
        dialog.flow = flow;
        dialog.ringing = None;
        let abandoned = dialog.abandoned;
        self.file_dialog(id);
        if abandoned {
            return self.say_bye(now, id);
        }
        let sdp = ack.sdp().filter(|_| unacked.offers).map(<[u8]>::to_vec);
        if let (Some(sdp), Some(dialog)) = (&sdp, self.dialogs.get_mut(&id)) {
            dialog.remote_sdp.clone_from(sdp);
        }
        self.events.push_back(Event::Acked { dialog: id, sdp });
        self.next_own(now, id);
    }

    /// The connection of an unanswered incoming INVITE was lost.
    pub(super) fn incoming_lost(&mut self, now: Instant, listener: Listener) {
        let Listener::Dialog(id) = listener else { return };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        match dialog.stage {
            Stage::Incoming { .. } => {
                self.forget_dialog(id);
                self.events.push_back(Event::Ended {
                    dialog: id,
                    cause: EndCause::SessionLost,
                    reason: None,
                });
            }
            _ => {
                dialog.reoffer = None;
                self.next_own(now, id);
            }
        }
    }
}
