//! The working calendar: weekly hours, holidays and make-up workdays, in the hospital's zone.
//!
//! Every day and hour of the switch is computed here, so that the host's own zone never matters.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Minutes of one day.
const DAY_MIN: u32 = 24 * 60;

/// One stretch of opening within a day, in minutes after midnight; the end is not part of it. An end before the
/// start means that it lasts past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    from_min: u32,
    /// Up to two days after the start's midnight.
    to_min: u32,
}

/// A text that is no span of hours, date or weekday.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadHours {
    /// Not `HH:MM-HH:MM`.
    #[error("`{0}` is not a span of hours")]
    Span(String),
    /// Not `YYYY-MM-DD`.
    #[error("`{0}` is not a date")]
    Date(String),
    /// Not one of mon, tue, wed, thu, fri, sat, sun.
    #[error("`{0}` is not a weekday")]
    Weekday(String),
}

impl Span {
    /// Reads `HH:MM-HH:MM`; `24:00` is the end of the day.
    ///
    /// # Errors
    /// [`BadHours::Span`] when it is written otherwise or is empty.
    pub fn parse(text: &str) -> Result<Self, BadHours> {
        let bad = || BadHours::Span(text.to_owned());
        let (from, to) = text.split_once('-').ok_or_else(bad)?;
        let from_min = minute_of_day(from).ok_or_else(bad)?;
        let to_min = minute_of_day(to).ok_or_else(bad)?;
        match from_min.cmp(&to_min) {
            std::cmp::Ordering::Less => Ok(Self { from_min, to_min }),
            std::cmp::Ordering::Equal => Err(bad()),
            std::cmp::Ordering::Greater => Ok(Self { from_min, to_min: to_min + DAY_MIN }),
        }
    }

    /// The first minute of the day, and the minute behind the last, both 0 to 1439: the second one is the smaller when
    /// it lasts past midnight, and the same for a whole day.
    #[must_use]
    pub fn minutes_of_day(self) -> (u16, u16) {
        let minute = |minute: u32| u16::try_from(minute % DAY_MIN).unwrap_or(0);
        (minute(self.from_min), minute(self.to_min))
    }

    fn contains(self, minute: u32) -> bool {
        (self.from_min..self.to_min).contains(&minute)
    }
}

/// Reads `HH:MM`, 00:00 to 24:00, as minutes after midnight.
pub(crate) fn minute_of_day(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    if hour.len() != 2 || minute.len() != 2 {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY_MIN).then_some(total)
}

/// Reads a date `YYYY-MM-DD`.
///
/// # Errors
/// [`BadHours::Date`] when it is no date.
pub fn parse_date(text: &str) -> Result<Date, BadHours> {
    text.parse().map_err(|_| BadHours::Date(text.to_owned()))
}

/// Reads a weekday: mon, tue, wed, thu, fri, sat, sun.
///
/// # Errors
/// [`BadHours::Weekday`] when it is none of these.
pub fn parse_weekday(text: &str) -> Result<Weekday, BadHours> {
    Ok(match text {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return Err(BadHours::Weekday(text.to_owned())),
    })
}

/// Opening hours of a week with its exceptions by date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WeeklyHours {
    /// Monday first.
    weekly: [Vec<Span>; 7],
    holidays: BTreeSet<Date>,
    /// Make-up workdays and the weekday whose hours they have.
    workdays: BTreeMap<Date, Weekday>,
}

impl WeeklyHours {
    /// Closed at all times.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a weekday for one more span.
    pub fn open(&mut self, weekday: Weekday, span: Span) {
        self.weekly[usize::from(weekday.to_monday_zero_offset().unsigned_abs())].push(span);
    }

    /// Closes a date.
    pub fn add_holiday(&mut self, date: Date) {
        self.holidays.insert(date);
    }

    /// Opens a date with the hours of `like`; this wins over a holiday of the same date.
    pub fn add_workday(&mut self, date: Date, like: Weekday) {
        self.workdays.insert(date, like);
    }

    /// True when it is open at `wall_us` (UTC microseconds) in the zone `tz`.
    #[must_use]
    pub fn is_open(&self, wall_us: i64, tz: &TimeZone) -> bool {
        let local = local(wall_us, tz);
        let minute = u32::from(local.hour().unsigned_abs()) * 60 + u32::from(local.minute().unsigned_abs());
        let today = local.date();
        if self.spans(today).iter().any(|span| span.contains(minute)) {
            return true;
        }
        // A span of the day before may last past midnight.
        today.yesterday().is_ok_and(|day| self.spans(day).iter().any(|span| span.contains(minute + DAY_MIN)))
    }

