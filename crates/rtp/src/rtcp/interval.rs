//! When the next report is due (RFC 3550 sections 6.2 and 6.3, for two parties).

use core::time::Duration;

/// The mean interval, which two parties' bandwidth share never exceeds.
pub const INTERVAL: Duration = Duration::from_secs(5);

/// Draws intervals of 2.5 to 7.5 s, so that legs that began together do not report together.
#[derive(Clone, Debug)]
pub struct Interval {
    state: u64,
    next: Duration,
}

impl Interval {
    /// The first report is due after half an interval.
    #[must_use]
    pub fn new(seed: u64, now: Duration) -> Self {
        let mut interval = Self { state: seed, next: now };
        interval.next = now.saturating_add(interval.draw() / 2);
        interval
    }

    /// When the next report is due.
    #[must_use]
    pub fn next(&self) -> Duration {
        self.next
    }

    /// One was sent: draws the next. A report that came late is not made up for.
    pub fn advance(&mut self, now: Duration) {
        self.next = now.saturating_add(self.draw());
    }

    fn draw(&mut self) -> Duration {
        // SplitMix64: spreads any seed, and predicting it gains nobody anything.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        let thousandths = (mixed ^ mixed >> 31) % 1001;
        INTERVAL / 2 + INTERVAL * thousandths as u32 / 1000
    }
}
