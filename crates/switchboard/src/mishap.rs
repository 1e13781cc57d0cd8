//! After a panic: whose step it was, and how the calls that it was about are ended.
//!
//! What it is not: it catches nothing and counts nothing. The shell catches the panic around one step of the
//! switchboard (`switch/src/boundary.rs`), then asks here. A call is ended in order first: goodbye on the wire, its end
//! told to the call centre. When that panics too it is taken out without a word.
//!
//! ```text
//! message ---> its Call-ID, when it came from the dialog's peer --+
//! timer -----> the dialog or call it was for ---------------------+--> legs --> end_leg_after, else drop_leg_after
//! settling --> the action or event in hand -----------------------+
//! ```

use crate::faults::Fault;
use crate::output::MediaSignal;
use crate::switchboard::Switchboard;
use careline_callcentre::{Action, Due, Input, LegEnd};
use careline_model::{AgentId, LegId, Now};
use careline_sip::{DialogId, Event, Flow};
use std::collections::BTreeSet;

/// What the switchboard is at, in case it does not come back from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InHand {
    Leg(LegId),
    Dialog(DialogId),
}

impl InHand {
    pub fn dialog(self) -> Option<DialogId> {
        match self {
            Self::Dialog(dialog) => Some(dialog),
            Self::Leg(_) => None,
        }
    }

    pub fn of_action(action: &Action) -> Option<Self> {
        match action {
            Action::Answer { leg, .. }
            | Action::Refuse { leg, .. }
            | Action::Play { leg, .. }
            | Action::StopPlay { leg }
            | Action::Music { leg, .. }
            | Action::Ring { leg, .. }
            | Action::Dialled { leg, .. }
            | Action::DialOutside { leg, .. }
            | Action::Alert { leg }
            | Action::PassEarlyMedia { leg, .. }
            | Action::StopRinging { leg, .. }
            | Action::Bridge { caller: leg, .. }
            | Action::Part { caller: leg, .. }
            | Action::Record { caller: leg, .. }
            | Action::Adopt { leg, .. }
            | Action::RecordCaller { leg, .. }
            | Action::PlayRecording { leg, .. }
            | Action::PickUp { leg, .. }
            | Action::Gather { leg, .. }
            | Action::Overhear { leg, .. }
            | Action::RecordAlone { leg, .. }
            | Action::MaskKeys { leg, .. }
            | Action::HangUp { leg, .. } => Some(Self::Leg(*leg)),
            Action::LookUp { .. }
            | Action::FlowLookUp { .. }
            | Action::AcceptTransfer { .. }
            | Action::RefuseTransfer { .. }
            | Action::TransferProgress { .. }
            | Action::PauseRecording { .. }
            | Action::ResumeRecording { .. }
            | Action::StopRecording { .. }
            | Action::Emit(_) => None,
        }
    }

    pub fn of_event(event: &Event) -> Option<Self> {
        match event {
            Event::Ringing { dialog, .. }
            | Event::Answered { dialog, .. }
            | Event::Refused { dialog, .. }
            | Event::EarlyAnswer { dialog, .. }
            | Event::Acked { dialog, .. }
            | Event::Cancelled { dialog, .. }
            | Event::Ended { dialog, .. }
            | Event::Reoffer { dialog, .. }
            | Event::ReofferDone { dialog, .. }
            | Event::ReofferFailed { dialog, .. }
            | Event::Info { dialog, .. }
            | Event::Referred { dialog, .. }
            | Event::ReferProgress { dialog, .. } => Some(Self::Dialog(*dialog)),
            Event::Response { .. } => None,
        }
    }

    pub fn of_signal(signal: &MediaSignal) -> Option<Self> {
        match signal {
            MediaSignal::Digit { leg, .. }
            | MediaSignal::PlaybackDone { leg, .. }
            | MediaSignal::Tone { leg, .. }
            | MediaSignal::TimedOut { leg }
            | MediaSignal::Failed { leg }
            | MediaSignal::Quality { leg, .. } => Some(Self::Leg(*leg)),
            MediaSignal::LegClosed { .. }
            | MediaSignal::RecordingStarted { .. }
            | MediaSignal::Spoke { .. }
            | MediaSignal::RecordingFinished { .. }
            | MediaSignal::RecordingResumed { .. }
            | MediaSignal::RecordingIncomplete { .. } => None,
        }
    }
}

/// A part of what is due, to be served alone when one of them panics: the others must not wait for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chore {
    /// Timers of SIP.
    Signalling,
    /// Registrations that run out.
    Registrations,
    /// Registrations and probes at trunks.
    Trunks,
    /// The call centre's deadlines.
    Centre,
}

impl Chore {
    /// All of them, in the order in which they are served.
    pub const ALL: [Self; 4] = [Self::Signalling, Self::Registrations, Self::Trunks, Self::Centre];
}

