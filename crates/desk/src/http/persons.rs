//! `/api/persons`: searching people, looking at one, adding one in a call.

use super::desk::Desk;
use super::extract::{Asked, Body, Named};
use super::problem::{Problem, Refusal};
use super::reveal::masked_address;
use super::who::SignedIn;
use crate::hub::Input;
use crate::pop::{Contact, SexWord, age};
use crate::storage::{NewPerson, Person, PersonQuery, Visit};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use careline_model::number::NumberKind;
use careline_model::{CallerName, Number};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// People in one answer.
const FOUND_MAX: usize = 20;
/// Contacts of a person's file.
const CONTACTS_MAX: usize = 50;
/// Stays and visits of a person's file.
const VISITS_MAX: usize = 50;
/// Longest text of a search, in characters.
const QUERY_CHARS_MAX: usize = 64;
/// Nobody's name is longer, in characters.
const NAME_CHARS_MAX: usize = 64;
/// The name of somebody who did not tell it.
const NAMELESS: &str = "未登记";
/// Nobody who calls was born before.
const BORN_FROM: i16 = 1900;

/// What is searched.
#[derive(Debug, Deserialize, IntoParams)]
pub(super) struct SearchQuery {
    /// Beginning of a name or of its pinyin initials, or a whole record, telephone or ID number; at most 64 characters.
    q: String,
}

/// People who were found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonList {
    /// At most 20.
    pub persons: Vec<PersonCard>,
}

/// A person at a glance.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonCard {
    /// Person id.
    pub person: String,
    /// As written.
    pub name: String,
    /// As recorded.
    pub sex: SexWord,
    /// Whole years, when the birth date is known.
    pub age: Option<u32>,
    /// 病历号.
    pub record_number: Option<String>,
    /// `patient`, `prospect` or `contact_only`.
    pub person_kind: String,
    /// First-touch source; empty when not asked.
    pub source: String,
    /// One line to be read first; empty when there is none.
    pub alert: String,
    /// Died.
    pub deceased: bool,
    /// Numbers with their middle hidden, the first first.
    pub phones: Vec<String>,
    /// The person this one was joined with, and now is; nothing for who stands for themselves.
    pub merged_into: Option<String>,
}

/// A person with what was talked about.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonFile {
    /// At a glance.
    pub card: PersonCard,
    /// Numbers with their middle hidden, the first first.
    pub phones: Vec<String>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// ID number with its middle hidden, when one is known.
    pub id_number_masked: Option<String>,
    /// Address to the district; empty when none is known.
    pub address_masked: String,
    /// Stays and visits, the newest first, at most 50.
    pub visits: Vec<VisitInfo>,
    /// Earlier contacts, newest first.
    pub contacts: Vec<Contact>,
}

/// A stay or a visit, as the hospital's systems tell of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct VisitInfo {
    /// The system's number of it.
    pub number: String,
    /// `inpatient`, `outpatient`, `emergency` or `other`.
    pub class: String,
    /// `planned`, `present`, `left` or `cancelled`.
    pub state: String,
    /// The hospital's code.
    pub department: String,
    /// The hospital's code.
    pub ward: String,
    /// In the ward.
    pub bed: String,
    /// Who is in charge.
    pub doctor: String,
    /// UTC microseconds.
    pub admitted_us: Option<i64>,
    /// UTC microseconds.
    pub discharged_us: Option<i64>,
}

impl From<Visit> for VisitInfo {
    fn from(visit: Visit) -> Self {
        Self {
            number: visit.number,
            class: visit.class,
            state: visit.state,
            department: visit.department,
            ward: visit.ward,
            bed: visit.bed,
            doctor: if visit.doctor_name.is_empty() { visit.doctor } else { visit.doctor_name },
            admitted_us: visit.admitted_us,
            discharged_us: visit.discharged_us,
        }
    }
}

/// A person to add. The number comes from the call.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct NewPersonForm {
    /// At most 64 characters; somebody without a name is 未登记.
    #[serde(default)]
    pub name: String,
    /// As told.
    pub sex: Option<SexWord>,
    /// `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// One of the hospital's sources; empty when not asked.
    pub source: String,
    /// The call in which the person was met.
    pub call: Option<String>,
}

