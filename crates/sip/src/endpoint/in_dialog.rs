//! Requests of the peer in a dialog (RFC 3261 12.2.2, 14.2, 15.1.2, RFC 3311, RFC 6086).

use std::time::Instant;

use super::Endpoint;
use super::inspect::{ALLOW, SDP, method_refusal};
use super::table::Listener;
use crate::dialog::{Dialog, Stage};
use crate::event::{EndCause, Event};
use crate::flow::{DialogId, Flow, TransactionId};
use crate::message::{Method, Request};

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
        let number = request.cseq().map_or(0, |cseq| cseq.number);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        // 12.2.2: "If the remote sequence number was not empty, but the sequence number of the request is lower than
        // the remote sequence number, the request is out of order and MUST be rejected with a 500".
        let is_late = dialog.remote_cseq.is_some_and(|last| number < last);
        if !is_late {
            dialog.remote_cseq = Some(number);
            // The peer may have a new NAT binding or connection; requests to it go back the way it came last.
            dialog.flow = flow;
        }
        let gone = matches!(dialog.stage, Stage::Calling(_) | Stage::Leaving { .. }) || dialog.abandoned;
        let tx = self.start_server(flow, &request, Listener::Dialog(id));
        if is_late {
            return self.give_refusal(now, tx, &request, 500, &[("Retry-After", RETRY_AFTER_S)]);
        }
        if let Some(status) = method_refusal(&request.method) {
            return self.give_refusal(now, tx, &request, status, &[("Allow", ALLOW)]);
        }
        if request.method == Method::Bye {
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

    fn give_refusal(
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
    }

    /// 14.2 and RFC 3311 5.2: one offer at a time.
    fn reoffered(&mut self, now: Instant, tx: TransactionId, id: DialogId, request: Request) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let busy = dialog.reoffer.is_some()
            || dialog.unacked.is_some()
            || matches!(dialog.stage, Stage::Incoming { .. });
        if busy {
            return self.give_refusal(now, tx, &request, 491, &[]);
        }
        let sdp = request.sdp().map(<[u8]>::to_vec);
        dialog.reoffer = Some((tx, request.clone()));
        if request.method == Method::Invite {
            self.give_refusal(now, tx, &request, 100, &[]);
        }
        self.events.push_back(Event::Reoffer { dialog: id, sdp });
    }

    /// An UPDATE without an offer only refreshes the target.
    fn refreshed(&mut self, now: Instant, tx: TransactionId, id: DialogId, request: &Request) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.retarget(request);
        let contact = dialog.contact.clone();
        let response = self.dialog_response(request, 200, &contact, None);
        self.give(now, tx, &response);
    }

    /// Answers the offer reported by [`Event::Reoffer`]; without one pending nothing happens.
    pub fn answer_reoffer(&mut self, now: Instant, dialog: DialogId, sdp: &[u8]) {
        let Some(held) = self.dialogs.get_mut(&dialog) else { return };
        let Some((tx, request)) = held.reoffer.take() else { return };
        held.retarget(&request);
        let Dialog { contact, .. } = held;
        let contact = contact.clone();
        let response = self.dialog_response(&request, 200, &contact, Some(sdp));
        if request.method == Method::Invite {
            let cseq = request.cseq().map_or(0, |cseq| cseq.number);
            self.give_until_acked(now, dialog, tx, cseq, &response, false);
        } else {
            self.give(now, tx, &response);
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
    }
}
