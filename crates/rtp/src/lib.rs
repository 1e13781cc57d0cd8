//! RTP without sockets: packets, sequence numbers, source locking, SRTP, RTCP, quality, jitter buffer, telephone events.
//!
//! Everything is a plain value that is given bytes and `now` (a [`core::time::Duration`] since any fixed point) and
//! gives back what follows. What it is not: it knows no socket, no clock and no codec. Relaying needs [`packet`],
//! [`sequence`], [`stream`] and [`latch`] only; [`jitter`] is for paths that decode.
//!
//! RFC 3550 (RTP, RTCP), RFC 3551 (payload types), RFC 3711, 6188, 7714 (SRTP), RFC 4568 (SDES), RFC 4733
//! (telephone-event), RFC 4961 (symmetric RTP), RFC 5761 (RTP and RTCP on one port), ITU-T G.107 (E-model).

pub mod jitter;
pub mod latch;
pub mod packet;
pub mod quality;
pub mod rtcp;
pub mod sdes;
pub mod sequence;
pub mod srtp;
pub mod stream;
pub mod telephone_event;

/// Timestamp units per millisecond of narrowband audio (8 kHz).
pub const UNITS_PER_MS: u32 = 8;
/// Timestamp units of one 20 ms frame of it.
pub const FRAME_UNITS: u32 = 160;

/// How far `later` lies after `earlier`, across the wrap; negative when it lies before.
#[must_use]
pub const fn timestamp_distance(earlier: u32, later: u32) -> i32 {
    later.wrapping_sub(earlier).cast_signed()
}
