//! What is made good at the start after a crash: recordings that were being written, calls that never ended.

use crate::journal::{Journal, OpenCall};
use crate::media_glue::recording_of;
use careline_model::event::{EndCause, OfferOutcome, Party, QueueOutcome};
use careline_model::{Event, EventBody, Now};
use std::path::Path;

/// Repairs recordings and gives every call of the last run that has no end exactly one.
pub fn recover(journal: &Journal, open_calls: Vec<OpenCall>, recordings: &Path, now: Now) {
    let emit = |body: EventBody| {
        journal.append(Event { at_us: now.wall_us, body });
    };
    for repaired in careline_media::repair(recordings) {
        let Some((recording, call)) = recording_of(&repaired.id) else { continue };
        tracing::warn!(recording = %recording, duration_ms = repaired.duration_ms, "recording repaired");
        emit(EventBody::RecordingFinished {
            call,
            recording,
            duration_ms: repaired.duration_ms,
            bytes: std::fs::metadata(&repaired.path).map_or(0, |meta| meta.len()),
            sha256: repaired.sha256,
            complete: false,
        });
    }
    for open in open_calls {
        tracing::warn!(call = %open.call, "call cut by the end of the last run");
        let since = |start_us: i64| u64::try_from((now.wall_us - start_us) / 1000).unwrap_or(0);
        let entry = open.entry.as_ref().map(|(entry, ..)| *entry);
        for ((offer, agent, rung_us), entry) in open.offers.iter().zip(entry.into_iter().cycle()) {
            emit(EventBody::OfferEnded {
                call: open.call,
                entry,
                offer: *offer,
                agent: agent.clone(),
                outcome: OfferOutcome::Cancelled,
                ring_ms: since(*rung_us),
            });
        }
        if let Some((entry, queue, entered_us)) = open.entry {
            let outcome = QueueOutcome::SystemFault;
            emit(EventBody::QueueLeft { call: open.call, entry, queue, outcome, wait_ms: since(entered_us) });
        }
        emit(EventBody::CallEnded {
            call: open.call,
            cause: EndCause::SwitchCrashed,
            ended_by: Party::Switch,
            duration_ms: since(open.offered_at_us),
            // Until now, not until the crash: nobody knows when that was.
            talk_ms: open.talking.map_or(0, |(_, since_us)| since(since_us)),
        });
    }
}
