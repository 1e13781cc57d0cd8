//! Facts of messages that callers leave, on the wire.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_events::v1 as wire;
use careline_model::event::{GreetingReason, MessageDrop, MessageState};
use careline_model::{AgentId, CallId, EventBody, MailboxId, QueueId, RecordingId};
use wire::numbered::Body;

/// Call, box and recording: what every such fact is about.
pub(crate) type About = (CallId, MailboxId, RecordingId);

fn texts((call, mailbox, recording): &About) -> (String, String, String) {
    (call.to_string(), mailbox.as_str().to_owned(), recording.as_str().to_owned())
}

fn about(call: &str, mailbox: String, recording: String) -> Result<About, ConversionError> {
    Ok((call_id(call)?, MailboxId::new(mailbox), RecordingId::new(recording)))
}

pub(crate) fn started(about: &About, reason: GreetingReason) -> Body {
    let (call, mailbox, recording) = texts(about);
    let reason = wire::GreetingReason::from(reason).into();
    Body::VoicemailStarted(wire::VoicemailStarted { call, mailbox, recording, reason })
}

pub(crate) fn started_of(b: wire::VoicemailStarted) -> Result<EventBody, ConversionError> {
    let (call, mailbox, recording) = about(&b.call, b.mailbox, b.recording)?;
    let reason = known::<wire::GreetingReason>(b.reason, "greeting")?.try_into()?;
    Ok(EventBody::VoicemailStarted { call, mailbox, recording, reason })
}

pub(crate) fn left(
    about: &About,
    (queue, agent): (Option<QueueId>, Option<AgentId>),
    (duration_ms, urgent, due_at_us): (u64, bool, i64),
) -> Body {
    let (call, mailbox, recording) = texts(about);
    let (queue, agent) = (queue.map(|id| id.as_str().to_owned()), agent.map(|id| id.as_str().to_owned()));
    Body::VoicemailLeft(wire::VoicemailLeft {
        call,
        mailbox,
        recording,
        duration_ms,
        urgent,
        due_at_us,
        queue,
        agent,
    })
}

pub(crate) fn left_of(b: wire::VoicemailLeft) -> Result<EventBody, ConversionError> {
    let wire::VoicemailLeft { call, mailbox, recording, duration_ms, urgent, due_at_us, queue, agent } = b;
    let (call, mailbox, recording) = about(&call, mailbox, recording)?;
    let (queue, agent) = (queue.map(QueueId::new), agent.map(AgentId::new));
    Ok(EventBody::VoicemailLeft { call, mailbox, recording, queue, agent, duration_ms, urgent, due_at_us })
}

pub(crate) fn dropped(about: &About, why: MessageDrop) -> Body {
    let (call, mailbox, recording) = texts(about);
    let why = wire::MessageDrop::from(why).into();
    Body::VoicemailDropped(wire::VoicemailDropped { call, mailbox, recording, why })
}

pub(crate) fn dropped_of(b: wire::VoicemailDropped) -> Result<EventBody, ConversionError> {
    let (call, mailbox, recording) = about(&b.call, b.mailbox, b.recording)?;
    let why = known::<wire::MessageDrop>(b.why, "message drop")?.try_into()?;
    Ok(EventBody::VoicemailDropped { call, mailbox, recording, why })
}

pub(crate) fn moved(about: &About, state: MessageState, by: Option<String>) -> Body {
    let (call, mailbox, recording) = texts(about);
    let state = wire::MessageState::from(state).into();
    Body::VoicemailMoved(wire::VoicemailMoved { call, mailbox, recording, state, by })
}

pub(crate) fn moved_of(b: wire::VoicemailMoved) -> Result<EventBody, ConversionError> {
    let (call, mailbox, recording) = about(&b.call, b.mailbox, b.recording)?;
    let state = known::<wire::MessageState>(b.state, "message state")?.try_into()?;
    Ok(EventBody::VoicemailMoved { call, mailbox, recording, state, by: b.by })
}

/// What a message is to be, as it came over the wire.
///
/// # Errors
/// When it is no state.
pub fn message_state_of(state: i32) -> Result<MessageState, ConversionError> {
    known::<wire::MessageState>(state, "message state")?.try_into()
}

pub(crate) fn pin_locked(agent: &AgentId, until_us: i64) -> Body {
    Body::PinLocked(wire::PinLocked { agent: agent.as_str().to_owned(), until_us })
}

pub(crate) fn pin_locked_of(b: wire::PinLocked) -> EventBody {
    EventBody::PinLocked { agent: AgentId::new(b.agent), until_us: b.until_us }
}
