//! Interval reports (CF O9): the figures of a day, by quarters, half hours or as a whole. Wallboard, switch and desk ask this
//! one function, so that all say the same.

use super::Statistics;
use super::cell::Cell;
use super::definitions::{Subject, Terms, metrics};
use super::interval::{Day, INTERVAL_US, Series, Views};
use crate::id::{AgentId, LineId, QueueId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Length of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// 15 minutes.
    Quarter,
    /// 30 minutes.
    HalfHour,
    /// The whole day.
    Day,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// About queues, agents or lines.
    pub subject: Subject,
    /// Only these; all when empty.
    pub ids: Vec<String>,
    /// The day in the hospital's zone.
    pub day: Date,
    /// How it is cut.
    pub length: Length,
    /// Everything is counted in the interval in which it happened, so that past rows never change; else in the one in
    /// which its entry began, so that rows add up. Agents' rows are always of the first kind.
    pub by_event: bool,
}

/// One row: one thing in one interval in which something was counted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The queue, agent or line.
    pub id: String,
    /// Its beginning, UTC microseconds; nothing for a whole day.
    pub start_us: Option<i64>,
    /// Its end.
    pub end_us: Option<i64>,
    /// The figures that have a value, by the ids of their metrics.
    pub figures: Vec<Figure>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// The id of its metric.
    pub metric: String,
    /// Its value, in the metric's unit.
    pub value: f64,
}

impl Statistics {
    /// The rows that answer a question: by id, then by time. Nothing of days that are not kept.
    #[must_use]
    pub fn report(&self, question: &Question, terms: &Terms) -> Vec<Row> {
        let wanted = |id: &str| question.ids.is_empty() || question.ids.iter().any(|one| one == id);
        let view = |views: &'_ Views| -> Series {
            if question.by_event { views.by_event.clone() } else { views.by_entry.clone() }
        };
        let all: Vec<(String, Series)> = match question.subject {
            Subject::Queue => {
                self.queues().map(|(id, views)| (QueueId::to_string(id), view(views))).collect()
            }
            Subject::Line => self.lines().map(|(id, views)| (LineId::to_string(id), view(views))).collect(),
            Subject::Agent => {
                self.agents().map(|(id, series)| (AgentId::to_string(id), series.clone())).collect()
            }
        };
        let mut rows = Vec::new();
        for (id, series) in all.into_iter().filter(|(id, _)| wanted(id)) {
            let Some(day) = series.day(question.day) else { continue };
            for (start_us, cell) in self.cells(day, question.length) {
                let length = match question.length {
                    Length::Quarter => Some(INTERVAL_US),
                    Length::HalfHour => Some(2 * INTERVAL_US),
                    Length::Day => None,
                };
                let end_us = start_us.zip(length).map(|(start, length)| start.saturating_add(length));
                let figures = figures(question.subject, &cell, terms);
                rows.push(Row { id: id.clone(), start_us, end_us, figures });
            }
        }
        rows
    }

    fn cells(&self, day: &Day, length: Length) -> Vec<(Option<i64>, Cell)> {
        match length {
            Length::Quarter => day.intervals().map(|(at, cell)| (Some(at), cell.clone())).collect(),
            Length::HalfHour => {
                day.half_hours(self.zone()).into_iter().map(|(at, cell)| (Some(at), cell)).collect()
            }
            Length::Day => vec![(None, day.total().clone())],
        }
    }
}

fn figures(subject: Subject, cell: &Cell, terms: &Terms) -> Vec<Figure> {
    let of_subject = metrics().filter(|metric| metric.subjects.contains(&subject));
    let valued = of_subject.filter_map(|metric| {
        let value = metric.value(cell, terms)?;
        Some(Figure { metric: metric.id.to_owned(), value })
    });
    valued.collect()
}
