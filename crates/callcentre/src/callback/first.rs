//! The person first (CF E2): she is called when an agent will be free by the time she has answered, hears what it is
//! about, presses 1, and stands in her place with music. Who presses nothing is a mailbox, or has no time now.

use super::Line;
use crate::action::HangUp;
use crate::call::{Call, Stage};
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::callback::CallbackMiss;
use careline_model::{CallId, Now};
use std::time::Duration;

/// How often it is looked whether her turn is near.
const REFRESH: Duration = Duration::from_secs(5);
/// After the question the key is waited for so long.
const KEY_LIMIT: Duration = Duration::from_secs(8);
/// So often she is asked.
const ROUNDS: u32 = 2;
/// The key that says yes.
const YES: char = '1';

impl Centre {
    /// Calls her when her turn is near, else looks again soon.
    pub(super) fn customer_turn(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        let (Stage::Queued(entry), Some(carrier)) = (&call.stage, &call.callback) else { return };
        if !carrier.customer_first || carrier.line != Line::Nobody {
            return;
        }
        let lead = self.callback_rules(&entry.queue).map_or(Duration::ZERO, |rules| rules.lead);
        match self.further_wait(id) {
            Some(wait) if wait <= lead => self.call_person(id, now),
            _ => self.deadlines.set(Due::Third(id), now.instant + REFRESH),
        }
    }

    /// Somebody answered who was called before an agent was.
    pub(super) fn customer_answered(&mut self, id: CallId, now: Now) {
        let entry = self.calls.get(&id).and_then(|call| call.stage.entry());
        let rules = entry.and_then(|entry| self.callback_rules(&entry.queue));
        match rules.map(|rules| rules.answer.clone()).filter(|answer| !answer.is_empty()) {
            Some(answer) => {
                self.set_line(id, Line::Asking(1));
                self.play(id, answer, now);
            }
            None => self.customer_is_there(id, now),
        }
    }

    /// She is asked for a key. Gives false when she is not.
    pub(crate) fn is_asked(&self, id: CallId) -> bool {
        matches!(self.calls.get(&id).and_then(Call::line_state), Some(Line::Asking(_)))
    }

    /// The question is put.
    pub(crate) fn callback_asked(&mut self, id: CallId, now: Now) {
        self.deadlines.set(Due::Third(id), now.instant + KEY_LIMIT);
    }

    /// A key of who is asked; others than the right one change nothing.
    pub(crate) fn callback_key(&mut self, id: CallId, digit: char, now: Now) {
        if digit == YES {
            self.silence(id);
            self.customer_is_there(id, now);
        }
    }

    fn customer_is_there(&mut self, id: CallId, now: Now) {
        self.deadlines.stop(&Due::Third(id));
        self.set_line(id, Line::Up);
        self.list(id);
        self.start_music(id);
        self.waiting_anew.push(id);
        // Steps of her queue may have come due while she was being called.
        self.widen(id, now);
    }

    pub(super) fn no_key(&mut self, id: CallId, rounds: u32, now: Now) {
        let entry = self.calls.get(&id).and_then(|call| call.stage.entry());
        let rules = entry.and_then(|entry| self.callback_rules(&entry.queue));
        let answer = rules.map(|rules| rules.answer.clone()).unwrap_or_default();
        if rounds >= ROUNDS {
            let why = CallbackMiss::NotConfirmed;
            return self.missed_person(id, why, Some(HangUp::NotBridged), now);
        }
        self.set_line(id, Line::Asking(rounds + 1));
        self.play(id, answer, now);
    }
}
