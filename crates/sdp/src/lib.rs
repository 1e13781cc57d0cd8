//! SDP offer and answer (RFC 3264) for one audio stream, as functions: G.711, G.722 and Opus with telephone events
//! (RFC 4733), over plain RTP or SRTP with keys in the description (SDES, RFC 4568).
//!
//! What it is: text in, text and a [`RemoteAudio`] out. `sdp-types` reads and writes the syntax; which stream is taken,
//! with what codec and what protection, is decided here. What it is not: it knows no SIP, opens no port, makes no key,
//! encrypts nothing and keeps no state. The caller brings the session id and version that RFC 3264 8 asks to be kept,
//! the keys, and [`Terms`], to which it adds what was agreed ([`Terms::keep`]) so that the next description of the same
//! dialog loses nothing of it, encryption least of all.
//!
//! ```text
//! their offer  --read_offer(terms)--> RemoteAudio --answer(offer, local)--> our answer
//! our offer    <--offer(local, terms)
//! their answer --read_answer(our offer, terms)--> RemoteAudio
//! ```

mod codec;
mod crypto;
mod formats;
mod local;
mod profile;
mod remote;
mod stream;
mod terms;

pub use codec::Codec;
pub use crypto::{MASTER_KEY_BYTES_MAX, MasterKey, RemoteCrypto, Suite};
pub use formats::OpusWishes;
pub use local::{LocalAudio, answer, offer};
pub use profile::Profile;
pub use remote::{Accepted, RemoteAudio, TelephoneEvent, read_answer, read_offer};
pub use terms::{Security, Terms};

/// Longest session description that is looked at, in bytes.
pub const SDP_BYTES_MAX: usize = 16 * 1024;
/// Most media descriptions that are looked at in one session description.
pub const MEDIA_MAX: usize = 32;
/// Most formats that are looked at in one media description; the rest of the list is not read.
pub const FORMATS_MAX: usize = 64;
/// Most `a=crypto` lines that are looked at in one media description; the rest is not read.
pub const CRYPTO_LINES_MAX: usize = 16;

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
    /// No audio stream with a codec and a protection that our [`Terms`] allow.
    #[error("no audio stream with a codec and a protection that we allow")]
    NothingInCommon,
    /// The connection address is not the IP address of one host.
    #[error("connection address is not the IP address of one host")]
    Address,
    /// The stream is to be encrypted, and the caller brought no key of ours for it.
    #[error("no key of ours for the stream")]
    NoKey,
}
