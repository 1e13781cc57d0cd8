//! What is agreed with a peer beyond the call itself: a phone gets the switch's own terms, a trunk those of its block
//! in the configuration.

use crate::inbound::CODECS;
use careline_model::config::plan::{AudioCodec, DtmfMode, Reliable as Wanted, Trunk};
use careline_sdp::{Codec, MasterKey, Security, Terms};
use careline_sip::{CallTerms, Reliable};

/// Terms of a leg that comes in.
#[derive(Debug, Clone)]
pub(crate) struct LegTerms {
    /// Session timer and reliable provisional responses.
    pub sip: CallTerms,
    /// Codecs, telephone events and encryption.
    pub audio: Terms,
}

impl LegTerms {
    /// Those of an agent's phone.
    pub fn of_phone() -> Self {
        Self { sip: CallTerms::default(), audio: Terms::plain(CODECS) }
    }

    /// Those of a trunk.
    pub fn of_trunk(trunk: &Trunk) -> Self {
        let session_expires = Some(trunk.session_expires.unwrap_or_default());
        let sip = CallTerms { session_expires, reliable: reliable(trunk.reliable) };
        Self { sip, audio: of_trunk(trunk, &codecs_of(trunk)) }
    }
}

/// Terms of a call through the trunk: codecs that both parties know, in the order of the other one, so that nothing need
/// be translated; then the trunk's own.
pub(crate) fn outgoing(trunk: &Trunk, wanted: &[Codec]) -> Terms {
    let known = codecs_of(trunk);
    let mut both: Vec<Codec> = wanted.iter().copied().filter(|codec| known.contains(codec)).collect();
    both.extend(known.iter().filter(|codec| !wanted.contains(codec)));
    of_trunk(trunk, &both)
}

/// What is spoken with a trunk, either way, best first.
fn codecs_of(trunk: &Trunk) -> Vec<Codec> {
    let codec = |codec: &AudioCodec| match codec {
        AudioCodec::Pcma => Codec::Pcma,
        AudioCodec::Pcmu => Codec::Pcmu,
    };
    trunk.codecs.iter().map(codec).collect()
}

fn of_trunk(trunk: &Trunk, codecs: &[Codec]) -> Terms {
    let mut terms = Terms::plain(codecs);
    terms.telephone_events = trunk.dtmf == DtmfMode::Rfc4733;
    terms
}

/// Keys of ours for a new dialog: one for each suite that may be agreed to, none where all is plain. `fill` is a
/// generator fit for keys.
pub(crate) fn media_keys(terms: &Terms, mut fill: impl FnMut(&mut [u8])) -> Vec<MasterKey> {
    match terms.security {
        Security::Plain => Vec::new(),
        Security::Optional | Security::Required => {
            terms.suites.iter().map(|suite| MasterKey::random(*suite, &mut fill)).collect()
        }
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
