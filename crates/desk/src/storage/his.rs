//! Patients brought up to date from what the hospital's systems tell.

use super::identity::{self, Merge, living, was_moved};
use super::ids::{new_id, phone_id};
use super::people::{insert_people, note_shared};
use super::sealed::note_id_number;
use super::sql::{Outcome, Tx, places, query};
use super::{Person, appointments, initials, visits};
use crate::his::{Fault, Identifier, PatientUpsert, Phone, Severity, Taken, Told, Verdict};
use crate::sealing::Keys;
use sqlx::AssertSqlSafe;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HisState {
    /// The patient is as it says.
    Applied,
    /// Nothing in it was for us.
    Ignored,
    /// A newer one was applied before.
    Stale,
    /// A person has to decide.
    Parked,
    /// It cannot be used.
    Refused,
    /// A person looked at it, and it is not to be used.
    Discarded,
    /// It had come before, and changed nothing again.
    Repeated,
}

impl HisState {
    /// Those that a message can have.
    pub const ALL: [Self; 6] =
        [Self::Applied, Self::Ignored, Self::Stale, Self::Parked, Self::Refused, Self::Discarded];

    /// By its word in the table.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Its word in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Stale => "stale",
            Self::Parked => "parked",
            Self::Refused => "refused",
            Self::Discarded => "discarded",
            Self::Repeated => "repeated",
        }
    }
}

/// What became of a message in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) state: HisState,
    /// Why it was not applied, or what of it was left out.
    pub(super) fault: Option<Fault>,
    pub(super) person: Option<String>,
}

/// Does what a message says, as far as it can be done.
pub(super) async fn act(
    transaction: &mut Tx,
    (source, keys): (&str, Option<&Keys>),
    taken: &Taken,
    now_us: i64,
) -> Outcome<Done> {
    let without = |state, fault| Done { state, fault, person: None };
    Ok(match &taken.verdict {
        Verdict::Ignored => without(HisState::Ignored, None),
        Verdict::Parked(fault) => without(HisState::Parked, Some(fault.clone())),
        Verdict::Refused(fault) => without(HisState::Refused, Some(fault.clone())),
        Verdict::Upsert(told) if !taken.creates && !is_known(transaction, source, &told.patient).await? => {
            without(HisState::Refused, Some(Fault::unknown_patient()))
        }
        // The one who stays may be new to us: then the other one is known.
        Verdict::Merge(told, prior)
            if !taken.creates
                && known(transaction, source, prior).await?.is_none()
                && !is_known(transaction, source, &told.patient).await? =>
        {
            without(HisState::Refused, Some(Fault::unknown_patient()))
        }
        Verdict::Upsert(told) => {
            let at = When { speaks_of: &taken.speaks_of, now_us, keys };
            let (mut state, person) = bring_up_to_date(transaction, source, told, at).await?;
            if let Some(change) = &taken.appointment
                && appointments::bring_up_to_date(transaction, (source, &person), change, at.speaks_of)
                    .await?
            {
                state = HisState::Applied;
            }
            Done { state, fault: taken.warning.clone(), person: Some(person) }
        }
        Verdict::Merge(told, prior) => {
            let at = When { speaks_of: &taken.speaks_of, now_us, keys };
            let (state, person) = join(transaction, source, (told, prior), at).await?;
            // It is in order; only what is known speaks against it.
            let fault = if state == HisState::Parked { Some(joined_before()) } else { taken.warning.clone() };
            Done { state, fault, person: Some(person) }
        }
    })
}

/// What speaks against joining two patients of whom one was joined with the other before.
fn joined_before() -> Fault {
    Fault {
        severity: Severity::Error,
        code: 205,
        path: "MRG-1",
        text: "these patients were joined before, the other way round; a person has to decide".into(),
    }
}

/// Whether a message of this patient would find somebody.
async fn is_known(transaction: &mut Tx, source: &str, patient: &PatientUpsert) -> Outcome<bool> {
    Ok(known(transaction, source, &patient.identifier).await?.is_some()
        || matches!(by_record_number(transaction, patient).await?, Found::Same(_)))
}

/// The moment a message speaks of, and ours.
#[derive(Clone, Copy)]
struct When<'a> {
    speaks_of: &'a str,
    now_us: i64,
    keys: Option<&'a Keys>,
}

