//! Facts of waiting and of offers, on the wire.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_events::v1 as wire;
use careline_model::event::OfferOutcome;
use careline_model::{AgentId, CallId, EntryId, EventBody, OfferId, QueueId};
use wire::numbered::Body;

pub(crate) fn queue_reserved(call: CallId, entry: EntryId, agent: &AgentId, for_ms: u64) -> Body {
    let (call, agent) = (call.to_string(), agent.as_str().to_owned());
    Body::QueueReserved(wire::QueueReserved { call, entry: entry.0, agent, for_ms })
}

pub(crate) fn queue_reserved_of(b: wire::QueueReserved) -> Result<EventBody, ConversionError> {
    let (call, agent) = (call_id(&b.call)?, AgentId::new(b.agent));
    Ok(EventBody::QueueReserved { call, entry: EntryId(b.entry), agent, for_ms: b.for_ms })
}

pub(crate) fn queue_widened(call: CallId, entry: EntryId, queue: &QueueId, step: u32, early: bool) -> Body {
    let (call, queue) = (call.to_string(), queue.as_str().to_owned());
    Body::QueueWidened(wire::QueueWidened { call, entry: entry.0, queue, step, early })
}

pub(crate) fn queue_widened_of(b: wire::QueueWidened) -> Result<EventBody, ConversionError> {
    let (call, entry, queue) = (call_id(&b.call)?, EntryId(b.entry), QueueId::new(b.queue));
    Ok(EventBody::QueueWidened { call, entry, queue, step: b.step, early: b.early })
}

pub(crate) fn rank_changed_of(b: &wire::RankChanged) -> Result<EventBody, ConversionError> {
    let class = b.class.map(u8::try_from).transpose().map_err(|_| ConversionError::Invalid("class"))?;
    Ok(EventBody::RankChanged { call: call_id(&b.call)?, red_flag: b.red_flag, class, points: b.points })
}

pub(crate) fn queue_resumed_of(b: wire::QueueResumed) -> Result<EventBody, ConversionError> {
    let (call, entry, queue) = (call_id(&b.call)?, EntryId(b.entry), QueueId::new(b.queue));
    Ok(EventBody::QueueResumed { call, entry, queue, earlier: call_id(&b.earlier)?, age_ms: b.age_ms })
}

pub(crate) fn queue_withdrawn_of(b: wire::QueueWithdrawn) -> Result<EventBody, ConversionError> {
    let (call, entry) = (call_id(&b.call)?, EntryId(b.entry));
    let (queue, to) = (QueueId::new(b.queue), QueueId::new(b.to));
    Ok(EventBody::QueueWithdrawn { call, entry, queue, to, reason: b.reason })
}

pub(crate) fn queue_announced_of(b: &wire::QueueAnnounced) -> Result<EventBody, ConversionError> {
    let (call, entry) = (call_id(&b.call)?, EntryId(b.entry));
    Ok(EventBody::QueueAnnounced { call, entry, position: b.position, wait_ms: b.wait_ms })
}

pub(crate) fn wait_predicted(
    call: CallId,
    entry: EntryId,
    queue: &QueueId,
    (predicted_ms, wait_ms): (u64, u64),
) -> Body {
    let (call, queue) = (call.to_string(), queue.as_str().to_owned());
    Body::WaitPredicted(wire::WaitPredicted { call, entry: entry.0, queue, predicted_ms, wait_ms })
}

pub(crate) fn wait_predicted_of(b: wire::WaitPredicted) -> Result<EventBody, ConversionError> {
    let (call, entry, queue) = (call_id(&b.call)?, EntryId(b.entry), QueueId::new(b.queue));
    Ok(EventBody::WaitPredicted { call, entry, queue, predicted_ms: b.predicted_ms, wait_ms: b.wait_ms })
}

pub(crate) fn offer_ended(
    ids: (CallId, EntryId, OfferId),
    agent: &AgentId,
    outcome: OfferOutcome,
    ring_ms: u64,
) -> Body {
    let (call, entry, offer) = (ids.0.to_string(), ids.1.0, ids.2.0);
    let (agent, outcome) = (agent.as_str().to_owned(), wire::OfferOutcome::from(outcome).into());
    Body::OfferEnded(wire::OfferEnded { call, entry, offer, agent, outcome, ring_ms })
}

pub(crate) fn offer_ended_of(b: wire::OfferEnded) -> Result<EventBody, ConversionError> {
    Ok(EventBody::OfferEnded {
        call: call_id(&b.call)?,
        entry: EntryId(b.entry),
        offer: OfferId(b.offer),
        agent: AgentId::new(b.agent),
        outcome: known::<wire::OfferOutcome>(b.outcome, "offer outcome")?.try_into()?,
        ring_ms: b.ring_ms,
    })
}

pub(crate) fn queue_left_of(b: wire::QueueLeft) -> Result<EventBody, ConversionError> {
    let (call, entry, queue) = (call_id(&b.call)?, EntryId(b.entry), QueueId::new(b.queue));
    let outcome = known::<wire::QueueOutcome>(b.outcome, "queue outcome")?.try_into()?;
    Ok(EventBody::QueueLeft { call, entry, queue, outcome, wait_ms: b.wait_ms })
}

pub(crate) fn queue_entered_of(b: wire::QueueEntered) -> Result<EventBody, ConversionError> {
    let (call, entry, queue) = (call_id(&b.call)?, EntryId(b.entry), QueueId::new(b.queue));
    Ok(EventBody::QueueEntered { call, entry, queue, position: b.position })
}

pub(crate) fn queue_picked_of(b: wire::QueuePicked) -> Result<EventBody, ConversionError> {
    let (call, entry, agent) = (call_id(&b.call)?, EntryId(b.entry), AgentId::new(b.agent));
    Ok(EventBody::QueuePicked { call, entry, agent })
}

pub(crate) fn offer_made_of(b: wire::OfferMade) -> Result<EventBody, ConversionError> {
    let (call, entry, offer) = (call_id(&b.call)?, EntryId(b.entry), OfferId(b.offer));
    Ok(EventBody::OfferMade { call, entry, offer, agent: AgentId::new(b.agent) })
}

pub(crate) fn queue_light(queue: &QueueId, on: bool) -> Body {
    Body::QueueLight(wire::QueueLight { queue: queue.as_str().to_owned(), on })
}

pub(crate) fn queue_paused(agent: &AgentId, queue: &QueueId, paused: bool) -> Body {
    let (agent, queue) = (agent.as_str().to_owned(), queue.as_str().to_owned());
    Body::QueuePaused(wire::QueuePaused { agent, queue, paused })
}

pub(crate) fn queue_paused_of(b: wire::QueuePaused) -> EventBody {
    EventBody::QueuePaused { agent: AgentId::new(b.agent), queue: QueueId::new(b.queue), paused: b.paused }
}
