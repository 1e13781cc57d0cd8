//! Where the switch listens, and the networks it stands in.

use crate::id::NetworkId;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// What carries SIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// A connection.
    Tcp,
    /// A connection under TLS.
    Tls,
    /// A WebSocket (RFC 7118).
    Ws,
    /// A WebSocket under TLS.
    Wss,
}

impl Transport {
    /// What a configuration may say.
    pub const ALLOWED: &str = "udp, tcp, tls, ws, wss";

    /// The word of the configuration for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }

    /// Whether it needs a certificate.
    #[must_use]
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// Whether browsers come this way.
    #[must_use]
    pub fn is_web_socket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }
}

/// It is none of [`Transport::ALLOWED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no transport of SIP")]
pub struct BadTransport;

impl FromStr for Transport {
    type Err = BadTransport;

    fn from_str(text: &str) -> Result<Self, BadTransport> {
        Ok(match text {
            "udp" => Self::Udp,
            "tcp" => Self::Tcp,
            "tls" => Self::Tls,
            "ws" => Self::Ws,
            "wss" => Self::Wss,
            _ => return Err(BadTransport),
        })
    }
}

/// A network that the switch stands in. Nothing is forwarded from one to another: each call's leg has its media where
/// its signalling is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// Its id.
    pub id: NetworkId,
    /// Address that RTP sockets bind to.
    pub media_address: IpAddr,
    /// Address written into SDP.
    pub media_advertise: IpAddr,
    /// Address written into Contact and Via instead of the listen address.
    pub sip_advertise: Option<IpAddr>,
}

/// One socket that answers SIP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// What it speaks.
    pub transport: Transport,
    /// Where.
    pub address: SocketAddr,
    /// The network it belongs to.
    pub network: NetworkId,
}

/// Our certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsOwn {
    /// PEM: the certificate, then those between it and its authority.
    pub certificate: String,
    /// PEM: its private key.
    pub key: String,
}

/// Files of TLS, relative to the configuration's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Who we are; nobody in particular to trunks when absent.
    pub own: Option<TlsOwn>,
    /// PEM: the authorities that vouch for trunks; the system's when absent.
    pub ca: Option<String>,
    /// What the certificate of a peer that we call must be made out to, by its address; the address itself when absent.
    pub names: BTreeMap<SocketAddr, String>,
}

/// Who may open a WebSocket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ws {
    /// Origins of pages, in lower case.
    pub origins: Vec<String>,
    /// Whether a request without an Origin is admitted; no browser sends one.
    pub without_origin: bool,
}
