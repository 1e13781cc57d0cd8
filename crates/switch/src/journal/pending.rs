//! Events that wait in memory for the file: plain data with its limits.

use careline_model::Event;
use std::collections::VecDeque;

/// An event with the number it was given.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Waiting {
    pub(super) number: u64,
    pub(super) event: Event,
}

/// The queue in front of the file.
#[derive(Debug)]
pub(super) struct Pending {
    last: u64,
    waiting: VecDeque<Waiting>,
    /// Events among `waiting` that may be given up.
    diagnostics: usize,
    /// Events the writer has taken and not yet written.
    in_hand: usize,
    max: usize,
    /// The file is at its limit: diagnostic events are not even taken.
    shed_diagnostics: bool,
    /// Diagnostic events given up.
    dropped: u64,
    /// Other events given up.
    lost: u64,
}

impl Pending {
    pub(super) fn new(last: u64, max: usize) -> Self {
        let waiting = VecDeque::new();
        Self { last, waiting, diagnostics: 0, in_hand: 0, max, shed_diagnostics: false, dropped: 0, lost: 0 }
    }

    /// Gives the next number. When there is no room, all diagnostic events go; when that gives none, the new event
    /// does: what came before it is the beginning of a story that can still be told.
    pub(super) fn push(&mut self, event: Event) -> u64 {
        self.last += 1;
        let diagnostic = event.body.is_diagnostic();
        if self.is_full() && !diagnostic {
            self.drop_diagnostics();
        }
        if diagnostic && (self.shed_diagnostics || self.is_full()) {
            self.dropped += 1;
        } else if self.is_full() {
            self.lost += 1;
        } else {
            self.diagnostics += usize::from(diagnostic);
            self.waiting.push_back(Waiting { number: self.last, event });
        }
        self.last
    }

    /// Takes up to `max` of the oldest; they count as in hand until [`Self::written`].
    pub(super) fn take(&mut self, max: usize) -> Vec<Waiting> {
        let count = self.waiting.len().min(max);
        let taken: Vec<Waiting> = self.waiting.drain(..count).collect();
        self.diagnostics -= taken.iter().filter(|waiting| waiting.event.body.is_diagnostic()).count();
        self.in_hand += taken.len();
        taken
    }

    /// What was taken is in the file.
    pub(super) fn written(&mut self) {
        self.in_hand = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Events that are not in the file, those in the writer's hands included.
    pub(super) fn unwritten(&self) -> usize {
        self.waiting.len() + self.in_hand
    }

    pub(super) fn last_number(&self) -> u64 {
        self.last
    }

    pub(super) fn shed_diagnostics(&mut self, shed: bool) {
        self.shed_diagnostics = shed;
    }

    /// Diagnostic and other events given up since the start.
    pub(super) fn given_up(&self) -> (u64, u64) {
        (self.dropped, self.lost)
    }

    fn is_full(&self) -> bool {
        self.waiting.len() + self.in_hand >= self.max
    }

    fn drop_diagnostics(&mut self) {
        if self.diagnostics > 0 {
            self.waiting.retain(|waiting| !waiting.event.body.is_diagnostic());
            self.dropped += u64::try_from(self.diagnostics).unwrap_or(u64::MAX);
            self.diagnostics = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{digit, fact};
    use super::*;

    fn numbers(pending: &mut Pending) -> Vec<u64> {
        pending.take(usize::MAX).iter().map(|waiting| waiting.number).collect()
    }

    #[test]
    fn numbers_grow_by_one_whatever_is_given_up() {
        let mut pending = Pending::new(7, 2);
        let given: Vec<u64> = (0..5).map(|_| pending.push(fact(0))).collect();
        assert_eq!(given, [8, 9, 10, 11, 12]);
        assert_eq!(pending.given_up(), (0, 3));
        assert_eq!(numbers(&mut pending), [8, 9]);
    }

    #[test]
    fn diagnostics_go_first() {
        let mut pending = Pending::new(0, 4);
        for event in [digit(), fact(1), digit(), fact(2), digit(), fact(3), fact(4), fact(5)] {
            pending.push(event);
        }
        assert_eq!(pending.given_up(), (3, 1));
        assert_eq!(numbers(&mut pending), [2, 4, 6, 7]);
    }

    #[test]
    fn what_the_writer_holds_counts() {
        let mut pending = Pending::new(0, 2);
        pending.push(fact(1));
        assert_eq!(pending.take(10).len(), 1);
        pending.push(fact(2));
        pending.push(fact(3));
        assert_eq!(pending.given_up(), (0, 1));
        pending.written();
        pending.push(fact(4));
        assert_eq!(numbers(&mut pending), [2, 4]);
    }
}