    fn spans(&self, date: Date) -> &[Span] {
        let weekday = match self.workdays.get(&date) {
            Some(like) => *like,
            None if self.holidays.contains(&date) => return &[],
            None => date.weekday(),
        };
        &self.weekly[usize::from(weekday.to_monday_zero_offset().unsigned_abs())]
    }
}

fn local(wall_us: i64, tz: &TimeZone) -> jiff::civil::DateTime {
    let timestamp = Timestamp::from_microsecond(wall_us).unwrap_or(Timestamp::UNIX_EPOCH);
    tz.to_datetime(timestamp)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn shanghai() -> TimeZone {
        TimeZone::get("Asia/Shanghai").unwrap()
    }

    fn at(text: &str, tz: &TimeZone) -> i64 {
        let local: jiff::civil::DateTime = text.parse().unwrap();
        tz.to_timestamp(local).unwrap().as_microsecond()
    }

    fn office() -> WeeklyHours {
        let mut hours = WeeklyHours::new();
        for day in ["mon", "tue", "wed", "thu", "fri"] {
            for span in ["08:00-12:00", "13:30-17:30"] {
                hours.open(parse_weekday(day).unwrap(), Span::parse(span).unwrap());
            }
        }
        hours.add_holiday(parse_date("2026-10-01").unwrap());
        hours.add_workday(parse_date("2026-10-10").unwrap(), Weekday::Friday);
        hours
    }

    #[test]
    fn hours_open_and_close_to_the_minute() {
        let (hours, tz) = (office(), shanghai());
        let open = |text: &str| hours.is_open(at(text, &tz), &tz);
        assert!(!open("2026-09-28T07:59:59"));
        assert!(open("2026-09-28T08:00:00"));
        assert!(open("2026-09-28T11:59:59"));
        assert!(!open("2026-09-28T12:00:00"));
        assert!(open("2026-09-28T13:30:00"));
        assert!(!open("2026-09-27T10:00:00"), "a Sunday");
    }

    #[test]
    fn a_holiday_is_closed_and_a_make_up_day_has_its_weekdays_hours() {
        let (hours, tz) = (office(), shanghai());
        assert!(!hours.is_open(at("2026-10-01T10:00:00", &tz), &tz), "a Thursday, but a holiday");
        assert!(hours.is_open(at("2026-10-10T10:00:00", &tz), &tz), "a Saturday, made up for");
    }

    #[test]
    fn a_night_service_lasts_past_midnight() {
        let tz = shanghai();
        let mut hours = WeeklyHours::new();
        hours.open(Weekday::Friday, Span::parse("22:00-06:00").unwrap());
        hours.open(Weekday::Sunday, Span::parse("20:00-24:00").unwrap());
        let open = |text: &str| hours.is_open(at(text, &tz), &tz);
        assert!(open("2026-10-02T23:59:59"), "Friday night");
        assert!(open("2026-10-03T00:00:00"), "Saturday morning");
        assert!(!open("2026-10-03T06:00:00"));
        assert!(!open("2026-10-03T22:30:00"));
        assert!(open("2026-10-04T23:59:00"));
        assert!(!open("2026-10-05T00:00:00"), "24:00 is the end");
    }

    #[test]
    fn the_zone_decides_the_day() {
        let utc_evening = at("2026-09-30T20:00:00", &TimeZone::UTC);
        assert_eq!(local_date(utc_evening, &TimeZone::UTC), (2026, 9, 30));
        assert_eq!(local_date(utc_evening, &shanghai()), (2026, 10, 1));
        let monday_nine = at("2026-09-28T09:00:00", &shanghai());
        assert!(office().is_open(monday_nine, &shanghai()));
        assert!(!office().is_open(monday_nine, &TimeZone::get("America/New_York").unwrap()));
    }

    #[test]
    fn texts_that_mean_nothing_are_refused() {
        for text in ["8-12", "08:00", "08:00-08:00", "08:60-09:00", "24:01-25:00", "8:00-12:00"] {
            assert!(Span::parse(text).is_err(), "{text}");
        }
        assert!(parse_date("2026-02-30").is_err());
        assert!(parse_weekday("Monday").is_err());
    }
}
