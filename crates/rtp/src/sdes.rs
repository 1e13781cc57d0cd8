//! The key parameter of an `a=crypto` line (RFC 4568 section 9.2): reading and writing
//! `inline:<base64 of key and salt>[|lifetime][|MKI:length]`.
//!
//! A lifetime is read and given back; we do not enforce it on the peer, whose packets it limits, and write none for ours.
//! An MKI is refused, and with it several keys in one line, which need it: no phone we know offers them, and an answer
//! to a line without MKI is always allowed. What it is not: SDP; the lines are taken apart by whoever reads that.

use core::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use crate::srtp::{Keys, Profile};

/// Longest value that is looked at.
const VALUE_BYTES_MAX: usize = 256;
/// Longest key and salt of all profiles.
const MATERIAL_BYTES_MAX: usize = 46;
/// A lifetime is at most this (RFC 4568 section 6.1).
const LIFETIME_MAX: u64 = 1 << 48;

/// Some phones leave the padding away.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Why a value was not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SdesError {
    /// Not `inline:`.
    #[error("not an inline key")]
    Method,
    /// Not base64, or of the wrong length for the profile.
    #[error("not a key of this suite")]
    Key,
    /// Neither a number nor a power of two between 1 and 2^48.
    #[error("invalid lifetime")]
    Lifetime,
    /// An MKI, or several keys.
    #[error("MKI is not supported")]
    Mki,
}

/// What one value carries.
#[derive(Clone)]
pub struct Inline {
    profile: Profile,
    material: Zeroizing<Vec<u8>>,
    /// Packets that the key may protect, if the peer says so.
    pub lifetime: Option<u64>,
}

impl Inline {
    /// Our own value: `material` is random, [`Profile::material_bytes`] long.
    ///
    /// # Errors
    /// [`SdesError::Key`] when it is not.
    pub fn new(profile: Profile, material: &[u8]) -> Result<Self, SdesError> {
        if material.len() != profile.material_bytes() {
            return Err(SdesError::Key);
        }
        Ok(Self { profile, material: Zeroizing::new(material.to_vec()), lifetime: None })
    }

    /// Reads the value that stands behind the suite's name.
    ///
    /// # Errors
    /// Why it cannot be used; the line is then passed over as one of an unknown suite.
    pub fn parse(profile: Profile, value: &str) -> Result<Self, SdesError> {
        let (method, rest) = value.trim().split_once(':').ok_or(SdesError::Method)?;
        if !method.eq_ignore_ascii_case("inline") || rest.len() > VALUE_BYTES_MAX {
            return Err(SdesError::Method);
        }
        if rest.contains(';') {
            return Err(SdesError::Mki);
        }
        let mut parts = rest.split('|');
        let mut material = Zeroizing::new(vec![0; MATERIAL_BYTES_MAX + 3]);
        let text = parts.next().unwrap_or_default();
        let length = BASE64.decode_slice(text, &mut material[..]).map_err(|_| SdesError::Key)?;
        material.truncate(length);
        let mut inline = Self::new(profile, &material)?;
        for part in parts {
            if part.contains(':') {
                return Err(SdesError::Mki);
            }
            inline.lifetime = Some(lifetime(part).ok_or(SdesError::Lifetime)?);
        }
        Ok(inline)
    }

    /// The keys, for a [`crate::srtp::Sender`] or [`crate::srtp::Receiver`].
    #[must_use]
    pub fn keys(&self) -> Keys {
        Keys::new(self.profile, &self.material).expect("the length was checked")
    }

    /// The value as text, without lifetime. It is a secret: not for logs.
    #[must_use]
    pub fn to_value(&self) -> String {
        let mut value = String::from("inline:");
        BASE64.encode_string(&self.material[..], &mut value);
        value
    }
}

/// Without the key.
impl fmt::Debug for Inline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inline").field("profile", &self.profile).finish_non_exhaustive()
    }
}

fn lifetime(text: &str) -> Option<u64> {
    let packets = match text.strip_prefix("2^") {
        Some(power) => 1u64.checked_shl(power.parse().ok()?)?,
        None => text.parse().ok()?,
    };
    (1..=LIFETIME_MAX).contains(&packets).then_some(packets)
}
