//! Appointments as the hospital's systems keep them, from messages that may come in another order than they speak of.

use super::sql::{Outcome, Tx, query};
use super::{Result, Store, classified, limited};
use crate::his::AppointmentChange;
use sqlx::{AssertSqlSafe, FromRow};

/// An appointment.
#[derive(Debug, Clone, PartialEq, Eq, Default, FromRow)]
pub struct Appointment {
    /// Of `[[his]]`.
    pub source: String,
    /// The system's number of it.
    pub number: String,
    /// Whose.
    pub person_id: String,
    /// `booked`, `cancelled`, `noshow`, `arrived`, `fulfilled`, `pending`, `waitlist` or `entered_in_error`.
    pub state: String,
    /// UTC microseconds.
    pub starts_us: Option<i64>,
    /// UTC microseconds.
    pub ends_us: Option<i64>,
    /// The hospital's code.
    pub place: String,
    /// Code.
    pub doctor: String,
    /// Name.
    pub doctor_name: String,
    /// What for: the hospital's name or code.
    pub service: String,
    /// Why.
    pub reason: String,
    /// How often it was put to another time.
    pub moves: i64,
    /// Digits of the moment of which the newest message spoke.
    pub speaks_of: String,
    /// The same of the newest message about its state.
    pub state_of: String,
}

const COLUMNS: &str = "source, number, person_id, state, starts_us, ends_us, place, doctor, doctor_name, service, reason, \
                       moves, speaks_of, state_of";

impl Store {
    /// Appointments of a person, the latest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn appointments_of(&self, person_id: &str, limit: usize) -> Result<Vec<Appointment>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM appointment WHERE person_id = $1 \
             ORDER BY starts_us DESC NULLS LAST, source, number LIMIT $2"
        );
        let rows = query(AssertSqlSafe(sql)).bind(person_id).bind(limited(limit));
        rows.fetch_all(&self.reader).await.map_err(classified)
    }
}

/// Brings an appointment up to date; false when all of it is older than what is known.
pub(super) async fn bring_up_to_date(
    transaction: &mut Tx,
    (source, person): (&str, &str),
    change: &AppointmentChange,
    speaks_of: &str,
) -> Outcome<bool> {
    let sql = format!("SELECT {COLUMNS} FROM appointment WHERE source = $1 AND number = $2");
    let known = query(AssertSqlSafe(sql)).bind(source).bind(&change.number);
    let known: Option<Appointment> = known.fetch_optional(&mut *transaction).await?;
    let is_new = known.is_none();
    let mut appointment = known.unwrap_or_else(|| Appointment {
        source: source.to_owned(),
        number: change.number.clone(),
        state: "booked".into(),
        ..Appointment::default()
    });
    person.clone_into(&mut appointment.person_id);
    let told = appointment.take(change, speaks_of);
    store(transaction, &appointment).await?;
    Ok(told || is_new)
}

impl Appointment {
    /// What a newer message says goes before what is known; an older one fills what nobody said. A move that is told late
    /// is still one.
    fn take(&mut self, change: &AppointmentChange, speaks_of: &str) -> bool {
        let newer = speaks_of.is_empty() || speaks_of >= self.speaks_of.as_str();
        let take = |known: &mut String, said: &str| {
            if !said.is_empty() && (newer || known.is_empty()) {
                said.clone_into(known);
            }
        };
        take(&mut self.place, &change.place);
        take(&mut self.doctor, &change.doctor);
        take(&mut self.doctor_name, &change.doctor_name);
        take(&mut self.service, &change.service);
        take(&mut self.reason, &change.reason);
        if newer || self.starts_us.is_none() {
            self.starts_us = change.starts_us.or(self.starts_us);
            self.ends_us = change.ends_us.or(self.ends_us);
        }
        self.moves += i64::from(change.moved);
        let state = change.state.filter(|_| speaks_of >= self.state_of.as_str());
        if let Some(state) = state {
            state.clone_into(&mut self.state);
            speaks_of.clone_into(&mut self.state_of);
        }
        if newer {
            speaks_of.clone_into(&mut self.speaks_of);
        }
        newer || state.is_some()
    }
}

async fn store(transaction: &mut Tx, appointment: &Appointment) -> Outcome<()> {
    let sql = format!(
        "INSERT INTO appointment ({COLUMNS}) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (source, number) DO UPDATE SET person_id = excluded.person_id, state = excluded.state, \
         starts_us = excluded.starts_us, ends_us = excluded.ends_us, place = excluded.place, doctor = excluded.doctor, \
         doctor_name = excluded.doctor_name, service = excluded.service, reason = excluded.reason, \
         moves = excluded.moves, speaks_of = excluded.speaks_of, state_of = excluded.state_of"
    );
    query(AssertSqlSafe(sql))
        .bind(&appointment.source)
        .bind(&appointment.number)
        .bind(&appointment.person_id)
        .bind(&appointment.state)
        .bind(appointment.starts_us)
        .bind(appointment.ends_us)
        .bind(&appointment.place)
        .bind(&appointment.doctor)
        .bind(&appointment.doctor_name)
        .bind(&appointment.service)
        .bind(&appointment.reason)
        .bind(appointment.moves)
        .bind(&appointment.speaks_of)
        .bind(&appointment.state_of)
        .execute(transaction)
        .await
        .map(|_| ())
}
