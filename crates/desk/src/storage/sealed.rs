//! What lies sealed in the tables: ID numbers, which key opens them, and who asked to see one whole.

use super::ids::new_id;
use super::sql::{Outcome, Tx, query};
use super::{Result, StorageError, Store, classified};
use crate::identity::IdNumber;
use crate::sealing::Keys;
use std::sync::Arc;

/// What a sealed ID number is bound to.
const ID_NUMBER: &str = "person.id_number";

/// Something that somebody asks to see whole.
#[derive(Debug, Clone, Copy)]
pub struct Reveal<'a> {
    /// Account id.
    pub account: &'a str,
    /// Person id.
    pub person: &'a str,
    /// `id_number`.
    pub field: &'a str,
    /// Why.
    pub reason: &'a str,
}

impl Store {
    /// The same database with the keys of what lies sealed in it. The first keys are noted; from then on no others are
    /// taken. Without keys no ID number is kept, found or shown.
    ///
    /// # Errors
    /// [`StorageError::OtherKey`], or what the database refuses.
    pub async fn with_keys(mut self, keys: Keys, now_us: i64) -> Result<Self> {
        let note =
            "INSERT INTO data_key (name, since_us) SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM data_key)";
        self.wrote(query(note).bind(keys.name()).bind(now_us).execute(&self.writer).await)?;
        match self.data_key().await? {
            Some(name) if name == keys.name() => {}
            _ => return Err(StorageError::OtherKey),
        }
        self.keys = Some(Arc::new(keys));
        Ok(self)
    }

    /// The name of the key under which values lie sealed here; nothing while there is none.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn data_key(&self) -> Result<Option<String>> {
        let sql = "SELECT name FROM data_key ORDER BY since_us DESC LIMIT 1";
        query(sql).fetch_scalar(&self.reader).await.map_err(classified)
    }

    /// The digest by which an ID number is found; nothing for another text, and without keys.
    pub(super) fn id_digest(&self, text: &str) -> Option<String> {
        let number = IdNumber::parse(text).ok()?;
        Some(self.keys.as_ref()?.digest(ID_NUMBER, number.as_str()))
    }

    /// Somebody's ID number; nothing when none is known, or it does not open.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn id_number_of(&self, person_id: &str) -> Result<Option<IdNumber>> {
        let sealed = query("SELECT id_number FROM person WHERE id = $1").bind(person_id);
        let sealed: Option<Option<String>> = sealed.fetch_scalar(&self.reader).await.map_err(classified)?;
        Ok(sealed.flatten().and_then(|sealed| self.opened(&sealed)))
    }

    pub(super) fn opened(&self, sealed: &str) -> Option<IdNumber> {
        let keys = self.keys.as_ref()?;
        match keys.open(sealed, ID_NUMBER) {
            Ok(text) => IdNumber::parse(&text).ok(),
            Err(error) => {
                tracing::warn!(%error, "an ID number");
                None
            }
        }
    }

    /// Writes down an ID number that somebody told.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn set_id_number(&self, person_id: &str, number: &IdNumber) -> Result<()> {
        let mut transaction = self.begin().await?;
        let noted = note_id_number(&mut transaction, self.keys.as_deref(), person_id, number).await;
        self.wrote(noted)?;
        self.commit(transaction).await
    }

    /// Notes that somebody asks to see something whole, unless they asked `most` times since a moment: then nothing is
    /// noted, and false comes back.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn note_reveal(
        &self,
        reveal: Reveal<'_>,
        (since_us, most): (i64, i64),
        now_us: i64,
    ) -> Result<bool> {
        let mut transaction = self.begin().await?;
        let asked = query("SELECT count(*) FROM reveal WHERE account_id = $1 AND at_us > $2");
        let asked = asked.bind(reveal.account).bind(since_us).fetch_scalar::<i64>(&mut transaction).await;
        if self.wrote(asked)?.unwrap_or(0) >= most {
            return Ok(false);
        }
        let sql = "INSERT INTO reveal (id, at_us, account_id, person_id, field, reason) VALUES ($1, $2, $3, $4, $5, $6)";
        let noted = query(sql).bind(new_id(now_us)?).bind(now_us).bind(reveal.account).bind(reveal.person);
        let noted = noted.bind(reveal.field).bind(reveal.reason).execute(&mut transaction).await;
        self.wrote(noted)?;
        self.commit(transaction).await?;
        Ok(true)
    }
}

/// Seals an ID number into a person's row, when it is another one than before: the same value sealed twice differs.
pub(super) async fn note_id_number(
    transaction: &mut Tx,
    keys: Option<&Keys>,
    person_id: &str,
    number: &IdNumber,
) -> Outcome<()> {
    let Some(keys) = keys else { return Ok(()) };
    let digest = keys.digest(ID_NUMBER, number.as_str());
    let sealed =
        keys.seal(number.as_str(), ID_NUMBER).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    let sql = "UPDATE person SET id_number = $2, id_digest = $3, version = version + 1 \
               WHERE id = $1 AND (id_digest IS NULL OR id_digest <> $3)";
    query(sql).bind(person_id).bind(sealed).bind(digest).execute(transaction).await.map(|_| ())
}

/// A survivor without an ID number takes the loser's; says whether it did.
pub(super) async fn take_id_number(transaction: &mut Tx, survivor: &str, loser: &str) -> Outcome<bool> {
    let sql = "UPDATE person SET id_number = (SELECT id_number FROM person WHERE id = $2), \
               id_digest = (SELECT id_digest FROM person WHERE id = $2) \
               WHERE id = $1 AND id_digest IS NULL AND EXISTS (SELECT 1 FROM person WHERE id = $2 AND id_digest IS NOT NULL)";
    Ok(query(sql).bind(survivor).bind(loser).execute(transaction).await? > 0)
}

/// Gives back what was taken so, unless another number was told since.
pub(super) async fn give_back_id_number(transaction: &mut Tx, survivor: &str, loser: &str) -> Outcome<()> {
    let sql = "UPDATE person SET id_number = NULL, id_digest = NULL \
               WHERE id = $1 AND id_digest = (SELECT id_digest FROM person WHERE id = $2)";
    query(sql).bind(survivor).bind(loser).execute(transaction).await.map(|_| ())
}
