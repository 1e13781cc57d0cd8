//! What a foreign phone speaks SIP over.

/// A SIP transport of a phone under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// Datagrams.
    Udp,
    /// One connection, in the clear.
    Tcp,
    /// One encrypted connection.
    Tls,
}

impl Transport {
    /// As the `transport` parameter of a SIP URI says it (RFC 3261 19.1.1).
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
        }
    }
}
