//! SRTP and SRTCP transforms in place: RFC 3711 (AES counter mode with HMAC-SHA1), RFC 6188 (AES-256), RFC 7714
//! (AES-GCM), with keys that came in the SDP (SDES, RFC 4568; see [`crate::sdes`]).
//!
//! ```text
//! Keys --> Sender    protect(buffer, length)    plain RTP --> SRTP     one per direction, kept as long as the keys are:
//!      \-> Receiver  unprotect(packet)          SRTP --> plain RTP     a second one with the same keys would start its
//!                                                                      index anew and use key stream twice
//! ```
//! Each knows several SSRCs (up to [`STREAMS_MAX`]), extends their sequence numbers over the wrap (section 3.3.1) and
//! keeps a replay window for each, always on. A packet changes nothing in a receiver before its tag has been verified,
//! in constant time. Nothing here allocates per packet; RTCP expands its counter-mode keys each time, which costs a
//! microsecond every five seconds and spares a kilobyte for each direction.
//!
//! What it is not: key agreement, DTLS, MKI, encryption of header extensions (RFC 6904), unencrypted SRTCP: a packet
//! without the E bit is refused, so that nobody can turn encryption off.

mod keys;
mod profile;
mod receiver;
mod sender;
mod streams;
#[cfg(test)]
mod tests;
mod transform;
mod wire;

pub use keys::Keys;
pub use profile::Profile;
pub use receiver::{ROLLOVERS_SEARCHED, Receiver, Refused, SEARCH_EVERY};
pub use sender::Sender;
pub use streams::{STREAMS_MAX, WINDOW};

/// Most bytes that protecting an RTP packet adds, over all profiles.
pub const RTP_OVERHEAD_MAX: usize = 16;
/// Most bytes that protecting an RTCP packet adds: tag and index.
pub const RTCP_OVERHEAD_MAX: usize = 20;

/// Why a packet was neither protected nor unprotected. The buffer's content is then of no use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SrtpError {
    /// Key and salt have the wrong length for the profile.
    #[error("key and salt have the wrong length")]
    KeyLength,
    /// No RTP or RTCP packet, or too short for a tag.
    #[error("malformed packet")]
    Malformed,
    /// The buffer has no room for tag and index.
    #[error("no room for the tag")]
    NoRoom,
    /// The tag is wrong: another key, a changed packet, an invention.
    #[error("authentication failed")]
    Unauthentic,
    /// This index was there before, or is too old to tell; on the sending side it would use key stream twice.
    #[error("replayed")]
    Replayed,
    /// SRTCP without encryption.
    #[error("not encrypted")]
    Unencrypted,
    /// More than [`STREAMS_MAX`] SSRCs under one key.
    #[error("too many streams")]
    TooManyStreams,
    /// The key has protected all the packets it may (2^48 RTP, 2^31 RTCP; section 9.2): it needs a successor.
    #[error("key exhausted")]
    KeyExhausted,
}
