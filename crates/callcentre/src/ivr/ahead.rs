//! The type-ahead buffer (CF B4): keys wait here, in order, until a question takes them. One for each call, so that no
//! key is lost between two nodes.

use std::collections::VecDeque;
use std::time::Instant;

/// Keys that wait at most; who types more than that ahead has lost count, and further ones are dropped.
const AHEAD_KEYS_MAX: usize = 32;

/// One key of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) digit: char,
    /// Nobody may see it.
    pub(super) secret: bool,
}

#[derive(Debug, Default)]
pub(crate) struct Ahead {
    keys: VecDeque<Key>,
    /// An answer was complete by its length: the end key that some press all the same answers nothing until then.
    stray: Option<(char, Instant)>,
}

impl Ahead {
    /// Keeps a key. Gives false when it is dropped: no room, or the end key of an answer that was complete without it.
    pub(super) fn press(&mut self, key: Key, now: Instant) -> bool {
        let stray = self.stray.take();
        if stray.is_some_and(|(end_key, until)| key.digit == end_key && now < until) {
            return false;
        }
        if self.keys.len() >= AHEAD_KEYS_MAX {
            return false;
        }
        self.keys.push_back(key);
        true
    }

    pub(super) fn take(&mut self) -> Option<Key> {
        self.keys.pop_front()
    }

    /// Takes back the newest.
    pub(super) fn take_newest(&mut self) {
        self.keys.pop_back();
    }

    pub(super) fn first(&self) -> Option<Key> {
        self.keys.front().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub(super) fn flush(&mut self) {
        self.keys.clear();
    }

    /// The answer that ended without this key is complete; should the key follow it, it belongs to that answer.
    pub(super) fn expect_stray(&mut self, end_key: char, until: Instant) {
        match self.first() {
            Some(key) if key.digit == end_key => {
                self.keys.pop_front();
            }
            Some(_) => {}
            None => self.stray = Some((end_key, until)),
        }
    }
}
