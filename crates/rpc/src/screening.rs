//! Caller lists, and what they did, on the wire.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_events::v1 as wire;
use careline_model::screening::{BlockAction, ListEntry, ListKind, Pattern, Scope};
use careline_model::{EventBody, FlowId, LineId, Number, QueueId};
use wire::caller_list_entry as part;

impl From<Pattern> for part::Pattern {
    fn from(pattern: Pattern) -> Self {
        match pattern {
            Pattern::Number(number) => Self::Number(number.as_str().to_owned()),
            Pattern::Prefix(prefix) => Self::Prefix(prefix.as_str().to_owned()),
        }
    }
}

impl From<part::Pattern> for Pattern {
    fn from(pattern: part::Pattern) -> Self {
        match pattern {
            part::Pattern::Number(number) => Self::Number(Number::from(number.as_str())),
            part::Pattern::Prefix(prefix) => Self::Prefix(Number::from(prefix.as_str())),
        }
    }
}

impl From<ListEntry> for wire::CallerListEntry {
    fn from(entry: ListEntry) -> Self {
        let text = |flow: &FlowId| flow.as_str().to_owned();
        let (action, flow) = match &entry.action {
            BlockAction::Busy => (wire::BlockAction::Busy, String::new()),
            BlockAction::Message(flow) => (wire::BlockAction::Message, text(flow)),
            BlockAction::Voicemail(flow) => (wire::BlockAction::Voicemail, text(flow)),
            BlockAction::LowPriority => (wire::BlockAction::LowPriority, String::new()),
        };
        Self {
            list: wire::CallerList::from(entry.list).into(),
            pattern: Some(entry.pattern.into()),
            scope: match entry.scope {
                Scope::All => None,
                Scope::Line(line) => Some(part::Scope::Line(line.as_str().to_owned())),
                Scope::Queue(queue) => Some(part::Scope::Queue(queue.as_str().to_owned())),
            },
            reason: entry.reason,
            until_us: entry.until_us,
            action: action.into(),
            flow,
        }
    }
}

impl TryFrom<wire::CallerListEntry> for ListEntry {
    type Error = ConversionError;

    fn try_from(entry: wire::CallerListEntry) -> Result<Self, ConversionError> {
        let action = wire::BlockAction::try_from(entry.action);
        let flow = || match entry.flow.is_empty() {
            true => Err(ConversionError::Missing("flow of the action")),
            false => Ok(FlowId::from(entry.flow.as_str())),
        };
        let action = match action.map_err(|_| ConversionError::Missing("action"))? {
            wire::BlockAction::Unspecified | wire::BlockAction::Busy => BlockAction::Busy,
            wire::BlockAction::Message => BlockAction::Message(flow()?),
            wire::BlockAction::Voicemail => BlockAction::Voicemail(flow()?),
            wire::BlockAction::LowPriority => BlockAction::LowPriority,
        };
        Ok(Self {
            list: known::<wire::CallerList>(entry.list, "list")?.try_into()?,
            pattern: entry.pattern.ok_or(ConversionError::Missing("number or prefix"))?.into(),
            scope: match entry.scope {
                None => Scope::All,
                Some(part::Scope::Line(line)) => Scope::Line(LineId::new(line)),
                Some(part::Scope::Queue(queue)) => Scope::Queue(QueueId::new(queue)),
            },
            reason: entry.reason,
            until_us: entry.until_us,
            action,
        })
    }
}

pub(crate) fn read_screened(b: wire::CallScreened) -> Result<EventBody, ConversionError> {
    Ok(EventBody::CallScreened {
        call: call_id(&b.call)?,
        cause: known::<wire::ScreenCause>(b.cause, "screen cause")?.try_into()?,
        outcome: known::<wire::ScreenOutcome>(b.outcome, "screen outcome")?.try_into()?,
        reason: b.reason,
        queue: b.queue.map(QueueId::new),
    })
}

pub(crate) fn read_list_changed(b: wire::CallerListChanged) -> Result<EventBody, ConversionError> {
    Ok(EventBody::CallerListChanged {
        change: known::<wire::ListChange>(b.change, "list change")?.try_into()?,
        entry: Box::new(b.entry.ok_or(ConversionError::Missing("list entry"))?.try_into()?),
        by: b.by,
    })
}

/// The list of a request.
///
/// # Errors
/// When none is set, or one of a later version.
pub fn list_of(list: i32) -> Result<ListKind, ConversionError> {
    known::<wire::CallerList>(list, "list")?.try_into()
}
