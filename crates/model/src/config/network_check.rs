//! Checks of networks, listeners, certificates and origins.

use super::check::{Check, listed};
use super::network::TlsConfig;
use super::plan::{Listener, Network, Tls, TlsOwn, Transport, Ws};
use super::switch::SwitchConfig;
use crate::id::NetworkId;
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

/// The network of whatever names none.
const DEFAULT: &str = "default";
/// The entry of `ws.origins` for programs that are no browser.
const NO_ORIGIN: &str = "none";

impl Check<'_> {
    /// The written networks; `default` is made of `[media]` and `[sip]` when it is not among them.
    pub(super) fn networks(&mut self, config: &SwitchConfig) -> BTreeMap<NetworkId, Network> {
        let mut networks = BTreeMap::new();
        for written in &config.network {
            let id: NetworkId = self.unique("network.id", &written.id, &networks);
            let (address, advertise) = (&written.media_address, written.media_advertise.as_ref());
            let (media_address, media_advertise) = self.media_addresses(
                ["network.media_address", "network.media_advertise"],
                address,
                advertise,
            );
            let sip_advertise = self.reachable("network.sip_advertise", written.sip_advertise.as_ref());
            let network = Network { id: id.clone(), media_address, media_advertise, sip_advertise };
            networks.insert(id, network);
        }
        let id = NetworkId::from(DEFAULT);
        if !networks.contains_key(&id) {
            let (address, advertise) = (&config.media.address, config.media.advertise.as_ref());
            let (media_address, media_advertise) =
                self.media_addresses(["media.address", "media.advertise"], address, advertise);
            let sip_advertise = self.reachable("sip.advertise", config.sip.advertise.as_ref());
            networks.insert(id.clone(), Network { id, media_address, media_advertise, sip_advertise });
        }
        networks
    }

    fn media_addresses(
        &mut self,
        keys: [&str; 2],
        address: &Spanned<String>,
        advertise: Option<&Spanned<String>>,
    ) -> (IpAddr, IpAddr) {
        let bound = self.ip(keys[0], address);
        let told = advertise.map_or(bound, |value| self.ip(keys[1], value));
        let at = advertise.unwrap_or(address);
        if told.is_unspecified() {
            self.wrong(keys[1], at, "phones cannot send to this address", "the address phones send to");
        } else if told.is_ipv4() != bound.is_ipv4() {
            let what = format!("`{told}` and {} `{bound}` are of different families", keys[0]);
            self.wrong(keys[1], at, what, "both IPv4, or both IPv6");
        }
        (bound, told)
    }

    fn reachable(&mut self, key: &str, value: Option<&Spanned<String>>) -> Option<IpAddr> {
        let value = value?;
        let ip = self.ip(key, value);
        if ip.is_unspecified() {
            self.wrong(key, value, "phones cannot send to this address", "the address phones send to");
        }
        Some(ip)
    }

    /// Every listener, and the networks that have one.
    pub(super) fn listeners(
        &mut self,
        config: &SwitchConfig,
        mut networks: BTreeMap<NetworkId, Network>,
    ) -> (Vec<Listener>, BTreeMap<NetworkId, Network>) {
        let mut search = Search { networks: &networks, taken: BTreeSet::new(), found: Vec::new() };
        let written = |value: &&Spanned<String>| config.listener.is_empty() || !value.span().is_empty();
        for (key, transport, addresses) in
            [("sip.udp", Transport::Udp, &config.sip.udp), ("sip.tcp", Transport::Tcp, &config.sip.tcp)]
        {
            for address in addresses.iter().filter(written) {
                self.listener(&mut search, key, transport, address, None);
            }
        }
        for listener in &config.listener {
            let transport = listener.transport.get_ref().parse().unwrap_or_else(|_| {
                let what = format!("`{}` is no transport", listener.transport.get_ref());
                self.wrong("listener.transport", &listener.transport, what, Transport::ALLOWED);
                Transport::Udp
            });
            let network = listener.network.as_ref();
            self.listener(&mut search, "listener.address", transport, &listener.address, network);
        }
        let found = search.found;
        if found.is_empty() {
            let (what, allowed) = ("nothing to listen on".to_owned(), "at least one ip:port".to_owned());
            self.errors.push(self.source.error(0..0, "sip.udp", what, Some(allowed)));
        }
        let used: BTreeSet<NetworkId> = found.iter().map(|listener| listener.network.clone()).collect();
        // A listener with a wrong name is told already; the network it meant is not a second mistake.
        let is_known =
            |name: &Spanned<String>| networks.contains_key(&NetworkId::from(name.get_ref().as_str()));
        let all_known = config.listener.iter().filter_map(|one| one.network.as_ref()).all(is_known);
        for written in config.network.iter().filter(|_| all_known) {
            if !used.contains(&NetworkId::from(written.id.get_ref().as_str())) {
                let what = format!("network `{}` has no listener", written.id.get_ref());
                self.wrong("network.id", &written.id, what, "a [[listener]] with this network");
            }
        }
        networks.retain(|id, _| used.contains(id));
        (found, networks)
    }

    fn listener(
        &mut self,
        search: &mut Search<'_>,
        key: &str,
        transport: Transport,
        at: &Spanned<String>,
        network: Option<&Spanned<String>>,
    ) {
        let address = self.address(key, at);
        let id = NetworkId::from(network.map_or(DEFAULT, |network| network.get_ref().as_str()));
        let Some(known) = search.networks.get(&id) else {
            let what = format!("network `{id}` is not known");
            self.wrong("listener.network", network.unwrap_or(at), what, listed(search.networks.keys()));
            return;
        };
        // Everything but UDP takes the address as a TCP port. Port 0 is a new one each time.
        if address.port() != 0 && !search.taken.insert((transport == Transport::Udp, address)) {
            self.wrong(key, at, format!("`{address}` is taken by another listener"), "each address once");
        }
        if address.is_ipv4() != known.media_address.is_ipv4() {
            let what = format!("`{address}` and the media address {} differ in family", known.media_address);
            self.wrong(key, at, what, "both IPv4 or both IPv6; a network of its own for the other family");
        }
        if address.ip().is_unspecified() && known.sip_advertise.is_none() {
            let what = format!("phones cannot send to `{}`", address.ip());
            self.wrong(key, at, what, "the address phones send to, here or as the network's sip_advertise");
        }
        search.found.push(Listener { transport, address, network: id });
    }

    pub(super) fn tls(&mut self, config: &SwitchConfig, listeners: &[Listener]) -> Option<Tls> {
        let own = config.tls.as_ref().and_then(|tls| self.tls_own(tls));
        let written = config.tls.as_ref().is_some_and(|tls| tls.certificate.is_some() || tls.key.is_some());
        let secure = listeners.iter().find(|listener| listener.transport.is_secure());
        if let Some(listener) = secure.filter(|_| !written) {
            let what = format!("the listener at {} needs a certificate", listener.address);
            let allowed = "[tls] with certificate and key".to_owned();
            self.errors.push(self.source.error(0..0, "tls", what, Some(allowed)));
        }
        let tls = config.tls.as_ref()?;
        let mut names = BTreeMap::new();
        for (peer, name) in &tls.names {
            let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-.".contains(&byte);
            if name.get_ref().is_empty() || !name.get_ref().bytes().all(good) {
                let what = format!("`{}` is no host name", name.get_ref());
                self.wrong("tls.names", name, what, "a host name, as sip.carrier.example");
            }
            names.insert(self.address("tls.names", peer), name.get_ref().clone());
        }
        Some(Tls { names, own, ca: tls.ca.as_ref().map(|ca| self.path("tls.ca", ca)) })
    }

    fn tls_own(&mut self, tls: &TlsConfig) -> Option<TlsOwn> {
        match (&tls.certificate, &tls.key) {
            (Some(certificate), Some(key)) => Some(TlsOwn {
                certificate: self.path("tls.certificate", certificate),
                key: self.path("tls.key", key),
            }),
            (Some(certificate), None) => {
                self.wrong("tls.certificate", certificate, "has no key", "tls.key beside it");
                None
            }
            (None, Some(key)) => {
                self.wrong("tls.key", key, "has no certificate", "tls.certificate beside it");
                None
            }
            (None, None) => None,
        }
    }

    pub(super) fn ws(&mut self, config: &SwitchConfig, listeners: &[Listener]) -> Ws {
        let mut ws = Ws::default();
        for origin in &config.ws.origins {
            let text = origin.get_ref().to_ascii_lowercase();
            if text == NO_ORIGIN {
                ws.without_origin = true;
            } else if is_origin(&text) {
                ws.origins.push(text);
            } else {
                let what = format!("`{}` is no origin", origin.get_ref());
                self.wrong("ws.origins", origin, what, "https://host, https://host:port, http://..., none");
            }
        }
        let listener = listeners.iter().find(|listener| listener.transport.is_web_socket());
        if let Some(listener) = listener.filter(|_| config.ws.origins.is_empty()) {
            let what = format!("nobody may use the listener at {}", listener.address);
            let allowed = "the origin of the pages with the phone, as https://desk.example.com".to_owned();
            self.errors.push(self.source.error(0..0, "ws.origins", what, Some(allowed)));
        }
        ws
    }
}

/// The listeners found so far.
struct Search<'a> {
    networks: &'a BTreeMap<NetworkId, Network>,
    /// Whether UDP, and where.
    taken: BTreeSet<(bool, SocketAddr)>,
    found: Vec<Listener>,
}

/// RFC 6454 6.2: scheme, host and a port that is not the scheme's own; no path.
fn is_origin(text: &str) -> bool {
    let Some((scheme, host)) = text.split_once("://") else { return false };
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    matches!(scheme, "http" | "https") && !host.is_empty() && host.bytes().all(good)
}
