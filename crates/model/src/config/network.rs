//! Networks and listeners as they are written: `[[network]]`, `[[listener]]`, `[tls]`, `[ws]`.

use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;

/// `[[network]]`: one network that the switch stands in; it forwards nothing to another.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Its id.
    pub id: Spanned<String>,
    /// Address that RTP sockets of its calls bind to.
    pub media_address: Spanned<String>,
    /// Address written into SDP; the bind address when absent.
    #[serde(default)]
    pub media_advertise: Option<Spanned<String>>,
    /// Address written into Contact and Via when it is not the listen address (behind NAT).
    #[serde(default)]
    pub sip_advertise: Option<Spanned<String>>,
}

/// `[[listener]]`: one socket that answers SIP.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListenerConfig {
    /// `udp`, `tcp`, `tls`, `ws` or `wss`.
    pub transport: Spanned<String>,
    /// Listen address, `ip:port`.
    pub address: Spanned<String>,
    /// The network it belongs to; `default` when absent.
    #[serde(default)]
    pub network: Option<Spanned<String>>,
}

/// `[tls]`: who we are to phones and trunks, and whom we trust.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file of the certificate, followed by those between it and its authority; only with a key.
    #[serde(default)]
    pub certificate: Option<Spanned<String>>,
    /// PEM file of its private key; only with a certificate.
    #[serde(default)]
    pub key: Option<Spanned<String>>,
    /// PEM file of the authorities that vouch for trunks; the system's when absent.
    #[serde(default)]
    pub ca: Option<Spanned<String>>,
    /// Name in the certificate of a peer that we call, by its `ip:port`; the address itself when absent.
    #[serde(default)]
    pub names: BTreeMap<Spanned<String>, Spanned<String>>,
}

/// `[ws]`: whose pages may open a WebSocket.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WsConfig {
    /// Origins, `scheme://host` or `scheme://host:port`; `none` admits programs that are no browser and send none.
    pub origins: Vec<Spanned<String>>,
}
