//! What happens at a moment: open or closed, why, and when that changes next.

use super::span::DAY_MIN;
use super::{SpecialDays, SpecialHours, WeeklyHours, local};
use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How far ahead a change is sought, in days: a profile that never closes but on one holiday is told of that one.
const HORIZON_DAYS: usize = 366;

/// Which way callers take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// That of working hours.
    Open,
    /// That of the rest of the time.
    Closed,
    /// That of an emergency message; only by override.
    Emergency,
}

/// Somebody's decision that goes before the calendar until it expires (CF M3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursOverride {
    /// Which way callers take meanwhile.
    pub opening: Opening,
    /// When the calendar decides again, UTC microseconds.
    pub until_us: i64,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// Why it is open or closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The hours of the weekday.
    Weekly,
    /// A holiday.
    Holiday {
        /// Its name, when it has one.
        name: Option<Arc<str>>,
    },
    /// A date with periods of its own.
    OwnPeriods {
        /// Its name, when it has one.
        name: Option<Arc<str>>,
    },
    /// A make-up workday (调休).
    MakeUpDay {
        /// Its name, when it has one.
        name: Option<Arc<str>>,
        /// The weekday whose hours it has.
        like: Weekday,
    },
    /// Somebody decided so.
    Override {
        /// Who.
        by: String,
        /// Why.
        reason: String,
    },
}

/// A change of opening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When, UTC microseconds.
    pub at_us: i64,
    /// To what.
    pub opening: Opening,
}

/// What happens at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// Which way callers take.
    pub opening: Opening,
    /// Why.
    pub reason: Reason,
    /// The next change; nothing when none is in sight for a year.
    pub next: Option<Change>,
}

impl WeeklyHours {
    /// What happens at `wall_us` (UTC microseconds), with the override that is in force, if any.
    ///
    /// When the opening stays the same behind an override's end, `next` is the first moment at which it differs.
    #[must_use]
    pub fn outlook(&self, wall_us: i64, over: Option<&HoursOverride>) -> Outlook {
        let Some(over) = over.filter(|over| wall_us < over.until_us) else {
            let opening = self.opening(wall_us);
            return Outlook { opening, reason: self.reason(wall_us), next: self.next(wall_us, opening) };
        };
        let behind = self.opening(over.until_us);
        let next = if behind == over.opening {
            self.next(over.until_us, behind)
        } else {
            Some(Change { at_us: over.until_us, opening: behind })
        };
        let reason = Reason::Override { by: over.by.clone(), reason: over.reason.clone() };
        Outlook { opening: over.opening, reason, next }
    }

    /// Open or closed, by the calendar alone.
    fn opening(&self, wall_us: i64) -> Opening {
        if self.is_open(wall_us) { Opening::Open } else { Opening::Closed }
    }

    fn reason(&self, wall_us: i64) -> Reason {
        let local = local(wall_us, &self.tz);
        let date = self.open_by(local).unwrap_or_else(|| local.date());
        let Some(SpecialDays { name, hours, .. }) = self.special(date) else { return Reason::Weekly };
        let name = name.clone();
        match hours {
            SpecialHours::Closed => Reason::Holiday { name },
            SpecialHours::Own(_) => Reason::OwnPeriods { name },
            SpecialHours::Like(like) => Reason::MakeUpDay { name, like: *like },
        }
    }

    fn next(&self, wall_us: i64, opening: Opening) -> Option<Change> {
        let mut date = local(wall_us, &self.tz).date();
        for _ in 0..HORIZON_DAYS {
            let edges = self.edges(date);
            let differs = |at_us: &i64| *at_us > wall_us && self.opening(*at_us) != opening;
            if let Some(at_us) = edges.into_iter().find(differs) {
                return Some(Change { at_us, opening: self.opening(at_us) });
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The moments of a date at which something may change, in their order: edges of spans, and what the zone does to
    /// its clocks.
    fn edges(&self, date: Date) -> BTreeSet<i64> {
        let mut edges = BTreeSet::new();
        let (Some((begin, _)), Some((_, end))) =
            (moments(&self.tz, date, 0), moments(&self.tz, date, DAY_MIN))
        else {
            return edges;
        };
        // Spans of the day before may last into this one.
        for (day, shift) in [(date.yesterday().ok(), 0), (Some(date), DAY_MIN)] {
            let spans = day.map(|day| self.spans(day)).unwrap_or_default();
            let minutes = spans.iter().flat_map(|span| span.edges());
            for minute in minutes.filter_map(|minute| (minute + shift).checked_sub(DAY_MIN)) {
                if let Some((first, second)) = moments(&self.tz, date, minute) {
                    edges.extend([first, second].map(Timestamp::as_microsecond));
                }
            }
        }
        let transitions = self.tz.following(begin).map(|transition| transition.timestamp());
        edges.extend(transitions.take_while(|at| *at <= end).map(Timestamp::as_microsecond));
        edges.retain(|at| (begin.as_microsecond()..=end.as_microsecond()).contains(at));
        edges
    }
}

/// The moments at which clocks show a minute after a date's midnight: two where they are set back, the same one
/// twice else.
fn moments(tz: &TimeZone, date: Date, minute: u32) -> Option<(Timestamp, Timestamp)> {
    let (mut date, mut minute) = (date, minute);
    while minute >= DAY_MIN {
        (date, minute) = (date.tomorrow().ok()?, minute - DAY_MIN);
    }
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    let local = date.to_datetime(Time::new(hour, minute, 0, 0).ok()?);
    let ambiguous = tz.to_ambiguous_timestamp(local);
    Some((ambiguous.earlier().ok()?, ambiguous.later().ok()?))
}
