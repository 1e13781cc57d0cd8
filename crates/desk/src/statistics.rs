//! Interval reports out of stored events, by the same library that the switch counts with (CF O8, O9): whatever a wallboard
//! said, a report of the same day says again, also after the definitions were mended.
//!
//! A day is counted from the beginning of the day before, so that whoever waited or talked at midnight is known. What
//! was read is remembered: a question about today costs what has happened since the last one.

use crate::storage::{Position, Result, Store};
use careline_model::stats::report::{Question, Row};
use careline_model::stats::{Statistics, Terms};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use tokio::sync::Mutex;

/// Days of switches that are remembered; the one that was asked for longest ago makes room.
const REMEMBERED_MAX: usize = 16;
/// After a day so much more is read for it: calls that began in it are over by then.
const AFTER_HOURS: i64 = 12;

/// What was counted before.
#[derive(Debug, Default)]
pub struct Reports {
    days: Mutex<BTreeMap<(String, Date), Counted>>,
}

#[derive(Debug, Clone)]
struct Counted {
    statistics: Statistics,
    at: Position,
    /// Counts questions: who was asked for last has the highest.
    asked: u64,
}

impl Reports {
    /// The rows that answer a question about one switch, from all events that are stored by now. `now_us` is the present
    /// moment: what agents do runs until then, or until the end of the day that is asked for.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn rows(
        &self,
        store: &Store,
        zone: &TimeZone,
        switch_id: &str,
        question: &Question,
        now_us: i64,
    ) -> Result<Vec<Row>> {
        let Some((from_us, end_us, until_us)) = span(question.day, zone) else { return Ok(Vec::new()) };
        let mut days = self.days.lock().await;
        let asked = days.values().map(|day| day.asked).max().unwrap_or(0) + 1;
        let key = (switch_id.to_owned(), question.day);
        let mut counted = days.remove(&key).unwrap_or_else(|| Counted {
            statistics: Statistics::new(zone.clone()),
            at: Position { epoch: 0, number: 0 },
            asked,
        });
        counted.asked = asked;
        loop {
            let page = store.events_in(switch_id, (from_us, until_us), counted.at).await?;
            let Some((last, _)) = page.last() else { break };
            counted.at = *last;
            page.into_iter().filter_map(|(_, event)| event).for_each(|event| counted.statistics.take(&event));
        }
        counted.statistics.advance(now_us.min(end_us));
        let rows = counted.statistics.report(question, &Terms::default());
        if days.len() >= REMEMBERED_MAX
            && let Some(oldest) = days.iter().min_by_key(|(_, day)| day.asked).map(|(key, _)| key.clone())
        {
            days.remove(&oldest);
        }
        days.insert(key, counted);
        Ok(rows)
    }
}

/// From when to when events are read for a day, with the end of the day itself between.
fn span(day: Date, zone: &TimeZone) -> Option<(i64, i64, i64)> {
    let start = |day: Date| {
        let midnight = day.to_zoned(zone.clone()).ok()?;
        Some(midnight.timestamp().as_microsecond())
    };
    let (from, end) = (start(day.checked_sub(1.day()).ok()?)?, start(day.checked_add(1.day()).ok()?)?);
    Some((from, end, end.checked_add(AFTER_HOURS * 3_600_000_000)?))
}
