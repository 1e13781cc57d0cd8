//! One person becomes another, and becomes themselves again.
//!
//! ```text
//!            merge                          merge
//! A living ---------> A merged into B ... B ---------> B merged into C      whoever asks for A is led to C
//!          <---------                       <---------
//!           unmerge                          unmerge: the last merge of somebody first
//! ```
//!
//! The survivor keeps what it says and takes what it does not; numbers, identifiers, stays and calls go over, and what
//! went over is noted row by row. Undoing puts back both people as they were, but for what was changed since.

use super::super::consents::{hold_to_stricter, let_go};
use super::super::ids::new_id;
use super::super::sealed::{give_back_id_number, take_id_number};
use super::super::sql::{Outcome, Tx, query};
use super::super::{Person, Result, StorageError, Store, classified, limited};
use super::{get, moved, put};
use sqlx::FromRow;

/// Merges that follow one another at most.
const CHAIN_MAX: usize = 16;
/// Calls that are listed after a merge was undone.
const STAYED_MAX: usize = 50;
/// Longest line of alerts, in characters.
const ALERT_CHARS_MAX: usize = 200;

/// Two people to join.
#[derive(Debug, Clone, Copy)]
pub struct Merge<'a> {
    /// Who stays.
    pub survivor: &'a str,
    /// Who becomes the other.
    pub loser: &'a str,
    /// The versions of both that somebody looked at; nothing when nobody did.
    pub versions: Option<(i64, i64)>,
    /// `manual` or `hl7`.
    pub kind: &'static str,
    /// Why.
    pub reason: &'a str,
    /// Account id, or the source of a message.
    pub by: &'a str,
}

/// A merge.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MergeRow {
    /// UUID.
    pub id: String,
    /// Who stayed.
    pub survivor_id: String,
    /// Who became the other.
    pub loser_id: String,
    /// `manual` or `hl7`.
    pub kind: String,
    /// Why.
    pub reason: String,
    /// Account id, or the source of a message.
    pub merged_by: String,
    /// UTC microseconds; each merge has its own.
    pub merged_us: i64,
    /// Account id of who undid it.
    pub reversed_by: Option<String>,
    /// UTC microseconds.
    pub reversed_us: Option<i64>,
}

/// What undoing a merge could not decide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unmerged {
    /// Calls since the merge, which stay with the survivor until somebody says otherwise; at most 50.
    pub stayed_calls: Vec<String>,
}

/// Why two people are not joined, or not taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MergeRefusal {
    /// Survivor and loser are one.
    #[error("nobody can be joined with themselves")]
    Same,
    /// One of them is somebody else already.
    #[error("one of them was joined with somebody before")]
    Merged,
    /// They are not what was looked at.
    #[error("one of them was changed meanwhile")]
    Changed,
    /// No such merge, or one that was undone.
    #[error("there is no such merge, or it was undone already")]
    NotActive,
    /// The same people were joined with others since.
    #[error("a later merge of the same people has to be undone first")]
    Later,
    /// Somebody else has the loser's record number by now.
    #[error("the record number belongs to somebody else by now")]
    RecordNumber,
}

type Refusable<T> = std::result::Result<T, MergeRefusal>;

impl Store {
    /// Joins two people: all of it or nothing.
    ///
    /// # Errors
    /// [`StorageError::Merge`] with the reason, [`StorageError::Unknown`], or what the database refuses.
    pub async fn merge(&self, merge: Merge<'_>, now_us: i64) -> Result<MergeRow> {
        let mut transaction = self.begin().await?;
        for id in [merge.survivor, merge.loser] {
            if self.wrote(get(&mut transaction, id).await)?.is_none() {
                return Err(StorageError::Unknown("person"));
            }
        }
        let joined = join(&mut transaction, merge, now_us).await;
        let row = self.wrote(joined)?.map_err(StorageError::Merge)?;
        self.commit(transaction).await?;
        Ok(row)
    }

