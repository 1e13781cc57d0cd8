//! Figures of sound on the wire.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_control::v1 as control;
use crate::proto::switch_events::v1 as wire;
use careline_model::quality::{LegQuality, LegReading, Reception};
use careline_model::{AgentId, TrunkId};

impl From<Reception> for wire::Reception {
    fn from(one: Reception) -> Self {
        let Reception { loss, jitter_ms, r, mos } = one;
        Self { loss, jitter_ms, r, mos }
    }
}

impl From<wire::Reception> for Reception {
    fn from(one: wire::Reception) -> Self {
        let wire::Reception { loss, jitter_ms, r, mos } = one;
        Self { loss, jitter_ms, r, mos }
    }
}

impl From<LegQuality> for wire::Quality {
    fn from(leg: LegQuality) -> Self {
        Self {
            party: wire::LegParty::from(leg.party).into(),
            agent: leg.agent.map(|agent| agent.as_str().to_owned()),
            trunk: leg.trunk.map(|trunk| trunk.as_str().to_owned()),
            codec: leg.codec,
            received: leg.received,
            sent: leg.sent,
            inbound: leg.inbound.map(Into::into),
            outbound: leg.outbound.map(Into::into),
            round_trip_ms: leg.round_trip_ms,
        }
    }
}

impl TryFrom<wire::Quality> for LegQuality {
    type Error = ConversionError;

    fn try_from(leg: wire::Quality) -> Result<Self, ConversionError> {
        Ok(Self {
            party: known::<wire::LegParty>(leg.party, "leg party")?.try_into()?,
            agent: leg.agent.map(AgentId::new),
            trunk: leg.trunk.map(TrunkId::new),
            codec: leg.codec,
            received: leg.received,
            sent: leg.sent,
            inbound: leg.inbound.map(Into::into),
            outbound: leg.outbound.map(Into::into),
            round_trip_ms: leg.round_trip_ms,
        })
    }
}

impl From<LegReading> for control::LegReading {
    fn from(reading: LegReading) -> Self {
        Self {
            call: reading.call.map(|call| call.to_string()),
            at_us: reading.at_us,
            quality: Some(reading.quality.into()),
        }
    }
}

impl TryFrom<control::LegReading> for LegReading {
    type Error = ConversionError;

    fn try_from(reading: control::LegReading) -> Result<Self, ConversionError> {
        Ok(Self {
            call: reading.call.as_deref().map(call_id).transpose()?,
            at_us: reading.at_us,
            quality: reading.quality.ok_or(ConversionError::Missing("leg quality"))?.try_into()?,
        })
    }
}
