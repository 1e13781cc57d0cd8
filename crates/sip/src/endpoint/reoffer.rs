//! Offers of our own within a call (RFC 3261 14.1, RFC 3311 5.1), and the refreshes that travel the same way.

use std::time::Instant;

use super::Endpoint;
use super::inspect::{ALLOW, SDP};
use super::table::Listener;
use crate::dialog::{Own, OwnStage, Stage};
use crate::event::Event;
use crate::flow::DialogId;
use crate::message::Method;

/// The call cannot take an offer of ours: it is unknown or over, another offer of ours is under way, or it is not
/// answered and the peer takes no UPDATE yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call takes no offer of ours now")]
pub struct NotNow;

impl Endpoint {
    /// Offers the peer other media by re-INVITE; none asks the peer to offer. In a call that is not answered the offer
    /// goes by UPDATE. It waits by itself for whatever the peer has under way, and is sent again after a collision.
    /// [`Event::ReofferDone`] or [`Event::ReofferFailed`] follows unless the call ends; [`EndCause::Gone`] when the peer
    /// knows nothing of the call.
    ///
    /// [`EndCause::Gone`]: crate::EndCause::Gone
    ///
    /// # Errors
    /// [`NotNow`].
    pub fn reoffer(&mut self, now: Instant, dialog: DialogId, sdp: Option<&[u8]>) -> Result<(), NotNow> {
        let held = self.dialogs.get_mut(&dialog).ok_or(NotNow)?;
        if held.abandoned || held.wanted.is_some() || held.own.as_ref().is_some_and(|own| own.asked) {
            return Err(NotNow);
        }
        match &held.stage {
            Stage::Confirmed => {
                held.wanted = Some(sdp.map(<[u8]>::to_vec));
                self.next_own(now, dialog);
            }
            Stage::Calling(_) | Stage::Incoming { .. } => {
                let (branch, sdp) = held.update_branch().zip(sdp).ok_or(NotNow)?;
                if !held.is_quiet() {
                    return Err(NotNow);
                }
                let own = Own::new(Method::Update, Some(sdp.to_vec()), true, branch);
                held.own = Some(Box::new(own));
                self.send_own(now, dialog);
            }
            Stage::Leaving { .. } => return Err(NotNow),
        }
        Ok(())
    }

    /// Answers the offer that came in the 2xx to an offerless INVITE of ours, by the ACK. Nothing happens without one.
    pub fn acknowledge(&mut self, now: Instant, dialog: DialogId, sdp: &[u8]) {
        let Some(held) = self.dialogs.get_mut(&dialog) else { return };
        let Some(OwnStage::Offered(tx, number)) = held.own.as_ref().map(|own| own.stage) else { return };
        held.own = None;
        held.local_sdp = sdp.to_vec();
        self.acknowledge_own(dialog, tx, number, Some(sdp));
        self.next_own(now, dialog);
    }

    /// Sends what waits, if nothing else is under way.
    pub(super) fn next_own(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if !dialog.is_quiet() {
            return;
        }
        match &dialog.own {
            Some(own) if own.stage == OwnStage::Ready => {}
            Some(_) => return self.file_dialog(id),
            None if !matches!(dialog.stage, Stage::Confirmed) => return,
            None => {
                let Some(sdp) = dialog.wanted.take() else { return };
                dialog.own = Some(Box::new(Own::new(Method::Invite, sdp, true, None)));
            }
        }
        self.send_own(now, id);
    }

    /// Sends the offer or refresh that is filed in the dialog.
    pub(super) fn send_own(&mut self, now: Instant, id: DialogId) {
        let has_room = self.has_room_in_dialog();
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(own) = dialog.own.take() else { return };
        if !has_room {
            self.counters.refused_full += 1;
            return self.own_failed(id, &own, 503);
        }
        let prepared = match &own.branch {
            Some(tag) => dialog.early_request(own.method.clone(), tag),
            None => Some((dialog.request(own.method.clone()), dialog.destination())),
        };
        let Some((mut request, flow)) = prepared else { return self.own_failed(id, &own, 481) };
        request.headers.push("Contact", format!("<{}>", dialog.contact));
        request.headers.push("Allow", ALLOW);
        request.headers.push("Supported", "timer, replaces");
        let (interval, timer, floor) = (dialog.session_expires, dialog.timer, dialog.min_se);
        let is_answered = matches!(dialog.stage, Stage::Confirmed);
        if let Some(sdp) = &own.sdp {
            request.headers.push("Content-Type", SDP);
            request.body.clone_from(sdp);
        }
        dialog.own = Some(own);
        if is_answered {
            self.ask_for_timer(&mut request.headers, interval, timer, floor);
        }
        self.send_own_request(now, id, flow, request);
    }

    /// Hands a prepared request of ours to its transaction.
    pub(super) fn send_own_request(
        &mut self,
        now: Instant,
        id: DialogId,
        flow: crate::flow::Flow,
        request: crate::message::Request,
    ) {
        let tx = self.start_client(now, flow, request, Listener::Own(id));
        if let Some(own) = self.dialogs.get_mut(&id).and_then(|dialog| dialog.own.as_mut()) {
            own.stage = OwnStage::Sent(tx);
        }
        self.file_dialog(id);
    }

    /// An offer of ours is over without success.
    pub(super) fn own_failed(&mut self, id: DialogId, own: &Own, status: u16) {
        if own.asked {
            self.events.push_back(Event::ReofferFailed { dialog: id, status });
        }
    }

    /// The wait after a collision is over.
    pub(super) fn own_deadline(&mut self, now: Instant, id: DialogId) {
        let Some(own) = self.dialogs.get_mut(&id).and_then(|dialog| dialog.own.as_mut()) else { return };
        if let OwnStage::Later(at) = own.stage
            && at <= now
        {
            own.stage = OwnStage::Ready;
            self.next_own(now, id);
        }
    }
}