    /// Takes apart what a merge joined.
    ///
    /// # Errors
    /// [`StorageError::Merge`] with the reason, or what the database refuses.
    pub async fn unmerge(&self, id: &str, by: &str, now_us: i64) -> Result<Unmerged> {
        let mut transaction = self.begin().await?;
        let apart = take_apart(&mut transaction, id, by, now_us).await;
        let unmerged = self.wrote(apart)?.map_err(StorageError::Merge)?;
        self.commit(transaction).await?;
        Ok(unmerged)
    }

    /// Merges, the newest first, before a moment.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn merges(&self, before_us: i64, limit: usize) -> Result<Vec<MergeRow>> {
        let sql = "SELECT id, survivor_id, loser_id, kind, reason, merged_by, merged_us, reversed_by, reversed_us \
                   FROM merge_record WHERE merged_us < $1 ORDER BY merged_us DESC LIMIT $2";
        query(sql).bind(before_us).bind(limited(limit)).fetch_all(&self.reader).await.map_err(classified)
    }

    /// Who somebody has become: the same id for whoever stands for themselves, and for a stranger.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn living_person(&self, id: &str) -> Result<String> {
        let mut id = id.to_owned();
        for _ in 0..CHAIN_MAX {
            let into = query("SELECT merged_into FROM person WHERE id = $1").bind(&id);
            let into: Option<Option<String>> = into.fetch_scalar(&self.reader).await.map_err(classified)?;
            match into.flatten() {
                Some(into) => id = into,
                None => break,
            }
        }
        Ok(id)
    }
}

/// The same inside a transaction.
pub(in crate::storage) async fn living(transaction: &mut Tx, id: &str) -> Outcome<String> {
    let mut id = id.to_owned();
    for _ in 0..CHAIN_MAX {
        let into = query("SELECT merged_into FROM person WHERE id = $1").bind(&id);
        match into.fetch_scalar::<Option<String>>(&mut *transaction).await?.flatten() {
            Some(into) => id = into,
            None => break,
        }
    }
    Ok(id)
}

/// Joins two people who exist.
pub(in crate::storage) async fn join(
    transaction: &mut Tx,
    merge: Merge<'_>,
    now_us: i64,
) -> Outcome<Refusable<MergeRow>> {
    let Merge { survivor, loser, versions, kind, reason, by } = merge;
    if survivor == loser {
        return Ok(Err(MergeRefusal::Same));
    }
    if living(transaction, survivor).await? != survivor || living(transaction, loser).await? != loser {
        return Ok(Err(MergeRefusal::Merged));
    }
    let (Some(before), Some(gone)) = (get(transaction, survivor).await?, get(transaction, loser).await?)
    else {
        return Err(sqlx::Error::RowNotFound);
    };
    if versions.is_some_and(|versions| versions != (before.version, gone.version)) {
        return Ok(Err(MergeRefusal::Changed));
    }
    let after = together(&before, &gone);
    let last: Option<Option<i64>> =
        query("SELECT max(merged_us) FROM merge_record").fetch_scalar(&mut *transaction).await?;
    let row = MergeRow {
        id: new_id(now_us).map_err(|error| sqlx::Error::Encode(Box::new(error)))?,
        survivor_id: survivor.to_owned(),
        loser_id: loser.to_owned(),
        kind: kind.to_owned(),
        reason: reason.to_owned(),
        merged_by: by.to_owned(),
        // Merges of one moment keep their order.
        merged_us: now_us.max(last.flatten().map_or(i64::MIN, |last| last.saturating_add(1))),
        reversed_by: None,
        reversed_us: None,
    };
    note(transaction, &row, [&before, &after, &gone]).await?;
    let keeps_number = after.record_number != gone.record_number;
    let sql = "UPDATE person SET merged_into = $2, record_number = $3, version = version + 1 WHERE id = $1";
    let record_number = gone.record_number.as_ref().filter(|_| keeps_number);
    query(sql).bind(loser).bind(survivor).bind(record_number.cloned()).execute(&mut *transaction).await?;
    put(transaction, &after).await?;
    if take_id_number(transaction, survivor, loser).await? {
        let took =
            query("UPDATE merge_record SET took_id_number = $2 WHERE id = $1").bind(&row.id).bind(true);
        took.execute(&mut *transaction).await?;
    }
    hold_to_stricter(transaction, (survivor, loser), (&row.id, by), now_us).await?;
    moved::over(transaction, &row.id, survivor, loser).await?;
    decide(transaction, &row, ("merged", by), now_us).await?;
    Ok(Ok(row))
}

