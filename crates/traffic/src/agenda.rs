//! What is to be done when: the crowd's own deadlines, in order.

use std::collections::BTreeMap;
use std::time::Instant;

/// Things to do, earliest first; those of one instant in the order they were noted.
#[derive(Debug)]
pub struct Agenda<T> {
    items: BTreeMap<(Instant, u64), T>,
    next: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { items: BTreeMap::new(), next: 0 }
    }
}

impl<T> Agenda<T> {
    /// Notes something.
    pub fn note(&mut self, at: Instant, item: T) {
        self.items.insert((at, self.next), item);
        self.next += 1;
    }

    /// Takes the earliest thing that is due.
    pub fn due(&mut self, now: Instant) -> Option<T> {
        let first = self.items.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// When the next thing is due.
    #[must_use]
    pub fn next(&self) -> Option<Instant> {
        self.items.first_key_value().map(|((at, _), _)| *at)
    }
}
