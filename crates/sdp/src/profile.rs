//! The transport of a media description: plain or secure, with or without early RTCP feedback.

/// An RTP profile. The feedback variants (RFC 4585, RFC 5124) are taken from others and answered with the same word, as
/// an answer has to have the profile of its offer; we send no feedback messages and offer neither of them first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `RTP/AVP` (RFC 3551).
    Avp,
    /// `RTP/AVPF` (RFC 4585).
    Avpf,
    /// `RTP/SAVP` (RFC 3711).
    Savp,
    /// `RTP/SAVPF` (RFC 5124).
    Savpf,
}

impl Profile {
    const ALL: [Self; 4] = [Self::Avp, Self::Avpf, Self::Savp, Self::Savpf];

    /// Whether it asks for SRTP.
    #[must_use]
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Savp | Self::Savpf)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Avp => "RTP/AVP",
            Self::Avpf => "RTP/AVPF",
            Self::Savp => "RTP/SAVP",
            Self::Savpf => "RTP/SAVPF",
        }
    }

    /// DTLS profiles (`UDP/TLS/...`) and everything else are `None`.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name().eq_ignore_ascii_case(name))
    }
}
