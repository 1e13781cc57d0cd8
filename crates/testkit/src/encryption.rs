//! Whether a phone encrypts what it says (SRTP with keys in the description, RFC 4568).

/// A phone's setting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encryption {
    /// It knows nothing of it.
    #[default]
    None,
    /// If the other side can.
    Offered,
    /// Or it takes no call.
    Mandatory,
}
