//! SDP offer and answer (RFC 3264) for one G.711 audio stream with telephone events (RFC 4733), as functions.
//!
//! What it is: text in, text and a [`RemoteAudio`] out. `sdp-types` reads and writes the syntax; which stream is
//! taken and with what codec is decided here. What it is not: it knows no SIP, opens no port, and keeps no state;
//! the caller brings the session id and version that RFC 3264 8 asks to be kept.

mod local;
mod remote;

pub use local::{LocalAudio, answer, offer};
pub use remote::{RemoteAudio, read_answer, read_offer};

/// Longest session description that is looked at, in bytes.
pub const SDP_BYTES_MAX: usize = 16 * 1024;
/// Most media descriptions that are looked at in one session description.
pub const MEDIA_MAX: usize = 32;

/// A codec of the telephone network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// G.711 A-law, static payload type 8.
    Pcma,
    /// G.711 mu-law, static payload type 0.
    Pcmu,
}

impl Codec {
    /// The static RTP payload type (RFC 3551 table 4).
    #[must_use]
    pub fn payload_type(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
        }
    }
}

/// Which way audio flows, as the describing side sees it (RFC 3264 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Both ways.
    SendRecv,
    /// The describing side only sends.
    SendOnly,
    /// The describing side only listens.
    RecvOnly,
    /// Neither.
    Inactive,
}

impl Direction {
    /// The same flow seen from the other side.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            Self::SendRecv | Self::Inactive => self,
        }
    }

    fn attribute(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }
}

/// Why a session description leads to no call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// It is not a session description.
    #[error("unreadable session description: {0}")]
    Syntax(String),
    /// It is longer than [`SDP_BYTES_MAX`] or has more streams than [`MEDIA_MAX`].
    #[error("session description too large")]
    TooLarge,
    /// No audio stream over plain RTP with A-law or mu-law.
    #[error("no audio stream with PCMA or PCMU over RTP/AVP")]
    NothingInCommon,
    /// The connection address is not an IP address.
    #[error("connection address is not an IP address")]
    Address,
}
