//! The demo's calls as the journal tells them.

use crate::house::Switch;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// After the last call the recorder closes its files and the journal commits; both take moments.
const AT_REST: Duration = Duration::from_secs(20);
/// How often the journal is asked.
const ASK_EVERY: Duration = Duration::from_millis(250);

/// Calls by how they ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All.
    pub offered: u64,
    /// Talked with an agent.
    pub answered: u64,
    /// Given up by the patient before that.
    pub abandoned: u64,
    /// The rest.
    pub other: u64,
}

/// What the journal says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Journalled {
    /// The calls.
    #[serde(flatten)]
    pub calls: Counts,
    /// Calls that agents dialled: none of the above.
    pub dialled: u64,
    /// Recordings of patients' calls that are closed and complete.
    pub recordings: u64,
}

/// The events, once every call has ended and every recording is closed.
///
/// # Errors
/// When that does not happen in time.
pub fn at_rest(switch: &Switch) -> anyhow::Result<(Vec<Value>, String)> {
    let deadline = Instant::now() + AT_REST;
    loop {
        let (events, text) = switch.events().context("failed to read the journal")?;
        let of = |kind: &str| events.iter().filter(|event| event["kind"] == kind).count();
        let calls = (of("call_offered") + of("call_dialled"), of("call_ended"));
        let recordings = (of("recording_started"), of("recording_finished"));
        if calls.0 == calls.1 && recordings.0 == recordings.1 {
            return Ok((events, text));
        }
        anyhow::ensure!(
            Instant::now() < deadline,
            "after {AT_REST:?} the journal has {} of {} calls ended and {} of {} recordings closed",
            calls.1,
            calls.0,
            recordings.1,
            recordings.0
        );
        std::thread::sleep(ASK_EVERY);
    }
}

/// Counts the calls.
pub fn count(events: &[Value]) -> Journalled {
    let (mut talked, mut dialled) = (BTreeSet::new(), BTreeSet::new());
    let mut result = Journalled::default();
    for event in events {
        let call = event["call"].as_str().unwrap_or_default();
        match event["kind"].as_str().unwrap_or_default() {
            "call_offered" => result.calls.offered += 1,
            "call_dialled" => {
                dialled.insert(call);
                result.dialled += 1;
            }
            _ if dialled.contains(call) => {}
            "call_connected" => {
                talked.insert(call);
            }
            "call_ended" if talked.contains(call) => result.calls.answered += 1,
            "call_ended" => match event["cause"].as_str().unwrap_or_default() {
                "ivr_abandoned" | "queue_abandoned" | "cancelled" => result.calls.abandoned += 1,
                _ => result.calls.other += 1,
            },
            "recording_finished" if event["complete"] == true => result.recordings += 1,
            _ => {}
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::{Counts, count};
    use serde_json::json;

    #[test]
    fn each_call_counts_once_by_how_it_ended() {
        let events = [
            json!({"kind": "call_offered", "call": "a"}),
            json!({"kind": "call_connected", "call": "a"}),
            json!({"kind": "call_connected", "call": "a"}),
            json!({"kind": "call_ended", "call": "a", "cause": "completed"}),
            json!({"kind": "recording_finished", "call": "a", "complete": true}),
            json!({"kind": "call_offered", "call": "b"}),
            json!({"kind": "call_ended", "call": "b", "cause": "queue_abandoned"}),
            json!({"kind": "call_offered", "call": "c"}),
            json!({"kind": "call_ended", "call": "c", "cause": "refused"}),
        ];
        let counted = count(&events);
        assert_eq!(counted.calls, Counts { offered: 3, answered: 1, abandoned: 1, other: 1 });
        assert_eq!((counted.dialled, counted.recordings), (0, 1));
    }

    #[test]
    fn what_agents_dial_is_counted_apart() {
        let events = [
            json!({"kind": "call_dialled", "call": "d", "direction": "outbound"}),
            json!({"kind": "call_connected", "call": "d"}),
            json!({"kind": "call_offered", "call": "a"}),
            json!({"kind": "call_connected", "call": "a"}),
            json!({"kind": "call_ended", "call": "d", "cause": "completed"}),
            json!({"kind": "recording_finished", "call": "d", "complete": true}),
            json!({"kind": "call_ended", "call": "a", "cause": "completed"}),
        ];
        let counted = count(&events);
        assert_eq!(counted.calls, Counts { offered: 1, answered: 1, abandoned: 0, other: 0 });
        assert_eq!((counted.dialled, counted.recordings), (1, 0));
    }
}