/// People by name, initials, record number or telephone number.
#[utoipa::path(get, path = "/api/persons", tag = "persons", params(SearchQuery), security(("cookie" = [])),
    responses((status = 200, body = PersonList), (status = 401, body = Problem), (status = 422, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn search(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Asked(SearchQuery { q }): Asked<SearchQuery>,
) -> Result<Json<PersonList>, Refusal> {
    let text = q.trim();
    if text.is_empty() {
        return Ok(Json(PersonList { persons: Vec::new() }));
    }
    if text.chars().count() > QUERY_CHARS_MAX {
        return Err(Refusal::invalid("搜索内容不能超过 64 字。", "A search has at most 64 characters."));
    }
    let parsed = desk.config.numbers.parse(text);
    let number = parsed.kind.is_subscriber().then(|| parsed.number.as_str().to_owned());
    let found = desk.store.search_people(&PersonQuery { text: text.to_owned(), number }, FOUND_MAX).await?;
    let mut persons = Vec::with_capacity(found.len());
    for person in found {
        persons.push(desk.card(person).await?);
    }
    // What was searched is content: who was shown is noted, or that nobody was.
    let shown: Vec<&str> = persons.iter().map(|card| card.person.as_str()).collect();
    let shown = if shown.is_empty() { vec![""] } else { shown };
    desk.log_people(&signed_in.me, "search", &shown).await?;
    Ok(Json(PersonList { persons }))
}

/// One person; that it was looked at is noted first. Whoever was joined with another leads to who they are now.
#[utoipa::path(get, path = "/api/persons/{id}", tag = "persons", params(("id" = String, Path)),
    security(("cookie" = [])), responses(
    (status = 200, body = PersonFile),
    (status = 307, description = "joined with another: Location names who they are now"), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn show(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
) -> Result<Response, Refusal> {
    let living = desk.store.living_person(&id).await?;
    if living != id {
        return Ok(Redirect::temporary(&format!("/api/persons/{living}")).into_response());
    }
    let person = desk.store.person(&id).await?.ok_or_else(Refusal::unknown_person)?;
    let (birth_date, address_masked) = (person.birth_date.clone(), masked_address(&person.address));
    let card = desk.card(person).await?;
    desk.log(&signed_in.me, "person", "person", &card.person).await?;
    let names = desk.agent_names();
    let contacts = desk.store.contacts_of_person(&card.person, CONTACTS_MAX).await?;
    let contacts = contacts.into_iter().map(|contact| Contact::of(contact, &names)).collect();
    let visits =
        desk.store.visits_of(&card.person, VISITS_MAX).await?.into_iter().map(VisitInfo::from).collect();
    let id_number_masked = desk.store.id_number_of(&card.person).await?.map(|number| number.masked());
    let phones = card.phones.clone();
    let file = PersonFile { phones, card, birth_date, id_number_masked, address_masked, visits, contacts };
    Ok(Json(file).into_response())
}

/// Adds a person; with a call, also the caller's number, and that the caller is this person.
#[utoipa::path(post, path = "/api/persons", tag = "persons", request_body = NewPersonForm, security(("cookie" = [])),
    responses((status = 201, body = PersonCard), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn add(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Body(form): Body<NewPersonForm>,
) -> Result<(StatusCode, Json<PersonCard>), Refusal> {
    let seen = match &form.call {
        Some(call) => Some(desk.call_of(&signed_in, call).await?),
        None => None,
    };
    let me = signed_in.me;
    let now_us = desk.now_us();
    check(&desk, &form, now_us)?;
    // Cleaned like a name from the network: somebody may have pasted anything.
    let name = CallerName::from(form.name.as_str());
    let caller = seen.as_ref().and_then(|seen| seen.for_pop()).map(|call| call.caller);
    let new = NewPerson {
        name: if name.is_empty() { NAMELESS.to_owned() } else { name.as_str().to_owned() },
        sex: form.sex.unwrap_or(SexWord::Unknown).as_str().to_owned(),
        birth_date: form.birth_date.filter(|date| !date.is_empty()),
        source_code: form.source,
        number: caller.and_then(|number| phone(&number)),
        call_id: seen.as_ref().map(|seen| seen.id.to_string()),
    };
    let person = desk.store.add_person(new, &me.account, now_us).await?;
    if let Some(seen) = seen {
        desk.hub.handle(Input::AskAgain { call: seen.id });
    }
    Ok((StatusCode::CREATED, Json(desk.card(person).await?)))
}

fn check(desk: &Desk, form: &NewPersonForm, now_us: i64) -> Result<(), Refusal> {
    if form.name.trim().chars().count() > NAME_CHARS_MAX {
        return Err(Refusal::invalid("姓名不能超过 64 字。", "A name has at most 64 characters."));
    }
    if let Some(date) = form.birth_date.as_deref().filter(|date| !date.is_empty()) {
        let born: Option<jiff::civil::Date> = date.parse().ok().filter(|_| date.len() == "2026-01-01".len());
        let past = born.is_some_and(|born| born.year() >= BORN_FROM) && age(date, now_us).is_some();
        if !past {
            return Err(Refusal::invalid(
                "出生日期应为 1900 年以后、今天以前，例如 1985-03-07。",
                "The birth date is a day from 1900 to today, such as 1985-03-07.",
            ));
        }
    }
    let known = form.source.is_empty() || desk.config.sources.iter().any(|source| source.code == form.source);
    if !known {
        return Err(Refusal::invalid("没有这个来源。", "There is no such source."));
    }
    Ok(())
}

/// The number as a person's row: canonical, as it came, kind. A withheld or senseless one belongs to nobody.
fn phone(number: &Number) -> Option<(String, String, String)> {
    let kind = number.kind();
    if matches!(kind, NumberKind::Hidden | NumberKind::Invalid) {
        return None;
    }
    let text = number.as_str().to_owned();
    Some((text.clone(), text, kind.as_str().to_owned()))
}

impl Desk {
    /// The person with this id.
    pub(super) async fn person_card(&self, id: &str) -> Result<Option<PersonCard>, Refusal> {
        match self.store.person(id).await? {
            Some(person) => Ok(Some(self.card(person).await?)),
            None => Ok(None),
        }
    }

    pub(super) async fn card(&self, person: Person) -> Result<PersonCard, Refusal> {
        let living = self.store.living_person(&person.id).await?;
        let phones = self.store.phones_of(&person.id).await?;
        Ok(PersonCard {
            sex: SexWord::of(&person.sex),
            age: person.birth_date.as_deref().and_then(|date| age(date, self.now_us())),
            phones: phones.iter().map(|phone| Number::from(phone.number.as_str()).masked()).collect(),
            merged_into: (living != person.id).then_some(living),
            person: person.id,
            name: person.name,
            record_number: person.record_number,
            person_kind: person.kind,
            source: person.source_code,
            alert: person.alert,
            deceased: person.deceased,
        })
    }
}
