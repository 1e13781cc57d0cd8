//! Reliable provisional responses and their PRACKs, both sides (RFC 3262).

use std::time::Instant;

use rand_core::RngCore;

use super::table::Listener;
use super::{Endpoint, Reliable};
use crate::dialog::{Ringing, Stage, Unpracked, reliable_number, supports};
use crate::event::{EndCause, Event};
use crate::flow::{DialogId, TransactionId};
use crate::message::{Method, Request, Response, lex};

impl Endpoint {
    /// Our side as UAC: notes what a provisional response describes, and sends the PRACK if it wants one. The caller has
    /// seen to it that it is the next one.
    pub(super) fn confirm_provisional(&mut self, now: Instant, id: DialogId, tag: &str, response: &Response) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Stage::Calling(calling) = &mut dialog.stage else { return };
        let Some(branch) = calling.branch(tag) else { return };
        let rseq = reliable_number(response);
        if let Some(sdp) = response.sdp() {
            branch.settled |= rseq.is_some();
            branch.sdp = Some(sdp.to_vec());
        }
        let Some(rseq) = rseq else { return };
        let Some((mut prack, flow)) = dialog.early_request(Method::Prack, tag) else { return };
        let cseq = response.headers.get("CSeq").unwrap_or_default();
        prack.headers.push("RAck", format!("{rseq} {cseq}"));
        self.start_client(now, flow, prack, Listener::Nobody);
    }

    /// Sends a provisional response 101 to 199 to an unanswered incoming INVITE; anything else is ignored.
    ///
    /// It is sent reliably when the caller insists, or when it brings a description and the caller supports that;
    /// [`super::CallTerms`] may ask for less and for more. Then it is repeated until its PRACK, and the next one waits;
    /// without PRACK within 64*T1 the INVITE is refused and [`EndCause::PrackTimeout`] reported.
    pub fn ring(&mut self, now: Instant, dialog: DialogId, status: u16, sdp: Option<&[u8]>) {
        let Some(held) = self.dialogs.get_mut(&dialog) else { return };
        let Stage::Incoming { tx, invite } = &held.stage else { return };
        if !(101..=199).contains(&status) {
            return;
        }
        let required = invite.headers.list("Require").any(|one| one.eq_ignore_ascii_case("100rel"));
        let wanted = match held.reliable {
            Reliable::Never => false,
            Reliable::Supported => sdp.is_some(),
            Reliable::Required => true,
        };
        let reliably = required || (wanted && supports(&invite.headers, "100rel"));
        if !reliably {
            let (tx, invite, contact) = (*tx, invite.clone(), held.contact.clone());
            let response = self.dialog_response(&invite, status, &contact, sdp);
            return self.give(now, tx, &response);
        }
        let first = (self.rng.next_u32() >> 2) + 1;
        let offers = invite.sdp().is_none();
        let ringing = held.ringing.get_or_insert_with(|| Box::new(Ringing::new(first, offers)));
        let earlier = ringing.queued.take().and_then(|(_, sdp)| sdp);
        ringing.queued = Some((status, earlier.or(sdp.map(<[u8]>::to_vec))));
        self.ring_on(now, dialog);
    }

    /// Sends what waited for the PRACK: the next provisional response, or the answer.
    pub(super) fn ring_on(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let Stage::Incoming { tx, invite } = &dialog.stage else { return };
        let Some(ringing) = &mut dialog.ringing else { return };
        if ringing.unpracked.is_some() {
            return;
        }
        if let Some(sdp) = ringing.answer.take() {
            return self.answer(now, id, &sdp);
        }
        let Some((status, sdp)) = ringing.queued.take() else { return };
        // A second description would be an offer, and offers of ours go by UPDATE.
        let sdp = sdp.filter(|_| !ringing.described);
        let rseq = ringing.next_rseq;
        ringing.next_rseq += 1;
        ringing.described |= sdp.is_some();
        let (tx, invite, contact) = (*tx, invite.clone(), dialog.contact.clone());
        let mut response = self.dialog_response(&invite, status, &contact, sdp.as_deref());
        response.headers.push("Require", "100rel");
        response.headers.push("RSeq", rseq.to_string());
        let flow = self.transactions.get(&tx).map(|transaction| transaction.flow);
        self.give(now, tx, &response);
        let (interval, limit) = (self.times.t1, self.times.limit());
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if let Some(ringing) = &mut dialog.ringing {
            ringing.unpracked = Some(Unpracked {
                rseq,
                flow: flow.unwrap_or(dialog.flow),
                bytes: response.to_bytes(),
                resend_at: now + interval,
                interval,
                give_up_at: now + limit,
                describes: sdp.is_some(),
            });
        }
        if let Some(sdp) = sdp {
            dialog.local_sdp = sdp;
        }
        self.file_dialog(id);
    }

    /// A PRACK: RFC 3262 3: "If the PRACK does match an unacknowledged reliable provisional response, it MUST be
    /// responded to with a 2xx response. [...] If [it] does not match, the UAS MUST [answer] 481."
    pub(super) fn pracked(&mut self, now: Instant, tx: TransactionId, id: DialogId, prack: Request) {
        let invite = match self.dialogs.get(&id).map(|dialog| &dialog.stage) {
            Some(Stage::Incoming { invite, .. }) => invite.cseq().map(|cseq| cseq.number),
            _ => None,
        };
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        let waiting = dialog.ringing.as_mut().and_then(|ringing| {
            let acked = rack(&prack)?;
            let is_it =
                |one: &mut Unpracked| one.rseq == acked.0 && invite.is_none_or(|number| number == acked.1);
            ringing.unpracked.take_if(is_it)
        });
        let (Some(done), Some(ringing)) = (waiting, &mut dialog.ringing) else {
            return self.give_refusal(now, tx, &prack, 481, &[]);
        };
        let sdp = prack.sdp().map(<[u8]>::to_vec);
        let was_settled = ringing.settled;
        let answers = ringing.offers && done.describes;
        // The INVITE's offer is answered by what we described; ours is answered by this PRACK.
        ringing.settled |= done.describes && (!answers || sdp.is_some());
        let offers = sdp.is_some() && (was_settled || (ringing.settled && !answers));
        self.file_dialog(id);
        if offers {
            // Our owner's answer goes into the 200.
            if let Some(dialog) = self.dialogs.get_mut(&id) {
                dialog.reoffer = Some((tx, prack));
            }
            return self.events.push_back(Event::Reoffer { dialog: id, sdp });
        }
        self.give_refusal(now, tx, &prack, 200, &[]);
        if let Some(sdp) = sdp.filter(|_| answers) {
            if let Some(dialog) = self.dialogs.get_mut(&id) {
                dialog.remote_sdp.clone_from(&sdp);
            }
            self.events.push_back(Event::EarlyAnswer { dialog: id, sdp });
        }
        self.ring_on(now, id);
    }

    /// "retransmitted with an interval that starts at T1 seconds and doubles for each retransmission [...] If [it is]
    /// retransmitted for 64*T1 seconds without reception of a corresponding PRACK, the UAS SHOULD reject the original
    /// request with a 5xx response."
    pub(super) fn ringing_deadline(&mut self, now: Instant, id: DialogId) {
        let Some(dialog) = self.dialogs.get_mut(&id) else { return };
        if !matches!(dialog.stage, Stage::Incoming { .. }) {
            return;
        }
        let waiting = dialog.ringing.as_mut().and_then(|ringing| ringing.unpracked.as_mut());
        let Some(one) = waiting else { return };
        if one.give_up_at <= now {
            self.counters.timeouts += 1;
            self.reject(now, id, 504, &[]);
            let cause = EndCause::PrackTimeout;
            self.events.push_back(Event::Ended { dialog: id, cause, reason: None });
        } else if one.resend_at <= now {
            one.interval *= 2;
            one.resend_at = now + one.interval;
            let (flow, bytes) = (one.flow, one.bytes.clone());
            self.counters.retransmissions += 1;
            self.send(flow, bytes);
        }
    }
}

/// RSeq and CSeq number of a RAck header (RFC 3262 7.2).
fn rack(prack: &Request) -> Option<(u32, u32)> {
    let mut words = prack.headers.get("RAck")?.split_ascii_whitespace();
    let number = |word: &str| u32::try_from(lex::number(word, u64::from(u32::MAX))?).ok();
    let found = (number(words.next()?)?, number(words.next()?)?);
    (words.next()? == "INVITE" && words.next().is_none()).then_some(found)
}
