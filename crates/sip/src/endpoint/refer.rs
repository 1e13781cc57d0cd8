//! REFERs that arrive: told to the owner, answered 202, and their outcome told by NOTIFY (RFC 3515, RFC 4488).

use std::time::{Duration, Instant};

use super::table::Listener;
use super::{Endpoint, Full, NewRequest, Subject};
use crate::dialog::{Dialog, Stage};
use crate::event::Event;
use crate::flow::{DialogId, TransactionId};
use crate::message::{Method, Request, Response, Uri};
use crate::refer::{BadRefer, ReferId, ReferTo, SIPFRAG, is_without_subscription, sipfrag};

/// REFERs of one dialog that wait for their outcome; one more is answered 503.
const REFERS_PER_DIALOG_MAX: usize = 4;
/// REFERs outside of dialogs that wait for their outcome; one more is [`Full`].
const REFERS_ALONE_MAX: usize = 1000;
/// How long we tell about a REFER (RFC 3515 2.4.4: we choose the duration), longer than anybody lets a phone ring.
const SUBSCRIPTION: Duration = Duration::from_secs(180);
/// A NOTIFY for a REFER that never reached a dialog of ours, and for one that did.
type Key = Option<DialogId>;

/// One REFER that waits for its outcome.
#[derive(Debug)]
pub(super) struct Refer {
    key: Key,
    tx: TransactionId,
    request: Request,
    /// Carries the NOTIFYs when the dialog is gone.
    spare: Dialog,
    /// Accepted; before that the owner has not spoken.
    accepted: bool,
    /// The last status told.
    status: u16,
    give_up_at: Instant,
}

impl NewRequest {
    /// What a REFER outside of any dialog asks for; none for every other method.
    pub fn refer_to(&self) -> Option<Result<ReferTo, BadRefer>> {
        (self.request.method == Method::Refer).then(|| ReferTo::of(&self.request))
    }
}

impl Endpoint {
    /// How many REFERs wait for their outcome.
    pub fn refer_count(&self) -> usize {
        self.refers.len()
    }

    /// A REFER in a dialog.
    pub(super) fn referred(&mut self, now: Instant, tx: TransactionId, id: DialogId, request: Request) {
        let refer = match ReferTo::of(&request) {
            Ok(refer) => refer,
            Err(bad) => return self.give_plain(now, tx, &request, bad.status()),
        };
        let Some(dialog) = self.dialogs.get(&id) else { return };
        if self.refers.values().filter(|one| one.key == Some(id)).count() >= REFERS_PER_DIALOG_MAX {
            self.counters.refused_full += 1;
            return self.give_plain(now, tx, &request, 503);
        }
        let spare = dialog.copy_for_subscription();
        let name = self.file_refer(now, Some(id), tx, request, spare);
        let ReferTo { to, replaces, referred_by } = refer;
        self.events.push_back(Event::Referred { dialog: id, refer: name, to, replaces, referred_by });
    }

    /// Takes a REFER that belongs to no dialog; `contact` is our address in the one it opens. The owner has read it by
    /// [`NewRequest::refer_to`] and decides by [`Self::accept_refer`] or [`Self::refuse_refer`].
    ///
    /// # Errors
    /// [`Full`] when there is no room; the owner answers 503 without state.
    pub fn adopt_refer(&mut self, now: Instant, new: NewRequest, contact: Uri) -> Result<ReferId, Full> {
        let alone = self.refers.values().filter(|one| one.key.is_none()).count();
        if !self.has_room() || alone >= REFERS_ALONE_MAX {
            return Err(Full);
        }
        let NewRequest { request, flow } = new;
        let tx = self.start_server(flow, &request, Listener::Owner);
        let local_tag = self.tag_for(&request.headers);
        let spare = Dialog::opened_by(&request, flow, local_tag, contact, Stage::Confirmed);
        Ok(self.file_refer(now, None, tx, request, spare))
    }

    fn file_refer(
        &mut self,
        now: Instant,
        key: Key,
        tx: TransactionId,
        request: Request,
        spare: Dialog,
    ) -> ReferId {
        let id = ReferId(self.next_id());
        // Nobody waits longer than timer F for our answer.
        let give_up_at = now + self.times.limit();
        self.deadlines.insert((give_up_at, Subject::Refer(id)));
        self.refers.insert(id, Refer { key, tx, request, spare, accepted: false, status: 100, give_up_at });
        id
    }

