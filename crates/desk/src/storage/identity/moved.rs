//! What goes over from one person to another, and back.

use super::super::sql::{Outcome, Tx, query};
use crate::his::Identifier;

/// Gives the survivor everything of the loser that may be theirs, and notes what that was. Numbers that both have stay
/// where they are.
pub(super) async fn over(transaction: &mut Tx, merge: &str, survivor: &str, loser: &str) -> Outcome<()> {
    let note = [
        "INSERT INTO merge_moved (merge_id, entity, key_1) SELECT $1, 'phone', id FROM person_phone WHERE person_id = $3 \
         AND number NOT IN (SELECT number FROM person_phone WHERE person_id = $2)",
        "INSERT INTO merge_moved (merge_id, entity, key_1, key_2, key_3, key_4) \
         SELECT $1, 'identifier', source, kind, authority, value FROM person_identifier \
         WHERE person_id = $3 AND person_id <> $2",
        "INSERT INTO merge_moved (merge_id, entity, key_1, key_2) SELECT $1, 'visit', source, number FROM visit \
         WHERE person_id = $3 AND person_id <> $2",
        "INSERT INTO merge_moved (merge_id, entity, key_1, key_2) SELECT $1, 'appointment', source, number \
         FROM appointment WHERE person_id = $3 AND person_id <> $2",
        "INSERT INTO merge_moved (merge_id, entity, key_1) SELECT $1, 'call', call_id FROM interaction_person \
         WHERE person_id = $3 AND person_id <> $2",
    ];
    for sql in note {
        query(sql).bind(merge).bind(survivor).bind(loser).execute(&mut *transaction).await?;
    }
    let count = "SELECT count(*) FROM merge_moved WHERE merge_id = $1";
    if query(count).bind(merge).fetch_scalar::<i64>(&mut *transaction).await?.unwrap_or(0) == 0 {
        return Ok(());
    }
    give(transaction, merge, loser, survivor).await
}

/// Gives back what went over and is still there.
pub(super) async fn back(transaction: &mut Tx, merge: &str, survivor: &str, loser: &str) -> Outcome<()> {
    give(transaction, merge, survivor, loser).await
}

async fn give(transaction: &mut Tx, merge: &str, from: &str, to: &str) -> Outcome<()> {
    let give = [
        "UPDATE person_phone SET person_id = $3 WHERE person_id = $2 AND id IN \
         (SELECT key_1 FROM merge_moved WHERE merge_id = $1 AND entity = 'phone')",
        "UPDATE person_identifier SET person_id = $3 WHERE person_id = $2 AND EXISTS \
         (SELECT 1 FROM merge_moved WHERE merge_id = $1 AND entity = 'identifier' AND key_1 = person_identifier.source \
         AND key_2 = person_identifier.kind AND key_3 = person_identifier.authority AND key_4 = person_identifier.value)",
        "UPDATE visit SET person_id = $3 WHERE person_id = $2 AND EXISTS \
         (SELECT 1 FROM merge_moved WHERE merge_id = $1 AND entity = 'visit' AND key_1 = visit.source \
         AND key_2 = visit.number)",
        "UPDATE appointment SET person_id = $3 WHERE person_id = $2 AND EXISTS \
         (SELECT 1 FROM merge_moved WHERE merge_id = $1 AND entity = 'appointment' AND key_1 = appointment.source \
         AND key_2 = appointment.number)",
        "UPDATE interaction_person SET person_id = $3 WHERE person_id = $2 AND call_id IN \
         (SELECT key_1 FROM merge_moved WHERE merge_id = $1 AND entity = 'call')",
    ];
    for sql in give {
        query(sql).bind(merge).bind(from).bind(to).execute(&mut *transaction).await?;
    }
    Ok(())
}

/// Whether a merge that stands took this identifier from somebody.
pub(in crate::storage) async fn was_moved(
    transaction: &mut Tx,
    source: &str,
    identifier: &Identifier,
) -> Outcome<bool> {
    let sql = "SELECT m.merge_id FROM merge_moved m JOIN merge_record r ON r.id = m.merge_id \
               WHERE r.reversed_us IS NULL AND m.entity = 'identifier' \
               AND m.key_1 = $1 AND m.key_2 = $2 AND m.key_3 = $3 AND m.key_4 = $4 LIMIT 1";
    let found = query(sql).bind(source).bind(&identifier.kind).bind(&identifier.authority);
    Ok(!found.bind(&identifier.value).fetch_rows(transaction).await?.is_empty())
}
