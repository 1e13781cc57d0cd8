//! Where a message travels, and the names of the things that live on.

use std::net::SocketAddr;

/// What carries a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams: requests and final responses are repeated until confirmed.
    Udp,
    /// A connection: nothing is repeated but 2xx responses to INVITE.
    Tcp,
}

impl Transport {
    /// Whether the transport itself repeats what was lost (RFC 3261 17).
    pub fn is_reliable(self) -> bool {
        matches!(self, Self::Tcp)
    }

    /// The name in a Via header.
    pub fn via_name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }
}

/// The addresses a message travels between; for TCP they name the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// What carries the message.
    pub transport: Transport,
    /// Our address.
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
}

/// One dialog, from the first INVITE to its last BYE; never used twice by an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DialogId(pub u64);

/// One transaction; never used twice by an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TransactionId(pub u64);
