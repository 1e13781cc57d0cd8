//! What people do about messages that could not be used: look, try again, put aside.

use super::error::is_of_content;
use super::his::{Done, HisState, act};
use super::inbox::{Counts, Received, settle};
use super::sql::{Outcome, Tx, query};
use super::{Result, Store, classified, limited};
use crate::his::{Fault, Taken};
use crate::sealing::Keys;
use sqlx::{AssertSqlSafe, FromRow};

/// One message of the inbox, without its content.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct HisMessage {
    /// UUID.
    pub id: String,
    /// Of `[[his]]`.
    pub source: String,
    /// UTC microseconds.
    pub received_us: i64,
    /// `ADT`, `SIU`, ...
    pub kind: String,
    /// `A08`, `S12`, ...
    pub event: String,
    /// The sender's.
    pub control_id: String,
    /// `applied`, `ignored`, `stale`, `parked`, `refused` or `discarded`.
    pub state: String,
    /// Of HL7 table 0357.
    pub code: Option<i64>,
    /// Where it is wrong.
    pub path: Option<String>,
    /// What is wrong.
    pub reason: Option<String>,
    /// How often it came again.
    pub repeats: i64,
    /// How often a person tried it again.
    pub replays: i64,
    /// Why a person put it aside.
    pub decision: Option<String>,
}

/// The same with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HisContent {
    /// What is known of it.
    pub message: HisMessage,
    /// As it came.
    pub raw: Vec<u8>,
    /// In which letters it was read.
    pub charset: String,
    /// Address it came from.
    pub remote: String,
    /// Whom it was applied to.
    pub person_id: Option<String>,
}

/// Which messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HisFilter {
    /// Of this system.
    pub source: Option<String>,
    /// In this state; those that wait for a person when nothing is said.
    pub state: Option<HisState>,
    /// Behind this one: when it came, and its id.
    pub behind: Option<(i64, String)>,
}

/// Messages that wait for a person for the same reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HisReason {
    /// Of this system.
    pub source: String,
    /// Of HL7 table 0357.
    pub code: i64,
    /// Where.
    pub path: String,
    /// What.
    pub reason: String,
}

impl HisReason {
    /// Why a message waits; nothing when it does not.
    #[must_use]
    pub fn of(message: &HisMessage) -> Option<Self> {
        let state = HisState::named(&message.state);
        state.filter(|state| matches!(state, HisState::Parked | HisState::Refused))?;
        Some(Self {
            source: message.source.clone(),
            code: message.code?,
            path: message.path.clone()?,
            reason: message.reason.clone()?,
        })
    }
}

/// What is known of one system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HisTotals {
    /// Of `[[his]]`.
    pub source: String,
    /// Messages by state; `repeated` are those that came again.
    pub by_state: Vec<(String, i64)>,
    /// When the last message came, UTC microseconds.
    pub last_us: i64,
    /// When the oldest of those came that wait for a person, UTC microseconds.
    pub oldest_us: Option<i64>,
}

/// What became of a message that was tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// It was done as if it came now.
    Done(Received),
    /// It is in this state, and nothing was done.
    Settled(String),
}

const COLUMNS: &str = "id, source, received_us, kind, event, control_id, state, code, path, reason, repeats, replays, \
                       decision";
/// Those that wait for a person, as the index has it.
const TO_MEND: &str = "state IN ('parked', 'refused')";

