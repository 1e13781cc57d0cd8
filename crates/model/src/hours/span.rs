//! The words of a calendar: spans of hours, dates, weekdays.

use jiff::civil::{Date, Weekday};
use thiserror::Error;

/// Minutes of one day.
pub(super) const DAY_MIN: u32 = 24 * 60;

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

    /// `minute` counts from the midnight that the span begins after.
    pub(super) fn contains(self, minute: u32) -> bool {
        (self.from_min..self.to_min).contains(&minute)
    }

    /// Minutes after that midnight at which it begins and ends.
    pub(super) fn edges(self) -> [u32; 2] {
        [self.from_min, self.to_min]
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

/// The weekdays as they are written, Monday first.
const WEEKDAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// Reads a weekday: mon, tue, wed, thu, fri, sat, sun.
///
/// # Errors
/// [`BadHours::Weekday`] when it is none of these.
pub fn parse_weekday(text: &str) -> Result<Weekday, BadHours> {
    let found = WEEKDAYS.iter().find(|(word, _)| *word == text);
    found.map(|(_, weekday)| *weekday).ok_or_else(|| BadHours::Weekday(text.to_owned()))
}

/// The word of a weekday, as [`parse_weekday`] reads it.
#[must_use]
pub fn weekday_word(weekday: Weekday) -> &'static str {
    WEEKDAYS[weekday_index(weekday)].0
}

/// 0 for Monday to 6 for Sunday.
pub(super) fn weekday_index(weekday: Weekday) -> usize {
    usize::from(weekday.to_monday_zero_offset().unsigned_abs())
}
