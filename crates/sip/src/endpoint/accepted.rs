//! 2xx to INVITEs of ours, and their ACKs (RFC 3261 13.2.2.4).

use std::mem;
use std::time::Instant;

use super::Endpoint;
use super::table::Listener;
use crate::dialog::{Dialog, Early, Own, OwnStage, Stage};
use crate::event::Event;
use crate::flow::{DialogId, Flow, TransactionId};
use crate::message::{Method, Request, Response};
use crate::transaction::Machine;

impl Endpoint {
    /// The first 2xx makes the dialog, those of other branches are acknowledged and ended, also when the dialog has
    /// long ended: the transaction remembers its INVITE for 64*T1 after the first 2xx (RFC 6026 7.2).
    pub(super) fn accepted(
        &mut self,
        now: Instant,
        tx: TransactionId,
        id: DialogId,
        request: &Request,
        response: &Response,
    ) {
        let tag = response.to().and_then(|to| to.tag().map(str::to_owned)).unwrap_or_default();
        let Some(dialog) = self.dialogs.get_mut(&id) else {
            return self.end_branch(now, tx, request, response);
        };
        let branches = match mem::replace(&mut dialog.stage, Stage::Confirmed) {
            Stage::Calling(calling) => calling.branches,
            other => {
                dialog.stage = other;
                // Repeated before our owner has answered the offer in it.
                if dialog.remote_tag == tag && dialog.own.is_some() {
                    return;
                }
                return self.end_branch(now, tx, request, response);
            }
        };
        dialog.learn(response);
        let branch = branches.into_iter().find(|branch| branch.tag == tag);
        let sdp = confirm(dialog, branch, response);
        let number = response.cseq().map_or(1, |cseq| cseq.number);
        let abandoned = dialog.abandoned;
        let is_offer = dialog.local_sdp.is_empty() && sdp.is_some() && !abandoned;
        let lost = dialog.own.take_if(|own| own.branch.as_ref() != Some(&tag)).is_some();
        if let Some(own) = &mut dialog.own {
            own.branch = None;
        }
        // An offer of a branch that did not get the call.
        let stray = dialog.reoffer.take_if(|(_, request)| {
            request.from().and_then(|from| from.tag().map(str::to_owned)).unwrap_or_default() != tag
        });
        if is_offer {
            let mut own = Own::new(Method::Invite, None, true, None);
            own.stage = OwnStage::Offered(tx, number);
            dialog.own = Some(Box::new(own));
        }
        if let Some((tx, request)) = stray {
            self.give_refusal(now, tx, &request, 481, &[]);
        }
        self.start_timer(now, id, response);
        if !is_offer {
            self.acknowledge_own(id, tx, number, None);
        }
        self.file_dialog(id);
        if abandoned {
            return self.say_bye(now, id);
        }
        self.events.push_back(Event::Answered { dialog: id, sdp });
        if lost {
            self.events.push_back(Event::ReofferFailed { dialog: id, status: 481 });
        }
    }

    /// The ACK to a 2xx in a dialog; it has the number of the INVITE.
    pub(super) fn acknowledge_own(
        &mut self,
        id: DialogId,
        tx: TransactionId,
        number: u32,
        sdp: Option<&[u8]>,
    ) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let ack = dialog.request(Method::Ack);
        let (flow, tag) = (dialog.destination(), dialog.remote_tag.clone());
        self.send_ack(tx, flow, tag, ack, number, sdp);
    }

    fn send_ack(
        &mut self,
        tx: TransactionId,
        flow: Flow,
        tag: String,
        mut ack: Request,
        number: u32,
        sdp: Option<&[u8]>,
    ) {
        ack.headers.set("CSeq", format!("{number} ACK"));
        if let Some(sdp) = sdp {
            ack.headers.push("Content-Type", super::inspect::SDP);
            ack.body = sdp.to_vec();
        }
        let via = self.new_via(flow, &ack.uri);
        ack.headers.push_front("Via", via);
        let transaction = self.transactions.get_mut(&tx).map(|one| &mut one.machine);
        let Some(Machine::ClientInvite(invite)) = transaction else {
            return self.send(flow, ack.to_bytes());
        };
        // "The ACK MUST contain the same credentials as the INVITE."
        for name in ["Authorization", "Proxy-Authorization"] {
            ack.headers.copy_all(&invite.request.headers, name);
        }
        let bytes = ack.to_bytes();
        invite.keep_ack(tag, flow, bytes.clone());
        self.send(flow, bytes);
    }

    /// "If the UAC does not wish to continue with [a dialog], the UAC sends BYE" after its ACK.
    fn end_branch(&mut self, now: Instant, tx: TransactionId, request: &Request, response: &Response) {
        let Some(flow) = self.transactions.get(&tx).map(|transaction| transaction.flow) else { return };
        let mut fork = Dialog::begun_by(request, flow);
        fork.learn(response);
        let number = fork.local_cseq;
        let ack = fork.request(Method::Ack);
        self.send_ack(tx, fork.destination(), fork.remote_tag.clone(), ack, number, None);
        let bye = fork.request(Method::Bye);
        self.start_client(now, fork.destination(), bye, Listener::Nobody);
    }

    /// The 2xx to a re-INVITE of ours in a call that is over or being ended: the BYE stands, the ACK only silences it.
    pub(super) fn acknowledge_late(&mut self, tx: TransactionId, request: &Request, response: &Response) {
        let Some(flow) = self.transactions.get(&tx).map(|transaction| transaction.flow) else { return };
        let mut ended = Dialog::begun_by(request, flow);
        ended.learn(response);
        ended.routes = request.headers.list("Route").map(str::to_owned).collect();
        let number = ended.local_cseq;
        let ack = ended.request(Method::Ack);
        self.send_ack(tx, ended.destination(), ended.remote_tag.clone(), ack, number, None);
    }
}

/// Takes over what the branch that answered had told before; the description that counts.
fn confirm(dialog: &mut Dialog, branch: Option<Early>, response: &Response) -> Option<Vec<u8>> {
    let mut sdp = response.sdp().map(<[u8]>::to_vec);
    if let Some(branch) = branch {
        dialog.remote_cseq = branch.remote_cseq;
        dialog.updates = branch.updates;
        // RFC 3261 13.2.1: the UAC "MUST treat the first session description it receives as the answer", and some
        // phones leave it out of the 2xx after a 183 that was not even reliable.
        if branch.settled || sdp.is_none() {
            sdp = branch.sdp.or(sdp);
        }
    }
    dialog.note_allow(&response.headers);
    if let Some(sdp) = &sdp {
        dialog.remote_sdp.clone_from(sdp);
    }
    sdp
}
