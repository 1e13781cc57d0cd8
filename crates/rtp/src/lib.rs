//! RTP without sockets: packets, sequence numbers, telephone events, source locking.
//!
//! Everything is a plain value that is given bytes and `now` (a [`core::time::Duration`] since any fixed point) and
//! gives back what follows. What it is not: it knows no socket, no clock, no codec, no SRTP and no jitter buffer;
//! relaying needs none, because the phones at the ends have one.
//!
//! RFC 3550 (RTP), RFC 3551 (payload types), RFC 4733 (telephone-event), RFC 4961 (symmetric RTP).

pub mod latch;
pub mod packet;
pub mod quality;
pub mod rtcp;
pub mod sdes;
pub mod sequence;
pub mod srtp;
pub mod stream;
pub mod telephone_event;

/// Timestamp units per millisecond of all audio here (8 kHz).
pub const UNITS_PER_MS: u32 = 8;
/// Timestamp units of one 20 ms frame.
pub const FRAME_UNITS: u32 = 160;

/// How far `later` lies after `earlier`, across the wrap; negative when it lies before.
#[must_use]
pub const fn timestamp_distance(earlier: u32, later: u32) -> i32 {
    later.wrapping_sub(earlier).cast_signed()
}
