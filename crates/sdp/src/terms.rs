//! What we are ready to agree to on one leg, and what was agreed there already.

use crate::formats::Format;
use crate::{Codec, Profile, RemoteAudio, Suite};

/// How much encryption of the audio is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Security {
    /// Plain RTP. Streams that demand SRTP are refused, keys in plain ones are not looked at.
    #[default]
    Plain,
    /// SRTP with whoever can, plain RTP with the rest. Of two streams the encrypted one is taken. Our own offers are
    /// `RTP/AVP` with keys beside (opportunistic, RFC 8643), so that a phone without SRTP reads over them; such offers
    /// of others are answered likewise.
    Optional,
    /// SRTP or no call, now and in every later description of the dialog: nothing but `RTP/SAVP` (or SAVPF) with a key
    /// that we can use.
    Required,
}

/// What we are ready to agree to on one leg. It belongs to the dialog: [`Terms::keep`] adds what was agreed, and each
/// later description is read and written by that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Codecs that may be spoken; our offers list them in this order.
    pub codecs: Vec<Codec>,
    /// Keys travel as telephone events (RFC 4733); otherwise they are neither offered nor accepted.
    pub telephone_events: bool,
    /// How much encryption.
    pub security: Security,
    /// SRTP suites that may be used, best first.
    pub suites: Vec<Suite>,
    /// Our offers ask for RTP and RTCP on one port (RFC 5761). Offers of others that ask so are accepted in any case.
    pub offer_rtcp_mux: bool,
    pub(crate) kept: Kept,
}

/// What the descriptions of this dialog have settled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Kept {
    /// Our payload types: a number means the same for as long as the dialog lives (RFC 3264 8.3.2).
    pub formats: Vec<(u8, Format)>,
    pub profile: Option<Profile>,
    /// Tag and suite of the key in use; once there, the stream stays encrypted.
    pub crypto: Option<(u32, Suite)>,
    pub rtcp_mux: bool,
}

impl Terms {
    /// Plain RTP with these codecs and telephone events.
    #[must_use]
    pub fn plain(codecs: &[Codec]) -> Self {
        Self::new(codecs, Security::Plain)
    }

    /// These codecs and telephone events, protected as asked by any suite we know.
    #[must_use]
    pub fn new(codecs: &[Codec], security: Security) -> Self {
        Self {
            codecs: codecs.to_vec(),
            telephone_events: true,
            security,
            suites: Suite::ALL.to_vec(),
            offer_rtcp_mux: false,
            kept: Kept::default(),
        }
    }

    /// Notes what was agreed, so that later descriptions of the dialog keep to it: a stream that is encrypted stays
    /// so, in the suite that it has if the peer still offers it, and payload types keep their meaning.
    pub fn keep(&mut self, agreed: &RemoteAudio) {
        let codecs = agreed.accepted.iter().map(|one| (one.receive_payload_type, Format::Codec(one.codec)));
        let events = agreed.accepted_events.iter();
        let events = events.map(|one| (one.receive_payload_type, Format::Events { clock_hz: one.clock_hz }));
        for (payload_type, format) in codecs.chain(events) {
            // One entry a format: the list cannot grow beyond what formats there are.
            self.kept.formats.retain(|(number, known)| *number != payload_type && *known != format);
            self.kept.formats.push((payload_type, format));
        }
        self.kept.profile = Some(agreed.profile);
        self.kept.rtcp_mux = agreed.rtcp_mux;
        if let Some(crypto) = &agreed.crypto {
            self.kept.crypto = Some((crypto.tag, crypto.key.suite()));
        }
    }

    /// Whether the dialog was agreed to be encrypted, and hence stays so.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.kept.crypto.is_some()
    }
}
