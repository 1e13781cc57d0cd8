//! What is agreed with a peer beyond the call itself: a phone gets the switch's own terms, a trunk those of its block
//! in the configuration.

use careline_model::config::plan::{DtmfMode, Reliable as Wanted, Trunk};
use careline_sip::{CallTerms, Reliable};

/// Terms of a leg that comes in.
#[derive(Debug, Clone)]
pub(crate) struct LegTerms {
    /// Session timer and reliable provisional responses.
    pub sip: CallTerms,
    /// Keys as telephone events are offered and taken (RFC 4733).
    pub telephone_events: bool,
}

impl LegTerms {
    /// Those of an agent's phone.
    pub fn of_phone() -> Self {
        Self { sip: CallTerms::default(), telephone_events: true }
    }

    /// Those of a trunk.
    pub fn of_trunk(trunk: &Trunk) -> Self {
        let session_expires = Some(trunk.session_expires.unwrap_or_default());
        let sip = CallTerms { session_expires, reliable: reliable(trunk.reliable) };
        Self { sip, telephone_events: trunk.dtmf == DtmfMode::Rfc4733 }
    }
}

/// The configuration's word in SIP's.
pub(crate) fn reliable(wanted: Wanted) -> Reliable {
    match wanted {
        Wanted::Never => Reliable::Never,
        Wanted::Supported => Reliable::Supported,
        Wanted::Required => Reliable::Required,
    }
}
