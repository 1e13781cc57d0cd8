//! What is compared of many people at once.

use super::super::Store;
use super::super::sql::{Outcome, places, query};
use crate::identity::Traits;
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

/// People of one statement.
pub(super) const CHUNK: usize = 200;
/// Kinds of identifiers that are numbers of an insurance (HL7 table 0203).
const INSURANCE: &str = "'SS', 'HC', 'MA', 'MC'";

/// Traits by person id. Whoever is not known is not in it.
pub(super) async fn of(store: &Store, ids: &[&str]) -> Outcome<BTreeMap<String, Traits>> {
    let mut found = BTreeMap::new();
    for ids in ids.chunks(CHUNK) {
        add(store, ids, &mut found).await?;
    }
    Ok(found)
}

/// Id, name, sex, birth date, sealed ID number and its digest.
type Row = (String, String, String, Option<String>, Option<String>, Option<String>);

async fn add(store: &Store, ids: &[&str], found: &mut BTreeMap<String, Traits>) -> Outcome<()> {
    let (pool, these) = (&store.reader, places(1, ids.len()));
    let asked = |sql: String| ids.iter().fold(query(AssertSqlSafe(sql)), |query, id| query.bind(*id));
    let sql =
        format!("SELECT id, name, sex, birth_date, id_number, id_digest FROM person WHERE id IN {these}");
    let people: Vec<Row> = asked(sql).fetch_all(pool).await?;
    for (id, name, sex, birth_date, sealed, id_number) in people {
        let id_birth_date = sealed.and_then(|sealed| store.opened(&sealed)?.birth_date());
        let birth_date = birth_date.and_then(|date| date.parse().ok());
        found.insert(
            id.clone(),
            Traits { id, name, sex, birth_date, id_number, id_birth_date, ..Traits::default() },
        );
    }
    let sql = format!("SELECT person_id, number, shared FROM person_phone WHERE person_id IN {these}");
    let phones: Vec<(String, String, bool)> = asked(sql).fetch_all(pool).await?;
    for (person, number, shared) in phones {
        if let Some(traits) = found.get_mut(&person).filter(|_| !shared) {
            traits.phones.insert(number);
        }
    }
    let sql = format!(
        "SELECT person_id, value FROM person_identifier WHERE person_id IN {these} AND kind IN ({INSURANCE})"
    );
    let insurances: Vec<(String, String)> = asked(sql).fetch_all(pool).await?;
    for (person, value) in insurances {
        if let Some(traits) = found.get_mut(&person) {
            traits.insurance.insert(value);
        }
    }
    Ok(())
}
