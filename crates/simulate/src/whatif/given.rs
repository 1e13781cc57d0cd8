//! The file that a supervisor writes.

use super::{Queue, Staff, WhatIf};
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::ops::Range;
use thiserror::Error;

/// Agents of a day, and callers of an interval.
const AGENTS_MAX: usize = 1_000;
const ARRIVALS_MAX: f64 = 20_000.0;
/// A day of intervals of a minute.
const INTERVALS_MAX: usize = 1_440;
/// A day.
const SECONDS_MAX: f64 = 86_400.0;

/// Something in the file that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}:{line}: {wrong}; allowed: {allowed}")]
pub struct Refused {
    /// The file as it was named.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub allowed: String,
}

/// The file as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default = "interval_min")]
    interval_min: Spanned<u32>,
    #[serde(default = "answer_s")]
    answer_s: Spanned<f64>,
    queue: Vec<GivenQueue>,
    staff: Vec<GivenStaff>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenQueue {
    id: Spanned<String>,
    arrivals: Spanned<Vec<f64>>,
    talk_s: Spanned<f64>,
    #[serde(default = "talk_variation")]
    talk_variation: Spanned<f64>,
    #[serde(default = "wrap_up_s")]
    wrap_up_s: Spanned<u32>,
    #[serde(default)]
    patience_s: Option<Spanned<f64>>,
    #[serde(default = "target_s")]
    target_s: Spanned<u32>,
    #[serde(default = "short_abandon_s")]
    short_abandon_s: Spanned<u32>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenStaff {
    queues: Spanned<Vec<Spanned<String>>>,
    agents: Spanned<Vec<u32>>,
}

fn unwritten<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

fn interval_min() -> Spanned<u32> {
    unwritten(30)
}

fn answer_s() -> Spanned<f64> {
    unwritten(3.0)
}

fn talk_variation() -> Spanned<f64> {
    unwritten(0.8)
}

fn wrap_up_s() -> Spanned<u32> {
    unwritten(30)
}

fn target_s() -> Spanned<u32> {
    unwritten(20)
}

fn short_abandon_s() -> Spanned<u32> {
    unwritten(5)
}

/// A file that is being read.
struct Reading<'a> {
    file: &'a str,
    text: &'a str,
}

impl Reading<'_> {
    fn refuse(&self, at: Range<usize>, wrong: impl Into<String>, allowed: impl Into<String>) -> Refused {
        let before = self.text.get(..at.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        Refused { file: self.file.to_owned(), line, wrong: wrong.into(), allowed: allowed.into() }
    }

    fn number(&self, key: &str, value: &Spanned<f64>, least: f64, most: f64) -> Result<f64, Refused> {
        let number = *value.get_ref();
        if (least..=most).contains(&number) {
            return Ok(number);
        }
        Err(self.refuse(value.span(), format!("{key} is {number}"), format!("{least} to {most}")))
    }

    fn seconds(&self, key: &str, value: &Spanned<u32>) -> Result<u32, Refused> {
        let seconds = *value.get_ref();
        if f64::from(seconds) <= SECONDS_MAX {
            return Ok(seconds);
        }
        Err(self.refuse(value.span(), format!("{key} is {seconds}"), format!("0 to {SECONDS_MAX}")))
    }

    /// A row with one value for each interval of the day.
    fn row<T>(&self, key: &str, row: &Spanned<Vec<T>>, intervals: usize) -> Result<(), Refused> {
        let length = row.get_ref().len();
        if length == intervals {
            return Ok(());
        }
        let wrong = format!("{key} has {length} values");
        Err(self.refuse(
            row.span(),
            wrong,
            format!("{intervals}, one for each interval, as the first queue has"),
        ))
    }

    fn queue(&self, given: &GivenQueue, intervals: usize) -> Result<Queue, Refused> {
        let id = given.id.get_ref().clone();
        if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            let wrong = format!("the id `{id}` of a queue");
            return Err(self.refuse(given.id.span(), wrong, "letters, digits, - and _"));
        }
        self.row("arrivals", &given.arrivals, intervals)?;
        if let Some(count) = given.arrivals.get_ref().iter().find(|one| !(0.0..=ARRIVALS_MAX).contains(*one))
        {
            let wrong = format!("{count} arrivals in an interval");
            return Err(self.refuse(given.arrivals.span(), wrong, format!("0 to {ARRIVALS_MAX}")));
        }
        let patience_s = match &given.patience_s {
            None => None,
            Some(patience) => Some(self.number("patience_s", patience, 0.1, SECONDS_MAX)?),
        };
        Ok(Queue {
            id,
            arrivals: given.arrivals.get_ref().clone(),
            talk_s: self.number("talk_s", &given.talk_s, 0.1, SECONDS_MAX / 2.0)?,
            talk_variation: self.number("talk_variation", &given.talk_variation, 0.0, 10.0)?,
            wrap_up_s: self.seconds("wrap_up_s", &given.wrap_up_s)?,
            patience_s,
            target_s: self.seconds("target_s", &given.target_s)?,
            short_abandon_s: self.seconds("short_abandon_s", &given.short_abandon_s)?,
        })
    }

    fn staff(
        &self,
        given: &GivenStaff,
        queues: &BTreeMap<String, usize>,
        intervals: usize,
    ) -> Result<Staff, Refused> {
        self.row("agents", &given.agents, intervals)?;
        let mut served = Vec::new();
        for queue in given.queues.get_ref() {
            let known = queues.get(queue.get_ref()).ok_or_else(|| {
                let names: Vec<&str> = queues.keys().map(String::as_str).collect();
                self.refuse(
                    queue.span(),
                    format!("no queue is called `{}`", queue.get_ref()),
                    names.join(", "),
                )
            })?;
            served.push(*known);
        }
        if served.is_empty() {
            return Err(self.refuse(given.queues.span(), "staff for no queue", "ids of queues"));
        }
        let agents = given.agents.get_ref().iter().map(|agents| *agents as usize).collect();
        Ok(Staff { queues: served, agents })
    }
}

