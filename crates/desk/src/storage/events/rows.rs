//! The statements behind [`super::Store::apply`]; each may be made twice.

use super::{Applied, Outcome, Position, RowChange, signed};
use crate::storage::projection::{
    Arrival, MessageChange, OfferChange, RecordingChange, TransferChange, VisitChange,
};
use crate::storage::sql::{Tx, query};

/// The key of an event.
#[derive(Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) switch_id: &'a str,
    pub(super) epoch: i64,
    pub(super) number: i64,
}

/// An event as it is stored.
#[derive(Clone, Copy)]
pub(super) struct EventRow<'a> {
    pub(super) at_us: i64,
    pub(super) kind: &'a str,
    pub(super) call_id: Option<&'a str>,
    pub(super) body: &'a str,
}

/// Whether this very fact stands under a key of another epoch. Within one epoch two events may read the same and are
/// two all the same.
pub(super) async fn known_elsewhere(connection: &mut Tx, key: Key<'_>, row: EventRow<'_>) -> Outcome<bool> {
    let sql = match row.call_id {
        Some(_) => {
            "SELECT number FROM switch_event WHERE call_id = $1 AND at_us = $2 AND switch_id = $3 AND epoch <> $4 \
             AND body = $5 LIMIT 1"
        }
        None => {
            "SELECT number FROM switch_event WHERE call_id IS NULL AND switch_id = $3 AND at_us = $2 AND epoch <> $4 \
             AND body = $5 AND $1 IS NULL LIMIT 1"
        }
    };
    let found = query(sql)
        .bind(row.call_id)
        .bind(row.at_us)
        .bind(key.switch_id)
        .bind(key.epoch)
        .bind(row.body)
        .fetch_rows(connection)
        .await?;
    Ok(!found.is_empty())
}

/// False when the key is stored already.
pub(super) async fn store_event(connection: &mut Tx, key: Key<'_>, row: EventRow<'_>) -> Outcome<bool> {
    let stored = query(
        "INSERT INTO switch_event (switch_id, epoch, number, at_us, kind, call_id, body) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (switch_id, epoch, number) DO NOTHING",
    )
    .bind(key.switch_id)
    .bind(key.epoch)
    .bind(key.number)
    .bind(row.at_us)
    .bind(row.kind)
    .bind(row.call_id)
    .bind(row.body)
    .execute(connection)
    .await?;
    Ok(stored > 0)
}

/// The position moves also backwards: a new epoch may begin with smaller numbers.
pub(super) async fn move_on(
    connection: &mut Tx,
    switch_id: &str,
    position: Position,
    applied: Applied,
) -> Outcome<()> {
    let sql = "INSERT INTO feed (switch_id, epoch, number, omitted, again) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (switch_id) DO UPDATE SET epoch = excluded.epoch, number = excluded.number, \
               omitted = feed.omitted + excluded.omitted, again = feed.again + excluded.again";
    query(sql)
        .bind(switch_id)
        .bind(signed(position.epoch))
        .bind(signed(position.number))
        .bind(signed(applied.omitted))
        .bind(signed(applied.again))
        .execute(connection)
        .await
        .map(|_| ())
}

/// Makes one change of the history.
pub(super) async fn make(connection: &mut Tx, switch_id: &str, change: &RowChange) -> Outcome<()> {
    match change {
        RowChange::Arrived(arrival) => arrived(connection, switch_id, arrival).await,
        RowChange::InFlow { call, flow } => {
            let sql = "UPDATE interaction SET flow = $2 WHERE call_id = $1";
            query(sql).bind(call).bind(flow).execute(connection).await.map(|_| ())
        }
        RowChange::Visit(change) => visit(connection, change).await,
        RowChange::Transfer(change) => transfer(connection, change).await,
        RowChange::Offer(change) => offer(connection, change).await,
        RowChange::Connected { call, agent, at_us } => {
            let sql = "UPDATE interaction SET agent = $2, connected_us = COALESCE(connected_us, $3) WHERE call_id = $1";
            query(sql).bind(call).bind(agent).bind(at_us).execute(connection).await.map(|_| ())
        }
        RowChange::Ended { call, cause, ended_by, duration_ms, talk_ms, at_us } => {
            let sql = "UPDATE interaction SET ended_us = $2, end_cause = $3, ended_by = $4, duration_ms = $5, \
                       talk_ms = $6 WHERE call_id = $1 AND ended_us IS NULL";
            let query = query(sql).bind(call).bind(at_us).bind(cause).bind(ended_by);
            query.bind(duration_ms).bind(talk_ms).execute(connection).await.map(|_| ())
        }
        RowChange::Recording(change) => recording(connection, switch_id, change).await,
        RowChange::Message(change) => message(connection, switch_id, change).await,
        RowChange::AgentState { agent, intent, work, device, at_us } => {
            let sql = "INSERT INTO agent_state (switch_id, agent, at_us, intent, work, device) \
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
            let query = query(sql).bind(switch_id).bind(agent).bind(at_us);
            query.bind(intent).bind(work).bind(device).execute(connection).await.map(|_| ())
        }
        RowChange::ForgottenEnded { at_us } => forgotten(connection, switch_id, *at_us).await,
    }
}

