//! What is agreed with a peer beyond the call itself: a phone gets what the configuration says of its agent, a trunk what
//! its block says.

use crate::inbound::CODECS;
use careline_model::AgentId;
use careline_model::config::Plan;
use careline_model::config::plan::{Audio, AudioCodec, DtmfMode, Reliable as Wanted, Srtp, SrtpSuite, Trunk};
use careline_sdp::{Codec, MasterKey, RemoteAudio, SdpError, Security, Suite, Terms};
use careline_sip::{CallTerms, Reliable};

/// Terms of a leg that comes in.
#[derive(Debug, Clone)]
pub(crate) struct LegTerms {
    /// Session timer and reliable provisional responses.
    pub sip: CallTerms,
    /// Codecs, telephone events and encryption.
    pub audio: Terms,
    /// The same for an offer that has nothing in common with these: no patient is lost over a list of codecs.
    pub audio_else: Option<Terms>,
}

impl LegTerms {
    /// Those of an agent's phone that calls.
    pub fn of_phone(plan: &Plan, agent: &AgentId) -> Self {
        Self { sip: CallTerms::default(), audio: to_phone(plan, agent, None), audio_else: None }
    }

    /// Those of a trunk that calls.
    pub fn of_trunk(trunk: &Trunk) -> Self {
        let session_expires = Some(trunk.session_expires.unwrap_or_default());
        let sip = CallTerms { session_expires, reliable: reliable(trunk.reliable) };
        let audio = of_trunk(trunk, codecs_of(trunk));
        Self { sip, audio, audio_else: Some(of_trunk(trunk, CODECS.to_vec())) }
    }

    /// What an offer means under these terms, or under the other ones, which then are the leg's.
    ///
    /// # Errors
    /// When it is unreadable, or under neither anything can be agreed.
    pub fn read_offer(&mut self, offer: &[u8]) -> Result<RemoteAudio, SdpError> {
        let read = careline_sdp::read_offer(offer, &self.audio);
        let Some(other) = self.audio_else.take_if(|_| matches!(read, Err(SdpError::NothingInCommon))) else {
            return read;
        };
        self.audio = other;
        careline_sdp::read_offer(offer, &self.audio)
    }
}

/// Terms of a call to an agent's phone: what the caller speaks comes first, so that nothing need be translated.
pub(crate) fn to_phone(plan: &Plan, agent: &AgentId, spoken: Option<Codec>) -> Terms {
    let audio = plan.agents.get(agent).map_or_else(Audio::of_phones, |agent| agent.audio.clone());
    let mut codecs: Vec<Codec> = audio.codecs.iter().copied().map(codec).collect();
    codecs.sort_by_key(|codec| Some(*codec) != spoken);
    of_audio(&audio, codecs)
}

/// Terms of a call through the trunk: codecs that both parties know, in the order of the other one, so that nothing need
/// be translated; then the trunk's own.
pub(crate) fn outgoing(trunk: &Trunk, wanted: &[Codec]) -> Terms {
    let known = codecs_of(trunk);
    let mut both: Vec<Codec> = wanted.iter().copied().filter(|codec| known.contains(codec)).collect();
    both.extend(known.iter().filter(|codec| !wanted.contains(codec)));
    of_trunk(trunk, both)
}

/// What is spoken with a trunk, either way, best first.
fn codecs_of(trunk: &Trunk) -> Vec<Codec> {
    trunk.audio.codecs.iter().copied().map(codec).collect()
}

fn of_trunk(trunk: &Trunk, codecs: Vec<Codec>) -> Terms {
    let mut terms = of_audio(&trunk.audio, codecs);
    terms.telephone_events = trunk.dtmf == DtmfMode::Rfc4733;
    terms
}

fn of_audio(audio: &Audio, codecs: Vec<Codec>) -> Terms {
    let security = match audio.srtp {
        Srtp::Off => Security::Plain,
        Srtp::Optional => Security::Optional,
        Srtp::Required => Security::Required,
    };
    let mut terms = Terms::new(&codecs, security);
    terms.suites = audio.suites.iter().copied().map(suite).collect();
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

/// The configuration's words in the description's.
fn codec(configured: AudioCodec) -> Codec {
    match configured {
        AudioCodec::Pcma => Codec::Pcma,
        AudioCodec::Pcmu => Codec::Pcmu,
        AudioCodec::G722 => Codec::G722,
        AudioCodec::Opus => Codec::Opus,
    }
}

fn suite(configured: SrtpSuite) -> Suite {
    match configured {
        SrtpSuite::Aes256Gcm => Suite::Aes256Gcm,
        SrtpSuite::Aes128Gcm => Suite::Aes128Gcm,
        SrtpSuite::Aes256CmSha1_80 => Suite::Aes256CmSha1_80,
        SrtpSuite::Aes128CmSha1_80 => Suite::Aes128CmSha1_80,
        SrtpSuite::Aes128CmSha1_32 => Suite::Aes128CmSha1_32,
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
