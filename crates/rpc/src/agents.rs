//! Facts of agents on the wire: their states, their work after a call, their limits.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_events::v1 as wire;
use careline_model::event::{
    AgentDevice, AgentIntent, AgentLimit, AgentWork, ForcedWhen, LimitAction, WrapUpMode,
};
use careline_model::{AgentId, CallId, EventBody, QueueId};
use wire::numbered::Body;

pub(crate) fn state(agent: &AgentId, intent: AgentIntent, work: AgentWork, device: AgentDevice) -> Body {
    Body::AgentState(wire::AgentState {
        agent: text(agent),
        intent: Some(intent.into()),
        work: wire::AgentWork::from(work).into(),
        device: wire::AgentDevice::from(device).into(),
    })
}

pub(crate) fn next(agent: &AgentId, next: Option<AgentIntent>) -> Body {
    Body::AgentNext(wire::AgentNext { agent: text(agent), next: next.map(Into::into) })
}

pub(crate) fn forced(
    agent: &AgentId,
    intent: AgentIntent,
    when: ForcedWhen,
    (by, reason): (String, String),
) -> Body {
    let when = wire::ForcedWhen::from(when).into();
    Body::AgentForced(wire::AgentForced { agent: text(agent), intent: Some(intent.into()), when, by, reason })
}

pub(crate) fn limit(
    agent: &AgentId,
    limit: AgentLimit,
    code: Option<String>,
    reached: bool,
    then: LimitAction,
) -> Body {
    let (limit, then) = (wire::AgentLimitKind::from(limit).into(), wire::LimitAction::from(then).into());
    Body::AgentLimit(wire::AgentLimit { agent: text(agent), limit, code, reached, then })
}

pub(crate) fn wrap_up_started(
    agent: &AgentId,
    call: CallId,
    queue: &QueueId,
    mode: WrapUpMode,
    ends_at_us: i64,
) -> Body {
    let (call, queue, mode) =
        (call.to_string(), queue.as_str().to_owned(), wire::WrapUpMode::from(mode).into());
    Body::WrapUpStarted(wire::WrapUpStarted { agent: text(agent), call, queue, mode, ends_at_us })
}

pub(crate) fn wrap_up_moved(agent: &AgentId, call: CallId, ends_at_us: i64) -> Body {
    Body::WrapUpMoved(wire::WrapUpMoved { agent: text(agent), call: call.to_string(), ends_at_us })
}

pub(crate) fn wrap_up_ended(agent: &AgentId, call: CallId, wrap_up_ms: u64) -> Body {
    Body::WrapUpEnded(wire::WrapUpEnded { agent: text(agent), call: call.to_string(), wrap_up_ms })
}

pub(crate) fn disposition(call: CallId, agent: &AgentId, queue: &QueueId, code: String) -> Body {
    let (call, queue) = (call.to_string(), queue.as_str().to_owned());
    Body::Disposition(wire::Disposition { call, agent: text(agent), queue, code })
}

impl TryFrom<wire::AgentState> for EventBody {
    type Error = ConversionError;

    fn try_from(b: wire::AgentState) -> Result<Self, ConversionError> {
        Ok(Self::AgentState {
            agent: AgentId::new(b.agent),
            intent: intent(b.intent)?,
            work: known::<wire::AgentWork>(b.work, "agent work")?.try_into()?,
            device: known::<wire::AgentDevice>(b.device, "agent device")?.try_into()?,
        })
    }
}

impl TryFrom<wire::AgentNext> for EventBody {
    type Error = ConversionError;

    fn try_from(b: wire::AgentNext) -> Result<Self, ConversionError> {
        let next = b.next.map(TryInto::try_into).transpose()?;
        Ok(Self::AgentNext { agent: AgentId::new(b.agent), next })
    }
}

impl TryFrom<wire::AgentForced> for EventBody {
    type Error = ConversionError;

    fn try_from(b: wire::AgentForced) -> Result<Self, ConversionError> {
        Ok(Self::AgentForced {
            agent: AgentId::new(b.agent),
            intent: intent(b.intent)?,
            when: known::<wire::ForcedWhen>(b.when, "forced when")?.try_into()?,
            by: b.by,
            reason: b.reason,
        })
    }
}

impl TryFrom<wire::AgentLimit> for EventBody {
    type Error = ConversionError;

    fn try_from(b: wire::AgentLimit) -> Result<Self, ConversionError> {
        Ok(Self::AgentLimit {
            agent: AgentId::new(b.agent),
            limit: known::<wire::AgentLimitKind>(b.limit, "agent limit")?.try_into()?,
            code: b.code,
            reached: b.reached,
            then: known::<wire::LimitAction>(b.then, "limit action")?.try_into()?,
        })
    }
}

impl TryFrom<wire::WrapUpStarted> for EventBody {
    type Error = ConversionError;

    fn try_from(b: wire::WrapUpStarted) -> Result<Self, ConversionError> {
        Ok(Self::WrapUpStarted {
            agent: AgentId::new(b.agent),
            call: call_id(&b.call)?,
            queue: QueueId::new(b.queue),
            mode: known::<wire::WrapUpMode>(b.mode, "wrap-up mode")?.try_into()?,
            ends_at_us: b.ends_at_us,
        })
    }
}

impl TryFrom<wire::WrapUpMoved> for EventBody {
    type Error = ConversionError;

    fn try_from(b: wire::WrapUpMoved) -> Result<Self, ConversionError> {
        let (agent, call) = (AgentId::new(b.agent), call_id(&b.call)?);
        Ok(Self::WrapUpMoved { agent, call, ends_at_us: b.ends_at_us })
    }
}

impl TryFrom<wire::WrapUpEnded> for EventBody {
    type Error = ConversionError;

    fn try_from(b: wire::WrapUpEnded) -> Result<Self, ConversionError> {
        let (agent, call) = (AgentId::new(b.agent), call_id(&b.call)?);
        Ok(Self::WrapUpEnded { agent, call, wrap_up_ms: b.wrap_up_ms })
    }
}

impl TryFrom<wire::Disposition> for EventBody {
    type Error = ConversionError;

    fn try_from(b: wire::Disposition) -> Result<Self, ConversionError> {
        let (call, agent, queue) = (call_id(&b.call)?, AgentId::new(b.agent), QueueId::new(b.queue));
        Ok(Self::Disposition { call, agent, queue, code: b.code })
    }
}

fn intent(intent: Option<wire::AgentIntent>) -> Result<AgentIntent, ConversionError> {
    intent.ok_or(ConversionError::Missing("agent intent"))?.try_into()
}

fn text(agent: &AgentId) -> String {
    agent.as_str().to_owned()
}
