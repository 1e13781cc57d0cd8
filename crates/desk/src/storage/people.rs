//! Patients and those who call for them, and whose number is whose.

use super::ids::{new_id, phone_id};
use super::sql::{self, Outcome, Query, Row, Tx, places, query};
use super::{Result, StorageError, Store, classified, initials, limited};
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, FromRow};

/// People imported in one transaction: each transaction writes nearly every page of the indexes anew.
const IMPORT_CHUNK: usize = 10_000;
/// Rows of one statement: binding costs the square of its parameters.
const ROWS_MAX: usize = 50;
/// From so many persons on a number says nothing about who calls (a hotel, a landlord, an agent).
pub const SHARED_FROM: i64 = 9;

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, FromRow, Serialize, Deserialize)]
pub struct Person {
    /// UUID.
    pub id: String,
    /// 病历号; absent for somebody who never was a patient.
    pub record_number: Option<String>,
    /// `patient`, `prospect` or `contact_only`.
    pub kind: String,
    /// As written.
    pub name: String,
    /// `male`, `female` or `unknown`.
    pub sex: String,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// As written; empty when unknown.
    pub address: String,
    /// One line shown on top of the pop; empty when there is none.
    pub alert: String,
    /// Died.
    pub deceased: bool,
    /// First-touch source, asked once; empty while unknown.
    pub source_code: String,
    /// Grows by one with every change.
    pub version: i64,
}

/// A number of a person.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct PhoneRow {
    /// Canonical form of [`careline_model::Number`], whole.
    pub number: String,
    /// Kind of the number: `mobile`, `landline`, ...
    pub kind: String,
    /// Whose number it is to the person: `self`, `spouse`, `child`, `parent`, `other`.
    pub relation: String,
    /// The holder may act for the person.
    pub authorised: bool,
    /// 0 first.
    pub priority: i64,
    /// Of more than eight persons.
    pub shared: bool,
}

/// A person who may be meant when this number calls.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnerRow {
    /// Who.
    pub person: Person,
    /// By which number.
    pub phone: PhoneRow,
}

/// What was typed into a search field, and what it would be as a number.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PersonQuery {
    /// Beginning of a name, beginning of pinyin initials, or a whole record number.
    pub text: String,
    /// Canonical form of the text, when it can be a telephone number.
    pub number: Option<String>,
}

/// A number of a person to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPhone {
    /// The row.
    pub phone: PhoneRow,
    /// The number as it was given.
    pub raw: String,
}

/// A person to add, in or outside a call.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPerson {
    /// As written; not empty.
    pub name: String,
    /// `male`, `female` or `unknown`.
    pub sex: String,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// First-touch source; empty when not asked.
    pub source_code: String,
    /// Canonical form, form as it came, kind. Nothing for a caller who withheld it.
    pub number: Option<(String, String, String)>,
    /// The call in which the person was met.
    pub call_id: Option<String>,
}

/// A person to import, with the id it shall have.
#[derive(Debug, Clone, PartialEq)]
pub struct SeedPerson {
    /// The row.
    pub person: Person,
    /// UTC microseconds.
    pub first_seen_us: i64,
    /// The numbers; one number at most once.
    pub phones: Vec<NewPhone>,
}

