//! Callbacks on the wire: their facts, and those that are open.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_control::v1 as control;
use crate::proto::switch_events::v1 as wire;
use careline_model::callback::{Callback, CallbackView};
use careline_model::event::{
    CallbackDialled, CallbackEnded, CallbackMerged, CallbackPostponed, CallbackQueued, CallbackReleased,
};
use careline_model::{
    AgentId, CallId, CallbackId, EventBody, LineId, Number, QueueId, SkillId, TrunkGroupId,
};
use wire::numbered::Body;

impl From<Callback> for wire::Callback {
    fn from(callback: Callback) -> Self {
        let needs = callback.needs.iter();
        let needs = needs.map(|(skill, level)| wire::CallbackSkill {
            skill: skill.as_str().to_owned(),
            level: u32::from(*level),
        });
        Self {
            needs: needs.collect(),
            id: callback.id.as_str().to_owned(),
            number: callback.number.as_str().to_owned(),
            queue: callback.queue.as_str().to_owned(),
            origin: wire::CallbackOrigin::from(callback.origin).into(),
            call: callback.call.map(|call| call.to_string()),
            line: callback.line.as_str().to_owned(),
            dialled: callback.dialled.as_str().to_owned(),
            medium: callback.medium,
            language: callback.language,
            owner: callback.owner.map(|owner| owner.as_str().to_owned()),
            requested_us: callback.requested_us,
            first_us: callback.first_us,
            due_us: callback.due_us,
            expires_us: callback.expires_us,
            attempts: callback.attempts,
            red_flag: callback.red_flag,
            class: callback.class.map(u32::from),
            points: callback.points,
        }
    }
}

impl TryFrom<wire::Callback> for Callback {
    type Error = ConversionError;

    fn try_from(callback: wire::Callback) -> Result<Self, ConversionError> {
        let small = |level: u32, what| u8::try_from(level).map_err(|_| ConversionError::Invalid(what));
        let need =
            |need: wire::CallbackSkill| Ok((SkillId::new(need.skill), small(need.level, "skill level")?));
        Ok(Self {
            origin: known::<wire::CallbackOrigin>(callback.origin, "callback origin")?.try_into()?,
            call: some_call(callback.call.as_deref())?,
            class: callback.class.map(|class| small(class, "class")).transpose()?,
            needs: callback.needs.into_iter().map(need).collect::<Result<_, ConversionError>>()?,
            id: CallbackId::new(callback.id),
            number: Number::from(callback.number.as_str()),
            queue: QueueId::new(callback.queue),
            line: LineId::new(callback.line),
            dialled: Number::from(callback.dialled.as_str()),
            medium: callback.medium,
            language: callback.language,
            owner: callback.owner.map(AgentId::new),
            requested_us: callback.requested_us,
            first_us: callback.first_us,
            due_us: callback.due_us,
            expires_us: callback.expires_us,
            attempts: callback.attempts,
            red_flag: callback.red_flag,
            points: callback.points,
        })
    }
}

impl From<CallbackView> for control::OpenCallback {
    fn from(view: CallbackView) -> Self {
        Self {
            callback: Some(view.callback.into()),
            stage: control::CallbackStage::from(view.stage).into(),
            attempt: view.attempt.map(|call| call.to_string()),
        }
    }
}

impl TryFrom<control::OpenCallback> for CallbackView {
    type Error = ConversionError;

    fn try_from(open: control::OpenCallback) -> Result<Self, ConversionError> {
        Ok(Self {
            callback: open.callback.ok_or(ConversionError::Missing("callback"))?.try_into()?,
            stage: known::<control::CallbackStage>(open.stage, "callback stage")?.try_into()?,
            attempt: some_call(open.attempt.as_deref())?,
        })
    }
}

fn some_call(text: Option<&str>) -> Result<Option<CallId>, ConversionError> {
    text.map(call_id).transpose()
}

fn text(id: &CallbackId) -> String {
    id.as_str().to_owned()
}

pub(crate) fn requested(callback: Callback) -> Body {
    Body::CallbackRequested(wire::CallbackRequested { callback: Some(callback.into()) })
}

pub(crate) fn requested_of(b: wire::CallbackRequested) -> Result<EventBody, ConversionError> {
    let callback = b.callback.ok_or(ConversionError::Missing("callback"))?.try_into()?;
    Ok(EventBody::CallbackRequested(Box::new(callback)))
}

pub(crate) fn merged(fact: &CallbackMerged) -> Body {
    Body::CallbackMerged(wire::CallbackMerged {
        call: fact.call.map(|call| call.to_string()),
        callback: text(&fact.callback),
        origin: wire::CallbackOrigin::from(fact.origin).into(),
    })
}

