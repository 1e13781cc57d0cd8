//! Requests of the peer in a dialog (RFC 3261 12.2.2, 14.2, 15.1.2, RFC 3311, RFC 6086).

use std::time::Instant;

use super::Endpoint;
use super::inspect::{ALLOW, SDP, method_refusal};
use super::table::Listener;
use crate::dialog::{OwnStage, Stage};
use crate::event::{EndCause, Event};
use crate::flow::{DialogId, Flow, TransactionId};
use crate::message::{Method, Request};
use crate::transaction::Machine;

/// Seconds after which a peer may try again, RFC 3261 14.2: "a randomly chosen value of between 0 and 10"; one that
/// does not depend on chance keeps runs equal.
const RETRY_AFTER_S: &str = "3";

impl Endpoint {
    pub(super) fn receive_in_dialog(&mut self, now: Instant, flow: Flow, id: DialogId, request: Request) {
        if !self.has_room_in_dialog() {
            self.counters.refused_full += 1;
            let response = self.refusal(&request, 503, &[("Retry-After", RETRY_AFTER_S)]);
            return self.send(flow, response.to_bytes());
        }
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let is_late = dialog.is_out_of_order(&request, flow);
        let is_calling = matches!(dialog.stage, Stage::Calling(_));
        let gone = match dialog.stage {
            // 15: "the callee's UA MUST NOT send a BYE on an early dialog".
            Stage::Calling(_) => !matches!(request.method, Method::Update | Method::Info | Method::Options),
            Stage::Leaving { .. } => true,
            Stage::Incoming { .. } | Stage::Confirmed => false,
        };
        let gone = gone || dialog.abandoned;
        let tx = self.start_server(flow, &request, Listener::Dialog(id));
        if is_late {
            return self.give_refusal(now, tx, &request, 500, &[("Retry-After", RETRY_AFTER_S)]);
        }
        if let Some(status) = method_refusal(&request.method) {
            return self.give_refusal(now, tx, &request, status, &[("Allow", ALLOW)]);
        }
        if request.method == Method::Bye && !is_calling {
            return self.bye(now, tx, id, &request);
        }
        if gone {
            return self.give_refusal(now, tx, &request, 481, &[]);
        }
        if let Some(response) = self.content_refusal(&request) {
            return self.give(now, tx, &response);
        }
        match request.method {
            Method::Invite => self.reoffered(now, tx, id, request),
            Method::Update if request.body.is_empty() => self.refreshed(now, tx, id, &request),
            Method::Update => self.reoffered(now, tx, id, request),
            Method::Prack => self.pracked(now, tx, id, request),
            Method::Info => {
                self.give_refusal(now, tx, &request, 200, &[]);
                let content_type = request.headers.get("Content-Type").unwrap_or_default().to_owned();
                self.events.push_back(Event::Info { dialog: id, content_type, body: request.body });
            }
            Method::Refer => self.referred(now, tx, id, request),
            Method::Notify => self.notified(now, tx, id, &request),
            Method::Options => {
                self.give_refusal(now, tx, &request, 200, &[("Allow", ALLOW), ("Accept", SDP)])
            }
            _ => self.give_refusal(now, tx, &request, 405, &[("Allow", ALLOW)]),
        }
    }

    pub(super) fn give_refusal(
        &mut self,
        now: Instant,
        tx: TransactionId,
        request: &Request,
        status: u16,
        headers: &[(&str, &str)],
    ) {
        let response = self.refusal(request, status, headers);
        self.give(now, tx, &response);
    }

    /// 15.1.2: "The UAS MUST still respond to any pending requests received for that dialog [with] 487".
    fn bye(&mut self, now: Instant, tx: TransactionId, id: DialogId, request: &Request) {
        self.give_refusal(now, tx, request, 200, &[]);
        self.drop_pending(now, id);
        let Some(dialog) = self.dialogs.get(&id) else { return };
        let heard = !dialog.abandoned;
        self.forget_dialog(id);
        if heard {
            let reason = request.headers.get("Reason").map(str::to_owned);
            self.events.push_back(Event::Ended { dialog: id, cause: EndCause::RemoteBye, reason });
        }
    }

    /// Answers 487 to the INVITE or re-INVITE that still waits for an answer of ours.
    pub(super) fn drop_pending(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let first = match &dialog.stage {
            Stage::Incoming { tx, invite } => Some((*tx, invite.clone())),
            Stage::Calling(_) | Stage::Confirmed | Stage::Leaving { .. } => None,
        };
        for (tx, request) in first.into_iter().chain(dialog.reoffer.take()) {
            self.give_refusal(now, tx, &request, 487, &[]);
        }
        self.limit_own(now, id);
    }

    /// A re-INVITE of ours in a dialog that ends: nobody repeats its 2xx any more, so that one lost would be waited for
    /// without end after a 100.
    fn limit_own(&mut self, now: Instant, id: DialogId) {
        let own = self.dialogs.get(&id).and_then(|dialog| dialog.own.as_ref());
        let Some(OwnStage::Sent(tx)) = own.map(|own| own.stage) else { return };
        let at = now + self.times.limit();
        if let Some(transaction) = self.transactions.get_mut(&tx)
            && let Machine::ClientInvite(invite) = &mut transaction.machine
        {
            invite.wait_no_longer_than(at);
            self.file_transaction(tx);
        }
    }

