//! The networks the switch stands in: which one a message travels in, what we are called there, and its RTP ports.

use crate::switchboard::Switchboard;
use careline_model::NetworkId;
use careline_model::config::plan::{Network, Plan};
use careline_sip::{Flow, Transport, Uri};
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

/// A listener as it was really bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundListener {
    /// What it speaks.
    pub transport: Transport,
    /// Where.
    pub address: SocketAddr,
    /// Its network.
    pub network: NetworkId,
}

/// RTP sockets that are bound and waiting, by the address they are bound on.
#[derive(Debug, Default)]
pub(crate) struct Ports {
    ready: BTreeMap<IpAddr, VecDeque<u16>>,
}

impl Ports {
    /// A socket is ready.
    pub fn add(&mut self, socket: SocketAddr) {
        self.ready.entry(socket.ip()).or_default().push_back(socket.port());
    }

    /// The next socket on this address.
    pub fn take(&mut self, address: IpAddr) -> Option<SocketAddr> {
        let port = self.ready.get_mut(&address)?.pop_front()?;
        Some(SocketAddr::new(address, port))
    }

    /// Takes back a socket that was not used.
    pub fn put_back(&mut self, socket: SocketAddr) {
        self.ready.entry(socket.ip()).or_default().push_front(socket.port());
    }
}

impl Switchboard {
    /// The network that a flow is in: that of the listener it came in at, or that a connection of ours leaves beside.
    #[must_use]
    pub fn network_of(&self, flow: Flow) -> Option<&Network> {
        let listener = listener_of(&self.settings.listeners, flow)?;
        self.plan.networks.get(&listener.network)
    }

    /// The UDP listener that requests to an address we were told leave from.
    pub(crate) fn udp_flow_to(&self, remote: SocketAddr) -> Option<Flow> {
        let local = nearest(&self.settings.listeners, remote)?.address;
        Some(Flow { transport: Transport::Udp, local, remote })
    }

    /// A free RTP socket in the network of a flow, and the address to tell the peer. `None` counts.
    pub(crate) fn take_port(&mut self, flow: Flow) -> Option<(SocketAddr, SocketAddr)> {
        let network = self.network_of(flow).map(|network| (network.media_address, network.media_advertise));
        let taken = network.and_then(|(address, advertise)| {
            let socket = self.ports.take(address)?;
            Some((socket, SocketAddr::new(advertise, socket.port())))
        });
        if taken.is_none() {
            self.counters.no_port += 1;
        }
        taken
    }

    /// The same in a call that began with a `sips:` URI, which wants one of us (RFC 3261 8.1.1.8, 12.1.1); TLS is said
    /// by its scheme alone.
    pub(crate) fn contact_in(&self, flow: Flow, of_call: &Uri) -> Uri {
        let plain = self.contact(flow);
        if !flow.transport.is_secure() || !of_call.scheme().eq_ignore_ascii_case("sips") {
            return plain;
        }
        secured(&plain).unwrap_or(plain)
    }

    /// Where the peer of a flow finds us for the rest of a dialog.
    pub(crate) fn contact(&self, flow: Flow) -> Uri {
        let advertised = self.network_of(flow).and_then(|network| network.sip_advertise);
        let ip = advertised.unwrap_or_else(|| flow.local.ip());
        let plain = Uri::sip(Some("careline"), &host(ip), self.port_of(flow));
        match flow.transport.uri_param() {
            Some(transport) => format!("{plain};transport={transport}").parse().unwrap_or(plain),
            None => plain,
        }
    }

    /// Our port for what the peer sends anew: beside a connection of ours, the listener's.
    fn port_of(&self, flow: Flow) -> Option<u16> {
        if flow.local.port() != 0 {
            return Some(flow.local.port());
        }
        let listener = listener_of(&self.settings.listeners, flow)?;
        (listener.transport == flow.transport).then_some(listener.address.port())
    }
}

fn secured(plain: &Uri) -> Option<Uri> {
    let (_, rest) = plain.as_str().split_once(':')?;
    format!("sips:{}", rest.trim_end_matches(";transport=tls")).parse().ok()
}

/// The listener at a flow's own address; else, for connections, one that they can belong to: bound to every address,
/// or on the same address with another port.
fn listener_of(listeners: &[BoundListener], flow: Flow) -> Option<&BoundListener> {
    let local = flow.local;
    let same_way = |one: &&BoundListener| one.transport == flow.transport;
    let covers = |one: &&BoundListener| {
        one.address.ip() == local.ip()
            || (one.address.ip().is_unspecified() && one.address.is_ipv4() == local.is_ipv4())
    };
    let all = || listeners.iter();
    all()
        .filter(same_way)
        .find(|one| one.address == local)
        .or_else(|| all().filter(same_way).find(|one| one.address.port() == local.port() && covers(one)))
        .or_else(|| all().filter(same_way).find(covers))
        .or_else(|| all().find(|one| one.address.ip() == local.ip()))
        .or_else(|| all().find(covers))
}

