//! Messages that could not be used, read once more and done as if they came now: by the profile that their door has today.

use super::take;
use crate::config::HisDoor;
use crate::storage::{HisReason, Replayed, Result, Store};
use std::collections::BTreeMap;

/// Messages that are tried again at once; whoever wants more asks again.
pub const REPLAYS_MAX: usize = 100;

/// What came of trying one again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// There is no such message.
    Unknown,
    /// No door has the name of its system any more.
    NoDoor(String),
    /// It was looked at.
    Known(Replayed),
}

/// What came of trying many again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replays {
    /// How many became what.
    pub became: BTreeMap<&'static str, usize>,
    /// Where to go on: when the last one came, and its id. Nothing when all were tried.
    pub next: Option<(i64, String)>,
}

/// Tries one again. `by`: who, and now in UTC microseconds.
///
/// # Errors
/// What the database refuses.
pub async fn replay(store: &Store, doors: &[HisDoor], id: &str, by: (&str, i64)) -> Result<Replay> {
    let Some(content) = store.his_message(id).await? else { return Ok(Replay::Unknown) };
    let source = &content.message.source;
    let Some(door) = doors.iter().find(|door| door.door.profile.id == *source) else {
        return Ok(Replay::NoDoor(source.clone()));
    };
    let taken = take(&content.raw, &door.door.profile);
    Ok(store.replay(id, &taken, by.0, by.1).await?.map_or(Replay::Unknown, Replay::Known))
}

/// Tries those again that wait for one reason, the oldest first, behind the one named, [`REPLAYS_MAX`] at most.
///
/// # Errors
/// What the database refuses; those before are done.
pub async fn replay_all(
    store: &Store,
    doors: &[HisDoor],
    (reason, behind): (&HisReason, Option<(i64, String)>),
    by: (&str, i64),
) -> Result<Replays> {
    let behind = behind.unwrap_or((i64::MIN, String::new()));
    let waiting = store.his_waiting(reason, &behind, REPLAYS_MAX).await?;
    let mut replays = Replays::default();
    for message in &waiting {
        let became = match replay(store, doors, &message.id, by).await? {
            Replay::Known(Replayed::Done(received)) => received.state.as_str(),
            // Somebody else was quicker, or it cannot be read any more.
            Replay::Unknown | Replay::NoDoor(_) | Replay::Known(Replayed::Settled(_)) => "left",
        };
        *replays.became.entry(became).or_default() += 1;
    }
    let last = waiting.last().filter(|_| waiting.len() == REPLAYS_MAX);
    replays.next = last.map(|message| (message.received_us, message.id.clone()));
    Ok(replays)
}
