//! Who may be latched at all: the IPs that signalling named, or anybody.

use core::net::{IpAddr, SocketAddr};

/// IPs that can be allowed beside the one of the SDP; a further one is refused.
pub const ALLOWED_MAX: usize = 4;

/// The policy of one leg.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sources {
    /// Only the IP of the SDP's `c=` line and the allowed ones, which should hold the IP that the peer's signalling
    /// comes from: that is where a phone behind NAT is. All others are strangers for ever.
    #[default]
    Signalled,
    /// Whoever sends enough consecutive packets first, for phones whose media comes from an IP that no signalling
    /// names. A stranger who is faster than the phone gets the call.
    Any,
}

/// The policy with its IPs.
#[derive(Clone, Debug, Default)]
pub(super) struct Admitted {
    pub(super) policy: Sources,
    ips: [Option<IpAddr>; ALLOWED_MAX],
}

impl Admitted {
    /// False when there is no room.
    pub(super) fn allow(&mut self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        if self.ips.contains(&Some(ip)) {
            return true;
        }
        let Some(free) = self.ips.iter_mut().find(|place| place.is_none()) else { return false };
        *free = Some(ip);
        true
    }

    pub(super) fn clear(&mut self) {
        self.ips = [None; ALLOWED_MAX];
    }

    /// Was this IP named, by the SDP (`expected`) or as an allowed one?
    pub(super) fn names(&self, ip: IpAddr, expected: Option<SocketAddr>) -> bool {
        let ip = ip.to_canonical();
        expected.is_some_and(|expected| expected.ip().to_canonical() == ip) || self.ips.contains(&Some(ip))
    }

    /// May this IP be latched?
    pub(super) fn admits(&self, ip: IpAddr, expected: Option<SocketAddr>) -> bool {
        self.policy == Sources::Any || self.names(ip, expected)
    }
}

/// The same address, also when a dual-stack socket writes IPv4 as IPv6.
pub(super) fn same(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port() && a.ip().to_canonical() == b.ip().to_canonical()
}
