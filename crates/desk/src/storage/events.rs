//! Events into the database: their rows, what follows from them, and how far the feed got, in one transaction.

use super::projection::{RowChange, change_of};
use super::sql::{Outcome, Tx, query};
use super::{Result, Store, classified, signed, unsigned};
use careline_rpc::{Fact, Received};
use serde_json::json;
use sqlx::FromRow;

mod rows;

/// How far the events of a switch are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Life of the journal.
    pub epoch: u64,
    /// Number of the last event stored.
    pub number: u64,
}

/// What a batch of events did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applied {
    /// Events that were new.
    pub stored: u64,
    /// Facts known under a key of another epoch; they changed nothing.
    pub again: u64,
    /// Events that no journal has any more.
    pub omitted: u64,
}

/// What the database says about one switch.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct FeedRow {
    /// Its name.
    pub switch_id: String,
    /// Life of its journal.
    pub epoch: i64,
    /// Number of the last event stored.
    pub number: i64,
    /// Events that no journal has any more.
    pub omitted: i64,
    /// Facts that came again under another key.
    pub again: i64,
}

impl Store {
    /// Where to go on with a switch.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn position(&self, switch_id: &str) -> Result<Option<Position>> {
        let sql = "SELECT epoch, number FROM feed WHERE switch_id = $1";
        let row: Option<(i64, i64)> =
            query(sql).bind(switch_id).fetch_optional(&self.reader).await.map_err(classified)?;
        Ok(row.map(|(epoch, number)| Position { epoch: unsigned(epoch), number: unsigned(number) }))
    }

    /// How far each switch is stored, and what was lost or came again.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn feeds(&self) -> Result<Vec<FeedRow>> {
        let sql = "SELECT switch_id, epoch, number, omitted, again FROM feed ORDER BY switch_id";
        query(sql).fetch_all(&self.reader).await.map_err(classified)
    }

    /// Stores events of one switch in their order, with what follows from them and the new position: all or nothing,
    /// and on disk when it returns. An event whose key is stored changes nothing; nor does a fact that is stored under
    /// a key of another epoch, as they come when a switch put back an older journal.
    ///
    /// # Errors
    /// What the database refuses; then nothing of the batch is stored.
    pub async fn apply(&self, switch_id: &str, batch: &[Received]) -> Result<Applied> {
        let Some(last) = batch.last() else { return Ok(Applied::default()) };
        let mut transaction = self.begin().await?;
        let mut applied = Applied::default();
        let whole = async {
            for received in batch {
                apply_one(&mut transaction, switch_id, received, &mut applied).await?;
            }
            let position = Position { epoch: last.epoch, number: last.number };
            rows::move_on(&mut transaction, switch_id, position, applied).await
        };
        let whole = whole.await;
        self.wrote(whole)?;
        self.commit(transaction).await?;
        Ok(applied)
    }
}

async fn apply_one(
    connection: &mut Tx,
    switch_id: &str,
    received: &Received,
    applied: &mut Applied,
) -> Outcome<()> {
    let key = rows::Key { switch_id, epoch: signed(received.epoch), number: signed(received.number) };
    match &received.fact {
        Fact::Omitted(count) => {
            let body = json!({ "kind": "omitted", "count": count }).to_string();
            let row = rows::EventRow { at_us: 0, kind: "omitted", call_id: None, body: &body };
            if rows::store_event(connection, key, row).await? {
                applied.omitted += count;
            }
        }
        Fact::Event(event) => {
            let body = serde_json::to_value(&event.body).map_err(encode)?;
            let kind = body.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            let call_id = event.body.call().map(|call| call.to_string());
            let body = body.to_string();
            let row =
                rows::EventRow { at_us: event.at_us, kind: &kind, call_id: call_id.as_deref(), body: &body };
            if rows::known_elsewhere(connection, key, row).await? {
                applied.again += 1;
                return Ok(());
            }
            if !rows::store_event(connection, key, row).await? {
                return Ok(());
            }
            applied.stored += 1;
            if let Some(change) = change_of(event) {
                rows::make(connection, switch_id, &change).await?;
            }
        }
    }
    Ok(())
}

fn encode(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Encode(Box::new(error))
}
