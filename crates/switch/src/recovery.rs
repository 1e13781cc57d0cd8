//! What is made good at the start after a crash: recordings that were being written, calls that never ended.

use crate::journal::{Journal, OpenCall};
use crate::media_glue::recording_of;
use careline_model::config::Plan;
use careline_model::event::{EndCause, MessageDrop, OfferOutcome, Party, QueueOutcome};
use careline_model::{CallId, Event, EventBody, MailboxId, Now, RecordingId};
use std::collections::BTreeMap;
use std::path::Path;

/// Shortest message that a crash cut off and that is kept: whether anything is in it nobody has heard.
const MESSAGE_MIN_MS: u64 = 1000;

/// Repairs recordings and gives every call of the last run that has no end exactly one. Gives what it told.
pub fn recover(
    journal: &Journal,
    open_calls: Vec<OpenCall>,
    recordings: &Path,
    plan: &Plan,
    now: Now,
) -> Vec<Event> {
    let mut told = Vec::new();
    let mut emit = |body: EventBody| {
        let event = Event { at_us: now.wall_us, body };
        told.push(event.clone());
        journal.append(event);
    };
    let mut lengths = BTreeMap::new();
    for repaired in careline_media::repair(recordings) {
        let Some((recording, call)) = recording_of(&repaired.id) else { continue };
        tracing::warn!(recording = %recording, duration_ms = repaired.duration_ms, "recording repaired");
        lengths.insert(recording.clone(), repaired.duration_ms);
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
        if let Some((mailbox, recording, closed)) = open.message {
            let length = lengths.get(&recording).copied().or(closed).unwrap_or(0);
            emit(cut_off(open.call, (mailbox, recording), length, plan, now));
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
    told
}

/// A message that was being spoken: no patient is lost, so what there is of it is work.
fn cut_off(
    call: CallId,
    (mailbox, recording): (MailboxId, RecordingId),
    duration_ms: u64,
    plan: &Plan,
    now: Now,
) -> EventBody {
    if duration_ms < MESSAGE_MIN_MS {
        return EventBody::VoicemailDropped { call, mailbox, recording, why: MessageDrop::TooShort };
    }
    let rules = plan.mailboxes.get(&mailbox);
    let due = rules.map(|rules| rules.due).unwrap_or_default();
    let (queue, agent) = rules.map(|rules| rules.owner.ids()).unwrap_or_default();
    let due_at_us = now.wall_us.saturating_add(i64::try_from(due.as_micros()).unwrap_or(i64::MAX));
    let urgent = false;
    EventBody::VoicemailLeft { call, mailbox, recording, queue, agent, duration_ms, urgent, due_at_us }
}