impl Store {
    /// One person.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn person(&self, id: &str) -> Result<Option<Person>> {
        let sql = "SELECT id, record_number, kind, name, sex, birth_date, address, alert, deceased, source_code, \
                   version FROM person WHERE id = $1";
        query(sql).bind(id).fetch_optional(&self.reader).await.map_err(classified)
    }

    /// The numbers of a person, the first first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn phones_of(&self, person_id: &str) -> Result<Vec<PhoneRow>> {
        let sql = "SELECT number, kind, relation, authorised, priority, shared FROM person_phone \
                   WHERE person_id = $1 ORDER BY priority, number";
        query(sql).bind(person_id).fetch_all(&self.reader).await.map_err(classified)
    }

    /// People by the beginning of a name or of its pinyin initials, or by a whole record, telephone or ID number.
    /// Every way is an index search; each gives `limit` at most.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn search_people(&self, query: &PersonQuery, limit: usize) -> Result<Vec<Person>> {
        let text = query.text.trim();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        // Initials are Latin; a text that is not would only be a range that holds nothing.
        let initials = text.to_ascii_lowercase();
        let id_digest = self.id_digest(text).unwrap_or_default();
        sql::query(SEARCH)
            .bind(text)
            .bind(after_prefix(text))
            .bind(&initials)
            .bind(after_prefix(&initials))
            .bind(limited(limit))
            .bind(query.number.as_deref().unwrap_or_default())
            .bind(id_digest)
            .fetch_all(&self.reader)
            .await
            .map_err(classified)
    }

    /// Who may be meant when this number calls: numbers of few before shared ones, then by priority and name.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn owners_of(&self, number: &str, limit: usize) -> Result<Vec<OwnerRow>> {
        if number.is_empty() {
            return Ok(Vec::new());
        }
        let query = query(OWNERS).bind(number).bind(limited(limit));
        let rows = query.fetch_rows(&self.reader).await.map_err(classified)?;
        rows.iter().map(owner).collect::<Outcome<_>>().map_err(classified)
    }

    /// Adds a person, with the number and the call in which they were met: all or nothing.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn add_person(&self, new: NewPerson, account_id: &str, now_us: i64) -> Result<Person> {
        let person = Person {
            id: new_id(now_us)?,
            record_number: None,
            kind: "prospect".into(),
            name: new.name,
            sex: new.sex,
            birth_date: new.birth_date,
            address: String::new(),
            alert: String::new(),
            deceased: false,
            source_code: new.source_code,
            version: 1,
        };
        let mut transaction = self.begin().await?;
        let whole = async {
            insert_people(&mut transaction, &[(&person, now_us)], account_id).await?;
            if let Some((number, raw, kind)) = &new.number {
                let phone = PhoneRow {
                    number: number.clone(),
                    kind: kind.clone(),
                    relation: "self".into(),
                    authorised: false,
                    priority: 0,
                    shared: false,
                };
                let phone = NewPhone { phone, raw: raw.clone() };
                insert_phones(&mut transaction, &[(&person.id, &phone)]).await?;
                note_shared(&mut transaction, number).await?;
            }
            if let Some(call_id) = &new.call_id {
                query(super::calls::CHOOSE)
                    .bind(call_id)
                    .bind(&person.id)
                    .bind("new")
                    .bind(account_id)
                    .bind(now_us)
                    .execute(&mut transaction)
                    .await?;
            }
            Ok(())
        };
        let whole = whole.await;
        self.wrote(whole)?;
        self.commit(transaction).await?;
        Ok(person)
    }

    /// Adds many people, in transactions of ten thousand.
    ///
    /// # Errors
    /// [`StorageError::NotEmpty`] when there are people already, or what the database refuses.
    pub async fn import_people(&self, people: &[SeedPerson]) -> Result<()> {
        if self.has_people().await? {
            return Err(StorageError::NotEmpty);
        }
        for chunk in people.chunks(IMPORT_CHUNK) {
            let mut transaction = self.begin().await?;
            let rows: Vec<(&Person, i64)> =
                chunk.iter().map(|seed| (&seed.person, seed.first_seen_us)).collect();
            let phones: Vec<(&str, &NewPhone)> = chunk
                .iter()
                .flat_map(|seed| seed.phones.iter().map(|phone| (seed.person.id.as_str(), phone)))
                .collect();
            let inserted = async {
                for rows in rows.chunks(ROWS_MAX) {
                    insert_people(&mut transaction, rows, "seed").await?;
                }
                for phones in phones.chunks(ROWS_MAX) {
                    insert_phones(&mut transaction, phones).await?;
                }
                Ok(())
            };
            let inserted = inserted.await;
            self.wrote(inserted)?;
            self.commit(transaction).await?;
        }
        // Which plan is quick depends on how many rows share a value.
        self.wrote(query("ANALYZE").execute(&self.writer).await).map(|_| ())
    }

    /// Whether anybody is known.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn has_people(&self) -> Result<bool> {
        let one = query("SELECT id FROM person LIMIT 1").fetch_rows(&self.reader).await;
        Ok(!one.map_err(classified)?.is_empty())
    }
}

