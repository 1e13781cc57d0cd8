//! A database of a test's own: a file, or one on the PostgreSQL server that the tests were told of.

use anyhow::Context;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Column, Connection, Row, TypeInfo, ValueRef};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

use crate::postgres::SUPERUSER;

/// Names the server's port on 127.0.0.1; without it databases are files.
pub const POSTGRES_PORT: &str = "CARELINE_POSTGRES_PORT";

/// Names every database of this process differently.
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// One database, empty at first; gone on drop.
#[derive(Debug)]
pub enum Database {
    /// A file in a folder of its own.
    File(TempDir, PathBuf),
    /// At the server.
    Server {
        /// On 127.0.0.1.
        port: u16,
        /// Of the database.
        name: String,
    },
}

/// One row: names of columns, and their values as text; nothing for NULL, 1 and 0 for true and false.
pub type Cells = Vec<(String, Option<String>)>;

impl Database {
    /// Where the tests were told.
    ///
    /// # Errors
    /// When there is no folder for it, or the server refuses.
    pub async fn new() -> anyhow::Result<Self> {
        match std::env::var(POSTGRES_PORT) {
            Ok(port) => Self::at_server(port.parse().context(POSTGRES_PORT)?).await,
            Err(_) => {
                let folder = tempfile::tempdir()?;
                let file = folder.path().join("desk.db");
                Ok(Self::File(folder, file))
            }
        }
    }

    /// At a server.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn at_server(port: u16) -> anyhow::Result<Self> {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("story_{}_{number}", std::process::id());
        let mut connection = connect(port, "postgres").await?;
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut connection).await?;
        connection.close().await?;
        Ok(Self::Server { port, name })
    }

    /// The file, where it is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(_, file) => Some(file),
            Self::Server { .. } => None,
        }
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn rows(&self, sql: &str) -> anyhow::Result<Vec<Cells>> {
        let query = AssertSqlSafe(sql.to_owned());
        match self {
            Self::File(_, file) => {
                let mut connection = open(file).await?;
                let rows = sqlx::query(query).fetch_all(&mut connection).await?;
                connection.close().await?;
                rows.iter().map(cells).collect()
            }
            Self::Server { port, name } => {
                let mut connection = connect(*port, name).await?;
                let rows = sqlx::query(query).fetch_all(&mut connection).await?;
                connection.close().await?;
                rows.iter().map(cells).collect()
            }
        }
    }

    /// The first column of the first row, when there is one that is not NULL.
    ///
    /// # Errors
    /// When the database refuses, or it is no number.
    pub async fn number(&self, sql: &str) -> anyhow::Result<Option<i64>> {
        let rows = self.rows(sql).await?;
        let first = rows.first().and_then(|row| row.first()).and_then(|(_, value)| value.as_deref());
        first.map(|text| text.parse().with_context(|| sql.to_owned())).transpose()
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count(&self, table: &str) -> anyhow::Result<i64> {
        let counted = self.number(&format!("SELECT count(*) FROM {table}")).await?;
        counted.context("count gives a row")
    }

    /// The first column of all rows that several statements give together.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn explained(&self, sql: &str) -> anyhow::Result<Vec<String>> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self.beside().await? {
            Beside::File(mut connection) => {
                query.fetch_all(&mut *connection).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
            }
            Beside::Server(mut connection) => {
                query.fetch_all(&mut *connection).await?.iter().map(|row| Ok(row.try_get(0)?)).collect()
            }
        }
    }

    /// Changes something; several statements may be given.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn execute(&self, sql: &str) -> anyhow::Result<()> {
        let beside = self.beside().await?;
        beside.execute(sql).await?.close().await
    }

    /// A connection beside those of whom the database serves.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn beside(&self) -> anyhow::Result<Beside> {
        Ok(match self {
            Self::File(_, file) => Beside::File(Box::new(open(file).await?)),
            Self::Server { port, name } => Beside::Server(Box::new(connect(*port, name).await?)),
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Self::Server { port, name } = self else { return };
        let (port, name) = (*port, std::mem::take(name));
        // Whoever drops it may be inside a runtime. A database that cannot be dropped goes with its server.
        let dropped = std::thread::spawn(move || -> anyhow::Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut connection = connect(port, "postgres").await?;
                let sql = AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
                sqlx::raw_sql(sql).execute(&mut connection).await?;
                Ok(connection.close().await?)
            })
        });
        let _ = dropped.join();
    }
}

/// A connection of somebody else.
#[derive(Debug)]
pub enum Beside {
    /// To a file.
    File(Box<SqliteConnection>),
    /// To a server.
    Server(Box<PgConnection>),
}

impl Beside {
    /// Runs statements; gives itself back.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn execute(mut self, sql: &str) -> anyhow::Result<Self> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match &mut self {
            Self::File(connection) => _ = query.execute(&mut **connection).await?,
            Self::Server(connection) => _ = query.execute(&mut **connection).await?,
        }
        Ok(self)
    }

    /// Ends it, and what it did not commit.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::File(connection) => Ok(connection.close().await?),
            Self::Server(connection) => Ok(connection.close().await?),
        }
    }
}

async fn open(file: &Path) -> anyhow::Result<SqliteConnection> {
    Ok(SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await?)
}

async fn connect(port: u16, name: &str) -> anyhow::Result<PgConnection> {
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(SUPERUSER)
        .database(name);
    Ok(PgConnection::connect_with(&options).await?)
}

trait Cell: Row {
    fn cell(&self, at: usize) -> anyhow::Result<Option<String>>;
}

impl Cell for sqlx::sqlite::SqliteRow {
    fn cell(&self, at: usize) -> anyhow::Result<Option<String>> {
        let raw = self.try_get_raw(at)?;
        Ok(match raw.type_info().name() {
            _ if raw.is_null() => None,
            "INTEGER" | "BOOLEAN" => Some(self.try_get::<i64, _>(at)?.to_string()),
            _ => Some(self.try_get::<String, _>(at)?),
        })
    }
}

impl Cell for sqlx::postgres::PgRow {
    fn cell(&self, at: usize) -> anyhow::Result<Option<String>> {
        let raw = self.try_get_raw(at)?;
        Ok(match raw.type_info().name() {
            _ if raw.is_null() => None,
            "INT8" => Some(self.try_get::<i64, _>(at)?.to_string()),
            "BOOL" => Some(u8::from(self.try_get::<bool, _>(at)?).to_string()),
            _ => Some(self.try_get::<String, _>(at)?),
        })
    }
}

fn cells<R: Cell>(row: &R) -> anyhow::Result<Cells> {
    let columns = row.columns().iter();
    columns.map(|column| Ok((column.name().to_owned(), row.cell(column.ordinal())?))).collect()
}
