//! One text of a statement for SQLite and PostgreSQL: its values, who runs it, and what comes back.
//!
//! sqlx's own `Any` knows no booleans; so each statement is made for the database that is there. Texts use `$1` and what
//! both understand.

use super::{StorageError, StorageHealth, postgres, sqlite};
use sqlx::postgres::{PgArguments, PgConnection, PgPool, PgRow};
use sqlx::sqlite::{SqliteArguments, SqliteConnection, SqlitePool, SqliteRow};
use sqlx::{
    Arguments, ColumnIndex, Decode, FromRow, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite, Transaction,
    Type,
};
use std::io;
use tokio::sync::watch;

/// What a statement answers, in sqlx's words.
pub(super) type Outcome<T> = Result<T, sqlx::Error>;

/// Connections to a database.
#[derive(Debug, Clone)]
pub(super) enum Pool {
    /// To a file.
    Sqlite(SqlitePool),
    /// To a server. Nobody waits for a server that is away.
    Postgres(PgPool, Option<watch::Receiver<StorageHealth>>),
}

impl Pool {
    /// A transaction with the write lock.
    pub(super) async fn begin(&self) -> Outcome<Tx> {
        match self {
            Self::Sqlite(pool) => sqlite::begin(pool).await,
            Self::Postgres(pool, health) => postgres::begin(pool, health.clone()).await,
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite(pool) => pool.close().await,
            Self::Postgres(pool, _) => pool.close().await,
        }
    }
}

/// A transaction that holds the write lock.
#[derive(Debug)]
pub(super) enum Tx {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>, Option<watch::Receiver<StorageHealth>>),
}

impl Tx {
    pub(super) async fn commit(self) -> Outcome<()> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await,
            Self::Postgres(transaction, health) => unless_away(health, transaction.commit()).await,
        }
    }
}

/// Who runs a statement.
pub(super) enum On<'c> {
    SqlitePool(&'c SqlitePool),
    Sqlite(&'c mut SqliteConnection),
    PostgresPool(&'c PgPool, Option<watch::Receiver<StorageHealth>>),
    Postgres(&'c mut PgConnection, Option<watch::Receiver<StorageHealth>>),
}

impl<'c> From<&'c Pool> for On<'c> {
    fn from(pool: &'c Pool) -> Self {
        match pool {
            Pool::Sqlite(pool) => Self::SqlitePool(pool),
            Pool::Postgres(pool, health) => Self::PostgresPool(pool, health.clone()),
        }
    }
}

impl<'c> From<&'c mut Tx> for On<'c> {
    fn from(transaction: &'c mut Tx) -> Self {
        match transaction {
            Tx::Sqlite(transaction) => Self::Sqlite(transaction),
            Tx::Postgres(transaction, health) => Self::Postgres(transaction, health.clone()),
        }
    }
}

/// A value of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Bytes(Vec<u8>),
}

macro_rules! values {
    ($($from:ty => $kind:ident, $value:ident: $make:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self {
                Self::$kind($make)
            }
        })*
    };
}

values! {
    &str => Text, value: Some(value.to_owned());
    String => Text, value: Some(value);
    &String => Text, value: Some(value.clone());
    &&str => Text, value: Some((*value).to_owned());
    Option<&str> => Text, value: value.map(str::to_owned);
    Option<String> => Text, value: value;
    &Option<String> => Text, value: value.clone();
    i64 => Int, value: Some(value);
    &i64 => Int, value: Some(*value);
    Option<i64> => Int, value: value;
    &Option<i64> => Int, value: *value;
    &[u8] => Bytes, value: value.to_vec();
    bool => Bool, value: Some(value);
    &bool => Bool, value: Some(*value);
}

/// A statement with its values.
pub(super) struct Query {
    text: SqlStr,
    values: Vec<Value>,
}

/// A statement. Its values are bound in the order of their numbers.
pub(super) fn query(text: impl SqlSafeStr) -> Query {
    Query { text: text.into_sql_str(), values: Vec::new() }
}

/// Rows as sqlx's `FromRow` reads them from either database.
pub(super) trait Read:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<T> Read for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// What a column holds, in either database.
pub(super) trait Cell:
    for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

impl<T> Cell for T where
    T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>
{
}

/// A row whose columns are read by name.
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// One column.
    pub(super) fn get<T: Cell>(&self, column: &str) -> Outcome<T>
    where
        for<'n> &'n str: ColumnIndex<SqliteRow> + ColumnIndex<PgRow>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// Several of its columns together.
    pub(super) fn read<T: Read>(&self) -> Outcome<T> {
        match self {
            Self::Sqlite(row) => T::from_row(row),
            Self::Postgres(row) => T::from_row(row),
        }
    }
}

