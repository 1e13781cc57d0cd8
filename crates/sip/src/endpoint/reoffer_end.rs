//! What becomes of a re-INVITE or UPDATE of ours.

use std::time::{Duration, Instant};

use rand_core::RngCore;

use super::Endpoint;
use crate::dialog::{OwnStage, Stage, min_se};
use crate::event::{EndCause, Event};
use crate::flow::{DialogId, TransactionId};
use crate::message::{Method, Request, Response, lex};

/// How often one offer is sent again after 491, 422 and the like before it counts as refused.
const RETRIES_MAX: u8 = 5;
/// The longest Retry-After that is waited for, seconds (RFC 3261 14.2: "between 0 and 10 seconds").
const RETRY_AFTER_MAX_S: u64 = 10;

impl Endpoint {
    /// Whether `tx` is what the dialog's own offer waits for.
    fn is_own(&self, tx: TransactionId, id: DialogId) -> bool {
        let own = self.dialogs.get(&id).filter(|dialog| !dialog.abandoned).and_then(|one| one.own.as_ref());
        own.is_some_and(|own| own.stage == OwnStage::Sent(tx))
    }

    /// A 2xx to our re-INVITE.
    pub(super) fn own_accepted(
        &mut self,
        now: Instant,
        tx: TransactionId,
        id: DialogId,
        request: &Request,
        response: &Response,
    ) {
        let number = request.cseq().map_or(1, |cseq| cseq.number);
        if !self.is_own(tx, id) {
            let waiting = OwnStage::Offered(tx, number);
            let own = self.dialogs.get(&id).and_then(|dialog| dialog.own.as_ref());
            if own.is_none_or(|own| own.stage != waiting) {
                self.acknowledge_late(tx, request, response);
            }
            return;
        }
        let is_offer = self.own_done(now, id, response, Some((tx, number)));
        if !is_offer {
            self.acknowledge_own(id, tx, number, None);
            self.next_own(now, id);
        }
    }

    /// The peer took what we sent; whether our owner has to answer an offer in it.
    fn own_done(
        &mut self,
        now: Instant,
        id: DialogId,
        response: &Response,
        invite: Option<(TransactionId, u32)>,
    ) -> bool {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        let Some(mut own) = dialog.own.take() else { return false };
        if own.branch.is_none() {
            dialog.retarget(response.contact());
        }
        dialog.note_allow(&response.headers);
        let sdp = response.sdp().map(<[u8]>::to_vec);
        let is_offer = own.sdp.is_none() && sdp.is_some() && invite.is_some();
        let is_news = sdp.as_ref().is_some_and(|sdp| *sdp != dialog.remote_sdp);
        if let Some(sdp) = &sdp {
            dialog.remote_sdp.clone_from(sdp);
            if let Stage::Calling(calling) = &mut dialog.stage
                && let Some(branch) = own.branch.as_ref().and_then(|tag| calling.branch(tag))
            {
                branch.sdp = Some(sdp.clone());
            }
        }
        let asked = own.asked;
        if let Some(ours) = own.sdp.take() {
            dialog.local_sdp = ours;
        }
        if let Some((tx, number)) = invite.filter(|_| is_offer) {
            own.stage = OwnStage::Offered(tx, number);
            dialog.own = Some(own);
        }
        self.start_timer(now, id, response);
        if asked || is_news {
            self.events.push_back(Event::ReofferDone { dialog: id, sdp });
        }
        is_offer
    }

