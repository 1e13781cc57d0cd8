//! The inbox of the hospital's systems: what came is kept as it came and done, several messages in one transaction.
//!
//! Every commit waits for the disk, so messages that come meanwhile share the next one ([`crate::his::batch`]). When a
//! value of one of them is refused, the transaction is begun again with a savepoint around each, and that one is kept
//! aside for a person; the others are none the worse for it.

use super::error::is_of_content;
use super::his::{Done, HisState, act};
use super::ids::new_id;
use super::sql::{Outcome, Tx, places, query};
use super::{Result, Store};
use crate::his::{Fault, Taken};
use crate::sealing::Keys;
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, BTreeSet};

/// A message that came.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// Of `[[his]]`.
    pub source: String,
    /// Address it came from.
    pub remote: String,
    /// As it came.
    pub raw: Vec<u8>,
    /// What it is.
    pub taken: Taken,
    /// UTC microseconds.
    pub received_us: i64,
}

/// What became of a message that is stored now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What became of it.
    pub state: HisState,
    /// What its sender did wrong, when it was refused.
    pub refusal: Option<Fault>,
    /// What was left out, when the rest was used.
    pub warning: Option<Fault>,
}

impl Received {
    pub(super) fn of(state: HisState, done: HisState, fault: Option<Fault>) -> Self {
        let (refusal, warning) = match done {
            HisState::Refused => (fault, None),
            HisState::Applied | HisState::Stale => (None, fault),
            _ => (None, None),
        };
        Self { state, refusal, warning }
    }
}

impl Store {
    /// Keeps messages and does what they say, in their order: all of it or nothing, and on disk when it returns. One that
    /// came before is counted, and changes nothing, unless it was refused: what was wrong may have been put right.
    ///
    /// Nothing in the place of a message whose own row the database refuses: it is not kept.
    ///
    /// # Errors
    /// What the database refuses; then no message is kept.
    pub async fn receive(&self, arrivals: &[Arrival]) -> Result<Vec<Option<Received>>> {
        if arrivals.is_empty() {
            return Ok(Vec::new());
        }
        let keys = self.keys.as_deref();
        let mut transaction = self.begin().await?;
        match together(&mut transaction, keys, arrivals).await {
            Err(error) if is_of_content(&error) => {
                tracing::debug!(messages = arrivals.len(), "a value was refused; each on its own");
                drop(transaction);
            }
            received => {
                let received = self.wrote(received)?;
                self.commit(transaction).await?;
                return Ok(received.into_iter().map(Some).collect());
            }
        }
        let mut transaction = self.begin().await?;
        let each = one_by_one(&mut transaction, keys, arrivals).await;
        let received = self.wrote(each)?;
        self.commit(transaction).await?;
        Ok(received)
    }
}

/// Each in a savepoint; one that cannot be done is parked.
async fn one_by_one(
    transaction: &mut Tx,
    keys: Option<&Keys>,
    arrivals: &[Arrival],
) -> Outcome<Vec<Option<Received>>> {
    let mut received = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        let done = match guarded(transaction, keys, arrival).await? {
            Some(done) => Some(done),
            None => {
                let taken = arrival.taken.clone().parked(Fault::not_done());
                guarded(transaction, keys, &Arrival { taken, ..arrival.clone() }).await?
            }
        };
        received.push(done);
    }
    Ok(received)
}

