//! Where the database is.

use std::fmt;
use std::path::PathBuf;

/// Where the database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file, kept by SQLite.
    File(PathBuf),
    /// On a server that speaks PostgreSQL's protocol.
    Server(Server),
}

/// A database on a server.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Name or address; a path for a socket of this machine.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Name of the database; it exists.
    pub database: String,
    /// Who asks.
    pub user: String,
    /// Nothing where the server asks for none.
    pub password: Option<String>,
    /// Whether the connection is encrypted.
    pub tls: ServerTls,
}

/// Whether a connection to a server is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ServerTls {
    /// When the server offers it; nobody's certificate is checked.
    #[default]
    Preferred,
    /// Never.
    Off,
    /// Always, and the server's certificate comes from this authority (PEM).
    Verified(PathBuf),
}

impl fmt::Debug for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Server({self})")
    }
}

impl fmt::Display for Server {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}:{}/{}", self.user, self.host, self.port, self.database)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => write!(out, "{}", file.display()),
            Self::Server(server) => write!(out, "{server}"),
        }
    }
}
