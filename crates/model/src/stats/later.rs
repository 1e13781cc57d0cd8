//! What comes of a call when it is over: callbacks (CF 1E) and what callers say in surveys (CF 1J). Both are counted in
//! the interval in which they were told.

use super::books::{At, Home};
use super::tally::{Tally, Total};
use super::{Oddity, Statistics};
use crate::callback::CallbackOutcome;
use crate::event::{CallbackEnded, SurveyAnswered, SurveyEnded, SurveyOutcome};
use crate::id::QueueId;
use serde::{Deserialize, Serialize};

/// What the best answer counts for.
pub const BEST_ANSWER: u32 = 1000;

/// Callbacks of a queue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callbacks {
    /// Asked for.
    pub requested: u32,
    /// Ended, by outcome.
    pub outcomes: Tally<CallbackOutcome>,
    /// From the wish to the conversation, of those that were reached.
    pub until_reached: Total,
}

impl Callbacks {
    pub(super) fn add(&mut self, other: &Self) {
        self.requested = self.requested.saturating_add(other.requested);
        self.outcomes.add(&other.outcomes);
        self.until_reached.add(&other.until_reached);
    }
}

/// What callers say about conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surveys {
    /// Conversations by what came of their survey.
    pub outcomes: Tally<SurveyOutcome>,
    /// Answers.
    pub answers: u32,
    /// Sum of the answers: the worst of a scale counts 0, its best [`BEST_ANSWER`].
    pub sum: u64,
    /// Answers that somebody has to look after.
    pub low: u32,
}

impl Surveys {
    /// Callers who gave an answer.
    #[must_use]
    pub fn answered(&self) -> u32 {
        self.outcomes.of(SurveyOutcome::Completed).saturating_add(self.outcomes.of(SurveyOutcome::Partial))
    }

    /// Callers who were led to a survey.
    #[must_use]
    pub fn invited(&self) -> u32 {
        self.answered().saturating_add(self.outcomes.of(SurveyOutcome::Refused))
    }

    fn answer(&mut self, fact: &SurveyAnswered) {
        let (above, best) = (fact.answer.saturating_sub(1), fact.scale.saturating_sub(1).max(1));
        self.answers = self.answers.saturating_add(1);
        self.low = self.low.saturating_add(u32::from(fact.low));
        let part = u32::from(above.min(best)) * BEST_ANSWER / u32::from(best);
        self.sum = self.sum.saturating_add(part.into());
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.outcomes.add(&other.outcomes);
        self.answers = self.answers.saturating_add(other.answers);
        self.sum = self.sum.saturating_add(other.sum);
        self.low = self.low.saturating_add(other.low);
    }
}

impl Statistics {
    /// The account of a queue now; nothing when there is no room for one more.
    fn home_now(&mut self, queue: &QueueId, at: At) -> Option<Home> {
        self.books.open_queue(queue)?;
        Some(Home { queue: queue.clone(), slot: at.slot })
    }

    pub(super) fn callback_requested(&mut self, queue: &QueueId, at: At) {
        let Some(home) = self.home_now(queue, at) else { return };
        self.books.queue(&home, at.slot, |cell| {
            cell.callbacks.requested = cell.callbacks.requested.saturating_add(1);
        });
    }

    pub(super) fn callback_ended(&mut self, fact: &CallbackEnded, at: At) {
        let Some(home) = self.home_now(&fact.queue, at) else { return };
        let age_ms = self.books.bounded(fact.age_ms);
        self.books.queue(&home, at.slot, |cell| {
            cell.callbacks.outcomes.count(fact.outcome);
            if fact.outcome == CallbackOutcome::Reached {
                cell.callbacks.until_reached.record(age_ms);
            }
        });
    }

    pub(super) fn survey_answered(&mut self, fact: &SurveyAnswered, at: At) {
        if fact.scale < 2 || fact.answer > fact.scale {
            return self.books.odd(Oddity::Unmatched);
        }
        if let Some(agent) = &fact.agent {
            self.books.agent(agent, at.slot, |cell| cell.surveys.answer(fact));
        }
        let Some(home) = fact.queue.as_ref().and_then(|queue| self.home_now(queue, at)) else { return };
        self.books.queue(&home, at.slot, |cell| cell.surveys.answer(fact));
    }

    pub(super) fn survey_ended(&mut self, fact: &SurveyEnded, at: At) {
        let outcome = fact.outcome;
        self.books.agent(&fact.agent, at.slot, |cell| cell.surveys.outcomes.count(outcome));
        let Some(home) = self.home_now(&fact.queue, at) else { return };
        self.books.queue(&home, at.slot, |cell| cell.surveys.outcomes.count(outcome));
    }
}
