//! What copies of the database want of it.

use super::sql::{Pool, query};
use super::{Result, Store, classified};
use std::path::Path;

impl Store {
    /// Copies a database that is a file into another one, as it is at one moment; others write meanwhile. Nothing is copied
    /// from a server.
    ///
    /// # Errors
    /// When there is something in the file, or what the database refuses.
    pub async fn copy_into(&self, file: &Path) -> Result<()> {
        if matches!(self.reader, Pool::Postgres(..)) {
            return Ok(());
        }
        let copied = query("VACUUM INTO $1").bind(file.display().to_string()).execute(&self.reader).await;
        copied.map(|_| ()).map_err(classified)
    }

    /// What is wrong with the file; nothing when it is whole. A server looks after itself.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn integrity(&self) -> Result<Vec<String>> {
        if matches!(self.reader, Pool::Postgres(..)) {
            return Ok(Vec::new());
        }
        let found: Vec<(String,)> =
            query("PRAGMA integrity_check(10)").fetch_all(&self.reader).await.map_err(classified)?;
        Ok(found.into_iter().map(|(line,)| line).filter(|line| line != "ok").collect())
    }

    /// How many steps brought the tables to where they are.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn steps(&self) -> Result<i64> {
        let sql = "SELECT count(*) FROM _sqlx_migrations";
        Ok(query(sql).fetch_scalar(&self.reader).await.map_err(classified)?.unwrap_or(0))
    }

    /// Takes out all ID numbers and the name of their key: the key is lost, and another one shall be used.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn forget_id_numbers(&self) -> Result<()> {
        let mut transaction = self.begin().await?;
        for sql in [
            "UPDATE person SET id_number = NULL, id_digest = NULL WHERE id_number IS NOT NULL",
            "DELETE FROM data_key",
        ] {
            self.wrote(query(sql).execute(&mut transaction).await)?;
        }
        self.commit(transaction).await
    }
}
