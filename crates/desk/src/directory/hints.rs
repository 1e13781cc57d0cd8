//! What the desk tells of a caller's rank: the old go a little earlier, and who talked to somebody within a day is meant
//! for her (CF C16, C18).

use crate::pop::Findings;
use crate::storage::{StorageError, Store};
use careline_model::{CallId, Number};

/// From this age on, in years...
pub(super) const ELDERLY_FROM: u32 = 75;
/// ...a caller has so many points, each worth a minute of waiting.
const ELDERLY_POINTS: i32 = 5;
/// A talk is remembered for so long.
const TALKED_WITHIN_US: i64 = 86_400_000_000;
/// Contacts of the number that are looked at: this call is one of them.
const CONTACTS_LOOKED_AT: usize = 3;

/// Of one caller.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Hints {
    pub(super) points: i32,
    pub(super) agent: Option<String>,
}

pub(super) async fn of(
    store: &Store,
    call: CallId,
    number: &Number,
    findings: &Findings,
    now_us: i64,
) -> Result<Hints, StorageError> {
    let age = match findings.candidates.as_slice() {
        [only] => only.age,
        // Of several nobody knows who it is.
        _ => None,
    };
    let points = if age.is_some_and(|age| age >= ELDERLY_FROM) { ELDERLY_POINTS } else { 0 };
    Ok(Hints { points, agent: last_agent(store, call, number, now_us).await? })
}

/// Whom this number talked to last, in another call within a day.
pub(super) async fn last_agent(
    store: &Store,
    call: CallId,
    number: &Number,
    now_us: i64,
) -> Result<Option<String>, StorageError> {
    let contacts = store.contacts_of_number(number.as_str(), i64::MAX, CONTACTS_LOOKED_AT).await?;
    let call = call.to_string();
    let since = now_us.saturating_sub(TALKED_WITHIN_US);
    let talked = contacts
        .into_iter()
        .find(|contact| contact.call_id != call && contact.connected_us.is_some_and(|at_us| at_us >= since));
    Ok(talked.and_then(|contact| contact.agent))
}