/// Patient and stay. A message of which one part is newer than what is known is not stale.
async fn bring_up_to_date(
    transaction: &mut Tx,
    source: &str,
    told: &Told,
    at: When<'_>,
) -> Outcome<(HisState, String)> {
    let (mut state, person) = upsert(transaction, source, &told.patient, at).await?;
    if let Some(visit) = &told.visit
        && visits::bring_up_to_date(transaction, (source, &person), visit, at.speaks_of).await?
    {
        state = HisState::Applied;
    }
    Ok((state, person))
}

/// Two numbers become one patient's. Joining them again changes nothing; the other way round is for a person.
async fn join(
    transaction: &mut Tx,
    source: &str,
    (told, prior): (&Told, &Identifier),
    at: When<'_>,
) -> Outcome<(HisState, String)> {
    let before = (
        known(transaction, source, &told.patient.identifier).await?,
        known(transaction, source, prior).await?,
    );
    if let (Some((survivor, _)), Some((loser, _))) = &before
        && survivor == loser
    {
        let reversed = was_moved(transaction, source, &told.patient.identifier).await?
            && !was_moved(transaction, source, prior).await?;
        if reversed {
            return Ok((HisState::Parked, survivor.clone()));
        }
    }
    let (_, survivor) = bring_up_to_date(transaction, source, told, at).await?;
    match before.1 {
        // Nobody knows the other number yet: whoever comes with it later is this patient.
        None => note_identifier(transaction, source, prior, (&survivor, "")).await?,
        Some((loser, _)) if loser == survivor => {}
        Some((loser, _)) => {
            let merge = Merge {
                survivor: &survivor,
                loser: &loser,
                versions: None,
                kind: "hl7",
                reason: "A40",
                by: source,
            };
            if identity::join(transaction, merge, at.now_us).await?.is_err() {
                return Ok((HisState::Parked, survivor));
            }
        }
    }
    Ok((HisState::Applied, survivor))
}

/// Who is known by this, and the moment of which the newest message spoke.
async fn known(
    transaction: &mut Tx,
    source: &str,
    Identifier { kind, authority, value }: &Identifier,
) -> Outcome<Option<(String, String)>> {
    let sql = "SELECT person_id, speaks_of FROM person_identifier \
               WHERE source = $1 AND kind = $2 AND authority = $3 AND value = $4";
    query(sql).bind(source).bind(kind).bind(authority).bind(value).fetch_optional(transaction).await
}

async fn note_identifier(
    transaction: &mut Tx,
    source: &str,
    Identifier { kind, authority, value }: &Identifier,
    (person, speaks_of): (&str, &str),
) -> Outcome<()> {
    let sql = "INSERT INTO person_identifier (source, kind, authority, value, person_id, speaks_of) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (source, kind, authority, value) DO UPDATE \
               SET speaks_of = excluded.speaks_of WHERE person_identifier.speaks_of < excluded.speaks_of";
    let noted = query(sql).bind(source).bind(kind).bind(authority).bind(value).bind(person).bind(speaks_of);
    noted.execute(transaction).await.map(|_| ())
}

/// Brings a patient up to date, unless what is known is newer.
async fn upsert(
    transaction: &mut Tx,
    source: &str,
    patient: &PatientUpsert,
    at: When<'_>,
) -> Outcome<(HisState, String)> {
    let known = known(transaction, source, &patient.identifier).await?;
    if let Some((person, newest)) = &known
        && newest.as_str() > at.speaks_of
        && !at.speaks_of.is_empty()
    {
        return Ok((HisState::Stale, person.clone()));
    }
    let id = match known {
        Some((person, _)) => {
            update(transaction, &person, patient).await?;
            person
        }
        None => match by_record_number(transaction, patient).await? {
            Found::Same(person) => {
                update(transaction, &person, patient).await?;
                person
            }
            found => create(transaction, patient, matches!(found, Found::Nobody), at.now_us).await?,
        },
    };
    note_identifier(transaction, source, &patient.identifier, (&id, at.speaks_of)).await?;
    if let Some(number) = &patient.id_number {
        note_id_number(transaction, at.keys, &id, number).await?;
    }
    add_phones(transaction, &id, &patient.phones).await?;
    Ok((HisState::Applied, id))
}

