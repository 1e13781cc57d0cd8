//! The source lock of the control packets of one leg (RTCP on a port of its own).
//!
//! It follows the RTP lock: once that has an address, control packets must come from its IP; before, from an IP that
//! signalling named. Reports are rare, so one valid packet is enough; whoever is locked keeps it until he was silent for
//! [`RTCP_SILENCE`]. With RTP and RTCP on one port (RFC 5761) this is not needed: ask [`Latch::admits_rtcp`].

use core::net::SocketAddr;
use core::time::Duration;

use super::{Latch, sources::same};

/// How long the source of reports must be silent before another port of the same IP may take over: three intervals.
pub const RTCP_SILENCE: Duration = Duration::from_secs(15);

/// The lock of one leg's control port.
#[derive(Clone, Debug, Default)]
pub struct RtcpLatch {
    expected: Option<SocketAddr>,
    source: Option<(SocketAddr, Duration)>,
    strangers: u64,
}

impl RtcpLatch {
    /// The address of the SDP's `a=rtcp` line (RFC 3605); `None`: the port after the RTP port. A change starts anew.
    pub fn expect(&mut self, address: Option<SocketAddr>) {
        if self.expected != address {
            self.expected = address;
            self.source = None;
        }
    }

    /// Judges one valid control packet: may it be used? `rtp` is the lock of the same leg.
    pub fn observe(&mut self, rtp: &Latch, from: SocketAddr, now: Duration) -> bool {
        let permitted = rtp.admits_rtcp(from);
        let replaces = self.source.is_none_or(|(source, heard_at)| {
            source == from
                || self.is_expected(from)
                || !rtp.admits_rtcp(source)
                || now.saturating_sub(heard_at) >= RTCP_SILENCE
        });
        if permitted && replaces {
            self.source = Some((from, now));
        } else {
            self.strangers += 1;
        }
        permitted && replaces
    }

    /// Where our reports go: to the locked source, else to the SDP's address if that may be used, else to the port
    /// after the RTP target's.
    #[must_use]
    pub fn target(&self, rtp: &Latch) -> Option<SocketAddr> {
        let learnt = self.source.map(|(source, _)| source).filter(|&source| rtp.admits_rtcp(source));
        learnt.or(self.expected.filter(|&expected| rtp.admits_rtcp(expected))).or_else(|| {
            let rtp = rtp.target()?;
            Some(SocketAddr::new(rtp.ip(), rtp.port().checked_add(1)?))
        })
    }

    /// Packets that were refused.
    #[must_use]
    pub fn strangers(&self) -> u64 {
        self.strangers
    }

    fn is_expected(&self, from: SocketAddr) -> bool {
        self.expected.is_some_and(|expected| same(expected, from))
    }
}
