//! Stored events as reports read them: of a span of time, in the journal's order.

use super::events::Position;
use super::sql::query;
use super::{Result, Store, classified, signed, unsigned};
use careline_model::event::{Event, EventBody};

/// Events read at once.
pub const PAGE: usize = 5_000;

type Row = (i64, i64, i64, String);

impl Store {
    /// Events of a switch that became true within a span (UTC microseconds, its end not part of it), at most [`PAGE`] of
    /// them after a position. A body of a later version is left out.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn events_in(
        &self,
        switch_id: &str,
        (from_us, until_us): (i64, i64),
        after: Position,
    ) -> Result<Vec<(Position, Option<Event>)>> {
        let sql = "SELECT epoch, number, at_us, body FROM switch_event \
                   WHERE switch_id = $1 AND at_us >= $2 AND at_us < $3 AND (epoch, number) > ($4, $5) \
                   ORDER BY epoch, number LIMIT $6";
        let rows: Vec<Row> = query(sql)
            .bind(switch_id)
            .bind(from_us)
            .bind(until_us)
            .bind(signed(after.epoch))
            .bind(signed(after.number))
            .bind(i64::try_from(PAGE).unwrap_or(i64::MAX))
            .fetch_all(&self.reader)
            .await
            .map_err(classified)?;
        let read = |(epoch, number, at_us, body): Row| {
            let position = Position { epoch: unsigned(epoch), number: unsigned(number) };
            let body: Option<EventBody> = serde_json::from_str(&body).ok();
            (position, body.map(|body| Event { at_us, body }))
        };
        Ok(rows.into_iter().map(read).collect())
    }
}
