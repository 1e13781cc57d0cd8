//! `[[calendar]]` and `[[hours]]` as they are written.

use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;

/// `[[calendar]]`: special days that several profiles share, as the holidays of a year.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarConfig {
    /// Its id.
    pub id: Spanned<String>,
    /// `[[calendar.special]]`
    #[serde(default)]
    pub special: Vec<SpecialConfig>,
}

/// `[[hours]]`: one profile of opening hours.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HoursConfig {
    /// Its id.
    pub id: Spanned<String>,
    /// Its zone; that of the file when absent.
    #[serde(default)]
    pub timezone: Option<Spanned<String>>,
    /// Weekday (mon ... sun) to spans `HH:MM-HH:MM`.
    pub weekly: BTreeMap<Spanned<String>, Vec<Spanned<String>>>,
    /// Ids of the calendars whose days are special here too.
    #[serde(default)]
    pub calendars: Vec<Spanned<String>>,
    /// Dates that are closed.
    #[serde(default)]
    pub holidays: Vec<Spanned<String>>,
    /// Make-up workdays: date to the weekday whose hours it has.
    #[serde(default)]
    pub workdays: BTreeMap<Spanned<String>, Spanned<String>>,
    /// `[[hours.special]]`
    #[serde(default)]
    pub special: Vec<SpecialConfig>,
}

/// `[[calendar.special]]` and `[[hours.special]]`: dates with other hours than those of their weekdays. Without `open`
/// and `like` they are closed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialConfig {
    /// What screens call it.
    #[serde(default)]
    pub name: Option<Spanned<String>>,
    /// The first date.
    pub from: Spanned<String>,
    /// The last date; the first one when absent.
    #[serde(default)]
    pub to: Option<Spanned<String>>,
    /// Periods of its own.
    #[serde(default)]
    pub open: Option<Spanned<Vec<Spanned<String>>>>,
    /// The weekday whose hours it has: a make-up workday.
    #[serde(default)]
    pub like: Option<Spanned<String>>,
}