impl Query {
    /// The next value.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it, and gives how many rows it changed.
    pub(super) async fn execute(self, on: impl Into<On<'_>>) -> Outcome<u64> {
        let Self { text, values } = self;
        match on.into() {
            On::SqlitePool(pool) => {
                let done = sqlx::query_with(text, for_sqlite(values)?).execute(pool).await?;
                Ok(done.rows_affected())
            }
            On::Sqlite(connection) => {
                let done = sqlx::query_with(text, for_sqlite(values)?).execute(connection).await?;
                Ok(done.rows_affected())
            }
            On::PostgresPool(pool, health) => {
                let asked = sqlx::query_with(text, for_postgres(values)?).execute(pool);
                Ok(unless_away(health, asked).await?.rows_affected())
            }
            On::Postgres(connection, health) => {
                let asked = sqlx::query_with(text, for_postgres(values)?).execute(connection);
                Ok(unless_away(health, asked).await?.rows_affected())
            }
        }
    }

    /// All its rows.
    pub(super) async fn fetch_rows(self, on: impl Into<On<'_>>) -> Outcome<Vec<Row>> {
        let Self { text, values } = self;
        match on.into() {
            On::SqlitePool(pool) => {
                let rows = sqlx::query_with(text, for_sqlite(values)?).fetch_all(pool).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            On::Sqlite(connection) => {
                let rows = sqlx::query_with(text, for_sqlite(values)?).fetch_all(connection).await?;
                Ok(rows.into_iter().map(Row::Sqlite).collect())
            }
            On::PostgresPool(pool, health) => {
                let asked = sqlx::query_with(text, for_postgres(values)?).fetch_all(pool);
                Ok(unless_away(health, asked).await?.into_iter().map(Row::Postgres).collect())
            }
            On::Postgres(connection, health) => {
                let asked = sqlx::query_with(text, for_postgres(values)?).fetch_all(connection);
                Ok(unless_away(health, asked).await?.into_iter().map(Row::Postgres).collect())
            }
        }
    }

    /// All its rows, read.
    pub(super) async fn fetch_all<T: Read>(self, on: impl Into<On<'_>>) -> Outcome<Vec<T>> {
        self.fetch_rows(on).await?.iter().map(Row::read).collect()
    }

    /// Its row, when there is one. The statement asks for no more than one.
    pub(super) async fn fetch_optional<T: Read>(self, on: impl Into<On<'_>>) -> Outcome<Option<T>> {
        self.fetch_rows(on).await?.first().map(Row::read).transpose()
    }

    /// The first column of its row, when there is one.
    pub(super) async fn fetch_scalar<T>(self, on: impl Into<On<'_>>) -> Outcome<Option<T>>
    where
        (T,): Read,
    {
        Ok(self.fetch_optional::<(T,)>(on).await?.map(|(value,)| value))
    }
}

/// `($1, $2), ($3, $4)`: places for so many rows of so many values.
pub(super) fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let numbers: Vec<String> =
            (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", numbers.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

fn for_sqlite(values: Vec<Value>) -> Outcome<SqliteArguments> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text),
            Value::Int(number) => arguments.add(number),
            Value::Bool(truth) => arguments.add(truth),
            Value::Bytes(bytes) => arguments.add(bytes),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn for_postgres(values: Vec<Value>) -> Outcome<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text.map(without_nul)),
            Value::Int(number) => arguments.add(number),
            Value::Bool(truth) => arguments.add(truth),
            Value::Bytes(bytes) => arguments.add(bytes),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// PostgreSQL keeps no U+0000 in a text; somebody's nonsense is no reason to refuse the rest of it.
fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// The answer, or that the server is away the moment that is known: a server that vanished from the network answers
/// nothing, for minutes.
pub(super) async fn unless_away<T>(
    health: Option<watch::Receiver<StorageHealth>>,
    asked: impl Future<Output = Outcome<T>>,
) -> Outcome<T> {
    let answer = match health {
        None => asked.await,
        Some(mut health) => {
            let away = async {
                if health.wait_for(|health| *health == StorageHealth::Away).await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            tokio::select! {
                biased;
                answer = asked => answer,
                () = away => Err(away_error()),
            }
        }
    };
    // Nobody had a connection to give in time: there is no server, or none that answers.
    answer.map_err(|error| if matches!(error, sqlx::Error::PoolTimedOut) { away_error() } else { error })
}

fn away_error() -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, StorageError::Away.to_string()))
}
