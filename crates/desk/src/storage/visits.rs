//! Stays and visits, from messages that may come in another order than they speak of.

use super::sql::{Outcome, Tx, query};
use super::{Result, Store, classified, limited};
use crate::his::{Moved, VisitChange};
use sqlx::FromRow;

/// A stay or a visit.
#[derive(Debug, Clone, PartialEq, Eq, Default, FromRow)]
pub struct Visit {
    /// Of `[[his]]`.
    pub source: String,
    /// The system's number of it.
    pub number: String,
    /// Whose.
    pub person_id: String,
    /// `inpatient`, `outpatient`, `emergency` or `other`.
    pub class: String,
    /// `planned`, `present`, `left` or `cancelled`.
    pub state: String,
    /// The hospital's code.
    pub department: String,
    /// The hospital's code.
    pub ward: String,
    /// In the ward.
    pub room: String,
    /// In the room.
    pub bed: String,
    /// Who is in charge: code.
    pub doctor: String,
    /// Who is in charge: name.
    pub doctor_name: String,
    /// UTC microseconds.
    pub admitted_us: Option<i64>,
    /// UTC microseconds.
    pub discharged_us: Option<i64>,
    /// How it ended, the hospital's code.
    pub disposition: String,
    /// Digits of the moment of which the newest message spoke.
    pub speaks_of: String,
    /// The same of the newest message about coming and going.
    pub state_of: String,
}

impl Store {
    /// Stays of a person, the newest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn visits_of(&self, person_id: &str, limit: usize) -> Result<Vec<Visit>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM visit WHERE person_id = $1 \
                           ORDER BY admitted_us DESC NULLS LAST, source, number LIMIT $2"
        );
        let rows = query(sqlx::AssertSqlSafe(sql)).bind(person_id).bind(limited(limit));
        rows.fetch_all(&self.reader).await.map_err(classified)
    }
}

const COLUMNS: &str = "source, number, person_id, class, state, department, ward, room, bed, doctor, doctor_name, \
                       admitted_us, discharged_us, disposition, speaks_of, state_of";

/// Brings a stay up to date; false when all of it is older than what is known.
pub(super) async fn bring_up_to_date(
    transaction: &mut Tx,
    (source, person): (&str, &str),
    change: &VisitChange,
    speaks_of: &str,
) -> Outcome<bool> {
    let sql = format!("SELECT {COLUMNS} FROM visit WHERE source = $1 AND number = $2");
    let known = query(sqlx::AssertSqlSafe(sql)).bind(source).bind(&change.number);
    let known: Option<Visit> = known.fetch_optional(&mut *transaction).await?;
    let is_new = known.is_none();
    let mut visit = known.unwrap_or_else(|| Visit {
        source: source.to_owned(),
        number: change.number.clone(),
        class: "other".into(),
        state: if change.discharged_us.is_some() { "left" } else { "present" }.into(),
        ..Visit::default()
    });
    visit.person_id = person.to_owned();
    let told = visit.take(change, speaks_of);
    store(transaction, &visit).await?;
    Ok(told || is_new)
}

impl Visit {
    /// What a newer message says goes before what is known; an older one fills what nobody said.
    fn take(&mut self, change: &VisitChange, speaks_of: &str) -> bool {
        let newer = speaks_of.is_empty() || speaks_of >= self.speaks_of.as_str();
        let take = |known: &mut String, said: &str| {
            if !said.is_empty() && (newer || known.is_empty()) {
                said.clone_into(known);
            }
        };
        take(&mut self.department, &change.department);
        take(&mut self.ward, &change.ward);
        take(&mut self.room, &change.room);
        take(&mut self.bed, &change.bed);
        take(&mut self.doctor, &change.doctor);
        take(&mut self.doctor_name, &change.doctor_name);
        take(&mut self.disposition, &change.disposition);
        if change.class != "other" && (newer || self.class == "other") {
            self.class = change.class.to_owned();
        }
        if newer || self.admitted_us.is_none() {
            self.admitted_us = change.admitted_us.or(self.admitted_us);
        }
        let moved = change.moved.state().filter(|_| speaks_of >= self.state_of.as_str());
        if let Some(state) = moved {
            self.state = state.to_owned();
            speaks_of.clone_into(&mut self.state_of);
            self.discharged_us = change.discharged_us.filter(|_| change.moved == Moved::Left);
        } else if self.state == "left" && (newer || self.discharged_us.is_none()) {
            self.discharged_us = change.discharged_us.or(self.discharged_us);
        }
        if newer {
            speaks_of.clone_into(&mut self.speaks_of);
        }
        newer || moved.is_some()
    }
}

async fn store(transaction: &mut Tx, visit: &Visit) -> Outcome<()> {
    let sql = format!(
        "INSERT INTO visit ({COLUMNS}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
         ON CONFLICT (source, number) DO UPDATE SET person_id = excluded.person_id, class = excluded.class, \
         state = excluded.state, department = excluded.department, ward = excluded.ward, room = excluded.room, \
         bed = excluded.bed, doctor = excluded.doctor, doctor_name = excluded.doctor_name, \
         admitted_us = excluded.admitted_us, discharged_us = excluded.discharged_us, \
         disposition = excluded.disposition, speaks_of = excluded.speaks_of, state_of = excluded.state_of"
    );
    query(sqlx::AssertSqlSafe(sql))
        .bind(&visit.source)
        .bind(&visit.number)
        .bind(&visit.person_id)
        .bind(&visit.class)
        .bind(&visit.state)
        .bind(&visit.department)
        .bind(&visit.ward)
        .bind(&visit.room)
        .bind(&visit.bed)
        .bind(&visit.doctor)
        .bind(&visit.doctor_name)
        .bind(visit.admitted_us)
        .bind(visit.discharged_us)
        .bind(&visit.disposition)
        .bind(&visit.speaks_of)
        .bind(&visit.state_of)
        .execute(transaction)
        .await
        .map(|_| ())
}
