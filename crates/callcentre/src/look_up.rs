//! Asking the directory who may be calling. Nothing waits for the answer: greeting, queue and offer go on, and a name
//! that is known by the time an agent's phone is rung is shown on it.

use crate::action::Action;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::input::LookUpAnswer;
use crate::queue::millis;
use careline_model::event::{EventBody, LookUpOutcome};
use careline_model::{CallId, CallerName, Now};
use std::time::Instant;

/// Longest label an agent's phone is given, in characters: more does not fit on the displays of desk phones.
const LABEL_CHARS_MAX: usize = 32;

/// What a call knows from the directory.
#[derive(Debug, Default)]
pub(crate) struct LookUp {
    /// When the directory was asked; nothing once that is decided, or when it was never asked.
    asked: Option<Instant>,
    /// Shown on an agent's phone beside the number; empty when nothing is known.
    pub(crate) label: CallerName,
}

impl Centre {
    /// Asks about a call that just came, when there is somebody to ask and a number to ask about.
    pub(crate) fn look_up(&mut self, id: CallId, now: Now) {
        let Some(directory) = self.plan.directory else { return };
        let Some(call) = self.calls.get_mut(&id).filter(|call| !call.caller.is_withheld()) else { return };
        call.look_up.asked = Some(now.instant);
        let (caller, dialled) = (call.caller.clone(), call.dialled.clone());
        self.deadlines.set(Due::LookUp(id), now.instant + directory.budget);
        self.actions.push_back(Action::LookUp { call: id, caller, dialled });
    }

    /// The directory answered. It counts when the call lives and the budget has not passed.
    pub(crate) fn looked_up(&mut self, id: CallId, answer: LookUpAnswer, now: Now) {
        match answer {
            LookUpAnswer::Unavailable => self.conclude(id, LookUpOutcome::Unavailable, 0, now),
            LookUpAnswer::Answered { persons: 0, .. } => self.conclude(id, LookUpOutcome::Stranger, 0, now),
            LookUpAnswer::Answered { persons, label } => {
                // A label that comes too late is not shown either: what was told and what is seen agree.
                if let Some(call) = self.calls.get_mut(&id).filter(|call| call.look_up.asked.is_some()) {
                    call.look_up.label = label.cut(LABEL_CHARS_MAX);
                }
                self.conclude(id, LookUpOutcome::Found, persons, now);
            }
        }
    }

    pub(crate) fn look_up_is_overdue(&mut self, id: CallId, now: Now) {
        self.conclude(id, LookUpOutcome::TimedOut, 0, now);
    }

    /// What comes first decides, once.
    fn conclude(&mut self, call: CallId, outcome: LookUpOutcome, persons: u32, now: Now) {
        let Some(asked) = self.calls.get_mut(&call).and_then(|call| call.look_up.asked.take()) else {
            return;
        };
        self.deadlines.stop(&Due::LookUp(call));
        let took_ms = millis(now.instant.duration_since(asked));
        self.tell(EventBody::CallerLookedUp { call, outcome, persons, took_ms }, now);
    }
}
