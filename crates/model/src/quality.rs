//! How good the sound of a leg is, in numbers that fit into events and onto screens.
//!
//! What it is not: nothing is measured here. The media engine measures by RTCP (RFC 3550) and rates by the E-model
//! (ITU-T G.107); these are its figures, rounded to what they are worth.

use crate::id::{AgentId, CallId, TrunkId};
use serde::{Deserialize, Serialize};

/// Whose leg it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LegParty {
    /// Somebody who called the hospital.
    Caller,
    /// An agent.
    Agent,
    /// Somebody outside whom the hospital called.
    Outside,
}

/// A leg's sound, from its beginning, or over the last seconds of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LegQuality {
    /// Whose leg.
    pub party: LegParty,
    /// The agent, when it is one's.
    pub agent: Option<AgentId>,
    /// The trunk, when it goes through one.
    pub trunk: Option<TrunkId>,
    /// The codec: `pcma`, `pcmu`, `g722` or `opus`.
    pub codec: String,
    /// Packets of the whole leg that came and were good.
    pub received: u64,
    /// Packets of the whole leg that were sent.
    pub sent: u64,
    /// From the peer to us, as we measured it; nothing when no packet came.
    pub inbound: Option<Reception>,
    /// From us to the peer, as it reported; nothing when it never did.
    pub outbound: Option<Reception>,
    /// To the peer and back, milliseconds; nothing when it never reported.
    pub round_trip_ms: Option<f64>,
}

impl LegQuality {
    /// The worse of the two directions, as far as they are known: 1 to 4.5.
    #[must_use]
    pub fn mos(&self) -> Option<f64> {
        let known = [&self.inbound, &self.outbound].into_iter().flatten().map(|one| one.mos);
        known.min_by(f64::total_cmp)
    }
}

/// One direction of a leg.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reception {
    /// Share of packets that never came, 0 to 1.
    pub loss: f64,
    /// Interarrival jitter at the receiving end, milliseconds.
    pub jitter_ms: f64,
    /// Transmission rating, 0 to 93.2 in narrow band; more is better, below 60 people complain.
    pub r: f64,
    /// Mean opinion score, 1 (bad) to 4.5 (excellent).
    pub mos: f64,
}

impl Reception {
    /// Rounded to what the figures are worth: loss to a ten-thousandth, jitter and rating to a tenth, the score to a
    /// hundredth. What is no number is 0.
    #[must_use]
    pub fn rounded(loss: f64, jitter_ms: f64, r: f64, mos: f64) -> Self {
        Self {
            loss: round(loss, 10_000.0),
            jitter_ms: round(jitter_ms, 10.0),
            r: round(r, 10.0),
            mos: round(mos, 100.0),
        }
    }
}

/// Rounded to so many parts of one.
#[must_use]
pub fn round(value: f64, parts: f64) -> f64 {
    if value.is_finite() { (value * parts).round() / parts } else { 0.0 }
}

/// The sound of a leg that is up, over the last seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct LegReading {
    /// The leg's call; nothing for a phone that hears itself (echo test).
    pub call: Option<CallId>,
    /// When it was read, UTC microseconds.
    pub at_us: i64,
    /// What was read.
    pub quality: LegQuality,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_rounded_to_what_they_are_worth() {
        let reception = Reception::rounded(0.012_345, 1.26, 93.149, 4.405_6);
        assert_eq!(reception, Reception { loss: 0.0123, jitter_ms: 1.3, r: 93.1, mos: 4.41 });
        assert_eq!(Reception::rounded(f64::NAN, f64::INFINITY, 0.0, 1.0).jitter_ms, 0.0);
    }

    #[test]
    fn a_leg_is_as_good_as_its_worse_direction() {
        let reception = |mos| Some(Reception::rounded(0.0, 0.0, 0.0, mos));
        let mut leg = LegQuality {
            party: LegParty::Caller,
            agent: None,
            trunk: None,
            codec: "pcma".to_owned(),
            received: 0,
            sent: 0,
            inbound: None,
            outbound: None,
            round_trip_ms: None,
        };
        assert_eq!(leg.mos(), None);
        leg.inbound = reception(4.41);
        assert_eq!(leg.mos(), Some(4.41));
        leg.outbound = reception(3.2);
        assert_eq!(leg.mos(), Some(3.2));
    }
}
