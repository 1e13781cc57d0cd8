//! Many rows in few statements of ever the same text.
//!
//! A statement for each row costs more than the sync, and each is a trip to the database's own thread and back; a text
//! that differs with the number of rows would be read anew each time. So there are two texts, for a few rows and for
//! many, and the places that are left over are bound to nothing.

use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};
use sqlx::{AssertSqlSafe, Sqlite};
use std::sync::LazyLock;

/// Rows of the short text: what a quiet centre says at once.
const FEW: usize = 8;
/// Rows of the long one; four columns stay far below SQLite's 32,766 variables.
const MANY: usize = 128;

/// Number, time, whether it is diagnostic, body.
pub(super) type EventRow = (i64, i64, bool, String);

/// The two texts that write one table.
pub(super) struct Insert {
    few: String,
    many: String,
}

impl Insert {
    fn new(head: &str, columns: usize) -> Self {
        let text = |rows: usize| {
            let row = format!("({})", vec!["?"; columns].join(","));
            format!("{head} SELECT * FROM (VALUES {}) WHERE column1 IS NOT NULL", vec![row; rows].join(","))
        };
        Self { few: text(FEW), many: text(MANY) }
    }
}

pub(super) static EVENTS: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("INSERT INTO event (number, at_us, diagnostic, body)", 4));
pub(super) static OPEN_CALLS: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("INSERT OR REPLACE INTO open_call (call, body)", 2));

type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// What one row binds.
pub(super) trait Bound: Sized {
    /// Nothing in the place of a row.
    fn nothing(statement: Statement<'_>) -> Statement<'_>;
    /// The row.
    fn bind(self, statement: Statement<'_>) -> Statement<'_>;
}

impl Bound for EventRow {
    fn nothing(statement: Statement<'_>) -> Statement<'_> {
        statement.bind(None::<i64>).bind(None::<i64>).bind(None::<bool>).bind(None::<String>)
    }

    fn bind(self, statement: Statement<'_>) -> Statement<'_> {
        let (number, at_us, diagnostic, body) = self;
        statement.bind(number).bind(at_us).bind(diagnostic).bind(body)
    }
}

impl Bound for (String, String) {
    fn nothing(statement: Statement<'_>) -> Statement<'_> {
        statement.bind(None::<String>).bind(None::<String>)
    }

    fn bind(self, statement: Statement<'_>) -> Statement<'_> {
        statement.bind(self.0).bind(self.1)
    }
}

/// Writes the rows within the transaction that is open.
pub(super) async fn write<R: Bound>(
    connection: &mut SqliteConnection,
    insert: &'static Insert,
    rows: Vec<R>,
) -> Result<(), sqlx::Error> {
    let mut left = rows.len();
    let mut rows = rows.into_iter();
    while left > 0 {
        let (text, places) = if left <= FEW { (&insert.few, FEW) } else { (&insert.many, MANY) };
        let mut statement = sqlx::query(AssertSqlSafe(text.as_str()));
        for _ in 0..places {
            statement = match rows.next() {
                Some(row) => row.bind(statement),
                None => R::nothing(statement),
            };
        }
        statement.execute(&mut *connection).await?;
        left = left.saturating_sub(places);
    }
    Ok(())
}
