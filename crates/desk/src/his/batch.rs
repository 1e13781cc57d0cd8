//! Which of the messages that wait are stored in the next transaction: always the first ones, so that the order of a
//! patient's messages and of a connection's is that of their coming.

use std::collections::VecDeque;

/// Messages of one transaction: others that write wait no longer than these take.
pub const BATCH_MESSAGES_MAX: usize = 64;
/// Their length together, in bytes; one message may be longer.
pub const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Messages that wait, each of one connection's unit.
#[derive(Debug)]
pub struct Waiting<T> {
    queue: VecDeque<Item<T>>,
}

#[derive(Debug)]
struct Item<T> {
    unit: u64,
    bytes: usize,
    value: T,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { queue: VecDeque::new() }
    }
}

impl<T> Waiting<T> {
    /// A message of so many bytes came last.
    pub fn push(&mut self, unit: u64, bytes: usize, value: T) {
        self.queue.push_back(Item { unit, bytes, value });
    }

    /// The first ones, as many as one transaction takes; nothing when nothing waits.
    pub fn next_batch(&mut self) -> Vec<(u64, T)> {
        let mut bytes = 0_usize;
        let fits = |(place, item): &(usize, &Item<T>)| {
            bytes = bytes.saturating_add(item.bytes);
            *place == 0 || (*place < BATCH_MESSAGES_MAX && bytes <= BATCH_BYTES_MAX)
        };
        let count = self.queue.iter().enumerate().take_while(fits).count();
        self.queue.drain(..count).map(|item| (item.unit, item.value)).collect()
    }

    /// A message of the unit could not be stored: what came behind it on the same connection must not be stored before it,
    /// and its sender sends all of it again.
    pub fn give_up(&mut self, unit: u64) {
        self.queue.retain(|item| item.unit != unit);
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queue.len()
    }

    /// Nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH_BYTES_MAX, BATCH_MESSAGES_MAX, Waiting};
    use proptest::prelude::*;

    fn waiting(sizes: &[usize]) -> Waiting<usize> {
        let mut waiting = Waiting::default();
        for (place, bytes) in sizes.iter().enumerate() {
            waiting.push((place % 3) as u64, *bytes, place);
        }
        waiting
    }

    #[test]
    fn all_that_wait_go_together_up_to_the_limit() {
        let mut few = waiting(&[10; 5]);
        assert_eq!(few.next_batch().len(), 5);
        assert!(few.next_batch().is_empty() && few.is_empty());
        let mut many = waiting(&[10; BATCH_MESSAGES_MAX + 1]);
        assert_eq!((many.next_batch().len(), many.next_batch().len()), (BATCH_MESSAGES_MAX, 1));
    }

    #[test]
    fn a_long_message_goes_with_what_fits_beside_it_or_alone() {
        let mut long = waiting(&[10, BATCH_BYTES_MAX, 10, BATCH_BYTES_MAX - 10, 10]);
        assert_eq!(long.next_batch().len(), 1);
        assert_eq!(long.next_batch().len(), 1, "as long as a batch may be");
        assert_eq!(long.next_batch().len(), 2);
        assert_eq!(long.next_batch().len(), 1);
    }

    #[test]
    fn what_stands_behind_one_that_failed_is_given_up() {
        let mut waiting = waiting(&[10; 7]);
        waiting.give_up(1);
        let left: Vec<usize> = waiting.next_batch().into_iter().map(|(_, place)| place).collect();
        assert_eq!(left, [0, 2, 3, 5, 6]);
    }

    proptest! {
        #[test]
        fn batches_one_after_the_other_are_what_came(sizes in prop::collection::vec(0..BATCH_BYTES_MAX * 2, 0..300)) {
            let mut waiting = waiting(&sizes);
            let mut got = Vec::new();
            while !waiting.is_empty() {
                let batch = waiting.next_batch();
                let bytes: usize = batch.iter().map(|(_, place)| sizes[*place]).sum();
                prop_assert!((1..=BATCH_MESSAGES_MAX).contains(&batch.len()));
                prop_assert!(batch.len() == 1 || bytes <= BATCH_BYTES_MAX);
                got.extend(batch.into_iter().map(|(_, place)| place));
            }
            prop_assert_eq!(got, (0..sizes.len()).collect::<Vec<_>>());
        }
    }
}
