//! Whom a limit is for: one IPv4 address, or one IPv6 network of 64 bits, as a single host may have all of it.

use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;

/// Bits of an IPv6 address that the host chooses itself.
const HOST_MASK: u128 = u64::MAX as u128;

/// A sender, as far as limits tell senders apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source(IpAddr);

impl Source {
    /// The sender at an address.
    #[must_use]
    pub fn of(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V6(ip) => Self(IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !HOST_MASK))),
            v4 => Self(v4),
        }
    }

    /// Its address, or the first of its network.
    #[must_use]
    pub fn first(self) -> IpAddr {
        self.0
    }

    /// All its addresses.
    #[must_use]
    pub fn addresses(self) -> RangeInclusive<IpAddr> {
        match self.0 {
            IpAddr::V4(_) => self.0..=self.0,
            IpAddr::V6(ip) => self.0..=IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() | HOST_MASK)),
        }
    }
}