    /// The final response to our UPDATE, or a refusal of our re-INVITE.
    pub(super) fn own_response(
        &mut self,
        now: Instant,
        tx: TransactionId,
        id: DialogId,
        request: &Request,
        response: &Response,
    ) {
        if !self.is_own(tx, id) {
            return;
        }
        if response.status < 300 {
            self.own_done(now, id, response, None);
            return self.next_own(now, id);
        }
        if self.own_again(now, id, request, response) {
            return;
        }
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Some(own) = dialog.own.take() else { return };
        // RFC 3261 12.2.1.2: "If the response for a request within a dialog is a 481 or a 408, the UAC SHOULD terminate
        // the dialog", and so it does when there is no response at all.
        if matches!(response.status, 408 | 481) && matches!(dialog.stage, Stage::Confirmed) {
            return self.end_by_bye(now, id, EndCause::Gone);
        }
        self.own_failed(id, &own, response.status);
        self.next_own(now, id);
    }

    /// Sends our offer again where the refusal says how.
    fn own_again(&mut self, now: Instant, id: DialogId, request: &Request, response: &Response) -> bool {
        let retry_after = retry_after(response);
        let collided = response.status == 491 || (response.status == 500 && retry_after.is_some());
        let pause = if collided { self.pause(id, response.status, retry_after) } else { Duration::ZERO };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        let Some(own) = &mut dialog.own else { return false };
        if matches!(response.status, 401 | 407) {
            if own.challenged {
                return false;
            }
            own.challenged = true;
            return self.own_with_credentials(now, id, request, response);
        }
        if own.retries >= RETRIES_MAX {
            return false;
        }
        own.retries += 1;
        match response.status {
            _ if collided => {
                own.stage = OwnStage::Later(now + pause);
                self.file_dialog(id);
            }
            422 => {
                let Some(floor) = min_se(&response.headers) else { return false };
                dialog.min_se = Some(floor.max(dialog.min_se.unwrap_or_default()));
                self.send_own(now, id);
            }
            // The peer takes no UPDATE after all: a refresh goes by re-INVITE.
            405 | 501 if own.method == Method::Update => {
                dialog.updates = false;
                if own.branch.is_some() || !matches!(dialog.stage, Stage::Confirmed) {
                    return false;
                }
                if own.sdp.is_none() {
                    if dialog.local_sdp.is_empty() {
                        return false;
                    }
                    own.sdp = Some(dialog.local_sdp.clone());
                }
                own.method = Method::Invite;
                own.stage = OwnStage::Ready;
                self.next_own(now, id);
            }
            _ => return false,
        }
        true
    }

    /// RFC 3261 14.1: the owner of the Call-ID waits 2.1 to 4 s, the other 0 to 2 s, both in units of 10 ms. The ACK of
    /// our 491 is still on its way then, so that the two do not meet again.
    fn pause(&mut self, id: DialogId, status: u16, retry_after: Option<Duration>) -> Duration {
        if let (500, Some(pause)) = (status, retry_after) {
            return pause;
        }
        let owns = self.dialogs.get(&id).is_some_and(|dialog| dialog.owns_call_id);
        let (first, units) = if owns { (210, 191) } else { (0, 201) };
        Duration::from_millis(u64::from(first + self.rng.next_u32() % units) * 10)
    }

    fn own_with_credentials(
        &mut self,
        now: Instant,
        id: DialogId,
        request: &Request,
        response: &Response,
    ) -> bool {
        let Some(flow) = self.dialogs.get(&id).map(|dialog| dialog.destination()) else { return false };
        let Some((name, value)) = self.credentials_for(id, flow, request, response) else { return false };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return false };
        dialog.local_cseq += 1;
        let mut again = request.clone();
        again.headers.remove("Via");
        again.headers.set("CSeq", format!("{} {}", dialog.local_cseq, again.method));
        again.headers.set(name, value);
        self.send_own_request(now, id, flow, again);
        true
    }
}

/// RFC 3261 20.33, as far as it is a pause in which an offer may wait.
fn retry_after(response: &Response) -> Option<Duration> {
    let line = response.headers.get("Retry-After")?;
    let end = line.find([';', '(', ' ']).unwrap_or(line.len());
    lex::number(&line[..end], RETRY_AFTER_MAX_S).map(Duration::from_secs)
}