    /// One offer at a time: what a new one gets that comes at the wrong moment.
    ///
    /// RFC 3261 14.2: 500 with Retry-After while we still owe an answer, "491 (Request Pending)" while an INVITE of ours
    /// is under way; RFC 3311 5.2 says the same of UPDATE. A 2xx of ours that waits for its ACK counts as ours.
    fn offer_refusal(&mut self, id: DialogId, request: &Request) -> Option<u16> {
        let dialog = self.dialogs.get_mut(&id)?;
        let unsettled = dialog.branch_from(request).is_some_and(|branch| !branch.settled);
        let unanswered = match &dialog.stage {
            Stage::Incoming { .. } => !dialog.ringing.as_ref().is_some_and(|one| one.settled),
            Stage::Calling(_) | Stage::Confirmed | Stage::Leaving { .. } => false,
        };
        if dialog.reoffer.is_some() || unanswered {
            return Some(500);
        }
        let ours = dialog.own.as_ref().is_some_and(|own| {
            let offers = own.method == Method::Invite || own.sdp.is_some();
            own.is_pending() && (offers || request.method == Method::Invite)
        });
        (ours || unsettled || dialog.unacked.is_some()).then_some(491)
    }

    fn reoffered(&mut self, now: Instant, tx: TransactionId, id: DialogId, request: Request) {
        match self.offer_refusal(id, &request) {
            Some(500) => {
                return self.give_refusal(now, tx, &request, 500, &[("Retry-After", RETRY_AFTER_S)]);
            }
            Some(status) => return self.give_refusal(now, tx, &request, status, &[]),
            None => {}
        }
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.note_allow(&request.headers);
        let sdp = request.sdp().map(<[u8]>::to_vec);
        dialog.reoffer = Some((tx, request.clone()));
        if request.method == Method::Invite {
            self.give_refusal(now, tx, &request, 100, &[]);
        }
        self.events.push_back(Event::Reoffer { dialog: id, sdp });
    }

    /// The Contact of a request we say yes to.
    fn retarget(&mut self, id: DialogId, request: &Request) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        match dialog.branch_from(request) {
            Some(branch) => branch.retarget(request),
            None => dialog.retarget(request.contact()),
        }
    }

    /// An UPDATE without an offer refreshes the target and the session timer.
    fn refreshed(&mut self, now: Instant, tx: TransactionId, id: DialogId, request: &Request) {
        self.retarget(id, request);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.note_allow(&request.headers);
        let contact = dialog.contact.clone();
        let mut response = self.dialog_response(request, 200, &contact, None);
        self.agree_on_timer(now, id, request, &mut response);
        self.give(now, tx, &response);
    }

    /// Answers the offer reported by [`Event::Reoffer`]; without one pending nothing happens.
    pub fn answer_reoffer(&mut self, now: Instant, dialog: DialogId, sdp: &[u8]) {
        let Some(held) = self.dialogs.get_mut(&dialog) else { return };
        let Some((tx, request)) = held.reoffer.take() else { return };
        held.local_sdp = sdp.to_vec();
        if let Some(offer) = request.sdp() {
            held.remote_sdp = offer.to_vec();
            if let Some(branch) = held.branch_from(&request) {
                branch.sdp = Some(offer.to_vec());
            }
        }
        let contact = held.contact.clone();
        if request.method != Method::Prack {
            self.retarget(dialog, &request);
        }
        let mut response = self.dialog_response(&request, 200, &contact, Some(sdp));
        match request.method {
            Method::Invite => {
                self.agree_on_timer(now, dialog, &request, &mut response);
                let cseq = request.cseq().map_or(0, |cseq| cseq.number);
                let offers = request.sdp().is_none();
                self.give_until_acked(now, dialog, tx, cseq, &response, false, offers);
            }
            Method::Prack => {
                self.give(now, tx, &response);
                self.ring_on(now, dialog);
            }
            _ => {
                self.agree_on_timer(now, dialog, &request, &mut response);
                self.give(now, tx, &response);
                self.next_own(now, dialog);
            }
        }
    }

    /// Refuses the offer reported by [`Event::Reoffer`] with 300 to 699 (others become 488); the dialog goes on as it
    /// was.
    pub fn refuse_reoffer(&mut self, now: Instant, dialog: DialogId, status: u16) {
        let Some((tx, request)) = self.dialogs.get_mut(&dialog).and_then(|held| held.reoffer.take()) else {
            return;
        };
        let status = if (300..=699).contains(&status) { status } else { 488 };
        self.give_refusal(now, tx, &request, status, &[]);
        if request.method == Method::Prack {
            self.ring_on(now, dialog);
        }
        self.next_own(now, dialog);
    }
}