    /// Answers 202 and tells the peer at once that it is being tried (RFC 3515 2.4.4); with "Refer-Sub: false" that is
    /// the last word.
    pub fn accept_refer(&mut self, now: Instant, refer: ReferId) {
        let Some(held) = self.refers.get_mut(&refer).filter(|held| !held.accepted) else { return };
        held.accepted = true;
        let (tx, silent) = (held.tx, is_without_subscription(&held.request));
        let mut response = Response::to_request(&held.request, 202);
        response.headers.push("Contact", format!("<{}>", held.spare.contact));
        if silent {
            response.headers.push("Refer-Sub", "false");
        }
        let at = held.give_up_at;
        held.give_up_at = now + SUBSCRIPTION;
        let until = held.give_up_at;
        self.deadlines.remove(&(at, Subject::Refer(refer)));
        self.deadlines.insert((until, Subject::Refer(refer)));
        self.complete(&mut response);
        self.give(now, tx, &response);
        if silent {
            self.forget_refer(refer);
        } else {
            self.tell(now, refer, 100, None);
        }
    }

    /// Tells how the call that the peer asked for goes: 101 to 199 while it rings, a final status when it is decided,
    /// which ends the subscription. Nothing happens for a REFER that was not accepted, or is over.
    pub fn notify_refer(&mut self, now: Instant, refer: ReferId, status: u16) {
        let Some(held) = self.refers.get(&refer).filter(|held| held.accepted) else { return };
        if !(100..=699).contains(&status) || status == held.status {
            return;
        }
        let last = (status >= 200).then_some("noresource");
        self.tell(now, refer, status, last);
        if last.is_some() {
            self.forget_refer(refer);
        }
    }

    /// Refuses a REFER with 300 to 699 (others become 603); too late after [`Self::accept_refer`].
    pub fn refuse_refer(&mut self, now: Instant, refer: ReferId, status: u16) {
        if self.refers.get(&refer).is_none_or(|held| held.accepted) {
            return;
        }
        let Some(held) = self.forget_refer(refer) else { return };
        let status = if (300..=699).contains(&status) { status } else { 603 };
        self.give_plain(now, held.tx, &held.request, status);
    }

    /// One NOTIFY; `over` is the reason for which the subscription ends with it.
    fn tell(&mut self, now: Instant, refer: ReferId, status: u16, over: Option<&str>) {
        let Some(held) = self.refers.get_mut(&refer) else { return };
        held.status = status;
        let live = held.key.and_then(|id| self.dialogs.get_mut(&id));
        let dialog = live.unwrap_or(&mut held.spare);
        let mut notify = dialog.request(Method::Notify);
        let id = held.request.cseq().map_or(0, |cseq| cseq.number);
        notify.headers.push("Event", format!("refer;id={id}"));
        let left = held.give_up_at.saturating_duration_since(now).as_secs();
        notify.headers.push(
            "Subscription-State",
            match over {
                Some(reason) => format!("terminated;reason={reason}"),
                None => format!("active;expires={left}"),
            },
        );
        notify.headers.push("Contact", format!("<{}>", dialog.contact));
        notify.headers.push("Content-Type", SIPFRAG);
        notify.body = sipfrag(status);
        let (flow, number, key) = (dialog.destination(), dialog.local_cseq, held.key);
        // What goes out for one REFER of a dialog that is gone counts on for the others.
        for other in self.refers.values_mut().filter(|one| key.is_some() && one.key == key) {
            other.spare.local_cseq = other.spare.local_cseq.max(number);
        }
        self.start_client(now, flow, notify, Listener::Refer(refer));
    }

    /// A NOTIFY was answered: who does not want them (481, 408, ...) gets no more.
    pub(super) fn refer_notified(&mut self, refer: ReferId, status: u16) {
        if status >= 300 {
            self.forget_refer(refer);
        }
    }

    /// The owner never spoke, or the call it makes takes too long.
    pub(super) fn refer_deadline(&mut self, now: Instant, refer: ReferId) {
        let Some(held) = self.refers.get(&refer) else { return };
        if held.accepted {
            let status = held.status;
            self.tell(now, refer, status, Some("timeout"));
            self.forget_refer(refer);
        } else {
            self.refuse_refer(now, refer, 500);
        }
    }

    fn forget_refer(&mut self, refer: ReferId) -> Option<Refer> {
        let gone = self.refers.remove(&refer)?;
        self.deadlines.remove(&(gone.give_up_at, Subject::Refer(refer)));
        Some(gone)
    }

    fn give_plain(&mut self, now: Instant, tx: TransactionId, request: &Request, status: u16) {
        let response = self.response_to(request, status);
        self.give(now, tx, &response);
    }
}
