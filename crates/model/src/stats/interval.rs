//! Cells by time: quarters of an hour and days in the hospital's zone, the newest few days of them.

use super::cell::Cell;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Length of an interval, microseconds: a quarter of an hour.
pub const INTERVAL_US: i64 = 15 * MINUTE_US;
/// Days that are kept: today and the day before, of which some are still waiting at midnight. A further one takes the
/// place of the oldest.
pub const DAYS_KEPT: usize = 2;
/// Intervals of one day that are kept. A day of 25 hours has 100; more come only when the zone changes within a day, and
/// what comes then is not counted.
pub const INTERVALS_A_DAY_MAX: usize = 128;

const MINUTE_US: i64 = 60_000_000;

/// One interval: its day and its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    /// The day in the hospital's zone.
    pub day: Date,
    /// UTC microseconds of its beginning. The hour that a clock shows twice in autumn has intervals of its own each time.
    pub start_us: i64,
}

impl Slot {
    /// The interval that a moment (UTC microseconds) falls into. Nothing when the moment is no date (years -9999 to 9999).
    #[must_use]
    pub fn of(at_us: i64, zone: &TimeZone) -> Option<Self> {
        let local = local(at_us, zone)?;
        Some(Self { day: local.date(), start_us: at_us.checked_sub(since_last(local, 15))? })
    }

    /// UTC microseconds of its end, which is not part of it.
    #[must_use]
    pub fn end_us(self) -> i64 {
        self.start_us.saturating_add(INTERVAL_US)
    }
}

fn local(at_us: i64, zone: &TimeZone) -> Option<civil::DateTime> {
    let moment = Timestamp::from_microsecond(at_us).ok()?;
    Some(zone.to_offset(moment).to_datetime(moment))
}

/// Microseconds since the clock showed a minute that is a multiple of `minutes`.
fn since_last(local: civil::DateTime, minutes: i64) -> i64 {
    let minute = i64::from(local.minute()) % minutes;
    minute * MINUTE_US + i64::from(local.second()) * 1_000_000 + i64::from(local.subsec_nanosecond()) / 1000
}

/// One day: all of it, and its intervals by their beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    total: Cell,
    intervals: BTreeMap<i64, Cell>,
}

impl Day {
    /// The whole day. It equals the sum of the intervals.
    #[must_use]
    pub fn total(&self) -> &Cell {
        &self.total
    }

    /// Intervals of 15 minutes in which something was counted: UTC microseconds of the beginning, and the cell.
    pub fn intervals(&self) -> impl Iterator<Item = (i64, &Cell)> {
        self.intervals.iter().map(|(start_us, cell)| (*start_us, cell))
    }

    /// The interval that begins at this moment, if something was counted in it.
    #[must_use]
    pub fn interval(&self, start_us: i64) -> Option<&Cell> {
        self.intervals.get(&start_us)
    }

    /// Intervals of 30 minutes in which something was counted, by UTC microseconds of their beginning: sums of two.
    #[must_use]
    pub fn half_hours(&self, zone: &TimeZone) -> BTreeMap<i64, Cell> {
        let mut sums: BTreeMap<i64, Cell> = BTreeMap::new();
        for (start_us, cell) in &self.intervals {
            let into = local(*start_us, zone).map_or(0, |local| since_last(local, 30));
            sums.entry(start_us.saturating_sub(into)).or_default().add(cell);
        }
        sums
    }
}

/// Why something was not counted in a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotCounted {
    /// The day is not kept any longer.
    TooOld,
    /// The day has too many intervals.
    NoRoom,
}

/// The newest days of one thing that is counted, at most [`DAYS_KEPT`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Series(BTreeMap<Date, Day>);

impl Series {
    /// The days that are kept, the oldest first.
    pub fn days(&self) -> impl Iterator<Item = (Date, &Day)> {
        self.0.iter().map(|(date, day)| (*date, day))
    }

    /// One day, if something was counted in it and it is still kept.
    #[must_use]
    pub fn day(&self, date: Date) -> Option<&Day> {
        self.0.get(&date)
    }