pub(crate) fn merged_of(b: wire::CallbackMerged) -> Result<EventBody, ConversionError> {
    Ok(EventBody::CallbackMerged(CallbackMerged {
        call: some_call(b.call.as_deref())?,
        callback: CallbackId::new(b.callback),
        origin: known::<wire::CallbackOrigin>(b.origin, "callback origin")?.try_into()?,
    }))
}

pub(crate) fn queued(fact: CallbackQueued) -> Body {
    Body::CallbackQueued(wire::CallbackQueued {
        call: fact.call.to_string(),
        callback: text(&fact.callback),
        number: fact.number.as_str().to_owned(),
        queue: fact.queue.as_str().to_owned(),
        line: fact.line.as_str().to_owned(),
        medium: fact.medium,
        owner: fact.owner.map(|owner| owner.as_str().to_owned()),
        attempt: fact.attempt,
        age_ms: fact.age_ms,
    })
}

pub(crate) fn queued_of(b: wire::CallbackQueued) -> Result<EventBody, ConversionError> {
    Ok(EventBody::CallbackQueued(CallbackQueued {
        call: call_id(&b.call)?,
        callback: CallbackId::new(b.callback),
        number: Number::from(b.number.as_str()),
        queue: QueueId::new(b.queue),
        line: LineId::new(b.line),
        medium: b.medium,
        owner: b.owner.map(AgentId::new),
        attempt: b.attempt,
        age_ms: b.age_ms,
    }))
}

pub(crate) fn released(fact: &CallbackReleased) -> Body {
    let (call, callback, agent) =
        (fact.call.to_string(), text(&fact.callback), fact.agent.as_str().to_owned());
    Body::CallbackReleased(wire::CallbackReleased { call, callback, agent })
}

pub(crate) fn released_of(b: wire::CallbackReleased) -> Result<EventBody, ConversionError> {
    let (call, callback, agent) = (call_id(&b.call)?, CallbackId::new(b.callback), AgentId::new(b.agent));
    Ok(EventBody::CallbackReleased(CallbackReleased { call, callback, agent }))
}

pub(crate) fn dialled(fact: &CallbackDialled) -> Body {
    Body::CallbackDialled(wire::CallbackDialled {
        call: fact.call.to_string(),
        callback: text(&fact.callback),
        agent: fact.agent.as_ref().map(|agent| agent.as_str().to_owned()),
        trunk_group: fact.trunk_group.as_str().to_owned(),
    })
}

pub(crate) fn dialled_of(b: wire::CallbackDialled) -> Result<EventBody, ConversionError> {
    Ok(EventBody::CallbackDialled(CallbackDialled {
        call: call_id(&b.call)?,
        callback: CallbackId::new(b.callback),
        agent: b.agent.map(AgentId::new),
        trunk_group: TrunkGroupId::new(b.trunk_group),
    }))
}

pub(crate) fn postponed(fact: &CallbackPostponed) -> Body {
    Body::CallbackPostponed(wire::CallbackPostponed {
        call: fact.call.to_string(),
        callback: text(&fact.callback),
        why: wire::CallbackMiss::from(fact.why).into(),
        attempts: fact.attempts,
        next_at_us: fact.next_at_us,
    })
}

pub(crate) fn postponed_of(b: wire::CallbackPostponed) -> Result<EventBody, ConversionError> {
    Ok(EventBody::CallbackPostponed(CallbackPostponed {
        call: call_id(&b.call)?,
        callback: CallbackId::new(b.callback),
        why: known::<wire::CallbackMiss>(b.why, "callback miss")?.try_into()?,
        attempts: b.attempts,
        next_at_us: b.next_at_us,
    }))
}

pub(crate) fn ended(fact: CallbackEnded) -> Body {
    Body::CallbackEnded(wire::CallbackEnded {
        call: fact.call.map(|call| call.to_string()),
        callback: text(&fact.callback),
        queue: fact.queue.as_str().to_owned(),
        outcome: wire::CallbackOutcome::from(fact.outcome).into(),
        attempts: fact.attempts,
        age_ms: fact.age_ms,
        by: fact.by,
    })
}

pub(crate) fn ended_of(b: wire::CallbackEnded) -> Result<EventBody, ConversionError> {
    Ok(EventBody::CallbackEnded(CallbackEnded {
        call: some_call(b.call.as_deref())?,
        callback: CallbackId::new(b.callback),
        queue: QueueId::new(b.queue),
        outcome: known::<wire::CallbackOutcome>(b.outcome, "callback outcome")?.try_into()?,
        attempts: b.attempts,
        age_ms: b.age_ms,
        by: b.by,
    }))
}
