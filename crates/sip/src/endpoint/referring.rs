//! REFERs that we send, and the NOTIFYs that tell how they go (RFC 3515 2.4.1, 2.4.4).

use std::time::Instant;

use super::Endpoint;
use super::table::Listener;
use crate::dialog::Stage;
use crate::event::Event;
use crate::flow::{DialogId, TransactionId};
use crate::message::{Method, Request, Response};
use crate::refer::{refer_event, sipfrag_status};

/// REFERs of ours in one dialog at a time.
const REFERRING_MAX: usize = 4;

impl Endpoint {
    /// Asks the peer of an answered call to call `refer_to` (a Refer-To value; a Replaces inside goes through
    /// [`Replaces::escaped`](crate::Replaces::escaped)). The answer comes as [`Event::Response`], what the peer then
    /// tells as [`Event::ReferProgress`]; both name the transaction given here. None when the call is not answered, is
    /// being ended, or has too many REFERs under way.
    pub fn refer(
        &mut self,
        now: Instant,
        id: DialogId,
        refer_to: &str,
        referred_by: Option<&str>,
    ) -> Option<TransactionId> {
        let first = (id, TransactionId(0));
        let busy = self.referring.range(first..).take_while(|((on, _), _)| *on == id).count();
        if busy >= REFERRING_MAX || !self.has_room() {
            return None;
        }
        let dialog = self.dialogs.get_mut(&id)?;
        if !matches!(dialog.stage, Stage::Confirmed) || dialog.abandoned {
            return None;
        }
        let mut refer = dialog.request(Method::Refer);
        refer.headers.push("Contact", format!("<{}>", dialog.contact));
        refer.headers.push("Refer-To", refer_to);
        if let Some(by) = referred_by {
            refer.headers.push("Referred-By", by);
        }
        let (number, flow) = (dialog.local_cseq, dialog.destination());
        let tx = self.start_client(now, flow, refer, Listener::Referring(id));
        self.referring.insert((id, tx), number);
        Some(tx)
    }

    /// The answer to our REFER: without 2xx there is nothing more to hear of it.
    pub(super) fn refer_answered(&mut self, tx: TransactionId, id: DialogId, response: Response) {
        if response.status >= 300 {
            self.referring.remove(&(id, tx));
        }
        self.events.push_back(Event::Response { transaction: tx, response });
    }

    /// A NOTIFY in a dialog: about a REFER of ours, or 481 (RFC 6665 4.1.3). It may come before the 202.
    pub(super) fn notified(&mut self, now: Instant, tx: TransactionId, id: DialogId, notify: &Request) {
        let found = self.refer_of(id, notify);
        let status = match (found, refer_event(notify)) {
            (Some(_), _) => 200,
            (None, Some(_)) => 481,
            (None, None) => 489,
        };
        let response = self.response_to(notify, status);
        self.give(now, tx, &response);
        let Some(transaction) = found else { return };
        let state = notify.headers.get("Subscription-State").unwrap_or_default();
        let is_over = state.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("terminated");
        if is_over {
            self.referring.remove(&(id, transaction));
        }
        // A NOTIFY without a status says nothing that could be acted upon.
        if let Some(status) = sipfrag_status(&notify.body) {
            self.events.push_back(Event::ReferProgress { dialog: id, transaction, status, is_over });
        }
    }

    /// RFC 3515 2.4.6: the id is the CSeq number of the REFER; the first one in a dialog may go without.
    fn refer_of(&self, id: DialogId, notify: &Request) -> Option<TransactionId> {
        let number = refer_event(notify)?;
        let first = (id, TransactionId(0));
        let mut ours = self.referring.range(first..).take_while(|((on, _), _)| *on == id);
        ours.find(|(_, cseq)| number.is_none_or(|number| number == **cseq)).map(|((_, tx), _)| *tx)
    }

    /// The dialog is gone: nothing more is heard of its REFERs.
    pub(super) fn forget_referring(&mut self, id: DialogId) {
        let first = (id, TransactionId(0));
        while let Some(key) = self.referring.range(first..).next().map(|(key, _)| *key)
            && key.0 == id
        {
            self.referring.remove(&key);
        }
    }
}