/// The UDP listener of the address's family that is nearest to it: on the same subnet, as far as that can be told, else
/// in the default network, else the first.
fn nearest(listeners: &[BoundListener], remote: SocketAddr) -> Option<&BoundListener> {
    /// Subnets are at least this narrow, and share that many leading bits.
    const SUBNET_BITS: u32 = 16;
    let rank = |one: &BoundListener| {
        let shared = match (one.address.ip(), remote.ip()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => (ours.to_bits() ^ theirs.to_bits()).leading_zeros(),
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => (ours.to_bits() ^ theirs.to_bits()).leading_zeros(),
            _ => 0,
        };
        (if shared >= SUBNET_BITS { shared } else { 0 }, one.network.as_str() == "default")
    };
    let fits =
        |one: &&BoundListener| one.transport == Transport::Udp && one.address.is_ipv4() == remote.is_ipv4();
    // The first of equals: `max_by_key` gives the last.
    listeners.iter().rev().filter(fits).max_by_key(|one| rank(one))
}

/// What Via says instead of the local address: the advertised one, and the listener beside our own connections.
pub(crate) fn sent_by(plan: &Plan, listeners: &[BoundListener]) -> BTreeMap<(Transport, SocketAddr), String> {
    let mut names = BTreeMap::new();
    for listener in listeners {
        let advertised = plan.networks.get(&listener.network).and_then(|network| network.sip_advertise);
        let ip = advertised.unwrap_or_else(|| listener.address.ip());
        let name = format!("{}:{}", host(ip), listener.address.port());
        if advertised.is_some() {
            names.insert((listener.transport, listener.address), name.clone());
        }
        let ours = SocketAddr::new(listener.address.ip(), 0);
        names.entry((listener.transport, ours)).or_insert(name);
    }
    names
}

fn host(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bound(transport: Transport, address: &str, network: &str) -> BoundListener {
        BoundListener { transport, address: address.parse().expect("an address"), network: network.into() }
    }

    #[test]
    fn a_phone_at_an_address_is_rung_from_the_nearest_listener() {
        let listeners = [
            bound(Transport::Udp, "192.0.2.1:5060", "lines"),
            bound(Transport::Udp, "10.0.0.1:5060", "default"),
            bound(Transport::Udp, "10.0.1.1:5060", "phones"),
            bound(Transport::Udp, "[2001:db8::1]:5060", "six"),
        ];
        let from = |remote: &str| {
            nearest(&listeners, remote.parse().expect("an address")).map(|one| one.network.as_str())
        };
        assert_eq!(from("192.0.2.77:5060"), Some("lines"));
        assert_eq!(from("10.0.1.77:5060"), Some("phones"));
        assert_eq!(from("203.0.113.1:5060"), Some("default"), "nowhere near");
        assert_eq!(from("[2001:db8::77]:5060"), Some("six"));
    }

    #[test]
    fn who_calls_by_sips_finds_sips_in_our_contact() {
        let plain: Uri = "sip:careline@10.0.0.1:5061;transport=tls".parse().expect("a uri");
        let web: Uri = "sip:careline@10.0.0.1:443;transport=ws".parse().expect("a uri");
        let secured = |plain: &Uri| secured(plain).expect("a uri").to_string();
        assert_eq!(secured(&plain), "sips:careline@10.0.0.1:5061");
        assert_eq!(secured(&web), "sips:careline@10.0.0.1:443;transport=ws");
    }

    #[test]
    fn a_flow_is_in_the_network_of_its_listener() {
        let listeners = [
            bound(Transport::Udp, "10.0.0.1:5060", "phones"),
            bound(Transport::Tcp, "0.0.0.0:5060", "phones"),
            bound(Transport::Udp, "192.0.2.1:5060", "lines"),
        ];
        let network = |transport, local: &str| {
            let remote = ([198, 51, 100, 1], 5060).into();
            let flow = Flow { transport, local: local.parse().expect("an address"), remote };
            listener_of(&listeners, flow).map(|one| one.network.as_str())
        };
        assert_eq!(network(Transport::Udp, "192.0.2.1:5060"), Some("lines"));
        assert_eq!(network(Transport::Tcp, "10.0.0.1:5060"), Some("phones"));
        // A connection we opened beside the UDP listener of the lines: the same address decides.
        assert_eq!(network(Transport::Tls, "192.0.2.1:0"), Some("lines"));
        assert_eq!(network(Transport::Udp, "[::1]:5060"), None);
    }
}