async fn note(transaction: &mut Tx, row: &MergeRow, [before, after, gone]: [&Person; 3]) -> Outcome<()> {
    let json =
        |person: &Person| serde_json::to_string(person).map_err(|error| sqlx::Error::Encode(Box::new(error)));
    let sql = "INSERT INTO merge_record (id, survivor_id, loser_id, kind, reason, survivor_before, survivor_after, \
               loser_before, merged_by, merged_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    query(sql)
        .bind(&row.id)
        .bind(&row.survivor_id)
        .bind(&row.loser_id)
        .bind(&row.kind)
        .bind(&row.reason)
        .bind(json(before)?)
        .bind(json(after)?)
        .bind(json(gone)?)
        .bind(&row.merged_by)
        .bind(row.merged_us)
        .execute(transaction)
        .await
        .map(|_| ())
}

/// The survivor's word counts; what it does not say, the other says. Warnings of both are kept, and the dead stay dead.
fn together(survivor: &Person, loser: &Person) -> Person {
    let or = |one: &str, other: &str| if one.is_empty() { other.to_owned() } else { one.to_owned() };
    let rank = |kind: &str| match kind {
        "patient" => 2,
        "prospect" => 1,
        _ => 0,
    };
    let kind = if rank(&loser.kind) > rank(&survivor.kind) { &loser.kind } else { &survivor.kind };
    let alert = match (survivor.alert.as_str(), loser.alert.as_str()) {
        (one, other) if one.is_empty() || other.is_empty() || one.contains(other) => or(one, other),
        (one, other) => format!("{one}；{other}").chars().take(ALERT_CHARS_MAX).collect(),
    };
    Person {
        record_number: survivor.record_number.clone().or_else(|| loser.record_number.clone()),
        kind: kind.clone(),
        sex: if survivor.sex == "unknown" { loser.sex.clone() } else { survivor.sex.clone() },
        birth_date: survivor.birth_date.clone().or_else(|| loser.birth_date.clone()),
        address: or(&survivor.address, &loser.address),
        alert,
        deceased: survivor.deceased || loser.deceased,
        source_code: or(&survivor.source_code, &loser.source_code),
        version: survivor.version + 1,
        ..survivor.clone()
    }
}

#[derive(FromRow)]
struct Stored {
    survivor_id: String,
    loser_id: String,
    survivor_before: String,
    survivor_after: String,
    loser_before: String,
    merged_us: i64,
    took_id_number: bool,
}

