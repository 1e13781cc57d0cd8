//! People that may be one, and people that were joined.

mod duplicates;
mod merges;
mod moved;
mod traits;

pub use duplicates::{DuplicatePair, PairState, Scan};
pub use merges::{Merge, MergeRefusal, MergeRow, Unmerged};

pub(super) use merges::{join, living};
pub(super) use moved::was_moved;

use super::{Outcome, Person, Tx, initials, sql::query};

/// Writes everything that is in the row.
async fn put(transaction: &mut Tx, person: &Person) -> Outcome<()> {
    let sql = "UPDATE person SET record_number = $2, kind = $3, name = $4, name_initials = $5, sex = $6, birth_date = $7, \
               address = $8, alert = $9, deceased = $10, source_code = $11, version = $12 WHERE id = $1";
    query(sql)
        .bind(&person.id)
        .bind(&person.record_number)
        .bind(&person.kind)
        .bind(&person.name)
        .bind(initials(&person.name))
        .bind(&person.sex)
        .bind(&person.birth_date)
        .bind(&person.address)
        .bind(&person.alert)
        .bind(person.deceased)
        .bind(&person.source_code)
        .bind(person.version)
        .execute(transaction)
        .await
        .map(|_| ())
}

/// One person inside a transaction.
async fn get(transaction: &mut Tx, id: &str) -> Outcome<Option<Person>> {
    let sql = "SELECT id, record_number, kind, name, sex, birth_date, address, alert, deceased, source_code, version \
               FROM person WHERE id = $1";
    query(sql).bind(id).fetch_optional(transaction).await
}
