//! Sequence numbers: 16 bits on the wire, 64 bits here; what was lost, doubled, late.
//!
//! RFC 3550 appendix A.1: a jump by more than [`DROPOUT_MAX`] forward or [`MISORDER_MAX`] back is taken for a
//! restart of the sender only when the next packet follows it; until then it is an outlier.

/// Largest gap that counts as loss.
pub const DROPOUT_MAX: u16 = 3000;
/// Largest step back that counts as disorder.
pub const MISORDER_MAX: u16 = 100;
/// How far back a doubled packet is recognised.
pub const WINDOW: u64 = 64;

/// What one packet is in its stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arrival {
    /// Next or later than all before.
    New {
        /// Extended number: grows for ever, starts above 65,535.
        extended: u64,
        /// Packets left out before it, so far.
        missing: u16,
    },
    /// Comes late, but was not seen before.
    Late {
        /// Its extended number.
        extended: u64,
    },
    /// Seen before, or so old that nobody knows.
    Duplicate,
    /// Far off, perhaps a restart. Do not use it.
    Outlier,
    /// The sender has started again; counting starts with this packet.
    Restarted {
        /// Its extended number, above all before.
        extended: u64,
    },
}

/// Follows one stream.
#[derive(Clone, Debug, Default)]
pub struct Sequence {
    /// Highest extended number; `None` before the first packet.
    highest: Option<u64>,
    /// Bit n: `highest - n` has come.
    seen: u64,
    /// A packet with this number after an outlier means a restart.
    restart_at: Option<u16>,
    received: u64,
    missing: u64,
    duplicates: u64,
    late: u64,
}

impl Sequence {
    /// Judges the next packet.
    pub fn observe(&mut self, number: u16) -> Arrival {
        let Some(highest) = self.highest else { return self.begin(1 << 16 | u64::from(number)) };
        let ahead = number.wrapping_sub(highest as u16);
        let behind = (highest as u16).wrapping_sub(number);
        if ahead != 0 && ahead < DROPOUT_MAX {
            return self.advance(highest, ahead);
        }
        if behind <= MISORDER_MAX {
            return self.look_back(highest, behind);
        }
        if self.restart_at == Some(number) {
            // Above the old numbers, with the low bits of the new ones.
            let extended = (highest >> 16).wrapping_add(2) << 16 | u64::from(number);
            self.begin(extended);
            return Arrival::Restarted { extended };
        }
        self.restart_at = Some(number.wrapping_add(1));
        Arrival::Outlier
    }

    fn begin(&mut self, extended: u64) -> Arrival {
        self.highest = Some(extended);
        // What came before the first packet is not waited for.
        self.seen = u64::MAX;
        self.restart_at = None;
        self.received += 1;
        Arrival::New { extended, missing: 0 }
    }

    fn advance(&mut self, highest: u64, ahead: u16) -> Arrival {
        let extended = highest + u64::from(ahead);
        self.highest = Some(extended);
        self.seen = self.seen.checked_shl(u32::from(ahead)).unwrap_or(0) | 1;
        self.restart_at = None;
        self.received += 1;
        self.missing += u64::from(ahead - 1);
        Arrival::New { extended, missing: ahead - 1 }
    }

    fn look_back(&mut self, highest: u64, behind: u16) -> Arrival {
        let bit = 1u64.checked_shl(u32::from(behind)).unwrap_or(0);
        if bit == 0 || self.seen & bit != 0 || u64::from(behind) > highest {
            self.duplicates += 1;
            return Arrival::Duplicate;
        }
        self.seen |= bit;
        self.received += 1;
        self.late += 1;
        self.missing = self.missing.saturating_sub(1);
        Arrival::Late { extended: highest - u64::from(behind) }
    }

    /// Forgets the position, keeps the counters: for a new source of the same stream.
    pub fn restart(&mut self) {
        self.highest = None;
        self.seen = 0;
        self.restart_at = None;
    }

    /// Packets taken, doubled ones not counted.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Numbers that never came.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Packets that came twice (or more than [`WINDOW`] late).
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Packets that came after a later one.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late
    }
}
