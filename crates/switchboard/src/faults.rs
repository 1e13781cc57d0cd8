//! Panics on demand, so that a test can show what becomes of the calls. Without the feature `faults`, which only tests
//! enable, nothing of it is there; with it, nothing that comes over a network can ask for one.

use crate::switchboard::Switchboard;
use careline_sip::DialogId;

/// Where the switchboard panics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Before a message is looked at.
    Message,
    /// While an event of a dialog is taken.
    Event,
    /// While a leg is ended in order after another panic.
    Ending,
    /// While the deadlines of the call centre are kept.
    Deadline,
}

#[cfg(feature = "faults")]
impl Switchboard {
    /// Panics from now on whenever it comes there; in messages and events those only whose Call-ID contains this text.
    pub fn panic_at(&mut self, fault: Fault, call_id: &str) {
        self.faults.push((fault, call_id.to_owned()));
    }

    pub(crate) fn trip(&self, at: Fault) {
        self.trip_if(at, |_| true);
    }

    pub(crate) fn trip_message(&self, bytes: &[u8]) {
        self.trip_if(Fault::Message, |text| String::from_utf8_lossy(bytes).contains(text));
    }

    pub(crate) fn trip_dialog(&self, dialog: Option<DialogId>) {
        let call_id = dialog.and_then(|dialog| self.endpoint.call_id(dialog)).unwrap_or_default();
        self.trip_if(Fault::Event, |text| call_id.contains(text));
    }

    fn trip_if(&self, at: Fault, fits: impl Fn(&str) -> bool) {
        assert!(!self.faults.iter().any(|(fault, text)| *fault == at && fits(text)), "a test asked for it");
    }
}

#[cfg(not(feature = "faults"))]
impl Switchboard {
    pub(crate) fn trip(&self, _at: Fault) {}

    pub(crate) fn trip_message(&self, _bytes: &[u8]) {}

    pub(crate) fn trip_dialog(&self, _dialog: Option<DialogId>) {}
}
