//! Facts of surveys on the wire.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_events::v1 as wire;
use careline_model::event::{SurveyAnswered, SurveyEnded, SurveyInvited};
use careline_model::{AgentId, EventBody, FlowId, QueueId};
use wire::numbered::Body;

pub(crate) fn invited(fact: &SurveyInvited) -> Body {
    Body::SurveyInvited(wire::SurveyInvited {
        call: fact.call.to_string(),
        agent: fact.agent.as_str().to_owned(),
        queue: fact.queue.as_str().to_owned(),
        flow: fact.flow.as_str().to_owned(),
    })
}

pub(crate) fn invited_of(b: wire::SurveyInvited) -> Result<EventBody, ConversionError> {
    let (agent, queue, flow) = (AgentId::new(b.agent), QueueId::new(b.queue), FlowId::new(b.flow));
    Ok(EventBody::SurveyInvited(SurveyInvited { call: call_id(&b.call)?, agent, queue, flow }))
}

pub(crate) fn answered(fact: SurveyAnswered) -> Body {
    Body::SurveyAnswered(wire::SurveyAnswered {
        call: fact.call.to_string(),
        agent: fact.agent.map(|agent| agent.as_str().to_owned()),
        queue: fact.queue.map(|queue| queue.as_str().to_owned()),
        question: fact.question,
        answer: fact.answer.into(),
        scale: fact.scale.into(),
        low: fact.low,
    })
}

pub(crate) fn answered_of(b: wire::SurveyAnswered) -> Result<EventBody, ConversionError> {
    let key = |key: u32, what| u8::try_from(key).map_err(|_| ConversionError::Invalid(what));
    Ok(EventBody::SurveyAnswered(SurveyAnswered {
        call: call_id(&b.call)?,
        agent: b.agent.map(AgentId::new),
        queue: b.queue.map(QueueId::new),
        question: b.question,
        answer: key(b.answer, "answer")?,
        scale: key(b.scale, "scale")?,
        low: b.low,
    }))
}

pub(crate) fn ended(fact: &SurveyEnded) -> Body {
    Body::SurveyEnded(wire::SurveyEnded {
        call: fact.call.to_string(),
        agent: fact.agent.as_str().to_owned(),
        queue: fact.queue.as_str().to_owned(),
        outcome: wire::SurveyOutcome::from(fact.outcome).into(),
        answers: fact.answers,
    })
}

pub(crate) fn ended_of(b: wire::SurveyEnded) -> Result<EventBody, ConversionError> {
    Ok(EventBody::SurveyEnded(SurveyEnded {
        call: call_id(&b.call)?,
        agent: AgentId::new(b.agent),
        queue: QueueId::new(b.queue),
        outcome: known::<wire::SurveyOutcome>(b.outcome, "survey outcome")?.try_into()?,
        answers: b.answers,
    }))
}
