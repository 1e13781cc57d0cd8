//! Questions of flows, and what the desk answers.

use super::hints::{ELDERLY_FROM, last_agent};
use crate::hub::Hub;
use crate::pop::age;
use crate::storage::{PersonQuery, Store};
use careline_model::number::NUMBER_CHARS_MAX;
use careline_model::{CallId, Number};
use careline_rpc::proto::directory::v1 as wire;
use tonic::Status;
use wire::variable::Value;

/// Longest record number, in characters.
const CARD_CHARS_MAX: usize = 32;
/// Persons with one record number; more than one is a mistake in the data, and none of them is meant.
const SAME_CARD_MAX: usize = 2;

/// A question that can be answered.
pub(super) enum Question {
    /// Who has this number?
    Caller(Number),
    /// Who has this record number? The caller's number tells who talked to her last.
    Card(String, Number),
}

/// What is known of one person.
struct Known {
    record_number: Option<String>,
    age: Option<u32>,
}

impl Question {
    pub(super) fn parse(query: &str, variables: &[wire::Variable]) -> Result<Self, Status> {
        if query != "identify" {
            return Err(Status::invalid_argument("query: give identify"));
        }
        let text = |name: &str, most: usize| {
            let variable = variables.iter().find(|variable| variable.name == name);
            match variable.and_then(|variable| variable.value.as_ref()) {
                Some(Value::Text(text)) if text.chars().count() <= most => Ok(text.as_str()),
                None => Ok(""),
                Some(_) => {
                    Err(Status::invalid_argument(format!("{name}: give a text of at most {most} characters")))
                }
            }
        };
        let number = Number::from(text("call.number", NUMBER_CHARS_MAX)?);
        match text("card", CARD_CHARS_MAX)? {
            "" => Ok(Self::Caller(number)),
            card => Ok(Self::Card(card.to_owned(), number)),
        }
    }

    pub(super) async fn answer(
        self,
        hub: &Hub,
        store: &Store,
        call: CallId,
        now_us: i64,
    ) -> Result<wire::AskResponse, Status> {
        let unavailable = |error: &dyn std::error::Error| Status::unavailable(error.to_string());
        let (found, number) = match self {
            Self::Caller(number) if number.is_withheld() => (Vec::new(), number),
            Self::Caller(number) => {
                let findings = hub.findings(call, &number).await.map_err(|error| unavailable(&error))?;
                let known = findings.candidates.into_iter();
                let known = known.map(|one| Known { record_number: one.record_number, age: one.age });
                (known.collect(), number)
            }
            Self::Card(card, number) => {
                let query = PersonQuery { text: card.clone(), number: None };
                let people = store.search_people(&query, SAME_CARD_MAX).await;
                let people = people.map_err(|error| unavailable(&error))?.into_iter();
                let hers = people.filter(|person| person.record_number.as_deref() == Some(&card));
                let known = hers.map(|person| Known {
                    age: person.birth_date.as_deref().and_then(|date| age(date, now_us)),
                    record_number: person.record_number,
                });
                (known.collect::<Vec<_>>(), number)
            }
        };
        if found.is_empty() {
            return Ok(wire::AskResponse::default());
        }
        let last = last_agent(store, call, &number, now_us).await.map_err(|error| unavailable(&error))?;
        Ok(wire::AskResponse { found: true, variables: told(&found, last) })
    }
}

fn told(found: &[Known], last_agent: Option<String>) -> Vec<wire::Variable> {
    let variable = |name: &str, value: Value| wire::Variable { name: name.to_owned(), value: Some(value) };
    let persons = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let mut told = vec![variable("persons", Value::Number(persons))];
    if let [only] = found {
        told.extend(only.record_number.clone().map(|text| variable("record_number", Value::Text(text))));
        told.extend(only.age.map(|age| variable("age", Value::Number(i64::from(age)))));
        told.push(variable("elderly", Value::Flag(only.age.is_some_and(|age| age >= ELDERLY_FROM))));
    }
    told.extend(last_agent.map(|agent| variable("last_agent", Value::Text(agent))));
    told
}