async fn arrived(connection: &mut Tx, switch_id: &str, arrival: &Arrival) -> Outcome<()> {
    query(
        "INSERT INTO interaction (call_id, switch_id, channel, caller, caller_name, dialled, line, medium, \
         trunk, offered_us, direction, agent) VALUES ($1, $2, 'phone', $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (call_id) DO NOTHING",
    )
    .bind(&arrival.call)
    .bind(switch_id)
    .bind(&arrival.caller)
    .bind(&arrival.caller_name)
    .bind(&arrival.dialled)
    .bind(&arrival.line)
    .bind(&arrival.medium)
    .bind(&arrival.trunk)
    .bind(arrival.at_us)
    .bind(arrival.direction)
    .bind(&arrival.agent)
    .execute(connection)
    .await
    .map(|_| ())
}

/// What became of a message follows the switch's clock, and handled is the end: an old change that comes again changes
/// nothing.
async fn message(connection: &mut Tx, switch_id: &str, change: &MessageChange) -> Outcome<()> {
    match change {
        MessageChange::Left { message, call, mailbox, queue, agent, duration_ms, urgent, due_us, at_us } => {
            let sql = "INSERT INTO voice_message (id, call_id, switch_id, mailbox, queue, agent, left_us, \
                       duration_ms, urgent, due_us, state, state_us) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'open', $7) ON CONFLICT (id) DO NOTHING";
            let query = query(sql).bind(message).bind(call).bind(switch_id).bind(mailbox);
            let query = query.bind(queue).bind(agent).bind(at_us).bind(duration_ms).bind(urgent).bind(due_us);
            query.execute(connection).await.map(|_| ())
        }
        MessageChange::Moved { message, state, by, at_us } => {
            let sql = "UPDATE voice_message SET state = $2, holder = $3, state_us = $4 \
                       WHERE id = $1 AND state <> 'handled' AND state_us <= $4";
            let query = query(sql).bind(message).bind(state).bind(by).bind(at_us);
            query.execute(connection).await.map(|_| ())
        }
    }
}

async fn transfer(connection: &mut Tx, change: &TransferChange) -> Outcome<()> {
    match change {
        TransferChange::Began { call, agent, target, attended, at_us } => {
            let sql = "INSERT INTO transfer (call_id, began_us, agent, target, attended) VALUES ($1, $2, $3, $4, $5) \
                       ON CONFLICT (call_id, began_us) DO NOTHING";
            let query = query(sql).bind(call).bind(at_us).bind(agent).bind(target).bind(attended);
            query.execute(connection).await.map(|_| ())
        }
        // One that comes again finds nothing open that began before it.
        TransferChange::Ended { call, outcome, ring_ms, at_us } => {
            let sql = "UPDATE transfer SET ended_us = $2, outcome = $3, ring_ms = $4 \
                       WHERE call_id = $1 AND ended_us IS NULL AND began_us <= $2";
            let query = query(sql).bind(call).bind(at_us).bind(outcome).bind(ring_ms);
            query.execute(connection).await.map(|_| ())
        }
    }
}

async fn visit(connection: &mut Tx, change: &VisitChange) -> Outcome<()> {
    match change {
        VisitChange::Began { call, entry, queue, at_us } => {
            query(
                "INSERT INTO queue_visit (call_id, entry, queue, entered_us) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (call_id, entry) DO NOTHING",
            )
            .bind(call)
            .bind(signed(*entry))
            .bind(queue)
            .bind(at_us)
            .execute(&mut *connection)
            .await?;
            last_queue(connection, call).await
        }
        VisitChange::Ended { call, entry, queue, outcome, wait_ms, at_us } => {
            query(
                "INSERT INTO queue_visit (call_id, entry, queue, entered_us, left_us, outcome, wait_ms) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (call_id, entry) DO UPDATE \
                 SET left_us = excluded.left_us, outcome = excluded.outcome, wait_ms = excluded.wait_ms \
                 WHERE queue_visit.left_us IS NULL",
            )
            .bind(call)
            .bind(signed(*entry))
            .bind(queue)
            .bind(before(*at_us, *wait_ms))
            .bind(at_us)
            .bind(outcome)
            .bind(wait_ms)
            .execute(&mut *connection)
            .await?;
            last_queue(connection, call).await
        }
    }
}

/// What a call's visits say about the call.
async fn last_queue(connection: &mut Tx, call: &str) -> Outcome<()> {
    let sql = "UPDATE interaction SET \
         queue = (SELECT queue FROM queue_visit WHERE call_id = $1 ORDER BY entered_us DESC, entry DESC LIMIT 1), \
         wait_ms = (SELECT COALESCE(sum(wait_ms), 0) FROM queue_visit WHERE call_id = $1) WHERE call_id = $1";
    query(sql).bind(call).execute(connection).await.map(|_| ())
}

