//! RTCP of one leg (RFC 3550 section 6): what we tell the peer about its stream, and what it tells us about ours.
//!
//! ```text
//! received(..)  sent(..)            each packet, a few additions
//!        \       /
//!         Reports ---- next_deadline(), build(now, ..) --> SR or RR, with SDES; build_bye(..) at the end
//!            ^  \
//! handle(now, bytes)  figures() --> packets, loss, jitter of both directions, round trip
//! ```
//! The syntax is that of the crate `rtcp-types`, behind a check of the whole datagram (appendix A.2) so that one bad
//! packet in it spoils all of it. Feedback packets (RFC 4585), extended reports (RFC 3611) and unknown ones are passed
//! over. Only datagrams whose source the latch has admitted, and that SRTCP has opened, may be shown to it.
//!
//! Two parties, one stream each way: what it is not is the group arithmetic of sections 6.2 and 6.3 (members, bandwidth
//! shares, reconsideration).

mod build;
mod datagram;
mod interval;
mod reception;
mod reports;

pub use datagram::NotRtcp;
pub use interval::{INTERVAL, Interval};
pub use reception::Reception;
pub use reports::{Direction, Figures, Learnt, PeerReport, Reports};

/// Room that [`Reports::build`] and [`Reports::build_bye`] need at most: SR with one block, SDES, BYE. SRTCP needs
/// [`crate::srtp::RTCP_OVERHEAD_MAX`] more.
pub const REPORT_BYTES_MAX: usize = 128;
