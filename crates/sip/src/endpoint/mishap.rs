//! What is left to do for a dialog when a step about it was cut short by a panic: it is found again, and forgotten when
//! it cannot even be ended.
//!
//! What it is not: it catches nothing. The endpoint is a value; whoever owns it decides where a panic ends.

use std::time::Instant;

use super::table::Listener;
use super::{Endpoint, Subject};
use crate::flow::{DialogId, Flow};

impl Endpoint {
    /// The dialogs with this Call-ID whose peer is where the flow comes from; a stranger's message has none.
    pub fn dialogs_of(&self, call_id: &str, flow: Flow) -> Vec<DialogId> {
        let first = (call_id.to_owned(), String::new());
        let named = self.dialog_names.range(first..).take_while(|((one, _), _)| one == call_id);
        named.map(|(_, id)| *id).filter(|id| self.is_peer(*id, flow)).collect()
    }

    /// The dialog whose timer was being served when [`Self::handle_deadline`] was left by a panic; none at any other
    /// time.
    pub fn take_in_hand(&mut self) -> Option<DialogId> {
        match self.in_hand.take()? {
            Subject::Dialog(id) => Some(id),
            Subject::Transaction(id) => match self.transactions.get(&id)?.listener {
                Listener::Dialog(dialog)
                | Listener::Own(dialog)
                | Listener::Referring(dialog)
                | Listener::Informing(dialog) => Some(dialog),
                Listener::Nobody | Listener::Owner | Listener::Refer(_) => None,
            },
            Subject::Refer(_) => None,
        }
    }

    /// Forgets a dialog without a word to its peer and without an event; what the peer still sends gets 481.
    pub fn abandon(&mut self, dialog: DialogId) {
        self.forget_dialog(dialog);
    }

    /// Serves everything due, and remembers what it is at.
    pub(super) fn serve_deadlines(&mut self, now: Instant) {
        while let Some((at, subject)) = self.deadlines.first().copied()
            && at <= now
        {
            self.deadlines.pop_first();
            self.in_hand = Some(subject);
            match subject {
                Subject::Transaction(id) => self.transaction_deadline(now, id),
                Subject::Dialog(id) => self.dialog_deadline(now, id),
                Subject::Refer(id) => self.refer_deadline(now, id),
            }
        }
        self.in_hand = None;
    }
}
