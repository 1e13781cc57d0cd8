//! The working calendar: weekly hours, holidays and make-up workdays (CF 1M), each profile in a zone of its own.
//!
//! Every day and hour of the switch is computed here, so that the host's own zone never matters.
//! What it is not: it knows no clock and keeps no override; who asks gives the moment and the override in force.

mod outlook;
mod span;
mod special;
#[cfg(test)]
mod tests;

pub use outlook::{Change, HoursOverride, Opening, Outlook, Reason};
pub use span::{BadHours, Span, parse_date, parse_weekday, weekday_word};
pub use special::{BadSpecialDays, SPECIAL_DAYS_MAX, SpecialDays, SpecialHours};

pub(crate) use span::minute_of_day;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use span::{DAY_MIN, weekday_index};
use special::SpecialTable;

/// One profile of opening hours: those of a week, with exceptions by date, in the profile's zone.
///
/// A date has its own special days first, then those of the calendar that several profiles share, then the hours of
/// its weekday. Of several special days the shorter range wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeeklyHours {
    tz: TimeZone,
    /// Monday first.
    weekly: [Vec<Span>; 7],
    own: SpecialTable,
    shared: SpecialTable,
}

impl WeeklyHours {
    /// Closed at all times, in this zone.
    #[must_use]
    pub fn new(tz: TimeZone) -> Self {
        Self { tz, weekly: Default::default(), own: SpecialTable::default(), shared: SpecialTable::default() }
    }

    /// Opens a weekday for one more span.
    pub fn open(&mut self, weekday: Weekday, span: Span) {
        self.weekly[weekday_index(weekday)].push(span);
    }

    /// Gives some dates other hours than those of their weekday.
    ///
    /// # Errors
    /// [`BadSpecialDays`] when the range is none, or one as long has one of the dates already.
    pub fn add_special(&mut self, days: SpecialDays) -> Result<(), BadSpecialDays> {
        self.own.add(days)
    }

    /// The same for days of a calendar that several profiles share: any special day of the profile's own wins.
    ///
    /// # Errors
    /// As [`WeeklyHours::add_special`].
    pub fn add_shared(&mut self, days: SpecialDays) -> Result<(), BadSpecialDays> {
        self.shared.add(days)
    }

    /// True when the calendar says open at `wall_us` (UTC microseconds).
    #[must_use]
    pub fn is_open(&self, wall_us: i64) -> bool {
        self.open_by(local(wall_us, &self.tz)).is_some()
    }

    /// The date whose hours say that it is open: this one, or the one before with a span past midnight.
    fn open_by(&self, local: DateTime) -> Option<Date> {
        let minute = u32::from(local.hour().unsigned_abs()) * 60 + u32::from(local.minute().unsigned_abs());
        let today = local.date();
        if self.spans(today).iter().any(|span| span.contains(minute)) {
            return Some(today);
        }
        let before = today.yesterday().ok()?;
        self.spans(before).iter().any(|span| span.contains(minute + DAY_MIN)).then_some(before)
    }

    /// Whether it opens at some time of the date of a moment (UTC microseconds).
    #[must_use]
    pub fn opens_on_day_of(&self, wall_us: i64) -> bool {
        !self.spans(local(wall_us, &self.tz).date()).is_empty()
    }

    fn special(&self, date: Date) -> Option<&SpecialDays> {
        self.own.of(date).or_else(|| self.shared.of(date))
    }

    fn spans(&self, date: Date) -> &[Span] {
        let weekday = match self.special(date).map(|days| &days.hours) {
            Some(SpecialHours::Closed) => return &[],
            Some(SpecialHours::Own(spans)) => return spans,
            Some(SpecialHours::Like(weekday)) => *weekday,
            None => date.weekday(),
        };
        &self.weekly[weekday_index(weekday)]
    }
}

fn local(wall_us: i64, tz: &TimeZone) -> DateTime {
    let timestamp = Timestamp::from_microsecond(wall_us).unwrap_or(Timestamp::UNIX_EPOCH);
    tz.to_datetime(timestamp)
}

/// The first moment after `wall_us` at which a clock in the zone `tz` shows this minute of the day (0 to 1439), UTC
/// microseconds. A minute that a day leaves out, when clocks are set, is the one after the gap.
#[must_use]
pub fn next_minute(wall_us: i64, minute: u16, tz: &TimeZone) -> i64 {
    let today = local(wall_us, tz).date();
    let (hour, minute) = (i8::try_from(minute / 60).unwrap_or(0), i8::try_from(minute % 60).unwrap_or(0));
    let at = |date: Date| {
        let zoned = date.at(hour.min(23), minute, 0, 0).to_zoned(tz.clone());
        zoned.map_or(i64::MAX, |zoned| zoned.timestamp().as_microsecond())
    };
    match at(today) {
        moment if moment > wall_us => moment,
        _ => today.tomorrow().map_or(i64::MAX, at),
    }
}

/// Year, month (1-12) and day (1-31) of a moment in the zone `tz`; recordings are filed by it.
#[must_use]
pub fn local_date(wall_us: i64, tz: &TimeZone) -> (i16, i8, i8) {
    let date = local(wall_us, tz).date();
    (date.year(), date.month(), date.day())
}

/// Minute of the day (0 to 1439) of a moment in the zone `tz`.
#[must_use]
pub fn local_minute(wall_us: i64, tz: &TimeZone) -> u16 {
    let local = local(wall_us, tz);
    u16::from(local.hour().unsigned_abs()) * 60 + u16::from(local.minute().unsigned_abs())
}

/// A moment as people read it in the zone `tz`: `YYYY-MM-DD HH:MM:SS`.
#[must_use]
pub fn local_text(wall_us: i64, tz: &TimeZone) -> String {
    local(wall_us, tz).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
