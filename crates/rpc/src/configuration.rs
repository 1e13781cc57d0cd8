//! Who decided what about the configuration and about waiting calls, to and from the wire.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_events::v1 as wire;
use careline_model::SkillId;
use careline_model::event::{CallOrderKind, ChangeKind, ConfigChange, EventBody};
use wire::numbered::Body;

pub(crate) fn applied(
    version: u64,
    by: String,
    comment: String,
    changes: Vec<ConfigChange>,
    more: u32,
) -> Body {
    let changes = changes.into_iter().map(Into::into).collect();
    Body::ConfigurationApplied(wire::ConfigurationApplied { version, by, comment, changes, more })
}

pub(crate) fn applied_of(b: wire::ConfigurationApplied) -> Result<EventBody, ConversionError> {
    let wire::ConfigurationApplied { version, by, comment, changes, more } = b;
    let changes = changes.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(EventBody::ConfigurationApplied { version, by, comment, changes, more })
}

pub(crate) fn call_ordered_of(b: wire::CallOrdered) -> Result<EventBody, ConversionError> {
    let order = known::<wire::CallOrderKind>(b.order, "call order")?.try_into()?;
    Ok(EventBody::CallOrdered { call: call_id(&b.call)?, by: b.by, order })
}

pub(crate) fn skill_asked_of(b: wire::SkillAsked) -> Result<EventBody, ConversionError> {
    let level = u8::try_from(b.level).map_err(|_| ConversionError::Invalid("level"))?;
    Ok(EventBody::SkillAsked { call: call_id(&b.call)?, skill: SkillId::new(b.skill), level })
}

impl From<ConfigChange> for wire::ConfigChange {
    fn from(change: ConfigChange) -> Self {
        let how = match change.how {
            ChangeKind::Added => wire::ChangeKind::Added,
            ChangeKind::Removed => wire::ChangeKind::Removed,
            ChangeKind::Changed => wire::ChangeKind::Changed,
        };
        Self { what: change.what, id: change.id, how: how.into() }
    }
}

impl TryFrom<wire::ConfigChange> for ConfigChange {
    type Error = ConversionError;

    fn try_from(change: wire::ConfigChange) -> Result<Self, Self::Error> {
        let how = match known::<wire::ChangeKind>(change.how, "kind of change")? {
            wire::ChangeKind::Unspecified => return Err(ConversionError::Missing("kind of change")),
            wire::ChangeKind::Added => ChangeKind::Added,
            wire::ChangeKind::Removed => ChangeKind::Removed,
            wire::ChangeKind::Changed => ChangeKind::Changed,
        };
        Ok(Self { what: change.what, id: change.id, how })
    }
}

impl From<CallOrderKind> for wire::CallOrderKind {
    fn from(kind: CallOrderKind) -> Self {
        match kind {
            CallOrderKind::Rank => Self::Rank,
            CallOrderKind::Skill => Self::Skill,
            CallOrderKind::Withdraw => Self::Withdraw,
            CallOrderKind::Pick => Self::Pick,
        }
    }
}

impl TryFrom<wire::CallOrderKind> for CallOrderKind {
    type Error = ConversionError;

    fn try_from(kind: wire::CallOrderKind) -> Result<Self, Self::Error> {
        match kind {
            wire::CallOrderKind::Unspecified => Err(ConversionError::Missing("call order")),
            wire::CallOrderKind::Rank => Ok(Self::Rank),
            wire::CallOrderKind::Skill => Ok(Self::Skill),
            wire::CallOrderKind::Withdraw => Ok(Self::Withdraw),
            wire::CallOrderKind::Pick => Ok(Self::Pick),
        }
    }
}
