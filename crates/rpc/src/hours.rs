//! Opening hours on the wire.

use crate::ConversionError;
use crate::events::known;
use crate::proto::switch_control::v1 as wire;
use crate::proto::switch_events::v1 as events;
use careline_model::hours::{Change, HoursOverride, Opening, Outlook, Reason, parse_weekday, weekday_word};
use careline_model::snapshot::{EmergencyView, HoursView};
use careline_model::{EventBody, FlowId};
use std::sync::Arc;
use wire::outlook as part;

/// An opening of a message.
///
/// # Errors
/// When none is set, or one of a later version.
pub fn opening_of(opening: i32) -> Result<Opening, ConversionError> {
    known::<events::Opening>(opening, "opening")?.try_into()
}

impl From<Reason> for part::Reason {
    fn from(reason: Reason) -> Self {
        let text = |name: Option<Arc<str>>| name.map(|name| name.to_string());
        match reason {
            Reason::Weekly => Self::Weekly(part::Weekly {}),
            Reason::Holiday { name } => Self::Holiday(part::SpecialDay { name: text(name) }),
            Reason::OwnPeriods { name } => Self::OwnPeriods(part::SpecialDay { name: text(name) }),
            Reason::MakeUpDay { name, like } => {
                let like = weekday_word(like).to_owned();
                Self::MakeUpDay(part::MakeUpDay { name: text(name), like })
            }
            Reason::Override { by, reason } => Self::Decision(part::Decision { by, reason }),
        }
    }
}

impl TryFrom<part::Reason> for Reason {
    type Error = ConversionError;

    fn try_from(reason: part::Reason) -> Result<Self, ConversionError> {
        let text = |name: Option<String>| name.map(Arc::from);
        Ok(match reason {
            part::Reason::Weekly(_) => Self::Weekly,
            part::Reason::Holiday(day) => Self::Holiday { name: text(day.name) },
            part::Reason::OwnPeriods(day) => Self::OwnPeriods { name: text(day.name) },
            part::Reason::MakeUpDay(day) => Self::MakeUpDay {
                name: text(day.name),
                like: parse_weekday(&day.like).map_err(|_| ConversionError::Invalid("weekday"))?,
            },
            part::Reason::Decision(part::Decision { by, reason }) => Self::Override { by, reason },
        })
    }
}

impl From<Outlook> for wire::Outlook {
    fn from(outlook: Outlook) -> Self {
        Self {
            opening: events::Opening::from(outlook.opening).into(),
            reason: Some(outlook.reason.into()),
            next: outlook.next.map(|Change { at_us, opening }| wire::HoursChange {
                at_us,
                opening: events::Opening::from(opening).into(),
            }),
        }
    }
}

impl TryFrom<wire::Outlook> for Outlook {
    type Error = ConversionError;

    fn try_from(outlook: wire::Outlook) -> Result<Self, ConversionError> {
        let change = |next: wire::HoursChange| {
            Ok::<_, ConversionError>(Change { at_us: next.at_us, opening: opening_of(next.opening)? })
        };
        Ok(Self {
            opening: opening_of(outlook.opening)?,
            reason: outlook.reason.ok_or(ConversionError::Missing("reason of the opening"))?.try_into()?,
            next: outlook.next.map(change).transpose()?,
        })
    }
}

impl From<HoursView> for wire::Hours {
    fn from(view: HoursView) -> Self {
        let overridden = view.overridden.map(|over| wire::HoursOverride {
            opening: events::Opening::from(over.opening).into(),
            until_us: over.until_us,
            by: over.by,
            reason: over.reason,
        });
        Self { hours: view.hours, outlook: Some(view.outlook.into()), overridden }
    }
}

impl TryFrom<wire::Hours> for HoursView {
    type Error = ConversionError;

    fn try_from(hours: wire::Hours) -> Result<Self, ConversionError> {
        let over = |over: wire::HoursOverride| {
            Ok::<_, ConversionError>(HoursOverride {
                opening: opening_of(over.opening)?,
                until_us: over.until_us,
                by: over.by,
                reason: over.reason,
            })
        };
        Ok(Self {
            hours: hours.hours,
            outlook: hours.outlook.ok_or(ConversionError::Missing("outlook"))?.try_into()?,
            overridden: hours.overridden.map(over).transpose()?,
        })
    }
}

impl From<EmergencyView> for wire::Emergency {
    fn from(view: EmergencyView) -> Self {
        let EmergencyView { flow, since_us, until_us, by, reason } = view;
        Self { flow: flow.as_str().to_owned(), since_us, until_us, by, reason }
    }
}

impl From<wire::Emergency> for EmergencyView {
    fn from(emergency: wire::Emergency) -> Self {
        let wire::Emergency { flow, since_us, until_us, by, reason } = emergency;
        Self { flow: FlowId::new(flow), since_us, until_us, by, reason }
    }
}

pub(crate) fn read_overridden(b: events::HoursOverridden) -> Result<EventBody, ConversionError> {
    let (opening, until_us) = (opening_of(b.opening)?, b.until_us);
    Ok(EventBody::HoursOverridden { hours: b.hours, opening, until_us, by: b.by, reason: b.reason })
}
