//! Whether packets come at the pace of their timestamps.

use std::time::Duration;

use careline_rtp::timestamp_distance;

/// A packet that is off by no more than this came in its time. Packets hold 10 ms at least, so two that come together
/// are further off.
const SLACK: Duration = Duration::from_millis(5);

/// Time without a packet after which a socket that was not read to its end is looked at.
const PAUSE: Duration = Duration::from_millis(40);

/// The packet before.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Pace {
    arrived: Duration,
    timestamp: u32,
    /// Whether the socket was found empty since.
    is_empty: bool,
    /// Microseconds from the one before to it, as their timestamps say.
    step_us: i64,
    /// Packets one after the other that came in their time and as far apart as the ones before.
    run: u8,
}

impl Pace {
    /// Came this packet as long after the one before as its timestamp says? Then no other can have gathered behind it:
    /// each that comes later tells of itself. `clock` in timestamp units a second, 0 when they say nothing.
    pub(super) fn is_in_time(&mut self, timestamp: u32, clock: u32, now: Duration) -> bool {
        let before = *self;
        (self.arrived, self.timestamp, self.is_empty) = (now, timestamp, false);
        if clock == 0 {
            self.run = 0;
            return false;
        }
        let said = i64::from(timestamp_distance(before.timestamp, timestamp)) * 1_000_000 / i64::from(clock);
        let took = now.saturating_sub(before.arrived).as_micros() as i64;
        let is_in_time = (took - said).unsigned_abs() <= SLACK.as_micros() as u64;
        let keeps_pace = is_in_time && said == before.step_us;
        (self.step_us, self.run) = (said, if keeps_pace { before.run.saturating_add(1) } else { 0 });
        is_in_time
    }

    /// Packets one after the other that kept their pace.
    pub(super) fn run(&self) -> u8 {
        self.run
    }

    /// Time between two of them.
    pub(super) fn step(&self) -> Duration {
        Duration::from_micros(self.step_us.try_into().unwrap_or(0))
    }

    /// The pace is judged anew.
    pub(super) fn begin_again(&mut self) {
        self.run = 0;
    }

    /// The socket was read to its end.
    pub(super) fn emptied(&mut self) {
        self.is_empty = true;
    }

    /// No packet follows the last one: what came together with it, if anything did, has nobody who would tell of it.
    pub(super) fn has_paused(&self, now: Duration) -> bool {
        !self.is_empty && now.saturating_sub(self.arrived) >= PAUSE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(time: u64) -> Duration {
        Duration::from_millis(time)
    }

    #[test]
    fn a_stream_at_its_pace_is_in_time_over_the_wrap_of_its_timestamps() {
        let mut pace = Pace::default();
        pace.is_in_time(u32::MAX - 400, 8000, ms(1000));
        for packet in 1..20_u32 {
            let now = ms(1000 + 20 * u64::from(packet) + u64::from(packet % 3));
            assert!(pace.is_in_time((u32::MAX - 400).wrapping_add(160 * packet), 8000, now), "{packet}");
        }
    }

    #[test]
    fn what_gathered_behind_a_packet_is_seen_with_the_next_one() {
        let mut pace = Pace::default();
        pace.is_in_time(0, 8000, ms(1000));
        // The second came with the first and is read only now, when the third has come.
        assert!(!pace.is_in_time(160, 8000, ms(1040)));
        assert!(!pace.is_in_time(320, 8000, ms(1040)), "early by what the other was late");
        assert!(pace.is_in_time(480, 8000, ms(1060)));
    }

    #[test]
    fn the_last_packet_before_a_pause_is_looked_behind_once() {
        let mut pace = Pace::default();
        pace.is_in_time(0, 8000, ms(1000));
        assert!(!pace.has_paused(ms(1039)) && pace.has_paused(ms(1040)));
        pace.emptied();
        assert!(!pace.has_paused(ms(5000)));
        pace.is_in_time(160, 8000, ms(5000));
        assert!(pace.has_paused(ms(6000)));
    }

    #[test]
    fn who_sends_too_fast_is_never_in_time_and_neither_is_who_has_no_clock() {
        let mut pace = Pace::default();
        for packet in 1..50_u32 {
            assert!(!pace.is_in_time(160 * packet, 8000, ms(1000 + 2 * u64::from(packet))));
        }
        let mut pace = Pace { arrived: ms(980), ..Pace::default() };
        assert!(!pace.is_in_time(160, 0, ms(1000)));
    }

    #[test]
    fn a_pace_is_kept_until_a_packet_is_missing_or_late() {
        let mut pace = Pace::default();
        for packet in 0..12_u32 {
            pace.is_in_time(160 * packet, 8000, ms(1000 + 20 * u64::from(packet)));
        }
        assert_eq!((pace.run(), pace.step()), (10, ms(20)));
        assert!(pace.is_in_time(160 * 13, 8000, ms(1260)), "one was lost, this one has come in its time");
        assert_eq!(pace.run(), 0);
        for packet in 14..18_u32 {
            pace.is_in_time(160 * packet, 8000, ms(1000 + 20 * u64::from(packet)));
        }
        assert_eq!(pace.run(), 3);
        assert!(!pace.is_in_time(160 * 18, 8000, ms(1370)));
        assert_eq!(pace.run(), 0);
    }
}