/// Who has this record number already, from an import or another source.
enum Found {
    /// Somebody of the same name.
    Same(String),
    /// Somebody else: two systems count alike.
    Other,
    Nobody,
}

async fn by_record_number(transaction: &mut Tx, patient: &PatientUpsert) -> Outcome<Found> {
    let sql = "SELECT id, name FROM person WHERE record_number = $1";
    let found = query(sql).bind(&patient.identifier.value);
    let found = found.fetch_optional::<(String, String)>(&mut *transaction).await?;
    Ok(match found {
        None => Found::Nobody,
        // A record number stays with whom it was given to, also when they have become somebody else.
        Some((id, name)) if name == patient.name => Found::Same(living(transaction, &id).await?),
        Some(_) => Found::Other,
    })
}

async fn create(
    transaction: &mut Tx,
    patient: &PatientUpsert,
    numbered: bool,
    now_us: i64,
) -> Outcome<String> {
    let id = new_id(now_us).map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
    let person = Person {
        id: id.clone(),
        record_number: numbered.then(|| patient.identifier.value.clone()),
        kind: "patient".into(),
        name: patient.name.clone(),
        sex: patient.sex.into(),
        birth_date: patient.birth_date.clone(),
        address: patient.address.clone(),
        alert: String::new(),
        deceased: patient.deceased.unwrap_or(false),
        source_code: String::new(),
        version: 1,
    };
    insert_people(transaction, &[(&person, now_us)], "his").await?;
    Ok(id)
}

/// What is not said stays as it is. A person whom nothing changes keeps the version.
async fn update(transaction: &mut Tx, id: &str, patient: &PatientUpsert) -> Outcome<()> {
    let sql = "SELECT id, record_number, kind, name, sex, birth_date, address, alert, deceased, source_code, version \
               FROM person WHERE id = $1";
    let Some(before) = query(sql).bind(id).fetch_optional::<Person>(&mut *transaction).await? else {
        return Ok(());
    };
    let said = |new: &str, old: &str| if new.is_empty() { old.to_owned() } else { new.to_owned() };
    let after = Person {
        kind: "patient".into(),
        name: said(&patient.name, &before.name),
        sex: if patient.sex == "unknown" { before.sex.clone() } else { patient.sex.into() },
        birth_date: patient.birth_date.clone().or_else(|| before.birth_date.clone()),
        address: said(&patient.address, &before.address),
        deceased: patient.deceased.unwrap_or(before.deceased),
        ..before.clone()
    };
    if after == before {
        return Ok(());
    }
    let sql = "UPDATE person SET kind = $2, name = $3, name_initials = $4, sex = $5, birth_date = $6, address = $7, \
               deceased = $8, version = version + 1 WHERE id = $1";
    query(sql)
        .bind(id)
        .bind(&after.kind)
        .bind(&after.name)
        .bind(initials(&after.name))
        .bind(&after.sex)
        .bind(&after.birth_date)
        .bind(&after.address)
        .bind(after.deceased)
        .execute(transaction)
        .await
        .map(|_| ())
}

/// Numbers that are new. Those that a system says no more stay: people may have added them.
async fn add_phones(transaction: &mut Tx, person: &str, phones: &[Phone]) -> Outcome<()> {
    const COLUMNS: usize = 9;
    if phones.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO person_phone (id, person_id, number, raw, kind, relation, authorised, priority, shared) \
         VALUES {} ON CONFLICT (person_id, number) DO NOTHING RETURNING number",
        places(phones.len(), COLUMNS)
    );
    let insert = (0_i64..).zip(phones).fold(query(AssertSqlSafe(sql)), |insert, (priority, phone)| {
        insert
            .bind(phone_id(person, &phone.number))
            .bind(person)
            .bind(&phone.number)
            .bind(&phone.raw)
            .bind(&phone.kind)
            .bind(phone.relation)
            .bind(false)
            .bind(priority)
            .bind(false)
    });
    for (number,) in insert.fetch_all::<(String,)>(&mut *transaction).await? {
        note_shared(transaction, &number).await?;
    }
    Ok(())
}