impl Switchboard {
    /// The legs that a step was about which a panic cut short; `message` is what was being taken, if anything. Asked
    /// once: the next answer is empty.
    pub fn hurt_legs(&mut self, message: Option<(Flow, &[u8])>) -> Vec<LegId> {
        let mut dialogs: BTreeSet<DialogId> = self.endpoint.take_in_hand().into_iter().collect();
        let mut legs = BTreeSet::new();
        match self.in_hand.take() {
            Some(InHand::Leg(leg)) => _ = legs.insert(leg),
            Some(InHand::Dialog(dialog)) => _ = dialogs.insert(dialog),
            None => {}
        }
        if let Some((flow, bytes)) = message
            && let Some(call_id) = call_id_of(bytes)
        {
            dialogs.extend(self.endpoint.dialogs_of(&call_id, flow));
        }
        legs.extend(dialogs.into_iter().filter_map(|dialog| self.legs.of(dialog)));
        match self.centre.take_in_hand() {
            Some(
                Due::Caller(call)
                | Due::LookUp(call)
                | Due::Third(call)
                | Due::MaxWait(call)
                | Due::Step(call)
                | Due::Kept(call)
                | Due::Comfort(call)
                | Due::Overflow(call)
                | Due::RingNext(call)
                | Due::Watch(call)
                | Due::Party(call, _)
                | Due::Hold(call),
            ) => {
                legs.extend(self.legs.caller_of(call));
            }
            Some(
                Due::Work(agent)
                | Due::Rest(agent)
                | Due::Pause(agent)
                | Due::Idle(agent)
                | Due::Device(agent),
            ) => legs.extend(self.legs.of_agent(&agent)),
            Some(
                Due::Override(_)
                | Due::Emergency
                | Due::Campaigns
                | Due::Vacant(_)
                | Due::Closing(_)
                | Due::Callback(_),
            )
            | None => {}
        }
        legs.into_iter().filter(|leg| self.legs.get(*leg).is_some()).collect()
    }

    /// Ends such a leg as one that failed: BYE, CANCEL or a refusal, and the call centre is told.
    pub fn end_leg_after(&mut self, now: Now, leg: LegId) {
        self.trip(Fault::Ending);
        self.leg_failed(now, leg, LegEnd::Failed);
        self.settle(now);
    }

    /// Takes such a leg out without a word on the wire, because to end it in order was too much as well.
    pub fn drop_leg_after(&mut self, now: Now, leg: LegId) {
        let dialog = self.legs.get(leg).map(|leg| leg.dialog);
        self.forks.remove(&leg);
        self.close_leg(leg);
        if let Some(dialog) = dialog {
            self.endpoint.abandon(dialog);
        }
        self.centre.handle(Input::LegEnded { leg, why: LegEnd::Failed }, now);
        self.settle(now);
    }

    /// A part of [`Self::handle_deadline`], and what follows from it.
    pub fn handle_chore(&mut self, now: Now, chore: Chore) {
        self.begin_chore(now, chore);
        self.settle(now);
    }

    pub(crate) fn begin_chore(&mut self, now: Now, chore: Chore) {
        match chore {
            Chore::Signalling => self.endpoint.handle_deadline(now.instant),
            Chore::Registrations => {
                for agent in self.registrar.expire(now.instant) {
                    self.centre.handle(Input::DeviceGone { agent: AgentId::from(&*agent) }, now);
                }
            }
            Chore::Trunks => self.tend_trunks(now),
            Chore::Centre => {
                self.trip(Fault::Deadline);
                self.centre.handle_deadline(now);
            }
        }
    }
}

/// The Call-ID of a message, found without the parser: that may be what panicked.
fn call_id_of(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|byte| *byte == b'\n').skip(1) {
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        if name.trim_ascii().eq_ignore_ascii_case(b"call-id") || name.trim_ascii().eq_ignore_ascii_case(b"i")
        {
            return value.get(1..).map(|value| String::from_utf8_lossy(value.trim_ascii()).into_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_id_is_found_in_whatever_the_parser_stumbles_over() {
        let find = |text: &str| call_id_of(text.as_bytes());
        assert_eq!(find("INVITE x\r\nVia: a\r\nCall-ID:  a@b \r\n\r\n").as_deref(), Some("a@b"));
        assert_eq!(find("BYE\ni : short").as_deref(), Some("short"));
        assert_eq!(find("BYE\r\n\r\nCall-ID: in the body"), None);
        assert_eq!(find("Call-ID: first line"), None);
        assert_eq!(call_id_of(b"x\r\ncall-id:\xff\xfe"), Some("\u{fffd}\u{fffd}".to_owned()));
        assert_eq!(call_id_of(b""), None);
    }
}
