//! Which nonce counts have been used (RFC 7616 3.4: "nc").

use std::collections::BTreeMap;

/// The most nonces remembered; beyond it the oldest go and count as stale from then on.
const NONCES_MAX: usize = 20_000;
/// How far a count may lag behind the highest seen: requests overtake each other on UDP.
const WINDOW: u32 = 64;

/// The highest count used and the ones below it, newest in the lowest bit.
#[derive(Clone, Copy, Debug)]
struct Seen {
    highest: u32,
    below: u64,
}

/// Used counts per nonce, user and client nonce, the oldest nonce first.
#[derive(Debug, Default)]
pub(super) struct Replays {
    seen: BTreeMap<(u64, String), Seen>,
    /// Nonces made at or before this second are no longer remembered.
    forgotten_s: Option<u64>,
}

impl Replays {
    /// Notes a count; whether it is used for the first time.
    pub(super) fn is_new(&mut self, made_s: u64, (nonce, user, cnonce): (&str, &str, &str), nc: u32) -> bool {
        if self.forgotten_s.is_some_and(|forgotten| made_s <= forgotten) {
            return false;
        }
        let name = (made_s, format!("{nonce}\n{user}\n{cnonce}"));
        if let Some(seen) = self.seen.get_mut(&name) {
            return seen.take(nc);
        }
        if self.seen.len() >= NONCES_MAX
            && let Some(((oldest_s, _), _)) = self.seen.pop_first()
        {
            self.forgotten_s = self.forgotten_s.max(Some(oldest_s));
            if made_s <= oldest_s {
                return false;
            }
        }
        self.seen.insert(name, Seen { highest: nc, below: 0 });
        true
    }
}

impl Seen {
    fn take(&mut self, nc: u32) -> bool {
        if nc > self.highest {
            let step = nc - self.highest;
            // The old highest becomes one of those below.
            self.below =
                if step > WINDOW { 0 } else { self.below.checked_shl(step).unwrap_or(0) | 1 << (step - 1) };
            self.highest = nc;
            return true;
        }
        let back = self.highest - nc;
        if back == 0 || back > WINDOW {
            return false;
        }
        let bit = 1u64 << (back - 1);
        let first = self.below & bit == 0;
        self.below |= bit;
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_count_is_taken_once_in_any_order() {
        let mut replays = Replays::default();
        let name = ("n", "u", "c");
        for nc in [1, 3, 2, 70, 69] {
            assert!(replays.is_new(10, name, nc), "first {nc}");
            assert!(!replays.is_new(10, name, nc), "second {nc}");
        }
        assert!(!replays.is_new(10, name, 3), "far behind the window");
        assert!(replays.is_new(10, ("n", "u", "other client"), 1));
    }

    #[test]
    fn a_full_memory_makes_the_oldest_stale_instead_of_forgetting_its_counts() {
        let mut replays = Replays::default();
        for second in 0..NONCES_MAX as u64 {
            assert!(replays.is_new(second, ("n", "u", "c"), 1));
        }
        assert!(replays.is_new(1 << 30, ("n", "u", "c"), 1));
        assert!(!replays.is_new(0, ("n", "u", "c"), 2), "forgotten, so no longer good");
        assert!(replays.is_new(1, ("n", "u", "c"), 2));
    }
}
