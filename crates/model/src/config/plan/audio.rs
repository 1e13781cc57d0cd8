//! What is agreed to about the audio of a peer: codecs and encryption.

/// What may be agreed to with a phone or a trunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audio {
    /// Codecs, best first; never empty.
    pub codecs: Vec<AudioCodec>,
    /// How much encryption.
    pub srtp: Srtp,
    /// Suites that may encrypt, best first; never empty.
    pub suites: Vec<SrtpSuite>,
}

impl Audio {
    /// Codecs of phones that say nothing else. What a phone speaks beyond them has to be translated for its caller.
    pub const PHONE_CODECS: [AudioCodec; 2] = [AudioCodec::Pcma, AudioCodec::Pcmu];
    /// Codecs of trunks that say nothing else: what the telephone network of China speaks.
    pub const TRUNK_CODECS: [AudioCodec; 2] = [AudioCodec::Pcma, AudioCodec::Pcmu];
    /// Suites where nothing else is said. GCM costs half of what the others do; more lines would not fit into an offer of
    /// one datagram.
    pub const SUITES: [SrtpSuite; 3] =
        [SrtpSuite::Aes128Gcm, SrtpSuite::Aes128CmSha1_80, SrtpSuite::Aes128CmSha1_32];

    /// What phones are asked for when nothing is said: encrypted with those that can.
    #[must_use]
    pub fn of_phones() -> Self {
        Self { codecs: Self::PHONE_CODECS.into(), srtp: Srtp::Optional, suites: Self::SUITES.into() }
    }

    /// What trunks are asked for when nothing is said: plain RTP, as carriers speak it.
    #[must_use]
    pub fn of_trunks() -> Self {
        Self { codecs: Self::TRUNK_CODECS.into(), srtp: Srtp::Off, suites: Self::SUITES.into() }
    }
}

/// A codec.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AudioCodec {
    /// G.711 A-law.
    Pcma,
    /// G.711 mu-law.
    Pcmu,
    /// G.722 at 64 kbit/s.
    G722,
    /// Opus.
    Opus,
}

/// How much encryption of the audio is asked for (SRTP with keys in the description, RFC 4568).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Srtp {
    /// Plain RTP; calls that demand SRTP are refused.
    Off,
    /// SRTP with those that can, plain RTP with the rest.
    Optional,
    /// SRTP or no call.
    Required,
}

/// An SRTP crypto suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SrtpSuite {
    /// `AEAD_AES_256_GCM` (RFC 7714).
    Aes256Gcm,
    /// `AEAD_AES_128_GCM` (RFC 7714).
    Aes128Gcm,
    /// `AES_256_CM_HMAC_SHA1_80` (RFC 6188).
    Aes256CmSha1_80,
    /// `AES_CM_128_HMAC_SHA1_80` (RFC 4568): the one that everybody knows.
    Aes128CmSha1_80,
    /// `AES_CM_128_HMAC_SHA1_32` (RFC 4568): with a short tag.
    Aes128CmSha1_32,
}

impl SrtpSuite {
    /// Its name in configurations and descriptions.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aes256Gcm => "AEAD_AES_256_GCM",
            Self::Aes128Gcm => "AEAD_AES_128_GCM",
            Self::Aes256CmSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Self::Aes128CmSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::Aes128CmSha1_32 => "AES_CM_128_HMAC_SHA1_32",
        }
    }
}

/// Whose media are listened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Latch {
    /// Only those whose IP address is in the description or is that of the signalling.
    Signalled,
    /// Whoever sends first.
    Any,
}
