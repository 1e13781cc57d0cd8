//! How many connections are open, in all and of one address: the next is closed at once.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Connections at the same time, of whatever transport, ours included.
pub const CONNECTIONS_MAX: usize = 2048;
/// Of these, accepted from one address (one /64 of IPv6): a ward behind one NAT has room, one stranger cannot take all.
pub const CONNECTIONS_PER_SOURCE_MAX: usize = 256;

/// Counts connections.
#[derive(Debug, Default)]
pub(super) struct Doors {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_source: BTreeMap<IpAddr, usize>,
}

/// The place of one connection; dropped with it.
#[derive(Debug)]
pub(super) struct Place {
    doors: Arc<Doors>,
    source: Option<IpAddr>,
}

impl Doors {
    /// Room for a connection from `source`.
    pub fn admit(self: &Arc<Self>, source: IpAddr) -> Option<Place> {
        let source = one_house(source);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_source = open.by_source.get(&source).copied().unwrap_or(0);
        if open.all >= CONNECTIONS_MAX || of_source >= CONNECTIONS_PER_SOURCE_MAX {
            return None;
        }
        open.all += 1;
        open.by_source.insert(source, of_source + 1);
        drop(open);
        Some(Place { doors: self.clone(), source: Some(source) })
    }

    /// Room for a connection of our own making.
    pub fn leave(self: &Arc<Self>) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.all >= CONNECTIONS_MAX {
            return None;
        }
        open.all += 1;
        drop(open);
        Some(Place { doors: self.clone(), source: None })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.doors.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        let Some(source) = self.source else { return };
        if let Some(count) = open.by_source.get_mut(&source) {
            *count -= 1;
            if *count == 0 {
                open.by_source.remove(&source);
            }
        }
    }
}

/// Whoever has one address of an IPv6 network has 2^64 of them.
fn one_house(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_source_cannot_take_every_place() {
        let doors = Arc::new(Doors::default());
        let mut places = Vec::new();
        for _ in 0..CONNECTIONS_PER_SOURCE_MAX {
            places.push(doors.admit([192, 0, 2, 1].into()).expect("room"));
        }
        assert!(doors.admit([192, 0, 2, 1].into()).is_none());
        assert!(
            doors.admit("::ffff:192.0.2.1".parse().expect("an address")).is_none(),
            "the same, written as IPv6"
        );
        let other = doors.admit([192, 0, 2, 2].into());
        assert!(other.is_some(), "others are served");
        places.pop();
        assert!(doors.admit([192, 0, 2, 1].into()).is_some(), "a place given back is free");
        drop((places, other));
        let open = doors.open.lock().expect("nobody panicked");
        assert_eq!((open.all, open.by_source.len()), (0, 0), "nothing is kept of those who left");
    }

    #[test]
    fn a_network_of_ipv6_is_one_source_and_the_whole_is_limited() {
        let doors = Arc::new(Doors::default());
        let mut places = Vec::new();
        for host in 0..CONNECTIONS_PER_SOURCE_MAX {
            let ip: IpAddr = format!("2001:db8::{host:x}").parse().expect("an address");
            places.push(doors.admit(ip).expect("room"));
        }
        assert!(doors.admit("2001:db8::ffff".parse().expect("an address")).is_none());
        while let Some(place) = doors.leave() {
            places.push(place);
        }
        assert_eq!(places.len(), CONNECTIONS_MAX);
        assert!(doors.admit([192, 0, 2, 2].into()).is_none());
    }
}