/// Nothing when a value was refused; then nothing of it is left.
async fn guarded(transaction: &mut Tx, keys: Option<&Keys>, arrival: &Arrival) -> Outcome<Option<Received>> {
    query("SAVEPOINT message").execute(&mut *transaction).await?;
    match together(transaction, keys, std::slice::from_ref(arrival)).await {
        Ok(received) => {
            query("RELEASE SAVEPOINT message").execute(&mut *transaction).await?;
            Ok(received.into_iter().next())
        }
        Err(error) if is_of_content(&error) => {
            query("ROLLBACK TO SAVEPOINT message").execute(&mut *transaction).await?;
            query("RELEASE SAVEPOINT message").execute(&mut *transaction).await?;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

async fn together(transaction: &mut Tx, keys: Option<&Keys>, arrivals: &[Arrival]) -> Outcome<Vec<Received>> {
    let known = known(transaction, arrivals).await?;
    let mut received = Vec::with_capacity(arrivals.len());
    let (mut rows, mut counts) = (Rows::default(), Counts::default());
    // Those of before that are judged again, each once.
    let mut judged: BTreeMap<String, Received> = BTreeMap::new();
    for (arrival, known) in arrivals.iter().zip(known) {
        let Arrival { source, taken, received_us, .. } = arrival;
        received.push(match (known.same, rows.same(arrival)) {
            (Some((id, state)), _) if state == HisState::Refused.as_str() && !judged.contains_key(&id) => {
                let done = act(transaction, (source, keys), taken, *received_us).await?;
                again(transaction, &id, &done).await?;
                counts.add(source, HisState::Repeated, 1, *received_us);
                counts.moved(source, HisState::Refused, done.state, *received_us);
                let answer = Received::of(done.state, done.state, done.fault);
                judged.insert(id, Received { state: HisState::Repeated, ..answer.clone() });
                answer
            }
            (Some((id, _)), _) => {
                let sql = "UPDATE his_message SET repeats = repeats + 1 WHERE id = $1";
                query(sql).bind(&id).execute(&mut *transaction).await?;
                counts.add(source, HisState::Repeated, 1, *received_us);
                let answer = Received { state: HisState::Repeated, refusal: None, warning: None };
                judged.get(&id).cloned().unwrap_or(answer)
            }
            (None, Some(row)) => {
                row.repeats += 1;
                counts.add(source, HisState::Repeated, 1, *received_us);
                Received::of(HisState::Repeated, row.done.state, row.done.fault.clone())
            }
            (None, None) => {
                let done = act(transaction, (source, keys), taken, *received_us).await?;
                counts.add(source, done.state, 1, *received_us);
                let answer = Received::of(done.state, done.state, done.fault.clone());
                rows.add(arrival, done, known.number_used)?;
                answer
            }
        });
    }
    rows.insert(transaction).await?;
    counts.write(transaction).await?;
    Ok(received)
}

/// What is known of a message before it is done.
#[derive(Debug, Clone, Default)]
struct Known {
    /// The same message: its row, and what became of it.
    same: Option<(String, String)>,
    /// The control id came before.
    number_used: bool,
}

/// Of all of them with one question. Its text is the same for 5 to 8 of them, so that a database prepares few.
async fn known(transaction: &mut Tx, arrivals: &[Arrival]) -> Outcome<Vec<Known>> {
    const COLUMNS: usize = 5;
    let asked = arrivals.len().next_power_of_two();
    let sql = format!(
        "SELECT a.column1 AS place, m.id AS id, m.state AS state, \
         (SELECT n.id FROM his_message n WHERE n.source = a.column2 AND n.control_id = a.column3 LIMIT 1) AS used \
         FROM (VALUES {}) AS a LEFT JOIN his_message m ON m.source = a.column2 AND m.control_id = a.column3 \
         AND m.sent = a.column4 AND m.digest = a.column5",
        places(asked, COLUMNS)
    );
    let nobody = std::iter::repeat(None);
    let each = (0_i64..).zip(arrivals.iter().map(Some).chain(nobody)).take(asked);
    let question = each.fold(query(AssertSqlSafe(sql)), |question, (place, arrival)| {
        let header = arrival.map(|arrival| &arrival.taken.header);
        question
            .bind(place)
            .bind(arrival.map(|arrival| arrival.source.as_str()))
            .bind(header.map(|header| header.control_id.as_str()))
            .bind(header.map(|header| header.sent.as_str()))
            .bind(arrival.map(|arrival| arrival.taken.digest.as_str()))
    });
    let mut known = vec![Known::default(); arrivals.len()];
    for row in question.fetch_rows(transaction).await? {
        let place = usize::try_from(row.get::<i64>("place")?).unwrap_or(usize::MAX);
        if let Some(known) = known.get_mut(place) {
            let same: (Option<String>, Option<String>) = (row.get("id")?, row.get("state")?);
            known.same = same.0.zip(same.1);
            known.number_used = row.get::<Option<String>>("used")?.is_some();
        }
    }
    Ok(known)
}

/// A message that was refused came again.
async fn again(transaction: &mut Tx, id: &str, done: &Done) -> Outcome<()> {
    let sql = "UPDATE his_message SET repeats = repeats + 1 WHERE id = $1";
    query(sql).bind(id).execute(&mut *transaction).await?;
    settle(transaction, id, done).await
}

/// Notes what became of a message that is kept already.
pub(super) async fn settle(transaction: &mut Tx, id: &str, done: &Done) -> Outcome<()> {
    let sql = "UPDATE his_message SET state = $2, code = $3, path = $4, reason = $5, person_id = COALESCE($6, person_id) \
               WHERE id = $1";
    let fault = done.fault.as_ref();
    query(sql)
        .bind(id)
        .bind(done.state.as_str())
        .bind(fault.map(|fault| i64::from(fault.code)))
        .bind(fault.map(|fault| fault.path))
        .bind(fault.map(|fault| fault.text.as_str()))
        .bind(&done.person)
        .execute(transaction)
        .await
        .map(|_| ())
}

/// A row to insert.
struct Row<'a> {
    id: String,
    arrival: &'a Arrival,
    done: Done,
    reused: bool,
    repeats: i64,
}

/// The rows of one transaction, each findable by what makes it the same as another.
#[derive(Default)]
struct Rows<'a> {
    rows: Vec<Row<'a>>,
    by_key: BTreeMap<[&'a str; 4], usize>,
    numbers: BTreeSet<(&'a str, &'a str)>,
}

impl<'a> Rows<'a> {
    fn key(arrival: &Arrival) -> [&str; 4] {
        let Arrival { source, taken, .. } = arrival;
        [source, &taken.header.control_id, &taken.header.sent, &taken.digest]
    }

    fn same(&mut self, arrival: &Arrival) -> Option<&mut Row<'a>> {
        let at = *self.by_key.get(&Self::key(arrival))?;
        self.rows.get_mut(at)
    }

    fn add(&mut self, arrival: &'a Arrival, done: Done, number_used: bool) -> Outcome<()> {
        let number = arrival.taken.header.control_id.as_str();
        let new = self.numbers.insert((&arrival.source, number));
        let reused = !number.is_empty() && (number_used || !new);
        let id = new_id(arrival.received_us).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        self.by_key.insert(Self::key(arrival), self.rows.len());
        self.rows.push(Row { id, arrival, done, reused, repeats: 0 });
        Ok(())
    }

    /// In parts of 64, 32, ... 1, so that the statement has few texts.
    async fn insert(&self, transaction: &mut Tx) -> Outcome<()> {
        let mut rest = self.rows.as_slice();
        while !rest.is_empty() {
            let part = (1 << rest.len().ilog2()).min(ROWS_MAX);
            let (now, later) = rest.split_at(part);
            insert(transaction, now).await?;
            rest = later;
        }
        Ok(())
    }
}

/// Rows of one statement.
const ROWS_MAX: usize = 64;

async fn insert(transaction: &mut Tx, rows: &[Row<'_>]) -> Outcome<()> {
    const COLUMNS: usize = 18;
    let sql = format!(
        "INSERT INTO his_message (id, source, remote, received_us, raw, charset, digest, kind, event, control_id, sent, \
         state, code, path, reason, person_id, reused, repeats) VALUES {}",
        places(rows.len(), COLUMNS)
    );
    let insert = rows.iter().fold(query(AssertSqlSafe(sql)), |insert, row| {
        let Arrival { source, remote, raw, taken, received_us } = row.arrival;
        let fault = row.done.fault.as_ref();
        insert
            .bind(&row.id)
            .bind(source)
            .bind(remote)
            .bind(received_us)
            .bind(raw.as_slice())
            .bind(taken.charset.as_str())
            .bind(&taken.digest)
            .bind(&taken.header.kind)
            .bind(&taken.header.trigger)
            .bind(&taken.header.control_id)
            .bind(&taken.header.sent)
            .bind(row.done.state.as_str())
            .bind(fault.map(|fault| i64::from(fault.code)))
            .bind(fault.map(|fault| fault.path))
            .bind(fault.map(|fault| fault.text.as_str()))
            .bind(&row.done.person)
            .bind(row.reused)
            .bind(row.repeats)
    });
    insert.execute(transaction).await.map(|_| ())
}

/// What is to be added to the counts of messages.
#[derive(Default)]
pub(super) struct Counts<'a>(BTreeMap<(&'a str, HisState), (i64, i64)>);

impl<'a> Counts<'a> {
    pub(super) fn add(&mut self, source: &'a str, state: HisState, messages: i64, at_us: i64) {
        let (sum, last_us) = self.0.entry((source, state)).or_default();
        *sum += messages;
        *last_us = at_us.max(*last_us);
    }

    pub(super) fn moved(&mut self, source: &'a str, from: HisState, to: HisState, at_us: i64) {
        if from != to {
            self.add(source, from, -1, 0);
            self.add(source, to, 1, at_us);
        }
    }

    pub(super) async fn write(self, transaction: &mut Tx) -> Outcome<()> {
        let sql = "INSERT INTO his_count (source, state, messages, last_us) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (source, state) DO UPDATE SET messages = his_count.messages + excluded.messages, \
                   last_us = CASE WHEN excluded.last_us > his_count.last_us THEN excluded.last_us \
                   ELSE his_count.last_us END";
        for ((source, state), (messages, last_us)) in self.0 {
            let count = query(sql).bind(source).bind(state.as_str()).bind(messages).bind(last_us);
            count.execute(&mut *transaction).await?;
        }
        Ok(())
    }
}
