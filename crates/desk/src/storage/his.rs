//! What the hospital's systems told: the inbox, and patients brought up to date from it.

use super::identity::{self, Merge, living, was_moved};
use super::ids::{new_id, phone_id};
use super::people::{insert_people, note_shared};
use super::sealed::note_id_number;
use super::sql::{Outcome, Tx, query};
use super::{Person, Result, Store, classified, initials, limited, visits};
use crate::his::{Fault, Identifier, PatientUpsert, Phone, Severity, Taken, Told, Verdict};
use crate::sealing::Keys;
use sqlx::FromRow;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// It had come before, and changed nothing again.
    Repeated,
}

impl HisState {
    /// Its word in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Ignored => "ignored",
            Self::Stale => "stale",
            Self::Parked => "parked",
            Self::Refused => "refused",
            Self::Repeated => "repeated",
        }
    }
}

/// One message of the inbox, without its content.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct HisMessage {
    /// UUID.
    pub id: String,
    /// Of `[[his]]`.
    pub source: String,
    /// UTC microseconds.
    pub received_us: i64,
    /// `ADT`, `SIU`, ...
    pub kind: String,
    /// `A08`, `S12`, ...
    pub event: String,
    /// The sender's.
    pub control_id: String,
    /// `applied`, `ignored`, `stale`, `parked` or `refused`.
    pub state: String,
    /// Of HL7 table 0357.
    pub code: Option<i64>,
    /// Where it is wrong.
    pub path: Option<String>,
    /// What is wrong.
    pub reason: Option<String>,
    /// How often it came again.
    pub repeats: i64,
}

impl Store {
    /// Keeps a message and does what it says: both or nothing, and on disk when it returns. One that came before is
    /// counted, and changes nothing.
    ///
    /// # Errors
    /// What the database refuses; then the message is not kept.
    pub async fn receive(
        &self,
        (source, remote): (&str, &str),
        raw: &[u8],
        taken: &Taken,
        now_us: i64,
    ) -> Result<HisState> {
        let mut transaction = self.begin().await?;
        if self.wrote(came_before(&mut transaction, source, taken).await)? {
            self.commit(transaction).await?;
            return Ok(HisState::Repeated);
        }
        let (state, person) = match &taken.verdict {
            Verdict::Upsert(told) => {
                let at = When { speaks_of: &taken.speaks_of, now_us, keys: self.keys.as_deref() };
                let done = bring_up_to_date(&mut transaction, source, told, at).await;
                let (state, person) = self.wrote(done)?;
                (state, Some(person))
            }
            Verdict::Merge(told, prior) => {
                let at = When { speaks_of: &taken.speaks_of, now_us, keys: self.keys.as_deref() };
                let done = join(&mut transaction, source, (told, prior), at).await;
                let (state, person) = self.wrote(done)?;
                (state, Some(person))
            }
            Verdict::Ignored => (HisState::Ignored, None),
            Verdict::Parked(_) => (HisState::Parked, None),
            Verdict::Refused(_) => (HisState::Refused, None),
        };
        let id = new_id(now_us)?;
        let row = Row { id: &id, source, remote, raw, taken, state, person: person.as_deref(), now_us };
        self.wrote(row.insert(&mut transaction).await)?;
        self.commit(transaction).await?;
        Ok(state)
    }

    /// Messages of a state, the newest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn his_messages(&self, state: HisState, limit: usize) -> Result<Vec<HisMessage>> {
        let sql = "SELECT id, source, received_us, kind, event, control_id, state, code, path, reason, repeats \
                   FROM his_message WHERE state = $1 ORDER BY received_us DESC, id DESC LIMIT $2";
        let rows = query(sql).bind(state.as_str()).bind(limited(limit)).fetch_all(&self.reader).await;
        rows.map_err(classified)
    }

    /// How many messages there are of each state.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn his_counts(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT state, count(*) AS messages FROM his_message GROUP BY state ORDER BY state";
        query(sql).fetch_all(&self.reader).await.map_err(classified)
    }
}

/// Counts it when it did.
async fn came_before(transaction: &mut Tx, source: &str, taken: &Taken) -> Outcome<bool> {
    let header = &taken.header;
    let sql = "UPDATE his_message SET repeats = repeats + 1 \
               WHERE source = $1 AND control_id = $2 AND sent = $3 AND digest = $4";
    let again = query(sql).bind(source).bind(&header.control_id).bind(&header.sent).bind(&taken.digest);
    Ok(again.execute(transaction).await? > 0)
}

/// What speaks against joining two patients of whom one was joined with the other before.
static AGAINST_ANOTHER_MERGE: std::sync::LazyLock<Fault> = std::sync::LazyLock::new(|| Fault {
    severity: Severity::Error,
    code: 205,
    path: "MRG-1",
    text: "these patients were joined before, the other way round; a person has to decide".into(),
});

/// A row to insert.
struct Row<'a> {
    id: &'a str,
    source: &'a str,
    remote: &'a str,
    raw: &'a [u8],
    taken: &'a Taken,
    state: HisState,
    person: Option<&'a str>,
    now_us: i64,
}

impl Row<'_> {
    async fn insert(self, transaction: &mut Tx) -> Outcome<()> {
        let Taken { header, charset, digest, verdict, .. } = self.taken;
        let fault = match verdict {
            Verdict::Parked(fault) | Verdict::Refused(fault) => Some(fault),
            // It is in order; only what is known speaks against it.
            Verdict::Merge(..) if self.state == HisState::Parked => Some(&*AGAINST_ANOTHER_MERGE),
            Verdict::Upsert(_) | Verdict::Merge(..) | Verdict::Ignored => None,
        };
        let reused = "SELECT id FROM his_message WHERE source = $1 AND control_id = $2 LIMIT 1";
        let reused =
            query(reused).bind(self.source).bind(&header.control_id).fetch_rows(&mut *transaction).await?;
        let reused = !reused.is_empty() && !header.control_id.is_empty();
        let sql = "INSERT INTO his_message (id, source, remote, received_us, raw, charset, digest, kind, event, \
                   control_id, sent, state, code, path, reason, person_id, reused) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        query(sql)
            .bind(self.id)
            .bind(self.source)
            .bind(self.remote)
            .bind(self.now_us)
            .bind(self.raw)
            .bind(charset.as_str())
            .bind(digest)
            .bind(&header.kind)
            .bind(&header.trigger)
            .bind(&header.control_id)
            .bind(&header.sent)
            .bind(self.state.as_str())
            .bind(fault.map(|fault| i64::from(fault.code)))
            .bind(fault.map(|fault| fault.path))
            .bind(fault.map(|Fault { text, .. }| text.as_str()))
            .bind(self.person)
            .bind(reused)
            .execute(transaction)
            .await
            .map(|_| ())
    }
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
    for (priority, phone) in (0_i64..).zip(phones) {
        let sql = "INSERT INTO person_phone (id, person_id, number, raw, kind, relation, authorised, priority, shared) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7) ON CONFLICT (person_id, number) DO NOTHING";
        let added = query(sql)
            .bind(phone_id(person, &phone.number))
            .bind(person)
            .bind(&phone.number)
            .bind(&phone.raw)
            .bind(&phone.kind)
            .bind(phone.relation)
            .bind(false)
            .bind(priority)
            .execute(&mut *transaction)
            .await?;
        if added > 0 {
            note_shared(transaction, &phone.number).await?;
        }
    }
    Ok(())
}
