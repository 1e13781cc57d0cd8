//! Special days: dates that do not have the hours of their weekday (节假日、调休).

use super::Span;
use jiff::civil::{Date, Weekday};
use std::sync::Arc;
use thiserror::Error;

/// Longest range of special days: a year and a day of grace.
pub const SPECIAL_DAYS_MAX: usize = 366;

/// A range of dates with other hours than those of their weekdays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecialDays {
    /// What screens call it, as 国庆节; nothing when nobody gave it a name.
    pub name: Option<Arc<str>>,
    /// The first date.
    pub first: Date,
    /// The last date, which is part of it; not before the first.
    pub last: Date,
    /// The hours of each of its dates.
    pub hours: SpecialHours,
}

/// The hours of a special day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpecialHours {
    /// A holiday: closed all day.
    Closed,
    /// Periods of its own, as of an emergency clinic on a holiday.
    Own(Vec<Span>),
    /// A make-up workday: the hours of this weekday.
    Like(Weekday),
}

/// Special days that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadSpecialDays {
    /// The last date is before the first one, or more than [`SPECIAL_DAYS_MAX`] dates away.
    #[error("{first} to {last} is no range of 1 to {SPECIAL_DAYS_MAX} days")]
    Range {
        /// The first date.
        first: Date,
        /// The last date.
        last: Date,
    },
    /// Another range that is as long has one of these dates too, so that none of both is the more particular.
    #[error("{date} has special hours already")]
    Twice {
        /// The first date that both have.
        date: Date,
    },
}

impl SpecialDays {
    /// How many dates.
    fn days(&self) -> Option<usize> {
        let days = self.first.until(self.last).ok()?.get_days();
        usize::try_from(days).ok()?.checked_add(1)
    }

    fn has(&self, date: Date) -> bool {
        (self.first..=self.last).contains(&date)
    }

    /// The smaller wins: the shorter range is the more particular, and of two that are as long a day with hours wins
    /// over a holiday, so that a make-up day stands whatever list of holidays was copied in.
    fn rank(&self) -> (usize, bool) {
        (self.days().unwrap_or(usize::MAX), self.hours == SpecialHours::Closed)
    }
}

/// Special days in the order in which they win.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SpecialTable(Vec<SpecialDays>);

impl SpecialTable {
    pub(super) fn add(&mut self, days: SpecialDays) -> Result<(), BadSpecialDays> {
        let count = days.days().unwrap_or(0);
        if days.last < days.first || !(1..=SPECIAL_DAYS_MAX).contains(&count) {
            return Err(BadSpecialDays::Range { first: days.first, last: days.last });
        }
        let rank = days.rank();
        let rival = |one: &&SpecialDays| {
            one.rank() == rank && one.first <= days.last && days.first <= one.last && **one != days
        };
        if let Some(other) = self.0.iter().find(rival) {
            return Err(BadSpecialDays::Twice { date: days.first.max(other.first) });
        }
        let at = self.0.partition_point(|one| one.rank() <= rank);
        self.0.insert(at, days);
        Ok(())
    }

    pub(super) fn of(&self, date: Date) -> Option<&SpecialDays> {
        self.0.iter().find(|days| days.has(date))
    }
}