    /// Counts in an interval and in its day.
    pub(super) fn count(&mut self, slot: Slot, change: impl Fn(&mut Cell)) -> Result<(), NotCounted> {
        if !self.0.contains_key(&slot.day) && self.0.len() >= DAYS_KEPT {
            match self.0.first_key_value() {
                Some((oldest, _)) if *oldest > slot.day => return Err(NotCounted::TooOld),
                _ => _ = self.0.pop_first(),
            }
        }
        let day = self.0.entry(slot.day).or_default();
        if day.intervals.len() >= INTERVALS_A_DAY_MAX && !day.intervals.contains_key(&slot.start_us) {
            return Err(NotCounted::NoRoom);
        }
        change(&mut day.total);
        change(day.intervals.entry(slot.start_us).or_default());
        Ok(())
    }
}

/// The same facts in two orders of time (CF 3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Views {
    /// Everything that follows from an entry (of a queue) or an arrival (of a call) is counted in the interval in which
    /// that began: rows add up. The default.
    pub by_entry: Series,
    /// Everything is counted in the interval in which it happened: past rows never change, but a row's outcomes may
    /// belong to entries of rows before.
    pub by_event: Series,
}

impl Views {
    pub(super) fn count(
        &mut self,
        entry: Slot,
        event: Slot,
        change: impl Fn(&mut Cell),
    ) -> Result<(), NotCounted> {
        let by_event = self.by_event.count(event, &change);
        self.by_entry.count(entry, &change).and(by_event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(text: &str, zone: &str) -> Slot {
        let moment: Timestamp = text.parse().unwrap();
        Slot::of(moment.as_microsecond(), &TimeZone::get(zone).unwrap()).unwrap()
    }

    fn begins(slot: Slot) -> String {
        Timestamp::from_microsecond(slot.start_us).unwrap().to_string()
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_hospital() {
        let evening = slot("2026-09-28T15:59:59.999999Z", "Asia/Shanghai");
        assert_eq!(
            (evening.day.to_string(), begins(evening)),
            ("2026-09-28".into(), "2026-09-28T15:45:00Z".into())
        );
        let night = slot("2026-09-28T16:00:00Z", "Asia/Shanghai");
        assert_eq!(
            (night.day.to_string(), begins(night)),
            ("2026-09-29".into(), "2026-09-28T16:00:00Z".into())
        );
        assert_eq!(night.end_us() - night.start_us, INTERVAL_US);
    }

    #[test]
    fn quarters_are_those_of_the_clock_on_the_wall() {
        // Nepal is 5:45 ahead.
        assert_eq!(begins(slot("2026-09-28T00:14:00Z", "Asia/Kathmandu")), "2026-09-28T00:00:00Z");
        // An hour that comes twice: each time has its own intervals.
        let (first, second) = ("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z");
        let (first, second) = (slot(first, "America/New_York"), slot(second, "America/New_York"));
        assert_eq!(first.day, second.day);
        assert_ne!(first, second);
    }

    #[test]
    fn a_moment_that_is_no_date_has_no_interval() {
        assert_eq!(Slot::of(i64::MAX, &TimeZone::UTC), None);
        assert_eq!(Slot::of(i64::MIN, &TimeZone::UTC), None);
        assert!(Slot::of(0, &TimeZone::UTC).is_some());
    }

    #[test]
    fn the_oldest_day_goes_first_and_does_not_come_back() {
        let mut series = Series::default();
        let on = |day: i8| Slot { day: civil::date(2026, 9, day), start_us: i64::from(day) };
        for day in [27, 28, 29] {
            assert_eq!(series.count(on(day), |cell| cell.handled += 1), Ok(()));
        }
        assert_eq!(series.count(on(27), |cell| cell.handled += 1), Err(NotCounted::TooOld));
        let kept: Vec<i8> = series.days().map(|(date, _)| date.day()).collect();
        assert_eq!(kept, [28, 29]);
    }

    #[test]
    fn a_day_has_room_for_its_intervals_and_no_more() {
        let mut series = Series::default();
        let at = |start_us| Slot { day: civil::date(2026, 9, 28), start_us };
        for start_us in 0..1000 {
            let counted = series.count(at(start_us), |cell| cell.handled += 1);
            assert_eq!(counted.is_ok(), start_us < 128, "{start_us}");
        }
        let day = series.day(civil::date(2026, 9, 28)).unwrap();
        assert_eq!(day.total().handled, 128, "the day is the sum of its intervals also then");
    }
}