impl WhatIf {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// [`Refused`] at the first thing that cannot be meant, with its line and what is allowed.
    pub fn read(file: &str, text: &str) -> Result<Self, Refused> {
        let reading = Reading { file, text };
        let given: Given = toml::from_str(text).map_err(|error| {
            let at = error.span().unwrap_or(0..0);
            reading.refuse(at, error.message(), "what the sample file shows")
        })?;
        let interval_min = *given.interval_min.get_ref();
        if !(1..=1440).contains(&interval_min) {
            let wrong = format!("interval_min is {interval_min}");
            return Err(reading.refuse(given.interval_min.span(), wrong, "1 to 1440"));
        }
        let intervals = given.queue.first().map_or(0, |queue| queue.arrivals.get_ref().len());
        if intervals == 0 || intervals > INTERVALS_MAX {
            let at = given.queue.first().map_or(0..0, |queue| queue.arrivals.span());
            let wrong = format!("{intervals} intervals");
            return Err(reading.refuse(
                at,
                wrong,
                format!("1 to {INTERVALS_MAX}, in at least one [[queue]]"),
            ));
        }
        let mut queues = Vec::new();
        let mut by_id = BTreeMap::new();
        for queue in &given.queue {
            let made = reading.queue(queue, intervals)?;
            if by_id.insert(made.id.clone(), queues.len()).is_some() {
                let wrong = format!("a second queue `{}`", made.id);
                return Err(reading.refuse(queue.id.span(), wrong, "an id of its own"));
            }
            queues.push(made);
        }
        let mut staff = Vec::new();
        for group in &given.staff {
            staff.push(reading.staff(group, &by_id, intervals)?);
        }
        let agents: usize = staff.iter().map(|group| group.agents.iter().copied().max().unwrap_or(0)).sum();
        if agents > AGENTS_MAX {
            let at = given.staff.last().map_or(0..0, |group| group.agents.span());
            return Err(reading.refuse(at, format!("{agents} agents in all"), format!("up to {AGENTS_MAX}")));
        }
        let answer_s = reading.number("answer_s", &given.answer_s, 0.0, 10.0)?;
        Ok(Self { interval_s: u64::from(interval_min) * 60, answer_s, queues, staff })
    }
}

#[cfg(test)]
mod tests {
    use super::WhatIf;

    const DAY: &str = "[[queue]]\nid = \"general\"\narrivals = [10, 12]\ntalk_s = 180\n\n\
                       [[staff]]\nqueues = [\"general\"]\nagents = [3, 4]\n";

    fn refused(from: &str, to: &str) -> String {
        assert!(DAY.contains(from));
        WhatIf::read("day.toml", &DAY.replace(from, to)).expect_err("refused").to_string()
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_line_and_what_is_allowed() {
        assert!(WhatIf::read("day.toml", DAY).is_ok());
        assert_eq!(refused("talk_s = 180", "talk_s = 0"), "day.toml:4: talk_s is 0; allowed: 0.1 to 43200");
        assert_eq!(
            refused("[\"general\"]", "[\"generals\"]"),
            "day.toml:7: no queue is called `generals`; allowed: general"
        );
        assert_eq!(
            refused("[3, 4]", "[3]"),
            "day.toml:8: agents has 1 values; allowed: 2, one for each interval, as the first queue has"
        );
        assert!(refused("[10, 12]", "[10, -1]").starts_with("day.toml:3: -1 arrivals in an interval"));
        assert!(refused("[3, 4]", "[3, 4000]").contains("4000 agents in all; allowed: up to 1000"));
        assert!(refused("talk_s", "talks_s").starts_with("day.toml:4: unknown field"));
        assert!(refused("[10, 12]", "[]").contains("0 intervals; allowed: 1 to 1440"));
    }
}