async fn take_apart(transaction: &mut Tx, id: &str, by: &str, now_us: i64) -> Outcome<Refusable<Unmerged>> {
    let sql = "SELECT survivor_id, loser_id, survivor_before, survivor_after, loser_before, merged_us, \
               took_id_number FROM merge_record WHERE id = $1 AND reversed_us IS NULL";
    let Some(stored) = query(sql).bind(id).fetch_optional::<Stored>(&mut *transaction).await? else {
        return Ok(Err(MergeRefusal::NotActive));
    };
    let (survivor, loser) = (stored.survivor_id.as_str(), stored.loser_id.as_str());
    let sql = "SELECT id FROM merge_record WHERE reversed_us IS NULL AND merged_us > $1 \
               AND (survivor_id IN ($2, $3) OR loser_id IN ($2, $3)) LIMIT 1";
    let later = query(sql).bind(stored.merged_us).bind(survivor).bind(loser);
    if !later.fetch_rows(&mut *transaction).await?.is_empty() {
        return Ok(Err(MergeRefusal::Later));
    }
    let read = |text: &str| -> Outcome<Person> {
        serde_json::from_str(text).map_err(|error| sqlx::Error::Decode(Box::new(error)))
    };
    let (before, after) = (read(&stored.survivor_before)?, read(&stored.survivor_after)?);
    let gone = read(&stored.loser_before)?;
    let (Some(now), Some(as_loser)) = (get(transaction, survivor).await?, get(transaction, loser).await?)
    else {
        return Err(sqlx::Error::RowNotFound);
    };
    if number_is_taken(transaction, &gone, survivor).await? {
        return Ok(Err(MergeRefusal::RecordNumber));
    }
    put(transaction, &as_before(&now, &before, &after)).await?;
    put(transaction, &Person { version: as_loser.version + 1, ..gone }).await?;
    let alive = query("UPDATE person SET merged_into = NULL WHERE id = $1").bind(loser);
    alive.execute(&mut *transaction).await?;
    if stored.took_id_number {
        give_back_id_number(transaction, survivor, loser).await?;
    }
    let_go(transaction, id).await?;
    moved::back(transaction, id, survivor, loser).await?;
    let undone = query("UPDATE merge_record SET reversed_by = $2, reversed_us = $3 WHERE id = $1");
    undone.bind(id).bind(by).bind(now_us).execute(&mut *transaction).await?;
    let pair = (survivor, loser);
    set_pair(transaction, pair, ("not_duplicate", by), now_us).await?;
    let sql =
        "SELECT call_id FROM interaction_person WHERE person_id = $1 AND at_us > $2 ORDER BY at_us LIMIT $3";
    let stayed = query(sql).bind(survivor).bind(stored.merged_us).bind(limited(STAYED_MAX));
    let stayed: Vec<(String,)> = stayed.fetch_all(&mut *transaction).await?;
    Ok(Ok(Unmerged { stayed_calls: stayed.into_iter().map(|(call,)| call).collect() }))
}

async fn number_is_taken(transaction: &mut Tx, gone: &Person, survivor: &str) -> Outcome<bool> {
    let Some(number) = &gone.record_number else { return Ok(false) };
    let sql = "SELECT id FROM person WHERE record_number = $1 AND id NOT IN ($2, $3) LIMIT 1";
    let taken = query(sql).bind(number).bind(&gone.id).bind(survivor);
    Ok(!taken.fetch_rows(transaction).await?.is_empty())
}

/// Field by field: what the merge made goes back, what was changed since stays.
fn as_before(now: &Person, before: &Person, after: &Person) -> Person {
    fn back<T: PartialEq + Clone>(now: &T, before: &T, after: &T) -> T {
        if now == after { before.clone() } else { now.clone() }
    }
    Person {
        id: now.id.clone(),
        record_number: back(&now.record_number, &before.record_number, &after.record_number),
        kind: back(&now.kind, &before.kind, &after.kind),
        name: back(&now.name, &before.name, &after.name),
        sex: back(&now.sex, &before.sex, &after.sex),
        birth_date: back(&now.birth_date, &before.birth_date, &after.birth_date),
        address: back(&now.address, &before.address, &after.address),
        alert: back(&now.alert, &before.alert, &after.alert),
        deceased: back(&now.deceased, &before.deceased, &after.deceased),
        source_code: back(&now.source_code, &before.source_code, &after.source_code),
        version: now.version + 1,
    }
}

async fn decide(transaction: &mut Tx, row: &MergeRow, decision: (&str, &str), now_us: i64) -> Outcome<()> {
    set_pair(transaction, (&row.survivor_id, &row.loser_id), decision, now_us).await
}

/// What was decided of a pair, whether a search had found it or not.
async fn set_pair(
    transaction: &mut Tx,
    (one, other): (&str, &str),
    (state, by): (&str, &str),
    now_us: i64,
) -> Outcome<()> {
    let (a, b) = if one < other { (one, other) } else { (other, one) };
    let sql = "INSERT INTO duplicate_pair (a_id, b_id, rule, score, found_us, state, decided_by, decided_us) \
               VALUES ($1, $2, '', 0, $5, $3, $4, $5) ON CONFLICT (a_id, b_id) DO UPDATE \
               SET state = excluded.state, decided_by = excluded.decided_by, decided_us = excluded.decided_us";
    query(sql).bind(a).bind(b).bind(state).bind(by).bind(now_us).execute(transaction).await.map(|_| ())
}
