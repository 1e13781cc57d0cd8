//! What agents write down in a call, saved as it is typed, so that two windows never overwrite each other unseen.

use super::sql::query;
use super::{Result, Store, classified};
use sqlx::FromRow;

/// What was written down in one call.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Note {
    /// The text.
    pub text: String,
    /// Who saved it last.
    pub account_id: String,
    /// When, UTC microseconds.
    pub at_us: i64,
    /// Grows by one with every save, from 1.
    pub version: i64,
}

/// Somebody else saved meanwhile.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("the note was changed meanwhile")]
pub struct NoteConflict {
    /// What is saved; none when the writer knew a version that does not exist.
    pub current: Option<Note>,
}

impl Store {
    /// The note of a call.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn note(&self, call_id: &str) -> Result<Option<Note>> {
        let sql = "SELECT text, account_id, at_us, version FROM note WHERE call_id = $1";
        query(sql).bind(call_id).fetch_optional(&self.reader).await.map_err(classified)
    }

    /// Saves a note over the version the writer knows (0 for none). A save that comes twice, because its answer was
    /// lost, is one save.
    ///
    /// # Errors
    /// What the database refuses. The inner error says that another version is saved, and which.
    pub async fn save_note(
        &self,
        call_id: &str,
        text: &str,
        account_id: &str,
        version: i64,
        now_us: i64,
    ) -> Result<std::result::Result<Note, NoteConflict>> {
        let mut transaction = self.begin().await?;
        let sql = "SELECT text, account_id, at_us, version FROM note WHERE call_id = $1";
        let current: Option<Note> =
            self.wrote(query(sql).bind(call_id).fetch_optional(&mut transaction).await)?;
        let known = current.as_ref().map_or(0, |note| note.version);
        if known != version {
            let repeated = current.as_ref().filter(|note| {
                note.version == version + 1 && note.text == text && note.account_id == account_id
            });
            return Ok(match repeated {
                Some(note) => Ok(note.clone()),
                None => Err(NoteConflict { current }),
            });
        }
        let note =
            Note { text: text.into(), account_id: account_id.into(), at_us: now_us, version: version + 1 };
        let saved = query(
            "INSERT INTO note (call_id, text, account_id, at_us, version) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (call_id) DO UPDATE SET text = excluded.text, account_id = excluded.account_id, \
             at_us = excluded.at_us, version = excluded.version",
        )
        .bind(call_id)
        .bind(&note.text)
        .bind(&note.account_id)
        .bind(note.at_us)
        .bind(note.version)
        .execute(&mut transaction)
        .await;
        self.wrote(saved)?;
        self.commit(transaction).await?;
        Ok(Ok(note))
    }
}
