//! Asks the database who may be calling.

use super::rank::{CANDIDATES_MAX, Claim, RankedClaim, rank};
use super::view::{Candidate, Contact, SexWord};
use crate::storage::{self, PhoneRow, StorageError, Store};
use careline_model::{CallId, Number};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long the database may take in all; later answers are asked for again.
pub const FIND_MAX: Duration = Duration::from_secs(5);
/// Earlier contacts shown with each candidate, and with the number.
pub const CONTACTS_MAX: usize = 5;
/// Owners that are looked at; more are on shared numbers only, where the search field helps better.
const OWNERS_MAX: usize = 50;
/// Numbers shown with each candidate.
const PHONES_MAX: usize = 6;
/// Who called from this number longer ago is no candidate.
const SEEN_SINCE_US: i64 = 365 * 86_400_000_000;

/// What the database knows of a caller.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Findings {
    /// Who it may be, the likeliest first.
    pub candidates: Vec<Candidate>,
    /// Earlier calls of the number.
    pub number_contacts: Vec<Contact>,
    /// Who was chosen already, in this call.
    pub chosen: Option<String>,
}

impl Findings {
    /// How many persons it may be.
    #[must_use]
    pub fn persons(&self) -> u32 {
        u32::try_from(self.candidates.len()).unwrap_or(u32::MAX)
    }

    /// The name, when there is exactly one candidate; otherwise empty.
    #[must_use]
    pub fn label(&self) -> &str {
        match self.candidates.as_slice() {
            [only] => &only.name,
            _ => "",
        }
    }
}

/// Finds candidates with their last contacts. A withheld number has none.
///
/// # Errors
/// What the database refuses.
pub async fn find(
    store: &Store,
    call: CallId,
    number: &Number,
    agent_names: &BTreeMap<String, String>,
    now_us: i64,
) -> Result<Findings, StorageError> {
    let call = call.to_string();
    let chosen = store.chosen_person(&call).await?.map(|(person, _)| person);
    if number.is_withheld() {
        return Ok(Findings { chosen, ..Findings::default() });
    }
    let claims = claims_on(store, number.as_str(), now_us).await?;
    let mut candidates = Vec::with_capacity(CANDIDATES_MAX);
    for ranked in rank(claims, now_us) {
        candidates.push(candidate(store, ranked, &call, agent_names, now_us).await?);
    }
    // One more than shown: this call is one of the number's itself.
    let contacts = store.contacts_of_number(number.as_str(), i64::MAX, CONTACTS_MAX + 1).await?;
    let number_contacts = shown_contacts(contacts, &call, agent_names);
    Ok(Findings { candidates, number_contacts, chosen })
}

/// Owners of the number, those whom its holders may act for, and who spoke on it within a year.
async fn claims_on(store: &Store, number: &str, now_us: i64) -> Result<Vec<Claim>, StorageError> {
    let seen = store.last_persons_on(number, now_us.saturating_sub(SEEN_SINCE_US)).await?;
    let mut seen: BTreeMap<String, i64> =
        seen.into_iter().map(|(person, last_us, _)| (person, last_us)).collect();
    let owners = store.owners_of(number, OWNERS_MAX).await?;
    let mut claims = Vec::with_capacity(owners.len() + seen.len());
    for owner in owners {
        let seen_us = seen.remove(&owner.person.id);
        claims.push(Claim { person: owner.person, phone: Some(owner.phone), seen_us });
    }
    let mut others: Vec<(String, i64)> = seen.into_iter().collect();
    others.sort_by_key(|(_, last_us)| std::cmp::Reverse(*last_us));
    for (id, last_us) in others.into_iter().take(CANDIDATES_MAX) {
        if let Some(person) = store.person(&id).await? {
            claims.push(Claim { person, phone: None, seen_us: Some(last_us) });
        }
    }
    Ok(claims)
}

async fn candidate(
    store: &Store,
    ranked: RankedClaim,
    call: &str,
    agent_names: &BTreeMap<String, String>,
    now_us: i64,
) -> Result<Candidate, StorageError> {
    let RankedClaim { claim: Claim { person, phone, .. }, score, reasons } = ranked;
    let phones = store.phones_of(&person.id).await?;
    let contacts = store.contacts_of_person(&person.id, CONTACTS_MAX + 1).await?;
    Ok(Candidate {
        age: person.birth_date.as_deref().and_then(|date| age(date, now_us)),
        sex: SexWord::of(&person.sex),
        relation: phone.map(|phone| phone.relation),
        reasons: reasons.into_iter().map(str::to_owned).collect(),
        score,
        phones: masked(&phones),
        contacts: shown_contacts(contacts, call, agent_names),
        person: person.id,
        name: person.name,
        record_number: person.record_number,
        alert: person.alert,
        deceased: person.deceased,
    })
}

/// A person's numbers as pages may show them.
fn masked(phones: &[PhoneRow]) -> Vec<String> {
    phones.iter().take(PHONES_MAX).map(|phone| Number::from(phone.number.as_str()).masked()).collect()
}

fn shown_contacts(
    contacts: Vec<storage::Contact>,
    call: &str,
    agent_names: &BTreeMap<String, String>,
) -> Vec<Contact> {
    let earlier = contacts.into_iter().filter(|contact| contact.call_id != call).take(CONTACTS_MAX);
    earlier.map(|contact| Contact::of(contact, agent_names)).collect()
}

impl Contact {
    /// A contact of storage with the agent's name; an agent whom no switch knows any more keeps the id.
    #[must_use]
    pub fn of(contact: storage::Contact, agent_names: &BTreeMap<String, String>) -> Self {
        let agent = contact.agent.unwrap_or_default();
        Self {
            call: contact.call_id,
            direction: contact.direction,
            offered_us: contact.offered_us,
            answered: contact.connected_us.is_some(),
            agent_name: agent_names.get(&agent).cloned().unwrap_or(agent),
            queue: contact.queue,
            line: contact.line,
            medium: contact.medium,
            talk_ms: contact.talk_ms,
            note: contact.note,
            recordings: contact.recordings,
            end_cause: contact.end_cause,
        }
    }
}

/// Whole years from a birth date to a moment, in UTC: a day's difference near midnight is nobody's matter here.
#[must_use]
pub(crate) fn age(birth_date: &str, now_us: i64) -> Option<u32> {
    let born: jiff::civil::Date = birth_date.parse().ok()?;
    let today = jiff::Timestamp::from_microsecond(now_us).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date();
    let years = i32::from(today.year()) - i32::from(born.year());
    let had_birthday = (today.month(), today.day()) >= (born.month(), born.day());
    u32::try_from(years - i32::from(!had_birthday)).ok()
}
