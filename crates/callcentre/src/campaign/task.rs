//! One task: somebody to be called, at one of several numbers, until somebody is reached (CF K9, K10).

use super::Key;
use careline_model::config::plan::{Campaign, Then};
use careline_model::outbound::{DialResult, KeptNumber, NewTask, TaskOutcome};
use careline_model::{AgentId, CallId, CampaignId, Number};
use std::collections::BTreeSet;

/// A task that has not ended.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) campaign: CampaignId,
    pub(crate) given: NewTask,
    /// In the order of the given ones.
    pub(crate) numbers: Vec<KeptNumber>,
    /// Numbers dialled so far.
    pub(crate) attempts: u32,
    pub(crate) skipped_by: BTreeSet<AgentId>,
    pub(crate) seq: u64,
    /// Under this time it stands in the line, UTC microseconds.
    pub(crate) due_us: i64,
    /// None of its numbers before, UTC microseconds.
    pub(crate) put_off_us: i64,
    pub(crate) hand: Hand,
    /// It ends so when what is in hand is over and nobody was reached.
    pub(crate) ends: Option<TaskOutcome>,
}

/// Who has it in hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hand {
    /// Nobody.
    Free,
    /// An agent looks at it.
    Preview(AgentId),
    /// It is dialled.
    Call(CallId),
}

impl Task {
    pub(crate) fn new(campaign: CampaignId, given: NewTask) -> Self {
        let numbers = given.numbers.iter().map(|_| KeptNumber::default()).collect();
        let due_us = given.not_before_us.unwrap_or(0);
        Self {
            campaign,
            given,
            numbers,
            attempts: 0,
            skipped_by: BTreeSet::new(),
            seq: 0,
            due_us,
            put_off_us: 0,
            hand: Hand::Free,
            ends: None,
        }
    }

    pub(crate) fn key(&self) -> Key {
        (self.campaign.clone(), self.given.id.clone())
    }

    pub(crate) fn number(&self, at: usize) -> Option<&Number> {
        self.given.numbers.get(at).map(|number| &number.number)
    }

    /// Numbers that may still be dialled.
    pub(crate) fn left(&self) -> impl Iterator<Item = usize> {
        self.numbers.iter().enumerate().filter(|(_, number)| !number.is_out).map(|(at, _)| at)
    }

    /// The first moment from `at_us` in one of its windows.
    pub(crate) fn in_window(&self, at_us: i64) -> Option<i64> {
        if self.given.windows.is_empty() {
            return Some(at_us);
        }
        let open = self.given.windows.iter().filter(|window| window.to_us > at_us);
        open.map(|window| window.from_us.max(at_us)).min()
    }

    /// A number is dialled.
    pub(crate) fn dialled(&mut self, at: usize) {
        self.attempts = self.attempts.saturating_add(1);
        if let Some(number) = self.numbers.get_mut(at) {
            number.attempts = number.attempts.saturating_add(1);
        }
    }

    /// What came of dialling a number: when it may be tried again, if ever.
    pub(super) fn conclude(&mut self, at: usize, result: DialResult, campaign: &Campaign, wall_us: i64) {
        self.put_off_us = 0;
        let Some(number) = self.numbers.get_mut(at) else { return };
        if matches!(result, DialResult::Congestion | DialResult::AgentLost) {
            // That was our fault: it is no attempt at a person.
            number.attempts = number.attempts.saturating_sub(1);
        }
        let times = match number.results.iter_mut().find(|(other, _)| *other == result) {
            Some((_, times)) => {
                *times = times.saturating_add(1);
                *times
            }
            None => {
                number.results.push((result, 1));
                1
            }
        };
        let rule = campaign.retries.get(&result);
        let again = rule.filter(|rule| times <= rule.times && number.attempts < campaign.attempts_max);
        let Some(rule) = again else { return number.is_out = true };
        number.due_us = wall_us.saturating_add(i64::try_from(rule.after.as_micros()).unwrap_or(i64::MAX));
        if rule.then == Then::Later {
            self.put_off_us = number.due_us;
        }
    }
}
