//! What people allow.

use super::ids::new_id;
use super::sql::{On, Outcome, Tx, query};
use super::{Result, Store, classified, limited};
use crate::consent::{Consent, ConsentState, Purpose, stricter};
use sqlx::FromRow;
use std::collections::BTreeMap;

/// Words of one person that are read, the newest ones.
const WORDS_MAX: usize = 500;

/// A word that somebody said.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ConsentRow {
    /// Word of [`Purpose`].
    pub purpose: String,
    /// Word of [`ConsentState`].
    pub state: String,
    /// How it is known.
    pub evidence: String,
    /// The call in which it was said.
    pub call_id: Option<String>,
    /// UTC microseconds.
    pub until_us: Option<i64>,
    /// UTC microseconds.
    pub at_us: i64,
    /// Who wrote it down.
    pub account_id: String,
}

impl ConsentRow {
    fn consent(&self) -> Option<(Purpose, Consent)> {
        let state = ConsentState::of(&self.state)?;
        Some((Purpose::of(&self.purpose)?, Consent { state, until_us: self.until_us }))
    }
}

/// A word to write down.
#[derive(Debug, Clone, Copy)]
pub struct NewConsent<'a> {
    /// Whose.
    pub person: &'a str,
    /// For what.
    pub purpose: Purpose,
    /// Which.
    pub consent: Consent,
    /// How it is known.
    pub evidence: &'a str,
    /// The call in which it was said.
    pub call: Option<&'a str>,
    /// Account id.
    pub by: &'a str,
}

impl Store {
    /// Words of a person, the newest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn consents_of(&self, person_id: &str) -> Result<Vec<ConsentRow>> {
        words(&self.reader, person_id).await.map_err(classified)
    }

    /// Writes a word down.
    ///
    /// # Errors
    /// [`super::StorageError::Unknown`] without such a person, or what the database refuses.
    pub async fn add_consent(&self, new: NewConsent<'_>, now_us: i64) -> Result<()> {
        let mut transaction = self.begin().await?;
        let added = insert(&mut transaction, new, None, now_us).await;
        self.wrote(added)?;
        self.commit(transaction).await
    }

    /// Whether somebody has a number that may be called, and lies in the hospital.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn circumstances_of(&self, person_id: &str) -> Result<(bool, bool)> {
        let sql = "SELECT (SELECT count(*) FROM person_phone WHERE person_id = $1 AND kind <> 'invalid') AS numbers, \
                   (SELECT count(*) FROM visit WHERE person_id = $1 AND state = 'present' AND class = 'inpatient') AS stays";
        let counts: Option<(i64, i64)> =
            query(sql).bind(person_id).fetch_optional(&self.reader).await.map_err(classified)?;
        let (numbers, stays) = counts.unwrap_or_default();
        Ok((numbers > 0, stays > 0))
    }
}

/// What holds of each purpose: the newest word.
#[must_use]
pub fn holding(rows: &[ConsentRow]) -> BTreeMap<Purpose, Consent> {
    let mut holding = BTreeMap::new();
    for (purpose, consent) in rows.iter().filter_map(ConsentRow::consent) {
        holding.entry(purpose).or_insert(consent);
    }
    holding
}

async fn words(on: impl Into<On<'_>>, person_id: &str) -> Outcome<Vec<ConsentRow>> {
    let sql = "SELECT purpose, state, evidence, call_id, until_us, at_us, account_id FROM consent WHERE person_id = $1 \
               ORDER BY at_us DESC, id DESC LIMIT $2";
    query(sql).bind(person_id).bind(limited(WORDS_MAX)).fetch_all(on).await
}

async fn insert(transaction: &mut Tx, new: NewConsent<'_>, merge: Option<&str>, now_us: i64) -> Outcome<()> {
    let sql = "INSERT INTO consent (id, person_id, purpose, state, evidence, call_id, until_us, at_us, account_id, merge_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    query(sql)
        .bind(new_id(now_us).map_err(|error| sqlx::Error::Encode(Box::new(error)))?)
        .bind(new.person)
        .bind(new.purpose.as_str())
        .bind(new.consent.state.as_str())
        .bind(new.evidence)
        .bind(new.call)
        .bind(new.consent.until_us)
        .bind(now_us)
        .bind(new.by)
        .bind(merge)
        .execute(transaction)
        .await
        .map(|_| ())
}

/// The survivor of a merge is held to the stricter word of both.
pub(super) async fn hold_to_stricter(
    transaction: &mut Tx,
    (survivor, loser): (&str, &str),
    (merge, by): (&str, &str),
    now_us: i64,
) -> Outcome<()> {
    let of_survivor = holding(&words(&mut *transaction, survivor).await?);
    let of_loser = holding(&words(&mut *transaction, loser).await?);
    for purpose in Purpose::ALL {
        let own = of_survivor.get(&purpose).copied();
        let Some(holds) = stricter(own, of_loser.get(&purpose).copied()) else { continue };
        if own != Some(holds) {
            let new =
                NewConsent { person: survivor, purpose, consent: holds, evidence: "merge", call: None, by };
            insert(transaction, new, Some(merge), now_us).await?;
        }
    }
    Ok(())
}

/// What followed from a merge goes with it.
pub(super) async fn let_go(transaction: &mut Tx, merge: &str) -> Outcome<()> {
    query("DELETE FROM consent WHERE merge_id = $1").bind(merge).execute(transaction).await.map(|_| ())
}