impl Store {
    /// Messages, the newest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn his_messages(&self, filter: &HisFilter, limit: usize) -> Result<Vec<HisMessage>> {
        let state = filter.state.map_or_else(|| TO_MEND.to_owned(), |_| "state = $1".to_owned());
        let sql = format!(
            "SELECT {COLUMNS} FROM his_message WHERE {state} AND ($1 = $1) AND ($2 = '' OR source = $2) \
             AND (received_us < $3 OR (received_us = $3 AND id < $4)) ORDER BY received_us DESC, id DESC LIMIT $5"
        );
        let (behind_us, behind) = filter.behind.clone().unwrap_or((i64::MAX, String::new()));
        let asked = query(AssertSqlSafe(sql))
            .bind(filter.state.map_or("", HisState::as_str))
            .bind(filter.source.as_deref().unwrap_or_default())
            .bind(behind_us)
            .bind(behind)
            .bind(limited(limit));
        asked.fetch_all(&self.reader).await.map_err(classified)
    }

    /// One message with its content.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn his_message(&self, id: &str) -> Result<Option<HisContent>> {
        let sql = format!("SELECT {COLUMNS}, raw, charset, remote, person_id FROM his_message WHERE id = $1");
        let rows = query(AssertSqlSafe(sql)).bind(id).fetch_rows(&self.reader).await.map_err(classified)?;
        let content = rows.first().map(|row| -> Outcome<HisContent> {
            Ok(HisContent {
                message: row.read()?,
                raw: row.get("raw")?,
                charset: row.get("charset")?,
                remote: row.get("remote")?,
                person_id: row.get("person_id")?,
            })
        });
        content.transpose().map_err(classified)
    }

    /// Those that wait for a person for one reason, the oldest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn his_waiting(
        &self,
        reason: &HisReason,
        behind: &(i64, String),
        limit: usize,
    ) -> Result<Vec<HisMessage>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM his_message WHERE {TO_MEND} AND source = $1 AND code = $2 AND path = $3 \
             AND reason = $4 AND (received_us > $5 OR (received_us = $5 AND id > $6)) \
             ORDER BY received_us, id LIMIT $7"
        );
        let asked = query(AssertSqlSafe(sql))
            .bind(&reason.source)
            .bind(reason.code)
            .bind(&reason.path)
            .bind(&reason.reason)
            .bind(behind.0)
            .bind(&behind.1)
            .bind(limited(limit));
        asked.fetch_all(&self.reader).await.map_err(classified)
    }

    /// How many messages there are of each state.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn his_counts(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT state, CAST(sum(messages) AS BIGINT) AS messages FROM his_count \
                   WHERE state <> 'repeated' GROUP BY state HAVING sum(messages) > 0 ORDER BY state";
        query(sql).fetch_all(&self.reader).await.map_err(classified)
    }

    /// What came of each system.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn his_totals(&self) -> Result<Vec<HisTotals>> {
        let sql = "SELECT source, state, messages, last_us FROM his_count ORDER BY source, state";
        let counts = query(sql).fetch_all::<(String, String, i64, i64)>(&self.reader).await;
        let mut totals: Vec<HisTotals> = Vec::new();
        for (source, state, messages, last_us) in counts.map_err(classified)? {
            if totals.last().is_none_or(|last| last.source != source) {
                totals.push(HisTotals { source, ..HisTotals::default() });
            }
            if let Some(last) = totals.last_mut() {
                last.by_state.push((state, messages));
                last.last_us = last.last_us.max(last_us);
            }
        }
        let sql = format!("SELECT source, min(received_us) FROM his_message WHERE {TO_MEND} GROUP BY source");
        let oldest = query(AssertSqlSafe(sql)).fetch_all::<(String, i64)>(&self.reader).await;
        for (source, at_us) in oldest.map_err(classified)? {
            let of = totals.iter_mut().find(|totals| totals.source == source);
            of.into_iter().for_each(|totals| totals.oldest_us = Some(at_us));
        }
        Ok(totals)
    }

    /// Does a message that was parked, refused or discarded as if it came now; one that was done already is left alone.
    /// Nothing when there is no such message.
    ///
    /// # Errors
    /// What the database refuses; then nothing changed.
    pub async fn replay(&self, id: &str, taken: &Taken, by: &str, now_us: i64) -> Result<Option<Replayed>> {
        let keys = self.keys.as_deref();
        let mut transaction = self.begin().await?;
        let done = replayed(&mut transaction, (id, taken), keys, (by, now_us)).await;
        let done = match done {
            Err(error) if is_of_content(&error) => {
                drop(transaction);
                transaction = self.begin().await?;
                let parked = taken.clone().parked(Fault::not_done());
                replayed(&mut transaction, (id, &parked), keys, (by, now_us)).await
            }
            done => done,
        };
        let done = self.wrote(done)?;
        self.commit(transaction).await?;
        Ok(done)
    }

    /// Puts a message aside that was parked or refused. Its state before; nothing when there is no such message.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn discard(&self, id: &str, why: &str, by: &str, now_us: i64) -> Result<Option<String>> {
        let mut transaction = self.begin().await?;
        let before = discarded(&mut transaction, id, why, (by, now_us)).await;
        let before = self.wrote(before)?;
        self.commit(transaction).await?;
        Ok(before)
    }
}

async fn place(transaction: &mut Tx, id: &str) -> Outcome<Option<(String, String, i64)>> {
    let sql = "SELECT source, state, received_us FROM his_message WHERE id = $1";
    query(sql).bind(id).fetch_optional(transaction).await
}

async fn replayed(
    transaction: &mut Tx,
    (id, taken): (&str, &Taken),
    keys: Option<&Keys>,
    by: (&str, i64),
) -> Outcome<Option<Replayed>> {
    let Some((source, state, received_us)) = place(transaction, id).await? else { return Ok(None) };
    let before = match HisState::named(&state) {
        Some(before @ (HisState::Parked | HisState::Refused | HisState::Discarded)) => before,
        _ => return Ok(Some(Replayed::Settled(state))),
    };
    let done = act(transaction, (&source, keys), taken, by.1).await?;
    settle(transaction, id, &done).await?;
    let sql = "UPDATE his_message SET charset = $2, kind = $3, event = $4, replays = replays + 1, \
               decided_us = $5, decided_by = $6, decision = NULL WHERE id = $1";
    query(sql)
        .bind(id)
        .bind(taken.charset.as_str())
        .bind(&taken.header.kind)
        .bind(&taken.header.trigger)
        .bind(by.1)
        .bind(by.0)
        .execute(&mut *transaction)
        .await?;
    let mut counts = Counts::default();
    counts.moved(&source, before, done.state, received_us);
    counts.write(transaction).await?;
    let Done { state, fault, .. } = done;
    Ok(Some(Replayed::Done(Received::of(state, state, fault))))
}

async fn discarded(transaction: &mut Tx, id: &str, why: &str, by: (&str, i64)) -> Outcome<Option<String>> {
    let Some((source, state, received_us)) = place(transaction, id).await? else { return Ok(None) };
    if let Some(before @ (HisState::Parked | HisState::Refused)) = HisState::named(&state) {
        let sql = "UPDATE his_message SET state = $2, decision = $3, decided_us = $4, decided_by = $5 WHERE id = $1";
        let put = query(sql).bind(id).bind(HisState::Discarded.as_str()).bind(why).bind(by.1).bind(by.0);
        put.execute(&mut *transaction).await?;
        let mut counts = Counts::default();
        counts.moved(&source, before, HisState::Discarded, received_us);
        counts.write(transaction).await?;
    }
    Ok(Some(state))
}
