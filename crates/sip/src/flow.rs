//! Where a message travels, and the names of the things that live on.

use std::net::SocketAddr;

/// What carries a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams: requests and final responses are repeated until confirmed.
    Udp,
    /// A connection: nothing is repeated but 2xx responses to INVITE.
    Tcp,
    /// A connection under TLS (RFC 3261 26.2.1).
    Tls,
    /// A WebSocket, one message a frame (RFC 7118).
    Ws,
    /// A WebSocket under TLS.
    Wss,
}

impl Transport {
    /// Every one of them.
    pub const ALL: [Self; 5] = [Self::Udp, Self::Tcp, Self::Tls, Self::Ws, Self::Wss];

    /// Whether the transport itself repeats what was lost (RFC 3261 17).
    pub fn is_reliable(self) -> bool {
        self.is_connection()
    }

    /// Whether messages travel on a connection, which can be lost.
    pub fn is_connection(self) -> bool {
        !matches!(self, Self::Udp)
    }

    /// Whether nobody between can read along.
    pub fn is_secure(self) -> bool {
        matches!(self, Self::Tls | Self::Wss)
    }

    /// The name in a Via header (RFC 3261 20.42, RFC 7118 5.2).
    pub fn via_name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Ws => "WS",
            Self::Wss => "WSS",
        }
    }

    /// The value of a URI's `transport` parameter; `None` where leaving it out means the same. `wss` is no value:
    /// RFC 7118 5.3 has `ws` for both.
    pub fn uri_param(self) -> Option<&'static str> {
        match self {
            Self::Udp => None,
            Self::Tcp => Some("tcp"),
            Self::Tls => Some("tls"),
            Self::Ws | Self::Wss => Some("ws"),
        }
    }

    /// The port meant when none is written (RFC 3261 19.1.2, RFC 7118 5.3).
    pub fn default_port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 5060,
            Self::Tls => 5061,
            Self::Ws => 80,
            Self::Wss => 443,
        }
    }
}

/// The addresses a message travels between; for a connection they name it.
///
/// A connection that we open has a local port of 0: it is named before it exists, by where it leads, and keeps that
/// name. Everything that goes to one peer over one transport from one of our addresses shares it (RFC 3261 18.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// What carries the message.
    pub transport: Transport,
    /// Our address; port 0 for a connection that we open.
    pub local: SocketAddr,
    /// The peer's address as we see it, that is behind any NAT.
    pub remote: SocketAddr,
}

/// Bytes to put on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Where.
    pub flow: Flow,
    /// One whole message.
    pub bytes: Vec<u8>,
    /// It can go another way: a connection that is not there within a second is of no use to it.
    pub hurry: bool,
}

/// One dialog, from the first INVITE to its last BYE; never used twice by an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DialogId(pub u64);

/// One transaction; never used twice by an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TransactionId(pub u64);
