//! A database file as a story reads it, and now and then writes it: by SQL, past the program that owns it.

use anyhow::Context;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{AssertSqlSafe, Column, ConnectOptions, Connection, Row, TypeInfo, ValueRef};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::runtime::Runtime;

/// How long the owner may hold the file.
const BUSY: Duration = Duration::from_secs(5);

/// A database file.
#[derive(Debug)]
pub struct Sqlite {
    file: PathBuf,
    runtime: Runtime,
}

impl Sqlite {
    /// The database in this file; it must exist when it is asked.
    ///
    /// # Errors
    /// When the system gives no runtime.
    pub fn at(file: &Path) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { file: file.into(), runtime })
    }

    /// The rows of a query, each column as text; nothing for NULL.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn rows(&self, sql: &str) -> anyhow::Result<Vec<Vec<Option<String>>>> {
        self.runtime.block_on(async {
            let mut connection = self.connect().await?;
            let rows = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut connection).await;
            let rows = rows.with_context(|| format!("failed to run {sql}"))?;
            connection.close().await?;
            rows.iter().map(texts).collect()
        })
    }

    /// The first column of the first row, as a number.
    ///
    /// # Errors
    /// When there is none, or it is no number.
    pub fn number(&self, sql: &str) -> anyhow::Result<i64> {
        let rows = self.rows(sql)?;
        let first = rows.first().and_then(|row| row.first()).cloned().flatten();
        first.with_context(|| format!("{sql} gives nothing"))?.parse().with_context(|| sql.to_owned())
    }

    /// Changes something; several statements may be given.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn execute(&self, sql: &str) -> anyhow::Result<()> {
        self.runtime.block_on(async {
            let mut connection = self.connect().await?;
            sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
                .execute(&mut connection)
                .await
                .with_context(|| format!("failed to run {sql}"))?;
            connection.close().await?;
            Ok(())
        })
    }

    /// Takes the write lock, as a foreign program would, until the guard is dropped.
    ///
    /// # Errors
    /// When somebody else holds it.
    pub fn lock(&self) -> anyhow::Result<Locked<'_>> {
        let connection = self.runtime.block_on(async {
            let mut connection = self.connect().await?;
            sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut connection).await?;
            anyhow::Ok(connection)
        })?;
        Ok(Locked { sqlite: self, connection: Some(connection) })
    }

    async fn connect(&self) -> anyhow::Result<SqliteConnection> {
        let options = SqliteConnectOptions::new().filename(&self.file).busy_timeout(BUSY);
        let connected = options.disable_statement_logging().connect().await;
        connected.with_context(|| format!("failed to open {}", self.file.display()))
    }
}

/// The write lock of a database.
#[derive(Debug)]
pub struct Locked<'a> {
    sqlite: &'a Sqlite,
    connection: Option<SqliteConnection>,
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Closing rolls back, which is all that is wanted.
            let _ = self.sqlite.runtime.block_on(connection.close());
        }
    }
}

fn texts(row: &SqliteRow) -> anyhow::Result<Vec<Option<String>>> {
    let mut texts = Vec::with_capacity(row.len());
    for column in row.columns() {
        let raw = row.try_get_raw(column.ordinal())?;
        texts.push(match (raw.is_null(), raw.type_info().name()) {
            (true, _) => None,
            (false, "INTEGER" | "BOOLEAN") => Some(row.try_get::<i64, _>(column.ordinal())?.to_string()),
            (false, "REAL") => Some(row.try_get::<f64, _>(column.ordinal())?.to_string()),
            (false, _) => Some(row.try_get::<String, _>(column.ordinal())?),
        });
    }
    Ok(texts)
}
