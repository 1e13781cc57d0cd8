//! Opening hours: texts to a calendar in which every date has one answer.

use super::check::{Check, listed};
use super::hours::{CalendarConfig, HoursConfig, SpecialConfig};
use crate::hours::{
    BadHours, BadSpecialDays, SPECIAL_DAYS_MAX, Span, SpecialDays, SpecialHours, WeeklyHours, parse_date,
    parse_weekday,
};
use jiff::tz::TimeZone;
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest name of special days, in characters.
const NAME_CHARS_MAX: usize = 32;
/// Most special days of one profile or calendar: each is looked at when a date is.
const SPECIAL_MAX: usize = 200;

/// Calendars by id: their days, each with the place where it is written.
type Calendars = BTreeMap<Arc<str>, Vec<Spanned<SpecialDays>>>;

impl Check<'_> {
    pub(super) fn hours(
        &mut self,
        calendars: &[CalendarConfig],
        configs: &[HoursConfig],
        timezone: &TimeZone,
    ) -> BTreeMap<Arc<str>, WeeklyHours> {
        let calendars = self.calendars(calendars);
        let mut all = BTreeMap::new();
        for config in configs {
            let id: Arc<str> = self.unique("hours.id", &config.id, &all);
            let tz = config.timezone.as_ref().map(|zone| self.timezone("hours.timezone", zone));
            let mut hours = WeeklyHours::new(tz.unwrap_or_else(|| timezone.clone()));
            for (weekday, spans) in &config.weekly {
                let weekday = self.hours_part("hours.weekly", weekday, parse_weekday);
                for span in spans {
                    let span = self.hours_part("hours.weekly", span, Span::parse);
                    if let (Some(weekday), Some(span)) = (weekday, span) {
                        hours.open(weekday, span);
                    }
                }
            }
            self.own_days(config, &mut hours);
            self.shared_days(config, &calendars, &mut hours);
            all.insert(id, hours);
        }
        all
    }

    /// Days within one calendar must agree already; whether calendars agree with each other is seen where they meet.
    fn calendars(&mut self, configs: &[CalendarConfig]) -> Calendars {
        let mut all = Calendars::new();
        for config in configs {
            let id: Arc<str> = self.unique("calendar.id", &config.id, &all);
            let (mut trial, mut days) = (WeeklyHours::new(TimeZone::UTC), Vec::new());
            self.few("calendar.special", &config.id, config.special.len());
            for special in &config.special {
                let Some(one) = self.special("calendar.special", special) else { continue };
                if self.added("calendar.special", &special.from, trial.add_special(one.clone())) {
                    days.push(Spanned::new(special.from.span(), one));
                }
            }
            all.insert(id, days);
        }
        all
    }

    fn own_days(&mut self, config: &HoursConfig, hours: &mut WeeklyHours) {
        let count = config.special.len() + config.holidays.len() + config.workdays.len();
        self.few("hours.special", &config.id, count);
        let one_day = |date, hours| SpecialDays { name: None, first: date, last: date, hours };
        for written in &config.holidays {
            if let Some(date) = self.hours_part("hours.holidays", written, parse_date) {
                let added = hours.add_special(one_day(date, SpecialHours::Closed));
                self.added("hours.holidays", written, added);
            }
        }
        for (written, like) in &config.workdays {
            let date = self.hours_part("hours.workdays", written, parse_date);
            let like = self.hours_part("hours.workdays", like, parse_weekday);
            if let (Some(date), Some(like)) = (date, like) {
                let added = hours.add_special(one_day(date, SpecialHours::Like(like)));
                self.added("hours.workdays", written, added);
            }
        }
        for special in &config.special {
            if let Some(days) = self.special("hours.special", special) {
                self.added("hours.special", &special.from, hours.add_special(days));
            }
        }
    }

    fn shared_days(&mut self, config: &HoursConfig, calendars: &Calendars, hours: &mut WeeklyHours) {
        for name in &config.calendars {
            let Some(days) = calendars.get(name.get_ref().as_str()) else {
                let what = format!("calendar `{}` is not known", name.get_ref());
                self.wrong("hours.calendars", name, what, listed(calendars.keys()));
                continue;
            };
            for one in days {
                self.added("hours.calendars", name, hours.add_shared(one.get_ref().clone()));
            }
        }
    }

    fn special(&mut self, key: &str, config: &SpecialConfig) -> Option<SpecialDays> {
        let first = self.hours_part(&format!("{key}.from"), &config.from, parse_date);
        let last = config.to.as_ref().map(|to| self.hours_part(&format!("{key}.to"), to, parse_date));
        let name = config.name.as_ref().and_then(|name| self.day_name(&format!("{key}.name"), name));
        let hours = match (&config.open, &config.like) {
            (Some(_), Some(like)) => {
                self.wrong(&format!("{key}.like"), like, "stands beside open", "one of the two");
                None
            }
            (None, None) => Some(SpecialHours::Closed),
            (None, Some(like)) => {
                self.hours_part(&format!("{key}.like"), like, parse_weekday).map(SpecialHours::Like)
            }
            (Some(spans), None) => {
                let spans = spans.get_ref().iter();
                let spans: Vec<_> =
                    spans.map(|span| self.hours_part(&format!("{key}.open"), span, Span::parse)).collect();
                spans.into_iter().collect::<Option<Vec<_>>>().map(|spans| match spans.is_empty() {
                    true => SpecialHours::Closed,
                    false => SpecialHours::Own(spans),
                })
            }
        };
        let first = first?;
        Some(SpecialDays { name, first, last: last.unwrap_or(Some(first))?, hours: hours? })
    }

    fn day_name(&mut self, key: &str, name: &Spanned<String>) -> Option<Arc<str>> {
        let text = name.get_ref().trim();
        if !(1..=NAME_CHARS_MAX).contains(&text.chars().count()) {
            let what = format!("`{text}` is no name");
            self.wrong(key, name, what, format!("1 to {NAME_CHARS_MAX} characters"));
            return None;
        }
        Some(text.into())
    }

    /// Whether the days were taken; tells why not.
    fn added(&mut self, key: &str, at: &Spanned<String>, added: Result<(), BadSpecialDays>) -> bool {
        let Err(bad) = added else { return true };
        let allowed = match bad {
            BadSpecialDays::Range { .. } => format!("a range of 1 to {SPECIAL_DAYS_MAX} days"),
            BadSpecialDays::Twice { .. } => {
                "each date once, or a shorter range within a longer one".to_owned()
            }
        };
        self.wrong(key, at, bad.to_string(), allowed);
        false
    }

    fn few(&mut self, key: &str, at: &Spanned<String>, count: usize) {
        if count > SPECIAL_MAX {
            let what = format!("`{}` has {count} special days", at.get_ref());
            self.wrong(key, at, what, format!("up to {SPECIAL_MAX}; a range counts as one"));
        }
    }

    fn hours_part<T>(
        &mut self,
        key: &str,
        text: &Spanned<String>,
        parse: fn(&str) -> Result<T, BadHours>,
    ) -> Option<T> {
        parse(text.get_ref())
            .map_err(|bad| {
                let allowed = match bad {
                    BadHours::Span(_) => "HH:MM-HH:MM",
                    BadHours::Date(_) => "YYYY-MM-DD",
                    BadHours::Weekday(_) => "mon, tue, wed, thu, fri, sat, sun",
                };
                self.wrong(key, text, bad.to_string(), allowed);
            })
            .ok()
    }
}
