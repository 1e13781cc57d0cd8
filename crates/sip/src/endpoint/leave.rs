//! Ending dialogs, and their deadlines (RFC 3261 9.1, 13.3.1.4, 15.1.1).

use std::time::Instant;

use super::Endpoint;
use super::table::Listener;
use crate::dialog::{Cancel, OwnStage, Stage};
use crate::event::{EndCause, Event};
use crate::flow::DialogId;
use crate::message::{Method, reason_phrase};

impl Endpoint {
    /// Ends a dialog in whatever state, and is the owner's last word on it: no event about it follows.
    ///
    /// An unanswered outgoing INVITE is cancelled as soon as a provisional response allows it; a 200 that crosses is
    /// acknowledged and ended by BYE. An unanswered incoming one gets 480. An answered one gets BYE, after the ACK to
    /// our 200. `reason` is the value of a Reason header (RFC 3326).
    pub fn hang_up(&mut self, now: Instant, dialog: DialogId, reason: Option<&str>) {
        let Some(held) = self.dialogs.get_mut(&dialog) else { return };
        if held.abandoned {
            return;
        }
        held.reason = reason.map(str::to_owned);
        let waits_for_ack = held.unacked.as_ref().is_some_and(|one| one.is_first);
        match &held.stage {
            Stage::Incoming { .. } => {
                let headers = reason.map(|reason| ("Reason", reason));
                self.reject(now, dialog, 480, headers.as_slice());
            }
            Stage::Calling(_) => {
                held.abandoned = true;
                self.take_back(now, dialog);
            }
            // RFC 3261 15: "the callee's UA MUST NOT send a BYE on a confirmed dialog until it has received an ACK for
            // its 2xx response or until the server transaction times out."
            Stage::Confirmed if waits_for_ack => held.abandoned = true,
            Stage::Confirmed => self.say_bye(now, dialog),
            Stage::Leaving { .. } => {}
        }
    }

    /// CANCEL now or when the first provisional response comes.
    fn take_back(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        match (calling.cancel, calling.provisional) {
            (Cancel::Sent, _) => {}
            (_, true) => self.send_cancel(now, id),
            (_, false) => {
                calling.cancel = Cancel::Wanted;
                // Timer B of the INVITE ends this if nobody ever answers; the deadline only guards against a 401 retry.
                calling.give_up_at = now + self.times.limit() * 2;
                self.file_dialog(id);
            }
        }
    }

    /// Sends BYE; the dialog stays until its answer so that the peer's own BYE finds it.
    pub(super) fn say_bye(&mut self, now: Instant, id: DialogId) {
        self.drop_pending(now, id);
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.abandoned = true;
        dialog.unacked = None;
        (dialog.wanted, dialog.timer, dialog.ringing) = (None, None, None);
        let owed = dialog.own.take();
        dialog.stage = Stage::Leaving { challenged: false };
        if let Some(OwnStage::Offered(tx, number)) = owed.map(|own| own.stage) {
            // The offer goes unanswered, but its 2xx must not be repeated for ever.
            self.acknowledge_own(id, tx, number, None);
        }
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let mut bye = dialog.request(Method::Bye);
        if let Some(reason) = &dialog.reason {
            bye.headers.push("Reason", reason.clone());
        }
        let flow = dialog.destination();
        self.file_dialog(id);
        self.start_client(now, flow, bye, Listener::Dialog(id));
    }

    pub(super) fn dialog_deadline(&mut self, now: Instant, id: DialogId) {
        let t2 = self.times.t2;
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        dialog.filed = None;
        if let Stage::Calling(calling) = &dialog.stage
            && calling.give_up_at <= now
        {
            return self.give_up(now, id);
        }
        if let Some(unacked) = &mut dialog.unacked {
            if unacked.give_up_at <= now {
                return self.ack_overdue(now, id);
            }
            if unacked.resend_at <= now {
                unacked.interval = t2.min(unacked.interval * 2);
                unacked.resend_at = now + unacked.interval;
                let (flow, bytes) = (unacked.flow, unacked.bytes.clone());
                self.counters.retransmissions += 1;
                self.send(flow, bytes);
            }
        }
        self.ringing_deadline(now, id);
        self.own_deadline(now, id);
        self.session_deadline(now, id);
        self.file_dialog(id);
    }

    /// The owner's patience with an outgoing call is over, or that with its CANCEL.
    fn give_up(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Stage::Calling(calling) = &dialog.stage else { return };
        if dialog.abandoned {
            let tx = calling.tx;
            self.forget_transaction(tx);
            return self.forget_dialog(id);
        }
        dialog.abandoned = true;
        let reason = reason_phrase(408);
        self.events.push_back(Event::Refused { dialog: id, status: 408, reason, cause: None });
        self.take_back(now, id);
    }

    /// RFC 3261 13.3.1.4: "If the server retransmits the 2xx response for 64*T1 seconds without receiving an ACK, the
    /// dialog is confirmed, but the session SHOULD be terminated [...] with a BYE".
    fn ack_overdue(&mut self, now: Instant, id: DialogId) {
        self.counters.timeouts += 1;
        self.end_by_bye(now, id, EndCause::AckTimeout);
    }

    /// An answered call is over without anybody's asking.
    pub(super) fn end_by_bye(&mut self, now: Instant, id: DialogId, cause: EndCause) {
        let heard = self.dialogs.get(&id).is_some_and(|dialog| !dialog.abandoned);
        self.say_bye(now, id);
        if heard {
            self.events.push_back(Event::Ended { dialog: id, cause, reason: None });
        }
    }
}