/// $1 text, $2 the end of its range, $3 and $4 the same for initials, $5 how many, $6 number, $7 digest of an ID number.
pub(super) const SEARCH: &str = "SELECT id, record_number, kind, name, sex, birth_date, address, alert, deceased, source_code, \
             version FROM person WHERE id IN ( \
             SELECT id FROM (SELECT id FROM person WHERE record_number = $1) AS by_record \
             UNION SELECT id FROM (SELECT id FROM person WHERE name >= $1 AND name < $2 ORDER BY name LIMIT $5) AS by_name \
             UNION SELECT id FROM (SELECT id FROM person WHERE name_initials >= $3 AND name_initials < $4 \
             ORDER BY name_initials LIMIT $5) AS by_initials \
             UNION SELECT id FROM (SELECT person_id AS id FROM person_phone WHERE number = $6 LIMIT $5) AS by_number \
             UNION SELECT id FROM (SELECT id FROM person WHERE id_digest = $7 LIMIT $5) AS by_id_number) \
             ORDER BY name, id LIMIT $5";

/// $1 number, $2 how many.
pub(super) const OWNERS: &str = "SELECT p.id, p.record_number, p.kind, p.name, p.sex, p.birth_date, p.address, p.alert, p.deceased, \
             p.source_code, p.version, ph.number, ph.kind AS number_kind, ph.relation, ph.authorised, ph.priority, \
             ph.shared FROM person_phone ph JOIN person p ON p.id = ph.person_id \
             WHERE ph.number = $1 AND p.merged_into IS NULL ORDER BY ph.shared, ph.priority, p.name, p.id LIMIT $2";

pub(super) async fn insert_people(
    transaction: &mut Tx,
    people: &[(&Person, i64)],
    created_by: &str,
) -> Outcome<()> {
    const COLUMNS: usize = 14;
    let sql = format!(
        "INSERT INTO person (id, record_number, kind, name, name_initials, sex, birth_date, address, alert, deceased, \
         source_code, first_seen_us, created_by, version) VALUES {}",
        places(people.len(), COLUMNS)
    );
    let row = |insert: Query, (person, first_seen_us): &(&Person, i64)| {
        insert
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
            .bind(*first_seen_us)
            .bind(created_by)
            .bind(person.version)
    };
    people.iter().fold(query(AssertSqlSafe(sql)), row).execute(transaction).await.map(|_| ())
}

async fn insert_phones(transaction: &mut Tx, phones: &[(&str, &NewPhone)]) -> Outcome<()> {
    if phones.is_empty() {
        return Ok(());
    }
    const COLUMNS: usize = 9;
    let sql = format!(
        "INSERT INTO person_phone (id, person_id, number, raw, kind, relation, authorised, priority, shared) VALUES {}",
        places(phones.len(), COLUMNS)
    );
    let row = |insert: Query, (person_id, NewPhone { phone, raw }): &(&str, &NewPhone)| {
        insert
            .bind(phone_id(person_id, &phone.number))
            .bind(person_id)
            .bind(&phone.number)
            .bind(raw)
            .bind(&phone.kind)
            .bind(&phone.relation)
            .bind(phone.authorised)
            .bind(phone.priority)
            .bind(phone.shared)
    };
    phones.iter().fold(query(AssertSqlSafe(sql)), row).execute(transaction).await.map(|_| ())
}

/// A number that has become one of too many is marked with all its persons.
pub(super) async fn note_shared(transaction: &mut Tx, number: &str) -> Outcome<()> {
    let sql = "UPDATE person_phone SET shared = $3 WHERE number = $1 AND shared <> $3 \
               AND (SELECT count(*) FROM person_phone WHERE number = $1) >= $2";
    query(sql).bind(number).bind(SHARED_FROM).bind(true).execute(&mut *transaction).await.map(|_| ())
}

/// The first text that does not begin with the prefix, in byte order.
fn after_prefix(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

fn owner(row: &Row) -> Outcome<OwnerRow> {
    let phone = PhoneRow {
        number: row.get("number")?,
        kind: row.get("number_kind")?,
        relation: row.get("relation")?,
        authorised: row.get("authorised")?,
        priority: row.get("priority")?,
        shared: row.get("shared")?,
    };
    Ok(OwnerRow { person: row.read()?, phone })
}
