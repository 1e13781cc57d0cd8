//! The codecs, as descriptions name them. Nothing here encodes or decodes.

/// An audio codec that descriptions of ours may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// G.711 A-law, static payload type 8.
    Pcma,
    /// G.711 mu-law, static payload type 0.
    Pcmu,
    /// G.722 at 64 kbit/s, static payload type 9.
    G722,
    /// Opus (RFC 7587), always on a dynamic payload type.
    Opus,
}

impl Codec {
    /// Every codec, the wideband ones first.
    pub const ALL: [Self; 4] = [Self::Opus, Self::G722, Self::Pcma, Self::Pcmu];

    /// The static RTP payload type (RFC 3551 table 4); `None` for a codec that has only dynamic ones.
    #[must_use]
    pub fn static_payload_type(self) -> Option<u8> {
        match self {
            Self::Pcma => Some(8),
            Self::Pcmu => Some(0),
            Self::G722 => Some(9),
            Self::Opus => None,
        }
    }

    /// Clock of its RTP timestamps, in Hz. G.722 says 8000 although it samples at 16000: an error of RFC 1890 that
    /// everybody kept (RFC 3551 4.5.2). Opus counts at 48000 whatever it carries (RFC 7587 4.1).
    #[must_use]
    pub fn clock_hz(self) -> u32 {
        match self {
            Self::Pcma | Self::Pcmu | Self::G722 => 8_000,
            Self::Opus => 48_000,
        }
    }

    /// Rate of the sound that it can carry, in Hz.
    #[must_use]
    pub fn sample_rate_hz(self) -> u32 {
        match self {
            Self::Pcma | Self::Pcmu => 8_000,
            Self::G722 => 16_000,
            Self::Opus => 48_000,
        }
    }

    /// What stands behind the payload type in `a=rtpmap`.
    pub(crate) fn encoding(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA/8000",
            Self::Pcmu => "PCMU/8000",
            Self::G722 => "G722/8000",
            // RFC 7587 7: two channels always, also for a mono stream.
            Self::Opus => "opus/48000/2",
        }
    }

    /// The codec of an `a=rtpmap`; names are compared without case (RFC 4855 3).
    pub(crate) fn of_encoding(name: &str, clock_hz: u32, channels: u32) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match (clock_hz, channels) {
            (8_000, 1) if is("PCMA") => Some(Self::Pcma),
            (8_000, 1) if is("PCMU") => Some(Self::Pcmu),
            (8_000, 1) if is("G722") => Some(Self::G722),
            // Some phones forget the channels; what follows on the wire is the same.
            (48_000, 1 | 2) if is("opus") => Some(Self::Opus),
            _ => None,
        }
    }

    /// The codec of a static payload type.
    pub(crate) fn of_static(payload_type: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.static_payload_type() == Some(payload_type))
    }
}