async fn offer(connection: &mut Tx, change: &OfferChange) -> Outcome<()> {
    match change {
        OfferChange::Made { call, offer, entry, agent, at_us } => query(
            "INSERT INTO offer (call_id, offer, entry, agent, made_us) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (call_id, offer) DO NOTHING",
        )
        .bind(call)
        .bind(signed(*offer))
        .bind(signed(*entry))
        .bind(agent)
        .bind(at_us)
        .execute(connection)
        .await
        .map(|_| ()),
        OfferChange::Ended { call, offer, entry, agent, outcome, ring_ms, at_us } => query(
            "INSERT INTO offer (call_id, offer, entry, agent, made_us, ended_us, outcome, ring_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (call_id, offer) DO UPDATE \
             SET ended_us = excluded.ended_us, outcome = excluded.outcome, ring_ms = excluded.ring_ms \
             WHERE offer.ended_us IS NULL",
        )
        .bind(call)
        .bind(signed(*offer))
        .bind(signed(*entry))
        .bind(agent)
        .bind(before(*at_us, *ring_ms))
        .bind(at_us)
        .bind(outcome)
        .bind(ring_ms)
        .execute(connection)
        .await
        .map(|_| ()),
    }
}

async fn recording(connection: &mut Tx, switch_id: &str, change: &RecordingChange) -> Outcome<()> {
    match change {
        RecordingChange::Began { call, recording, at_us } => {
            let sql = "INSERT INTO recording (id, call_id, switch_id, started_us) VALUES ($1, $2, $3, $4) \
                       ON CONFLICT (id) DO UPDATE SET started_us = COALESCE(recording.started_us, excluded.started_us)";
            let query = query(sql).bind(recording).bind(call).bind(switch_id).bind(at_us);
            query.execute(connection).await.map(|_| ())
        }
        // Closed again: it was repaired after a crash, and the later file is the one that is there.
        RecordingChange::Closed { call, recording, duration_ms, bytes, sha256, complete, at_us } => query(
            "INSERT INTO recording (id, call_id, switch_id, finished_us, duration_ms, bytes, sha256, complete) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE \
             SET finished_us = excluded.finished_us, duration_ms = excluded.duration_ms, bytes = excluded.bytes, \
             sha256 = excluded.sha256, \
             complete = CASE WHEN recording.trouble IS NULL THEN excluded.complete ELSE FALSE END \
             WHERE recording.finished_us IS NULL OR recording.finished_us < excluded.finished_us",
        )
        .bind(recording)
        .bind(call)
        .bind(switch_id)
        .bind(at_us)
        .bind(duration_ms)
        .bind(bytes)
        .bind(sha256)
        .bind(complete)
        .execute(connection)
        .await
        .map(|_| ()),
        RecordingChange::Trouble { call, recording, reason } => {
            let sql = "INSERT INTO recording (id, call_id, switch_id, complete, trouble) VALUES ($1, $2, $3, FALSE, $4) \
                       ON CONFLICT (id) DO UPDATE SET complete = FALSE, \
                       trouble = COALESCE(recording.trouble, excluded.trouble)";
            let query = query(sql).bind(recording).bind(call).bind(switch_id).bind(reason);
            query.execute(connection).await.map(|_| ())
        }
    }
}

/// The switch ends what a crash left open by itself, before it starts; this catches what a lost journal forgot.
async fn forgotten(connection: &mut Tx, switch_id: &str, at_us: i64) -> Outcome<()> {
    const OPEN_CALLS: &str =
        "SELECT call_id FROM interaction WHERE switch_id = $1 AND ended_us IS NULL AND offered_us <= $2";
    let open: Vec<(String,)> =
        query(OPEN_CALLS).bind(switch_id).bind(at_us).fetch_all(&mut *connection).await?;
    for (call,) in &open {
        for sql in [
            "UPDATE offer SET ended_us = $2, outcome = 'cancelled', ring_ms = ($2 - made_us) / 1000 \
             WHERE call_id = $1 AND ended_us IS NULL",
            "UPDATE queue_visit SET left_us = $2, outcome = 'system_fault', wait_ms = ($2 - entered_us) / 1000 \
             WHERE call_id = $1 AND left_us IS NULL",
            "UPDATE transfer SET ended_us = $2, outcome = 'cancelled', ring_ms = ($2 - began_us) / 1000 \
             WHERE call_id = $1 AND ended_us IS NULL",
            "UPDATE interaction SET ended_us = $2, end_cause = 'switch_crashed', ended_by = 'switch', \
             duration_ms = ($2 - offered_us) / 1000 WHERE call_id = $1 AND ended_us IS NULL",
        ] {
            query(sql).bind(call).bind(at_us).execute(&mut *connection).await?;
        }
        last_queue(connection, call).await?;
    }
    Ok(())
}

/// The moment so many milliseconds before.
fn before(at_us: i64, length_ms: i64) -> i64 {
    at_us.saturating_sub(length_ms.saturating_mul(1000))
}
